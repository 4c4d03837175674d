# ruff: noqa: S608 - names of tables and columns are the program's own
"""Erasures made elsewhere or before a restore, carried out here: by the tombstones that come."""

from __future__ import annotations

from dataclasses import dataclass, field

from engines.people.identifiers import digest_key
from engines.privacy import copies, tombstones
from engines.privacy.erasure import erase_in, erase_signs, finish, leftovers
from engines.privacy.subject import Sign
from engines.privacy.tombstones import FILE, KINDS
from engines.privacy.traces import Traces
from models.connection import Connection
from models.store import Store

_MARK = "erasures_applied"
ACTOR = "system"
#: Signs that prove a membership: who has another of them than the erased one is not the erased person.
_CARDS = ("card", "customer")


@dataclass(frozen=True)
class Applied:
    """People erased here, single signs taken from people who stay, copies blanked, tombstones brought back."""

    people: int = 0
    signs: int = 0
    copies: int = 0
    brought: int = 0


@dataclass
class _Person:
    """A living person with signs that are tombstoned."""

    signs: list[Sign] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    cards: bool = False
    other_card: bool = False


def due(store: Store) -> bool:
    """Whether a tombstone has come that was not carried out yet, or an erased person's row has come back."""
    with store.read() as connection:
        if _state(store, connection) != _applied(connection):
            return True
        return bool(_living(store, connection))


def apply_tombstones(store: Store) -> Applied:
    """Erase here whoever was erased elsewhere, or after the backup that this store was put back from.

    A person whose card is tombstoned goes whole, as does one without any card; of a person with another card only the
    sign goes. Whoever joined anew after the erasure stays.
    """
    brought = tombstones.take_sealed(store)
    with store.read() as connection:
        living = _living(store, connection)
        fresh = _state(store, connection) != _applied(connection)
        stones = tombstones.kept(connection)
    whole = {p: found for p, found in living.items() if found.cards or not found.other_card}
    signs = [sign for p, found in living.items() if p not in whole for sign in found.signs]
    late = leftovers(store)
    with store.write(ACTOR, "erasing who was erased elsewhere") as tx:
        for person, found in whole.items():
            erase_in(tx, store, [person], found.requests[0])
        if late:
            erase_in(tx, store, late, stones[0].request if stones else b"")
        taken = erase_signs(tx, store, signs) if signs else 0
        traces = Traces.of([], digest_key(store.key), store.site.country, [s.digest for s in stones])
        blanked = sum(copies.scrub(tx, traces, []).values()) if fresh else 0
        if signs:
            tx.audit("erase", "identifier", signs=len(signs), rows=taken)
    if whole or signs or late or blanked or brought:
        finish(store)
    with store.write(ACTOR, "noting erasures") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_MARK, _state(store, tx.connection)),
        )  # fmt: skip
    return Applied(len(whole) + len(late), len(signs), blanked, brought)


def _living(store: Store, connection: Connection) -> dict[bytes, _Person]:
    rows = connection.exec_driver_sql(
        "SELECT i.id, i.kind, i.value, i.value_hmac, o.person_id, t.request_id, t.at, "
        "(SELECT max(m.joined_day) FROM member m WHERE m.person_id = o.person_id) "
        f"FROM erasure_tombstone t CROSS JOIN identifier i ON i.kind IN {KINDS} AND i.value_hmac = t.value_hmac "
        "JOIN identifier_owner o ON o.identifier_id = i.id"
    ).fetchall()
    found: dict[bytes, _Person] = {}
    for sign, kind, value, digest, person, request, at, joined in rows:
        if tombstones.joined_since(store, joined, at):
            continue
        one = found.setdefault(bytes(person), _Person())
        one.signs.append(Sign(bytes(sign), kind, value, bytes(digest)))
        one.requests.append(bytes(request))
        one.cards |= kind in _CARDS
    for person, one in found.items():
        one.other_card = bool(
            connection.exec_driver_sql(
                f"SELECT EXISTS (SELECT 1 FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
                f"WHERE o.person_id = ? AND i.kind IN {_CARDS} AND i.value_hmac NOT IN "
                "(SELECT value_hmac FROM erasure_tombstone))",
                (person,),
            ).scalar()
        )
    return found


def _state(store: Store, connection: Connection) -> str:
    """What would be carried out: the history this store belongs to, its tombstones, and the folder's list."""
    epoch = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar()
    count = connection.exec_driver_sql("SELECT count(*) FROM erasure_tombstone").scalar_one()
    path = store.site.folder / FILE
    size = path.stat().st_size if path.exists() else 0
    return f"{epoch}:{count}:{size}" if count or size else ""


def _applied(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_MARK,)).scalar() or "")
