"""The pyqtgraph half of the dense series plot; imported only when one is made.

Traps obeyed (measured on 0.14.0): pens stay 1 px wide (2 px and antialiasing cost ten times as much), `clipToView`
is set after the curve has been added (as an argument of `plot` it raises), downsampling keeps peaks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui import format as formats
from app.ui import theme
from app.ui.charts.style import Unit
from app.ui.charts.view import chart_theme
from app.ui.tokens import CAPTION

HOUR, DAY = 3600, 86400
DOT, DOT_PAD = 6, 0.005
"""Width in pixels of a dot, and the share of the time that is kept free beside it at both ends."""
COUNTS = 6.0
"""The least that the value axis spans where things are counted, so that its marks are different whole numbers."""
_HOURS, _DAYS = (1, 2, 3, 6, 12), (1, 2, 3, 7, 14, 28, 91, 365)
_STEPS = (900, 1800, *(hours * HOUR for hours in _HOURS), *(days * DAY for days in _DAYS))


def tick_step(span: float, wanted: float) -> int:
    """The clock step in seconds that gives at most about `wanted` ticks over `span` seconds."""
    return next((step for step in _STEPS if span / step <= max(wanted, 1)), _STEPS[-1])


def ticks(low: float, high: float, step: int) -> list[float]:
    """Seconds since the epoch of the round local times between low and high, in the site's zone."""
    zone = formats.current().zone
    start = dt.datetime.fromtimestamp(low, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if step >= DAY:
        days = step // DAY
        start -= dt.timedelta(days=(start.toordinal() - 1) % days)
    found: list[float] = []
    moment = start
    while len(found) < 200:
        seconds = moment.replace(tzinfo=zone).timestamp()
        if seconds > high:
            break
        if seconds >= low:
            found.append(seconds)
        moment += dt.timedelta(seconds=step)
    return found


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph carries no types
    """Round wall times of the site under the plot."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[int, list[float]]]:
        step = tick_step(high - low, size / 90)
        return [(step, ticks(low, high, step))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        form = formats.current()
        local = [form.local(round(value * 1000)) for value in values]
        if spacing >= DAY:
            return [form.day(moment.date(), "short") for moment in local]
        return [form.day(m.date(), "short") if (m.hour, m.minute) == (0, 0) else f"{m:%H:%M}" for m in local]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph carries no types
    """Figures of one unit at the left."""

    unit: Unit = "count"

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        look = chart_theme()
        return [look.short(float(value), self.unit) for value in values]


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph carries no types
    """Curves over time with a vertical line under the mouse; `moved(seconds)` and `left()` tell where it is."""

    moved = Signal(float)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._time, self._value = TimeAxis("bottom"), ValueAxis("left")
        super().__init__(parent, axisItems={"bottom": self._time, "left": self._value}, background=None)
        self._curves: list[Any] = []
        self._lone: list[Any] = []
        self._band: list[Any] = []
        self._ends = (0.0, 1.0)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.ctrlMenu.setParent(self, item.ctrlMenu.windowFlags())  # pyqtgraph leaves it without an owner
        item.hideButtons()
        item.setMouseEnabled(x=True, y=False)
        item.setAutoVisible(y=True)
        item.enableAutoRange(x=False, y=True)
        item.getViewBox().setDefaultPadding(0.03)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        item.addItem(self._line, ignoreBounds=True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.dress()

    def dress(self) -> None:
        """Axes, grid and crosshair in the theme's colours and the chosen language."""
        colors = theme.tokens()
        for axis in (self._time, self._value):
            axis.setPen(pg.mkPen(colors.border))
            axis.setTextPen(pg.mkPen(colors.muted))
            axis.setStyle(tickFont=theme.font(CAPTION), tickLength=0)
            axis.picture = None
            axis.update()
        self._value.setPen(pg.mkPen(colors.border))
        self._value.setGrid(150)
        self._line.setPen(pg.mkPen(colors.control))

    def draw(
        self,
        xs: Sequence[float],
        rows: Sequence[Sequence[float]],
        colors: Sequence[str],
        band: tuple[Sequence[float], Sequence[float]] | None,
        unit: Unit,
    ) -> None:
        """Replaces the curves; the zoom stays while the first and last instants stay."""
        item = self.getPlotItem()
        for old in (*self._curves, *self._lone, *self._band):
            item.removeItem(old)
        self._value.unit = unit
        moments = np.asarray(xs, dtype=float)
        self._band = self._make_band(moments, band)
        self._curves = [self._curve(moments, row, color) for row, color in zip(rows, colors, strict=True)]
        self._lone = [self._dots(moments, row, color) for row, color in zip(rows, colors, strict=True)]
        some = any(len(dots.points()) for dots in self._lone)
        pad = 450.0 if len(xs) < 2 else float(moments[-1] - moments[0]) * DOT_PAD * some
        ends = (float(moments[0]) - pad, float(moments[-1]) + pad)
        least = COUNTS if unit == "count" else None
        item.getViewBox().setLimits(
            xMin=ends[0], xMax=ends[1], minXRange=min(900.0, ends[1] - ends[0]), minYRange=least
        )
        if ends != self._ends:
            self._ends = ends
            self.show_all()

    def _curve(self, xs: Any, values: Sequence[float], color: str) -> Any:
        made = pg.PlotDataItem(
            xs, np.asarray(values, dtype=float), pen=pg.mkPen(color, width=1), connect="finite", antialias=True
        )
        self.getPlotItem().addItem(made)
        made.setClipToView(True)
        made.setDownsampling(auto=True, method="peak")
        return made

    def _dots(self, xs: Any, values: Sequence[float], color: str) -> Any:
        """A dot for each figure between two gaps: a line has no length there."""
        known = np.pad(np.isfinite(np.asarray(values, dtype=float)), 1)
        alone = known[1:-1] & ~known[:-2] & ~known[2:]
        made = pg.ScatterPlotItem(
            xs[alone], np.asarray(values, dtype=float)[alone], size=DOT, brush=pg.mkBrush(color), pen=pg.mkPen(None)
        )
        self.getPlotItem().addItem(made)
        return made

    def _make_band(self, xs: Any, band: tuple[Sequence[float], Sequence[float]] | None) -> list[Any]:
        if band is None:
            return []
        clear = pg.mkPen(None)
        edges = [pg.PlotDataItem(xs, np.asarray(row, dtype=float), pen=clear, connect="finite") for row in band]
        color = QColor(theme.tokens().hue(0))
        color.setAlphaF(0.16)
        made = [*edges, pg.FillBetweenItem(edges[0], edges[1], brush=color)]
        for part in made:
            self.getPlotItem().addItem(part)
        return made

    def set_shown(self, index: int, shown: bool) -> None:
        """Shows or hides one curve."""
        self._curves[index].setVisible(shown)
        self._lone[index].setVisible(shown)
        self.getPlotItem().getViewBox().updateAutoRange()

    def show_all(self) -> None:
        """From the first instant to the last."""
        self.getPlotItem().setXRange(*self._ends, padding=0)

    def zoom(self, factor: float) -> None:
        """Shows `factor` times as long a time around the middle of what is shown."""
        self.getPlotItem().getViewBox().scaleBy(x=factor)

    def cross(self, seconds: float | None) -> None:
        """Puts the crosshair at the instant, or takes it away."""
        self._line.setVisible(seconds is not None)
        if seconds is not None:
            self._line.setValue(seconds)

    def mouseMoveEvent(self, event: Any) -> None:
        super().mouseMoveEvent(event)
        place = self.mapToScene(event.position().toPoint())
        box = self.getPlotItem().getViewBox()
        if box.sceneBoundingRect().contains(QPointF(place)):
            self.moved.emit(box.mapSceneToView(place).x())
        else:
            self.left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl or plain wheel zooms in time; at the full width a turn outwards scrolls the page instead."""
        low, high = self.getPlotItem().getViewBox().viewRange()[0]
        full = high - low >= (self._ends[1] - self._ends[0]) * 0.999
        if full and event.angleDelta().y() < 0:
            event.ignore()
            return
        super().wheelEvent(event)
