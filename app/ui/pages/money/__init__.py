"""Money: why income changed, what each part contributes, what is ahead, and what was earned and spent beside rents."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QLabel, QScrollArea, QTabWidget, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.money.bridge import BridgeTab
from app.ui.pages.money.contribution import ContributionTab
from app.ui.pages.money.forecast import ForecastTab
from app.ui.pages.money.heads import HeadsTab
from app.ui.pages.money.panel import RowsPanel, Shown
from app.ui.pages.money.state import Ask, State, read
from app.ui.widgets.save_book import save_book

TABS = (mark("Bridge"), mark("Contribution"), mark("Forecast"), mark("Income and costs"))
NAMES = ("bridge", "contribution", "forecast", "heads")
WATCHED = (
    "rent_month", "sales_month", "money_line", "money_forecast", "occasion_effect", "campaign_effect", "job_run",
)  # fmt: skip


class MoneyPage(Page):
    """Four tabs over one state, and one panel for definitions and rows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED))
        self.bridge, self.contribution = BridgeTab(desk), ContributionTab(desk)
        self.forecast, self.heads = ForecastTab(desk), HeadsTab(desk)
        self.panel: RowsPanel | None = None
        self.age = QLabel()
        theme.set_role(self.age, role="caption")
        self.age.setWordWrap(True)
        self.tabs = QTabWidget()
        for tab in (self.bridge, self.contribution, self.forecast, self.heads):
            self.tabs.addTab(_scrolled(tab), "")
            tab.asked.connect(self.ask)
            tab.explained.connect(self.explain)
            for card in tab.cards:
                self.model.loading.connect(card.set_loading)
        self.tabs.currentChanged.connect(self.close_panel)
        self.body.addWidget(self.age)
        self.body.addWidget(self.tabs, 1)
        self.retranslate()

    def draw(self) -> None:
        """Every tab from the state."""
        state = self.model.state
        assert isinstance(state, State)
        self.age.setText(_age_words(state))
        for tab in (self.bridge, self.contribution, self.forecast, self.heads):
            tab.show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "bridge" | "contribution" | "forecast" | "heads"}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else argument
        if wanted in NAMES:
            self.tabs.setCurrentIndex(NAMES.index(str(wanted)))
        super().open()

    def ask(self, ask: Ask) -> None:
        """Look another way."""
        self.model.ask(ask)

    def explain(self, shown: Shown) -> None:
        """A definition, with the rows behind the figure where there are any."""
        if self.panel is None:
            self.panel = RowsPanel(self.desk, self)
        self.panel.show_rows(shown)

    def close_panel(self, _index: int = 0) -> None:
        """Another tab: what the panel explained is no longer before the eyes."""
        if self.panel is not None:
            self.panel.close_panel()

    def retranslate(self) -> None:
        """Tabs in the language in force."""
        for index, title in enumerate(TABS):
            self.tabs.setTabText(index, tr(title))
        super().retranslate()

    def export(self) -> None:
        """The charts and tables of the tab in front as a workbook."""
        index = self.tabs.currentIndex()
        tab = (self.bridge, self.contribution, self.forecast, self.heads)[index]
        save_book(self.desk, self, f"{tr('Money')} {tr(TABS[index])}", [card.sheet() for card in tab.cards])


def _age_words(state: State) -> str:
    known = [at for at in state.ran.values() if at is not None]
    refused = [said[language() == "zh"] for said in state.refused]
    if not known:
        never = tr("Not worked out yet. The engines run each night; Jobs and health runs them now.")
        return " ".join(refused) or never
    return " ".join([tr("Worked out {when}, nightly.", when=current().datetime(min(known))), *refused])


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    inside.setProperty("role", "page")
    area.setWidget(inside)
    return area


def make(desk: Desk) -> Page:
    """The page."""
    return MoneyPage(desk)
