"""The tab of propensities."""

from __future__ import annotations

import math
from typing import Any

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.insights import charts
from app.ui.pages.insights.people import PeopleCard
from app.ui.pages.insights.state import State
from app.ui.pages.insights.tabs import InsightTab
from app.ui.pages.insights.words import measured, method_name, model_name
from app.ui.turns import Steps
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.rows import Column


class PropensityTab(InsightTab):
    """What people are likely to do."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.table = TableCard(
            desk, mark("What people are likely to do"), mark("Tested on the last window, beside a simple rule"),
            (
                Column("name", "Behaviour"), Column("horizon", "Days", "count", 64),
                Column("people", "People asked about", "count", 150), Column("expected", "Expected to", "count", 104),
                Column("method", "Method", width=168), Column("auc", "AUC", width=72),
                Column("rule", "Rule's AUC", width=96),
                Column("lift", "Lift, top tenth", width=116), Column("ece", "Calibration error", width=130),
            ), "propensity",
        )  # fmt: skip
        yield
        self.chances = DefinedCard(desk, mark("Chance by people"), "propensity", mark("People by tenth"))
        yield
        self.calibration = DefinedCard(
            desk, mark("Chances said against came"), "propensity", mark("On the last window")
        )
        yield
        self.people = PeopleCard(
            desk, mark("Most likely people"), "propensity",
            (Column("p", "Chance", "percent", 92), Column("horizon", "Within days", "count", 108)),
            choice=mark("Behaviour"),
        )  # fmt: skip
        yield
        self.add(self.table, span=12, height=272)
        yield
        self.add(self.chances, span=4, height=400, least=300)
        yield
        self.add(self.calibration, span=4, height=400, least=300)
        yield
        self.add(self.people, span=4, height=400, least=420)
        self.people.choice.chosen.connect(self._pick)
        self._state: State | None = None
        yield
        self._connect()
        yield

    def show_state(self, state: State) -> None:
        """All propensities, and one of them in full."""
        self._state = state
        self.table.table.set_rows([self._row(state, spread.model) for spread in state.spreads])
        self.people.choice.offer(tuple((s.model, model_name("propensity", s.model)) for s in state.spreads), "buy")
        self.people.show_people(state.lists["propensity"])
        self._draw(state.lists["propensity"].choice)

    def _pick(self, model: str) -> None:
        self._draw(model)

    def _draw(self, model: str) -> None:
        assert self._state is not None
        spread = next((s for s in self._state.spreads if s.model == model), None)
        card = self._state.models.card("propensity", model)
        if spread is None or card is None:
            return
        self.chances.set_title(mark("Chance by people"), model_name("propensity", model))
        self.chances.show_chart(charts.chances(tr("People"), spread.chances))
        data = charts.calibration(card)
        if data is None:
            self.calibration.explain("Everyone gets the same chance: nothing tells these people apart.")
        else:
            self.calibration.show_chart(data)

    def _row(self, state: State, model: str) -> dict[str, Any]:
        spread = next(s for s in state.spreads if s.model == model)
        card = state.models.card("propensity", model)
        row: dict[str, Any] = {
            "name": model_name("propensity", model), "horizon": spread.horizon, "people": spread.people,
            "expected": round(spread.expected), "method": "–", "auc": "–", "rule": "–", "lift": "–", "ece": "–",
        }  # fmt: skip
        if card is None:
            return row
        form, rule = current(), card.baselines.get("rule", {}).get("auc")
        figures = {"auc": measured(card, "auc"), "lift": measured(card, "lift_10"), "ece": measured(card, "ece"),
                   "rule": rule.value if rule else math.nan}  # fmt: skip
        words = {name: "–" if math.isnan(v) else form.decimal(v, 3) for name, v in figures.items()}
        return {**row, **words, "method": method_name(card.method)}
