"""Runs of hours: unlike the same hours of the same weekday, silent, or missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.anomalies.findings import Finding, Kind, Value
from engines.anomalies.robust import MAD_TO_SD
from engines.forecast.series import day_number, to_date
from models.errors import NotEnoughData

Array = NDArray[np.float64]

HOURS = 24
WEEKS = 8
LEAST_WEEKS = 4
BOUND = 3.5
PERSISTENCE = 3
LEAST_COUNT = 20.0
SILENCE = 30.0


def unusual_hours(
    now_day: date,
    days: ArrayLike,
    counts: ArrayLike,
    subject: str,
    holidays: Mapping[date, str],
    *,
    recent: int = 7,
    closed: Collection[date] = (),
) -> list[Finding]:
    """Findings in the last `recent` whole days of hourly counts (days x 24 local hours, NaN missing).

    A run of three hours or more is unusual when each differs from the same weekday's hours of eight weeks, after
    the day as a whole is set aside, by over 3.5 robust standard deviations (at least the Poisson spread) the
    same way. A run is silent, or missing, when zero, or no count, stands where 30 people or more are usual.
    Hours that usually count under 20 are not judged for strangeness, nor are holidays and the days beside them; on
    those a counter is silent only where it counted in other hours. Closed days are not judged at all.
    Raises NotEnoughData below four weeks.
    """
    table = _grid(now_day, days, counts)
    if len(table) < 7 * LEAST_WEEKS:
        raise NotEnoughData(
            f"Judging hours needs 4 weeks of hourly counts; there are {len(table)} days.",
            "Import older counts or wait.",
            missing_zh=f"判断各小时需要 4 周的小时客流，目前有 {len(table)} 天。请导入更早的客流数据，或等待。",
        )
    quiet = {day_number(d) + k for d in holidays for k in (-1, 0, 1)}
    shut = {day_number(d) for d in closed}
    first = day_number(now_day) - len(table)
    found: list[Finding] = []
    for row in range(max(7 * LEAST_WEEKS, len(table) - recent), len(table)):
        if first + row in shut:
            continue
        usual, past = _usual(table, row)
        day, is_quiet = to_date(first + row), first + row in quiet
        if not is_quiet or (table[row] > 0).any():
            found += _silent(past, usual, table[row], day, subject)
        if not is_quiet:
            found += _strange(past, usual, table[row], day, subject)
    return found


def _grid(now_day: date, days: ArrayLike, counts: ArrayLike) -> Array:
    number = np.asarray(days, dtype="datetime64[D]").astype(np.int64)
    value = np.asarray(counts, dtype=np.float64)
    if value.shape != (len(number), HOURS):
        raise ValueError("counts needs one row of 24 hours a day")
    end = day_number(now_day)
    keep = number < end
    if not keep.any():
        return np.empty((0, HOURS))
    first = int(number[keep].min())
    table = np.full((end - first, HOURS), np.nan)
    table[number[keep] - first] = value[keep]
    return table


def _usual(table: Array, row: int) -> tuple[Array, Array]:
    """Median of each hour over the same weekdays of eight weeks, NaN where too few are known; and those days."""
    past = table[[r for r in range(row - 7 * WEEKS, row, 7) if r >= 0]]
    known = np.isfinite(past).sum(axis=0) >= LEAST_WEEKS - 1
    usual = [np.median(c[np.isfinite(c)]) if ok else np.nan for c, ok in zip(past.T, known, strict=True)]
    return np.array(usual, dtype=np.float64), past


def _silent(past: Array, usual: Array, observed: Array, day: date, subject: str) -> list[Finding]:
    found = []
    for state, mask in (("missing", np.isnan(observed)), ("zero", observed == 0)):
        for start, end in _runs(np.asarray(mask & (usual > 0))):
            expected = float(usual[start:end].sum())
            if expected >= SILENCE:
                rows = _rows(past, usual, observed, start, end)
                found.append(_finding(f"hours_{state}", subject, day, expected, rows))
    return found


def _strange(past: Array, usual: Array, observed: Array, day: date, subject: str) -> list[Finding]:
    found = []
    score = _scores(past, usual, observed)
    for sign, sentence in ((1, "hours_above"), (-1, "hours_below")):
        for start, end in _runs(np.asarray(sign * score > BOUND)):
            if end - start >= PERSISTENCE:
                size = float(np.mean(score[start:end]))
                rows = _rows(past, usual, observed, start, end)
                found.append(_finding(sentence, subject, day, size, rows))
    return found


def _scores(past: Array, usual: Array, observed: Array) -> Array:
    """Robust scores of the day's hours on the square-root scale, the day's own median score taken off; NaN unjudged.

    The spread pools the hour and its neighbours; a Poisson count has spread 1 on this scale (Anscombe 1948).
    """
    root, middle = 2 * np.sqrt(np.maximum(past, 0) + 0.375), 2 * np.sqrt(np.maximum(usual, 0) + 0.375)
    off = np.abs(root - middle)
    score = np.full(HOURS, np.nan)
    for hour in range(HOURS):
        near = off[:, max(0, hour - 1) : hour + 2]
        near = near[np.isfinite(near)]
        if near.size >= LEAST_WEEKS and usual[hour] >= LEAST_COUNT and observed[hour] > 0:
            spread = max(1.0, MAD_TO_SD * float(np.median(near)))
            score[hour] = (2 * np.sqrt(observed[hour] + 0.375) - middle[hour]) / spread
    judged = np.isfinite(score)
    return score - float(np.median(score[judged])) if judged.sum() >= 2 * PERSISTENCE else np.full(HOURS, np.nan)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _rows(past: Array, usual: Array, observed: Array, start: int, end: int) -> tuple[Mapping[str, Value], ...]:
    rows = []
    for hour in range(start, end):
        seen = past[:, hour][np.isfinite(past[:, hour])]
        rows.append(
            {
                "hour": hour,
                "observed": None if np.isnan(observed[hour]) else float(observed[hour]),
                "expected": float(usual[hour]),
                "low": float(seen.min()),
                "high": float(seen.max()),
            }
        )
    return tuple(rows)


def _finding(sentence: str, subject: str, day: date, score: float, rows: tuple[Mapping[str, Value], ...]) -> Finding:
    facts: dict[str, Value] = {
        "subject": subject,
        "day": day.isoformat(),
        "from_hour": rows[0]["hour"],
        "to_hour": int(rows[-1]["hour"] or 0) + 1,
        "observed": sum(float(r["observed"] or 0) for r in rows),
        "expected": sum(float(r["expected"] or 0) for r in rows),
    }
    kind: Kind = "silent_hours" if sentence in ("hours_zero", "hours_missing") else "unusual_hours"
    return Finding(kind, subject, day.isoformat(), score, sentence, facts, rows)
