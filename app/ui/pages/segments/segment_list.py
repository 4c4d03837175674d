"""The segments from the best to the lost: how many people, their share of people and money, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.segments.meanings import MEANINGS
from app.ui.tokens import BODY, CAPTION
from app.ui.widgets.card import Card
from app.ui.widgets.people_words import segment_name
from engines.rfm.queries import SegmentRow

ROW = 53
FIGURES = (64, 124, 124, 76)
"""Widths of people, share of people, share of money, and days since the last purchase."""
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class SegmentList(Card):
    """`picked(segment)` fires from a row; Up and Down go from row to row."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Segments")
        self.rows: dict[str, SegmentLine] = {}
        self.heads = Heads()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.heads)
        self._column.addStretch(1)
        self.set_body(inside)

    def show_rows(self, rows: Sequence[SegmentRow], chosen: str | None) -> None:
        """Every segment; `chosen` is marked."""
        money = sum(row.monetary_minor for row in rows)
        full = max((max(row.share, row.monetary_minor / money if money > 0 else 0.0) for row in rows), default=1.0)
        for row in rows:
            line = self.rows.get(row.segment)
            if line is None:
                line = self.rows[row.segment] = SegmentLine(row.segment)
                line.picked.connect(self.picked)
                self._column.insertWidget(self._column.count() - 1, line)
            line.show_row(row, money, full)
            line.setChecked(row.segment == chosen)

    def mark_chosen(self, chosen: str | None) -> None:
        """Mark one segment, or none."""
        for name, line in self.rows.items():
            line.setChecked(name == chosen)


class Heads(QWidget):
    """The headings over the figures."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(24)

    def retranslate(self) -> None:
        """Headings in the language in force."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(CAPTION))
        painter.setPen(QColor(theme.tokens().muted))
        names = (tr("People"), tr("of people"), tr("of money"), tr("Last seen"))
        right = float(self.width() - 8)
        for name, width in zip(reversed(names), reversed(FIGURES), strict=True):
            painter.drawText(QRectF(right - width, 0, width, self.height()), _RIGHT, name)
            right -= width
        painter.end()


class SegmentLine(QAbstractButton):
    """One segment as a row that can be pressed."""

    picked = Signal(str)

    def __init__(self, segment: str) -> None:
        super().__init__()
        self.segment = segment
        self._row: SegmentRow | None = None
        self._money, self._full = 0.0, 1.0
        self._over = False
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._pick)

    def show_row(self, row: SegmentRow, money: int, full: float) -> None:
        """The figures; `money` is what all segments paid, `full` the share that fills a bar."""
        self._row, self._full = row, full or 1.0
        self._money = row.monetary_minor / money if money > 0 else float("nan")
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        if self._row is None:
            return
        people, share, money, days = self._figures(self._row)
        words = tr(
            "{name}: {people} people, {share} of people, {money} of money, last purchase {days} ago on average",
            name=segment_name(self.segment), people=people, share=share, money=money, days=days,
        )  # fmt: skip
        meaning = tr(MEANINGS[self._row.segment])
        self.setAccessibleName(words)
        self.setAccessibleDescription(meaning)
        self.setToolTip(f"{segment_name(self.segment)}\n{meaning}")
        self.update()

    def retheme(self) -> None:
        """Draws in the theme's colours."""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(440, ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        if self._row is not None:
            right = self._paint_figures(painter, self._row)
            room = QRectF(8, 6, right - 20, 20)
            painter.setFont(theme.font(BODY, bold=True))
            painter.setPen(QColor(colors.text if self._row.people else colors.muted))
            painter.drawText(room, _LEFT, segment_name(self.segment))
            font = theme.font(CAPTION)
            painter.setFont(font)
            painter.setPen(QColor(colors.muted))
            meaning = tr(MEANINGS[self._row.segment])
            shown = QFontMetrics(font).elidedText(meaning, Qt.TextElideMode.ElideRight, self.width() - 16)
            painter.drawText(QRectF(8, 26, self.width() - 16, 18), _LEFT, shown)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        colors = theme.tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self._over:
            painter.setBrush(QColor(colors.accent_soft if self.isChecked() else colors.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 1, 0, -1), 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 2, -1, -2), 4, 4)

    def _paint_figures(self, painter: QPainter, row: SegmentRow) -> float:
        """Figures and the bars behind the shares; returns where they begin."""
        colors, figures = theme.tokens(), self._figures(row)
        shares = (None, row.share, self._money, None)
        right = float(self.width() - 8)
        painter.setFont(theme.font(CAPTION))
        for text, share, width in zip(reversed(figures), reversed(shares), reversed(FIGURES), strict=True):
            if share is not None and share == share:  # noqa: PLR0124 - only a NaN differs from itself
                painter.setPen(Qt.PenStyle.NoPen)
                track = QRectF(right - width + 12, 13, width - 56, 6)
                painter.setBrush(QColor(colors.border))
                painter.drawRoundedRect(track, 2, 2)
                painter.setBrush(QColor(colors.accent))
                painter.drawRoundedRect(
                    QRectF(track.x(), 13, track.width() * min(max(share / self._full, 0.0), 1.0), 6), 2, 2
                )
            painter.setPen(QColor(colors.text))
            painter.drawText(QRectF(right - width, 6, width, 20), _RIGHT, text)
            right -= width
        return right

    def _figures(self, row: SegmentRow) -> tuple[str, str, str, str]:
        form = current()
        days = tr("{days} days", days=form.integer(row.mean_recency_days)) if row.people else "–"
        money = form.percent(self._money) if row.people else "–"
        return form.integer(row.people), form.percent(row.share), money, days

    def _pick(self) -> None:
        self.setChecked(True)
        self.picked.emit(self.segment)
