"""The KPI tile: one figure as a button that opens its definition."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import theme
from app.ui.catalogue import tr
from app.ui.charts.kpi import Kpi, kpi_card, spoken
from app.ui.charts.marks import Size
from app.ui.charts.paint import paint
from app.ui.charts.view import chart_theme


class KpiTile(QAbstractButton):
    """`KpiTile().show_kpi(Kpi("Footfall", 18234, ...))`; `opened(key)` fires on a click, Space or Enter.

    The label and `against` of the Kpi are English sources.
    """

    opened = Signal(str)

    def __init__(self, kpi: Kpi | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kpi = kpi
        self._empty = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumSize(160, 112)
        self.clicked.connect(self._open)
        self.retranslate()

    def show_kpi(self, kpi: Kpi, *, empty: str = "") -> None:
        """Shows the figure; a NaN value shows the sentence `empty` (English source) in its place."""
        self._kpi, self._empty = kpi, empty
        self.retranslate()

    def retranslate(self) -> None:
        """Label and spoken text in the chosen language."""
        kpi = self._spoken_kpi()
        words = spoken(kpi, chart_theme()) if kpi else tr("Figure")
        self.setAccessibleName(words)
        self.setToolTip(theme.plain(words) if kpi else "")
        self.update()

    def retheme(self) -> None:
        """Draws in the theme's colours."""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(250, 112)

    def _spoken_kpi(self) -> Kpi | None:
        if self._kpi is None:
            return None
        return replace(self._kpi, label=tr(self._kpi.label), against=tr(self._kpi.against))

    def _open(self) -> None:
        if self._kpi is not None:
            self.opened.emit(self._kpi.key or self._kpi.label)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colors.hover if self.underMouse() or self.isDown() else colors.card))
        edge, wide = (colors.accent, 2.0) if self.hasFocus() else (colors.border, 1.0)
        painter.setPen(QPen(QColor(edge), wide))
        inset = wide / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        kpi = self._spoken_kpi()
        if kpi is not None:
            paint(painter, kpi_card(kpi, Size(self.width(), self.height()), chart_theme(), empty=tr(self._empty)))
        painter.end()
