"""Many series of one kind at once: tenants, trades, tiers. One bound for all of them, so that many series do not flood.

A day is expected to be the median of the last four same weekdays; what happens to all series of the panel on a day
(weather, a holiday, a closed gate) is taken off before one of them is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.anomalies.findings import Finding, Value
from engines.anomalies.reach import SIZES, Reach, smallest
from engines.anomalies.robust import MAD_TO_SD, alarm_bound
from engines.forecast.series import day_number, to_date

Array = NDArray[np.float64]

MEMORY = 90
LEAST_DAYS = 56
LEAST_SERIES = 8
WEEK = 7
BUDGET_DAYS = 15
"""About one alert for single days, and one for weeks, in so many days, over all series of the panel together."""
LEAST_SCORE = 3.5


@dataclass(frozen=True)
class Panel:
    """Scores of each day (rows) and series (columns): `day` and `week` in robust standard deviations, NaN unjudged.

    `values`, `expected` are in the series' own unit, `first` is the day number of the first row, `units` the scales'
    units, `spread` and `week_spread` the standard deviations on the scale of modelling.
    """

    first: int
    values: Array
    expected: Array
    units: Array
    day: Array
    week: Array
    spread: Array
    week_spread: Array
    day_bound: float
    week_bound: float


def grid(today: date, points: tuple[Sequence[Any], Sequence[Any], Sequence[Any]], size: int) -> tuple[int, Array]:
    """Days before today by series, NaN where nothing is known; the first day number and the matrix.

    `points` are days (ISO), places of series and values. A day of no row is missing for a series, not zero: tills are
    closed, broken, or new.
    """
    days, places, values = points
    number = np.array(days, dtype="datetime64[D]").astype(np.int64)
    end = day_number(today)
    keep = number < end
    first = int(number[keep].min()) if keep.any() else end
    table = np.full((end - first, size), np.nan)
    table[number[keep] - first, np.asarray(places)[keep]] = np.asarray(values, dtype=np.float64)[keep]
    return first, table


def score_panel(first: int, values: Array) -> Panel:
    """Scores of a panel of at least eight weeks; series with under eight weeks of days stay unjudged."""
    count = values.shape[1]
    units = np.ones(count)
    for i in range(count):
        known = np.abs(values[np.isfinite(values[:, i]), i])
        units[i] = max(float(np.median(known)) / 10, 1e-9) if known.size else 1.0
    z = np.arcsinh(values / units)
    expected = _usual(z)
    whole = _whole(values)
    error = np.where(whole[:, None], z - expected, np.nan)
    if count >= LEAST_SERIES:
        common = _middle(error)
        expected = expected + common[:, None]
        error = np.where((whole & _ordinary(common))[:, None], z - expected, np.nan)
    week = _week_mean(error)
    spread, week_spread = _spread(error, 0), _spread(week, WEEK)
    day_score, week_score = error / spread, week / week_spread
    rate = 1 / (BUDGET_DAYS * max(count, 1))
    return Panel(
        first, values, np.sinh(expected) * units, units, day_score, week_score, spread, week_spread,
        _bound(day_score, rate), _bound(week_score, rate),
    )  # fmt: skip


def _bound(scores: Array, rate: float) -> float:
    """The score that the panel's own past scores pass at the rate, all series together."""
    return alarm_bound(scores[:-1].ravel(), rate, LEAST_SCORE, 6.0)


def _usual(z: Array) -> Array:
    """The median of the four same weekdays before, of three at least."""
    lags = np.stack([np.vstack([np.full((k, z.shape[1]), np.nan), z[:-k]])[: len(z)] for k in (7, 14, 21, 28)])
    known = np.isfinite(lags).sum(axis=0)
    ordered = np.sort(np.where(np.isfinite(lags), lags, np.inf), axis=0)
    ordered = np.where(np.isfinite(ordered), ordered, 0.0)
    middle = np.where(known == 4, (ordered[1] + ordered[2]) / 2, ordered[1])
    return np.where(known >= 3, middle, np.nan)


def _middle(error: Array) -> Array:
    """The median over the series of each day; zero where under eight are known."""
    made = np.zeros(len(error))
    for row, values in enumerate(error):
        known = values[np.isfinite(values)]
        made[row] = float(np.median(known)) if known.size >= LEAST_SERIES else 0.0
    return made


def _whole(values: Array) -> NDArray[np.bool_]:
    """Days on which at least four fifths of the series that usually report did: others are not over, or not in yet."""
    known = np.isfinite(values).sum(axis=1).astype(np.float64)
    usual = np.array([np.median(known[max(0, row - 28) : row + 1]) for row in range(len(known))])
    return np.asarray(known >= 0.8 * usual, dtype=np.bool_)


def _ordinary(common: Array) -> NDArray[np.bool_]:
    """Days on which all series together did not move by more than six robust standard deviations: on such a day
    (a shut mall, a festival) no one of them can be judged."""
    spread = MAD_TO_SD * float(np.median(np.abs(common - np.median(common)))) if len(common) else 0.0
    return np.asarray(np.abs(common - np.median(common)) <= 6 * max(spread, 0.05), dtype=np.bool_)


def _week_mean(error: Array) -> Array:
    """The mean error of the seven days up to each, where five are known."""
    known = np.isfinite(error)
    padded = np.vstack([np.zeros((WEEK, error.shape[1])), np.where(known, error, 0.0)])
    counted = np.vstack([np.zeros((WEEK, error.shape[1])), known.astype(np.float64)])
    total, number = padded.cumsum(axis=0), counted.cumsum(axis=0)
    sums, counts = total[WEEK:] - total[:-WEEK], number[WEEK:] - number[:-WEEK]
    return np.where(counts >= 5, sums / np.maximum(counts, 1), np.nan)


def _spread(error: Array, apart: int) -> Array:
    """The robust spread about zero of the 90 days that ended `apart` days before each; NaN below four weeks."""
    made = np.full(error.shape, np.nan)
    size = np.abs(error)
    for row in range(LEAST_DAYS // 2, len(error)):
        past = size[max(0, row - apart - MEMORY) : max(row - apart, 0)]
        known = np.isfinite(past).sum(axis=0)
        enough = known >= LEAST_DAYS // 2
        if enough.any():
            ordered = np.sort(np.where(np.isfinite(past), past, np.inf)[:, enough], axis=0)
            middle = ordered[(known[enough] - 1) // 2, np.arange(int(enough.sum()))]
            made[row, enough] = np.maximum(MAD_TO_SD * middle, 1e-6)
    return made


def panel_findings(
    panel: Panel, subjects: Sequence[str], facts: Sequence[dict[str, Value]], recent: int
) -> list[Finding]:
    """What stands out in the last `recent` days: days first, weeks where no day of them did; the strangest first."""
    found: list[Finding] = []
    rows = range(max(0, len(panel.values) - recent), len(panel.values))
    for i, subject in enumerate(subjects):
        days = [r for r in rows if abs(panel.day[r, i]) > panel.day_bound]
        weeks = [r for r in rows if abs(panel.week[r, i]) > panel.week_bound]
        found += [_finding(panel, r, i, (subject, facts[i]), week=False) for r in days]
        if weeks and not any(abs(d - w) < WEEK for d in days for w in weeks):
            best = max(weeks, key=lambda r: abs(panel.week[r, i]))
            found.append(_finding(panel, best, i, (subject, facts[i]), week=True))
    return sorted(found, key=lambda finding: (-abs(finding.score), finding.subject, finding.day))


def _finding(panel: Panel, row: int, i: int, named: tuple[str, dict[str, Value]], *, week: bool) -> Finding:
    score = float((panel.week if week else panel.day)[row, i])
    first = max(0, row - WEEK + 1) if week else row
    seen = panel.values[first : row + 1, i]
    usual = np.where(np.isfinite(seen), panel.expected[first : row + 1, i], np.nan)
    observed, expected = float(np.nanmean(seen)), max(float(np.nanmean(usual)), 0.0)
    day = to_date(panel.first + row).isoformat()
    facts: dict[str, Value] = {
        **named[1], "subject": named[0], "day": day, "observed": observed, "expected": expected,
        "percent": abs(observed / expected - 1) * 100 if expected else 100.0,
        "low": _at(panel, row, i, -1), "high": _at(panel, row, i, 1),
    }  # fmt: skip
    shown = tuple(_row(panel, r, i) for r in range(max(0, row - 13), row + 1))
    side = "above" if score > 0 else "below"
    kind = ("unusual_week", f"week_{side}") if week else ("unusual_day", f"day_{side}")
    return Finding(kind[0], named[0], day, score, kind[1], facts, shown)  # type: ignore[arg-type]


def _at(panel: Panel, row: int, i: int, sign: int) -> float:
    """The value at which the day would be unusual, below or above."""
    middle = np.arcsinh(panel.expected[row, i] / panel.units[i])
    edge = float(np.sinh(middle + sign * panel.day_bound * panel.spread[row, i]) * panel.units[i])
    return max(edge, 0.0) if np.isfinite(edge) else 0.0


def _row(panel: Panel, row: int, i: int) -> dict[str, Value]:
    numbers = {
        "observed": float(panel.values[row, i]), "expected": float(panel.expected[row, i]),
        "low": _at(panel, row, i, -1), "high": _at(panel, row, i, 1),
    }  # fmt: skip
    kept = {name: value if np.isfinite(value) else None for name, value in numbers.items()}
    return {"day": (to_date(panel.first) + timedelta(days=row)).isoformat(), **kept}


def panel_reach(panel: Panel, i: int) -> Reach:
    """What size of shift one series of the panel can show at the panel's bounds, over its last 180 judged days."""
    rows = np.flatnonzero(np.isfinite(panel.day[:, i]))[-180:]
    values = panel.values[rows, i]
    days, weeks = np.zeros((len(SIZES), 2)), np.zeros((len(SIZES), 2))
    judged = rows[np.isfinite(panel.week[rows, i])]
    for column, sign in enumerate((-1, 1)):
        moved = np.arcsinh(panel.values[:, i] * (1 + sign * SIZES[:, None]) / panel.units[i])
        step = moved - np.arcsinh(panel.values[:, i] / panel.units[i])
        if len(rows) >= 20:
            score = panel.day[rows, i] + step[:, rows] / panel.spread[rows, i]
            days[:, column] = (np.abs(score) > panel.day_bound).mean(axis=1)
        if len(judged) >= 20:
            lasting = _week_mean(step.T).T[:, judged]
            score = panel.week[judged, i] + lasting / panel.week_spread[judged, i]
            weeks[:, column] = (np.abs(score) > panel.week_bound).mean(axis=1)
    alerts = (np.abs(panel.day[rows, i]) > panel.day_bound) | (np.abs(panel.week[rows, i]) > panel.week_bound)
    return Reach(
        len(rows), float(np.median(values)) if len(values) else 0.0, float(alerts.mean()) if len(rows) else 0.0,
        smallest(days, 0.5), smallest(days, 0.8), smallest(weeks, 0.5), smallest(weeks, 0.8),
    )  # fmt: skip
