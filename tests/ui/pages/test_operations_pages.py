"""What the operations pages have in common: they open on a real mall, follow theme and language, and end for good."""

from __future__ import annotations

import gc
import importlib
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QTabBar, QToolButton

from app.ui import i18n, theme

QTS_OWN = (QLineEdit, QTabBar)  # whose little buttons Qt makes and names itself
NAMES = ("intake", "jobs", "settings", "live")


def opened(qtbot, desk, name):
    page = importlib.import_module(f"app.ui.pages.{name}").make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    return page


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_page_is_gone(qtbot, open_desk, empty_site, name):
    page = opened(qtbot, open_desk(empty_site), name)
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_the_smallest_screen_in_both_languages_and_themes(qtbot, open_desk, demo_site, name):
    page = opened(qtbot, open_desk(demo_site), name)
    qtbot.addWidget(page)
    theme.start(QApplication.instance(), "light")
    page.resize(1366 - 200, 680)
    for mode, language in (("light", "en"), ("dark", "zh")):
        theme.appearance().apply(mode)
        i18n.set_language(language)
        i18n.retranslate(page)
        assert page.grab().width() == 1166
        assert page.minimumSizeHint().width() <= 1166
        inside = page.body.parentWidget()
        assert inside.minimumSizeHint().width() <= 1166, "it would scroll sideways"
    page.leave()


@pytest.mark.parametrize("name", NAMES)
def test_every_button_says_what_it_does(qtbot, open_desk, demo_site, name):
    page = opened(qtbot, open_desk(demo_site), name)
    qtbot.addWidget(page)
    silent = [
        button
        for kind in (QPushButton, QToolButton)
        for button in page.findChildren(kind)
        if button.isVisibleTo(page)
        and not isinstance(button.parent(), QTS_OWN)
        and not (button.text().strip() or button.accessibleName().strip())
    ]
    page.leave()
    assert not silent
