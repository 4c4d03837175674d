"""What one camera's scene amounts to: tracked people in, rows of counts out.

One `Scene` belongs to one camera or recording and is used from one thread. It holds no picture, and what it holds
of a person dies with the track.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from vision.book_rows import Resume, Started, bucket_rows, minute_rows, read_resume, zone_minute_rows, zone_rows
from vision.boxes import Boxes, Image
from vision.buckets import GAP_S, UNSEEN, Book, BucketRow, Part
from vision.config import Config
from vision.counter import Crossing
from vision.flows import Flows, flow_rows
from vision.gates import Gates, lines_of
from vision.heat import Heat
from vision.polygon import Area
from vision.rows import DemographicRow, ExpressionRow, Flaw, FlowRow, HeatRow, MinuteRow, ZoneMinuteRow, ZoneRow
from vision.sightings import Moment, Person, people_in
from vision.staff import SiteClock, StaffTracks
from vision.zones import ZoneCounter


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that changed, by kind; each replaces the one with the same key that was given before."""

    buckets: tuple[BucketRow, ...] = ()
    minutes: tuple[MinuteRow, ...] = ()
    zones: tuple[ZoneRow, ...] = ()
    zone_minutes: tuple[ZoneMinuteRow, ...] = ()
    flows: tuple[FlowRow, ...] = ()
    heat: tuple[HeatRow, ...] = ()
    demographics: tuple[DemographicRow, ...] = ()
    expressions: tuple[ExpressionRow, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        people = (self.zones, self.zone_minutes, self.flows, self.heat, self.demographics, self.expressions)
        return any((self.buckets, self.minutes, *people))


@dataclass(frozen=True, slots=True)
class LiveView:
    """What a person at the screen sees. `lines`: name to people (in, out) since the site's midnight, without staff.
    `zones`: name to people inside now, length of the queue (30 s median; 0 where it is none), and how long the one
    who is inside for longest is so, in seconds."""

    lines: dict[str, tuple[int, int]]
    zones: dict[str, tuple[int, int, float]]


class Scene:
    """Counts the lines, zones and fronts of a config over the tracks of one camera.

    `zone` is the site's time zone. `resume` are rows (as mappings, by the names of `Rows`) that an earlier run of the
    same camera wrote for spans that may still be running, best for the whole day: counting goes on from them.
    """

    def __init__(self, config: Config, *, zone: tzinfo, resume: Resume | None = None) -> None:
        self.config = config
        self._clock = SiteClock(zone)
        self._book = Book()
        self._staff = StaffTracks(config, self._clock)
        self._flows = Flows(self._book)
        self._gates = Gates(config, self._book, self._staff, self._clock, self._across)
        self._zones = [
            ZoneCounter(each, self._book, self._staff, config.groups, self._flows.entered)
            for each in config.zones
            if each.counted
        ]
        self._staff_areas = [Area(each.polygon) for each in config.zones if each.purpose == "staff"]
        self._ignored = [Area(each.polygon) for each in config.zones if each.purpose == "ignore"]
        self._heat = Heat(config.floor) if config.floor else None
        self._lines_of = lines_of(config)
        self._tracks: set[int] = set()
        self._seconds: float | None = None
        self._quarter: int | None = None
        if resume:
            self._resume(resume)

    def __len__(self) -> int:
        """How many things are remembered of tracks; 0 once all have ended."""
        zones = sum(len(counter) for counter in self._zones)
        return len(self._tracks) + len(self._staff) + len(self._flows) + len(self._gates) + zones

    def update(
        self,
        tracked: Boxes,
        ended: Sequence[int],
        *,
        index: int,
        at_ms: int,
        seconds: float,
        dropped: int = 0,
        flaws: Iterable[Flaw] = (),
        image: Image | None = None,
        still: int = 0,
    ) -> list[Crossing]:
        """Takes one analysed frame and gives every crossing that it completes, those of staff included.

        `tracked` are its tracked boxes in pixels of the config's size, `ended` the tracks that ended with it. `index`
        is the frame's number, `at_ms` the wall clock (UTC milliseconds), `seconds` a clock that never goes back.
        `dropped` frames were lost since the frame before; `still` were looked at and found without motion, which
        counts as seen. A frame with a flaw of `UNSEEN` is neither observed nor counted. `image` (blue first, any
        size of the config's shape) is looked at only for a configured uniform, and not kept.

        A gap of more than two seconds ends every track without counting, as `gap` does. A wall clock that is set
        needs no gap: rows follow it, durations do not.
        """
        flaws = tuple(flaws)
        moment = Moment(index, at_ms, seconds)
        if self._seconds is not None and not 0 <= seconds - self._seconds <= GAP_S:
            self.gap()
        self._clock.turn(at_ms)
        if not UNSEEN.isdisjoint(flaws):
            self._book.unseen(at_ms, dropped, flaws)
            self._end(ended)
            return []
        if self._seconds is None:
            for counter in self._zones:
                counter.begin(moment)
        parts = self._book.watch(at_ms, seconds, dropped, flaws, still)
        self._seconds = seconds
        self._credit(parts)
        self._end(ended)
        return self._see(people_in(tracked), parts, image, moment)

    def gap(self) -> None:
        """Nobody watched for a while: every stay and passage is closed without counting, the time is not credited."""
        self._forget_all()
        self._book.gap()
        self._seconds = None

    def withdraw(self, since: float, flaws: Iterable[Flaw]) -> None:
        """The pictures have shown nothing to count since then (by the clock of `update`): that time was not watched.
        Heat is left as it is."""
        self._book.withdraw(since, tuple(flaws))

    def end(self, period_s: float = 0.0) -> None:
        """A recording is over: every track ends, and the last frame lasted `period_s` seconds."""
        self._credit(self._book.end(period_s))
        self._end(tuple(self._tracks))
        for counter in self._zones:
            counter.finish()
        self._forget_all()
        self._seconds = None

    def changed(self, ended: bool = False) -> Rows:
        """The rows that differ from what was given before; `ended` marks all as finished."""
        minutes, quarters = self._book.minutes.changed(), self._book.quarters.changed()
        if ended or self._quarter_over():
            quarters = self._book.quarters.kept()
        return self._rows(minutes, quarters, ended=ended)

    def live(self) -> LiveView:
        """Totals since the site's midnight, and who is inside now."""
        now = self._seconds or 0.0
        inside = {
            each.zone.name: (each.presence, each.queue.median if each.queue else 0, each.longest(now))
            for each in self._zones
        }
        return LiveView(self._gates.totals(), inside)

    def places(self) -> dict[int, str]:
        """Where each track was last: the code of the zone it came to, else of the gate it crossed."""
        found = {track: self._flows.place(track) or self._gates.place(track) for track in self._tracks}
        return {track: place for track, place in found.items() if place is not None}

    def _across(self, line: str, track: int, moment: Moment) -> None:
        for counter in self._zones:
            counter.crossed(line, track, moment)

    def _see(self, people: list[Person], parts: Sequence[Part], image: Image | None, moment: Moment) -> list[Crossing]:
        if self._ignored:
            people = [each for each in people if not any(area.holds(each.x, each.y) for area in self._ignored)]
        self._tracks.update(person.track for person in people)
        self._staff.look(image, people, moment)
        crossings: list[Crossing] = []
        for person in people:
            if any(area.holds(person.x, person.y) for area in self._staff_areas):
                self._staff.mark(person.track)
            for counter in self._zones:
                counter.see(person, moment)
            crossings += self._gates.see(person, moment)
        for counter in self._zones:
            counter.close_frame(moment)
        self._warm(people, parts, moment)
        return crossings

    def _credit(self, parts: Sequence[Part]) -> None:
        for counter in self._zones:
            counter.credit(parts)

    def _warm(self, people: list[Person], parts: Sequence[Part], moment: Moment) -> None:
        seconds = sum(part[2] for part in parts)
        if self._heat is not None and seconds and not self._staff.on_hours:
            customers = [person for person in people if not self._staff.marked(person.track)]
            self._heat.stand(customers, moment.at_ms, seconds)

    def _end(self, ended: Sequence[int]) -> None:
        for track in ended:
            for counter in self._zones:
                counter.end(track)
            self._gates.end(track)
            self._flows.forget(track)
        self._gates.forget(ended)
        self._staff.forget(ended)
        self._tracks.difference_update(ended)

    def _forget_all(self) -> None:
        self._tracks.clear()
        for counter in self._zones:
            counter.clear()
        self._gates.clear()
        self._flows.clear()
        self._staff.clear()

    def _rows(self, minutes: Started, quarters: Started, *, ended: bool) -> Rows:
        at_ms, zones = self._book.at_ms, [counter.zone for counter in self._zones]
        return Rows(
            tuple(bucket_rows(quarters, self._lines_of, at_ms, ended=ended)),
            tuple(minute_rows(minutes, self._lines_of)),
            tuple(zone_rows(quarters, zones, at_ms, ended=ended)),
            tuple(zone_minute_rows(minutes, zones)),
            tuple(row for start, span in quarters for row in flow_rows(start, span)),
            tuple(self._heat.changed()) if self._heat is not None else (),
        )

    def _quarter_over(self) -> bool:
        """Whether a new quarter began since the last call, so that the one before is now finished."""
        at_ms = self._book.at_ms
        quarter = None if at_ms is None else self._book.quarters.start(at_ms)
        before, self._quarter = self._quarter, quarter
        return before != quarter

    def _resume(self, resume: Resume) -> None:
        read_resume(self._book, resume, self._lines_of, [counter.code for counter in self._zones])
        self._rows(self._book.minutes.kept(), self._book.quarters.kept(), ended=False)  # these were given already
        if self._heat is not None:
            self._heat.resume(resume.get("heat", ()))
        for row in resume.get("buckets", ()):
            lines = self._lines_of.get(row["gate"], ())
            if len(lines) == 1:
                day = self._clock.day_of(row["start_ms"])
                self._gates.resume(lines[0], day, row["n_in"], row["n_out"])
