"""Scripted detectors, drawn recordings and tiny networks for the vision tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
from openvino import opset13 as ops

from vision.boxes import Boxes, Image
from vision.source import Frame, Stop

HEIGHT, WIDTH = 100.0, 40.0
Feet = Sequence[tuple[float, float]]


def standing(*feet: tuple[float, float], height: float = HEIGHT, score: float = 0.9) -> Boxes:
    """People of one height whose feet are at the points."""
    corners = [(x - WIDTH / 2, y - height, x + WIDTH / 2, y) for x, y in feet]
    return Boxes.of(corners, [score] * len(corners))


class Script:
    """A detector that answers with the next boxes of a list."""

    name = "script"
    fallback = False

    def __init__(self, answers: Sequence[Boxes]) -> None:
        self._answers: Iterator[Boxes] = iter(answers)

    def __call__(self, image: Image) -> Boxes:
        return next(self._answers)


class Clip:
    """A source of grey pictures at fixed times."""

    name = "clip"

    def __init__(
        self,
        seconds: Sequence[float],
        *,
        size: tuple[int, int] | Callable[[int], tuple[int, int]] = (640, 480),
        start_at_ms: int = 0,
    ) -> None:
        self.period = 0.1
        self.expected: int | None = len(seconds)
        self.closed = False
        self._seconds, self._start = seconds, start_at_ms
        self._size = size if callable(size) else lambda _: size

    def frames(self, stop: Stop) -> Iterator[Frame]:
        for index, at in enumerate(self._seconds):
            if stop():
                return
            width, height = self._size(index)
            yield Frame(index, at, self._start + round(at * 1000), np.zeros((height, width, 3), np.uint8))

    def close(self) -> None:
        self.closed = True


def drawn_video(path: Path, frames: int, *, size: tuple[int, int] = (160, 120), fps: float = 10) -> Path:
    """A real recording of a white upright block that walks from left to right over dark noise."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    noise = np.random.default_rng(1)
    for index in range(frames):
        picture = noise.integers(20, 30, (size[1], size[0], 3), np.uint8)
        left = round(index * (size[0] - 12) / max(frames - 1, 1))
        cv2.rectangle(picture, (left, 40), (left + 12, 80), (230, 230, 230), -1)
        writer.write(picture)
    writer.release()
    return path


def tiny_network(path: Path, output: np.ndarray[Any, Any], *, side: int = 64) -> Path:
    """An OpenVINO file whose network takes a picture of side x side and always answers `output`."""
    picture = ops.parameter([1, 3, side, side], np.float32, "picture")
    nothing = ops.multiply(ops.reduce_sum(picture, ops.constant([0, 1, 2, 3], np.int64)), np.float32(0))
    answer = ops.add(ops.constant(output.astype(np.float32)), nothing)
    openvino.save_model(openvino.Model([answer], [picture], "tiny"), path, compress_to_fp16=False)
    return path
