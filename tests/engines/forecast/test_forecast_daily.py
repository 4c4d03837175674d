"""The forecast on series whose truth is known: scale, order, gaps, closures, short histories and refusals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.forecast.baselines import median_of_weekdays, seasonal_naive
from engines.forecast.conformal import quantile_pair
from engines.forecast.daily import DailyForecast, daily
from engines.forecast.metrics import coverage, mase, naive_scale, wape
from engines.forecast.sentences import SENTENCES, facts, render
from models.errors import NotEnoughData

NOW = date(2025, 6, 2)


def _series(size: int, seed: int = 1, noise: float = 0.1, base: float = 5000.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    days = np.array([NOW - timedelta(days=size - i) for i in range(size)], dtype="datetime64[D]")
    weekday = (days.astype(int) + 3) % 7
    z = 0.4 * (weekday == 5) + 0.3 * (weekday == 6) + noise * rng.standard_normal(size)
    return days, np.round(base * np.exp(z))


def _same(a: DailyForecast, b: DailyForecast, factor: float = 1.0) -> None:
    assert a.method == b.method
    np.testing.assert_allclose(a.p50 * factor, b.p50, rtol=1e-6)
    np.testing.assert_allclose(a.p10 * factor, b.p10, rtol=1e-6)
    np.testing.assert_allclose(a.p90 * factor, b.p90, rtol=1e-6)


def test_a_regular_mall_gets_its_weekend_and_an_ordered_band() -> None:
    made = daily(NOW, *_series(400), {})
    assert made.method == "calendar_ridge"
    assert made.reason == "model_beats_baselines"
    assert made.days == tuple(NOW + timedelta(days=i) for i in range(14))
    assert (made.p10 <= made.p50).all() and (made.p50 <= made.p90).all()
    assert made.p50[5] == pytest.approx(5000 * np.exp(0.4), rel=0.1)  # Saturday
    assert made.of("calendar_ridge").mase < made.of("seasonal_naive").mase


def test_a_holiday_is_learnt_from_last_year_and_its_coming_is_used() -> None:
    days, values = _series(500)
    feast, last = NOW + timedelta(days=3), NOW - timedelta(days=361)
    values[days == np.datetime64(last)] *= 2
    made = daily(NOW, days, values, {last: "Feast", feast: "Feast"})
    plain = daily(NOW, days, values, {})
    assert made.p50[3] > 1.3 * plain.p50[3]


def test_the_level_follows_a_shift_within_weeks() -> None:
    days, values = _series(400)
    values[-28:] *= 1.5
    assert daily(NOW, days, values, {}).p50[:5].mean() == pytest.approx(7500, rel=0.12)


@given(st.floats(0.01, 1000))
@settings(max_examples=10, deadline=None)
def test_other_units_give_the_same_forecast(factor: float) -> None:
    days, values = _series(150)
    _same(daily(NOW, days, values, {}), daily(NOW, days, values * factor, {}), factor)


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_row_order_does_not_matter_and_inputs_stay(random: object) -> None:
    days, values = _series(120)
    order = np.array(random.sample(range(120), 120))  # type: ignore[attr-defined]
    kept = values.copy()
    _same(daily(NOW, days, values, {}), daily(NOW, days[order], values[order], {}))
    assert (values == kept).all()


def test_later_rows_change_nothing() -> None:
    days, values = _series(200)
    early = NOW - timedelta(days=40)
    before = days < np.datetime64(early)
    _same(daily(early, days[before], values[before], {}), daily(early, days, values, {}))


def test_missing_days_are_missing_and_not_zero() -> None:
    days, values = _series(300)
    keep = np.random.default_rng(3).random(300) > 0.2
    made = daily(NOW, days[keep], values[keep], {})
    assert made.p50.min() > 4000


def test_a_weekday_that_is_always_shut_is_forecast_shut() -> None:
    days, values = _series(200)
    sunday = (days.astype(int) + 3) % 7 == 6
    values[sunday] = 0
    made = daily(NOW, days, values, {})
    assert [p for d, p in zip(made.days, made.p90, strict=True) if d.weekday() == 6] == [0.0, 0.0]
    assert min(p for d, p in zip(made.days, made.p50, strict=True) if d.weekday() != 6) > 4000


def test_a_weekday_never_seen_is_left_out() -> None:
    days, values = _series(200)
    seen = (days.astype(int) + 3) % 7 != 5
    made = daily(NOW, days[seen], values[seen], {})
    assert {d.weekday() for d in made.unknown} == {5}
    assert len(made.days) + len(made.unknown) == 14


def test_a_single_outage_and_a_named_closure_do_not_pull_the_level_down() -> None:
    days, values = _series(200)
    values[-5] = 0
    shut = NOW + timedelta(days=2)
    made = daily(NOW, days, values, {}, closed=[shut])
    assert made.p50[2] == made.p90[2] == 0
    assert np.delete(made.p50, 2).min() > 4000


def test_rare_visitors_keep_their_zeros() -> None:
    days, _ = _series(300)
    counts = np.random.default_rng(4).poisson(0.8, 300)
    made = daily(NOW, days, counts, {})
    assert (made.p10 >= 0).all()
    assert 0.1 < made.p50.mean() < 1.5


def test_days_of_returns_may_be_negative() -> None:
    days, values = _series(200)
    values[30:33] = -500
    assert np.isfinite(daily(NOW, days, values, {}).p50).all()


def test_refusals_and_short_histories() -> None:
    with pytest.raises(NotEnoughData, match="4 weeks"):
        daily(NOW, *_series(27), {})
    with pytest.raises(NotEnoughData, match="4 weeks"):
        daily(NOW, [], [], {})
    short = daily(NOW, *_series(50), {})
    assert short.reason == "history_short"
    assert short.method in ("seasonal_naive", "median_of_weekdays")
    days, values = _series(300)
    with pytest.raises(NotEnoughData, match="days old"):
        daily(NOW, days[:250], values[:250], {})
    with pytest.raises(ValueError, match="twice"):
        daily(NOW, np.append(days, days[-1]), np.append(values, 1), {})


def test_the_baseline_is_kept_where_the_model_does_not_beat_it() -> None:
    days, _ = _series(200)
    weekday = (days.astype(int) + 3) % 7
    made = daily(NOW, days, 1000 + 100.0 * weekday, {})  # last week is exactly right
    assert made.method != "calendar_ridge"
    assert made.reason == "baseline_kept"
    np.testing.assert_allclose(made.p50, 1000 + 100.0 * np.array([d.weekday() for d in made.days]))
    assert "–" in render(made.reason, facts(made), "en")  # a series that repeats exactly has no MASE


def test_the_interval_covers_what_it_says_on_noise() -> None:
    days, values = _series(700, noise=0.15)
    inside = []
    for back in range(14, 350, 14):
        start = NOW - timedelta(days=back)
        made = daily(start, days, values, {})
        actual = values[len(values) - back : len(values) - back + 14]
        inside.append(((actual >= made.p10) & (actual <= made.p90)).mean())
    assert 0.75 <= np.mean(inside) <= 0.85


def test_sentences_are_filled_from_the_back_test() -> None:
    made = daily(NOW, *_series(400), {})
    text = render(made.reason, facts(made), "en")
    assert f"{made.of('calendar_ridge').mase:.2f}" in text
    for reason in SENTENCES:
        assert render(reason, facts(made), "zh") != render(reason, facts(made), "en")


def test_metrics_against_hand_work() -> None:
    actual, forecast = np.array([10.0, 20.0, np.nan]), np.array([12.0, 16.0, 5.0])
    assert wape(actual, forecast) == pytest.approx(6 / 30)
    assert mase(actual, forecast, 2.0) == pytest.approx(1.5)
    assert naive_scale(np.arange(14.0)) == 7
    assert coverage(actual, np.array([9.0, 21.0, 0.0]), np.array([11.0, 22.0, 9.0])) == 0.5
    assert quantile_pair(np.arange(1.0, 20.0)) == (2.0, 18.0)  # rank ceil(20 x 0.9) = 18 of 19, and its mirror


def test_baselines_by_hand() -> None:
    values = np.arange(28.0)
    values[21] = np.nan
    assert seasonal_naive(values, 9).tolist() == [14, 22, 23, 24, 25, 26, 27, 14, 22]
    assert median_of_weekdays(values, 2).tolist() == [7, 11.5]
