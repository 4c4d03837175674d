"""Boxes to tracks: who in this frame is whom in the frames before.

Association is on foot points, in units of the person's own height, and in seconds rather than frames, so
that a dropped frame or another frame rate changes nothing. It has the two stages of ByteTrack (Zhang et
al., ECCV 2022): boxes of certain score first, then the uncertain ones, which may continue a track but never
begin one. Each track is a constant-velocity Kalman filter (Bar-Shalom et al., Estimation with Applications
to Tracking and Navigation, 2001, 6.3) that is isotropic over x and y, so its covariance is three numbers.
The cost of a pair is its negative log-likelihood; pairs beyond the chi-square gate are never made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vision.boxes import Boxes, Points

_GATE = 11.34  # chi-square, 3 degrees of freedom (x, y, log height), 99 %
_FOOT_NOISE = 0.07  # of a height: how far a box's lower edge lies from the foot
_HEIGHT_NOISE = 0.2  # of log height: partly hidden people lose their legs
_WALK = 0.8  # heights per second: 1.4 m/s of a person of 1.7 m, the spread of a new track's velocity
_TURN = 0.7  # heights per second, per root second: how much the velocity wanders
_HEIGHT_GAIN = 0.2  # share of a new height that the smoothed height takes
_REACH = 1.5  # heights: no box further than this from the prediction is the same person
_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """`certain`: score that matches first. `begins`: score that begins a track. `weak_memory_s`: how long a
    track is offered uncertain boxes. `memory_s`: how long an unseen track lives. `young_memory_s`: the same
    for a track seen fewer than `grown` times."""

    certain: float = 0.25
    begins: float = 0.35
    weak_memory_s: float = 0.5
    memory_s: float = 2.0
    young_memory_s: float = 0.4
    grown: int = 3


@dataclass(slots=True)
class _Tracks:
    """All live tracks, one row each: number, foot (x, y), velocity (px/s), covariance (position, cross,
    velocity), height and width (px), times seen, and the second last seen."""

    number: NDArray[np.int64]
    foot: Points
    velocity: Points
    covariance: Points
    height: Points
    width: Points
    seen: NDArray[np.int64]
    last: Points

    @classmethod
    def none(cls) -> _Tracks:
        return cls.begun(Boxes.empty(), np.empty(0, np.int64), 0.0)

    @classmethod
    def begun(cls, boxes: Boxes, numbers: NDArray[np.int64], at: float) -> _Tracks:
        n, height = len(boxes), boxes.heights
        covariance = np.stack([(_FOOT_NOISE * height) ** 2, np.zeros(n), (_WALK * height) ** 2], axis=1)
        width = (boxes.xyxy[:, 2] - boxes.xyxy[:, 0]).astype(np.float64)
        last = np.full(n, at)
        return cls(numbers, boxes.feet, np.zeros((n, 2)), covariance, height, width, np.ones(n, np.int64), last)

    def joined(self, more: _Tracks) -> _Tracks:
        return _Tracks(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in self.__slots__))

    def kept(self, mask: NDArray[np.bool_]) -> _Tracks:
        return _Tracks(*(getattr(self, name)[mask] for name in self.__slots__))


class Tracker:
    """Gives boxes of successive frames the numbers of the people they belong to."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self.settings = settings or TrackerSettings()
        self.ended: list[int] = []
        """Numbers of the tracks that ended in the latest update; whoever keeps state per track drops it."""
        self._tracks = _Tracks.none()
        self._at: float | None = None
        self._next = 0

    def __len__(self) -> int:
        """How many tracks live."""
        return len(self._tracks.number)

    def update(self, boxes: Boxes, at: float) -> Boxes:
        """The tracked boxes of a frame at `at` seconds (any clock that never goes back).

        Their foot points and heights are the filtered ones; boxes that belong to no track are left out,
        and so are the tracks that this frame does not show.
        """
        self._advance(at)
        certain = boxes.score >= self.settings.certain
        since = at - self._tracks.last
        grown = self._tracks.seen >= self.settings.grown
        owner = np.full(len(boxes), -1)
        self._match(boxes, owner, certain, grown)
        self._match(boxes, owner, ~certain, grown & (since <= self.settings.weak_memory_s))
        self._match(boxes, owner, certain, ~grown)
        self._correct(boxes, owner, at)
        self._begin(boxes, owner, at)
        return self._shown(at)

    def close(self) -> None:
        """Ends every track, as after a gap or a change of the picture."""
        self.ended = self._tracks.number.tolist()
        self._tracks = _Tracks.none()

    def _advance(self, at: float) -> None:
        """Drops the tracks unseen for too long and predicts the others to `at`."""
        step = 0.0 if self._at is None else max(at - self._at, 0.0)
        self._at = at
        tracks, settings = self._tracks, self.settings
        memory = np.where(tracks.seen >= settings.grown, settings.memory_s, settings.young_memory_s)
        alive = at - tracks.last <= memory
        self.ended = tracks.number[~alive].tolist()
        self._tracks = tracks = tracks.kept(alive)
        tracks.foot += tracks.velocity * step
        place, cross, speed = tracks.covariance.T.copy()
        wander = (_TURN * tracks.height) ** 2
        tracks.covariance[:, 0] = place + step * (2 * cross + step * speed) + wander * step**3 / 3
        tracks.covariance[:, 1] = cross + step * speed + wander * step**2 / 2
        tracks.covariance[:, 2] = speed + wander * step

    def _match(
        self, boxes: Boxes, owner: NDArray[np.int64], offered: NDArray[np.bool_], open_: NDArray[np.bool_]
    ) -> None:
        """Writes into `owner` the row of the track that each offered, still free box continues."""
        columns = np.flatnonzero(offered & (owner < 0))
        taken = np.zeros(len(self), bool)
        taken[owner[owner >= 0]] = True
        rows = np.flatnonzero(open_ & ~taken)
        if not len(rows) or not len(columns):
            return
        cost = self._cost(rows, boxes.pick(columns))
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if cost[row, column] < _FORBIDDEN:
                owner[columns[column]] = rows[row]

    def _cost(self, rows: NDArray[np.int64], boxes: Boxes) -> Points:
        """(rows, boxes): negative log-likelihood of each pair, or `_FORBIDDEN` beyond the gate."""
        tracks = self._tracks
        height = tracks.height[rows][:, None]
        apart = ((tracks.foot[rows][:, None] - boxes.feet[None]) ** 2).sum(axis=2)
        spread = tracks.covariance[rows, 0][:, None] + (_FOOT_NOISE * height) ** 2
        taller = np.log(boxes.heights[None] / height) / _HEIGHT_NOISE
        distance = apart / spread + taller**2
        cost = distance + 2 * np.log(spread)
        return np.where((distance <= _GATE) & (apart <= (_REACH * height) ** 2), cost, _FORBIDDEN)

    def _correct(self, boxes: Boxes, owner: NDArray[np.int64], at: float) -> None:
        """The Kalman update of the tracks that own a box."""
        mine = owner >= 0
        rows, seen = owner[mine], boxes.pick(mine)
        tracks = self._tracks
        place, cross, speed = tracks.covariance[rows].T
        spread = place + (_FOOT_NOISE * tracks.height[rows]) ** 2
        gain, gain_speed = place / spread, cross / spread
        error = seen.feet - tracks.foot[rows]
        tracks.foot[rows] += gain[:, None] * error
        tracks.velocity[rows] += gain_speed[:, None] * error
        left = [(1 - gain) * place, (1 - gain) * cross, speed - gain_speed * cross]
        tracks.covariance[rows] = np.stack(left, axis=1)
        tracks.height[rows] += _HEIGHT_GAIN * (seen.heights - tracks.height[rows])
        tracks.width[rows] += _HEIGHT_GAIN * (seen.xyxy[:, 2] - seen.xyxy[:, 0] - tracks.width[rows])
        tracks.seen[rows] += 1
        tracks.last[rows] = at

    def _begin(self, boxes: Boxes, owner: NDArray[np.int64], at: float) -> None:
        """Begins a track at every free box that is certain enough."""
        fresh = boxes.pick((owner < 0) & (boxes.score >= self.settings.begins))
        numbers = np.arange(self._next, self._next + len(fresh))
        self._next += len(fresh)
        self._tracks = self._tracks.joined(_Tracks.begun(fresh, numbers, at))

    def _shown(self, at: float) -> Boxes:
        tracks = self._tracks.kept(self._tracks.last == at)
        half = tracks.width / 2
        x, y = tracks.foot[:, 0], tracks.foot[:, 1]
        corners = np.stack([x - half, y - tracks.height, x + half, y], axis=1)
        return Boxes.of(corners, track=tracks.number)
