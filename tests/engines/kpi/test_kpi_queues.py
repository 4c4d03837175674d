"""Waits, queue lengths and hand counts become KPIs: quantiles of waits together, never of quantiles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engines.cameras.accuracy import record_check
from engines.cameras.counts import keep_counts
from engines.contract import moment_of
from engines.kpi import queries, relations, watching
from engines.kpi.engine import daily_measures, kpi
from engines.kpi.evidence import rows_behind
from engines.kpi.grids import Days
from engines.zones.rules import bin_of
from models import mart
from models.site import create_site
from models.store import Store, create_store

FIRST, NEXT = "2026-05-06", "2026-05-07"
START = 1_778_061_600_000  # 10:00 UTC of FIRST
QUARTER, DAY_MS = 900_000, 86_400_000


def queue(code: str, at: int, waits: dict[float, int], **more: Any) -> dict[str, Any]:
    visits = sum(waits.values())
    row = {
        "zone": code, "purpose": "queue", "start_ms": at, "entries": visits, "exits": visits, "visits": visits,
        "seconds_total": sum(s * n for s, n in waits.items()), "dwell": {}, "unserved": 0,
        "waits": {bin_of(s): n for s, n in waits.items()}, "presence_mean": 1.0, "presence_max": 3, "queue_mean": 1.0,
        "queue_max": 3, "reaches": 0, "reach_seconds": 0.0, "groups": 0, "seconds_observed": 900.0, "quality": (),
    }  # fmt: skip
    return {**row, **more}


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = create_store(create_site(tmp_path_factory.mktemp("queues") / "mall", name="Test mall"))
    rows = [
        queue("Q1", START, {60.0: 8, 600.0: 1}, queue_max=7),
        queue("Q1", START + QUARTER, {60.0: 1}, unserved=3, visits=4),
        queue("Q2", START, {120.0: 1}, queue_max=4),
        queue("Q1", START + DAY_MS, {600.0: 30}),
        queue("Z1", START, {50.0: 5}, purpose="presence"),
    ]
    keep_counts(made, "C1", {"zones": rows})
    keep_counts(made, "C2", {"zones": [queue("Q1", START, {5.0: 99}, seconds_observed=100.0, queue_max=99)]})
    taps = [(START + 1000 * i, "in") for i in range(10)]
    record_check(
        made, "ann", camera="C1", line="door", started_at=START, ended_at=START + 60_000, taps=taps,
        crossings=taps[:8],
    )  # fmt: skip
    mart.refresh(made)
    yield made
    made.close()


def cells(mall: Store) -> Any:
    with mart.open_mart(mall) as connection:
        return mart.fetch(connection, relations.QUEUE_CELL, {"day": "2026-05-09"})


def test_the_view_that_watched_longest_counts_and_places_that_are_no_queue_do_not(mall: Store) -> None:
    sums = [row for row in cells(mall).to_pylist() if row["bin"] < 0]
    assert [(r["day"], r["zone_code"], r["visits"], r["unserved"], r["longest"]) for r in sums] == [
        (FIRST, "Q1", 13, 3, 7),
        (FIRST, "Q2", 1, 0, 4),
        (NEXT, "Q1", 30, 0, 3),
    ]
    waits = [(r["zone_code"], r["bin"], r["n"]) for r in cells(mall).to_pylist() if r["bin"] >= 0 and r["day"] == FIRST]
    assert waits == [("Q1", bin_of(60), 9), ("Q1", bin_of(600), 1), ("Q2", bin_of(120), 1)]


def test_quantiles_are_of_all_waits_of_the_period(mall: Store) -> None:
    facts = {(f.kpi, f.grain, f.period, f.dims): f for f in watching.wait_quantiles(cells(mall))}
    day = facts["queue_wait_p50", "day", FIRST, "{}"]
    assert day.value == pytest.approx(1.0, rel=0.02)
    assert day.rows == 11
    month = facts["queue_wait_p50", "month", "2026-05-01", '{"zone":"Q1"}']
    assert month.value == pytest.approx(10.0, rel=0.02)  # 31 of 40 waited ten minutes
    assert facts["queue_wait_p90", "day", FIRST, '{"zone":"Q2"}'].value == pytest.approx(2.0, rel=0.02)


def test_the_wait_of_any_days_is_of_all_their_waits(mall: Store) -> None:
    week = "2026-05-04", "2026-05-10"  # nothing is kept of it: the nightly run has not come
    other = "2026-05-05", NEXT
    for days in (week, other):
        found = queries.period_value(mall, "queue_wait_p50", *days)
        assert (found.value, found.rows) == (pytest.approx(10.0, rel=0.02), 41)  # 31 of 41 waited ten minutes
    assert queries.period_value(mall, "queue_wait_p50", FIRST, FIRST).value == pytest.approx(1.0, rel=0.02)
    one = queries.period_value(mall, "queue_wait_p90", *other, {"zone": "Q2"})
    assert (one.value, one.rows) == (pytest.approx(2.0, rel=0.02), 1)
    by_zone = {p.code: p.value.value for p in queries.by(mall, "queue_wait_p90", "zone", *other)}
    assert by_zone == {"Q1": pytest.approx(10.0, rel=0.02), "Q2": pytest.approx(2.0, rel=0.02)}
    nobody = queries.period_value(mall, "queue_wait_p50", "2026-01-01", "2026-01-07")
    assert (nobody.value, nobody.missing) == (None, queries.NO_ROWS[0])


def test_lengths_of_different_queues_are_not_added(mall: Store) -> None:
    made = watching.queues(Days(date(2026, 5, 6), 2), cells(mall))
    assert made["queue_longest"][""].amount[:, 0].tolist() == [7.0, 3.0]
    assert made["queue_visits"][""].amount[:, 0].tolist() == [14.0, 30.0]
    assert made["queue_unserved"]["zone"].codes == ("Q1", "Q2")


def test_hand_counts_give_the_accuracy_and_rows_stand_behind_each_figure(mall: Store) -> None:
    with mart.open_mart(mall) as connection:
        frame = mart.fetch(connection, mart.MART["accuracy_check"], {})
    made = watching.hand_counts(Days(date(2026, 5, 6), 1), frame)
    assert made["hand_right"][""].amount[0, 0] / made["hand_counted"][""].amount[0, 0] == pytest.approx(0.8)
    checks = rows_behind(mall, "count_accuracy", FIRST, FIRST)
    assert (checks.relation, len(checks.rows)) == ("accuracy_check", 1)
    assert rows_behind(mall, "count_accuracy", NEXT, NEXT).rows == ()
    behind = rows_behind(mall, "queue_wait_p90", FIRST, FIRST, dims={"zone": "Q1"})
    assert {row[2] for row in behind.rows} == {"Q1"}
    assert len(rows_behind(mall, "queue_length", FIRST, FIRST).rows) == 4


def test_the_nightly_run_keeps_them_all(mall: Store, tmp_path: Path) -> None:
    from engines.kpi.engine import ENGINE

    moment = moment_of(mall.site, START + 3 * DAY_MS)
    parameters = {
        "at": moment.at, "day": moment.day, "minute": moment.minute, "time_zone": moment.time_zone,
        "day_starts_minute": moment.day_starts_minute,
    }  # fmt: skip
    stored = {"footfall_day", "footfall_hour", "presence_day"}
    with mart.open_mart(mall) as connection:
        frames = {
            r.name: r.empty() if r.name in stored else mart.fetch(connection, r, parameters) for r in ENGINE.takes
        }
    rows = kpi(moment, **frames)["kpi_fact"].to_pylist()
    found = {r["kpi"]: r["value"] for r in rows if r["grain"] == "day" and r["period"] == FIRST and r["dims"] == "{}"}
    assert found["queue_length"] == 7
    assert found["queue_abandonment"] == pytest.approx(3 / 14)
    assert found["queue_minutes"] == pytest.approx((8 * 60 + 600 + 60 + 120) / 60 / 14)
    assert found["count_accuracy"] == pytest.approx(0.8)
    assert {"queue_wait_p50", "queue_wait_p90"} <= found.keys()
    assert "hand_right" in daily_measures(moment, Days(date(2026, 5, 6), 2), frames)
