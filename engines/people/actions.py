"""Acts on people's data; each leaves an audit entry in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import Known
from models.store import Store

SHORTEST_REASON = 3


@dataclass(frozen=True)
class Revealed:
    """A person's plain values: (name, card) of each membership, and (kind, value) of each identifier."""

    cards: tuple[tuple[str | None, str], ...]
    identifiers: tuple[tuple[str, str | None], ...]


def reveal(store: Store, actor: str, person_id: bytes, reason: str) -> Revealed:
    """The plain values of a person; raises Known without a reason, and where the audit entry cannot be written."""
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise Known("Plain values are shown only for a reason.", "Write why you need them.", code=6)
    with store.write(actor, "revealing a person") as tx:
        tx.audit("reveal", f"person/{person_id.hex()}", reason=told)
        cards = tx.connection.exec_driver_sql(
            "SELECT name, card_no FROM member WHERE person_id = ? ORDER BY joined_day, id", (person_id,)
        ).fetchall()
        known = tx.connection.exec_driver_sql(
            "SELECT i.kind, i.value FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
            "WHERE o.person_id = ? ORDER BY i.kind, i.id",
            (person_id,),
        ).fetchall()
    return Revealed(tuple((n, c) for n, c in cards), tuple((k, v) for k, v in known))


def record_export(store: Store, actor: str, what: str, rows: int, file: str) -> None:
    """Book an export of a list of people before it is written: which list, how many rows, into which file."""
    with store.write(actor, "booking an export") as tx:
        tx.audit("export", f"people/{what}", rows=rows, file=file)
