"""Live: cameras and recordings, the picture from another process, and what each line counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.ui import i18n
from app.ui.pages.live import make
from app.ui.pages.live.editor import EXAMPLE, check_lines, code_of
from app.ui.pages.live.picture import picture_of
from app.ui.pages.live.state import CameraView, state_words
from app.ui.widgets.picture import PictureLine, PictureView, inward
from engines.cameras.records import CameraRecord, cameras, remember_camera
from engines.intake.counts import upsert_counts
from models.errors import Known

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
    made = make(desk)
    qtbot.addWidget(made)
    yield made
    made.leave()
    for child in made.runs.values():
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


def test_an_empty_site_offers_to_add_a_camera(qtbot, page):
    opened(qtbot, page)
    assert not page.none.isHidden()
    page.none.acted.emit()
    assert not page.editor.isHidden()
    assert page.editor.lines.toPlainText() == EXAMPLE


def test_the_example_that_a_person_starts_from_is_right():
    assert check_lines(EXAMPLE) == ["Lines: main door."]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("size = [10", "no valid TOML"),
        ("size = [160, 120]", "no counting line"),
        (LINES.replace("[80, 110]", "[80, 500]"), "outside the picture"),
    ],
)
def test_wrong_lines_are_told_while_typing(page, text, says):
    page.editor.show_camera(None)
    page.editor.lines.setPlainText(text)
    assert says in page.editor.says.text()
    with pytest.raises(Known):
        check_lines(text)


def test_a_camera_without_name_or_address_is_not_saved(qtbot, page, desk):
    opened(qtbot, page, "add")
    page.editor.save.click()
    assert "no name" in page.editor.says.text()
    page.editor.name.setText("Main door")
    page.editor.save.click()
    assert "no address" in page.editor.says.text()
    assert cameras(desk.store) == []


def test_a_saved_camera_is_listed_and_can_come_back_after_removal(qtbot, page, desk):
    opened(qtbot, page, "add")
    page.editor.name.setText("Main door")
    page.editor.address.setText("rtsp://127.0.0.1:9/stream")
    with qtbot.waitSignal(page.model.changed):
        page.editor.save.click()
    kept = cameras(desk.store)[0]
    assert (kept.code, kept.name, bool(kept.active)) == ("main-door", "Main door", True)
    assert page.list.item(0).text() == "Main door\nNot seen yet"
    notices = []
    desk.said.connect(notices.append)
    with qtbot.waitSignal(page.model.changed):
        page.remove()
    assert cameras(desk.store) == []
    with qtbot.waitSignal(page.model.changed):
        notices[0].do()
    assert cameras(desk.store)[0].address == "rtsp://127.0.0.1:9/stream"


def test_todays_counts_stand_beside_each_line(qtbot, page, desk):
    remember_camera(desk.store, "me", code="door", name="Door", address="rtsp://127.0.0.1:9/x", lines=LINES)
    quarter = desk.now() // 900_000 * 900_000
    upsert_counts(
        desk.store, "watch", "camera:door", [("door", quarter, "in", 7, 600, 0), ("door", quarter, "out", 4, 600, 0)]
    )
    opened(qtbot, page)
    assert [page.panel.lines.rows.text(0, n) for n in (2, 3)] == ["7", "4"]
    assert page.panel._labels() == {"door": "in 7, out 4"}
    assert "reduced accuracy" in page.panel.fallback.text()  # the site has no weights


def test_a_recording_is_pictured_and_counted_by_another_process(qtbot, page, desk, recording):
    remember_camera(desk.store, "me", code="walk", name="Walk", address=str(recording), lines=LINES, active=False)
    opened(qtbot, page)
    qtbot.waitUntil(page.panel.picture.has_picture, timeout=20_000)
    assert page.list.item(0).text() == "Walk\nRecording, not counted yet"
    page.panel.count.click()
    qtbot.waitUntil(lambda: not page.runs, timeout=30_000)
    qtbot.waitUntil(lambda: page.list.item(0).text().startswith("Walk\nRecording, counted\nin "))
    counted = page.panel.lines.rows.at(0)
    assert (counted.n_in or 0) + (counted.n_out or 0) >= 1
    assert "60 frames" in page.panel.note.text()


def test_the_picture_is_read_whole_or_not_at_all():
    header = json.dumps({"width": 2, "height": 1, "lines": [{"name": "door", "a": [0, 0], "b": [1, 0]}]}).encode()
    image, lines = picture_of(header + b"\n" + bytes([255, 0, 0, 0, 0, 255]))
    assert (image.width(), image.height(), image.pixelColor(0, 0).name()) == (2, 1, "#ff0000")
    assert lines[0].b == (1.0, 0.0)
    assert picture_of(header + b"\n" + bytes(5)) is None
    assert picture_of(b"The camera does not answer.") is None


def test_the_arrow_points_from_the_left_of_the_line_to_its_right():
    assert inward((0, 0), (0, 10)) == (-1, 0)  # downwards: its right, as seen in the picture, is left of it
    assert inward((0, 0), (10, 0)) == (0, 1)


def test_the_picture_is_read_aloud_with_its_counts(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.show_picture(QImage(40, 30, QImage.Format.Format_RGB888), [PictureLine("door", (0, 0), (9, 9), "in 7")])
    assert view.accessibleName() == "Picture with lines: door in 7"
    assert view.grab().width() > 0


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"last_frame_at": 1_000_000}, "Counting"),
        ({"last_frame_at": 1_000_000 - 5 * 60_000}, "Not seen for 5 min"),
        ({"trouble": "It does not answer."}, "It does not answer."),
        ({"active": False}, "Switched off"),
    ],
)
def test_a_cameras_state_in_words(facts, words):
    whole = {"active": True, "last_frame_at": None, "trouble": None, **facts}
    record = CameraRecord("a", "A", "rtsp://x", LINES, None, **whole)
    view = CameraView(record, recording=False, day=None, lines=(), fallback=False)
    assert state_words(view, 1_000_000, counting=False)[0] == words


def test_the_page_speaks_chinese(qtbot, page, desk):
    remember_camera(desk.store, "me", code="door", name="Door", address="rtsp://127.0.0.1:9/x", lines=LINES)
    opened(qtbot, page)
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.add.text() == "添加摄像头或录像"
    assert page.list.item(0).text() == "Door\n尚无画面"


def test_a_code_is_made_of_the_name():
    assert code_of("  Main door / north ") == "main-door-north"
