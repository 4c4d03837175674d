"""The shape of a page: a frozen state, a model that reads it off the UI thread, a widget that draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.ui.desk import Desk
from app.ui.period import Period
from app.ui.turns import Steps, Turns
from engines.access.guard import check
from models.errors import Known
from models.store import Store
from models.timings import SLOW_MS, TIMINGS

State = TypeVar("State")
SETTLE_MS = 150


class PageModel(QObject, Generic[State]):
    """Holds the page's state, which `read(store, period, argument)` makes on the background thread (no Qt there).

    `right` is what reading needs, checked on the background thread each time; the shell sets it by the page's name.
    `relations` are those whose change makes the state stale; `clock_ms` reads again that often while shown.

    `changed` fires when `state` is new; `loading` when reading begins (True) and ends (False). A fault in
    reading leaves the old state in place and goes to the desk.
    """

    changed = Signal()
    loading = Signal(bool)

    def __init__(
        self,
        desk: Desk,
        read: Callable[[Store, Period, Any], State],
        relations: Iterable[str] = (),
        *,
        clock_ms: int = 0,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.relations = frozenset(relations)
        self._read = read
        self._clock_ms = clock_ms
        self.state: State | None = None
        self.argument: object = None
        self.right = ""
        self.trouble: Known | None = None
        self._asked = 0
        self._visible = False
        self._stale = True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.refresh)
        desk.period_changed.connect(self.outdated)
        desk.moved.connect(self._moved)

    def show_page(self, argument: object = None) -> None:
        """The page came to the front."""
        self._visible = True
        if argument is not None and argument != self.argument:
            self.argument, self._stale = argument, True
        if self._clock_ms:
            self._clock.start(self._clock_ms)
        if self._stale:
            self.refresh()

    def hide_page(self) -> None:
        """The page went to the back: it reads nothing until it returns."""
        self._visible = False
        self._clock.stop()
        self._settle.stop()

    def ask(self, argument: object) -> None:
        """Show something else (another search, another tenant)."""
        self.argument = argument
        self.refresh()

    def outdated(self) -> None:
        """What is shown is no longer true: read again soon, or when the page is next seen."""
        self._stale = True
        if self._visible:
            self._settle.start()

    def refresh(self) -> None:
        """Read the state again now."""
        self._asked += 1
        self._stale = False
        self.loading.emit(True)
        job = partial(self._read, self.desk.store, self.desk.period, self.argument)
        if self.right:
            job = partial(_allowed, self.desk.store, self.desk.actor, self.right, job)
        job = partial(_timed, f"page {self._read.__module__.split('.')[3]}", job)
        self.desk.work.run(partial(_numbered, self._asked, job), self._arrived, self._failed)

    def _moved(self, relations: frozenset[str]) -> None:
        if self.relations & relations:
            self.outdated()

    def _arrived(self, answer: tuple[int, State]) -> None:
        number, state = answer
        if number != self._asked:
            return
        self.trouble = None
        self.loading.emit(False)
        self.state = state
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.loading.emit(False)
        self.trouble = error if isinstance(error, Known) else None
        self.desk.fault(error)


def _numbered(number: int, job: Any) -> tuple[int, Any]:
    return number, job()


def _timed(name: str, job: Callable[[], Any]) -> Any:
    with TIMINGS.timed(name, SLOW_MS):
        return job()


def _allowed(store: Store, actor: str, right: str, job: Callable[[], Any]) -> Any:
    """What the job reads, for whoever has the right. Raises Denied."""
    check(store, actor, right)
    return job()


class Page(QWidget):
    """A page of the desktop: builds its widgets once, draws its model's state whenever it changes.

    A subclass sets `model` in its constructor, calls `super().__init__`, fills `self.body` and writes `draw`. Where
    that takes longer than the loop may stand still, it fills the body in `building` and draws in `drawing`, both
    generators that yield between parts: `self.turns` runs them over several turns, the drawing after the building.
    `drawn` fires when all of the state is on the screen.
    """

    drawn = Signal()

    def __init__(self, desk: Desk, model: PageModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.model = model
        model.setParent(self)
        self.turns = Turns(self)
        self.area = scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        inside = QWidget()
        inside.setProperty("role", "page")
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(24, 8, 24, 24)
        self.body.setSpacing(12)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        model.changed.connect(self._draw_soon)

    def open(self, argument: object = None) -> None:
        """The page came to the front, perhaps to show something particular."""
        self.model.show_page(argument)

    def leave(self) -> None:
        """The page went to the back."""
        self.model.hide_page()

    def asks_before_closing(self) -> bool:
        """Whether the page has just asked what is to become of unsaved work, so that the window should stay. Asked a
        second time, a page lets the window go."""
        return False

    def building(self) -> Steps:
        """The page's parts, one after the other; a page that has them calls `self.turns.add(self.building())` at the
        end of its constructor."""
        yield

    def polishing(self) -> Steps:
        """Put on the style sheet before the page is seen, a widget a step; else the first look at it does it all."""
        for widget in self.findChildren(QWidget):
            if isValid(widget):  # the loop has turned since
                widget.ensurePolished()
            yield

    def drawing(self) -> Steps:
        """Draw `self.model.state` part after part; a page that overrides `draw` does it in one go."""
        if type(self).draw is not Page.draw:
            self.draw()
        yield

    def draw(self) -> None:
        """Draw `self.model.state` soon, instead of a drawing that has not ended; every page has its own way."""
        self._draw_soon()

    def _draw_soon(self) -> None:
        self.turns.add(self._draw_and_say(), "draw")

    def _draw_and_say(self) -> Steps:
        yield from self.drawing()
        self.drawn.emit()

    def retranslate(self) -> None:
        """The language changed: draw again, since texts are made while drawing."""
        if self.model.state is not None:
            self.draw()

    def export(self) -> None:
        """Export what the page shows; pages with a table or chart override this."""
        self.desk.say("This page has nothing to export.")
