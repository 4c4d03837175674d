"""Consent and contact: the rules alone, the same rules in the store, and the acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.consent import words
from engines.consent.actions import record_decision, set_policy, suppress
from engines.consent.queries import decisions_of, may_contact, policies
from engines.consent.rules import (
    ADDRESSES,
    CHANNELS,
    DAY_MS,
    DECISIONS,
    DEFAULT_POLICIES,
    PURPOSES,
    STRICTNESS,
    Policy,
    Said,
    allowed,
    capped,
    full,
    quiet,
)
from models.errors import Known
from models.ids import new_id, new_ids
from models.site import create_site
from models.store import Store, create_store

NOW = 1_750_000_000_000
PARIS = ZoneInfo("Europe/Paris")
A, B = b"a" * 16, b"b" * 16


def said(decision: str = "grant", channel: str = "email", at: int = NOW - 10, who: bytes = A, **more: object) -> Said:
    return Said(who, "marketing", channel, decision, at, **more)  # type: ignore[arg-type]


def gate(*decisions: Said, suppressed: bool = False, channel: str = "email") -> str:
    found = allowed(decisions, suppressed, "marketing", channel, NOW)
    assert found.yes == (found.reason == "granted")
    return found.reason


def test_the_newest_decision_of_an_identifier_counts() -> None:
    assert gate() == "no_consent"
    assert gate(said()) == "granted"
    assert gate(said(), said("withdraw", at=NOW - 5)) == "withdrawn"
    assert gate(said("deny", at=NOW - 20), said()) == "granted"
    assert gate(said(), said("deny", at=NOW + 1)) == "granted", "what is decided tomorrow does not count today"
    assert gate(said("grant"), said("deny")) == "denied", "of two at the same instant the stricter"


def test_any_covers_every_channel_and_other_channels_do_not() -> None:
    assert gate(said(channel="sms")) == "no_consent"
    assert gate(said(channel="any")) == "granted"
    assert gate(said(channel="email", at=NOW - 9), said("deny", "any", NOW - 5)) == "denied"
    assert gate(said("deny", "any", NOW - 9), said(channel="email", at=NOW - 5)) == "granted"


def test_a_person_has_the_strictest_of_their_signs() -> None:
    assert gate(said(who=A), said("deny", who=B)) == "denied"
    assert gate(said(who=A), said("withdraw", who=B, at=NOW - 99)) == "withdrawn"


def test_a_grant_ends_at_its_expiry_and_suppression_wins() -> None:
    assert gate(said(expires_at=NOW)) == "expired"
    assert gate(said(expires_at=NOW + 1)) == "granted"
    assert gate(said(), suppressed=True) == "suppressed"


def test_caps_roll_and_zero_is_no_cap() -> None:
    policy = Policy("marketing", "any", 2, 7)
    sent = [NOW - 7 * DAY_MS + 1, NOW - 1]
    assert full(sent, policy, NOW)
    assert not full(sent, policy, NOW + 1), "the first has left the window"
    assert not full([NOW + 5, NOW - 1], policy, NOW), "what is sent later does not count yet"
    assert not capped(sent * 9, Policy("marketing", "any", 0, 7), NOW, PARIS)
    assert not capped([], policy, NOW, PARIS)
    assert not capped(sent * 9, Policy("service", "any", 1, 7, 0, 1439), NOW, PARIS), "service is never capped"


def paris(text: str, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).timestamp() * 1000)


def test_quiet_hours_go_over_midnight_and_over_clock_changes() -> None:
    night = Policy("marketing", "any", 0, 0, 21 * 60, 9 * 60)
    for text, silent in (("2025-06-01T20:59", False), ("2025-06-01T21:00", True), ("2025-06-02T00:00", True),
                         ("2025-06-02T08:59", True), ("2025-06-02T09:00", False)):  # fmt: skip
        assert quiet(night, paris(text), PARIS) is silent
    # In spring 02:00 becomes 03:00, in autumn 03:00 becomes 02:00: nine o'clock is nine o'clock on the wall.
    for day in ("2025-03-30", "2025-10-26"):
        assert quiet(night, paris(f"{day}T08:59"), PARIS)
        assert not quiet(night, paris(f"{day}T09:00"), PARIS)
    small = Policy("marketing", "any", 0, 0, 150, 170)
    assert quiet(small, paris("2025-10-26T02:40"), PARIS)
    assert quiet(small, paris("2025-10-26T02:40", fold=1), PARIS), "twice that night"
    assert not quiet(Policy("marketing", "any", 0, 0, 60, 60), paris("2025-06-01T01:00"), PARIS)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(NOW - 400 * DAY_MS, NOW))
def test_quiet_hours_and_their_opposite_share_the_day(first: int, last: int, at: int) -> None:
    if first != last:
        assert quiet(Policy("marketing", "any", 0, 0, first, last), at, PARIS) != quiet(
            Policy("marketing", "any", 0, 0, last, first), at, PARIS
        )


DECIDED = st.builds(
    Said, st.sampled_from([A, B]), st.sampled_from(PURPOSES[:2]), st.sampled_from(["email", "sms", "any"]),
    st.sampled_from(DECISIONS), st.integers(NOW - 50, NOW + 5),
    st.one_of(st.none(), st.integers(NOW - 20, NOW + 20)),
)  # fmt: skip


@given(st.lists(DECIDED, max_size=8), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_refusing_never_opens(decisions: list[Said], random: object) -> None:
    before = allowed(decisions, False, "marketing", "email", NOW)
    mixed = list(decisions)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert allowed(mixed, False, "marketing", "email", NOW) == before
    refused = allowed([*decisions, said("deny", "any", NOW)], False, "marketing", "email", NOW)
    assert refused.reason == "denied"
    assert not allowed(decisions, True, "marketing", "email", NOW).yes


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("consent") / "mall"
    store = create_store(create_site(folder, name="Test", time_zone="Asia/Shanghai", currency="CNY", country="CN"))
    with store.write("me", "a source") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'form', 'consents')", [(new_id(),)])
    yield store
    store.close()


def person(store: Store, *kinds: str, state: str = "active") -> tuple[bytes, list[bytes]]:
    """A person with a sign of each kind."""
    who, signs = new_id(), new_ids(len(kinds))
    with store.write("me", "a person") as tx:
        tx.execute_many("INSERT INTO person (id, state, created_at) VALUES (?, ?, 1)", [(who, state)])
        tx.execute_many(
            "INSERT INTO identifier (id, kind, value, value_hmac) VALUES (?, ?, ?, ?)",
            [(i, kind, i.hex(), i) for i, kind in zip(signs, kinds, strict=True)],
        )
        tx.execute_many(
            "INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", [(i, who) for i in signs]
        )
    return who, signs


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DECIDED, max_size=8), st.sampled_from(["email", "sms"]))
def test_the_store_says_what_the_rules_say(mall: Store, decisions: list[Said], channel: str) -> None:
    who, signs = person(mall, "email", "phone")
    own = {A: signs[0], B: signs[1]}
    with mall.write("me", "decisions") as tx:
        source = tx.connection.exec_driver_sql("SELECT id FROM source LIMIT 1").scalar_one()
        tx.execute_many(
            "INSERT INTO consent_decision (id, source_id, source_key, identifier_id, purpose, channel, decision, at, "
            "expires_at, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'x')",
            [
                (i, source, i.hex(), own[d.identifier], d.purpose, d.channel, d.decision, d.at, d.expires_at)
                for i, d in zip(new_ids(len(decisions)), decisions, strict=True)
            ],
        )
    wanted = allowed(decisions, False, "marketing", channel, NOW)
    assert may_contact(mall, [who], "marketing", channel, NOW) == {who: wanted}


def test_reasons_of_the_store(mall: Store) -> None:
    who, (card, phone) = person(mall, "card", "phone")
    gone, _ = person(mall, "email", state="erased")
    for channel in ("any", "sms"):
        record_decision(mall, "desk", Said(card, "marketing", channel, "grant", NOW - 5))
    found = may_contact(mall, [gone, who, b"x" * 16], "marketing", "email", NOW)
    assert [g.reason for g in found.values()] == ["erased", "no_address", "erased"]
    assert list(found) == [gone, who, b"x" * 16]
    assert may_contact(mall, [who], "marketing", "sms", NOW)[who].yes
    assert may_contact(mall, [who], "profiling", "sms", NOW)[who].reason == "no_consent"
    suppress(mall, "desk", phone, "sms", "complaint", at_ms=NOW - 1, until=NOW + 9)
    assert may_contact(mall, [who], "marketing", "sms", NOW)[who].reason == "suppressed"
    assert may_contact(mall, [who], "marketing", "wechat", NOW)[who].yes, "only that channel"
    assert may_contact(mall, [who], "marketing", "sms", NOW + 9)[who].yes, "until then"
    assert may_contact(mall, [], "marketing", "sms", NOW) == {}


def test_what_campaigns_sent_counts_against_the_policy(mall: Store) -> None:
    who, (card,) = person(mall, "card")
    record_decision(mall, "desk", Said(card, "marketing", "any", "grant", NOW - 9 * DAY_MS))
    with mall.write("me", "sent") as tx:
        source = tx.connection.exec_driver_sql("SELECT id FROM source LIMIT 1").scalar_one()
        for days in (1, 3):
            key = new_id()
            at = NOW - days * DAY_MS
            day = datetime.fromtimestamp(at / 1000, ZoneInfo("Asia/Shanghai")).date().isoformat()
            tx.execute_many(
                "INSERT INTO activity (id, source_id, source_key, identifier_id, kind, at, day, minute, batch_id) "
                "VALUES (?, ?, ?, ?, 'campaign_sent', ?, ?, 0, ?)", [(key, source, key.hex(), card, at, day, key)],
            )  # fmt: skip
    assert policies(mall) == DEFAULT_POLICIES, "a new site has the program's own"
    assert may_contact(mall, [who], "marketing", "wechat", NOW)[who].reason == "capped"
    assert may_contact(mall, [who], "marketing", "wechat", NOW + 5 * DAY_MS)[who].yes
    with pytest.raises(Known):
        set_policy(mall, "desk", Policy("marketing", "any", -1, 7))
    set_policy(mall, "desk", Policy("marketing", "any", 3, 7, 21 * 60, 9 * 60))
    assert may_contact(mall, [who], "marketing", "wechat", NOW)[who].yes
    night = int(datetime(2025, 6, 16, 23, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
    assert may_contact(mall, [who], "marketing", "wechat", night)[who].yes
    assert may_contact(mall, [who], "marketing", "wechat", night, sending=True)[who].reason == "capped"


def test_acts_are_audited_and_refuse_nonsense(mall: Store, tmp_path: Path) -> None:
    who, (email,) = person(mall, "email")
    first = record_decision(mall, "anna", said(who=email), notice="v2", evidence="form 12")
    record_decision(mall, "anna", said("withdraw", who=email, at=NOW - 1))
    told = decisions_of(mall, who)
    assert [(d.decision, d.notice, d.actor) for d in told] == [("withdraw", None, "anna"), ("grant", "v2", "anna")]
    suppress(mall, "anna", email, "any", "asked", at_ms=NOW)
    with mall.read() as connection:
        acts = connection.exec_driver_sql("SELECT action, actor FROM audit_entry ORDER BY seq DESC LIMIT 3").fetchall()
        assert connection.exec_driver_sql("SELECT count(*) FROM consent_decision WHERE id = ?", (first,)).scalar() == 1
    assert [tuple(row) for row in acts] == [("suppress", "anna"), ("consent", "anna"), ("consent", "anna")]
    for wrong in (said("maybe", who=email), said(channel="pigeon", who=email), said(who=email, expires_at=NOW - 10),
                  said(who=b"z" * 16)):  # fmt: skip
        with pytest.raises(Known):
            record_decision(mall, "anna", wrong)
    with pytest.raises(Known):
        suppress(mall, "anna", email, "pigeon", "asked", at_ms=NOW)


def test_every_code_has_words_in_both_languages() -> None:
    reasons = {*STRICTNESS, "no_consent", "suppressed", "capped", "no_address", "restricted", "erased"}
    assert words.REASONS.keys() == reasons
    assert words.PURPOSES.keys() == set(PURPOSES)
    assert words.CHANNELS.keys() == set(CHANNELS) == ADDRESSES.keys()
    assert words.DECISIONS.keys() == set(DECISIONS)
    assert all(en and zh and en != zh for table in (words.REASONS, words.PURPOSES) for en, zh in table.values())
