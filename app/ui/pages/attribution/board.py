"""The Attribution page: models side by side, the league, paths, time to convert, and what holdouts say of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.page import Page, PageModel
from app.ui.pages.attribution import charts, tables
from app.ui.pages.attribution.explain import ExplainPanel
from app.ui.pages.attribution.state import Ask, State, read
from app.ui.pages.attribution.words import CONVERSIONS, DIMENSIONS, LOOKBACKS, MODELS, said
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.save_book import save_book
from engines.attribution.queries import MODELS as ORDER
from models.errors import Known

RELATIONS = ("touch_credit", "campaign_effect", "setting", "job_run", "campaign", "money_line")
STALE_MS = 36 * 3_600_000


class AttributionPage(Page):
    """Choices on top; models and bridge, league, holdouts, paths and time to convert below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.ask = Ask()
        self.child: Child | None = None
        self._explain: ExplainPanel | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.conversion, self.lookback = Choice("What counts as a conversion"), Choice("Look-back")
        yield
        self.model_choice, self.dimension = Choice("Attribution model"), Choice("League of")
        yield
        self.about, self.age, self.run_button = QLabel(), Badge(), QPushButton()
        yield
        self.models = DefinedCard(desk, "Models compared", "models")
        yield
        self.bridge = DefinedCard(desk, "From touches to all sales", "bridge")
        yield
        self.league = TableCard(desk, "League", "", tables.LEAGUE, "league")
        yield
        self.holdouts = TableCard(desk, "Checked by holdouts", "", tables.HOLDOUTS, "holdouts")
        yield
        self.calibration = DefinedCard(desk, "Attributed and added receipts", "holdouts")
        yield
        self.paths = TableCard(desk, "Commonest paths", "", tables.PATHS, "paths")
        yield
        self.lags = DefinedCard(desk, "Time to convert", "lags")
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
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        top = QHBoxLayout()
        top.setSpacing(8)
        for box in (self.conversion, self.lookback, self.model_choice):
            top.addWidget(box)
        top.addStretch(1)
        top.addWidget(self.age)
        top.addWidget(self.run_button)
        self.league.add_header(self.dimension)
        self.grid = CardGrid()
        self.none.setFixedHeight(240)
        self.none.hide()
        self.body.addLayout(top)
        self.body.addWidget(self.about)
        self.body.addWidget(self.grid)
        self.body.addWidget(self.none)
        self.body.addStretch(1)
        for card, span, height, least in (
            (self.models, 7, 320, 640), (self.bridge, 5, 320, 600), (self.league, 12, 396, 0),
            (self.holdouts, 12, 340, 0), (self.calibration, 12, 280, 0), (self.paths, 7, 360, 840),
            (self.lags, 5, 360, 380),
        ):  # fmt: skip
            self.grid.add(card, span=span, height=height, least=least)
            yield

    def _connect(self) -> None:
        self.conversion.chosen.connect(self.choose_conversion)
        self.lookback.chosen.connect(self.choose_lookback)
        self.model_choice.chosen.connect(self.choose_model)
        self.dimension.chosen.connect(self.choose_dimension)
        self.run_button.clicked.connect(self.run)
        self.none.acted.connect(self.next_step)
        for card in (self.models, self.bridge, self.league, self.holdouts, self.calibration, self.paths, self.lags):
            card.defined.connect(self.define)
            self.model.loading.connect(card.set_loading)
        self.league.table.activated.connect(self._open_line)
        self.holdouts.table.activated.connect(self._open_line)
        self.calibration.view.picked.connect(self._open_campaign)

    # ---- drawing

    def drawing(self) -> Steps:
        """Everything, or why there is nothing."""
        state = self.model.state
        assert isinstance(state, State)
        self._draw_choices(state)
        yield
        self._say_age(state)
        yield
        known = state.told is not None
        self.grid.setVisible(known)
        self.about.setVisible(known)
        self.none.setVisible(not known)
        if state.told is None:
            self._say_none(state)
            return
        self.about.setText(self._summary(state))
        self._draw_models(state)
        yield
        self.league.table.set_rows(tables.league_lines(state.league, state.ask.dimension, state.look.margin))
        self.league.set_title("League", "{words}", words=self._league_words(state))
        yield
        self._draw_holdouts(state)
        yield
        self.paths.table.set_rows(tables.path_lines(state.paths))
        if state.lags:
            self.lags.show_chart(charts.lag_bars(state.lags, state.look.lookback_days))
            self.lags.set_title("Time to convert", "Days from the first touch to the conversion")
        else:
            self.lags.explain("No conversion came after a touch.")
        self.grid.arrange()
        yield

    def retranslate(self) -> None:
        """The choices and the button in the language in force."""
        self.run_button.setText(tr("Run now"))
        self.conversion.offer(tuple((code, said(CONVERSIONS, code)) for code in CONVERSIONS), "purchase")
        days = tuple((str(n), tr("{days} days of look-back", days=current().integer(n))) for n in LOOKBACKS)
        self.lookback.offer(days, "30")
        self.model_choice.offer(tuple((code, said(MODELS, code)) for code in ORDER), "markov")
        self.dimension.offer(tuple((code, said(DIMENSIONS, code)) for code in DIMENSIONS), "channel")
        super().retranslate()

    # ---- what a person may do

    def choose_conversion(self, code: str) -> None:
        """Another kind of conversion."""
        self._look(conversion=code)

    def choose_lookback(self, days: str) -> None:
        """Another look-back."""
        self._look(lookback_days=int(days))

    def choose_model(self, model: str) -> None:
        """Another model in league and bridge."""
        self._look(model=model)

    def choose_dimension(self, dimension: str) -> None:
        """The league of channels, campaigns or tenants."""
        self._look(dimension=dimension)

    def define(self, name: str) -> None:
        """What a card's figure means."""
        if self._explain is None:
            self._explain = ExplainPanel(self)
        state = self.model.state
        self._explain.explain(name, state.ran if isinstance(state, State) else None)

    def run(self) -> None:
        """Work it out now, in a process of its own."""
        if self.child is None:
            self.child = Child(["--site", str(self.desk.folder), "run", "attribution"], self)
            self.child.ended.connect(self._ended)
            self.run_button.setEnabled(False)
            self.child.start()

    def next_step(self) -> None:
        """What the empty page offers."""
        state = self.model.state
        if isinstance(state, State) and state.refused[0]:
            self.desk.go("intake", {"kind": "activities"})
        else:
            self.run()

    def export(self) -> None:
        """Every chart and table as a workbook."""
        cards = (self.models, self.bridge, self.league, self.holdouts, self.calibration, self.paths, self.lags)
        save_book(self.desk, self, tr("Attribution"), [card.sheet() for card in cards])

    # ---- parts

    def _look(self, **changed: Any) -> None:
        self.ask = replace(self.ask, **changed)
        self.model.ask(self.ask)

    def _draw_choices(self, state: State) -> None:
        self.lookback.choose(str(state.look.lookback_days))
        self.model_choice.choose(state.look.model)
        self.conversion.choose(state.look.conversion)
        self.dimension.choose(state.ask.dimension)

    def _draw_models(self, state: State) -> None:
        assert state.told is not None
        if not state.channels:
            self.models.explain("No conversion came after a touch within the look-back.")
            self.bridge.explain("No conversion came after a touch within the look-back.")
            return
        self.models.set_title("Models compared", "Conversions by channel: correlations, not causes")
        self.models.show_chart(charts.model_bars(state.channels))
        steps = charts.bridge(state.channels, state.shown, state.told)
        self.bridge.set_title("From touches to all sales", "{model}", model=said(MODELS, state.shown))
        if steps is None:
            self.bridge.explain("Visits have no sales of their own.")
        else:
            self.bridge.show_chart(steps)

    def _draw_holdouts(self, state: State) -> None:
        lines = tables.holdout_lines(state.lifts, state.names)
        self.holdouts.set_title(
            "Checked by holdouts", "People it was sent to against people it was held back from: this is cause"
        )
        if not lines:
            self.holdouts.show_empty("No campaign held anybody back. Hold a tenth back to learn what a campaign adds.")
            self.calibration.hide()
            return
        self.holdouts.show_body()
        self.holdouts.table.set_rows(lines)
        chart = charts.calibration(state.lifts, state.campaigns, state.shown, state.names)
        self.calibration.setVisible(chart is not None and state.look.conversion == "purchase")
        if chart is not None:
            words = tr("{model} beside the holdout. The gap was not caused.", model=said(MODELS, state.shown))
            self.calibration.set_title("Attributed and added receipts", "{words}", words=words)
            self.calibration.show_chart(chart)

    def _summary(self, state: State) -> str:
        told, form = state.told, current()
        assert told is not None
        words = tr(
            "{touched} of {conversions} conversions since {day} came after a touch; {lost} paths led to none.",
            touched=form.integer(told.touched), conversions=form.integer(told.conversions),
            day=form.day(_date(told.from_day), "medium"), lost=form.integer(told.lost),
        )  # fmt: skip
        if told.state == "short":
            words += " " + tr(
                "A removal effect needs 300 conversions and paths that led to none: {more} conversions are missing, so "
                "last touch is shown alone.",
                more=form.integer(max(0, 300 - told.touched)),
            )
        return words

    def _league_words(self, state: State) -> str:
        model = said(MODELS, "touched" if state.ask.dimension == "tenant" else state.shown)
        if state.look.margin is None:
            return tr(
                "Attributed by: {model}. No margin is set, so sales for each unit spent stand for the return; set it "
                "in Settings: Margin on sales.",
                model=model,
            )
        margin = tables.whole(state.look.margin)
        return tr("Attributed by: {model}. Return with a margin of {margin} on sales.", model=model, margin=margin)

    def _say_age(self, state: State) -> None:
        if state.ran is None:
            self.age.say("")
            return
        age = state.now - state.ran
        tone = "warning" if age > STALE_MS else "neutral"
        words = "just now" if age < 60_000 else "{age} ago"
        self.age.say(words, cast(Any, tone), age=current().duration(max(age, 0) // 60_000 * 60))
        self.age.setToolTip(current().datetime(state.ran))

    def _say_none(self, state: State) -> None:
        if why := state.refused[language() == "zh"]:
            self.none.show_empty("{why}", "Import activities", why=why)
        else:
            self.none.show_empty("Attribution has not been worked out yet.", "Run now")

    def _open_line(self, line: object) -> None:
        code = getattr(line, "code", "")
        if self.ask.dimension == "tenant" and isinstance(line, tables.LeagueLine) and code:
            self.desk.go("sales", {"tenant": code})
        elif code and (self.ask.dimension == "campaign" or isinstance(line, tables.HoldoutLine)):
            self._open_campaign(code)

    def _open_campaign(self, code: str) -> None:
        self.desk.go("evaluation", {"campaign": code})

    def _ended(self, code: int, document: object) -> None:
        self.child = None
        self.run_button.setEnabled(True)
        if code and isinstance(document, dict):
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", "")), code=code))
        self.model.refresh()


def _date(day: str) -> Any:
    import datetime as dt

    return dt.date.fromisoformat(day)
