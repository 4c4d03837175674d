"""The Evaluation page: the list and the advisor, one subject in full, answers to campaigns and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.page import Page, PageModel
from app.ui.pages.evaluation import charts, tables
from app.ui.pages.evaluation.advisor import AdvisorCard
from app.ui.pages.evaluation.detail import HeadCard
from app.ui.pages.evaluation.panels import DecisionPanel, ExplainPanel, OccasionPanel
from app.ui.pages.evaluation.state import Ask, State, read
from app.ui.pages.evaluation.words import BASELINES, named, said
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.save_book import save_book
from engines.evaluation.actions import accept_result, choose_baseline, end_occasion, keep_playbook
from models.errors import Known
from models.store import Store

RELATIONS = (
    "occasion", "campaign", "occasion_effect", "campaign_effect", "baseline_choice", "accepted_result", "playbook",
    "job_run", "money_line",
)  # fmt: skip
STALE_MS = 36 * 3_600_000


class EvaluationPage(Page):
    """What is chosen in the list stands in full below it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.ask = Ask()
        self.child: Child | None = None
        self._explain: ExplainPanel | None = None
        self._decision: DecisionPanel | None = None
        self._occasion: OccasionPanel | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.about, self.refused, self.age = QLabel(), QLabel(), Badge()
        yield
        self.new_button, self.run_button = QPushButton(), QPushButton()
        yield
        self.list = TableCard(desk, "Events and campaigns", "", tables.SUBJECT, "list")
        yield
        self.advisor = AdvisorCard(desk)
        yield
        self.head = HeadCard()
        yield
        self.course = DefinedCard(desk, "Observed and expected", "course")
        yield
        self.quiet = DefinedCard(desk, "Quiet times", "quiet")
        yield
        self.effects = TableCard(desk, "Under every baseline", "", tables.EFFECTS, "list")
        yield
        self.places = TableCard(desk, "Tenants and zones", "", tables.PLACES, "places")
        yield
        self.rates = TableCard(desk, "Answers to campaigns", "", tables.RATES, "rates")
        yield
        self.evidence = TableCard(desk, "Measured here before", "", tables.EVIDENCE, "advice")
        yield
        self.none = Card()
        yield
        yield from self._lay_out()
        yield
        self._connect()
        yield
        self.retranslate()
        yield

    def _lay_out(self) -> Steps:
        theme.set_role(self.about, role="caption")
        for label in (self.about, self.refused):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.refused.hide()
        theme.set_role(self.new_button, kind="primary")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.about, 1)
        for part in (self.age, self.run_button, self.new_button):
            top.addWidget(part)
        self.grid = CardGrid()
        self.none.setFixedHeight(240)
        self.none.hide()
        self.body.addLayout(top)
        self.body.addWidget(self.refused)
        self.body.addWidget(self.none)
        self.body.addWidget(self.grid)
        self.body.addStretch(1)
        for card, span, height, least in (
            (self.list, 12, 340, 0), (self.head, 12, 0, 0), (self.course, 8, 300, 600), (self.quiet, 4, 300, 300),
            (self.effects, 6, 380, 720), (self.places, 6, 380, 780), (self.advisor, 6, 340, 720),
            (self.evidence, 6, 340, 700), (self.rates, 12, 340, 0),
        ):  # fmt: skip
            self.grid.add(card, span=span, height=height, least=least)
            yield

    def _connect(self) -> None:
        self.new_button.clicked.connect(self.write_event)
        self.run_button.clicked.connect(self.run)
        self.none.acted.connect(self.write_event)
        self.list.table.selected.connect(self._selected)
        self.places.table.activated.connect(self._open_place)
        self.head.baseline.chosen.connect(self.choose_baseline)
        self.head.measure.chosen.connect(self.choose_measure)
        self.head.acted_on.connect(self.act)
        for card in self._cards():
            card.defined.connect(self.define)
            self.model.loading.connect(card.set_loading)

    def _cards(self) -> tuple[DefinedCard | TableCard, ...]:
        return (
            self.list, self.advisor, self.course, self.quiet, self.effects, self.places, self.rates, self.evidence
        )  # fmt: skip

    # ---- drawing

    def drawing(self) -> Steps:
        """Everything, or why there is nothing."""
        state = self._state()
        self._say_age(state)
        yield
        self.none.setVisible(not state.rows)
        self.grid.setVisible(bool(state.rows))
        self._say_refused(state)
        yield
        if not state.rows:
            self.none.show_empty(
                "No event or campaign is known yet. Write an event down, or import a list of events.", "New event"
            )
            return
        self.list.table.set_rows(tables.subject_lines(state.rows, self.desk.today.isoformat()))
        self.advisor.show_advice(state.advice)
        yield
        self._draw_detail(state)
        yield
        self.rates.table.set_rows(tables.rate_lines(state.rates))
        self.rates.table.set_empty("No campaign has been sent to anybody yet.")
        self.evidence.table.set_rows(tables.evidence_lines(state.campaigns, state.playbooks))
        self.evidence.table.set_empty("No holdout and no playbook yet: there is no evidence to rank.")
        self.grid.arrange()
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may be {"campaign": code} or {"occasion": code}."""
        if isinstance(argument, Mapping):
            for subject in ("campaign", "occasion"):
                if argument.get(subject):
                    self.ask = Ask(subject, str(argument[subject]))
                    self.model.argument = self.ask
                    self.model.outdated()
        super().open()

    def retranslate(self) -> None:
        """The buttons in the language in force."""
        self.run_button.setText(tr("Run now"))
        self.new_button.setText(tr("New event…"))
        self.about.setText(
            tr("What happened against what was expected. A word is said only where the interval leaves 0 out.")
        )
        super().retranslate()

    def _say_refused(self, state: State) -> None:
        """Why the newest run gave nothing; the list below may still hold what an older one found."""
        why = state.refused[language() == "zh"]
        self.refused.setText(tr("Not worked out: {why}", why=why) if why and state.rows else "")
        self.refused.setVisible(bool(self.refused.text()))

    # ---- what a person may do

    def choose(self, subject: str, code: str) -> None:
        """Show an event or campaign in full."""
        if (subject, code) != (self.ask.subject, self.ask.code):
            self._look(Ask(subject, code))

    def choose_baseline(self, baseline: str) -> None:
        """Look at it under another baseline; nothing is decided."""
        self._look(Ask(*self._key(), baseline, self._state().measure))

    def choose_measure(self, measure: str) -> None:
        """Look at sales or footfall."""
        self._look(Ask(*self._key(), self._state().baseline, measure))

    def act(self, name: str) -> None:
        """Judge by the baseline shown, accept, keep as a playbook, edit or end."""
        {
            "use": self._ask_reason, "accept": self._accept, "keep": self._ask_name, "edit": self._edit,
            "end": self._end,
        }[name]()  # fmt: skip

    def write_event(self) -> None:
        """The form for a new event."""
        self._form().write(self._state())

    def define(self, name: str) -> None:
        """What a card's figure means."""
        if self._explain is None:
            self._explain = ExplainPanel(self)
        self._explain.explain(name, self._state().ran)

    def run(self) -> None:
        """Work it out now, in a process of its own."""
        if self.child is None:
            self.child = Child(["--site", str(self.desk.folder), "run", "evaluation"], self)
            self.child.ended.connect(self._ended)
            self.run_button.setEnabled(False)
            self.child.start()

    def export(self) -> None:
        """Every chart and table as a workbook."""
        save_book(self.desk, self, tr("Evaluation"), [card.sheet() for card in self._cards()])

    # ---- parts

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _key(self) -> tuple[str, str]:
        detail = self._state().detail
        assert detail is not None
        return detail.row.subject, detail.row.code

    def _look(self, ask: Ask) -> None:
        self.ask = ask
        self.model.ask(ask)

    def _draw_detail(self, state: State) -> None:
        detail = state.detail
        assert detail is not None
        self.head.show_state(state)
        name = named(detail.row.name, detail.row.name_zh)
        if any(row.expected is not None for row in detail.days):
            self.course.set_title("Observed and expected", "{name}", name=name)
            self.course.show_chart(charts.course(detail.days, state.baseline, state.measure))
        else:
            self.course.explain("Nothing can be expected of these days under this baseline.")
        if detail.quiet:
            words = tr("{baseline}, when nothing happens", baseline=said(BASELINES, state.baseline))
            self.quiet.set_title("Quiet times", "{words}", words=words)
            self.quiet.show_chart(charts.quiet(detail.quiet))
        else:
            self.quiet.explain("There is no quiet time that this baseline reaches.")
        self.effects.table.set_rows(tables.effect_lines(detail.effects))
        self.effects.table.set_empty("Not worked out yet, or too little is known of these days.")
        self.places.table.set_rows(tables.place_lines(detail.places))
        self.places.table.set_empty("No sales of these days name a tenant.")

    def _selected(self, lines: list[Any]) -> None:
        if lines and isinstance(lines[0], tables.SubjectLine):
            self.choose(lines[0].subject, lines[0].code)

    def _open_place(self, line: object) -> None:
        if isinstance(line, Mapping) and line.get("scope") == "tenant":
            self.desk.go("sales", {"tenant": line["code"]})
        elif isinstance(line, Mapping):
            self.desk.go("zones", {"zone": line["code"]})

    def _ask_reason(self) -> None:
        state, subject = self._state(), self._key()
        self._decide().ask(
            tr("Judge by: {baseline}", baseline=said(BASELINES, state.baseline)),
            tr("The first assigned baseline and this reason stay on record, and the audit trail has them."),
            tr("Why the first one does not fit"), tr("Judge by this baseline"),
            partial(_chosen, self.desk.actor, subject, state.baseline),
        )  # fmt: skip

    def _ask_name(self) -> None:
        self._decide().ask(
            tr("Save as playbook"), tr("What it changed is kept with it, for the advisor."), tr("Name"), tr("Save"),
            partial(_kept, self.desk.actor, self._key()),
        )  # fmt: skip

    def _accept(self) -> None:
        state = self._state()
        job = partial(accept_result, self.desk.store, self.desk.actor, self._key(), state.baseline, state.measure)
        self.desk.work.run(job, self._acted)

    def _edit(self) -> None:
        detail = self._state().detail
        if detail is not None:
            self._form().change(self._state(), detail.row)

    def _end(self) -> None:
        job = partial(end_occasion, self.desk.store, self.desk.actor, self._key()[1], self.desk.today.isoformat())
        self.desk.work.run(job, self._acted)

    def _form(self) -> OccasionPanel:
        if self._occasion is None:
            self._occasion = OccasionPanel(self.desk, self)
            self._occasion.saved.connect(self._saved)
        return self._occasion

    def _decide(self) -> DecisionPanel:
        if self._decision is None:
            self._decision = DecisionPanel(self.desk, self)
            self._decision.done.connect(self.model.refresh)
        return self._decision

    def _saved(self, code: str) -> None:
        self.desk.say("Saved. Its effect appears with the next evaluation.", "good", "Run now", self.run)
        self._look(Ask("occasion", code))

    def _acted(self, _answer: object) -> None:
        self.model.refresh()

    def _say_age(self, state: State) -> None:
        if state.ran is None:
            self.age.say("")
            return
        age = state.now - state.ran
        words = "just now" if age < 60_000 else "{age} ago"
        tone = "warning" if age > STALE_MS else "neutral"
        self.age.say(words, tone, age=current().duration(max(age, 0) // 60_000 * 60))  # type: ignore[arg-type]
        self.age.setToolTip(current().datetime(state.ran))

    def _ended(self, code: int, document: object) -> None:
        self.child = None
        self.run_button.setEnabled(True)
        if code and isinstance(document, dict):
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", "")), code=code))
        self.model.refresh()


def _chosen(actor: str, subject: tuple[str, str], baseline: str, store: Store, reason: str) -> None:
    choose_baseline(store, actor, subject, baseline, reason)


def _kept(actor: str, subject: tuple[str, str], store: Store, name: str) -> None:
    keep_playbook(store, actor, subject, name)
