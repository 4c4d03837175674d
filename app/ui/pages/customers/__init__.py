"""Customers: find someone, see what the mall knows of them, decide who is one person, and see what is doubtful."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QTabBar, QWidget

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.customers.board_view import QualityBoard
from app.ui.pages.customers.merges_view import Merges, Merging, read_merges
from app.ui.pages.customers.overview import Overview, Whole
from app.ui.pages.customers.profile_view import PersonState, ProfileView, read_person
from app.ui.pages.customers.review import Queue, Review, read_queue
from app.ui.pages.customers.search_list import Found, Question, SearchList, find
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from engines.people.board import Board, board
from engines.people.quality import makeup, quality
from engines.people.queries import Among, Customer, headcount
from models.store import Store
from models.times import business_day, now_ms

RELATIONS = (
    "person", "member", "identifier", "identifier_owner", "identity_link", "sale", "activity", "rfm_score",
    "profile_attr", "person_value", "person_churn", "person_health", "person_stage", "segment_member",
)  # fmt: skip
QUEUE = ("dup_candidate", "person", "profile_attr")
BOARD = ("dup_candidate", "shared_sign", "consent_decision", "member", "identifier", "profile_attr", "merge_op", "sale")
TABS = (mark("Customers"), mark("To review"), mark("Merges"), mark("Data quality"))
CUSTOMERS, REVIEW, MERGES, QUALITY = range(4)
LIST_SHARE = (6, 7)
"""How the list and what is beside it share the width."""


@dataclass(frozen=True)
class State:
    """What was found, and whether there is anyone at all."""

    found: Found
    anyone: bool


def read(store: Store, _period: Period, argument: object) -> State:
    """The first page of who answers the question."""
    question = argument if isinstance(argument, Question) else Question()
    rows = find(store, question)
    return State(Found(question, rows), bool(rows) or bool(find(store, Question())))


def read_whole(store: Store, _period: Period, _argument: object) -> Whole:
    """The counts and the doubts."""
    return Whole(headcount(store), makeup(store, _today(store)), quality(store))


def read_chosen(store: Store, _period: Period, argument: object) -> PersonState:
    """The chosen person."""
    assert isinstance(argument, bytes)
    return read_person(store, _today(store), argument)


def read_review(store: Store, _period: Period, _argument: object) -> Queue:
    """The pairs that wait."""
    return read_queue(store)


def read_undoable(store: Store, _period: Period, _argument: object) -> Merging:
    """The merges."""
    return read_merges(store)


def read_board(store: Store, _period: Period, _argument: object) -> Board:
    """The quality board."""
    return board(store)


class CustomersPage(Page):
    """Four views behind tabs: the customers (the list on the left; the chosen person, or everyone as a whole, on the
    right), the pairs to review, the merges, and the quality of the data."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.whole: PageModel[Whole] = PageModel(desk, read_whole, RELATIONS)
        self.person: PageModel[PersonState] = PageModel(desk, read_chosen, RELATIONS)
        self.queue: PageModel[Queue] = PageModel(desk, read_review, QUEUE)
        self.undoable: PageModel[Merging] = PageModel(desk, read_undoable, ("merge_op",))
        self.board: PageModel[Board] = PageModel(desk, read_board, BOARD)
        self.models = (self.whole, self.person, self.queue, self.undoable, self.board)
        for model in self.models:
            model.setParent(self)
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The tabs, and their views one after the other."""
        desk = self.desk
        self.tabs, self.views, self.none = QTabBar(), QStackedWidget(), Card()
        self.none.show_empty(
            "No customers yet. Import the members, or sales that carry a card or customer number.", "Import members"
        )
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for _ in TABS:
            self.tabs.addTab("")
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.views, 1)
        self.body.addWidget(self.none, 1)
        self.none.hide()
        self.halves, self.beside = QWidget(), QStackedWidget()
        self.views.addWidget(self.halves)
        row = QHBoxLayout(self.halves)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        yield
        self.list = SearchList(desk)
        row.addWidget(self.list, LIST_SHARE[0])
        row.addWidget(self.beside, LIST_SHARE[1])
        yield
        self.overview = Overview(desk)
        yield
        self.beside.addWidget(_scrolled(self.overview))
        yield
        self.profile = ProfileView(desk)
        yield
        self.beside.addWidget(_scrolled(self.profile))
        yield
        self.review = Review(desk)
        yield
        self.views.addWidget(self.review)
        yield
        self.merges = Merges(desk)
        self.views.addWidget(self.merges)
        yield
        self.quality = QualityBoard(desk)
        yield
        self.views.addWidget(_scrolled(self.quality))
        self._connect()
        self._name_tabs()
        yield

    def drawing(self) -> Steps:
        """The list; where there is nobody, why."""
        state = self.model.state
        assert isinstance(state, State)
        self.none.setVisible(not state.anyone)
        self.views.setVisible(state.anyone)
        self.tabs.setVisible(state.anyone)
        self.list.show_found(state.found)
        yield

    def open(self, argument: object = None) -> None:
        """`argument` may be {"person": id}, {"text": what to search}, {"among": a group} or {"tab": review, merges or
        quality}."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        super().open()
        self.whole.show_page()
        self.queue.show_page()
        self.show_tab({"review": REVIEW, "merges": MERGES, "quality": QUALITY}.get(wanted.get("tab", ""), -1))
        if isinstance(wanted.get("person"), bytes):
            self.open_person(wanted["person"])
        elif self.person.argument is not None:
            self.person.show_page()
        if wanted.get("among"):
            self.show_among(str(wanted["among"]))
        if wanted.get("text"):
            self.list.box.setText(str(wanted["text"]))

    def leave(self) -> None:
        """Plain values do not outlive the look at the page."""
        self.profile.identity.hide_plain()
        for model in self.models:
            model.hide_page()
        super().leave()

    def retranslate(self) -> None:
        """Names of the tabs in the language in force."""
        super().retranslate()
        self._name_tabs()

    def show_tab(self, tab: int) -> None:
        """Bring a view to the front (below 0: the one that is there) and read what it shows."""
        if tab >= 0 and self.tabs.currentIndex() != tab:
            self.tabs.setCurrentIndex(tab)
            return
        shown = self.tabs.currentIndex()
        self.views.setCurrentIndex(shown)
        for model, of in ((self.undoable, MERGES), (self.board, QUALITY)):
            if of == shown:
                model.show_page()
            else:
                model.hide_page()

    def open_person(self, person_id: bytes) -> None:
        """Show a person's profile."""
        self.show_tab(CUSTOMERS)
        if self.person.argument == person_id and self.person.state is not None:
            self._show_person()
        self.person.show_page(person_id)

    def close_person(self) -> None:
        """Back to everyone as a whole."""
        self.profile.identity.hide_plain()
        self.person.hide_page()
        self.person.argument = None
        self.beside.setCurrentIndex(0)
        self.list.box.setFocus()

    def show_among(self, among: str) -> None:
        """List the people behind a figure."""
        self.show_tab(CUSTOMERS)
        self.list.choose_among(cast(Among, among))

    def export(self) -> None:
        """The list as a file."""
        self.show_tab(CUSTOMERS)
        self.list.export()

    def _connect(self) -> None:
        self.none.acted.connect(self._import)
        self.model.loading.connect(self.list.set_loading)
        self.list.asked.connect(self.model.ask)
        self.list.opened.connect(self._opened)
        self.overview.wanted.connect(self.show_among)
        self.whole.changed.connect(self._show_whole)
        self.person.changed.connect(self._show_person)
        self.profile.closed.connect(self.close_person)
        self.profile.opened.connect(self.open_person)
        self.tabs.currentChanged.connect(self._turned)
        self.queue.changed.connect(self._show_queue)
        self.undoable.changed.connect(self._show_merges)
        self.board.changed.connect(self._show_board)
        for view in (self.review, self.merges):
            view.opened.connect(self.open_person)
            view.decided.connect(self._decided)
        self.quality.wanted.connect(self.show_among)

    def _turned(self, _tab: int) -> None:
        self.show_tab(-1)

    def _decided(self) -> None:
        """What was just decided shows at once, not when the watch notices."""
        for model in self.models:
            model.outdated()

    def _name_tabs(self) -> None:
        count = self.queue.state.count if self.queue.state is not None else 0
        for place, name in enumerate(TABS):
            more = f"  {current().integer(count)}" if place == REVIEW and count else ""
            self.tabs.setTabText(place, tr(name) + more)

    def _show_queue(self) -> None:
        assert self.queue.state is not None
        self.review.show_queue(self.queue.state)
        self._name_tabs()

    def _show_merges(self) -> None:
        assert self.undoable.state is not None
        self.merges.show_merges(self.undoable.state)

    def _show_board(self) -> None:
        assert self.board.state is not None
        self.quality.show_board(self.board.state)

    def _opened(self, customer: Customer) -> None:
        self.open_person(customer.person_id)

    def _show_whole(self) -> None:
        assert self.whole.state is not None
        self.overview.show_whole(self.whole.state)
        self.list.show_heads(self.whole.state.heads)

    def _show_person(self) -> None:
        state = self.person.state
        if state is None or state.profile.person_id != self.person.argument:
            return
        area = self.beside.widget(1)
        assert isinstance(area, QScrollArea)
        if self.profile.state is None or self.profile.state.profile.person_id != state.profile.person_id:
            area.verticalScrollBar().setValue(0)
        self.profile.show_person(state)
        self.beside.setCurrentIndex(1)
        self.list.mark_person(state.profile.person_id)

    def _import(self) -> None:
        self.desk.go("intake", {"kind": "members"})


class _Area(QScrollArea):
    """Asks for no more room than the page has: what is inside scrolls."""

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 200)

    def sizeHint(self) -> QSize:
        return QSize(560, 400)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = _Area()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside.setProperty("role", "page")
    area.setWidget(inside)
    return area


def _today(store: Store) -> dt.date:
    site = store.site
    return dt.date.fromisoformat(business_day(now_ms(), site.zone, site.day_starts_minute)[0])


def make(desk: Desk) -> Page:
    """The page of customers."""
    return CustomersPage(desk)
