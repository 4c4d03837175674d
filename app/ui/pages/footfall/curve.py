"""The quarter-hour curve: read apart from the page, so that the rest never waits for it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from app.ui.charts.data import Series
from app.ui.charts.series import Dense, SeriesPlot
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.footfall.curve_state import ALL, EACH, MOST_DAYS, Ask, CurveState, read_curve
from app.ui.pages.footfall.state import State
from app.ui.pages.footfall.words import AGAINST, LAST_COUNTED, NO_COUNTS, named
from app.ui.widgets.card import Card
from app.ui.widgets.head_tools import Choice, DefineButton, IconButton
from app.ui.widgets.save_book import Sheet
from app.ui.widgets.save_table import DEMO

TITLE = mark("Entries by quarter hour")
HINT = mark("Wheel or drag to zoom; a break in the line is a time that nobody watched")
SHORTENED = mark("The last {days} days of the period; wheel or drag to zoom, a break is a time that nobody watched")
LATE_MS = 45 * 60_000
NEVER = 10**15
"""Days gone by are not greyed because the running one is late."""


class CurveCard(Card):
    """All entrances against the compared days, each entrance, or one gate. `defined(kpi)` asks for a definition."""

    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, HINT)
        self.desk = desk
        self.choice = Choice("Gate")
        self.define = DefineButton("footfall", TITLE)
        self.save = IconButton("export", "Export {name}", TITLE)
        self.plot = SeriesPlot(TITLE)
        for widget in (self.choice, self.define, self.save):
            self.add_header(widget)
        self.set_body(self.plot)
        self.page: State | None = None
        self.state: CurveState | None = None
        self._asked: Ask | None = None
        self._loaded = False
        self.choice.chosen.connect(self.read)
        self.define.wanted.connect(self.defined)
        self.save.clicked.connect(self.open_menu)

    def show_state(self, state: State) -> None:
        """Follow the page: read the quarter hours of a new state's period, draw those of one already read."""
        new, self.page = state is not self.page, state
        self._offer(state)
        self.choice.setVisible(state.counted)
        if not state.counted:
            self._explain()
            return
        self.set_age(state.until, state.now, stale_after=LATE_MS if state.single else NEVER)
        if new:
            self.read()
        else:
            self.draw()

    def choose(self, gate: str) -> None:
        """Show one gate."""
        self.choice.choose(gate)
        self.read()

    def read(self, _choice: str = "") -> None:
        """Read the quarter hours off the UI thread; what is shown stays until they arrive."""
        if self.page is None:
            return
        self._asked = Ask(self.page.period, self.choice.code())
        self.set_loading(True)
        if not self._loaded:
            self.desk.work.run(load_plot, self._plot_loaded)
        self.desk.work.run(partial(read_curve, self.desk.store, self._asked), self._arrived)

    def draw(self) -> None:
        """Draw the quarter hours with names in the language in force."""
        state = self.state
        if state is None or self.page is None:
            return
        shortened = state.ask.first > state.ask.period.first
        self.set_title(TITLE, SHORTENED if shortened else HINT, days=MOST_DAYS)
        if not state.watched:
            self._explain()
            return
        self.plot.show_series(dense(state, self.page), empty=NO_COUNTS)
        self.show_body()
        self.save.show()

    def open_menu(self) -> None:
        """Copy or save the curve."""
        self.plot.menu().popup(self.save.mapToGlobal(self.save.rect().bottomLeft()))

    def sheet(self) -> Sheet | None:
        """The curve's figures for a workbook."""
        if self.state is None or self.page is None or not self.state.watched:
            return None
        table = dense(self.state, self.page).table()
        rows = tuple(tuple(None if cell != cell else cell for cell in row) for row in table.rows)  # noqa: PLR0124 - NaN
        return Sheet(tr(TITLE), tr(DEMO) if self.desk.store.site.demo else "", table.header, rows)

    def _arrived(self, state: CurveState) -> None:
        if state.ask == self._asked:
            self.set_loading(False)
            self.state = state
            self.draw()

    def _plot_loaded(self, _done: bool) -> None:
        self._loaded = True

    def _explain(self) -> None:
        self.save.hide()
        self.show_empty(NO_COUNTS, LAST_COUNTED)

    def _offer(self, state: State) -> None:
        gates = sorted(state.gates, key=lambda gate: not gate.perimeter)
        names = tuple((gate.code, named(gate.name, gate.name_zh)) for gate in gates)
        self.choice.offer(((ALL, tr("All entrances")), (EACH, tr("Each entrance")), *names), ALL)


def load_plot() -> bool:
    """Import the plot library away from the UI thread: 0.3 s that would else be a stall."""
    import app.ui.charts.plot  # noqa: F401

    return True


def dense(state: CurveState, page: State) -> Dense:
    """The quarter hours as the plot takes them."""
    names = {code: named(*both) for code, both in page.names().items()}
    names[ALL] = tr("All entrances")
    series = [Series(names.get(code, code), row) for code, row in state.rows]
    if state.then:
        series.append(Series(tr(AGAINST[state.ask.period.against]), state.then))
    return Dense(state.starts, tuple(series))
