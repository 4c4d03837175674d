"""A lasting change of level, seen through the calendar: the last two weeks against the six weeks before them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.anomalies.findings import Finding, Value
from engines.anomalies.robust import centre_and_spread
from engines.forecast.ridge import calendar_residual, design
from engines.forecast.series import on_grid, scale_of, to_date
from models.errors import NotEnoughData

Array = NDArray[np.float64]

NEW_DAYS = 14
OLD_DAYS = 42
LEAST_DAYS = NEW_DAYS + OLD_DAYS
BOUND = 3.5
LEAST_STEP = 0.1
MEDIAN_LOSS = 1.2533  # standard error of a median over that of a mean: sqrt(pi / 2)


@dataclass(frozen=True)
class LevelScores:
    """For each day from the 56th on: step of the log level and its score in robust standard deviations.

    `adjusted` is the series on the modelling scale with weekday, holidays and season taken out, from `first`
    (day number) on. `lasting` is True where both of the last two weeks have moved the same way.
    """

    first: int
    adjusted: Array
    step: Array
    score: Array
    lasting: NDArray[np.bool_]

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Days that stand in a change: score over 3.5, a step of at least 10 % and lasting."""
        return np.asarray(
            (np.abs(self.score) > BOUND) & (np.abs(self.step) > LEAST_STEP) & self.lasting, dtype=np.bool_
        )


def score_levels(
    now_day: date,
    days: ArrayLike,
    values: ArrayLike,
    holidays: Mapping[date, str],
    *,
    festivals: Mapping[date, str] | None = None,
    closed: Collection[date] = (),
) -> LevelScores:
    """Score every day's two-window step: the median of 14 days against the median of the 42 before.

    The spread is that of the steps the series usually makes (older than four weeks), at least what its daily
    noise explains: a series that wanders needs a larger step. Raises NotEnoughData below eight weeks.
    """
    series = on_grid(now_day, days, values, closed)
    size = len(series.values)
    if size < LEAST_DAYS:
        raise NotEnoughData(
            f"A change of level needs 8 weeks of days; there are {size}.",
            "Import older counts or wait.",
            missing_zh=f"查找水平变化需要 8 周的数据，目前有 {size} 天。请导入更早的客流数据，或等待。",
        )
    z = scale_of(series.values).forward(series.values)
    adjusted = calendar_residual(design(series.first, size, holidays, festivals), z)
    ends = range(LEAST_DAYS, size + 1)
    windows = [(adjusted[e - NEW_DAYS : e], adjusted[e - LEAST_DAYS : e - NEW_DAYS]) for e in ends]
    step = np.array([_median(new) - _median(old) for new, old in windows])
    lasting = np.array([_lasting(new, old) for new, old in windows])
    noise = np.array([centre_and_spread(old)[1] for _, old in windows])
    least = noise * MEDIAN_LOSS * (1 / NEW_DAYS + 1 / OLD_DAYS) ** 0.5
    usual = np.array([_usual(step[: max(0, i - 2 * NEW_DAYS)]) for i in range(len(step))])
    return LevelScores(series.first, adjusted, step, step / np.maximum(usual, least), lasting)


def _median(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size >= 5 else float("nan")


def _usual(steps: Array) -> float:
    """Robust size of past steps about zero; zero where the past is under six weeks."""
    known = np.abs(steps[np.isfinite(steps)])
    return 1.4826 * float(np.median(known)) if known.size >= OLD_DAYS else 0.0


def _lasting(new: Array, old: Array) -> bool:
    first, second = new[:7], new[7:]
    if not (np.isfinite(first).any() and np.isfinite(second).any() and np.isfinite(old).any()):
        return False
    before = float(np.nanmedian(old))
    moves = [float(np.nanmedian(part)) - before for part in (first, second)]
    whole = float(np.nanmedian(new)) - before
    return bool(all(m * whole > 0 and abs(m) > abs(whole) / 2 for m in moves))


def level_change(scores: LevelScores, values: Mapping[int, float], subject: str) -> Finding | None:
    """The change the newest day stands in, dated where the two sides differ most; None where it stands in none.

    `values` gives the series by day number: the finding's typical days before and after are its medians.
    """
    if not len(scores.step) or not scores.changed[-1]:
        return None
    size = len(scores.adjusted)
    start = _change_point(scores.adjusted[size - LEAST_DAYS :]) + size - LEAST_DAYS
    numbers = scores.first + np.arange(size - LEAST_DAYS, size)
    known = np.array([values.get(int(n), np.nan) for n in numbers])
    before = float(np.nanmedian(known[numbers < scores.first + start]))
    after = before * float(np.exp(scores.step[-1]))
    day = to_date(scores.first + start).isoformat()
    facts: dict[str, Value] = {
        "subject": subject,
        "day": day,
        "percent": abs(float(np.expm1(scores.step[-1]))) * 100,
        "before": before,
        "after": after,
    }
    rows = tuple(
        {
            "day": to_date(int(n)).isoformat(),
            "observed": None if np.isnan(v) else float(v),
            "adjusted": None if np.isnan(a) else float(a),
            "side": "after" if n >= scores.first + start else "before",
        }
        for n, v, a in zip(numbers, known, scores.adjusted[size - LEAST_DAYS :], strict=True)
    )
    sentence = "level_up" if scores.step[-1] > 0 else "level_down"
    return Finding("level_change", subject, day, float(scores.score[-1]), sentence, facts, rows)


def _change_point(adjusted: Array) -> int:
    """The split in the last four weeks with the least absolute deviation from the medians of its two sides."""
    choices = range(LEAST_DAYS - 2 * NEW_DAYS, LEAST_DAYS - 6)

    def loss(split: int) -> float:
        sides = (adjusted[:split], adjusted[split:])
        return float(sum(np.nansum(np.abs(s - np.nanmedian(s))) for s in sides if np.isfinite(s).any()))

    return min(choices, key=loss)
