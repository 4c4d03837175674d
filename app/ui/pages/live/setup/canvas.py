"""The live picture to draw on: lines by two clicks, areas by clicking round them, everything to be dragged.

Keys: Enter closes the area that is being drawn, Backspace takes its last point back, Escape drops it; Delete removes
the chosen point or item, the arrows move it (with Shift ten times as far), Space goes to the item's next point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.i18n import tr
from app.ui.pages.live.setup.geometry import Point, clamped, edges, middles, nearest, to_segment
from app.ui.pages.live.setup.model import (
    Chosen,
    Sketch,
    add_front,
    add_line,
    add_zone,
    change,
    insert_point,
    move,
    name_of,
    points_of,
    put_point,
    remove,
    shapes,
)
from app.ui.pages.live.setup.paint import Place, draw_feet, draw_pending, draw_sketch, place_of
from vision.config import Config
from vision.polygon import Area, area

Tool = Literal["select", "line", "zone", "reach", "front"]
NEAR = 12.0
"""Screen pixels from which a click means the point or line beside it."""
FAR_STEP = 10.0
_STEPS = {
    Qt.Key.Key_Left: (-1.0, 0.0), Qt.Key.Key_Right: (1.0, 0.0), Qt.Key.Key_Up: (0.0, -1.0), Qt.Key.Key_Down: (0.0, 1.0)
}  # fmt: skip


class DrawCanvas(QWidget):
    """`edited(Sketch)` after each change or choice, `tool_changed(str)`, `painted()` when a new picture is shown."""

    edited = Signal(object)
    tool_changed = Signal(str)
    painted = Signal()

    def __init__(self, sketch: Sketch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sketch = sketch
        self.tool: Tool = "select"
        self.pending: tuple[Point, ...] = ()
        self._cursor: Point | None = None
        self._held: tuple[Sketch, Point] | None = None
        self._image: QImage | None = None
        self._fresh = False
        self._feet: tuple[Point, ...] = ()
        self._labels: dict[Chosen, str] = {}
        self._sentence = ""
        self._camera, self._taken = "", frozenset[str]()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # ---- what the step calls

    def show_picture(self, image: QImage | None, feet: Sequence[Point] = ()) -> None:
        """The newest picture, and where people stand in it (in pixels of the config); None keeps the last one."""
        if image is not None:
            self._image, self._fresh = image, True
        self._feet = tuple(feet)
        self.update()

    def show_sketch(self, sketch: Sketch) -> None:
        """Another drawing; nothing is emitted."""
        self.sketch = sketch
        self._describe()
        self.update()

    def show_labels(self, labels: Mapping[Chosen, str]) -> None:
        """What is written after the items' names: their counts."""
        self._labels = dict(labels)
        self._describe()
        self.update()

    def know(self, camera: str, taken: frozenset[str]) -> None:
        """The camera's name, and the names that new items must not have."""
        self._camera, self._taken = camera, taken

    def say(self, sentence: str) -> None:
        """What stands there while there is no picture (translated already)."""
        self._sentence = sentence
        self.update()

    def forget_picture(self) -> None:
        """Another source: the old picture goes."""
        self._image = None
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Begin to draw something, or go back to choosing."""
        self.pending = ()
        if tool != self.tool:
            self.tool = tool
            self.tool_changed.emit(tool)
        self.setCursor(Qt.CursorShape.ArrowCursor if tool == "select" else Qt.CursorShape.CrossCursor)
        self.update()

    def place(self) -> Place:
        """Where the picture stands."""
        return place_of(max(self.width(), 1), max(self.height(), 1), self.sketch.config.size)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def retheme(self) -> None:
        """Colours in force."""
        self.update()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self._describe()

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = self.place().back(event.position())
        if self.tool == "select":
            self._grab(at)
        else:
            self._put(at, straight=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self.place().back(event.position())
        if self._held is not None:
            self._drag(at)
        elif self.tool != "select":
            self._cursor = clamped(at, self.sketch.config.size)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.tool in ("zone", "reach", "front"):
            self._close()
        elif self.tool == "select":
            self._split(self.place().back(event.position()))

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._pressed(Qt.Key(event.key()), shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def _pressed(self, key: Qt.Key, *, shift: bool) -> bool:
        """Whether the key means something here; then it is done."""
        chosen = self.sketch.chosen
        if key == Qt.Key.Key_Escape and (self.tool != "select" or chosen):
            self._escape()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.tool != "select":
            self._enter()
        elif key == Qt.Key.Key_Backspace and self.pending:
            self.pending = self.pending[:-1]
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and chosen is not None:
            self._emit(self.sketch.edit(*remove(self.sketch.config, chosen)))
        elif key in _STEPS and chosen is not None:
            step = FAR_STEP if shift else 1.0
            across, down = _STEPS[key]
            self._emit(self.sketch.edit(move(self.sketch.config, chosen, across * step, down * step), chosen))
        elif key == Qt.Key.Key_Space and chosen is not None:
            self._next_point(chosen)
        else:
            return False
        self.update()
        return True

    def _escape(self) -> None:
        if self.pending or self.tool != "select":
            self.set_tool("select")
        else:
            self._emit(self.sketch.choose(None))

    def _enter(self) -> None:
        """Close what is drawn; with nothing drawn, put the item into the picture's middle, to be moved by keys."""
        width, height = self.sketch.config.size
        if not self.pending:
            left, right, top, bottom = width * 0.35, width * 0.65, height * 0.35, height * 0.65
            ends: tuple[Point, ...] = ((width / 2, bottom), (width / 2, top))
            box: tuple[Point, ...] = ((left, top), (right, top), (right, bottom), (left, bottom))
            self.pending = ends if self.tool == "line" else box
        self._close()

    def _next_point(self, chosen: Chosen) -> None:
        count = len(points_of(self.sketch.config, chosen))
        following = 0 if chosen.point is None else (chosen.point + 1) % count
        self._emit(self.sketch.choose(Chosen(chosen.kind, chosen.index, following)))

    # ---- drawing

    def _put(self, at: Point, *, straight: bool) -> None:
        """One more point of what is being drawn."""
        point = clamped(at, self.sketch.config.size)
        if straight and self.pending:
            point = _straight(self.pending[-1], point)
        scale = self.place().scale
        if self.tool != "line" and len(self.pending) > 2 and math.dist(point, self.pending[0]) * scale <= NEAR:
            self._close()
            return
        if self.pending and math.dist(point, self.pending[-1]) * scale < 3:
            return
        self.pending = (*self.pending, point)
        if self.tool == "line" and len(self.pending) == 2:
            self._close()
        self.update()

    def _close(self) -> None:
        """Make the item of the points; too few points make none."""
        if len(self.pending) < (2 if self.tool == "line" else 3):
            return
        made = self._made(self.sketch.config, self.pending)
        self.set_tool("select")
        self._emit(self.sketch.edit(*made))

    def _made(self, config: Config, points: tuple[Point, ...]) -> tuple[Config, Chosen]:
        if self.tool == "line":
            return add_line(config, points[0], points[1], tr("Line"), camera=self._camera, taken=self._taken)
        if self.tool == "front":
            return add_front(config, points, tr("Shop front"), taken=self._taken)
        chosen = self.sketch.chosen
        if self.tool == "reach" and chosen is not None and chosen.kind in ("zone", "reach"):
            reach = Chosen("reach", chosen.index)
            return change(config, reach, reach=tuple(points)), reach
        return add_zone(config, points, tr("Zone"), taken=self._taken)

    # ---- choosing and dragging

    def _grab(self, at: Point) -> None:
        """Choose what lies under the mouse and hold it; a side's middle becomes a new corner."""
        chosen = self.sketch.chosen
        near = NEAR / self.place().scale
        if chosen is not None:
            points = points_of(self.sketch.config, chosen)
            point = nearest(points, at, near)
            side = nearest(middles(points), at, near * 0.7) if chosen.kind != "line" and point is None else None
            if point is not None:
                self._hold(Chosen(chosen.kind, chosen.index, point), at)
                return
            if side is not None:
                config, corner = insert_point(self.sketch.config, chosen, side, at)
                self._held = (self.sketch, at)
                self._emit(self.sketch.edit(config, corner))
                return
        self._hold(self.item_at(at), at)

    def item_at(self, at: Point) -> Chosen | None:
        """The item under a point of the picture: a corner or end first, then a line, then the smallest area."""
        config, near = self.sketch.config, NEAR / self.place().scale
        every = list(shapes(config))
        for item in every:
            point = nearest(points_of(config, item), at, near)
            if point is not None:
                return Chosen(item.kind, item.index, point)
        for item in every:
            if item.kind == "line" and to_segment(at, *points_of(config, item)) <= near:
                return item
        holding = [item for item in every if item.kind != "line" and Area(points_of(config, item)).holds(*at)]
        return min(holding, key=self._area, default=None)

    def _area(self, item: Chosen) -> float:
        return abs(area(points_of(self.sketch.config, item)))

    def _hold(self, chosen: Chosen | None, at: Point) -> None:
        self._emit(self.sketch.choose(chosen))
        self._held = (self.sketch, at) if chosen is not None else None

    def _drag(self, at: Point) -> None:
        """A drag is one step, however many moves of the mouse it takes."""
        assert self._held is not None
        begun, start = self._held
        chosen = self.sketch.chosen
        if chosen is None:
            return
        if chosen.point is not None:
            config = put_point(self.sketch.config, chosen, at)
        else:
            config = move(begun.config, chosen, at[0] - start[0], at[1] - start[1])
        self._emit(begun.edit(config, chosen))

    def _split(self, at: Point) -> None:
        """A new corner where a side of the chosen area was double-clicked."""
        chosen = self.sketch.chosen
        if chosen is None or chosen.kind == "line" or chosen.point is not None:
            return
        sides = edges(points_of(self.sketch.config, chosen))
        ranked = sorted((to_segment(at, *side), number) for number, side in enumerate(sides))
        if ranked[0][0] <= NEAR / self.place().scale:
            self._emit(self.sketch.edit(*insert_point(self.sketch.config, chosen, ranked[0][1], at)))

    def _emit(self, sketch: Sketch) -> None:
        self.show_sketch(sketch)
        self.edited.emit(sketch)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self.place()
        if self._image is None:
            self._paint_nothing(painter, place)
        else:
            painter.drawImage(place.area, self._image)
        draw_feet(painter, place, self._feet)
        draw_sketch(painter, place, self.sketch.config, self.sketch.chosen, self._labels)
        if self.tool != "select":
            draw_pending(painter, place, self.pending, self._cursor if self.pending else None, area=self.tool != "line")
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(theme.tokens().accent))
            painter.drawRect(place.area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        if self._fresh:
            self._fresh = False
            self.painted.emit()

    def _paint_nothing(self, painter: QPainter, place: Place) -> None:
        colors = theme.tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.missing))
        painter.drawRect(place.area)
        painter.setPen(QColor(colors.muted))
        room: QRectF = place.area.adjusted(24, 24, -24, -24)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap,
                         self._sentence)  # fmt: skip

    def _describe(self) -> None:
        config = self.sketch.config
        said = "; ".join(
            f"{name_of(config, item)} {self._labels.get(item, '')}".strip()
            for item in shapes(config)
            if item.kind != "reach"
        )
        self.setAccessibleName(tr("Picture to draw on: {items}", items=said or tr("nothing drawn yet")))


def _straight(before: Point, point: Point) -> Point:
    """The point level with or above the one before, whichever is nearer."""
    across, down = abs(point[0] - before[0]), abs(point[1] - before[1])
    return (point[0], before[1]) if across >= down else (before[0], point[1])
