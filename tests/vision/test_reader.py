"""The capture process: its answers, its end, and what it says of servers that give no video."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.errors import Known
from tests.vision.scenes import drawn_video
from tests.vision.streams import camera, free_port, silent_server, until
from vision.backoff import BackOff
from vision.capture import shrunk, turned
from vision.drift import ClockDrift
from vision.grabber import Grabber, ReadSpec, Taken
from vision.playback import Playback, PlayClock
from vision.reach import reach, reach_sentence
from vision.reader import serve
from vision.source import Recording


class Process:
    """`python -m vision.reader` asked by hand."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def ask(self) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin and stdout
        stdin.write(b"next\n")
        stdin.flush()
        header: dict[str, Any] = json.loads(stdout.readline())
        assert len(stdout.read(header["bytes"])) == header["bytes"]
        return header

    def ask_until(self, key: str, value: object, *, limit: int = 20) -> dict[str, Any]:
        for _ in range(limit):
            if (header := self.ask())[key] == value:
                return header
        return header


@contextmanager
def reader(**fields: Any) -> Iterator[Process]:
    process = subprocess.Popen(
        [sys.executable, "-m", "vision.reader"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(json.dumps(fields).encode() + b"\n")
    try:
        yield Process(process)
    finally:
        process.stdin.close()
        began = time.monotonic()
        status = process.wait(10)
        words = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert time.monotonic() - began < 5
    assert (status, words) == (0, b"")


def test_pictures_with_their_facts() -> None:
    with camera() as door, reader(source=door.address) as process:
        header = process.ask_until("bytes", 48 * 64 * 3)
        assert (header["width"], header["height"], header["state"], header["reason"]) == (64, 48, "connected", "")
        passed, limit = 0, time.monotonic() + 20
        while passed < 5 and time.monotonic() < limit:
            time.sleep(0.3)  # whoever asks late gets the newest picture
            later = process.ask()
            if later["bytes"]:
                assert later["index"] == header["index"] + 1 + later["dropped"]
                header, passed = later, passed + later["dropped"]
        assert passed >= 5
        assert header["drift_ms"] is None
        assert header["fps"] > 1


def test_a_server_that_stays_silent_holds_nothing_up() -> None:
    """The driver is inside its time limit of seconds, and yet every answer comes and the end is quick."""
    with silent_server() as port, reader(source=f"http://127.0.0.1:{port}/x") as process:
        began = time.monotonic()
        assert process.ask()["state"] == "waiting"
        assert time.monotonic() - began < 3


def test_a_stream_of_garbage_is_no_video() -> None:
    with camera(how="garbage") as door, reader(source=door.address) as process:
        header = process.ask_until("fault", "no_video")
        assert (header["connected"], header["bytes"]) == (False, 0)
        assert "answers but gives no video" in header["reason"]


def test_garbage_in_the_middle_of_a_stream_is_outlived() -> None:
    with camera() as door, reader(source=door.address) as process:
        process.ask_until("connected", True)
        door.how = "garbage"
        time.sleep(0.2)
        door.how = "well"
        sent = door.sent
        assert until(lambda: process.ask()["bytes"] > 0 and door.sent > sent + 10)


def test_a_refusing_server_is_no_video() -> None:
    with camera(how="refused") as door, reader(source=door.address) as process:
        assert process.ask_until("fault", "no_video")["state"] == "waiting"


def test_the_password_is_in_no_answer() -> None:
    source = f"rtsp://admin:hushhush@127.0.0.1:{free_port()}/door?key=hushhush"
    with reader(source=source) as process:
        header = process.ask_until("fault", "refused")
        assert "hush" not in json.dumps(header)
        assert f"rtsp://127.0.0.1:{source.rsplit(':', 1)[1].split('/', maxsplit=1)[0]}/door" in header["reason"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json\n",
        b"[1]\n",
        b'{"source": "0", "rotate": 45}\n',
        b'{"source": "0", "longest": 3}\n',
        b'{"x": 1}\n',
    ],
)
def test_a_wrong_request_is_told_and_ends(line: bytes) -> None:
    answers = io.BytesIO()
    assert serve(io.BytesIO(line), answers) == 2
    assert json.loads(answers.getvalue())["state"] == "wrong"


def test_a_recording_plays_at_its_own_rate_and_ends(tmp_path: Path) -> None:
    clip = drawn_video(tmp_path / "a.avi", 10, fps=20)
    with reader(source=str(clip), pace=True) as process:
        began = time.monotonic()
        first = process.ask_until("connected", True)
        last = process.ask_until("state", "ended", limit=40)
        assert 0.4 < time.monotonic() - began < 5
        assert first["state"] == "connected"
        assert "played to its end" in last["reason"]


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with reader(source=str(tmp_path / "none.avi"), pace=True) as process:
        header = process.ask_until("state", "wrong")
        assert "There is no recording" in header["reason"]


def test_a_play_clock_leaves_out_what_was_held() -> None:
    time_s = [100.0]
    clock = PlayClock(lambda: time_s[0])
    time_s[0] = 103.0
    clock.hold()
    time_s[0] = 110.0
    clock.hold()
    assert (clock.now(), clock.stood()) == (103.0, 7.0)
    clock.go_on()
    clock.go_on()
    time_s[0] = 111.0
    assert (clock.now(), clock.stood()) == (104.0, 7.0)
    clock.wait()


def test_after_a_pause_no_picture_is_hurried(tmp_path: Path) -> None:
    time_s, waits = [0.0], list[float]()
    clock = PlayClock(lambda: time_s[0])

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time_s[0] += seconds

    playback = Playback(drawn_video(tmp_path / "a.avi", 20, fps=10), pause=wait, clock=clock.now)
    for index in range(10):
        if index == 5:
            clock.hold()
            time_s[0] += 60
            clock.go_on()
        assert playback.grab()
    assert waits == pytest.approx([0.1] * 9)
    playback.release()


def test_the_end_is_not_held_up_by_a_pause(tmp_path: Path) -> None:
    with reader(source=str(drawn_video(tmp_path / "a.avi", 50, fps=10)), pace=True, loop=True) as process:
        process.ask_until("connected", True)
        stdin = process.process.stdin
        assert stdin
        stdin.write(b"pause\n")
        assert process.ask_until("bytes", 0, limit=4)["connected"]


class Driver:
    """A capture that counts what it is asked for; with `stuck` its grab does not come back."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.grabs = self.retrieves = 0
        self.over = threading.Event()
        self.stuck = stuck

    def grab(self) -> bool:
        self.grabs += 1
        if self.stuck:
            self.over.wait(10)
        time.sleep(0.002)
        return not self.over.is_set()

    def retrieve(self) -> tuple[bool, Any]:
        self.retrieves += 1
        return True, np.zeros((8, 8, 3), np.uint8)

    def read(self) -> tuple[bool, Any]:
        return self.retrieve() if self.grab() else (False, None)

    def get(self, number: int, /) -> float:
        return 0.0

    def release(self) -> None:
        self.over.set()


def test_only_pictures_that_are_asked_for_are_converted() -> None:
    driver = Driver()
    grabber = Grabber(ReadSpec("0"), opener=lambda spec, closed: driver)
    grabber.start()
    taken: list[Taken] = []
    assert until(lambda: (each := grabber.take(0.5)) is not None and taken.append(each) is None)
    assert until(lambda: driver.grabs > 50)
    taken += [each for each in [grabber.take(0.5)] if each]
    assert grabber.close()
    assert len(taken) == 2
    assert driver.retrieves <= 3  # one may have been asked for when a busy machine let the wait run out
    assert taken[1].dropped > 40


def test_a_stuck_driver_is_told_and_does_not_hold_up_the_end() -> None:
    driver = Driver(stuck=True)
    grabber = Grabber(ReadSpec("0"), opener=lambda spec, closed: driver)
    grabber.start()
    assert grabber.take(0.05) is None
    assert until(lambda: grabber.stuck_s() > 0.05)
    assert not grabber.close(0.05)
    driver.over.set()


def test_a_stream_that_ends_after_one_picture_is_not_tried_ever_faster() -> None:
    """Only a camera that delivered for a while has its waiting begun anew."""

    class Short(Driver):
        def grab(self) -> bool:
            self.grabs += 1
            return self.grabs == 1

    waits: list[float] = []

    class Noted(BackOff):
        def wait_s(self, now: float) -> float:
            waits.append(super().wait_s(now))
            return 0.0

    import vision.grabber as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LEAST_WAIT_S", 0.0)
        back_off = Noted(delivered=True, jitter=lambda low, high: 1.0)
        grabber = Grabber(ReadSpec("0"), opener=lambda spec, closed: Short(), back_off=back_off)
        grabber.start()
        assert until(lambda: len(waits) >= 4)
        grabber.close()
    assert waits[:4] == [1, 2, 5, 5]
    assert grabber.facts().losses >= 3


def test_why_there_is_no_video() -> None:
    with silent_server() as port:
        assert reach(f"rtsp://user:secret@127.0.0.1:{port}/x") == "no_video"
    assert reach(f"http://127.0.0.1:{free_port()}/") == "refused"
    assert reach("rtsp://no-such-host.invalid/x") == "unknown_host"
    assert reach("rtsp:///x") == "wrong"
    assert reach("http://127.0.0.1:99999999/x") == "wrong"
    assert reach("3") == "not_there"
    assert reach_sentence("refused", "the door").startswith("the door refuses")


def test_the_drift_of_a_clock_that_runs_fast() -> None:
    drift = ClockDrift()
    assert drift.ms() is None
    late = np.random.default_rng(0).exponential(0.02, 3000)
    for number in range(3000):
        taken = number / 10
        drift.add(taken * 1000 * 1.001, taken + late[number])
    assert drift.ms() == pytest.approx(300 * 0.001 * 1000, abs=15)


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_pictures_are_turned_clockwise(degrees: int, corner: tuple[int, int]) -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[0, 0] = 255
    assert turned(image, degrees)[corner].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("size", "found"), [((720, 1280), (720, 1280)), ((1080, 1920), (720, 1280)), ((4000, 20), (1280, 6))]
)
def test_large_pictures_are_scaled_down(size: tuple[int, int], found: tuple[int, int]) -> None:
    assert shrunk(np.zeros((*size, 3), np.uint8), 1280).shape[:2] == found


def test_a_folder_plays(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((20, 30, 3), number, np.uint8))
    pauses: list[float] = []
    played = Playback(tmp_path, fps=100, pause=pauses.append)
    assert [int(played.read()[1][0, 0, 0]) for _ in range(3)] == [0, 1, 2]
    assert played.read() == (False, None)
    assert pauses and max(pauses) <= 0.03
    with pytest.raises(Known, match="no recording"):
        Playback(tmp_path / "none.avi", pause=pauses.append)


def quarter_turned(path: Path) -> Path:
    """An MP4 whose header asks the player to turn it by 90 degrees, as a phone's does."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for _ in range(5):
        image = np.zeros((48, 64, 3), np.uint8)
        image[:, :32] = 255
        writer.write(image)
    writer.release()
    raw = bytearray(path.read_bytes())
    matrix = raw.index(b"tkhd") + 4 + 40  # after version, flags, times, track, duration, layer, group, volume
    one, nought = (1 << 16).to_bytes(4, "big"), bytes(4)
    minus = (-(1 << 16)).to_bytes(4, "big", signed=True)
    raw[matrix : matrix + 36] = b"".join(
        [nought, one, nought, minus, nought, nought, nought, nought, (1 << 30).to_bytes(4, "big")]
    )
    path.write_bytes(raw)
    return path


def test_a_recording_is_turned_as_its_own_header_says(tmp_path: Path) -> None:
    recording = Recording(quarter_turned(tmp_path / "phone.mp4"))
    image = next(iter(recording.frames(lambda: False))).image
    recording.close()
    assert image.shape == (64, 48, 3)
    assert image[:24].mean() > 200
    assert image[40:].mean() < 50
    again = Recording(tmp_path / "phone.mp4", rotate=90)
    assert next(iter(again.frames(lambda: False))).image.shape == (48, 64, 3)
    again.close()
    with pytest.raises(Known, match="45 degrees"):
        Recording(tmp_path / "phone.mp4", rotate=45)


def broken(path: Path, how: str) -> Path:
    raw = bytearray(drawn_video(path, 40).read_bytes())
    if how == "codec":
        raw = raw.replace(b"MJPG", b"ZZ99")
    elif how == "cut":
        raw = raw[: len(raw) // 3]
    else:
        where = np.random.default_rng(2).integers(len(raw) // 4, len(raw), 4000)
        for each in where:
            raw[each] ^= 0xFF
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("how", ["codec", "cut", "flipped"])
def test_a_damaged_recording_ends_or_is_refused_in_words(tmp_path: Path, how: str) -> None:
    """Fewer frames than the header announces is what tells of the damage."""
    path = broken(tmp_path / "a.avi", how)
    try:
        recording = Recording(path)
    except Known as refusal:
        assert "is not a video" in refusal.sentence
        return
    found = list(recording.frames(lambda: False))
    recording.close()
    assert len(found) < 40 or how == "flipped"
    assert all(frame.image.shape == (120, 160, 3) for frame in found)
