"""Footfall: the period's visits, the curve, the gates and what nobody watched, on a real demo mall and on none."""

from __future__ import annotations

import gc
import math
import weakref
from datetime import date, timedelta
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from app.ui import i18n, theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.kinds import lay_out
from app.ui.charts.line import Line
from app.ui.charts.marks import Size
from app.ui.charts.style import ChartTheme
from app.ui.pages.footfall import make
from app.ui.pages.footfall.charts import backtest_words, plan_chart
from app.ui.pages.footfall.curve_state import ALL, EACH, MOST_DAYS, Ask, read_curve
from app.ui.pages.footfall.state import Ahead, by_hour, read
from app.ui.pages.footfall.tables import gap_rows, gate_rows
from app.ui.pages.footfall.tiles import tiles_of
from app.ui.period import Period
from app.ui.widgets.head_tools import PageLink
from engines.footfall import queries
from engines.footfall.plan import zones
from engines.footfall.views import Curve
from engines.forecast.queries import Outlook
from engines.forecast.sentences import render
from models.errors import Known

LAST = date(2026, 3, 14)


@pytest.fixture
def desk(open_desk, demo_site):
    return open_desk(demo_site)


@pytest.fixture
def page(qtbot, desk):
    window = QWidget()
    made = make(desk)
    made.setParent(window)
    window.resize(1166, 700)
    made.resize(1166, 700)
    window.show()
    yield made
    made.leave()
    qtbot.waitUntil(desk.work.idle)
    window.close()
    window.deleteLater()


def opened(qtbot, page, argument=None):
    with qtbot.waitSignal(page.model.changed):
        page.open(argument)
    return page.model.state


def curve_read(qtbot, page, choice):
    qtbot.waitUntil(lambda: page.curve.state is not None and page.curve.state.ask.choice == choice)
    return page.curve.state


def state_of(desk, period):
    return read(desk.store, period, None)


def test_the_page_says_how_many_came_and_against_what(qtbot, page):
    state = opened(qtbot, page)
    tiles, _ = tiles_of(state)
    entries = tiles[0]
    assert entries.value == sum(day.visits for day in state.visiting.days if day.visits is not None)
    assert entries.against == "Period before"
    whole = [(a.visits, b.visits) for a, b in zip(state.visiting.days, state.visiting.then, strict=True)][:-1]
    assert entries.delta == pytest.approx(sum(a for a, _ in whole) / sum(b for _, b in whole) - 1)
    assert [tile.key.split()[0] for tile in tiles] == [
        "footfall", "peak_hour_share", "presence", "capture_rate", "dwell_minutes", "data_completeness"
    ]  # fmt: skip
    assert not any(math.isnan(tile.value) for tile in tiles)
    assert isinstance(page.days.view.data, Bars)
    assert len(page.days.view.data.series) == 2


def test_without_a_comparison_nothing_is_compared(desk):
    state = state_of(desk, Period.of("7", LAST, "none"))
    assert state.visiting.then == ()
    assert all(math.isnan(tile.delta) for tile in tiles_of(state)[0])
    assert all(row["change"] is None for row in gate_rows(state, ""))


def test_gates_are_compared_only_with_days_that_were_all_counted(desk):
    week = state_of(desk, Period.of("7", LAST, "previous"))
    before = {g.code: g.entries for g in queries.gates(desk.store, "2026-03-01", "2026-03-06", week.now)}
    over = {g.code: g.entries for g in queries.gates(desk.store, "2026-03-08", "2026-03-13", week.now)}
    for row in gate_rows(week, "outer"):
        assert row["change"] == pytest.approx(over[row["code"]] / before[row["code"]] - 1)
    long = state_of(desk, Period.of("30", LAST, "weekday"))
    assert all(row["change"] is None for row in gate_rows(long, ""))
    assert all(math.isnan(known.change) for known in long.known.values())


def test_a_month_is_a_line_with_its_festivals(qtbot, page, desk):
    opened(qtbot, page)
    with qtbot.waitSignal(page.model.changed):
        desk.choose_period(Period.of("30", LAST, "previous"))
    shown = page.days.view.data
    assert isinstance(shown, Line)
    assert shown.compare is not None
    assert {words for _, words in shown.notes} == {holiday.name for holiday in page.model.state.holidays}
    assert shown.notes


def test_a_running_day_is_compared_up_to_the_same_time(desk):
    state = state_of(desk, Period.of("today", LAST, "previous"))
    yesterday = queries.day_curve(desk.store, (LAST - timedelta(days=1)).isoformat())
    today = queries.day_curve(desk.store, LAST.isoformat())
    passed = sum(at < state.until for at in today.starts)
    then = sum(n or 0 for n in yesterday.entries[:passed])
    assert state.visiting.change == pytest.approx(state.visiting.total / then - 1)
    assert state.hours
    assert state.mall == ()


def test_an_unfinished_hour_is_no_bar():
    curve = Curve("2026-03-14", (0, 1, 2, 3), (600, 615, 660, 675), (5, 6, 7, None), (0, 0, 0, None))
    assert by_hour(curve) == {10: 11, 11: 7}
    assert by_hour(curve, until=3) == {10: 11}


def test_the_curve_adds_entrances_up_and_leaves_gaps_open(desk):
    period = Period.of("7", LAST, "previous")
    whole = read_curve(desk.store, Ask(period, ALL))
    each = read_curve(desk.store, Ask(period, EACH))
    (_, total), rows = whole.rows[0], [row for _, row in each.rows]
    assert len(rows) == sum(gate.perimeter for gate in state_of(desk, period).gates)
    assert sum(v for v in total if v == v) == sum(v for row in rows for v in row if v == v)  # noqa: PLR0124 - NaN
    night = total[:16]
    assert all(math.isnan(value) for value in night)
    assert each.then == ()
    before = queries.quarter_series(desk.store, "2026-03-01", "2026-03-07")
    assert sum(v for v in whole.then if v == v) == sum(n or 0 for row in before.entries.values() for n in row)  # noqa: PLR0124 - NaN


def test_a_long_period_draws_its_last_days_only():
    ask = Ask(Period.custom(date(2025, 1, 1), LAST), ALL)
    assert (LAST - ask.first).days + 1 == MOST_DAYS


def test_a_gate_of_the_league_is_shown_in_the_curve(qtbot, page):
    state = opened(qtbot, page)
    curve_read(qtbot, page, ALL)
    row = gate_rows(state, "outer")[0]
    page.gates.table.activated.emit(row)
    shown = curve_read(qtbot, page, row["code"])
    assert [code for code, _ in shown.rows] == [row["code"]]
    assert page.curve.plot._legend.buttons()[0].text() == row["name"]


def test_another_page_may_ask_for_a_gate(qtbot, page):
    opened(qtbot, page, {"gate": "north"})
    assert curve_read(qtbot, page, "north").watched


def test_the_league_has_doors_and_inner_gates(qtbot, page):
    state = opened(qtbot, page)
    outer, inner = gate_rows(state, "outer"), gate_rows(state, "inner")
    assert len(outer) + len(inner) == len(state.gates)
    assert sum(row["share"] for row in outer) == pytest.approx(1)
    assert all(row["share"] is None for row in inner)
    page.gates.doors.choose("inner")
    page.gates._draw_rows()
    assert page.gates.table.rows.rowCount() == len(inner)


def test_gaps_stand_as_they_were_and_together_where_they_were(desk):
    state = state_of(desk, Period.of("90", LAST, "none"))
    rows = gap_rows(state)
    together = {(gap.started_at, gap.ended_at) for gap in state.gaps}
    assert {(row["since"], row["until"]) for row in rows} == together
    assert all(row["minutes"] * 60_000 == row["until"] - row["since"] for row in rows)
    assert all(row["gate"] for row in rows)


def test_the_plan_counts_people_into_zones_and_not_into_shops(desk):
    state = state_of(desk, Period.of("7", LAST, "none"))
    led = {code for zone in zones(desk.store) for code in zone.gates}
    shops = {gate.code for gate in state.gates if gate.name.endswith("front")}
    assert led
    assert not led & shops
    entries = {gate.code: gate.entries for gate in state.gates}
    made = plan_chart(state, "L1")
    north = next(zone for zone in made.zones if zone.key == "l1_north")
    assert north.value == entries["north"]
    assert math.isnan(next(zone for zone in made.zones if zone.key == "atrium").value)


def test_the_funnel_narrows_and_every_step_has_its_meaning(qtbot, page):
    state = opened(qtbot, page)
    assert [step.kpi for step in state.mall] == [
        "footfall", "transactions", "repeat_purchase_rate", "repeat_purchase_rate"
    ]  # fmt: skip
    values = [step.value for step in state.mall]
    assert values == sorted(values, reverse=True)
    assert page.funnel.words.text().count("\n") == 3
    page.funnel.scope.choose("shops")
    page.funnel.draw()
    assert [step.name for step in page.funnel.view.data.steps] == ["Passers-by", "Shop entries", "Receipts"]


def test_the_forecast_says_how_good_it_was(qtbot, page):
    state = opened(qtbot, page)
    assert state.ahead.steps
    assert "MASE" in page.ahead.words.text() or "eight weeks" in page.ahead.words.text()
    assert page.ahead.view.data.band is not None


def test_a_figure_opens_its_definition_and_rows(qtbot, page):
    opened(qtbot, page)
    page.tiles.tiles[0].click()
    qtbot.waitUntil(lambda: page._panel is not None and page._panel.isVisible())
    assert page._panel.meaning.kpi.id == "footfall"
    page._panel.close_panel()
    page.days.view.picked.emit("2026-03-10")
    qtbot.waitUntil(page._panel.isVisible)
    assert page._panel.meaning.figure.first == page._panel.meaning.figure.last == "2026-03-10"
    assert page._panel.meaning.rows.rows


def test_every_card_offers_its_definition_by_name(qtbot, page):
    opened(qtbot, page)
    cards = (page.days, page.heat, page.curve, page.gates, page.gaps, page.plan, page.stays, page.ahead, page.funnel)
    assert len({card.define.accessibleName() for card in cards}) == len(cards)
    asked = []
    for card in cards:
        card.defined.connect(asked.append)
        card.define.click()
    assert asked == [card.define.kpi for card in cards]


def test_the_page_exports_its_charts_and_tables(qtbot, page, desk, monkeypatch, tmp_path):
    from python_calamine import CalamineWorkbook

    opened(qtbot, page)
    curve_read(qtbot, page, ALL)
    target = tmp_path / "footfall.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    said = []
    desk.said.connect(said.append)
    page.export()
    qtbot.waitUntil(lambda: bool(said))
    book = CalamineWorkbook.from_path(str(target))
    assert len(book.sheet_names) >= 8
    sheet = book.get_sheet_by_index(2).to_python()
    assert "Demo mall" in sheet[0][0]


def test_days_without_counts_lead_to_the_last_counted(qtbot, page, desk):
    opened(qtbot, page)
    with qtbot.waitSignal(page.model.changed):
        desk.choose_period(Period.custom(date(2024, 5, 1), date(2024, 5, 7)))
    assert page.model.state.counted is False
    assert page.days.view.data is None
    with qtbot.waitSignal(page.model.changed):
        page.days.acted.emit()
    assert page.model.state.counted
    assert desk.period.last == LAST


def test_stays_lead_to_the_page_of_zones(qtbot, page):
    opened(qtbot, page)
    link = page.stays.findChild(PageLink)
    went = []
    page.desk.wanted.connect(lambda name, argument: went.append((name, argument)))
    link.click()
    assert (link.text(), went) == ("Zones", [("zones", None)])


def test_an_empty_site_offers_two_ways_to_begin(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = make(desk)
    qtbot.addWidget(page)
    opened(qtbot, page)
    assert page.board.isHidden()
    assert not page.nothing.isHidden()
    went = []
    desk.wanted.connect(lambda name, argument: went.append((name, argument)))
    for button in page.nothing.findChildren(QPushButton):
        button.click()
    assert sorted(went, key=str) == [("intake", {"kind": "counts"}), ("live", "add")]
    page.export()
    page.leave()


def test_language_and_theme_change_at_once(qtbot, qapp, page):
    theme.start(qapp, "light")
    opened(qtbot, page)
    curve_read(qtbot, page, ALL)
    reads = page.model._asked
    i18n.set_language("zh")
    i18n.retranslate(page)
    try:
        assert page.gates.table.rows.text(0, 0) in {gate.name_zh for gate in page.model.state.gates}
        assert page.curve.choice.itemText(0) == "全部入口"
        assert page.curve.plot._legend.buttons()[0].text() == "全部入口"
        theme.appearance().apply("dark")
        page.grab()
        assert page.model._asked == reads
    finally:
        theme.appearance().apply("light")


def test_nothing_is_wider_than_a_small_window(qtbot, page):
    opened(qtbot, page)
    assert page.area.horizontalScrollBar().maximum() == 0
    tiles = [tile for tile in page.tiles.tiles if tile.isVisible()]
    assert len({tile.y() for tile in tiles}) == 1
    assert all(a.geometry().right() < b.geometry().left() for a, b in pairwise(tiles))


def test_a_closed_page_is_gone(qtbot, desk):
    page = make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    qtbot.waitUntil(desk.work.idle)
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    assert gone() is None


def test_a_fault_keeps_what_is_shown(qtbot, page, desk, monkeypatch):
    opened(qtbot, page)
    shown = page.model.state
    monkeypatch.setattr(queries, "gaps", _broken)
    said = []
    desk.said.connect(said.append)
    page.model.refresh()
    qtbot.waitUntil(lambda: bool(said))
    assert page.model.state is shown
    assert "disk" in said[0].values["sentence"]


def _broken(*_args):
    raise Known("The disk does not answer.", "Plug it in again.")


def test_a_festival_on_the_line_is_read_out_with_its_day():
    data = Line((1, 2, 3), (Series("Entries", (5.0, 6.0, 7.0)),), notes=((1, "Lantern Festival"),))
    marks = lay_out(data, Size(400, 200), ChartTheme())
    assert [mark.text for mark in marks if getattr(mark, "text", "") == "Lantern Festival"]
    assert [mark.tip for mark in marks if "Lantern Festival" in mark.tip]
    narrow = lay_out(data, Size(90, 80), ChartTheme())
    assert all(mark.bounds()[2] <= 90.5 for mark in narrow)
    with pytest.raises(ValueError, match="outside"):
        Line((1, 2), (Series("Entries", (5.0, 6.0)),), notes=((2, "Too late"),))


@pytest.mark.parametrize(
    ("method", "reason", "beside"),
    [("blend", "blend_beats_baselines", False), ("calendar_ridge", "model_beats_baselines", False),
     ("median_of_weekdays", "baseline_kept", True), ("seasonal_naive", "baseline_kept", False)],
)  # fmt: skip
def test_the_forecast_names_last_week_s_error_once(method, reason, beside):
    """Sentences that already set the method against last week need no second sentence; the others get one."""
    facts = {"method": method, "origins": 26, "mase": 0.9, "baseline_mase": 1.21, "model_mase": 1.3}
    outlook = Outlook("visits", 0, method, 0.9, 1.21, 0.1, 0.8, 26, reason, facts)
    ahead = Ahead(outlook, (), (), (), (render(reason, facts, "en"), render(reason, facts, "zh")))
    for tongue in ("en", "zh"):
        i18n.set_language(tongue)
        said = backtest_words(ahead)
        i18n.set_language("en")
        assert said.startswith(ahead.sentences[tongue == "zh"])
        assert said.count("1.21") == (1 if beside or reason != "baseline_kept" else 0)
