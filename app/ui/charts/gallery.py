"""Every kind of chart as a picture: `python -m app.ui.charts.gallery --out DIR --theme dark --language zh`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from app.ui import theme
from app.ui.charts.samples import samples
from app.ui.charts.view import ChartView, chart_theme
from app.ui.i18n import set_language
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


def main() -> None:
    """Writes sheet-1.png and on, nine charts a sheet."""
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


if __name__ == "__main__":
    main()
