"""Live: the wall, one camera large, recordings counted by another process, and the notice for the door."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.ui import i18n, theme
from app.ui.live_wire import LiveBox, LiveLine, LiveZone, View
from app.ui.pages.live import LivePage
from app.ui.pages.live.facts import health_facts
from app.ui.pages.live.notice import NoticeDialog, notice_text, write_notice
from app.ui.pages.live.overlays import NOT_COUNTED, counts_of, flaw_marks, lines_of, waiting_words, zone_words
from app.ui.pages.live.setup import Draft
from app.ui.pages.live.state import CameraView, LineCount, reason_of, state_words
from app.ui.pages.live.tile import Tile
from app.ui.pages.live.wall import columns_for
from app.ui.widgets.picture import PictureBox, PictureLine, PictureView, inward
from app.ui.widgets.trails import KEPT_MS, Trails
from engines.cameras.records import CameraRecord, address_to_open, cameras, remember_camera
from engines.cameras.state import CameraState, note_state
from engines.intake.counts import upsert_counts
from models.errors import Known

CHILD = [sys.executable, str(Path(__file__).parents[1] / "live_child.py"), "1000000", "go on"]
LINES = 'size = [160, 120]\n[[line]]\nname = "door"\na = [80, 10]\nb = [80, 110]\n'
MAKE_RECORDING = """
import sys, cv2, numpy
made = cv2.VideoWriter(sys.argv[1], cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
for n in range(60):
    picture = numpy.full((120, 160, 3), 90, numpy.uint8)
    if n > 20:
        cv2.rectangle(picture, (150 - 4 * (n - 20), 30), (170 - 4 * (n - 20), 90), (250, 250, 250), -1)
    made.write(picture)
"""


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk):
    holder = QWidget()  # a window without a layout: the offscreen platform warns of the others' least sizes
    made = LivePage(desk, CHILD)
    made.setParent(holder)
    made.resize(1100, 700)
    holder.resize(1100, 700)
    qtbot.addWidget(holder)
    holder.show()
    yield made
    made.leave()
    made.views.close_streams()
    for child in made.counts.runs.values():
        child.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """Six seconds in which something crosses from right to left; made by another process, as this one has no OpenCV."""
    path = tmp_path_factory.mktemp("video") / "walk.avi"
    subprocess.run([sys.executable, "-c", MAKE_RECORDING, str(path)], check=True)
    return path


def opened(qtbot, page, argument=None):
    with qtbot.waitSignal(page.model.changed):
        page.open(argument)


def add(desk, code, name="", **more):
    whole = {"address": f"rtsp://127.0.0.1:9/{code}", "lines": LINES, **more}
    remember_camera(desk.store, "me", code=code, name=name or code.title(), **whole)


def record(**facts):
    whole = {"detector": None, "active": 1, "last_frame_at": None, "trouble": None, **facts}
    return CameraRecord("a", "A", "rtsp://x", LINES, **whole)


def camera(*, recording=False, lines=(), health=None, **facts):
    return CameraView(record(**facts), recording, None, tuple(lines), fallback=False, size=(160, 120), health=health)


def state_of(**facts):
    whole = dict.fromkeys(CameraState.__dataclass_fields__)
    counts = {"code": "a", "at": 1_000_000, "state": "counting", "frames_dropped": 0, "restarts": 0, "losses": 0}
    return CameraState(**{**whole, **counts, "night": False, "flaws": (), **facts})


# ---- the wall


def test_an_empty_site_offers_to_add_a_camera(qtbot, page):
    opened(qtbot, page)
    assert page.none.isVisible()
    assert not page.wall.isVisible()
    page.none.acted.emit()
    assert page.views.setup is not None
    assert page.views.setup.isVisible()


def test_each_camera_is_a_tile_with_picture_state_and_counts(qtbot, page, desk):
    add(desk, "door")
    add(desk, "hall")
    quarter = desk.now() // 900_000 * 900_000
    upsert_counts(
        desk.store, "watch", "camera:door", [("door", quarter, "in", 700, 600, 0), ("door", quarter, "out", 4, 600, 0)]
    )
    note_state(desk.store, "hall", {"state": "lost", "reason": "It does not answer."}, at=desk.now())
    opened(qtbot, page)
    door, hall = page.wall.wall.tiles
    qtbot.waitUntil(lambda: door.picture.has_picture() and hall.picture.has_picture())
    assert door.name.text() == "Door"
    assert door.figures.text().startswith("in 700, out 4")
    assert door.rate.text() == "7.0 fps"
    assert "Night picture" in door.accessibleName()
    assert hall.state.text() == "No picture"
    assert page.wall.summary.text() == "Cameras that count: 0 of 2"  # one has told nothing yet, one is lost


def test_the_keyboard_goes_round_the_wall(qtbot, page, desk):
    for code in ("a", "b", "c", "d"):
        add(desk, code)
    opened(qtbot, page)
    moved = []
    for tile in page.wall.wall.tiles:
        tile.moved.connect(lambda code, across, down: moved.append((code, across, down)))
    tiles = page.wall.wall.tiles
    assert tiles[0].y() == tiles[1].y() < tiles[2].y()  # two by two
    qtbot.keyClick(tiles[0], Qt.Key.Key_Right)
    qtbot.keyClick(tiles[0], Qt.Key.Key_Down)
    assert moved == [("a", 1, 0), ("a", 0, 1)]
    qtbot.keyClick(tiles[2], Qt.Key.Key_Return)
    assert page.single.isVisible()
    assert page.single.bar.name.text() == "C"
    page.step(1)
    assert page.single.bar.name.text() == "D"
    page.step(1)
    assert page.single.bar.name.text() == "A"
    page.single.bar.back.click()
    assert page.wall.isVisible()


def test_many_cameras_can_be_searched(qtbot, page, desk):
    for number in range(10):
        add(desk, f"c{number}", name="North door" if number == 7 else f"Camera {number}")
    opened(qtbot, page)
    assert page.wall.search.isVisible()
    page.wall.search.searched.emit("north")
    assert [tile.name.text() for tile in page.wall.wall.tiles if tile.isVisible()] == ["North door"]
    page.wall.search.searched.emit("nowhere")
    assert page.wall.nothing.isVisible()


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 2), (4, 2), (6, 3), (9, 3), (16, 4)]
)  # fmt: skip
def test_the_wall_makes_the_pictures_large(count, columns):
    assert columns_for(count, 1118, 633) == columns


def test_the_wall_fills_the_screen_and_comes_back(qtbot, page, desk):
    add(desk, "a")
    add(desk, "b")
    opened(qtbot, page)
    page.enter_full_screen()
    assert page.screen_window.isVisible()
    assert page.wall.window() is page.screen_window
    qtbot.keyClick(page.screen_window, Qt.Key.Key_Escape)
    assert not page.screen_window.isVisible()
    assert page.wall.window() is page.window()
    assert page.wall.isVisible()
    assert page.window().focusWidget() is page.wall.wall._visible()[0]  # not the head of the navigation


# ---- one camera


def test_the_only_camera_is_shown_large_at_once(qtbot, page, desk):
    add(desk, "door")
    opened(qtbot, page)
    assert page.single.isVisible()
    qtbot.waitUntil(page.single.picture.has_picture)
    seen = page.single.live.frame
    qtbot.waitUntil(lambda: page.single.live.frame > seen)
    assert page.single.figures.zones.facts()[:1] == ()  # this camera's config has no zone
    assert page.single.figures.health.facts()[0].value == "12.5 a second"
    assert "reduced accuracy" not in page.single.bar.reduced.text().lower()


def test_nothing_is_asked_while_the_page_is_away(qtbot, page, desk):
    add(desk, "door")
    opened(qtbot, page)
    qtbot.waitUntil(page.single.picture.has_picture)
    page.leave()
    assert page.views.big_stream.paused()
    assert page.views.tile_stream.paused()
    page.open()
    assert not page.views.big_stream.paused()


def test_overlays_go_and_come_back(qtbot, page, desk):
    add(desk, "door")
    opened(qtbot, page)
    page.single.bar._actions["zones"].setChecked(False)
    page.single.toggle_overlays()
    assert page.single.picture.layers() == frozenset()
    page.single.toggle_overlays()
    assert page.single.picture.layers() == {"lines", "people", "trails"}


def test_keys_go_from_camera_to_camera_and_back_to_the_wall(qtbot, page, desk):
    add(desk, "a")
    add(desk, "b")
    opened(qtbot, page, "a")
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow)
    picture = page.single.picture
    picture.setFocus()
    qtbot.keyClick(picture, Qt.Key.Key_Right)
    assert page.single.bar.name.text() == "B"
    qtbot.keyClick(picture, Qt.Key.Key_O)
    assert picture.layers() == frozenset()
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    assert page.single.bar.name.text() == "A"
    qtbot.keyClick(picture, Qt.Key.Key_Escape)
    assert page.wall.isVisible()
    qtbot.keyClick(page.wall.wall.tiles[0], Qt.Key.Key_F)
    assert page.screen_window.isVisible()
    page.leave_full_screen()


def test_a_recording_stands_still_until_it_is_watched(qtbot, page, desk, recording):
    add(desk, "walk", address=str(recording), active=False)
    opened(qtbot, page)
    qtbot.waitUntil(page.single.picture.has_picture)
    qtbot.waitUntil(page.views.big_stream.paused)
    still = page.single.live.frame
    assert page.single.bar.play.text() == "Watch it live"
    page.single.bar.play.click()
    qtbot.waitUntil(lambda: page.single.live.frame > still)
    assert page.single.bar.play.text() == "Pause"
    page.single.bar.play.click()
    assert page.views.big_stream.held()
    assert page.views.big_stream.running()
    page.single.bar.play.click()
    assert not page.views.big_stream.held()


def test_a_recording_is_counted_by_another_process(qtbot, page, desk, recording):
    add(desk, "walk", address=str(recording), active=False)
    opened(qtbot, page)
    assert page.single.bar.state.text() == "Recording, not counted yet"
    page.single.bar.count.click()
    assert page.single.strip.isVisible()
    qtbot.waitUntil(lambda: not page.counts.runs, timeout=60_000)
    qtbot.waitUntil(lambda: page.single.bar.state.text() == "Recording, counted")
    counted = page.single.figures.lines.rows.at(0)
    assert (counted.n_in or 0) + (counted.n_out or 0) >= 1
    assert "60 frames" in page.single.figures.note.text()
    assert page.single.bar.count.text() == "Count it again"
    told = f"in {counted.n_in}, out {counted.n_out}"
    qtbot.waitUntil(lambda: page.single.picture._lines[0].label == told)  # the still picture says what the table says
    assert not page.single.strip.isVisible()


def test_a_removed_camera_can_come_back(qtbot, page, desk):
    add(desk, "door", "Main door", address="rtsp://ann:hunter2@127.0.0.1:9/2")
    opened(qtbot, page)
    notices = []
    desk.said.connect(notices.append)
    with qtbot.waitSignal(page.model.changed):
        page.remove()
    assert cameras(desk.store) == []
    with qtbot.waitSignal(page.model.changed):
        notices[0].do()
    (back,) = cameras(desk.store)
    assert (back.name, back.address) == ("Main door", "rtsp://127.0.0.1:9/2")
    assert address_to_open(desk.store, "door") == "rtsp://ann:hunter2@127.0.0.1:9/2"


def test_set_up_and_accuracy_check_are_gone_to_and_come_back_from(qtbot, page, desk):
    add(desk, "door", "Main door")
    opened(qtbot, page)
    page.single.bar.setup.click()
    assert page.views.setup.isVisible()
    assert page.views.big_stream.paused()
    page.views.setup.left.emit()
    assert page.single.isVisible()
    assert not page.views.big_stream.paused()
    page.single.bar.accuracy.click()
    assert page.views.accuracy.isVisible()
    assert not page.single.isVisible()
    page.views.accuracy.left.emit()
    assert page.single.isVisible()


def test_a_saved_draft_is_a_camera(qtbot, page, desk):
    opened(qtbot, page, "add")
    with qtbot.waitSignal(page.model.changed):
        page.save(Draft("main-door", "Main door", "rtsp://127.0.0.1:9/stream", LINES, None, True))
    assert [kept.code for kept in cameras(desk.store)] == ["main-door"]
    qtbot.waitUntil(lambda: page.single.bar.name.text() == "Main door")


# ---- words and drawings


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"last_frame_at": 1_000_000}, "Counting"),
        ({"last_frame_at": 1_000_000 - 5 * 60_000}, "Not seen for 5 min"),
        ({"trouble": "It does not answer."}, "No picture"),
        ({"active": 0}, "Switched off"),
        ({"health": state_of(state="wrong", reason="Another picture size.")}, "Needs setting up"),
        ({"health": state_of(at=1_000_000 - 9 * 60_000)}, "Not seen for 9 min"),
    ],
)
def test_a_cameras_state_in_words(facts, words):
    assert state_words(camera(**facts), 1_000_000, counting=False)[0] == words


def test_why_a_camera_does_not_count_is_told():
    assert reason_of(camera(health=state_of(state="lost", reason="It is silent."))) == "It is silent."
    assert reason_of(camera(health=state_of(reason="old"))) == ""


def live(**facts):
    line = LiveLine("door", (80.0, 10.0), (80.0, 110.0), 5, 2)
    return View("a", "counting", width=160, height=120, size=160 * 120 * 3, lines=(line,), **facts)


def test_the_counts_beside_a_line_never_fall_behind_the_store():
    kept = camera(lines=[LineCount("door", "G1", 9, 1)])
    assert counts_of(kept, "door", live()) == (9, 2)
    assert counts_of(camera(lines=[LineCount("door", "G1", None, None)]), "door", live()) == (5, 2)
    watched = camera(recording=True, active=0, lines=[LineCount("door", "G1", 9, 1)])
    assert counts_of(watched, "door", live()) == (5, 2)  # a playback counts for itself
    assert counts_of(watched, "door", None) == (9, 1)


def test_the_dead_band_is_drawn_as_wide_as_it_is_set():
    drawn = lines_of(camera(lines=[LineCount("door", "door", 1, 1, 12.0)]), live(), None)
    assert drawn[0].band == 12.0
    assert lines_of(camera(lines=[LineCount("door", "door", 1, 1)]), live(), None)[0].band == 6.0


def test_flaws_are_told_worst_first_and_old_pictures_before_them():
    marks = flaw_marks(live(flaws=("dark", "frozen", "strange"), fallback=True), 12.0)
    assert [mark.words for mark in marks] == [
        "12 s old", "The picture stands still", "Night picture", "Reduced accuracy"
    ]  # fmt: skip


def test_a_camera_that_was_just_saved_is_not_called_uncounted():
    silent = View("a", "waiting", NOT_COUNTED)
    assert waiting_words(silent, 3.0) == "The service is beginning with this camera…"
    assert waiting_words(silent, 60.0) == NOT_COUNTED
    assert waiting_words(View("a", "lost", "Cable out."), 3.0) == "Cable out."


def test_the_child_says_of_an_uncounted_camera_what_the_page_knows():
    from app.service.live_view import NOT_COUNTED as SAID

    assert SAID == NOT_COUNTED


def test_zones_in_words():
    assert zone_words(LiveZone("q", "queue", (), 4, 3, 95.0)) == "3 waiting · 1 min 35 s"
    assert zone_words(LiveZone("z", "presence", (), 4, None, None)) == "4 seen"
    assert zone_words(LiveZone("s", "staff", (), 4, None, None)) == ""


def test_health_names_the_licence_of_the_weights():
    health = state_of(fps_in=14.9, fps_analysed=2.0, drift_ms=9000.0, width=1280, height=720, losses=3)
    told = {fact.name: fact for fact in health_facts(camera(health=health, detector="yolov8n"), None, 1_000_000,
                                                     {"yolov8n": "AGPL-3.0"})}  # fmt: skip
    assert told["Licence of its weights"].value == "AGPL-3.0"
    assert told["Pictures analysed"].tone == told["Clock drift"].tone == "warning"
    assert told["Picture size"].value == "1280 × 720"


def test_kept_flaws_stand_where_no_picture_is_seen(qtbot):
    seen = camera(health=state_of(flaws=("slow", "covered")))
    facts = {fact.name: fact for fact in health_facts(seen, None, 1_000_000, {})}
    assert (facts["Flaws"].value, facts["Flaws"].tone) == ("The lens is covered, Too few pictures", "bad")
    assert "Flaws" not in {fact.name for fact in health_facts(seen, None, 2_000_000, {})}  # that was long ago
    tile = Tile()
    qtbot.addWidget(tile)
    tile.show_camera(seen, 1_000_000, counting=False)
    assert tile.rate.text() == "The lens is covered"
    assert "The lens is covered, Too few pictures" in tile.accessibleName()
    tile.show_live(QImage(40, 30, QImage.Format.Format_RGB888), live(flaws=()))
    assert "lens" not in tile.accessibleName() + tile.toolTip() + tile.rate.text()


def test_the_arrow_points_from_the_left_of_the_line_to_its_right():
    assert inward((0, 0), (0, 10)) == (-1, 0)  # downwards: its right, as seen in the picture, is left of it
    assert inward((0, 0), (10, 0)) == (0, 1)


def test_the_picture_is_read_aloud_with_its_counts(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.show_picture(QImage(40, 30, QImage.Format.Format_RGB888), [PictureLine("door", (0, 0), (9, 9), "in 7")])
    assert view.accessibleName() == "Picture with lines: door in 7"
    with qtbot.waitSignal(view.drawn):
        view.show()


def test_a_place_in_the_picture_is_found_again(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(800, 400)
    view.show_picture(QImage(200, 200, QImage.Format.Format_RGB32))
    assert view.place_of(view.point_of((30.0, 40.0))) == pytest.approx((30.0, 40.0))
    assert view.place_of(view.point_of((-30.0, 900.0))) == (0.0, 200.0)


def test_people_are_drawn_where_they_stand(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(0)
    view.show_picture(image, boxes=[PictureBox(100, 100, 140, 200, 1)], at_ms=1)
    drawn = view.grab().toImage()
    assert drawn.pixelColor(120, 200).lightness() > 200  # the foot point
    view.show_layers(())
    assert view.grab().toImage().pixelColor(120, 200).lightness() == 0


def test_trails_are_short_and_forget_who_is_gone():
    trails = Trails()
    for step in range(6):
        trails.add(1_000 * step, [(1, (10.0 * step, 5.0))], 640)
    (line,) = trails.lines()
    assert [place[0] for _, place in line] == [30.0, 40.0, 50.0]
    trails.add(5_100, [(1, (600.0, 5.0))], 640)  # the number was given to somebody else
    assert trails.lines() == []
    trails.add(5_200 + KEPT_MS, [], 640)
    assert trails._places == {}


# ---- the notice


def test_the_notice_names_the_mall_and_promises_what_is_true():
    text = notice_text("en", "Lakeside {Mall}", demographics=False)
    assert "Responsible: Lakeside {Mall}" in text
    assert "no pictures" in text
    assert "age" not in text.split()
    assert "age groups" in notice_text("en", "Lakeside", demographics=True)
    assert "不识别人脸" in notice_text("zh", "湖畔", demographics=False)


def test_the_notice_becomes_a_file(qtbot, desk, tmp_path):
    dialog = NoticeDialog(desk)
    qtbot.addWidget(dialog)
    texts = dialog._written()
    assert texts[0].startswith("此处")  # a mall in China has it in Chinese first
    write_notice(tmp_path / "notice.pdf", texts)
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "notice.pdf").read_bytes())
    assert len(pages) == 1
    write_notice(tmp_path / "long.pdf", texts * 9)
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "long.pdf").read_bytes())) > 1
    write_notice(tmp_path / "notice.txt", texts)
    assert "Empty mall" in (tmp_path / "notice.txt").read_text("utf-8-sig")
    with pytest.raises(Known):
        write_notice(tmp_path / "nowhere" / "notice.pdf", texts)


# ---- the whole page


def test_the_page_speaks_chinese_and_turns_dark(qtbot, page, desk, qapp):
    add(desk, "door")
    add(desk, "hall")
    opened(qtbot, page)
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.wall.add.text() == "添加摄像头"
    assert page.wall.wall.tiles[0].state.text() == "尚无画面"
    page.open_camera("door")
    assert page.single.bar.back.text() == "全部摄像头"
    theme.start(qapp, "dark")
    assert page.grab().width() > 0
    theme.start(qapp, "light")


def test_the_page_leaves_nothing_behind(qtbot, desk):
    add(desk, "door")
    made = LivePage(desk, CHILD)
    with qtbot.waitSignal(made.model.changed):
        made.open()
    made.leave()
    made.views.close_streams()
    gone = weakref.ref(made)
    made.deleteLater()
    del made
    qtbot.wait(20)
    gc.collect()
    assert gone() is None


def test_a_live_box_knows_where_the_person_stands():
    assert LiveBox(10.0, 20.0, 30.0, 80.0, 4).foot == (20.0, 80.0)
