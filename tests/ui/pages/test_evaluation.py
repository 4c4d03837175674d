"""The Evaluation page: the list, one campaign in full, the form, decisions with a reason, the advisor, no leak."""

from __future__ import annotations

import gc
import math
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QDate, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.ui import i18n, theme
from app.ui.pages.evaluation import make
from app.ui.pages.evaluation.detail import threshold
from app.ui.pages.evaluation.tables import subject_lines
from app.ui.pages.evaluation.words import BASELINES, MEANINGS, days
from engines.evaluation import queries
from engines.evaluation.queries import EffectRow


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
def chinese():
    i18n.set_language("zh")
    yield
    i18n.set_language("en")


@pytest.fixture
def page(opened, open_desk, demo_copy):
    return opened(open_desk(demo_copy))


def test_the_list_and_the_one_in_full_agree(page):
    state = page.model.state
    assert page.list.table.rows.rowCount() == len(state.rows) > 0
    assert state.detail is not None
    assert page.head.words.text()
    texts = [page.list.table.rows.text(r, c) for r in range(len(state.rows)) for c in range(7)]
    assert not {"nan", "None", "inf"} & {word for text in texts for word in text.split()}


def test_a_refused_run_says_why_above_what_an_older_one_found(page, chinese):
    state = page.model.state
    assert page.refused.isHidden()
    page.model.state = replace(state, refused=("Too few days.", "天数太少。"))
    page.draw()
    assert not page.refused.isHidden() and page.refused.text() == "未能计算：天数太少。"


@pytest.mark.parametrize("log", [-0.4, -0.12, -0.05, 0.0, 0.08, 0.11, 0.5])
def test_how_large_an_effect_had_to_be_agrees_with_what_is_said(log):
    lift, low, high = (math.expm1(log - quiet) for quiet in (0.0, 0.1, -0.07))
    effect = EffectRow(
        "weeks", "footfall", "mall", "", "during", 7, 1.0, 1.0, lift, low, high, 0.5, 0.5, 20, "measured", ""
    )
    below, above = threshold(effect)
    assert (below, above) == pytest.approx((math.expm1(-0.07), math.expm1(0.1)))
    assert effect.verdict == ("up" if lift > above else "down" if lift < below else "unclear")
    assert threshold(replace(effect, low=None, high=None)) is None


def test_days_name_their_year_once():
    assert days("2026-12-05", "2026-12-06") == "5 Dec – 6 Dec 2026"
    assert days("2026-12-30", "2027-01-02") == "30 Dec 2026 – 2 Jan 2027"


def test_days_name_their_year_first_in_chinese(chinese):
    assert days("2026-12-05", "2026-12-06") == "2026年12月5日 – 12月6日"


def test_what_is_still_to_come_is_not_called_too_little_data(page):
    rows = page.model.state.rows
    lines = subject_lines(rows, rows[0].from_day)
    assert lines[0].verdict == "still to come"
    assert all(line.verdict != "still to come" for line in subject_lines(rows, "2099-01-01"))


def test_nothing_that_a_table_says_is_cut(qtbot, page):
    window = QWidget()
    qtbot.addWidget(window)
    page.setParent(window)
    page.resize(1720, 970)
    window.resize(1720, 970)
    window.show()
    QApplication.processEvents()
    for card in (page.list, page.effects, page.advisor):
        table = card.table
        table._measure()
        short = [c for c, width in enumerate(table._widths) if table.view.columnWidth(c) < width.natural]
        assert not short, (card.name, short)
    page.setParent(None)


def test_a_zone_leads_to_its_page(qtbot, page):
    with qtbot.waitSignal(page.desk.wanted) as gone:
        page.places.table.activated.emit({"scope": "zone", "code": "atrium"})
    assert gone.args == ["zones", {"zone": "atrium"}]


def test_another_page_may_ask_for_a_campaign(opened, open_desk, demo_site):
    page = opened(open_desk(demo_site), {"campaign": "spring_draw"})
    assert page.model.state.detail.row.code == "spring_draw"
    assert page.head._heading.text() == page.model.state.detail.row.name


def test_another_baseline_is_looked_at_without_deciding(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.head.baseline.chosen.emit("model")
    assert page.model.state.baseline == "model" and page.model.state.detail.row.baseline == "weeks"
    assert page.head.buttons["use"].isVisibleTo(page)
    assert not page.head.buttons["accept"].isVisibleTo(page)


def test_a_baseline_is_chosen_with_a_reason_and_the_first_stays(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.choose_baseline("model")
    page.head.buttons["use"].click()
    page._decision.text.setText("The road was closed in those weeks")
    with qtbot.waitSignal(page._decision.done):
        page._decision.button.click()
    qtbot.waitUntil(lambda: page.model.state.detail.row.baseline == "model")
    assert page.model.state.detail.row.assigned == "weeks"
    qtbot.waitUntil(lambda: "The road was closed" in page.head.words.text())
    assert BASELINES["weeks"] in page.head.words.text()


def test_an_event_is_written_down_and_changed(qtbot, page):
    page.new_button.click()
    form = page._occasion
    form.name.setText("Lantern fair")
    form.first.setDate(QDate(2026, 3, 2))
    form.last.setDate(QDate(2026, 3, 5))
    form.cost.setValue(12_000)
    form.scope.setCurrentIndex(form.scope.findData("tenant"))
    form.scope.activated.emit(form.scope.currentIndex())
    form.place.setCurrentIndex(2)
    with qtbot.waitSignal(form.saved) as saved:
        form.save.click()
    qtbot.waitUntil(lambda: page.model.state.detail.row.code == saved.args[0])
    row = queries.subject(page.desk.store, "lantern_fair")
    assert (row.from_day, row.to_day, row.cost_minor, row.scope) == ("2026-03-02", "2026-03-05", 1_200_000, "tenant")
    assert row.scope_code == page.model.state.tenants[2][0]
    assert page.head.buttons["edit"].isVisibleTo(page)
    page.head.buttons["edit"].click()
    assert form.name.text() == "Lantern fair" and not form.baseline.isEnabled()
    form.name.setText("Lantern market")
    with qtbot.waitSignals([form.saved, page.model.changed]):
        form.save.click()
    assert queries.subject(page.desk.store, "lantern_fair").name == "Lantern market"


def test_a_form_that_cannot_be_is_refused_and_stays_open(qtbot, page):
    page.write_event()
    form = page._occasion
    form.name.setText("  ")
    with qtbot.waitSignal(page.desk.said) as said:
        form.save.click()
    assert "needs a name" in said.args[0].values["sentence"]
    assert form.isVisibleTo(page)


def test_the_advisor_reckons_with_the_audience(page):
    rows = page.advisor.table.rows
    if not page.model.state.advice:
        assert rows.rowCount() == 0
        return
    small = [rows.value(r, 1) for r in range(rows.rowCount())]
    page.advisor.audience.setValue(50_000)
    large = [rows.value(r, 1) for r in range(rows.rowCount())]
    assert large == pytest.approx([10 * v for v in small])


def test_every_card_says_what_it_means(page):
    for name, (title, words) in MEANINGS.items():
        page.define(name)
        assert page._explain.heading.text() == title and page._explain.words.text() == words
    page._explain.close_panel()


def test_an_empty_site_offers_the_form(opened, open_desk, empty_site):
    page = opened(open_desk(empty_site))
    assert page.none.isVisibleTo(page)
    page.none.acted.emit()
    assert page._occasion is not None and page._occasion.isVisibleTo(page)


def test_language_and_theme_change_at_once(page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.new_button.text() == "新活动…"
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
