"""Evaluation: baselines on series whose future is known, effects planted into real counts, acts, advice, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.calendar.rules import festivals_between, public_holidays
from engines.calendar.site_days import SiteDays
from engines.driver import run_engine
from engines.evaluation import queries
from engines.evaluation.actions import (
    Plan,
    accept_result,
    add_occasion,
    choose_baseline,
    edit_occasion,
    end_occasion,
    keep_playbook,
)
from engines.evaluation.advisor import Evidence, holdout, outlook, smallest_lift
from engines.evaluation.baselines import RULES, Ground, expected, ground
from engines.evaluation.engine import ENGINE
from engines.evaluation.placebo import ECHO, judge, measure, placebos, quiet_starts
from engines.evaluation.subjects import on_days, trading
from engines.forecast.series import day_number
from models.errors import Known, NotEnoughData
from tests.data import data_file
from tests.engines.hand_mall import HandMall

FIRST = date(2015, 1, 1)
PLAIN = SiteDays({}, {}, frozenset())


def flat(days: int = 500, rows: int = 1, busy: slice | None = None) -> Ground:
    """Weekends twice as busy as weekdays, exactly, growing by nothing."""
    week = np.array([100.0, 100, 100, 100, 150, 200, 200])
    first = day_number(date(2024, 1, 1))  # a Monday
    marked = np.zeros(days, dtype=bool)
    if busy is not None:
        marked[busy] = True
    return ground(first, np.tile(week, days // 7 + 1)[:days] * np.ones((rows, 1)), marked, PLAIN, 110)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_expects_a_week_that_always_repeats(rule: Any) -> None:
    hoped = expected(rule, flat(), 450, 10)
    assert hoped[0] == pytest.approx(flat().values[0, 450:460], rel=0.02)


def test_a_baseline_knows_nothing_of_other_occasions_and_of_what_comes_later() -> None:
    land = flat(busy=slice(440, 447))
    land.values[0, 440:447] *= 5
    later = Ground(land.first, land.values.copy(), land.busy, land.off, land.plan)
    later.values[0, 450:] *= 3
    for rule in ("weeks", "model"):
        plain = expected(rule, land, 450, 7)  # type: ignore[arg-type]
        assert plain[0] == pytest.approx(flat().values[0, 450:457], rel=0.05)
        assert expected(rule, later, 450, 7) == pytest.approx(plain)  # type: ignore[arg-type]


def test_a_rule_without_a_past_expects_nothing() -> None:
    land = flat(60)
    assert np.isnan(expected("year", land, 50, 7)).all()
    assert np.isnan(expected("weeks", land, 2, 7)).all()
    assert np.isnan(expected("model", land, 20, 7)).all()


@settings(max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e9)), min_size=30, max_size=140),
    st.sampled_from(RULES),
    st.integers(1, 20),
)
def test_any_series_is_answered_finitely_or_not_at_all(values: list[float | None], rule: Any, length: int) -> None:
    row = np.array([np.nan if v is None else v for v in values])
    land = ground(16_000, row[None, :], np.zeros(len(row), dtype=bool), PLAIN, 110)
    start = len(row) // 2
    hoped = expected(rule, land, start, length + ECHO)
    quiet, _, _ = placebos(rule, land, quiet_starts(land, start, length, 28), length)
    judged = judge(float(measure(land, start, (0, length), hoped).log[0]), quiet[:, 0])
    for figure in (judged.lift, judged.low, judged.high, judged.p, judged.p_spread):
        assert figure is None or np.isfinite(figure)
    if judged.low is not None and judged.high is not None:
        assert judged.low <= judged.high


def bourke_street() -> tuple[Ground, SiteDays]:
    """Two years of a real street's daily counts."""
    table = pq.read_table(data_file("footfall/melbourne-hourly.parquet"))
    mine = np.array(table["Sensor"].to_pylist()) == "Bourke Street Mall (North)"
    number, count = table["Date"].to_numpy()[mine].astype(int), table["Count"].to_numpy()[mine]
    days: dict[str, float] = {}
    for day, hourly in zip(number.tolist(), count.tolist(), strict=True):
        name = str(np.datetime64(day, "D"))
        days[name] = days.get(name, 0.0) + hourly
    last = date.fromisoformat(max(days))
    calendar = SiteDays(
        public_holidays(FIRST, last, "AU", "VIC"), festivals_between(FIRST, last, "AU", "VIC"), frozenset()
    )
    values = on_days((("", d, v) for d, v in days.items()), ("",), day_number(FIRST), (last - FIRST).days + 1)
    return ground(day_number(FIRST), values, np.zeros(values.shape[1], dtype=bool), calendar, 110), calendar


def test_effects_planted_into_real_counts_are_covered_and_quiet_weeks_mostly_say_nothing() -> None:
    land, _ = bourke_street()
    covered, cried, found, tried = 0, 0, 0, 0
    for start in range(200, land.size - 40, 17):
        if land.off[start : start + 7].any():
            continue
        tried += 1
        for lift in (0.0, 0.4):
            values = land.values.copy()
            values[0, start : start + 7] *= 1 + lift
            busy = land.busy.copy()
            busy[start : start + 7] = True
            mine = Ground(land.first, values, busy, land.off, land.plan)
            hoped = expected("weeks", mine, start, 7 + ECHO)
            quiet, _, _ = placebos("weeks", mine, quiet_starts(mine, start, 7, 28), 7)
            got = judge(float(measure(mine, start, (0, 7), hoped).log[0]), quiet[:, 0])
            assert got.low is not None and got.high is not None
            covered += got.low <= lift <= got.high
            cried += lift == 0 and not got.low <= 0 <= got.high
            found += lift > 0 and got.low > 0
    assert tried >= 15
    assert covered / (2 * tried) >= 0.8
    assert cried / tried <= 0.2
    assert found / tried >= 0.7


def test_sales_of_a_tenant_are_zero_while_it_trades_and_unknown_before_and_after() -> None:
    plain = np.array([[np.nan, 5.0, np.nan, 7.0, np.nan]])
    sold = trading(plain, np.array([True, True, True, True, True]))
    assert np.isnan(sold[0, [0, 4]]).all() and sold[0, 1:4].tolist() == [5.0, 0.0, 7.0]
    assert np.isnan(trading(plain, np.array([True, True, False, True, True]))[0, 2])


# ---- a mall by hand


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def trade(mall: HandMall, days: int = 120, last: date = date(2026, 9, 14)) -> None:
    """Two tenants sell about the same every day; the cafe triples in the week of the fair, from day -25 to -19."""
    rng = np.random.default_rng(2)
    for tenant in ("cafe", "shoes"):
        mall.let(tenant, f"U-{tenant}", "2020-01-01", "2030-01-01")
    for back in range(days, 0, -1):
        day = (last - timedelta(days=back)).isoformat()
        for tenant in ("cafe", "shoes"):
            factor = 3.0 if tenant == "cafe" and 19 <= back <= 25 else 1.0
            mall.sale(day, round(100_000 * factor * (1 + 0.04 * rng.standard_normal())), tenant=tenant)


FAIR = Plan("Moon fair", "fair", "2026-08-20", "2026-08-26", cost_minor=50_000)


def test_an_event_from_the_form_to_the_playbook(mall: HandMall) -> None:
    trade(mall, days=180)
    code = add_occasion(mall.store, "ann", FAIR)
    assert code == "moon_fair"
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-09-14", 600))
    row = queries.subject(mall.store, code)
    assert row.effect is not None and row.effect.measure == "sales" and row.baseline == row.assigned == "weeks"
    assert row.effect.verdict == "up" and row.effect.lift == pytest.approx(1.0, abs=0.1)
    found = queries.detail(mall.store, row, measure="sales")
    sure = {(e.scope_code, e.verdict) for e in found.places if e.scope == "tenant"}
    assert sure == {("cafe", "up"), ("shoes", "unclear")}
    assert {d.phase for d in found.days} == {"before", "during", "after"}
    assert len(found.quiet) >= 15 and max(abs(q) for q in found.quiet) < 0.2
    after = next(e for e in found.effects if (e.baseline, e.measure, e.phase) == ("weeks", "sales", "after"))
    assert after.verdict != "up" and found.cost is None

    choose_baseline(mall.store, "ann", ("occasion", code), "model", "a new anchor opened in July")
    again = queries.subject(mall.store, code)
    assert (again.baseline, again.assigned) == ("model", "weeks")
    assert queries.detail(mall.store, again).choices[0][:3] == ("model", "a new anchor opened in July", "ann")
    with pytest.raises(Known, match="accepted result"):
        keep_playbook(mall.store, "ann", ("occasion", code), "Moon fair")
    accept_result(mall.store, "ann", ("occasion", code), "model", "sales")
    keep_playbook(mall.store, "ann", ("occasion", code), "Moon fair", "with lanterns")
    kept = queries.playbooks(mall.store)[0]
    assert (kept.name, kept.days, kept.measure) == ("Moon fair", 7, "sales") and kept.low > 0
    with mall.store.read() as connection:
        acts = [a for (a,) in connection.exec_driver_sql("SELECT action FROM audit_entry ORDER BY seq")]
    assert acts[-4:] == ["add", "choose baseline", "accept", "keep"]


def test_an_edit_keeps_the_first_baseline_and_an_end_shortens(mall: HandMall) -> None:
    code = add_occasion(mall.store, "ann", FAIR)
    edit_occasion(mall.store, "bob", code, Plan("Moon market", "fair", "2026-08-20", "2026-08-28", baseline="year"))
    row = queries.subject(mall.store, code)
    assert (row.name, row.to_day, row.assigned) == ("Moon market", "2026-08-28", "weeks")
    end_occasion(mall.store, "bob", code, "2026-08-22")
    assert queries.subject(mall.store, code).to_day == "2026-08-22"
    with pytest.raises(Known, match="before it began"):
        end_occasion(mall.store, "bob", code, "2026-08-19")


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(" ", "fair", "2026-08-20", "2026-08-26"), "needs a name"),
        (Plan("x", "fair", "2026-08-26", "2026-08-20"), "before the first"),
        (Plan("x", "fair", "2026-02-30", "2026-03-01"), "is no day"),
        (Plan("x", "fair", "2026-01-01", "2026-12-01"), "at most 92"),
        (Plan("x", "fair", "2026-08-20", "2026-08-26", cost_minor=-1), "negative"),
        (Plan("x", "fair", "2026-08-20", "2026-08-26", scope="tenant", scope_code="nobody"), "no tenant 'nobody'"),
        (Plan("x", "fair", "2026-08-20", "2026-08-26", baseline="luck"), "baseline is weeks"),
    ],
)
def test_what_cannot_be_an_event_is_refused_in_words(mall: HandMall, plan: Plan, words: str) -> None:
    with pytest.raises(Known, match=words):
        add_occasion(mall.store, "ann", plan)
    assert queries.subjects(mall.store) == []


def test_codes_never_clash(mall: HandMall) -> None:
    assert [add_occasion(mall.store, "ann", FAIR) for _ in range(3)] == ["moon_fair", "moon_fair_2", "moon_fair_3"]
    assert add_occasion(mall.store, "ann", Plan("月饼节", "fair", "2026-08-20", "2026-08-26")) == "occasion"
    with pytest.raises(Known, match="already"):
        add_occasion(mall.store, "ann", FAIR, code="moon_fair")


def test_what_runs_is_not_accepted_and_what_is_not_known_is_refused(mall: HandMall) -> None:
    trade(mall)
    code = add_occasion(mall.store, "ann", Plan("Now", "fair", "2026-09-11", "2026-09-20"))
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-09-14", 600))
    row = queries.subject(mall.store, code)
    assert row.effect is not None and row.effect.state == "running" and row.effect.days == 3
    with pytest.raises(Known, match="still running"):
        accept_result(mall.store, "ann", ("occasion", code), "weeks", "sales")
    with pytest.raises(Known, match="no measured effect"):
        accept_result(mall.store, "ann", ("occasion", code), "year", "sales")
    with pytest.raises(Known, match="needs a reason"):
        choose_baseline(mall.store, "ann", ("occasion", code), "year", " ")
    with pytest.raises(Known, match="no campaign"):
        choose_baseline(mall.store, "ann", ("campaign", code), "year", "because")
    with pytest.raises(Known, match="no occasion or campaign"):
        queries.subject(mall.store, "nothing")


def test_too_little_is_refused_or_said(mall: HandMall) -> None:
    with pytest.raises(NotEnoughData, match="No occasion or campaign"):
        run_engine(mall.store, ENGINE, at_ms=mall.at("2026-09-14"))
    add_occasion(mall.store, "ann", FAIR)
    with pytest.raises(NotEnoughData, match="28 days"):
        run_engine(mall.store, ENGINE, at_ms=mall.at("2026-09-14"))
    trade(mall, days=40)
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-09-14", 600))
    row = queries.subject(mall.store, "moon_fair")
    assert row.effect is not None and row.effect.verdict == "short" and row.effect.state == "short"


# ---- advice


def test_campaigns_are_put_together_with_how_much_they_differ() -> None:
    alike = [Evidence(10.0, 6.0, 14.0, 1000, 100)] * 4
    apart = [Evidence(d, d - 4, d + 4, 1000, 100) for d in (-20.0, 0.0, 20.0, 40.0)]
    near, far = outlook(alike), outlook(apart)
    assert near is not None and far is not None
    assert near.difference == pytest.approx(10.0) and near.verdict == "promising" and near.sent == 4000
    assert far.difference == pytest.approx(10.0) and far.verdict == "unclear"
    assert far.high - far.low > 5 * (near.high - near.low)
    assert near.for_audience(100)[1] == pytest.approx(1000.0)
    assert outlook([]) is None and outlook([Evidence(1.0, 1.0, 1.0, 10, 10)]) is None


def test_the_holdout_is_the_smallest_that_shows_the_lift() -> None:
    few, many = holdout(2_000, 0.2, 0.05), holdout(100_000, 0.2, 0.05)
    assert many.share == 0.05 and many.power > 0.99
    assert few.share is None or few.share > 0.05
    assert holdout(50, 0.2, 0.01).share is None
    least = smallest_lift(10_000, 0.1, 0.2)
    assert least is not None and 0.03 < least < 0.05
    assert smallest_lift(10, 0.1, 0.2) is None
