"""A person detector run by OpenVINO, from ONNX or OpenVINO files, at any input size.

Computes in 32-bit floats on every processor: OpenVINO would choose bfloat16 where the processor has it, and
the same recording would then be counted differently on two machines. Layers that a file holds in 8 bits run
in 8 bits, which is what such a file is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openvino
from numpy.typing import NDArray

from vision.boxes import Image
from vision.detectors.outputs import Described, Family, family_of
from vision.detectors.resizing import resize
from vision.detectors.runtime import RuntimeName, Size, damaged, described_as, fixed_size, unknown_kind

_USUAL_SIDE = 640  # for networks that take any size


class OpenVinoNetwork:
    """A network that OpenVINO has compiled for `threads` processor threads and `streams` frames at once."""

    runtime: RuntimeName = "openvino"

    def __init__(self, path: Path, *, threads: int, size: Size | None, streams: int) -> None:
        """Reads and compiles the weights; `Known` where they are damaged, of no known kind or cannot take `size`."""
        core = openvino.Core()
        core.set_property({"ENABLE_MMAP": True})
        try:
            model = core.read_model(path)
        except (RuntimeError, UnicodeDecodeError, OverflowError) as error:
            raise damaged(path, error) from error
        self.described, self.family = _recognised(model, path, size)
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            _take_pictures(model, self.family)
            self._compiled = core.compile_model(model, "CPU", settings)
        except RuntimeError as error:
            raise damaged(path, error) from error
        self._order = _boxes_first(_shapes(model))
        self.in_flight = streams

    def request(self) -> _Request:
        """A new request with memory of its own."""
        return _Request(self._compiled.create_infer_request(), self._order)


class _Request:
    """A request whose `picture` is the network's own input memory, so that no picture is copied twice."""

    def __init__(self, request: Any, order: list[int]) -> None:
        self._request = request
        self._order = order
        self._input = request.get_input_tensor()  # keeps the memory of `picture` alive
        self.picture: Image = self._input.data[0]

    def start(self) -> None:
        self._request.start_async()

    def outputs(self) -> list[NDArray[Any]]:
        self._request.wait()
        return [self._request.get_output_tensor(index).data for index in self._order]


def _recognised(model: Any, path: Path, size: Size | None) -> tuple[Described, Family]:
    """What the network is, after it has been given its size."""
    if len(model.inputs) != 1 or len(model.input(0).partial_shape) != 4:
        shapes = ", ".join(str(each.partial_shape) for each in model.inputs)
        raise unknown_kind(path, f"its input is {shapes or 'nothing'}, not one picture")
    own = _own_size(model)
    if own is None:
        _reshape(model, size or (_USUAL_SIDE, _USUAL_SIDE))
    told = _described(model)
    family = family_of(told) if told else None
    if told is None or family is None:
        outputs = ", ".join(str(each.partial_shape) for each in model.outputs)
        raise unknown_kind(path, described_as(told) if told else f"its output is {outputs}")
    if own is None or size is None or size == own:
        return told, family
    return _resized(model, path, told, size)


def _resized(model: Any, path: Path, before: Described, size: Size) -> tuple[Described, Family]:
    own = (before.width, before.height)
    told = _described(model) if resize(model, own, size) else None
    family = family_of(told) if told else None
    if told is None or family is None or (told.width, told.height) != size:
        raise fixed_size(path, own, size, "Leave the size out, or export the network again for the size you want.")
    return told, family


def _own_size(model: Any) -> Size | None:
    """(width, height) of the input, None where the network takes any."""
    shape = model.input(0).partial_shape
    if shape[2].is_static and shape[3].is_static and shape[0].is_static:
        return shape[3].get_length(), shape[2].get_length()
    return None


def _reshape(model: Any, size: Size) -> None:
    shape = model.input(0).partial_shape
    sides = [
        each.get_length() if each.is_static else usual for each, usual in zip(shape, (1, 3, *size[::-1]), strict=True)
    ]
    try:
        model.reshape(sides)
    except RuntimeError:
        return  # still of free size, so it is refused as unknown


def _described(model: Any) -> Described | None:
    """What the network is, None where its sizes are not fixed or its input is not a colour picture."""
    shape = model.input(0).partial_shape
    if not shape.is_static or not all(each.partial_shape.is_static for each in model.outputs):
        return None
    if shape[0].get_length() != 1 or shape[1].get_length() != 3:
        return None
    shapes = _shapes(model)
    outputs = tuple(shapes[index] for index in _boxes_first(shapes))
    classes, task = _metadata(model)
    return Described(shape[3].get_length(), shape[2].get_length(), outputs, _ssd_label(model), classes, task)


def _shapes(model: Any) -> list[tuple[int, ...]]:
    return [tuple(output.partial_shape.to_shape()) for output in model.outputs]


def _boxes_first(shapes: list[tuple[int, ...]]) -> list[int]:
    """The outputs' numbers, those of boxes (last side 4) first."""
    return sorted(range(len(shapes)), key=lambda index: shapes[index][-1:] != (4,))


def _metadata(model: Any) -> tuple[tuple[str, ...], str]:
    """The classes and the task that Ultralytics and OpenVINO's converter write into files."""
    task, labels, names = (
        _told(model, *place) for place in (("framework", "task"), ("model_info", "labels"), ("framework", "names"))
    )
    kind = _told(model, "model_info", "model_type").lower()
    if not task and kind:
        task = "segment" if kind.endswith("-seg") else "detect"
    return tuple(labels.split()) or class_names(names), task or "detect"


def class_names(text: str) -> tuple[str, ...]:
    """The classes of Ultralytics' entry `names`, as in "{0: 'person', 1: 'bicycle'}"; empty where it is no such."""
    import ast

    try:
        names = ast.literal_eval(text) if text else {}
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if not isinstance(names, dict) or list(names) != list(range(len(names))):
        return ()
    return tuple(str(name) for name in names.values())


def _told(model: Any, *place: str) -> str:
    if not model.has_rt_info(list(place)):
        return ""
    try:
        return str(model.get_rt_info(list(place)).astype(str))
    except (RuntimeError, UnicodeDecodeError):
        return ""


def _ssd_label(model: Any) -> int | None:
    """The label of persons in an SSD that knows persons and background only; None in one that knows more."""
    for operation in model.get_ops():
        if operation.get_type_name() == "DetectionOutput":
            told = operation.get_attributes()
            background = told.get("background_label_id", 0)
            return int(background == 0) if told.get("num_classes", 2) == 2 else None
    return 1


def _take_pictures(model: Any, family: Family) -> None:
    """Puts the conversion from camera pixels to the network's numbers into the network itself."""
    steps = openvino.preprocess.PrePostProcessor(model)
    pixels = steps.input().tensor()
    pixels.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    pixels.set_color_format(openvino.preprocess.ColorFormat.BGR)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    convert = steps.input().preprocess()
    if family.rgb:
        convert.convert_color(openvino.preprocess.ColorFormat.RGB)
    convert.convert_element_type(openvino.Type.f32)
    if family.unit:
        convert.scale(255.0)
    for index in range(len(model.outputs)):
        steps.output(index).tensor().set_element_type(openvino.Type.f32)
    steps.build()
