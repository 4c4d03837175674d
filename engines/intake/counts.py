"""Counts of gates: from files, and from the counter that watches a camera.

The store counts in quarter hours. Finer counts of a file are added up; coarser ones (a sensor's hourly
counts) are spread evenly over their quarter hours, the remainder to the first, so that their sum is
exact; the result says so. A count that differs from the stored one is a new revision of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from engines.access.guard import guarded
from engines.intake.batches import Batch, Tally, keep_before, source_id
from engines.intake.guess import read_direction
from engines.intake.parse import Parsed
from engines.intake.rows import CHUNK_ROWS, Given, RowLoader
from models.connection import Connection
from models.ids import new_id
from models.store import Store, Transaction, driver
from models.times import business_day

QUARTER_MS = 900_000
_INSERT = (
    "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
    "seconds_observed, frames_dropped, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LATEST = (
    "SELECT revision, n, staff_n, seconds_observed, frames_dropped FROM count_bucket WHERE gate_id = ? AND "
    "bucket_start = ? AND direction = ? AND source_id = ? ORDER BY revision DESC LIMIT 1"
)


class Key(NamedTuple):
    """A bucket: gate's code, UTC millisecond at which the quarter hour begins, in or out."""

    gate: str
    start: int
    direction: str


@dataclass
class Bucket:
    """What is counted in one bucket, and the file's rows (from 0) of which it is made."""

    n: int = 0
    staff_n: int = 0
    seconds: int = 0
    dropped: int = 0
    places: list[int] = field(default_factory=list)

    def values(self) -> tuple[int, int, int, int]:
        """As the store keeps it."""
        return self.n, self.staff_n, min(900, self.seconds), self.dropped


@dataclass(frozen=True)
class Chunk:
    """Some of the file's buckets with the rows of which they are made."""

    buckets: list[tuple[Key, Bucket]]
    rows: int


class CountLoader(RowLoader):
    """Loads counts of a file, all rows of a gate and hour together."""

    def __init__(self, store: Store, parsed: Parsed, source: bytes | None) -> None:
        super().__init__(parsed)
        self._site, self._source = store.site, source
        self._gates: dict[str, bytes] = {}
        self._repeated: set[int] = set()
        self._check()
        self._good = parsed.good()
        self._minutes = self._stretch()

    def chunks(self) -> Iterator[Chunk]:  # type: ignore[override]
        """Whole hours of gates, in the order of the file, about ten thousand rows at a time."""
        groups: dict[tuple[str, int], list[tuple[int, Given]]] = {}
        for whole in super().chunks():
            for place, row in zip(whole.places.tolist(), self.given(whole), strict=True):
                groups.setdefault((row["gate"], row["at"].at // (4 * QUARTER_MS)), []).append((place, row))
        found: dict[Key, Bucket] = {}
        rows = 0
        for group in groups.values():
            for place, row in group:
                if place not in self._repeated:
                    self._count(found, place, row)
            rows += len(group)
            if rows >= CHUNK_ROWS:
                yield Chunk(list(found.items()), rows)
                found, rows = {}, 0
        if rows:
            yield Chunk(list(found.items()), rows)

    def prepare(self, chunk: Chunk) -> None:  # type: ignore[override]
        """Nothing can be worked out without the store."""

    def compare(self, connection: Connection, chunk: Chunk) -> tuple[list[tuple[Key, Bucket, int]], Tally]:
        """Buckets to write, with their revision. A row is unchanged where each of its buckets is."""
        fresh: list[tuple[Key, Bucket, int]] = []
        new: set[int] = set()
        changed: set[int] = set()
        for key, bucket in chunk.buckets:
            found = self._latest(connection, key)
            if found is None:
                new.update(bucket.places)
            elif tuple(found[1:]) != bucket.values():
                changed.update(bucket.places)
            else:
                continue
            fresh.append((key, bucket, 0 if found is None else found[0] + 1))
        loaded = len(new - changed)
        return fresh, Tally(loaded, len(changed), chunk.rows - loaded - len(changed))

    def write(self, tx: Transaction, batch: Batch, fresh: list[tuple[Key, Bucket, int]], prepared: None) -> None:
        """Insert the buckets; a gate that is not there yet is made, as one of the perimeter."""
        for code in dict.fromkeys(key.gate for key, _, _ in fresh):
            if self._gate(tx.connection, code) is None:
                self._gates[code] = make_gate(tx, code)
                keep_before(tx, batch, "gate", [(self._gates[code], None)])
        zone, starts = self._site.zone, self._site.day_starts_minute
        rows = []
        for key, bucket, revision in fresh:
            head = (self._gates[key.gate], key.start, key.direction, batch.source_id, revision)
            rows.append((*head, *business_day(key.start, zone, starts), *bucket.values(), batch.id))
        tx.execute_many(_INSERT, rows)

    def _check(self) -> None:
        """Refuse rows that count nothing, and second counts of one gate, time and way that say something else."""
        seen: dict[tuple[str, int, str | None], Given] = {}
        for whole in RowLoader.chunks(self):
            for place, row in zip(whole.places.tolist(), self.given(whole), strict=True):
                if wrong := _wrong(row):
                    self.parsed.fault(place, self.parsed.mapping.columns.get(wrong[0]), wrong[1])
                    continue
                first = seen.setdefault((row["gate"], row["at"].at, row["direction"]), row)
                if first is not row and first == row:
                    self._repeated.add(place)
                elif first is not row:
                    self.parsed.fault(place, None, "the file has another count for this gate and time")
        if "direction" not in self.parsed.fields and "n" in self.parsed.fields:
            self.parsed.notes.append("The file does not say which way people went; every count was taken as an entry.")

    def _stretch(self) -> int:
        """Minutes that one row stands for: told, else the least distance between two rows of one gate."""
        if told := self.parsed.mapping.options.get("bucket_minutes"):
            return int(told)
        times: dict[str, set[int]] = {}
        for whole in RowLoader.chunks(self):
            for row in self.given(whole):
                times.setdefault(row["gate"], set()).add(row["at"].at)
        least = 15
        gaps = [b - a for mine in times.values() for a, b in pairwise(sorted(mine))]
        on_the_hour = all(at % (4 * QUARTER_MS) == 0 for mine in times.values() for at in mine)
        if gaps:
            least = max(1, min(gaps) // 60_000)
        least = 60 if on_the_hour and least >= 60 else 30 if least >= 30 else min(15, least)
        if least > 15:
            self.parsed.notes.append(f"Counts of {least} minutes were spread evenly over their quarter hours.")
        return least

    def _count(self, found: dict[Key, Bucket], place: int, row: Given) -> None:
        start = row["at"].at // QUARTER_MS * QUARTER_MS
        direction = read_direction(row["direction"]) if row["direction"] else "in"
        given = ((direction, row["n"]), ("in", row["entries"]), ("out", row["exits"]))
        parts = max(1, self._minutes // 15)
        seconds = row["seconds_observed"]
        seconds = min(15, self._minutes) * 60 * parts if seconds is None else seconds
        for way, n in given:
            if n is None:
                continue
            for part in range(parts):
                bucket = found.setdefault(Key(row["gate"], start + part * QUARTER_MS, str(way)), Bucket())
                bucket.n += _share(n, parts, part)
                bucket.staff_n += _share(row["staff_n"] or 0, parts, part)
                bucket.seconds += _share(seconds, parts, part)
                bucket.dropped += _share(row["frames_dropped"] or 0, parts, part)
                bucket.places.append(place)

    def _gate(self, connection: Connection, code: str) -> bytes | None:
        if code not in self._gates and (found := find_gate(connection, code)) is not None:
            self._gates[code] = found
        return self._gates.get(code)

    def _latest(self, connection: Connection, key: Key) -> tuple[int, ...] | None:
        gate = self._gate(connection, key.gate)
        if gate is None or self._source is None:
            return None
        found = driver(connection).execute(_LATEST, (gate, key.start, key.direction, self._source)).fetchone()
        return tuple(found) if found else None


def _wrong(row: Given) -> tuple[str, str] | None:
    """The field at fault and why, where the row is no count."""
    if row["at"].minute < 0:
        return "at", "the count has no time of day"
    counted = [row[name] for name in ("n", "entries", "exits") if row[name] is not None]
    if not counted or min(counted) < 0:
        return "n", "the row has no count, or one below zero"
    if row["direction"] is not None and read_direction(row["direction"]) is None:
        return "direction", f"'{row['direction']}' is neither in nor out"
    return None


def _share(n: int, parts: int, part: int) -> int:
    """Part of a count spread evenly, the remainder to the first parts."""
    return n // parts + (part < n % parts)


def find_gate(connection: Connection, code: str) -> bytes | None:
    """The gate of that code, or of that one name."""
    found = (
        driver(connection)
        .execute(
            "SELECT id FROM gate WHERE code = ?1 OR name = ?1 OR name_zh = ?1 ORDER BY code <> ?1 LIMIT 1", (code,)
        )
        .fetchone()
    )
    return bytes(found[0]) if found else None


def make_gate(tx: Transaction, code: str) -> bytes:
    """A new gate of the perimeter, named as its code."""
    made = new_id()
    tx.connection.exec_driver_sql(
        "INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, ?, ?, 1, 1)", (made, code, code)
    )
    return made


class WatchedCount(NamedTuple):
    """What a counter has seen so far of one quarter hour: cumulative, so telling it twice changes nothing."""

    gate_code: str
    bucket_start_ms: int
    direction: str
    n: int
    seconds_observed: int
    frames_dropped: int


@guarded
def upsert_counts(
    store: Store, actor: str, source_code: str, rows: Iterable[WatchedCount | tuple[str, int, str, int, int, int]]
) -> int:
    """Keep a counter's current buckets, in one transaction; returns how many rows changed.

    `direction` is 'in' or 'out', `bucket_start_ms` a UTC millisecond on a quarter hour, `seconds_observed`
    0 to 900. Raises ValueError for any other.
    """
    told = checked_counts(rows)
    with store.write(actor, "counting") as tx:
        return keep_counts(tx, store, source_code, told)


def checked_counts(rows: Iterable[WatchedCount | tuple[str, int, str, int, int, int]]) -> list[WatchedCount]:
    """The rows as counts of quarter hours. Raises ValueError for any that is none."""
    told = [WatchedCount(*row) for row in rows]
    for row in told:
        if (
            row.direction not in ("in", "out")
            or row.bucket_start_ms % QUARTER_MS
            or not 0 <= row.seconds_observed <= 900
        ):
            raise ValueError(f"no bucket: {row}")
    return told


def keep_counts(tx: Transaction, store: Store, source_code: str, told: Iterable[WatchedCount]) -> int:
    """Keep checked counts within the caller's transaction; returns how many rows changed."""
    source, changed = source_id(tx, source_code, "counter"), 0
    gates: dict[str, bytes] = {}
    for row in told:
        if row.gate_code not in gates:
            gates[row.gate_code] = find_gate(tx.connection, row.gate_code) or make_gate(tx, row.gate_code)
        changed += _keep_bucket(tx, store, gates[row.gate_code], source, row)
    return changed


def _keep_bucket(tx: Transaction, store: Store, gate: bytes, source: bytes, row: WatchedCount) -> int:
    day, minute = business_day(row.bucket_start_ms, store.site.zone, store.site.day_starts_minute)
    seen = (row.n, row.seconds_observed, row.frames_dropped)
    return int(
        tx.connection.exec_driver_sql(
            "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
            "seconds_observed, frames_dropped) VALUES (?, ?, ?, ?, 0, ?, ?, ?, 0, ?, ?) ON CONFLICT DO UPDATE SET "
            "n = excluded.n, seconds_observed = excluded.seconds_observed, frames_dropped = excluded.frames_dropped "
            "WHERE (n, seconds_observed, frames_dropped) IS NOT (?, ?, ?)",
            (gate, row.bucket_start_ms, row.direction, source, day, minute, *seen, *seen),
        ).rowcount
    )
