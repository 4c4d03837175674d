"""Boxes to tracks: who in this frame is whom in the frames before.

Association is on foot points, in units of the person's own height, and in seconds rather than frames, so
that a dropped frame or another frame rate changes nothing. It has the two stages of ByteTrack (Zhang et
al., ECCV 2022): boxes of certain score first, then the uncertain ones, which may continue a track but never
begin one. Each track is a constant-velocity Kalman filter (Bar-Shalom et al., Estimation with Applications
to Tracking and Navigation, 2001, 6.3), of its own for x and y: boxes are surer across than down, and people
seen by a camera that looks across a floor move more across than down. The cost of a pair is its negative
log-likelihood; pairs beyond the chi-square gate are never made.

Three things are not in those sources. A box that is too short for its person is also compared by its upper
edge, because whoever stands in front hides the legs and not the head. A track that began beside other people
is shown from its second box on, because a single box there is often a part of one of them. And a track that has never
walked is shown only while its boxes are certain on average: furniture that now and then resembles a person
would otherwise be present all day.

What the numbers rest on: the noise of boxes is the spread of four networks' boxes about annotated people
(across 0.02-0.03 heights, feet 0.04-0.05, log height 0.06-0.09), rounded up for worse pictures; the unrest of
walking is what annotated people show from one second to the next (0.24 heights a second across, 0.09 down,
in a recording that is shown at 1.4 times its speed), rounded up. The gate is the 99.9 % point, since 99 %
breaks a track a minute at seven frames a second. The other choices were compared on drawn crowds
(`benchmarks/vision/crowd.py`) and on boxes of four networks with frames and boxes left out or shaken: reach,
hidden legs, second box, a memory of two seconds, where three made fewer tracks and more mistaken ones, and
0.7 s for new tracks, two frames at the least rate of 3.5 a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vision.boxes import Boxes, Points

_GATE = 16.27  # chi-square, 3 degrees of freedom (x, y, log height), 99.9 %
_FOOT_NOISE = np.array([0.04, 0.06])  # of a height, (across, down): how far a box lies from the foot
_HEIGHT_NOISE = 0.12  # of log height
_WALK = np.array([0.8, 0.4])  # heights per second: the spread of a new track's velocity; 1.4 m/s is 0.8
_TURN = np.array([0.35, 0.2])  # heights per second, per root second: how much the velocity wanders
_HEIGHT_GAIN = 0.2  # share of a new height that the smoothed height takes
_REACH = 1.0  # heights: no box further than this from the prediction is the same person
_CUT = 0.8  # share of the usual height below which the legs may be hidden
_CUT_COST = 4.0  # -2 log likelihood: hidden legs explain about one short box in seven
_SHORTEST = 0.25  # share of the usual height: less is no head and shoulders
_WALKED = 0.5  # heights from where a track began: more than boxes shake, less than one step
_SCORE_S = 1.0  # over how long scores are averaged
_BESIDE = 0.05  # share of a box that others cover, from which it is beside people
_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """`certain`: score that matches first. `begins`: score that begins a track. `weak_memory_s`: how long a
    track is offered uncertain boxes. `memory_s`: how long an unseen track lives. `young_memory_s`: the same
    for a track seen fewer than `grown` times. `proof`: boxes from which a track that began beside other
    people is shown."""

    certain: float = 0.25
    begins: float = 0.35
    weak_memory_s: float = 0.5
    memory_s: float = 2.0
    young_memory_s: float = 0.7
    grown: int = 3
    proof: int = 2


@dataclass(slots=True)
class _Tracks:
    """All live tracks, one row each: number, foot (x, y), velocity (px/s), variances of place and velocity and
    their covariance, each for x and y, height and width (px), times seen and times that prove it, the second
    last seen, mean score, the foot where it began and whether it has walked from there."""

    number: NDArray[np.int64]
    foot: Points
    velocity: Points
    place: Points
    cross: Points
    speed: Points
    height: Points
    width: Points
    seen: NDArray[np.int64]
    proof: NDArray[np.int64]
    last: Points
    score: Points
    start: Points
    walked: NDArray[np.bool_]

    @classmethod
    def none(cls) -> _Tracks:
        return cls.begun(Boxes.empty(), np.empty(0, np.int64), np.empty(0, np.int64), 0.0)

    @classmethod
    def begun(cls, boxes: Boxes, numbers: NDArray[np.int64], proof: NDArray[np.int64], at: float) -> _Tracks:
        n, height, feet = len(boxes), boxes.heights, boxes.feet
        still = np.zeros((n, 2))
        return cls(
            number=numbers,
            foot=feet,
            velocity=still,
            place=(_FOOT_NOISE * height[:, None]) ** 2,
            cross=still.copy(),
            speed=(_WALK * height[:, None]) ** 2,
            height=height,
            width=(boxes.xyxy[:, 2] - boxes.xyxy[:, 0]).astype(np.float64),
            seen=np.ones(n, np.int64),
            proof=proof,
            last=np.full(n, at),
            score=boxes.score.astype(np.float64),
            start=feet.copy(),
            walked=np.zeros(n, bool),
        )

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

        Their foot points and heights are the filtered ones. Boxes that belong to no track are left out, and
        so are tracks that this frame does not show or that are not yet sure to be a person.
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
        if self.ended:
            self._tracks = tracks = tracks.kept(alive)
        wander = (_TURN * tracks.height[:, None]) ** 2
        tracks.foot += tracks.velocity * step
        tracks.place += step * (2 * tracks.cross + step * tracks.speed) + wander * step**3 / 3
        tracks.cross += step * tracks.speed + wander * step**2 / 2
        tracks.speed += wander * step

    def _match(
        self, boxes: Boxes, owner: NDArray[np.int64], offered: NDArray[np.bool_], open_: NDArray[np.bool_]
    ) -> None:
        """Writes into `owner` the row of the track that each offered, still free box continues."""
        columns = np.flatnonzero(offered & (owner < 0))
        if not len(columns):
            return
        taken = np.zeros(len(self), bool)
        taken[owner[owner >= 0]] = True
        rows = np.flatnonzero(open_ & ~taken)
        if not len(rows):
            return
        cost = self._cost(rows, boxes.pick(columns))
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if cost[row, column] < _FORBIDDEN:
                owner[columns[column]] = rows[row]

    def _cost(self, rows: NDArray[np.int64], boxes: Boxes) -> Points:
        """(rows, boxes): negative log-likelihood of each pair, or `_FORBIDDEN` beyond the gate."""
        tracks = self._tracks
        height, heights = tracks.height[rows][:, None], boxes.heights[None]
        apart = tracks.foot[rows][:, None] - boxes.feet[None]
        spread = tracks.place[rows] + (_FOOT_NOISE * height) ** 2
        squared = apart**2 / spread[:, None]
        distance = squared.sum(axis=2) + (np.log(heights / height) / _HEIGHT_NOISE) ** 2
        by_head = tracks.foot[rows][:, 1, None] - (boxes.xyxy[None, :, 1] + height)
        cut = (heights < _CUT * height) & (heights > _SHORTEST * height)
        hidden = squared[..., 0] + by_head**2 / spread[:, 1, None] + _CUT_COST
        distance = np.where(cut, np.minimum(distance, hidden), distance)
        near = (apart**2).sum(axis=2) <= (_REACH * height) ** 2
        return np.where((distance <= _GATE) & near, distance + np.log(spread).sum(axis=1)[:, None], _FORBIDDEN)

    def _correct(self, boxes: Boxes, owner: NDArray[np.int64], at: float) -> None:
        """The Kalman update of the tracks that own a box."""
        mine = owner >= 0
        rows, seen = owner[mine], boxes.pick(mine)
        if not len(rows):
            return
        tracks = self._tracks
        feet, cut = self._feet(rows, seen)
        height = tracks.height[rows]
        place, cross = tracks.place[rows], tracks.cross[rows]
        spread = place + (_FOOT_NOISE * height[:, None]) ** 2
        error = feet - tracks.foot[rows]
        tracks.foot[rows] += place / spread * error
        tracks.velocity[rows] += cross / spread * error
        tracks.place[rows] -= place**2 / spread
        tracks.cross[rows] -= place * cross / spread
        tracks.speed[rows] -= cross**2 / spread
        tracks.height[rows] += _HEIGHT_GAIN * np.where(cut, 0.0, seen.heights - height)
        tracks.width[rows] += _HEIGHT_GAIN * (seen.xyxy[:, 2] - seen.xyxy[:, 0] - tracks.width[rows])
        fresh = 1 - np.exp((tracks.last[rows] - at) / _SCORE_S)
        tracks.score[rows] += fresh * (seen.score - tracks.score[rows])
        walked = ((tracks.foot[rows] - tracks.start[rows]) ** 2).sum(axis=1) > (_WALKED * height) ** 2
        tracks.walked[rows] |= walked
        tracks.seen[rows] += 1
        tracks.last[rows] = at

    def _feet(self, rows: NDArray[np.int64], seen: Boxes) -> tuple[Points, NDArray[np.bool_]]:
        """Where the feet are, and where legs are hidden: a box that is too short and whose upper edge fits the
        person better than its lower edge has its feet one usual height below the upper edge."""
        tracks, feet = self._tracks, seen.feet
        height, expected = tracks.height[rows], tracks.foot[rows, 1]
        below_head = seen.xyxy[:, 1] + height
        cut = (seen.heights < _CUT * height) & (abs(below_head - expected) < abs(feet[:, 1] - expected))
        feet[cut, 1] = below_head[cut]
        return feet, cut

    def _begin(self, boxes: Boxes, owner: NDArray[np.int64], at: float) -> None:
        """Begins a track at every free box that is certain enough."""
        free = (owner < 0) & (boxes.score >= self.settings.begins)
        if not free.any():
            return
        fresh = boxes.pick(free)
        numbers = np.arange(self._next, self._next + len(fresh))
        self._next += len(fresh)
        proof = np.where(_covered(fresh, boxes) > _BESIDE, self.settings.proof, 1)
        self._tracks = self._tracks.joined(_Tracks.begun(fresh, numbers, proof, at))

    def _shown(self, at: float) -> Boxes:
        every = self._tracks
        person = (every.score >= self.settings.certain) | every.walked
        shown = (every.last == at) & (every.seen >= every.proof) & person
        (x, y), half = every.foot[shown].T, every.width[shown] / 2
        corners = np.stack([x - half, y - every.height[shown], x + half, y], axis=1)
        return Boxes.of(corners, track=every.number[shown])


def _covered(some: Boxes, boxes: Boxes) -> Points:
    """(some,): the share of each of some boxes that the rest of `boxes` covers; above 1 where several do."""
    one, other = some.xyxy[:, None].astype(np.float64), boxes.xyxy[None].astype(np.float64)
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    shared = np.prod(np.maximum(sides, 0), axis=2).sum(axis=1)
    covered: Points = shared / np.prod(one[:, 0, 2:] - one[:, 0, :2], axis=1) - 1
    return covered
