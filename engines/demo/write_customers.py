"""Writing what else is known of people: those who never join, apps, a ring of referrals, browsing, consents."""

from __future__ import annotations

from engines.consent.rules import DEFAULT_POLICIES
from engines.demo import browsing as seen
from engines.demo import consents as law
from engines.demo.identities import card_number, phone_text
from engines.demo.load import Batch, Load
from engines.demo.span import Ints
from engines.demo.world import World
from engines.demo.write_people import People
from engines.demo.write_places import PlaceIds
from engines.people.identifiers import digest, digest_key
from models.ids import new_ids


def write_newcomers(load: Load, world: World, people: People) -> list[bytes]:
    """Persons and signs beside the members'; returns the signs in the order in which `Browsing` numbers them."""
    with load.batch("members") as batch:
        signs = people.card + _write_lookers(batch, world) + _write_apps(batch, world, people)
        _write_ring(batch, world)
    return signs


def _write_lookers(batch: Batch, world: World) -> list[bytes]:
    """People of whom an e-mail address or a device is all that is known."""
    browsing = world.beyond.browsing
    count = len(browsing.mail)
    at = world.span.starts[browsing.first_day.clip(max=world.span.days - 1)].tolist()
    person = new_ids(count)
    batch.insert("person", count, id=person, created_at=at)
    signs = [
        ("email", f"visitor{i + 1}@example.com") if mail else ("device", f"app-v{i + 1:07d}".upper())
        for i, mail in enumerate(browsing.mail.tolist())
    ]
    return _write_signs(batch, signs, person, at, "signed up or opened the app")


def _write_apps(batch: Batch, world: World, people: People) -> list[bytes]:
    """The devices on which members use the app: theirs since they were first seen."""
    owners = world.beyond.browsing.owners
    at = world.span.at(world.members.day[owners], world.members.minute[owners]).tolist()
    signs = [("device", f"app-m{i + 1:07d}".upper()) for i in owners.tolist()]
    return _write_signs(batch, signs, [people.person[i] for i in owners.tolist()], at, "signed in to the app")


def _write_signs(
    batch: Batch, signs: list[tuple[str, str]], person: list[bytes], at: list[int], reason: str
) -> list[bytes]:
    ids, key = new_ids(len(signs)), digest_key(batch.load.store.key)
    with batch.facts("identifier", ids=ids):
        batch.insert(
            "identifier", len(ids), id=ids, kind=[kind for kind, _ in signs], value=[value for _, value in signs],
            value_hmac=[digest(key, value) for _, value in signs],
        )  # fmt: skip
    batch.insert(
        "identity_link", len(ids), id=new_ids(len(ids)), identifier_id=ids, person_id=person, action="link",
        actor="demo", reason=reason, confidence=1.0, at=at,
    )  # fmt: skip
    batch.insert("identifier_owner", len(ids), identifier_id=ids, person_id=person)
    return ids


def _write_ring(batch: Batch, world: World) -> None:
    """Six members who join within an hour, each brought by the one before, the first by the last; none ever buys."""
    span, planted, first = world.span, world.beyond.planted, world.members.count
    count, day = len(planted.ring_minutes), planted.ring_day
    at = [int(span.starts[day]) + minute * 60_000 for minute in planted.ring_minutes]
    person, cards = new_ids(count), [card_number(first + i) for i in range(count)]
    batch.insert("person", count, id=person, created_at=at)
    batch.insert(
        "member", count, id=new_ids(count), person_id=person, card_no=cards, tier="silver", language="zh",
        channel="app", joined_day=span.names[day],
    )  # fmt: skip
    signs = _write_signs(batch, [("card", card) for card in cards], person, at, "given on joining")
    brought = [signs[i - 1] for i in range(count)]
    told = [minute + 1 for minute in planted.ring_minutes]
    told[0] = planted.ring_minutes[-1] + 2
    rows: list[tuple[bytes, str, int, bytes | None]] = [
        (signs[i], "join", planted.ring_minutes[i], None) for i in range(count)
    ]
    rows += [(signs[i], "referral", told[i], brought[i]) for i in range(count)]
    ids = new_ids(len(rows))
    with batch.facts("activity", ids=ids):
        batch.insert(
            "activity", len(rows), id=ids, source_key=[f"G{i:03d}" for i in range(len(rows))],
            identifier_id=[r[0] for r in rows], kind=[r[1] for r in rows],
            at=[int(span.starts[day]) + r[2] * 60_000 for r in rows], day=span.names[day],
            minute=[r[2] for r in rows], related_id=[r[3] for r in rows],
        )  # fmt: skip


def write_browsing(load: Load, world: World, places: PlaceIds, signs: list[bytes]) -> None:
    """What people did on the site and in the app; check-ins and reviews of those who have no card among it."""
    span, done, names = world.span, world.beyond.browsing, world.span.names
    ids = new_ids(len(done.sign))

    def pick(values: list[bytes] | tuple[str, ...], which: Ints) -> list[bytes | str | None]:
        return [values[i] if i >= 0 else None for i in which.tolist()]

    with load.batch("activities") as batch, batch.facts("activity", ids=ids):
        batch.insert(
            "activity", len(ids), id=ids, source_key=[f"B{i:07d}" for i in range(len(ids))],
            identifier_id=[signs[s] for s in done.sign.tolist()], kind=[seen.KINDS[k] for k in done.kind.tolist()],
            at=span.at(done.day, done.minute).tolist(), day=[names[d] for d in done.day.tolist()],
            minute=done.minute.tolist(), tenant_id=pick(places.tenant, done.tenant),
            props=pick(seen.PROPS, done.props), score=[float(s) if s >= 0 else None for s in done.score.tolist()],
        )  # fmt: skip


def write_consents(load: Load, world: World, people: People) -> None:
    """Decisions, suppressed signs, and how often anybody may be written to."""
    said = world.beyond.consents
    signs = (people.card, people.phone, people.email)
    ids = new_ids(len(said.member))
    with load.batch("consents") as batch:
        with batch.facts("consent_decision", ids=ids):
            batch.insert(
                "consent_decision", len(ids), id=ids, source_key=[f"C{i:07d}" for i in range(len(ids))],
                identifier_id=[signs[s][m] for m, s in zip(said.member.tolist(), said.sign.tolist(), strict=True)],
                purpose=[law.PURPOSES[p] for p in said.purpose.tolist()],
                channel=[law.CHANNELS[c] for c in said.channel.tolist()],
                decision=[law.DECISIONS[d] for d in said.decision.tolist()],
                notice=[law.NOTICES[n] for n in said.notice.tolist()], evidence="joining form", at=said.at.tolist(),
                expires_at=[e if e >= 0 else None for e in said.expires.tolist()], actor="member",
            )  # fmt: skip
        key, phone = digest_key(load.store.key), world.profiles.phone.tolist()
        kept = {(phone[m], channel): (reason, at) for m, channel, reason, at in said.suppressed}
        batch.insert(
            "suppression", len(kept), value_hmac=[digest(key, phone_text(n)) for n, _ in kept],
            channel=[channel for _, channel in kept], reason=[r for r, _ in kept.values()],
            at=[t for _, t in kept.values()],
        )  # fmt: skip
        batch.insert(
            "contact_policy", len(DEFAULT_POLICIES), message_class=[p.message_class for p in DEFAULT_POLICIES],
            channel=[p.channel for p in DEFAULT_POLICIES], most=[p.most for p in DEFAULT_POLICIES],
            days=[p.days for p in DEFAULT_POLICIES], quiet_from_minute=[p.quiet_from for p in DEFAULT_POLICIES],
            quiet_to_minute=[p.quiet_to for p in DEFAULT_POLICIES],
        )  # fmt: skip
