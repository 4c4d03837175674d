"""The chart cards of the Demographics page: shares, hours, and what to ask instead of reading faces."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.demographics.charts import hours_chart, shares_chart
from app.ui.pages.demographics.state import State
from app.ui.pages.demographics.words import accuracy_words, reason_words, weak_words
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice
from engines.demographics.queries import EMOTION_CAUTION

What = Literal["genders", "bands"]
SURVEYS = mark("Import survey answers")
MONTH = mark("Show the last 30 days")
STEPS = mark("See what is missing")


class SharesCard(DefinedCard):
    """A chart of shares, the network's accuracy under it. `month_wanted` and `steps_wanted` are its actions."""

    month_wanted = Signal()
    steps_wanted = Signal()

    def __init__(self, desk: Desk, title: str, what: What) -> None:
        super().__init__(desk, title, subtitle=mark("Shares of everybody at the place"))
        self.what: What = what
        self._action = ""
        self.words = _caption()
        self.add_footer(self.words)
        self.acted.connect(self._act)

    def show_state(self, state: State) -> None:
        """The chosen place's shares, or why there are none."""
        found = state.found
        made = shares_chart(getattr(found, self.what)) if found else None
        check = found.check if found else None
        whole = next((g for g in check.checked.groups if g.kind == "all"), None) if check else None
        parts = [accuracy_words(whole, self.what), weak_words(found.weak) if found and whole else ""]
        self.words.setText(" ".join(part for part in parts if part))
        self.words.setVisible(made is not None)
        if made is not None:
            self.show_chart(made)
            return
        sentence, self._action = self._why(state)
        self.explain(sentence, self._action)

    def _why(self, state: State) -> tuple[str, str]:
        """The sentence that says why there is no chart, and the action that helps."""
        if state.found is None:
            if state.on:
                return tr("Nobody was measured in these days."), MONTH
            return tr("Switched off at every camera."), STEPS
        other = "bands_" if self.what == "genders" else "genders_"
        reasons = [reason for reason in state.found.reasons if not reason.code.startswith(other)]
        if not reasons:
            return tr("Nobody was measured in these days."), MONTH
        return reason_words(reasons[0]), STEPS if "weights" in reasons[0].code else MONTH

    def _act(self) -> None:
        (self.month_wanted if self._action == MONTH else self.steps_wanted).emit()


class HoursCard(DefinedCard):
    """People at the place by clock hour, as the network told them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("By hour"), subtitle=mark("As the network told it, not corrected"))
        self.what = Choice("Figure")
        self.add_header(self.what)
        self.what.chosen.connect(self.draw)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The chosen place's hours."""
        self._state = state
        self.what.offer((("genders", tr("Genders")), ("bands", tr("Age bands"))), "genders")
        self.what.setVisible(bool(state.hours))
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen figure; without a check of the network there is no chart."""
        state = self._state
        if state is None:
            return
        checked = state.found is not None and state.found.check is not None
        made = hours_chart(state.hours, self.what.code()) if checked else None
        if made is not None:
            self.show_chart(made)
        elif state.hours:
            self.explain("Hours are shown with weights that were checked on labelled faces.")
        else:
            self.explain("Nobody was measured in these days.")


class EmotionCard(Card):
    """Why faces are not asked how people feel, and what is: the survey's answers. `surveys_wanted` leads to them."""

    surveys_wanted = Signal()
    defined = Signal(str)

    def __init__(self) -> None:
        super().__init__(mark("How people feel"), mark("Expressions are off unless somebody switches them on"))
        inside = QWidget()
        self.badge = Badge(parent=inside)
        self.caution, self.survey = QLabel(), QLabel()
        for label in (self.caution, self.survey):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.button, self.define = QPushButton(), QPushButton()
        theme.set_role(self.button, kind="primary")
        theme.set_role(self.define, kind="quiet")
        self.button.clicked.connect(self.surveys_wanted)
        self.define.clicked.connect(self._define)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(self.define)
        row.addStretch(1)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.caution)
        column.addWidget(self.survey)
        column.addLayout(row)
        column.addStretch(1)
        self.set_body(inside)

    def show_state(self, state: State) -> None:
        """Whether expressions are on, and what the surveys say."""
        form = current()
        if state.emotion_on():
            words = "Expressions: on, only hourly sums" if state.expressions_ready else "Expressions: on, no weights"
            self.badge.say(words, "warning")
        else:
            self.badge.say("Expressions: off")
        self.caution.setText(reason_words(EMOTION_CAUTION))
        if state.csat is None:
            self.survey.setText(
                tr("No survey answers in these days: import them as activities of the kind csat, with a score.")
            )
        else:
            self.survey.setText(
                tr(
                    "Satisfaction in these days: {score} of 5, from {n} answers.", score=form.decimal(state.csat, 2),
                    n=form.integer(state.answers),
                )
            )  # fmt: skip
        self.button.setText(tr(SURVEYS))
        self.define.setText(tr("What satisfaction means"))
        self.define.setVisible(state.csat is not None)

    def _define(self) -> None:
        self.defined.emit("csat")


def _caption() -> QLabel:
    label = QLabel()
    theme.set_role(label, role="caption")
    label.setWordWrap(True)
    return label
