"""People across counting lines and past shop fronts, into the book's gates.

A U-turn, across and back, is one `in` and one `out`; swaying on the line is neither. Staff are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from vision.buckets import Book, GateField
from vision.config import Config
from vision.counter import Counter, Crossing
from vision.fronts import FrontCounter
from vision.groups import Grouping, ReEntry
from vision.sightings import Moment, Person
from vision.staff import SiteClock, StaffTracks

_DAYS = 3  # days of live totals: a clock set back over midnight finds the day before again

Totals = dict[str, list[int]]


class OnCrossing(Protocol):
    """Told of each crossing of a track."""

    def __call__(self, line: str, track: int, moment: Moment) -> None:
        """A track crossed a line."""
        ...


def gates_of(config: Config) -> dict[str, tuple[str, ...]]:
    """The gates that each line counts for: its own, and those of the fronts whose door it is."""
    found = {line.name: [line.counted_as] for line in config.lines}
    for front in config.fronts:
        if front.gate and front.gate not in found[front.line]:
            found[front.line].append(front.gate)
    return {name: tuple(codes) for name, codes in found.items()}


def lines_of(config: Config) -> dict[str, tuple[str, ...]]:
    """The lines that count for each gate."""
    lines: dict[str, tuple[str, ...]] = {}
    for name, codes in gates_of(config).items():
        for code in codes:
            lines[code] = (*lines.get(code, ()), name)
    return lines


@dataclass(slots=True)
class _Counted:
    """A crossing that was counted of a customer, and whether it began a group; it is taken back at most once."""

    crossing: Crossing
    group: bool = False
    taken: bool = False


class Gates:
    """Counts one camera's lines and fronts."""

    def __init__(self, config: Config, book: Book, staff: StaffTracks, clock: SiteClock, told: OnCrossing) -> None:
        self._lines = config.lines
        self._counter = Counter(config.lines)
        self._gates = gates_of(config)
        self._book, self._staff, self._clock, self._told = book, staff, clock, told
        self._fronts = [FrontCounter(front, partial(self._passed, self._gate_of(front.line, front.gate)))
                        for front in config.fronts]  # fmt: skip
        self._grouping = Grouping(config.groups)
        self._reentry = ReEntry(config.reentry_s)
        self._days: dict[str, Totals] = {}
        self._last_gate: dict[int, str] = {}

    def __len__(self) -> int:
        """How many things are remembered of tracks."""
        return len(self._counter) + sum(len(front) for front in self._fronts) + len(self._last_gate)

    def see(self, person: Person, moment: Moment) -> list[Crossing]:
        """The crossings that a person completes with a frame."""
        for front in self._fronts:
            front.see(person, moment)
        found = []
        foot = (person.x, person.y)
        for counter in self._counter.counters:
            crossing = counter.update(person.track, foot, person.height, moment.frame, moment.at_ms)
            if crossing:
                found.append(crossing)
                self._crossed(person, crossing, moment)
        return found

    def place(self, track: int) -> str | None:
        """The gate that the track crossed last."""
        return self._last_gate.get(track)

    def totals(self) -> dict[str, tuple[int, int]]:
        """People in and out by line since the site's midnight, without staff."""
        today = self._totals(self._clock.day)
        return {line: (n_in, n_out) for line, (n_in, n_out) in today.items()}

    def resume(self, line: str, day: str, n_in: int, n_out: int) -> None:
        """Adds what an earlier run counted of a day."""
        total = self._totals(day)[line]
        total[0] += n_in
        total[1] += n_out

    def end(self, track: int) -> None:
        """A track has ended."""
        for front in self._fronts:
            front.end(track)
        self._last_gate.pop(track, None)

    def forget(self, tracks: Sequence[int]) -> None:
        """Drops what the lines remember of tracks that have ended."""
        self._counter.forget(tracks)

    def clear(self) -> None:
        """Drops every track without counting."""
        self._counter = Counter(self._lines)
        for front in self._fronts:
            front.clear()
        self._last_gate.clear()
        self._grouping.clear()
        self._reentry.clear()

    def _gate_of(self, line: str, gate: str | None) -> tuple[str, ...]:
        return (gate or self._gates[line][0],)

    def _totals(self, day: str) -> Totals:
        totals = self._days.get(day)
        if totals is None:
            totals = self._days[day] = {line: [0, 0] for line in self._gates}
            while len(self._days) > _DAYS:
                del self._days[next(iter(self._days))]
        return totals

    def _crossed(self, person: Person, crossing: Crossing, moment: Moment) -> None:
        line, track, codes = crossing.line, person.track, self._gates[crossing.line]
        self._last_gate[track] = codes[0]
        for front in self._fronts:
            front.crossed(line, track, moment)
        self._told(line, track, moment)
        if self._staff.on_hours or self._staff.marked(track):
            self._book.count(codes, crossing.at_ms, "staff_in" if crossing.direction == "in" else "staff_out")
        elif crossing.direction == "out":
            counted = self._add(crossing)
            self._staff.counted(track, partial(self._to_staff, counted))
            self._reentry.left(line, person, moment, partial(self._take_back, counted))
        elif not self._reentry.returns(line, person, moment):
            counted = self._add(crossing)
            counted.group = self._grouping.begins(line, person, moment)
            if counted.group:
                self._book.count(codes, crossing.at_ms, "groups")
            self._staff.counted(track, partial(self._to_staff, counted))

    def _add(self, crossing: Crossing) -> _Counted:
        self._change(crossing, 1)
        return _Counted(crossing)

    def _change(self, crossing: Crossing, n: int) -> None:
        outward = crossing.direction == "out"
        what: GateField = "n_out" if outward else "n_in"
        self._book.count(self._gates[crossing.line], crossing.at_ms, what, n)
        total = self._totals(self._clock.day_of(crossing.at_ms))[crossing.line]
        total[outward] = max(total[outward] + n, 0)

    def _take_back(self, counted: _Counted) -> bool:
        """Uncounts a crossing; False where that was done before."""
        if counted.taken:
            return False
        counted.taken = True
        self._change(counted.crossing, -1)
        if counted.group:
            self._book.count(self._gates[counted.crossing.line], counted.crossing.at_ms, "groups", -1)
        return True

    def _to_staff(self, counted: _Counted) -> None:
        """Who crossed turned out to be staff."""
        if self._take_back(counted):
            crossing = counted.crossing
            what: GateField = "staff_out" if crossing.direction == "out" else "staff_in"
            self._book.count(self._gates[crossing.line], crossing.at_ms, what)

    def _passed(self, codes: tuple[str, ...], track: int, at_ms: int) -> None:
        if self._staff.on_hours or self._staff.marked(track):
            return
        self._book.count(codes, at_ms, "n_pass")
        self._staff.counted(track, partial(self._book.count, codes, at_ms, "n_pass", -1))
