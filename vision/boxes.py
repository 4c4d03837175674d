"""The one shape that detectors, the tracker and the counter hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
Image = NDArray[np.uint8]
"""A frame: (height, width, 3), blue-green-red unless a function says otherwise."""

PERSON = 0
UNTRACKED = -1


@dataclass(frozen=True, slots=True)
class Boxes:
    """What was found in one frame; all arrays have the same length n.

    `xyxy` (n, 4) is left, top, right, bottom in pixels of the frame, y down; `score` (n,) lies in 0..1;
    `kind` (n,) says what it is (0 is a person); `track` (n,) is the track's number or -1.
    """

    xyxy: Floats
    score: Floats
    kind: NDArray[np.int16]
    track: NDArray[np.int64]

    @classmethod
    def of(cls, xyxy: ArrayLike, score: ArrayLike | None = None, track: ArrayLike | None = None) -> Boxes:
        """Boxes of persons. Boxes that are not finite, or have no width or height, are left out.

        Without `score` every box is certain (1.0); without `track` none belongs to a track.
        """
        corners = np.asarray(xyxy, np.float32).reshape(-1, 4)
        n = len(corners)
        scores = np.ones(n, np.float32) if score is None else np.asarray(score, np.float32).reshape(n)
        tracks = np.full(n, UNTRACKED, np.int64) if track is None else np.asarray(track, np.int64).reshape(n)
        sound = np.isfinite(corners).all(axis=1) & np.isfinite(scores)
        sound &= (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        return cls(corners, scores, np.full(n, PERSON, np.int16), tracks).pick(sound)

    @classmethod
    def empty(cls) -> Boxes:
        """No boxes."""
        return cls.of(np.empty((0, 4), np.float32))

    def __len__(self) -> int:
        return len(self.xyxy)

    def pick(self, index: NDArray[Any]) -> Boxes:
        """The boxes at the positions, or where the mask is true."""
        return Boxes(self.xyxy[index], self.score[index], self.kind[index], self.track[index])

    def scaled(self, across: float, down: float) -> Boxes:
        """The same boxes with x multiplied by `across` and y by `down`."""
        factors = np.array([across, down, across, down], np.float32)
        return Boxes(self.xyxy * factors, self.score, self.kind, self.track)

    @property
    def feet(self) -> Points:
        """(n, 2): the middle of each box's lower edge, where a standing person meets the floor."""
        return np.stack([(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2, self.xyxy[:, 3]], axis=1).astype(np.float64)

    @property
    def heights(self) -> Points:
        """(n,): the boxes' heights in pixels."""
        return (self.xyxy[:, 3] - self.xyxy[:, 1]).astype(np.float64)
