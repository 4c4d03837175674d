"""Cameras under supervision, on a clock that the test moves: restarts with patience, and none harms another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service import cameras
from app.service.cameras import CameraPlan, CameraSupervisor, CountProcess, active_cameras
from models import ledger
from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


class Group:
    """A group's process that runs until the test ends it."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.status: int | None = None
        self.stopped = False

    @property
    def codes(self) -> list[str]:
        return sorted(self.told[-1])

    def ended(self) -> int | None:
        return self.status

    def says(self) -> str:
        return "The detector cannot be loaded." if self.status else ""

    def tell(self, cameras: dict[str, str]) -> None:
        self.told.append(cameras)

    def ask_to_stop(self) -> None:
        self.stopped = True

    def stop(self) -> None:
        self.stopped = True


class Floor:
    """A supervisor, its clock, and every process that it has started."""

    def __init__(self, mall: Store) -> None:
        self.now = 0.0
        self.started: list[Group] = []
        self.supervisor = CameraSupervisor(mall, 1, self.start, clock=lambda: self.now)

    def start(self) -> Group:
        self.started.append(Group())
        return self.started[-1]

    def seconds(self, count: int, plans: list[CameraPlan]) -> None:
        for _ in range(count):
            self.supervisor.look(plans)
            self.now += 1.0

    def alive(self) -> list[list[str]]:
        return [group.codes for group in self.started if not group.stopped and group.status is None]


def plan(code: str, lines: str = "", detector: str | None = None) -> CameraPlan:
    return CameraPlan(code, f"rtsp://{code}", lines, detector)


def test_cameras_of_one_detector_share_a_process(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(100, [plan("north"), plan("south"), plan("film", detector="yolox")])
    assert floor.alive() == [["north", "south"], ["film"]]
    assert [len(group.told) for group in floor.started] == [1, 1]
    assert sorted(run.job for run in ledger.runs(mall)) == ["camera/film", "camera/north", "camera/south"]
    assert floor.supervisor.running() == ["film", "north", "south"]


def test_a_camera_with_a_detector_section_of_its_own_stands_apart(mall: Store) -> None:
    floor = Floor(mall)
    own = 'size = [640, 480]\n[detector]\nweights = "other.onnx"\n'
    floor.seconds(2, [plan("north"), plan("south", own)])
    assert floor.alive() == [["north"], ["south"]]


def test_no_process_counts_more_than_eight(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(2, [plan(f"c{n:02}") for n in range(20)])
    assert [len(codes) for codes in floor.alive()] == [8, 8, 4]


def test_a_dead_group_is_tried_again_ever_more_slowly_and_the_other_is_left_alone(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("north", detector="gone"), plan("south")]
    for _ in range(1000):
        floor.supervisor.look(plans)
        for group in floor.started:
            if group.told and group.codes == ["north"]:
                group.status = 3
        floor.now += 1.0
    north = [group for group in floor.started if group.codes == ["north"]]
    assert 8 <= len(north) <= 15
    assert len(floor.started) == len(north) + 1
    run = ledger.runs(mall, job="camera/north")[0]
    assert run.state == "running"
    assert run.message is not None
    assert run.message.startswith("The detector cannot be loaded. Next try in 120 s")


def test_a_group_that_keeps_failing_is_split_so_that_the_healthy_camera_counts(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("bad"), plan("good")]
    for _ in range(200):
        floor.supervisor.look(plans)
        for group in floor.started:
            if group.told and "bad" in group.codes:
                group.status = -11
        floor.now += 1.0
    assert floor.alive() == [["good"]]
    good = next(group for group in floor.started if group.codes == ["good"])
    assert good.status is None
    together = [group for group in floor.started if group.codes == ["bad", "good"]]
    assert len(together) == cameras.SPLIT_AFTER


def test_a_group_that_was_well_for_a_minute_is_started_again_soon(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("north")]
    for _ in range(3):
        floor.seconds(100, plans)
        floor.started[-1].status = 1
        floor.seconds(int(cameras.FIRST_WAIT_SECONDS) + 2, plans)
    assert len(floor.started) == 4


def test_a_changed_camera_is_told_and_a_removed_one_ends_without_a_new_process(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(5, [plan("north"), plan("south")])
    floor.seconds(5, [plan("north", "other lines")])
    (group,) = floor.started
    assert [sorted(told) for told in group.told] == [["north", "south"], ["north"]]
    assert group.told[0]["north"] != group.told[1]["north"]
    assert [run.state for run in ledger.runs(mall)] == ["done", "running"]
    floor.seconds(2, [])
    assert group.stopped


def test_the_mark_of_a_camera_tells_nothing_of_its_password() -> None:
    secret = CameraPlan("north", "rtsp://user:hunter2@door", "", None)
    assert "hunter2" not in secret.version
    assert secret.version != plan("north").version


def test_closing_asks_every_group_and_closes_every_run(mall: Store) -> None:
    floor = Floor(mall)
    floor.seconds(5, [plan("north"), plan("south", detector="yolox")])
    floor.supervisor.close()
    assert floor.alive() == []
    assert {run.state for run in ledger.runs(mall)} == {"interrupted"}
    assert floor.supervisor.running() == []


def test_a_person_can_hold_a_camera_until_it_is_changed(mall: Store) -> None:
    floor, plans = Floor(mall), [plan("north"), plan("south")]
    floor.seconds(5, plans)
    run = ledger.runs(mall, job="camera/north")[0].id
    assert floor.supervisor.hold(run)
    assert not floor.supervisor.hold(run)
    floor.seconds(500, plans)
    assert floor.alive() == [["south"]]
    assert ledger.runs(mall, job="camera/north")[0].state == "cancelled"
    floor.seconds(5, [plan("north", "other lines"), plan("south")])
    assert floor.alive() == [["north", "south"]]


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
    process = CountProcess([sys.executable, "-c", talk + "; print('{}', file=sys.stderr)"])
    assert process.ended() is None
    process.ask_to_stop()
    process.stop()
    assert process.ended() == 0
    assert process.says() == "Gone dark."
