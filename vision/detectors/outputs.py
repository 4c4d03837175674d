"""Network outputs to boxes, one decoder for each family of person detectors, told apart by shape alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.boxes import Boxes, Floats

FLOOR = 0.1
"""Boxes of a lower score are left out: below it even the tracker's second stage cannot use them."""
OVERLAP = 0.5
"""Boxes of one frame that share more than this (intersection over union) are the same person."""

_COCO, _PERSON_ONLY = 80, 1
_STRIDES = (8, 16, 32)

Decoder = Callable[[NDArray[Any]], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of networks takes its picture and gives its boxes.

    `letterbox`: the picture keeps its shape and the rest is padded (else it is stretched); `unit`: pixels
    lie in 0..1 (else 0..255); `rgb`: red first (else blue first). `decode` turns the raw output into
    corners in pixels of the network's input, and scores.
    """

    name: str
    letterbox: bool
    unit: bool
    rgb: bool
    decode: Decoder


def family_of(height: int, width: int, shape: tuple[int, ...], label: int = 1) -> Family | None:
    """The family of a network with this input size and output shape, or None where none fits.

    `label` is the number that an SSD gives to persons.
    """
    cells = sum((height // stride) * (width // stride) for stride in _STRIDES)
    match shape:
        case (1, 1, _, 7):
            return Family("SSD", False, False, False, _ssd(height, width, label))
        case (1, n, c) if n == cells and c - 5 in (_COCO, _PERSON_ONLY):
            return Family("YOLOX", True, False, False, _yolox(height, width))
        case (1, c, n) if n == cells and c - 4 in (_COCO, _PERSON_ONLY):
            return Family("Ultralytics YOLO", True, True, True, _ultralytics)
        case (1, n, 6) if n <= 1000:
            return Family("Ultralytics YOLO, end to end", True, True, True, _end_to_end)
    return None


def suppressed(corners: Floats, scores: Floats) -> Boxes:
    """The boxes that remain when the best of each overlapping group is kept (greedy suppression)."""
    order = np.argsort(-scores, kind="stable")
    corners, scores = corners[order], scores[order]
    areas = np.prod(corners[:, 2:] - corners[:, :2], axis=1)
    keep: list[int] = []
    for i in range(len(corners)):
        if not keep or (_overlaps(corners[i], areas[i], corners[keep], areas[keep]) <= OVERLAP).all():
            keep.append(i)
    return Boxes.of(corners[keep], scores[keep])


def _overlaps(one: Floats, area: np.float32, others: Floats, areas: Floats) -> Floats:
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    shared = np.prod(np.maximum(sides, 0), axis=1)
    union: Floats = shared / np.maximum(area + areas - shared, 1e-9)
    return union


def _ssd(height: int, width: int, label: int) -> Decoder:
    """Rows of (image, label, score, left, top, right, bottom), corners in 0..1; the list ends at image -1
    (Open Model Zoo, person-detection-retail-0013)."""

    def decode(raw: NDArray[Any]) -> tuple[Floats, Floats]:
        rows = raw.reshape(-1, 7)
        rows = rows[(rows[:, 0] >= 0) & (rows[:, 1] == label) & (rows[:, 2] >= FLOOR)]
        return rows[:, 3:7] * np.array([width, height, width, height], np.float32), rows[:, 2]

    return decode


def _yolox(height: int, width: int) -> Decoder:
    """Rows of (x, y, width, height, objectness, one score a class) relative to grid cells (Ge et al., YOLOX,
    2021, arXiv 2107.08430); the person is class 0."""
    grids = [_grid(height // stride, width // stride, stride) for stride in _STRIDES]
    cells, strides = (np.concatenate(part) for part in zip(*grids, strict=True))

    def decode(raw: NDArray[Any]) -> tuple[Floats, Floats]:
        rows = raw[0]
        scores = rows[:, 4] * rows[:, 5]
        good = scores >= FLOOR
        rows, step = rows[good], strides[good]
        return _corners((rows[:, :2] + cells[good]) * step, np.exp(rows[:, 2:4]) * step), scores[good]

    return decode


def _grid(rows: int, columns: int, stride: int) -> tuple[Floats, Floats]:
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    cells = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    return cells, np.full((len(cells), 1), stride, np.float32)


def _ultralytics(raw: NDArray[Any]) -> tuple[Floats, Floats]:
    """Columns of (x, y, width, height, one score a class) in pixels of the input; the person is class 0."""
    columns = raw[0]
    columns = columns[:, columns[4] >= FLOOR]
    return _corners(columns[:2].T, columns[2:4].T), columns[4]


def _end_to_end(raw: NDArray[Any]) -> tuple[Floats, Floats]:
    """Rows of (left, top, right, bottom, score, class), already suppressed; the person is class 0."""
    rows = raw[0]
    rows = rows[(rows[:, 4] >= FLOOR) & (rows[:, 5] == 0)]
    return rows[:, :4], rows[:, 4]


def _corners(centres: Floats, sizes: Floats) -> Floats:
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
