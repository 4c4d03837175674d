"""Members, the persons behind them and the signs by which they are known.

A member whose card (or, failing that, customer number) a till has sent before becomes the person whom
that sign already stands for, so that earlier purchases are theirs. A phone or an address that belongs
to someone else stays theirs and is booked as shared: families share them, and merging is the work of identity
resolution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engines.intake.batches import Batch
from engines.intake.bulk import insert_columns, select_by
from engines.intake.parse import Parsed
from engines.intake.parties import Sign, Signs, share
from engines.intake.records import RecordLoader, Step
from engines.intake.rows import Given
from engines.people.identifiers import clean_identifier
from engines.people.survivorship import ATTRS, Said, note_attributes
from engines.privacy.tombstones import ERASED, joined_since
from models.connection import Connection
from models.ids import new_ids
from models.store import Store, Transaction
from models.times import now_ms

GENDERS = {
    "female": "f", "f": "f", "woman": "f", "w": "f", "女": "f", "女士": "f", "女性": "f", "2": "f",
    "male": "m", "m": "m", "man": "m", "男": "m", "男士": "m", "男性": "m", "先生": "m", "1": "m",
}  # fmt: skip
PLAIN = ("card_no", "name", "birth_year", "tier", "language", "home_area", "channel", "joined_day", "state")


def member_loader(store: Store, parsed: Parsed) -> RecordLoader:
    """A loader of members."""
    mapped = [name for name in PLAIN if name in parsed.fields]
    country, signs = store.site.country, Signs(store)

    def columns_of(_: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped}
        if "gender" in parsed.fields:
            said = given["gender"]
            columns["gender"] = GENDERS.get(said.lower(), said.lower()) if said else None
        return columns

    def before(tx: Transaction, batch: Batch, steps: Sequence[Step]) -> None:
        _give_persons(tx, batch, steps, signs, country)

    def check(connection: Connection, given: Given) -> tuple[str | None, str] | None:
        barred = signs.barred(connection, _signs_of(given, country))
        returns = all(joined_since(store, given["joined_day"], at) for at in barred.values())
        return None if returns else (None, ERASED)

    return RecordLoader(parsed, "member", "card_no", columns_of, before, check=check)


def _signs_of(given: Given, country: str) -> list[Sign]:
    """The signs of one row, the surest first."""
    said = (("card", given["card_no"]), *((kind, given.get(kind)) for kind in ("customer", "phone", "email")))
    cleaned = ((kind, clean_identifier(kind, text, country)) for kind, text in said if text)
    return [(kind, value) for kind, value in cleaned if value]


def _give_persons(tx: Transaction, batch: Batch, steps: Sequence[Step], signs: Signs, country: str) -> None:
    """Give each new member a person, and each sign that is new to its row's person."""
    own = {step.key: _signs_of(step.given, country) for step in steps}
    found = signs.find(tx.connection, [sign for mine in own.values() for sign in mine])
    owners = _owners(tx.connection, [identifier for identifier in found.values() if identifier])
    taken = _taken(tx.connection, list(owners.values()))
    person: dict[str, bytes] = {}
    fresh: dict[Sign, bytes] = {}
    made: list[bytes] = []
    spare = new_ids(len(steps))
    for step, new in zip(steps, spare, strict=True):
        mine = own[step.key]
        if step.key not in person:
            known = step.image.get("person_id") if step.image else None
            holder = known or _holder(mine, found, owners, taken) or fresh.get(mine[0])
            if holder is None:
                made.append(holder := new)
            person[step.key] = holder
        for sign in mine:
            if found[sign] is None:
                fresh.setdefault(sign, person[step.key])
        if step.image is None:
            step.columns["person_id"] = person[step.key]
    _make_persons(tx, batch, made)
    signs.make(tx, batch, list(fresh), list(fresh.values()))
    given = [(signs.known(sign), person[key]) for key, mine in own.items() for sign in mine]
    _share(tx, batch, [(identifier, holder) for identifier, holder in given if identifier is not None])
    note_attributes(tx, _said(batch, steps, own, signs), batch.id)


def _said(batch: Batch, steps: Sequence[Step], own: dict[str, list[Sign]], signs: Signs) -> Iterator[Said]:
    """What the file says of each member, hung on the card: what the golden record chooses from."""
    now = now_ms()
    for step in steps:
        card = signs.known(own[step.key][0])
        if card is None:
            continue
        for attr in ATTRS:
            if (value := step.columns.get(attr)) is not None:
                yield Said(card, attr, batch.source_id, str(value), now)
        for kind, value in own[step.key]:
            if kind in ATTRS:
                yield Said(card, kind, batch.source_id, value, now, signs.known((kind, value)))


def _share(tx: Transaction, batch: Batch, given: list[tuple[bytes, bytes]]) -> None:
    """Book the signs (identifier, person of the row) that belong to someone else than the row's person."""
    owners = _owners(tx.connection, sorted({identifier for identifier, _ in given}))
    share(tx, batch, [(identifier, holder) for identifier, holder in given if owners.get(identifier) != holder])


def _holder(
    mine: list[Sign], found: dict[Sign, bytes | None], owners: dict[bytes, bytes], taken: set[bytes]
) -> bytes | None:
    """The person whom the row's card, or else a customer number of no other member, already stands for."""
    for sign in mine:
        identifier = found[sign]
        owner = owners.get(identifier) if identifier else None
        if owner is not None and (sign[0] == "card" or (sign[0] == "customer" and owner not in taken)):
            return owner
    return None


def _owners(connection: Connection, identifiers: list[bytes]) -> dict[bytes, bytes]:
    sql = (
        "SELECT identifier_id, person_id FROM identifier_owner WHERE identifier_id IN "
        "(SELECT unhex(value) FROM json_each(?))"
    )
    return dict(select_by(connection, sql, [i.hex() for i in identifiers]))


def _taken(connection: Connection, persons: list[bytes]) -> set[bytes]:
    sql = "SELECT person_id FROM member WHERE person_id IN (SELECT unhex(value) FROM json_each(?))"
    return {person for (person,) in select_by(connection, sql, [p.hex() for p in persons])}


def _make_persons(tx: Transaction, batch: Batch, ids: list[bytes]) -> None:
    if ids:
        with tx.bulk("person", batch=batch.id, first=ids[0], last=ids[-1]):
            insert_columns(
                tx.connection, "person", len(ids),
                {"id": ids, "state": ["active"] * len(ids), "created_at": [now_ms()] * len(ids)},
            )  # fmt: skip
