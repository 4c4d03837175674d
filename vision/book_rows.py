"""The book's spans as rows, and rows of an earlier run back into the book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from vision.buckets import Book, BucketRow, GateTally, Key, Span, Spans, Watched, ZoneTally
from vision.config import Zone
from vision.rows import MINUTE_MS, QUARTER_MS, Flaw, Histogram, MinuteRow, ZoneMinuteRow, ZoneRow

Resume = Mapping[str, Sequence[Mapping[str, Any]]]
Started = Sequence[tuple[int, Span]]
Row = TypeVar("Row")

_DERIVED = ("partial", "slow")
_USUAL_FPS, _SLOW_FPS = 7.0, 2.0
_ROUNDING_S = 0.51


def bucket_rows(
    quarters: Started, lines: Mapping[str, tuple[str, ...]], at_ms: int | None, *, ended: bool
) -> Iterator[BucketRow]:
    """A row a gate for each watched quarter that differs from the one given before."""
    for start, span in quarters:
        over = _over(start, at_ms, ended)
        for gate, names in lines.items():
            watched = span.watched_at(("gate", gate), QUARTER_MS)
            tally = span.gates.get(gate) or GateTally()
            row = BucketRow(
                gate, names, start, tally.n_in, tally.n_out, round(watched.milliseconds / 1000), watched.seen,
                watched.dropped, over, tally.n_pass, tally.staff_in, tally.staff_out, tally.groups,
                span.quality(watched, QUARTER_MS),
            )  # fmt: skip
            yield from _news(span, ("gate", gate), watched, row)


def minute_rows(minutes: Started, gates: Iterable[str]) -> Iterator[MinuteRow]:
    """A row a gate for each watched minute that differs from the one given before."""
    for start, span in minutes:
        for gate in gates:
            watched = span.watched_at(("gate", gate), MINUTE_MS)
            tally = span.gates.get(gate) or GateTally()
            row = MinuteRow(
                gate, start, tally.n_in, tally.n_out, tally.n_pass, tally.staff_in, tally.staff_out,
                round(watched.milliseconds / 1000, 3), watched.seen, watched.dropped, span.quality(watched, MINUTE_MS),
            )  # fmt: skip
            yield from _news(span, ("gate", gate), watched, row)


def zone_rows(quarters: Started, zones: Sequence[Zone], at_ms: int | None, *, ended: bool) -> Iterator[ZoneRow]:
    """A row a zone for each watched quarter that differs from the one given before."""
    for start, span in quarters:
        for zone in zones:
            watched = span.watched_at(("zone", zone.counted_as), QUARTER_MS)
            row = _zone_row(zone, start, span, watched, finished=_over(start, at_ms, ended))
            yield from _news(span, ("zone", zone.counted_as), watched, row)


def zone_minute_rows(minutes: Started, zones: Sequence[Zone]) -> Iterator[ZoneMinuteRow]:
    """A row a zone for each watched minute that differs from the one given before."""
    for start, span in minutes:
        for zone in zones:
            watched = span.watched_at(("zone", zone.counted_as), MINUTE_MS)
            tally = span.zones.get(zone.counted_as) or ZoneTally()
            row = ZoneMinuteRow(
                zone.counted_as, start, _mean(tally.person_seconds, watched), tally.presence_max,
                _median(tally.lengths) if zone.purpose == "queue" else 0.0,
                round(watched.milliseconds / 1000, 3), span.quality(watched, MINUTE_MS),
            )  # fmt: skip
            yield from _news(span, ("zone", zone.counted_as), watched, row)


def read_resume(book: Book, resume: Resume, gates: Iterable[str], zones: Iterable[str]) -> None:
    """Puts rows of an earlier run into the book. Rows of other gates and zones do no harm; a gate or zone without
    a row in a span that others have one of was not yet drawn then, and is not taken to have seen anything."""
    for row in resume.get("minutes", ()):
        span = _read(book.minutes, row)
        span.gates[row["gate"]] = _gate_tally(row)
    for row in resume.get("zone_minutes", ()):
        tally = _read(book.minutes, row).zone(row["zone"])
        tally.person_seconds = row["presence_mean"] * row["seconds_observed"]
        tally.presence_max = row["presence_max"]
        tally.lengths = {round(row["queue_median"]): row["seconds_observed"]}
    for row in resume.get("buckets", ()):
        span = _read(book.quarters, row)
        span.gates[row["gate"]] = _gate_tally(row)
    for row in resume.get("zones", ()):
        span = _read(book.quarters, row)
        span.zones[row["zone"]] = _zone_tally(row)
    for row in resume.get("flows", ()):
        span = book.quarters.at(row["start_ms"], dirty=False)
        span.flows[row["origin"], row["target"]] = [row["n"], row["seconds_total"]]
    _sharpen(book)
    for _, span in (*book.minutes.kept(), *book.quarters.kept()):
        drawn_since = [("gate", code) for code in gates if code not in span.gates]
        drawn_since += [("zone", code) for code in zones if code not in span.zones]
        span.late = {key: replace(span.watched) for key in drawn_since}


def _news(span: Span, key: Key, watched: Watched, row: Row) -> Iterator[Row]:
    """The row where its span was watched, or was believed to be, and it was not given before."""
    if (watched.seen > 0 or watched.milliseconds > 0 or key in span.told) and span.told.get(key) != row:
        span.told[key] = row
        yield row


def _over(start: int, at_ms: int | None, ended: bool) -> bool:
    return ended or (at_ms is not None and at_ms >= start + QUARTER_MS)


def _zone_row(zone: Zone, start: int, span: Span, watched: Watched, *, finished: bool) -> ZoneRow:
    tally = span.zones.get(zone.counted_as) or ZoneTally()
    return ZoneRow(
        zone=zone.counted_as,
        purpose=zone.purpose,
        start_ms=start,
        entries=tally.entries,
        exits=tally.exits,
        visits=tally.visits,
        seconds_total=round(tally.seconds_total, 3),
        dwell=dict(tally.dwell),
        waits=dict(tally.waits),
        unserved=tally.unserved,
        presence_mean=_mean(tally.person_seconds, watched),
        presence_max=tally.presence_max,
        queue_mean=_mean(tally.queue_seconds, watched),
        queue_max=tally.queue_max,
        reaches=tally.reaches,
        reach_seconds=round(tally.reach_seconds, 3),
        groups=tally.groups,
        seconds_observed=round(watched.milliseconds / 1000, 3),
        quality=span.quality(watched, QUARTER_MS),
        finished=finished,
    )


def _mean(total: float, watched: Watched) -> float:
    return round(total * 1000 / watched.milliseconds, 6) if watched.milliseconds > 0 else 0.0


def _median(lengths: Mapping[int, float]) -> float:
    """The length that half of the time was not above."""
    left = sum(lengths.values()) / 2
    for length in sorted(lengths):
        left -= lengths[length]
        if left <= 0:
            return float(length)
    return 0.0


def _read(spans: Spans[Span], row: Mapping[str, Any]) -> Span:
    """The row's span, with how long and how well it was watched. Rows of one span may differ where a gate or zone
    was drawn later: the longest tells how long the camera watched."""
    span = spans.at(row["start_ms"], dirty=False)
    seconds = float(row["seconds_observed"])
    quality = tuple(row.get("quality") or ())
    usual = _SLOW_FPS if "slow" in quality else _USUAL_FPS
    seen = row.get("frames_seen")
    before = span.watched
    span.watched = Watched(
        max(seconds * 1000, before.milliseconds),
        max(round(usual * seconds) if seen is None and not before.seen else seen or 0, before.seen),
        max(row.get("frames_dropped") or 0, before.dropped),
    )
    flaws: set[Flaw] = {flaw for flaw in quality if flaw not in _DERIVED}
    span.flaws |= flaws
    return span


def _sharpen(book: Book) -> None:
    """A quarter's row may hold whole seconds: its minutes know better, where all of them are there."""
    fine: dict[int, float] = {}
    for start, minute in book.minutes.kept():
        quarter = book.quarters.start(start)
        fine[quarter] = fine.get(quarter, 0.0) + minute.watched.milliseconds
    for start, span in book.quarters.kept():
        exact = fine.get(start, span.watched.milliseconds)
        if abs(exact - span.watched.milliseconds) <= _ROUNDING_S * 1000:
            span.watched.milliseconds = exact


def _gate_tally(row: Mapping[str, Any]) -> GateTally:
    names: tuple[str, ...] = ("n_in", "n_out", "n_pass", "staff_in", "staff_out", "groups")
    return GateTally(*(int(row.get(name) or 0) for name in names))


def _zone_tally(row: Mapping[str, Any]) -> ZoneTally:
    seconds = float(row["seconds_observed"])
    return ZoneTally(
        entries=row["entries"],
        exits=row["exits"],
        visits=row["visits"],
        seconds_total=row["seconds_total"],
        dwell=_histogram(row["dwell"]),
        waits=_histogram(row["waits"]),
        unserved=row["unserved"],
        person_seconds=row["presence_mean"] * seconds,
        presence_max=row["presence_max"],
        queue_seconds=row["queue_mean"] * seconds,
        queue_max=row["queue_max"],
        reaches=row["reaches"],
        reach_seconds=row["reach_seconds"],
        groups=row["groups"],
    )


def _histogram(bins: Mapping[Any, Any]) -> Histogram:
    """The bins as whole numbers, also where they come from JSON."""
    return {int(index): int(n) for index, n in bins.items()}
