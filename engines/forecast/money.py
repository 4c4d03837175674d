"""The card of money ahead: sales and rent for 13 weeks and 12 months, of the mall and of its parts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.calendar.site_days import SiteDays, site_days
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.finance.ahead import rent_days, rent_path
from engines.finance.engine import TENANT_DAYS
from engines.finance.leases import Terms
from engines.finance.reading import terms_of
from engines.finance.turnover import SalesGrid, sales_grid
from engines.forecast.blocks import NEED_DAYS, Ahead, Grain, Path, ahead, past_steps, sums
from engines.forecast.paths import BASELINE, LONGEST_DAYS, kept, plan_of, sales_paths, whole_days
from engines.forecast.ridge import Design
from engines.forecast.series import DailySeries, day_number, on_grid, to_date
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
YEARS_BACK = 3
STALE_DAYS = 28
RARE_SHARE = 0.25
GRAINS: tuple[Grain, ...] = ("week", "month")
FORECAST, POINT, COURSE = (of_table(TABLES[n]) for n in ("money_forecast", "money_forecast_point", "money_course"))
MONEY_DAYS = Relation(
    "money_days",
    (Column("dimension", "text"), Column("code", "text"), Column("day", "day"), Column("net_minor", "int")),
    ("dimension", "code", "day"),
    FilePath(__file__).with_name("money_days.sql"),
)
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Subject:
    """A series to forecast: daily values from `first` (day number), its methods, and the rule to beat."""

    key: Key
    first: int
    values: Array
    methods: Mapping[str, Path]
    age: int
    floor: bool


@dataclass
class Rows:
    """The rows of the three result tables."""

    forecasts: list[dict[str, Any]]
    points: list[dict[str, Any]]
    course: list[dict[str, Any]]


def run(
    moment: Moment,
    *,
    money_days: pa.Table,
    tenant_days: pa.Table,
    lease: pa.Table,
    unit: pa.Table,
    tenant: pa.Table,
    calendar_day: pa.Table,
) -> Frames:
    """Forecast every series that has the history for it; of the others, say what they need.

    Stands at the Monday of the running week. Raises NotEnoughData without any sale and any lease.
    """
    monday = moment.date - timedelta(days=moment.date.weekday())
    since = monday - timedelta(days=366 * YEARS_BACK)
    last = monday + timedelta(days=LONGEST_DAYS)
    calendar = site_days(since, last, moment.country, moment.subdivision, calendar_day.to_pylist())
    subjects = _sales(money_days, monday, since, calendar)
    terms = terms_of(lease, unit, tenant)
    mall = next((s for s in subjects if s.key[1] == "mall"), None)
    columns = [tenant_days.column(name).to_pylist() for name in ("day", "tenant_code", "gross_minor")]
    grid = sales_grid([row for row in zip(*columns, strict=True) if row[0] >= since.isoformat()], monday)
    subjects += _rents(terms, grid, mall, monday)
    if not subjects:
        _refuse_old(money_days, since)
        raise NotEnoughData(
            "There are no sales and no leases to forecast.",
            "Import the tills' export or the leases.",
            missing_zh="还没有可预测的销售或租约数据。请导入收银数据或租约。",
        )
    rows = Rows([], [], [])
    for subject in subjects:
        for grain in GRAINS:
            _forecast(subject, grain, moment.at, rows)
    tables = ((FORECAST, rows.forecasts), (POINT, rows.points), (COURSE, rows.course))
    return {r.name: as_frame(r, {n: [row[n] for row in made] for n in r.names()}) for r, made in tables}


def _refuse_old(money_days: pa.Table, since: date) -> None:
    """Say so where there are sales, and all of them are older than what a forecast looks at."""
    newest = max(money_days.column("day").to_pylist(), default=None)
    if newest is not None and newest < since.isoformat():
        raise NotEnoughData(
            f"The newest sale is of {newest}; a forecast looks back {YEARS_BACK} years.",
            "Import what came since, or the leases.",
            missing_zh=f"最近的销售在 {newest}；预测只看最近 {YEARS_BACK} 年。请导入之后的销售或租约。",
        )


def _sales(money_days: pa.Table, monday: date, since: date, calendar: SiteDays) -> list[Subject]:
    days: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in money_days.to_pylist():
        if since.isoformat() <= row["day"] < monday.isoformat():
            days[row["dimension"], row["code"]][row["day"]] = row["net_minor"]
    mall = days.get(("mall", ""), {})
    if not mall:
        return []
    traded = sorted(mall.keys() | _shut_days(list(mall), monday))
    begin = {dimension: min(min(v) for (d, _), v in days.items() if d == dimension) for dimension, _ in days}
    plan: Design | None = None
    made = []
    for (dimension, code), known in sorted(days.items()):
        mine = [day for day in traded if day >= begin[dimension]]
        series = on_grid(
            monday, np.array(mine, dtype="datetime64[D]"), [known.get(d, 0) for d in mine], calendar.closed
        )
        if plan is None or plan.first != series.first:
            plan = plan_of(series.first, len(series.values), calendar.holidays, calendar.festivals)
        made.append(_subject(("sales", dimension, code), series, sales_paths(series, calendar, plan), len(known)))
    return made


def _shut_days(traded: Sequence[str], monday: date) -> set[str]:
    """Days of weekdays on which the mall never sold anything in four weeks or more: it is shut then, not unknown."""
    days = [date.fromisoformat(day) for day in traded]
    first = min(days)
    if (monday - first).days < 28:
        return set()
    never = set(range(7)) - {day.weekday() for day in days}
    every = (first + timedelta(days=n) for n in range((monday - first).days))
    return {day.isoformat() for day in every if day.weekday() in never}


def _subject(key: Key, series: DailySeries, methods: Mapping[str, Path], sold_days: int) -> Subject:
    values = whole_days(series)
    seen = np.flatnonzero(series.seen)
    age = len(values) - 1 - int(seen[-1]) if seen.size else len(values)
    rare = sold_days < RARE_SHARE * len(values)
    used = {n: m for n, m in methods.items() if not rare or n in (BASELINE, "recent_level")}
    return Subject(key, series.first, values, used, age, bool(np.nansum(values) > 0))


def _rents(terms: Sequence[Terms], grid: SalesGrid, mall: Subject | None, monday: date) -> list[Subject]:
    """Rent of the mall: from the first sale on, since turnover rent is unknown before; else of three years."""
    if not any(t.first < monday <= t.last for t in terms):
        return []
    sold = grid.days >= NEED_DAYS["week"]
    begun = min(t.first for t in terms)
    first = grid.first if sold else max(begun, monday - timedelta(days=366 * YEARS_BACK))
    size = (monday - first).days
    past = rent_days(terms, grid if sold else SalesGrid(grid.first, 0, {}), first, size)
    shape = _shape_of(mall, grid) if sold and mall is not None else None
    methods = {
        "leases" if sold else "leases_fixed": kept(rent_path(terms, grid, first, shape, monday)),
        BASELINE: _last_weeks(past.total, first),
    }
    return [Subject(("rent", "mall", ""), day_number(first), past.total, methods, 0, floor=True)]


def _shape_of(mall: Subject, grid: SalesGrid) -> Path:
    """The mall's path of sales with sizes counted from the grid's first day."""
    shift = mall.first - day_number(grid.first)
    method = mall.methods.get("calendar_ridge") or mall.methods["recent_level"]
    return lambda size, horizon: method(max(size - shift, 1), horizon)


def _last_weeks(total: Array, first: date) -> Path:
    """The rule to beat: every month ahead brings what the last four weeks brought a day."""

    def path(size: int, horizon: int) -> Array:
        recent = total[max(0, size - 28) : size]
        return np.full(horizon, float(recent.mean()) if recent.size else 0.0)

    return path


def _forecast(subject: Subject, grain: Grain, at: int, rows: Rows) -> None:
    key = dict(zip(("measure", "dimension", "code"), subject.key, strict=True)) | {"grain": grain}
    steps = past_steps(subject.first, len(subject.values), grain)
    for (a, _), value in zip(steps, sums(subject.values, steps), strict=True):
        if a >= 0 and np.isfinite(value):
            rows.course.append(key | {"first_day": to_date(subject.first + a).isoformat(), "value": float(value)})
    refusal = _refusal(subject, grain)
    made = None if refusal else ahead(
        subject.first, subject.values, subject.methods, grain, baseline=BASELINE, floor=subject.floor
    )  # fmt: skip
    rows.forecasts.append(key | _forecast_row(subject, made, at, refusal or ("", "")))
    if made is not None:
        rows.points += [key | point for point in _points(made)]


def _refusal(subject: Subject, grain: Grain) -> tuple[str, str] | None:
    """What is missing for a forecast, in both languages."""
    need, weeks = NEED_DAYS[grain] // 7, len(subject.values) // 7
    if weeks < need:
        span, span_zh = ("13 weeks", "13 周") if grain == "week" else ("12 months", "12 个月")
        return (
            f"A forecast of {span} needs {need} weeks of history; there are {weeks}: {need - weeks} more are needed.",
            f"预测{span_zh}需要 {need} 周历史数据；现有 {weeks} 周，还需 {need - weeks} 周。",
        )
    if subject.age > STALE_DAYS:
        return (
            f"The newest day is {subject.age + 1} days old: import what came since.",
            f"最近的数据已是 {subject.age + 1} 天前：请导入之后的数据。",
        )
    return None


def _forecast_row(subject: Subject, made: Ahead | None, at: int, refusal: tuple[str, str]) -> dict[str, Any]:
    empty = {n: None for n in ("wape", "mase", "baseline_wape", "baseline_mase", "coverage")}
    shared = {"as_of": at, "history": len(subject.values), "refused": refusal[0], "refused_zh": refusal[1]}
    if made is None:
        return shared | empty | {"method": "", "baseline": BASELINE, "origins": 0, "tried": "[]"}
    used, rule = made.of(made.method), made.of(made.baseline)
    tried = [
        {"method": t.method, "wape": _known(t.wape), "mase": _known(t.mase), "coverage": _known(t.coverage)}
        for t in made.tried
    ]
    return shared | {
        "method": made.method, "baseline": made.baseline, "origins": made.origins, "tried": json.dumps(tried),
        "wape": _known(used.wape), "mase": _known(used.mase), "coverage": _known(used.coverage),
        "baseline_wape": _known(rule.wape), "baseline_mase": _known(rule.mase),
    }  # fmt: skip


def _points(made: Ahead) -> list[dict[str, Any]]:
    columns = zip(made.days, made.p10, made.p50, made.p90, made.checked, strict=True)
    return [
        {"first_day": days[0].isoformat(), "last_day": days[1].isoformat(), "p10": float(low), "p50": float(mid),
         "p90": float(high), "checked": int(known)}
        for days, low, mid, high, known in columns
        if np.isfinite([low, mid, high]).all()
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


ENGINE = Engine(
    name="money_forecast",
    title="Money ahead",
    title_zh="资金预测",
    version=1,
    run=run,
    takes=(MONEY_DAYS, TENANT_DAYS, MART["lease"], MART["unit"], MART["tenant"], MART["calendar_day"]),
    gives=(FORECAST, POINT, COURSE),
    every="02:20",
    figures=(
        Figure("band", "Weeks and months ahead", "未来各周与各月", "money_forecast_point",
               ("first_day", "p10", "p50", "p90")),
        Figure("table", "Back-test", "回测", "money_forecast",
               ("measure", "dimension", "code", "grain", "method", "wape", "mase", "baseline_mase", "coverage")),
    ),
    budget_seconds=60.0,
    about="Sales and rent for 13 weeks and 12 months, of the mall, of trade categories, of segments of buyers and of "
    "the people whom campaigns reached, with P10, P50 and P90. A method is used only where its back-test beats last "
    "week repeated.",
    about_zh="预测未来 13 周与 12 个月的销售与租金：全场、业态、买家分群、活动触达人群，给出 P10、P50、P90。"
    "仅当回测优于“上周重复”时才采用模型。",
)  # fmt: skip
