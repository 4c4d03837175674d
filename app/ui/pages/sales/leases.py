"""What hangs on leases: sales declarations, and where each turnover rent stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.sales.info import InfoButton
from app.ui.pages.sales.state import LeaseState
from app.ui.pages.sales.words import named, signed, state_name
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import Sheet, save_table, sheet_of
from app.ui.widgets.table import DataTable
from engines.tenants.queries import DeclarationRow, Position

TONES: dict[str, Tone] = {"missing": "bad", "late": "warning", "due": "accent"}


def _month(period: str) -> str:
    from datetime import date

    return current().month(date.fromisoformat(f"{period}-01"))


def _share(value: float | None) -> str:
    return "–" if value is None else current().percent(value, 0)


DECLARED = (
    Column("name", "Tenant"), Column("period", "Month", width=112, write=_month),
    Column("state", "State", width=84, write=state_name), Column("due_day", "Due", "day", 132),
    Column("gross_minor", "Declared", "money", 116), Column("variance", "Against till", "percent", 108, signed),
)  # fmt: skip
POSITIONS = (
    Column("name", "Tenant"), Column("sales_minor", "Sales so far", "money", 136),
    Column("breakpoint_minor", "Breakpoint", "money", 136), Column("reached", "Reached", "percent", 92, _share),
    Column("elapsed", "Year gone", "percent", 100, _share), Column("due_minor", "Rent due", "money", 116),
)  # fmt: skip


@dataclass(frozen=True)
class _Declared:
    code: str
    name: str
    period: str
    state: str
    due_day: str
    gross_minor: int | None
    variance: float | None


@dataclass(frozen=True)
class _Stands:
    code: str
    name: str
    sales_minor: int
    breakpoint_minor: int
    reached: float
    elapsed: float
    due_minor: int


class LeaseTable(Card):
    """A card with a table of tenants: `opened(code)` fires on a double click or Enter."""

    opened = Signal(str)

    def __init__(self, desk: Desk, title: str, columns: Sequence[Column], kpi: str, kind: str) -> None:
        super().__init__(title)
        self.desk, self.name, self._kind = desk, title, kind
        self.table = DataTable(columns, title, export=True)
        self.info = InfoButton(kpi)
        self.set_body(self.table)
        self.table.activated.connect(self._open)
        self.table.export_wanted.connect(self.export)
        self.acted.connect(self._import)

    def show_rows(self, rows: Sequence[_Declared] | Sequence[_Stands]) -> None:
        """The rows, in the language in force."""
        self.show_body()
        self.table.set_rows(rows)

    def sizeHint(self) -> QSize:
        return QSize(640, 400 if self.table.rows.rowCount() else 200)

    def export(self) -> None:
        """The rows as a file."""
        save_table(self.desk, self, tr(self.name), self.table)

    def sheet(self) -> Sheet | None:
        """The rows for the page's workbook."""
        return sheet_of(self.desk, tr(self.name), self.table) if self.table.rows.rowCount() else None

    def _open(self, row: object) -> None:
        if isinstance(row, _Declared | _Stands):
            self.opened.emit(row.code)

    def _import(self) -> None:
        self.desk.go("intake", {"kind": self._kind})


class Declarations(LeaseTable):
    """The last three months' declarations, missing ones first, with their count on badges."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Sales declarations", DECLARED, "declaration_rate", "declarations")
        self.badges = {state: Badge(parent=self) for state in TONES}
        for badge in self.badges.values():
            self.add_header(badge)
        self.add_header(self.info)

    def show_state(self, state: LeaseState) -> None:
        """The months, or why there are none."""
        counts: Counter[str] = Counter(row.state for row in state.declarations)
        words = {"missing": "{count} missing", "late": "{count} late", "due": "{count} due"}
        for name, badge in self.badges.items():
            badge.say(words[name] if counts[name] else "", TONES[name], count=current().integer(counts[name]))
        if state.declarations:
            self.set_title("Sales declarations", "The last three months of leases that declare by month.")
            self.show_rows([_declared(row) for row in state.declarations])
        else:
            self._explain(state)

    def _explain(self, state: LeaseState) -> None:
        self.set_title("Sales declarations")
        self._kind = "declarations" if state.leases else "leases"
        if state.leases:
            self.show_empty("No tenant has declared sales yet. Import what they sent.", "Import declarations")
        else:
            self.show_empty("Declarations belong to leases, and none is known yet.", "Import leases")


class Positions(LeaseTable):
    """Where each turnover rent stands against its breakpoint."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Turnover rent", POSITIONS, "turnover_rent", "leases")
        self.ahead = Badge(parent=self)
        self.add_header(self.ahead)
        self.add_header(self.info)

    def show_state(self, state: LeaseState) -> None:
        """The leases with a turnover rent, or why there are none."""
        over = sum(position.reached >= 1 for position in state.positions)
        self.ahead.say("{count} past their breakpoint" if over else "", "good", count=current().integer(over))
        if state.positions:
            self.set_title("Turnover rent", "Gross sales of the lease year against the breakpoint.")
            self.show_rows([_stands(position) for position in state.positions])
        elif state.leases:
            self.set_title("Turnover rent")
            self.show_empty("No lease in force has a turnover rent and known sales.", "Import leases")
        else:
            self.set_title("Turnover rent")
            self.show_empty(
                "Turnover rent needs leases with a share and a breakpoint.", "Import leases"
            )  # fmt: skip


def _declared(row: DeclarationRow) -> _Declared:
    return _Declared(
        row.tenant, named(row.name, row.name_zh), row.period, row.state, row.due_day, row.gross_minor, row.variance
    )


def _stands(row: Position) -> _Stands:
    return _Stands(
        row.tenant, named(row.name, row.name_zh), row.sales_minor, row.breakpoint_minor, row.reached, row.elapsed,
        row.due_minor,
    )  # fmt: skip
