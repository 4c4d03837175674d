"""Money: the bridge and its rows, contributions, forecasts with assumptions, income and costs."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.money import make
from app.ui.pages.money.state import Ask
from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.finance.engine import ENGINE as FINANCE
from engines.forecast.money import ENGINE as AHEAD
from models.store import open_store
from tests.ui.conftest import NOW_MS, UNTIL


@pytest.fixture(scope="module")
def mall(tmp_path_factory):
    """A demo mall of 110 days on which only the engines of money ran; do not write to it."""
    folder = tmp_path_factory.mktemp("money") / "site"
    make_demo(folder, days=110, members=100, seed=1, until=UNTIL)
    store = open_store(folder)
    for engine in (FINANCE, AHEAD):
        run_engine(store, engine, at_ms=NOW_MS)
    store.close()
    return folder


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, argument=None):
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        with qtbot.waitSignal(page.model.changed):
            page.open(argument)
        return page

    yield opening
    for page in pages:
        page.leave()


@pytest.fixture
def page(opened, open_desk, mall):
    return opened(open_desk(mall, "90"))


def rows_of(table):
    return [table.rows.at(i) for i in range(table.rows.rowCount())]


def test_the_bridge_adds_up_and_a_bar_opens_its_rows(qtbot, page):
    made = page.model.state.income
    assert made.before + sum(row["change"] for row in rows_of(page.bridge.steps.table)) == made.after
    page.bridge.chart.view.picked.emit("turnover")
    assert page.panel.isVisibleTo(page) and page.panel.table.rows.rowCount() > 3
    assert sum(r["change"] for r in rows_of(page.panel.table)) == made.steps()["turnover"]
    assert "breakpoint" in page.panel.words.text()


def test_other_months_and_sales(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.bridge.choose_before("2025-11")
    assert page.model.state.sides == (("2025-11",), ("2026-02",))
    with qtbot.waitSignal(page.model.changed):
        page.bridge.choose_span("3")
    assert page.model.state.sides == (("2025-09", "2025-10", "2025-11"), ("2025-12", "2026-01", "2026-02"))
    with qtbot.waitSignal(page.model.changed):
        page.bridge.choose_of("sales")
    made = page.model.state.sales
    assert made.before + sum(made.steps().values()) == made.after
    page.bridge.open_step("volume")
    assert page.panel.table.rows.rowCount() > 50


@pytest.mark.parametrize("dimension", ["tenant", "category", "zone", "floor", "tier", "occasion", "campaign"])
def test_contributions_add_up_and_open_their_parts(qtbot, page, dimension):
    page.tabs.setCurrentIndex(1)
    if dimension != "tenant":
        with qtbot.waitSignal(page.model.changed):
            page.contribution.choose(dimension)
    made, shown = page.model.state.contribution, rows_of(page.contribution.table.table)
    assert page.model.state.months == ("2025-12", "2026-01", "2026-02")
    assert sum(r["income"] for r in shown) == made.income and sum(r["cost"] + r["shared"] for r in shown) == made.cost
    page.contribution.table.table.activated.emit(shown[0])
    own = [r["amount"] for r in rows_of(page.panel.table)]
    assert sum(abs(a) for a in own) >= abs(shown[0]["income"])


def test_shared_costs_can_be_left_out(qtbot, page):
    page.tabs.choose("contribution")
    page.contribution.dimension.choose("tenant")
    before = page.contribution.bars.view.data
    with qtbot.waitSignal(page.model.changed):
        page.contribution.shared.click()
    assert not page.model.state.ask.shared and page.contribution.bars.view.data != before


def test_the_forecast_says_what_it_rests_on_and_what_an_assumption_does(qtbot, page):
    page.tabs.choose("forecast")
    with qtbot.waitSignal(page.model.changed):
        page.ask(Ask(by="category"))
    tab, state = page.forecast, page.model.state
    assert "WAPE" in tab.note.text() and "add up to" in tab.note.text()
    assert tab.points.table.rows.rowCount() == 13
    assert all(row["says"] for row in rows_of(tab.series.table))
    with qtbot.waitSignal(page.model.changed):
        tab.first.setValue(10)
    assert page.model.state.ask.scenario == (10, 0) and "your assumption" in tab.note.text()
    assert tab.chart.view.data.compare is not None
    with qtbot.waitSignal(page.model.changed):
        tab.series.table.activated.emit(rows_of(tab.series.table)[2])
    assert page.model.state.ask.code == state.forecasts[2].code
    tab.chart.define.wanted.emit("forecast")
    assert page.panel.table.rows.rowCount() >= 2


def test_rent_for_weeks_and_what_months_need(qtbot, page):
    page.tabs.choose("forecast")
    with qtbot.waitSignal(page.model.changed):
        page.ask(Ask(measure="rent"))
    assert page.forecast.points.table.rows.rowCount() == 13 and page.forecast.by.count() == 1
    with qtbot.waitSignal(page.model.changed):
        page.ask(Ask(measure="rent", grain="month"))
    assert page.forecast.points.table.rows.rowCount() == 0
    assert "needs 26 weeks of history" in rows_of(page.forecast.series.table)[0]["says"]


def test_income_and_costs_say_what_lacks(qtbot, page):
    page.open({"tab": "heads"})
    assert page.tabs.currentIndex() == 3
    shown = {row["key"]: row for row in rows_of(page.heads.table.table)}
    assert shown["income|other"]["lacks"] == "never imported" and shown["cost|staff"]["total"] > 0
    page.heads.table.table.activated.emit(shown["cost|staff"])
    assert sum(r["amount"] for r in rows_of(page.panel.table)) == shown["cost|staff"]["total"]


def test_an_empty_site_leads_to_the_imports(qtbot, opened, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = opened(desk)
    ways = {"bridge": ("chart", "leases"), "contribution": ("bars", "leases"), "forecast": ("chart", "sales"),
            "heads": ("costs", "money")}  # fmt: skip
    for tab, (part, kind) in ways.items():
        page.tabs.choose(tab)
        card = getattr(page.tabs.part(tab), part)
        with qtbot.waitSignal(desk.wanted) as wanted:
            card.acted.emit()
        assert wanted.args == ["intake", {"kind": kind}]


def test_language_and_theme(qtbot, page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(0) == "收入桥" and "租约" in page.bridge.note.text()
    for mode in ("dark", "light"):
        theme.appearance().apply(mode)


def test_a_closed_page_is_gone(qtbot, open_desk, mall):
    desk = open_desk(mall)
    page = make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    page.bridge.open_step("turnover")
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    del page
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
