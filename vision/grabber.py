"""A camera's reading thread: decodes every picture, converts only the newest that somebody asks for.

The thread connects, grabs as fast as the camera gives, and after a loss tries again for ever. There is one
slot for a picture and it is filled on request, so that memory never grows and a camera nobody looks at
costs its decoding alone. A call into the driver that never comes back cannot be ended from here:
`stuck_s` tells of it, and whoever runs the process ends that.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from models.errors import Known
from vision.backlog import Backlog
from vision.backoff import BackOff
from vision.boxes import Image
from vision.capture import Capture, check_turn, open_capture, property_of, shrunk, turned
from vision.drift import ClockDrift
from vision.playback import Playback, PlayClock
from vision.reach import reach, reach_sentence
from vision.source import is_live, named

State = Literal["waiting", "connected", "lost", "ended", "wrong"]
"""Not yet connected; delivering; lost after it delivered; a recording's end; a source that cannot be one."""
Opener = Callable[["ReadSpec", threading.Event], Capture | None]

_WELL_S = 10.0
_PROBE_S = 5.0
_LEAST_WAIT_S = 1.0
_FPS_FRAMES = 64
_STAMPED = ("rtsp", "rtmp")  # addresses whose pictures carry the camera's own clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """What to read: `source` as in `open_source`; `rotate` clockwise degrees; `longest` the greatest side given.

    A recording or folder needs `pace`: it is then played at its own rate as if it were a camera, `loop` for
    ever, a folder with `fps` pictures a second. `delivered` says that the camera has worked before, which
    makes the first attempts after a loss more frequent.
    """

    source: str
    rotate: int = 0
    longest: int = 1280
    pace: bool = False
    loop: bool = False
    fps: float = 10.0
    delivered: bool = False

    def __post_init__(self) -> None:
        check_turn(self.rotate)
        if not 16 <= self.longest <= 16384 or not 0.1 <= self.fps <= 1000:
            raise Known("A picture's longest side or rate is out of range.", "Give 16 to 16384 and 0.1 to 1000.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture as it arrived: monotonic `seconds`, UTC `at_ms`, `dropped` since the one taken before."""

    index: int
    seconds: float
    at_ms: int
    image: Image
    dropped: int


@dataclass(frozen=True, slots=True)
class Facts:
    """How the camera is: `reason` is a sentence and `fault` its short name, both empty while it delivers.

    `fps` is the rate at which pictures arrive; `drift_ms` how far the camera's clock has run ahead of ours
    since it connected, None where its pictures carry no clock.
    """

    state: State
    reason: str
    fault: str
    losses: int
    fps: float
    drift_ms: int | None


class Grabber:
    """Reads one camera in a thread of its own; `take`, `facts` and `stuck_s` may be called from any other."""

    def __init__(self, spec: ReadSpec, *, opener: Opener | None = None, back_off: BackOff | None = None) -> None:
        self.spec = spec
        self.name = named(spec.source)
        self._clock = PlayClock()
        self._opener = opener or partial(opened, clock=self._clock.now)
        self._back_off = back_off or BackOff(delivered=spec.delivered)
        self._changed = threading.Condition()
        self._slot: Taken | None = None
        self._wanted = False
        self._news = False
        self._closed = threading.Event()
        self._index = self._given = -1
        self._busy_since: float | None = None
        self._arrivals: deque[float] = deque(maxlen=_FPS_FRAMES)
        self._drift: ClockDrift | None = None
        self._state: State = "waiting"
        self._words = (f"{self.name} has not answered yet.", "waiting")
        self._losses = 0
        self._thread = threading.Thread(target=self._read, name="grabber", daemon=True)

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def take(self, wait_s: float) -> Taken | None:
        """The next picture to arrive, or None after `wait_s` seconds or at a change of state."""
        with self._changed:
            self._wanted = True
            self._changed.wait_for(lambda: self._slot or self._news or self._closed.is_set(), wait_s)
            taken, self._slot, self._news = self._slot, None, False
            return taken

    def facts(self) -> Facts:
        """The state now."""
        with self._changed:
            times = self._arrivals
            span = times[-1] - times[0] if self._state == "connected" and len(times) > 1 else 0.0
            drift = self._drift.ms() if self._drift else None
            reason, fault = self._words
            return Facts(self._state, reason, fault, self._losses, (len(times) - 1) / span if span > 0 else 0.0, drift)

    def hold(self) -> None:
        """Lets a recording stand still: its pictures' times go on from there after `go_on`. A camera goes on."""
        if not is_live(self.spec.source):
            self._clock.hold()

    def go_on(self) -> None:
        """Lets a recording run again."""
        self._clock.go_on()

    def stuck_s(self) -> float:
        """For how many seconds the driver has not come back from a call."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def stop(self) -> None:
        """Ends every wait, `take` included, and the reading as soon as the driver comes back."""
        self._closed.set()
        self._clock.go_on()
        with self._changed:
            self._changed.notify_all()

    def close(self, grace_s: float = 1.0) -> bool:
        """Stops reading and lets go of the camera; False where the driver does not come back in time."""
        self.stop()
        self._thread.join(grace_s)
        return not self._thread.is_alive()

    def _read(self) -> None:
        """Connects, reads until the camera is lost, waits, and again; a recording ends."""
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                capture = self._timed(lambda: self._opener(self.spec, self._closed))
            except Known as error:
                return self._tell("wrong", str(error), "wrong")
            got = self._drain(capture) if capture is not None else 0
            if self._closed.is_set():
                return None
            if got and not is_live(self.spec.source):
                return self._tell("ended", f"{self.name} has been played to its end.", "ended")
            self._wait(began, got)
        return None

    def _drain(self, capture: Capture) -> int:
        """Reads until nothing comes; how many pictures came."""
        got, backlog = 0, Backlog()
        connected_at = self._clock.now()
        try:
            while self._runs() and self._timed(capture.grab):
                arrived, at_ms = self._clock.now(), time.time_ns() // 1_000_000 - round(1000 * self._clock.stood())
                got += 1
                self._note(capture, arrived, first=got == 1)
                if not backlog.old(arrived) and self._wanted:
                    self._give(capture, arrived, at_ms)
                if arrived - connected_at >= _WELL_S:
                    self._back_off.well()
        finally:
            self._timed(capture.release)
        return got

    def _runs(self) -> bool:
        """Whether to go on reading; waits as long as a recording is held."""
        self._clock.wait()
        return not self._closed.is_set()

    def _note(self, capture: Capture, arrived: float, *, first: bool) -> None:
        """Keeps the books of a picture that has arrived."""
        with self._changed:
            if first:
                self._arrivals.clear()
                self._drift = ClockDrift() if self.spec.source.lower().startswith(_STAMPED) else None
            self._index += 1
            self._arrivals.append(arrived)
        if self._drift:
            self._drift.add(property_of(capture, "POS_MSEC"), arrived)
        if first:
            self._back_off.delivers()
            self._tell("connected", "", "")

    def _give(self, capture: Capture, arrived: float, at_ms: int) -> None:
        """Converts the picture and puts it into the slot."""
        good, raw = self._timed(capture.retrieve)
        if not good or raw is None or not raw.size:
            return
        image = turned(shrunk(raw, self.spec.longest), self.spec.rotate)
        with self._changed:
            dropped, self._given = self._index - self._given - 1, self._index
            self._slot = Taken(self._index, arrived, at_ms, image, dropped)
            self._wanted = False
            self._changed.notify_all()

    def _tell(self, state: State, reason: str, fault: str) -> None:
        with self._changed:
            self._losses += self._state == "connected" and state == "lost"
            self._state, self._words, self._news = state, (reason, fault), True
            self._changed.notify_all()

    def _wait(self, began: float, got: int) -> None:
        """Says why there is no picture, then waits for the next attempt."""
        found = None if got else reach(self.spec.source)
        if found is None:
            self._tell("lost", f"{self.name} was lost; trying again.", "lost")
        else:
            before: State = "waiting" if self._state == "waiting" else "lost"
            self._tell(before, reach_sentence(found, self.name), found)
        now = time.monotonic()
        # From the attempt's beginning, so that an open that took its whole limit is not paid for twice.
        until = max(began + self._back_off.wait_s(now), now + _LEAST_WAIT_S)
        while (left := until - time.monotonic()) > 0 and not self._closed.wait(min(left, _PROBE_S)):
            # In a long outage the waits are long; a device that answers again is tried at once.
            if left > _PROBE_S and found not in (None, "no_video", "not_there") and self._answers_again():
                return

    def _answers_again(self) -> bool:
        if reach(self.spec.source) != "no_video":
            return False
        self._back_off.well()
        return True

    def _timed(self, call: Callable[[], T]) -> T:
        self._busy_since = time.monotonic()
        try:
            return call()
        finally:
            self._busy_since = None


def opened(spec: ReadSpec, closed: threading.Event, *, clock: Callable[[], float] = time.monotonic) -> Capture | None:
    """A reader of what the spec names; `Known` where it can never give a picture. `clock` paces a recording."""
    if is_live(spec.source):
        return open_capture(spec.source)
    if not spec.pace:
        raise Known(
            f"{named(spec.source)} is a recording, not a camera.",
            "Count it with `watch`, or ask for it to be played at its own rate.",
        )
    return Playback(Path(spec.source), loop=spec.loop, fps=spec.fps, pause=closed.wait, clock=clock)
