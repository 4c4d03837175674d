"""Dense series that people zoom into: fifteen-minute figures of many gates over weeks, drawn by pyqtgraph."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path as FilePath
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QCursor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import QMenu, QStackedLayout, QToolTip, QVBoxLayout, QWidget

from app.ui import format as formats
from app.ui import theme
from app.ui.catalogue import tr
from app.ui.charts import export
from app.ui.charts.canvas import Canvas
from app.ui.charts.data import Series, Table, check_values, finite
from app.ui.charts.line import Band
from app.ui.charts.marks import Size
from app.ui.charts.offers import ask_and_save, context_menu
from app.ui.charts.paint import paint
from app.ui.charts.style import Unit
from app.ui.charts.view import chart_theme
from app.ui.tokens import mix
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.toggles import Toggles

if TYPE_CHECKING:
    from app.ui.charts.plot import Plot


@dataclass(frozen=True, slots=True)
class Dense:
    """`at` are growing instants, UTC ms, shared by all series; NaN is a gap, and so is a hole in `at`.

    `band` surrounds the first series.
    """

    at: tuple[int, ...]
    series: tuple[Series, ...]
    unit: Unit = "count"
    band: Band | None = None

    def __post_init__(self) -> None:
        rows = [series.values for series in self.series]
        if self.band is not None:
            rows += [self.band.low, self.band.high]
        for row in rows:
            check_values(row)
            if len(row) != len(self.at):
                raise ValueError(f"expected {len(self.at)} values, got {len(row)}")
        if any(a >= b for a, b in pairwise(self.at)):
            raise ValueError("instants must grow")

    def table(self) -> Table:
        """One row an instant, in the site's wall time."""
        form = formats.current()
        rows: tuple[tuple[str | float, ...], ...] = tuple(
            (f"{form.local(moment):%Y-%m-%d %H:%M}", *(s.values[i] for s in self.series))
            for i, moment in enumerate(self.at)
        )
        return Table((tr("Time"), *(series.name for series in self.series)), rows)

    def with_holes(self) -> tuple[list[float], list[int]]:
        """Seconds of every instant plus one inside each hole, and the index each comes from (-1: a hole)."""
        seconds = [moment / 1000 for moment in self.at]
        steps = [b - a for a, b in pairwise(seconds)]
        usual = median(steps) if steps else 1.0
        xs, index = [], []
        for i, x in enumerate(seconds):
            if i and steps[i - 1] > 1.5 * usual:
                xs.append(seconds[i - 1] + usual)
                index.append(-1)
            xs.append(x)
            index.append(i)
        return xs, index


def hue(index: int) -> str:
    """A colour for the index-th of many series: the eight hues, then the same ones nearer to the text's colour."""
    colors = theme.tokens()
    return mix(colors.hue(index), colors.text, min(index // len(colors.series), 2) * 0.35)


class SeriesPlot(QWidget):
    """`show_series(Dense(...), empty=...)`: wheel and drag zoom in time, names switch series on and off.

    `hovered(int)` fires with the instant (UTC ms) under the crosshair. Left and Right move the crosshair, + and -
    zoom, 0 shows everything.
    """

    hovered = Signal(object)

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._data: Dense | None = None
        self._why = ""
        self._at = -1
        self._hidden: set[str] = set()
        self._plot: Plot | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self._legend = Toggles()
        self._legend.toggled.connect(self._switch)
        self._empty = EmptyState()
        self._holder = QWidget()
        self._stack = QStackedLayout(self._holder)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(4)
        column.addWidget(self._legend)
        column.addWidget(self._holder, 1)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(640, 280)

    def show_series(self, data: Dense | None, *, empty: str = "", hidden: Collection[str] = ()) -> None:
        """Shows the series from their first to their last instant; `empty` (English source) says why there are none.

        `hidden` names the series that are off when there were none before.
        """
        if self._data is None:
            self._hidden = set(hidden)
        self._data, self._why, self._at = data, empty, -1
        if data is None or not any(finite(series.values) for series in data.series):
            self._empty.say(empty)
            self._stack.setCurrentWidget(self._empty)
            self._legend.show_names(())
            return
        if self._plot is None:
            self._plot = self._make()
        self._draw()
        self._stack.setCurrentWidget(self._plot)

    def _make(self) -> Plot:
        from app.ui.charts.plot import Plot  # pyqtgraph takes 0.3 s, so only with the first dense plot

        plot = Plot(self)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.moved.connect(self._move_to)
        plot.left.connect(self._leave)
        self._stack.addWidget(plot)
        return plot

    def _draw(self) -> None:
        if self._data is None or self._plot is None:
            return
        xs, index = self._data.with_holes()
        rows = [_spread(series.values, index) for series in self._data.series]
        band = None
        if self._data.band is not None:
            band = (_spread(self._data.band.low, index), _spread(self._data.band.high, index))
        colors = [hue(i) for i in range(len(rows))]
        self._plot.draw(xs, rows, colors, band, self._data.unit)
        names = tuple((series.name, colors[i]) for i, series in enumerate(self._data.series))
        self._legend.show_names(names if len(names) > 1 else (), self._hidden)
        for i, series in enumerate(self._data.series):
            self._plot.set_shown(i, series.name not in self._hidden)
        self._describe()

    def _switch(self, name: str, shown: bool) -> None:
        (self._hidden.discard if shown else self._hidden.add)(name)
        for i, series in enumerate(self._data.series if self._data else ()):
            if series.name == name and self._plot is not None:
                self._plot.set_shown(i, shown)

    # ---- crosshair

    def words_at(self, index: int) -> str:
        """The instant and what every visible series says there, a line each."""
        if self._data is None or not 0 <= index < len(self._data.at):
            return ""
        look = chart_theme()
        lines = [formats.current().datetime(self._data.at[index])]
        for series in self._data.series:
            if series.name not in self._hidden:
                value = series.values[index]
                figure = tr("no figure") if math.isnan(value) else look.value(value, self._data.unit)
                lines.append(f"{series.name}: {figure}")
        return "\n".join(lines)

    def _move_to(self, seconds: float) -> None:
        if self._data is not None and self._data.at:
            moments = self._data.at
            after = min(bisect_left(moments, seconds * 1000), len(moments) - 1)
            before = max(after - 1, 0)
            nearer = before if seconds * 1000 - moments[before] < moments[after] - seconds * 1000 else after
            self._point(nearer)
            QToolTip.showText(QCursor.pos(), theme.plain(self.words_at(nearer)), self)

    def _leave(self) -> None:
        if self._plot is not None:
            self._plot.cross(None)
        QToolTip.hideText()

    def _point(self, index: int) -> None:
        if self._data is None or self._plot is None or index == self._at:
            return
        self._at = index
        self._plot.cross(self._data.at[index] / 1000)
        self._describe()
        self.hovered.emit(self._data.at[index])

    def _describe(self) -> None:
        self.setAccessibleName(tr(self._name) or tr("Chart"))
        self.setAccessibleDescription(self.words_at(self._at).replace("\n", "; "))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = event.key(), len(self._data.at) if self._data else 0
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_table()
        elif self._plot is None or not count:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self._point(min(max(self._at + step, 0), count - 1))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._plot.zoom(1.25 if key == Qt.Key.Key_Minus else 0.8)
        elif key == Qt.Key.Key_0:
            self._plot.show_all()
        else:
            super().keyPressEvent(event)

    # ---- look, copies and files

    def retheme(self) -> None:
        """Draws in the theme's colours; the zoom stays."""
        if self._plot is not None:
            self._plot.dress()
            self._draw()

    def retranslate(self) -> None:
        """Axis and names in the chosen language."""
        self._empty.say(self._why)
        self._describe()
        if self._plot is not None:
            self._plot.dress()

    def copy_table(self) -> None:
        """Puts the figures on the clipboard as tab-separated text."""
        if self._data is not None:
            QGuiApplication.clipboard().setText(self._data.table().tsv())

    def save(self, path: FilePath) -> None:
        """Writes what is shown as PNG, SVG or PDF, by the suffix; Known on failure."""
        size = Size(self.width(), self.height())
        export.save_drawing(self.render_to, size, theme.tokens().card, path)

    def render_to(self, painter: QPainter) -> None:
        """Draws legend and plot with any painter at the widget's size."""
        canvas = Canvas(Size(self.width(), self.height()), chart_theme())
        names = [(s.name, hue(i)) for i, s in enumerate(self._data.series)] if self._data else []
        used = canvas.legend([n for n in names if n[0] not in self._hidden], canvas.room(4))
        paint(painter, canvas.marks)
        if self._plot is not None:
            target = QRectF(0, used + 4, self.width(), self.height() - used - 4)
            self._plot.render(painter, target, self._plot.viewport().rect())

    def menu(self) -> QMenu:
        """The context menu: show everything, copy, save."""
        offers = (
            (tr("Show everything"), self.show_all),
            (tr("Copy as table"), self.copy_table),
            (tr("Save as…"), self.ask_and_save),
        )
        return context_menu(self, offers, enabled=self._data is not None)

    def show_all(self) -> None:
        """From the first instant to the last."""
        if self._plot is not None:
            self._plot.show_all()

    def ask_and_save(self) -> None:
        """Asks for a file and saves the chart there; the export is booked first."""
        ask_and_save(self, self.accessibleName(), self.figures(), self.save)

    def figures(self) -> int:
        """Rows of the chart's table."""
        return 0 if self._data is None else len(self._data.table().rows)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())


def _spread(values: Sequence[float], index: Sequence[int]) -> list[float]:
    return [values[i] if i >= 0 else math.nan for i in index]
