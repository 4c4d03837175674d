"""What a drill writes down and how it is judged: faults, counted crossings, frames, and the rows that were kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import vision.group
from benchmarks.vision.fault_scene import Crossing, Direction, Verdict, Walks, Window, judge, touches
from vision.boxes import Boxes
from vision.buckets import GAP_S, UNSEEN
from vision.pipeline import Pipeline, Step
from vision.rows import Flaw
from vision.source import Frame

MINUTE_MS = 60_000
BACK_WITHIN_S = 15.0
_SLACK_S = 1.0  # of seconds_observed: where frames lie about the edge of an outage
_RESTART_S = 3.0  # a process that is killed loses the observed time of at most this long

OnFrame = Callable[[str, Frame, Sequence[Flaw], Step], None]


@contextmanager
def listening(told: OnFrame) -> Iterator[None]:
    """Every pipeline made meanwhile tells each frame that it has counted."""

    class Listening(Pipeline):
        def step(self, frame: Frame, boxes: Boxes, flaws: tuple[Flaw, ...] = ()) -> Step:
            step = super().step(frame, boxes, flaws)
            told(self.name, frame, flaws, step)
            return step

    module: Any = vision.group
    module.Pipeline = Listening
    try:
        yield
    finally:
        module.Pipeline = Pipeline


@dataclass
class Fault:
    """One fault. `begin` and `end` bound it and `back` is the first frame counted after it, seconds of the scene.
    Where it `hides` nothing, every crossing is due. `lost_s` before its beginning may be lost too."""

    kind: str
    camera: str
    begin: float
    end: float
    hides: bool = True
    lost_s: float = 0.0
    back: float | None = None

    @property
    def recovery_s(self) -> float:
        """From the fault's end until the camera counted again; infinite where it never did."""
        return float("inf") if self.back is None else max(self.back - self.end, 0.0)

    @property
    def window(self) -> Window:
        """When crossings need not be counted."""
        return self.begin - self.lost_s, self.end if self.back is None else max(self.back, self.end)


@dataclass(frozen=True)
class Counted:
    """A crossing that the pipeline reported; `seconds` of the scene, `at_ms` the wall clock that it was given."""

    direction: Direction
    seconds: float
    at_ms: int


@dataclass
class CameraLog:
    """What happened at one camera. `frames` are the scene's seconds of counted, seen frames."""

    walks: Walks
    counted: list[Counted] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    walls: list[int] = field(default_factory=list)

    def saw(self, seconds: float, at_ms: int, flaws: Sequence[Flaw]) -> None:
        """A frame was counted; one with a flaw that hides the scene was not."""
        if UNSEEN.isdisjoint(flaws):
            self.frames.append(seconds)
            self.walls.append(at_ms)

    def back_after(self, seconds: float) -> float | None:
        """The first frame counted after an instant."""
        return next((at for at in self.frames if at >= seconds), None)

    def gaps(self) -> list[Window]:
        """Stretches of more than two seconds without a counted frame."""
        ordered = sorted(self.frames)
        return [(a, b) for a, b in pairwise(ordered) if b - a > GAP_S]


@dataclass(frozen=True)
class KeptMinute:
    """A minute's row as it was kept."""

    n_in: int
    n_out: int
    seconds_observed: float


@dataclass
class Judged:
    """The judgement of one camera: `wrong` are (scene seconds, sentence)."""

    verdict: Verdict
    wrong: list[tuple[float, str]] = field(default_factory=list)


def judge_camera(log: CameraLog, faults: Sequence[Fault], kept: Mapping[int, KeptMinute], until: float) -> Judged:
    """Compares a camera's crossings with the truth, its rows with its crossings, and its watched time with the
    outages. `kept` are the minutes' rows by their start."""
    windows = [fault.window for fault in faults if fault.hides]
    begin = min(log.frames, default=until)
    counted = [Crossing(each.direction, each.seconds) for each in log.counted]
    truth = log.walks.crossings(0.0, until + 60)
    judged = Judged(judge(truth, counted, [(0.0, begin), *windows, (until, until + 60)]))
    judged.wrong += judged.verdict.wrong
    judged.wrong += _rows_wrong(log, windows, kept)
    judged.wrong += _time_wrong(log, faults, kept)
    for gap in log.gaps():
        if not any(a - GAP_S <= gap[0] and gap[1] <= b + GAP_S for a, b in windows):
            judged.wrong.append((gap[0], f"no frame for {gap[1] - gap[0]:.1f} s without a fault of its own"))
    return judged


def _rows_wrong(
    log: CameraLog, windows: Sequence[Window], kept: Mapping[int, KeptMinute]
) -> Iterator[tuple[float, str]]:
    """Rows whose counts are not those of the crossings: only what lies near an outage may be missing."""
    least: Counter[tuple[int, str]] = Counter()
    most: Counter[tuple[int, str]] = Counter()
    when: dict[int, float] = {}
    for each in log.counted:
        minute = each.at_ms // MINUTE_MS * MINUTE_MS
        most[minute, each.direction] += 1
        least[minute, each.direction] += not touches(each.seconds, windows)
        when.setdefault(minute, each.seconds)
    for minute, way in most.keys() | {(minute, way) for minute in kept for way in ("in", "out")}:
        row = kept.get(minute, KeptMinute(0, 0, 0.0))
        n = row.n_in if way == "in" else row.n_out
        if not least[minute, way] <= n <= most[minute, way]:
            words = f"{least[minute, way]} to {most[minute, way]} crossings {way}, and its row holds {n}"
            yield when.get(minute, 0.0), f"minute {minute // MINUTE_MS % 1440}: {words}"


def _time_wrong(log: CameraLog, faults: Sequence[Fault], kept: Mapping[int, KeptMinute]) -> Iterator[tuple[float, str]]:
    """Rows that claim to have watched what nobody saw, or say less than was watched."""
    watched: dict[int, float] = defaultdict(float)
    when: dict[int, float] = {}
    frames = zip(log.frames, log.frames[1:], log.walls, log.walls[1:], strict=False)
    windows = [fault.window for fault in faults if fault.hides]
    for a, b, _, wall in frames:
        minute = wall // MINUTE_MS * MINUTE_MS
        when.setdefault(minute, b)
        if 0 < b - a <= GAP_S and not any(begin < a and b < end for begin, end in windows):
            watched[minute] += b - a
    near: Counter[int] = Counter()
    for fault in faults:
        for minute, at in when.items():
            near[minute] += fault.begin - 120 <= at <= fault.window[1] + 60
    for minute in watched.keys() | kept.keys():
        row = kept.get(minute)
        seen, due = (row.seconds_observed if row else 0.0), min(watched[minute], 60.0)
        slack = _SLACK_S + _RESTART_S * near[minute]
        if seen > min(due + slack, 60.0) or (due > 60.0 - _SLACK_S and seen < due - slack):
            yield (
                when.get(minute, 0.0),
                f"minute {minute // MINUTE_MS % 1440}: watched {due:.1f} s, its row says {seen:.1f} s",
            )
        if not due and row is not None and row.seconds_observed > 0:
            yield when.get(minute, 0.0), f"minute {minute // MINUTE_MS % 1440}: nobody watched, and it has a row"


@dataclass
class Line:
    """One line of the drill's table."""

    kind: str
    n: int = 0
    equal: int = 0
    late: int = 0
    worst_s: float = 0.0


def table(faults: Sequence[Fault], wrong: Mapping[str, Sequence[tuple[float, str]]]) -> list[Line]:
    """Faults by kind. A wrong count or row belongs to the fault of its camera that is nearest."""
    blamed: set[int] = set()
    for camera, found in wrong.items():
        own = [fault for fault in faults if fault.camera in (camera, "all")]
        for at, _ in found:
            if own:
                blamed.add(id(min(own, key=lambda fault: max(fault.begin - at, at - fault.window[1], 0.0))))
    lines: dict[str, Line] = {}
    for fault in faults:
        line = lines.setdefault(fault.kind, Line(fault.kind))
        line.n += 1
        line.equal += id(fault) not in blamed
        line.late += fault.recovery_s > BACK_WITHIN_S
        line.worst_s = max(line.worst_s, fault.recovery_s)
    return [lines[kind] for kind in sorted(lines)]
