"""Counting a recording: every frame through detector, tracker and scene, to rows and a report.

Cameras are counted in groups, in `vision.group`, by the same pipeline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from models.errors import Known
from vision.book_rows import Resume
from vision.boxes import Boxes
from vision.config import Config
from vision.counter import Crossing
from vision.detectors.contract import Detector, detect
from vision.pipeline import Pipeline
from vision.rows import Flaw
from vision.scene import Rows
from vision.source import Frame, PictureFolder, Recording, Source, open_source

if TYPE_CHECKING:
    from vision.demographics import Demographics

OnRows = Callable[[Rows], None]
OnFrame = Callable[[Frame, Boxes, Sequence[Crossing]], None]

_TELL_S = 1.0  # rows are given at most this often, so a kill loses no more
_WHOLE = 0.95  # share of the header's frames from which a recording counts as undamaged


@dataclass(slots=True)
class Report:
    """What a run counted.

    `frames` were analysed, over `video_seconds` of the recording, in `seconds` of real time. `expected` is how
    many frames its header promises and `damaged` is true when fewer than 95 % could be decoded. `complete` is
    false when the run was stopped. `totals` is line: [in, out] of everybody, staff included, whom the rows leave
    out; `crossings` holds every crossing. `notes` are sentences for people.
    """

    source: str
    detector: str
    fallback: bool
    totals: dict[str, list[int]]
    crossings: list[Crossing] = field(default_factory=list)
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
    zone: tzinfo = UTC,
    on_rows: OnRows | None = None,
    start_at_ms: int | None = None,
    on_frame: OnFrame | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    demographics: Demographics | None = None,
    resume: Resume | None = None,
) -> Report:
    """Counts a recording to its end, or until `cancelled()`.

    `zone` is the site's time zone. `on_rows` gets cumulative rows, at most once a second while they change: write
    them over the earlier row of the same key. The same recording with the same `start_at_ms` (UTC milliseconds of
    its first frame; by default the file's time of change less its length) ends in the same rows, so counting it
    again adds nothing. `on_frame` sees each frame with its tracked boxes; `progress` gets frames done and expected;
    `demographics` looks at its faces. `resume` are rows that other recordings gave for the spans in which this one
    begins or ends.

    Raises `Known` when the source cannot be read at all or its picture changes shape.
    """
    opened = recording_of(source, config, start_at_ms) if isinstance(source, str) else source
    with closing(opened):
        run = _Run(opened, config, detector, zone, on_rows, on_frame, progress, demographics, resume)
        return run.to_the_end(cancelled or _never)


def recording_of(spec: str, config: Config, start_at_ms: int | None = None) -> Recording | PictureFolder:
    """A recording or folder of pictures, turned and timed as its config says. Raises `Known` as `open_source` does."""
    return open_source(spec, start_at_ms=start_at_ms, folder_fps=config.folder_fps, rotate=config.rotate)


@dataclass(slots=True)
class _Run:
    """The state of one run."""

    source: Source
    config: Config
    detector: Detector
    zone: tzinfo
    on_rows: OnRows | None
    on_frame: OnFrame | None
    progress: Callable[[int, int | None], None] | None
    demographics: Demographics | None = None
    resume: Resume | None = None
    report: Report = field(init=False)
    pipeline: Pipeline = field(init=False)
    flaws: tuple[Flaw, ...] = field(init=False)
    began: float = field(init=False, default_factory=time.monotonic)
    told: float = field(init=False, default_factory=time.monotonic)
    first: float | None = None

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(
            self.config, self.zone, name=self.source.name, resume=self.resume, demographics=self.demographics
        )
        self.flaws = ("reduced",) if self.detector.fallback else ()
        self.report = Report(
            source=self.source.name,
            detector=self.detector.name,
            fallback=self.detector.fallback,
            totals={line.name: [0, 0] for line in self.config.lines},
            expected=self.source.expected,
        )

    def to_the_end(self, stop: Callable[[], bool]) -> Report:
        stopped = False

        def stopping() -> bool:
            nonlocal stopped
            stopped = stopped or stop()
            return stopped

        for frame, boxes in detect(self.detector, self.source.frames(stopping), overlapped=True):
            self.step(frame, boxes)
            if time.monotonic() - self.told >= _TELL_S:
                self.tell()
        if not stopped:
            self.pipeline.end(self.source.period)
        self.tell(ended=not stopped)
        return self.finished(stopped)

    def step(self, frame: Frame, boxes: Boxes) -> None:
        """One frame through the pipeline and into the report."""
        step = self.pipeline.step(frame, boxes, self.flaws)
        report = self.report
        for crossing in step.crossings:
            report.totals[crossing.line][crossing.direction == "out"] += 1
        report.crossings.extend(step.crossings)
        report.frames += 1
        report.frames_dropped += frame.dropped
        self.first = frame.seconds if self.first is None else self.first
        report.video_seconds = frame.seconds - self.first + self.source.period
        if self.on_frame:
            self.on_frame(frame, step.tracked, step.crossings)

    def tell(self, *, ended: bool = False) -> None:
        """Gives the rows that changed, and the progress."""
        self.told = time.monotonic()
        rows = self.pipeline.changed(ended=ended)
        if self.on_rows and rows:
            self.on_rows(rows)
        if self.progress:
            self.progress(self.report.frames, self.source.expected)

    def finished(self, stopped: bool) -> Report:
        report = self.report
        report.seconds = time.monotonic() - self.began
        report.complete = not stopped
        report.notes = list(self.pipeline.notes)
        if report.frames == 0 and not stopped:
            raise Known(f"No picture of {self.source.name} can be decoded.", "The file is damaged: get it again.")
        if report.expected and not stopped and self._short(report.expected):
            report.damaged = True
            report.notes.append(
                f"Only {report.frames} of {report.expected} frames of {self.source.name} could be decoded: "
                "the file is damaged, and the rest was not counted."
            )
        if report.fallback:
            report.notes.append("No detector weights: moving shapes were counted, with reduced accuracy.")
        return report

    def _short(self, expected: int) -> bool:
        """Whether fewer than 95 % could be decoded: of the frames, or of the length where the file tells only that."""
        estimated = isinstance(self.source, Recording) and self.source.estimated
        got = self.report.video_seconds / self.source.period if estimated else self.report.frames
        return got < _WHOLE * expected


def _never() -> bool:
    return False
