"""A row of KPI tiles that becomes two equal rows where the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.charts.kpi import Kpi
from app.ui.widgets.kpi import KpiTile

GAP = 12


class TileRow(QWidget):
    """`show_kpis((Kpi(...), ...), empty=(...))`; `opened(key)` fires when a tile is pressed.

    `weights` say how wide each tile is against the others where all stand in one row.
    """

    opened = Signal(str)

    def __init__(
        self, *, height: int = 124, least: int = 164, weights: Sequence[int] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tall, self._least, self._weights = height, least, tuple(weights)
        self.tiles: list[KpiTile] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_kpis(self, kpis: Sequence[Kpi], empty: Sequence[str] = ()) -> None:
        """One tile a figure; `empty` says, figure by figure, why there is none (English sources)."""
        while len(self.tiles) < len(kpis):
            tile = KpiTile(parent=self)
            tile.opened.connect(self.opened)
            tile.show()
            self.tiles.append(tile)
        for place, tile in enumerate(self.tiles):
            tile.setVisible(place < len(kpis))
            if place < len(kpis):
                tile.show_kpi(kpis[place], empty=empty[place] if place < len(empty) else "")
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(960, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.height())

    def _arrange(self) -> None:
        shown = [tile for tile in self.tiles if not tile.isHidden()]
        if not shown:
            self.setFixedHeight(0)
            return
        most = max((self.width() + GAP) // (self._least + GAP), 1)
        rows = -(-len(shown) // most)
        across = -(-len(shown) // rows)
        for row in range(rows):
            line = shown[row * across : (row + 1) * across]
            weights = self._weights if rows == 1 and len(self._weights) == len(line) else (1,) * len(line)
            self._place(line, weights, row * (self._tall + GAP))
        self.setFixedHeight(rows * (self._tall + GAP) - GAP)

    def _place(self, line: Sequence[KpiTile], weights: Sequence[int], top: int) -> None:
        room, done = self.width() - GAP * (len(line) - 1), 0
        for place, (tile, weight) in enumerate(zip(line, weights, strict=True)):
            left = round(room * done / sum(weights)) + GAP * place
            done += weight
            right = round(room * done / sum(weights)) + GAP * place
            tile.setGeometry(left, top, right - left, self._tall)
