"""Planted frauds are found, ordinary life is left in peace, and a person decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.fraud.actions import decide_case
from engines.fraud.chances import false_share, hold, tail
from engines.fraud.engine import ENGINE
from engines.fraud.queries import cases, looks
from engines.fraud.receipts import bursts, closing, distant
from engines.fraud.rings import clusters, rings
from models.errors import Known
from models.store import Store, open_store

KINDS = {"duplicate": "duplicate", "velocity": "burst", "collusion": "closing", "referral_ring": "ring"}
HOUR = 3_600_000


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, Any]]]:
    """A demo mall of 90 days with planted frauds, and the truth about them."""
    folder = tmp_path_factory.mktemp("fraud") / "mall"
    make_demo(folder, days=90, members=600, seed=5, until="2026-11-20T18:00")
    store = open_store(folder)
    try:
        run_engine(store, ENGINE)
        yield store, json.loads((folder / "truth" / "truth.json").read_text("utf-8"))
    finally:
        store.close()


def owners(store: Store) -> dict[str, bytes]:
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT i.value, o.person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id "
            "WHERE i.kind = 'card'"
        ).fetchall()
    return dict(rows)


def test_every_planted_fraud_is_found_and_hardly_anything_else(mall: Any) -> None:
    store, truth = mall
    card, found = owners(store), cases(store)
    planted = [(KINDS[each["kind"]], {card[c] for c in each["cards"]}) for each in truth["frauds"]]
    hit = [any(kind == case.kind and people & set(case.holders) for case in found) for kind, people in planted]
    true = [any(kind == case.kind and people & set(case.holders) for kind, people in planted) for case in found]
    assert all(hit), f"{sum(hit)} of {len(hit)} planted found"
    assert sum(true) >= 0.8 * len(true), f"precision {sum(true)} of {len(true)}"
    assert {row.kind: row.found for row in looks(store)}["closing"] == 1


def test_a_decision_stands_when_the_case_is_found_again_and_closes_its_alert(mall: Any) -> None:
    store, _ = mall
    case = next(c for c in cases(store) if c.kind == "closing")
    decide_case(store, "tester", case.fingerprint, "dismissed", "the owner's own card")
    run_engine(store, ENGINE)
    again = next(c for c in cases(store) if c.fingerprint == case.fingerprint)
    assert (again.decision, again.reason, again.actor) == ("dismissed", "the owner's own card", "tester")
    with store.read() as connection:
        state = connection.exec_driver_sql("SELECT state FROM alert WHERE fingerprint = ?", (case.fingerprint,))
        assert [row[0] for row in state.fetchall()] == ["closed"]
        audited = connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE object LIKE 'fraud_case/%'")
        assert audited.scalar_one() == 1
    decide_case(store, "tester", case.fingerprint, "")
    assert next(c for c in cases(store) if c.fingerprint == case.fingerprint).decision == ""
    with pytest.raises(Known):
        decide_case(store, "tester", "fraud:none", "confirmed")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(1, 200))
def test_what_stands_is_the_least_chances(chances: list[float], looked: int) -> None:
    array = np.array(chances)
    standing = hold(array, looked)
    if standing.any() and not standing.all():
        assert array[standing].max() <= array[~standing].min()
    assert (false_share(array, np.full(len(array), 2.0)) <= 1).all()


def burst(most: int, usual: int = 1) -> dict[str, Any]:
    return {"holder_id": bytes(16), "day": "2025-05-01", "most": most, "usual": usual, "net_minor": 100, "tenants": most,
            "first_minute": 600, "last_minute": 620, "card_days": 10_000, "days_2": 300, "days_3": 9}  # fmt: skip


def test_a_burst_must_pass_the_card_and_the_mall() -> None:
    assert [case.kind for case in bursts([burst(8)])] == ["burst"]
    assert bursts([burst(8, usual=7)]) == []
    assert bursts([burst(4)]) == []
    assert tail(np.array([4, 5]), 10_000, 300, 9)[0] == pytest.approx(0.27)


def test_one_meeting_of_floors_is_an_accident_and_many_are_a_case() -> None:
    row = {"holder_id": bytes(16), "net_minor": 9, "first_day": "2025-05-01", "last_day": "2025-05-09",
           "all_pairs": 5000, "all_distant": 20, "cards": 900}  # fmt: skip
    assert distant([{**row, "pairs": 2, "distant": 1}]) == []
    assert [c.kind for c in distant([{**row, "pairs": 9, "distant": 6}])] == ["distant"]


def test_round_amounts_are_a_case_only_where_the_tenant_does_not_sell_them() -> None:
    row = {"tenant_id": bytes(16), "holder_id": bytes(16), "receipts": 12, "odd": 10, "net_minor": 9, "pairs": 500,
           "first_day": "2025-05-01", "last_day": "2025-05-09"}  # fmt: skip
    assert closing([{**row, "tenant_receipts": 1000, "tenant_odd": 15}]) != []
    assert closing([{**row, "tenant_receipts": 1000, "tenant_odd": 800}]) == []


def referral(n: int, by: int, hours: float, bought: int) -> dict[str, Any]:
    return {"person_id": n.to_bytes(16, "big"), "referrer_id": by.to_bytes(16, "big"), "at": int(hours * HOUR),
            "day": "2025-05-01", "bought_days": bought}  # fmt: skip


def test_a_chain_within_hours_that_never_buys_is_a_ring_and_a_busy_family_is_none() -> None:
    usual = [referral(100 + i, 1000 + i, 24.0 * i, 1) for i in range(60)]
    ring = [referral(2 + i, 1 + i, 5000 + i / 2, 0) for i in range(5)]
    family = [referral(50 + i, 49, 9000 + i / 2, 1) for i in range(5)]
    found = rings([*usual, *ring, *family], 10**12)
    assert len(clusters([*ring, *family])) == 2
    assert [len(case.holders) for case in found] == [6]
    assert rings(ring, int(5003 * HOUR)) == []
