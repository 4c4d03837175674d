"""A real RTSP stream of real footage: over TCP, with a password, through a cut, with a clock that runs fast."""

from __future__ import annotations

import sys
from contextlib import closing

from tests.data import data_file
from tests.vision.rtsp import rtsp_camera
from tests.vision.streams import until
from vision.feed import CameraFeed
from vision.source import Frame

READER = (sys.executable, "-m", "vision.reader")


def test_pictures_come_over_tcp_with_a_password() -> None:
    seen: list[Frame] = []
    with (
        rtsp_camera(data_file("vision/vtest.avi"), password="admin:hushhush") as door,
        closing(CameraFeed(door.address, command=READER)) as feed,
    ):
        assert until(lambda: (frame := feed.poll()) is not None and seen.append(frame) is None and len(seen) > 3)
        assert feed.health.connected
    assert seen[-1].image.shape == (360, 480, 3)
    assert 80 < seen[-1].image.mean() < 140  # the square of the clip, not a grey or green picture
    assert all("TCP" in transport for transport in door.transports)


def test_a_wrong_password_is_told_and_not_shown() -> None:
    with rtsp_camera(data_file("vision/vtest.avi"), password="admin:hushhush") as door:
        wrong = door.address.replace("hushhush", "mistaken")
        with closing(CameraFeed(wrong, command=READER)) as feed:
            assert until(lambda: feed.poll() is None and feed.health.fault == "no_video")
    assert "the user and the password" in feed.health.reason
    assert "mistaken" not in feed.health.reason


def test_a_clock_that_runs_fast_is_seen() -> None:
    """Every stamp is a fifth further on than it should be."""
    with (
        rtsp_camera(data_file("vision/vtest.avi"), rate=1.2, fps=50) as door,
        closing(CameraFeed(door.address, command=READER)) as feed,
    ):
        assert until(lambda: feed.poll() is not None and (feed.health.drift_ms or 0) > 200)


def test_a_cut_is_a_loss_and_the_stream_is_taken_up_again() -> None:
    with rtsp_camera(data_file("vision/vtest.avi")) as door, closing(CameraFeed(door.address, command=READER)) as feed:
        assert until(lambda: feed.poll() is not None)
        door.on = False
        assert until(lambda: feed.poll() is None and feed.health.losses == 1)
        door.on = True
        assert until(lambda: feed.poll() is not None and feed.health.connected)
