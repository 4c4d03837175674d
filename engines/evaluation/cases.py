"""Results of one subject under one baseline: effects with intervals, the days around it, quiet times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.evaluation.baselines import LEVEL_DAYS, MODEL_DAYS, YEAR, Ground, Rule, expected
from engines.evaluation.placebo import (
    ECHO,
    FEWEST,
    LONGEST_QUIET,
    Judged,
    Measured,
    judge,
    measure,
    placebos,
    quiet_starts,
)
from engines.evaluation.subjects import Series, Subject
from engines.experiments.effects import holm
from engines.forecast.conformal import quantile_pair
from engines.forecast.series import to_date

Array = NDArray[np.float64]
BEFORE = 28


@dataclass(frozen=True)
class Rows:
    """Rows of the three tables of results."""

    effects: list[dict[str, Any]]
    days: list[dict[str, Any]]
    quiet: list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A subject on the ground of one series, under one rule; `notes` name what a reader must know."""

    rule: Rule
    series: Series
    subject: Subject
    land: Ground
    notes: str

    @property
    def start(self) -> int:
        """The subject's first day as an index of the series."""
        return self.subject.first - self.series.first

    @property
    def seen(self) -> int:
        """How many of its days are over."""
        return min(self.subject.length, self.land.size - self.start)

    def head(self, code: str) -> dict[str, Any]:
        """The columns that name a row of one place."""
        return {
            "subject": self.subject.kind, "code": self.subject.code, "baseline": self.rule,
            "measure": self.series.measure, "scope": self.series.scope, "scope_code": code,
        }  # fmt: skip


def notes_of(rule: Rule, land: Ground, subject: Subject, start: int, every: list[Subject]) -> str:
    """What a reader must know of the subject's days, by name: holidays, overlap, gaps; of a year's baseline also
    repeated: an occasion or campaign ran on the days it stands on."""
    window = slice(start, start + min(subject.length, land.size - start))
    notes = ["holidays"] if land.off[window].any() else []
    if any(s != subject and s.first <= subject.last and s.last >= subject.first for s in every):
        notes.append("overlap")
    if len(land.values) == 1 and not np.isfinite(land.values[:, window]).all():
        notes.append("gaps")
    if rule == "year" and land.busy[max(0, window.start - YEAR) : max(0, window.stop - YEAR)].any():
        notes.append("repeated")
    return ",".join(notes)


def evaluate(case: Case, rows: Rows) -> None:
    """Add the case's results to `rows`: of every place while it lasts, of the mall in the echo and day by day too."""
    land, start, length = case.land, case.start, case.subject.length
    hoped = expected(case.rule, land, start, length + ECHO)
    span = min(case.seen, LONGEST_QUIET)
    quiet = quiet_starts(land, start, span, _reach(case.rule, land))
    during, after, daily = placebos(case.rule, land, quiet, span)
    now = measure(land, start, (0, case.seen), hoped)
    state = "running" if case.seen < length else "measured"
    for row, code in enumerate(case.series.codes):
        judged = judge(float(now.log[row]), during[:, row])
        rows.effects.append(
            case.head(code) | _effect(judged, now, row, state) | {"phase": "during", "note": case.notes}
        )
    if case.series.scope != "mall":
        return
    if land.size >= start + length + ECHO:
        later = measure(_without_others(land, start + length), start, (length, length + ECHO), hoped)
        echo = _effect(judge(float(later.log[0]), after[:, 0]), later, 0, "measured")
        rows.effects.append(case.head("") | echo | {"phase": "after", "note": case.notes})
    key = {name: case.head("")[name] for name in ("subject", "code", "baseline", "measure")}
    rows.days.extend(key | day for day in _days(case, hoped[0], daily[:, 0]))
    rows.quiet.extend(
        key | {"first_day": to_date(case.series.first + at).isoformat(), "lift": float(np.expm1(log))}
        for at, log in zip(quiet, during[:, 0], strict=True)
        if np.isfinite(log)
    )


def _reach(rule: Rule, land: Ground) -> int:
    """How many earlier days a rule needs."""
    return {"weeks": land.weeks * 7, "year": YEAR + LEVEL_DAYS, "model": MODEL_DAYS}[rule]


def _without_others(land: Ground, end: int) -> Ground:
    """The ground on which days of other occasions after `end` are unknown, so that the echo is nobody else's."""
    values = land.values.copy()
    values[:, end:] = np.where(land.busy[end:], np.nan, values[:, end:])
    return replace(land, values=values)


def _effect(judged: Judged, sums: Measured, row: int, state: str) -> dict[str, Any]:
    known = judged.lift is not None
    short = state if judged.low is not None or state == "running" else "short"
    return {
        "days": int(sums.days[row]),
        "observed": float(sums.observed[row]) if known else None,
        "expected": float(sums.expected[row]) if known else None,
        "lift": judged.lift, "low": judged.low, "high": judged.high, "p": judged.p, "p_adjusted": judged.p_spread,
        "placebos": len(judged.quiet), "state": short,
    }  # fmt: skip


def _days(case: Case, hoped: Array, daily: Array) -> Iterator[dict[str, Any]]:
    """The days around it: four weeks before, its own, the echo; expected with P5 to P95 where quiet days give them."""
    land, start, length = case.land, case.start, case.subject.length
    known = daily[np.isfinite(daily)]
    below, above = quantile_pair(known, 0.1) if len(known) >= FEWEST else (np.nan, np.nan)
    for at in range(max(0, start - BEFORE), min(start + length + ECHO, land.size)):
        step = at - start
        middle = float(hoped[step]) if step >= 0 else np.nan
        phase = "before" if step < 0 else "during" if step < length else "after"
        yield {
            "day": to_date(land.first + at).isoformat(), "phase": phase, "observed": _known(land.values[0, at]),
            "expected": _known(middle), "low": _known(middle * np.exp(below)), "high": _known(middle * np.exp(above)),
        }  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def adjusted(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holm's correction over the tenants, and over the zones, of one subject under one baseline; else p as it is."""
    families: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in effects:
        if row["scope"] == "mall":
            row["p_adjusted"] = row["p"]
        elif row["p_adjusted"] is not None:
            key = tuple(row[name] for name in ("subject", "code", "baseline", "measure", "scope", "phase"))
            families.setdefault(key, []).append(row)
    for rows in families.values():
        for row, p in zip(rows, holm([row["p_adjusted"] for row in rows]), strict=True):
            row["p_adjusted"] = p
    return effects
