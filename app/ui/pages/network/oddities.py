"""The tab of fraud and oddities: cases to decide on, what stands out, changed habits, and what can be seen at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.network.cases import case_rows
from app.ui.pages.network.state import Habit, State, read_habits
from app.ui.pages.network.words import case_kind, decision_words, direction_words, named, series_kind, shift
from app.ui.turns import Steps
from app.ui.widgets.alerts import AlertList
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.rows import Column
from app.ui.widgets.scrolled import scrolled
from models.store import Store


class CaseTable(TableCard):
    """The queue of cases, open ones first: `picked(case)`."""

    picked = Signal(object)

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("kind", "What", "text", 216, case_kind), Column("tenant", "Tenant"),
            Column("last_day", "Last day", "day", 148), Column("score", "Strangeness", "decimal", 104),
            Column("amount_minor", "Amount", "money", 120), Column("people", "People", "count", 76),
            Column("decision", "Decision", "text", 104, decision_words),
        )  # fmt: skip
        words = mark(
            "Each is a question for a person, never a verdict. Strangeness: -log10 of the chance. A "
            "double click opens it."
        )
        super().__init__(desk, mark("Possible fraud"), words, columns)
        self.table.activated.connect(self._pick)

    def show_state(self, state: State) -> None:
        """The cases of the last year."""
        looked = sum(row.looked or 0 for row in state.looks)
        empty = mark("Nothing that looks like fraud.") if looked else mark("Fraud has not been looked for yet.")
        self.table.set_empty(empty)
        self.table.set_rows(case_rows(state.cases))

    def _pick(self, row: Any) -> None:
        self.picked.emit(row["case"])


class ReachTable(TableCard):
    """What size of shift each series can show."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Series"), Column("kind", "Kind", "text", 84, series_kind),
            Column("day_50", "Day, 1 in 2", "text", 96, shift), Column("day_80", "Day, 4 in 5", "text", 96, shift),
            Column("week_50", "Week, 1 in 2", "text", 104, shift),
            Column("week_80", "Week, 4 in 5", "text", 104, shift),
            Column("alert_days", "Days with alert", "percent", 116), Column("note", "Note"),
        )  # fmt: skip
        words = mark(
            "The smallest shift of a day or week found with that chance, put into the series' own "
            "past; less passes unseen"
        )
        super().__init__(desk, mark("What can be seen, and what cannot"), words, columns)

    def show_state(self, state: State) -> None:
        """A row a series."""
        self.table.set_empty(mark("No series is watched yet: it takes eight weeks of days."))
        self.table.set_rows(
            [
                {"name": named(r.name, r.name_zh), "kind": r.kind, "day_50": r.day_50, "day_80": r.day_80,
                 "week_50": r.week_50, "week_80": r.week_80, "alert_days": r.alert_days,
                 "note": named(r.missing or "", r.missing_zh or "")}
                for r in state.reaches
            ]
        )  # fmt: skip


class HabitTable(TableCard):
    """People whose rate of purchases changed."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("label", "Customer"), Column("card", "Card", width=104),
            Column("direction", "Turn", "text", 112, direction_words), Column("since_day", "Since about", "day", 148),
            Column("before", "Rate before", "decimal", 104), Column("after", "Rate since", "decimal", 104),
            Column("chance", "How sure", "percent", 88),
        )  # fmt: skip
        self.columns = columns
        super().__init__(desk, mark("Changed habits"), "", columns)
        self.table.activated.connect(self._open)

    def show_state(self, state: State) -> None:
        """The changes, the newest first, and how often such changes are seen."""
        form = current()
        counts = state.habit_counts
        seen = next((s for s in state.sights if (s.rate, s.factor, s.weeks) == (4.0, 0.0, 8)), None)
        share = form.percent(seen.found, 0) if seen else "–"
        self.set_title(
            mark("Changed habits"),
            mark(
                "Days with a purchase in 28 days, set against everyone's: {down} people buy less "
                "often, {up} more often. Named is who allows profiling. Of "
                "people with 4 such days who stop, {share} are seen after 8 weeks."
            ),
            down=form.integer(counts.get("down", 0)), up=form.integer(counts.get("up", 0)), share=share,
        )  # fmt: skip
        self.table.set_empty(
            mark("Nobody of those whose habit changed allows profiling, so nobody is named.") if any(counts.values())
            else mark("Nobody's habit is known to have changed: it takes 16 weeks and six days with a purchase.")
        )  # fmt: skip
        self.table.set_rows(habit_rows(state.habits))

    def export(self) -> None:
        """The changes as a file, masked and booked."""
        save_people(self.desk, self, PeopleList(tr(self.name), "network/habits", self.columns, read_habit_rows))

    def _open(self, row: Any) -> None:
        self.desk.go("customers", {"person": row["person"]})


def read_habit_rows(store: Store) -> list[dict[str, Any]]:
    """Every change as rows of the table."""
    return habit_rows(read_habits(store, -1))


def habit_rows(habits: Sequence[Habit]) -> list[dict[str, Any]]:
    """Rows of the table of changed habits."""
    return [
        {"label": h.label, "card": h.card, "direction": h.change.direction, "since_day": h.change.since_day,
         "before": h.change.before, "after": h.change.after, "chance": h.change.chance, "person": h.person_id}
        for h in habits
    ]  # fmt: skip


class OdditiesTab(QWidget):
    """`picked(case)` asks for a case's evidence."""

    picked = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def building(self) -> Steps:
        """The words and the grid, then the cards in it."""
        desk = self.desk
        self.about = QLabel()
        self.about.setWordWrap(True)
        theme.set_role(self.about, role="caption")
        grid = CardGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.about)
        column.addWidget(grid)
        column.addStretch(1)
        self.cases = CaseTable(desk)
        self.cases.picked.connect(self.picked)
        grid.add(self.cases, span=12, height=380)
        yield
        self.alerts = AlertList(desk, self.window())
        self.unusual = Card(mark("What stands out"), mark("In footfall, sales, campaigns, returns and the system"))
        self.unusual.set_body(scrolled(self.alerts))
        grid.add(self.unusual, span=4, height=420, least=340)
        yield
        self.habits = HabitTable(desk)
        grid.add(self.habits, span=8, height=420, least=600)
        yield
        self.reach = ReachTable(desk)
        grid.add(self.reach, span=12, height=440)
        yield

    def export(self) -> None:
        """The cases as a file."""
        self.cases.export()

    def showing(self, state: State) -> Steps:
        """Everything of the tab, card after card."""
        mall = next((r for r in state.reaches if r.kind == "mall" and r.missing is None), None)
        words = [tr("About one alert a month and series is a false one.")]
        if mall is not None:
            words.append(
                tr("{name}: a single day off by less than {day}, or a week by less than {week}, is "
                   "more likely missed than "
                   "found.", name=named(mall.name, mall.name_zh), day=shift(mall.day_50), week=shift(mall.week_50))
            )  # fmt: skip
        self.about.setText(" ".join(words))
        self.cases.show_state(state)
        yield
        self.alerts.show_alerts(state.alerts)
        if state.alerts:
            self.unusual.show_body()
        else:
            self.unusual.show_empty(mark("Nothing stands out."))
        yield
        self.reach.show_state(state)
        yield
        self.habits.show_state(state)
