"""Money: why income changed, what each part contributes, what is ahead, and what was earned and spent beside rents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PySide6.QtWidgets import QLabel

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
from app.ui.pages.money.tab import Tab
from app.ui.turns import Steps
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard
from app.ui.widgets.save_book import save_book

CARDS = (
    TabCard("bridge", mark("Bridge"), BridgeTab),
    TabCard("contribution", mark("Contribution"), ContributionTab),
    TabCard("forecast", mark("Forecast"), ForecastTab),
    TabCard("heads", mark("Income and costs"), HeadsTab),
)
WATCHED = (
    "rent_month", "sales_month", "money_line", "money_forecast", "occasion_effect", "campaign_effect", "job_run",
)  # fmt: skip


class MoneyPage(Page):
    """Four tabs over one state, and one panel for definitions and rows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED))
        self.panel: RowsPanel | None = None
        self.age = QLabel()
        theme.set_role(self.age, role="caption")
        self.age.setWordWrap(True)
        self.tabs = LazyTabs(desk, CARDS)
        self.tabs.built.connect(self._join)
        self.tabs.currentChanged.connect(self._turned)
        self.body.addWidget(self.age)
        self.body.addWidget(self.tabs, 1)

    @property
    def bridge(self) -> BridgeTab:
        """The tab of what changed."""
        return cast(BridgeTab, self.tabs.part("bridge"))

    @property
    def contribution(self) -> ContributionTab:
        """The tab of who brings what."""
        return cast(ContributionTab, self.tabs.part("contribution"))

    @property
    def forecast(self) -> ForecastTab:
        """The tab of what is ahead."""
        return cast(ForecastTab, self.tabs.part("forecast"))

    @property
    def heads(self) -> HeadsTab:
        """The tab of income and costs by head."""
        return cast(HeadsTab, self.tabs.part("heads"))

    def drawing(self) -> Steps:
        """The tab in front."""
        state, name = self.model.state, self.tabs.name()
        if not isinstance(state, State):
            return
        self.age.setText(_age_words(state))
        yield from self.tabs.steps(name)
        self._tab(name).show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may name a tab: {"tab": "bridge" | "contribution" | "forecast" | "heads"}."""
        wanted = argument.get("tab") if isinstance(argument, Mapping) else argument
        self.tabs.choose(wanted)
        super().open()

    def ask(self, ask: Ask) -> None:
        """Look another way."""
        self.model.ask(ask)

    def explain(self, shown: Shown) -> None:
        """A definition, with the rows behind the figure where there are any."""
        if self.panel is None:
            self.panel = RowsPanel(self.desk, self)
        self.panel.show_rows(shown)

    def close_panel(self) -> None:
        """Another tab: what the panel explained is no longer before the eyes."""
        if self.panel is not None:
            self.panel.close_panel()

    def export(self) -> None:
        """The charts and tables of the tab in front as a workbook."""
        title = self.tabs.cards[self.tabs.currentIndex()].title
        cards = self._tab(self.tabs.name()).cards
        save_book(self.desk, self, f"{tr('Money')} {tr(title)}", [card.sheet() for card in cards])

    def _tab(self, name: str) -> Tab:
        return cast(Tab, self.tabs.part(name))

    def _turned(self, _index: int) -> None:
        self.close_panel()
        self.draw()

    def _join(self, name: str) -> None:
        tab = self._tab(name)
        tab.asked.connect(self.ask)
        tab.explained.connect(self.explain)
        for card in tab.cards:
            self.model.loading.connect(card.set_loading)


def _age_words(state: State) -> str:
    known = [at for at in state.ran.values() if at is not None]
    refused = [said[language() == "zh"] for said in state.refused]
    if not known:
        never = tr("Not worked out yet. The engines run each night; Jobs runs them now.")
        return " ".join(refused) or never
    return " ".join([tr("Worked out {when}, nightly.", when=current().datetime(min(known))), *refused])


def make(desk: Desk) -> Page:
    """The page."""
    return MoneyPage(desk)
