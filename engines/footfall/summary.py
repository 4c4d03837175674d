"""Quarter hours of many gates summed to gate days, presence and gaps: the same for the engine and the live page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engines.footfall.rules import Gap, expected_quarters, gaps, presence, share, watched


class Quarter(NamedTuple):
    """What one gate counted in one quarter hour; the columns of quarters.sql."""

    gate_code: str
    perimeter: int
    bucket_start: int
    day: str
    minute: int
    entries: int
    exits: int
    passers: int
    seconds_observed: int


class GateDay(NamedTuple):
    """The columns of footfall_day."""

    day: str
    gate_code: str
    entries: int
    exits: int
    passers: int
    drift: int
    seconds_observed: int
    seconds_expected: int
    completeness: float | None


class PresenceDay(NamedTuple):
    """The columns of presence_day."""

    day: str
    peak: int
    peak_minute: int
    drift: int
    completeness: float | None


class GateGap(NamedTuple):
    """The columns of footfall_gap."""

    gate_code: str
    started_at: int
    ended_at: int
    day: str
    buckets: int


@dataclass(frozen=True)
class OpenDays:
    """Which days to look at, the hours the calendar knows, the days it says are closed, and the site's clock.

    `days` are looked at whether or not anything was counted; `until` (UTC milliseconds) ends a running day.
    """

    days: frozenset[str]
    hours: Mapping[str, tuple[int, int]]
    closed: frozenset[str]
    zone: ZoneInfo
    day_starts_minute: int = 0
    until: int | None = None


@dataclass(frozen=True)
class Summary:
    """Gate days, presence of each day that has a perimeter count, and the gaps."""

    days: list[GateDay]
    presence: list[PresenceDay]
    gaps: list[GateGap]


@dataclass
class _Counted:
    entries: int = 0
    exits: int = 0
    passers: int = 0
    seconds: dict[int, int] = field(default_factory=dict)


@dataclass
class _Grouped:
    gate_days: dict[str, dict[str, _Counted]]
    mall: dict[str, dict[int, list[int]]]
    first: dict[str, str]
    last: dict[str, str]


def summarise(
    quarters: Iterable[Quarter], calendar: OpenDays, active: Iterable[str], known: Mapping[str, str] | None = None
) -> Summary:
    """Sum the quarters. A gate is due from its first counted day on (`known` names earlier ones): for ever
    while it is among the `active`, to its last counted day otherwise. A gap is told, never filled."""
    group = _group(quarters)
    for code, day in (known or {}).items():
        group.first[code] = min(day, group.first.get(code, day))
        group.last.setdefault(code, day)
    on = set(active)
    made = Summary([], [], [])
    for day in sorted(group.gate_days.keys() | calendar.days):
        due = {c for c in group.first if group.first[c] <= day and (c in on or day <= group.last[c])}
        _one_day(made, day, group, due, calendar)
    return made


def _one_day(made: Summary, day: str, group: _Grouped, due: set[str], calendar: OpenDays) -> None:
    here = group.gate_days.get(day, {})
    expected: list[int] = []
    if day not in calendar.closed:
        expected = expected_quarters(
            day, calendar.hours.get(day), {at for one in here.values() for at in one.seconds}, calendar.zone,
            day_starts_minute=calendar.day_starts_minute, until=calendar.until,
        )  # fmt: skip
    rows = [_gate_day(day, code, here.get(code, _Counted()), expected) for code in sorted(due | here.keys())]
    made.days.extend(rows)
    for code in sorted(due):
        seen = set(here[code].seconds) if code in here else set()
        made.gaps.extend(_gate_gap(code, day, gap) for gap in gaps(expected, seen))
    if day in group.mall:
        made.presence.append(_presence_day(day, group.mall[day], rows))


def _gate_day(day: str, code: str, one: _Counted, expected: list[int]) -> GateDay:
    seen, due = watched(expected, one.seconds)
    drift = one.entries - one.exits
    return GateDay(day, code, one.entries, one.exits, one.passers, drift, seen, due, share(seen, due))


def _gate_gap(code: str, day: str, gap: Gap) -> GateGap:
    return GateGap(code, gap.started_at, gap.ended_at, day, gap.buckets)


def _presence_day(day: str, quarters: dict[int, list[int]], rows: list[GateDay]) -> PresenceDay:
    starts = sorted(quarters)
    found = presence([quarters[at][0] for at in starts], [quarters[at][1] for at in starts])
    seen, due = sum(row.seconds_observed for row in rows), sum(row.seconds_expected for row in rows)
    return PresenceDay(day, found.peak, quarters[starts[found.peak_at]][2], found.drift, share(seen, due))


def _group(quarters: Iterable[Quarter]) -> _Grouped:
    gate_days: dict[str, dict[str, _Counted]] = defaultdict(lambda: defaultdict(_Counted))
    group = _Grouped(gate_days, defaultdict(dict), {}, {})
    for code, perimeter, at, day, minute, entries, exits, passers, seconds in quarters:
        one = gate_days[day][code]
        one.entries += entries
        one.exits += exits
        one.passers += passers
        one.seconds[at] = seconds
        group.first[code] = min(day, group.first.get(code, day))
        group.last[code] = max(day, group.last.get(code, day))
        if perimeter:
            whole = group.mall[day].setdefault(at, [0, 0, minute])
            whole[0] += entries
            whole[1] += exits
    return group
