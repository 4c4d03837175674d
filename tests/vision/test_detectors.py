"""Detectors: every family's output format, wrong and damaged weights, the stated fallback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import Known, NotInstalled
from tests.data import data_file
from tests.vision.scenes import tiny_network
from vision.boxes import Boxes
from vision.detectors import choose_weights, live_threads, load_detector, recording_threads
from vision.detectors.outputs import suppressed

WIDE = np.zeros((64, 128, 3), np.uint8)
"""Twice as wide as the tiny networks' 64 x 64, so a letterbox halves it and a stretch halves only x."""


def ultralytics() -> np.ndarray:
    columns = np.zeros((1, 84, 84))
    columns[0, :5, 3] = 20, 16, 10, 20, 0.8
    columns[0, :5, 4] = 20.5, 16, 10, 20, 0.6
    columns[0, :5, 5] = 40, 16, 10, 20, 0.05
    columns[0, :4, 6] = 50, 16, 10, 20
    columns[0, 5, 6] = 0.9
    return columns


def yolox() -> np.ndarray:
    rows = np.zeros((1, 84, 85))
    rows[0, 8 * 2 + 1, :6] = 1.5, 0, np.log(10 / 8), np.log(20 / 8), 0.8, 1.0
    return rows


def ssd() -> np.ndarray:
    rows = np.full((1, 1, 4, 7), -1.0)
    rows[0, 0, :3] = [
        (0, 1, 0.8, 15 / 64, 6 / 64, 25 / 64, 26 / 64),
        (0, 2, 0.9, 0, 0, 1, 1),
        (0, 1, 0.05, 0, 0, 1, 1),
    ]
    return rows


def end_to_end() -> np.ndarray:
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = 15, 6, 25, 26, 0.8, 0
    rows[0, 1] = 15, 6, 25, 26, 0.9, 2
    return rows


def queries() -> np.ndarray:
    """RT-DETR: a person and a car, boxes as shares of a picture that was stretched."""
    rows = np.zeros((1, 300, 84))
    rows[0, 0, :5] = 20 / 64, 16 / 64, 10 / 64, 20 / 64, 0.8
    rows[0, 1, :4] = 0.5
    rows[0, 1, 6] = 0.9
    return rows


def chosen_queries() -> np.ndarray:
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = 20 / 64, 16 / 64, 10 / 64, 20 / 64, 0.8, 0
    rows[0, 1] = 0.5, 0.5, 0.5, 0.5, 0.9, 2
    return rows


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (queries(), (30, 6, 50, 26)),
        (chosen_queries(), (30, 6, 50, 26)),
        (ultralytics(), (30, 12, 50, 52)),
        (yolox(), (30, 12, 50, 52)),
        (end_to_end(), (30, 12, 50, 52)),
        (ssd(), (30, 6, 50, 26)),
    ],
    ids=["RT-DETR", "RT-DETR chosen", "ultralytics", "yolox", "end to end", "ssd"],
)
def test_each_family_gives_persons_in_pixels_of_the_frame(
    tmp_path: Path, output: np.ndarray, expected: tuple[int, ...]
) -> None:
    detector = load_detector(tiny_network(tmp_path / "tiny.xml", output), threads=1)
    boxes = detector(WIDE)
    assert (detector.name, detector.fallback) == ("tiny", False)
    np.testing.assert_allclose(boxes.xyxy, [expected], atol=1e-3)
    np.testing.assert_allclose(boxes.score, [0.8], atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 10), (1, 84, 83), (1, 56, 84), (1, 84, 90), (1, 1, 20, 6)])
def test_a_network_of_another_kind_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tiny_network(tmp_path / "other.xml", np.zeros(shape))
    with pytest.raises(Known, match=r"other\.xml is not a person detector of a known kind"):
        load_detector(path, threads=1)


def test_a_real_network_for_faces_is_refused() -> None:
    with pytest.raises(Known, match="not a person detector"):
        load_detector(data_file("weights/face_detection_yunet_2026may.onnx"), threads=1)


def test_text_emptiness_and_half_a_file_are_damaged_weights(tmp_path: Path) -> None:
    whole = tiny_network(tmp_path / "tiny.xml", ssd())
    half = tmp_path / "half.xml"
    half.write_bytes(whole.read_bytes()[: len(whole.read_bytes()) // 2])
    half.with_suffix(".bin").write_bytes(whole.with_suffix(".bin").read_bytes())
    (tmp_path / "text.onnx").write_text("these are no weights\n" * 50)
    (tmp_path / "empty.onnx").touch()
    for name in ("half.xml", "text.onnx", "empty.onnx"):
        with pytest.raises(Known, match=f"{name} are damaged"):
            load_detector(tmp_path / name, threads=1)


def test_half_of_the_numbers_are_damaged_weights(tmp_path: Path) -> None:
    numbers = tiny_network(tmp_path / "tiny.xml", yolox()).with_suffix(".bin")
    numbers.write_bytes(numbers.read_bytes()[: numbers.stat().st_size // 2])
    with pytest.raises(Known, match="damaged"):
        load_detector(tmp_path / "tiny.xml", threads=1)
    numbers.unlink()
    with pytest.raises(Known, match=r"no tiny\.bin beside it"):
        load_detector(tmp_path / "tiny.xml", threads=1)


def test_half_of_a_real_onnx_file_is_damaged_weights(tmp_path: Path) -> None:
    whole = data_file("weights/yolox-nano-416.onnx").read_bytes()
    (tmp_path / "half.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Known, match=r"half\.onnx are damaged"):
        load_detector(tmp_path / "half.onnx", threads=1)


def test_absent_weights_and_other_files(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="no detector weights"):
        load_detector(tmp_path / "missing.onnx", threads=1)
    with pytest.raises(NotInstalled, match="no detector weights"):
        load_detector(tmp_path, threads=1)
    (tmp_path / "yolo.pt").touch()
    with pytest.raises(Known, match=r"yolo\.pt is not a detector that can be run"):
        load_detector(tmp_path / "yolo.pt", threads=1)


def test_a_site_with_several_prefers_the_permissive_ones(tmp_path: Path) -> None:
    names = [
        "a-custom.onnx",
        "a-face_detection.onnx",
        "a-age-gender.xml",
        "yolox-nano.onnx",
        "sub/person-detection-retail-0013.xml",
    ]
    (tmp_path / "sub").mkdir()
    chosen = []
    for name in names:
        (tmp_path / name).touch()
        best = choose_weights(tmp_path)
        chosen.append(best and best.name)
    assert chosen == [
        "a-custom.onnx",
        "a-custom.onnx",
        "a-custom.onnx",
        "yolox-nano.onnx",
        "person-detection-retail-0013.xml",
    ]


def test_of_boxes_that_overlap_the_best_remains() -> None:
    corners = np.array([[0, 0, 10, 20], [0, 1, 10, 21], [8, 0, 18, 20], [0, 0, 10, 20]], np.float32)
    kept = suppressed(corners, np.array([0.5, 0.9, 0.4, 0.3], np.float32))
    assert kept.score.tolist() == pytest.approx([0.9, 0.4])


def test_boxes_that_are_no_boxes_are_left_out() -> None:
    corners = [(0, 0, 1, 1), (0, 0, np.nan, 1), (0, 0, np.inf, 1), (2, 0, 1, 1), (0, 0, 1, 0)]
    assert len(Boxes.of(corners)) == 1
    assert len(Boxes.of([(0, 0, 1, 1)], [np.nan])) == 0


def test_without_weights_what_moves_is_found_and_said_to_be_a_fallback() -> None:
    detector = load_detector(None, threads=1)
    assert detector.fallback
    noise = np.random.default_rng(2)
    found = []
    for step in range(60):
        picture = noise.integers(40, 50, (240, 320, 3), np.uint8)
        picture[100:180, 20 + 4 * step : 50 + 4 * step] = 220
        found.append(detector(picture))
    last = found[-1]
    assert len(last) == 1
    np.testing.assert_allclose(last.feet[0], (20 + 4 * 59 + 15, 180), atol=6)


def test_a_change_of_light_is_no_crowd() -> None:
    detector = load_detector(None, threads=1)
    for _ in range(30):
        detector(np.full((240, 320, 3), 60, np.uint8))
    assert len(detector(np.full((240, 320, 3), 200, np.uint8))) == 0


def test_a_core_is_left_for_others() -> None:
    assert 1 <= live_threads() <= recording_threads()
