"""What the Footfall page shows of a period, read in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.ui.period import Period
from engines.calendar import queries as calendar
from engines.calendar.comparisons import Kind
from engines.calendar.queries import Holiday
from engines.footfall import plan, queries
from engines.footfall.plan import PlanFloor, PlanZone
from engines.footfall.summary import GateGap
from engines.footfall.views import Compared, DayVisits, GateRow, HeatCell, QuarterSeries
from engines.forecast.queries import Outlook, Step, days_ahead, outlook
from engines.kpi import queries as kpi
from engines.kpi.queries import Part, Value
from engines.monitor import board
from engines.sales.receipts import MemberReceipts, member_receipts
from models.store import Store
from models.times import business_day, now_ms

KINDS: Mapping[str, Kind] = {
    "previous": "previous_period", "weekday": "same_weekday_last_year", "date": "same_date_last_year",
    "festival": "same_festival_offset",
}  # fmt: skip
FIGURES = ("presence", "peak_hour_share", "capture_rate", "dwell_minutes", "data_completeness")
FUNNEL = ("passers_by", "front_entries", "transactions", "footfall")
CURVE_DAYS = 31
"""Quarter hours are drawn for the last so many days of a longer period: more would not be seen apart."""


@dataclass(frozen=True)
class Quarters:
    """Quarter hours of the period's last days, and those of the compared days along the same starts (or nothing)."""

    now: QuarterSeries
    then: QuarterSeries | None
    shortened: bool


@dataclass(frozen=True)
class Steps:
    """The two funnels: the counted shop fronts, and the whole mall. None where a step is not known."""

    passers: Value
    front_entries: Value
    front_receipts: float | None
    visits: Value
    receipts: Value
    members: MemberReceipts


@dataclass(frozen=True)
class State:
    """Footfall from `first` to `last` (business days, both within). `then` is the compared days, None without."""

    now: int
    today: str
    first: str
    last: str
    against: str
    then: tuple[str, str] | None
    days: tuple[DayVisits, ...]
    compared: Compared | None
    open_days: int
    figures: Mapping[str, Value]
    before: Mapping[str, Value]
    quarters: Quarters
    heat: tuple[HeatCell, ...]
    gates: tuple[GateRow, ...]
    gaps: tuple[GateGap, ...]
    dwell: tuple[Part, ...]
    floors: tuple[PlanFloor, ...]
    zones: tuple[PlanZone, ...]
    holidays: tuple[Holiday, ...]
    outlook: Outlook | None
    ahead: tuple[Step, ...]
    steps: Steps
    as_of: int | None

    @property
    def known(self) -> bool:
        """Whether anything was counted on these days."""
        return any(day.visits is not None for day in self.days)

    @property
    def visits(self) -> int:
        """Visits of all days counted, the running one included."""
        return sum(day.visits or 0 for day in self.days)


def read(store: Store, period: Period, _argument: object) -> State:
    """Footfall of the period; runs on the background thread."""
    now, site = now_ms(), store.site
    today, _ = business_day(now, site.zone, site.day_starts_minute)
    first, last = period.first.isoformat(), min(period.last.isoformat(), today)
    first = min(first, last)
    compared = None
    if period.against != "none":
        compared = queries.compared(store, first, last, KINDS[period.against], now)
    then = _span(compared)
    whole = _whole(then, running=last == today)
    days = [now_day for now_day, _ in compared.pairs] if compared else queries.daily(store, first, last, now)
    return State(
        now, today, first, last, period.against, then, tuple(days), compared,
        calendar.open_days(store, first, last),
        {k: kpi.period_value(store, k, first, last) for k in FIGURES},
        {k: kpi.period_value(store, k, *whole) for k in FIGURES} if whole else {},
        _quarters(store, first, last, then), tuple(queries.heat(store, first, last)),
        tuple(queries.gates(store, first, last, now, then)), tuple(queries.gaps(store, first, last, now)),
        tuple(kpi.by(store, "dwell_minutes", "zone", first, last)),
        tuple(plan.floors(store)), tuple(plan.zones(store)), tuple(calendar.holidays(store, first, last)),
        outlook(store, "footfall"), tuple(days_ahead(store, "footfall", today)),
        _steps(store, first, last), board.last_run_at(store, "footfall"),
    )  # fmt: skip


def _span(compared: Compared | None) -> tuple[str, str] | None:
    """First and last of the compared days where they are as many neighbours as the period's days."""
    if compared is None:
        return None
    days = sorted({then.day for _, then in compared.pairs})
    whole = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1
    return (days[0], days[-1]) if whole == len(compared.pairs) else None


def _whole(then: tuple[str, str] | None, *, running: bool) -> tuple[str, str] | None:
    """The compared days without their last where the period's last is still running; None where none is left."""
    if then is None or not running:
        return then
    last = _minus(then[1], 1)
    return (then[0], last) if then[0] <= last else None


def _quarters(store: Store, first: str, last: str, then: tuple[str, str] | None) -> Quarters:
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    shortened = days >= CURVE_DAYS
    start = _minus(last, CURVE_DAYS - 1) if shortened else first
    now = queries.quarter_series(store, start, last)
    if then is None:
        return Quarters(now, None, shortened)
    then_start = _minus(then[1], CURVE_DAYS - 1) if shortened else then[0]
    before = queries.quarter_series(store, then_start, then[1])
    return Quarters(now, before if len(before.starts) == len(now.starts) else None, shortened)


def _minus(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def _steps(store: Store, first: str, last: str) -> Steps:
    values = {k: kpi.period_value(store, k, first, last) for k in FUNNEL}
    shops = kpi.period_value(store, "shop_conversion", first, last).numerator
    return Steps(
        values["passers_by"], values["front_entries"], shops, values["footfall"], values["transactions"],
        member_receipts(store, first, last),
    )  # fmt: skip


def mall_quarters(series: QuarterSeries) -> list[int | None]:
    """All gates together by quarter hour; None where none was watched."""
    size = len(series.starts)
    total: list[int | None] = [None] * size
    for row in series.entries.values():
        for i, n in enumerate(row):
            if n is not None:
                total[i] = (total[i] or 0) + n
    return total


def gaps_by_gate(gaps: tuple[GateGap, ...]) -> dict[str, int]:
    """How many quarter hours each gate missed."""
    found: dict[str, int] = defaultdict(int)
    for gap in gaps:
        found[gap.gate_code] += gap.buckets
    return dict(found)
