"""The Attribution page: models that sum alike, leagues, holdouts, other looks, languages, no leak."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.attribution import make
from app.ui.pages.attribution.words import MEANINGS, Ranged
from engines.attribution.queries import MODELS


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
def page(opened, open_desk, demo_site):
    return opened(open_desk(demo_site))


def test_every_model_shares_out_the_same_conversions(page):
    state = page.model.state
    chart = page.models.view.data
    sums = [sum(series.values) for series in chart.series]
    assert sums and all(total == pytest.approx(state.told.touched, abs=0.01) for total in sums)
    assert len(sums) == (len(MODELS) if state.told.state == "whole" else 1)
    assert str(state.told.touched) in page.about.text().replace(",", "")


def test_the_bridge_ends_at_all_sales(page):
    changes = page.bridge.view.data.changes
    assert sum(c.value for c in changes[:-1]) == pytest.approx(page.model.state.told.value_minor, abs=2)
    assert changes[-1].total


def test_the_league_shows_attributed_beside_added(page):
    rows = page.league.table.rows
    assert rows.rowCount() == len(page.model.state.league)
    line = rows.at(0)
    assert isinstance(line.conversions, Ranged) and "–" in line.conversions.text
    assert line.name not in ("", line.code)
    texts = [rows.text(r, 3) for r in range(rows.rowCount())]
    assert all(texts) and all("(" in text or text == "no holdout" for text in texts)


def test_another_look_is_another_figure(qtbot, page):
    before = page.model.state.told.touched
    with qtbot.waitSignal(page.model.changed):
        page.lookback.chosen.emit("7")
    assert page.model.state.look.lookback_days == 7 and page.model.state.told.touched <= before
    with qtbot.waitSignal(page.model.changed):
        page.conversion.chosen.emit("visit")
    assert page.model.state.told.value_minor == 0 and page.bridge.view.data is None
    with qtbot.waitSignal(page.model.changed):
        page.dimension.chosen.emit("campaign")
    with qtbot.waitSignal(page.desk.wanted) as wish:
        page.league.table.activated.emit(next(r for r in map(page.league.table.rows.at, range(9)) if r.code))
    assert wish.args[0] == "evaluation" and wish.args[1]["campaign"]


def test_a_tenant_of_the_league_opens_its_sales(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.choose_dimension("tenant")
    line = page.league.table.rows.at(0)
    with qtbot.waitSignal(page.desk.wanted) as wish:
        page.league.table.activated.emit(line)
    assert wish.args == ["sales", {"tenant": line.code}]


def test_every_card_says_what_it_means(qtbot, page):
    for name, (title, words) in MEANINGS.items():
        page.define(name)
        assert page._explain.heading.text() == title and page._explain.words.text() == words
        assert "version" in page._explain.facts.text()
    page._explain.close_panel()


def test_holdouts_are_listed_with_their_groups(page):
    rows = page.holdouts.table.rows
    assert rows.rowCount() == len({lift.campaign for lift in page.model.state.lifts})
    assert all("pp" in rows.text(r, 4) for r in range(rows.rowCount()))


def test_an_empty_site_says_what_is_missing(opened, open_desk, empty_site):
    page = opened(open_desk(empty_site))
    assert page.none.isVisibleTo(page) and not page.grid.isVisibleTo(page)


def test_language_and_theme_change_at_once(qtbot, page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.run_button.text() == "立即运行"
    assert page.models.view.data.series[0].name in ("首次触点", "末次触点")
    theme.appearance().apply("dark")
    theme.appearance().apply("light")


def test_a_closed_page_is_forgotten(qtbot, open_desk, demo_site):
    page = make(open_desk(demo_site))
    with qtbot.waitSignal(page.model.changed):
        page.open()
    seen = weakref.ref(page)
    page.leave()
    page.deleteLater()
    del page
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert seen() is None
