"""What the Sales page shows of a period, and what its panel shows of one tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.ui.period import Period
from engines.calendar.comparisons import Kind, comparison_day
from engines.kpi import queries as kpi
from engines.kpi.evidence import Key, Rows, rows_behind
from engines.kpi.queries import Part, Point, Value
from engines.monitor import board
from engines.sales import queries
from engines.sales.queries import CategoryRow, HeatCell, SalesDay, TenantRow
from engines.sales.receipts import Payment, newest_day, payments
from engines.tenants.queries import DeclarationRow, Position, TenantCard, declarations, positions, tenant_card
from models.store import Store
from models.times import business_day, now_ms

KINDS: Mapping[str, Kind] = {
    "previous": "previous_period", "weekday": "same_weekday_last_year", "date": "same_date_last_year",
    "festival": "same_festival_offset",
}  # fmt: skip
FIGURES = ("sales", "transactions", "avg_basket", "conversion", "sales_per_visitor", "sales_per_sqm",
           "member_sales_share", "refunds")  # fmt: skip
TENANT_DAYS = 91
ROWS = 100


@dataclass(frozen=True)
class State:
    """Sales from `first` to `last` (business days, both within); money is minor units.

    `newest` is the last sale's day.
    """

    now: int
    today: str
    first: str
    last: str
    against: str
    newest: str | None
    days: tuple[SalesDay, ...]
    days_then: tuple[SalesDay, ...]
    figures: Mapping[str, Value]
    before: Mapping[str, Value]
    tenants: tuple[TenantRow, ...]
    categories: tuple[CategoryRow, ...]
    density: tuple[Part, ...]
    heat: tuple[HeatCell, ...]
    payments: tuple[Payment, ...]
    declarations: tuple[DeclarationRow, ...]
    positions: tuple[Position, ...]
    as_of: int | None

    @property
    def known(self) -> bool:
        """Whether anything was sold on these days."""
        return any(day.sales is not None for day in self.days)

    @property
    def running(self) -> bool:
        """Whether the period ends with the day that is still running."""
        return self.last == self.today


@dataclass(frozen=True)
class TenantState:
    """One tenant: its facts, its sales by day over the last quarter, its turnover rents, its newest receipts."""

    card: TenantCard
    first: str
    last: str
    days: tuple[Point, ...]
    positions: tuple[Position, ...]
    declarations: tuple[DeclarationRow, ...]
    receipts: Rows


def read(store: Store, period: Period, _argument: object) -> State:
    """Sales of the period; runs on the background thread."""
    now, site = now_ms(), store.site
    today, _ = business_day(now, site.zone, site.day_starts_minute)
    last = min(period.last.isoformat(), today)
    first = min(period.first.isoformat(), last)
    then = then_days(store, first, last, period.against)
    return State(
        now, today, first, last, period.against, newest_day(store),
        tuple(queries.daily(store, first, last)), tuple(queries.daily(store, *then)) if then else (),
        {k: kpi.period_value(store, k, first, last) for k in FIGURES},
        {k: kpi.period_value(store, k, *then) for k in FIGURES} if then else {},
        tuple(queries.tenants(store, first, last, comparison=then)),
        tuple(queries.categories(store, first, last, comparison=then)),
        tuple(kpi.by(store, "sales_per_sqm", "category", first, last)),
        tuple(queries.heat(store, first, last)), tuple(payments(store, first, last)),
        tuple(declarations(store, today)), tuple(positions(store, today)), board.last_run_at(store, "kpi"),
    )  # fmt: skip


def then_days(store: Store, first: str, last: str, against: str) -> tuple[str, str] | None:
    """First and last of the compared days: as many as the period has, placed by its first day."""
    if against not in KINDS:
        return None
    start, length = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days
    site = store.site
    then = comparison_day(start, KINDS[against], site.country, site.subdivision, period_days=length + 1).day
    return then.isoformat(), (then + timedelta(days=length)).isoformat()


def read_tenant(store: Store, code: str, last: str) -> TenantState | None:
    """One tenant up to a day; None for an unknown code."""
    card = tenant_card(store, code)
    if card is None:
        return None
    first = (date.fromisoformat(last) - timedelta(days=TENANT_DAYS - 1)).isoformat()
    return TenantState(
        card, first, last,
        tuple(kpi.series(store, "sales", "day", first, last, dims={"tenant": code})),
        tuple(p for p in positions(store, last) if p.tenant == code),
        tuple(d for d in declarations(store, last) if d.tenant == code),
        read_receipts(store, code, last, None),
    )  # fmt: skip


def read_receipts(store: Store, code: str, last: str, after: Key | None) -> Rows:
    """A page of a tenant's receipts of the last week."""
    first = (date.fromisoformat(last) - timedelta(days=6)).isoformat()
    return rows_behind(store, "sales", first, last, limit=ROWS, after=after, dims={"tenant": code})
