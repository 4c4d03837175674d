"""What is to be seen of a camera while it is counted: the newest picture and the facts that go with it.

It lives in the memory of the counting process. A picture leaves it only made smaller and with every head blurred,
for the screen of the same machine.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from vision.boxes import Boxes
from vision.config import Config
from vision.counter import Crossing
from vision.feet import Feet
from vision.homography import plan_from
from vision.overlay import shown_picture
from vision.pipeline import Step
from vision.rows import Flaw
from vision.scene import LiveView
from vision.source import Frame

_CROSSINGS = 500


@dataclass(frozen=True, slots=True)
class _Shown:
    frame: Frame
    found: Boxes
    tracked: Boxes
    live: LiveView
    flaws: tuple[Flaw, ...]


class View:
    """The latest of one camera; written by the counting thread, read by any."""

    def __init__(self, code: str, config: Config, detector: str, *, fallback: bool) -> None:
        self.code, self.config = code, config
        self._detector, self._fallback = detector, fallback
        self._lock = threading.Lock()
        self._shown: _Shown | None = None
        self._crossings: deque[tuple[int, Crossing]] = deque(maxlen=_CROSSINGS)
        self._feet = Feet(config)
        self._plan = plan_from(config.floor.points) if config.floor else None
        self._number = 0
        self.frames = 0
        """Frames that were counted, the quiet ones included."""
        self._facts: dict[str, Any] = {"state": "waiting", "reason": "", "fps": 0.0, "fps_in": 0.0, "dropped": 0}

    def show(self, frame: Frame, found: Boxes, step: Step, live: LiveView, flaws: tuple[Flaw, ...]) -> None:
        """A frame was counted."""
        with self._lock:
            self.frames += 1
            height, width = frame.image.shape[:2]
            self._feet.see(step.tracked, (width, height), frame.seconds)
            self._shown = _Shown(frame, found, step.tracked, live, flaws)
            for crossing in step.crossings:
                self._number += 1
                self._crossings.append((self._number, crossing))

    def tell(self, state: str, reason: str, **rates: float) -> None:
        """The camera's state and rates."""
        with self._lock:
            self._facts = {"state": state, "reason": reason, **rates}

    def newest(self) -> int:
        """The number of the latest crossing; 0 before the first."""
        with self._lock:
            return self._number

    def report(self) -> dict[str, Any]:
        """What was counted since the beginning, in the words of a recording's report."""
        with self._lock:
            lines = self._shown.live.lines if self._shown else {}
            dropped = self._facts["dropped"]
        counted = [{"name": name, "in": n_in, "out": n_out} for name, (n_in, n_out) in lines.items()]
        return {
            "source": self.code, "detector": self._detector, "fallback": self._fallback, "frames": self.frames,
            "frames_dropped": dropped, "complete": False, "lines": counted, "notes": list(self.config.notes),
        }  # fmt: skip

    def answer(self, *, width: int, since: int, clear: bool = False) -> tuple[dict[str, Any], bytes, int]:
        """The header and the picture's bytes (red first), and the number of the latest crossing.

        `width` is the greatest width of the picture, `since` the number that the asker had last.
        """
        with self._lock:
            shown, facts = self._shown, dict(self._facts)
            crossings = [each for number, each in self._crossings if number > since]
            number, wrong = self._number, self._feet.warnings()
        header: dict[str, Any] = {"camera": self.code, **facts, "detector": self._detector, "fallback": self._fallback}
        if shown is None:
            return {**header, **_NOTHING}, b"", number
        picture, factor = shown_picture(shown.frame.image, shown.found, width=width, clear=clear)
        height, wide = picture.shape[:2]
        header |= {
            "width": wide, "height": height, "bytes": picture.nbytes, "at_ms": shown.frame.at_ms,
            "frame": shown.frame.index, "flaws": list(shown.flaws), "boxes": _boxes(shown.tracked, factor),
            "lines": self._lines(shown.live, wide, height), "zones": self._zones(shown.live, wide, height),
            "crossings": [{"line": c.line, "direction": c.direction, "at_ms": c.at_ms} for c in crossings],
            "warnings": wrong, "plan": self._on_plan(shown),
        }  # fmt: skip
        return header, picture.tobytes(), number

    def _on_plan(self, shown: _Shown) -> dict[str, Any] | None:
        """Where the tracked people stand on the floor plan: metres, by track; None without a floor plan."""
        if self._plan is None or self.config.floor is None:
            return None
        height, width = shown.frame.image.shape[:2]
        feet = shown.tracked.scaled(self.config.size[0] / width, self.config.size[1] / height).feet
        places = self._plan.place(feet).tolist()
        people = [
            [int(track), round(x, 2), round(y, 2)]
            for track, (x, y) in zip(shown.tracked.track, places, strict=True)
            if math.isfinite(x + y)  # else at or above the horizon
        ]
        return {"floor": self.config.floor.floor, "people": people}

    def _lines(self, live: LiveView, wide: int, high: int) -> list[dict[str, Any]]:
        made = []
        for line in self.config.lines:
            n_in, n_out = live.lines.get(line.name, (0, 0))
            a, b = self._place(line.a, wide, high), self._place(line.b, wide, high)
            band = None if line.band is None else round(line.band * wide / self.config.size[0], 1)
            made.append({"name": line.name, "a": a, "b": b, "band": band, "n_in": n_in, "n_out": n_out})
        return made

    def _zones(self, live: LiveView, wide: int, high: int) -> list[dict[str, Any]]:
        made = []
        for zone in self.config.zones:
            presence, queue, wait = live.zones.get(zone.name, (0, 0.0, 0.0))
            polygon = [self._place(point, wide, high) for point in zone.polygon]
            made.append({"name": zone.name, "purpose": zone.purpose, "polygon": polygon, "presence": presence,
                         "queue": queue, "wait_s": wait})  # fmt: skip
        return made

    def _place(self, point: tuple[float, float], wide: int, high: int) -> list[float]:
        across, down = wide / self.config.size[0], high / self.config.size[1]
        return [round(point[0] * across, 1), round(point[1] * down, 1)]


_NOTHING: dict[str, Any] = {
    "width": 0, "height": 0, "bytes": 0, "at_ms": 0, "frame": -1, "flaws": [], "boxes": [], "lines": [], "zones": [],
    "crossings": [], "warnings": [], "plan": None,
}  # fmt: skip


def _boxes(tracked: Boxes, factor: float) -> list[list[float]]:
    return [
        [*(round(float(side) * factor, 1) for side in corners), int(track)]
        for corners, track in zip(tracked.xyxy, tracked.track, strict=True)
    ]
