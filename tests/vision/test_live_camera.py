"""Cameras: newest frame only, reconnected, a stuck driver replaced; one real stream over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from models.errors import Known
from tests.vision.scenes import Script
from vision.boxes import Boxes
from vision.buckets import BucketRow
from vision.config import Config, Line
from vision.live import Health, LiveCamera
from vision.source import Frame
from vision.watch import count

QUICK = (0.01, 0.02)


class Feed:
    """A capture that gives `frames` pictures and is then lost."""

    def __init__(self, frames: int, *, pause_s: float = 0.001) -> None:
        self._left, self._pause_s = frames, pause_s
        self.released = False

    def read(self) -> tuple[bool, Any]:
        time.sleep(self._pause_s)
        self._left -= 1
        return (True, np.zeros((4, 4, 3), np.uint8)) if self._left >= 0 else (False, None)

    def get(self, number: int, /) -> float:
        return 0.0

    def release(self) -> None:
        self.released = True


class Stuck(Feed):
    """A capture whose read never comes back while the test runs."""

    over = threading.Event()

    def read(self) -> tuple[bool, Any]:
        self.over.wait(20)
        return False, None


def taken(camera: LiveCamera, count: int, *, pause_s: float = 0) -> list[Frame]:
    frames: list[Frame] = []
    for frame in camera.frames(lambda: len(frames) >= count):
        frames.append(frame)
        time.sleep(pause_s)
    return frames


def test_a_lost_camera_comes_back() -> None:
    feeds = [Feed(3), None, Feed(2), Feed(100_000)]
    health: list[Health] = []
    camera = LiveCamera("7", opener=lambda _: feeds.pop(0), back_off_s=QUICK)
    camera.on_health = health.append
    with closing(camera):
        until = time.monotonic() + 10
        frames = list(camera.frames(lambda: (not feeds and camera.health.connected) or time.monotonic() > until))
    assert not feeds
    assert [each.connected for each in health] == [True, False, False, True, False, True]
    assert health[-1].losses == 2
    assert "camera 7 was lost" in health[1].reason
    assert "does not answer" in health[2].reason
    assert [frame.index for frame in frames] == sorted({frame.index for frame in frames})


def test_only_the_newest_frame_is_given_and_the_rest_is_accounted_for() -> None:
    camera = LiveCamera("0", opener=lambda _: Feed(100_000))
    with closing(camera):
        frames = taken(camera, 5, pause_s=0.05)
    assert sum(frame.dropped for frame in frames) > 10
    assert sum(frame.dropped + 1 for frame in frames) == frames[-1].index + 1
    assert all(later.seconds > earlier.seconds for earlier, later in pairwise(frames))


def test_a_stuck_driver_is_replaced() -> None:
    feeds: list[Feed] = [Stuck(0), Feed(100_000)]
    camera = LiveCamera("0", opener=lambda _: feeds.pop(0), stall_s=0.05)
    with closing(camera):
        assert len(taken(camera, 3)) == 3
    Stuck.over.set()


def test_a_driver_that_sticks_each_time_gives_up() -> None:
    Stuck.over.clear()
    camera = LiveCamera("0", opener=lambda _: Stuck(0), stall_s=0.05)
    with closing(camera), pytest.raises(Known, match="does not answer and cannot be closed"):
        taken(camera, 1)
    Stuck.over.set()


def test_the_capture_is_released_when_the_camera_is_closed() -> None:
    feed = Feed(100_000)
    camera = LiveCamera("0", opener=lambda _: feed)
    taken(camera, 2)
    camera.close()
    assert feed.released


def test_counting_a_camera_accounts_for_every_frame_and_ends_when_stopped() -> None:
    rows: dict[int, BucketRow] = {}
    seen: list[int] = []
    report = count(
        LiveCamera("0", opener=lambda _: Feed(100_000)),
        Config((16, 16), (Line("door", (0, 0), (16, 16)),)),
        Script([Boxes.empty()] * 1000),
        on_bucket=lambda row: rows.update({row.start_ms: row}),
        on_frame=lambda frame, boxes, crossings: (seen.append(frame.index), time.sleep(0.02))[0],
        cancelled=lambda: len(seen) >= 10,
    )
    assert (report.frames, report.complete) == (10, False)
    assert sum(row.frames_seen for row in rows.values()) == 10
    assert sum(row.frames_dropped for row in rows.values()) == report.frames_dropped == seen[-1] + 1 - 10 > 0


@contextmanager
def stream(pictures: int) -> Iterator[str]:
    """A camera's address on this machine: motion JPEG that ends after some pictures, again and again."""

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for number in range(pictures):
                good, jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 40 + number, np.uint8))
                assert good
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + jpeg.tobytes() + b"\r\n")
                except OSError:
                    return
                time.sleep(0.02)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/door"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_real_stream_that_breaks_off_is_taken_up_again() -> None:
    with stream(10) as address, closing(LiveCamera(address, back_off_s=QUICK)) as camera:
        until = time.monotonic() + 15
        frames = list(camera.frames(lambda: camera.health.losses >= 2 or time.monotonic() > until))
    assert camera.health.losses >= 2
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[-1].index >= 10
