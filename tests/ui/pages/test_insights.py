"""Predictive insights: every tab on predictions, an empty and a small mall, decisions about versions, nothing left."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel

from app.ui import i18n, theme
from app.ui.pages.insights import TABS, make
from app.ui.pages.insights.words import short_metric
from engines.validation.queries import models
from tests.engines.churn.predicted import predict


@pytest.fixture(scope="module")
def predicted_site(demo_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    folder = shutil.copytree(demo_site, tmp_path_factory.mktemp("predicted") / "site")
    predict(folder)
    return folder


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
def page(opened, open_desk, predicted_site):
    return opened(open_desk(predicted_site))


def words(page) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_every_tab_shows_predictions_and_no_figure_is_missing(page):
    for index, _ in enumerate(TABS):
        page.tabs.setCurrentIndex(index)
        assert page.none.isHidden()
        said = words(page).lower()
        assert "nan" not in said.split() and "none" not in said.split() and "inf" not in said.split()
    state = page.model.state
    assert page.value.people.table.rows.rowCount() == len(state.lists["value"].rows) == 100
    assert page.value.test.view.data is not None and page.value.deciles.view.data is not None
    assert page.churn.bands.table.rows.rowCount() == len(state.churn.bands)
    assert page.churn.calibration.view.data is not None and page.churn.lift.view.data is not None
    assert page.propensity.table.table.rows.rowCount() == len(state.spreads) >= 2
    assert page.winback.table.table.rows.rowCount() == len(state.won_back) > 0
    assert page.models.versions.table.rows.rowCount() == len(state.models.cards) > 4


def test_people_open_their_profile_and_are_masked(page, qtbot):
    page.tabs.setCurrentIndex(1)
    with qtbot.waitSignal(page.desk.wanted) as told:
        row = page.churn.people.table.rows.at(0)
        page.churn.people.table.activated.emit(row)
    assert told.args == ["customers", {"person": row["person_id"]}]
    labels = [row["label"] for row in page.model.state.lists["value"].rows if row["label"]]
    assert labels and all("•" in label for label in labels)


def test_another_choice_lists_other_people_and_reasons_are_in_words(page, qtbot):
    page.tabs.setCurrentIndex(1)
    page.churn.people.choose("everyone")
    qtbot.waitUntil(lambda: page.churn.people.listing.choice == "everyone", timeout=10_000)
    reasons = [page.churn.people.table.rows.at(i)["why"] for i in range(20)]
    assert (
        any("raised by" in text for text in reasons) or page.model.state.models.card("churn", "churn").method == "rule"
    )
    assert not any("_" in text for text in reasons)


def test_the_definition_opens_with_the_card_and_closes_with_the_tab(page):
    page.define("churn")
    card = page.model.state.models.card("churn", "churn")
    assert page._panel.isVisibleTo(page) and card.about in page._panel.below.text()
    assert page._panel.table.rows.rowCount() == len(card.metrics) + len(card.baselines)
    page.tabs.setCurrentIndex(1)
    assert not page._panel.isVisibleTo(page)


def test_a_version_is_held_with_a_reason_and_let_go(opened, open_desk, predicted_site, tmp_path, qtbot):
    import shutil

    page = opened(open_desk(shutil.copytree(predicted_site, tmp_path / "own")), {"tab": "models"})
    decide = page.models.decide
    assert decide.card is not None and not decide.hold.isEnabled()
    challenger = next(c for c in page.model.state.models.cards if c.state == "challenger")
    page.models._choose([{"key": (challenger.engine, challenger.model, challenger.version)}])
    decide.reason.setText("to compare")
    with qtbot.waitSignal(page.model.changed):
        decide.hold.click()
    used = models(page.desk.store).used(challenger.engine, challenger.model)
    assert used is not None and used.version == challenger.version
    decide.reason.setText("done")
    with qtbot.waitSignal(page.model.changed):
        decide.release.click()
    assert not models(page.desk.store).pins
    with page.desk.store.read() as connection:
        acts = connection.exec_driver_sql(
            "SELECT action FROM audit_entry WHERE action IN ('pin', 'unpin') ORDER BY rowid"
        ).fetchall()
    assert [a for (a,) in acts] == ["pin", "unpin"]


def test_a_mall_that_is_too_small_says_what_it_needs(opened, open_desk, demo_site):
    page = opened(open_desk(demo_site))
    for index, name in enumerate(TABS[:3]):
        page.tabs.setCurrentIndex(index)
        assert page.model.state.ran[name].refused[0] in words(page)
        assert not page.none.isHidden() and "needs" in words(page)


def test_a_refusal_is_said_in_chinese_too(opened, open_desk, demo_site):
    page = opened(open_desk(demo_site))
    i18n.set_language("zh")
    i18n.retranslate(page)
    for index, name in enumerate(TABS[:3]):
        page.tabs.setCurrentIndex(index)
        english, chinese = page.model.state.ran[name].refused
        assert chinese in words(page) and english not in words(page)
        assert any("一" <= letter <= "鿿" for letter in chinese)


def test_a_metric_is_named_without_its_brackets_in_both_languages():
    assert short_metric("auc") == "AUC"
    i18n.set_language("zh")
    assert short_metric("auc") == "AUC"
    i18n.set_language("en")


def test_an_empty_site_leads_to_the_import(opened, open_desk, empty_site, qtbot):
    page = opened(open_desk(empty_site))
    for index, _ in enumerate(TABS):
        page.tabs.setCurrentIndex(index)
        assert not page.none.isHidden()
    with qtbot.waitSignal(page.desk.wanted) as told:
        page._act()
    assert told.args[0] == "intake"


def test_language_and_theme_change_while_it_is_open(page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(1) == "流失风险"
    page.tabs.setCurrentIndex(4)
    theme.appearance().apply("dark")
    assert page.models.decide.hold.text() == "用此版本评分"


@pytest.mark.parametrize("tab", TABS)
def test_nothing_is_left_of_a_closed_page(open_desk, predicted_site, qtbot, tab):
    desk = open_desk(predicted_site)
    page = make(desk)
    with qtbot.waitSignal(page.model.changed, timeout=20_000):
        page.open({"tab": tab})
    gone = weakref.ref(page)
    page.leave()
    page.deleteLater()
    del page
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
