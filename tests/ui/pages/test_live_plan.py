"""People on the floor plan: what is remembered and for how long, and the view with its replay."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import i18n, theme
from app.ui.live_wire import LivePlan, Torn, View, Wire
from app.ui.pages.live import LivePage
from app.ui.pages.live.plan.canvas import PlanCanvas, Shape
from app.ui.pages.live.plan.memory import FRESH_MS, KEPT_MS, TRAIL_MS, Dot, PlanMemory
from app.ui.pages.live.setup import FLOOR
from app.ui.pages.live.setup.geometry import hull
from engines.cameras.records import remember_camera

CHILD = [sys.executable, str(Path(__file__).parents[1] / "live_child.py"), "1000000", "go on"]
LINES = 'size = [64, 48]\n[[line]]\nname = "door"\na = [32, 5]\nb = [32, 43]\n'
PLACED = LINES + '[floor]\nfloor = "L1"\npoints = [[0, 47, 0, 8], [63, 47, 8, 8], [63, 0, 8, 0], [0, 0, 0, 0]]\n'


# ---- what is remembered


def test_a_moment_comes_back_with_the_way_that_led_there():
    memory = PlanMemory()
    for step in range(10):
        memory.add("a", "L1", 1_000 * step, [(1, 0.5 * step, 2.0)])
    (dot,) = memory.dots("L1", 5_400)
    assert (dot.camera, dot.place) == ("a", (2.5, 2.0))
    assert [place[0] for _, place in dot.trail] == [1.0, 1.5, 2.0]
    assert [age for age, _ in dot.trail] == pytest.approx([3_400 / TRAIL_MS, 2_400 / TRAIL_MS, 1_400 / TRAIL_MS])
    assert memory.span() == (0, 9_000)


def test_a_person_whom_two_cameras_see_is_two_dots_and_other_floors_are_not_shown():
    memory = PlanMemory()
    memory.add("a", "L1", 1_000, [(1, 5.0, 5.0)])
    memory.add("b", "L1", 1_200, [(1, 5.1, 5.0)])
    memory.add("c", "L2", 1_200, [(1, 5.0, 5.0)])
    assert [dot.camera for dot in memory.dots("L1", 1_200)] == ["a", "b"]
    assert [dot.camera for dot in memory.dots("L2", 1_200)] == ["c"]


def test_a_camera_that_fell_silent_shows_nobody():
    memory = PlanMemory()
    memory.add("a", "L1", 1_000, [(1, 5.0, 5.0)])
    assert len(memory.dots("L1", 1_000 + FRESH_MS)) == 1
    assert memory.dots("L1", 1_001 + FRESH_MS) == []
    assert memory.dots("L1", 999) == []


def test_a_number_given_anew_is_no_walk():
    memory = PlanMemory()
    memory.add("a", "L1", 1_000, [(1, 0.0, 0.0)])
    memory.add("a", "L1", 1_200, [(1, 40.0, 0.0)])
    assert memory.dots("L1", 1_200)[0].trail == ()


def test_a_recording_that_begins_anew_forgets_and_the_same_picture_is_one():
    memory = PlanMemory()
    for at in (5_000, 5_000, 6_000):
        memory.add("a", "L1", at, [(1, 0.0, 0.0)])
    assert memory.span() == (5_000, 6_000)
    memory.add("a", "L1", 2_000, [])
    assert memory.span() == (2_000, 2_000)


@settings(max_examples=60, derandomize=True)
@given(steps=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 90_000), st.integers(0, 3)), max_size=60))
def test_nothing_older_than_five_minutes_is_kept(steps):
    memory, now = PlanMemory(), 0
    for camera, wait, people in steps:
        now += wait
        memory.add(camera, "L1", now, [(track, 1.0, 1.0) for track in range(people)])
        first, last = memory.span()
        assert now - KEPT_MS <= first <= last == now
        assert all(0 <= age <= 1 for dot in memory.dots("L1", now) for age, _ in dot.trail)


def test_the_outline_of_what_a_camera_sees_is_convex():
    assert set(hull([(0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (2, 0)])) == {(0, 0), (4, 0), (4, 4), (0, 4)}


# ---- the wire


def header(plan: object) -> bytes:
    return json.dumps({"camera": "a", "state": "counting", "plan": plan}).encode() + b"\n"


def test_where_people_stand_comes_over_the_wire():
    ((view, _),) = Wire().feed(header({"floor": "L1", "people": [[7, 1.5, -2]]}))
    assert view.plan == LivePlan("L1", ((7, 1.5, -2.0),))
    ((view, _),) = Wire().feed(header(None))
    assert view.plan is None


@pytest.mark.parametrize("plan", [3, [], {"floor": "L1"}, {"floor": "L1", "people": [[1, 2]]}, {"people": []}])
def test_a_plan_that_is_none_is_torn(plan):
    with pytest.raises(Torn):
        list(Wire().feed(header(plan)))


# ---- the drawing


def test_dots_are_drawn_where_people_stand(qtbot):
    canvas = PlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    canvas.show_floor([Shape("Hall", ((0, 0), (10, 0), (10, 10), (0, 10)))], [], {"a": 3})
    at = canvas.point_of((2.0, 8.0)).toPoint()
    assert (at.x() < 200, at.y() > 200) == (True, True)  # y goes downward
    canvas.show_dots([Dot("a", (2.0, 8.0), ())])
    assert canvas.grab().toImage().pixelColor(at).name() == theme.tokens().hue(3)
    assert canvas.holds((9.0, 9.0))
    assert not canvas.holds((90.0, 9.0))


def test_what_cameras_see_is_shown_larger(qtbot):
    canvas = PlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    area = Shape("a", ((40, 40), (50, 40), (50, 50), (40, 50)), "a")
    canvas.show_floor([Shape("Hall", ((0, 0), (100, 0), (100, 100), (0, 100)))], [area], {"a": 0})
    whole = canvas.point_of((50, 0)).x() - canvas.point_of((40, 0)).x()
    canvas.look_near(True)
    assert canvas.point_of((50, 0)).x() - canvas.point_of((40, 0)).x() > 5 * whole


# ---- the view


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk):
    holder = QWidget()
    made = LivePage(desk, CHILD)
    made.setParent(holder)
    made.resize(1100, 700)
    holder.resize(1100, 700)
    qtbot.addWidget(holder)
    holder.show()
    yield made
    made.leave()
    made.views.close_streams()


def add(desk, code, lines=PLACED, **more):
    whole = {"address": f"rtsp://127.0.0.1:9/{code}", **more}
    remember_camera(desk.store, "me", code=code, name=code.title(), lines=lines, **whole)


def opened(qtbot, page, argument=None):
    with qtbot.waitSignal(page.model.changed):
        page.open(argument)


def test_people_of_all_placed_cameras_are_on_the_plan(qtbot, page, desk):
    add(desk, "a")
    add(desk, "b")
    add(desk, "c", LINES)
    opened(qtbot, page)
    page.wall.plan.click()
    plan = page.views.plan
    assert plan.isVisible()
    assert plan.stream.codes() == ("a", "b")
    assert page.views.tile_stream.paused()
    qtbot.waitUntil(lambda: {dot.camera for dot in plan.canvas._dots} == {"a", "b"})
    assert plan.count.text() == "People: 2"  # the one who stands outside the plan is not counted
    plan.list.rows["b"][0].click()
    qtbot.waitUntil(lambda: {dot.camera for dot in plan.canvas._dots} == {"a"})
    plan.back.click()
    assert page.wall.isVisible()
    assert plan.stream.paused()


def test_only_the_smallest_pictures_are_asked_for(qtbot, page, desk):
    add(desk, "a")
    opened(qtbot, page, "plan")
    qtbot.waitUntil(lambda: page.views.plan is not None and page.views.plan.stream.running())
    assert page.views.plan.stream._request["width"] == 64


def test_the_last_minutes_are_replayed(qtbot, page, desk):
    opened(qtbot, page)
    page.show_plan()
    plan = page.views.plan
    now = 1_000_000
    for step in range(200):
        view = View("a", "counting", at_ms=now + 500 * step, plan=LivePlan("L1", ((1, step / 20, 1.0),)))
        plan._arrived("a", None, view)
    plan.floor.offer([("L1", "L1")])
    plan.bar.slider.setRange(-99_500, 0)
    plan.bar.slider.setValue(-50_000)
    assert plan.canvas._dots[0].place == pytest.approx((4.95, 1.0))
    assert "50 s ago" in plan.bar.time.text()
    plan.play()
    plan.set_speed(4)
    plan._ticked -= 0.5
    plan._on_tick()
    assert plan.canvas._dots[0].place[0] > 5.05
    assert plan.bar.play.text() == "Pause"
    plan.play()
    still = plan.replay.moment
    plan._on_tick()
    assert plan.replay.moment == still
    plan.go_live()
    assert plan.bar.time.text() == "Now"
    plan.go_back(10)
    plan.replay.playing = True
    plan._ticked -= 5
    plan._on_tick()
    assert plan.replay.moment is None  # the replay has reached what is now
    plan.play()
    assert plan.replay.moment == now  # again from the oldest


def test_what_is_remembered_goes_when_nobody_looks(qtbot, page, desk):
    add(desk, "a")
    opened(qtbot, page, "plan")
    plan = page.views.plan
    plan._forget.setInterval(20)
    qtbot.waitUntil(lambda: plan.memory.span() is not None)
    page.leave()
    qtbot.waitUntil(lambda: plan.memory.span() is None)


def test_without_a_placed_camera_the_way_leads_to_the_floor_plans_step(qtbot, page, desk):
    add(desk, "door", LINES)
    opened(qtbot, page, "plan")
    plan = page.views.plan
    assert any("No camera is placed" in label.text() for label in plan.card.findChildren(QLabel) if label.isVisible())
    assert not plan.bar.isVisible()
    plan.card.acted.emit()
    assert page.views.setup.isVisible()
    assert page.views.setup.stack.currentIndex() == FLOOR
    page.views.setup.leave()
    assert plan.isVisible()


def test_a_recording_is_played_only_where_it_is_switched_on(qtbot, page, desk, tmp_path):
    add(desk, "clip", address=str(tmp_path / "clip.avi"), active=False)
    add(desk, "off", address="rtsp://127.0.0.1:9/off", active=False)
    opened(qtbot, page, "plan")
    plan = page.views.plan
    assert plan.stream.codes() == ()
    assert not plan.list.rows["off"][0].isEnabled()
    plan.list.rows["clip"][0].click()
    assert plan.stream.codes() == ("clip",)
    qtbot.waitUntil(lambda: len(plan.canvas._dots) > 0)
    plan.list.rows["clip"][0].click()
    assert plan.stream.codes() == ()
    assert plan.memory.span() is None


def test_the_plan_speaks_chinese_and_takes_keys(qtbot, page, desk, qapp):
    add(desk, "a")
    opened(qtbot, page, "plan")
    plan = page.views.plan
    qtbot.waitUntil(lambda: plan.memory.span() is not None)
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert plan.heading.text() == "楼层平面图"
    assert "不存储任何内容" in plan.says.text()
    theme.start(qapp, "dark")
    assert plan.grab().width() > 0
    theme.start(qapp, "light")
    qtbot.keyClick(plan, Qt.Key.Key_Space)
    assert plan.replay.playing
    qtbot.keyClick(plan, Qt.Key.Key_Escape)
    assert not plan.isVisible()


# ---- beside the plan


def test_a_camera_with_zones_alone_can_be_checked(qtbot, page, desk):
    zone = 'size = [64, 48]\n[[zone]]\nname = "hall"\npurpose = "{}"\npolygon = [[1, 1], [60, 1], [60, 40]]\n'
    add(desk, "hall", zone.format("presence"))
    add(desk, "staff", zone.format("staff"))
    opened(qtbot, page, "hall")
    assert page.single.bar.accuracy.isEnabled()
    page.open_camera("staff")
    assert not page.single.bar.accuracy.isEnabled()


@pytest.fixture
def drawing(qtbot, page, desk):
    """A set-up of "a" whose name was changed, in front of a page that also knows "b"."""
    add(desk, "a")
    add(desk, "b")
    opened(qtbot, page, "a")
    page.edit()
    page.views.setup.session.name = "Other"
    page.open("b")
    return page.views.setup


def test_another_camera_waits_until_the_drawing_is_discarded(page, drawing):
    assert drawing.isVisible()
    assert drawing.asked.isVisible()
    drawing.drop.click()
    assert page.single.isVisible()
    assert page.single.bar.name.text() == "B"


def test_another_camera_comes_after_the_drawing_is_saved(qtbot, page, desk, drawing):
    with qtbot.waitSignal(page.model.changed):
        drawing.keep.click()
    qtbot.waitUntil(lambda: page.single.bar.name.text() == "B")
    assert {view.record.name for view in page.model.state.cameras} == {"Other", "B"}
    assert all(view.record.active for view in page.model.state.cameras)


def test_who_stays_is_not_taken_elsewhere_later(page, drawing):
    drawing.stay.click()
    assert drawing.isVisible()
    assert not drawing.asked.isVisible()
    drawing.leave()
    drawing.drop.click()
    assert page.single.bar.name.text() == "A"


def test_closing_the_window_asks_once_about_a_drawing(page, drawing):
    drawing.stay.click()
    assert page.asks_before_closing()
    assert drawing.asked.isVisible()
    assert not page.asks_before_closing(), "whoever closes again means it"


def test_a_drawing_that_cannot_be_saved_says_why(page, drawing):
    drawing.session.name = " "
    drawing.keep.click()
    assert drawing.isVisible()
    assert "no name" in drawing.steps[4].says.text()
    assert page._wanted == ""


def test_without_changes_nothing_is_asked(qtbot, page, desk):
    add(desk, "a")
    add(desk, "b")
    opened(qtbot, page, "a")
    page.edit()
    page.open("b")
    assert page.single.bar.name.text() == "B"
