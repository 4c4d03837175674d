"""Cameras behind real capture processes: newest frame, losses, kills, hangs; nobody waits for any of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.vision.scenes import drawn_video
from tests.vision.streams import camera, free_port, until
from vision.backoff import BackOff
from vision.feed import KILL_S, SILENT_S, CameraFeed
from vision.source import Frame

READER = (sys.executable, "-m", "vision.reader")
posix = pytest.mark.skipif(os.name != "posix", reason="signals that stop a process are POSIX's")


class Clock:
    """A clock that a test can put forward; it also runs by itself."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@contextmanager
def feed(spec: str, **options: Any) -> Iterator[CameraFeed]:
    options.setdefault("command", READER)
    with closing(CameraFeed(spec, **options)) as made:
        yield made


def frames(made: CameraFeed, count: int, *, limit_s: float = 15.0, pause_s: float = 0.002) -> list[Frame]:
    """So many frames, or fewer where the time is over."""
    found: list[Frame] = []

    def enough() -> bool:
        frame = made.poll()
        if frame is not None:
            found.append(frame)
        return len(found) >= count

    until(enough, limit_s=limit_s, pause_s=pause_s)
    return found


def says(made: CameraFeed, so: Callable[[], bool]) -> bool:
    """Polls until the condition holds."""

    def look() -> bool:
        made.poll()
        return so()

    return until(look)


def test_the_newest_frame_and_the_account_of_the_others() -> None:
    with camera() as door, feed(door.address) as made:
        assert made.poll() is None  # the process is only being started
        found = frames(made, 6, pause_s=0.1)
        assert [len(found), made.health.connected, made.health.state, made.health.reason] == [6, True, "connected", ""]
        assert found[-1].index + 1 == sum(frame.dropped + 1 for frame in found)
        assert sum(frame.dropped for frame in found) > 5
        assert found[-1].image.shape == (48, 64, 3)
        assert (made.health.width, made.health.height) == (64, 48)
        assert all(later.seconds > earlier.seconds for earlier, later in pairwise(found))
        assert abs(found[-1].at_ms - time.time() * 1000) < 5000
        assert time.monotonic() - found[-1].seconds < 1


def test_a_frame_nobody_took_is_replaced_by_a_newer_one() -> None:
    with camera() as door, feed(door.address) as made:
        first = frames(made, 1)[0]
        time.sleep(1.5)
        later = frames(made, 1)[0]
        assert time.monotonic() - later.seconds < 1
        assert later.index == first.index + 1 + later.dropped
        assert later.dropped > 10


def test_a_camera_that_cuts_comes_back_with_its_loss_counted() -> None:
    with camera() as door, feed(door.address) as made:
        before = frames(made, 3)[-1]
        door.how = "cut"
        assert says(made, lambda: made.health.state == "lost")
        assert "was lost" in made.health.reason
        door.how = "well"
        after = frames(made, 1)[0]
        assert after.index > before.index
        assert (made.health.connected, made.health.losses, made.health.restarts) == (True, 1, 0)


def test_a_picture_that_changes_its_size() -> None:
    """In the middle of a stream OpenCV scales it to the first size (opencv-python#1176); a new one is as it is."""
    with camera() as door, feed(door.address) as made:
        frames(made, 2)
        door.size = (128, 96)
        later = frames(made, 10)[-1]
        assert later.image.shape == (48, 64, 3)
        assert int(later.image.max()) > 150  # the whole picture, its block included
        door.how = "cut"
        assert says(made, lambda: made.health.state == "lost")
        door.how = "well"
        assert frames(made, 1)[0].image.shape == (96, 128, 3)
        assert (made.health.width, made.health.height) == (128, 96)


def test_a_killed_process_is_started_again() -> None:
    with camera() as door, feed(door.address) as made:
        before = frames(made, 2)[-1]
        assert made.pid
        os.kill(made.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        assert says(made, lambda: made.health.fault == "process")
        assert "is started again" in made.health.reason
        after = frames(made, 1)[0]
        assert after.index == before.index + 1 + after.dropped
        assert (made.health.restarts, made.health.losses, made.health.connected) == (1, 1, True)


@posix
def test_a_process_that_hangs_is_ended_then_killed_and_delays_nobody() -> None:
    """A stopped process does not even take the request to end."""
    clock = Clock()
    with camera() as door, feed(door.address, clock=clock) as made, feed(door.address) as other:
        frames(made, 2)
        hung = made.pid
        assert hung
        os.kill(hung, signal.SIGSTOP)
        frames(made, 2, limit_s=0.3)  # what was still in the slot
        began = time.monotonic()
        clock.ahead += SILENT_S + 1
        assert made.poll() is None
        assert (made.health.connected, made.health.fault) == (False, "hung")
        assert "silent for 20 seconds" in made.health.reason
        clock.ahead += KILL_S
        made.poll()
        assert time.monotonic() - began < 1
        assert len(frames(other, 3)) == 3
        clock.ahead += 5
        assert says(made, lambda: made.pid not in (None, hung))
        assert frames(made, 1)
        assert (made.health.restarts, made.health.losses) == (1, 1)


def test_an_answer_that_is_none_ends_the_process() -> None:
    babble = (sys.executable, "-c", "print('what?', flush=True); input(); input(); input()")
    with feed("rtsp://10.0.0.1/x", command=babble) as made:
        assert says(made, lambda: made.health.restarts == 1)
        assert made.health.fault == "process"


def test_a_process_that_cannot_be_started_is_told() -> None:
    with feed("rtsp://10.0.0.1/x", command=("no-such-program-anywhere",)) as made:
        assert made.poll() is None
        assert "cannot be started" in made.health.reason
        assert made.health.fault == "process"


def test_a_recording_played_as_a_camera_ends(tmp_path: Path) -> None:
    clip = drawn_video(tmp_path / "a.avi", 12, fps=40)
    with feed(str(clip), pace=True) as made:
        found = frames(made, 100, limit_s=0) or []
        assert says(made, lambda: made.ended or bool(found.extend(frames(made, 1, limit_s=0.01))))
        assert made.health.state == "ended"
        assert found[0].image.shape == (120, 160, 3)
        assert made.poll() is None
        assert made.health.restarts == 0


def test_a_recording_that_loops_goes_on_and_is_turned_and_scaled(tmp_path: Path) -> None:
    clip = drawn_video(tmp_path / "a.avi", 5, fps=50)
    with feed(str(clip), pace=True, loop=True, rotate=90, longest=80) as made:
        found = frames(made, 12)
        assert found[-1].index >= 11
        assert found[-1].image.shape == (80, 60, 3)


def test_a_recording_that_is_held_stands_still_and_its_time_too(tmp_path: Path) -> None:
    clip = drawn_video(tmp_path / "a.avi", 60, fps=50)
    clock = Clock()
    with feed(str(clip), pace=True, loop=True, clock=clock) as made:
        before = frames(made, 5)
        made.pause()
        made.pause()
        before += frames(made, 1000, limit_s=1.0)  # what was on its way
        clock.ahead = 10 * SILENT_S
        assert frames(made, 1, limit_s=0.5) == []
        assert made.health.connected
        made.resume()
        after = frames(made, 5)
        assert made.health.restarts == 0
        gap = after[0].seconds - before[-1].seconds
        assert 0 < gap < 1  # though it stood still for longer
        assert 0 < after[0].at_ms - before[-1].at_ms < 1000
        assert after[0].index - before[-1].index == 1 + after[0].dropped


def test_a_camera_is_not_held() -> None:
    with camera() as door, feed(door.address) as made:
        frames(made, 2)
        made.pause()
        assert len(frames(made, 20)) == 20


def test_a_recording_is_no_camera_unless_it_is_asked_for(tmp_path: Path) -> None:
    with feed(str(drawn_video(tmp_path / "a.avi", 5))) as made:
        assert says(made, lambda: made.ended)
        assert made.health.state == "wrong"
        assert "is a recording" in made.health.reason


def test_a_refused_address_has_a_sentence_without_its_password() -> None:
    with feed(f"http://admin:hushhush@127.0.0.1:{free_port()}/door?token=hushhush") as made:
        assert says(made, lambda: made.health.fault == "refused")
        assert "nothing listens" in made.health.reason
        assert "hush" not in made.health.reason
        assert made.pid
        if sys.platform == "linux":
            assert "hush" not in Path(f"/proc/{made.pid}/cmdline").read_text()
            assert "hush" not in Path(f"/proc/{made.pid}/environ").read_text()


def test_closing_ends_the_process_and_is_quick() -> None:
    with camera() as door:
        made = CameraFeed(door.address, command=READER)
        frames(made, 1)
        pid = made.pid
        began = time.monotonic()
        made.close()
        assert time.monotonic() - began < 2.5
        assert made.pid is None
        assert pid
        if os.name == "posix":
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        made.close()
        assert made.poll() is None


def waits(back_off: BackOff, count: int, *, every_s: float) -> list[float]:
    return [back_off.wait_s(number * every_s) for number in range(count)]


def test_a_camera_that_worked_is_tried_often_for_ten_minutes() -> None:
    back_off = BackOff(delivered=True, jitter=lambda low, high: 1.0)
    assert waits(back_off, 6, every_s=10) == [1, 2, 5, 5, 5, 5]
    assert back_off.wait_s(599) == 5
    assert back_off.wait_s(601) == 60
    back_off.well()
    assert back_off.wait_s(602) == 1


def test_a_camera_that_never_worked_is_tried_less_often() -> None:
    back_off = BackOff(jitter=lambda low, high: 1.0)
    assert waits(back_off, 8, every_s=10) == [1, 2, 5, 10, 30, 60, 60, 60]


def test_cameras_do_not_come_back_at_the_same_instant() -> None:
    found = {BackOff().wait_s(0) for _ in range(20)}
    assert len(found) > 10
    assert all(0.8 <= each <= 1.2 for each in found)
