"""What the Live page can show, one at a time; only the one in front takes pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.live_stream import LiveStream
from app.ui.pages.live.accuracy import AccuracyView
from app.ui.pages.live.plan import PlanView
from app.ui.pages.live.read import State
from app.ui.pages.live.setup import SetupView
from app.ui.pages.live.single import SingleView
from app.ui.pages.live.wall_view import WallView
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from engines.cameras.records import CameraRecord


class Views(QWidget):
    """The wall, one camera, why there is none; set-up and accuracy check are made when they are first wanted.

    `saved(Draft)` from the set-up, `returned()` when set-up or check is left, `stayed()` when the set-up is gone on
    with, `floor_wanted(code)` from a floor plan that lacks a camera. `command` replaces the live-view child.
    Whoever makes it runs `building()`.
    """

    saved = Signal(object)
    returned = Signal()
    stayed = Signal()
    floor_wanted = Signal(str)

    def __init__(self, desk: Desk, command: Sequence[str]) -> None:
        super().__init__()
        theme.set_role(self, role="page")
        self._desk, self._command = desk, tuple(command)
        self._looked_at = False
        folder = str(desk.folder)
        self.tile_stream = LiveStream(folder, self, command=command)
        self.big_stream = LiveStream(folder, self, command=command)
        self.setup: SetupView | None = None
        self.accuracy: AccuracyView | None = None
        self.plan: PlanView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def building(self) -> Steps:
        """The views that are always there, one after the other."""
        self.wall = WallView(self.tile_stream)
        self._column.addWidget(self.wall, 1)
        yield
        self.single = SingleView(self._desk, self.big_stream)
        self.single.hide()
        yield
        self._column.addWidget(self.single, 1)
        self.none = Card()
        self._column.addWidget(self.none, 1)
        self.show_view(self.wall)
        yield

    def at(self, view: QWidget | None) -> bool:
        """Whether that view is in front."""
        return view is not None and not view.isHidden()

    def show_view(self, wanted: QWidget) -> None:
        """Bring one to the front."""
        for view in (self.wall, self.single, self.none, self.setup, self.accuracy, self.plan):
            if view is not None and view is not wanted:
                view.hide()
        wanted.show()
        self._start()

    def look(self, looked_at: bool) -> None:
        """Whether anybody sees the page: else no view takes pictures."""
        self._looked_at = looked_at
        self._start()

    def unsaved(self) -> bool:
        """Whether a set-up is in front that would be lost by going elsewhere."""
        return self.setup is not None and self.at(self.setup) and self.setup.unsaved()

    def open_setup(self, record: CameraRecord | None, step: int | None = None) -> None:
        """Set up a camera, or a new one; `step` is where to begin."""
        if self.setup is None:
            self.setup = SetupView(self._desk, self._command)
            self.setup.saved.connect(self.saved)
            self.setup.left.connect(self.returned)
            self.setup.stayed.connect(self.stayed)
            self._column.addWidget(self.setup, 1)
        self.show_view(self.setup)
        self.setup.open_camera(record, step)

    def open_accuracy(self, record: CameraRecord) -> None:
        """Count by hand beside a camera."""
        if self.accuracy is None:
            self.accuracy = AccuracyView(self._desk, self._command)
            self.accuracy.left.connect(self.returned)
            self._column.addWidget(self.accuracy, 1)
        self.show_view(self.accuracy)
        self.accuracy.open_camera(record)

    def open_plan(self, state: State) -> None:
        """Where the people of all cameras stand."""
        if self.plan is None:
            self.plan = PlanView(LiveStream(str(self._desk.folder), self, command=self._command))
            self.plan.left.connect(self.returned)
            self.plan.floor_wanted.connect(self.floor_wanted)
            self._column.addWidget(self.plan, 1)
        self.plan.show_state(state)
        self.show_view(self.plan)
        self.plan.setFocus()

    def close_streams(self) -> None:
        """End every process that gives pictures."""
        for stream in (self.tile_stream, self.big_stream):
            stream.close()
        for view in (self.setup, self.accuracy, self.plan):
            if view is not None:
                view.close_stream()

    def _start(self) -> None:
        """Pictures for the view in front, and for no other."""
        moves: list[tuple[QWidget, Callable[[], None], Callable[[], None]]] = [
            (self.wall, self.wall.wall.start, self.wall.wall.stop),
            (self.single, self.single.start, self.single.stop),
        ]
        if self.plan is not None:
            moves.append((self.plan, self.plan.start, self.plan.stop))
        for view, start, stop in moves:
            if self._looked_at and self.at(view):
                start()
            else:
                stop()
