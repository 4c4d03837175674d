"""One picture of a source for the page that draws its lines."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.errors import Known
from tests.vision.scenes import drawn_video
from vision.config import Config, Line
from vision.preview import PreviewLine, preview

CONFIG = Config((320, 240), (Line("door", (100, 0), (100, 240)),))


def test_a_recordings_picture_with_its_lines_scaled(tmp_path: Path) -> None:
    shown = preview(str(drawn_video(tmp_path / "a.avi", 3)), CONFIG)
    assert (shown.image.shape, shown.image.dtype, shown.image.flags.c_contiguous) == ((120, 160, 3), np.uint8, True)
    assert shown.lines == (PreviewLine("door", (50, 0), (50, 120)),)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.avi"]


def test_red_is_first(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.full((20, 30, 3), (10, 20, 200), np.uint8))
    shown = preview(str(tmp_path))
    assert shown.image[0, 0].tolist() == [200, 20, 10]
    assert shown.lines == ()


def test_a_camera_that_does_not_answer() -> None:
    with pytest.raises(Known, match=r"No picture came from http://127\.0\.0\.1:9/door"):
        preview("http://user:secret@127.0.0.1:9/door", wait_s=0.3)
