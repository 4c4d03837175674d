"""A card with a chart: why it is empty, what to do about it, and its export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.widgets.card import Card

if TYPE_CHECKING:
    from app.ui.charts.kinds import Chart
    from app.ui.widgets.save_table import Sheet


class ChartCard(Card):
    """`ChartCard(desk, "Visits by day").show_chart(data)`, or `explain(sentence, action, page, argument)` for none.

    `view.picked(key)` fires for marks with keys. The title is an English source.
    """

    def __init__(self, desk: Desk, title: str, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, subtitle, parent)
        self.desk = desk
        self.name = title
        self.view = ChartView(title)
        self._way: tuple[str, object] = ("", None)
        self.button = QToolButton()
        theme.set_role(self.button, kind="quiet")
        self.button.setFixedSize(28, 24)
        self.button.clicked.connect(self.open_menu)
        self.add_header(self.button)
        whole = QWidget()
        self._column = QVBoxLayout(whole)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self.view, 1)
        self.set_body(whole)
        self.acted.connect(self._go)
        self.retheme()
        self.retranslate()

    def show_chart(self, data: Chart) -> None:
        """Show the chart."""
        self.view.show_chart(data)
        self.show_body()
        self.button.setVisible(True)

    def explain(
        self, sentence: str, action: str = "", page: str = "", argument: object = None, **values: object
    ) -> None:
        """Why there is nothing, and the action that leads to `page` (English sources); `values` fill the `{names}`."""
        self._way = (page, argument)
        self.view.show_chart(None)
        self.show_empty(sentence, action, **values)
        self.button.setVisible(False)

    def add_footer(self, label: QWidget) -> None:
        """Put words under the chart."""
        self._column.addWidget(label)

    def open_menu(self) -> None:
        """What may be done with the chart: copy, save."""
        self.view.menu().popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def sheet(self) -> Sheet | None:
        """The chart's figures for a workbook, None where it is empty."""
        from app.ui.widgets.save_book import chart_sheet

        return None if self.view.data is None else chart_sheet(self.desk, tr(self.name), self.view.data)

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self.button, "export", "muted")

    def retranslate(self) -> None:
        """Names in the language in force."""
        super().retranslate()
        if hasattr(self, "button"):
            words = tr("Export {name}", name=tr(self.name))
            self.button.setToolTip(theme.plain(words))
            self.button.setAccessibleName(words)

    def _go(self) -> None:
        if self._way[0]:
            self.desk.go(*self._way)
