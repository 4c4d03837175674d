"""The wall: every camera as a tile, in as many columns as make the pictures largest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.i18n import tr
from app.ui.live_stream import TILE_RATE, LiveStream
from app.ui.live_wire import View
from app.ui.pages.live.state import CameraView
from app.ui.pages.live.tile import Tile

GAP = 12
FOOT = 72
"""Height of a tile's words and edges in pixels."""
LEAST_WIDTH, LEAST_HEIGHT = 256, 200
SHAPE = 16 / 10
"""Width over height of a picture that a tile makes room for."""
TALLEST = 3 / 4
"""Height over width of the tallest usual picture: a tile is no higher than that needs."""
PICTURE_WIDTH = 480


def columns_for(count: int, width: int, height: int) -> int:
    """The number of columns in which `count` tiles have the largest pictures in a wall of that size (pixels).

    Where they do not all fit in any, the wall scrolls, and has as many columns as the width holds.
    """
    most = max(min(count, (width + GAP) // (LEAST_WIDTH + GAP)), 1)
    fitting = [n for n in range(1, most + 1) if -(-count // n) * (LEAST_HEIGHT + GAP) - GAP <= height]
    sizes = {columns: _picture_width(count, columns, width, height) for columns in fitting}
    return max(sizes, key=lambda columns: (sizes[columns], -columns)) if sizes else most


def _picture_width(count: int, columns: int, width: int, height: int) -> float:
    rows = -(-count // columns)
    across = (width - GAP * (columns - 1)) / columns - 16
    down = (height - GAP * (rows - 1)) / rows - FOOT
    return round(min(across, down * SHAPE), 3)


class Wall(QWidget):
    """`opened(code)` when a tile is chosen. It takes pictures between `start()` and `stop()`."""

    opened = Signal(str)

    def __init__(self, stream: LiveStream, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, role="page")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.stream = stream
        self.tiles: list[Tile] = []
        self._shown: tuple[CameraView, ...] = ()
        self._looking = False
        self._room = 0
        stream.arrived.connect(self._arrived)
        stream.failed.connect(self._failed)
        self.retranslate()

    def show_cameras(self, cameras: Sequence[CameraView], now: int, counting: frozenset[str]) -> None:
        """These cameras in this order; `counting` are the recordings being counted now."""
        self._shown = tuple(cameras)
        while len(self.tiles) < len(cameras):
            self.tiles.append(self._tile())
        for place, tile in enumerate(self.tiles):
            tile.setVisible(place < len(cameras))
            if place < len(cameras):
                tile.show_camera(cameras[place], now, counting=cameras[place].code in counting)
        self._arrange()
        self._watch()

    def start(self) -> None:
        """The wall is shown."""
        self._looking = True
        self._watch()
        self.stream.resume()

    def stop(self) -> None:
        """The wall is not shown any more."""
        self._looking = False
        self.stream.pause()

    def set_room(self, height: int) -> None:
        """How high the window lets the wall be without scrolling, in pixels."""
        if height != self._room:
            self._room = height
            self._arrange()

    def focus_camera(self, code: str = "") -> None:
        """The keyboard goes to a camera's tile, or to the first."""
        found = next((tile for tile in self._visible() if tile.camera and tile.camera.code == code), None)
        tile = found or next(iter(self._visible()), None)
        if tile is not None:
            tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """The wall's name."""
        self.setAccessibleName(tr("Cameras"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(960, max(self.minimumHeight(), 400))

    # ---- inside

    def _tile(self) -> Tile:
        tile = Tile()
        tile.setParent(self)
        tile.opened.connect(self.opened)
        tile.moved.connect(self._move)
        tile.painted.connect(self.stream.painted)
        return tile

    def _watch(self) -> None:
        if self._looking:
            self.stream.watch(
                [view.code for view in self._shown if view.watched], rate=TILE_RATE, width=PICTURE_WIDTH
            )  # fmt: skip

    def _visible(self) -> list[Tile]:
        return self.tiles[: len(self._shown)]

    def _arrange(self) -> None:
        count = len(self._shown)
        if not count:
            self.setMinimumHeight(0)
            return
        room = max(self._room, LEAST_HEIGHT)
        columns = columns_for(count, self.width(), room)
        rows = -(-count // columns)
        tall = max((room - GAP * (rows - 1)) // rows, LEAST_HEIGHT)
        wide = (self.width() - GAP * (columns - 1)) / columns
        tall = max(min(tall, round((wide - 16) * TALLEST) + FOOT), LEAST_HEIGHT)
        for place, tile in enumerate(self._visible()):
            row, column = divmod(place, columns)
            left, right = round(column * (wide + GAP)), round(column * (wide + GAP) + wide)
            tile.setGeometry(QRect(left, row * (tall + GAP), right - left, tall))
        self.setMinimumHeight(rows * (tall + GAP) - GAP)
        self._columns = columns

    def _move(self, code: str, across: int, down: int) -> None:
        codes = [view.code for view in self._shown]
        place = codes.index(code) + across + down * self._columns
        if 0 <= place < len(codes):
            self.focus_camera(codes[place])

    def _arrived(self, code: str, image: QImage | None, view: View) -> None:
        for tile in self._visible():
            if tile.camera is not None and tile.camera.code == code:
                tile.show_live(image, view)

    def _failed(self, code: str, _: str) -> None:
        for tile in self._visible():
            if tile.camera is not None and tile.camera.code == code:
                tile.lose()
