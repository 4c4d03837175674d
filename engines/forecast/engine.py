"""The forecast's card: the mall's footfall and sales, 14 days ahead and the rest of today by hour."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.calendar.site_days import SiteDays, site_days
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.forecast.daily import DailyForecast, daily
from engines.forecast.sentences import facts
from engines.forecast.today import TodayForecast, rest_of_today
from engines.forecast.watched import GateHours, gate_hours, mall_hours
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

HERE = Path(__file__).parent
HORIZON = 14
YEARS_BACK = 3
WATCHED_SHARE = 0.9
RECENT_DAYS = 56
POINTS = ("series", "day", "minute", "p10", "p50", "p90")

FOOTFALL_HOUR = of_table(TABLES["footfall_hour"])
FORECAST_RUN = of_table(TABLES["forecast_run"])
FORECAST_POINT = of_table(TABLES["forecast_point"])
TODAY_HOUR = Relation(
    "today_hour",
    (Column("gate_code", "text"), Column("hour", "int"), Column("entries", "int"), Column("seconds_observed", "int")),
    ("gate_code", "hour"),
    HERE / "today_hours.sql",
)
SALES_DAY = Relation(
    "sales_day", (Column("day", "day"), Column("net_minor", "int")), ("day",), HERE / "sales_by_day.sql"
)


def perimeter_hours(footfall_hour: pa.Table, gate: pa.Table, since: date) -> GateHours:
    """The hourly grid of the gates on the mall's perimeter from `since` on."""
    codes = [g["code"] for g in gate.to_pylist() if g["perimeter"]]
    code = np.array(footfall_hour.column("gate_code").to_pylist(), dtype=str)
    day = np.array(footfall_hour.column("day").to_pylist(), dtype="datetime64[D]")
    keep = np.isin(code, codes) & (day >= np.datetime64(since))
    rest = [footfall_hour.column(name).to_numpy()[keep] for name in ("hour", "entries", "seconds_observed")]
    return gate_hours(code[keep], day[keep], *rest)


def run(
    moment: Moment,
    *,
    footfall_hour: pa.Table,
    gate: pa.Table,
    calendar_day: pa.Table,
    today_hour: pa.Table,
    sales_day: pa.Table,
) -> Frames:
    """Forecast each series that has the history for it; what has not is left out.

    Raises NotEnoughData where none has.
    """
    today = moment.date
    first = today - timedelta(days=366 * YEARS_BACK)
    last = today + timedelta(days=HORIZON)
    calendar = site_days(first, last, moment.country, moment.subdivision, calendar_day.to_pylist())
    runs: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    refusals: list[NotEnoughData] = []
    grid = perimeter_hours(footfall_hour, gate, first)
    series = {
        "footfall": (grid.days, mall_hours(grid).sum(axis=1)),
        "sales": _sales(sales_day, first),
    }
    for name, (days, values) in series.items():
        try:
            made = daily(
                today, days, values, calendar.holidays, HORIZON, festivals=calendar.festivals, closed=calendar.closed
            )
        except NotEnoughData as refusal:
            refusals.append(refusal)
            continue
        runs.append(_run_row(name, moment.at, made))
        points += _day_points(name, made)
        if name == "footfall":
            points = _with_today(points, moment, grid, today_hour, calendar)
    if not runs:
        raise refusals[0]
    return {
        "forecast_run": as_frame(FORECAST_RUN, {n: [r[n] for r in runs] for n in FORECAST_RUN.names()}),
        "forecast_point": as_frame(FORECAST_POINT, {n: [p[n] for p in points] for n in POINTS}),
    }


def _sales(sales_day: pa.Table, first: date) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    rows = sorted((r["day"], r["net_minor"]) for r in sales_day.to_pylist() if r["day"] >= first.isoformat())
    return np.array([r[0] for r in rows], dtype="datetime64[D]"), np.array([r[1] for r in rows], dtype=np.float64)


def _run_row(series: str, at: int, made: DailyForecast) -> dict[str, Any]:
    shipped = made.of(made.method)
    tried = [
        {"method": b.method, "mase": b.mase, "wape": b.wape, "coverage": b.coverage, "mase_by_step": b.mase_by_step}
        for b in made.backtests
    ]
    return {
        "series": series,
        "as_of": at,
        "model": made.method,
        "mase": _known(shipped.mase),
        "baseline_mase": _known(made.of("seasonal_naive").mase),
        "wape": _known(shipped.wape),
        "coverage": _known(shipped.coverage),
        "origins": made.origins,
        "backtest": json.dumps(_plain({"facts": facts(made), "methods": tried}), sort_keys=True),
        "sentence": made.reason,
    }


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    """JSON has no NaN: an error that could not be measured is null."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _day_points(series: str, made: DailyForecast) -> list[dict[str, Any]]:
    rows = zip(made.days, made.p10, made.p50, made.p90, strict=True)
    return [_point(series, day.isoformat(), -1, (low, mid, high)) for day, low, mid, high in rows]


def _point(series: str, day: str, minute: int, band: tuple[float, float, float]) -> dict[str, Any]:
    return dict(zip(POINTS, (series, day, minute, *(float(b) for b in band)), strict=True))


def _with_today(
    points: list[dict[str, Any]], moment: Moment, grid: GateHours, today_hour: pa.Table, calendar: SiteDays
) -> list[dict[str, Any]]:
    """Today's day point corrected by what was counted so far, and its remaining hours."""
    made = _today(moment, grid, today_hour, calendar)
    kept = [p for p in points if (p["series"], p["day"]) != ("footfall", moment.day)]
    kept.append(_point("footfall", moment.day, -1, (made.total_p10, made.total_p50, made.total_p90)))
    hours = zip(made.hours, made.p10, made.p50, made.p90, strict=True)
    return kept + [_point("footfall", moment.day, h * 60, (low, mid, high)) for h, low, mid, high in hours]


def _today(moment: Moment, grid: GateHours, today_hour: pa.Table, calendar: SiteDays) -> TodayForecast:
    due = np.median(grid.seconds[:, -RECENT_DAYS:], axis=1).sum(axis=0)
    entries, seconds = np.zeros(24), np.zeros(24)
    for row in today_hour.to_pylist():
        entries[row["hour"]] += row["entries"]
        seconds[row["hour"]] += row["seconds_observed"]
    seen = _hours_over(moment) & (seconds >= WATCHED_SHARE * due)
    so_far = np.where(seen, entries, np.nan)
    return rest_of_today(
        moment.date,
        so_far,
        grid.days,
        mall_hours(grid),
        calendar.holidays,
        festivals=calendar.festivals,
        closed=calendar.closed,
    )


def _hours_over(moment: Moment) -> NDArray[np.bool_]:
    """Which local hours of the business day have passed; the day begins at the site's first minute."""
    start = moment.day_starts_minute
    gone = (moment.minute - start) % 1440
    ends = np.array([((h + 1) * 60 - start - 1) % 1440 + 1 for h in range(24)])
    return np.asarray(ends <= gone)


ENGINE = Engine(
    name="forecast",
    title="Forecast",
    title_zh="预测",
    version=2,
    run=run,
    takes=(FOOTFALL_HOUR, MART["gate"], MART["calendar_day"], TODAY_HOUR, SALES_DAY),
    gives=(FORECAST_RUN, FORECAST_POINT),
    every="1h",
    figures=(
        Figure("band", "Days and hours ahead", "未来各日与各小时", "forecast_point", POINTS),
        Figure(
            "table",
            "Back-test",
            "回测",
            "forecast_run",
            ("series", "model", "mase", "baseline_mase", "wape", "coverage", "origins"),
        ),
    ),
    about="Footfall and sales 14 days ahead and footfall for the rest of today, each with P10, P50 and P90. The model "
    "is used only where its back-test beats the simple rules.",
    about_zh="预测未来 14 天的客流与销售以及今天剩余各小时的客流，给出 P10、P50、P90。"
    "仅当回测优于简单规则时才采用模型。",
)
