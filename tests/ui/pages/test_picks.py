"""The tab of offers and next actions on a small demo mall, an empty one, and in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.ui import i18n
from app.ui.desk import Desk
from app.ui.pages.insights import InsightsPage, make
from app.ui.pages.insights.picks_state import read_people
from app.ui.pages.insights.picks_tab import PicksTab, funnel
from engines.picks.queries import Mix

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of every window
Open = Callable[..., Desk]


@pytest.fixture
def shown(demo_site: Path, open_desk: Open, qtbot: QtBot) -> InsightsPage:
    """The page on its tab, drawn."""
    return opened(demo_site, open_desk, qtbot)


def opened(folder: Path, open_desk: Open, qtbot: QtBot) -> InsightsPage:
    page = make(open_desk(folder))
    assert isinstance(page, InsightsPage)
    qtbot.addWidget(page)
    page.resize(1166, 700)
    page.show()
    page.open({"tab": "picks"})
    qtbot.waitUntil(lambda: page.model.state is not None, timeout=20_000)
    return page


def ready(tab: PicksTab, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: tab.people.table.rows.rowCount() > 0, timeout=20_000)


def test_it_says_that_so_small_a_mall_gets_what_is_popular(shown: InsightsPage, qtbot: QtBot) -> None:
    tab = shown.picks
    ready(tab, qtbot)
    found = tab._shown
    assert found is not None and found.model is not None and not found.model.personal
    assert tab.table.table.rows.rowCount() == 0 and found.tests == ()
    assert tab.mix.table.rows.rowCount() == len(found.mix) > 1
    assert sum(m.people for m in found.mix) == found.model.people


def test_a_row_of_the_mix_shows_its_people_and_a_person_their_shops(shown: InsightsPage, qtbot: QtBot) -> None:
    tab = shown.picks
    ready(tab, qtbot)
    row: Any = tab.mix.table.rows.at(tab.mix.table.rows.rowCount() - 1)
    tab.mix.table.selected.emit([row])
    qtbot.waitUntil(lambda: tab.people.people is not None and tab.people.people.choice == row["key"], timeout=20_000)
    first: Any = tab.people.table.rows.at(0)
    assert "•" in first["label"] or "•" in first["card"]
    tab.people.table.selected.emit([first])
    qtbot.waitUntil(lambda: tab.shops.table.rows.rowCount() == 10, timeout=20_000)
    with qtbot.waitSignal(tab.opened) as opened_person:
        tab.people.table.activated.emit(first)
    assert opened_person.args == [first["person_id"]]


def test_a_person_is_found_by_card(shown: InsightsPage, qtbot: QtBot) -> None:
    store = shown.desk.store
    with store.read() as connection:
        card, person = connection.exec_driver_sql("SELECT card_no, person_id FROM member LIMIT 1").one()
    found = read_people(store, f"find:{card}")
    assert [action.person_id for _, action in found.rows] == [bytes(person)]
    assert read_people(store, "find: ").rows == ()


def test_definitions_open_and_all_is_said_in_chinese(shown: InsightsPage, qtbot: QtBot) -> None:
    tab = shown.picks
    ready(tab, qtbot)
    tab.define("actions")
    assert tab._panel is not None and "Expected value" in tab._panel.words.text()
    i18n.set_language("zh")
    i18n.retranslate(shown)
    tab._panel.retranslate()
    assert "预期价值" in tab._panel.words.text()
    words = [str(tab.mix.table.rows.at(k)["action"]) for k in range(tab.mix.table.rows.rowCount())]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words)


def test_an_empty_mall_leads_to_the_import(empty_site: Path, open_desk: Open, qtbot: QtBot) -> None:
    page = opened(empty_site, open_desk, qtbot)
    qtbot.waitUntil(page.none.isVisible, timeout=20_000)
    assert not page.picks.isVisible()


def test_the_funnel_takes_people_away_step_by_step() -> None:
    mix = (
        Mix("second_shop", "", 40, 400), Mix("none", "no_profiling", 10, 0), Mix("none", "denied", 20, 0),
        Mix("none", "suppressed", 5, 0), Mix("none", "capped", 7, 0), Mix("none", "not_worth", 18, 0),
    )  # fmt: skip
    assert [step.value for step in funnel(mix).steps] == [100, 90, 65, 58, 40]
