"""What a detector is: a frame in, boxes of persons out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, runtime_checkable

from vision.boxes import Boxes, Image
from vision.source import Frame

Answer = Callable[[], Boxes]


class Detector(Protocol):
    """Finds the persons of a frame.

    `name` is what reports print; `fallback` is true where no weights were at hand and the counts are of
    reduced accuracy. Calling it with a (height, width, 3) blue-green-red uint8 frame gives boxes in pixels
    of that frame, uncertain ones included: the tracker decides what a low score is worth.
    """

    name: str
    fallback: bool

    def __call__(self, image: Image) -> Boxes: ...


@runtime_checkable
class Overlapping(Protocol):
    """A detector that can work on `in_flight` frames while the next ones are decoded."""

    in_flight: int

    def submit(self, image: Image) -> Answer:
        """Starts on a frame; the answer waits for its boxes."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A detector that learns from the frames it is given, so that each camera needs one of its own."""

    def fresh(self) -> Detector:
        """One that has learned nothing yet."""
        ...


def detect(detector: Detector, frames: Iterable[Frame], *, overlapped: bool) -> Iterator[tuple[Frame, Boxes]]:
    """Each frame with its boxes, in order; `overlapped` keeps the detector busy while frames are decoded."""
    if not (overlapped and isinstance(detector, Overlapping)):
        for frame in frames:
            yield frame, detector(frame.image)
        return
    pending: deque[tuple[Frame, Answer]] = deque()
    for frame in frames:
        pending.append((frame, detector.submit(frame.image)))
        if len(pending) > detector.in_flight:
            first, answer = pending.popleft()
            yield first, answer()
    for first, answer in pending:
        yield first, answer()
