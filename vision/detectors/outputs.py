"""Network outputs to boxes, one decoder for each family of person detectors, told apart by shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.boxes import Boxes, Floats

FLOOR = 0.1
"""Boxes of a lower score are left out: below it even the tracker's second stage cannot use them."""
OVERLAP = 0.5
"""Boxes of one frame that share more than this (intersection over union) are the same person."""
STRIDES = (8, 16, 32)
"""Pixels of the input for one cell of each of the three grids that the YOLO families answer on."""

_COCO, _PERSON_ONLY = 80, 1  # numbers of classes whose first is the person
_PERSONS = ("person", "people", "pedestrian")
_LEAST_QUERIES = 100  # of RT-DETR, which has 300 by its authors' default
_MOST_ANSWERS = 1000  # of an end-to-end network, which gives at most 300 by its authors' default
_END_TO_END = "YOLO, end to end"
_NORMALISED = 2.0  # boxes in 0..1 may reach a little outside the picture; in pixels they reach far above this
_MOST_CANDIDATES = 1000  # of one frame; more are not people but noise, and comparing them all takes seconds

Raw = Sequence[NDArray[Any]]
Decoder = Callable[[Raw], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Described:
    """What a file tells of its network.

    `width` and `height` of the input in pixels, `outputs` the shapes of its outputs (those of boxes before
    those of scores), `ssd_label` the number an SSD gives to persons (None: it knows more than persons),
    `classes` what the file calls its classes (empty: it does not say), `task` what it says it was made for.
    """

    width: int
    height: int
    outputs: tuple[tuple[int, ...], ...]
    ssd_label: int | None = 1
    classes: tuple[str, ...] = ()
    task: str = "detect"

    def person(self, count: int) -> int | None:
        """Which of `count` classes is the person; None where that cannot be known."""
        named = [name.lower() for name in self.classes] if len(self.classes) == count else []
        for place, name in enumerate(named):
            if name in _PERSONS:
                return place
        numbered = all(name.isdecimal() for name in named)
        return 0 if count == _PERSON_ONLY or (count == _COCO and numbered) else None


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of networks takes its picture and gives its boxes.

    `letterbox`: the picture keeps its shape and the rest is padded (else it is stretched); `unit`: pixels
    lie in 0..1 (else 0..255); `rgb`: red first (else blue first). `decode` turns the raw outputs into
    corners in pixels of the network's input, and scores. `suppress`: several boxes of one person are to be
    expected (an end-to-end network gives one).
    """

    name: str
    letterbox: bool
    unit: bool
    rgb: bool
    decode: Decoder
    suppress: bool = True


def cells(width: int, height: int) -> int:
    """How many answers the grids of a YOLO family have together for this input."""
    return sum((height // stride) * (width // stride) for stride in STRIDES)


def family_of(told: Described) -> Family | None:
    """The family of a network, or None where none fits."""
    if told.task != "detect":
        return None
    if len(told.outputs) == 2:
        return _two_outputs(told)
    return _one_output(told) if len(told.outputs) == 1 else None


def _one_output(told: Described) -> Family | None:
    grid = cells(told.width, told.height)
    match told.outputs[0]:
        case (1, 1, _, 7) if told.ssd_label is not None:
            return Family("SSD", False, False, False, _ssd(told, told.ssd_label))
        case (1, n, c) if n == grid and (person := told.person(c - 5)) is not None:
            return Family("YOLOX", True, False, False, _yolox(told, person))
        case (1, c, n) if n == grid and (person := told.person(c - 4)) is not None:
            return Family("Ultralytics YOLO", True, True, True, _columns(person))
        case (1, n, 6) if n <= _MOST_ANSWERS:
            who = told.person(len(told.classes) or _COCO)
            return None if who is None else Family(_END_TO_END, True, True, True, _end_to_end(who), False)
        case (1, n, c) if _LEAST_QUERIES <= n <= _MOST_ANSWERS and (person := told.person(c - 4)) is not None:
            return Family("RT-DETR", False, True, True, _queries(told, person), False)
    return None


def _two_outputs(told: Described) -> Family | None:
    match told.outputs:
        case ((1, n, 4), (1, m, c)) if n == m <= _MOST_ANSWERS and (person := told.person(c)) is not None:
            return Family("RT-DETR", False, True, True, _logits(told, person), False)
    return None


def settled(family: Family, told: Described, raw: Raw) -> Family:
    """The family, told apart by an answer where shapes cannot: Ultralytics' later RT-DETR exports have the shape of
    an end-to-end YOLO, but the boxes of all queries lie in 0..1."""
    if family.name != _END_TO_END:
        return family
    furthest = float(np.nan_to_num(raw[0][0, :, :4]).max(initial=0))
    if not 0 < furthest <= _NORMALISED:
        return family
    person = told.person(len(told.classes) or _COCO) or 0
    return Family("RT-DETR", False, True, True, _chosen_queries(told, person), False)


def suppressed(corners: Floats, scores: Floats) -> Boxes:
    """The boxes that remain when the best of each overlapping group is kept (greedy suppression), best first."""
    found = Boxes.of(corners, scores)
    sides = found.xyxy.copy()
    sides[:, 2:] -= sides[:, :2]
    suppress: Any = cv2.dnn.NMSBoxes  # its stub knows lists alone; arrays are taken as they are
    kept = suppress(sides, found.score, 0.0, OVERLAP, top_k=_MOST_CANDIDATES)
    return found.pick(np.asarray(kept, np.intp).reshape(-1))


def _ssd(told: Described, label: int) -> Decoder:
    """Rows of (image, label, score, left, top, right, bottom), corners in 0..1; the list ends at image -1
    (Open Model Zoo, person-detection-retail-0013)."""
    size = _size(told)

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        rows = raw[0].reshape(-1, 7)
        rows = rows[(rows[:, 0] >= 0) & (rows[:, 1] == label) & (rows[:, 2] >= FLOOR)]
        return rows[:, 3:7] * size, rows[:, 2]

    return decode


def _yolox(told: Described, person: int) -> Decoder:
    """Rows of (x, y, width, height, objectness, one score a class) relative to grid cells (Ge et al., YOLOX,
    2021, arXiv 2107.08430)."""
    grids = [_grid(told.height // stride, told.width // stride, stride) for stride in STRIDES]
    corner, strides = (np.concatenate(part) for part in zip(*grids, strict=True))

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        good = np.flatnonzero(raw[0][0, :, 4] >= FLOOR)  # the product with the class's score is never more
        rows = raw[0][0, good]
        scores = rows[:, 4] * rows[:, 5 + person]
        sure = scores >= FLOOR
        rows, good = rows[sure], good[sure]
        step = strides[good]
        return _corners((rows[:, :2] + corner[good]) * step, np.exp(np.minimum(rows[:, 2:4], 20)) * step), scores[sure]

    return decode


def _grid(rows: int, columns: int, stride: int) -> tuple[Floats, Floats]:
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    corner = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    return corner, np.full((len(corner), 1), stride, np.float32)


def _columns(person: int) -> Decoder:
    """Columns of (x, y, width, height, one score a class) in pixels of the input (Ultralytics YOLO 8 to 12)."""

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        scores = raw[0][0, 4 + person]
        good = np.flatnonzero(scores >= FLOOR)
        boxes = raw[0][0, :4, good]
        return _corners(boxes[:, :2], boxes[:, 2:]), scores[good]

    return decode


def _end_to_end(person: int) -> Decoder:
    """Rows of (left, top, right, bottom, score, class) in pixels of the input, one for each person (YOLO 10, 26)."""

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        rows = raw[0][0]
        rows = rows[(rows[:, 4] >= FLOOR) & (rows[:, 5] == person)]
        return rows[:, :4], rows[:, 4]

    return decode


def _chosen_queries(told: Described, person: int) -> Decoder:
    """Rows of (x, y, width, height in 0..1, score, class): RT-DETR as Ultralytics exports it since 8.4."""
    size = _size(told)

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        rows = raw[0][0]
        rows = rows[(rows[:, 4] >= FLOOR) & (rows[:, 5] == person)]
        return _corners(rows[:, :2], rows[:, 2:4]) * size, rows[:, 4]

    return decode


def _queries(told: Described, person: int) -> Decoder:
    """Rows of (x, y, width, height in 0..1, one score a class), as Ultralytics exports RT-DETR (Zhao et al.,
    2023, arXiv 2304.08069)."""
    size = _size(told)

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        rows = raw[0][0]
        rows = rows[rows[:, 4 + person] >= FLOOR]
        return _corners(rows[:, :2], rows[:, 2:4]) * size, rows[:, 4 + person]

    return decode


def _logits(told: Described, person: int) -> Decoder:
    """Boxes (x, y, width, height in 0..1) and logits of the classes apart, as RT-DETR's authors give them."""
    size, least = _size(told), float(np.log(FLOOR / (1 - FLOOR)))

    def decode(raw: Raw) -> tuple[Floats, Floats]:
        boxes, logits = raw[0][0], raw[1][0, :, person]
        good = np.flatnonzero(logits >= least)
        scores = (1 / (1 + np.exp(-logits[good]))).astype(np.float32)
        return _corners(boxes[good, :2], boxes[good, 2:]) * size, scores

    return decode


def _size(told: Described) -> Floats:
    return np.array([told.width, told.height] * 2, np.float32)


def _corners(centres: Floats, sizes: Floats) -> Floats:
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
