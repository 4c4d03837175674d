"""What should have been watched, what was not, and how many people are inside: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from engines.calendar.hours import QUARTER_MS, quarters

QUARTER_SECONDS = 900
#: Opening and closing minute of a business day, or None where the calendar does not know them.
Hours = tuple[int, int] | None


@dataclass(frozen=True)
class Gap:
    """A stretch of whole quarter hours (UTC milliseconds, end exclusive) that nobody watched."""

    started_at: int
    ended_at: int
    buckets: int


@dataclass(frozen=True)
class Presence:
    """People inside by quarter: `inside` is never below zero; `drift` is what the raw sum came to at the end.

    `peak_at` is the place of the peak in `inside`, -1 where there is none. Every door counts a little
    wrong, so the raw sum does not come back to zero by itself: it is reset each night and the rest is shown.
    """

    inside: tuple[int, ...]
    peak: int
    peak_at: int
    drift: int


def presence(entries: Sequence[int], exits: Sequence[int]) -> Presence:
    """Entries less exits since the nightly reset, by quarter, clamped at zero."""
    raw, inside = 0, []
    for came, went in zip(entries, exits, strict=True):
        raw += came - went
        inside.append(max(0, raw))
    peak = max(inside, default=0)
    return Presence(tuple(inside), peak, inside.index(peak) if inside else -1, raw)


def is_open(minute: int, opens: int, closes: int) -> bool:
    """Whether the mall is open at a minute of the day; closing at or before opening means after midnight."""
    return opens <= minute < closes if closes > opens else minute >= opens or minute < closes


def expected_quarters(
    day: str, hours: Hours, seen: Iterable[int], zone: ZoneInfo, *, day_starts_minute: int = 0, until: int | None = None
) -> list[int]:
    """The quarter starts (UTC milliseconds) of a business day in which every gate should be watched.

    These are the opening hours. Where the calendar has none, the stretch from the first to the last
    quarter that any gate reported (`seen`) stands for them, so an outage of the whole mall at either
    end of such a day stays unseen. Quarters not over by `until` are not expected yet.
    """
    known = set(seen)
    if hours is None:
        if not known:
            return []
        inside = list(range(min(known), max(known) + 1, QUARTER_MS))
    else:
        opens, closes = hours
        inside = [q.started_at for q in quarters(day, zone, day_starts_minute) if is_open(q.minute, opens, closes)]
    return [at for at in inside if until is None or at + QUARTER_MS <= until]


def gaps(expected: Sequence[int], seen: set[int]) -> Iterator[Gap]:
    """Runs of neighbouring expected quarters that have no row."""
    start = end = None
    for at in expected:
        if at in seen:
            continue
        if start is not None and at == end:
            end = at + QUARTER_MS
            continue
        if start is not None and end is not None:
            yield Gap(start, end, (end - start) // QUARTER_MS)
        start, end = at, at + QUARTER_MS
    if start is not None and end is not None:
        yield Gap(start, end, (end - start) // QUARTER_MS)


def watched(expected: Sequence[int], seconds: Mapping[int, int]) -> tuple[int, int]:
    """(seconds watched, seconds that should have been) within the expected quarters."""
    return sum(min(seconds.get(at, 0), QUARTER_SECONDS) for at in expected), QUARTER_SECONDS * len(expected)


def share(part: float, whole: float) -> float | None:
    """`part / whole`, or None where the whole is nothing: a share of nothing is not zero."""
    return part / whole if whole else None
