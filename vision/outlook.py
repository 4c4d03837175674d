"""Whether a camera still looks at the same place: its background, learned slowly, against each new picture."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.boxes import Floats, Image

Seen = Literal["covered", "moved"]

COVERED_S = 10.0
MOVED_S = 20.0
NEW_VIEW_S = 1800.0
"""A view that has stood still for half an hour is taken for the camera's own."""

_EVERY_S = 1.0
_LEARN = 15
_MOST_VIEWS = 4
_SIDE = 20  # pixels of a block
_TEXTURED = 2.5  # spread of a block's fine structure, in grey levels, from which it can be compared
_LEAST_BLOCKS = 6
_ALIKE = 0.45
_SAME_SHARE = 0.3
_LOST_TEXTURE = 0.35
_TOO_DARK = 30.0
_COLOURLESS = 3.0  # mean difference of a pixel's colours

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class _View:
    """A background that the camera knows: slow median of its pictures, by day or in infrared light."""

    colourless: bool
    background: Floats
    texture: float
    agreed: deque[Mask] = field(default_factory=lambda: deque(maxlen=round(MOVED_S / _EVERY_S)))

    @property
    def lately(self) -> Mask:
        """The blocks that agreed at any time in the last 20 seconds."""
        return np.asarray(np.any(np.stack(self.agreed), axis=0))


class Outlook:
    """Compares the fine structure of 20-pixel blocks with the learned background, once a second.

    The normalised correlation of a block does not see light and shade. While at least 30 % of the blocks that
    have structure agree, the view is the same: a crowd that hides some blocks leaves others, and as it moves
    every block is seen at some time, so a block counts for 20 seconds after it last agreed before the view is
    taken for `moved`. Where the picture's structure has gone too, it is `covered`. A dark picture, whose noise hides
    its structure, is not judged. Moves of 3 % of the picture's width are seen; smaller ones may not be.

    The first 15 seconds are the first background; after that it follows the picture by one grey level a
    second and only while the view is the same (a running median, as in Sigma-Delta background estimation,
    Manzanera and Richefeu 2007). Infrared light has its own background. A moved view becomes a known one
    when it has stood still for half an hour, which `new_view` then says; the views known before stay known,
    so that a shutter at night does not become the day's alarm.
    """

    def __init__(self) -> None:
        self.new_view = False
        self._looked: float | None = None
        self._begin()

    def _begin(self) -> None:
        self._views: list[_View] = []
        self._learning: deque[Grey] = deque(maxlen=_LEARN)
        self._learning_colourless = False
        self._candidate: tuple[float, _View] | None = None
        self._other_since: float | None = None
        self._seen: Seen | None = None

    @property
    def since(self) -> float | None:
        """When the view ceased to be one of the known ones, None while it is."""
        return self._other_since

    def look(self, grey: Grey, image: Image, seconds: float) -> Seen | None:
        """What is wrong with the view, judged once a second; `image` is what `grey` was made of."""
        if self._looked is not None and 0 <= seconds - self._looked < _EVERY_S:
            return self._seen
        self._looked = seconds
        if self._views and self._views[0].background.shape != grey.shape:
            self._begin()  # another resolution
        self._seen = self._judge(grey, seconds, _colourless(image))
        return self._seen

    def _judge(self, grey: Grey, seconds: float, colourless: bool) -> Seen | None:
        known = [view for view in self._views if view.colourless == colourless]
        if not known:
            self._learn(grey, colourless)
            return None
        fine = _fine(grey)
        texture = _texture(fine, grey)
        shares = [_agreement(view, fine) for view in known]
        now = max(share[0] for share in shares)
        if now >= _SAME_SHARE:
            self._same(known[[share[0] for share in shares].index(now)], grey, texture)
            return None
        flat = texture < _LOST_TEXTURE * max(view.texture for view in known)
        if float(grey.mean()) < _TOO_DARK and not (flat and now == 0):
            return self._seen
        hidden = max(share[1] for share in shares) >= _SAME_SHARE
        return self._other(grey, texture, seconds, flat=flat, hidden=hidden, colourless=colourless)

    def _learn(self, grey: Grey, colourless: bool) -> None:
        """The first view of this kind of light: the median of its first pictures."""
        if self._learning_colourless != colourless or (self._learning and self._learning[0].shape != grey.shape):
            self._learning.clear()
        self._learning_colourless = colourless
        self._learning.append(grey)
        if len(self._learning) == _LEARN:
            background = np.median(np.stack(self._learning), axis=0).astype(np.float32)
            self._views.append(_View(colourless, background, _texture(_fine(background), background)))
            self._learning.clear()

    def _same(self, view: _View, grey: Grey, texture: float) -> None:
        self._other_since = self._candidate = None
        view.background += np.sign(grey - view.background)
        view.texture += (texture - view.texture) / 300

    def _other(
        self, grey: Grey, texture: float, seconds: float, *, flat: bool, hidden: bool, colourless: bool
    ) -> Seen | None:
        """None of the known views: which flaw it is, once it has lasted."""
        self._other_since = seconds if self._other_since is None else self._other_since
        lasted = seconds - self._other_since
        if flat:
            self._candidate = None
            return "covered" if lasted >= COVERED_S else self._seen
        if self._settled(grey, texture, seconds, colourless):
            return None
        return "moved" if lasted >= MOVED_S and not hidden else self._seen

    def _settled(self, grey: Grey, texture: float, seconds: float, colourless: bool) -> bool:
        """Whether the other view has stood still for so long that it is the camera's own from now on."""
        if self._candidate is not None:
            since, view = self._candidate
            if _agreement(view, _fine(grey))[0] >= _SAME_SHARE:
                view.background += np.sign(grey - view.background)
                if seconds - since < NEW_VIEW_S:
                    return False
                self._views = [*self._views, view][-_MOST_VIEWS:]
                self.new_view = True
                self._other_since = self._candidate = None
                return True
        self._candidate = (seconds, _View(colourless, grey.astype(np.float32), texture))
        return False


def _fine(grey: NDArray[np.uint8] | Floats) -> Floats:
    """What is smaller than nine pixels: the picture less its blur."""
    picture = grey.astype(np.float32)
    return picture - cv2.blur(picture, (9, 9)).astype(np.float32, copy=False)


def _texture(fine: Floats, grey: NDArray[np.uint8] | Floats) -> float:
    """Fine structure relative to brightness, so that the dimming of lights does not change it."""
    return float(fine.std() / (grey.mean() + 5))


def _blocks(fine: Floats) -> Floats:
    """(blocks, pixels): what is left over at the right and lower edge is not used."""
    rows, columns = max(fine.shape[0] // _SIDE, 1), max(fine.shape[1] // _SIDE, 1)
    high, wide = fine.shape[0] // rows, fine.shape[1] // columns
    cut = fine[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
    return cut.swapaxes(1, 2).reshape(rows * columns, high * wide)


def _agreement(view: _View, fine: Floats) -> tuple[float, float]:
    """The shares of the view's textured blocks that agree now, and that have agreed in the last 20 seconds;
    1 where too few have structure to be compared."""
    known, now = _blocks(_fine(view.background)), _blocks(fine)
    known = known - known.mean(axis=1, keepdims=True)
    now = now - now.mean(axis=1, keepdims=True)
    spread = np.sqrt((known * known).mean(axis=1))
    other = np.sqrt((now * now).mean(axis=1))
    alike = (known * now).mean(axis=1) / (spread * other + 1e-6)
    view.agreed.append(alike >= _ALIKE)
    textured = spread >= _TEXTURED
    if np.count_nonzero(textured) < _LEAST_BLOCKS:
        return 1.0, 1.0
    return float(view.agreed[-1][textured].mean()), float(view.lately[textured].mean())


def _colourless(image: Image) -> bool:
    """Whether the picture is grey, as of a camera that has gone over to infrared light."""
    few = image[::16, ::16].astype(np.int16)
    return float((few.max(axis=2) - few.min(axis=2)).mean()) < _COLOURLESS
