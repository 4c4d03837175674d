"""A camera's picture into a network's input: scaled in place, padded only where the shapes differ."""

from __future__ import annotations

import cv2
import numpy as np

from vision.boxes import Boxes, Floats, Image
from vision.detectors.sizes import same_shape

GREY = 114
"""The padding that the YOLO families were trained with."""


class Fitting:
    """How pictures go into an input of (width, height)."""

    def __init__(self, width: int, height: int, *, letterbox: bool) -> None:
        self._width, self._height, self._letterbox = width, height, letterbox

    def put(self, image: Image, canvas: Image) -> Floats:
        """Scales the picture into `canvas` (height, width, 3); returns by how much x, y, x, y were multiplied."""
        height, width = image.shape[:2]
        inner = self._inner_size(width, height)
        within = canvas[: inner[1], : inner[0]]
        if (width, height) == inner:
            np.copyto(within, image)
        elif inner == (self._width, self._height):
            cv2.resize(image, inner, dst=within)
        else:
            canvas[inner[1] :] = GREY
            canvas[: inner[1], inner[0] :] = GREY
            within[...] = cv2.resize(image, inner)
        return np.array([inner[0] / width, inner[1] / height] * 2, np.float32)

    def _inner_size(self, width: int, height: int) -> tuple[int, int]:
        if not self._letterbox or same_shape((width, height), (self._width, self._height)):
            return self._width, self._height
        factor = min(self._width / width, self._height / height)
        return max(1, round(width * factor)), max(1, round(height * factor))


def back(boxes: Boxes, factors: Floats, image: Image) -> Boxes:
    """Boxes of the input as boxes of the picture, inside it."""
    height, width = image.shape[:2]
    corners = np.clip(boxes.xyxy / factors, 0, np.array([width, height, width, height], np.float32))
    return Boxes.of(corners, boxes.score)
