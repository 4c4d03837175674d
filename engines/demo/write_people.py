"""Writing members: persons, cards, phones, addresses and who they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.identities import card_number, email_text, phone_text, tiers
from engines.demo.load import Batch, Load
from engines.demo.members import Members
from engines.demo.purchases import Receipts, join
from engines.demo.span import Span, stream
from engines.demo.world import World
from engines.people.identifiers import digest, digest_key
from models.ids import new_ids


@dataclass(frozen=True)
class People:
    """Ids by member number: of the person, the card, and the phone and address where the member gave one."""

    person: list[bytes]
    card: list[bytes]
    phone: list[bytes | None]
    email: list[bytes | None]


def write_people(load: Load, world: World) -> People:
    """Persons, members, identifiers and links."""
    span, members, who = world.span, world.members, world.profiles
    bought = join([world.receipts, world.beyond.receipts])
    joined = span.at(members.day, members.minute)
    person = new_ids(members.count)
    with load.batch("members") as batch:
        batch.insert("person", members.count, id=person, created_at=joined.tolist())
        batch.insert(
            "member", members.count, id=new_ids(members.count), person_id=person,
            card_no=[card_number(i) for i in range(members.count)], name=who.name, gender=who.gender,
            birth_year=who.birth_year, tier=_tiers(span, members, bought), language=who.language,
            home_area=who.area, channel=who.channel,
            joined_day=[span.names[d] for d in members.day.tolist()],
        )  # fmt: skip
        known = _identifiers(batch, world, person, joined.tolist())
    return People(
        person, [known["card", card_number(i)] for i in range(members.count)],
        [known.get(("phone", phone_text(n))) for n in who.phone.tolist()],
        [known.get(("email", email_text(n))) for n in who.email.tolist()],
    )  # fmt: skip


def _tiers(span: Span, members: Members, receipts: Receipts) -> list[str]:
    recent = (receipts.member >= 0) & (receipts.member < members.count) & (receipts.day >= span.days - 365)
    spend = np.bincount(receipts.member[recent], receipts.amount[recent].astype(np.float64), members.count)
    return tiers(np.asarray(spend, dtype=np.float64))


def _identifiers(batch: Batch, world: World, person: list[bytes], at: list[int]) -> dict[tuple[str, str], bytes]:
    """A card each; a phone or address once, however many gave it: its newest link says whose it is now."""
    checked = stream(world.seed, "identifiers").random(world.members.count) < 0.7
    given = _given(world)
    first: dict[tuple[str, str], int] = {}
    for kind, value, i in given:
        first.setdefault((kind, value), i)
    ids = new_ids(len(first))
    known = dict(zip(first, ids, strict=True))
    key = digest_key(batch.load.store.key)
    with batch.facts("identifier", ids=ids):
        batch.insert(
            "identifier", len(ids), id=ids, kind=[kind for kind, _ in first], value=[value for _, value in first],
            value_hmac=[digest(key, value) for _, value in first],
            verified_at=[
                at[i] if kind == "card" or (kind == "phone" and checked[i]) else None
                for (kind, _), i in first.items()
            ],
        )  # fmt: skip
    order = sorted(range(len(given)), key=lambda k: (given[k][2], k))
    links = [(known[given[k][:2]], person[given[k][2]], at[given[k][2]], given[k]) for k in order]
    batch.insert(
        "identity_link", len(links), id=new_ids(len(links)), identifier_id=[x[0] for x in links],
        person_id=[x[1] for x in links], action="link", actor="demo", reason="given on joining",
        confidence=[1.0 if first[x[3][:2]] == x[3][2] else 0.6 for x in links], at=[x[2] for x in links],
    )  # fmt: skip
    owner = {identifier: holder for identifier, holder, *_ in links}
    batch.insert("identifier_owner", len(owner), identifier_id=list(owner), person_id=list(owner.values()))
    return known


def _given(world: World) -> list[tuple[str, str, int]]:
    """(kind, value, member) of everything members gave: all cards first."""
    who = world.profiles
    cards = [("card", card_number(i), i) for i in range(world.members.count)]
    phones = [("phone", phone_text(n), i) for i, n in enumerate(who.phone.tolist()) if n >= 0]
    emails = [("email", email_text(n), i) for i, n in enumerate(who.email.tolist()) if n >= 0]
    return cards + phones + emails
