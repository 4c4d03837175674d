"""Recordings and folders: every frame, sound times, damage told."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import Known
from tests.data import data_file
from tests.vision.scenes import drawn_video
from vision.source import Frame, PictureFolder, Recording, is_live, named, open_source


def read(path: Path, **options: int) -> list[Frame]:
    source = open_source(str(path), **options)  # type: ignore[arg-type]
    frames = list(source.frames(lambda: False))
    source.close()
    return frames


def test_every_frame_of_a_recording_with_its_time(tmp_path: Path) -> None:
    frames = read(drawn_video(tmp_path / "a.avi", 25, fps=10), start_at_ms=1_000_000)
    assert [frame.index for frame in frames] == list(range(25))
    np.testing.assert_allclose([frame.seconds for frame in frames], np.arange(25) / 10, atol=0.002)
    assert (frames[0].at_ms, frames[-1].at_ms) == (1_000_000, 1_002_400)
    assert frames[0].image.shape == (120, 160, 3)


def test_times_of_real_footage_always_go_forward() -> None:
    """The last frames of this file carry the stamp 0."""
    seconds = [frame.seconds for frame in read(data_file("vision/vtest.avi"))]
    assert len(seconds) == 795
    np.testing.assert_allclose(np.diff(seconds), 0.1, atol=1e-6)


def test_a_recording_ends_when_its_file_was_last_written(tmp_path: Path) -> None:
    path = drawn_video(tmp_path / "a.avi", 30, fps=10)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read(path)[0].at_ms == 1_700_000_000_000 - 3000


def test_a_recording_can_be_stopped(tmp_path: Path) -> None:
    source = Recording(drawn_video(tmp_path / "a.avi", 30))
    seen: list[Frame] = []
    for frame in source.frames(lambda: len(seen) >= 5):
        seen.append(frame)
    assert len(seen) == 5
    source.close()


def test_a_folder_of_pictures_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"frame{number}.png"), np.full((20, 30, 3), number, np.uint8))
    (tmp_path / "frame3.png").write_text("not a picture")
    (tmp_path / "readme.txt").write_text("not a picture either")
    source = PictureFolder(tmp_path, fps=5, start_at_ms=0)
    frames = list(source.frames(lambda: False))
    assert [(frame.index, int(frame.image[0, 0, 0]), frame.at_ms) for frame in frames] == [
        (0, 1, 0),
        (1, 2, 200),
        (3, 10, 600),
    ]
    assert source.expected == 4


@pytest.mark.parametrize("content", [b"", b"just some text\n" * 100, os.urandom(5000)], ids=["empty", "text", "noise"])
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.avi").write_bytes(content)
    with pytest.raises(Known, match=r"a\.avi is not a video"):
        open_source(str(tmp_path / "a.avi"))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(Known, match="no recording"):
        open_source(str(tmp_path / "missing.avi"))
    with pytest.raises(Known, match="holds no pictures"):
        open_source(str(tmp_path))


@pytest.mark.parametrize(
    ("spec", "live"),
    [
        ("0", True),
        ("rtsp://host/stream", True),
        ("HTTP://host/video.mjpg", True),
        ("clip.avi", False),
        ("/var/clips/2", False),
        ("C:\\clips\\a.mp4", False),
    ],
)
def test_what_is_a_camera(spec: str, live: bool) -> None:
    assert is_live(spec) is live


def test_a_camera_is_no_recording_and_its_password_stays_unsaid() -> None:
    with pytest.raises(Known, match=r"rtsp://10\.0\.0\.1/door is a camera") as refused:
        open_source("rtsp://admin:secret@10.0.0.1/door")
    assert "secret" not in str(refused.value)


def test_a_password_is_never_shown() -> None:
    shown = named("rtsp://admin:secret@10.0.0.5:554/door?token=abc")
    assert shown == "rtsp://10.0.0.5:554/door"
