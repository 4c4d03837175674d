"""Scenes of walking people with truth, as a detector would see them, for what footage cannot vary.

A camera looks down a hall: a person's height in pixels grows with the distance of the feet from the horizon. People
walk alone and in groups, stop, turn round and pass behind each other and behind two pillars. A box is found the
more surely, and scored the higher, the more of the person is seen; legs that someone nearer hides are cut off;
boxes that overlap by half are one; edges wander over a third of a second rather than from frame to frame; furniture
is taken for people at low scores. Everything follows from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.vision.scores import Shown, overlaps

WIDTH, HEIGHT = 640, 480
_HORIZON = 60.0
_SCALE = 0.26  # pixels of height for each pixel below the horizon
_PERSON_M = 1.7
_ASPECT = 0.38
_WANDER_S = 0.3  # how long a box's edge keeps its error
_EDGE = 0.03  # of a height: the spread of that error
_PILLARS = ((210.0, 26.0, 300.0), (430.0, 30.0, 380.0))  # x, width, foot
_FURNITURE = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame: its time, the boxes found with their scores, and the true boxes of who is in the picture."""

    seconds: float
    xyxy: Floats
    score: Floats
    truth: Shown


@dataclass(frozen=True, slots=True)
class _Walker:
    """A path as times and floor points (x px, y px), and a height as a share of the usual one."""

    times: Floats
    points: Floats
    tall: float


def scene(seed: int, *, fps: float = 7.0, seconds: float = 90.0, people: int = 60) -> list[Seen]:
    """The frames of one scene, with about `people` visits of 10 to 40 seconds each spread over it."""
    random = np.random.default_rng(seed)
    walkers = _walkers(random, seconds, people)
    edges = np.zeros((len(walkers), 5))
    furniture = _furniture(random)
    keep = np.exp(-1 / (fps * _WANDER_S))
    frames = []
    for at in np.arange(0, seconds, 1 / fps):
        edges = keep * edges + np.sqrt(1 - keep**2) * random.normal(size=edges.shape)
        frames.append(_frame(random, float(at), walkers, edges, furniture))
    return frames


def _walkers(random: np.random.Generator, seconds: float, people: int) -> list[_Walker]:
    walkers: list[_Walker] = []
    while len(walkers) < people:
        size = int(random.choice([1, 2, 3, 4], p=[0.5, 0.3, 0.13, 0.07]))
        times, points = _path(random, seconds)
        for place in range(size):
            apart = _pixels_a_metre(points[:, 1]) * (0.65 * place + random.uniform(-0.1, 0.1))
            beside = points + np.stack([apart * 0.7, apart * 0.35], axis=1)
            walkers.append(_Walker(times + random.uniform(-0.3, 0.3), beside, random.normal(1, 0.06)))
    return walkers


def _path(random: np.random.Generator, seconds: float) -> tuple[Floats, Floats]:
    """From one side of the picture to somewhere, perhaps a stop, and on to a side, which may be the same."""
    left = random.random() < 0.5
    start = (-30.0 if left else WIDTH + 30.0, random.uniform(200, 460))
    middle = (random.uniform(120, WIDTH - 120), random.uniform(200, 460))
    back = random.random() < 0.2
    end = (-30.0 if left == back else WIDTH + 30.0, random.uniform(200, 460))
    stop = random.uniform(2, 12) if random.random() < 0.35 else 0.0
    speed = random.normal(1.3, 0.2)
    begun = random.uniform(-10, seconds)
    first, second = (_metres(one, other) / speed for one, other in ((start, middle), (middle, end)))
    times = begun + np.cumsum([0.0, first, stop + 0.01, second])
    return times, np.array([start, middle, middle, end])


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    scale = _pixels_a_metre(np.array([(one[1] + other[1]) / 2]))[0]
    return float(np.hypot(one[0] - other[0], 1.6 * (one[1] - other[1])) / scale)


def _pixels_a_metre(y: Floats) -> Floats:
    return _SCALE * (y - _HORIZON) / _PERSON_M


def _furniture(random: np.random.Generator) -> Floats:
    """(n, 5): foot x, foot y, height, and the mean score of things that look a little like people."""
    return np.stack(
        [
            random.uniform(30, WIDTH - 30, _FURNITURE),
            random.uniform(180, 440, _FURNITURE),
            random.uniform(40, 80, _FURNITURE),
            random.uniform(0.1, 0.3, _FURNITURE),
        ],
        axis=1,
    )


def _frame(random: np.random.Generator, at: float, walkers: list[_Walker], edges: Floats, furniture: Floats) -> Seen:
    there = [n for n, each in enumerate(walkers) if each.times[0] <= at <= each.times[-1]]
    true = np.array([_true_box(walkers[n], at) for n in there]).reshape(-1, 4)
    inside = (true[:, 0] > 0) & (true[:, 2] < WIDTH) & (true[:, 3] < HEIGHT)
    true, there = true[inside], [n for n, good in zip(there, inside, strict=True) if good]
    visible, lowest = _visibility(true)
    chance = 0.97 / (1 + np.exp(-12 * (visible - 0.4)))
    score = np.clip(0.15 + 0.65 * visible + 0.1 * edges[there, 4] + random.normal(0, 0.05, len(true)), 0.02, 0.95)
    height = true[:, 3] - true[:, 1]
    found = true + _EDGE * height[:, None] * edges[there, :4]
    cut = (lowest < true[:, 3]) & (random.random(len(true)) < 0.7)
    found[cut, 3] = lowest[cut]
    mine = (random.random(len(true)) < chance) & (score >= 0.1) & (found[:, 3] - found[:, 1] > 0.3 * height)
    things, thing_score = _things(random, furniture)
    boxes, scores = np.concatenate([found[mine], things]), np.concatenate([score[mine], thing_score])
    kept = _suppressed(boxes, scores)
    return Seen(at, boxes[kept], scores[kept], Shown(true, np.array(there, np.int64)))


def _true_box(walker: _Walker, at: float) -> tuple[float, float, float, float]:
    x, y = (float(np.interp(at, walker.times, walker.points[:, axis])) for axis in (0, 1))
    height = _SCALE * (y - _HORIZON) * walker.tall
    return x - _ASPECT * height / 2, y - height, x + _ASPECT * height / 2, y


def _visibility(true: Floats) -> tuple[Floats, Floats]:
    """The share of each body that is seen, and the lowest row at which it is."""
    visible, lowest = np.ones(len(true)), true[:, 3].copy()
    hiders = np.concatenate([true, [[x - w / 2, 0, x + w / 2, foot] for x, w, foot in _PILLARS]])
    for n, (left, top, right, foot) in enumerate(true):
        grid_x, grid_y = np.meshgrid(np.linspace(left, right, 10)[1:-1], np.linspace(top, foot, 16)[1:-1])
        hidden = np.zeros(grid_x.shape, bool)
        for one in hiders[hiders[:, 3] > foot]:
            hidden |= (grid_x > one[0]) & (grid_x < one[2]) & (grid_y > one[1]) & (grid_y < one[3])
        visible[n] = 1 - hidden.mean()
        rows = grid_y[(~hidden).mean(axis=1) > 0.4, 0]
        lowest[n] = min(foot, rows.max() + (foot - top) / 15) if len(rows) else foot
    return visible, lowest


def _things(random: np.random.Generator, furniture: Floats) -> tuple[Floats, Floats]:
    score = furniture[:, 3] + random.normal(0, 0.06, len(furniture))
    x, y, height = furniture[:, :3].T
    shake = random.normal(0, 0.5, (len(furniture), 4))
    boxes = np.stack([x - _ASPECT * height / 2, y - height, x + _ASPECT * height / 2, y], axis=1) + shake
    good = score >= 0.1
    return boxes[good], score[good]


def _suppressed(boxes: Floats, scores: Floats) -> NDArray[np.int64]:
    kept: list[int] = []
    shared = overlaps(boxes, boxes)
    for n in np.argsort(-scores).tolist():
        if not (shared[n, kept] > 0.5).any():
            kept.append(n)
    return np.array(kept, np.int64)
