"""A camera: newest frame only, reconnected for ever.

A thread reads as fast as the camera gives and leaves the newest frame in one slot; what the counter was too
slow for is dropped and accounted for. After a loss it tries again after 1, 2, 5, 10, 30 and then every 60
seconds, with jitter so that cameras behind one switch do not all come back at once. A read that outlasts
every time limit cannot be ended from inside a process: its thread is left behind and a new one started, and
after the third the camera gives up, so that whoever runs the process can end it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from models.errors import Known
from vision.boxes import Image
from vision.capture import Capture, open_capture
from vision.source import Frame, Stop, named

BACK_OFF_S = (1, 2, 5, 10, 30, 60)
STALL_S = 20.0
_MOST_STUCK = 3
_TICK_S = 0.25
_USUAL_PERIOD_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Health:
    """How a camera is: `losses` counts since it was opened; `reason` is a sentence, empty while it delivers."""

    connected: bool
    losses: int
    reason: str = ""


class LiveCamera:
    """A USB camera or stream. `on_health` is called from the reading thread at each change."""

    live = True
    expected: int | None = None
    period = _USUAL_PERIOD_S

    def __init__(
        self,
        spec: str,
        *,
        opener: Callable[[str], Capture | None] = open_capture,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        stall_s: float = STALL_S,
    ) -> None:
        self.name = named(spec)
        self.health = Health(False, 0, f"{self.name} has not answered yet.")
        self.on_health: Callable[[Health], None] | None = None
        self._spec, self._opener = spec, opener
        self._back_off_s, self._stall_s = back_off_s, stall_s
        self._slot: Frame | None = None
        self._arrived = threading.Condition()
        self._closed = threading.Event()
        self._index = -1
        self._generation = 0
        self._busy_since: float | None = None
        self._reader: threading.Thread | None = None

    def frames(self, stop: Stop) -> Iterator[Frame]:
        """The newest frame each time one is asked for, until `stop()`; `Known` when the driver is stuck."""
        self._start_reader()
        given = -1
        while not stop() and not self._closed.is_set():
            frame = self._take()
            if frame is None:
                self._watch()
                continue
            dropped, given = frame.index - given - 1, frame.index
            yield Frame(frame.index, frame.seconds, frame.at_ms, frame.image, dropped)

    def close(self) -> None:
        """Stops reading; a reader that is stuck in the driver is left behind."""
        self._closed.set()
        if self._reader is not None:
            self._reader.join(timeout=2 * _TICK_S)

    def _take(self) -> Frame | None:
        with self._arrived:
            if self._slot is None:
                self._arrived.wait(_TICK_S)
            frame, self._slot = self._slot, None
            return frame

    def _watch(self) -> None:
        """Replaces a reader that is stuck in one call."""
        since = self._busy_since
        if since is None or time.monotonic() - since <= self._stall_s:
            return
        if self._generation >= _MOST_STUCK:
            raise Known(
                f"{self.name} does not answer and cannot be closed.", "Check the camera, then restart its counting."
            )
        self._report(False, f"{self.name} has been silent for {self._stall_s:g} seconds.")
        self._start_reader()

    def _start_reader(self) -> None:
        self._generation += 1
        self._busy_since = None
        self._reader = threading.Thread(target=self._read, args=(self._generation,), name="camera", daemon=True)
        self._reader.start()

    def _current(self, generation: int) -> bool:
        return generation == self._generation and not self._closed.is_set()

    def _read(self, generation: int) -> None:
        """Connects, reads until the camera is lost, waits, and again."""
        failures = 0
        while self._current(generation):
            capture = self._timed(generation, lambda: self._opener(self._spec))
            got = self._drain(capture, generation) if capture is not None else 0
            failures = 1 if got else failures + 1
            if self._current(generation):
                what = "was lost" if got else "does not answer"
                self._report(False, f"{self.name} {what}; trying again.")
                base = self._back_off_s[min(failures, len(self._back_off_s)) - 1]
                self._closed.wait(base * random.uniform(0.8, 1.2))

    def _drain(self, capture: Capture, generation: int) -> int:
        """Reads until nothing comes; how many frames came."""
        got = 0
        try:
            while self._current(generation):
                good, image = self._timed(generation, capture.read)
                if not good or not self._current(generation):
                    break
                got += 1
                if got == 1:
                    self._report(True, "")
                self._put(image)
        finally:
            capture.release()
        return got

    def _timed(self, generation: int, call: Callable[[], T]) -> T:
        if generation == self._generation:
            self._busy_since = time.monotonic()
        try:
            return call()
        finally:
            if generation == self._generation:
                self._busy_since = None

    def _put(self, image: Image) -> None:
        with self._arrived:
            self._index += 1
            self._slot = Frame(self._index, time.monotonic(), time.time_ns() // 1_000_000, image)
            self._arrived.notify()

    def _report(self, connected: bool, reason: str) -> None:
        losses = self.health.losses + (self.health.connected and not connected)
        self.health = Health(connected, losses, reason)
        if self.on_health:
            self.on_health(self.health)
