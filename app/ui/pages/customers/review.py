"""Pairs that may be one person, side by side with the evidence; a person says same, different or later."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.customers.identity_words import attr_name, feature_name, level_words, value_words, weight_words
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.scrolled import scrolled
from app.ui.widgets.table import DataTable
from engines.people.identity.queue import Side, Waiting, say_different, say_same, waiting, waiting_count
from models.store import Store

LIST_SHARE = (5, 8)
MOST_SURE = 0.999
REASON = "the same person, by hand"
SHOWN_ATTRS = ("gender", "birth_year", "home_area", "phone", "email", "language", "channel")


@dataclass(frozen=True)
class PairRow:
    """A pair as the list shows it."""

    score: float
    a: str
    b: str
    pair: Waiting


@dataclass(frozen=True)
class Queue:
    """How many pairs wait, and the surest of them."""

    count: int
    pairs: tuple[Waiting, ...]


def sure(score: float) -> str:
    """A probability; no model is certain, so the end of the scale is "more than"."""
    return f"> {current().percent(MOST_SURE)}" if score > MOST_SURE else current().percent(score)


COLUMNS = (
    Column("a", "Customer"),
    Column("b", "Perhaps also"),
    Column("score", "Probability", "percent", 110, write=sure),
)


def read_queue(store: Store) -> Queue:
    """The queue as it stands."""
    return Queue(waiting_count(store), tuple(waiting(store)))


class Review(QWidget):
    """`show_queue(queue)`; keys S, D and L decide while the list or the pair has the focus. `opened(person_id)` leads
    to one of the two, `decided()` fires when the queue has changed."""

    opened = Signal(object)
    decided = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.queue: Queue | None = None
        self._later: set[tuple[bytes, bytes]] = set()
        self.list = Card("Waiting for a decision")
        self.table = DataTable(COLUMNS, "Pairs that may be one person", filterable=False)
        self.table.set_empty("No pair waits. Duplicates are looked for each night.")
        self.list.set_body(self.table)
        self.pair = PairCard()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.list, LIST_SHARE[0])
        row.addWidget(scrolled(self.pair), LIST_SHARE[1])
        self.table.selected.connect(self._chosen)
        self.pair.opened.connect(self.opened)
        for button, key, act in (
            (self.pair.same, "S", self.same),
            (self.pair.different, "D", self.different),
            (self.pair.later, "L", self.later),
        ):
            button.clicked.connect(act)
            short = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            short.activated.connect(act)

    def show_queue(self, queue: Queue) -> None:
        """The pairs, those put off last; the first one is chosen where none is."""
        self.queue = queue
        before = self._place()
        pairs = sorted(queue.pairs, key=self._put_off)
        rows = [PairRow(p.score, p.a.customer.label, p.b.customer.label, p) for p in pairs]
        self.list.set_title(
            "Waiting for a decision", "{count} pairs, the surest first", count=current().integer(queue.count)
        )
        self.table.set_rows(rows, has_more=queue.count > len(rows))
        self.pair.setVisible(bool(rows))
        if rows:
            self.table.view.selectRow(min(before, len(rows) - 1))

    def same(self) -> None:
        """The chosen two are one person: merge them."""
        self._decide(_same)

    def different(self) -> None:
        """The chosen two are two people."""
        self._decide(_different)

    def later(self) -> None:
        """Put the chosen pair behind the others for as long as the page lives."""
        if self.pair.shown is not None and self.queue is not None:
            self._later.add(_key(self.pair.shown))
            self.show_queue(self.queue)

    def retranslate(self) -> None:
        """Words in the language in force."""
        if self.queue is not None:
            self.show_queue(self.queue)

    def _put_off(self, pair: Waiting) -> bool:
        return _key(pair) in self._later

    def _decide(self, act: object) -> None:
        if self.pair.shown is None or not self.pair.isEnabled():
            return
        self.pair.setEnabled(False)
        assert callable(act)
        self.desk.work.run(partial(act, self.desk, self.pair.shown), self._done, self._failed)

    def _done(self, said: str) -> None:
        self.pair.setEnabled(True)
        self.table.view.setFocus()
        self.desk.say(said, "good")
        self.decided.emit()

    def _failed(self, error: Exception) -> None:
        self.pair.setEnabled(True)
        self.desk.fault(error)
        self.decided.emit()

    def _place(self) -> int:
        return max(self.table.view.currentIndex().row(), 0)

    def _chosen(self, rows: list[object]) -> None:
        row = rows[0] if rows else None
        self.pair.show_pair(row.pair if isinstance(row, PairRow) else None)


class PairCard(Card):
    """Two people side by side, why they may be one, and the three answers."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__("One person or two?")
        self.shown: Waiting | None = None
        self.same, self.different, self.later = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.same, kind="primary")
        self.score = Badge(parent=self)
        self.add_header(self.score)
        self._sides, self._evidence = QWidget(), QWidget()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(12)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        for button in (self.same, self.different, self.later):
            answers.addWidget(button)
        answers.addStretch(1)
        self._column.addLayout(answers)
        for part in (self._evidence, self._sides):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.set_body(inside)

    def show_pair(self, pair: Waiting | None) -> None:
        """Draw a pair; without one nothing can be decided."""
        self.shown = pair
        self.setVisible(pair is not None)
        if pair is None:
            return
        self.set_title("One person or two?", "The first of the two is known for longer and stays.")
        self.score.say("{share} sure", "accent", share=sure(pair.score))
        self.score.setToolTip(tr("The model's probability that the two are one person."))
        self._sides = self._swap(self._sides, self._both(pair))
        self._evidence = self._swap(self._evidence, _evidence(pair))
        self.same.setText(tr("Same person (S)"))
        self.different.setText(tr("Different people (D)"))
        self.later.setText(tr("Later (L)"))
        self.same.setToolTip(tr("Merge the two. It can be undone at any time."))
        self.different.setToolTip(tr("Keep both, and do not ask again."))

    def _both(self, pair: Waiting) -> QWidget:
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        for side in (pair.a, pair.b):
            one = SideView(side)
            one.opened.connect(self.opened)
            row.addWidget(one, 1)
        return inside

    def _swap(self, old: QWidget, new: QWidget) -> QWidget:
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        return new


class SideView(QWidget):
    """One of the two: the masked name, what was told, what was bought, and the way to the profile."""

    opened = Signal(object)

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side
        customer, form = side.customer, current()
        name, look = QLabel(customer.label), QPushButton(tr("Open"))
        theme.set_role(name, role="section")
        theme.set_role(look, kind="quiet")
        look.setAccessibleName(f"{tr('Open')}: {customer.label}")
        look.clicked.connect(self._open)
        head = QHBoxLayout()
        head.addWidget(name)
        head.addWidget(look)
        head.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        lines = [(tr("Member card"), customer.card or "–"), (tr("Member since"), _day(customer.joined_day))]
        lines += [
            (attr_name(attr), value_words(attr, side.told[attr]) if attr in side.told else "–") for attr in SHOWN_ATTRS
        ]
        lines += [
            (tr("Purchases"), form.integer(customer.purchases)),
            (tr("Spent after returns"), form.money(customer.net_minor)),
            (tr("Last purchase"), _day(customer.last_day)),
        ]
        for place, (label, value) in enumerate(lines):
            key, shown = QLabel(label), QLabel(value)
            theme.set_role(key, role="muted")
            for part in (key, shown):
                part.setTextFormat(Qt.TextFormat.PlainText)
            shown.setAccessibleName(f"{label}: {value}")
            grid.addWidget(key, place, 0)
            grid.addWidget(shown, place, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addLayout(grid)

    def _open(self) -> None:
        self.opened.emit(self._side.customer.person_id)


def _day(day: str | None) -> str:
    return current().day(dt.date.fromisoformat(day)) if day else "–"


def _evidence(pair: Waiting) -> QWidget:
    """A line a feature: how far it agrees, and what that says."""
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(2, 1)
    for row, evidence in enumerate(pair.evidence):
        name, words = QLabel(feature_name(evidence.feature)), QLabel(weight_words(evidence.weight))
        theme.set_role(name, role="muted")
        theme.set_role(words, role="caption")
        tag = Badge(parent=inside)
        tone = "good" if evidence.weight >= 0.5 else "bad" if evidence.weight <= -0.5 else "neutral"
        tag.say("{words}", tone, words=level_words(evidence))  # type: ignore[arg-type]
        grid.addWidget(name, row, 0)
        grid.addWidget(tag, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(words, row, 2)
    return inside


def _key(pair: Waiting) -> tuple[bytes, bytes]:
    return pair.a.customer.person_id, pair.b.customer.person_id


def _same(desk: Desk, pair: Waiting) -> str:
    say_same(desk.store, desk.actor, *_key(pair), REASON)
    return "Merged. You can undo it under Merges."


def _different(desk: Desk, pair: Waiting) -> str:
    say_different(desk.store, desk.actor, *_key(pair))
    return "Kept as two people."
