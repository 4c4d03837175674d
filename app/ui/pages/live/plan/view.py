"""The floor plan with everybody whom the placed cameras see, now or replayed from the last five minutes.

What is shown lives in this window's memory, is forgotten as it ages, and is gone with the window.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.live_stream import LiveStream
from app.ui.live_wire import View
from app.ui.pages.live.plan.cameras import CameraList, Entry
from app.ui.pages.live.plan.canvas import PlanCanvas, Shape
from app.ui.pages.live.plan.memory import KEPT_MS, PlanMemory
from app.ui.pages.live.plan.replay import Replay
from app.ui.pages.live.plan.replay_bar import ReplayBar
from app.ui.pages.live.plan.words import words_of
from app.ui.pages.live.read import State
from app.ui.pages.live.setup.step import Choice, Words
from app.ui.pages.live.state import CameraView
from app.ui.tokens import BODY
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled

RATE, WIDTH = 4.0, 64
"""Pictures a second and their width: only where people stand is wanted, so they are the smallest there are."""
TICK_MS = 100
SLOW = 5
"""What is said of the cameras is looked at once in so many ticks."""
SIDE = (240, 320)
"""Width of what stands beside the plan, in a usual and in a wide window (pixels)."""
WIDE = 1400
BUTTON_ROOM = 52
"""What a button with an icon is wider than its words when they are bold, in pixels."""
SAYS = mark(
    "The last 5 minutes are kept in this window's memory only; nothing is stored, and no picture is shown here. "
    "Two cameras that see the same person show two dots."
)


class PlanView(QWidget):
    """`left()` back to the cameras, `floor_wanted(code)` to place a camera (empty: a new one) on the plan.

    Pictures are taken between `start()` and `stop()`; a recording is only played where a person switches it on.
    """

    left = Signal()
    floor_wanted = Signal(str)

    def __init__(self, stream: LiveStream) -> None:
        super().__init__()
        theme.set_role(self, role="page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stream, self.memory = stream, PlanMemory()
        self.state: State | None = None
        self.views: dict[str, View] = {}
        self._faults: dict[str, str] = {}
        self._off: set[str] = set()
        self._played: set[str] = set()
        self._here = Counter[str]()
        self._looking = False
        self.replay = Replay()
        self._round = 0
        self._newest, self._newest_seen, self._ticked = 0, 0.0, 0.0
        self.back, self.near = QPushButton(), QPushButton()
        self.heading, self.count = QLabel(), QLabel()
        self.floor = Choice()
        self.canvas, self.bar, self.list = PlanCanvas(), ReplayBar(), CameraList()
        self.card, self.side = Card(), Card("Cameras on this floor")
        self.says = Words(SAYS, "caption")
        self._tick = QTimer(self, interval=TICK_MS)
        self._forget = QTimer(self, singleShot=True, interval=KEPT_MS)
        self._lay_out()
        self._connect()
        self.retranslate()
        self.retheme()

    # ---- what the page calls

    def show_state(self, state: State) -> None:
        """The cameras and the floor as the store has them."""
        self.state = state
        self._offer_floors()
        self._draw_floor()
        self._draw_cameras()
        if self._looking:
            self._watch()

    def start(self) -> None:
        """The view is shown."""
        if not self._looking:
            self._looking = True
            self._forget.stop()
            self._tick.start()
            self._watch()
            self.stream.resume()

    def stop(self) -> None:
        """The view is not shown any more; what it remembers goes when it has aged."""
        if self._looking:
            self._looking = False
            self._tick.stop()
            self.stream.pause()
            self._forget.start()

    def close_stream(self) -> None:
        """End the pictures and forget; the page is closed."""
        for timer in (self._tick, self._forget):
            timer.stop()
        self.stream.close()
        self.memory.clear()

    # ---- what a person does

    def play(self) -> None:
        """Replay from the oldest, pause, or go on."""
        span = self.memory.span()
        if span is not None:
            self.replay.toggle(span)
            self.refresh()

    def go_back(self, age_ms: int) -> None:
        """Show the moment so many milliseconds before the newest."""
        span = self.memory.span()
        if span is not None:
            self.replay.go_back(span, age_ms)
            self.refresh()

    def go_live(self) -> None:
        """Show what is now."""
        self.replay.go_live()
        self.refresh()

    def set_speed(self, speed: int) -> None:
        """Replay so many times as fast as it was."""
        self.replay.speed = speed

    def switch(self, code: str, on: bool) -> None:
        """Show a camera's people, or not; a recording is played, or not."""
        camera = next((each for each in self._placed() if each.code == code), None)
        if camera is not None and not camera.watched:
            (self._played.add if on else self._played.discard)(code)
            self.memory.forget(code)
            self.views.pop(code, None)
            self._watch()
        elif on:
            self._off.discard(code)
        else:
            self._off.add(code)
        self._draw_cameras()
        self.refresh()

    def refresh(self) -> None:
        """The moment that is shown, drawn anew."""
        span = self.memory.span()
        newest = span[1] if span else 0
        moment = self.replay.moment
        at = newest + self._since_ms() if moment is None else moment
        here = [dot for dot in self.memory.dots(self._code(), round(at)) if self.canvas.holds(dot.place)]
        self._here = Counter(dot.camera for dot in here)
        shown = [dot for dot in here if dot.camera not in self._off]
        self.canvas.show_dots(shown)
        self.count.setText(tr("People: {n}", n=current().integer(len(shown))))
        self.canvas.setAccessibleName(f"{tr('Floor plan')}. {self.count.text()}")
        self.bar.show_moment(
            span[1] - span[0] if span else 0, round(at), 0 if moment is None else round(newest - at),
            live=moment is None, playing=self.replay.playing,
        )  # fmt: skip

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.back.setText(tr("All cameras"))
        self.heading.setText(tr("Floor plan"))
        self.near.setText(tr("Only what cameras see"))
        self.near.setMinimumWidth(round(theme.measure(self.near.text(), BODY, bold=True)) + BUTTON_ROOM)
        self.floor.setAccessibleName(tr("Floor"))
        if self.state is not None:
            self.show_state(self.state)
        self.refresh()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.back, "back", "accent")
        icons.set_icon(self.near, "search")

    # ---- inside

    def _placed(self) -> list[CameraView]:
        """Cameras with a place on a floor plan."""
        return [camera for camera in self.state.cameras if camera.floor] if self.state is not None else []

    def _code(self) -> str:
        value = self.floor.value()
        return value if isinstance(value, str) else ""

    def _offer_floors(self) -> None:
        assert self.state is not None
        used = {camera.floor for camera in self._placed()}
        chinese = language() == "zh"
        named = [(each.code, (each.name_zh if chinese else "") or each.name)
                 for each in self.state.floors if each.code in used]  # fmt: skip
        named += [(code, code) for code in sorted(used - {code for code, _ in named})]
        self.floor.offer(named)
        self.floor.setVisible(len(named) > 1)
        for widget in (self.side, self.bar, self.near, self.count, self.says):
            widget.setVisible(bool(used))
        if used:
            self.card.show_body()
        else:
            self._show_empty()

    def _show_empty(self) -> None:
        self.card.show_empty(
            "No camera is placed on the floor plan yet. Click four places in its picture and on the plan.",
            "Place a camera on the plan",
        )

    def _draw_floor(self) -> None:
        assert self.state is not None
        floor, chinese = self._code(), language() == "zh"
        zones = [Shape((each.name_zh if chinese else "") or each.name, each.outline)
                 for each in self.state.zones if each.floor == floor and len(each.outline) > 2]  # fmt: skip
        placed = self._placed()
        areas = [Shape(each.record.name, each.area, each.code) for each in placed if each.floor == floor]
        self.canvas.show_floor(zones, areas, {each.code: place for place, each in enumerate(placed)})

    def _draw_cameras(self) -> None:
        self.list.show_entries([*self._entries()])

    def _entries(self) -> Iterator[Entry]:
        now = self.state.now if self.state is not None else 0
        for place, camera in enumerate(self._placed()):
            code = camera.code
            if camera.floor == self._code():
                asked = camera.watched or code in self._played
                fault, here = self._faults.get(code), self._here[code]
                words = words_of(camera, self.views.get(code), fault, now, asked=asked, here=here)
                fixed = not camera.watched and not camera.recording
                yield Entry(code, camera.record.name, place, asked and code not in self._off, words, fixed)

    def _watch(self) -> None:
        """Ask for the cameras that the service counts, and for recordings that were switched on."""
        codes = [each.code for each in self._placed() if each.watched or each.code in self._played]
        if not self._looking:
            return
        if codes:
            self.stream.watch(codes, rate=RATE, width=WIDTH)
        else:
            self.stream.close()

    def _arrived(self, code: str, _image: QImage | None, view: View) -> None:
        self.views[code] = view
        self._faults.pop(code, None)
        if view.plan is not None and view.at_ms:
            self.memory.add(code, view.plan.floor, view.at_ms, view.plan.people)
            self._note_newest()
        self.stream.painted(code)

    def _note_newest(self) -> None:
        span = self.memory.span()
        if span is not None and span[1] != self._newest:
            self._newest, self._newest_seen = span[1], time.monotonic()
            self.memory.forget_before(span[1] - KEPT_MS)

    def _since_ms(self) -> int:
        """How long ago the newest picture came."""
        return round(1000 * (time.monotonic() - self._newest_seen)) if self._newest else 0

    def _failed(self, code: str, sentence: str) -> None:
        self._faults[code] = sentence
        self.views.pop(code, None)

    def _on_tick(self) -> None:
        """Ten times a second: a replay goes on, and what is now is drawn."""
        now = time.monotonic()
        passed, self._ticked = min(now - self._ticked, 1.0), now
        span = self.memory.span()
        if span is not None:
            self.replay.step(span, passed)
        self.refresh()
        self._round = (self._round + 1) % SLOW
        if not self._round:
            self._draw_cameras()

    def _forgotten(self) -> None:
        """Nobody has looked for as long as anything is kept."""
        self.memory.clear()
        self.replay.go_live()

    def _pick_floor(self) -> None:
        self._draw_floor()
        self._draw_cameras()
        self.refresh()

    def _place_one(self) -> None:
        cameras = self.state.cameras if self.state is not None else ()
        first = next((each for each in cameras if each.watched), next(iter(cameras), None))
        self.floor_wanted.emit(first.code if first is not None else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, where no button or box has the keyboard and takes it."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.play()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side.setFixedWidth(SIDE[self.width() >= WIDE])

    def _connect(self) -> None:
        self.stream.arrived.connect(self._arrived)
        self.stream.failed.connect(self._failed)
        self._tick.timeout.connect(self._on_tick)
        self._forget.timeout.connect(self._forgotten)
        self.back.clicked.connect(self.left)
        self.near.toggled.connect(self.canvas.look_near)
        self.floor.activated.connect(self._pick_floor)
        self.bar.played.connect(self.play)
        self.bar.moved.connect(self.go_back)
        self.bar.sped.connect(self.set_speed)
        self.bar.lived.connect(self.go_live)
        self.list.switched.connect(self.switch)
        self.card.acted.connect(self._place_one)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.left)

    def _lay_out(self) -> None:
        theme.set_role(self.back, kind="quiet")
        theme.set_role(self.heading, role="section")
        theme.set_role(self.count, role="muted")
        self.near.setCheckable(True)
        theme.set_role(self.near, kind="nav")
        top = QHBoxLayout()
        top.setSpacing(8)
        for widget in (self.back, self.heading, self.floor):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(self.count)
        top.addWidget(self.near)
        self.side.set_body(scrolled(self.list))
        self.side.setFixedWidth(SIDE[0])
        frame = QFrame()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self.canvas, 1)
        inside.addWidget(self.bar)
        self.card.set_body(frame)
        halves = QHBoxLayout()
        halves.setSpacing(12)
        halves.addWidget(self.card, 1)
        halves.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addLayout(halves, 1)
        column.addWidget(self.says)
