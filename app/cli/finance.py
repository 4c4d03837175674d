"""`finance bridge|contribution|forecast`: why income changed, who contributes what, and what is ahead."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.entry import site_folder
from engines.anomalies.engine import MINOR_DIGITS
from engines.finance import queries
from engines.finance.contribution import DIMENSIONS
from engines.finance.months import first_of, months_to, shifted
from models.errors import Known, NotEnoughData
from models.store import Store, open_store


def register(commands: Any) -> None:
    """Add the commands."""
    parts = commands.add_parser("finance", help="income bridge, contribution, forecasts").add_subparsers(
        dest="part", metavar="PART", required=True
    )
    bridge = parts.add_parser("bridge", help="from one period's income (or sales) to another's")
    bridge.add_argument("--of", choices=("income", "sales"), default="income")
    bridge.add_argument("--by", choices=("cause", "component"), default="cause", help="how income's steps are cut")
    bridge.add_argument("--to", metavar="YYYY-MM", help="the later period's last month (default: the newest)")
    bridge.add_argument(
        "--from", dest="before", metavar="YYYY-MM", help="the earlier one's last month (the one before)"
    )
    bridge.add_argument("--months", type=int, choices=(1, 3, 12), default=1, help="months in each period")
    bridge.set_defaults(run=run_bridge)
    contribution = parts.add_parser("contribution", help="own income less own costs, shared costs beside it")
    contribution.add_argument("--by", choices=DIMENSIONS, default="tenant")
    contribution.add_argument("--to", metavar="YYYY-MM", help="the last month (default: the newest)")
    contribution.add_argument("--months", type=int, choices=(1, 3, 12), default=1)
    contribution.set_defaults(run=run_contribution)
    forecast = parts.add_parser("forecast", help="13 weeks or 12 months ahead, with the back-test")
    forecast.add_argument("--of", choices=("sales", "rent"), default="sales")
    forecast.add_argument("--by", choices=("mall", "category", "segment", "campaign"), default="mall")
    forecast.add_argument("--grain", choices=("week", "month"), default="week")
    forecast.set_defaults(run=run_forecast)
    for command in (bridge, contribution, forecast):
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")


def run_bridge(options: argparse.Namespace) -> tuple[Any, str]:
    """The steps from one period to the other."""
    store = open_store(site_folder(options))
    try:
        last = _month(options.to) or _newest(store)
        earlier = _month(options.before) or shifted(last, -options.months)
        sides = (months_to(earlier, options.months), months_to(last, options.months))
        made: Any = (
            queries.tenant_sales_bridge(store, *sides)
            if options.of == "sales"
            else queries.income_bridge(store, *sides, options.by)
        )
        unit = 10 ** MINOR_DIGITS.get(store.site.currency, 2)
    finally:
        store.close()
    steps = made.steps()
    document = {
        "of": options.of, "from": sides[0], "to": sides[1], "before_minor": made.before, "steps_minor": steps,
        "after_minor": made.after, "adds_up": made.before + sum(steps.values()) == made.after,
        "demo": store.site.demo,
    }  # fmt: skip
    rows = [(f"before ({sides[0][0]} to {sides[0][-1]})", made.before), *steps.items(),
            (f"after ({sides[1][0]} to {sides[1][-1]})", made.after)]  # fmt: skip
    head = "Income as leases say (accrued), not what was paid." if options.of == "income" else "Net sales of tenants."
    return document, "\n".join([head, *(f"{name:32}{amount / unit:>18,.2f}" for name, amount in rows)])


def run_contribution(options: argparse.Namespace) -> tuple[Any, str]:
    """The rows, what is not divided, and the totals."""
    store = open_store(site_folder(options))
    try:
        months = months_to(_month(options.to) or _newest(store), options.months)
        made = queries.contributions(store, months, options.by)
        unit = 10 ** MINOR_DIGITS.get(store.site.currency, 2)
    finally:
        store.close()
    rows = [*made.rows, made.rest]
    document = {
        "by": options.by, "months": months, "income_minor": made.income, "cost_minor": made.cost,
        "rows": [asdict(r) | {"contribution": r.contribution, "after_shared": r.after_shared} for r in rows],
        "adds_up": sum(r.income for r in rows) == made.income and sum(r.cost + r.shared for r in rows) == made.cost,
        "demo": store.site.demo,
    }  # fmt: skip
    lines = [f"{'':24}{'own income':>16}{'own costs':>16}{'contribution':>16}{'shared costs':>16}{'after shared':>16}"]
    for r in rows:
        amounts = (r.income, r.cost, r.contribution, r.shared, r.after_shared)
        lines.append(f"{(r.code or '-')[:23]:24}" + "".join(f"{a / unit:>16,.0f}" for a in amounts))
    return document, "\n".join(lines)


def run_forecast(options: argparse.Namespace) -> tuple[Any, str]:
    """Every series of the dimension: what is ahead and how the method did."""
    store = open_store(site_folder(options))
    try:
        found = queries.forecasts(store, options.of, options.by, options.grain)
        whole = queries.forecasts(store, options.of, "mall", options.grain)
        unit = 10 ** MINOR_DIGITS.get(store.site.currency, 2)
    finally:
        store.close()
    if not found:
        raise NotEnoughData("Nothing has been forecast yet.", "Run: python main.py run money_forecast")
    gap = queries.parts_against_whole(found, whole[0] if whole else None)
    document = {
        "of": options.of, "by": options.by, "grain": options.grain, "demo": store.site.demo,
        "parts_against_whole": gap if options.by in ("category", "segment") else None,
        "series": [asdict(f) | {"course": None} for f in found],
    }  # fmt: skip
    return document, "\n".join(text for f in found for text in _forecast_lines(f, unit, single=len(found) == 1))


def _forecast_lines(f: queries.Forecast, unit: int, *, single: bool) -> list[str]:
    if f.refused:
        return [f"{f.code or f.dimension}: {f.refused}"]
    head = (
        f"{f.code or f.dimension}: {f.total / unit:,.0f} in all by {f.method}; over {f.origins} past origins WAPE "
        f"{_figure(f.wape)} (last week repeated {_figure(f.baseline_wape)}), MASE {_figure(f.mase)} "
        f"({_figure(f.baseline_mase)}), {_figure(f.coverage)} of the past inside P10 to P90"
    )
    if not single:
        return [head]
    return [head] + [
        f"{p.first_day}  {p.p10 / unit:>16,.0f}{p.p50 / unit:>16,.0f}{p.p90 / unit:>16,.0f}"
        + ("" if p.checked else "  not checked by the past")
        for p in f.points
    ]


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _newest(store: Store) -> str:
    """The newest month that anything is known of. Raises NotEnoughData without one."""
    newest = queries.known(store).months[1]
    if not newest:
        raise NotEnoughData("No month of income is known yet.", "Import leases or money, then: main.py run finance")
    return newest


def _month(text: str | None) -> str | None:
    """A month given at the terminal. Raises Known where it is none."""
    if text is None:
        return None
    try:
        return first_of(text).isoformat()[:7]
    except ValueError as error:
        raise Known(f"'{text}' is no month.", "Write it as 2026-10.", code=2) from error
