"""How people feel: why faces are not asked, what is asked instead, and what faces showed where it is switched on."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.demographics.charts import expressions_chart
from app.ui.pages.demographics.state import State
from app.ui.pages.demographics.words import reason_words
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.save_book import Sheet, chart_sheet
from engines.demographics.expressions import Expressions
from engines.demographics.queries import EMOTION_CAUTION

SURVEYS = mark("Import survey answers")
NAME = mark("How people feel")


class EmotionCard(Card):
    """The caution and the survey's answers always; expressions beside them where there are any.

    `surveys_wanted` leads to the import of answers, `defined` to what satisfaction means.
    """

    surveys_wanted = Signal()
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(NAME, mark("Expressions are off unless somebody switches them on"))
        self.desk = desk
        inside = QWidget()
        self.badge = Badge(parent=inside)
        self.why, self.caution, self.survey, self.people = (_words() for _ in range(4))
        theme.set_role(self.people, role="caption")
        self.button, self.define = QPushButton(), QPushButton()
        theme.set_role(self.button, kind="primary")
        theme.set_role(self.define, kind="quiet")
        self.button.clicked.connect(self.surveys_wanted)
        self.define.clicked.connect(self._define)
        self.view = ChartView(mark("Expressions (unreliable)"))
        self.beside = QWidget()
        self._lay_out(inside)
        self.set_body(inside)

    def show_state(self, state: State) -> None:
        """Whether expressions are on, what they were or why there are none, and what the surveys say."""
        felt, on = state.felt, state.emotion_on()
        if not on:
            self.badge.say("Expressions: off")
        elif any(reason.code == "no_weights" for reason in felt.reasons):
            self.badge.say("Expressions: on, no weights", "warning")
        else:
            self.badge.say("Expressions: on, only hourly sums", "warning")
        self.why.setText(" ".join(map(reason_words, felt.reasons)) if on else "")
        self.why.setVisible(bool(self.why.text()))
        self.caution.setText(reason_words(EMOTION_CAUTION))
        self.view.show_chart(expressions_chart(felt.shares))
        self.people.setText(_people(felt))
        self.beside.setVisible(bool(felt.shares))
        self._show_survey(state)

    def sheet(self) -> Sheet | None:
        """The shares for a workbook, the caution above them; None where there are none."""
        if self.view.data is None:
            return None
        made = chart_sheet(self.desk, tr(NAME), self.view.data)
        return replace(made, note=" ".join(part for part in (made.note, self.caution.text()) if part))

    def _show_survey(self, state: State) -> None:
        form = current()
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

    def _lay_out(self, inside: QWidget) -> None:
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addWidget(self.define)
        row.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignLeft)
        for label in (self.why, self.caution, self.survey):
            column.addWidget(label)
        column.addLayout(row)
        column.addStretch(1)
        chart = QVBoxLayout(self.beside)
        chart.setContentsMargins(0, 0, 0, 0)
        chart.addWidget(self.view, 1)
        chart.addWidget(self.people)
        across = QHBoxLayout(inside)
        across.setContentsMargins(0, 4, 0, 0)
        across.setSpacing(24)
        across.addLayout(column, 5)
        across.addWidget(self.beside, 7)

    def _define(self) -> None:
        self.defined.emit("csat")


def _people(felt: Expressions) -> str:
    """How many people stand behind the chart."""
    form = current()
    return tr(
        "{people} people seen; {unknown} unknown, {suppressed} in groups too small to be shown.",
        people=form.integer(felt.people), unknown=form.integer(felt.unknown),
        suppressed=form.integer(felt.suppressed),
    )  # fmt: skip


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
