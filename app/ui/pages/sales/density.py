"""Sales per m2 as bars: the tenants that make the most of their space, or the least."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox

from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.pages.sales.charts import density_chart
from app.ui.pages.sales.info import InfoButton
from app.ui.widgets.chart_card import ChartCard
from engines.sales.queries import TenantRow

MOST = 12


class Density(ChartCard):
    """`show_tenants(rows)`; `view.picked(code)` fires on a bar."""

    def __init__(self, desk: Desk) -> None:
        self.order = QComboBox()
        super().__init__(desk, "Sales per m²")
        self.info = InfoButton("sales_per_sqm")
        self._rows: Sequence[TenantRow] = ()
        self.order.addItem("", True)
        self.order.addItem("", False)
        self.add_header(self.order)
        self.add_header(self.info)
        self.order.activated.connect(self._draw)
        self.retranslate()

    def show_tenants(self, rows: Sequence[TenantRow]) -> None:
        """The tenants of the period, as far as their area is known."""
        self._rows = rows
        self._draw()

    def sizeHint(self) -> QSize:
        return QSize(360, 200 if self.view.data is None else 440)

    def retranslate(self) -> None:
        """Names of the two orders in the language in force."""
        super().retranslate()
        for index, name in enumerate((tr("Highest"), tr("Lowest"))):
            if index < self.order.count():
                self.order.setItemText(index, name)
        self.order.setAccessibleName(tr("Which end of the list"))

    def _draw(self) -> None:
        chart = density_chart(self._rows, highest=bool(self.order.currentData()), most=MOST)
        self.order.setVisible(chart is not None)
        if chart is None:
            self.explain(
                "Density needs areas: units with their m² and leases.", "Import leases", "intake",
                {"kind": "leases"},
            )  # fmt: skip
        else:
            self.show_chart(chart)
