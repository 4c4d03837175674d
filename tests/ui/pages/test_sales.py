"""The Sales page: figures that agree with the receipts, a fair comparison, every card's way out of emptiness."""

from __future__ import annotations

import gc
import weakref
from datetime import date

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.ui import i18n, theme
from app.ui.charts.line import Line
from app.ui.desk import Desk
from app.ui.pages.sales import make
from app.ui.pages.sales.state import read, read_leases, shown_span
from app.ui.pages.sales.words import signed
from app.ui.period import Period
from app.ui.widgets.save_book import write_book
from engines.intake.actions import import_file
from engines.sales import queries as sales
from engines.sales import tenant as one
from engines.sales.figures import figures
from models.store import open_store

TODAY = date(2026, 3, 14)
EXPORT = """receipt,date,time,shop,amount,payment,category
1,2021-03-01,10:05,Alpha,100.00,cash,Books
2,2021-03-01,10:40,Alpha,50.00,card,Books
3,2021-03-02,15:20,Beta,30.00,card,Toys
4,2021-03-02,15:25,,20.00,,Toys
"""


@pytest.fixture
def desk(open_desk, demo_site):
    return open_desk(demo_site)


@pytest.fixture
def shown(qtbot):
    """Opens the page of a desk in a window, and closes it after the test."""
    windows: list[QWidget] = []
    desks: list[Desk] = []

    def opened(desk, argument=None):
        window, page = QWidget(), make(desk)  # a page without a window would be one, with size hints
        windows.append(window)
        desks.append(desk)
        window.resize(1166, 680)
        page.setParent(window)
        page.resize(1166, 680)
        window.show()
        page.show()
        with qtbot.waitSignals([page.model.changed, page.leases.changed]):
            page.open(argument)
        return page

    yield opened
    for desk in desks:
        qtbot.waitUntil(desk.work.idle)
    for window in windows:
        window.close()
        window.deleteLater()


def words_in(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def total(store, column, first, last):
    with store.read() as connection:
        return connection.exec_driver_sql(
            f"SELECT sum({column}) FROM sale WHERE day BETWEEN ? AND ?", (first, last)
        ).scalar_one()


def test_figures_are_the_receipts_added_up(desk):
    period = Period.of("30", TODAY)
    state = read(desk.store, period, None)
    first, last = state.span.days
    assert state.figures["sales"].value == total(desk.store, "net_minor", first, last)
    assert sum(row.sales for row in state.tenants) == state.figures["sales"].value
    assert sum(row.sales for row in state.categories) == state.figures["sales"].value
    assert sum(day.sales or 0 for day in state.days) == state.figures["sales"].value
    assert sum(row.sales for row in state.payments) == state.figures["sales"].value
    assert state.figures["avg_basket"].value == pytest.approx(
        state.figures["sales"].value / state.figures["transactions"].value
    )


def test_a_running_day_is_compared_with_the_same_hours(desk):
    state = read(desk.store, Period.of("today", TODAY), None)
    assert state.span.days == ("2026-03-14", "2026-03-14")
    assert state.span.compared == ("2026-03-13", "2026-03-13")
    minute = state.span.until_minute
    assert minute is not None and minute <= 16 * 60 + 20
    with desk.store.read() as connection:
        before = connection.exec_driver_sql(
            "SELECT sum(net_minor) FROM sale WHERE day = '2026-03-13' AND minute >= 0 AND minute < ?", (minute,)
        ).scalar_one()
    assert state.before["sales"].value == before
    assert state.days_before[-1].sales == before
    assert sum(row.before or 0 for row in state.tenants) <= before
    assert max(cell.hour for cell in state.heat) < minute // 60


def test_no_change_against_days_from_before_the_first_sale(desk):
    state = read(desk.store, Period.of("7", TODAY, "weekday"), None)
    assert not state.span.fair
    assert state.before == {}
    assert {row.change for row in state.tenants} == {None}
    assert read(desk.store, Period.of("7", TODAY), None).span.fair


def test_whole_days_in_the_past_are_not_cut(desk):
    days = Period.custom(date(2026, 2, 1), date(2026, 2, 7))
    state = read(desk.store, days, None)
    assert state.span.until_minute is None
    assert state.before["sales"].value == total(desk.store, "net_minor", "2026-01-25", "2026-01-31")


def test_the_period_ends_with_the_last_known_sale(desk):
    span = shown_span(desk.store, Period.of("7", TODAY), "2026-03-14", "2026-03-12")
    assert span.days == ("2026-03-08", "2026-03-12")
    assert span.compared == ("2026-03-01", "2026-03-05")


def test_the_page_draws_every_card(shown, desk):
    desk.choose_period(Period.of("30", TODAY))
    page = shown(desk)
    assert not page.nothing.isVisible() and page.tiles.isVisible()
    assert [tile.isVisible() for tile in page.tiles.tiles] == [True] * 8
    assert isinstance(page.days.view.data, Line)
    for card in (page.categories, page.heat, page.payments, page.density):
        assert card.view.data is not None, card.name
    assert page.league.table.rows.rowCount() == len(page.model.state.tenants)
    assert page.declarations.table.rows.rowCount() == len(page.leases.state.declarations)
    assert page.positions.table.rows.rowCount() == len(page.leases.state.positions) > 0
    assert page.area.horizontalScrollBar().maximum() == 0


def test_rows_without_a_time_are_counted_on_the_card(shown, desk):
    page = shown(desk)
    with desk.store.read() as connection:
        untimed = connection.exec_driver_sql(
            "SELECT count(*) FROM sale WHERE day BETWEEN ? AND ? AND minute < 0", page.model.state.span.days
        ).scalar_one()
    assert untimed > 0
    assert f"{untimed:,} of" in words_in(page.heat)


def test_a_category_filters_the_tenants_and_is_dropped_again(shown, qtbot, desk):
    page = shown(desk)
    every = page.league.table.rows.rowCount()
    code = page.model.state.categories[0].code
    page.categories.view.picked.emit(code)
    held = [page.league.table.rows.at(i) for i in range(page.league.table.rows.rowCount())]
    assert 0 < len(held) < every
    assert {row.category_code for row in held} == {code}
    assert page.league.chip.isVisible()
    qtbot.mouseClick(page.league.chip, Qt.MouseButton.LeftButton)
    assert page.league.table.rows.rowCount() == every
    assert not page.league.chip.isVisible()


def test_enter_on_a_tenant_opens_it_with_lease_and_receipts(shown, qtbot, desk):
    page = shown(desk)
    table = page.league.table
    table.view.setCurrentIndex(table.view.model().index(0, 0))
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page._panel is not None and page._panel.isVisible())
    panel, row = page._panel, page.model.state.tenants[0]
    assert panel.heading.text() == row.name
    assert panel.table.rows.rowCount() > 0
    newest = panel.table.rows.at(0)
    assert newest.day == max(r.day for r in panel.state.receipts)
    assert "Base rent a month" in words_in(panel.facts)
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_tile_opens_its_definition(shown, qtbot, desk):
    page = shown(desk)
    qtbot.keyClick(page.tiles.tiles[3], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page._definition is not None and page._definition.isVisible())
    assert page._definition.meaning.kpi.id == "conversion"


@pytest.mark.parametrize("name", ["days", "categories", "league", "density", "heat", "payments", "declarations"])
def test_every_card_opens_a_definition_of_the_catalogue(shown, qtbot, desk, name):
    from app.ui.pages.sales.info import InfoButton

    page = shown(desk)
    button = getattr(page, name).findChild(InfoButton)
    button.click()
    qtbot.waitUntil(lambda: page._definition is not None and page._definition.isVisible())
    assert page._definition.meaning.kpi.id == button.kpi


def test_declarations_missing_come_first_and_are_counted(shown, desk):
    page = shown(desk, "declarations")
    states = [row.state for row in page.leases.state.declarations]
    assert states == sorted(states, key=["missing", "due", "late", "declared"].index)
    missing = states.count("missing")
    assert missing == 0 or page.declarations.badges["missing"].text() == f"{missing} missing"


def test_an_empty_site_says_what_to_import(shown, qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = shown(desk)
    assert page.nothing.isVisible() and not page.tiles.isVisible() and not page.league.isVisible()
    assert "No sales yet" in words_in(page.nothing)
    with qtbot.waitSignal(desk.wanted) as asked:
        page.nothing._empty.button.click()
    assert asked.args == ["intake", {"kind": "sales"}]


@pytest.fixture
def till_site(empty_site, tmp_path):
    """A site that holds nothing but a small export of a till, years back."""
    path = tmp_path / "till.csv"
    path.write_text(EXPORT, encoding="utf-8")
    store = open_store(empty_site)
    try:
        import_file(store, "test", "sales", path)
    finally:
        store.close()
    return empty_site


def test_a_period_without_sales_offers_the_last_ones(shown, qtbot, open_desk, till_site):
    desk = open_desk(till_site)
    page = shown(desk)
    assert page.nothing.isVisible() and "2 Mar 2021" in words_in(page.nothing)
    with qtbot.waitSignal(page.model.changed):
        page.nothing._empty.button.click()
    assert (desk.period.first, desk.period.last) == (date(2021, 2, 1), date(2021, 3, 2))
    assert page.tiles.isVisible() and not page.nothing.isVisible()
    assert page.model.state.figures["sales"].value == 20000


def test_a_till_alone_names_what_each_card_needs(shown, qtbot, open_desk, till_site):
    desk = open_desk(till_site)
    desk.choose_period(Period.custom(date(2021, 3, 1), date(2021, 3, 3)))
    page = shown(desk)
    empties = [tile._empty for tile in page.tiles.tiles if tile._kpi.value != tile._kpi.value]
    assert empties == ["Needs counts", "Needs counts", "Needs leases", "Needs members"]
    assert "Density needs areas" in words_in(page.density)
    assert "1 of 4 rows name no tenant" in words_in(page.league)
    assert "Declarations belong to leases" in words_in(page.declarations)
    with qtbot.waitSignal(desk.wanted) as asked:
        page.positions._empty.button.click()
    assert asked.args == ["intake", {"kind": "leases"}]


def test_unsummed_days_come_from_the_receipts(open_desk, till_site):
    store = open_desk(till_site).store
    days = ("2021-03-01", "2021-03-02")
    assert figures(store, *days)["transactions"].value == 4
    assert figures(store, *days, until_minute=15 * 60 + 22)["sales"].value == 18000
    assert {row.code: row.sales for row in sales.tenants(store, *days)} == {"Alpha": 15000, "Beta": 3000}
    assert [day.sales for day in one.tenant_daily(store, "Alpha", *days)] == [15000, None]
    assert one.lacks(store, *days) == one.Lacks(0, 1, 4)
    assert {(c.weekday, c.hour): c.sales for c in sales.heat(store, *days)} == {(0, 10): 15000, (1, 15): 5000}


def test_language_and_theme_change_at_run_time(shown, qtbot, desk):
    page = shown(desk)
    page.look_into(page.model.state.tenants[0].code)
    qtbot.waitUntil(lambda: page._panel is not None and page._panel.isVisible())
    i18n.set_language("zh")
    i18n.retranslate(page)
    QApplication.processEvents()
    assert "每日销售" in words_in(page.days) and "业态" in words_in(page.categories)
    assert page.league.table.rows.headerData(0, Qt.Orientation.Horizontal) == "商户"
    assert "每月基本租金" in words_in(page._panel.facts)
    assert not [text for text in words_in(page).split() if text in ("Sales", "Tenants", "Missing", "Turnover")]
    i18n.set_language("en")
    i18n.retranslate(page)
    before = page.grab().toImage().pixelColor(4, 200)
    theme.appearance().apply("dark" if theme.tokens().name == "light" else "light")
    assert page.grab().toImage().pixelColor(4, 200) != before
    theme.appearance().apply("light")


def test_a_closed_page_is_gone(shown, desk, qtbot):
    page = shown(desk)
    page.look_into(page.model.state.tenants[0].code)
    page.define("sales")
    qtbot.waitUntil(desk.work.idle)
    page.leave()
    ghost = weakref.ref(page)
    page.deleteLater()
    del page
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert ghost() is None


def test_the_workbook_has_a_sheet_a_card_and_says_demo(shown, desk, tmp_path):
    from python_calamine import CalamineWorkbook

    desk.choose_period(Period.of("30", TODAY))
    page = shown(desk)
    sheets = page.sheets()
    write_book(tmp_path / "sales.xlsx", [sheet for sheet in sheets if sheet is not None])
    book = CalamineWorkbook.from_path(str(tmp_path / "sales.xlsx"))
    assert len(book.sheet_names) == 9
    for name in book.sheet_names:
        assert "invented" in str(book.get_sheet_by_name(name).to_python()[0][0])


def test_leases_are_read_apart_from_the_period(desk):
    state = read_leases(desk.store, desk.period, None)
    assert state.leases and state.positions
    assert all(position.reached >= 0 and 0 < position.elapsed <= 1 for position in state.positions)


def test_a_change_that_rounds_to_nothing_has_no_sign(qapp):
    assert [signed(v) for v in (None, 0.0, 0.0001, -0.0001, 0.034, -0.5)] == [
        "–", "0.0%", "0.0%", "0.0%", "+3.4%", "−50.0%",
    ]  # fmt: skip
