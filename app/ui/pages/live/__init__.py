"""Live: the site's cameras and recordings, one picture with its lines, and what each line has counted."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.live.camera import CameraPanel
from app.ui.pages.live.editor import CameraEditor, Draft
from app.ui.pages.live.state import CameraView, LineCount, state_words, totals
from app.ui.period import Period
from app.ui.widgets.card import Card
from engines.cameras.day import counted_on, last_day
from engines.cameras.records import CameraRecord, cameras, remember_camera, remove_camera
from models.errors import Known
from models.store import Store
from models.times import business_day, now_ms

CLOCK_MS = 15_000
LIST_WIDTH = 300
FALLBACK = "background-subtraction"


@dataclass(frozen=True)
class State:
    """Every camera with what it counted; `now` is UTC milliseconds."""

    now: int
    cameras: tuple[CameraView, ...]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The cameras, their lines, and the counts of today (of a recording: of its own newest day)."""
    now = now_ms()
    today, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    weights = _has_weights(store)
    return State(now, tuple(_view(store, record, today, weights=weights) for record in cameras(store)))


def _view(store: Store, record: CameraRecord, today: str, *, weights: bool) -> CameraView:
    from vision.config import config_of  # reads text only: nothing of OpenCV comes with it

    recording = not record.active and "://" not in record.address and not record.address.isdecimal()
    try:
        config = config_of(tomllib.loads(record.lines))
    except (Known, tomllib.TOMLDecodeError) as error:
        return CameraView(record, recording, None, (), fallback=False, wrong=str(error))
    gates = tuple(dict.fromkeys(line.counted_as for line in config.lines))
    day = (last_day(store, record.code, gates) if recording else today) or None
    counts = {count.gate: count for count in counted_on(store, record.code, day)} if day else {}
    lines = tuple(
        LineCount(line.name, line.counted_as, counts[line.counted_as].n_in, counts[line.counted_as].n_out)
        if line.counted_as in counts
        else LineCount(line.name, line.counted_as, None, None)
        for line in config.lines
    )
    fallback = record.detector == FALLBACK or not (record.detector or config.weights or weights)
    return CameraView(record, recording, date.fromisoformat(day) if day else None, lines, fallback=fallback)


def _has_weights(store: Store) -> bool:
    folder = store.site.folder / "weights"
    return any("face" not in path.stem for end in ("onnx", "xml") for path in folder.rglob(f"*.{end}"))


class LivePage(Page):
    """The cameras on the left, the chosen one on the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("camera", "count_bucket"), clock_ms=CLOCK_MS))
        self.chosen = ""
        self.runs: dict[str, Child] = {}
        self.fallbacks: dict[str, bool] = {}
        self.list = QListWidget()
        self.list.setFixedWidth(LIST_WIDTH)
        self.add = QPushButton()
        theme.set_role(self.add, kind="primary")
        self.panel = CameraPanel(desk)
        self.editor = CameraEditor()
        self.none = Card()
        self._lay_out()
        self._connect()
        self._again = QTimer(self, interval=1000)
        self._again.timeout.connect(self.model.refresh)
        self.retheme()
        self.retranslate()

    # ---- what the shell calls

    def draw(self) -> None:
        """The list, and the chosen camera."""
        state = self.model.state
        assert isinstance(state, State)
        codes = [view.record.code for view in state.cameras]
        if self.chosen not in codes:
            self.chosen = codes[0] if codes else ""
        self._fill_list(state)
        editing = not self.editor.isHidden()
        self.none.setVisible(not codes and not editing)
        self.list.setVisible(bool(codes))
        self.add.setVisible(bool(codes))
        self.panel.setVisible(bool(codes) and not editing)
        view = self._view()
        if view is not None:
            self.panel.show_camera(view, state.now, counting=self._counting(view.record.code))

    def open(self, argument: object = None) -> None:
        """`argument` may be a camera's code, or "add"."""
        if argument == "add":
            self.edit_new()
        elif isinstance(argument, str):
            self.chosen = argument
        super().open(argument)
        self.panel.start()

    def leave(self) -> None:
        """No picture is taken while nobody looks; a recording goes on being counted."""
        self.panel.stop()
        super().leave()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.add.setText(tr("Add a camera or recording"))
        self.list.setAccessibleName(tr("Cameras"))
        self.none.show_empty(
            "No camera yet. Add a camera's address or a recording, with the lines that people cross.",
            "Add a camera or recording",
        )
        super().retranslate()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.add, "add", "on_accent")

    # ---- what a person does

    def edit_new(self) -> None:
        """A form for another camera."""
        self._edit(None)

    def edit(self) -> None:
        """The chosen camera's address and lines."""
        view = self._view()
        if view is not None:
            self._edit(view.record)

    def save(self, draft: Draft) -> None:
        """Remember the camera and look at it."""
        self.chosen = draft.code
        job = partial(
            remember_camera, self.desk.store, self.desk.actor, code=draft.code, name=draft.name, address=draft.address,
            lines=draft.lines, detector=draft.detector, active=draft.active,
        )  # fmt: skip
        self.desk.work.run(job, self._saved, self.editor.refuse)

    def remove(self) -> None:
        """Forget the chosen camera; undo puts it back."""
        view = self._view()
        if view is None:
            return
        job = partial(remove_camera, self.desk.store, self.desk.actor, view.record.code)
        self.desk.work.run(job, self._removed, self.desk.fault)
        self.desk.say(
            "{camera} is removed. What it counted stays.", "good", action="Undo",
            do=_PutBack(self, view.record).run, camera=view.record.name,
        )  # fmt: skip

    def count(self) -> None:
        """Count the chosen recording to its end, in a process of its own."""
        view = self._view()
        if view is None or self._counting(view.record.code):
            return
        code = view.record.code
        child = Child(
            ["--site", str(self.desk.folder), "watch", "--camera", code, "--until-end", "--child"], self
        )  # fmt: skip
        child.setObjectName(code)
        child.progressed.connect(self._progressed)
        child.ended.connect(self._ended)
        self.runs[code] = child
        self._again.start()
        child.start()
        self.panel.begin_count()
        self.draw()

    def stop_count(self) -> None:
        """Ask the counting of the chosen recording to stop; what it has counted so far stays."""
        child = self.runs.get(self.chosen)
        if child is not None:
            child.cancel()

    # ---- inside

    def _progressed(self, report: dict[str, Any]) -> None:
        if self._sender() == self.chosen:
            self.panel.show_progress(report)

    def _ended(self, exit_code: int, document: dict[str, Any]) -> None:
        code = self._sender()
        child = self.runs.pop(code, None)
        if child is not None:
            child.deleteLater()
        if not self.runs:
            self._again.stop()
        if code == self.chosen:
            self.panel.end_count()
        if exit_code == 0:
            seen = sum(int(line["in"]) + int(line["out"]) for line in document.get("lines", []))
            name = next((view.record.name for view in self._views() if view.record.code == code), code)
            self.desk.say("{camera} is counted: {crossings} crossings.", "good", camera=name, crossings=seen)
            self.panel.keep_report(code, document)
        elif exit_code != 130:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.model.refresh()

    def _sender(self) -> str:
        return self.sender().objectName()

    def _counting(self, code: str) -> bool:
        return code in self.runs

    def _views(self) -> tuple[CameraView, ...]:
        state = self.model.state
        return state.cameras if isinstance(state, State) else ()

    def _view(self) -> CameraView | None:
        return next((view for view in self._views() if view.record.code == self.chosen), None)

    def _edit(self, record: CameraRecord | None) -> None:
        self.panel.hide()
        self.none.hide()
        self.editor.show_camera(record)
        self.editor.show()

    def _close_editor(self) -> None:
        self.editor.hide()
        if self.model.state is not None:
            self.draw()

    def _saved(self, _: None) -> None:
        self._close_editor()
        self.model.refresh()
        self.panel.forget_picture()

    def _removed(self, _: None) -> None:
        self.model.refresh()

    def _choose(self, row: int) -> None:
        item = self.list.item(row)
        if item is None or item.data(1000) == self.chosen:
            return
        self.chosen = str(item.data(1000))
        self.editor.hide()
        self.draw()

    def _fill_list(self, state: State) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for view in state.cameras:
            words = state_words(view, state.now, counting=self._counting(view.record.code))
            counted = totals(view)
            lines = [view.record.name, words[0], *([counted] if counted else [])]
            icon = icons.icon("file" if view.recording else "camera", "muted")
            item = QListWidgetItem(icon, "\n".join(lines))
            item.setData(1000, view.record.code)
            self.list.addItem(item)
            if view.record.code == self.chosen:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(self.add)
        side.addWidget(self.list, 1)
        right = QVBoxLayout()
        right.addWidget(self.panel, 1)
        right.addWidget(self.editor, 1)
        right.addWidget(self.none, 1)
        self.editor.hide()
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(side)
        row.addLayout(right, 1)
        self.body.addWidget(inside, 1)

    def _connect(self) -> None:
        self.add.clicked.connect(self.edit_new)
        self.none.acted.connect(self.edit_new)
        self.list.currentRowChanged.connect(self._choose)
        self.panel.edit_wanted.connect(self.edit)
        self.panel.remove_wanted.connect(self.remove)
        self.panel.count_wanted.connect(self.count)
        self.panel.stop_wanted.connect(self.stop_count)
        self.editor.saved.connect(self.save)
        self.editor.cancelled.connect(self._close_editor)


class _PutBack:
    """What the toast's Undo does after a removal."""

    def __init__(self, page: LivePage, record: CameraRecord) -> None:
        self._page, self._record = page, record

    def run(self) -> None:
        r = self._record
        self._page.save(Draft(r.code, r.name, r.address, r.lines, r.detector, active=bool(r.active)))


def make(desk: Desk) -> Page:
    """The page of cameras."""
    return LivePage(desk)
