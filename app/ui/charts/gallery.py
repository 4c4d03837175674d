"""Every kind of chart as a picture: `python -m app.ui.charts.gallery --out DIR --theme dark --language zh`."""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path

from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.line import Band
from app.ui.charts.samples import samples
from app.ui.charts.series import Dense, SeriesPlot
from app.ui.charts.view import ChartView, chart_theme
from app.ui.i18n import set_language, tr
from app.ui.widgets.card import Card

COLUMNS = 3
CARD = (420, 300)


def sheet(names: list[str]) -> QWidget:
    """Cards with the named samples, three a row."""
    page = QWidget()
    theme.set_role(page, role="page")
    grid = QGridLayout(page)
    grid.setContentsMargins(24, 24, 24, 24)
    grid.setSpacing(12)
    made = samples(chart_theme())
    for index, name in enumerate(names):
        card, view = Card(name), ChartView(name)
        view.show_chart(made[name]())
        card.set_body(view)
        card.setFixedSize(*CARD)
        grid.addWidget(card, index // COLUMNS, index % COLUMNS)
    return page


def dense_card() -> Card:
    """A card with a dense plot: two weeks of fifteen-minute figures with a hole, and a likely range."""
    at = tuple(1_788_192_000_000 + i * 900_000 for i in range(14 * 96) if not 600 < i < 660)
    gates = tuple(
        Series(
            tr("Sample shop {number}", number=g + 1),
            tuple(max(0.0, math.sin((t / 900_000 % 96 - 4) / 56 * math.pi)) * (90 + 40 * g) + 6 for t in at),
        )
        for g in range(6)
    )
    first = gates[0].values
    likely = Band(tr("Likely range"), tuple(v * 0.8 for v in first), tuple(v * 1.2 for v in first))
    name = "dense"
    card, plot = Card(name), SeriesPlot(name)
    plot.show_series(Dense(at, gates, band=likely))
    card.set_body(plot)
    card.resize(1288, 400)
    return card


def main() -> None:
    """Writes sheet-1.png and on, nine charts a sheet, and dense.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme.start(app, chosen.theme)
    set_language(chosen.language)
    chosen.out.mkdir(parents=True, exist_ok=True)
    names = list(samples(chart_theme()))
    for number, first in enumerate(range(0, len(names), 9), start=1):
        page = sheet(names[first : first + 9])
        page.adjustSize()
        page.grab().save(str(chosen.out / f"sheet-{number}.png"))
    dense_card().grab().save(str(chosen.out / "dense.png"))


if __name__ == "__main__":
    main()
