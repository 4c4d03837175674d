"""A group of cameras in one process: one compiled detector, which the cameras take in turn.

Each camera wants `Config.fps` analysed frames a second and gets its share: the camera that has waited longest
beyond its due time comes next, so that too many cameras are all counted slower (and say so) instead of some not at
all. A camera in front of which nothing moves and nobody is followed is analysed once a second. A camera that is
silent, wrong or broken holds up no other.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from models.errors import Known
from vision.boxes import Boxes
from vision.config import Config
from vision.detectors.contract import Answer, Detector, Overlapping, Remembering
from vision.feed import FeedHealth
from vision.picture import MotionGate, PictureCheck
from vision.pipeline import Pipeline
from vision.rows import Flaw
from vision.scene import Rows
from vision.source import Frame
from vision.view import View

if TYPE_CHECKING:
    from vision.demographics import Demographics

LOG = logging.getLogger("atrium.cameras")

TELL_S = 1.0
"""Rows are given at most this often, so a kill loses no more."""
STATE_S = 5.0
SLOWEST = 3.5
"""Analysed frames a second under which a counting line loses people (measured: see the decision on cameras)."""
AGAIN_S = 60.0
NEW_VIEW = "The camera looks at another place than before: check its lines."
_IDLE_S = 0.004
_RATE_S = 5.0

Resume = Mapping[str, Sequence[Mapping[str, Any]]]
OnRows = Callable[[str, Rows], None]
OnState = Callable[[str, dict[str, Any]], None]


class Feed(Protocol):
    """Where a camera's frames come from; `poll` never blocks."""

    health: FeedHealth

    def poll(self) -> Frame | None:
        """The newest frame since the last poll, or None."""
        ...

    def ask_to_stop(self) -> None:
        """Asks the capture to end, so that `close` has less to wait for."""
        ...

    def close(self) -> None:
        """Ends the capture."""
        ...


@dataclass(frozen=True)
class GroupCamera:
    """A camera to count: its code, its frames, what to count in them, and the rows from before a restart. With
    `strict` a picture of another shape than the lines were drawn for is not counted."""

    code: str
    feed: Feed
    config: Config
    resume: Resume | None = None
    demographics: Demographics | None = None
    strict: bool = False


@dataclass(slots=True)
class _Watched:
    """A camera at work; times are seconds of the group's clock."""

    camera: GroupCamera
    pipeline: Pipeline
    view: View
    detector: Detector
    check: PictureCheck = field(default_factory=PictureCheck)
    gate: MotionGate = field(default_factory=MotionGate)
    due: float = 0.0
    busy: bool = False
    trouble: str = ""
    not_before: float = 0.0
    flaws: tuple[Flaw, ...] = ()
    new_view: bool = False
    hidden: bool = False
    turns: deque[float] = field(default_factory=deque)
    analysed: int = 0
    skipped: int = 0
    dropped: int = 0
    work_s: float = 0.0
    told: str = ""
    told_at: float = -1e9

    def rate(self, now: float) -> float:
        """Frames a second that were looked at lately, the quiet ones included."""
        while self.turns and self.turns[0] < now - _RATE_S:
            self.turns.popleft()
        return len(self.turns) / _RATE_S


class CameraGroup:
    """Counts its cameras until `stop()`; cameras come and go while it runs.

    `on_rows(code, rows)` gets cumulative rows each second while they change; `on_state(code, facts)` a camera's state
    every five seconds and at each change. Both are called from the thread of `run`.
    """

    def __init__(
        self,
        detector: Detector,
        zone: tzinfo,
        *,
        on_rows: OnRows,
        on_state: OnState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._detector, self._zone, self._clock = detector, zone, clock
        self._on_rows, self._on_state = on_rows, on_state
        self._watched: dict[str, _Watched] = {}
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pending: deque[tuple[_Watched, Frame, tuple[Flaw, ...], Answer, float]] = deque()
        self._room = detector.in_flight if isinstance(detector, Overlapping) else 1
        self._told = clock()
        self._lock = threading.Lock()

    # ---- from any thread

    def add(self, camera: GroupCamera) -> None:
        """Counts one more camera; one of the same code is replaced, its feed closed unless it is the same."""
        self._orders.put(_Order(self._take, camera))

    def remove(self, code: str) -> threading.Event:
        """Stops a camera; the event is set once its last rows have been given."""
        gone = threading.Event()
        self._orders.put(_Order(self._drop, code))
        self._orders.put(gone.set)
        return gone

    def replace_config(self, code: str, config: Config) -> None:
        """Draws a camera's lines anew while its pictures go on; its counts begin at nought."""
        self._orders.put(_Order(self._redraw, code, config))

    def view(self, code: str) -> View | None:
        """What is to be seen of a camera now; None where the group has no such camera."""
        with self._lock:
            watched = self._watched.get(code)
            return watched.view if watched else None

    # ---- in the thread of `run`

    def run(self, stop: Callable[[], bool]) -> None:
        """Counts until `stop()` is true; every feed is closed and the last rows are given."""
        try:
            while not stop():
                if not self.turn():
                    time.sleep(_IDLE_S)
        finally:
            while self._pending:
                self._finish()
            for watched in self._watched.values():
                watched.camera.feed.ask_to_stop()
            for code in list(self._watched):
                self._drop(code)

    def turn(self) -> bool:
        """One look at what there is to do; whether a frame was taken or finished."""
        self._obey()
        now = self._clock()
        began = self._begin(now) if len(self._pending) < self._room else False
        if self._pending and (not began or len(self._pending) >= self._room):
            self._finish()
            began = True
        if now - self._told >= TELL_S:
            self._told = now
            self._tell(now)
        return began

    def _begin(self, now: float) -> bool:
        """Starts the detector on the frame of the camera that waited longest."""
        for watched in sorted(self._watched.values(), key=_due):
            if watched.busy or watched.due > now or watched.not_before > now:
                continue
            frame = watched.camera.feed.poll()
            if frame is not None:
                self._look(watched, frame, now)
                return True
        return False

    def _look(self, watched: _Watched, frame: Frame, now: float) -> None:
        """A frame of a camera: flawed and quiet ones cost no detection."""
        period = 1.0 / watched.camera.config.fps
        watched.due = max(watched.due + period, now)
        watched.turns.append(now)
        watched.dropped += frame.dropped
        state = watched.check.look(frame.image, frame.seconds)
        if state.since is not None and not watched.hidden:
            watched.pipeline.scene.withdraw(state.since, state.flaws)
        watched.hidden = state.since is not None
        flaws: tuple[Flaw, ...] = (*state.flaws, *(("reduced",) if self._detector.fallback else ()))
        slow: tuple[Flaw, ...] = ("slow",) if self._slow(watched, now) else ()
        watched.flaws, watched.new_view = (*flaws, *slow), state.new_view
        if not watched.gate.opens(state.motion, frame.seconds, len(watched.pipeline)):
            watched.skipped += 1
            self._count(watched, frame, flaws, Boxes.empty())
            return
        watched.busy = True
        self._pending.append((watched, frame, flaws, self._start(watched, frame), now))

    def _slow(self, watched: _Watched, now: float) -> bool:
        """Whether the camera has been at work for a while and gets fewer frames than counting needs."""
        rate = watched.rate(now)
        return bool(watched.turns) and now - watched.turns[0] > _RATE_S / 2 and rate < min(
            SLOWEST, watched.camera.config.fps / 2
        )  # fmt: skip

    def _start(self, watched: _Watched, frame: Frame) -> Answer:
        if isinstance(watched.detector, Overlapping):
            return watched.detector.submit(frame.image)
        boxes = watched.detector(frame.image)
        return _Given(boxes).answer

    def _finish(self) -> None:
        """Waits for the oldest detection and counts it."""
        watched, frame, flaws, answer, began = self._pending.popleft()
        boxes = answer()
        watched.busy = False
        watched.analysed += 1
        watched.work_s += self._clock() - began
        if self._watched.get(watched.camera.code) is watched:
            self._count(watched, frame, flaws, boxes)

    def _count(self, watched: _Watched, frame: Frame, flaws: tuple[Flaw, ...], boxes: Boxes) -> None:
        """A frame's boxes into the counts; a camera whose frames cannot be counted is put off, the others go on."""
        try:
            step = watched.pipeline.step(frame, boxes, flaws)
        except Known as error:
            self._put_off(watched, str(error))
        except Exception:
            LOG.exception("camera %s", watched.camera.code)
            self._put_off(watched, "Its pictures could not be counted; the log has the details.")
        else:
            watched.trouble = ""
            watched.view.show(frame, boxes, step, watched.pipeline.scene.live(), watched.flaws)

    def _put_off(self, watched: _Watched, why: str) -> None:
        """Tries the camera again later; what it has counted stays, whoever was followed is let go of."""
        watched.trouble, watched.not_before = why, self._clock() + AGAIN_S
        watched.pipeline.let_go()

    # ---- orders

    def _obey(self) -> None:
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            order()

    def _take(self, camera: GroupCamera) -> None:
        before = self._watched.get(camera.code)
        if before is not None and before.camera.feed is not camera.feed:
            self._drop(camera.code)
        view = View(camera.code, camera.config, self._detector.name, fallback=self._detector.fallback)
        pipeline = Pipeline(
            camera.config,
            self._zone,
            name=camera.code,
            resume=camera.resume,
            demographics=camera.demographics,
            strict=camera.strict,
        )
        own = self._detector.fresh() if isinstance(self._detector, Remembering) else self._detector
        watched = _Watched(camera, pipeline, view, own, due=self._clock())
        with self._lock:
            self._watched[camera.code] = watched

    def _drop(self, code: str) -> None:
        with self._lock:
            watched = self._watched.pop(code, None)
        if watched is not None:
            self._give(watched)  # first: a capture that hangs takes seconds to close, and another group may begin
            watched.camera.feed.close()

    def _redraw(self, code: str, config: Config) -> None:
        watched = self._watched.get(code)
        if watched is not None:
            old = watched.camera
            self._take(replace(old, config=config, resume=None))

    # ---- telling

    def _tell(self, now: float) -> None:
        for watched in self._watched.values():
            if watched.not_before > now:
                watched.camera.feed.poll()  # nothing is counted, but the capture is still looked after
            self._give(watched)
            facts = self.facts(watched, now)
            state = f"{facts['state']} {facts['reason']} {facts['flaws']}"
            if state != watched.told or now - watched.told_at >= STATE_S:
                watched.told, watched.told_at = state, now
                self._on_state(watched.camera.code, facts)

    def _give(self, watched: _Watched) -> None:
        rows = watched.pipeline.changed()
        if rows:
            self._on_rows(watched.camera.code, rows)

    def facts(self, watched: _Watched, now: float) -> dict[str, Any]:
        """A camera's state for people; rates are frames a second, `drift_ms` how far its clock is off."""
        health = watched.camera.feed.health
        reason = watched.trouble or health.reason or (NEW_VIEW if watched.new_view else "")
        state = "wrong" if watched.trouble else "counting" if health.connected else health.state
        total, faces = watched.analysed + watched.skipped, watched.camera.demographics
        watched.view.tell(state, reason, fps=watched.rate(now), fps_in=health.fps,
                          dropped=watched.dropped)  # fmt: skip
        return {
            "state": state,
            "reason": reason,
            "fps_in": round(health.fps, 2),
            "fps_analysed": round(watched.rate(now), 2),
            "frames_dropped": watched.dropped,
            "skipped_share": round(watched.skipped / total, 3) if total else 0.0,
            "drift_ms": health.drift_ms,
            "width": health.width,
            "height": health.height,
            "night": int("dark" in watched.flaws),
            "restarts": health.restarts,
            "losses": health.losses,
            "process_ms": round(1000 * watched.work_s / watched.analysed, 1) if watched.analysed else 0.0,
            "face_width_median": None if faces is None else faces.median_face,
            "flaws": ",".join(watched.flaws),
        }


@dataclass(frozen=True, slots=True)
class _Given:
    boxes: Boxes

    def answer(self) -> Boxes:
        return self.boxes


class _Order:
    """A call to be made in the group's own thread."""

    def __init__(self, act: Callable[..., None], *values: object) -> None:
        self._act, self._values = act, values

    def __call__(self) -> None:
        self._act(*self._values)


def _due(watched: _Watched) -> float:
    return watched.due
