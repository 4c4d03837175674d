"""Journeys: the stages people pass, groups side by side, cohorts, funnels and paths."""

from __future__ import annotations

from typing import Any, cast

from app.ui.analysis_page import IMPORT_SALES, RUN_NOW, AnalysisPage
from app.ui.desk import Desk
from app.ui.i18n import language, mark
from app.ui.page import Page, PageModel
from app.ui.pages.journeys.cohorts_tab import CohortsTab
from app.ui.pages.journeys.compare_tab import CompareTab
from app.ui.pages.journeys.funnels_tab import FunnelsTab
from app.ui.pages.journeys.panels import ExplainPanel, PeoplePanel, Reader
from app.ui.pages.journeys.paths_tab import PathsTab
from app.ui.pages.journeys.stages_tab import StagesTab
from app.ui.pages.journeys.state import Ask, State, read
from app.ui.widgets.lazy_tabs import TabCard
from app.ui.widgets.silence import silence

CARDS = (
    TabCard("stages", mark("Stages"), StagesTab),
    TabCard("compare", mark("Compare"), CompareTab),
    TabCard("cohorts", mark("Cohorts"), CohortsTab),
    TabCard("funnels", mark("Funnels"), FunnelsTab),
    TabCard("paths", mark("Paths"), PathsTab),
)
RELATIONS = (
    "person_stage", "stage_change", "cohort_cell", "mall_funnel_day", "engagement_score", "path_pattern", "funnel",
    "job_run",
)  # fmt: skip
NOBODY = mark("Nobody is known yet. Import members, or sales that carry a card or customer number.")
NOT_YET = mark("Journeys have not been worked out yet.")

__all__ = ["JourneysPage", "State", "make", "read"]


class JourneysPage(AnalysisPage):
    """Five tabs; the one in front is read and drawn. It follows the desk's period."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS), CARDS)
        self._explain: ExplainPanel | None = None
        self._people: PeoplePanel | None = None

    @property
    def stages(self) -> StagesTab:
        """The tab of stages."""
        return cast(StagesTab, self.tabs.part("stages"))

    @property
    def compare(self) -> CompareTab:
        """The tab of two groups."""
        return cast(CompareTab, self.tabs.part("compare"))

    @property
    def cohorts(self) -> CohortsTab:
        """The tab of cohorts."""
        return cast(CohortsTab, self.tabs.part("cohorts"))

    @property
    def funnels(self) -> FunnelsTab:
        """The tab of funnels."""
        return cast(FunnelsTab, self.tabs.part("funnels"))

    @property
    def paths(self) -> PathsTab:
        """The tab of paths."""
        return cast(PathsTab, self.tabs.part("paths"))

    def parts(self) -> tuple[StagesTab, CompareTab, CohortsTab, FunnelsTab, PathsTab]:
        """The tabs in order, all built."""
        return (self.stages, self.compare, self.cohorts, self.funnels, self.paths)

    def leave(self) -> None:
        """Nothing plays or runs while nobody looks."""
        self._stop_replay()
        if "funnels" in self.tabs.parts():
            self.funnels.stop()
        super().leave()

    # ---- what the page knows

    def join(self, name: str) -> None:
        """A tab's definitions, lists and choices lead on."""
        part: Any = self.tabs.part(name)
        part.defined.connect(self.define)
        if name == "compare":
            part.chosen.connect(self._compare)
        else:
            part.listed.connect(self.list_people)
        if name == "cohorts":
            part.chosen.connect(self._cohort)
        elif name == "funnels":
            part.changed.connect(self.model.refresh)

    def turned(self) -> None:
        """Each tab is read by itself."""
        self._stop_replay()
        self._ask()

    def run_name(self, name: str) -> str:
        """Stages and groups are of one engine, what people do of the other."""
        return "journeys" if name in ("stages", "compare") else "behaviour"

    def shows(self, state: State, name: str) -> bool:
        """The state is of one tab."""
        return state.ask.tab == name

    def missing(self, state: State, name: str) -> bool:
        """Whether the engine left nothing."""
        return state.part is None

    def ran_at(self, state: State, name: str) -> int | None:
        """When its engine last ended."""
        return state.ran.get(self.run_name(name))

    def refusal(self, state: State, name: str) -> str:
        """What the engine's newest run said where it refused."""
        return state.refused[language() == "zh"]

    def said(self, state: State, name: str) -> str:
        """A refusal since, and how long no sale has come."""
        refused = "" if state.part is None else self.refusal(state, name)
        return " ".join(filter(None, (refused, silence(state.newest, self.desk.today))))

    def empty_words(self, state: State, name: str) -> tuple[str, str]:
        """Nobody, or not worked out."""
        return (NOT_YET, RUN_NOW) if state.known else (NOBODY, IMPORT_SALES)

    # ---- what a person may do

    def define(self, name: str) -> None:
        """What a card's figure means."""
        if self._explain is None:
            self._explain = ExplainPanel(self)
        self._explain.explain(name, self._state())

    def list_people(self, title: str, reader: Reader) -> None:
        """The people behind a figure."""
        if self._people is None:
            self._people = PeoplePanel(self.desk, self)
            self._people.opened.connect(self._open_person)
        self._people.show_people(title, reader)

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _ask(self, **changed: Any) -> None:
        held = self.model.argument
        now = held if isinstance(held, Ask) else Ask()
        self.model.ask(Ask(**{**vars(now), "tab": self.tabs.name(), **changed}))

    def _stop_replay(self) -> None:
        if "paths" in self.tabs.parts():
            self.paths.replay.stop()

    def _compare(self, left: str, right: str) -> None:
        (a, _, b), (c, _, d) = left.partition("|"), right.partition("|")
        self._ask(left=(a, b), right=(c, d))

    def _cohort(self, kind: str) -> None:
        self._ask(kind=kind)

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})


def make(desk: Desk) -> Page:
    """The page of journeys."""
    return JourneysPage(desk)
