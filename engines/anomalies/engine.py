"""The anomalies' card: what was unusual in the mall's footfall and sales in the last days, as alerts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.alerts.actions import ALERTS
from engines.anomalies.days import LEAST_DAYS, score_days, unusual_days
from engines.anomalies.findings import Finding
from engines.anomalies.hours import unusual_hours
from engines.anomalies.levels import level_change, score_levels
from engines.anomalies.reach import LEAST_JUDGED as REACH_LEAST
from engines.anomalies.reach import reach_of
from engines.anomalies.reaches import reach_frame, reach_row, refused_row
from engines.anomalies.weeks import WeekScores, score_weeks, unusual_weeks
from engines.calendar.site_days import SiteDays, site_days
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.forecast.engine import FOOTFALL_HOUR, SALES_DAY, perimeter_hours
from engines.forecast.series import day_number
from engines.forecast.watched import mall_hours
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

RECENT_DAYS = 14
REACH_DAYS = 120
REACH = of_table(TABLES["anomaly_reach"])
NAMES = {"footfall": ("Footfall", "客流"), "sales": ("Sales", "销售额")}
YEARS_BACK = 3
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}

Series = tuple[NDArray[np.datetime64], NDArray[np.float64]]


def run(
    moment: Moment, *, footfall_hour: pa.Table, gate: pa.Table, calendar_day: pa.Table, sales_day: pa.Table
) -> Frames:
    """Findings of the last 14 whole days in footfall, in each gate's silence and in sales, as alerts; and what size of
    shift footfall and sales can show.

    A series without the history for a test is left out of it. Raises NotEnoughData where no test could be made.
    Sales are in the currency's main unit.
    """
    today = moment.date
    first = today - timedelta(days=366 * YEARS_BACK)
    calendar = site_days(first, today, moment.country, moment.subdivision, calendar_day.to_pylist())
    grid = perimeter_hours(footfall_hour, gate, first)
    hours = mall_hours(grid)
    sales = _sales(sales_day, first, moment.currency)
    mall, hourly = (grid.days, hours.sum(axis=1)), (grid.days, hours)
    gates = [(f"gate {code}", (grid.days, counts)) for code, counts in zip(grid.gates, grid.entries, strict=True)]
    attempts = [
        partial(_days, today, mall, calendar, "footfall"),
        partial(_week, today, mall, calendar, "footfall"),
        partial(_level, today, mall, calendar, "footfall"),
        partial(_hours, today, hourly, calendar, "footfall", "unusual_hours"),
        *(partial(_hours, today, counts, calendar, name, "silent_hours") for name, counts in gates),
        partial(_days, today, sales, calendar, "sales"),
        partial(_week, today, sales, calendar, "sales"),
        partial(_level, today, sales, calendar, "sales"),
    ]
    found = _all_found(attempts)
    rows = [_row(finding) for finding in found]
    reach = [_reach(today, series, calendar, name) for name, series in (("footfall", mall), ("sales", sales))]
    return {
        ALERTS.name: as_frame(ALERTS, {n: [r[n] for r in rows] for n in ALERTS.names()}),
        REACH.name: reach_frame(REACH, "anomalies", reach),
    }


def _all_found(attempts: Sequence[Callable[[], list[Finding]]]) -> list[Finding]:
    """What every test finds that can be made. Raises the first refusal where none can."""
    found: list[Finding] = []
    refusals: list[NotEnoughData] = []
    for attempt in attempts:
        try:
            found += attempt()
        except NotEnoughData as refusal:
            refusals.append(refusal)
    if len(refusals) == len(attempts):
        raise refusals[0]
    return found


def _sales(sales_day: pa.Table, first: date, currency: str) -> Series:
    rows = sorted((r["day"], r["net_minor"]) for r in sales_day.to_pylist() if r["day"] >= first.isoformat())
    unit = 10 ** MINOR_DIGITS.get(currency, 2)
    return np.array([r[0] for r in rows], dtype="datetime64[D]"), np.array([r[1] / unit for r in rows])


def _days(today: date, series: Series, calendar: SiteDays, subject: str) -> list[Finding]:
    scores = score_days(
        today, *series, calendar.holidays, RECENT_DAYS, festivals=calendar.festivals, closed=calendar.closed
    )
    return unusual_days(scores, subject)


def _week(today: date, series: Series, calendar: SiteDays, subject: str) -> list[Finding]:
    return unusual_weeks(_weeks(today, series, calendar, RECENT_DAYS), subject)


def _weeks(today: date, series: Series, calendar: SiteDays, recent: int) -> WeekScores:
    return score_weeks(today, *series, calendar.holidays, recent, festivals=calendar.festivals, closed=calendar.closed)


def _reach(today: date, series: Series, calendar: SiteDays, subject: str) -> dict[str, Any]:
    """What size of shift the series shows, over its last 120 days."""
    try:
        scores = score_days(
            today, *series, calendar.holidays, REACH_DAYS, festivals=calendar.festivals, closed=calendar.closed
        )
    except NotEnoughData:
        return refused_row("mall", subject, NAMES[subject], len(series[0]), LEAST_DAYS)
    try:
        weeks: WeekScores | None = _weeks(today, series, calendar, REACH_DAYS)
    except NotEnoughData:
        weeks = None
    return reach_row("mall", subject, NAMES[subject], reach_of(scores, weeks), LEAST_DAYS + REACH_LEAST)


def _level(today: date, series: Series, calendar: SiteDays, subject: str) -> list[Finding]:
    scores = score_levels(today, *series, calendar.holidays, festivals=calendar.festivals, closed=calendar.closed)
    numbers = series[0].astype(np.int64)
    values = {int(n): float(v) for n, v in zip(numbers, series[1], strict=True) if n < day_number(today)}
    change = level_change(scores, values, subject)
    return [] if change is None else [change]


def _hours(today: date, series: Series, calendar: SiteDays, subject: str, kind: str) -> list[Finding]:
    found = unusual_hours(today, *series, subject, calendar.holidays, recent=RECENT_DAYS, closed=calendar.closed)
    return [finding for finding in found if finding.kind == kind]


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": f"anomalies:{finding.fingerprint}",
        "kind": finding.kind,
        "severity": finding.severity,
        "subject": finding.subject,
        "day": finding.day,
        "score": finding.score,
        "sentence": finding.sentence,
        "facts": json.dumps(dict(finding.facts), ensure_ascii=False, sort_keys=True, allow_nan=False),
        "evidence": json.dumps([dict(r) for r in finding.evidence], ensure_ascii=False, allow_nan=False),
    }


ENGINE = Engine(
    name="anomalies",
    title="Anomalies",
    title_zh="异常",
    version=2,
    run=run,
    takes=(FOOTFALL_HOUR, MART["gate"], MART["calendar_day"], SALES_DAY),
    gives=(ALERTS, REACH),
    every="05:30",
    figures=(
        Figure("table", "Unusual", "异常情况", "alert", ("day", "kind", "subject", "severity", "score", "sentence")),
    ),
    about="Unusual days, weeks and hours, silent counters and lasting changes of level. About one alert a "
    "month and series is a false one; a single day that differs by under 25 % is not promised to be found.",
    about_zh="发现异常的日子、周与时段、无数据的计数设备以及持续的水平变化。每个序列每月约有一次误报；"
    "单日偏差低于 25% 的情况不保证能发现。",
)
