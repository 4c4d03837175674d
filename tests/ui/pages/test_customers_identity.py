"""Customers: pairs decided by hand and by key, merges undone, figures that open their people, the golden record."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.ui import i18n
from app.ui.pages.customers import CUSTOMERS, MERGES, QUALITY, REVIEW, make
from app.ui.pages.customers.facets_view import fact_value
from app.ui.pages.customers.review import sure
from engines.people.board import board
from engines.people.facets import Fact
from engines.people.identity.queue import merges, waiting, waiting_count
from engines.people.quality import quality
from engines.people.queries import search
from engines.people.survivorship import golden_of, rebuild_profiles
from models.times import now_ms

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # windows are shown, so that keys reach them
EVIDENCE = {"name": {"level": "same_latin", "weight": 9.1}, "phone": {"level": "differs", "weight": -2.0}}


@pytest.fixture
def desk(open_desk, demo_copy):
    desk = open_desk(demo_copy)
    people = [customer.person_id for customer in search(desk.store, limit=6)]
    with desk.store.write("tester", "pairs that wait") as tx:
        tx.execute_many(
            "INSERT INTO dup_candidate (person_a, person_b, score, evidence, state, found_at) VALUES (?, ?, ?, ?, 'open', ?)",
            [
                (min(pair), max(pair), score, json.dumps(EVIDENCE), now_ms())
                for pair, score in zip((people[:2], people[2:4], people[4:6]), (0.99999, 0.9, 0.81), strict=True)
            ],
        )
    rebuild_profiles(desk.store)
    return desk


@pytest.fixture
def page(qtbot, desk):
    made = make(desk)
    qtbot.addWidget(made)
    made.resize(1166, 680)
    made.show()
    with qtbot.waitSignals([made.model.changed, made.queue.changed]):
        made.open({"tab": "review"})
    return made


def texts(page):
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_pairs_stand_side_by_side_with_their_evidence(qtbot, page):
    qtbot.waitUntil(lambda: "the same in Latin letters" in texts(page))
    assert page.views.currentIndex() == REVIEW
    assert "3" in page.tabs.tabText(REVIEW)
    seen = texts(page)
    assert "549 times likelier of one person" in seen
    assert "4 times likelier of two people" in seen
    assert "> 99.9% sure" in seen


def test_people_of_whom_no_import_spoke_show_what_their_own_row_says(open_desk, demo_copy):
    desk = open_desk(demo_copy)
    people = [customer.person_id for customer in search(desk.store, among="members", limit=2)]
    with desk.store.write("tester", "no golden record") as tx:
        tx.connection.exec_driver_sql("DELETE FROM profile_attr")
        tx.execute_many(
            "INSERT INTO dup_candidate (person_a, person_b, score, evidence, state, found_at) VALUES (?, ?, 1, '{}', 'open', 1)",
            [(min(people), max(people))],
        )
    pair = next(w for w in waiting(desk.store) if {w.a.customer.person_id, w.b.customer.person_id} == set(people))
    record = {golden.attr: golden.shown for golden in golden_of(desk.store, pair.a.customer.person_id)}
    assert {"name", "gender", "home_area"} <= set(pair.a.told) and pair.a.told == record
    assert "•" in record["name"] and "•" in record["phone"]


def test_overview_and_board_tell_the_same_figures(desk):
    told, shown = quality(desk.store), board(desk.store)
    assert told.judged
    assert (told.duplicates, told.shared) == (shown.people["candidates"], shown.people["household"])


def test_same_merges_and_the_merge_can_be_undone(qtbot, page, desk):
    pair = page.review.pair.shown
    with qtbot.waitSignal(page.queue.changed):
        page.review.pair.same.click()
    assert waiting_count(desk.store) == 2
    done = merges(desk.store)[0]
    assert {done.survivor, done.absorbed} == {pair.a.customer.person_id, pair.b.customer.person_id}
    with qtbot.waitSignal(page.undoable.changed):
        page.tabs.setCurrentIndex(MERGES)
    assert page.undoable.state.count == 1 and merges(desk.store, after=done.id) == []
    assert not page.merges.undo.isEnabled()
    page.merges.table.view.selectRow(0)
    with qtbot.waitSignal(page.undoable.changed):
        page.merges.undo.click()
    assert merges(desk.store)[0].undone_at is not None
    with desk.store.read() as connection:
        acts = connection.exec_driver_sql("SELECT action FROM audit_entry ORDER BY seq DESC LIMIT 2").scalars()
    assert acts == ["unmerge", "merge"]


def test_keys_decide_too(qtbot, page, desk):
    first = page.review.pair.shown
    page.review.table.view.setFocus()
    qtbot.keyClick(page.review.table.view, Qt.Key.Key_L)
    assert page.review.table.rows.at(2).pair == first
    with qtbot.waitSignal(page.queue.changed):
        page.review.different()
    assert waiting_count(desk.store) == 2
    assert merges(desk.store) == []


def test_one_of_the_two_can_be_opened(qtbot, page):
    pair = page.review.pair.shown
    with qtbot.waitSignal(page.person.changed):
        page.review.pair.opened.emit(pair.a.customer.person_id)
    assert page.views.currentIndex() == CUSTOMERS
    record = page.profile.golden.record
    assert {golden.attr for golden in record} >= {"name", "phone"}
    assert all("•" in golden.shown for golden in record if golden.attr in ("name", "phone"))


def test_every_figure_of_the_board_opens_its_people(qtbot, page):
    with qtbot.waitSignal(page.board.changed):
        page.tabs.setCurrentIndex(QUALITY)
    assert page.quality.board.people["candidates"] == 6
    with qtbot.waitSignal(page.model.changed):
        page.quality.tiles["candidates"].click()
    assert page.views.currentIndex() == CUSTOMERS
    assert page.list.table.rows.rowCount() == 6


def test_an_empty_queue_says_so(qtbot, open_desk, demo_site):
    page = make(open_desk(demo_site))
    qtbot.addWidget(page)
    with qtbot.waitSignals([page.model.changed, page.queue.changed]):
        page.open({"tab": "review"})
    assert "No pair waits" in page.review.table.empty.accessibleName()
    assert not page.review.pair.isVisibleTo(page.review)


def test_chinese_on_the_spot(qtbot, page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    qtbot.waitUntil(lambda: "拼音相同" in texts(page))
    seen = texts(page)
    assert page.tabs.tabText(MERGES) == "合并记录"
    assert not [word for word in ("likelier", "Same person", "Home area", "sure") if word in seen]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (Fact("x", "x", 0.256, "percent", low=0.2, high=0.3), "25.6% (20.0% to 30.0%)"),
        (Fact("x", "x", "low", value_zh="低"), "low"),
        (Fact("x", "x", "2026-03-01", "day"), "1 Mar 2026"),
        (Fact("x", "x", 3.14159, "decimal"), "3.1"),
    ],
)
def test_facts_are_written_in_their_units(desk, fact, said):
    assert fact_value(fact) == said


def test_no_model_is_certain(desk):
    assert sure(1.0) == "> 99.9%"
    assert sure(0.9) == "90.0%"
