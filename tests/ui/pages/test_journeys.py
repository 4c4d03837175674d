"""Journeys: each tab draws real figures, people open from them, funnels run in a process of their own."""

from __future__ import annotations

import gc
import weakref
from datetime import date

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.journeys import make
from app.ui.pages.journeys.charts import cohort_chart
from app.ui.pages.journeys.meanings import MEANINGS
from app.ui.pages.journeys.state import TABS, Ask, Cohorts, read
from app.ui.period import Period
from engines.behaviour.funnel import Funnel, Step
from engines.behaviour.queries import Cell, CohortRow
from engines.behaviour.saved import funnels
from engines.journeys.stages import STAGES


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, tab="stages"):
        desk.choose_period(Period.custom(date(2026, 2, 1), date(2026, 3, 14), "previous"))
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        with qtbot.waitSignal(page.model.changed):
            page.open({"tab": tab})
        qtbot.waitUntil(lambda: page.model.state.ask.tab == tab and page.desk.work.idle())
        return page

    yield opening
    for page in pages:
        page.leave()


@pytest.fixture
def page(opened, open_desk, demo_site):
    return opened(open_desk(demo_site))


def test_every_stage_is_there_and_adds_up(page):
    state = page.model.state
    assert [row.stage for row in state.part.stages] == list(STAGES)
    with page.desk.store.read() as connection:
        people = connection.exec_driver_sql("SELECT count(*) FROM person_stage").scalar_one()
    assert sum(page.stages.stages.view.data.series[0].values) == people
    assert page.stages.lengths.table.rows.rowCount() == len(STAGES)
    assert page.stages.causes.table.rows.rowCount() == len(state.part.flows) > 0
    assert not page.none.isVisibleTo(page)


def test_a_stage_lists_its_people_masked_and_one_of_them_opens(qtbot, page):
    row = max(page.model.state.part.stages, key=lambda r: r.people)
    page.stages.stages.view.picked.emit(row.stage)
    qtbot.waitUntil(lambda: page._people is not None and not page._people.isHidden())
    rows = page._people.table.rows
    assert rows.rowCount() == row.people
    assert all("•" in rows.text(i, 0) for i in range(rows.rowCount()))
    with qtbot.waitSignal(page.desk.wanted) as wish:
        page._people.table.activated.emit(rows.at(0))
    assert wish.args == ["customers", {"person": rows.at(0).person_id}]


def test_a_move_lists_who_made_it(qtbot, page):
    move = page.model.state.part.moves[0]
    page.stages.moves.view.picked.emit(f"{move.previous or ''}>{move.stage}")
    qtbot.waitUntil(lambda: page._people is not None and not page._people.isHidden())
    assert page._people.table.rows.rowCount() == move.people


def test_each_card_says_what_its_figure_means(page):
    for name, (title, words) in MEANINGS.items():
        page.define(name)
        assert page._explain.heading.text() == title
        assert page._explain.words.text() == words and "version 1" in page._explain.facts.text()
    for part in page.parts():
        assert all(card.define.kpi in MEANINGS for card in part.cards())


def test_two_groups_stand_side_by_side(qtbot, opened, open_desk, demo_site):
    page = opened(open_desk(demo_site), "compare")
    page.compare.left.choose("channel|wechat")
    page.compare.right.choose("channel|app")
    page.compare.left.chosen.emit("channel|wechat")
    qtbot.waitUntil(lambda: page.model.state.part.left.group.value == "wechat")
    part = page.model.state.part
    assert part.right.group.value == "app" and 0 < part.right.people < part.left.people
    for series in page.compare.stages.view.data.series:
        assert sum(series.values) == pytest.approx(1)


def test_a_cohort_cell_lists_its_people(qtbot, opened, open_desk, demo_site):
    page = opened(open_desk(demo_site), "cohorts")
    row = page.model.state.part.months[0]
    page.cohorts.months.view.picked.emit(f"{row.cohort}|1")
    qtbot.waitUntil(lambda: page._people is not None and not page._people.isHidden())
    assert page._people.table.rows.rowCount() == row.cells[1].returned
    page.cohorts.kind.choose("join")
    page.cohorts.kind.chosen.emit("join")
    qtbot.waitUntil(lambda: page.model.state.part.kind == "join")
    page.cohorts.measure.choose("revenue")
    page.cohorts.measure.chosen.emit("revenue")
    assert page.cohorts.months.view.data.unit == "money"


def test_running_months_are_struck_and_small_cohorts_stay_out(qapp):
    cells = (Cell(0, 40, 40, 40, 100, False), Cell(1, 40, 10, 12, 50, True))
    rows = (CohortRow("2026-01", 40, True, cells), CohortRow("2026-02", 4, False, cells[:1]))
    made = cohort_chart(Cohorts("join", rows, ()), "returned")
    assert made is not None and len(made.rows) == 1
    assert made.hatched == ((False, True),) and made.values == ((1.0, 0.25),) and made.keys[0][1] == "2026-01|1"
    assert cohort_chart(Cohorts("join", rows[1:], ()), "returned") is None


def test_a_funnel_runs_in_a_process_of_its_own_and_is_saved(qtbot, opened, open_desk, demo_copy):
    page = opened(open_desk(demo_copy), "funnels")
    tab = page.funnels
    qtbot.waitUntil(lambda: bool(tab.document), timeout=60_000)
    assert [s["name"] for s in tab.document["steps"]] == ["Sent", "Opened", "Clicked", "Bought"]
    assert tab.mall.view.data.steps[0].value > 0
    tab.builder.show_funnel(Funnel("Mine", (Step("visit"), Step("sale", within=1.0)), 2.0), own=True)
    tab.builder.run.click()
    qtbot.waitUntil(lambda: tab.child is None and len(tab.document["steps"]) == 2, timeout=60_000)
    assert tab.document["entered"] == tab.document["immature"] + tab.document["steps"][0]["people"] > 0
    lost = tab.document["steps"][0]["people"] - tab.document["steps"][1]["people"]
    tab.table.table.activated.emit(tab.table.table.rows.at(1))
    qtbot.waitUntil(lambda: page._people is not None and not page._people.isHidden(), timeout=60_000)
    assert page._people.table.rows.rowCount() == lost
    with qtbot.waitSignal(page.desk.said):
        tab.builder.save.click()
    assert [s.funnel.name for s in funnels(page.desk.store) if s.version] == ["Mine"]


def test_steps_are_added_and_removed_within_bounds(opened, open_desk, demo_site):
    builder = opened(open_desk(demo_site), "funnels").funnels.builder
    while builder.add_step.isEnabled():
        builder.add_step.click()
    assert len(builder.lines) == 6
    for _ in range(6):
        builder.lines[-1].remove.click()
    assert len(builder.lines) == 2 and not builder.lines[0].remove.isEnabled()


def test_paths_and_the_replay_show_sums_alone(opened, open_desk, demo_site):
    page = opened(open_desk(demo_site), "paths")
    part = page.model.state.part
    assert sum(page.paths.engagement.view.data.counts) == sum(part.engagement)
    replay = page.paths.replay
    if not part.arrivals:
        pytest.skip("the demo mall's cameras saw nobody go from zone to zone")
    before = replay.slider.value()
    replay.toggle()
    replay._step()
    assert replay.slider.value() != before
    shown = [z.value for z in replay.view.data.zones if z.value == z.value]
    assert all(value >= page.model.state.least for value in shown)
    page.leave()
    assert not replay._clock.isActive()


def test_an_empty_site_leads_to_the_import(qtbot, opened, open_desk, empty_site):
    page = opened(open_desk(empty_site))
    assert page.none.isVisibleTo(page)
    with qtbot.waitSignal(page.desk.wanted) as wish:
        page.none._empty.button.click()
    assert wish.args == ["intake", {"kind": "sales"}]
    for tab in TABS:
        page.tabs.setCurrentIndex(TABS.index(tab))
        qtbot.waitUntil(lambda tab=tab: page.model.state.ask.tab == tab and page.desk.work.idle())


def test_language_and_theme_change_on_the_spot(page):
    theme.start(QApplication.instance(), "light")
    theme.appearance().apply("dark")
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(0) == "阶段"
    assert page.stages.stages.view.data.categories[0] == "已知晓"
    assert page.body.parentWidget().minimumSizeHint().width() <= 1166


def test_the_state_is_read_without_widgets(open_desk, demo_site):
    desk = open_desk(demo_site)
    for tab in TABS:
        assert read(desk.store, desk.period, Ask(tab)).part is not None


def test_a_closed_page_is_gone(qtbot, open_desk, demo_site):
    page = make(open_desk(demo_site))
    with qtbot.waitSignal(page.model.changed):
        page.open()
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None
