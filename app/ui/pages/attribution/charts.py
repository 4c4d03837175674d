"""The charts of the Attribution page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.waterfall import Change, Waterfall
from app.ui.i18n import tr
from app.ui.pages.attribution.words import MODELS, named, said
from app.ui.widgets.channel_words import channel
from engines.attribution.queries import MODELS as ORDER
from engines.attribution.queries import CreditRow, LiftRow, Summary

MOST_CHANNELS = 8


def model_bars(rows: Sequence[CreditRow]) -> Bars:
    """Conversions by channel, one bar a model."""
    codes = list(dict.fromkeys(row.code for row in rows if row.model == rows[0].model))[:MOST_CHANNELS]
    found = {(row.model, row.code): row.conversions for row in rows}
    models = [model for model in ORDER if any(row.model == model for row in rows)]
    return Bars(
        tuple(channel(code) for code in codes),
        tuple(Series(said(MODELS, m), tuple(found.get((m, code), 0.0) for code in codes)) for m in models),
        "grouped",
    )


def bridge(rows: Sequence[CreditRow], shown: str, told: Summary) -> Waterfall | None:
    """From the credit of each channel to all sales of known people; None where there is no money in it."""
    if not told.value_minor:
        return None
    mine = [row for row in rows if row.model == shown]
    steps = [Change(channel(row.code), float(row.value_minor)) for row in mine]
    rest = told.value_minor - sum(row.value_minor for row in mine)
    return Waterfall(
        (*steps, Change(tr("No touch before"), float(rest)), Change(tr("All sales"), math.nan, total=True)), "money"
    )


def lag_bars(lags: Sequence[tuple[int, int]], days: int) -> Bars:
    """Conversions by days since the first touch; weeks from two weeks of look-back on."""
    if days <= 7:
        known = dict(lags)
        return Bars(
            tuple(str(day) for day in range(days)),
            (Series(tr("Conversions"), tuple(float(known.get(d, 0)) for d in range(days))),),
        )
    width = 3 if days <= 30 else 10
    counts = [0.0] * math.ceil(days / width)
    for day, count in lags:
        counts[min(day // width, len(counts) - 1)] += count
    names = tuple(f"{i * width}–{min((i + 1) * width, days) - 1}" for i in range(len(counts)))
    return Bars(names, (Series(tr("Conversions"), tuple(counts)),))


def calibration(
    lifts: Sequence[LiftRow], credited: Sequence[CreditRow], shown: str, names: dict[str, tuple[str, str | None]]
) -> Bars | None:
    """Attributed beside added receipts of each campaign with a holdout; None without one."""
    found = {row.code: row.conversions for row in credited if row.model == shown}
    rows = [row for row in lifts if row.measure == "receipts" and row.readable]
    if not rows:
        return None
    rows.sort(key=lambda row: -found.get(row.campaign, 0.0))
    labels = tuple(named(*names.get(row.campaign, (row.campaign, None))) for row in rows)
    return Bars(
        labels,
        (
            Series(tr("Attributed receipts"), tuple(found.get(row.campaign, 0.0) for row in rows)),
            Series(tr("Added by holdout"), tuple(row.total for row in rows)),
        ),
        "grouped",
        keys=tuple(row.campaign for row in rows),
    )
