"""A group's process from end to end: told on its standard input, seen in the store."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.service.cameras import CountProcess
from app.service.processes import program
from benchmarks.vision.fault_camera import DrillCamera
from benchmarks.vision.fault_scene import door
from engines.cameras.records import remember_camera
from engines.cameras.state import CameraState, states
from models.site import create_site
from models.store import Store, create_store
from tests.vision.streams import free_port, until
from vision.config import write_config

LIMIT_S = 150  # an upper bound for a machine that does other things too


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@contextmanager
def group(mall: Store) -> Iterator[CountProcess]:
    process = CountProcess(program(mall.site.folder, "cameras", "--child"))
    try:
        yield process
    finally:
        process.ask_to_stop()
        process.stop()


def add(mall: Store, code: str, address: str, lines: str | None = None) -> None:
    text = write_config(door(f"gate {code}")) if lines is None else lines
    remember_camera(mall, "test", code=code, address=address, lines=text, detector="background-subtraction")


def how(mall: Store, code: str) -> CameraState | None:
    return next((state for state in states(mall) if state.code == code), None)


def is_(mall: Store, code: str, state: str) -> bool:
    found = how(mall, code)
    return found is not None and found.state == state


def counted(mall: Store, code: str) -> tuple[int, float]:
    """People and watched seconds in a camera's minutes."""
    with mall.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT total(n_in + n_out), total(seconds_observed) FROM count_minute m JOIN gate g ON g.id = m.gate_id "
            "WHERE g.code = ?",
            (f"gate {code}",),
        ).one()
    return int(row[0]), float(row[1])


def waits(so: object) -> bool:
    return until(so, limit_s=LIMIT_S, pause_s=0.1)


def told(*codes: str, version: str = "1") -> dict[str, str]:
    return dict.fromkeys(codes, version)


@pytest.fixture
def hall() -> Iterator[DrillCamera]:
    with closing(DrillCamera(1, time.monotonic())) as camera:
        yield camera


def test_one_camera_counts_while_another_is_dead_and_a_third_is_set_up_wrongly(mall: Store, hall: DrillCamera) -> None:
    add(mall, "a wrong", hall.address, lines=write_config(door("x")).replace("160", "9000"))
    add(mall, "dead", f"http://127.0.0.1:{free_port()}/door")
    add(mall, "good", hall.address)
    with group(mall) as process:
        process.tell(told("a wrong", "dead", "good"))
        assert waits(lambda: counted(mall, "good")[0] >= 3), process.says()
        assert waits(lambda: is_(mall, "good", "counting"))
        assert waits(lambda: is_(mall, "dead", "waiting"))
        assert waits(lambda: is_(mall, "a wrong", "wrong"))
        assert process.ended() is None
    dead, wrong = how(mall, "dead"), how(mall, "a wrong")
    assert dead is not None
    assert dead.reason
    assert wrong is not None
    assert "outside the picture" in (wrong.reason or "")
    assert process.ended() == 0
    people, seconds = counted(mall, "good")
    assert seconds > 0, "the watched time is written at the end at the latest"
    assert people >= 3
    assert counted(mall, "dead") == (0, 0.0), "a minute that nobody watched has no row"
    assert counted(mall, "a wrong") == (0, 0.0)


def test_two_cameras_of_the_fallback_do_not_learn_each_others_background(mall: Store, hall: DrillCamera) -> None:
    with closing(DrillCamera(2, time.monotonic())) as other:
        add(mall, "north", hall.address)
        add(mall, "south", other.address)
        with group(mall) as process:
            process.tell(told("north", "south"))
            assert waits(lambda: counted(mall, "north")[0] >= 3 and counted(mall, "south")[0] >= 3)


def test_cameras_come_go_and_are_begun_anew_when_they_change(mall: Store, hall: DrillCamera) -> None:
    add(mall, "first", hall.address)
    add(mall, "second", hall.address)
    with group(mall) as process:
        process.tell(told("first"))
        assert waits(lambda: is_(mall, "first", "counting"))
        assert how(mall, "second") is None
        process.tell(told("first", "second"))
        assert waits(lambda: is_(mall, "second", "counting"))
        process.tell(told("second"))
        last = until(lambda: False, limit_s=0.5) or how(mall, "first")
        assert last is not None
        assert waits(lambda: (state := how(mall, "second")) is not None and state.at > last.at + 6000)
        gone = how(mall, "first")
        assert gone is not None
        assert gone.at < last.at + 6000, "nobody reports a camera that was taken away"
        add(mall, "second", f"http://127.0.0.1:{free_port()}/door")
        process.tell(told("second", version="2"))
        assert waits(lambda: is_(mall, "second", "waiting"))
        assert process.ended() is None


def test_a_group_of_which_no_camera_can_be_begun_says_why(mall: Store) -> None:
    add(mall, "wrong", "http://127.0.0.1/door", lines="size = [")
    with group(mall) as process:
        process.tell(told("wrong"))
        assert waits(lambda: process.ended() is not None)
    state = how(mall, "wrong")
    assert state is not None
    assert state.state == "wrong"
    assert "no TOML" in (state.reason or "")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc shows which processes are left")
def test_nothing_of_a_group_outlives_it(mall: Store, hall: DrillCamera) -> None:
    add(mall, "north", hall.address)
    with group(mall) as process:
        process.tell(told("north"))
        assert waits(lambda: is_(mall, "north", "counting"))
        children = _children(process._process.pid)
        assert children, "the capture process"
    assert waits(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def _children(pid: int) -> Sequence[int]:
    return [int(each) for task in Path(f"/proc/{pid}/task").glob("*/children") for each in task.read_text().split()]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="twenty capture processes")
def test_twenty_cameras_are_all_counted_by_one_group(mall: Store, hall: DrillCamera) -> None:
    codes = [f"c{number:02}" for number in range(20)]
    for code in codes:
        add(mall, code, hall.address)
    with group(mall) as process:
        process.tell(told(*codes))
        assert waits(lambda: all(is_(mall, code, "counting") for code in codes)), states(mall)
        assert process.ended() is None
    assert process.ended() == 0
