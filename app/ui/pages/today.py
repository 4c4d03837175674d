"""Today: visits so far against the forecast, who is inside, sales, alerts, and what to do next."""

from __future__ import annotations

import math
from datetime import date

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.charts.line import Band, Line
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.today_cards import LATE_MS, DayLine, Freshness
from app.ui.pages.today_feed import Feed
from app.ui.pages.today_state import Selling, State, read
from app.ui.pages.today_steps import NextSteps, steps_of
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.scrolled import scrolled
from app.ui.widgets.tiles import TileRow
from engines.footfall.views import SoFar

RELATIONS = (
    "count_bucket", "sale", "alert", "job_run", "forecast_run", "forecast_point", "intake_batch", "calendar_day",
    "declaration", "lease_row", "camera", "gate",
)  # fmt: skip
CLOCK_MS = 30_000

__all__ = ["State", "TodayPage", "make", "read"]


class TodayPage(Page):
    """The page a day begins with; it reads itself again every half minute."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS, clock_ms=CLOCK_MS))
        self.sides = QStackedWidget()
        self.body.addWidget(self.sides)
        self.body.addStretch(1)
        self.line = DayLine()
        self.tiles = TileRow(weights=(4, 3, 3, 3, 3))
        self.curve = ChartCard(desk, "Visits by hour")
        self.steps = NextSteps()
        self.alerts_card = Card("Alerts")
        self.feed = Feed()
        self.fresh = Freshness()
        self._alerts: QWidget | None = None
        self._beginning: QWidget | None = None
        self._definition: QWidget | None = None
        self.grid = CardGrid()
        self.grid.add(self.curve, span=8, height=316)
        self.grid.add(self.steps, span=4, height=316)
        self.grid.add(self.alerts_card, span=4, height=300)
        self.grid.add(self.feed, span=5, height=300)
        self.grid.add(self.fresh, span=3, height=300)
        self.board = QWidget()
        column = QVBoxLayout(self.board)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self.line, self.tiles, self.grid):
            column.addWidget(widget)
        column.addStretch(1)
        self.sides.addWidget(self.board)
        self.tiles.opened.connect(self.define)
        for card in (self.steps, self.feed):
            card.chosen.connect(self.go)

    def draw(self) -> None:
        """Tiles, curve and cards of the state; on an empty site the ways to begin."""
        state = self.model.state
        assert isinstance(state, State)
        if state.held.empty:
            self.sides.setCurrentWidget(self._begin())
            return
        self.sides.setCurrentWidget(self.board)
        self.line.show_day(state)
        self.tiles.show_kpis(*tiles_of(state))
        self._draw_curve(state)
        self.steps.show_steps(steps_of(state))
        self.feed.show_items(state.feed, state.now)
        self.fresh.show_state(state)
        self._draw_alerts(state)

    def open(self, argument: object = None) -> None:
        """`argument` may be "alerts"."""
        super().open()
        if argument == "alerts":
            QTimer.singleShot(0, self.show_alerts)

    def show_alerts(self) -> None:
        """Bring the alerts into view."""
        self.area.ensureWidgetVisible(self.alerts_card)

    def go(self, page: str, argument: object) -> None:
        """Follow a step or a row of the feed."""
        if page == "today":
            self.show_alerts()
        else:
            self.desk.go(page, argument)

    def define(self, key: str) -> None:
        """Open the definition of a tile's figure."""
        from app.ui.widgets.definition import DefinitionPanel, Figure

        state = self.model.state
        assert isinstance(state, State)
        kpi, _, shown = key.partition(" ")
        selling = kpi in ("sales", "conversion") and state.selling is not None
        day = state.selling.now.day if selling and state.selling else state.day or state.today
        if self._definition is None:
            self._definition = DefinitionPanel(self.desk, self)
        assert isinstance(self._definition, DefinitionPanel)
        self._definition.show_figure(Figure(kpi, day, day, shown=float(shown) if shown else None))

    def export(self) -> None:
        """The hours, tiles and alerts as a workbook."""
        from app.ui.widgets.save_book import save_book

        save_book(self.desk, self, tr("Today"), [self.curve.sheet()])

    def _begin(self) -> QWidget:
        if self._beginning is None:
            from app.ui.pages.today_begin import Beginning

            self._beginning = Beginning(self.desk)
            self.sides.addWidget(self._beginning)
        return self._beginning

    def _draw_curve(self, state: State) -> None:
        words = curve_words(state)
        if not state.hours:
            self.curve.set_title("Visits by hour")
            self.curve.explain("No gate is counted yet.", "Add a camera", "live", "add")
            return
        self.curve.set_title("Visits by hour", "{words}" if words else "", words=words)
        self.curve.show_chart(hour_chart(state))
        until = state.visits.until if state.visits else None
        self.curve.set_age(until, state.now, stale_after=LATE_MS if state.live else 10**15)

    def _draw_alerts(self, state: State) -> None:
        from app.ui.widgets.alerts import AlertList

        if self._alerts is None and state.alerts:
            self._alerts = AlertList(self.desk, self)
            self.alerts_card.set_body(scrolled(self._alerts))
        if isinstance(self._alerts, AlertList):
            self._alerts.show_alerts(state.alerts)
        if state.alerts:
            self.alerts_card.show_body()
        else:
            self.alerts_card.show_empty("Nothing unusual. Anomalies are looked for every night.")


def tiles_of(state: State) -> tuple[list[Kpi], list[str]]:
    """The five figures, and why one is missing."""
    kpis = [_visits(state), _inside(state), *_sales(state.selling, state), _alerts(state)]
    nothing = "No counts today" if state.held.counts else "No counts yet"
    return kpis, [nothing, nothing, "No sales yet", "No sales yet", ""]


def _visits(state: State) -> Kpi:
    form = current()
    if state.visits is None:
        return Kpi("Visits so far", math.nan, key="footfall")
    visits, total = state.visits.visits, state.total
    delta, against = _against(state.week)
    likely = (total.p10, total.p50, total.p90) if total and state.live else None
    if likely:
        low, middle, high = (form.compact(v) for v in likely)
        note = tr("on course for {middle} ({low} to {high})", low=low, middle=middle, high=high)
    else:
        note = against
    label = "Visits so far" if state.live else tr("Visits on {day}", day=_day(state.visits.day))
    return Kpi(
        label, visits, delta=delta, against=against, likely=likely, note=note, key=f"footfall {visits}"
    )  # fmt: skip


def _inside(state: State) -> Kpi:
    form = current()
    if state.inside is None:
        return Kpi("People inside", math.nan, key="presence")
    note = tr("peak {people}", people=form.integer(state.inside.peak))
    if state.drift is not None:
        note += "  ·  " + tr("drift {people}", people=f"{state.drift[1]:+d}".replace("-", "−"))
    return Kpi("People inside", state.inside.inside, good="neither", note=note, key=f"presence {state.inside.peak}")


def _sales(selling: Selling | None, state: State) -> list[Kpi]:
    form = current()
    if selling is None or not selling.now.rows:
        return [Kpi("Conversion", math.nan, "percent", key="conversion"), Kpi("Sales", math.nan, "money", key="sales")]
    now, then = selling.now, selling.then
    rate, before = _share(now.transactions, selling.visits), _share(then.transactions, selling.visits_then)
    against = tr("against {day}", day=_day(then.day))
    today = now.day == state.today
    when = "" if today else _day(now.day) + "  ·  "
    count = tr("{count} transactions", count=form.integer(now.transactions))
    if now.tenants < selling.tenants:
        count = tr("{some} of {all} tenants so far", some=now.tenants, all=selling.tenants)
    basis = count if now.tenants < selling.tenants else tr("transactions per visit")
    shown = f" {rate}" if today and not math.isnan(rate) else ""
    return [
        Kpi("Conversion", rate, "percent", _change(rate, before), against=against,
            note=when + basis, key=f"conversion{shown}"),
        Kpi("Sales" if today else tr("Sales on {day}", day=_day(now.day)), now.sales, "money",
            _change(now.sales, then.sales), against=against, note=count,
            key=f"sales {now.sales}" if today else "sales"),
    ]  # fmt: skip


def _alerts(state: State) -> Kpi:
    form = current()
    waiting = [alert for alert in state.alerts if alert.state == "open"]
    warnings = sum(alert.severity != "notice" for alert in waiting)
    note = tr("warnings {warnings}  ·  notices {notices}", warnings=form.integer(warnings),
              notices=form.integer(len(waiting) - warnings))  # fmt: skip
    return Kpi("Open alerts", len(waiting), good="down", note=note, key=f"alerts {len(waiting)}")


def curve_words(state: State) -> str:
    """The counted day against a week and a year before, up to the same time."""
    form, parts = current(), []
    for compared, long in ((state.week, False), (state.year, True)):
        delta, against = _against(compared, long=long)
        if not math.isnan(delta):
            sign = "+" if delta >= 0 else "−"
            parts.append(f"{sign}{form.percent(abs(delta))} {against}")
    return "  ·  ".join(parts)


def hour_chart(state: State) -> Line:
    """Counted hours, the likely course of those to come, and the same weekday a week before."""
    hours, form = state.hours, current()
    ahead = [h.likely or (math.nan,) * 3 for h in hours]
    name = tr("Today") if state.live else _day(state.day or state.today)
    series = [Series(name, tuple(_value(h.counted) for h in hours))]
    band = None
    if any(h.likely for h in hours):
        series.append(Series(tr("Forecast"), tuple(a[1] for a in ahead)))
        band = Band(tr("Likely range"), tuple(a[0] for a in ahead), tuple(a[2] for a in ahead))
    then = tuple(_value(h.then) for h in hours)
    week = Series(_day(state.week.then_day), then) if state.week and any(not math.isnan(v) for v in then) else None
    return Line(tuple(form.minute(h.hour * 60) for h in hours), tuple(series), "count", band, week)


def _against(compared: SoFar | None, *, long: bool = False) -> tuple[float, str]:
    if compared is None or not compared.then:
        return math.nan, ""
    return compared.visits / compared.then - 1, tr("against {day}", day=_day(compared.then_day, long=long))


def _day(text: str, *, long: bool = False) -> str:
    """Sat 14 Nov: `long` adds the year."""
    form, day = current(), date.fromisoformat(text)
    return f"{form.weekday(day.weekday())} {form.day(day, 'medium' if long else 'short')}"


def _value(n: int | None) -> float:
    return math.nan if n is None else float(n)


def _share(part: int, whole: int | None) -> float:
    return part / whole if whole else math.nan


def _change(now: float, then: float) -> float:
    return now / then - 1 if then and not math.isnan(then) else math.nan


def make(desk: Desk) -> Page:
    """The Today page."""
    return TodayPage(desk)
