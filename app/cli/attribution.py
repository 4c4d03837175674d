"""`attribution`: what goes before purchases, by model, and what holdouts measured."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.entry import site_folder
from engines.anomalies.engine import MINOR_DIGITS
from engines.attribution import queries
from models.errors import NotEnoughData
from models.store import open_store

DIMENSIONS = ("channel", "campaign", "tenant")
NO_MARGIN = (
    "No margin is set, so there is no return on cost, only sales for each unit spent (--json): "
    "python main.py settings attribution.margin_share 0.1"
)


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("attribution", help="credits of channels, campaigns and tenants beside holdouts")
    command.add_argument("--by", choices=DIMENSIONS, default="channel", help="what gets the credit (default: channel)")
    command.add_argument("--conversion", choices=queries.CONVERSIONS, default="purchase")
    command.add_argument("--model", choices=queries.MODELS, help="default: as set")
    command.add_argument("--lookback", type=int, choices=(7, 30, 90), help="days before a conversion (default: as set)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """The league under one model, with what holdouts measured beside it."""
    store = open_store(site_folder(options))
    try:
        look = queries.choice(store, conversion=options.conversion, lookback_days=options.lookback, model=options.model)
        told = queries.summary(store, look)
        if told is None:
            raise NotEnoughData("Attribution has not run yet.", "Run: python main.py run attribution")
        credits_ = queries.credit(store, look, options.by)
        model = "touched" if options.by == "tenant" else queries.shipped(look, credits_)
        rows = queries.league(store, look, options.by)
    finally:
        store.close()
    lines = [_line(row, look.margin) for row in rows]
    document = {
        "by": options.by, "conversion": look.conversion, "lookback_days": look.lookback_days, "model": model,
        "correlational": True, "margin": look.margin, "summary": asdict(told), "rows": lines, "demo": store.site.demo,
    }  # fmt: skip
    return document, _text(document, told, lines, 10 ** MINOR_DIGITS.get(store.site.currency, 2))


def _line(row: queries.LeagueRow, margin: float | None) -> dict[str, Any]:
    credit = asdict(row.credit) if row.credit else {}
    added = asdict(row.incremental) if row.incremental else None
    return {
        "code": row.code or "-", "conversions": credit.get("conversions"), "low": credit.get("conversions_low"),
        "high": credit.get("conversions_high"), "value_minor": credit.get("value_minor"), "incremental": added,
        "cost_minor": row.cost_minor, "roi": row.roi(margin), "attributed_roi": row.attributed_roi(margin),
        "sales_per_cost": row.sales_per_cost(), "attributed_sales_per_cost": row.attributed_sales_per_cost(),
    }  # fmt: skip


def _text(document: dict[str, Any], told: queries.Summary, lines: list[dict[str, Any]], unit: int) -> str:
    head = (
        f"{told.touched:,} of {told.conversions:,} conversions ({document['conversion']}) after a touch within "
        f"{document['lookback_days']} days; model {document['model']}. Credits are correlations; only a holdout shows "
        "cause."
    )
    rows = [f"{'':24}{'conversions':>12}{'80 %':>22}{'sales':>16}{'added by holdout':>40}"]
    for line in lines:
        band = f"{line['low']:,.0f} to {line['high']:,.0f}" if line["low"] is not None else ""
        count = f"{line['conversions']:,.1f}" if line["conversions"] is not None else ""
        money = f"{line['value_minor'] / unit:,.0f}" if line["value_minor"] is not None else ""
        rows.append(f"{line['code'][:23]:24}{count:>12}{band:>22}{money:>16}{_caused(line['incremental'], unit):>40}")
    if document["margin"] is None:
        rows.append(NO_MARGIN)
    return "\n".join([head, *rows])


def _caused(added: dict[str, Any] | None, unit: int) -> str:
    if added is None:
        return "no holdout"
    low, middle, high = (added[name] / unit for name in ("value_low_minor", "value_minor", "value_high_minor"))
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
