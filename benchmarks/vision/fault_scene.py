"""A hall whose truth is known to the millisecond: bright blocks that cross one line in both directions for ever.

A picture has a textured, noisy background, the people, and, where asked, a stamp: the scene's time written as bright
and dark cells, by which a counted crossing is told from every other however late its picture comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from vision.boxes import Boxes, Image
from vision.config import Config, Line

WIDE, HIGH = 320, 240
SPACING_S = 1.6
"""Time between two people of one direction."""
MARGIN_S = 2.0
"""From a person's first picture to the line, and from the line to the last: an outage this near may hide the person."""

_SPEED = 60.0
_EARLY_S = 0.15  # a filtered foot point may be some pixels ahead
_PERSON = (20, 60)
_FEET = {"in": 100, "out": 220}
_BRIGHT = 255
_TEXTURES = 8
_CELL, _TIME_BITS, _CHECK_BITS = 8, 24, 8
_STAMP_AT = (4, 8)  # top and left, pixels

Direction = Literal["in", "out"]
Window = tuple[float, float]
"""Begin and end of an outage, seconds of the scene."""


def door(gate: str) -> Config:
    """The configuration of the scene's one line."""
    return Config((WIDE, HIGH), (Line("door", (WIDE / 2, 0), (WIDE / 2, float(HIGH)), gate=gate),))


@dataclass(frozen=True)
class Crossing:
    """A true or counted crossing; `seconds` of the scene."""

    direction: Direction
    seconds: float


@dataclass(frozen=True)
class Walks:
    """Who walks when. Each walk lasts four seconds; the line is met after two. `phase` shifts a camera's people."""

    phase: float = 0.0

    def people(self, seconds: float) -> list[tuple[Direction, float]]:
        """Direction and distance (pixels) past the line of everyone in the picture."""
        found: list[tuple[Direction, float]] = []
        for direction, first in self._first():
            newest = int((seconds - first + MARGIN_S) // SPACING_S)
            for number in range(max(newest - 4, 0), newest + 1):
                since = seconds - first - number * SPACING_S
                if abs(since) <= MARGIN_S:
                    found.append((direction, _SPEED * since))
        return found

    def crossings(self, begin: float, end: float) -> list[Crossing]:
        """Every crossing of a stretch."""
        found = []
        for direction, first in self._first():
            number = max(int((begin - first) // SPACING_S), 0)
            while (at := first + number * SPACING_S) < end:
                if at >= begin:
                    found.append(Crossing(direction, at))
                number += 1
        return sorted(found, key=lambda each: each.seconds)

    def _first(self) -> tuple[tuple[Direction, float], ...]:
        return (("in", 3.0 + self.phase), ("out", 3.0 + self.phase + SPACING_S / 2))


class Painter:
    """Draws the scene of one camera; `seed` makes its background."""

    def __init__(self, walks: Walks, seed: int) -> None:
        noise = np.random.default_rng(seed)
        coarse = noise.integers(60, 150, (HIGH // 4, WIDE // 4, 3), np.uint8)
        texture = cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_LINEAR).astype(np.int16)
        shades = [np.clip(texture + noise.integers(-4, 5, texture.shape), 0, 160) for _ in range(_TEXTURES)]
        self._walks = walks
        self._backgrounds = [shade.astype(np.uint8) for shade in shades]

    def picture(self, seconds: float, *, number: int, stamped: bool = False) -> Image:
        """The picture at an instant; `number` chooses its noise."""
        image: Image = self._backgrounds[number % _TEXTURES].copy()
        wide, high = _PERSON
        for direction, past in self._walks.people(seconds):
            foot = _FEET[direction]
            middle = WIDE / 2 + (-past if direction == "in" else past)
            left = round(middle - wide / 2)
            image[foot - high : foot, left : left + wide] = _BRIGHT
        if stamped:
            _stamp(image, round(seconds * 1000))
        return image


class Exact:
    """A detector that finds the scene's people and nothing else."""

    name, fallback = "exact", False

    def __call__(self, image: Image) -> Boxes:
        bright = (image[:, :, 1] > 215).astype(np.uint8)
        _, _, found, _ = cv2.connectedComponentsWithStats(bright, connectivity=4)
        wide, high = _PERSON
        people = [
            (left, top, left + w, top + h)
            for left, top, w, h, _ in found[1:].tolist()
            if abs(w - wide) <= 6 and abs(h - high) <= 8
        ]
        return Boxes.of(people, [0.95] * len(people)) if people else Boxes.empty()


def stamp_of(image: Image) -> float | None:
    """The scene's time of a stamped picture in seconds; None where the picture is too damaged to tell."""
    top, left = _STAMP_AT
    count = _TIME_BITS + _CHECK_BITS
    cells = image[top : top + _CELL, left : left + _CELL * count, 1]
    if cells.shape != (_CELL, _CELL * count):
        return None
    bits = cells.reshape(_CELL, count, _CELL)[2:6, :, 2:6].mean(axis=(0, 2)) > 127
    value = int("".join("1" if bit else "0" for bit in bits), 2)
    milliseconds, check = value >> _CHECK_BITS, value & (1 << _CHECK_BITS) - 1
    return milliseconds / 1000 if _check(milliseconds) == check else None


def _check(milliseconds: int) -> int:
    return (milliseconds * 167 + (milliseconds >> 8) * 31 + 91) & (1 << _CHECK_BITS) - 1


def _stamp(image: Image, milliseconds: int) -> None:
    milliseconds &= (1 << _TIME_BITS) - 1
    value = milliseconds << _CHECK_BITS | _check(milliseconds)
    count = _TIME_BITS + _CHECK_BITS
    bits = np.array([value >> count - 1 - n & 1 for n in range(count)], np.uint8)
    row = np.repeat(bits * 230 + 10, _CELL)
    top, left = _STAMP_AT
    image[top : top + _CELL, left : left + len(row)] = row[None, :, None]


@dataclass
class Verdict:
    """How a camera's counts compare with the truth: `inside` outages so many were counted, `wrong` are (seconds,
    sentence)."""

    due: int = 0
    counted: int = 0
    inside: int = 0
    wrong: list[tuple[float, str]] = field(default_factory=list)


def judge(truth: Sequence[Crossing], counted: Iterable[Crossing], windows: Sequence[Window]) -> Verdict:
    """Each crossing outside the windows must be counted once, each inside at most once, and nothing else."""
    times = {way: [each.seconds for each in truth if each.direction == way] for way in ("in", "out")}
    hits: Counter[tuple[str, float]] = Counter()
    verdict = Verdict()
    for each in counted:
        verdict.counted += 1
        before = [at for at in times[each.direction] if -_EARLY_S <= each.seconds - at < SPACING_S - _EARLY_S]
        if not before:
            verdict.wrong.append((each.seconds, f"nobody went {each.direction} at {each.seconds:.2f} s"))
            continue
        hits[each.direction, before[-1]] += 1
    for crossing in truth:
        n = hits[crossing.direction, crossing.seconds]
        hidden = touches(crossing.seconds, windows)
        verdict.due += not hidden
        verdict.inside += n if hidden else 0
        if n > 1 or (n == 0 and not hidden):
            sentence = f"{crossing.direction} at {crossing.seconds:.2f} s was counted {n} times"
            verdict.wrong.append((crossing.seconds, sentence))
    return verdict


def touches(seconds: float, windows: Iterable[Window], margin: float = MARGIN_S) -> bool:
    """Whether an instant lies in an outage or near one."""
    return any(begin - margin <= seconds <= end + margin for begin, end in windows)
