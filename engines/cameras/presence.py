"""People in a zone as a camera sees them are too few: far heads are missed and near ones hide others.

A person counts some frames by hand; the ratio of what is there to what is seen (the ratio estimator, Cochran,
Sampling Techniques, 1977, chapter 6) makes the counts right on average. Its error is the jackknife's (Quenouille
1956, Tukey 1958), which is exact for the ratio's own bias and needs no random draws. A single minute strays further
than the ratio does: by as much as the frames did from it. Minutes of one scene are alike in what is hidden, so their
mean is given no smaller error than one frame has.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from engines.access.guard import guarded
from engines.cameras.records import CameraRecord, cameras, find_camera
from models.errors import NotEnoughData
from models.ids import new_id
from models.store import Store
from models.times import now_ms

LEAST_FRAMES = 20

#: One frame: people counted by hand, people the camera counted.
Frame = tuple[float, float]


@dataclass(frozen=True)
class Factor:
    """`factor` times what is seen is what is there, on average, within `low`..`high` (95 %).

    `spread` is by how many people (standard deviation) a frame strays from that, at `mean` people there.
    """

    factor: float
    error: float
    low: float
    high: float
    spread: float
    mean: float
    frames: int

    def people(self, seen: float) -> tuple[float, float, float]:
        """People there when `seen` are counted: the estimate and its 95 % bounds, none below zero.

        The spread grows with the root of the number of people, as counts do.
        """
        there = self.factor * seen
        stray = self.spread * sqrt(there / self.mean) if self.mean else self.spread
        wide = _t(self.frames) * sqrt((self.error * seen) ** 2 + stray**2)
        return there, max(0.0, there - wide), there + wide


@dataclass(frozen=True)
class Calibration:
    """A zone's factor as `actor` found it at `at` (UTC milliseconds).

    `stale` is true once the zone's outline, the picture or the detector is no longer what it was found with.
    """

    camera: str
    zone: str
    factor: Factor
    actor: str
    at: int
    stale: bool


def factor_of(frames: Sequence[Frame]) -> Factor:
    """The factor of frames counted by hand. Raises NotEnoughData under 20 frames or where the camera saw nobody."""
    n = len(frames)
    if n < LEAST_FRAMES:
        raise NotEnoughData(
            f"{n} frames are counted by hand; {LEAST_FRAMES} are needed.",
            "Count more frames, at busy and quiet times.",
            missing_zh=f"已人工计数 {n} 帧，至少需要 {LEAST_FRAMES} 帧。请在繁忙与清闲时段继续计数。",
        )  # fmt: skip
    there, seen = sum(t for t, _ in frames), sum(s for _, s in frames)
    without = [(there - t, seen - s) for t, s in frames]
    if there <= 0 or any(left <= 0 for _, left in without):
        raise NotEnoughData(
            "The camera saw people in too few of these frames.", "Count frames while people are in the zone.",
            missing_zh="这些帧中摄像机几乎没有检测到人。请在区域内有人时计数。",
        )  # fmt: skip
    ratio = there / seen
    each = [n * ratio - (n - 1) * t / s for t, s in without]
    factor = sum(each) / n
    error = sqrt(sum((one - factor) ** 2 for one in each) / (n * (n - 1)))
    spread = sqrt(sum((t - factor * s) ** 2 for t, s in frames) / (n - 1))
    wide = _t(n) * error
    return Factor(factor, error, max(0.0, factor - wide), factor + wide, spread, there / n, n)


@guarded
def record_calibration(store: Store, actor: str, *, camera: str, zone: str, frames: Sequence[Frame]) -> Calibration:
    """Keep hand-counted frames of a zone (its code) for good. Raises NotEnoughData, and Known for no such camera."""
    factor, at = factor_of(frames), now_ms()
    basis = _basis(find_camera(store, camera), zone)
    with store.write(actor, "keeping a calibration") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO presence_calibration (id, camera, zone, frames, basis, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (new_id(), camera, zone, json.dumps([list(frame) for frame in frames]), basis, actor, at),
        )
        tx.audit("calibrate", f"camera/{camera}", zone=zone, frames=factor.frames, factor=round(factor.factor, 4))
    return Calibration(camera, zone, factor, actor, at, stale=False)


def calibration(store: Store, camera: str, zone: str) -> Calibration | None:
    """The newest calibration of a camera's zone (its code), or None where it has none."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT frames, basis, actor, at FROM presence_calibration WHERE camera = ? AND zone = ? "
            "ORDER BY id DESC LIMIT 1",
            (camera, zone),
        ).fetchone()
    if row is None:
        return None
    frames, basis, actor, at = row
    held = [one for one in cameras(store) if one.code == camera]
    stale = not held or basis != _basis(held[0], zone)
    return Calibration(camera, zone, factor_of([(t, s) for t, s in json.loads(frames)]), actor, at, stale)


def _basis(camera: CameraRecord, zone: str) -> str:
    """What a calibration rests on, as a hash: the zone's outline, the picture's size and turn, the detector."""
    try:
        config: dict[str, Any] = tomllib.loads(camera.lines)
    except tomllib.TOMLDecodeError:
        config = {}
    mine = [z.get("polygon") for z in config.get("zone", ()) if zone in (z.get("zone"), z.get("name"))]
    turn = config.get("camera", {}).get("rotate", 0)
    parts = [mine, config.get("size"), turn, config.get("detector", {}), camera.detector]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _t(n: int) -> float:
    """The 97.5 % point of Student's t with n - 1 degrees of freedom."""
    from scipy.stats import t

    return float(t.ppf(0.975, n - 1))
