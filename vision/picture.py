"""Whether a camera's picture can be believed, and whether anything moves in it.

Everything is done on a grey copy 160 pixels wide. Whether the picture is frozen is asked of every eighth row
at full size, because only there a living camera's noise is to be seen.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.boxes import Image
from vision.outlook import Outlook
from vision.rows import Flaw

WIDTH = 160
FROZEN_S = 60.0
"""An identical picture for so long is frozen."""
BLACK_S = 2.0
DARK_S = 10.0

_ROWS = 8
_BLACK_LIGHT = 24  # grey level that 99 of 100 pixels of a black picture stay under; video black is 16
_BLACK_SPREAD = 2.0
_DARK_BELOW, _LIGHT_ABOVE = 40.0, 50.0
_BEFORE_S = 0.5
_STEP = 12  # least change of a grey level that counts as motion, where the noise is not greater
_NOISES = 6.0

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureState:
    """What is wrong with a picture, and the share of it (0..1) that changed within the last second.

    `flaws`, in this order where several hold: `frozen` (identical for 60 s), `black`, `covered` (its texture
    went at once), `moved` (the background is another one than before), `dark` (a night picture, which is
    still counted). `new_view` is true once a view that had moved was taken for the camera's own: the lines
    may lie wrongly, and stays so until `accept_view`. `since` is when the picture ceased to show the scene, known
    only now that the flaw has lasted (seconds, by the clock of `look`); None while it shows it.
    """

    flaws: tuple[Flaw, ...]
    motion: float
    new_view: bool = False
    since: float | None = None


class PictureCheck:
    """Looks at each picture of one camera; `seconds` is a monotonic clock."""

    def __init__(self) -> None:
        self._sample: Image | None = None
        self._same_since = 0.0
        self._before: deque[tuple[float, Grey]] = deque()
        self._outlook = Outlook()
        self._black = _Lasting(BLACK_S)
        self._dark = _Lasting(DARK_S)

    def look(self, image: Image, seconds: float) -> PictureState:
        """The state with this picture, (height, width, 3) uint8; takes a third of a millisecond at 640 x 480."""
        frozen = self._frozen(image, seconds)
        grey = _small(image)
        mean = float(cv2.mean(grey)[0])
        dark = self._dark.holds(mean < (_LIGHT_ABOVE if self._dark.now else _DARK_BELOW), seconds)
        black = self._black.holds(mean < _BLACK_LIGHT and _is_black(grey), seconds)
        motion = self._motion(grey, seconds)
        seen = None if black or frozen else self._outlook.look(grey, image, seconds)
        found: dict[Flaw, bool] = {
            "frozen": frozen,
            "black": black,
            "covered": seen == "covered",
            "moved": seen == "moved",
            "dark": dark,
        }
        flaws = tuple(flaw for flaw, so in found.items() if so)
        began = [self._same_since] * frozen + [self._black.since or seconds] * black
        began += [self._outlook.since or seconds] * (seen is not None)
        return PictureState(flaws, motion, self._outlook.new_view, min(began, default=None))

    def accept_view(self) -> None:
        """The lines were drawn for what the camera shows now: learn it anew."""
        self._outlook = Outlook()

    def _frozen(self, image: Image, seconds: float) -> bool:
        """Whether every eighth row has been the same to the last bit for a minute.

        A camera that lives has noise, or at least encodes each group of pictures anew, and even a picture
        of nothing changes within a few seconds; the first changed pixel ends the state.
        """
        sample = image[::_ROWS]
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample = sample.copy()
            self._same_since = seconds
        return seconds - self._same_since >= FROZEN_S

    def _motion(self, grey: Grey, seconds: float) -> float:
        """The share that differs from the picture of half a second to a second ago: so someone who walks
        slowly in the distance moves too."""
        before = self._before
        if before and (before[0][1].shape != grey.shape or seconds < before[-1][0]):
            before.clear()
        while len(before) > 1 and before[1][0] <= seconds - _BEFORE_S:
            before.popleft()
        share = _changed(before[0][1], grey) if before else 0.0
        if not before or seconds - before[-1][0] >= _BEFORE_S / 4:  # a fast camera does not fill the memory
            before.append((seconds, grey))
        return share


class MotionGate:
    """Lets through one picture a second where nothing moves and nobody is followed; opens at once on motion.

    It stays open `hold_s` seconds after the last motion or track. `least` is the share of the picture that
    must change: 0.0004 of 160 x 120 are eight pixels, a person 25 pixels high in a picture of 640 x 480.
    """

    def __init__(self, *, idle_s: float = 1.0, hold_s: float = 2.0, least: float = 0.0004) -> None:
        self._idle_s, self._hold_s, self._least = idle_s, hold_s, least
        self._stirred: float | None = None
        self._passed: float | None = None

    def opens(self, motion: float, seconds: float, tracks: int) -> bool:
        """Whether the picture at `seconds` should be analysed, with so many live tracks."""
        if motion >= self._least or tracks or self._stirred is None:
            self._stirred = seconds
        idle = seconds - self._stirred > self._hold_s
        if idle and self._passed is not None and 0 <= seconds - self._passed < self._idle_s:
            return False
        self._passed = seconds
        return True


class _Lasting:
    """A condition that holds once it has been true for a while, and ends at once."""

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s
        self.since: float | None = None
        self.now = False

    def holds(self, so: bool, seconds: float) -> bool:
        if not so:
            self.since = None
        elif self.since is None:
            self.since = seconds
        self.now = self.since is not None and seconds - self.since >= self._least_s
        return self.now


def _small(image: Image) -> Grey:
    """Grey, 160 pixels wide, each pixel the mean of those it stands for."""
    height, width = image.shape[:2]
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    size = (WIDTH, max(round(height * WIDTH / width), 1))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _is_black(grey: Grey) -> bool:
    return float(np.percentile(grey, 99)) < _BLACK_LIGHT and float(grey.std()) < _BLACK_SPREAD


def _changed(before: Grey, grey: Grey) -> float:
    """The share of pixels that changed by more than the noise; single pixels are noise."""
    apart = cv2.blur(cv2.absdiff(before, grey), (3, 3))
    counts = np.bincount(apart.ravel(), minlength=256)
    noise = int(np.searchsorted(np.cumsum(counts), apart.size / 2)) + 1  # the median, rounded up
    limit = int(max(_STEP, _NOISES * noise) // 2)  # the blur halves what a thin edge changes
    return float(counts[limit:].sum()) / apart.size
