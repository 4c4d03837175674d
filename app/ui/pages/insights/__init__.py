"""Predictive insights: what customers are worth, who may stay away, what they may do, and how far to trust it."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from app.ui.analysis_page import IMPORT_SALES, RUN_NOW, AnalysisPage
from app.ui.desk import Desk
from app.ui.i18n import language, mark
from app.ui.page import Page, PageModel
from app.ui.pages.insights.churn_tab import ChurnTab
from app.ui.pages.insights.model_panel import ModelPanel
from app.ui.pages.insights.models_tab import Decision, ModelsTab
from app.ui.pages.insights.picks_tab import PicksTab
from app.ui.pages.insights.propensity_tab import PropensityTab
from app.ui.pages.insights.state import State, read
from app.ui.pages.insights.tabs import ValueTab, WinBackTab
from app.ui.widgets.lazy_tabs import TabCard
from app.ui.widgets.silence import silence
from engines.validation.actions import pin, unpin

RELATIONS = (
    "person_value", "person_churn", "person_propensity", "win_back", "model_version", "model_pin", "job_run",
    "rfm_score", "next_action", "person_pick",
)  # fmt: skip
CARDS = (
    TabCard("value", mark("Customer value"), ValueTab),
    TabCard("churn", mark("Churn risk"), ChurnTab),
    TabCard("propensity", mark("Propensities"), PropensityTab),
    TabCard("winback", mark("Win-back"), WinBackTab),
    TabCard("picks", mark("Offers and next actions"), PicksTab),
    TabCard("models", mark("Models"), ModelsTab),
)
TABS = tuple(card.name for card in CARDS)
#: What a tab runs, where it is not the engine of its name.
RUNS = {"models": "--all", "picks": "next_action"}
NOBODY = mark("No customers yet. Import sales with card or customer numbers.")

__all__ = ["InsightsPage", "State", "make", "read"]


class InsightsPage(AnalysisPage):
    """The page of predictions."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS), CARDS)
        self._panel: ModelPanel | None = None

    @property
    def value(self) -> ValueTab:
        """The tab of value."""
        return cast(ValueTab, self.tabs.part("value"))

    @property
    def churn(self) -> ChurnTab:
        """The tab of churn risk."""
        return cast(ChurnTab, self.tabs.part("churn"))

    @property
    def propensity(self) -> PropensityTab:
        """The tab of what people may do."""
        return cast(PropensityTab, self.tabs.part("propensity"))

    @property
    def winback(self) -> WinBackTab:
        """The tab of who came back."""
        return cast(WinBackTab, self.tabs.part("winback"))

    @property
    def picks(self) -> PicksTab:
        """The tab of offers and next actions."""
        return cast(PicksTab, self.tabs.part("picks"))

    @property
    def models(self) -> ModelsTab:
        """The tab of models and their versions."""
        return cast(ModelsTab, self.tabs.part("models"))

    # ---- what the page knows

    def join(self, name: str) -> None:
        """A tab's definitions and people lead on."""
        part: Any = self.tabs.part(name)
        if name == "models":
            part.decided.connect(self.decide)
            return
        part.opened.connect(self._open_person)
        if name != "picks":
            part.defined.connect(self.define)

    def turned(self) -> None:
        """A card of the tab before does not stay."""
        if self._panel is not None:
            self._panel.close_panel()
        super().turned()

    def run_name(self, name: str) -> str:
        """The engine of the tab, or all."""
        return RUNS.get(name, name)

    def missing(self, state: State, name: str) -> bool:
        """Whether the engine left nothing."""
        held = {"value": state.value, "churn": state.churn, "propensity": state.spreads, "winback": state.won_back,
                "models": state.models.cards, "picks": state.ran["picks"].ended_at}  # fmt: skip
        return not held[name]

    def ran_at(self, state: State, name: str) -> int | None:
        """When its engine last ended."""
        ran = state.ran.get(name)
        return ran.ended_at if ran is not None else None

    def refusal(self, state: State, name: str) -> str:
        """What the engine's newest run said where it refused."""
        ran = state.ran.get(name)
        return ran.refused[language() == "zh"] if ran is not None else ""

    def said(self, state: State, name: str) -> str:
        """A refusal since, and how long no sale has come."""
        refused = "" if self.missing(state, name) else self.refusal(state, name)
        return " ".join(filter(None, (refused, silence(state.newest, self.desk.today))))

    def empty_words(self, state: State, name: str) -> tuple[str, str]:
        """Nobody, nothing learned, or not worked out."""
        if not state.known:
            return NOBODY, IMPORT_SALES
        return (mark("Nothing has been learned yet.") if name == "models" else
                mark("This has not been worked out yet."), RUN_NOW)  # fmt: skip

    # ---- what a person may do

    def define(self, engine: str) -> None:
        """Open the card of the engine's model."""
        state = self._state()
        model = state.lists["propensity"].choice if engine == "propensity" else engine
        card = state.models.card(engine, model)
        if engine == "propensity" and self.propensity.people.listing is not None:
            card = state.models.card(engine, self.propensity.people.choice.code()) or card
        if card is None:
            self.desk.say("What is counted stands above the table; no model is behind it.")
            return
        if self._panel is None:
            self._panel = ModelPanel(self)
        self._panel.show_card(card)

    def decide(self, wish: Decision) -> None:
        """Hold on to a version, or let go; kept with the person's name and reason."""
        asked: Any = {"engine": wish.engine, "model": wish.model, "reason": wish.reason}
        if wish.version is None:
            job = partial(unpin, self.desk.store, self.desk.actor, **asked)
        else:
            job = partial(pin, self.desk.store, self.desk.actor, version=wish.version, **asked)
        self.desk.work.run(job, self._decided, self.desk.fault)

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _open_person(self, person_id: bytes) -> None:
        self.desk.go("customers", {"person": person_id})

    def _decided(self, _: None) -> None:
        self.desk.say("Kept on record. It scores from the next run on.", "good")
        self.models.decide.reason.clear()
        self.model.refresh()


def make(desk: Desk) -> Page:
    """The page of predictions."""
    return InsightsPage(desk)
