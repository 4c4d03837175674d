"""The panels of the Catchment page: an area's people, and what the figures mean."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.catchment.state import Neighbours, read_people
from app.ui.pages.catchment.words import MEANINGS, kilometres, named, tier_word
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.catchment.queries import AreaRow
from engines.people.queries import Customer
from models.store import Store

COLUMNS = (
    Column("label", "Customer"), Column("tier", "Tier", width=84, write=tier_name),
    Column("net_minor", "Spent in all", "money", 116), Column("last_day", "Last purchase", "day", 112),
)  # fmt: skip


class MeaningPanel(SidePanel):
    """What each figure of the page is."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.labels: list[tuple[QLabel, QLabel]] = []
        for _ in MEANINGS:
            head, words = QLabel(), QLabel()
            theme.set_role(head, role="card-title")
            words.setWordWrap(True)
            for label in (head, words):
                label.setTextFormat(Qt.TextFormat.PlainText)
                self.body.addWidget(label)
            self.labels.append((head, words))
        self.body.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        self.set_heading(tr("What the figures mean"))
        for (head, words), (title, meaning) in zip(getattr(self, "labels", ()), MEANINGS, strict=False):
            head.setText(tr(title))
            words.setText(tr(meaning))


class AreaPanel(SidePanel):
    """`show_area(row)`: its figures and its people, masked; `segment_wanted(row, words)` asks for a segment of them."""

    segment_wanted = Signal(object, object)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.row: AreaRow | None = None
        self.found: Neighbours | None = None
        self.facts = QWidget()
        self.form = QFormLayout(self.facts)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(16)
        self.segment = QPushButton()
        theme.set_role(self.segment, kind="quiet")
        self.segment.clicked.connect(self._ask)
        self.table = DataTable(COLUMNS, "People", export=True)
        self.table.setMinimumHeight(320)
        for widget in (self.facts, self.segment):
            self.body.addWidget(widget)
        self.body.addWidget(self.table, 1)
        self.table.activated.connect(self.open_person)
        self.table.more_wanted.connect(self._more)
        self.table.export_wanted.connect(self.export)
        self.retranslate()

    def show_area(self, row: AreaRow) -> None:
        """Read the area's people, then open."""
        self.row, self.found = row, None
        self.desk.work.run(partial(read_people, self.desk.store, row.code), self._arrived)

    def open_person(self, person: Customer) -> None:
        """To the person's profile."""
        self.desk.go("customers", {"person": person.person_id})

    def export(self) -> None:
        """All people of the area, masked and booked."""
        if self.row is not None:
            title = named(self.row.name, self.row.name_zh)
            read = partial(_everyone, self.row.code)
            save_people(self.desk, self, PeopleList(title, f"catchment?area={self.row.code}", COLUMNS, read))

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "segment"):
            self.segment.setText(tr("Make a segment of them"))
            self._draw()

    def _arrived(self, found: Neighbours) -> None:
        if self.row is None or found.code != self.row.code:
            return
        self.found = found
        self._draw()
        hidden = self.row.hidden
        self.table.set_empty(
            "So few people live here that they are not listed." if hidden else "Nobody the mall knows lives here."
        )
        self.table.set_rows(found.people, has_more=found.after is not None)
        self.open_panel()

    def _draw(self) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        row = self.row
        if row is None:
            return
        self.set_heading(named(row.name, row.name_zh), row.code if row.code != row.name else "")
        form = current()
        facts = (
            (tr("Trade area"), tier_word(row.tier) if row.tier else None),
            (tr("Members"), None if row.members is None else form.integer(row.members)),
            (tr("Came or bought"), None if row.active is None else form.integer(row.active)),
            (tr("Sales per member"), None if row.spend is None else form.money(row.spend)),
            (tr("Distance"), None if row.distance_km is None else kilometres(row.distance_km)),
        )
        for name, text in facts:
            if text is not None:
                left, right = QLabel(name), QLabel(text)
                theme.set_role(left, role="caption")
                self.form.addRow(left, right)
        self.segment.setVisible(bool(self.found and self.found.words))

    def _ask(self) -> None:
        if self.row is not None and self.found is not None:
            self.segment_wanted.emit(self.row, self.found.words)

    def _more(self) -> None:
        if self.found is not None and self.found.after is not None:
            job = partial(read_people, self.desk.store, self.found.code, self.found.after)
            self.desk.work.run(job, self._more_arrived)

    def _more_arrived(self, found: Neighbours) -> None:
        if self.row is not None and found.code == self.row.code:
            self.found = found
            self.table.append_rows(found.people, has_more=found.after is not None)


def _everyone(code: str, store: Store) -> tuple[Customer, ...]:
    return read_people(store, code, limit=1_000_000).people
