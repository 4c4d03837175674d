"""A person detector run by OpenVINO, from ONNX or OpenVINO files.

Computes in 32-bit floats on every processor: OpenVINO would choose bfloat16 where the processor has it, and
the same recording would then be counted differently on two machines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray

from models.errors import Known, NotInstalled
from vision.boxes import Boxes, Image
from vision.detectors.contract import Answer
from vision.detectors.outputs import Family, family_of, suppressed

_GREY = 114  # the padding that the YOLO families were trained with
_USUAL_SIDE = 640  # for networks that take any size
_MOST_STREAMS = 4
_KINDS = ("an SSD such as person-detection-retail-0013", "YOLOX", "Ultralytics YOLO 8 to 12 (detect)")


class NetworkDetector:
    """A compiled network and its decoder. `in_flight` frames are worked on at once."""

    fallback = False

    def __init__(self, path: Path, *, threads: int) -> None:
        """Reads and compiles the weights; `Known` where they are damaged or of no known kind."""
        self.name = path.stem
        model = _read(path)
        self._height, self._width, self.family = _recognised(model, path)
        _take_pictures(model, self.family)
        streams = min(threads, _MOST_STREAMS)
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            self._compiled = openvino.Core().compile_model(model, "CPU", settings)
        except RuntimeError as error:
            raise _damaged(path, error) from error
        self.in_flight = streams
        self._idle: list[Any] = []

    def __call__(self, image: Image) -> Boxes:
        return self.submit(image)()

    def submit(self, image: Image) -> Answer:
        """Starts on a frame; the answer waits for its boxes."""
        request = self._idle.pop() if self._idle else self._compiled.create_infer_request()
        picture, factors = self._fit(image)
        request.start_async({0: picture[None]})

        def answer() -> Boxes:
            request.wait()
            corners, scores = self.family.decode(request.get_output_tensor(0).data)
            boxes = suppressed(corners / factors, scores)
            self._idle.append(request)
            return _clipped(boxes, image)

        return answer

    def _fit(self, image: Image) -> tuple[Image, NDArray[np.float32]]:
        """The frame in the network's size, and by how much its x and y were multiplied (x, y, x, y)."""
        height, width = image.shape[:2]
        across, down = self._width / width, self._height / height
        if not self.family.letterbox:
            stretched: Image = cv2.resize(image, (self._width, self._height)).astype(np.uint8, copy=False)
            return stretched, np.array([across, down, across, down], np.float32)
        factor = min(across, down)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        canvas = np.full((self._height, self._width, 3), _GREY, np.uint8)
        canvas[: size[1], : size[0]] = cv2.resize(image, size)
        return canvas, np.array([size[0] / width, size[1] / height] * 2, np.float32)


def _read(path: Path) -> Any:
    if not path.exists():
        raise NotInstalled(f"There are no detector weights at {path}.", "Give the path of an .onnx or .xml file.")
    if path.suffix.lower() not in {".onnx", ".xml"}:
        raise Known(
            f"{path.name} is not a detector that can be run here.", "Give an ONNX or OpenVINO file (.onnx, .xml)."
        )
    if path.suffix.lower() == ".xml" and not path.with_suffix(".bin").exists():
        raise Known(f"{path.name} has no {path.with_suffix('.bin').name} beside it.", "Copy both files.")
    try:
        return openvino.Core().read_model(path)
    except RuntimeError as error:
        raise _damaged(path, error) from error


def _recognised(model: Any, path: Path) -> tuple[int, int, Family]:
    """The input's height and width, and the family; networks of free size are given a fixed one."""
    if len(model.inputs) == 1 and len(model.outputs) == 1 and len(model.input(0).partial_shape) == 4:
        _fix_size(model)
        shape = model.input(0).partial_shape
        output = model.output(0).partial_shape
        if shape.is_static and output.is_static and shape[1].get_length() == 3:
            height, width = shape[2].get_length(), shape[3].get_length()
            label = _person_label(model)
            family = None if label is None else family_of(height, width, tuple(output.to_shape()), label)
            if family:
                return height, width, family
    outputs = ", ".join(str(each.partial_shape) for each in model.outputs)
    raise Known(
        f"{path.name} is not a person detector of a known kind (its output is {outputs}).",
        f"Known kinds: {'; '.join(_KINDS)}.",
    )


def _person_label(model: Any) -> int | None:
    """The label of persons in an SSD that knows persons and background only; None in one that knows more."""
    for operation in model.get_ops():
        if operation.get_type_name() == "DetectionOutput":
            told = operation.get_attributes()
            background = told.get("background_label_id", 0)
            return int(background == 0) if told.get("num_classes", 2) == 2 else None
    return 1


def _fix_size(model: Any) -> None:
    shape = model.input(0).partial_shape
    if shape.is_static:
        return
    wanted = (1, 3, _USUAL_SIDE, _USUAL_SIDE)
    fixed = [each.get_length() if each.is_static else usual for each, usual in zip(shape, wanted, strict=True)]
    try:
        model.reshape(fixed)
    except RuntimeError:
        return  # still of free size, so it is refused as unknown


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
    steps.output().tensor().set_element_type(openvino.Type.f32)
    steps.build()


def _clipped(boxes: Boxes, image: Image) -> Boxes:
    height, width = image.shape[:2]
    corners = np.clip(boxes.xyxy, 0, np.array([width, height, width, height], np.float32))
    return Boxes.of(corners, boxes.score)


def _damaged(path: Path, error: RuntimeError) -> Known:
    known = Known(f"The detector weights {path.name} are damaged or not weights at all.", "Get the file again.")
    known.add_note(str(error))
    return known
