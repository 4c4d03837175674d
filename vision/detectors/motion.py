"""The fallback without weights: what moves against a learned background.

Background subtraction by a mixture of Gaussians per pixel (Zivkovic, ICPR 2004). It merges people who walk
together and loses people who stand still, so it serves line counts of reduced accuracy and nothing else.
All sizes are shares of the picture, which is worked on at most 480 pixels wide.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision.boxes import Boxes, Floats, Image

_WIDEST = 480
_SHADOW = 127  # how the subtractor marks shadows; only 255 is foreground
_LEAST_HEIGHT = 0.06  # of the picture's height
_LEAST_AREA = 0.0008  # of the picture's area
_MOST_AREA = 0.35  # of the picture's area: more is a change of light, not a person
_PERSON_WIDTH = 0.5  # of a person's height, arms and stride included: wider blobs are people side by side
_MOST_ABREAST = 4
_FLOOD = 0.5  # share of moving pixels from which the whole frame is a change of light
_SCORE = 0.5  # a blob has no score of its own


class MotionDetector:
    """Boxes around moving blobs. It learns the background from the frames that it is called with."""

    name = "motion (background subtraction)"
    fallback = True

    def __init__(self) -> None:
        self._subtractor = cv2.createBackgroundSubtractorMOG2(detectShadows=True)

    def fresh(self) -> MotionDetector:
        """One that has seen nothing yet: cameras do not share a background."""
        return MotionDetector()

    def __call__(self, image: Image) -> Boxes:
        factor = min(1.0, _WIDEST / image.shape[1])
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else image
        moving = (self._subtractor.apply(small) > _SHADOW).astype(np.uint8)
        if moving.mean() > _FLOOD:
            return Boxes.empty()
        boxes = _blobs(_joined(moving))
        return Boxes.of(boxes / factor, np.full(len(boxes), _SCORE))


def _joined(moving: Image) -> Image:
    """The mask without specks, with the parts of one person (head, body, legs) joined."""
    unit = max(1, round(moving.shape[0] / 120))
    speck = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (unit, unit))
    body = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * unit + 1, 4 * unit + 1))
    cleaned = cv2.morphologyEx(moving, cv2.MORPH_OPEN, speck)
    return cv2.morphologyEx(cleaned, cv2.MORPH_CLOSE, body).astype(np.uint8, copy=False)


def _blobs(mask: Image) -> Floats:
    """Corners of the blobs that can be people; one that is too wide for one person is split into columns."""
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, w, h, area = stats[1:].astype(np.float32).T
    abreast = np.maximum(np.round(w / (_PERSON_WIDTH * np.maximum(h, 1))), 1)
    good = (h >= _LEAST_HEIGHT * height) & (area >= _LEAST_AREA * height * width)
    good &= (w * h <= _MOST_AREA * height * width) & (abreast <= _MOST_ABREAST)
    boxes = [
        (left + part * wide / count, top, left + (part + 1) * wide / count, top + high)
        for left, top, wide, high, count in zip(x[good], y[good], w[good], h[good], abreast[good], strict=True)
        for part in range(int(count))
    ]
    return np.array(boxes, np.float32).reshape(-1, 4)
