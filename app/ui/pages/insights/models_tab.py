"""The tab of models: every trained version with its card, and what people decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, mark, tr
from app.ui.pages.insights import charts
from app.ui.pages.insights.model_panel import facts
from app.ui.pages.insights.state import State
from app.ui.pages.insights.words import (
    GUARDS,
    STATES,
    about,
    method_name,
    metric_name,
    model_name,
    short_metric,
    written,
)
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from engines.validation.cards import ModelCard

CHOOSE = mark("Choose a version in the table.")
KEY_METRICS = ("auc", "explained")


@dataclass(frozen=True)
class Decision:
    """What a person wants of a model: hold on to `version`, or let go (None)."""

    engine: str
    model: str
    version: int | None
    reason: str


class DecideCard(Card):
    """What the chosen version is, and the buttons that hold on to it or let go. `decided(Decision)`."""

    decided = Signal(object)

    def __init__(self) -> None:
        super().__init__(mark("The version"))
        self.card: ModelCard | None = None
        self.pinned = False
        self.about, self.facts, self.limits = (_label() for _ in range(3))
        theme.set_role(self.facts, role="caption")
        theme.set_role(self.limits, role="caption")
        self.reason = QLineEdit()
        self.hold, self.release = QPushButton(), QPushButton()
        theme.set_role(self.hold, kind="primary")
        self.hold.clicked.connect(self._hold)
        self.release.clicked.connect(self._release)
        self.reason.textChanged.connect(self._settle)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        for label in (self.about, self.facts, self.limits):
            column.addWidget(label)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.hold)
        buttons.addWidget(self.release)
        buttons.addStretch(1)
        column.addWidget(self.reason)
        column.addLayout(buttons)
        self.set_body(inside)
        self.retranslate()

    def show_card(self, card: ModelCard, *, pinned: bool) -> None:
        """The version that was chosen, and whether its model is pinned."""
        self.card, self.pinned = card, pinned
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if not hasattr(self, "release"):
            return
        self.hold.setText(tr("Score with this version"))
        self.release.setText(tr("Let the champion score"))
        self.reason.setPlaceholderText(tr("Reason, kept in the audit log"))
        self.reason.setAccessibleName(tr("Reason, kept in the audit log"))
        self._settle()
        if self.card is None:
            self.about.setText(tr(CHOOSE))
            return
        zh = language() == "zh"
        promotion = self.card.promotion_zh if zh else self.card.promotion
        self.about.setText(f"{model_name(self.card.engine, self.card.model)}: {about(self.card)}\n{promotion}")
        self.facts.setText(facts(self.card))
        self.limits.setText("\n".join(f"• {x.text_zh if zh else x.text}" for x in self.card.limits))

    def _settle(self) -> None:
        known = self.card is not None and len(self.reason.text().split()) > 0
        self.hold.setEnabled(known)
        self.release.setEnabled(known and self.pinned)

    def _hold(self) -> None:
        if self.card is not None:
            self.decided.emit(Decision(self.card.engine, self.card.model, self.card.version, self.reason.text()))

    def _release(self) -> None:
        if self.card is not None:
            self.decided.emit(Decision(self.card.engine, self.card.model, None, self.reason.text()))


class ModelsTab(CardGrid):
    """`decided(Decision)` asks to hold on to a version or to let go."""

    decided = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: State | None = None
        self._chosen: tuple[str, str, int] | None = None

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.versions = TableCard(
            desk, mark("Trained versions"), mark("The one in use has a check mark; choose a row for its card"),
            (
                Column("name", "Model", width=150), Column("version", "Version", "count", 84),
                Column("used", "In use", "yes", 72), Column("state", "State", width=104),
                Column("method", "Method", width=140), Column("day", "Data up to", "day", 128),
                Column("n", "Rows", "count", 76), Column("metric", "On the last window"),
                Column("leaks", "Leak alarms", "count", 116),
            ),
        )  # fmt: skip
        yield
        self.decide = DecideCard()
        yield
        self.metrics = TableCard(
            desk, mark("Beside the simple rules"), mark("On the last window, with 80 % intervals"),
            (
                Column("metric", "Metric"), Column("own", "This version", width=240),
                Column("first", "First rule", width=240), Column("second", "Second rule", width=240),
            ),
        )  # fmt: skip
        yield
        self.calibration = DefinedCard(desk, mark("Calibration"), "", mark("Said against came, on the last window"))
        yield
        self.guards = TableCard(
            desk, mark("Leak guards"), mark("What makes models look better than they are"),
            (
                Column("name", "Guard", width=190), Column("state", "Result", width=84),
                Column("words", "What was found"),
            ),
        )  # fmt: skip
        yield
        self.add(self.versions, span=12, height=300)
        yield
        self.add(self.decide, span=6, height=400, least=420)
        yield
        self.add(self.calibration, span=6, height=400, least=320)
        yield
        self.add(self.metrics, span=12, height=360)
        yield
        self.add(self.guards, span=12, height=340)
        self.versions.table.selected.connect(self._choose)
        self.decide.decided.connect(self.decided)
        yield

    def cards(self) -> tuple[DefinedCard | TableCard, ...]:
        """The charts and tables that an export holds."""
        return (self.versions, self.metrics, self.calibration, self.guards)

    def show_state(self, state: State) -> None:
        """The versions, and the card that was chosen (at first the first in use)."""
        self._state = state
        self.versions.table.set_rows([self._row(state, card) for card in state.models.cards])
        chosen = state.models.card(*self._chosen) if self._chosen else None
        first = next((c for c in state.models.cards if state.models.used(c.engine, c.model) is c), None)
        card = chosen or first
        if card is not None:
            self._draw(card)

    def _choose(self, rows: Sequence[Any]) -> None:
        if not rows or self._state is None:
            return
        self._chosen = rows[0]["key"]
        card = self._state.models.card(*rows[0]["key"])
        if card is not None:
            self._draw(card)

    def _draw(self, card: ModelCard) -> None:
        assert self._state is not None
        self.decide.show_card(card, pinned=self._state.models.pin(card.engine, card.model) is not None)
        names = list(card.baselines)[:2]
        rows = []
        for metric in card.metrics:
            told = [written(metric, card.baselines[name].get(metric)) for name in names] + ["–", "–"]
            own = written(metric, card.metrics[metric])
            rows.append({"metric": metric_name(metric), "own": own, "first": told[0], "second": told[1]})
        rules = " / ".join(method_name(name) for name in names)
        self.metrics.set_title(mark("Beside the simple rules"), rules)
        self.metrics.table.set_rows(rows)
        data = charts.calibration(card)
        if data is None:
            self.calibration.explain("This version says no probabilities, or the same for everyone.")
        else:
            self.calibration.show_chart(data)
        self.guards.table.set_rows(
            [
                {
                    "name": tr(GUARDS.get(f.guard, f.guard)), "state": tr("Alarm") if f.fired else tr("Quiet"),
                    "words": f.sentence_zh if language() == "zh" else f.sentence,
                }
                for f in card.guards
            ]
        )  # fmt: skip

    def _row(self, state: State, card: ModelCard) -> dict[str, Any]:
        used = state.models.used(card.engine, card.model) is card
        pinned = used and state.models.pin(card.engine, card.model) is not None
        key = next((m for m in KEY_METRICS if m in card.metrics), next(iter(card.metrics), ""))
        told = f"{short_metric(key)} {written(key, card.metrics[key])}" if key else "–"
        label = tr(STATES.get(card.state, card.state))
        return {
            "key": (card.engine, card.model, card.version), "name": model_name(card.engine, card.model),
            "version": card.version, "used": used, "state": tr("{state}, held", state=label) if pinned else label,
            "method": method_name(card.method), "day": card.as_of, "n": card.n, "metric": told, "leaks": card.leaks,
        }  # fmt: skip


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    return label
