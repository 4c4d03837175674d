"""The health board's cameras: how each is, why it does not count, and the way to it."""

from __future__ import annotations

import pytest

from app.ui.pages.health.cameras import CameraBoard, camera_rows, read_cameras
from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from tests.ui.conftest import NOW_MS

FACTS = {"state": "counting", "fps_in": 15.0, "fps_analysed": 7.0, "frames_dropped": 12, "skipped_share": 0.02}


@pytest.fixture
def desk(open_desk, empty_site):
    made = open_desk(empty_site)
    for code in ("C1", "C2", "C3", "C4"):
        remember_camera(
            made.store, "me", code=code, name=f"Camera {code}", address="rtsp://127.0.0.1:9/x", lines="",
            active=code != "C4",
        )  # fmt: skip
    note_state(made.store, "C1", {**FACTS, "night": True, "flaws": "dark,covered"}, at=NOW_MS - 5_000)
    note_state(made.store, "C2", {"state": "lost", "reason": "The camera does not answer."}, at=NOW_MS - 5_000)
    note_state(made.store, "C3", {**FACTS, "flaws": "slow"}, at=NOW_MS - 600_000)
    return made


def test_cameras_that_do_not_count_come_first_and_say_why(desk):
    rows = {row["code"]: row for row in camera_rows(read_cameras(desk.store))}
    assert list(rows) == ["C2", "C3", "C1", "C4"]
    assert (rows["C2"]["state"], rows["C2"]["reason"]) == ("No picture", "The camera does not answer.")
    assert "10 min" in rows["C3"]["reason"]
    assert (rows["C1"]["state"], rows["C1"]["fps"], rows["C1"]["dropped"]) == ("Counting", "7.0 of 15.0", 12)
    assert rows["C1"]["flaws"] == "The lens is covered, Night picture"
    assert rows["C3"]["flaws"] == ""  # it was told too long ago
    assert rows["C4"]["state"] == "Switched off"


def test_a_row_leads_to_the_camera(qtbot, desk):
    board = CameraBoard(desk)
    qtbot.addWidget(board)
    board.look()
    qtbot.waitUntil(desk.work.idle)
    assert board.table.rows.rowCount() == 4
    with qtbot.waitSignal(board.live_wanted) as asked:
        board.table.activated.emit({"code": "C2"})
    assert asked.args == ["C2"]
