"""The chart cards of the Footfall page that have a control or words of their own."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.footfall.charts import (
    ahead_chart,
    backtest_words,
    busiest_floor,
    funnel_chart,
    meanings,
    plan_chart,
)
from app.ui.pages.footfall.state import State
from app.ui.pages.footfall.words import ADD_CAMERA, LAST_WEEK, NOT_OVER, named
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice

AHEAD_LATE_MS = 26 * 3_600_000


class PlanCard(DefinedCard):
    """A floor of the mall, its zones coloured by the people counted into them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Floor plan", "exposure_rate", "Entries at the gates that lead into a zone")
        self.floor = Choice("Floor")
        self.add_header(self.floor)
        self.floor.chosen.connect(self.draw)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The floors of the state."""
        self._state = state
        names = tuple((floor.code, named(floor.name, floor.name_zh)) for floor in reversed(state.floors))
        self.floor.offer(names, busiest_floor(state))
        self.floor.setVisible(bool(names))
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen floor."""
        made = plan_chart(self._state, self.floor.code()) if self._state else None
        if made is None:
            self.explain("No zone of this floor has an outline.", ADD_CAMERA, "live", "add")
        else:
            self.show_chart(made)


class AheadCard(DefinedCard):
    """Fourteen days ahead, and in one sentence how such forecasts did on past weeks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Fourteen days ahead", "forecast_error", "Visits by day; the shade is P10 to P90")
        self.words = _caption()
        self.add_footer(self.words)

    def show_state(self, state: State) -> None:
        """The forecast of the state."""
        made = ahead_chart(state.ahead)
        outlook = state.ahead.outlook if state.ahead else None
        self.words.setText(backtest_words(state.ahead) if made else "")
        self.words.setVisible(made is not None)
        if made is None:
            self.explain("No forecast yet: it needs four weeks of counts.", "Open jobs", "jobs")
            self.set_age(None)
            return
        self.show_chart(made)
        self.set_age(outlook.as_of if outlook else None, state.now, stale_after=AHEAD_LATE_MS)


class FunnelCard(DefinedCard):
    """From passing by to coming back, for the whole mall or for the shop fronts that are counted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Funnel", "conversion")
        self.scope = Choice("Where")
        self.add_header(self.scope)
        self.words = _caption()
        self.add_footer(self.words)
        self.scope.chosen.connect(self.draw)
        self.view.picked.connect(self.defined)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The steps of the state."""
        self._state = state
        self.scope.offer((("mall", tr("Whole mall")), ("shops", tr("Counted shops"))), "mall")
        self.scope.setVisible(state.counted)
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The steps of the chosen scope."""
        state = self._state
        if state is None:
            return
        steps = state.shops if self.scope.code() == "shops" else state.mall
        made = funnel_chart(steps)
        self.words.setText(meanings(steps) if made else "")
        self.words.setVisible(made is not None)
        if made is not None:
            self.show_chart(made)
        elif state.single and state.counted:
            self.explain(NOT_OVER, LAST_WEEK)
        elif self.scope.code() == "shops":
            self.explain("No shop front is counted on these days.", ADD_CAMERA, "live", "add")
        else:
            self.explain("Needs counts and receipts of the same days.", "Import sales", "intake", {"kind": "sales"})


def _caption() -> QLabel:
    label = QLabel()
    theme.set_role(label, role="caption")
    label.setWordWrap(True)
    return label


NO_HOURS = mark("Hours are added up each night; none of these days is yet.")
NO_STAYS = mark("No zone's stays are measured on these days.")
