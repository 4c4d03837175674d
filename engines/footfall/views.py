"""What the footfall reads give: typed rows for the Today and Footfall pages."""

from __future__ import annotations

from dataclasses import dataclass

from engines.calendar.comparisons import Kind


@dataclass(frozen=True)
class Visits:
    """Visits of a running day. `until` is the end of the newest quarter hour counted, None before the first.

    `completeness` is the watched share of the opening hours gone by, None where nothing was expected yet.
    """

    day: str
    visits: int
    until: int | None
    gates: int
    completeness: float | None


@dataclass(frozen=True)
class PresenceNow:
    """People inside now, the day's peak with its instant, and what entries less exits come to before the clamp."""

    inside: int
    peak: int
    peak_at: int | None
    raw: int


@dataclass(frozen=True)
class Curve:
    """A day by quarter hour: start instants, local minutes, and per quarter None where nobody watched."""

    day: str
    starts: tuple[int, ...]
    minutes: tuple[int, ...]
    entries: tuple[int | None, ...]
    exits: tuple[int | None, ...]


@dataclass(frozen=True)
class QuarterSeries:
    """Entries by quarter hour: `entries[gate]` runs along `starts`, None where nobody watched."""

    starts: tuple[int, ...]
    entries: dict[str, tuple[int | None, ...]]


@dataclass(frozen=True)
class DayVisits:
    """A business day's visits; None where no gate was watched."""

    day: str
    visits: int | None
    completeness: float | None


@dataclass(frozen=True)
class HeatCell:
    """Mean visits of a weekday (Monday 0) in a local clock hour over `days` days."""

    weekday: int
    hour: int
    mean: float
    days: int


@dataclass(frozen=True)
class GateRow:
    """A gate in a period: its `share` of the perimeter's entries, entries `before` and the `change` against them."""

    code: str
    name: str
    name_zh: str | None
    perimeter: bool
    entries: int
    exits: int
    share: float | None
    completeness: float | None
    before: int | None
    change: float | None


@dataclass(frozen=True)
class Compared:
    """Visits of a period against the days it is compared with: pairs (day, then), sums over days known in both.

    A day that is still running stands among the pairs, but not in the sums.
    """

    kind: Kind
    pairs: tuple[tuple[DayVisits, DayVisits], ...]
    now: int
    then: int
    days: int

    @property
    def change(self) -> float | None:
        """now / then - 1."""
        return self.now / self.then - 1 if self.then else None


@dataclass(frozen=True)
class SoFar:
    """Today's visits, and those of the compared day by the same time and in the end; None where it has none."""

    day: str
    visits: int
    then_day: str
    then: int | None
    then_whole: int | None
