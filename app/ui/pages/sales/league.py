"""The league of tenants: sales, change, transactions, basket, density, and what they declared against the till."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QPushButton

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.sales.info import InfoButton
from app.ui.pages.sales.words import named, signed
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import Sheet, save_table, sheet_of
from app.ui.widgets.table import DataTable
from engines.sales.queries import TenantRow
from engines.sales.tenant import Lacks
from engines.tenants.queries import DeclarationRow

COLUMNS = (
    Column("name", "Tenant"),
    Column("category", "Category", width=164),
    Column("sales", "Sales", "money", 124),
    Column("change", "Change", "percent", 108, signed),
    Column("transactions", "Transactions", "count", 120),
    Column("basket", "Basket", "money", 96),
    Column("density", "Per m²", "money", 96),
    Column("variance", "Declared / till", "percent", 112, signed),
)


@dataclass(frozen=True)
class LeagueRow:
    """A tenant's line, names in the language in force. `variance` is the newest declared month / till - 1."""

    code: str
    name: str
    category: str
    category_code: str | None
    sales: int
    change: float | None
    transactions: int
    basket: float | None
    density: float | None
    variance: float | None


class League(Card):
    """`show_tenants(...)`; `opened(code)` fires on a double click or Enter, `cleared()` when the filter is dropped."""

    opened = Signal(str)
    cleared = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("Tenants")
        self.desk = desk
        self.table = DataTable(COLUMNS, "Tenants", export=True)
        self.info = InfoButton("sales")
        self.add_header(self.info)
        self.chip = QPushButton()
        theme.set_role(self.chip, kind="quiet")
        self.chip.hide()
        self.table.add_control(self.chip)
        self.set_body(self.table)
        self.chip.clicked.connect(self.cleared)
        self.table.activated.connect(self._open)
        self.table.export_wanted.connect(self.export)
        self.acted.connect(self._import)
        self._shown: list[LeagueRow] = []
        self._any = False
        self.retheme()

    def show_tenants(
        self, tenants: Sequence[TenantRow], categories: Mapping[str, str], told: Sequence[DeclarationRow], only: str,
        lacks: Lacks,
    ) -> None:  # fmt: skip
        """The tenants, those of one category where `only` is its code; `lacks` tells of rows without a tenant."""
        self._say_lacks(lacks)
        self._any = bool(tenants)
        self._show_chip(categories.get(only, only))
        if not tenants:
            self.show_empty("No receipt of these days names a tenant.", "Import tenants")
            return
        self.show_body()
        variances = newest_variances(told)
        rows = [
            _row(tenant, categories, variances.get(tenant.code))
            for tenant in tenants
            if not only or tenant.category == only
        ]
        if rows != self._shown:
            self._shown = rows
            self.table.set_rows(rows)
            for index, key in ((3, "change"), (6, "density"), (7, "variance"), (1, "category")):
                self.table.view.setColumnHidden(index, not any(getattr(row, key) not in (None, "") for row in rows))

    def sizeHint(self) -> QSize:
        return QSize(1000, 440 if self._any else 200)

    def export(self) -> None:
        """The rows as a file."""
        save_table(self.desk, self, tr("Tenants"), self.table)

    def sheet(self) -> Sheet | None:
        """The rows for the page's workbook."""
        return sheet_of(self.desk, tr("Tenants"), self.table) if self._shown else None

    def retheme(self) -> None:
        """The chip's icon in the theme's colour."""
        icons.set_icon(self.chip, "close", "accent")

    def _say_lacks(self, lacks: Lacks) -> None:
        words = tr("Enter or a double click looks into a tenant.")
        if lacks.homeless:
            form = current()
            some = form.integer(lacks.homeless), form.integer(lacks.rows)
            words += "  " + tr("{count} of {rows} rows name no tenant.", count=some[0], rows=some[1])
        self.set_title("Tenants", "{words}", words=words)

    def _show_chip(self, name: str) -> None:
        self.chip.setText(name)
        self.chip.setAccessibleName(tr("Show all categories again, not only {name}", name=name))
        self.chip.setVisible(bool(name))

    def _open(self, row: object) -> None:
        if isinstance(row, LeagueRow):
            self.opened.emit(row.code)

    def _import(self) -> None:
        self.desk.go("intake", {"kind": "tenants"})


def newest_variances(told: Sequence[DeclarationRow]) -> dict[str, float]:
    """Each tenant's newest month in which both the declaration and the till are known."""
    known = sorted((row for row in told if row.variance is not None), key=lambda row: row.period)
    return {row.tenant: row.variance for row in known if row.variance is not None}


def _row(tenant: TenantRow, categories: Mapping[str, str], variance: float | None) -> LeagueRow:
    name = categories.get(tenant.category, tenant.category) if tenant.category else ""
    return LeagueRow(
        tenant.code, named(tenant.name, tenant.name_zh), name, tenant.category, tenant.sales, tenant.change,
        tenant.transactions, tenant.basket, tenant.density, variance,
    )  # fmt: skip
