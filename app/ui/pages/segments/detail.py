"""One segment: its rule in words, its people, who entered and left and why, its size, overlaps, pins, versions."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.line import Line
from app.ui.charts.matrix import Matrix
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.segments import acts
from app.ui.pages.segments.list_state import DetailState
from app.ui.pages.segments.members import Members, Movements
from app.ui.pages.segments.pins import Pins
from app.ui.pages.segments.speech import STATES, rule_words
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.rows import Column
from app.ui.widgets.scrolled import scrolled
from app.ui.widgets.table import DataTable

TABS = (
    mark("Members"), mark("Entered and left"), mark("Size"), mark("Overlap"), mark("Pins"), mark("Versions"),
)  # fmt: skip
VERSIONS = (
    Column("version", "Version", "count", 84),
    Column("words", "Rule"),
    Column("actor", "By", width=96),
    Column("at", "Saved", "instant", 160),
)


class Detail(Card):
    """`edit_wanted(code)` and `copy_wanted(code)` ask for the builder."""

    edit_wanted = Signal(str)
    copy_wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: DetailState | None = None

    def building(self) -> Steps:
        """What the card shows, part after part; whoever makes the card runs it."""
        desk = self.desk
        self.badge, self.words, self.facts = Badge(parent=self), QLabel(), QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts.setWordWrap(True)
        theme.set_role(self.facts, role="caption")
        self.edit, self.copy, self.main, self.delete = (QPushButton() for _ in range(4))
        yield
        self.members = Members(desk)
        yield
        self.movements = Movements(desk)
        yield
        self.pins = Pins(desk)
        yield
        self.size_line = ChartCard(desk, mark("Size over time"), mark("People after each day's last run"))
        self.overlap = ChartCard(
            desk, mark("Overlap"), mark("Share of the segment at the left who are also in the one above")
        )
        yield
        self.versions = DataTable(VERSIONS, "Versions", filterable=False)
        yield
        self.tabs = QTabWidget()
        # What lies in a tab may wish for more than the window has; it scrolls there, not the page.
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.tabs.setMinimumHeight(260)
        charts_and_pins = (scrolled(self.size_line), scrolled(self.overlap), scrolled(self.pins))
        for part in (self.members, self.movements, *charts_and_pins, self.versions):
            self.tabs.addTab(_held(part), "")
            yield
        self._lay_out()
        yield
        self._connect()
        self.retranslate()
        yield

    def show_state(self, state: DetailState) -> None:
        """Another segment, or the same one anew."""
        other = self._state is None or self._state.row.code != state.row.code
        self._state = state
        self.pins.show_pins(state, other=other)
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        if getattr(self, "_state", None) is not None:
            self._title, self._values = "{name}", {"name": self._name()}
        super().retranslate()
        if not hasattr(self, "tabs"):
            return
        for index, title in enumerate(TABS):
            self.tabs.setTabText(index, tr(title))
        self.edit.setText(tr("Edit rule"))
        self.copy.setText(tr("Duplicate"))
        self.delete.setText(tr("Delete draft"))
        if self._state is not None:
            self.members.show_members(self._state)
            self.movements.show_moved(self._state)
            self._draw()

    def _draw(self) -> None:
        state = self._state
        assert state is not None
        row = state.row
        text, tone = STATES.get(row.state, (row.state, "neutral"))
        self.badge.say(text, tone)
        self.words.setText(rule_words(state.rule, state.vocabulary))
        self.facts.setText(self._facts())
        self.main.setText(tr({"live": "Archive", "draft": "Put live", "archived": "Restore"}[row.state]))
        self.edit.setEnabled(row.state != "archived")
        self.delete.setVisible(row.state == "draft")
        self.versions.set_rows([
            {"version": v.version, "words": rule_words(v.rule, state.vocabulary), "actor": v.actor, "at": v.at}
            for v in state.versions
        ])  # fmt: skip
        self._draw_size(state)
        self._draw_overlap(state)

    def _name(self) -> str:
        assert self._state is not None
        row = self._state.row
        return row.name_zh if language() == "zh" and row.name_zh else row.name

    def _facts(self) -> str:
        assert self._state is not None
        row, form = self._state.row, current()
        parts = [
            tr("{people} people, {share} of everyone", people=form.integer(row.people), share=form.percent(row.share))
        ]
        parts.append(tr("version {number}", number=row.version))
        if row.ran_at is not None:
            age = form.duration(max(self._state.now - row.ran_at, 0) // 60_000 * 60)
            parts.append(tr("run over everyone {age} ago", age=age))
        if row.drift:
            parts.append(tr("{count} were held wrongly and are put right", count=form.integer(row.drift)))
        elif row.drift == 0:
            parts.append(tr("kept person by person without fault"))
        if row.pinned:
            parts.append(tr("{count} pinned", count=form.integer(row.pinned)))
        return "  ·  ".join(parts)

    def _draw_size(self, state: DetailState) -> None:
        if len(state.sizes) < 2:
            self.size_line.explain(mark("The line begins with the second day on which the segment runs."))
            return
        days = tuple(current().local(point.at).date() for point in state.sizes)
        values = tuple(float(point.size) for point in state.sizes)
        self.size_line.show_chart(Line(days, (Series(tr("People"), values),)))

    def _draw_overlap(self, state: DetailState) -> None:
        found = state.overlap
        if len(found.codes) < 2:
            self.overlap.explain(mark("There is no other live segment to compare with."))
            return
        names = state.vocabulary.names(zh=language() == "zh")
        cells = tuple(
            tuple(n / size if size >= state.smallest and n >= state.smallest else math.nan for n in line)
            for size, line in zip(found.sizes, found.both, strict=True)
        )
        self.overlap.show_chart(Matrix(tuple(names.get(("segment", code), code) for code in found.codes), cells))

    def _edit(self) -> None:
        if self._state is not None:
            self.edit_wanted.emit(self._state.row.code)

    def _copy(self) -> None:
        if self._state is not None:
            self.copy_wanted.emit(self._state.row.code)

    def _act(self) -> None:
        assert self._state is not None
        row = self._state.row
        do = {
            "live": partial(acts.archive, self.desk, row.code, self._name()),
            "draft": partial(acts.put_live, self.desk, row.code, self._name()),
            "archived": partial(acts.restore, self.desk, row.code, self._name()),
        }
        do[row.state]()

    def _delete(self) -> None:
        assert self._state is not None
        acts.delete_draft(self.desk, self._state.row.code, self._name())

    def _lay_out(self) -> None:
        self.add_header(self.badge)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        theme.set_role(self.main, kind="quiet")
        theme.set_role(self.copy, kind="quiet")
        theme.set_role(self.delete, kind="danger")
        for button in (self.edit, self.copy, self.main, self.delete):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.facts)
        column.addLayout(buttons)
        column.addWidget(self.tabs, 1)
        self.set_body(inside)

    def _connect(self) -> None:
        self.edit.clicked.connect(self._edit)
        self.copy.clicked.connect(self._copy)
        self.main.clicked.connect(self._act)
        self.delete.clicked.connect(self._delete)


def _held(part: QWidget) -> QWidget:
    """A part with room over it, on the card's colour."""
    holder = QWidget()
    theme.set_role(holder, role="body")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 8, 0, 0)
    column.addWidget(part)
    return holder
