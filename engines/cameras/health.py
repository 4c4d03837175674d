"""What was not watched, minute by minute (Z15), and how well each camera's day was watched."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engines.calendar.hours import quarters
from engines.calendar.queries import day_facts
from engines.cameras.day import source_of
from engines.cameras.kept_rows import MINUTE_MS, QUARTER_MS
from engines.footfall.queries import days_between
from engines.footfall.rules import is_open
from models import settings
from models.connection import Connection
from models.ids import made_at_ms
from models.store import Store
from models.times import now_ms

#: A minute that was watched for less than this many seconds belongs to a gap.
LEAST_SECONDS = 30.0


@dataclass(frozen=True)
class CameraGap:
    """A stretch of opening hours (UTC milliseconds, end exclusive) in which a camera watched less than half."""

    camera: str
    started_at: int
    ended_at: int

    @property
    def minutes(self) -> int:
        """Its length."""
        return (self.ended_at - self.started_at) // MINUTE_MS


@dataclass(frozen=True)
class CameraDay:
    """How one camera's business day was watched within the opening hours gone by.

    `flaws` are minutes by flaw. `coarse` is true where the minutes are no longer kept and quarter hours stand for
    them: a gap then is a whole quarter hour, and a flaw counts for all of it.
    """

    camera: str
    day: str
    seconds_observed: float
    seconds_expected: float
    flaws: Mapping[str, int]
    gaps: tuple[CameraGap, ...]
    coarse: bool

    @property
    def share(self) -> float | None:
        """The watched share of the opening hours, None where none was expected."""
        return self.seconds_observed / self.seconds_expected if self.seconds_expected else None


@dataclass
class _Watched:
    """What was watched of each span of one length, by the span's start."""

    span_ms: int
    seconds: dict[int, float] = field(default_factory=dict)
    flaws: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, start: int, seconds: float, quality: str | None) -> None:
        self.seconds[start] = max(seconds, self.seconds.get(start, 0.0))
        if quality:
            self.flaws[start].update(quality.split(","))


def gaps(store: Store, day: str, now: int | None = None) -> list[CameraGap]:
    """Every gap of every active camera on a business day, up to `now`, by camera and time."""
    return [gap for one in camera_days(store, day, day, now) for gap in one.gaps]


def camera_days(store: Store, from_day: str, to_day: str, now: int | None = None) -> list[CameraDay]:
    """How each active camera watched each business day, by day and camera.

    A camera is expected from when the site came to know it, or from its first count where that is earlier; a day that
    is closed expects nothing.
    """
    until = now_ms() if now is None else now
    made: list[CameraDay] = []
    with store.read() as connection:
        known = connection.exec_driver_sql("SELECT code, id FROM camera WHERE active = 1 ORDER BY code").fetchall()
    for day in days_between(from_day, to_day):
        inside = open_minutes(store, day, until)
        with store.read() as connection:
            for code, id_ in known:
                since = made_at_ms(id_)
                one = _one(connection, code, day, [at for at in inside if at >= since], inside)
                made += [one] if one else []
    return made


def open_minutes(store: Store, day: str, until: int) -> list[int]:
    """The minutes (their first UTC millisecond) of a business day in which the mall is open and that are over.

    Hours are the calendar's, or the site's usual ones where it has none.
    """
    facts = day_facts(store, day)
    if facts is not None and facts.closed:
        return []
    if facts is not None and facts.opens_minute is not None and facts.closes_minute is not None:
        opens, closes = facts.opens_minute, facts.closes_minute
    else:
        opens, closes = (_minute(str(settings.read(store, f"mall.{name}"))) for name in ("opens", "closes"))
    found = (
        (quarter.started_at + step * MINUTE_MS, quarter.minute + step)
        for quarter in quarters(day, store.site.zone, store.site.day_starts_minute)
        for step in range(15)
    )
    return [at for at, minute in found if at + MINUTE_MS <= until and is_open(minute, opens, closes)]


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _one(connection: Connection, camera: str, day: str, due: Sequence[int], inside: Sequence[int]) -> CameraDay | None:
    """The camera's day, or None where nothing was expected of it; `inside` are all minutes of the opening hours."""
    watched = _read(connection, camera, day)
    first = min(watched.seconds, default=None)
    if first is not None:
        due = [at for at in inside if at >= min(first, due[0] if due else first)]
    if not due:
        return None
    share = watched.span_ms // MINUTE_MS
    seconds = {at: watched.seconds.get(at - at % watched.span_ms, 0.0) / share for at in due}
    flaws = Counter(flaw for at in due for flaw in watched.flaws.get(at - at % watched.span_ms, ()))
    missed = [at for at in due if seconds[at] < LEAST_SECONDS]
    total = sum(min(60.0, s) for s in seconds.values())
    return CameraDay(
        camera, day, total, 60.0 * len(due), dict(flaws), tuple(_runs(camera, missed)), watched.span_ms == QUARTER_MS
    )  # fmt: skip


def _runs(camera: str, missed: Sequence[int]) -> Iterable[CameraGap]:
    start = end = -1
    for at in (*missed, None):
        if at == end:
            end += MINUTE_MS
            continue
        if end >= 0:
            yield CameraGap(camera, start, end)
        start, end = (at, at + MINUTE_MS) if at is not None else (-1, -1)


def _read(connection: Connection, camera: str, day: str) -> _Watched:
    """What the camera watched on the day: by minute where they are kept, else by quarter hour."""
    source = connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (source_of(camera),)).scalar()
    for span, tables in (
        (MINUTE_MS, ("count_minute", "zone_minute")),
        (QUARTER_MS, ("count_bucket", "zone_bucket")),
    ):
        start = "minute_start" if span == MINUTE_MS else "bucket_start"
        watched = _Watched(span)
        for table in tables:
            rows = connection.exec_driver_sql(
                f"SELECT {start}, seconds_observed, quality FROM {table} WHERE day = ? AND source_id = ?",  # noqa: S608
                (day, source),
            )
            for row in rows:
                watched.add(*row)
        if watched.seconds:
            return watched
    return _Watched(MINUTE_MS)
