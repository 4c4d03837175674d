"""The Network page: its three tabs on a demo mall and an empty one, a decision on a case, and nothing left behind."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.network import make
from app.ui.pages.network.state import Choice, read_habits
from engines.fraud.queries import cases, change_counts, changes
from engines.people.queries import search
from models.ids import new_id


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, argument=None):
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        with qtbot.waitSignal(page.model.changed, timeout=20_000):
            page.open(argument)
        return page

    yield opening
    for page in pages:
        page.leave()


@pytest.fixture
def page(opened, open_desk, demo_copy):
    return opened(open_desk(demo_copy))


def test_every_tab_shows_the_state(page):
    state = page.model.state
    assert page.referrals.graph.isVisible() or page.referrals.graph.view.data is None
    assert "more" in page.referrals.figures.text()  # 60 days have under 100 referrals, and it says how many lack
    assert page.referrals.trees.table.rows.rowCount() == len(state.trees) > 0
    assert page.tabs.choose("shopping")
    assert page.shopping.matrix.view.data is not None
    assert page.shopping.pairs.table.rows.rowCount() == len(state.listed) > 0
    assert page.tabs.choose("fraud")
    assert page.oddities.reach.table.rows.rowCount() == len(state.reaches) > 0


def test_changed_habits_name_only_who_allows_profiling(open_desk, demo_copy):
    desk = open_desk(demo_copy)
    people = [customer.person_id for customer in search(desk.store, among="members", limit=3)]
    with desk.store.write("tester", "habits and decisions") as tx:
        tx.connection.exec_driver_sql("DELETE FROM behaviour_change")
        tx.connection.exec_driver_sql("DELETE FROM consent_decision WHERE purpose = 'profiling'")
        tx.execute_many(
            "INSERT INTO behaviour_change "
            "(person_id, direction, since_day, before, after, expected, days_before, days_after, chance) "
            "VALUES (?, 'down', '2026-02-01', 4.0, 0.0, 4.0, 9, 0, 0.99)",
            [(person,) for person in people],
        )
        sign = "(SELECT identifier_id FROM identifier_owner WHERE person_id = ? LIMIT 1)"
        tx.execute_many(
            "INSERT INTO consent_decision "
            "(id, source_id, source_key, identifier_id, purpose, channel, decision, at, actor) "
            f"VALUES (?, (SELECT id FROM source LIMIT 1), hex(?1), {sign}, 'profiling', 'any', ?, ?, 'tester')",
            [
                (new_id(), people[0], "grant", 1),
                (new_id(), people[1], "grant", 1),
                (new_id(), people[1], "withdraw", 2),
            ],
        )
    assert [row.person_id for row in changes(desk.store)] == people[:1]
    assert [habit.person_id for habit in read_habits(desk.store, -1)] == people[:1]
    assert change_counts(desk.store) == {"down": 3}


def test_another_tenant_lists_its_own_shoppers(page, qtbot):
    tenant = page.model.state.tenants[3].tenant_id
    with qtbot.waitSignal(page.model.changed):
        page.choose(Choice(tenant=tenant))
    assert {pair.tenant_id for pair in page.model.state.listed} == {tenant}


def test_a_case_shows_its_rows_and_keeps_the_decision(page, qtbot):
    case = page.model.state.cases[0]
    page.show_case(case)
    assert page.panel.table.rows.rowCount() == len(case.evidence)
    page.panel.reason.setText("checked at the till")
    with qtbot.waitSignal(page.model.changed):
        page.panel.confirm.click()
    decided = next(c for c in cases(page.desk.store) if c.fingerprint == case.fingerprint)
    assert (decided.decision, decided.reason) == ("confirmed", "checked at the till")


def test_an_empty_site_says_what_is_missing(opened, open_desk, empty_site):
    page = opened(open_desk(empty_site))
    assert page.referrals.figures.text() and page.age.text().startswith("Not worked out yet")
    assert page.tabs.choose("shopping")
    assert page.shopping.matrix.view.data is None
    assert page.tabs.choose("fraud")
    assert page.oddities.cases.table.rows.rowCount() == 0


def test_language_and_theme_change_while_it_is_open(page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(1) == "交叉购物" and "person" not in page.shopping.about.text()
    theme.appearance().apply("dark")
    i18n.set_language("en")
    i18n.retranslate(page)
    assert page.tabs.tabText(2) == "Fraud and oddities"


def test_a_closed_page_is_gone(opened, open_desk, demo_site, qtbot):
    desk = open_desk(demo_site)
    page = make(desk)
    with qtbot.waitSignal(page.model.changed, timeout=20_000):
        page.open({"tab": "fraud"})
    gone = weakref.ref(page)
    page.leave()
    page.deleteLater()
    del page
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
