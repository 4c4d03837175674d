"""Rows of the tables of the Attribution page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.ui.format import MISSING, current
from app.ui.i18n import tr
from app.ui.pages.attribution.words import (
    RATIOS,
    Ranged,
    counted,
    named,
    paid,
    path,
    points,
    ranged,
    returned,
    said,
    times,
)
from app.ui.widgets.channel_words import channel
from app.ui.widgets.rows import Column
from engines.attribution.queries import LeagueRow, LiftRow, PathRow


def compact(value: Any) -> str:
    """An amount in short."""
    return MISSING if value is None else current().money(value, compact=True)


def added(value: Any) -> str:
    """What a holdout added, or that there is none."""
    return ranged(value) or tr("no holdout")


def whole(value: Any) -> str:
    """A share in whole per cent."""
    return MISSING if value is None else f"{current().decimal(value * 100, 0)}%"


def by_model(value: Any) -> str:
    """A return in whole per cent, or sales for each unit spent."""
    return value.text if isinstance(value, Ranged) else whole(value)


LEAGUE = (
    Column("name", "Name"),
    Column("conversions", "Attributed, 80 %", "count", 196, ranged),
    Column("sales", "Attributed sales", "money", 136, compact),
    Column("added", "Sales added by holdout, 95 %", "money", 224, added),
    Column("cost", "Cost", "money", 84, compact),
    Column("roi", "Return by holdout", "percent", 168, ranged),
    Column("attributed_roi", "By model", "percent", 84, by_model),
)
PATHS = (
    Column("path", "Path"),
    Column("conversions", "Converted", "count", 96),
    Column("lost", "Lost", "count", 84),
    Column("rate", "Rate", "percent", 76),
    Column("mean_days", "Days", "decimal", 72),
    Column("value_minor", "Sales", "money", 92, compact),
)
HOLDOUTS = (
    Column("name", "Campaign"),
    Column("sent", "Sent", "count", 72),
    Column("held", "Held back", "count", 96),
    Column("buyers", "Bought: sent / held", width=160),
    Column("difference", "Difference", "percent", 152, ranged),
    Column("receipts", "Receipts added", "count", 152, ranged),
    Column("verdict", "Says", width=108),
    Column("groups", "Groups", width=180),
)


@dataclass(frozen=True)
class LeagueLine:
    """A line of the league, written; money stays in minor units."""

    code: str
    name: str
    conversions: Ranged | None
    sales: int | None
    added: Ranged | None
    cost: int | None
    roi: Ranged | None
    attributed_roi: float | None


@dataclass(frozen=True)
class PathLine:
    """A path, its channels named."""

    path: str
    conversions: int
    lost: int
    rate: float | None
    mean_days: float | None
    value_minor: int


@dataclass(frozen=True)
class HoldoutLine:
    """A campaign's holdout, written."""

    code: str
    name: str
    sent: int
    held: int
    buyers: str
    difference: Ranged
    receipts: Ranged | None
    verdict: str
    groups: str


def league_lines(rows: Sequence[LeagueRow], dimension: str, margin: float | None) -> list[LeagueLine]:
    """The league's lines."""
    return [_league_line(row, dimension, margin) for row in rows]


def _league_line(row: LeagueRow, dimension: str, margin: float | None) -> LeagueLine:
    credit, gained = row.credit, row.incremental
    name = channel(row.code) if dimension == "channel" else named(row.name, row.name_zh)
    return LeagueLine(
        row.code,
        name or (tr("No campaign") if dimension == "campaign" else tr("No tenant named")),
        counted(credit.conversions, credit.conversions_low, credit.conversions_high) if credit else None,
        credit.value_minor if credit else None,
        paid(gained.value_minor, gained.value_low_minor, gained.value_high_minor) if gained else None,
        row.cost_minor,
        _for_cost(row, margin),
        _for_cost_by_model(row, margin),
    )


def _for_cost(row: LeagueRow, margin: float | None) -> Ranged | None:
    """The return, or without a margin the sales for each unit spent."""
    roi, sales = row.roi(margin), row.sales_per_cost()
    return returned(*roi) if roi else times(*sales) if sales else None


def _for_cost_by_model(row: LeagueRow, margin: float | None) -> float | None:
    sales = row.attributed_sales_per_cost()
    if margin is not None or sales is None:
        return row.attributed_roi(margin)
    return Ranged(sales, f"×{current().decimal(sales, 1)}")


def path_lines(rows: Sequence[PathRow]) -> list[PathLine]:
    """The paths' lines."""
    return [
        PathLine(
            path(row.path), row.conversions, row.lost,
            row.conversions / (row.conversions + row.lost) if row.conversions + row.lost else None,
            row.mean_days, row.value_minor,
        )
        for row in rows
    ]  # fmt: skip


def holdout_lines(lifts: Sequence[LiftRow], names: dict[str, tuple[str, str | None]]) -> list[HoldoutLine]:
    """One line a campaign with a holdout."""
    receipts = {row.campaign: row for row in lifts if row.measure == "receipts"}
    return [
        _holdout_line(row, receipts.get(row.campaign), named(*names.get(row.campaign, (row.campaign, None))))
        for row in lifts
        if row.measure == "buyers"
    ]


def _holdout_line(row: LiftRow, receipts: LiftRow | None, name: str) -> HoldoutLine:
    form = current()
    added_ = counted(receipts.total, receipts.total_low, receipts.total_high) if receipts is not None else None
    p = f" (p {form.decimal(row.ratio_p, 3)})" if row.ratio_p is not None else ""
    return HoldoutLine(
        row.campaign, name, row.sent, row.held,
        f"{form.percent(row.sent_value)} / {form.percent(row.held_value)}",
        points(row.difference, row.low, row.high), added_, _verdict(row), said(RATIOS, row.ratio_state) + p,
    )  # fmt: skip


def _verdict(row: LiftRow) -> str:
    if not row.readable:
        return tr("unreadable")
    if row.days_left:
        return tr("{days} days left", days=current().integer(row.days_left))
    return tr("more") if row.low > 0 else tr("fewer") if row.high < 0 else tr("cannot tell")
