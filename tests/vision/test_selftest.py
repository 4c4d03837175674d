"""The self-test: real trials of a real file, and the choice among trials."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import Known
from tests.data import data_file
from vision.selftest import HEADROOM, Trial, choose, trials


def trial(size: tuple[int, int], ms: float) -> Trial:
    return Trial(Path("any.onnx"), "openvino", size, ms, 1000 / ms, 0)


SMALL, MIDDLE, LARGE = trial((320, 256), 5), trial((480, 352), 10), trial((640, 480), 20)


def test_the_largest_input_that_keeps_up_is_chosen() -> None:
    found = [LARGE, SMALL, MIDDLE]
    assert choose(found, 1, 7) is LARGE
    assert choose(found, 8, 7) is MIDDLE
    assert choose(found, 16, 7) is SMALL
    assert choose(found, 100, 7) is None
    assert choose([], 1, 1) is None


def test_of_equal_inputs_the_quickest_and_exactly_enough_is_enough() -> None:
    slow = trial((480, 352), 12)
    assert choose([slow, MIDDLE], 1, 7) is MIDDLE
    assert choose([MIDDLE], 1, MIDDLE.rate * HEADROOM) is MIDDLE


def test_real_weights_are_tried_at_several_inputs_by_both_runtimes() -> None:
    found = trials([data_file("weights/yolox-nano-416.onnx")], (320, 240), threads=1, seconds=0.01)
    assert {each.runtime for each in found} == {"openvino", "onnxruntime"}
    assert len({each.size for each in found if each.runtime == "openvino"}) >= 3
    assert [each.size for each in found if each.runtime == "onnxruntime"] == [(416, 416)]
    assert all(each.ms > 0 and each.per_core > 0 and each.memory > 10_000_000 for each in found)


def test_files_that_cannot_be_run_are_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_text("no weights")
    with pytest.raises(Known, match=r"bad\.onnx are damaged"):
        trials([bad], (640, 480), threads=1, seconds=0.01)
    with pytest.raises(Known, match="no weights to try"):
        trials([], (640, 480), threads=1)
