"""Sizes of a network's input that suit a camera's picture: of its shape, so that nothing is spent on padding."""

from __future__ import annotations

import math
from pathlib import Path

UNIT = 32
"""All families halve the picture five times, so both sides are multiples of this."""
SAME_SHAPE = 0.07
"""How much a picture may be stretched: people of any build stay people, and a network sees no difference."""

_LEAST = 160  # pixels of the longer side: below it a person across a hall is a handful of pixels
_MOST = 1920
_ENLARGED = 1.5  # enlarging a small picture helps to find small people, further it only costs time
_SSD = ("person-detection-retail-0013",)
_USUAL = {"ssd": 544 * 320, "yolox": 416 * 416}
_USUAL_YOLO = 640 * 480  # what a picture of 4:3 fills of the usual 640 x 640; the rest was padding


def size_for(what: Path | str, picture: tuple[int, int], budget: int | None = None) -> tuple[int, int]:
    """The (width, height) of an input for `what` (a weights file or the name of a family) and a camera's `picture`.

    `budget` is about how many pixels the input may have: the cost of a frame grows with them. By default it is
    what the weights were made for. Both sides are multiples of 32, at most half as long again as the picture's own,
    and the shape is the picture's within 7 % wherever multiples of 32 allow it.
    """
    width, height = picture
    pixels = usual_pixels(what) if budget is None else budget
    wanted = math.sqrt(max(pixels, 1) * width / height)
    wanted = min(max(wanted, _LEAST * min(1.0, width / height)), _MOST, max(_ENLARGED * width, _LEAST))
    return _nearest(wanted, width / height)


def sizes_for(picture: tuple[int, int]) -> list[tuple[int, int]]:
    """Inputs of the picture's shape from small to large, about a third more pixels each: what a self-test tries."""
    width, height = picture
    sides = (256, 320, 416, 512, 640, 768, 960)
    longer = [side for side in sides if side <= max(_ENLARGED * max(width, height), _LEAST)] or [_LEAST]
    found = [_nearest(side * min(1.0, width / height), width / height) for side in longer]
    return list(dict.fromkeys(found))


def usual_pixels(what: Path | str) -> int:
    """How many pixels the input of a file or family usually has."""
    name = (what.stem if isinstance(what, Path) else what).lower()
    if name == "ssd" or name.startswith(_SSD):
        return _USUAL["ssd"]
    return _USUAL["yolox"] if name.startswith("yolox") else _USUAL_YOLO


def same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a picture of one (width, height) may be stretched to the other."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) <= SAME_SHAPE


def _nearest(wanted: float, shape: float) -> tuple[int, int]:
    """The multiples of 32 near `wanted` pixels of width whose shape is nearest to `shape` (width over height)."""
    # At least one step either way is tried, since a little more or less of the cost matters less than the shape.
    around = range(max(1, math.floor(wanted / UNIT) - 1), math.ceil(wanted / UNIT) + 2)
    tries = [(UNIT * n, UNIT * max(1, round(n / shape))) for n in around]

    def fault(size: tuple[int, int]) -> float:
        stretched = abs(math.log(size[0] / size[1] / shape))
        away = abs(math.log(size[0] / wanted))
        return max(stretched, math.log1p(SAME_SHAPE) / 2) * 4 + away

    return min(tries, key=fault)
