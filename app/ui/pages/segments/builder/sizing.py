"""The panel beside the tree: how many people the rule finds while it is written, some of them, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.refusals import words
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.people.queries import Customer, customers_of
from engines.segments.preview import Size, Sizing
from engines.segments.rule import Rule
from models.errors import Cancelled, Known
from models.store import Store

PAUSE_MS = 300
COLUMNS = (Column("label", "Customer"), Column("card", "Card", width=110))


@dataclass(frozen=True)
class Sized:
    """An answer: the question, the size, and the sample's lines, masked."""

    question: Sizing
    size: Size
    sample: tuple[Customer, ...]


class SizePanel(Card):
    """`ask(rule)` asks 300 ms after the last change and gives up what is overtaken; `sized()` fires on answers."""

    sized = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("Size", "")
        self.desk = desk
        self.last: Sized | None = None
        self._rule: Rule | None = None
        self._question: Sizing | None = None
        self._trouble = ""
        self.figure, self.share = QLabel("–"), QLabel()
        theme.set_role(self.figure, role="figure")
        theme.set_role(self.share, role="caption")
        self.share.setWordWrap(True)
        self.people = DataTable(COLUMNS, "Some of them", filterable=False)
        self.people.set_empty("Some of the people are listed here.")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.figure)
        column.addWidget(self.share)
        column.addSpacing(6)
        column.addWidget(self.people, 1)
        self.set_body(inside)
        self.people.activated.connect(self._open)

    def ask(self, rule: Rule | None) -> None:
        """Size the rule soon; None where it cannot be sized as it stands."""
        self._give_up()
        waited = self._rule is None
        self._rule, self._trouble = rule, ""
        if rule is None:
            self._pause.stop()
            self.set_loading(False)
            self._trouble = mark("The rule is not finished.")
            self._say()
        else:
            if waited:  # an older figure stays until the next arrives, but "not finished" is no longer true
                self._trouble = mark("Counting…")
                self._say()
            self._pause.start()

    def is_idle(self) -> bool:
        """Whether the last question is answered."""
        return self.last is not None and self._question is None and not self._pause.isActive()

    def stop(self) -> None:
        """Nobody looks any more."""
        self._pause.stop()
        self._give_up()
        self.set_loading(False)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "people"):
            self._say()

    def _ask(self) -> None:
        if self._rule is None:
            return
        self.set_loading(True)
        self._question = Sizing(self.desk.store, self._rule)
        self.desk.work.run(partial(_answer, self.desk.store, self._question), self._take, self._failed)

    def _give_up(self) -> None:
        if self._question is not None:
            self._question.give_up()
            self._question = None

    def _take(self, answer: Sized) -> None:
        if answer.question is not self._question:
            return
        self._question, self.last, self._trouble = None, answer, ""
        self.set_loading(False)
        self.people.set_rows(answer.sample)
        self._say()
        self.sized.emit()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        self._question = None
        self.set_loading(False)
        if isinstance(error, Known):
            self._trouble = words(error.sentence)
            self._say()
        else:
            self.desk.fault(error)

    def _say(self) -> None:
        if self._trouble or self.last is None:
            self.figure.setText("–")
            self.share.setText(tr(self._trouble) if self._trouble else "")
            if self._trouble:
                self.people.set_rows(())
            return
        form, size = current(), self.last.size
        self.figure.setText(form.integer(size.people))
        self.share.setText(
            tr("people, {share} of {everyone}", share=form.percent(size.share), everyone=form.integer(size.everyone))
        )

    def _open(self, customer: object) -> None:
        if isinstance(customer, Customer):
            self.desk.go("customers", {"person": customer.person_id})


def _answer(store: Store, question: Sizing) -> Sized:
    size = question.ask()
    return Sized(question, size, tuple(customers_of(store, size.sample).values()))
