"""Cohorts equal a brute-force oracle; engagement keeps its formula; visits, patterns and the mall's funnel by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.behaviour import queries
from engines.behaviour.cohorts import RETURN_DAYS, month_cells, month_name, month_number, return_cells
from engines.behaviour.engagement import Weights, scores
from engines.behaviour.engine import ENGINE, MONTHS, RETURNS, STOPS
from engines.behaviour.paths import patterns, sessions
from engines.behaviour.saved import SHIPPED, funnels, remove_funnel, save_funnel
from engines.driver import run_engine
from models.errors import Known, NotEnoughData
from tests.engines.behaviour.histories import KINDS, Event, crowd, ident, run
from tests.engines.hand_mall import HandMall, local

SILENT = ("campaign_sent",)


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def starts(history: list[Event], joined: dict[int, int]) -> dict[tuple[str, int], int]:
    found = {("join", p): d for p, d in joined.items()}
    for e in history:
        if e.kind == "sale" and e.net >= 0:
            key = ("first_purchase", e.person)
            found[key] = min(found.get(key, e.day), e.day)
    return found


def month_oracle(
    history: list[Event], joined: dict[int, int], today: int
) -> dict[tuple[str, str, int], tuple[int, ...]]:
    seen = [e for e in history if e.day <= today]
    made: dict[tuple[str, str, int], list[int]] = {}
    for (kind, person), day in starts(seen, {p: d for p, d in joined.items() if d <= today}).items():
        cohort = Event(0, "", day, 0, 0).date[:7]
        for age in range(month_number(Event(0, "", today, 0, 0).date) - month_number(cohort) + 1):
            month = month_name(month_number(cohort) + age)
            mine = [e for e in seen if e.person == person and e.day >= day and e.date[:7] == month]
            cell = made.setdefault((kind, cohort, age), [0, 0, 0, 0])
            cell[0] += 1
            cell[1] += any(e.kind == "sale" and e.net >= 0 for e in mine)
            cell[2] += any(e.kind not in SILENT for e in mine)
            cell[3] += sum(e.net for e in mine if e.kind == "sale")
    return {key: tuple(cell) for key, cell in made.items()}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 100))
def test_cohorts_by_month_equal_the_oracle(seed: int, today: int) -> None:
    history = crowd(seed, KINDS, people=25, days=100)
    joined = {p: (seed + p * 7) % 90 for p in range(0, 25, 2)}
    rows = run(MONTHS, history, today, joined=joined)
    cells = month_cells(rows, Event(0, "", today, 0, 0).date)
    found = {
        (c["kind"], c["cohort"], c["age"]): (c["people"], c["returned"], c["engaged"], c["revenue_minor"])
        for c in cells
    }
    assert found == month_oracle(history, joined, today)
    now = Event(0, "", today, 0, 0).date[:7]
    for c in cells:
        assert c["censored"] == (month_name(month_number(c["cohort"]) + c["age"]) == now)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 130))
def test_who_came_back_within_days_equals_the_oracle(seed: int, today: int) -> None:
    history = crowd(seed, ("sale", "visit"), people=25, days=100)
    cells = {(c["kind"], c["cohort"], c["age"]): c for c in return_cells(run(RETURNS, history, today))}
    seen = [e for e in history if e.day <= today and e.kind == "sale" and e.net >= 0]
    want: dict[tuple[str, str, int], list[int]] = {}
    for (kind, person), day in starts(seen, {}).items():
        later = [e.day - day for e in seen if e.person == person and e.day > day]
        for days in RETURN_DAYS:
            cell = want.setdefault((kind, Event(0, "", day, 0, 0).date[:7], days), [0, 0, 0])
            over = day + days < today
            cell[0] += over
            cell[1] += over and any(gap <= days for gap in later)
            cell[2] += not over
    assert {k: [c["people"], c["returned"]] for k, c in cells.items()} == {k: c[:2] for k, c in want.items()}
    assert {k: c["censored"] for k, c in cells.items()} == {k: int(c[2] > 0) for k, c in want.items()}


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32))
def test_later_rows_change_no_cell(seed: int) -> None:
    history = crowd(seed, KINDS, people=20, days=60)
    known = [e for e in history if e.day <= 30]
    for relation in (MONTHS, RETURNS, STOPS):
        assert run(relation, history, 30) == run(relation, known, 30)


whole = st.integers(0, 10_000)


@given(st.lists(st.tuples(whole, whole, whole, whole), max_size=20), st.tuples(*[st.floats(0, 100)] * 3))
def test_engagement_stays_between_0_and_100(rows: list[tuple[int, ...]], parts: tuple[float, ...]) -> None:
    columns = [np.array([r[i] for r in rows], dtype=np.int64) for i in range(4)]
    made = scores(*columns, Weights(*parts))
    for values in (made.score, made.recency, made.frequency, made.breadth):
        assert np.isfinite(values).all() and (values >= 0).all() and (values <= 100).all()


def test_engagement_by_the_published_formula() -> None:
    made = scores(*(np.array([v]) for v in (30, 6, 5, 2)), Weights())
    assert made.recency[0] == 50.0 and made.breadth[0] == 75.0
    assert made.frequency[0] == pytest.approx(63.212, abs=0.001)
    assert made.score[0] == pytest.approx(0.4 * 50 + 0.35 * 63.2121 + 0.25 * 75, abs=1e-3)
    best = scores(*(np.array([v]) for v in (0, 90, 9, 9)), Weights())
    assert best.score[0] > 99.9


def stops(*rows: tuple[int, int, int, str, int | None]) -> pa.Table:
    """(person, visit, minute, place, money) in order."""
    made = [
        {"person_id": ident("p", p), "stop": i, "visit": v, "at": m * 60_000, "day": "2026-03-01", "place": place,
         "tenant_id": ident("t", len(place)) if net is not None else None, "net_minor": net}
        for i, (p, v, m, place, net) in enumerate(rows)
    ]  # fmt: skip
    return STOPS.check(pa.table({f.name: pa.array([r[f.name] for r in made], f.type) for f in STOPS.schema()}))


def test_stops_make_visits() -> None:
    made = sessions(stops((1, 1, 0, "zone:a", None), (1, 1, 30, "shop:food", 500), (1, 1, 50, "shop:food", 700),
                          (1, 2, 600, "zone:b", None), (2, 1, 5, "shop:x", 0)))  # fmt: skip
    assert made["stops"].tolist() == [3, 1, 1] and made["receipts"].tolist() == [2, 0, 1]
    assert made["zones"].tolist() == [1, 1, 0] and made["tenants"].tolist() == [1, 0, 1]
    assert made["net_minor"].tolist() == [1200, 0, 0]
    assert (made["ended_at"] - made["started_at"]).tolist() == [50 * 60_000, 0, 0]


def test_patterns_find_what_goes_together_and_leave_rare_ones_out() -> None:
    rows = []
    for person in range(40):
        first, second = ("zone:a", "shop:x") if person % 2 else ("zone:b", "shop:y")
        rows += [(person, 1, 0, first, None), (person, 1, 1, first, None), (person, 1, 2, second, 100)]
    rows += [(99, 1, 0, "zone:a", None), (99, 1, 5, "shop:y", 1)]
    found, flow = patterns(stops(*rows))
    assert found["pattern"] == ["zone:a > shop:x", "zone:b > shop:y"] and found["sessions"] == [20, 20]
    assert found["share"][0] == pytest.approx(20 / 41)
    assert all(lift == pytest.approx(20 / 41 / (21 / 41 * 20 / 41), rel=0.06) for lift in found["lift"])
    moves = dict(zip(zip(flow["source"], flow["target"], strict=True), flow["n"], strict=True))
    assert moves["zone:a", "shop:x"] == 20 and moves["start", "zone:a"] == 21 and ("zone:a", "shop:y") not in moves


def test_no_stops_give_no_visits_and_no_patterns() -> None:
    assert len(sessions(STOPS.empty())["stops"]) == 0
    found, flow = patterns(STOPS.empty())
    assert found["pattern"] == [] and flow["n"] == []


def test_acts_three_hours_apart_are_two_visits() -> None:
    minutes = ((600, 1), (779, 1), (959, 2), (1100, 2))
    history = [Event(0, "visit" if i % 2 else "sale", 5, m, i) for i, (m, _) in enumerate(minutes)]
    assert [r["visit"] for r in run(STOPS, history, 9)] == [v for _, v in minutes]
    assert [r["visit"] for r in run(STOPS, history, 9, settings={"behaviour.visit_gap": "60"})] == [1, 2, 3, 4]


def test_too_few_people_are_refused(mall: HandMall) -> None:
    mall.sale("2026-03-01", 100, who="a")
    with pytest.raises(NotEnoughData, match="at least 30 known people who did something; there are 1"):
        run_engine(mall.store, ENGINE, at_ms=local("2026-03-02 04:00", mall))
    assert queries.cohorts(mall.store, "join") == [] and queries.visits(mall.store) is None


def test_a_small_mall_by_hand(mall: HandMall) -> None:
    for i in range(30):
        mall.sale("2026-01-10", 1000, who=f"c{i}")
        if i < 12:
            mall.sale("2026-02-03", 500, who=f"c{i}")
    mall.sale("2026-02-03", -200, who="c20")
    mall.sale("2026-02-04", 900)
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-02 04:00", mall))
    (row,) = queries.cohorts(mall.store, "first_purchase")
    assert (row.cohort, row.people, row.shown) == ("2026-01", 30, True)
    assert [(c.returned, c.engaged, c.revenue_minor, c.censored) for c in row.cells] == [
        (30, 30, 30_000, False), (12, 13, 5_800, False), (0, 0, 0, True),
    ]  # fmt: skip
    assert len(queries.cohort_people(mall.store, "first_purchase", "2026-01", 1)) == 12
    assert len(queries.cohort_people(mall.store, "first_purchase", "2026-01", 1, measure="engaged")) == 13
    steps = {s.step: s.n for s in queries.mall_funnel(mall.store, "2026-01-01", "2026-02-28")}
    assert steps == {"receipts": 43, "members": 42, "repeat": 12}
    assert sum(queries.engagement_spread(mall.store)) == 30


def test_funnels_are_saved_versioned_and_removed(mall: HandMall) -> None:
    funnel = SHIPPED["visits"][0]
    with pytest.raises(Known, match="needs a name"):
        save_funnel(mall.store, "tester", type(funnel)("  ", funnel.steps))
    code = save_funnel(mall.store, "tester", type(funnel)("My funnel", funnel.steps))
    save_funnel(mall.store, "tester", type(funnel)("My funnel", funnel.steps, 9.0), code)
    (mine,) = [s for s in funnels(mall.store) if s.version]
    assert (mine.code, mine.version, mine.funnel.window) == ("my_funnel", 2, 9.0)
    remove_funnel(mall.store, "tester", code)
    assert [s.code for s in funnels(mall.store)] == list(SHIPPED)
    with pytest.raises(Known, match="no saved funnel"):
        remove_funnel(mall.store, "tester", code)
    with mall.store.read() as connection:
        acts = connection.exec_driver_sql("SELECT action FROM audit_entry WHERE object = 'funnel/my_funnel'").fetchall()
    assert [a for (a,) in acts] == ["save", "save", "remove"]
