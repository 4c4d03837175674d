"""How long pages and statements take, and how much of the time the service was up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages import PAGES
from app.ui.pages.health.state import DAYS, UP_DAYS, State
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from engines.monitor.speed import Availability, Slow, Took

PAGE = "page "


class SpeedTab(QWidget):
    """Availability, durations, slow statements."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(12)

    def building(self) -> Steps:
        """A card each."""
        self.up = Card(mark("Availability"), mark("Of the service, over the last thirty days"))
        self.share, self.says = QLabel(), QLabel()
        theme.set_role(self.share, role="title")
        self.says.setWordWrap(True)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.share)
        lines.addWidget(self.says)
        self.up.set_body(inside)
        self._column.addWidget(self.up)
        yield
        self.took = TableCard(self.desk, mark("Reading of pages"), mark("Last seven days; the budget is 100 ms"), (
            Column("name", "Page"), Column("n", "Times", "count", 90), Column("mean", "Mean", width=110),
            Column("longest", "Longest", width=110), Column("over", "Beyond the budget", "percent", 150),
        ))  # fmt: skip
        self.took.setMinimumHeight(280)
        self._column.addWidget(self.took)
        yield
        self.slow = TableCard(
            self.desk, mark("Slow statements"), mark("Beyond 100 ms, most time first; an index is a hint"), (
            Column("sql", "Statement"), Column("n", "Times", "count", 80), Column("mean", "Mean", width=100),
            Column("longest", "Longest", width=100), Column("whole", "Reads whole tables", width=220),
            Column("index", "An index that may help", width=220),
        ))  # fmt: skip
        self.slow.setMinimumHeight(320)
        self._column.addWidget(self.slow, 1)
        yield

    def cards(self) -> tuple[TableCard, ...]:
        """The cards that can be exported."""
        return (self.took, self.slow)

    def show_state(self, state: State) -> None:
        """Everything as it stands."""
        self._show_up(state.up)
        self.took.table.set_empty("Nothing was measured yet.")
        self.took.table.set_rows([_took(took) for took in state.took])
        self.slow.table.set_empty("No statement took over 100 ms in the last seven days.")
        self.slow.table.set_rows([_slow(slow) for slow in state.slow])

    def _show_up(self, up: Availability) -> None:
        if up.share is None:
            self.up.show_empty("The service has not run here yet; it writes down that it is up each minute.")
            return
        form = current()
        self.up.show_body()
        self.share.setText(form.percent(up.share))
        self.says.setText(
            tr(
                "Up for {up} since {since}, in {count} stretches; {broken} ended without a word, as at a power cut.",
                up=form.duration(up.up_ms / 1000), since=form.datetime(up.since or 0),
                count=form.integer(up.stretches), broken=form.integer(up.broken_off),
            )
        )  # fmt: skip


def _took(took: Took) -> dict[str, object]:
    return {
        "name": _name(took.name), "n": took.n, "mean": _ms(took.mean_ms), "longest": _ms(took.longest_ms),
        "over": took.over_share,
    }  # fmt: skip


def _slow(slow: Slow) -> dict[str, object]:
    form = current()
    whole = (tr("{table} ({rows} rows)", table=t, rows=form.integer(n)) for t, n in slow.reads_whole.items())
    return {
        "sql": slow.sql, "n": slow.n, "mean": _ms(slow.mean_ms), "longest": _ms(slow.longest_ms),
        "whole": ", ".join(whole), "index": ", ".join(slow.index),
    }  # fmt: skip


def _name(name: str) -> str:
    titles = {card.name: card.title for card in PAGES}
    return tr(titles.get(name.removeprefix(PAGE), name.removeprefix(PAGE)))


def _ms(ms: float) -> str:
    return tr("{ms} ms", ms=current().decimal(ms, 0 if ms >= 10 else 1))


assert (DAYS, UP_DAYS) == (7, 30), "the subtitles name them"
