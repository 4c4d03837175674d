"""Setting up a camera with mouse and keyboard, against a stand-in for the counting child."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.live_wire import View
from app.ui.pages.live.setup import Draft, SetupView
from app.ui.pages.live.setup.draft import FALLBACK
from app.ui.pages.live.setup.model import Chosen
from app.ui.pages.live.setup.session import config_of_text
from app.ui.pages.live.setup.view import ADDRESS, CHECK, FLOOR, LINES, PICTURE
from engines.cameras.places import GateName, Places
from engines.cameras.records import CameraRecord
from engines.footfall.plan import PlanZone

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of every window
CHILD = Path(__file__).parents[1] / "setup_child.py"
DOOR = 'size = [640, 480]\n[[line]]\nname = "door"\na = [320, 60]\nb = [320, 420]\ngate = "G1"\n'
LEFT = Qt.MouseButton.LeftButton


def record(address: str = "rtsp://10.0.0.9/s2", lines: str = DOOR) -> CameraRecord:
    """A camera as the store gives it: its password is kept there and not told."""
    return CameraRecord("door", "Main door", address, lines, None, 1, None, None, "admin", has_password=True)


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def made(qtbot, desk):
    views: list[SetupView] = []

    def make(manner: str = "") -> SetupView:
        view = SetupView(desk, [sys.executable, str(CHILD), manner])
        views.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 700)
        view.show()
        return view

    yield make
    for view in views:
        view.close_stream()


@pytest.fixture
def view(made):
    return made()


@pytest.fixture
def drawing(qtbot, view):
    """A view at its third step with a picture."""
    view.open_camera(record())
    qtbot.waitUntil(lambda: view.session.view is not None and view.session.view.size > 0)
    return view


def click(canvas, point, *, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(canvas, LEFT, modifier, spot(canvas, point))


def spot(canvas, point) -> QPoint:
    return canvas.place().out(point).toPoint()


def drag(canvas, begin, end):
    QTest.mousePress(canvas, LEFT, pos=spot(canvas, begin))
    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    for point in (middle, end):
        QTest.mouseMove(canvas, spot(canvas, point))
    QTest.mouseRelease(canvas, LEFT, pos=spot(canvas, end))


def near(point, other, within=3.0):
    return abs(point[0] - other[0]) <= within and abs(point[1] - other[1]) <= within


# ---- address


def test_a_new_camera_is_set_up_with_the_mouse_alone(qtbot, view):
    view.open_camera(None)
    address = view.steps[ADDRESS]
    QTest.keyClicks(address.name, "Main door")
    QTest.keyClicks(address.place, "rtsp://10.0.0.9/s2")
    view.next.click()
    qtbot.waitUntil(view.steps[PICTURE].picture.has_picture)
    assert "320 x 240 pixels" in view.steps[PICTURE].facts.text()
    view.next.click()
    step = view.steps[LINES]
    step.tools["line"].click()
    click(step.canvas, (160, 40))
    click(step.canvas, (160, 200))
    qtbot.waitUntil(lambda: "in" in step.canvas._labels.get(Chosen("line", 0), ""))  # counts move while it is drawn
    view.next.click()
    view.next.click()
    with qtbot.waitSignal(view.saved) as told:
        view.steps[CHECK].on.click()
    draft: Draft = told.args[0]
    assert (draft.code, draft.name, draft.address, draft.active) == (
        "main-door",
        "Main door",
        "rtsp://10.0.0.9/s2",
        True,
    )
    config = config_of_text(draft.lines)
    assert config.size == (320, 240)  # the picture's own
    assert near(config.lines[0].a, (160, 40))


def test_the_password_is_kept_and_never_shown(qtbot, view):
    view.open_camera(record())
    view.go(ADDRESS)
    step = view.steps[ADDRESS]
    assert step.place.text() == "rtsp://10.0.0.9/s2"
    assert step.user.text() == "admin"
    assert step.password.text() == ""
    assert "kept" in step.password.placeholderText()
    assert not view.session.touched()
    view.go(CHECK)
    with qtbot.waitSignal(view.saved) as told:
        view.steps[CHECK].off.click()
    assert (told.args[0].address, told.args[0].keep_login) == ("rtsp://admin@10.0.0.9/s2", True)
    assert not told.args[0].active


def test_the_picture_at_set_up_is_opened_with_the_kept_password(view):
    view.open_camera(record())
    view.session.look()
    asked = view.session.stream._request
    assert (asked["source"], asked["code"]) == ("rtsp://admin@10.0.0.9/s2", "door")


def test_a_login_that_is_taken_out_is_forgotten(qtbot, view):
    view.open_camera(record())
    view.go(ADDRESS)
    view.steps[ADDRESS].user.setText("")
    view.go(CHECK)
    view.session.look()
    assert view.session.stream._request["code"] == ""
    with qtbot.waitSignal(view.saved) as told:
        view.steps[CHECK].off.click()
    assert (told.args[0].address, told.args[0].keep_login) == ("rtsp://10.0.0.9/s2", False)


def test_another_host_is_not_sent_the_old_password(view):
    view.open_camera(record())
    view.go(ADDRESS)
    step = view.steps[ADDRESS]
    step.place.setText("rtsp://10.0.0.77/s2")
    view.go(CHECK)
    assert view.session.address.whole() == "rtsp://admin@10.0.0.77/s2"


def test_a_login_typed_into_the_address_moves_to_its_fields(view):
    view.open_camera(None)
    step = view.steps[ADDRESS]
    step.place.setText("rtsp://bob:pw@10.0.0.5/x")
    step.place.editingFinished.emit()
    assert (step.place.text(), step.user.text(), step.password.text()) == ("rtsp://10.0.0.5/x", "bob", "pw")


def test_a_recording_can_be_counted_at_once(qtbot, view, tmp_path):
    clip = tmp_path / "walk.avi"
    clip.write_bytes(b"x")
    view.open_camera(None)
    step = view.steps[ADDRESS]
    step.radios[2].click()
    step.file.setText(str(clip))
    step.name.setText("Walk")
    step.detector.choose(FALLBACK)
    step.detector.activated.emit(step.detector.currentIndex())
    view.session.set_sketch(view.session.sketch.edit(config_of_text(DOOR), None))
    view.go(CHECK)
    assert "reduced accuracy" in view.steps[CHECK].lines.text()
    with qtbot.waitSignal(view.saved) as told:
        view.steps[CHECK].on.click()
    assert (told.args[0].active, told.args[0].count, told.args[0].detector) == (False, True, FALLBACK)


def test_cameras_of_the_network_are_offered(qtbot, view, monkeypatch):
    monkeypatch.setattr("app.ui.pages.live.setup.address._discover", lambda: [("http://10.0.0.20/onvif", "Hall cam")])
    view.open_camera(None)
    step = view.steps[ADDRESS]
    step.search.click()
    qtbot.waitUntil(lambda: step.found.count() == 1)
    step.found.itemClicked.emit(step.found.item(0))
    assert view.session.address.place == "http://10.0.0.20/onvif"
    assert step.name.text() == "Hall cam"


# ---- picture


def test_a_camera_that_does_not_answer_says_so(qtbot, made):
    view = made("empty")
    view.open_camera(record())
    view.go(PICTURE)
    qtbot.waitUntil(lambda: view.steps[PICTURE].picture.sentence() == "The camera does not answer.")


def test_turning_the_picture_turns_what_is_drawn(qtbot, drawing):
    drawing.go(PICTURE)
    step = drawing.steps[PICTURE]
    step.turned.choose(90)
    step.turned.activated.emit(1)
    config = drawing.session.sketch.config
    assert (config.rotate, config.size) == (90, (480, 640))
    assert config.lines[0].a == (420, 320)


# ---- drawing


def test_a_drag_moves_an_end_and_is_one_step_to_undo(drawing):
    step = drawing.steps[LINES]
    click(step.canvas, (320, 240))
    drag(step.canvas, (320, 60), (200, 100))
    assert near(drawing.session.sketch.config.lines[0].a, (200, 100))
    QTest.keyClick(step.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert drawing.session.sketch.config.lines[0].a == (320, 60)
    QTest.keyClick(step.canvas, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    if near(drawing.session.sketch.config.lines[0].a, (320, 60)):  # where the platform redoes with Ctrl+Shift+Z
        step.redo.click()
    assert near(drawing.session.sketch.config.lines[0].a, (200, 100))


def test_a_line_is_dragged_as_a_whole(drawing):
    step = drawing.steps[LINES]
    drag(step.canvas, (320, 300), (420, 320))
    line = drawing.session.sketch.config.lines[0]
    assert near(line.a, (420, 80))
    assert near(line.b, (420, 440))


def test_a_zone_is_clicked_round_and_closed_on_its_first_corner(qtbot, drawing):
    step = drawing.steps[LINES]
    step.tools["zone"].click()
    for point in ((100, 100), (250, 100), (250, 250), (100, 250), (101, 101)):
        click(step.canvas, point)
    zone = drawing.session.sketch.config.zones[0]
    assert len(zone.polygon) == 4
    assert step.canvas.tool == "select"
    assert drawing.session.sketch.chosen == Chosen("zone", 0)
    step.form.zone.purpose.choose("queue")
    step.form.zone.purpose.activated.emit(1)
    step.form.zone.served.choose("door")
    step.form.zone.served.activated.emit(1)
    zone = drawing.session.sketch.config.zones[0]
    assert (zone.purpose, zone.served_by) == ("queue", "door")
    qtbot.waitUntil(lambda: "2 inside" in step.canvas._labels.get(Chosen("zone", 0), ""))


def test_a_shop_front_takes_the_free_line_and_its_passing_area(drawing):
    step = drawing.steps[LINES]
    step.tools["front"].click()
    for point in ((20, 300), (200, 300), (200, 460), (20, 460)):
        click(step.canvas, point)
    QTest.mouseDClick(step.canvas, LEFT, pos=spot(step.canvas, (20, 460)))
    front = drawing.session.sketch.config.fronts[0]
    assert (front.line, len(front.passing)) == ("door", 4)
    assert config_of_text(drawing.session.text()).fronts == (front,)
    step.form.front.code.setEditText("F1")
    step.form.front.code.lineEdit().editingFinished.emit()
    assert drawing.session.sketch.config.fronts[0].code == "F1"


def test_a_display_has_a_place_where_hands_reach(drawing):
    step = drawing.steps[LINES]
    step.tools["zone"].click()
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    step.form.zone.purpose.choose("display")
    step.form.zone.purpose.activated.emit(2)
    step.form.zone.reach.click()
    for point in ((30, 30), (120, 30), (120, 90)):
        click(step.canvas, point)
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    assert len(drawing.session.sketch.config.zones[0].reach) == 3
    step.form.zone.purpose.choose("presence")
    step.form.zone.purpose.activated.emit(0)
    assert drawing.session.sketch.config.zones[0].reach is None
    assert drawing.session.sketch.chosen == Chosen("zone", 0)


def test_enter_closes_and_escape_drops_what_is_drawn(drawing):
    step = drawing.steps[LINES]
    step.tools["zone"].click()
    for point in ((100, 100), (250, 100), (250, 250)):
        click(step.canvas, point)
    QTest.keyClick(step.canvas, Qt.Key.Key_Backspace)
    assert len(step.canvas.pending) == 2
    click(step.canvas, (240, 260))
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    assert len(drawing.session.sketch.config.zones[0].polygon) == 3
    step.tools["line"].click()
    click(step.canvas, (400, 100))
    QTest.keyClick(step.canvas, Qt.Key.Key_Escape)
    assert (step.canvas.tool, step.canvas.pending) == ("select", ())
    assert len(drawing.session.sketch.config.lines) == 1


def test_a_middle_handle_makes_a_corner_and_delete_takes_it(drawing):
    step = drawing.steps[LINES]
    step.tools["zone"].click()
    for point in ((100, 100), (250, 100), (250, 250), (100, 250)):
        click(step.canvas, point)
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    drag(step.canvas, (175, 100), (180, 60))
    polygon = drawing.session.sketch.config.zones[0].polygon
    assert len(polygon) == 5
    assert near(polygon[1], (180, 60))
    assert len(drawing.session.sketch.past) == 2  # the zone, and the corner with its drag
    QTest.keyClick(step.canvas, Qt.Key.Key_Delete)
    assert len(drawing.session.sketch.config.zones[0].polygon) == 4
    QTest.keyClick(step.canvas, Qt.Key.Key_Delete)
    assert drawing.session.sketch.config.zones == ()


def test_everything_can_be_drawn_and_moved_by_keys(drawing):
    step = drawing.steps[LINES]
    step.tools["line"].click()
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    made = drawing.session.sketch.config.lines[1]
    assert made.name == "Main door"  # like the camera, while nothing else is called so
    QTest.keyClick(step.canvas, Qt.Key.Key_Space)
    QTest.keyClick(step.canvas, Qt.Key.Key_Right)
    QTest.keyClick(step.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    moved = drawing.session.sketch.config.lines[1]
    assert moved.a == (made.a[0] + 1, made.a[1] + 10)
    assert moved.b == made.b


def test_what_is_drawn_is_never_called_like_another_cameras_gate_or_zone(drawing):
    session, step = drawing.session, drawing.steps[LINES]
    zone = PlanZone("Z7", "Zone 1", None, "L1", (), ())
    session.places = Places((GateName("Main door", "Main door", None), GateName("G1", "G1", None)), (zone,), (), ())
    session.placed.emit()
    for tool in ("line", "zone"):
        step.tools[tool].click()
        QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    config = session.sketch.config
    assert [line.name for line in config.lines] == ["door", "Main door 2"]
    assert config.zones[0].name == "Zone 2"
    assert "G1" not in session.others()  # the camera's own gate, drawn anew, stays its own


def test_what_was_not_filled_in_yet_is_no_mistake(qtbot, view, monkeypatch):
    monkeypatch.setattr("vision.discovery.discover", lambda _seconds: [])
    view.open_camera(None)
    address = view.steps[ADDRESS]
    QTest.keyClicks(address.name, "Main door")
    address.search.click()
    address.name.editingFinished.emit()
    assert address.says.text() == ""
    assert QApplication.focusWidget() is not view.next
    qtbot.waitUntil(address.search.isEnabled)
    view.next.click()
    view.back.click()
    assert "no address" in address.says.text()  # now somebody went on without it


def test_a_picture_that_was_seen_stays_done_and_the_last_step_has_the_keyboard(qtbot, drawing):
    assert drawing._state(PICTURE) == "done"
    drawing.session._arrived("draft", None, View("draft", "waiting"))
    drawing.go(FLOOR)
    drawing.next.setFocus()
    drawing.next.click()
    assert drawing._state(PICTURE) == "done"
    assert drawing.focusWidget() is drawing.steps[CHECK].on


def test_an_empty_drawing_says_how_to_begin(qtbot, view):
    view.open_camera(None)
    view.go(LINES)
    step = view.steps[LINES]
    assert step.hint.text().startswith("Choose Line")
    step.tools["line"].click()
    assert step.hint.text().startswith("Click both ends")
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    assert step.hint.text().startswith("Drag ends")


def test_swap_band_gate_and_name_are_set_in_the_form(drawing):
    step = drawing.steps[LINES]
    step.list.setCurrentRow(0)
    form = step.form.line
    assert form.isVisibleTo(drawing)
    form.swap.click()
    form.band.setValue(12)
    form.gate.setEditText("G7")
    form.gate.lineEdit().editingFinished.emit()
    form.name.selectAll()
    QTest.keyClicks(form.name, "north door")
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    line = drawing.session.sketch.config.lines[0]
    assert (line.name, line.gate, line.band, line.a) == ("north door", "G7", 12, (320, 420))


def test_a_name_is_edited_in_the_list_and_two_of_one_name_are_marked(drawing):
    step = drawing.steps[LINES]
    step.tools["line"].click()
    QTest.keyClick(step.canvas, Qt.Key.Key_Return)
    step.list.item(1).setText("door")
    assert drawing.session.sketch.config.lines[1].name == "door"
    assert [entry.trouble for entry in step.list._entries] == ["Another one has this name."] * 2
    assert drawing.session.running_text() == ""  # neither is counted meanwhile
    drawing.go(CHECK)
    assert not drawing.steps[CHECK].on.isEnabled()
    assert "not right yet" in drawing.steps[CHECK].says.text()


def test_what_the_counting_warns_of_stands_at_the_line(qtbot, made):
    view = made("stand")
    view.open_camera(record())
    step = view.steps[LINES]
    qtbot.waitUntil(lambda: step.list.count() == 1 and step.list._entries[0].trouble != "")
    assert step.list._entries[0].trouble == "People stand on line 'door'."
    assert not step.list._entries[0].wrong


def test_the_text_is_the_drawing_and_the_drawing_the_text(drawing):
    step = drawing.steps[LINES]
    step.tabs.setCurrentIndex(1)
    assert 'name = "door"' in step.expert.text.toPlainText()
    step.expert.text.setPlainText(DOOR.replace("320, 60", "100, 60"))
    assert drawing.session.sketch.config.lines[0].a == (100, 60)
    step.expert.text.setPlainText(DOOR.replace("320, 60", "9999, 60"))
    assert "outside the picture" in step.expert.says.text()
    assert drawing.session.sketch.config.lines[0].a == (100, 60)  # a wrong text changes nothing
    step.undo.click()
    assert "[320, 60]" in step.expert.text.toPlainText()


def test_staff_hours_and_return_are_rules_of_the_whole_camera(drawing):
    rules = drawing.steps[LINES].rules
    rules.hours.setText("07:00-09:30")
    rules.hours.editingFinished.emit()
    rules.uniform.setChecked(True)
    rules.back.setValue(60)
    config = drawing.session.sketch.config
    assert config.staff.hours == ((420, 570),)
    assert config.staff.uniform.hue == (200, 250)
    assert config.reentry_s == 60


# ---- floor plan


def test_four_pairs_of_clicks_place_people_on_the_plan(qtbot, drawing):
    drawing.go(FLOOR)
    step = drawing.steps[FLOOR]
    for picture, plan in (((100, 400), (5, 45)), ((500, 400), (45, 45)), ((420, 120), (40, 5)), ((200, 120), (10, 5))):
        QTest.mouseClick(step.picture, LEFT, pos=step.picture.place().out(picture).toPoint())
        place = step.plan.place()
        QTest.mouseClick(step.plan, LEFT, pos=step.plan.outward(place, plan).toPoint())
    assert len(drawing.session.sketch.config.floor.points) == 4
    assert "exactly" in step.says.text()
    qtbot.waitUntil(lambda: len(step.plan._feet) == 1)
    step.table.item(0, 1).setText("6.5")
    assert drawing.session.sketch.config.floor.points[0][2] == 6.5
    step.clear.click()
    assert drawing.session.sketch.config.floor is None


# ---- the whole


def test_the_set_up_fits_a_small_window_without_scrolling(drawing):
    assert drawing.minimumSizeHint().height() <= 600
    assert not drawing.hasHeightForWidth()  # else the page would make room for every wrapped word
    assert drawing.minimumSizeHint().width() <= 1000


def test_leaving_with_changes_asks_once(qtbot, drawing):
    step = drawing.steps[LINES]
    step.list.setCurrentRow(0)
    step.form.line.swap.click()
    drawing.close_button.click()
    assert drawing.asked.isVisible()
    with qtbot.waitSignal(drawing.left):
        drawing.drop.click()
    assert not drawing.session.stream.running()


def test_leaving_without_changes_does_not_ask(qtbot, drawing):
    with qtbot.waitSignal(drawing.left):
        drawing.close_button.click()


def test_lines_that_cannot_be_read_are_told_and_do_not_stop_the_set_up(view, desk):
    said = []
    desk.said.connect(said.append)
    view.open_camera(record(lines="size = [1"))
    assert "no valid TOML" in said[0].values["sentence"]
    assert view.stack.currentIndex() == ADDRESS


def test_the_set_up_speaks_chinese_and_is_drawn_dark(qtbot, drawing):
    i18n.set_language("zh")
    i18n.retranslate(drawing)
    theme.start(QApplication.instance(), "dark")
    assert drawing.rail[LINES].text() == "3  计数线与区域"
    assert drawing.steps[LINES].tools["line"].text() == "计数线"
    drawing.go(CHECK)
    assert "计入出入口“G1”" in drawing.steps[CHECK].lines.text()
    assert not drawing.grab().isNull()
    theme.start(QApplication.instance(), "light")


def opened_and_closed(qtbot, desk) -> weakref.ref:
    """A set-up that was used and has gone."""
    view = SetupView(desk, [sys.executable, str(CHILD)])
    view.open_camera(record())
    view.show()
    with qtbot.waitSignal(view.session.arrived):
        pass
    qtbot.waitUntil(desk.work.idle)
    view.close_stream()
    view.close()
    view.deleteLater()
    return weakref.ref(view)


def test_a_closed_set_up_leaves_nothing_behind(qtbot, desk):
    gone = opened_and_closed(qtbot, desk)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
