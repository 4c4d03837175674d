"""Faults on a clock of their own: a real group of cameras, whose pictures are drawn, and hours that take minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.vision.fault_log import CameraLog, Counted, Fault, Judged, KeptMinute, judge_camera, listening
from benchmarks.vision.fault_scene import Exact, Painter, Walks, door
from vision.boxes import Image
from vision.feed import FeedHealth
from vision.group import CameraGroup, GroupCamera
from vision.pipeline import Step
from vision.rows import HOUR_MS, Flaw
from vision.scene import Rows
from vision.source import Frame

BEGAN_MS = 1_767_261_610_000
CONTROL = "control"
FPS = 8.0
TURN_S = 1 / 40
CALM_S = 26.0
"""Between two rounds of faults; a view is learned in 15 s."""
LONGEST: dict[str, tuple[float, float]] = {
    "frozen": (75.0, 130.0),
    "black": (4.0, 40.0),
    "covered": (14.0, 45.0),
    "moved": (26.0, 45.0),
    "silent": (2.5, 40.0),
    "clock forward": (0.0, 0.0),
    "clock back": (0.0, 0.0),
}
"""Kinds of faults of one camera, and how long they last: least and most, seconds."""
GROUP_KILLED = "group killed"
_DOWN_S = 3.0
_TOLD_S = 1.0  # rows are given once a second: a kill loses what came after


@dataclass
class Film:
    """A camera that draws what its faults leave of the scene; its clock is the hall's."""

    hall: Hall
    code: str
    walks: Walks
    painter: Painter
    faults: list[Fault] = field(default_factory=list)
    jumps: dict[float, int] = field(default_factory=dict)
    last: int = -1
    health: FeedHealth = field(default_factory=lambda: FeedHealth(connected=True, state="connected", fps=FPS))

    def poll(self) -> Frame | None:
        """The newest picture, once."""
        number = int(self.hall.now * FPS)
        seconds = number / FPS
        fault = next((each for each in self.faults if each.begin <= seconds < each.end), None)
        if number == self.last or (fault and fault.kind == "silent"):
            return None
        dropped, self.last = max(number - self.last - 1, 0), number
        image = self._picture(fault, seconds, number)
        return Frame(number, seconds, self.wall(seconds), image, 0 if dropped > FPS else dropped)

    def wall(self, seconds: float) -> int:
        """The machine's wall clock, which somebody sets now and then."""
        shift = sum(by for at, by in self.jumps.items() if at <= seconds)
        return BEGAN_MS + round(seconds * 1000) + shift

    def _picture(self, fault: Fault | None, seconds: float, number: int) -> Image:
        kind = fault.kind if fault else ""
        if fault and kind == "frozen":
            return self.painter.picture(fault.begin, number=0)
        image = self.painter.picture(seconds, number=number)
        if kind == "black":
            return np.full_like(image, 3)
        if kind == "covered":
            return np.random.default_rng(number).integers(66, 74, image.shape, np.uint8)
        if kind == "moved":
            return np.ascontiguousarray(np.roll(image, 47, axis=0))
        return image

    def ask_to_stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held open."""


class Hall:
    """Cameras in a group that is killed and made anew, and the rows that it gave, as a store would keep them."""

    def __init__(self, cameras: int, seed: int) -> None:
        self.now = 0.0
        self.kept: dict[str, dict[str, dict[tuple[str, int], Any]]] = {}
        self.films: dict[str, Film] = {}
        self.logs: dict[str, CameraLog] = {}
        for number, code in enumerate([*(f"camera {n + 1}" for n in range(cameras)), CONTROL]):
            walks = Walks(phase=0.13 * number)
            self.films[code] = Film(self, code, walks, Painter(walks, seed + number))
            self.logs[code] = CameraLog(walks)
            self.kept[code] = {"buckets": {}, "minutes": {}}
        self.group = self._group()

    def seconds(self, count: float) -> None:
        """Lets time pass."""
        until = self.now + count
        while self.now < until:
            while self.group.turn():
                pass
            self.now += TURN_S

    def kill(self) -> Fault:
        """The group is gone, with what it had not yet given, and is begun anew after a while."""
        fault = Fault(GROUP_KILLED, "all", self.now, self.now + _DOWN_S, lost_s=_TOLD_S)
        self.now += _DOWN_S
        self.group = self._group()
        return fault

    def minutes(self, code: str) -> dict[int, KeptMinute]:
        """The minutes' rows of a camera."""
        return {
            start: KeptMinute(row.n_in, row.n_out, row.seconds_observed)
            for (_, start), row in self.kept[code]["minutes"].items()
        }

    def heard(self, code: str, frame: Frame, flaws: Sequence[Flaw], step: Step) -> None:
        """A frame was counted."""
        log = self.logs[code]
        log.saw(frame.seconds, frame.at_ms, flaws)
        log.counted += [Counted(each.direction, each.frame / FPS, each.at_ms) for each in step.crossings]

    def _group(self) -> CameraGroup:
        group = CameraGroup(
            Exact(), ZoneInfo("Asia/Shanghai"), on_rows=self._keep, on_state=lambda *_: None, clock=lambda: self.now
        )  # fmt: skip
        for code, film in self.films.items():
            group.add(GroupCamera(code, film, door(code), self._resume(code)))
        return group

    def _keep(self, code: str, rows: Rows) -> None:
        for kind, found in (("buckets", rows.buckets), ("minutes", rows.minutes)):
            self.kept[code][kind].update({(row.gate, row.start_ms): row for row in found})

    def _resume(self, code: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        since = self.films[code].wall(self.now) // HOUR_MS * HOUR_MS
        return {
            kind: [asdict(row) for (_, start), row in rows.items() if start >= since]
            for kind, rows in self.kept[code].items()
        }


def drill(count: int, seed: int, *, cameras: int = 6) -> tuple[list[Fault], dict[str, Judged]]:
    """So many faults of every kind, by rounds in which each camera has one; every seventh is a killed group."""
    chance = Random(seed)
    hall = Hall(cameras, seed)
    faults: list[Fault] = []
    with listening(hall.heard):
        hall.group = hall._group()
        hall.seconds(CALM_S)
        for kinds in _rounds(count, cameras, chance):
            if kinds == [GROUP_KILLED]:
                faults.append(hall.kill())
            else:
                begun = [_begin(hall, code, kind, chance) for code, kind in zip(hall.films, kinds, strict=False)]
                faults += begun
                hall.seconds(max(fault.end for fault in begun) - hall.now)
            hall.seconds(CALM_S)
        hall.group.run(lambda: True)
    for fault in faults:
        fault.back = hall.logs[CONTROL if fault.camera == "all" else fault.camera].back_after(fault.end)
    judged = {
        code: judge_camera(
            hall.logs[code], [f for f in faults if f.camera in (code, "all")], hall.minutes(code), hall.now - 3
        )
        for code in hall.films
    }
    return faults, judged


def _rounds(count: int, cameras: int, chance: Random) -> list[list[str]]:
    """The kinds of each round. Long faults come together, so that no round waits for one of them."""
    kills = count // 7
    kinds = [list(LONGEST)[n % len(LONGEST)] for n in range(count - kills)]
    kinds.sort(key=lambda kind: -LONGEST[kind][1])
    rounds = [kinds[n : n + cameras] for n in range(0, len(kinds), cameras)]
    rounds += [[GROUP_KILLED]] * kills
    chance.shuffle(rounds)
    for kinds in rounds:
        chance.shuffle(kinds)
    return rounds


def _begin(hall: Hall, code: str, kind: str, chance: Random) -> Fault:
    """A fault of one camera, to come in a moment."""
    begin = hall.now + chance.uniform(0.5, 4.0)
    if kind.startswith("clock"):
        by = chance.choice((-1, 1) if kind == "clock back" else (1, 7))
        minutes = abs(by) * chance.randrange(1, 9)
        hall.films[code].jumps[begin] = (-1 if kind == "clock back" else 1) * minutes * 60_000 + chance.randrange(
            60_000
        )
        return Fault(kind, code, begin, begin, hides=False)
    fault = Fault(kind, code, begin, begin + chance.uniform(*LONGEST[kind]))
    hall.films[code].faults.append(fault)
    return fault
