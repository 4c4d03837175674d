"""The next action: consent first, effects from holdouts, hours from own openings."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engines.consent.actions import record_decision, suppress
from engines.consent.queries import may_contact
from engines.consent.rules import Policy, Said
from engines.driver import run_engine
from engines.picks.candidates import changed
from engines.picks.engine import ENGINE as PICKS
from engines.picks.evidence import Arms, Evidence, found_for, pooled
from engines.picks.next_action import ENGINE as NEXT
from engines.picks.outreach import GATES, best_minutes, best_way, gates
from engines.picks.queries import action_of, actions, mix
from engines.picks.relations import CONTACT, WAYS
from models import mart
from models.errors import NotEnoughData
from tests.engines.hand_mall import HandMall

DAY = "2026-06-15"


@pytest.fixture
def mall(tmp_path: Path) -> HandMall:
    return HandMall.make(tmp_path / "mall")


def campaign(mall: HandMall, code: str, channel: str, first: str, last: str) -> None:
    mall.ref("campaign", code, name=code.title(), channel=channel, from_day=first, to_day=last)


def contact(mall: HandMall, at: int) -> pa.Table:
    mart.refresh(mall.store)
    parameters = {"at": at, "day": DAY, "minute": 720, "time_zone": "Asia/Shanghai", "day_starts_minute": 0}
    with mart.open_mart(mall.store) as connection:
        return mart.fetch(connection, CONTACT, parameters)


def drawn(mall: HandMall, at: int) -> None:
    """Fifty people with signs, decisions and messages drawn at random, in one transaction."""
    luck = random.Random(4)
    rows: dict[str, list[dict[str, Any]]] = {}
    source, letters = mall.ref("source", "crm", kind="crm"), [mall.ids["campaign", c] for c in ("spring", "letter")]

    def add(table: str, **values: Any) -> None:
        rows.setdefault(table, []).append(values)

    for number in range(50):
        person = b"person" + number.to_bytes(10, "big")
        add("person", id=person, state="active", created_at=0)
        signs = []
        for kind in ("card", "email", "phone"):
            if luck.random() < 0.6:
                signs.append(sign := number.to_bytes(10, "big") + kind[:4].encode().ljust(6))
                add("identifier", id=sign, kind=kind, value_hmac=sign, value=kind)
                add("identifier_owner", identifier_id=sign, person_id=person)
        for _ in range(luck.randint(0, 4) if signs else 0):
            made, when = luck.randbytes(16), at - luck.randint(-2, 40) * 86_400_000
            decision = luck.choice(("grant", "grant", "deny", "withdraw"))
            add(
                "consent_decision", id=made, source_id=source, source_key=made.hex(), identifier_id=luck.choice(signs),
                purpose=luck.choice(("marketing", "research")), channel=luck.choice((*WAYS, "any")), decision=decision,
                at=when, expires_at=when + 20 * 86_400_000 if luck.random() < 0.3 else None, actor="tester",
            )  # fmt: skip
        for _ in range(luck.randint(0, 3) if signs else 0):
            made, day = luck.randbytes(16), f"2026-06-{luck.randint(6, 15):02d}"
            add(
                "activity", id=made, source_id=source, source_key=made.hex(), identifier_id=luck.choice(signs),
                kind="campaign_sent", at=mall.at(day, 600), day=day, minute=600, campaign_id=luck.choice(letters),
                batch_id=bytes(16),
            )  # fmt: skip
    with mall.store.write("tester", "people drawn") as tx:
        for table, found in rows.items():
            names = ", ".join(found[0])
            marks = ", ".join("?" * len(found[0]))
            tx.execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(r.values()) for r in found])


def test_the_gates_of_the_engine_are_those_of_may_contact(mall: HandMall) -> None:
    at = mall.at(DAY, 720)
    campaign(mall, "spring", "app", "2026-06-01", "2026-06-30")
    campaign(mall, "letter", "email", "2026-06-01", "2026-06-30")
    drawn(mall, at)
    frame = contact(mall, at)
    persons = frame.column("person_id").to_pylist()
    seen = set()
    for purpose, prefix, capped in (("marketing", "", True), ("research", "ask_", False)):
        mine = gates(frame, prefix, capped=capped)
        for place, way in enumerate(WAYS):
            theirs = may_contact(mall.store, persons, purpose, way, at)
            assert [GATES[g] for g in mine[:, place]] == [theirs[p].reason for p in persons]
            seen |= {theirs[p].reason for p in persons}
    assert seen >= {"granted", "no_consent", "denied", "withdrawn", "capped", "expired", "no_address"}


def test_one_campaign_pools_to_its_own_difference_and_small_ones_are_left_out() -> None:
    one = pooled("win_back", [Arms(400, 80, 100, 10), Arms(20, 20, 20, 0)])
    assert (one.campaigns, one.sent, one.held) == (1, 400, 100)
    assert one.effect == pytest.approx(0.1)
    half = 1.959963984540054 * np.sqrt(0.2 * 0.8 / 400 + 0.1 * 0.9 / 100)
    assert (one.low, one.high) == (pytest.approx(0.1 - half), pytest.approx(0.1 + half))
    assert one.state == "measured"
    assert pooled("win_back", []).state == "none"


def test_mixing_campaigns_of_unlike_shares_does_not_reverse_the_effect() -> None:
    """Simpson's reversal: summed up naively the sent do worse, within each campaign they do better."""
    found = pooled("invite", [Arms(900, 180, 100, 10), Arms(100, 90, 900, 720)])
    assert found.effect == pytest.approx(0.1)


def test_running_and_broken_campaigns_are_no_evidence() -> None:
    row: dict[str, Any] = {"campaign": "a", "measure": "buyers", "tenant": "", "sent": 500, "held": 100,
                           "sent_value": 0.2, "held_value": 0.1, "days_left": 0, "ratio_state": "ok"}  # fmt: skip
    assert found_for([], [row])["invite"].campaigns == 1
    assert found_for([], [{**row, "days_left": 3}, {**row, "ratio_state": "blocks"}])["invite"].state == "none"


def test_an_effect_that_was_measured_replaces_the_propensity() -> None:
    p = np.array([0.2, 0.4])
    assert changed(Evidence("invite"), p, 0.1).tolist() == pytest.approx([0.02, 0.04])
    assert changed(Evidence("invite", 1, 9, 9, 0.05, 0.01, 0.09), p, 0.1).tolist() == [0.05, 0.05]
    assert changed(Evidence("invite", 1, 9, 9, -0.05, -0.09, -0.01), p, 0.1).tolist() == [-0.05, -0.05]
    unclear = changed(Evidence("invite", 1, 9, 9, -0.01, -0.05, 0.03), p, 0.1)
    assert (unclear < [0.02, 0.04]).all() and (unclear > -0.01).all()


def test_the_hour_is_their_own_from_five_openings_and_never_a_quiet_one() -> None:
    mall = np.zeros(24)
    mall[[12, 22]] = [10, 40]
    hours = np.array([0] * 2 + [1]), np.array([19, 20, 15]), np.array([4, 1, 4])
    quiet = (Policy("marketing", "any", 2, 7, 21 * 60, 9 * 60),)
    minute, opens = best_minutes(3, hours, mall, np.array([0, 0, -1]), quiet)
    assert opens.tolist() == [5, 4, 0]
    assert minute.tolist() == [19 * 60, 12 * 60, -1]
    assert best_minutes(2, hours, np.zeros(24), np.array([0, 0]), quiet)[0].tolist() == [19 * 60, -1]


def test_the_channel_is_the_allowed_one_that_they_open() -> None:
    gate = np.array([[0, 0, 4, 4], [0, 0, 4, 0], [6, 4, 4, 4]])
    opened = np.array([[0.0, 9, 0, 0], [0, 0, 0, 0], [3, 0, 0, 0]])
    found = best_way(
        gate, opened, opened + np.array([[9.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]), ["email", "wechat", ""]
    )
    assert found.channel.tolist() == [1, 3, -1]
    assert found.basis == ["own", "stated", ""]
    assert GATES[found.gate[2]] == "no_consent"


def test_a_refusal_after_the_run_counts_at_once(mall: HandMall) -> None:
    at = mall.at(DAY, 720)
    for name in ("asked", "silent"):
        mall.person(name, joined="2025-06-20")
    shop = mall.ref("tenant", "shop", name="Shop", state="trading")
    for number, name in enumerate(("asked", "silent")):
        mall.put(
            "sale", id=bytes([9, number]) * 8, source_id=mall.ref("source", "till", kind="till"), source_key=name,
            tenant_id=shop, identifier_id=mall.person(name), at=mall.at("2026-06-10", 700), day="2026-06-10",
            minute=700, gross_minor=5000, net_minor=5000, txns=1, basis="pos", batch_id=bytes(16),
        )  # fmt: skip
    asked, silent = mall.ids["person", "asked"], mall.ids["person", "silent"]
    sign = mall.ids["identifier", "asked"]
    for purpose in ("marketing", "research"):
        record_decision(mall.store, "tester", Said(sign, purpose, "push", "grant", at - 1000))
    run_engine(mall.store, PICKS, at_ms=at)
    mall.put("person_churn", person_id=asked, p=0.5, band="low", reasons="[]", recency_days=5, horizon=90, version=1,
             as_of=DAY)  # fmt: skip
    run_engine(mall.store, NEXT, at_ms=at)
    found = action_of(mall.store, asked, at)
    assert found is not None and (found.action, found.channel, found.evidence) == ("feedback", "push", "rule")
    other = action_of(mall.store, silent, at)
    assert other is not None and (other.action, other.blocked) == ("none", "no_consent")
    assert {(m.action, m.blocked): m.people for m in mix(mall.store, at)} == {
        ("feedback", ""): 1, ("none", "no_consent"): 1
    }  # fmt: skip
    suppress(mall.store, "tester", sign, "push", "asked", at_ms=at)
    found = action_of(mall.store, asked, at + 1)
    assert found is not None and (found.action, found.blocked, found.wanted) == ("none", "suppressed", "feedback")
    assert ("none", "suppressed") in {(m.action, m.blocked) for m in mix(mall.store, at + 1)}
    assert [a.blocked for a in actions(mall.store, "feedback", at + 1)] == ["suppressed"]


def test_nobody_known_is_refused_in_words(mall: HandMall) -> None:
    with pytest.raises(NotEnoughData, match="Nobody is known yet"):
        run_engine(mall.store, NEXT, at_ms=mall.at(DAY))
