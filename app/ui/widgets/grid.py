"""A grid of twelve columns for cards, which wraps when the window is narrow."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme

COLUMNS = 12
GAP = 12


@dataclass(slots=True)
class _Cell:
    widget: QWidget
    span: int
    height: int
    least: int


def flow(spans: list[tuple[int, int, int]], width: int, gap: int = GAP) -> list[tuple[int, int, int, int]]:
    """Left, top, width, height for cells given as (span of 12, least width, height) in `width` pixels.

    A cell whose share is below its least width takes more columns; a row that is not full is stretched to the
    right edge, and its cells are as tall as its tallest.
    """
    column = (width + gap) / COLUMNS
    rows: list[list[tuple[int, int]]] = [[]]
    used = 0
    for index, (span, least, _) in enumerate(spans):
        wanted = min(max(span, -int(-(min(least, width) + gap) // column)), COLUMNS)
        if used + wanted > COLUMNS:
            rows.append([])
            used = 0
        rows[-1].append((index, wanted))
        used += wanted
    placed = [(0, 0, 0, 0)] * len(spans)
    top = 0
    for row in rows:
        if not row:
            continue
        total, start = sum(wanted for _, wanted in row), 0
        tall = max(spans[index][2] for index, _ in row)
        for index, wanted in row:
            left = round(start / total * (width + gap))
            right = round((start + wanted) / total * (width + gap)) - gap
            placed[index] = (left, top, max(right - left, 0), tall)
            start += wanted
        top += tall + gap
    return placed


class CardGrid(QWidget):
    """`add(card, span=4, height=300)`; put the grid into a resizable scroll area. The grid owns its cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, role="page")
        self._cells: list[_Cell] = []
        self._busy = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add(self, widget: QWidget, *, span: int = 4, height: int = 0, least: int = 0) -> None:
        """`span` of twelve columns; `height` 0 takes the widget's hint; `least` 0 takes 220 px or the widget's own."""
        widget.setParent(self)
        widget.installEventFilter(self)
        self._cells.append(_Cell(widget, span, height, least or max(widget.minimumWidth(), 220)))
        widget.show()
        self.arrange()

    def set_height(self, widget: QWidget, height: int) -> None:
        """Another height for a card that is here."""
        for cell in self._cells:
            if cell.widget is widget:
                cell.height = height
        self.arrange()

    def set_span(self, widget: QWidget, span: int) -> None:
        """Another number of columns for a card that is here."""
        for cell in self._cells:
            if cell.widget is widget:
                cell.span = span
        self.arrange()

    def clear(self) -> None:
        """Deletes all cards."""
        for cell in self._cells:
            cell.widget.removeEventFilter(self)
            cell.widget.hide()
            cell.widget.deleteLater()
        self._cells = []
        self.arrange()

    def arrange(self) -> None:
        """Places every visible card for the width there is."""
        if self._busy:
            return
        self._busy = True
        shown = [cell for cell in self._cells if not cell.widget.isHidden()]
        places = flow([(c.span, c.least, c.height or c.widget.sizeHint().height()) for c in shown], self.width())
        for cell, place in zip(shown, places, strict=True):
            cell.widget.setGeometry(*place)
        self.setFixedHeight(max((top + tall for _, top, _, tall in places), default=0))
        self._busy = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.arrange()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(960, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.height())
