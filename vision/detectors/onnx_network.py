"""A person detector run by ONNX Runtime, from ONNX files, at the size that the file has.

ONNX Runtime has nothing to change a file with, so a file of one fixed size keeps it; one of free size is run
at any. Work happens when the answer is asked for, with `threads` processor threads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import NotInstalled
from vision.boxes import Image
from vision.detectors.openvino_network import class_names
from vision.detectors.outputs import Described, Family, family_of
from vision.detectors.runtime import RuntimeName, Size, damaged, described_as, fixed_size, unknown_kind

_USUAL_SIDE = 640
_QUIET = 4  # of ONNX Runtime's severities: what it cannot do is said by its exceptions


class OnnxNetwork:
    """A session of ONNX Runtime."""

    runtime: RuntimeName = "onnxruntime"
    in_flight = 1

    def __init__(self, path: Path, *, threads: int, size: Size | None) -> None:
        """Reads the weights; `Known` where they are damaged, of no known kind or cannot take `size`."""
        self._session = _session(path, threads)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            raise unknown_kind(path, f"it takes {[each.shape for each in inputs]}, not one picture")
        width, height = _size(path, inputs[0].shape, size)
        self._name, self._width, self._height = inputs[0].name, width, height
        if inputs[0].type != "tensor(float)" or inputs[0].shape[1] not in (3, "3"):
            raise unknown_kind(path, f"it takes {inputs[0].type} {inputs[0].shape}, not a colour picture of floats")
        blank = np.zeros((1, 3, height, width), np.float32)
        answers = run(self._session, self._name, blank, path)
        self._order = sorted(range(len(answers)), key=lambda index: answers[index].shape[-1:] != (4,))
        self.described = self._describe([answers[index].shape for index in self._order])
        family = family_of(self.described)
        if family is None:
            raise unknown_kind(path, described_as(self.described))
        self.family: Family = family
        self._path = path

    def _describe(self, shapes: list[tuple[int, ...]]) -> Described:
        told = self._session.get_modelmeta().custom_metadata_map
        return Described(
            self._width, self._height, tuple(shapes),
            classes=class_names(told.get("names", "")), task=told.get("task", "detect"),
        )  # fmt: skip

    def request(self) -> _Request:
        """A new request with memory of its own."""
        picture = np.zeros((self._height, self._width, 3), np.uint8)
        return _Request(self, picture)

    def answer(self, picture: Image) -> list[NDArray[Any]]:
        """The outputs for a picture of the input's size, those of boxes before those of scores."""
        scale = 1 / 255 if self.family.unit else 1.0
        numbers = np.asarray(cv2.dnn.blobFromImage(picture, scale, swapRB=self.family.rgb), np.float32)
        answers = run(self._session, self._name, numbers, self._path)
        return [answers[index] for index in self._order]


class _Request:
    def __init__(self, network: OnnxNetwork, picture: Image) -> None:
        self._network, self.picture = network, picture

    def start(self) -> None:
        """Nothing: the work is done where the outputs are asked for."""

    def outputs(self) -> list[NDArray[Any]]:
        return self._network.answer(self.picture)


def _session(path: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise NotInstalled("ONNX Runtime is not installed.", "Run: python3 installer/bootstrap.py install") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = _QUIET
    options.enable_cpu_mem_arena = False  # else it keeps the most that any frame ever took
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the core alone
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except faults() as error:
        raise damaged(path, error) from error


def run(session: Any, name: str, numbers: NDArray[np.float32], path: Path) -> list[NDArray[Any]]:
    """One run; `Known` where the network's own numbers do not fit together."""
    try:
        return [np.asarray(answer) for answer in session.run(None, {name: numbers})]
    except faults() as error:
        raise damaged(path, error) from error


def faults() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises of files that it cannot use; they have no common kind but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [getattr(state, name) for name in dir(state)]
    raised = [each for each in own if isinstance(each, type) and issubclass(each, Exception)]
    return (*raised, RuntimeError, UnicodeDecodeError, ValueError)


def _size(path: Path, shape: list[Any], size: Size | None) -> Size:
    """The input's (width, height): the file's own, or what is asked of a file of free size."""
    sides = [side if isinstance(side, int) else None for side in shape[2:]]
    height, width = sides
    if width is None or height is None:
        return size or (_USUAL_SIDE, _USUAL_SIDE)
    if size not in (None, (width, height)):
        assert size is not None
        raise fixed_size(path, (width, height), size, "ONNX Runtime cannot change it: use OpenVINO, or leave it out.")
    return width, height
