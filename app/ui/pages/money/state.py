"""Everything the Money page shows, read on the background thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.ui.period import Period
from engines.finance import queries
from engines.finance.bridge import Bridge, Line, Reading
from engines.finance.contribution import Contribution, Dimension
from engines.finance.months import between, month_of, months_to, shifted
from engines.finance.queries import Forecast, HeadMonth, Known
from engines.finance.sales_bridge import SalesBridge
from models import ledger
from models.store import Store
from models.times import now_ms

ENGINES = ("finance", "money_forecast")
NAMED = ("tenant", "zone", "floor", "category", "campaign", "occasion")
LONGEST = 37


@dataclass(frozen=True)
class Ask:
    """How a person wants to look; '' for a month takes the newest, or the one before it."""

    of: Literal["income", "sales"] = "income"
    reading: Reading = "cause"
    span: int = 1
    before: str = ""
    after: str = ""
    dimension: Dimension = "tenant"
    shared: bool = True
    measure: Literal["sales", "rent"] = "sales"
    by: Literal["mall", "category", "segment", "campaign"] = "mall"
    code: str = ""
    grain: Literal["week", "month"] = "week"
    scenario: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class State:
    """One way of looking in full. `months` are those that the contribution is of; `year` those of income and costs.

    `ran` says when each engine last ran (UTC milliseconds, None where never), `refused` what the newest runs that were
    refused said, in English and Chinese.
    """

    ask: Ask
    now: int
    ran: Mapping[str, int | None]
    refused: tuple[tuple[str, str], ...]
    known: Known
    choices: tuple[str, ...]
    sides: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    income: Bridge | None = None
    sales: SalesBridge | None = None
    months: tuple[str, ...] = ()
    contribution: Contribution | None = None
    forecasts: tuple[Forecast, ...] = ()
    whole: Forecast | None = None
    year: tuple[str, ...] = ()
    heads: tuple[HeadMonth, ...] = ()
    lines: tuple[Line, ...] = ()
    names: Mapping[str, Mapping[str, tuple[str, str | None]]] = field(default_factory=dict)


def read(store: Store, period: Period, argument: object) -> State:
    """Everything for one way of looking; `argument` is an Ask."""
    known = queries.known(store)
    ask = argument if isinstance(argument, Ask) else _first_look(known)
    first, last = known.months
    ran = {name: _ran(store, name) for name in ENGINES}
    refused = tuple(said for name in ENGINES if (said := ledger.refusal(store, name))[0])
    forecasts = tuple(queries.forecasts(store, ask.measure, ask.by, ask.grain))
    whole = next(iter(queries.forecasts(store, ask.measure, "mall", ask.grain)), None)
    names = {table: queries.names(store, table) for table in NAMED}
    if not last:
        return State(ask, now_ms(), ran, refused, known, (), forecasts=forecasts, whole=whole, names=names)
    choices = tuple(m for m in months_to(last, LONGEST) if m >= first)
    sides = _sides(ask, choices)
    months = contribution_months(period, choices)
    year = tuple(m for m in months_to(last, 12) if m >= first)
    return State(
        ask, now_ms(), ran, refused, known, choices, sides,
        queries.income_bridge(store, *sides, ask.reading) if ask.of == "income" else None,
        queries.tenant_sales_bridge(store, *sides) if ask.of == "sales" else None,
        months, queries.contributions(store, months, ask.dimension), forecasts, whole, year,
        tuple(queries.head_months(store, year)), tuple(queries.lines(store, year)),
        names,
    )  # fmt: skip


def _first_look(known: Known) -> Ask:
    """Income, unless sales are all that is known."""
    return Ask(of="sales") if known.sales[0] and not (known.rents[0] or known.lines[0]) else Ask()


def _sides(ask: Ask, choices: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The months of both periods; by default the newest months and as many before them."""
    after = ask.after if ask.after in choices else choices[-1]
    before = ask.before if ask.before in choices else shifted(after, -ask.span)
    return months_to(before, ask.span), months_to(after, ask.span)


def contribution_months(period: Period, choices: tuple[str, ...]) -> tuple[str, ...]:
    """The whole months that the period touches, since money is kept by month; the newest one where it touches none."""
    touched = between(month_of(period.first), month_of(period.last))
    kept = tuple(m for m in touched if m in choices)
    return kept or choices[-1:]


def _ran(store: Store, engine: str) -> int | None:
    return next((run.ended_at for run in ledger.runs(store, job=engine, limit=10) if run.state == "done"), None)
