"""The charts of the page, from summaries and cards."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.histogram import Histogram
from app.ui.charts.line import Line
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.insights.words import method_name
from engines.validation.cards import ModelCard
from engines.value.queries import ValueSummary

TENTHS = tuple(k / 10 for k in range(11))


def chances(name: str, counts: Sequence[int]) -> Histogram:
    """People by tenth of a probability."""
    return Histogram(name, TENTHS, tuple(float(c) for c in counts), "percent")


def deciles(summary: ValueSummary) -> Bars:
    """What each tenth of people is expected to bring in 90 days; a click shows its people."""
    names = tuple(_tenth(d.decile) for d in summary.deciles)
    money = tuple(float(d.value_90_minor) for d in summary.deciles)
    keys = tuple(str(d.decile) for d in summary.deciles)
    return Bars(names, (Series(tr("Next 90 days"), money),), "grouped", "money", keys)


def backtest(card: ModelCard) -> Bars | None:
    """Mean purchases per tenth of people: what came, what the model and each rule said; None without a test."""
    rows, names = card.extra.get("deciles"), card.extra.get("decile_names")
    if not rows or not names:
        return None
    words = [tr("Came") if name == "came" else method_name(name) for name in names]
    series = tuple(Series(word, tuple(float(row[i]) for row in rows)) for i, word in enumerate(words))
    return Bars(tuple(_tenth(i + 1) for i in range(len(rows))), series, "grouped", "decimal")


def calibration(card: ModelCard) -> Line | None:
    """What was said against what came, by people of like chance; None without a test."""
    if len(card.calibration) < 2:
        return None
    said = tuple(row.said for row in card.calibration)
    came = tuple(row.came for row in card.calibration)
    names = tuple(current().percent(value) for value in said)
    return Line(names, (Series(tr("Came"), came),), "percent", compare=Series(tr("Said"), said))


def lift(card: ModelCard) -> Line | None:
    """Part of the outcomes found among the people called first, against calling people at random."""
    points = card.extra.get("lift_curve")
    if not points:
        return None
    shares = tuple(float(share) for share, _ in points)
    found = tuple(float(part) for _, part in points)
    names = tuple(current().percent(share) for share in shares)
    random = Series(tr("Chosen at random"), shares)
    return Line(names, (Series(tr("Chosen by the model"), found),), "percent", compare=random)


def _tenth(decile: int) -> str:
    return tr("Top tenth") if decile == 1 else tr("{n}.", n=decile)
