"""Segments: the grid and its people, what each segment means, and a run in a process of its own."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.segments.meanings import MEANINGS
from app.ui.pages.segments.people_table import Choice, PeopleTable, read_everyone
from app.ui.pages.segments.rfm import RfmTab
from app.ui.pages.segments.score_grid import frequency_bars, recency_bars
from app.ui.widgets.people_list import PeopleList, export_people
from engines.driver import run_engine
from engines.intake.actions import import_file
from engines.rfm.engine import ENGINE
from engines.rfm.rules import NAMES
from models.errors import NotEnoughData


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, argument=None):
        page = RfmTab(desk)
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
def page(opened, open_desk, demo_site):
    return opened(open_desk(demo_site))


def sell(store, tmp_path, customers, days=1):
    lines = [f"{c}-{d},2026-03-{d + 1:02d} 10:00,{100 + c},Zara,C{c}" for c in range(customers) for d in range(days)]
    path = tmp_path / "till.csv"
    path.write_text("receipt no,date,amount,shop,customer id\n" + "\n".join(lines), encoding="utf-8")
    import_file(store, "tester", "sales", path)


def test_every_segment_and_cell_is_there_and_adds_up(page):
    state = page.model.state
    assert list(page.list.rows) == list(NAMES)
    assert sum(row.people for row in state.segments) == sum(cell.people for cell in state.cells)
    assert len(page.grid.view.data.keys) == 5
    counted = sum(v for row in page.grid.view.data.values for v in row if v == v)  # noqa: PLR0124 - NaN is empty
    assert counted == sum(cell.people for cell in state.cells)
    for chart in (page.recency, page.frequency):
        assert sum(chart.view.data.series[0].values) == counted
    assert not page.none.isVisibleTo(page)


def test_the_grid_switches_to_money(page):
    page.grid.by.setCurrentIndex(1)
    page.grid.by.activated.emit(1)
    data = page.grid.view.data
    assert data.unit == "money"
    best = next(cell for cell in page.model.state.cells if cell.people)
    assert data.values[5 - best.r][best.f - 1] == best.monetary_minor


def test_a_cell_lists_its_people_masked(qtbot, page):
    cell = max(page.model.state.cells, key=lambda c: c.people)
    page.grid.view.picked.emit(f"{cell.r},{cell.f}")
    rows = page.people.table.rows
    qtbot.waitUntil(lambda: rows.rowCount() == cell.people)
    assert {rows.at(i).scores[:3] for i in range(rows.rowCount())} == {f"{cell.r} {cell.f}"}
    assert all("•" in rows.text(i, 0) for i in range(rows.rowCount()))
    page.people.everyone.click()
    qtbot.waitUntil(lambda: rows.rowCount() > cell.people)


def test_a_segment_lists_its_people_and_one_of_them_opens(qtbot, page):
    row = max(page.model.state.segments, key=lambda r: r.people)
    line = page.list.rows[row.segment]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    rows = page.people.table.rows
    qtbot.waitUntil(lambda: rows.rowCount() == min(row.people, 100) and rows.at(0).segment == row.segment)
    assert line.isChecked()
    with qtbot.waitSignal(page.desk.wanted) as wish:
        page.people.table.activated.emit(rows.at(0))
    assert wish.args == ["customers", {"person": rows.at(0).person_id}]


def test_each_row_says_its_figures_and_what_they_mean(page):
    for row in page.model.state.segments:
        line = page.list.rows[row.segment]
        assert row.name in line.accessibleName()
        assert line.accessibleDescription() == MEANINGS[row.segment]
    assert set(MEANINGS) == set(NAMES)


def test_another_page_may_ask_for_a_segment(qtbot, opened, open_desk, demo_site):
    page = opened(open_desk(demo_site), {"segment": "lost"})
    qtbot.waitUntil(lambda: page.people._first is not None and page.people._first.choice == Choice(segment="lost"))


def test_pages_of_people_hold_everyone_once(qtbot, page):
    table = page.people.table
    while table._has_more:
        table._scrolled(table.view.verticalScrollBar().maximum())
        qtbot.waitUntil(page.desk.work.idle)
    people = {table.rows.at(i).person_id for i in range(table.rows.rowCount())}
    assert len(people) == table.rows.rowCount() == sum(c.people for c in page.model.state.cells)


def test_what_the_scores_cannot_tell_is_said_in_both_languages(qtbot, opened, open_desk, empty_site, tmp_path):
    desk = open_desk(empty_site)
    sell(desk.store, tmp_path, customers=60)
    run_engine(desk.store, ENGINE, at_ms=desk.now())
    page = opened(desk)
    said = "\n".join(line.words.text() for line in page.runner._lines)
    assert "exactly 1 day" in said
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert "频度无法区分客户" in "\n".join(line.words.text() for line in page.runner._lines)


def test_run_now_scores_in_a_process_of_its_own(qtbot, opened, open_desk, empty_site, tmp_path):
    desk = open_desk(empty_site)
    sell(desk.store, tmp_path, customers=60, days=3)
    page = opened(desk)
    assert page.none.isVisibleTo(page)
    with qtbot.waitSignal(page.runner.finished, timeout=60_000), qtbot.waitSignal(desk.said, timeout=60_000) as said:
        page.none._empty.button.click()
    assert said.args[0].kind == "good"
    assert said.args[0].values["count"] == "60"
    qtbot.waitUntil(lambda: bool(page.model.state.cells))
    assert page.cards.isVisibleTo(page)
    assert page.model.state.last.ended_at is not None
    assert page.runner.child is None


def test_too_few_customers_say_what_is_missing(qtbot, opened, open_desk, empty_site, tmp_path):
    desk = open_desk(empty_site)
    sell(desk.store, tmp_path, customers=3)
    with pytest.raises(NotEnoughData):
        run_engine(desk.store, ENGINE, at_ms=desk.now())
    page = opened(desk)
    assert page.none.isVisibleTo(page)
    assert "at least 50" in page.runner._lines[0].words.text()
    assert "there are 3" in page.runner._lines[0].words.text()
    with qtbot.waitSignal(desk.wanted) as wish:
        page.none._empty.button.click()
    assert wish.args == ["intake", {"kind": "sales"}]
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert "至少需要 50" in page.runner._lines[0].words.text()


def test_an_empty_site_leads_to_the_import(qtbot, opened, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = opened(desk)
    assert page.none.isVisibleTo(page)
    assert not page.cards.isVisibleTo(page)
    with qtbot.waitSignal(desk.wanted) as wish:
        page.none._empty.button.click()
    assert wish.args == ["intake", {"kind": "sales"}]


def test_the_list_of_a_segment_leaves_masked_and_booked(qtbot, opened, open_desk, demo_copy, tmp_path):
    desk = open_desk(demo_copy)
    page = opened(desk)
    row = max(page.model.state.segments, key=lambda r: r.people)
    choice, path = Choice(segment=row.segment), tmp_path / "segment.csv"
    with qtbot.waitSignal(desk.said):
        export_people(desk, path, PeopleList("x", "segments", page.people.table.rows.columns, _reader(choice)))
    text = path.read_text(encoding="utf-8-sig")
    assert "Demo mall" in text.splitlines()[0]
    assert len(text.splitlines()) == row.people + 2
    with desk.store.read() as connection:
        booked = connection.exec_driver_sql(
            "SELECT detail FROM audit_entry WHERE action = 'export' ORDER BY seq DESC LIMIT 1"
        ).scalar_one()
    assert str(row.people) in booked


def _reader(choice):
    return lambda store: read_everyone(choice, store)


def test_bands_hold_everyone_and_name_single_days_alone(qapp):
    bars = frequency_bars([(1, 5), (2, 3), (3, 1), (60, 2)])
    assert bars.categories[0] == "1"
    assert bars.categories[-1] == "51+"
    assert sum(bars.series[0].values) == 11
    assert recency_bars([(0, 4), (3, 1)]).categories == ("0+",)
    assert sum(recency_bars([]).series[0].values) == 0


def test_language_and_theme_change_on_the_spot(page):
    theme.start(QApplication.instance(), "light")
    theme.appearance().apply("dark")
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.list.rows["champions"].accessibleName().startswith("核心客户")
    assert page.grid._heading.text() == "近度与频度"
    assert page.recency._heading.text() == "距最近消费的天数"
    assert page.people._heading.text() == "全部有消费的客户"
    assert page.grab().width() == 1166
    assert page.body.parentWidget().minimumSizeHint().width() <= 1166


def test_a_closed_page_is_gone(qtbot, open_desk, demo_site):
    page = RfmTab(open_desk(demo_site))
    with qtbot.waitSignal(page.model.changed):
        page.open()
    assert isinstance(page.people, PeopleTable)
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None
