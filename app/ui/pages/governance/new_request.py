"""Booking a request: whose it is, by a sign of theirs, what they ask for, under which law, and when it came."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

from PySide6.QtCore import QDate, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.pages.governance.words import kind_name, law_long
from app.ui.widgets.card import Card
from engines.privacy.laws import KINDS, LAWS
from engines.privacy.requests import Asked, Request, open_request, request_of
from engines.privacy.subject import Found, find_people
from models.store import Store


class NewRequest(Card):
    """`booked(Request)` once it is in the list."""

    booked = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("New request", "Booked as it comes in: the clock runs from then")
        self.desk = desk
        self.found: Found | None = None
        self.sign, self.note = QLineEdit(), QLineEdit()
        self.kind, self.law = QComboBox(), QComboBox()
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.labels = [QLabel() for _ in range(5)]
        self.who, self.finder, self.book = QLabel(), QPushButton(), QPushButton()
        self.who.setWordWrap(True)
        theme.set_role(self.who, role="caption")
        theme.set_role(self.book, kind="primary")
        theme.set_role(self.finder, kind="quiet")
        self._law = ""
        self.set_body(self._fields())
        self.finder.clicked.connect(self.look)
        self.sign.returnPressed.connect(self.look)
        self.sign.textEdited.connect(self._another)
        self.book.clicked.connect(self.keep)
        self._say()

    def show_law(self, law: str) -> None:
        """The law that the site's country suggests; asked once."""
        today = QDate(self.desk.today.year, self.desk.today.month, self.desk.today.day)
        self.day.setMaximumDate(today)
        if law != self._law:
            self._law = law
            self.day.setDate(today)
            self.law.setCurrentIndex(max(0, self.law.findData(law)))

    def look(self) -> None:
        """Find the person by the keyed hash of what was typed."""
        if self.sign.text().strip():
            job = partial(find_people, self.desk.store, self.desk.actor, self.sign.text())
            self.desk.work.run(job, self._looked, self.desk.fault)

    def keep(self) -> None:
        """Book it."""
        if self.found is None:
            return
        day = self.day.date().toPython()
        here = self.desk.store.site.zone
        received = 0 if day == self.desk.today else int(datetime.combine(day, time(12), here).timestamp() * 1000)  # type: ignore[arg-type]
        asked = Asked(
            str(self.kind.currentData()), self.found.person, str(self.law.currentData()), received,
            self.note.text().strip(),
        )  # fmt: skip
        self.desk.work.run(partial(_book, self.desk.store, self.desk.actor, asked), self._kept, self.desk.fault)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "book"):
            self._say()

    def _say(self) -> None:
        words = (
            tr("Card, phone, e-mail or number"), tr("What they ask for"), tr("Law"), tr("Came in on"),
            tr("Note (no names)"),
        )  # fmt: skip
        fields = (self.sign, self.kind, self.law, self.day, self.note)
        for label, text, field in zip(self.labels, words, fields, strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        for box, names, write in ((self.kind, KINDS, kind_name), (self.law, LAWS, law_long)):
            with QSignalBlocker(box):
                kept = box.currentData() or names[0]
                box.clear()
                for name in names:
                    box.addItem(write(name), name)
                box.setCurrentIndex(max(0, box.findData(kept)))
        self.finder.setText(tr("Find"))
        self.book.setText(tr("Book the request"))
        self._say_who()

    def _say_who(self) -> None:
        self.book.setEnabled(self.found is not None)
        if self.found is None:
            self.who.setText(tr("Search by a sign that the person gave; names are not searched."))
        else:
            self.who.setText(tr("Found: {name}  {card}", name=self.found.label, card=self.found.card))

    def _fields(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for n, field in enumerate((self.sign, self.kind, self.law, self.day, self.note)):
            theme.set_role(self.labels[n], role="caption")
            self.labels[n].setBuddy(field)
            column.addWidget(self.labels[n])
            column.addWidget(field)
            if field is self.sign:
                column.addWidget(self.finder)
                column.addWidget(self.who)
        column.addSpacing(8)
        column.addWidget(self.book)
        column.addStretch(1)
        return inside

    def _another(self, _text: str) -> None:
        self.found = None
        self._say_who()

    def _looked(self, found: list[Found]) -> None:
        self.found = found[0] if len(found) == 1 else None
        self._say_who()
        if len(found) > 1:
            self.desk.say("Several people have this number. Use the card or the e-mail.", "error")
        elif not found:
            self.desk.say("Nobody here has this card, phone, e-mail or number.", "error")

    def _kept(self, request: Request) -> None:
        self.sign.clear()
        self.note.clear()
        self._another("")
        self.desk.say("Booked as {code}.", "good", code=request.code)
        self.booked.emit(request)


def _book(store: Store, actor: str, asked: Asked) -> Request:
    return request_of(store, open_request(store, actor, asked))
