"""Work in turns, tabs built when they are turned to, and pages that build over several turns."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import turns
from app.ui.pages import PAGES
from app.ui.turns import Turns
from app.ui.widgets.lazy_tabs import LazyTabs, TabCard


@pytest.fixture(autouse=True)
def in_turns(whole_pages):
    turns.all_at_once(False)


def counting(log, name, steps=3):
    for step in range(steps):
        log.append((name, step))
        yield


def test_works_run_in_order_and_never_where_they_are_added(qtbot):
    log, queue = [], Turns()
    with qtbot.waitSignal(queue.finished):
        queue.add(counting(log, "a"))
        queue.add(counting(log, "b", 1))
        assert log == [] and not queue.idle()
    assert log == [("a", 0), ("a", 1), ("a", 2), ("b", 0)] and queue.idle()


def test_a_newer_work_of_the_same_name_replaces_the_older(qtbot):
    log, queue = [], Turns()
    queue.add(counting(log, "built"))
    queue.add(counting(log, "old"), "draw")
    queue.add(counting(log, "new"), "draw")
    queue.finish()
    assert {name for name, _ in log} == {"built", "new"} and queue.idle()


def test_a_fault_ends_its_own_work_only(qtbot):
    def faulty():
        yield
        raise ValueError("broken")

    log, queue = [], Turns()
    queue.add(faulty())
    queue.add(counting(log, "after"))
    with pytest.raises(ValueError, match="broken"):
        queue.finish()
    queue.finish()
    assert len(log) == 3


class Slow(QWidget):
    """Content of three parts."""

    def __init__(self, _desk):
        super().__init__()
        self.labels = []

    def building(self):
        for _ in range(3):
            self.labels.append(QLabel(self))
            yield


def test_a_tab_is_built_when_it_is_asked_for_and_a_dropped_drawing_does_not_lose_it(qtbot):
    tabs = LazyTabs(None, (TabCard("one", "Segments", Slow), TabCard("two", "RFM", Slow)))
    qtbot.addWidget(tabs)
    assert tabs.parts() == {} and tabs.count() == 2
    begun = tabs.steps("one")
    next(begun)
    next(begun)
    begun.close()
    with qtbot.waitSignal(tabs.built):
        part = tabs.part("one")
    assert len(part.labels) == 3 and set(tabs.parts()) == {"one"}
    assert tabs.choose("two") and tabs.name() == "two" and not tabs.choose("three")


@pytest.mark.parametrize("name", ["insights", "network", "settings", "footfall", "leads"])
def test_a_page_comes_whole_over_several_turns(open_desk, demo_site, qtbot, name):
    page = next(card for card in PAGES if card.name == name).make(open_desk(demo_site))
    qtbot.addWidget(page)
    page.resize(1166, 680)
    qtbot.waitUntil(page.turns.idle, timeout=10_000)
    with qtbot.waitSignal(page.drawn, timeout=20_000):
        page.open()
    qtbot.waitUntil(page.turns.idle, timeout=10_000)
    assert page.model.trouble is None and page.model.state is not None and page.findChildren(QLabel)
    page.leave()
