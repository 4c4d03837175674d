"""Finding a person's face: YuNet (Wu, Peng and Yu 2023, Machine Intelligence Research 20) on the head's region."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import Known, NotInstalled
from vision.boxes import Floats, Image

PADDING = 0.35
"""Part of the face's longer side that is added around it: a tight cut costs 13 to 14 points of gender accuracy."""

_LEAST_SCORE = 0.7
_OVERLAP = 0.3
_MOST = 20
_LONGEST = 320  # px of the searched region; finding costs as much as it has pixels
_BLANK: Image = np.zeros((32, 32, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Face:
    """A found face in pixels of the picture: `box` is left, top, width, height; `score` and `frontality` 0..1.

    `frontality` is 1 where the nose lies midway between the eyes and 0 where it lies below one of them.
    """

    box: tuple[float, float, float, float]
    score: float
    frontality: float

    @property
    def width(self) -> float:
        """Pixels across."""
        return self.box[2]

    @property
    def quality(self) -> float:
        """Size in pixels, times score, times frontality: greater is better."""
        return self.width * self.score * self.frontality


class FaceFinder:
    """YuNet in one thread. Not for two threads at once; the cameras of one process may share it."""

    def __init__(self, weights: Path) -> None:
        """Reads the weights; `NotInstalled` where they are absent, `Known` where they are none that can be run."""
        if not weights.is_file():
            raise NotInstalled(f"There are no face detector weights at {weights}.", "Run: python main.py weights list")
        try:
            self._yunet = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), _LEAST_SCORE, _OVERLAP, _MOST)
            self.forget()
        except cv2.error as error:
            raise Known(
                f"{weights.name} is damaged or not a YuNet face detector.", "Add face_detection_yunet_2026may.onnx."
            ) from error

    def find(self, image: Image) -> list[Face]:
        """The faces in a picture (blue-green-red), in its own pixels, the surest first."""
        height, width = image.shape[:2]
        if min(height, width) < 10:
            return []
        scale = min(1.0, _LONGEST / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else np.ascontiguousarray(image)
        self._yunet.setInputSize(size)
        _, found = self._yunet.detect(small)
        rows = np.empty((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        faces = [_face(row, width / size[0], height / size[1]) for row in rows if np.isfinite(row).all()]
        return sorted(faces, key=lambda face: -face.score)

    def find_on(self, image: Image, box: Floats) -> Face | None:
        """The face of the person in `box` (left, top, right, bottom), looked for in its upper half.

        Of several it is the one nearest to where this person's head is expected: the upper middle of the box.
        """
        left, top, right, bottom = _head_region(image, box)
        found = self.find(image[top:bottom, left:right])
        if not found:
            return None
        x, y = (box[0] + box[2]) / 2 - left, box[1] + 0.1 * (box[3] - box[1]) - top

        def distance(face: Face) -> float:
            return float(np.hypot(face.box[0] + face.box[2] / 2 - x, face.box[1] + face.box[3] / 2 - y))

        face = min(found, key=distance)
        middle = left + face.box[0] + face.box[2] / 2
        if not box[0] <= middle <= box[2]:
            return None  # a neighbour's
        return Face((face.box[0] + left, face.box[1] + top, *face.box[2:]), face.score, face.frontality)

    def forget(self) -> None:
        """Runs on a black picture, so that the network's memory holds nobody's face."""
        self._yunet.setInputSize((_BLANK.shape[1], _BLANK.shape[0]))
        self._yunet.detect(_BLANK)


def cut(image: Image, face: Face, side: int) -> Image:
    """A square of `side` pixels around a face with `PADDING` on each side; edges are repeated beyond the picture."""
    left, top, width, height = face.box
    half = max(width, height) * (0.5 + PADDING)
    x, y = left + width / 2, top + height / 2
    corners = np.array([[x - half, y - half], [x + half, y - half], [x - half, y + half]], np.float32)
    target = np.array([[0, 0], [side, 0], [0, side]], np.float32)
    if 2 * half > 2 * side:  # shrinking so far skips pixels, so the cut is made twice as fine and then averaged
        fine = 2 * side
        return np.asarray(
            cv2.resize(_warped(image, corners, target * 2, fine), (side, side), None, 0, 0, cv2.INTER_AREA), np.uint8
        )
    return _warped(image, corners, target, side)


def _warped(image: Image, corners: Floats, target: Floats, side: int) -> Image:
    turn = cv2.getAffineTransform(corners, target)
    return np.asarray(
        cv2.warpAffine(image, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _head_region(image: Image, box: Floats) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of where a person's head may be: the upper half with some room around it."""
    height, width = image.shape[:2]
    wide, high = float(box[2] - box[0]), float(box[3] - box[1])
    left, right = box[0] - 0.15 * wide, box[2] + 0.15 * wide
    top, bottom = box[1] - 0.1 * high, box[1] + 0.5 * high
    return max(0, int(left)), max(0, int(top)), min(width, int(right) + 1), min(height, int(bottom) + 1)


def _face(row: NDArray[np.float32], across: float, down: float) -> Face:
    """A row of YuNet: box, the points of right eye, left eye, nose and the mouth's corners, score."""
    left, top, width, height = row[:4].tolist()
    right_eye, left_eye, nose = row[4:6], row[6:8], row[8:10]
    apart = left_eye - right_eye
    long = float(apart @ apart)
    along = float((nose - right_eye) @ apart) / long if long > 0 else 0.0
    frontality = max(0.0, 1.0 - 2.0 * abs(along - 0.5))
    return Face((left * across, top * down, width * across, height * down), float(row[14]), frontality)
