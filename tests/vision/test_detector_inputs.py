"""Inputs of any size, both runtimes, and files that are damaged or for something else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openvino import opset13 as ops

from models.errors import Known
from tests.data import data_file
from vision.boxes import Boxes, Image
from vision.detectors import load_detector, size_for, sizes_for
from vision.detectors.fitting import GREY, Fitting, back
from vision.detectors.openvino_network import class_names
from vision.detectors.outputs import Described, family_of
from vision.detectors.resizing import anchors, retargeted

INT8 = "weights/yolov8n-int8-openvino/yolov8n.xml"
YOLOX = "weights/yolox-nano-416.onnx"
SSD = "weights/person-detection-retail-0013/person-detection-retail-0013.xml"
GREY_PICTURE = np.full((120, 160, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def picture() -> Image:
    """A frame of the real clip with a dozen people."""
    clip = cv2.VideoCapture(str(data_file("vision/vtest.avi")))
    clip.set(cv2.CAP_PROP_POS_FRAMES, 100)
    good, frame = clip.read()
    clip.release()
    assert good
    return np.asarray(frame, np.uint8)


def network(path: Path, outputs: Sequence[np.ndarray], *, side: int = 64, inputs: int = 1, channels: int = 3) -> Path:
    """An OpenVINO file that always answers `outputs`."""
    pictures = [ops.parameter([1, channels, side, side], np.float32, f"picture{n}") for n in range(inputs)]
    nothing = ops.multiply(ops.reduce_sum(pictures[0], ops.constant([0, 1, 2, 3], np.int64)), np.float32(0))
    answers = [ops.add(ops.constant(output.astype(np.float32)), nothing) for output in outputs]
    openvino.save_model(openvino.Model(answers, pictures, "made"), path, compress_to_fp16=False)
    return path


def covered(found: Boxes, others: Boxes, least: float = 0.5) -> float:
    """Share of the certain boxes that have one of the others on them."""
    sure = found.xyxy[found.score > 0.5]
    hits = 0
    for left, top, right, bottom in sure:
        corners = others.xyxy
        across = np.minimum(right, corners[:, 2]) - np.maximum(left, corners[:, 0])
        down = np.minimum(bottom, corners[:, 3]) - np.maximum(top, corners[:, 1])
        shared = np.clip(across, 0, None) * np.clip(down, 0, None)
        union = (right - left) * (bottom - top) + np.prod(corners[:, 2:] - corners[:, :2], axis=1) - shared
        hits += bool((shared / union > least).any())
    assert len(sure) >= 3
    return hits / len(sure)


@pytest.mark.parametrize(
    ("weights", "size", "share"),
    [
        (INT8, (640, 480), 1.0),
        (INT8, (320, 256), 0.7),
        ("weights/yolov8n-640.onnx", (480, 352), 0.9),
        (YOLOX, (480, 352), 0.8),
        (SSD, (480, 352), 0.8),
    ],
)
def test_a_network_finds_the_same_people_at_another_size(
    picture: Image, weights: str, size: tuple[int, int], share: float
) -> None:
    own = load_detector(data_file(weights), threads=1)(picture)
    resized: Any = load_detector(data_file(weights), threads=1, size=size)
    assert resized.size == size
    assert covered(own, resized(picture)) >= share


def test_both_runtimes_find_the_same(picture: Image) -> None:
    by_openvino: Any = load_detector(data_file(YOLOX), threads=1)
    by_onnx: Any = load_detector(data_file(YOLOX), threads=1, runtime="onnxruntime")
    assert (by_openvino.runtime, by_onnx.runtime) == ("openvino", "onnxruntime")
    one, other = by_openvino(picture), by_onnx(picture)
    np.testing.assert_allclose(one.xyxy, other.xyxy, atol=0.5)
    np.testing.assert_allclose(one.score, other.score, atol=1e-2)


def test_onnx_runtime_says_what_it_cannot_do() -> None:
    with pytest.raises(Known, match="takes pictures of 416 x 416 only, not 640 x 480"):
        load_detector(data_file(YOLOX), threads=1, runtime="onnxruntime", size=(640, 480))
    with pytest.raises(Known, match=r"ONNX Runtime cannot run yolov8n\.xml"):
        load_detector(data_file(INT8), threads=1, runtime="onnxruntime")
    with pytest.raises(Known, match="not a person detector"):
        load_detector(data_file("weights/face_detection_yunet_2026may.onnx"), threads=1, runtime="onnxruntime")


@pytest.mark.parametrize("size", [(600, 480), (0, 0), (640, 8), (99999, 99999)])
def test_sizes_that_no_network_can_take_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(Known, match=r"takes pictures of 640 x 640 only|cannot take pictures of"):
        load_detector(data_file(INT8), threads=1, size=size)


def test_a_network_with_constants_of_its_own_size_keeps_it(tmp_path: Path) -> None:
    path = network(tmp_path / "fixed.xml", [np.zeros((1, 84, 84))])
    with pytest.raises(Known, match=r"fixed\.xml takes pictures of 64 x 64 only, not 96 x 64"):
        load_detector(path, threads=1, size=(96, 64))


def test_boxes_and_logits_in_two_outputs_are_rt_detr(tmp_path: Path) -> None:
    boxes, logits = np.zeros((1, 300, 4)), np.full((1, 300, 80), -9.0)
    boxes[0, 0], logits[0, 0, 0] = (0.5, 0.5, 0.25, 0.5), 2.0
    boxes[0, 1], logits[0, 1, 2] = (0.5, 0.5, 0.25, 0.5), 3.0
    for outputs in ([boxes, logits], [logits, boxes]):
        detector: Any = load_detector(network(tmp_path / "two.xml", outputs), threads=1)
        assert detector.family == "RT-DETR"
        found = detector(GREY_PICTURE)
        np.testing.assert_allclose(found.xyxy, [(60, 30, 100, 90)], atol=1e-3)
        np.testing.assert_allclose(found.score, [1 / (1 + np.exp(-2.0))], atol=1e-6)


@pytest.mark.parametrize(
    ("outputs", "inputs", "channels"),
    [
        ([np.zeros((1, 116, 84)), np.zeros((1, 32, 16, 16))], 1, 3),  # segmentation
        ([np.zeros((1, 56, 84))], 1, 3),  # pose
        ([np.zeros((1, 1000))], 1, 3),  # classification
        ([np.zeros((1, 84, 84))], 2, 3),
        ([np.zeros((1, 84, 84))], 1, 1),
        ([np.zeros((1, 300, 6))] * 3, 1, 3),
    ],
)
def test_networks_for_something_else_are_refused(
    tmp_path: Path, outputs: list[np.ndarray], inputs: int, channels: int
) -> None:
    path = network(tmp_path / "other.xml", outputs, inputs=inputs, channels=channels)
    with pytest.raises(Known, match=r"other\.xml is not a person detector of a known kind"):
        load_detector(path, threads=1)


def test_the_person_is_found_by_the_name_that_the_file_gives() -> None:
    shape = ((1, 7, 84),)
    assert family_of(Described(64, 64, shape, classes=("trolley", "person", "pram"))) is not None
    assert family_of(Described(64, 64, shape, classes=("trolley", "dog", "pram"))) is None
    assert family_of(Described(64, 64, shape)) is None
    assert family_of(Described(64, 64, ((1, 84, 84),), task="segment")) is None
    assert class_names("{0: 'trolley', 1: 'person'}") == ("trolley", "person")
    assert class_names("{1: 'a'}") == class_names("[}") == class_names("") == ()


WHOLE = {
    "whole.onnx": YOLOX,
    "whole.xml": SSD,
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(WHOLE)),
    runtime=st.sampled_from(["openvino", "onnxruntime"]),
    cut=st.none() | st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8),
)
def test_whatever_is_damaged_gives_a_sentence_or_boxes(
    tmp_path: Path, name: str, runtime: Any, cut: float | None, flips: list[tuple[float, int]]
) -> None:
    source = data_file(WHOLE[name])
    content = bytearray(source.read_bytes())
    for place, value in flips:
        content[int(place * len(content))] = value
    path = tmp_path / name
    path.write_bytes(content if cut is None else content[: int(cut * len(content))])
    if name.endswith(".xml"):
        path.with_suffix(".bin").write_bytes(source.with_suffix(".bin").read_bytes())
        runtime = "openvino"
    try:
        found = load_detector(path, threads=1, runtime=runtime)(GREY_PICTURE)
    except Known as fault:
        assert fault.sentence.endswith(".")
        assert fault.step
    else:
        assert np.isfinite(found.xyxy).all()


@given(width=st.integers(160, 4000), height=st.integers(160, 4000), budget=st.integers(256 * 192, 960 * 704))
def test_sizes_are_of_the_pictures_shape_and_of_multiples_of_32(width: int, height: int, budget: int) -> None:
    if not 0.4 <= width / height <= 2.5:
        return
    for across, down in (size_for("yolox", (width, height), budget), *sizes_for((width, height))):
        assert across % 32 == down % 32 == 0
        assert min(across, down) >= 32
        assert abs(across / down / (width / height) - 1) <= 0.2
    across, down = size_for("yolox", (width, height), budget)
    assert across * down <= budget * 1.7


def test_the_usual_pictures_get_sizes_without_padding() -> None:
    assert size_for("yolov8n", (640, 480)) == (640, 480)
    assert size_for("ssd", (1920, 1080)) == (576, 320)
    assert size_for(Path("yolox-nano-416.onnx"), (480, 360)) == (480, 352)


def test_a_picture_of_the_inputs_shape_fills_it_and_another_is_padded() -> None:
    canvas = np.zeros((48, 64, 3), np.uint8)
    white = np.full((360, 480, 3), 255, np.uint8)
    fitting = Fitting(64, 48, letterbox=True)
    factors = fitting.put(white, canvas)
    assert (canvas == 255).all()
    tall = np.full((480, 120, 3), 255, np.uint8)
    factors = fitting.put(tall, canvas)
    assert (canvas[:, :12] == 255).all()
    assert (canvas[:, 12:] == GREY).all()
    found = back(Boxes.of([(0, 0, 12, 48), (20, 0, 30, 48)]), factors, tall)
    np.testing.assert_allclose(found.xyxy, [(0, 0, 120, 480)])


def test_shapes_that_rows_are_put_into_follow_the_new_size() -> None:
    shapes = {8400: 6300, (20, 20): (15, 20), 400: 300, 6400: 4800, (80, 80): (60, 80)}
    assert retargeted([1, 4, 16, 8400], shapes) == [1, 4, 16, 6300]
    assert retargeted([1, 2, 128, 400], shapes) == [1, 2, 128, 300]
    assert retargeted([1, 128, 20, 20], shapes) == [1, 128, 15, 20]
    assert retargeted([1, 144, -1], shapes) == [1, 144, -1]
    assert retargeted([0, 4, 16, -1], shapes) == [0, 4, 16, -1]
    assert retargeted([1, 80, 6400], shapes) == [1, 80, 4800]
    centres, strides = anchors((64, 32))
    assert centres.shape == (2, 8 * 4 + 4 * 2 + 2)
    assert centres[:, 0].tolist() == [0.5, 0.5]
    assert centres[:, 7].tolist() == [7.5, 0.5]
    assert strides.tolist() == [8] * 32 + [16] * 8 + [32] * 2


def test_one_request_is_used_again_and_again(picture: Image) -> None:
    detector: Any = load_detector(data_file(SSD), threads=1)
    first = detector(picture)
    answers = [detector.submit(picture) for _ in range(3)]
    for answer in answers:
        np.testing.assert_array_equal(answer().xyxy, first.xyxy)
    assert len(detector(picture)) == len(first)
