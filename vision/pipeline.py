"""One camera's or recording's frames through tracker and scene: the same for files and for cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from models.errors import Known
from vision.boxes import Boxes
from vision.buckets import GAP_S, UNSEEN
from vision.config import Config
from vision.counter import Crossing
from vision.rows import HOUR_MS, Flaw
from vision.scene import Rows, Scene
from vision.source import Frame
from vision.tracker import Tracker, TrackerSettings

if TYPE_CHECKING:
    from vision.demographics import Demographics

_ABOVE_CERTAIN = 0.1  # what a box needs beyond `certain` to begin a track, as in ByteTrack
_SAME_SHAPE = 0.02
OVER_MS = HOUR_MS + 10_000
"""How long after a recording's end its last hour is surely over and takes no more people."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame gave: its tracked people in pixels of the frame, and the crossings that it completed."""

    tracked: Boxes
    crossings: Sequence[Crossing]


class Pipeline:
    """Follows people through the frames of one source and adds up what they do.

    `config` says what is counted, `zone` is the site's time zone, `resume` are the rows of the running spans from
    before a restart. Frames come in order; the boxes of a frame may be empty. A picture of another shape than the
    config's is refused where `strict`, else the lines are stretched; `notes` are sentences for people, that among them.
    """

    def __init__(
        self,
        config: Config,
        zone: tzinfo,
        *,
        name: str,
        resume: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        demographics: Demographics | None = None,
        strict: bool = False,
    ) -> None:
        self._strict = strict
        self.config, self.name, self.demographics = config, name, demographics
        certain = config.confidence
        self.tracker = Tracker(TrackerSettings(certain=certain, begins=min(certain + _ABOVE_CERTAIN, 1.0)))
        self.scene = Scene(config, zone=zone, resume=resume)
        self.notes: list[str] = list(config.notes)
        self._shape: tuple[int, int] | None = None
        self._seconds: float | None = None
        self._at_ms = 0
        if demographics is not None:
            demographics.close()  # a new tracker begins its numbers anew: whoever an earlier one followed has gone

    def __len__(self) -> int:
        """How many tracks live."""
        return len(self.tracker)

    def step(self, frame: Frame, boxes: Boxes, flaws: tuple[Flaw, ...] = ()) -> Step:
        """Takes the next frame with its boxes (pixels of the frame).

        A frame with a flaw that hides the scene is not observed. Raises `Known` when the picture changes its
        shape, since the lines are then at other places.
        """
        across, down = self._fit(frame)
        self._look_for_gap(frame)
        if not UNSEEN.isdisjoint(flaws):
            boxes = Boxes.empty()
        tracked = self.tracker.update(Boxes.of(boxes.xyxy, boxes.score), frame.seconds)
        scaled = tracked.scaled(across, down)
        crossings = self.scene.update(
            scaled,
            self.tracker.ended,
            index=frame.index,
            at_ms=frame.at_ms,
            seconds=frame.seconds,
            dropped=frame.dropped,
            flaws=flaws,
            image=frame.image,
        )
        if self.demographics is not None:
            self.demographics.observe(frame.image, tracked, self.scene.places(), frame.seconds, frame.at_ms)
        self._at_ms = frame.at_ms
        return Step(tracked, crossings)

    def let_go(self) -> None:
        """Ends every track without counting, as after a gap; what was counted stays."""
        self.tracker.close()
        self.scene.gap()

    def end(self, period_s: float) -> None:
        """A recording is over; its last frame lasted `period_s` seconds."""
        self.tracker.close()
        self.scene.end(period_s)
        if self.demographics is not None:
            self.demographics.close()

    def changed(self, *, ended: bool = False) -> Rows:
        """The rows that differ from what was given before; `ended` marks the last ones of a recording."""
        rows = self.scene.changed(ended=ended)
        if self.demographics is None:
            return rows
        faces, at_ms = self.demographics, self._at_ms + (OVER_MS if ended else 0)
        return replace(rows, demographics=tuple(faces.rows(at_ms)), expressions=tuple(faces.expressions(at_ms)))

    def _look_for_gap(self, frame: Frame) -> None:
        """Ends every track where time is missing."""
        before, self._seconds = self._seconds, frame.seconds
        if before is not None and frame.seconds - before > GAP_S:
            self.let_go()

    def _fit(self, frame: Frame) -> tuple[float, float]:
        """Factors from the frame's pixels to the config's. A picture of another shape is refused each time anew."""
        height, width = frame.image.shape[:2]
        wide, high = self.config.size
        if self._shape is None:
            self._check_first(width, height)
        elif (height, width) != self._shape:
            if _differ(width / height, self._shape[1] / self._shape[0]):
                raise Known(
                    f"The picture of {self.name} became {width} x {height} at frame {frame.index}, "
                    "another shape than before.",
                    "Draw its lines again.",
                )
            self.let_go()
        self._shape = (height, width)
        return wide / width, high / height

    def _check_first(self, width: int, height: int) -> None:
        wide, high = self.config.size
        if not _differ(width / height, wide / high):
            return
        if self._strict:
            raise Known(
                f"The picture of {self.name} is {width} x {height}, and its lines were drawn for {wide} x {high}, "
                "another shape.",
                "Draw its lines again.",
            )
        self.notes.append(
            f"The config's size is {wide} x {high} and the picture {width} x {height}: the lines were stretched."
        )


def _differ(shape: float, other: float) -> bool:
    """Whether two pictures' width over height are not the same."""
    return abs(shape / other - 1) > _SAME_SHAPE
