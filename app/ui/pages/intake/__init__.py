"""Import: bring in a file, and see or take back what was brought in before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QTabWidget

from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.intake.form import ImportForm
from app.ui.pages.intake.history import PAGE_ROWS, REJECT_ROWS, ImportHistory
from app.ui.pages.intake.kinds import KindsCard
from app.ui.pages.intake.mapping import MappingEditor
from app.ui.pages.intake.result import ResultCard
from app.ui.period import Period
from app.ui.turns import Steps
from engines.intake import queries
from engines.intake.queries import BatchRow
from models.errors import Known
from models.requests import request_run
from models.store import Store

TABS = (mark("Import a file"), mark("Past imports"))


@dataclass(frozen=True)
class State:
    """The newest imports."""

    batches: tuple[BatchRow, ...]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The newest page of imports."""
    return State(tuple(queries.batches(store, limit=PAGE_ROWS)))


def ask_for_analyses(store: Store, actor: str) -> int:
    """Ask the service to run every analysis; how many there are."""
    from engines.registry import ENGINES

    for engine in ENGINES:
        request_run(store, actor, engine.name)
    return len(ENGINES)


class IntakePage(Page):
    """A file dropped anywhere on the page is looked into."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("intake_batch",)))
        self._undoing: Child | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The tabs, then the form and the history."""
        self.tabs = QTabWidget()
        self.body.addWidget(self.tabs, 1)
        yield
        mapping, kinds = MappingEditor(), KindsCard()
        yield
        result = ResultCard(self.desk)
        yield
        self.form = ImportForm(self.desk, mapping, result, kinds)
        yield
        self.tabs.addTab(self.form, "")
        yield
        self.history = ImportHistory(self.desk)
        self.tabs.addTab(self.history, "")
        self.form.imported.connect(self._imported)
        self.form.opened.connect(self.desk.go)
        self.form.run_wanted.connect(self.run_analyses)
        self.history.undo_wanted.connect(self.confirm_undo)
        self.setAcceptDrops(True)
        self.retranslate()
        yield

    def drawing(self) -> Steps:
        """The imports; the form draws itself."""
        state = self.model.state
        assert isinstance(state, State)
        self.history.show_newest(state.batches)
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may be {"kind": "sales"}, {"file": PATH} or "history"."""
        if argument == "history":
            self.tabs.setCurrentWidget(self.history)
        elif isinstance(argument, Mapping):
            self.tabs.setCurrentWidget(self.form)
            self.form.want_kind(str(argument.get("kind", "")))
            if argument.get("file"):
                self.form.choose(Path(str(argument["file"])))
        super().open()

    def run_analyses(self) -> None:
        """Have the service run every analysis over what is new."""
        job = partial(ask_for_analyses, self.desk.store, self.desk.actor)
        self.desk.work.run(job, self._asked, self.desk.fault)
        self.desk.service_wanted.emit(True)

    def confirm_undo(self, batch: BatchRow) -> None:
        """Say what taking it back means; the toast's button does it."""
        self.desk.say(
            "Take back {file}: {rows} rows loaded, {updated} changed?", action="Take it back",
            do=_TakeBack(self, batch).run, file=batch.file, rows=current().integer(batch.loaded),
            updated=current().integer(batch.updated),
        )  # fmt: skip

    def undo(self, batch: BatchRow) -> None:
        """Take the import back, in a process of its own: it may be long."""
        if self._undoing is not None:
            self.desk.say("Another import is being taken back; wait for its end.")
            return
        self._undoing = Child(["--site", str(self.desk.folder), "undo", batch.id.hex()], self)
        self._undoing.ended.connect(self._undone)
        self._undoing.start()

    def retranslate(self) -> None:
        """Tabs in the language in force."""
        for index, title in enumerate(TABS):
            self.tabs.setTabText(index, tr(title))
        super().retranslate()

    def export(self) -> None:
        """The imports as a file."""
        self.history.export()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()) and not self.form.busy():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.tabs.setCurrentWidget(self.form)
            self.form.choose(Path(files[0]))

    def _imported(self, document: Mapping[str, Any]) -> None:
        fresh = int(document["loaded"]) + int(document["updated"])
        if fresh:
            self.desk.say("{rows} rows are in.", "good", rows=current().integer(fresh))
        else:
            self.desk.say("Nothing new: the store knew these rows already.")
        if document["rejected"]:
            refused = partial(queries.rejects, self.desk.store, bytes.fromhex(document["batch"]), limit=REJECT_ROWS)
            self.desk.work.run(refused, self.form.result.show_rejects, self.desk.fault)
        self.model.refresh()

    def _asked(self, count: int) -> None:
        self.desk.say("{count} analyses are asked for.", action="Open Jobs", do=_Look(self.desk).run, count=count)

    def _undone(self, code: int, document: Mapping[str, Any]) -> None:
        child, self._undoing = self._undoing, None
        if child is not None:
            child.deleteLater()
        if code:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        else:
            self.desk.say("Taken back: {rows} rows.", "good", rows=current().integer(document["rows"]))
        self.model.refresh()


class _TakeBack:
    """What the toast's button does."""

    def __init__(self, page: IntakePage, batch: BatchRow) -> None:
        self._page, self._batch = page, batch

    def run(self) -> None:
        self._page.undo(self._batch)


class _Look:
    """Opens the jobs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def run(self) -> None:
        self._desk.go("jobs")


def make(desk: Desk) -> Page:
    """The page of imports."""
    return IntakePage(desk)
