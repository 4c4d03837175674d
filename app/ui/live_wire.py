"""What the `live-view` child writes on its standard output: a header line of JSON, then the bytes of one picture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_HEADER = 1 << 20
"""A header line longer than this many bytes is no header."""
MOST_BYTES = 64 << 20
"""A picture announced larger than this many bytes is no picture."""

Point = tuple[float, float]
STATES = ("counting", "waiting", "lost", "ended", "wrong")


class Torn(Exception):
    """The stream cannot be followed any more: whoever reads it must begin with a new child."""


@dataclass(frozen=True, slots=True)
class LiveBox:
    """One person in pixels of the picture; `track` is the number that follows it from picture to picture."""

    left: float
    top: float
    right: float
    bottom: float
    track: int

    @property
    def foot(self) -> Point:
        """The middle of the box's lower edge: where the person stands."""
        return (self.left + self.right) / 2, self.bottom


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A counting line and its running counts; `band` is the dead band on either side in pixels, 0 where untold."""

    name: str
    a: Point
    b: Point
    n_in: int
    n_out: int
    band: float = 0.0


@dataclass(frozen=True, slots=True)
class LiveZone:
    """A zone with who is in it now; `wait_s` is the longest wait of its queue. None where it was not told."""

    name: str
    purpose: str
    polygon: tuple[Point, ...]
    presence: int | None
    queue: int | None
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class LiveCrossing:
    """Somebody crossed a line; `direction` is in or out, `at_ms` UTC milliseconds."""

    line: str
    direction: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class LivePlan:
    """Where a camera's people stand on the plan of `floor`: (track, X, Y) in metres."""

    floor: str
    people: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True)
class View:
    """What the child knows of one camera at one picture; all places are pixels of the picture that came with it.

    `state` is counting, waiting, lost, ended or wrong, `reason` a sentence; `fps` are pictures analysed and
    `fps_in` pictures received a second; `dropped` pictures not analysed; `blurred` whether heads are blurred; `plan`
    where the people stand, None for a camera that has no place on a floor plan.
    """

    camera: str
    state: str
    reason: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    at_ms: int = 0
    frame: int = 0
    boxes: tuple[LiveBox, ...] = ()
    lines: tuple[LiveLine, ...] = ()
    zones: tuple[LiveZone, ...] = ()
    crossings: tuple[LiveCrossing, ...] = ()
    fps: float = math.nan
    fps_in: float = math.nan
    dropped: int = 0
    flaws: tuple[str, ...] = ()
    detector: str = ""
    fallback: bool = False
    warnings: tuple[str, ...] = ()
    blurred: bool = True
    plan: LivePlan | None = None


def view_of(facts: Mapping[str, Any], *, blurred: bool = True) -> View:
    """The view that a header's facts describe. Raises ValueError, TypeError or KeyError where it is none."""
    state = str(facts["state"])
    if state not in STATES:
        raise ValueError(state)
    size, width, height = (int(facts.get(key) or 0) for key in ("bytes", "width", "height"))
    if not 0 <= size <= MOST_BYTES or (size and size != width * height * 3):
        raise ValueError(size)
    return View(
        str(facts["camera"]), state, str(facts.get("reason") or ""), width, height, size,
        int(facts.get("at_ms") or 0), int(facts.get("frame") or 0),
        tuple(_box(each) for each in facts.get("boxes") or ()),
        tuple(_line(each) for each in facts.get("lines") or ()),
        tuple(_zone(each) for each in facts.get("zones") or ()),
        tuple(_crossing(each) for each in facts.get("crossings") or ()),
        _number(facts.get("fps")), _number(facts.get("fps_in")), int(facts.get("dropped") or 0),
        _texts(facts.get("flaws")), str(facts.get("detector") or ""), bool(facts.get("fallback")),
        _texts(facts.get("warnings")), blurred=facts["heads"] != "clear" if "heads" in facts else blurred,
        plan=_plan(facts.get("plan")),
    )  # fmt: skip


@dataclass
class Wire:
    """Reads the child's output as it comes: `feed` gives each whole answer, however the bytes were cut.

    Lines that are no header are left out. `blurred` is what the child was asked for.
    """

    blurred: bool = True
    _held: bytearray = field(default_factory=bytearray)
    _view: View | None = None

    def feed(self, data: bytes) -> Iterator[tuple[View, bytes]]:
        """Answers that are whole now, with the picture's bytes (red first; empty where there is no picture).

        Raises Torn where a header never ends, or announces a picture that cannot be.
        """
        self._held += data
        while True:
            if self._view is None and not self._read_header():
                return
            if self._view is None:
                continue
            view = self._view
            if len(self._held) < view.size:
                return
            pixels = bytes(self._held[: view.size])
            del self._held[: view.size]
            self._view = None
            yield view, pixels

    def _read_header(self) -> bool:
        """Take one line off what is held; False where none is whole yet."""
        end = self._held.find(b"\n")
        if end < 0:
            if len(self._held) > LONGEST_HEADER:
                raise Torn("a header without end")
            return False
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        facts = _facts(line)
        if facts is None:
            return True
        try:
            self._view = view_of(facts, blurred=self.blurred)
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
            raise Torn("a header that is none") from error
        return True


def _facts(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "camera" in found and "state" in found else None


def _box(value: Any) -> LiveBox:
    left, top, right, bottom, track = value
    return LiveBox(_finite(left), _finite(top), _finite(right), _finite(bottom), int(track))


def _line(value: Mapping[str, Any]) -> LiveLine:
    counts = int(value.get("n_in") or 0), int(value.get("n_out") or 0)
    return LiveLine(
        str(value["name"]), _point(value["a"]), _point(value["b"]), *counts, _finite(value.get("band") or 0)
    )


def _zone(value: Mapping[str, Any]) -> LiveZone:
    presence, queue, wait = (value.get(key) for key in ("presence", "queue", "wait_s"))
    return LiveZone(
        str(value["name"]), str(value.get("purpose") or "presence"), tuple(_point(each) for each in value["polygon"]),
        None if presence is None else int(presence), None if queue is None else int(queue),
        None if wait is None else _finite(wait),
    )  # fmt: skip


def _plan(value: Mapping[str, Any] | None) -> LivePlan | None:
    if value is None:
        return None
    people = ((int(track), _finite(x), _finite(y)) for track, x, y in value["people"])
    return LivePlan(str(value["floor"]), tuple(people))


def _crossing(value: Mapping[str, Any]) -> LiveCrossing:
    return LiveCrossing(str(value["line"]), str(value["direction"]), int(value.get("at_ms") or 0))


def _point(value: Any) -> Point:
    x, y = value
    return _finite(x), _finite(y)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in values or ())
