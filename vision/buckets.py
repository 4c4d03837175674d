"""Crossings to rows of a quarter hour, with how much of the quarter was really watched.

A row is cumulative for its quarter: the same row comes again with higher numbers until the quarter is over,
so a writer replaces what it wrote before, and a crash loses at most what came after the latest row. A
quarter that nobody watched has no row; one that was watched in part says so in `seconds_observed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vision.config import Line
from vision.counter import Crossing

BUCKET_MS = 15 * 60 * 1000
"""Every time zone's offset is a multiple of this, so UTC quarters are local quarters."""
GAP_MS = 2000
"""Frames further apart than this leave the time between them unobserved."""

_KEPT_MS = 8 * 3600 * 1000  # a clock that is set back by less than this resumes its old rows


@dataclass(frozen=True, slots=True)
class BucketRow:
    """What crossed at one gate in the quarter hour from `start_ms` (UTC milliseconds).

    `gate` is the gate's code, or the line's name where the config gives none; lines with one code are added
    up, and `lines` names them. `n_in` and `n_out` are people. `seconds_observed` (0..900) is how much of the
    quarter was watched, `frames_seen` and `frames_dropped` with what quality. `finished` is true once the
    quarter is over. The key of a row is (gate, start_ms).
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


@dataclass(slots=True)
class _Watched:
    milliseconds: int = 0
    seen: int = 0
    dropped: int = 0


class Buckets:
    """Adds up crossings and watched time. `resume` are rows of an earlier run of the same camera whose
    quarter may still be running: counting goes on from them."""

    def __init__(self, lines: Sequence[Line], *, resume: Iterable[BucketRow] = ()) -> None:
        self._gate_of = {line.name: line.counted_as for line in lines}
        self._lines_of: dict[str, tuple[str, ...]] = {}
        for line in lines:
            self._lines_of[line.counted_as] = (*self._lines_of.get(line.counted_as, ()), line.name)
        self._watched: dict[int, _Watched] = {}
        self._counts: dict[tuple[str, int], list[int]] = {}
        self._told: dict[tuple[str, int], BucketRow] = {}
        self._at: int | None = None
        for row in resume:
            if row.gate in self._lines_of:
                self._counts[row.gate, row.start_ms] = [row.n_in, row.n_out]
                watched = _Watched(row.seconds_observed * 1000, row.frames_seen, row.frames_dropped)
                self._watched[row.start_ms] = watched
                self._told[row.gate, row.start_ms] = row

    def __len__(self) -> int:
        """How many quarters are remembered."""
        return len(self._watched)

    def observe(self, at_ms: int, dropped: int = 0) -> None:
        """A frame was analysed: the time since the frame before was watched, unless that is a gap."""
        before, self._at = self._at, at_ms
        if before is not None and 0 < at_ms - before <= GAP_MS:
            self._credit(before, at_ms)
        watched = self._watched.setdefault(_start(at_ms), _Watched())
        watched.seen += 1
        watched.dropped += dropped

    def end(self, period_ms: int) -> None:
        """The recording is over; its last frame lasted `period_ms`."""
        if self._at is not None:
            self._credit(self._at, self._at + period_ms)

    def add(self, crossings: Iterable[Crossing]) -> None:
        """Counts crossings in the quarters that they happened in."""
        for crossing in crossings:
            key = (self._gate_of[crossing.line], _start(crossing.at_ms))
            self._counts.setdefault(key, [0, 0])[crossing.direction == "out"] += 1

    def changed(self, *, ended: bool = False) -> list[BucketRow]:
        """The rows that differ from what was given before; `ended` marks the last ones as finished."""
        rows = []
        for start in sorted(self._watched):
            for gate in self._lines_of:
                row = self._row(gate, start, ended)
                if self._told.get((gate, start)) != row:
                    self._told[gate, start] = row
                    rows.append(row)
        self._drop_old()
        return rows

    def _row(self, gate: str, start: int, ended: bool) -> BucketRow:
        watched = self._watched[start]
        n_in, n_out = self._counts.get((gate, start), (0, 0))
        seconds = min(round(watched.milliseconds / 1000), BUCKET_MS // 1000)
        over = ended or (self._at is not None and self._at >= start + BUCKET_MS)
        return BucketRow(
            gate, self._lines_of[gate], start, n_in, n_out, seconds, watched.seen, watched.dropped, finished=over
        )

    def _credit(self, begin: int, end: int) -> None:
        """Adds the span to the quarters that it lies in."""
        while begin < end:
            until = min(end, _start(begin) + BUCKET_MS)
            self._watched.setdefault(_start(begin), _Watched()).milliseconds += until - begin
            begin = until

    def _drop_old(self) -> None:
        if self._at is None:
            return
        oldest = self._at - _KEPT_MS
        for start in [start for start in self._watched if start + BUCKET_MS <= oldest]:
            del self._watched[start]
            for gate in self._lines_of:
                self._counts.pop((gate, start), None)
                self._told.pop((gate, start), None)


def _start(at_ms: int) -> int:
    return at_ms - at_ms % BUCKET_MS
