"""Acts on people's data; each leaves an audit entry in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from models.store import Store


@dataclass(frozen=True)
class Revealed:
    """A person's plain values: names by card, and (kind, value) of each identifier."""

    names: list[tuple[str, str | None]]
    identifiers: list[tuple[str, str | None]]


def reveal(store: Store, actor: str, person_id: bytes, reason: str) -> Revealed:
    """The plain values of a person; fails where the audit entry cannot be written."""
    with store.write(actor, "revealing a person") as tx:
        tx.audit("reveal", f"person/{person_id.hex()}", reason=reason)
        names = tx.connection.exec_driver_sql(
            "SELECT card_no, name FROM member WHERE person_id = ? ORDER BY joined_day", (person_id,)
        ).fetchall()
        known = tx.connection.exec_driver_sql(
            "SELECT i.kind, i.value FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
            "WHERE o.person_id = ? ORDER BY i.kind, i.id",
            (person_id,),
        ).fetchall()
    return Revealed([(c, n) for c, n in names], [(k, v) for k, v in known])
