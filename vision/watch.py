"""The composition: a source's frames through detector, tracker, counter and buckets to a report."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from models.errors import Known
from vision.boxes import Boxes
from vision.buckets import BucketRow, Buckets
from vision.config import Config
from vision.counter import Counter, Crossing
from vision.detectors.contract import Detector, detect
from vision.live import Health, LiveCamera
from vision.source import Frame, Source, open_source
from vision.tracker import Tracker, TrackerSettings

OnBucket = Callable[[BucketRow], None]
OnFrame = Callable[[Frame, Boxes, Sequence[Crossing]], None]

_TELL_S = 1.0  # rows are given at most this often, so a kill loses no more
_WHOLE = 0.95  # share of the header's frames from which a recording counts as undamaged
_SAME_SHAPE = 0.02
_ABOVE_CERTAIN = 0.1  # what a box needs beyond `certain` to begin a track, as in ByteTrack
_LIVE_CROSSINGS = 1000  # a camera runs for months: its report holds only the latest


@dataclass(slots=True)
class Report:
    """What a run counted.

    `frames` were analysed, over `video_seconds` of the source, in `seconds` of real time. `expected` is how
    many frames a recording's header promises and `damaged` is true when fewer than 95 % could be decoded.
    `complete` is false when the run was stopped, which is a camera's only end. `crossings` holds all of a
    recording's crossings, and the latest thousand of a camera's; `totals` (line: [in, out]) holds all of
    either. `notes` are sentences for people.
    """

    source: str
    detector: str
    fallback: bool
    totals: dict[str, list[int]]
    crossings: deque[Crossing]
    expected: int | None = None
    frames: int = 0
    frames_dropped: int = 0
    video_seconds: float = 0.0
    seconds: float = 0.0
    damaged: bool = False
    complete: bool = True
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "source": self.source,
            "detector": self.detector,
            "fallback": self.fallback,
            "frames": self.frames,
            "frames_expected": self.expected,
            "frames_dropped": self.frames_dropped,
            "video_seconds": round(self.video_seconds, 3),
            "seconds": round(self.seconds, 3),
            "damaged": self.damaged,
            "complete": self.complete,
            "lines": [{"name": name, "in": n_in, "out": n_out} for name, (n_in, n_out) in self.totals.items()],
            "crossings": [
                {"line": each.line, "frame": each.frame, "direction": each.direction} for each in self.crossings
            ],
            "notes": self.notes,
        }


def count(
    source: str | Source,
    config: Config,
    detector: Detector,
    *,
    on_bucket: OnBucket,
    start_at_ms: int | None = None,
    on_frame: OnFrame | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_health: Callable[[Health], None] | None = None,
    resume: Iterable[BucketRow] = (),
) -> Report:
    """Counts a source to its end, or until `cancelled()`; a camera has no end of its own.

    `on_bucket` gets cumulative rows, each at most once a second while it changes: write them over the
    earlier row of the same (gate, start_ms). The same recording with the same `start_at_ms` (UTC
    milliseconds of its first frame; by default the file's time of change less its length) ends in the same
    rows, so counting it again adds nothing. `resume` are a camera's rows of the running quarter from before
    a restart. `on_frame` sees each frame with its tracked boxes; `progress` gets frames done and expected;
    `on_health` hears, from another thread, when a camera is lost and back.

    Raises `Known` when the source cannot be read at all or its picture changes shape.
    """
    opened = (
        open_source(source, start_at_ms=start_at_ms, folder_fps=config.folder_fps)
        if isinstance(source, str)
        else source
    )
    if isinstance(opened, LiveCamera):
        opened.on_health = on_health
    buckets = Buckets(config.lines, resume=resume if opened.live else ())
    run = _Run(opened, config, detector, buckets, on_bucket, on_frame, progress)
    with closing(opened):
        return run.to_the_end(cancelled or (lambda: False))


@dataclass(slots=True)
class _Run:
    """The state of one run."""

    source: Source
    config: Config
    detector: Detector
    buckets: Buckets
    on_bucket: OnBucket
    on_frame: OnFrame | None
    progress: Callable[[int, int | None], None] | None
    report: Report = field(init=False)
    tracker: Tracker = field(init=False)
    counter: Counter = field(init=False)
    began: float = field(init=False, default_factory=time.monotonic)
    told: float = field(init=False, default_factory=time.monotonic)
    first: float | None = None
    shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        certain = self.config.confidence
        self.tracker = Tracker(TrackerSettings(certain=certain, begins=min(certain + _ABOVE_CERTAIN, 1.0)))
        self.counter = Counter(self.config.lines)
        self.report = Report(
            source=self.source.name,
            detector=self.detector.name,
            fallback=self.detector.fallback,
            totals={line.name: [0, 0] for line in self.config.lines},
            crossings=deque(maxlen=_LIVE_CROSSINGS if self.source.live else None),
            expected=self.source.expected,
            notes=list(self.config.notes),
        )

    def to_the_end(self, stop: Callable[[], bool]) -> Report:
        stopped = False

        def stopping() -> bool:
            nonlocal stopped
            stopped = stopped or stop()
            return stopped

        frames = self.source.frames(stopping)
        for frame, boxes in detect(self.detector, frames, overlapped=not self.source.live):
            self.step(frame, boxes)
            if time.monotonic() - self.told >= _TELL_S:
                self.tell()
        if not self.source.live:
            self.buckets.end(round(self.source.period * 1000))
        self.tell(ended=not self.source.live and not stopped)
        return self.finished(stopped)

    def step(self, frame: Frame, boxes: Boxes) -> None:
        """One frame through tracker, counter and buckets."""
        across, down = self.fit(frame)
        tracked = self.tracker.update(Boxes.of(boxes.xyxy, boxes.score), frame.seconds)
        self.counter.forget(self.tracker.ended)
        crossings = self.counter.update(tracked.scaled(across, down), frame.index, frame.at_ms)
        self.buckets.observe(frame.at_ms, frame.dropped)
        self.buckets.add(crossings)
        report = self.report
        for crossing in crossings:
            report.totals[crossing.line][crossing.direction == "out"] += 1
        report.crossings.extend(crossings)
        report.frames += 1
        report.frames_dropped += frame.dropped
        self.first = frame.seconds if self.first is None else self.first
        report.video_seconds = frame.seconds - self.first + self.source.period
        if self.on_frame:
            self.on_frame(frame, tracked, crossings)

    def fit(self, frame: Frame) -> tuple[float, float]:
        """Factors from the frame's pixels to the config's; `Known` when the picture changes its shape."""
        height, width = frame.image.shape[:2]
        before, self.shape = self.shape, (height, width)
        wide, high = self.config.size
        if before is None and _differ(width / height, wide / high):
            self.report.notes.append(
                f"The config's size is {wide} x {high} and the picture {width} x {height}: the lines were stretched."
            )
        if before is not None and before != self.shape:
            if _differ(width / height, before[1] / before[0]):
                raise Known(
                    f"The picture of {self.source.name} became {width} x {height} at frame {frame.index}, "
                    "another shape than before.",
                    "Draw its lines again.",
                )
            self.tracker.close()
            self.counter.forget(self.tracker.ended)
        return wide / width, high / height

    def tell(self, *, ended: bool = False) -> None:
        """Gives the rows that changed, and the progress."""
        self.told = time.monotonic()
        for row in self.buckets.changed(ended=ended):
            self.on_bucket(row)
        if self.progress:
            self.progress(self.report.frames, self.source.expected)

    def finished(self, stopped: bool) -> Report:
        report = self.report
        report.seconds = time.monotonic() - self.began
        report.complete = not stopped
        if report.frames == 0 and not stopped and not self.source.live:
            raise Known(f"No picture of {self.source.name} can be decoded.", "The file is damaged: get it again.")
        if report.expected and not stopped and report.frames < _WHOLE * report.expected:
            report.damaged = True
            report.notes.append(
                f"Only {report.frames} of {report.expected} frames of {self.source.name} could be decoded: "
                "the file is damaged, and the rest was not counted."
            )
        if report.fallback:
            report.notes.append("No detector weights: moving shapes were counted, with reduced accuracy.")
        return report


def _differ(shape: float, other: float) -> bool:
    """Whether two pictures' width over height are not the same."""
    return abs(shape / other - 1) > _SAME_SHAPE
