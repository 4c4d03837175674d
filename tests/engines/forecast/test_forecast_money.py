"""Weeks and months ahead: back-tested, refused with what is missing, finite on whatever comes."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.calendar.site_days import SiteDays
from engines.contract import Moment
from engines.finance.ahead import let_again, rent_days, rent_path
from engines.finance.leases import Terms
from engines.finance.turnover import SalesGrid, sales_grid
from engines.forecast.blocks import ahead, past_steps, steps_ahead
from engines.forecast.money import COURSE, ENGINE, FORECAST, MONEY_DAYS, POINT, _shut_days, run
from engines.forecast.paths import BASELINE, sales_paths, whole_days
from engines.forecast.series import day_number, on_grid, to_date
from engines.rfm.rules import SEGMENTS
from models.errors import NotEnoughData

TODAY = date(2026, 3, 14)
MONDAY = date(2026, 3, 9)
MOMENT = Moment(1_773_450_000_000, TODAY.isoformat(), 600, "Asia/Shanghai", "CN", None, "CNY")
NO_DAYS = SiteDays({}, {}, frozenset())


def frames(rows):
    taken = {r.name: r.empty() for r in ENGINE.takes}
    names = MONEY_DAYS.names()
    columns = {n: [row[i] for row in rows] for i, n in enumerate(names)}
    return taken | {"money_days": pa.table(columns, schema=MONEY_DAYS.schema())}


def days_back(count, amount):
    return [("mall", "", (TODAY - timedelta(days=n)).isoformat(), amount(n)) for n in range(1, count + 1)]


def answer(rows):
    given_ = run(MOMENT, **frames(rows))
    return [given_[r.name].to_pylist() for r in (FORECAST, POINT, COURSE)]


def test_a_steady_week_is_continued_and_its_band_covers():
    wave = np.random.default_rng(3).normal(0, 40, 400)
    heads, points, course = answer(days_back(400, lambda n: int(1000 + 400 * ((n - 1) % 7 == 0) + wave[n - 1])))
    weeks = [p for p in points if p["grain"] == "week"]
    assert len(weeks) == 13 and weeks[0]["first_day"] == "2026-03-09" and weeks[-1]["last_day"] == "2026-06-07"
    assert all(abs(p["p50"] - 7400) < 250 and p["p10"] < p["p50"] < p["p90"] for p in weeks)
    months = [p for p in points if p["grain"] == "month"]
    assert [p["first_day"] for p in months[:2]] == ["2026-04-01", "2026-05-01"] and len(months) == 12
    head = next(h for h in heads if h["grain"] == "week")
    assert head["origins"] == 26 and 0.6 <= head["coverage"] <= 1 and head["wape"] <= head["baseline_wape"] + 1e-9
    assert {c["grain"] for c in course} == {"week", "month"}


def test_what_no_past_forecast_reached_says_so_and_is_wider():
    _, points, _ = answer(days_back(250, lambda n: 1000 + 13 * (n % 11)))
    months = [p for p in points if p["grain"] == "month"]
    assert not months[-1]["checked"] and months[0]["checked"]
    wide = [p["p90"] / p["p50"] for p in months if not p["checked"]]
    assert len(wide) > 2 and wide == sorted(wide)


def test_too_short_a_history_is_refused_with_what_is_missing():
    heads, points, _ = answer(days_back(100, lambda n: 500 + n))
    said = {h["grain"]: (h["refused"], h["refused_zh"]) for h in heads}
    assert said["week"] == ("", "") and {p["grain"] for p in points} == {"week"}
    assert "needs 26 weeks of history; there are 13: 13 more" in said["month"][0] and "还需 13 周" in said["month"][1]


def test_nothing_at_all_is_refused():
    with pytest.raises(NotEnoughData, match="no sales and no leases"):
        answer([])


def test_sales_of_long_ago_are_not_called_none():
    old = [(*row[:2], (date.fromisoformat(row[2]) - timedelta(days=366 * 5)).isoformat(), *row[3:])
           for row in days_back(300, lambda n: 900)]  # fmt: skip
    with pytest.raises(NotEnoughData, match=r"newest sale is of 20\d\d-\d\d-\d\d") as told:
        answer(old)
    assert max(row[2] for row in old) in told.value.missing_zh


def test_old_sales_are_refused():
    heads, _, _ = answer(days_back(300, lambda n: 900)[40:])
    assert all("days old" in h["refused"] for h in heads)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 330), st.integers(1, 2**32), st.sampled_from((-1, 0, 1, 10**9)), st.booleans())
def test_whatever_comes_the_answer_is_finite(size, seed, scale, sparse):
    rng = np.random.default_rng(seed)
    values = rng.integers(-3, 9, size + 1) * scale
    rows = [row for row in days_back(size, lambda n: int(values[n])) if not sparse or rng.random() < 0.1]
    if not rows or all(row[2] >= MONDAY.isoformat() for row in rows):
        with pytest.raises(NotEnoughData):
            answer(rows)
        return
    heads, points, course = answer(rows)
    assert len(heads) == 2
    for p in points:
        assert np.isfinite([p["p10"], p["p50"], p["p90"]]).all() and p["p10"] <= p["p50"] <= p["p90"]
    assert all(np.isfinite(c["value"]) for c in course)


def test_future_rows_change_nothing():
    rows = days_back(200, lambda n: 800 + n % 9)
    later = [("mall", "", (MONDAY + timedelta(days=n)).isoformat(), 10**9) for n in range(5, 60)]
    assert answer(rows) == answer([r for r in rows if r[2] < MONDAY.isoformat()] + later)


def test_steps_are_whole_weeks_and_calendar_months():
    number = day_number(date(2024, 1, 29))
    assert steps_ahead(number, "week")[:2] == [(0, 7), (7, 14)]
    firsts = [to_date(number + a) for a, _ in steps_ahead(number, "month")]
    assert firsts[:2] == [date(2024, 2, 1), date(2024, 3, 1)] and firsts[-1] == date(2025, 1, 1)
    assert to_date(number + steps_ahead(number, "month")[-1][1]) == date(2025, 2, 1)
    assert past_steps(day_number(date(2024, 1, 15)), 77, "month") == [(17, 46), (46, 77)]
    assert past_steps(0, 16, "week") == [(2, 9), (9, 16)]


def test_the_rule_is_kept_where_nothing_beats_it():
    series = on_grid(
        MONDAY, [MONDAY - timedelta(days=n) for n in range(1, 201)], [100.0 + n % 7 for n in range(1, 201)]
    )
    made = ahead(series.first, whole_days(series), sales_paths(series, NO_DAYS), "week", baseline=BASELINE)
    assert made.method == BASELINE and np.allclose(made.p50, 721)


def test_the_query_names_segments_as_the_rules_do():
    text = MONEY_DAYS.sql.read_text(encoding="utf-8")
    case = text[text.index("CASE\n            WHEN r = 1") : text.index("END AS segment")] + "END"
    grid = duckdb.sql(f"SELECT r, f, {case} FROM range(1, 6) a(r), range(1, 6) b(f)").fetchall()
    assert {(r, f): s for r, f, s in grid} == {(r, f): SEGMENTS[r - 1][f - 1] for r in range(1, 6) for f in range(1, 6)}


def lease(code, first, last, base=3100, unit="A", **more):
    return Terms(code, unit, "X", date.fromisoformat(first), date.fromisoformat(last), base, **more)


def test_signed_rent_is_certain_and_ending_rent_counts_by_chance():
    terms = [lease("L1", "2024-01-01", "2026-04-15"), lease("L2", "2024-01-01", "2028-01-01", unit="B")]
    first = date(2025, 1, 1)
    path = rent_path(terms, SalesGrid(first, 0, {}), first, None, date(2026, 4, 1))
    daily = path((date(2026, 4, 1) - first).days, 60)
    assert let_again(terms, date(2026, 4, 1)) == 0.5
    assert daily[0] == pytest.approx(2 * 3100 / 30) and daily[20] == pytest.approx(1.5 * 3100 / 30)
    assert daily[31] == pytest.approx(1.5 * 3100 / 31)


def test_a_back_test_of_rent_does_not_know_leases_that_had_not_begun():
    terms = [lease("L1", "2025-01-01", "2025-06-30"), lease("L2", "2025-07-01", "2027-01-01", base=9999)]
    first, today = date(2025, 1, 1), date(2025, 12, 1)
    path = rent_path(terms, SalesGrid(first, 0, {}), first, None, today)
    assert path(150, 120)[60] == pytest.approx(0.5 * 3100 / 31)
    assert path((today - first).days, 40)[0] == pytest.approx(9999 / 31)
    signed = [*terms, lease("L3", "2026-01-01", "2027-01-01", unit="B", base=3100)]
    assert rent_path(signed, SalesGrid(first, 0, {}), first, None, today)(334, 40)[31] == pytest.approx(
        (9999 + 3100) / 31
    )


def test_turnover_rent_ahead_follows_the_leases_rule():
    terms = [lease("L1", "2026-01-01", "2028-12-31", base=0, pct=0.1, limit=36500)]
    first = date(2026, 1, 1)
    grid = sales_grid([((first + timedelta(days=n)).isoformat(), "X", 200) for n in range(100)], date(2026, 4, 11))
    past = rent_days(terms, grid, first, 100)
    assert past.turnover.sum() == 0

    def flat(_size, horizon):
        return np.full(horizon, 200.0)

    daily = rent_path(terms, grid, first, flat, date(2026, 4, 11))(100, 265)
    # 200 a day for 365 days is 73,000: a tenth of the upper half, from the day on which the half is passed
    assert daily.sum() == pytest.approx(3650) and daily[:82].sum() == 0


def test_a_weekday_that_never_sold_is_shut_and_not_unknown() -> None:
    traded = [(date(2026, 1, 5) + timedelta(days=n)).isoformat() for n in range(42)]
    without = [day for day in traded if date.fromisoformat(day).weekday() != 5]
    shut = _shut_days(without, date(2026, 2, 16))
    assert shut == set(traded) - set(without)
    assert _shut_days(without[:10], date(2026, 1, 19)) == set()
    assert _shut_days(traded, date(2026, 2, 16)) == set()
