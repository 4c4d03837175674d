"""A page of tabs over what engines worked out: when that was, running it again, and why a tab is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.folded_tabs import fold
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard
from app.ui.widgets.save_book import save_book
from models.errors import Known

STALE_MS = 36 * 3_600_000
RUN_NOW = mark("Run now")
IMPORT_SALES = mark("Import sales")


class AnalysisPage(Page):
    """The tab in front is built and drawn, each part a turn. A tab's content has `show_state(state)` and `cards()`,
    which an export takes. A subclass answers what the methods under "what the page knows" ask."""

    def __init__(self, desk: Desk, model: PageModel[Any], cards: Sequence[TabCard]) -> None:
        super().__init__(desk, model)
        self.tabs = LazyTabs(desk, cards)
        self.age, self.note, self.run_button = Badge(parent=self), QLabel(), QPushButton()
        self.none = Card()
        self.child: Child | None = None
        self._lay_out()
        self.tabs.currentChanged.connect(self._turned)
        self.tabs.built.connect(self.join)
        self.run_button.clicked.connect(self.run)
        self.none.acted.connect(self._act)
        self.run_button.setText(tr(RUN_NOW))

    # ---- what the page knows

    def join(self, name: str) -> None:
        """Connect the content of a tab that has just been built."""

    def turned(self) -> None:
        """Another tab is in front."""
        if self.model.state is not None:
            self.draw()

    def run_name(self, name: str) -> str:
        """What `run` takes to work a tab out."""
        return name

    def shows(self, state: Any, name: str) -> bool:
        """Whether the state is of this tab."""
        return True

    def missing(self, state: Any, name: str) -> bool:
        """Whether the tab has nothing to show."""
        raise NotImplementedError

    def ran_at(self, state: Any, name: str) -> int | None:
        """When the tab was last worked out, UTC milliseconds."""
        raise NotImplementedError

    def refusal(self, state: Any, name: str) -> str:
        """Why the newest run refused, in the language in force."""
        raise NotImplementedError

    def said(self, state: Any, name: str) -> str:
        """What stands over a tab that is not empty."""
        raise NotImplementedError

    def empty_words(self, state: Any, name: str) -> tuple[str, str]:
        """Why a tab that did not refuse is empty, and the action (English sources)."""
        raise NotImplementedError

    # ---- drawing

    def drawing(self) -> Steps:
        """The tab in front, or why it is empty."""
        state, name = self.model.state, self.tabs.name()
        if state is None or not self.shows(state, name):
            return
        missing = self.missing(state, name)
        self._say_age(state.now, self.ran_at(state, name))
        self.note.setText(self.said(state, name))
        self.note.setVisible(bool(self.note.text()))
        self.none.setVisible(missing)
        fold(self.tabs, folded=missing)
        yield
        if missing:
            self._say_none(state, name)
            return
        yield from self.tabs.steps(name)
        part: Any = self.tabs.part(name)
        part.show_state(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be {"tab": name}."""
        if isinstance(argument, Mapping):
            self.tabs.choose(argument.get("tab"))
        super().open()

    def retranslate(self) -> None:
        """The button in the language in force, and the drawing."""
        self.run_button.setText(tr(RUN_NOW))
        super().retranslate()

    # ---- what a person may do

    def export(self) -> None:
        """Every chart and table of the tab in front as a workbook."""
        card, part = self.tabs.cards[self.tabs.currentIndex()], self._front()
        save_book(self.desk, self, tr(card.title), [held.sheet() for held in part.cards()])

    def run(self) -> None:
        """Work the tab out now, in a process of its own."""
        if self.child is None:
            self.child = Child(["--site", str(self.desk.folder), "run", self.run_name(self.tabs.name())], self)
            self.child.ended.connect(self._ended)
            self.run_button.setEnabled(False)
            self.child.start()

    # ---- parts

    def _front(self) -> Any:
        return self.tabs.part(self.tabs.name())

    def _turned(self, _index: int) -> None:
        self.turned()

    def _act(self) -> None:
        state: Any = self.model.state
        name = self.tabs.name()
        if not state.known or self.refusal(state, name):
            self.desk.go("intake", {"kind": "sales"})
        else:
            self.run()

    def _say_none(self, state: Any, name: str) -> None:
        refused = self.refusal(state, name) if state.known else ""
        if refused:
            self.none.show_empty("{why}", IMPORT_SALES, why=refused)
        else:
            self.none.show_empty(*self.empty_words(state, name))

    def _say_age(self, now: int, at: int | None) -> None:
        self.run_button.setVisible(at is not None)
        self.age.setVisible(at is not None)
        if at is None:
            self.age.say("")
            return
        age = now - at
        words = "just now" if age < 60_000 else "{age} ago"
        spent = current().duration(max(age, 0) // 60_000 * 60)
        self.age.say(words, "warning" if age > STALE_MS else "neutral", age=spent)
        self.age.setToolTip(current().datetime(at))

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        child, self.child = self.child, None
        self.run_button.setEnabled(True)
        if child is not None:
            child.deleteLater()
        if code == 0:
            self.desk.say("Worked out.", "good")
        else:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.model.refresh()

    def _lay_out(self) -> None:
        theme.set_role(self.note, role="muted")
        theme.set_role(self.run_button, kind="quiet")
        self.note.setWordWrap(True)
        self.none.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 4)
        head.setSpacing(8)
        head.addWidget(self.age)
        head.addWidget(self.run_button)
        corner = QWidget()
        corner.setLayout(head)
        self.tabs.setCornerWidget(corner)
        self.body.addWidget(self.note)
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.none, 1)
