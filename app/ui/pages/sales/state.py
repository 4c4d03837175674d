"""What the Sales page shows, read off the UI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.ui.period import Against, Period
from engines.calendar.comparisons import comparison_day
from engines.monitor import board
from engines.monitor.board import Holdings
from engines.sales import queries as sales
from engines.sales import tenant as one
from engines.sales.figures import Figure, daily_figures, figures
from engines.sales.queries import CategoryRow, HeatCell, SalesDay, TenantRow
from engines.sales.receipts import Payment, last_minute, newest_day, oldest_day, payments
from engines.sales.tenant import Lacks, Receipt
from engines.tenants import queries as tenants
from engines.tenants.queries import DeclarationRow, Position, TenantCard
from models.site import Site
from models.store import Store
from models.times import business_day, now_ms

Days = tuple[str, str]
"""First and last business day, both within."""


@dataclass(frozen=True)
class Span:
    """The days that are shown: the chosen ones as far as sales are known, and as many compared ones.

    `fair` is false where sales are not known from the compared period's first day on: then no change is worked out.
    `until_minute` is where the compared period's last day ends, while the shown period's last day is still running.
    """

    days: Days
    compared: Days | None
    until_minute: int | None
    against: Against = "previous"
    fair: bool = True

    @property
    def changed_from(self) -> Days | None:
        """The compared days that a change may be worked out from."""
        return self.compared if self.fair else None


@dataclass(frozen=True)
class State:
    """A period's sales. `newest` is the last day with a sale; without sales in the period most is empty."""

    now: int
    period: Period
    span: Span
    held: Holdings
    newest: str | None
    figures: Mapping[str, Figure]
    before: Mapping[str, Figure]
    courses: Mapping[str, list[float | None]]
    days: tuple[SalesDay, ...]
    days_before: tuple[SalesDay, ...]
    tenants: tuple[TenantRow, ...]
    categories: tuple[CategoryRow, ...]
    heat: tuple[HeatCell, ...]
    payments: tuple[Payment, ...]
    lacks: Lacks
    as_of: int | None

    @property
    def sold(self) -> bool:
        """Whether the period has a sale."""
        return self.lacks.rows > 0

    @property
    def running(self) -> bool:
        """Whether the last day is still running."""
        return self.span.until_minute is not None


@dataclass(frozen=True)
class LeaseState:
    """What hangs on leases and not on the chosen period."""

    leases: bool
    declarations: tuple[DeclarationRow, ...]
    positions: tuple[Position, ...]


@dataclass(frozen=True)
class TenantState:
    """One tenant looked into."""

    card: TenantCard
    span: Span
    row: TenantRow | None
    days: tuple[SalesDay, ...]
    days_before: tuple[SalesDay, ...]
    receipts: tuple[Receipt, ...]


def read(store: Store, period: Period, _argument: object) -> State:
    """The period's sales; runs on the background thread."""
    now = now_ms()
    today = business_day(now, store.site.zone, store.site.day_starts_minute)[0]
    newest = newest_day(store)
    span = shown_span(store, period, today, newest)
    days, then = span.days, span.compared
    lacks = one.lacks(store, *days)
    empty = lacks.rows == 0
    return State(
        now, period, span, board.holdings(store), newest,
        {} if empty else figures(store, *days),
        figures(store, *then, until_minute=span.until_minute) if then and span.fair and not empty else {},
        {} if empty else daily_figures(store, *days),
        tuple(sales.daily(store, *days)),
        tuple(sales.daily(store, *then, until_minute=span.until_minute)) if then else (),
        tuple(sales.tenants(store, *days, comparison=span.changed_from, until_minute=span.until_minute)),
        tuple(sales.categories(store, *days)), tuple(sales.heat(store, *days, until_minute=span.until_minute)),
        tuple(payments(store, *days)),
        lacks, board.last_run_at(store, "kpi"),
    )  # fmt: skip


def read_leases(store: Store, _period: Period, _argument: object) -> LeaseState:
    """Declarations of the last three months and the turnover rents' positions; runs on the background thread."""
    today = business_day(now_ms(), store.site.zone, store.site.day_starts_minute)[0]
    return LeaseState(
        tenants.any_lease(store), tuple(tenants.declarations(store, today)), tuple(tenants.positions(store, today))
    )


def read_tenant(store: Store, code: str, span: Span) -> TenantState | None:
    """A tenant's days, lease facts and newest receipts; None for an unknown code."""
    card = tenants.tenant_card(store, code)
    if card is None:
        return None
    then = span.compared
    rows = sales.tenants(store, *span.days, comparison=span.changed_from, until_minute=span.until_minute)
    return TenantState(
        card, span, next((row for row in rows if row.code == code), None),
        tuple(one.tenant_daily(store, code, *span.days)),
        tuple(one.tenant_daily(store, code, *then, until_minute=span.until_minute)) if then else (),
        tuple(one.latest_receipts(store, code, *span.days)),
    )  # fmt: skip


def shown_span(store: Store, period: Period, today: str, newest: str | None) -> Span:
    """The chosen days up to the newest with a sale, compared with as many; a period without sales stays whole."""
    first, last = period.first.isoformat(), period.last.isoformat()
    known = min(newest, today) if newest else today
    last = min(last, known) if first <= known else last
    shown = replace(period, span="custom", last=date.fromisoformat(last))
    other = compared(store.site, period)
    then = None
    if other is not None:
        then = (other.first.isoformat(), (other.first + timedelta(days=shown.days - 1)).isoformat())
    oldest = oldest_day(store)
    fair = then is None or (oldest is not None and oldest <= then[0])
    minute = last_minute(store, today) if last == today == newest else None
    return Span((first, last), then, None if minute is None else minute + 1, period.against, fair)


def compared(site: Site, period: Period) -> Period | None:
    """The days compared with; a festival's distance comes from the site's calendar."""
    if period.against != "festival":
        return period.compared()
    near = comparison_day(period.first, "same_festival_offset", site.country, site.subdivision)
    return Period.custom(near.day, near.day + timedelta(days=period.days - 1), "none")
