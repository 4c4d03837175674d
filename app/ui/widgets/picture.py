"""A camera's picture with what is counted drawn over it: the arrow on each line points the way that counts as in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.catalogue import tr
from app.ui.widgets.overlay import (
    Frame,
    Mark,
    PictureBox,
    PictureLine,
    PictureZone,
    draw_line,
    draw_marks,
    draw_people,
    draw_trails,
    draw_zone,
    inward,
    label_line,
    label_zone,
)
from app.ui.widgets.trails import Place, Trails

__all__ = ["LAYERS", "Frame", "Mark", "PictureBox", "PictureLine", "PictureView", "PictureZone", "inward"]

LAYERS = frozenset({"lines", "zones", "people", "trails"})


class PictureView(QWidget):
    """Shows one picture as large as fits; `show_picture(None)` shows the sentence instead.

    `drawn()` fires once for each `show_picture` and `say`, when it is on the screen. A `small` view leaves words
    at lines and zones out. Everything shown is kept in memory only.
    """

    drawn = Signal()

    def __init__(self, parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._lines: tuple[PictureLine, ...] = ()
        self._zones: tuple[PictureZone, ...] = ()
        self._boxes: tuple[PictureBox, ...] = ()
        self._trails = Trails()
        self._marks: tuple[Mark, ...] = ()
        self._foot: tuple[Mark, ...] = ()
        self._layers = LAYERS
        self._sentence = ""
        self._small = small
        self._fresh = False
        self.setMinimumSize(160 if small else 320, 120 if small else 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # ---- what is shown

    def show_picture(
        self, image: QImage | None, lines: Sequence[PictureLine] = (), zones: Sequence[PictureZone] = (),
        boxes: Sequence[PictureBox] = (), at_ms: int = 0,
    ) -> None:  # fmt: skip
        """The picture and what lies over it; `at_ms` (UTC milliseconds) is when it was taken, for the trails."""
        self._image, self._lines, self._zones, self._boxes = image, tuple(lines), tuple(zones), tuple(boxes)
        if image is None:
            self._trails.clear()
        else:
            feet = [(box.track, ((box.left + box.right) / 2, box.bottom)) for box in boxes if box.track >= 0]
            self._trails.add(at_ms, feet, image.width())
        self._changed()

    def show_lines(self, lines: Sequence[PictureLine], zones: Sequence[PictureZone] = ()) -> None:
        """Other lines and zones over the same picture."""
        self._lines, self._zones = tuple(lines), tuple(zones)
        self._describe()
        self.update()

    def show_labels(self, labels: dict[str, str]) -> None:
        """New words beside the lines, by the line's name."""
        self._lines = tuple(replace(x, label=labels.get(x.name, x.label)) for x in self._lines)
        self._describe()
        self.update()

    def show_marks(self, marks: Sequence[Mark], foot: Sequence[Mark] = ()) -> None:
        """What ails the picture (upper right corner), and what is said under it (lower left corner)."""
        if (tuple(marks), tuple(foot)) != (self._marks, self._foot):
            self._marks, self._foot = tuple(marks), tuple(foot)
            self._describe()
            self.update()

    def show_layers(self, layers: Iterable[str]) -> None:
        """Which of LAYERS are drawn."""
        self._layers = LAYERS & frozenset(layers)
        self.update()

    def layers(self) -> frozenset[str]:
        """Which of LAYERS are drawn."""
        return self._layers

    def say(self, sentence: str) -> None:
        """What stands there while there is no picture (translated already)."""
        self._sentence = sentence
        self._changed()

    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    def sentence(self) -> str:
        """What stands there while there is no picture."""
        return self._sentence

    # ---- places

    def frame(self) -> Frame | None:
        """Where the picture stands: centred, whole, in its own shape; None where there is none."""
        if self._image is None or self._image.isNull():
            return None
        wide, tall = self._image.width(), self._image.height()
        scale = min(self.width() / wide, self.height() / tall)
        return Frame((self.width() - wide * scale) / 2, (self.height() - tall * scale) / 2,
                     wide * scale, tall * scale, scale)  # fmt: skip

    def point_of(self, place: Place) -> QPointF:
        """A place of the picture, in pixels of it, as a point of this widget."""
        frame = self.frame()
        return frame.point(place) if frame is not None else QPointF()

    def place_of(self, point: QPointF) -> Place | None:
        """A point of this widget in pixels of the picture, held inside it; None where there is no picture."""
        frame = self.frame()
        if frame is None or self._image is None:
            return None
        x, y = frame.place(point)
        return min(max(x, 0.0), float(self._image.width())), min(max(y, 0.0), float(self._image.height()))

    def sizeHint(self) -> QSize:
        return QSize(160, 120) if self._small else QSize(320, 240)

    def retheme(self) -> None:
        """Colours in force."""
        self.update()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = self.frame()
        if frame is None or self._image is None:
            self._draw_sentence(painter)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # an upright picture has no slanting edge
            painter.drawImage(frame.rect(), self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_over(painter, frame)
        painter.end()
        if self._fresh:
            self._fresh = False
            self.drawn.emit()

    def draw_over(self, painter: QPainter, frame: Frame) -> None:
        """Zones lowest, then lines, trails, people, the words at lines and zones, and the marks on top."""
        zones = self._zones if "zones" in self._layers else ()
        lines = self._lines if "lines" in self._layers else ()
        for zone in zones:
            draw_zone(painter, zone, frame, small=self._small)
        for index, line in enumerate(lines):
            draw_line(painter, line, frame, index, small=self._small)
        if "trails" in self._layers:
            draw_trails(painter, self._trails.lines(), frame)
        if "people" in self._layers:
            draw_people(painter, self._boxes, frame, small=self._small)
        if not self._small:
            taken: list[QRectF] = []
            for index, line in enumerate(lines):
                label_line(painter, line, frame, index, taken)
            for zone in zones:
                label_zone(painter, zone, frame, taken)
        right = QPointF(frame.left + frame.width - 8, frame.top + 8)
        draw_marks(painter, self._marks, right, rightwards=False)
        draw_marks(painter, self._foot, QPointF(frame.left + 8, frame.top + frame.height - 30), rightwards=True)

    def _draw_sentence(self, painter: QPainter) -> None:
        colors = theme.tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.missing))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setPen(QColor(colors.muted))
        edge = 12 if self._small else 24
        inside = self.rect().adjusted(edge, edge, -edge, -edge)
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._sentence)

    def _changed(self) -> None:
        self._fresh = True
        self._describe()
        self.update()

    def _describe(self) -> None:
        if self._image is None:
            self.setAccessibleName(self._sentence)
            return
        named = [(line.name, line.label) for line in self._lines] + [(zone.name, zone.label) for zone in self._zones]
        said = "; ".join(f"{name} {label}".strip() for name, label in named)
        marks = ", ".join(mark.words for mark in (*self._marks, *self._foot))
        words = tr("Picture with lines: {lines}", lines=said)
        self.setAccessibleName(f"{words}. {marks}" if marks else words)
