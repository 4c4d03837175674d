"""Health, momentum, milestones and the alert rules over customers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.contract import Moment
from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.health import measures
from engines.health.actions import AlertRule, add_alert_rule, alert_rules, switch_alert_rule
from engines.health.engine import ENGINE as HEALTH
from engines.health.queries import board, falling, health_of, milestone_counts, milestones
from engines.health.watch import CHURN, watches
from engines.health.watch import ENGINE as RETENTION
from engines.health.watch import HEALTH as PERSON_HEALTH
from engines.milestones.engine import ENGINE as MILESTONES
from models.errors import Known
from models.store import Store, open_store

AT = Moment(1_790_000_000_000, "2026-09-21", 720, "Asia/Shanghai", "CN", None, "CNY")
number = st.integers(0, 5000)


@given(st.lists(st.tuples(number, st.one_of(st.none(), st.floats(0, 900)), number, number), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_every_component_is_finite_and_within_0_and_100(rows: list[tuple[int, float | None, int, int]]) -> None:
    days, gap, a, b = (np.array([np.nan if v is None else v for v in c], dtype=float) for c in zip(*rows, strict=True))
    for values in (measures.recency(days, gap), measures.trend(a, b), measures.engagement(a, b, a)):
        assert np.isfinite(values).all() and (values >= 0).all() and (values <= 100).all()


@given(st.floats(0, 400), st.floats(0, 400), st.floats(1, 100))
def test_recency_never_rises_with_days_and_is_whole_within_the_own_rhythm(a: float, b: float, gap: float) -> None:
    low, high = sorted((a, b))
    near, far = measures.recency(np.array([low, high]), np.array([gap, gap]))
    assert near >= far
    assert measures.recency(np.array([gap]), np.array([gap]))[0] == pytest.approx(100)


def test_a_weekly_shopper_is_late_where_a_monthly_one_is_not() -> None:
    weekly, monthly = measures.recency(np.array([28.0, 28.0]), np.array([7.0, 30.0]))
    assert monthly == 100 and weekly == pytest.approx(12.5)


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_momentum_holds_its_slope_and_turns_with_time(weeks: list[int]) -> None:
    slope, low, high = measures.momentum(np.array([weeks, weeks[::-1]], dtype=float))
    assert low[0] <= slope[0] <= high[0] and slope[0] == pytest.approx(-slope[1], abs=1e-9)


def test_momentum_equals_least_squares_and_says_falling_only_for_certain() -> None:
    steady, sinking = [3, 2, 3, 2, 3, 2, 3, 2], [7, 6, 5, 4, 3, 2, 1, 0]
    weeks = np.array([steady, sinking], dtype=float)
    slope, low, high = measures.momentum(weeks)
    assert slope[1] == pytest.approx(np.polyfit(np.arange(8), sinking, 1)[0])
    assert measures.course(low, high) == ["level", "falling"]


@pytest.mark.parametrize("engine", [HEALTH, MILESTONES, RETENTION], ids=lambda e: e.name)
def test_an_empty_mall_has_no_rows(engine: Any) -> None:
    given = engine.run(AT, **{r.name: r.empty() for r in engine.takes})
    assert all(frame.num_rows == 0 for frame in given.values())


def people(count: int, lapse: float, before: float = 80.0) -> dict[str, pa.Table]:
    """Customers of health 50 who were at `before`."""
    ids = [i.to_bytes(16, "big") for i in range(count)]
    plain: dict[str, Any] = {
        "health": 50.0, "before": before, "recency": 50.0, "trend": 50.0, "breadth": 50.0, "engagement": 50.0,
        "satisfaction": None, "band": "steady", "momentum": 0.0, "momentum_low": -0.1, "momentum_high": 0.1,
        "course": "level", "weeks": "[1, 0, 0, 0, 0, 0, 0, 0]", "weights_version": 0, "as_of": AT.at,
    }  # fmt: skip
    churn = {"band": "high", "reasons": "[]", "recency_days": 90, "horizon": 90, "version": 1, "as_of": AT.day}
    frames = {r.name: r.empty() for r in RETENTION.takes}
    return frames | {
        "person_health": pa.Table.from_pylist([{"person_id": i, **plain} for i in ids], PERSON_HEALTH.schema()),
        "person_churn": pa.Table.from_pylist([{"person_id": i, "p": lapse, **churn} for i in ids], CHURN.schema()),
    }


@pytest.mark.parametrize(("count", "alerts"), [(0, 0), (3, 3), (5, 5), (6, 6), (4000, 6)])
def test_a_night_never_floods_the_desk(count: int, alerts: int) -> None:
    found = RETENTION.run(AT, **people(count, lapse=0.9, before=50.0))["alert"].to_pylist()
    assert len(found) == alerts
    if count > 5:
        digest = json.loads(next(row["facts"] for row in found if row["sentence"] == "retention_digest"))
        assert (digest["people"], digest["rest"]) == (count, count - 5)


def test_lapse_counts_from_the_setting_and_a_rule_of_ones_own_works() -> None:
    frames = people(2, lapse=0.65, before=50.0)
    assert RETENTION.run(AT, **frames)["alert"].num_rows == 0
    setting = pa.Table.from_pylist(
        [{"name": "churn.high", "value": "0.6", "updated_at": 0, "actor": "t"}], frames["setting"].schema
    )
    assert RETENTION.run(AT, **{**frames, "setting": setting})["alert"].num_rows == 2
    own = {
        "id": b"1" * 16, "code": "vip", "name": "Below 60", "field": "health", "op": "below", "value": 60.0,
        "severity": "warning", "desk": "concierge", "most": 1, "state": "on", "actor": "t", "at": 0,
    }  # fmt: skip
    rule = pa.Table.from_pylist([own], frames["alert_rule"].schema)
    found = RETENTION.run(AT, **{**frames, "alert_rule": rule})["alert"].to_pylist()
    assert [row["subject"] for row in found] == ["vip", "vip"] and "concierge" in found[0]["facts"]
    assert len(watches([{**own, "state": "off"}], {})) == 2


def test_every_alert_can_be_said_in_both_languages() -> None:
    from engines.anomalies.findings import render

    found = RETENTION.run(AT, **people(9, lapse=0.9))["alert"].to_pylist()
    assert {row["sentence"] for row in found} == {"retention_lapse", "retention_health", "retention_digest"}
    for row in found:
        for language in ("en", "zh"):
            assert "{" not in render(row["sentence"], json.loads(row["facts"]), language)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("health") / "mall"
    make_demo(folder, days=60, members=200, seed=2, until="2026-11-20T18:00")
    opened = open_store(folder)
    for engine in (HEALTH, MILESTONES):
        run_engine(opened, engine, at_ms=now(opened))
    yield opened
    opened.close()


def now(store: Store) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT max(at) FROM sale").scalar_one()) + 1000


def test_the_board_holds_everyone_who_bought_once(store: Store) -> None:
    found = board(store, 15.0)
    with store.read() as connection:
        buyers = connection.exec_driver_sql(
            "SELECT count(DISTINCT o.person_id) FROM sale s JOIN identifier_owner o "
            "ON o.identifier_id = s.identifier_id WHERE s.net_minor >= 0"
        ).scalar_one()
    assert found is not None and found.people == buyers == sum(found.bands.values()) == sum(found.tens)
    assert found.people == sum(found.courses.values()) == sum(found.cells.values())
    one = falling(store, 15.0)[0]
    assert (health_of(store, one.person_id) == one and (one.fall or 0) >= 15) or one.course == "falling"


def test_milestones_equal_a_count_by_hand(store: Store) -> None:
    with store.read() as connection:
        first = dict(
            connection.exec_driver_sql(
                "SELECT o.person_id, min(s.day) FROM sale s JOIN identifier_owner o ON o.identifier_id = s.identifier_id "
                "WHERE s.net_minor >= 0 GROUP BY 1"
            ).fetchall()
        )
        noted = dict(
            connection.exec_driver_sql("SELECT person_id, day FROM milestone WHERE kind = 'first_purchase'").fetchall()
        )
    assert noted == first
    person = next(iter(first))
    assert [m.day for m in milestones(store, person=person) if m.kind == "first_purchase"] == [first[person]]
    counts = milestone_counts(store, date(2026, 11, 20), days=60)
    assert counts["first_purchase"] == len(first) and not any(kind.startswith("tier:") for kind in counts)


def test_a_tier_that_somebody_reaches_later_is_a_step(store: Store) -> None:
    with store.write("tester", "a tier") as tx:
        person = tx.connection.exec_driver_sql(
            "SELECT person_id FROM member WHERE tier = 'silver' LIMIT 1"
        ).scalar_one()
        tx.connection.exec_driver_sql("UPDATE member SET tier = 'gold' WHERE person_id = ?", (person,))
    run_engine(store, MILESTONES, at_ms=now(store))
    assert "tier:gold" in [m.kind for m in milestones(store, person=bytes(person))]


def test_the_day_before_is_scored_from_what_was_known_then(store: Store) -> None:
    """`before` equals the health that a run 28 days ago would have given."""
    with store.read() as connection:
        before = dict(connection.exec_driver_sql("SELECT person_id, before FROM person_health").fetchall())
    then = replace(HEALTH, name="health")
    run_engine(store, then, at_ms=now(store) - 28 * 86_400_000)
    with store.read() as connection:
        earlier = dict(connection.exec_driver_sql("SELECT person_id, health FROM person_health").fetchall())
    assert earlier and {p: v for p, v in before.items() if v is not None} == pytest.approx(earlier, abs=1e-3)


def test_an_alert_rule_is_kept_switched_and_refused_where_it_cannot_be(store: Store) -> None:
    code = add_alert_rule(store, "tester", AlertRule("new", "Below 90", "health", "below", 90.0, desk="concierge"))
    run_engine(store, RETENTION, at_ms=now(store))
    with store.read() as connection:
        told = "SELECT count(*) FROM alert WHERE fingerprint LIKE ? AND state = 'open'"
        assert connection.exec_driver_sql(told, (f"retention:{code}:%",)).scalar_one() == 6
    switch_alert_rule(store, "tester", code, on=False)
    run_engine(store, RETENTION, at_ms=now(store))
    with store.read() as connection:
        assert connection.exec_driver_sql(told, (f"retention:{code}:%",)).scalar_one() == 0
    assert [(rule.code, rule.on) for rule in alert_rules(store)] == [(code, False)]
    for bad in ({"field": "gender"}, {"op": "near"}, {"value": float("nan")}, {"most": 500}, {"desk": " "}):
        with pytest.raises(Known):
            add_alert_rule(store, "tester", replace(AlertRule("new", "x", "health", "below", 1.0), **bad))
