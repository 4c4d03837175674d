"""The rest of today follows what the morning has shown."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from engines.forecast.today import rest_of_today
from engines.forecast.watched import gate_hours, mall_hours

NOW = date(2025, 6, 2)
PROFILE = np.array([0] * 10 + [60, 100, 140, 150, 130, 120, 130, 160, 180, 150, 90, 40] + [0, 0], dtype=float)


def _history(size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    days = np.array([NOW - timedelta(days=size - i) for i in range(size)], dtype="datetime64[D]")
    level = np.exp(0.25 * rng.standard_normal((size, 1)))  # the whole day is busy or quiet together
    return days, rng.poisson(PROFILE * level).astype(float)


def _morning(factor: float) -> np.ndarray:
    return np.where(np.arange(24) < 14, PROFILE * factor, np.nan)


def test_a_busy_morning_raises_the_afternoon_and_the_total() -> None:
    days, counts = _history()
    usual, busy = (rest_of_today(NOW, _morning(f), days, counts, {}) for f in (1.0, 1.5))
    assert usual.hours == tuple(range(14, 24))
    assert busy.weight > 0.5
    assert 1.2 < busy.p50.sum() / usual.p50.sum() < 1.6
    assert busy.total_p10 <= busy.total_p50 <= busy.total_p90
    assert busy.total_p50 == pytest.approx(busy.so_far + busy.p50.sum())
    assert (busy.p10 <= busy.p50).all() and (busy.p50 <= busy.p90).all()


def test_hours_of_a_shut_mall_are_zero() -> None:
    made = rest_of_today(NOW, _morning(1.0), *_history(), {})
    assert made.p90[made.hours.index(23)] == 0


def test_before_opening_nothing_is_corrected() -> None:
    made = rest_of_today(NOW, np.full(24, np.nan), *_history(), {})
    assert made.weight == 0 and made.so_far == 0
    assert made.total_p50 == pytest.approx(PROFILE.sum(), rel=0.3)


def test_a_gap_in_the_morning_is_forecast_and_not_taken_for_zero() -> None:
    so_far = _morning(1.0)
    so_far[11] = np.nan
    made = rest_of_today(NOW, so_far, *_history(), {})
    assert 11 in made.hours
    assert made.total_p50 == pytest.approx(PROFILE.sum(), rel=0.15)


def test_the_total_is_covered_as_promised() -> None:
    days, counts = _history(300)
    inside = []
    for row in range(200, 300, 2):
        so_far = np.where(np.arange(24) < 14, counts[row], np.nan)
        made = rest_of_today(NOW - timedelta(days=300 - row), so_far, days, counts, {})
        inside.append(made.total_p10 <= counts[row].sum() <= made.total_p90)
    assert 0.66 <= np.mean(inside) <= 0.94  # 50 draws of 80 %


def test_an_unwatched_gate_makes_the_hour_missing_only_where_it_matters() -> None:
    size = 40
    rows = [(g, d, h) for g in ("A", "B", "C") for d in range(size) for h in range(9, 22)]
    people = {"A": 100, "B": 100, "C": 2}
    lost = {("B", size - 1, 12), ("C", size - 2, 12)}
    kept = [r for r in rows if r not in lost]
    day = np.array([r[1] for r in kept]) + np.datetime64("2025-01-01")
    grid = gate_hours(
        [r[0] for r in kept], day, [r[2] for r in kept], [people[r[0]] for r in kept], [3600 for _ in kept]
    )
    table = mall_hours(grid)
    assert np.isnan(table[-1, 12])
    assert table[-1, 11] == 202
    assert table[-2, 12] == 200  # a side door's hour is under a tenth of the mall
    assert table[0, 3] == 0
