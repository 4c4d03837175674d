"""Cameras under supervision, on a clock that the test moves: restarts with patience, and none harms another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service import cameras
from app.service.cameras import CameraPlan, CameraSupervisor, WatchProcess, active_cameras
from models import ledger
from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


class Feed:
    """A camera's process that runs until the test ends it."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.status: int | None = None
        self.stopped = False

    def ended(self) -> int | None:
        return self.status

    def says(self) -> str:
        return "The camera does not answer." if self.status else ""

    def ask_to_stop(self) -> None:
        self.stopped = True

    def stop(self) -> None:
        self.stopped = True


class Floor:
    """A supervisor, its clock, and every process that it has started."""

    def __init__(self, mall: Store) -> None:
        self.now = 0.0
        self.started: list[Feed] = []
        self.supervisor = CameraSupervisor(mall, 1, self.start, clock=lambda: self.now)

    def start(self, code: str) -> Feed:
        self.started.append(Feed(code))
        return self.started[-1]

    def seconds(self, count: int, plans: list[CameraPlan]) -> None:
        for _ in range(count):
            self.supervisor.look(plans)
            self.now += 1.0


def plan(code: str, lines: str = "") -> CameraPlan:
    return CameraPlan(code, f"rtsp://{code}", lines, None)


def test_each_active_camera_runs_once(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(100, [plan("north"), plan("south")])
    assert [feed.code for feed in floor.started] == ["north", "south"]
    assert [run.job for run in ledger.runs(mall)] == ["camera/south", "camera/north"]


def test_a_dead_camera_is_tried_again_ever_more_slowly_and_the_other_is_left_alone(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("north"), plan("south")]
    for _ in range(1000):
        floor.supervisor.look(plans)
        for feed in floor.started:
            if feed.code == "north":
                feed.status = 3
        floor.now += 1.0
    north = [feed for feed in floor.started if feed.code == "north"]
    assert 8 <= len(north) <= 15
    assert len(floor.started) == len(north) + 1
    run = ledger.runs(mall, job="camera/north")[0]
    assert run.state == "running"
    assert run.message is not None
    assert run.message.startswith("The camera does not answer. Next try in 120 s")


def test_a_camera_that_was_well_for_a_minute_is_started_again_soon(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("north")]
    for _ in range(3):
        floor.seconds(100, plans)
        floor.started[-1].status = 1
        floor.seconds(int(cameras.FIRST_WAIT_SECONDS) + 2, plans)
    assert len(floor.started) == 4


def test_a_changed_camera_starts_anew_and_a_removed_one_ends(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(5, [plan("north"), plan("south")])
    floor.seconds(5, [plan("north", "other lines")])
    assert [feed.stopped for feed in floor.started] == [True, True, False]
    assert [run.state for run in ledger.runs(mall)] == ["running", "done", "done"]
    floor.supervisor.close()
    assert floor.started[-1].stopped
    assert ledger.runs(mall)[0].state == "interrupted"
    assert floor.supervisor.running() == []


def test_a_person_can_hold_a_camera_until_it_is_changed(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(5, [plan("north")])
    run = ledger.runs(mall)[0].id
    assert floor.supervisor.hold(run)
    assert not floor.supervisor.hold(run)
    floor.seconds(500, [plan("north")])
    assert len(floor.started) == 1
    assert ledger.runs(mall)[0].state == "cancelled"
    floor.seconds(5, [plan("north", "other lines")])
    assert len(floor.started) == 2


def test_only_active_cameras_of_the_site_are_wanted(mall: Store) -> None:
    with mall.write("tester", "cameras") as tx:
        for code, active in (("b", 1), ("a", 1), ("off", 0)):
            tx.connection.exec_driver_sql(
                "INSERT INTO camera (id, code, name, address, lines, active) VALUES (?, ?, 'x', '0', '', ?)",
                (new_id(), code, active),
            )
    assert [camera.code for camera in active_cameras(mall)] == ["a", "b"]


def test_a_real_process_ends_when_its_input_ends_and_its_sentence_is_kept() -> None:
    talk = "import sys; print('{\"done\": 1}', file=sys.stderr); print('Gone dark.', file=sys.stderr); sys.stdin.read()"
    process = WatchProcess([sys.executable, "-c", talk + "; print('{}', file=sys.stderr)"])
    assert process.ended() is None
    process.ask_to_stop()
    process.stop()
    assert process.ended() == 0
    assert process.says() == "Gone dark."
