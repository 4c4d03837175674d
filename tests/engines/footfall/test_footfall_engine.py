"""Footfall on a mall made by hand: which rows count, what is a gap, and that pages and the engine agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.driver import run_engine
from engines.footfall import queries
from engines.footfall.engine import ENGINE
from engines.footfall.views import HeatCell
from models.errors import NotEnoughData
from tests.engines.hand_mall import HandMall, local

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def run(mall: HandMall, as_of: str) -> None:
    run_engine(mall.store, ENGINE, at_ms=local(as_of, mall))


def rows(mall: HandMall, sql: str) -> list[tuple]:
    with mall.store.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def test_the_newest_revision_counts_and_staff_do_not(mall: HandMall) -> None:
    mall.count("north", MONDAY, 600, 10, 4)
    mall.count("north", MONDAY, 600, 12, 5, revision=1, staff=2)
    run(mall, f"{TUESDAY} 04:00")
    assert rows(mall, "SELECT entries, exits FROM footfall_day") == [(10, 5)]


def test_of_two_sources_the_one_that_watched_longer_stands_whole(mall: HandMall) -> None:
    mall.count("north", MONDAY, 600, 50, 40, source="old", seconds=300)
    mall.count("north", MONDAY, 600, 20, 10, source="new", seconds=900)
    mall.count("north", MONDAY, 615, 7, 6, source="old", seconds=900)
    run(mall, f"{TUESDAY} 04:00")
    assert rows(mall, "SELECT entries, exits FROM footfall_day") == [(27, 16)]


def test_gaps_are_told_and_not_filled(mall: HandMall) -> None:
    mall.open_day(MONDAY)
    for minute in (600, 615, 630, 645):
        mall.count("north", MONDAY, minute, 10)
    mall.count("south", MONDAY, 600, 5)
    mall.count("south", MONDAY, 645, 5, seconds=450)
    run(mall, f"{TUESDAY} 04:00")
    assert rows(mall, "SELECT gate_code, started_at, ended_at, buckets FROM footfall_gap") == [
        ("south", mall.at(MONDAY, 615), mall.at(MONDAY, 645), 2)
    ]
    assert rows(mall, "SELECT gate_code, entries, completeness FROM footfall_day ORDER BY 1") == [
        ("north", 40, 1.0), ("south", 10, 0.375)
    ]  # fmt: skip


def test_a_whole_day_without_a_row_is_a_gap_but_a_closed_day_is_not(mall: HandMall) -> None:
    for day, closed in ((MONDAY, 0), (TUESDAY, 0), ("2026-03-04", 1)):
        mall.open_day(day, closed=closed)
    mall.count("north", MONDAY, 600, 10)
    run(mall, "2026-03-05 04:00")
    assert rows(mall, "SELECT day, sum(buckets) FROM footfall_gap GROUP BY day") == [(MONDAY, 3), (TUESDAY, 4)]
    visits = queries.daily(mall.store, MONDAY, "2026-03-04", local("2026-03-05 04:00", mall))
    assert [d.visits for d in visits] == [10, None, None]


def test_a_gate_taken_out_of_use_is_expected_to_its_last_count(mall: HandMall) -> None:
    mall.gate("old", active=0)
    for day in (MONDAY, TUESDAY):
        mall.open_day(day, 600, 615)
        mall.count("north", day, 600, 1)
    mall.count("old", MONDAY, 600, 1)
    run(mall, "2026-03-04 04:00")
    assert rows(mall, "SELECT count(*) FROM footfall_gap") == [(0,)]


def test_today_is_left_to_the_live_page(mall: HandMall) -> None:
    mall.open_day(TUESDAY)
    mall.count("north", MONDAY, 600, 10)
    mall.count("north", TUESDAY, 600, 30, 12)
    mall.count("north", TUESDAY, 615, 4, 2)
    mall.gate("inside", perimeter=0)
    mall.count("inside", TUESDAY, 600, 99)
    now = local(f"{TUESDAY} 10:30", mall)
    run_engine(mall.store, ENGINE, at_ms=now)
    assert rows(mall, "SELECT DISTINCT day FROM footfall_day") == [(MONDAY,)]
    today = queries.visits_today(mall.store, now)
    assert (today.day, today.visits, today.until, today.completeness) == (TUESDAY, 34, now, 1.0)
    inside = queries.presence_now(mall.store, now)
    assert (inside.inside, inside.peak) == (20, 20)
    assert [d.visits for d in queries.daily(mall.store, MONDAY, TUESDAY, now)] == [10, 34]


def test_pages_and_engine_agree(mall: HandMall) -> None:
    mall.open_day(MONDAY)
    mall.count("north", MONDAY, 600, 10, 1)
    mall.count("north", MONDAY, 600, 11, 1, revision=1)
    mall.count("south", MONDAY, 645, 3, 2)
    now = local("2026-03-04 04:00", mall)
    before = queries.gates(mall.store, MONDAY, MONDAY, now), queries.gaps(mall.store, MONDAY, MONDAY, now)
    run_engine(mall.store, ENGINE, at_ms=now)
    assert (queries.gates(mall.store, MONDAY, MONDAY, now), queries.gaps(mall.store, MONDAY, MONDAY, now)) == before
    curve = queries.day_curve(mall.store, MONDAY)
    assert [n for n in curve.entries if n is not None] == [11, 3]
    assert len(curve.entries) == 96
    series = queries.quarter_series(mall.store, MONDAY, MONDAY, ["south"])
    assert list(series.entries) == ["south"]
    assert series.entries["south"][43] == 3
    assert series.entries["south"][42] is None


def test_comparisons_use_days_known_in_both(mall: HandMall) -> None:
    for day, n in (("2025-03-03", 40), (MONDAY, 50), (TUESDAY, 70)):
        mall.count("north", day, 600, n)
    now = local("2026-03-04 04:00", mall)
    found = queries.compared(mall.store, MONDAY, TUESDAY, "same_weekday_last_year", now)
    assert (found.now, found.then, found.days) == (50, 40, 1)
    assert found.change == pytest.approx(0.25)


def test_today_is_compared_up_to_the_same_time(mall: HandMall) -> None:
    for minute, n in ((600, 5), (615, 6), (900, 80)):
        mall.count("north", "2026-02-24", minute, n)
    mall.count("north", TUESDAY, 600, 7)
    mall.count("north", TUESDAY, 615, 8)
    found = queries.visits_by_now(mall.store, local(f"{TUESDAY} 10:31", mall), "previous_period")
    assert (found.visits, found.then_day, found.then, found.then_whole) == (15, "2026-02-24", 11, 91)


def test_heat_is_the_mean_over_the_days_counted(mall: HandMall) -> None:
    mall.count("north", MONDAY, 600, 10)
    mall.count("north", "2026-03-09", 615, 20)
    run(mall, "2026-03-10 04:00")
    assert queries.heat(mall.store, MONDAY, "2026-03-09") == [HeatCell(0, 10, 15.0, 2)]


def test_no_counts_no_footfall(mall: HandMall) -> None:
    with pytest.raises(NotEnoughData, match="at least one whole day"):
        run(mall, "2026-03-04 04:00")
