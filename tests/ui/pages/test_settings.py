"""The settings page: every setting is there, changes are stored and undone, and look changes at once."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QSpinBox

from app.ui import i18n
from app.ui.pages.settings import TITLES, make
from models import settings


@pytest.fixture
def page(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    made = make(desk)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.model.changed):
        made.open()
    return made


def settle(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        pass


def test_every_declared_setting_shows_its_value(page):
    assert set(page.rows) == {setting.name for setting in settings.SETTINGS}
    for name, (value, _) in settings.read_all(page.desk.store).items():
        if not name.startswith("look."):
            assert page.rows[name].value() == value, name


def test_every_group_of_settings_has_a_title():
    assert {setting.group for setting in settings.SETTINGS} <= TITLES.keys()


def test_a_change_is_stored_and_its_toast_undoes_it(qtbot, page):
    row = page.rows["keep.logs"]
    notices = []
    page.desk.said.connect(notices.append)
    row.editor.setValue(45)
    row.editor.editingFinished.emit()
    settle(qtbot, page)
    assert settings.read(page.desk.store, "keep.logs") == 45
    assert "Default: 30 days" in row.note.text()
    assert page.desk.actor in row.note.text()
    assert not row.back.isHidden()
    notices[-1].do()
    settle(qtbot, page)
    assert settings.read(page.desk.store, "keep.logs") == 30
    assert row.back.isHidden()


def test_reset_goes_back_to_what_the_kind_of_mall_says(qtbot, page):
    page.change("mall.profile", "outlet")
    settle(qtbot, page)
    assert page.rows["mall.closes"].value() == "21:00"
    assert page.rows["mall.closes"].note.text().startswith("From the kind of mall")
    page.change("mall.closes", "23:30")
    settle(qtbot, page)
    page.rows["mall.closes"].back.click()
    settle(qtbot, page)
    assert page.rows["mall.closes"].value() == "21:00"


def test_a_refused_value_is_explained_beside_it(qtbot, page):
    row = page.rows["privacy.smallest_group"]
    page.change("privacy.smallest_group", 1)
    qtbot.waitUntil(lambda: not row.wrong.isHidden())
    assert "from 5 to 1000" in row.wrong.text()
    assert row.value() == 10


def test_leaving_an_editor_untouched_changes_nothing(page):
    before = settings.last_changes(page.desk.store)
    for row in page.rows.values():
        if hasattr(row.editor, "editingFinished"):
            row.editor.editingFinished.emit()
    assert page.desk.work.idle()
    assert settings.last_changes(page.desk.store) == before


def test_colours_and_language_are_asked_for_at_once(qtbot, page):
    with qtbot.waitSignal(page.desk.theme_wanted) as theme_wanted:
        page.change("look.theme", "dark")
    with qtbot.waitSignal(page.desk.language_wanted) as language_wanted:
        page.change("look.language", "zh")
    assert (theme_wanted.args, language_wanted.args) == (["dark"], ["zh"])


def test_search_finds_a_setting_in_either_language(page):
    page.narrow("备份时间")
    shown = [name for name, row in page.rows.items() if not row.isHidden()]
    assert shown == ["backup.at"]
    assert page.cards["mall"].isHidden()
    page.narrow("no such words")
    assert not page.none.isHidden()


def test_chinese_shows_the_declarations_own_words(page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.rows["mall.opens"].title.text() == "开门时间"
    assert page.site_card._labels["currency"].text() == "币种"


def test_the_wheel_scrolls_past_an_editor(page):
    editor = page.rows["keep.runs"].editor
    assert isinstance(editor, QSpinBox)
    before = editor.value()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(editor, wheel)
    assert editor.value() == before


def test_a_closed_page_is_gone(qtbot, open_desk, empty_site):
    page = make(open_desk(empty_site))
    with qtbot.waitSignal(page.model.changed):
        page.open()
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    del page
    gc.collect()
    assert watched() is None
