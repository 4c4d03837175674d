"""Acts on people's data; each leaves an audit entry in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.access import threats
from engines.access.exports import book_personal_export
from engines.access.guard import check, guarded
from models import settings
from models.errors import Known
from models.store import Store

SHORTEST_REASON = 3
#: What plain values are looked at for, where nothing else is said: to serve the person at the desk.
SERVICE = "service"
FIELDS = ("name", "card", "identifiers")


@dataclass(frozen=True)
class Revealed:
    """A person's plain values: (name, card) of each membership, and (kind, value) of each identifier."""

    cards: tuple[tuple[str | None, str], ...]
    identifiers: tuple[tuple[str, str | None], ...]


@guarded
def reveal(store: Store, actor: str, person_id: bytes, reason: str, *, purpose: str = SERVICE) -> Revealed:
    """The plain values of a person, for a reason and a purpose (as of consents); both are booked with the fields.

    Raises Known without a reason, Denied for a purpose outside the actor's scope, and fails where the audit entry
    cannot be written.
    """
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise Known(
            "Plain values are shown only for a reason.", "Write why you need them.", code=6,
            sentence_zh="显示明文须说明原因。", step_zh="请写明为何需要。",
        )  # fmt: skip
    check(store, actor, "reveal", scope=("purpose", purpose), what=f"person/{person_id.hex()}")
    most = int(settings.read(store, "access.reveals_a_day"))
    with store.write(actor, "revealing a person") as tx:
        tx.audit("reveal", f"person/{person_id.hex()}", reason=told, purpose=purpose, fields=list(FIELDS))
        threats.look_at_reveals(tx, store, most)
        cards = tx.connection.exec_driver_sql(
            "SELECT name, card_no FROM member WHERE person_id = ? ORDER BY joined_day, id", (person_id,)
        ).fetchall()
        known = tx.connection.exec_driver_sql(
            "SELECT i.kind, i.value FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
            "WHERE o.person_id = ? ORDER BY i.kind, i.id",
            (person_id,),
        ).fetchall()
    return Revealed(tuple((n, c) for n, c in cards), tuple((k, v) for k, v in known))


def record_export(store: Store, actor: str, what: str, rows: int, file: str, *, columns: Sequence[str] = ()) -> None:
    """Book an export of a list of people before it is written: which list, how many rows, which columns and file.

    Raises Denied without the right, Waiting where another person must approve.
    """
    book_personal_export(store, actor, f"people/{what}", rows=rows, columns=columns, file=file)
