"""Live: the site's cameras and recordings on a wall, each of them large with its counts, zones and health."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.live.counting import RecordingCounts
from app.ui.pages.live.full_screen import FullScreen
from app.ui.pages.live.notice import NoticeDialog
from app.ui.pages.live.read import State, read
from app.ui.pages.live.setup import FLOOR, Draft
from app.ui.pages.live.state import CameraView
from app.ui.pages.live.views import Views
from app.ui.turns import Steps
from app.ui.widgets.save_table import save_table
from engines.cameras.records import CameraRecord, remember_camera, remove_camera
from models.errors import Known

__all__ = ["LivePage", "State", "make", "read"]

CLOCK_MS = 10_000
CANCELLED = 130
EDGES = 8 + 24
"""Height of the page's upper and lower margins in pixels."""


class LivePage(Page):
    """The wall first; one camera where there is only one. `command` replaces the live-view child."""

    def __init__(self, desk: Desk, command: Sequence[str] = ()) -> None:
        super().__init__(desk, PageModel(desk, read, ("camera", "camera_state", "count_bucket"), clock_ms=CLOCK_MS))
        self.chosen = ""
        self._draft: Draft | None = None
        self._wanted = ""
        self._gone: CameraRecord | None = None
        self._seen = False
        self.counts = RecordingCounts(str(desk.folder), self)
        self.views = Views(desk, command)
        self.screen_window = FullScreen(self)
        self._again = QTimer(self, interval=1000)
        self.body.addWidget(self.views, 1)
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The wall and the single camera."""
        yield from self.views.building()
        self.wall, self.single, self.none = self.views.wall, self.views.single, self.views.none
        self.area.viewport().installEventFilter(self)
        self._connect()
        self._fit()
        self.retranslate()
        yield

    # ---- what the shell calls

    def draw(self) -> None:
        """The wall, or the chosen camera."""
        state = self.model.state
        assert isinstance(state, State)
        at = self.views.at
        self.wall.show_cameras(state.cameras, state.now, self.counts.codes())
        if not self._seen:
            self._seen = True
            if self._wanted == "plan":
                self._come_back()
            elif len(state.cameras) == 1 and not self.chosen and at(self.wall):
                self.open_camera(state.cameras[0].code)
        view = self._view()
        if at(self.single) and view is None:
            self.show_wall()
        elif at(self.single) and view is not None:
            self._draw_single(view, state)
        elif self.views.plan is not None and at(self.views.plan):
            self.views.plan.show_state(state)
        elif at(self.wall) or at(self.none):
            self.views.show_view(self.wall if state.cameras else self.none)

    def open(self, argument: object = None) -> None:
        """`argument` may be a camera's code, "add" or "plan"; a set-up that is not saved is asked about before."""
        if isinstance(argument, str) and self.views.unsaved() and self.views.setup is not None:
            self._wanted = argument
            self.views.setup.ask()
        elif isinstance(argument, str):
            self._go(argument)
        super().open()
        self.views.look(True)

    def asks_before_closing(self) -> bool:
        """A drawing that is not saved is asked about, once."""
        setup = self.views.setup
        if setup is None or not self.views.unsaved() or not setup.asked.isHidden():
            return False
        setup.ask()
        return True

    def leave(self) -> None:
        """No picture is taken while nobody looks; a recording goes on being counted."""
        self.leave_full_screen()
        self.views.look(False)
        super().leave()

    def export(self) -> None:
        """The counts of the camera in front."""
        if self.views.at(self.single):
            save_table(self.desk, self, tr("Counts by line"), self.single.figures.lines)
        else:
            super().export()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.none.show_empty(
            "No camera yet. Add a camera's address or a recording, with the lines that people cross.",
            "Add a camera or recording",
        )
        super().retranslate()

    # ---- what a person does

    def open_camera(self, code: str) -> None:
        """One camera large."""
        self.chosen = code
        view, state = self._view(), self.model.state
        if view is None or not isinstance(state, State):
            return
        self._draw_single(view, state)
        self.views.show_view(self.single)
        self.single.picture.setFocus(Qt.FocusReason.OtherFocusReason)

    def step(self, way: int) -> None:
        """The next camera, or the one before."""
        codes = [view.code for view in self._views()]
        if self.chosen in codes:
            self.open_camera(codes[(codes.index(self.chosen) + way) % len(codes)])

    def show_plan(self) -> None:
        """Where people stand on the floor plan."""
        state = self.model.state
        if isinstance(state, State):
            self.leave_full_screen()
            self.views.open_plan(state)

    def place_on_floor(self, code: str) -> None:
        """Set up where a camera's picture lies on the floor plan; a new camera where the code is empty."""
        self.chosen, self._wanted = code or self.chosen, "plan"  # from there the way leads back to the plan
        view = self._view() if code else None
        self.views.open_setup(view.record if view is not None else None, FLOOR)

    def show_wall(self) -> None:
        """All cameras."""
        self.views.show_view(self.wall if self._views() else self.none)
        self.wall.wall.focus_camera(self.chosen)

    def enter_full_screen(self) -> None:
        """The wall over the whole screen, or back."""
        if self.screen_window.isVisible():
            self.leave_full_screen()
        else:
            self.screen_window.take(self.views, f"{self.desk.store.site.name} – {tr('Cameras')}")
            self.wall.wall.focus_camera(self.chosen)

    def leave_full_screen(self) -> None:
        """Back into the page."""
        if self.screen_window.isVisible():
            self.screen_window.give()
            self.body.addWidget(self.views, 1)
            self.views.show()
            self._fit()
            if self.views.at(self.wall):  # else the keyboard is at the head of the navigation
                self.wall.wall.focus_camera(self.chosen)
            else:
                self.single.picture.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_notice(self) -> None:
        """The notice for the door."""
        dialog = NoticeDialog(self.desk, self.views.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def edit_new(self) -> None:
        """Set up another camera."""
        self.leave_full_screen()
        self.views.open_setup(None)

    def edit(self) -> None:
        """Set up the chosen camera."""
        view = self._view()
        if view is not None:
            self.leave_full_screen()
            self.views.open_setup(view.record)

    def check_accuracy(self) -> None:
        """Count by hand beside the chosen camera."""
        view = self._view()
        if view is not None:
            self.leave_full_screen()
            self.views.open_accuracy(view.record)

    def save(self, draft: Draft) -> None:
        """Remember the camera and look at it."""
        self.chosen, self._draft = draft.code, draft
        job = partial(
            remember_camera, self.desk.store, self.desk.actor, code=draft.code, name=draft.name, address=draft.address,
            lines=draft.lines, detector=draft.detector, active=draft.active, keep_login=draft.keep_login,
        )  # fmt: skip
        self.desk.work.run(job, self._saved, self._refused)

    def remove(self) -> None:
        """Forget the chosen camera; undo puts it back."""
        view = self._view()
        if view is None:
            return
        self._gone = view.record
        job = partial(remove_camera, self.desk.store, self.desk.actor, view.code)
        self.desk.work.run(job, self._removed, self.desk.fault)

    def count(self) -> None:
        """Count the chosen recording to its end, in a process of its own."""
        if self.counts.count(self.chosen):
            self._again.start()
            self.single.begin_count()
        if self._view() is not None:
            self.draw()

    def stop_count(self) -> None:
        """Ask the counting of the chosen recording to stop; what it has counted so far stays."""
        self.counts.cancel(self.chosen)

    # ---- inside

    def _go(self, argument: str) -> None:
        """To a camera by its code, to a new one, or to the floor plan."""
        if argument == "add":
            self.edit_new()
        elif argument == "plan" and self.model.state is not None:
            self.show_plan()
        elif argument == "plan":
            self._wanted = argument  # as soon as the cameras are known
        else:
            self.chosen = argument
            self.views.show_view(self.single)
            if self.model.state is not None:
                self.draw()

    def _stayed(self) -> None:
        self._wanted = ""

    def _progressed(self, code: str, report: dict[str, Any]) -> None:
        if code == self.chosen:
            self.single.show_progress(report)

    def _ended(self, code: str, exit_code: int, document: dict[str, Any]) -> None:
        if not self.counts.runs:
            self._again.stop()
        if code == self.chosen:
            self.single.end_count()
        if exit_code == 0:
            seen = sum(int(line["in"]) + int(line["out"]) for line in document.get("lines", []))
            name = next((view.record.name for view in self._views() if view.code == code), code)
            self.desk.say("{camera} is counted: {crossings} crossings.", "good", camera=name, crossings=seen)
            self.single.keep_report(code, document)
        elif exit_code != CANCELLED:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.model.refresh()

    def _views(self) -> tuple[CameraView, ...]:
        state = self.model.state
        return state.cameras if isinstance(state, State) else ()

    def _view(self) -> CameraView | None:
        return next((view for view in self._views() if view.code == self.chosen), None)

    def _draw_single(self, view: CameraView, state: State) -> None:
        codes = [each.code for each in state.cameras]
        self.single.show_camera(
            view, state, counting=view.code in self.counts.codes(), place=codes.index(view.code), among=len(codes)
        )

    def _come_back(self) -> None:
        """From the set-up or the check to the camera, or to the wall where there is none."""
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._go(wanted)
        elif self._view() is not None and not self.views.at(self.views.plan):
            self.open_camera(self.chosen)
        else:
            self.show_wall()

    def _refused(self, error: Exception) -> None:
        """A camera could not be saved: its set-up says so, where it is in front."""
        if self.views.setup is not None and self.views.at(self.views.setup):
            self.views.setup.refuse(error)
        else:
            self.desk.fault(error)

    def _saved(self, _: None) -> None:
        """The camera is in the store: show it, and count it where that was wanted."""
        self.single.forget()
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._go(wanted)
        else:
            self.views.show_view(self.single)
            self.single.picture.setFocus(Qt.FocusReason.OtherFocusReason)
        self.model.refresh()
        if self._draft is not None and self._draft.count and self.counts.count(self.chosen):
            self._again.start()
            self.single.begin_count()

    def _removed(self, address: str) -> None:
        """The camera is out of the store. Its address, with any password, lives as long as the offer to undo."""
        record, self._gone = self._gone, None
        if record is not None:
            self.desk.say(
                "{camera} is removed. What it counted stays.", "good", action="Undo",
                do=_PutBack(self, record, address).run, camera=record.name,
            )  # fmt: skip
        self.chosen = ""
        self.show_wall()
        self.model.refresh()

    def _fit(self) -> None:
        self.wall.set_room(self.area.viewport().height() - EDGES)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.screen_window.isVisible():
            self._fit()
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        self._again.timeout.connect(self.model.refresh)
        self.none.acted.connect(self.edit_new)
        self.views.saved.connect(self.save)
        self.views.returned.connect(self._come_back)
        self.views.stayed.connect(self._stayed)
        self.views.floor_wanted.connect(self.place_on_floor)
        self.wall.plan_wanted.connect(self.show_plan)
        self.wall.opened.connect(self.open_camera)
        self.wall.add_wanted.connect(self.edit_new)
        self.wall.notice_wanted.connect(self.show_notice)
        self.wall.full_wanted.connect(self.enter_full_screen)
        self.screen_window.left.connect(self.leave_full_screen)
        self.screen_window.resized.connect(self.wall.set_room)
        self.single.bar.shortcuts_on(self.single)
        self.single.left.connect(self.show_wall)
        self.single.stepped.connect(self.step)
        self.single.setup_wanted.connect(self.edit)
        self.single.accuracy_wanted.connect(self.check_accuracy)
        self.single.remove_wanted.connect(self.remove)
        self.single.count_wanted.connect(self.count)
        self.single.stop_wanted.connect(self.stop_count)
        self.counts.progressed.connect(self._progressed)
        self.counts.ended.connect(self._ended)


class _PutBack:
    """What the toast's Undo does after a removal."""

    def __init__(self, page: LivePage, record: CameraRecord, address: str) -> None:
        self._page, self._record, self._address = page, record, address

    def run(self) -> None:
        r = self._record
        self._page.save(Draft(r.code, r.name, self._address, r.lines, r.detector, bool(r.active)))


def make(desk: Desk) -> Page:
    """The page of cameras."""
    return LivePage(desk)
