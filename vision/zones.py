"""Polygons on the floor: who is inside, for how long, who came and went, who reached for what is shown.

A person is inside while the foot point is. A stay begins with the first of two frames inside and ends with the
last sighting inside once its person was seen outside for longer than the zone's exit time, or the track ended. A
person hidden inside and seen there again while the track lives goes on with the same stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from vision.buckets import Book, Part
from vision.config import Groups, Point, Zone
from vision.groups import Grouping
from vision.polygon import Area
from vision.queues import QueueLength, Waits
from vision.rows import bin_of
from vision.sightings import Moment, Person
from vision.staff import StaffTracks
from vision.stays import Stay, Stays

_SETTLE_S = 1.0  # after a start or gap, whoever is inside was so before and did not come in
_REACH_S = 0.4
_REACH_LOST_S = 0.5  # an arm may be hidden for so long
_UPPER = 0.6  # share of the box, from its top, that an arm can reach from


class OnStay(Protocol):
    """Told of each stay once it is sure."""

    def __call__(self, track: int, zone: str, stay: Stay, *, counted: bool) -> None:
        """A track is in a zone; `counted` is false for staff."""
        ...


@dataclass(slots=True)
class _Way:
    """How an entry zone sees a track: whether it came into the picture inside, and its latest sightings."""

    born_inside: bool
    was_outside: bool = False
    outside_since: float | None = None
    outside_ms: int = 0
    last_inside: bool = False
    last_ms: int = 0


class Doorway:
    """An entry zone: tracks that come into the picture inside it and leave it are entries, tracks that come to it
    and end inside are exits. Who only passes through is neither."""

    def __init__(self, exit_s: float) -> None:
        self._exit = exit_s
        self._ways: dict[int, _Way] = {}

    def __len__(self) -> int:
        return len(self._ways)

    def see(self, track: int, moment: Moment, *, inside: bool, settled: bool) -> int | None:
        """A track in a frame; the instant at which it entered, once that is sure. `settled` is false shortly after
        a start, when a track's beginning is not a person's."""
        way = self._ways.get(track)
        if way is None:
            way = self._ways[track] = _Way(born_inside=inside and settled)
        way.last_inside, way.last_ms = inside, moment.at_ms
        if inside:
            way.outside_since = None
            return None
        if way.outside_since is None:
            way.outside_since, way.outside_ms = moment.seconds, moment.at_ms
        if way.was_outside or moment.seconds - way.outside_since <= self._exit:
            return None
        way.was_outside = True
        return way.outside_ms if way.born_inside else None

    def end(self, track: int) -> int | None:
        """A track has ended; the instant of its exit, where it was one."""
        way = self._ways.pop(track, None)
        return way.last_ms if way and way.was_outside and way.last_inside else None

    def clear(self) -> None:
        """Drops every track without counting."""
        self._ways.clear()


@dataclass(slots=True)
class _Reach:
    began: float
    last: float
    last_ms: int


class Reaches:
    """Counts the reaches into what a display shows: boxes of people inside the zone whose upper 60 % touch the
    reach polygon for at least 0.4 seconds. A box says where a body is, not where a hand is: an upper bound."""

    def __init__(self, corners: Sequence[Point]) -> None:
        self._area = Area(corners)
        self._open: dict[int, _Reach] = {}

    def __len__(self) -> int:
        return len(self._open)

    def see(self, person: Person, moment: Moment) -> _Reach | None:
        """A person inside the zone; the reach that is over now, if one is."""
        bottom = person.top + _UPPER * person.height
        reach = self._open.get(person.track)
        if self._area.touches(person.left, person.top, person.right, bottom):
            if reach is None:
                self._open[person.track] = _Reach(moment.seconds, moment.seconds, moment.at_ms)
            else:
                reach.last, reach.last_ms = moment.seconds, moment.at_ms
            return None
        if reach is not None and moment.seconds - reach.last > _REACH_LOST_S:
            return self.end(person.track)
        return None

    def end(self, track: int) -> _Reach | None:
        """The track's stay is over; its reach, where there was one of enough length."""
        reach = self._open.pop(track, None)
        return reach if reach and reach.last - reach.began >= _REACH_S else None

    def clear(self) -> None:
        """Drops every track without counting."""
        self._open.clear()


@dataclass(slots=True)
class _Entry:
    """An entry that was counted, and whether it began a group; it is taken back at most once."""

    at_ms: int
    group: bool
    taken: bool = False


class ZoneCounter:
    """Counts one zone into the book."""

    def __init__(self, zone: Zone, book: Book, staff: StaffTracks, groups: Groups, on_stay: OnStay) -> None:
        self.zone, self.code = zone, zone.counted_as
        self.queue = QueueLength() if zone.purpose == "queue" else None
        self.presence = 0
        self._book, self._staff, self._on_stay = book, staff, on_stay
        self._stays = Stays(zone.polygon, zone.exit_s, self._inherited)
        self._entries: dict[int, _Entry] = {}
        self._grouping = Grouping(groups)
        self._waits = Waits(zone.served_by, self._waited) if zone.purpose == "queue" else None
        self._doorway = Doorway(zone.exit_s) if zone.purpose == "entry" else None
        self._reaches = Reaches(zone.reach) if zone.reach else None
        self._settled = 0.0

    def __len__(self) -> int:
        """How many things are remembered of tracks."""
        parts = (self._stays, self._entries, self._waits, self._doorway, self._reaches)
        return sum(len(part) for part in parts if part is not None)

    def credit(self, parts: Sequence[Part]) -> None:
        """Time has passed with as many people inside as at the frame before."""
        queue = self.queue.median if self.queue else 0
        for minute, quarter, seconds in parts:
            for tally in (minute.zone(self.code), quarter.zone(self.code)):
                tally.person_seconds += self.presence * seconds
                tally.presence_max = max(tally.presence_max, self.presence)
                if self.queue is not None:
                    tally.queue_seconds += queue * seconds
                    tally.queue_max = max(tally.queue_max, queue)
                    tally.lengths[self.presence] = tally.lengths.get(self.presence, 0.0) + seconds

    def begin(self, moment: Moment) -> None:
        """The first frame after a start or gap."""
        self._settled = moment.seconds + _SETTLE_S

    def see(self, person: Person, moment: Moment) -> None:
        """A person in a frame."""
        over = self._stays.see(person, moment)
        if over is not None:
            self._over(person.track, over, lost=False)
        stay = self._stays.open.get(person.track)
        if stay is not None and stay.frames == 2 and stay.last == moment.seconds:
            self._began(person, stay, moment)
        inside = stay is not None and stay.last == moment.seconds
        if self._reaches is not None and inside:
            self._reached(person.track, self._reaches.see(person, moment))
        if self._doorway is not None:
            settled = moment.seconds >= self._settled
            entered = self._doorway.see(person.track, moment, inside=inside, settled=settled)
            if entered is not None:
                self._came(person, entered, moment)

    def close_frame(self, moment: Moment) -> None:
        """Everybody in the frame was seen."""
        for track, stay in self._stays.given_up(moment.seconds):
            self._over(track, stay, lost=True)
        if self._staff.on_hours:
            self.presence = 0
        else:
            self.presence = sum(stay.sure and not self._staff.marked(t) for t, stay in self._stays.open.items())
        if self.queue is not None and self._waits is not None:
            self.queue.take(self.presence, moment.seconds)
            self._waits.look(moment)

    def crossed(self, line: str, track: int, moment: Moment) -> None:
        """A track crossed a line."""
        if self._waits is not None:
            self._waits.crossed(line, track, moment)

    def longest(self, seconds: float) -> float:
        """How long the one who is inside for longest is so, in seconds."""
        return max((seconds - stay.entered for stay in self._stays.open.values() if stay.sure), default=0.0)

    def end(self, track: int) -> None:
        """A track has ended."""
        stay = self._stays.end(track)
        if stay is not None:
            self._over(track, stay, lost=True)
        if self._waits is not None:
            self._waits.end(track)
        left = self._doorway.end(track) if self._doorway is not None else None
        if left is not None and not self._is_staff(track):
            self._book.zone(self.code, left).exits += 1
        if self._reaches is not None:
            self._reached(track, self._reaches.end(track))
        self._entries.pop(track, None)

    def finish(self) -> None:
        """A recording is over, and every track has ended."""
        for track, stay in self._stays.rest():
            self._over(track, stay, lost=True)

    def clear(self) -> None:
        """Drops every track without counting: what was seen of it is no whole stay."""
        self._stays.clear()
        self._entries.clear()
        self._grouping.clear()
        for part in (self.queue, self._waits, self._doorway, self._reaches):
            if part is not None:
                part.clear()
        self.presence = 0

    def _is_staff(self, track: int) -> bool:
        return self._staff.on_hours or self._staff.marked(track)

    def _began(self, person: Person, stay: Stay, moment: Moment) -> None:
        """A stay is sure."""
        staff = self._is_staff(person.track)
        self._on_stay(person.track, self.code, stay, counted=not staff)
        if self._doorway is None and not stay.inherited and stay.entered >= self._settled:
            self._came(person, stay.entered_ms, moment)

    def _came(self, person: Person, at_ms: int, moment: Moment) -> None:
        if self._is_staff(person.track):
            return
        tally = self._book.zone(self.code, at_ms)
        group = self._grouping.begins(self.code, person, moment)
        tally.entries += 1
        tally.groups += group
        entry = _Entry(at_ms, group)
        self._entries[person.track] = entry
        self._staff.counted(person.track, partial(self._take_back, entry))

    def _inherited(self, track: int, _: Stay) -> None:
        """A track goes on with a lost one's stay: it did not come in."""
        if self._doorway is None and track in self._entries:
            self._take_back(self._entries[track])

    def _take_back(self, entry: _Entry) -> None:
        quarter = None if entry.taken else self._book.quarters.find(entry.at_ms)
        entry.taken = True
        if quarter is not None:
            tally = quarter.zone(self.code)
            tally.entries -= 1
            tally.groups -= entry.group

    def _over(self, track: int, stay: Stay, *, lost: bool) -> None:
        """A stay is over: a visit where it was long enough."""
        if self._is_staff(track):
            return
        tally = self._book.zone(self.code, stay.last_ms)
        if self._doorway is None and not lost:
            tally.exits += 1
        if self._reaches is not None and not lost:
            self._reached(track, self._reaches.end(track))
        if stay.seconds < self.zone.least_s:
            return
        tally.visits += 1
        tally.seconds_total += stay.seconds
        index = bin_of(stay.seconds)
        tally.dwell[index] = tally.dwell.get(index, 0) + 1
        if self._waits is not None:
            self._waits.over(track, stay, lost=lost)

    def _waited(self, track: int, at_ms: int, wait: float | None) -> None:
        tally = self._book.zone(self.code, at_ms)
        if wait is None:
            tally.unserved += 1
        else:
            index = bin_of(wait)
            tally.waits[index] = tally.waits.get(index, 0) + 1

    def _reached(self, track: int, reach: _Reach | None) -> None:
        if reach is not None and not self._is_staff(track):
            tally = self._book.zone(self.code, reach.last_ms)
            tally.reaches += 1
            tally.reach_seconds += reach.last - reach.began
