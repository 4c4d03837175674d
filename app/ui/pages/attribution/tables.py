"""Rows of the tables of the Attribution page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.attribution.words import RATIOS, channel, count_range, money_range, named, path, percent_range, said
from app.ui.widgets.rows import Column
from engines.attribution.queries import LeagueRow, LiftRow, PathRow

LEAGUE = (
    Column("name", "Name"),
    Column("conversions", "Attributed", "count", 96),
    Column("interval", "80 % interval", width=132),
    Column("sales", "Attributed sales", "money", 128),
    Column("added", "Sales added by holdout", "money", 160),
    Column("added_interval", "95 % interval", width=168),
    Column("cost", "Cost", "money", 108),
    Column("roi", "Return by holdout", width=196),
    Column("attributed_roi", "Return by model", "percent", 120),
)
PATHS = (
    Column("path", "Path"),
    Column("conversions", "Converted", "count", 96),
    Column("lost", "Lost", "count", 84),
    Column("rate", "Rate", "percent", 76),
    Column("mean_days", "Days", "decimal", 72),
    Column("value_minor", "Sales", "money", 116),
)
HOLDOUTS = (
    Column("name", "Campaign"),
    Column("sent", "Sent", "count", 76),
    Column("held", "Held back", "count", 88),
    Column("buyers", "Bought: sent / held back", width=176),
    Column("difference", "Difference", width=208),
    Column("receipts", "Receipts added", width=208),
    Column("verdict", "Says", width=120),
    Column("groups", "Groups", width=168),
)


@dataclass(frozen=True)
class LeagueLine:
    """A line of the league, written; money stays in minor units."""

    code: str
    name: str
    conversions: float | None
    interval: str
    sales: int | None
    added: float | None
    added_interval: str
    cost: int | None
    roi: str
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
    difference: str
    receipts: str
    verdict: str
    groups: str


def league_lines(rows: Sequence[LeagueRow], dimension: str, margin: float) -> list[LeagueLine]:
    """The league's lines."""
    return [_league_line(row, dimension, margin) for row in rows]


def _league_line(row: LeagueRow, dimension: str, margin: float) -> LeagueLine:
    credit, added, roi = row.credit, row.incremental, row.roi(margin)
    name = channel(row.code) if dimension == "channel" else named(row.name, row.name_zh)
    return LeagueLine(
        row.code,
        name or (tr("No campaign") if dimension == "campaign" else tr("No tenant named")),
        credit.conversions if credit else None,
        count_range(credit.conversions_low, credit.conversions_high) if credit else "",
        credit.value_minor if credit else None,
        round(added.value_minor) if added else None,
        money_range(added.value_low_minor, added.value_high_minor) if added else tr("no holdout"),
        row.cost_minor,
        f"{current().percent(roi[0])} ({percent_range(roi[1], roi[2])})" if roi else "",
        row.attributed_roi(margin),
    )


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
    points = f"{_points(row.difference)} ({_points(row.low)} – {_points(row.high)})"
    added = ""
    if receipts is not None:
        added = f"{form.integer(receipts.total)} ({count_range(receipts.total_low, receipts.total_high)})"
    p = f" (p {form.decimal(row.ratio_p, 3)})" if row.ratio_p is not None else ""
    return HoldoutLine(
        row.campaign, name, row.sent, row.held,
        f"{form.percent(row.sent_value)} / {form.percent(row.held_value)}", points, added, _verdict(row),
        said(RATIOS, row.ratio_state) + p,
    )  # fmt: skip


def _points(share: float) -> str:
    """A difference of shares in percentage points."""
    return tr("{points} pp", points=current().decimal(share * 100, 1))


def _verdict(row: LiftRow) -> str:
    if not row.readable:
        return tr("unreadable")
    if row.days_left:
        return tr("{days} days left", days=current().integer(row.days_left))
    return tr("more") if row.low > 0 else tr("fewer") if row.high < 0 else tr("cannot tell")
