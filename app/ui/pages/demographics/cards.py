"""The chart cards of the Demographics page: shares and hours of ages and genders."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.demographics.charts import hours_chart, shares_chart
from app.ui.pages.demographics.state import State
from app.ui.pages.demographics.words import accuracy_words, reason_words, weak_words
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice

What = Literal["genders", "bands"]
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


def _caption() -> QLabel:
    label = QLabel()
    theme.set_role(label, role="caption")
    label.setWordWrap(True)
    return label
