"""The 5 x 5 grid of recency and frequency, by people or by money, and the days behind both scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.heatmap import HeatMap
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.chart_card import ChartCard
from engines.rfm.queries import Cell

BY = (mark("People"), mark("Monetary"))
RECENCY_BANDS = (0, 8, 31, 91, 181, 366)
FREQUENCY_BANDS = (1, 2, 4, 6, 11, 21, 51)


class ScoreGrid(ChartCard):
    """`picked(recency score, frequency score)` fires from a cell."""

    picked = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Recency and frequency", "1 low to 5 high; press a cell")
        self._cells: Sequence[Cell] = ()
        self.by = QComboBox()
        self.by.addItems(list(BY))
        self.by.activated.connect(self._draw)
        self.add_header(self.by)
        self.view.picked.connect(self._cell_picked)
        self._name_choice()

    def show_cells(self, cells: Sequence[Cell]) -> None:
        """All 25 cells, by recency then frequency."""
        self._cells = cells
        self._draw()

    def retranslate(self) -> None:
        """Names in the language in force."""
        super().retranslate()
        if hasattr(self, "by"):
            self._name_choice()
            self._draw()

    def _name_choice(self) -> None:
        for index, name in enumerate(BY):
            self.by.setItemText(index, tr(name))
        self.by.setAccessibleName(tr("Show people or money"))

    def _draw(self) -> None:
        if not self._cells:
            return
        money = self.by.currentIndex() == 1
        found = {(c.r, c.f): c for c in self._cells}
        recent = range(5, 0, -1)
        values = tuple(tuple(_value(found[r, f], money=money) for f in range(1, 6)) for r in recent)
        keys = tuple(tuple(f"{r},{f}" for f in range(1, 6)) for r in recent)
        self.show_chart(
            HeatMap(
                tuple(tr("R {score}", score=r) for r in recent),
                tuple(tr("F {score}", score=f) for f in range(1, 6)),
                values, "money" if money else "count", keys, legend=False,
            )
        )  # fmt: skip

    def _cell_picked(self, key: str) -> None:
        r, f = key.split(",")
        self.picked.emit(int(r), int(f))


def _value(cell: Cell, *, money: bool) -> float:
    if not cell.people:
        return math.nan
    return float(cell.monetary_minor if money else cell.people)


def recency_bars(spread: Sequence[tuple[int, int]]) -> Bars:
    """People by days since the last purchase, in bands."""
    return _banded(spread, RECENCY_BANDS)


def frequency_bars(spread: Sequence[tuple[int, int]]) -> Bars:
    """People by days with a purchase, in bands."""
    return _banded(spread, FREQUENCY_BANDS)


def _banded(spread: Sequence[tuple[int, int]], bands: Sequence[int]) -> Bars:
    most = max((days for days, _ in spread), default=0)
    used = [low for low in bands if low <= most] or [bands[0]]
    counts = [0] * len(used)
    for days, people in spread:
        counts[max(i for i, low in enumerate(used) if low <= max(days, used[0]))] += people
    names = tuple(_band_name(low, used[i + 1] - 1 if i + 1 < len(used) else None) for i, low in enumerate(used))
    return Bars(names, (Series(tr("People"), tuple(float(n) for n in counts)),))


def _band_name(low: int, high: int | None) -> str:
    form = current()
    if high is None:
        return f"{form.integer(low)}+"
    return form.integer(low) if low == high else f"{form.integer(low)}–{form.integer(high)}"
