"""A change of colours: what is seen has them before it is painted, the rest soon, and nothing blocks meanwhile."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme, turns
from app.ui.dressing import twin
from app.ui.tokens import load_tokens

PARTS = 150
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def light(qapp):
    turns.all_at_once(False)
    theme.start(qapp, "light")
    theme.appearance().dressing.turns.finish()
    yield
    theme.appearance().apply("light")
    theme.appearance().dressing.turns.finish()


def window_of_pages(qtbot):
    window, stack = QMainWindow(), QStackedWidget()
    qtbot.addWidget(window)
    for _ in range(3):
        page = QWidget()
        page.setProperty("role", "page")
        down = QVBoxLayout(page)
        for _ in range(PARTS // 10):
            across = QHBoxLayout()
            for _ in range(10):
                label = QLabel("words")
                label.setProperty("role", "muted")
                across.addWidget(label)
            down.addLayout(across)
        stack.addWidget(page)
    window.setCentralWidget(stack)
    window.resize(600, 400)
    window.show()
    qtbot.waitExposed(window)
    for index in (2, 1, 0):  # all have been seen
        stack.setCurrentIndex(index)
        QApplication.processEvents()
    return window, stack


def color_of(label):
    return label.palette().color(label.foregroundRole()).name()


def turned_dark(qtbot):
    with qtbot.waitSignal(theme.appearance().changed, timeout=20_000):
        theme.appearance().apply("dark")


def test_every_widget_has_the_new_colours_hidden_ones_too(qtbot, light):
    window, _ = window_of_pages(qtbot)
    labels = window.findChildren(QLabel)
    assert {color_of(label) for label in labels} == {load_tokens("light").muted}
    turned_dark(qtbot)
    assert {color_of(label) for label in labels} == {load_tokens("dark").muted}
    assert window.grab().toImage().pixelColor(2, 2).name() == load_tokens("dark").surface
    theme.appearance().apply("light")
    qtbot.waitUntil(theme.appearance().dressing.turns.idle)
    assert {color_of(label) for label in labels} == {load_tokens("light").muted}


def test_what_is_made_afterwards_has_them_too(qtbot, light):
    window, _ = window_of_pages(qtbot)
    turned_dark(qtbot)
    dialog = QDialog(window)
    label = QLabel("words", dialog)
    theme.set_role(label, role="muted")
    dialog.ensurePolished()
    label.ensurePolished()
    assert color_of(label) == load_tokens("dark").muted
    other = QMainWindow()
    qtbot.addWidget(other)
    theme.adopt(other)
    other.show()
    assert other.grab().toImage().pixelColor(2, 2).name() == load_tokens("dark").surface


def test_the_loop_turns_meanwhile_and_nothing_half_done_is_painted(qtbot, light):
    window, _ = window_of_pages(qtbot)
    beats: list[bool] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(window.updatesEnabled()))
    timer.start(0)
    turned_dark(qtbot)
    timer.stop()
    assert len(beats) >= 2
    assert beats[0] is False
    assert window.updatesEnabled()


def test_a_page_about_to_be_seen_comes_first(qtbot, light):
    window, stack = window_of_pages(qtbot)
    theme.appearance().apply("dark")
    dressing = theme.appearance().dressing
    while not window.updatesEnabled():  # until what is seen is done
        dressing.turns._step()
    last = next(page for page in reversed(dressing._left) if page in (stack.widget(1), stack.widget(2)))
    assert dressing._left[0] is not last
    dressing.hurry(last.findChildren(QLabel)[0])
    assert dressing._left[0] is last
    qtbot.waitUntil(dressing.turns.idle)


def test_a_second_change_in_the_middle_of_the_first_wins(qtbot, light):
    window, _ = window_of_pages(qtbot)
    theme.appearance().apply("dark")
    time.sleep(0)
    theme.appearance().apply("light")
    qtbot.waitUntil(theme.appearance().dressing.turns.idle)
    assert {color_of(label) for label in window.findChildren(QLabel)} == {load_tokens("light").muted}
    assert window.updatesEnabled()


def test_twins_outweigh_their_rules_and_keep_their_selectors():
    made = twin('QLabel[role="a"], QDialog { color: red; }\nQMenu::item:selected { color: blue; }', "dark")
    assert made.splitlines() == [
        '*[scheme="dark"] QLabel[role="a"], QDialog[scheme="dark"], *[scheme="dark"] QDialog { color: red; }',
        '*[scheme="dark"] QMenu::item:selected { color: blue; }',
    ]
