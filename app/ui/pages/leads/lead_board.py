"""Prospects of a tab: the ladder, how good the prediction is, and the priority list."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.line import Line as LineChart
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.leads.cells import BarCell
from app.ui.pages.leads.reading import PAGE_ROWS, Choice, Line, State, read_lines
from app.ui.pages.leads.words import PARTS, PIPELINES, rung_name, said, step_name
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.validation.cards import ModelCard
from models.store import Store

COLUMNS = (
    Column("label", mark("Prospect"), width=126),
    Column("rung", mark("Rung"), width=92, write=rung_name),
    Column("composite", mark("Score"), "decimal", 88),
    Column("behavioural", mark("Behaviour"), "decimal", 96),
    Column("demographic", mark("Fit"), "decimal", 80),
    Column("engagement", mark("Engagement"), "decimal", 116),
    Column("predictive", mark("Prediction"), "decimal", 96),
    Column("next_step", mark("Next step"), write=step_name),
    Column("last_touch_day", mark("Last touch"), "day", 136),
)
BARS = (2, 3, 4, 5, 6)
TOP, TALL = 268, 470
HINT = mark("Score: {weights}, plus rules. Press a row for what makes it, a rung for its prospects.")


class LeadBoard(QWidget):
    """`opened(Line)` fires from a row, `chosen(Choice)` when the person narrows the list, `defined()` for the model."""

    opened = Signal(object)
    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.choice = Choice()
        self.ladder = ChartCard(desk, "Ladder of qualification", "How many reached each rung")
        self.model = ModelBoard(desk)
        self.list = Card()
        self.table = DataTable(COLUMNS, "Prospects", export=True)
        self.cell = BarCell(self)
        for column in BARS:
            self.table.view.setItemDelegateForColumn(column, self.cell)
        self.pipeline = QComboBox()
        self.pipeline.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.table.add_control(self.pipeline)
        self.list.set_body(self.table)
        self.cards = CardGrid()
        self.cards.add(self.ladder, span=5, height=TOP, least=360)
        self.cards.add(self.model, span=7, height=TOP, least=440)
        self.cards.add(self.list, span=12, height=TALL)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.addWidget(self.cards)
        self.table.set_empty("Nobody stands here.")
        self.table.activated.connect(self.opened)
        self.table.view.clicked.connect(self._open_current)
        self.table.more_wanted.connect(self._read_more)
        self.table.export_wanted.connect(self.export)
        self.ladder.view.picked.connect(self._pick_rung)
        self.pipeline.activated.connect(self._pick_pipeline)

    def show_state(self, state: State) -> None:
        """Draw a tab of prospects."""
        self.choice = state.choice
        steps = tuple(Step(rung_name(rung.name), float(rung.reached), rung.name) for rung in state.ladder)
        self._say_limits(state)
        self.ladder.show_chart(Funnel(steps))
        self.model.show_model(state.card, state.refusal)
        self.table.set_rows(state.lines, has_more=len(state.lines) == PAGE_ROWS)
        self._say(state)

    def export(self) -> None:
        """The whole list, masked, booked in the audit log."""
        choice = self.choice
        what = f"leads?use={choice.tab}&pipeline={choice.pipeline or ''}&rung={choice.rung or ''}"
        save_people(self.desk, self, PeopleList(tr("Prospects"), what, COLUMNS, partial(_everyone, choice)))

    def _say(self, state: State) -> None:
        rung = state.choice.rung
        weights = _weights(state)
        if rung:
            self.list.set_title(
                mark("On the rung {rung}, most promising first"), HINT, rung=rung_name(rung), weights=weights
            )
        else:
            self.list.set_title(mark("Most promising first"), HINT, weights=weights)
        self.pipeline.setVisible(state.choice.tab == "deal")
        self.pipeline.clear()
        self.pipeline.addItem(tr("All pipelines"), None)
        for name in state.pipelines:
            self.pipeline.addItem(said(PIPELINES, name), name)
        self.pipeline.setCurrentIndex(max(self.pipeline.findData(state.choice.pipeline), 0))
        self.pipeline.setAccessibleName(tr("Pipeline"))

    def _say_limits(self, state: State) -> None:
        if state.limits is None:
            self.ladder.set_title("Ladder of qualification", "How many reached each rung")
            return
        self.ladder.set_title(
            "Ladder of qualification", "Qualified from a score of {qualified}, sales-ready from {ready}",
            qualified=current().decimal(state.limits.qualified, 1),
            ready=current().decimal(state.limits.sales_ready, 1),
        )  # fmt: skip

    def _open_current(self) -> None:
        chosen = self.table.selected_rows()
        if len(chosen) == 1:
            self.opened.emit(chosen[0])

    def _pick_rung(self, rung: str) -> None:
        wanted = None if rung == self.choice.rung else rung
        self.chosen.emit(Choice(self.choice.tab, self.choice.pipeline, wanted))

    def _pick_pipeline(self) -> None:
        self.chosen.emit(Choice(self.choice.tab, self.pipeline.currentData(), self.choice.rung))

    def _read_more(self) -> None:
        last = self.table.rows.at(self.table.rows.rowCount() - 1)
        assert isinstance(last, Line)
        job = partial(_page, self.desk.store, self.choice, last.lead.key)
        self.desk.work.run(job, self._take)

    def _take(self, page: tuple[Choice, tuple[Line, ...]]) -> None:
        if page[0] == self.choice:
            self.table.append_rows(page[1], has_more=len(page[1]) == PAGE_ROWS)


def _weights(state: State) -> str:
    """The weights in force, in words."""
    if state.weights is None:
        return ""
    weighing = state.weights.weighing
    parts = [f"{said(PARTS, name)} {current().integer(100 * w)} %" for name, w in weighing.weights.items()]
    return tr("{weights} (version {version})", weights=", ".join(parts), version=weighing.version)


def _page(store: Store, choice: Choice, after: tuple[float, bytes]) -> tuple[Choice, tuple[Line, ...]]:
    return choice, read_lines(store, choice, after)


def _everyone(choice: Choice, store: Store) -> tuple[Line, ...]:
    return read_lines(store, choice, limit=-1)


class ModelBoard(ChartCard):
    """The AUC of the predictive component on each test day, beside the recency rule, and what else was measured."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "How good the prediction is", "AUC on days later than it learned from; 0.5 is chance")
        self.words = QLabel()
        self.words.setWordWrap(True)
        theme.set_role(self.words, role="caption")
        self.add_footer(self.words)

    def show_model(self, card: ModelCard | None, refusal: tuple[str, str] | None) -> None:
        """The card's course and figures, or why there is no model."""
        self.words.setText("")
        if card is None:
            sentence = "The scores have not been worked out yet."
            self.explain(refusal[language() == "zh"] if refusal else sentence)
            return
        windows = card.extra.get("rolling", [])
        days = tuple(current().day(_date(w["day"]), "short") for w in windows)
        ours = Series(tr("Model"), tuple(w["auc"] for w in windows))
        rule = Series(tr("Recency rule"), tuple(w["recency_auc"] for w in windows))
        chance = Series(tr("Chance"), (0.5,) * len(windows))
        self.show_chart(LineChart(days, (ours, rule, chance), "decimal", zero=False))
        self.words.setText(model_words(card, refusal))


def model_words(card: ModelCard, refusal: tuple[str, str] | None) -> str:
    """What a reader must know of the model, in the language in force."""
    form, figures = current(), card.metrics
    auc, lift = figures["auc"], figures["lift_10"]
    zh = language() == "zh"
    parts = [
        tr(
            "By date: AUC {auc} ({low} to {high}); a random split would say {random}, which does not count. "
            "Recency rule {rule}, majority 0.50.",
            auc=form.decimal(auc.value, 2), low=_two(auc.low), high=_two(auc.high),
            random=_two(figures["auc_random_split"].value), rule=_two(card.baselines["recency"]["auc"].value),
        ),
        tr(
            "Best tenth converts {lift} times the average. What came against what was said: {off}. Base rate {base}, "
            "{drift} against what it learned from.",
            lift=form.decimal(lift.value, 1), off=_signed(figures["calibration_in_the_large"].value),
            base=form.percent(figures["base_rate"].value), drift=_signed(figures["base_rate_drift"].value),
        ),
        tr(
            "{about} Version {version} of {day}, learned from {n} rows.", about=card.about_zh if zh else card.about,
            version=card.version, day=form.day(_date(card.as_of)), n=form.integer(card.n),
        ),
    ]  # fmt: skip
    return " ".join(([refusal[zh]] if refusal else []) + parts)


def _two(value: float | None) -> str:
    return "–" if value is None or value != value else current().decimal(value, 2)  # noqa: PLR0124 - NaN


def _signed(value: float) -> str:
    if value != value:  # noqa: PLR0124 - only a NaN differs from itself
        return "–"
    return ("+" if value >= 0 else "−") + current().percent(abs(value))


def _date(day: str) -> date:
    return date.fromisoformat(day)
