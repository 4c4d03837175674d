"""Sales by weekday and hour, and what is left out of them."""

from __future__ import annotations

from PySide6.QtCore import QSize

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.sales.charts import heat_chart
from app.ui.pages.sales.info import InfoButton
from app.ui.pages.sales.state import State
from app.ui.widgets.chart_card import ChartCard

TITLE = mark("Sales by weekday and hour")


class Hours(ChartCard):
    """`show_state(state)`: the grid of hours, or why there is none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, TITLE)
        self.info = InfoButton("sales")
        self.add_header(self.info)

    def show_state(self, state: State) -> None:
        """The mean of each hour; the title says what is left out."""
        if state.heat:
            left = "  ".join(left_out(state))
            self.set_title(TITLE, "{left}", left=left)
            self.show_chart(heat_chart(state.heat))
            return
        self.set_title(TITLE)
        if state.lacks.untimed == state.lacks.rows:
            self.explain(
                "The receipts of these days carry no time of day. An export with times shows the hours.",
                "Import sales", "intake", {"kind": "sales"},
            )  # fmt: skip
        else:
            self.explain("Hours are worked out when a day is over.", "Jobs", "jobs")

    def sizeHint(self) -> QSize:
        return QSize(640, 200 if self.view.data is None else 320)


def left_out(state: State) -> list[str]:
    """What the mean of an hour does not hold."""
    form, lacks = current(), state.lacks
    words = [tr("Mean of an hour.")]
    if lacks.untimed:
        count, rows = form.integer(lacks.untimed), form.integer(lacks.rows)
        words = [tr("Mean of an hour; {count} of {rows} rows without a time of day are left out.", count=count,
                    rows=rows)]  # fmt: skip
    if state.running and state.span.days[0] < state.span.days[1]:
        words.append(tr("Today joins when it is over."))
    return words
