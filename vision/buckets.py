"""The book of one camera: what was counted and how long was watched, by minute and by quarter hour.

A row is cumulative for its span: the same row comes again with higher numbers until the span is over, so a
writer replaces what it wrote before, and a crash loses at most what came after the latest row. A span that
nobody watched has no row; one that was watched in part says so in `seconds_observed` and `quality`.

The span of a count is what the wall clock says at its frame; the time watched is the difference of a clock that
never goes back. A wall clock that is set therefore neither repeats nor loses anything: its old spans go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from vision.rows import HOUR_MS, MINUTE_MS, QUARTER_MS, Flaw, Histogram

BUCKET_MS = QUARTER_MS
GAP_S = 2.0
"""Frames further apart than this leave the time between them unobserved."""
UNSEEN: frozenset[Flaw] = frozenset(("frozen", "black", "covered", "moved"))
"""Flaws of a picture that shows nothing to count: its time is not observed."""

_WHOLE = 0.95
_SLOWEST = 3.5  # analysed frames a second: below it fast walkers are lost between two frames
_JUDGED_S = 2.0
_LATELY_S = 90.0  # a flaw is known at the latest a minute after it began
_SKEW_MS = 250  # two clocks that differ by less between two frames only tick differently
_KEPT = {MINUTE_MS: 600, QUARTER_MS: 128, HOUR_MS: 6}

GateField = Literal["n_in", "n_out", "n_pass", "staff_in", "staff_out", "groups"]
Span_T = TypeVar("Span_T")


@dataclass(frozen=True, slots=True)
class BucketRow:
    """What crossed at one gate in the quarter hour from `start_ms` (UTC milliseconds).

    `gate` is the gate's code, or the line's name where the config gives none; lines with one code are added
    up, and `lines` names them. `n_in` and `n_out` are people without staff, `n_pass` passers-by of a front,
    `staff_in` and `staff_out` were left out, `groups` estimates how many groups the `n_in` were.
    `seconds_observed` (0..900) is how much of the quarter was watched, `frames_seen` and `frames_dropped` and
    the flaws of `quality` say how well. `finished` is true once the quarter is over. Key: (gate, start_ms).
    """

    gate: str
    lines: tuple[str, ...]
    start_ms: int
    n_in: int
    n_out: int
    seconds_observed: int
    frames_seen: int
    frames_dropped: int
    finished: bool = False
    n_pass: int = 0
    staff_in: int = 0
    staff_out: int = 0
    groups: int = 0
    quality: tuple[Flaw, ...] = ()


@dataclass(slots=True)
class GateTally:
    """The counts of one gate in one span; see `BucketRow`."""

    n_in: int = 0
    n_out: int = 0
    n_pass: int = 0
    staff_in: int = 0
    staff_out: int = 0
    groups: int = 0


@dataclass(slots=True)
class ZoneTally:
    """The sums of one zone in one span; see `ZoneRow`. `person_seconds` is the presence and `queue_seconds` the
    smoothed queue, each summed over time; `lengths` are seconds by number of people inside."""

    entries: int = 0
    exits: int = 0
    visits: int = 0
    seconds_total: float = 0.0
    dwell: Histogram = field(default_factory=dict)
    waits: Histogram = field(default_factory=dict)
    unserved: int = 0
    person_seconds: float = 0.0
    presence_max: int = 0
    queue_seconds: float = 0.0
    queue_max: int = 0
    lengths: dict[int, float] = field(default_factory=dict)
    reaches: int = 0
    reach_seconds: float = 0.0
    groups: int = 0


@dataclass(slots=True)
class Watched:
    """How much of a span was watched, and with how many frames seen and dropped."""

    milliseconds: float = 0.0
    seen: int = 0
    dropped: int = 0


Key = tuple[str, str]
"""("gate" or "zone", code)."""


@dataclass(slots=True)
class Span:
    """One minute or quarter of one camera: what was watched of it, and the tallies by gate and zone code;
    `flows` are [people, seconds] by (origin, target). `told` holds the rows given last. `late` is what had been
    watched before a gate or zone was drawn: it saw none of that."""

    watched: Watched = field(default_factory=Watched)
    flaws: set[Flaw] = field(default_factory=set)
    gates: dict[str, GateTally] = field(default_factory=dict)
    zones: dict[str, ZoneTally] = field(default_factory=dict)
    flows: dict[Key, list[float]] = field(default_factory=dict)
    told: dict[object, object] = field(default_factory=dict)
    late: dict[Key, Watched] = field(default_factory=dict)

    def gate(self, code: str) -> GateTally:
        """The gate's tally, begun where there is none."""
        tally = self.gates.get(code)
        if tally is None:
            tally = self.gates[code] = GateTally()
        return tally

    def zone(self, code: str) -> ZoneTally:
        """The zone's tally, begun where there is none."""
        tally = self.zones.get(code)
        if tally is None:
            tally = self.zones[code] = ZoneTally()
        return tally

    def watched_at(self, key: Key, length_ms: int) -> Watched:
        """What a gate or zone saw of the span, at most its length."""
        whole, late = self.watched, self.late.get(key) or _NOTHING
        milliseconds = min(whole.milliseconds - late.milliseconds, length_ms)
        return Watched(max(milliseconds, 0.0), max(whole.seen - late.seen, 0), whole.dropped - late.dropped)

    def withdraw(self, milliseconds: float, seen: int) -> None:
        """Takes back watched time and frames. What zones held in it goes with it, at the span's own mean."""
        whole = self.watched.milliseconds
        self.watched.milliseconds = max(whole - milliseconds, 0.0)
        self.watched.seen = max(self.watched.seen - seen, 0)
        share = self.watched.milliseconds / whole if whole else 0.0
        for tally in self.zones.values():
            tally.person_seconds *= share
            tally.queue_seconds *= share
            tally.lengths = {length: seconds * share for length, seconds in tally.lengths.items()}

    def quality(self, watched: Watched, length_ms: int) -> tuple[Flaw, ...]:
        """The flaws of what was watched, in a fixed order; a running span is `partial` until 95 % of it was."""
        found = set(self.flaws)
        seconds = watched.milliseconds / 1000
        if seconds < _WHOLE * length_ms / 1000:
            found.add("partial")
        if seconds >= _JUDGED_S and watched.seen < _SLOWEST * seconds:
            found.add("slow")
        return tuple(sorted(found))


_NOTHING = Watched()


class Spans(Generic[Span_T]):
    """Records by the start of their span. Only those touched last are kept, however the wall clock moves."""

    def __init__(self, length_ms: int, new: Callable[[], Span_T]) -> None:
        self.length_ms = length_ms
        self._new, self._kept = new, _KEPT[length_ms]
        self._records: dict[int, Span_T] = {}
        self._dirty: set[int] = set()
        self._latest: int | None = None

    def __len__(self) -> int:
        return len(self._records)

    def start(self, at_ms: int) -> int:
        """Where the span of an instant begins."""
        return at_ms - at_ms % self.length_ms

    def at(self, at_ms: int, *, dirty: bool = True) -> Span_T:
        """The record of an instant, begun where there is none; it is among the next `changed`."""
        start = at_ms - at_ms % self.length_ms
        if start != self._latest:
            record = self._records.pop(start, None)
            self._records[start] = self._new() if record is None else record
            self._latest = start
            if len(self._records) > self._kept:
                oldest = next(iter(self._records))
                del self._records[oldest]
                self._dirty.discard(oldest)
        if dirty:
            self._dirty.add(start)
        return self._records[start]

    def find(self, at_ms: int) -> Span_T | None:
        """The record of an instant where it is still kept, to be corrected."""
        start = self.start(at_ms)
        if start in self._records:
            self._dirty.add(start)
        return self._records.get(start)

    def kept(self) -> list[tuple[int, Span_T]]:
        """Start and record of every span that is kept, by start."""
        return sorted(self._records.items(), key=lambda each: each[0])

    def changed(self) -> list[tuple[int, Span_T]]:
        """Start and record of what was touched since the last call, by start."""
        starts, self._dirty = self._dirty, set()
        return [(start, self._records[start]) for start in sorted(starts)]


Part = tuple[Span, Span, float]
"""A minute, its quarter, and seconds watched in both."""


@dataclass(slots=True)
class _Lately:
    """What was watched within one second of the steady clock and one minute of the wall clock."""

    second: int
    minute: int
    milliseconds: float = 0.0
    seen: int = 0


class Book:
    """Minutes and quarters of one camera. `at_ms` is the newest instant, None before the first frame."""

    def __init__(self) -> None:
        self.minutes: Spans[Span] = Spans(MINUTE_MS, Span)
        self.quarters: Spans[Span] = Spans(QUARTER_MS, Span)
        self.at_ms: int | None = None
        self._seconds: float | None = None
        self._lately: deque[_Lately] = deque()

    def watch(self, at_ms: int, seconds: float, dropped: int, flaws: Iterable[Flaw], still: int) -> list[Part]:
        """A frame was analysed; the parts of the time since the frame before that are now watched."""
        parts = list(self._credit(at_ms, seconds))
        self.at_ms, self._seconds = at_ms, seconds
        for span in (self.minutes.at(at_ms), self.quarters.at(at_ms)):
            span.watched.seen += 1 + still
            span.watched.dropped += dropped
            span.flaws.update(flaws)
        self._latest(seconds, self.minutes.start(at_ms)).seen += 1 + still
        return parts

    def unseen(self, at_ms: int, dropped: int, flaws: Iterable[Flaw]) -> None:
        """A frame showed nothing to count: noted, and the time around it is not watched."""
        self.at_ms, self._seconds = at_ms, None
        for span in (self.minutes.at(at_ms), self.quarters.at(at_ms)):
            span.watched.dropped += dropped
            span.flaws.update(flaws)

    def withdraw(self, since: float, flaws: Iterable[Flaw]) -> None:
        """The pictures have shown nothing to count since then, as is known only now: nobody watched. Exact to a
        second; goes back a minute and a half at most. Rows that were given come again with less."""
        while self._lately and self._lately[-1].second >= since - 1:
            taken = self._lately.pop()
            for spans in (self.minutes, self.quarters):
                span = spans.find(taken.minute)
                if span is not None:
                    span.withdraw(taken.milliseconds, taken.seen)
                    span.flaws.update(flaws)

    def end(self, period_s: float) -> list[Part]:
        """The recording is over; its last frame lasted `period_s`. The parts that this adds."""
        if self.at_ms is None or self._seconds is None:
            return []
        end = self.at_ms + round(period_s * 1000)
        return list(self._parts(self.at_ms, end))

    def gap(self) -> None:
        """The time until the next frame is not watched."""
        self._seconds = None

    def count(self, codes: Sequence[str], at_ms: int, what: GateField, n: int = 1) -> None:
        """Adds to a field of gates in the minute and the quarter of an instant."""
        for spans in (self.minutes, self.quarters):
            span = spans.at(at_ms) if n > 0 else spans.find(at_ms)
            for code in codes if span is not None else ():
                assert span is not None
                tally = span.gate(code)
                setattr(tally, what, max(getattr(tally, what) + n, 0))

    def zone(self, code: str, at_ms: int) -> ZoneTally:
        """The zone's tally in the quarter of an instant."""
        return self.quarters.at(at_ms).zone(code)

    def _credit(self, at_ms: int, seconds: float) -> Iterator[Part]:
        if self._seconds is None or self.at_ms is None or not 0 < seconds - self._seconds <= GAP_S:
            return
        elapsed = (seconds - self._seconds) * 1000
        agreed = abs(at_ms - self.at_ms - elapsed) <= _SKEW_MS
        begin = self.at_ms if agreed and at_ms > self.at_ms else at_ms - elapsed
        yield from self._parts(begin, at_ms, seconds)

    def _latest(self, seconds: float, minute: int) -> _Lately:
        newest = self._lately[-1] if self._lately else None
        if newest is None or (newest.second, newest.minute) != (int(seconds), minute):
            newest = _Lately(int(seconds), minute)
            self._lately.append(newest)
            while self._lately[0].second < seconds - _LATELY_S:
                self._lately.popleft()
        return newest

    def _parts(self, begin: float, end: float, seconds: float | None = None) -> Iterator[Part]:
        while begin < end:
            minute = int(begin // MINUTE_MS) * MINUTE_MS
            until = min(end, minute + MINUTE_MS)
            spans = self.minutes.at(minute), self.quarters.at(minute)
            for span in spans:
                span.watched.milliseconds += until - begin
            if seconds is not None:
                self._latest(seconds, minute).milliseconds += until - begin
            yield *spans, (until - begin) / 1000
            begin = until
