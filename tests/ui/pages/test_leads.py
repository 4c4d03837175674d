"""Leads: the three tabs, what makes a score, weights and rules with their effect."""

from __future__ import annotations

import gc
import shutil
import weakref
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.leads import make
from app.ui.pages.leads.reading import Choice, read_falling, read_lines
from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.health.actions import alert_rules
from engines.health.engine import ENGINE as HEALTH
from engines.health.watch import ENGINE as RETENTION
from engines.leads.engine import ENGINE as LEADS
from engines.leads.queries import rules, weight_versions
from engines.milestones.engine import ENGINE as MILESTONES
from models.store import open_store

UNTIL = "2026-03-14T16:20"
NOW_MS = int(datetime.fromisoformat(UNTIL).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


@pytest.fixture(scope="module")
def mall(tmp_path_factory):
    """A small demo mall on which only these engines ran; do not write to it."""
    folder = tmp_path_factory.mktemp("leads") / "site"
    make_demo(folder, days=60, members=200, seed=1, until=UNTIL)
    store = open_store(folder)
    for engine in (LEADS, HEALTH, MILESTONES, RETENTION):
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
    return opened(open_desk(mall))


def test_the_list_is_masked_ordered_and_adds_up_with_the_ladder(qtbot, page):
    state, table = page.model.state, page.prospects.table
    scores = [table.rows.at(i).composite for i in range(table.rows.rowCount())]
    assert scores == sorted(scores, reverse=True) and len(scores) == min(state.ladder[0].reached, 100)
    assert all("•" in table.rows.text(i, 0) for i in range(len(scores)))
    assert page.prospects.ladder.view.data.steps[0].value == sum(rung.people for rung in state.ladder)
    assert state.card is None and "more first purchases" in state.refusal[0]
    assert page.prospects.model.view.data is None and page.prospects.model.isVisibleTo(page)


def test_a_row_opens_what_makes_the_score_and_its_profile(qtbot, page):
    line = page.prospects.table.rows.at(0)
    page.prospects.table.activated.emit(line)
    qtbot.waitUntil(lambda: page.lead_panel.detail is not None)
    panel = page.lead_panel
    assert panel.figure.text() == f"{line.composite:.1f}"
    assert len(panel.factors.data.categories) == min(5, len(line.lead.factors))
    spokes = panel.radar.data.spokes
    assert len(spokes) == (4 if line.predictive is not None else 3)
    assert "First score" in panel.causes.text() and "Next step" in panel.step.text()
    with qtbot.waitSignal(page.desk.wanted) as wish:
        panel.profile.click()
    assert wish.args == ["customers", {"person": line.lead.subject_id}]


def test_a_rung_and_a_pipeline_narrow_the_list(qtbot, page):
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.model.state.choice.tab == "deal")
    state = page.model.state
    rung = max(state.ladder, key=lambda r: r.people)
    page.prospects.ladder.view.picked.emit(rung.name)
    qtbot.waitUntil(lambda: page.model.state.choice.rung == rung.name)
    assert {line.rung for line in page.model.state.lines} == {rung.name}
    assert len(page.model.state.lines) == rung.people
    page.prospects.pipeline.setCurrentIndex(1)
    page.prospects.pipeline.activated.emit(1)
    wanted = page.prospects.pipeline.itemData(1)
    qtbot.waitUntil(lambda: page.model.state.choice.pipeline == wanted)
    assert {line.lead.pipeline for line in page.model.state.lines} <= {wanted}
    assert all("•" not in line.label for line in page.model.state.lines)


def test_weights_are_tried_kept_and_taken_back(qtbot, opened, open_desk, mall, tmp_path):
    desk = open_desk(shutil.copytree(mall, tmp_path / "copy"))
    page = opened(desk)
    page.weights.saved.disconnect(page.run)
    page.weights_button.click()
    qtbot.waitUntil(lambda: bool(page.weights.boxes))
    page.weights.boxes["behavioural"].setValue(100)
    page.weights.try_button.click()
    qtbot.waitUntil(lambda: "would move" in page.weights.result.text())
    assert page.weights.moves.rows.rowCount() > 0
    assert len(weight_versions(desk.store, "member")) == 1
    with qtbot.waitSignal(page.weights.saved):
        page.weights.save_button.click()
    qtbot.waitUntil(lambda: len(page.weights.versions) == 2)
    with qtbot.waitSignal(page.weights.saved):
        page.weights.undo_button.click()
    qtbot.waitUntil(lambda: len(page.weights.versions) == 3)
    assert page.weights.boxes["behavioural"].value() == 30
    for box in page.weights.boxes.values():
        box.setValue(0)
    assert not page.weights.save_button.isEnabled()


def test_a_rule_is_tested_added_and_switched_off(qtbot, opened, open_desk, mall, tmp_path):
    desk = open_desk(shutil.copytree(mall, tmp_path / "copy"))
    page = opened(desk)
    page.rules.saved.disconnect(page.run)
    page.rules_button.click()
    qtbot.waitUntil(lambda: page.rules.field.count() > 0)
    panel = page.rules
    panel.name.setText("Came by")
    panel.field.setCurrentIndex(panel.field.findData("days_known"))
    panel.field.activated.emit(panel.field.currentIndex())
    panel.value.setEditText("1")
    panel.test_button.click()
    qtbot.waitUntil(lambda: "applies to" in panel.result.text())
    assert not rules(desk.store, "member")
    with qtbot.waitSignal(panel.saved):
        panel.add_button.click()
    qtbot.waitUntil(lambda: panel.kept.rows.rowCount() == 1)
    panel.kept.activated.emit(panel.kept.rows.at(0))
    qtbot.waitUntil(lambda: not rules(desk.store, "member")[0].on)
    panel.name.setText("Wrong")
    panel.value.setEditText("many")
    with qtbot.waitSignal(desk.said) as said:
        panel.add_button.click()
    assert said.args[0].kind == "error"


def test_the_board_of_health(qtbot, opened, open_desk, mall):
    page = opened(open_desk(mall), {"tab": "health"})
    qtbot.waitUntil(lambda: page.model.state.choice.tab == "health")
    state = page.model.state
    health = page.health
    assert sum(health.spread.view.data.series[0].values) == state.board.board.people
    drawn = health.bands.view.data
    assert sum(sum(series.values) for series in drawn.series) == state.board.board.people
    assert health.table.rows.rowCount() == len(state.board.falling) > 0
    assert len(health.table.rows.text(0, 7).split()) == 8
    assert page.rules_button.text() == "Alert rules"
    assert state.board.falling_whole == len(state.board.falling) == len(read_falling(page.desk.store, -1))
    assert "35" in health.words.text()
    with qtbot.waitSignal(page.desk.wanted) as wish:
        health.table.activated.emit(health.table.rows.at(0))
    assert wish.args[0] == "customers"


def test_an_alert_rule_is_counted_added_and_switched_off(qtbot, opened, open_desk, mall, tmp_path):
    desk = open_desk(shutil.copytree(mall, tmp_path / "copy"))
    page = opened(desk, {"tab": "health"})
    qtbot.waitUntil(lambda: page.model.state.choice.tab == "health")
    panel = page.alert_rules
    panel.saved.disconnect(page.run)
    page.rules_button.click()
    qtbot.waitUntil(lambda: panel.figure.count() > 0)
    assert [panel.kept.rows.text(row, 0) for row in range(2)] == ["High risk of lapsing", "Health is falling"]
    panel.figure.setCurrentIndex(panel.figure.findData("health"))
    panel.figure.activated.emit(panel.figure.currentIndex())
    panel.value.setValue(40)
    assert panel.op.currentData() == "below"
    panel.count_button.click()
    qtbot.waitUntil(lambda: "customers now" in panel.result.text())
    with desk.store.read() as connection:
        low = connection.exec_driver_sql("SELECT count(*) FROM person_health WHERE health < 40").scalar_one()
    assert f" {low} " in panel.result.text() and low > 0
    with qtbot.waitSignal(desk.said) as said:
        panel.add_button.click()
    assert said.args[0].kind == "error"  # it has no name yet
    panel.name.setText("Low health")
    with qtbot.waitSignal(panel.saved):
        panel.add_button.click()
    qtbot.waitUntil(lambda: panel.kept.rows.rowCount() == 3)
    assert alert_rules(desk.store)[0].value == 40
    panel.kept.activated.emit(panel.kept.rows.at(2))
    qtbot.waitUntil(lambda: not alert_rules(desk.store)[0].on)


def test_a_risk_is_typed_in_per_cent_and_kept_as_a_share(qtbot, opened, open_desk, mall):
    page = opened(open_desk(mall), {"tab": "health"})
    panel = page.alert_rules
    panel.show_rules()
    qtbot.waitUntil(lambda: panel.figure.count() > 0)
    assert (panel.rule().field, panel.rule().op, panel.rule().value) == ("lapse", "above", 0.8)
    assert "80" not in panel.kept.rows.text(1, 1) and "%" in panel.kept.rows.text(0, 1)


def test_an_empty_site_says_what_to_do(qtbot, opened, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = opened(desk)
    for index, kind in enumerate(("members", "deals", "sales")):
        page.tabs.setCurrentIndex(index)
        qtbot.waitUntil(lambda i=index: page.tabs.currentIndex() == i and page.desk.work.idle())
        assert page.none.isVisibleTo(page)
        with qtbot.waitSignal(desk.wanted) as wish:
            page.none._empty.button.click()
        assert wish.args == ["intake", {"kind": kind}]


def test_pages_of_prospects_hold_everyone_once(mall):
    store = open_store(mall)
    every = read_lines(store, Choice("member"), limit=-1)
    first = read_lines(store, Choice("member"), limit=3)
    second = read_lines(store, Choice("member"), first[-1].lead.key, limit=3)
    store.close()
    assert [line.lead.key for line in (*first, *second)] == [line.lead.key for line in every[:6]]


def test_language_and_theme_change_on_the_spot(page):
    theme.start(QApplication.instance(), "light")
    theme.appearance().apply("dark")
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(0) == "尚未消费"
    assert page.prospects.ladder._heading.text() == "资格阶梯"
    assert page.grab().width() == 1166
    assert page.body.parentWidget().minimumSizeHint().width() <= 1166


def test_a_closed_page_is_gone(qtbot, open_desk, mall):
    page = make(open_desk(mall))
    with qtbot.waitSignal(page.model.changed):
        page.open()
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None
