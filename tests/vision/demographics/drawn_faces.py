"""Drawn faces that YuNet takes for faces, and small real networks that read age and gender off their skin's colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as ops

from tests.data import data_file
from vision.boxes import Image
from vision.demographics.faces import FaceFinder

FEMALE_BLUE, MALE_BLUE = 90, 160


def finder() -> FaceFinder:
    return FaceFinder(data_file("weights/face_detection_yunet_2026may.onnx"))


def skin(age: float, male: bool) -> tuple[int, int, int]:
    """The colour that the network of `write_network` reads as this age and gender."""
    return (MALE_BLUE if male else FEMALE_BLUE, 160, round(140 + age))


def drawn_face(side: int, colour: tuple[int, int, int]) -> Image:
    """A face of that skin (blue, green, red) in a square picture; it is about 0.55 of `side` wide."""
    picture = np.full((400, 400, 3), (90, 100, 110), np.uint8)
    dark = tuple(round(each * 0.75) for each in colour)
    cv2.ellipse(picture, (200, 175), (125, 165), 0, 0, 360, (30, 40, 50), -1)
    cv2.ellipse(picture, (200, 210), (108, 140), 0, 0, 360, colour, -1)
    for dx in (-45, 45):
        cv2.ellipse(picture, (200 + dx, 180), (24, 12), 0, 0, 360, (240, 240, 240), -1)
        cv2.circle(picture, (200 + dx, 180), 10, (40, 40, 40), -1)
        cv2.ellipse(picture, (200 + dx, 152), (30, 9), 0, 180, 360, (30, 40, 50), 6)
    cv2.ellipse(picture, (200, 235), (20, 14), 0, 0, 180, dark, -1)
    cv2.line(picture, (194, 190), (186, 232), dark, 4)
    cv2.ellipse(picture, (200, 285), (42, 14), 0, 0, 360, (90, 90, 190), -1)
    cv2.ellipse(picture, (200, 210), (108, 140), 0, 0, 360, dark, 3)
    return np.asarray(cv2.resize(cv2.GaussianBlur(picture, (0, 0), 3), (side, side), None, 0, 0, cv2.INTER_AREA))


def write_network(path: Path) -> Path:
    """A network of the retail model's shape: red above 140 on the left cheek is the age, much blue is male."""
    picture = ops.parameter([1, 3, 62, 62], np.float32, "data")
    cheek = _slice(_slice(picture, 2, 34, 37), 3, 38, 41)
    colours = ops.reduce_mean(cheek, _whole(2, 3), True)
    age = ops.divide(ops.subtract(_slice(colours, 1, 2, 3), _number(140)), _number(100))
    male = ops.sigmoid(ops.multiply(ops.subtract(_slice(colours, 1, 0, 1), _number(125)), _number(0.3)))
    both = ops.concat([ops.subtract(_number(1), male), male], 1)
    openvino.save_model(openvino.Model([age, both], [picture], "attributes"), path, compress_to_fp16=False)
    return path


def write_answering(path: Path, shape: tuple[int, ...], answers: dict[str, NDArray[Any]]) -> Path:
    """A network that always gives the same answers, by output name."""
    picture = ops.parameter(list(shape), np.float32, "data")
    nothing = ops.multiply(ops.reduce_sum(picture, _whole(0, 1, 2, 3)), np.float32(0))
    outputs = []
    for name, values in answers.items():
        output = ops.add(ops.constant(values.astype(np.float32)), nothing)
        output.output(0).get_tensor().set_names({name})
        outputs.append(output)
    openvino.save_model(openvino.Model(outputs, [picture], "answering"), path, compress_to_fp16=False)
    return path


def write_red_reader(path: Path) -> Path:
    """A network of FairFace's shape whose logit of 'male' is the mean of its first colour."""
    picture = ops.parameter([1, 3, 224, 224], np.float32, "data")
    first = ops.reduce_mean(_slice(picture, 1, 0, 1), _whole(1, 2, 3), False)
    nothing = ops.multiply(first, np.float32(0))
    logits = [nothing] * 7 + [first] + [nothing] * 10
    output = ops.reshape(ops.concat(logits, 0), ops.constant(np.array([1, 18], np.int64)), False)
    openvino.save_model(openvino.Model([output], [picture], "red"), path, compress_to_fp16=False)
    return path


def _slice(of: Any, axis: int, first: int, end: int) -> Any:
    return ops.slice(of, _whole(first), _whole(end), _whole(1), _whole(axis))


def _whole(*numbers: int) -> Any:
    return ops.constant(np.array(numbers, np.int64))


def _number(value: float) -> Any:
    return ops.constant(np.full((1, 1, 1, 1), value, np.float32))
