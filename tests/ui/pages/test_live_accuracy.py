"""Counting by hand: blind, tapped with buttons or keys, matched, kept; and the people of a zone in still pictures."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui import i18n
from app.ui.pages.live.accuracy import AccuracyView
from app.ui.pages.live.accuracy import view as module
from app.ui.pages.live.accuracy.view import FRAMES, RESULT, START, TAPS
from engines.cameras.accuracy import checks
from engines.cameras.presence import calibration
from engines.cameras.records import find_camera, remember_camera

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of every window
CHILD = Path(__file__).parents[1] / "setup_child.py"
LINES = """size = [640, 480]
[[line]]
name = "door"
a = [320, 60]
b = [320, 420]
[[zone]]
name = "hall"
zone = "Z1"
polygon = [[10, 10], [200, 10], [200, 200], [10, 200]]
"""


@pytest.fixture
def desk(open_desk, empty_site):
    made = open_desk(empty_site)
    remember_camera(made.store, "me", code="door", name="Main door", address="rtsp://127.0.0.1:9/x", lines=LINES)
    return made


@pytest.fixture
def made(qtbot, desk, monkeypatch):
    monkeypatch.setattr(module, "BIG_RATE", 100.0)  # the stand-in's clock is its own
    views: list[AccuracyView] = []

    def make(manner: str = "go") -> AccuracyView:
        view = AccuracyView(desk, [sys.executable, str(CHILD), manner, LINES])
        views.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 700)
        view.show()
        view.open_camera(find_camera(desk.store, "door"))
        return view

    yield make
    for view in views:
        view.close_stream()


def begin(qtbot, view, target, chosen):
    view.start.target.choose(target)
    view.start._show_lengths()
    view.start.length.choose(chosen)
    view.start.begin.click()
    if target[0] == "line":
        qtbot.waitUntil(lambda: view.sample is not None and view.sample.phase == "running")


def test_a_line_is_counted_by_keys_and_the_record_is_kept(qtbot, made, desk):
    view = made()
    begin(qtbot, view, ("line", "door"), ("minutes", 5))
    assert view.panels.currentIndex() == TAPS
    for key in (Qt.Key.Key_I, Qt.Key.Key_Right, Qt.Key.Key_O):
        QTest.keyClick(view, key)
    QTest.keyClick(view, Qt.Key.Key_Backspace)
    assert (view.sample.count("in"), view.sample.count("out")) == (2, 0)
    qtbot.waitUntil(lambda: view.panels.currentIndex() == RESULT, timeout=15_000)
    kept = checks(desk.store, "door")[0]
    assert (kept.line, kept.true_in, kept.true_out) == ("door", 2, 0)
    assert kept.detector == "stand-in"
    assert kept.counted_in > 2  # the stand-in counts somebody every thirty seconds
    assert "wrong in 2: more than can be accepted" in view.result.proof.text()
    assert "198 crossings more" in view.result.advice.text()
    qtbot.waitUntil(lambda: view.history.table.rows.rowCount() == 1)


def test_the_cameras_own_counts_and_people_are_not_shown(qtbot, made):
    view = made()
    begin(qtbot, view, ("line", "door"), ("crossings", 50))
    qtbot.waitUntil(view.picture.has_picture)
    assert [(line.name, line.label) for line in view.picture._lines] == [("door", "")]
    assert view.picture._boxes == ()
    assert view.picture.accessibleName() == "Picture with lines: door"


def test_buttons_break_and_finish(qtbot, made, desk):
    view = made()
    begin(qtbot, view, ("line", "door"), ("crossings", 50))
    QTest.mouseClick(view.taps.ways["in"], Qt.MouseButton.LeftButton)
    view.taps.pause.click()
    assert view.sample.phase == "paused"
    assert not view.taps.ways["in"].isEnabled()
    assert view.taps.pause.text() == "Go on"
    view.taps.pause.click()
    view.taps.finish.click()
    qtbot.waitUntil(lambda: view.panels.currentIndex() == RESULT)
    assert checks(desk.store)[0].true_in == 1


def test_a_recording_stands_still_in_a_break_and_a_camera_does_not(qtbot, made, desk, tmp_path):
    clip = tmp_path / "clip.avi"
    clip.write_bytes(b"")
    remember_camera(desk.store, "me", code="clip", name="Clip", address=str(clip), lines=LINES, active=False)
    view = made()
    for code, stands in (("clip", True), ("door", False)):
        view.open_camera(find_camera(desk.store, code))
        begin(qtbot, view, ("line", "door"), ("crossings", 50))
        view.pause()
        assert view.stream.held() is stands
        view.pause()
        assert not view.stream.held()
        view.pause()
        view.finish()
        assert not view.stream.held()
        view.drop()


def test_a_stretch_in_which_nobody_crossed_is_not_kept(qtbot, made, desk):
    view = made()
    begin(qtbot, view, ("line", "door"), ("minutes", 5))
    view.taps.finish.click()
    qtbot.waitUntil(lambda: view.panels.currentIndex() == RESULT)
    assert "Nobody crossed" in view.result.proof.text()
    assert checks(desk.store) == []


def test_a_dropped_check_is_not_kept(qtbot, made, desk):
    view = made()
    begin(qtbot, view, ("line", "door"), ("minutes", 5))
    QTest.keyClick(view, Qt.Key.Key_I)
    view.taps.drop.click()
    assert view.panels.currentIndex() == START
    assert not view.stream.running()
    qtbot.waitUntil(desk.work.idle)
    assert checks(desk.store) == []


def test_a_recordings_end_ends_the_check(qtbot, made, desk):
    view = made("end")
    begin(qtbot, view, ("line", "door"), ("minutes", 15))
    QTest.keyClick(view, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: view.panels.currentIndex() == RESULT)
    assert checks(desk.store)[0].true_in == 1


def test_still_pictures_calibrate_a_zone(qtbot, made, desk):
    view = made()
    begin(qtbot, view, ("zone", "hall"), 3)
    assert view.panels.currentIndex() == FRAMES
    for number in range(20):
        qtbot.waitUntil(view.frames.number.isEnabled)
        QTest.keyClicks(view.frames.number, str(3 + number % 2))
        QTest.keyClick(view.frames.number, Qt.Key.Key_Return)
    assert view.frames.finish.isEnabled()
    view.frames.finish.click()
    qtbot.waitUntil(lambda: view.panels.currentIndex() == RESULT)
    kept = calibration(desk.store, "door", "Z1")
    assert kept.factor.factor == pytest.approx(1.75)  # 3.5 people where the camera sees 2
    assert "x 1.7" in view.result.error.text()


def test_a_picture_is_held_while_it_is_counted(qtbot, made):
    view = made()
    begin(qtbot, view, ("zone", "hall"), 15)
    qtbot.waitUntil(view.frames.number.isEnabled)
    held = view.picture._image
    with qtbot.waitSignal(view.stream.arrived):
        pass
    assert view.picture._image is held
    assert [zone.name for zone in view.picture._zones] == ["hall"]


def test_a_camera_that_does_not_answer_says_so(qtbot, made):
    view = made("empty")
    view.start.begin.click()
    qtbot.waitUntil(lambda: view.picture.sentence() == "The camera does not answer.")


def test_a_camera_without_lines_asks_for_them(made, desk):
    remember_camera(desk.store, "me", code="bare", name="Bare", address="0", lines="size = [64, 48]")
    view = made()
    view.open_camera(find_camera(desk.store, "bare"))
    assert not view.start.begin.isEnabled()
    assert "set it up first" in view.start.advice.text()


def test_it_speaks_chinese(made):
    view = made()
    i18n.set_language("zh")
    i18n.retranslate(view)
    assert view.heading.text() == "Main door的精度"
    assert view.taps.ways["in"].text() == "进"
    assert view.start.target.itemText(0) == "door的穿越"


def opened_and_closed(qtbot, desk) -> weakref.ref:
    """A view that was used and has gone."""
    view = AccuracyView(desk, [sys.executable, str(CHILD), "go", LINES])
    view.open_camera(find_camera(desk.store, "door"))
    view.show()
    view.begin(("line", "door"), ("minutes", 5))
    with qtbot.waitSignal(view.stream.arrived):
        pass
    qtbot.waitUntil(desk.work.idle)
    view.close_stream()
    view.close()
    view.deleteLater()
    return weakref.ref(view)


def test_a_closed_check_leaves_nothing_behind(qtbot, desk):
    gone = opened_and_closed(qtbot, desk)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
