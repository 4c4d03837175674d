"""Recency, frequency and money of one person: five steps each, and the figure behind the score."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.tokens import CAPTION
from engines.rfm.queries import Scored

ROW, STEP, GAP, STEPS = 20, 16, 3, 5


class RfmBars(QWidget):
    """`show_scores(scored)`; hidden without scores. Reads aloud as one sentence a score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scored: Scored | None = None
        self._lines: list[tuple[str, int, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_scores(self, scored: Scored | None) -> None:
        """The scores of the last run; None where the person has none."""
        self._scored = scored
        self.setVisible(scored is not None)
        self.retranslate()

    def retranslate(self) -> None:
        """Names and figures in the chosen language."""
        self._lines = [] if self._scored is None else _lines(self._scored)
        self.setAccessibleName(tr("Recency, frequency, value"))
        words = (tr("{name}: {score} of 5, {figure}", name=n, score=s, figure=f) for n, s, f in self._lines)
        self.setAccessibleDescription("; ".join(words))
        self.updateGeometry()
        self.update()

    def retheme(self) -> None:
        """Draws in the theme's colours."""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, ROW * 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, ROW * 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(CAPTION))
        names = max((theme.measure(name, CAPTION, False) for name, _, _ in self._lines), default=0) + 12
        side = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for row, (name, score, figure) in enumerate(self._lines):
            top = row * ROW
            painter.setPen(QColor(colors.muted))
            painter.drawText(QRectF(0, top, names, ROW), side, name)
            painter.setPen(Qt.PenStyle.NoPen)
            for step in range(STEPS):
                painter.setBrush(QColor(colors.accent if step < score else colors.border))
                painter.drawRoundedRect(QRectF(names + step * (STEP + GAP), top + 7, STEP, 6), 2, 2)
            painter.setPen(QColor(colors.text))
            left = names + STEPS * (STEP + GAP) + 9
            painter.drawText(QRectF(left, top, max(self.width() - left, 0), ROW), side, figure)
        painter.end()


def _lines(scored: Scored) -> list[tuple[str, int, str]]:
    form = current()
    days, times = scored.recency_days, scored.frequency
    last = tr("today") if days == 0 else tr("yesterday") if days == 1 else ""
    return [
        (tr("Recency"), scored.r, last or tr("{days} days ago", days=form.integer(days))),
        (
            tr("Frequency"), scored.f,
            tr("on one day") if times == 1 else tr("on {days} days", days=form.integer(times)),
        ),
        (tr("Monetary"), scored.m, form.money(scored.monetary_minor, compact=True)),
    ]  # fmt: skip
