"""Jobs: who runs the site's jobs, each job with its last and next run, and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.jobs.history import PAGE_ROWS, History, HistoryPage
from app.ui.pages.jobs.list import JobList
from app.ui.pages.jobs.service import ServiceStrip
from app.ui.period import Period
from app.ui.turns import Steps
from models import ledger
from models.requests import request_run
from models.store import Store
from models.times import now_ms

if TYPE_CHECKING:
    from app.service.client import ServiceState

CLOCK_MS = 5000
TABS = (mark("Jobs"), mark("History"))
NAMES = ("jobs", "history")


@dataclass(frozen=True)
class State:
    """The service with its jobs, and the newest page of the ledger. `now` is UTC milliseconds."""

    now: int
    service: ServiceState
    runs: tuple[ledger.Run, ...]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The service, the jobs and the ledger as they stand."""
    from app.service.client import service_state

    return State(now_ms(), service_state(store), tuple(ledger.runs(store, limit=PAGE_ROWS)))


class JobsPage(Page):
    """The service stays in sight over two tabs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("job_run", "lease_row", "setting"), clock_ms=CLOCK_MS))
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The service and the tabs, then what stands in them."""
        desk = self.desk
        self.service, self.tabs = ServiceStrip(), QTabWidget()
        self.body.addWidget(self.service)
        self.body.addWidget(self.tabs, 1)
        yield
        self.jobs = JobList()
        yield
        self.tabs.addTab(_scrolled(self.jobs), "")
        yield
        self.history = History(desk)
        self.tabs.addTab(self.history, "")
        yield
        self.service.wanted.connect(desk.service_wanted)
        self.jobs.run_wanted.connect(self.run_now)
        self.jobs.stop_wanted.connect(self.stop)
        self.retranslate()
        yield

    def drawing(self) -> Steps:
        """Service, jobs and history from the state."""
        state = self.model.state
        assert isinstance(state, State)
        self.service.show_service(state.service, own=self.desk.owns_service)
        yield
        yield from self.jobs.showing(state.service.jobs, state.now, served=state.service.running)
        self.history.show_newest(HistoryPage(state.runs, {job.name: job for job in state.service.jobs}))
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: jobs or history."""
        if argument in NAMES:
            self.tabs.setCurrentIndex(NAMES.index(str(argument)))
        super().open(argument)

    def run_now(self, job: str) -> None:
        """Ask the service to run the job, and start a service where none runs."""
        state = self.model.state
        self.desk.work.run(partial(request_run, self.desk.store, self.desk.actor, job), self._asked, self.desk.fault)
        if isinstance(state, State) and not state.service.running:
            self.desk.service_wanted.emit(True)

    def stop(self, run: int) -> None:
        """Ask a run to stop."""
        stopping = partial(ledger.ask_to_stop, self.desk.store, self.desk.actor, run)
        self.desk.work.run(stopping, self._asked, self.desk.fault)

    def retranslate(self) -> None:
        """Tabs in the language in force."""
        for index, title in enumerate(TABS):
            self.tabs.setTabText(index, tr(title))
        super().retranslate()

    def export(self) -> None:
        """The ledger's rows as they are shown."""
        self.history.export()

    def _asked(self, _: None) -> None:
        self.model.refresh()


def _scrolled(*parts: QWidget) -> QScrollArea:
    """A tab that scrolls by itself."""
    whole = QWidget()
    whole.setProperty("role", "page")
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 12, 8, 0)
    column.setSpacing(12)
    for inside in parts:
        column.addWidget(inside)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(whole)
    return area


def make(desk: Desk) -> Page:
    """The page of jobs and health."""
    return JobsPage(desk)
