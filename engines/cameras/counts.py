"""What a camera has counted, kept in the store while it counts, and given back when it goes on after a restart.

Rows are the mappings of the counting's own rows and cumulative for their span: the newest word on a span
replaces the one before, and the same word twice changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from engines.cameras.day import source_of
from engines.cameras.kept_rows import (
    COUNTS,
    DWELL,
    GATES,
    QUARTER_MS,
    SHAPES,
    ZONES,
    Given,
    Shape,
    bucket_row,
    count_rows,
    dwell_rows,
    loaded,
    stored,
)
from engines.intake.batches import source_id
from engines.intake.counts import find_gate, make_gate
from models.connection import Connection
from models.ids import new_id
from models.store import Store, Transaction
from models.times import business_day

Rows = Mapping[str, Sequence[Given]]
KINDS = ("buckets", *SHAPES)
#: Rows of which only the watched time or a mean has moved are written this often.
SECONDS_BETWEEN = 15.0
_AT_ONCE = ("n_in", "n_out", "n_pass", "staff_in", "staff_out")


def keep_counts(store: Store, camera_code: str, rows: Rows, *, fronts: Mapping[str, str] | None = None) -> int:
    """Keep what a camera has counted so far, in one transaction; returns how many rows of the store changed.

    `rows` holds, by kind (buckets, minutes, zones, zone_minutes, flows, heat, demographics, expressions), mappings
    with the fields of the rows of that kind. A gate or zone whose code is unknown is made; `fronts` maps codes of
    gates to codes of the fronts they belong to: such a gate is made outside the perimeter, with its front, and its
    passers-by are written even where there are none. Raises ValueError for a row that is none, and then writes
    nothing.
    """
    _check(rows)
    if not any(rows.values()):
        return 0
    with store.write("watch", "counting") as tx:
        return _Writer(store, tx, source_id(tx, source_of(camera_code), "counter"), fronts or {}).write(rows)


def kept_since(store: Store, camera_code: str, start_ms: int) -> dict[str, list[dict[str, Any]]]:
    """What a camera has counted in every span that was not over at `start_ms` (UTC milliseconds), by kind.

    The mappings are those that `keep_counts` takes; `finished` is False and `lines` empty, as neither is stored.
    A person's correction is a later revision and not the camera's own count.
    """
    site = store.site
    day, _ = business_day(start_ms - 4 * QUARTER_MS, site.zone, site.day_starts_minute)
    with store.read() as connection:
        source = connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (source_of(camera_code),)).scalar()
        if source is None:
            return {kind: [] for kind in KINDS}
        found = {kind: _kept(connection, shape, source, day, start_ms) for kind, shape in SHAPES.items()}
        ways: dict[tuple[str, int], dict[str, Sequence[Any]]] = {}
        for row in _kept(connection, COUNTS, source, day, start_ms):
            key = (row["gate"], row["start_ms"])
            ways.setdefault(key, {})[row["direction"]] = [stored(name, row[name]) for name in COUNTS.values]
    for row in found["zones"]:
        row["finished"] = False
    return {"buckets": [bucket_row(gate, at, way) for (gate, at), way in sorted(ways.items())], **found}


class CountKeeper:
    """Keeps one camera's rows as they come, with few writes: counts at once, the rest every `SECONDS_BETWEEN`.

    A row that waits is the newest word on its span, and nothing is let go of before it is written: where the store
    refuses (a full disk), the rows wait for the next call. `flush` writes what waits; call it at the end.
    `take` never waits and may be called from another thread than `write` and `flush`, which wait for the store.
    """

    def __init__(
        self,
        store: Store,
        camera_code: str,
        *,
        fronts: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._camera, self._fronts, self._clock = store, camera_code, fronts, clock
        self._waiting: dict[tuple[Any, ...], Given] = {}
        self._counted: dict[tuple[Any, ...], tuple[int, ...]] = {}
        self._next = clock() + SECONDS_BETWEEN
        self._lock = threading.Lock()

    def keep(self, rows: Rows) -> int:
        """Take what has changed and write what is due; returns how many rows of the store changed."""
        self.take(rows)
        return self.write()

    def take(self, rows: Rows) -> None:
        """Take what has changed."""
        with self._lock:
            for kind, several in rows.items():
                for row in several:
                    self._waiting[key_of(kind, row)] = row

    def write(self) -> int:
        """Write what is due; returns how many rows of the store changed."""
        if self._clock() >= self._next:
            return self.flush()
        with self._lock:
            due = {key: row for key, row in self._waiting.items() if self._urgent(key, row)}
        return self._write(due)

    def flush(self) -> int:
        """Write everything that waits."""
        with self._lock:
            due = dict(self._waiting)
        done = self._write(due)
        self._next = self._clock() + SECONDS_BETWEEN
        return done

    def _urgent(self, key: tuple[Any, ...], row: Given) -> bool:
        if key[0] not in ("buckets", "minutes"):
            return key[0] in ("demographics", "expressions")
        return bool(row.get("finished")) or _counts(row) != self._counted.get(key, (0,) * len(_AT_ONCE))

    def _write(self, due: Mapping[tuple[Any, ...], Given]) -> int:
        if not due:
            return 0
        rows: dict[str, list[Given]] = {}
        for key, row in due.items():
            rows.setdefault(key[0], []).append(row)
        done = keep_counts(self._store, self._camera, rows, fronts=self._fronts)
        with self._lock:
            self._written(due)
        return done

    def _written(self, due: Mapping[tuple[Any, ...], Given]) -> None:
        """Let go of what was written, but for rows of which a newer word has come meanwhile."""
        for key, row in due.items():
            if self._waiting.get(key) is row:
                del self._waiting[key]
            if key[0] in ("buckets", "minutes"):
                self._counted[key] = _counts(row)
        newest = max((key[1] for key in self._counted), default=0)
        for key in [key for key in self._counted if key[1] < newest - 8 * 4 * QUARTER_MS]:
            del self._counted[key]


class _Writer:
    """One transaction's writing: looks up or makes gates and zones once each."""

    def __init__(self, store: Store, tx: Transaction, source: bytes, fronts: Mapping[str, str]) -> None:
        self._site, self._tx, self._source, self._fronts = store.site, tx, source, fronts
        self._gates: dict[str, bytes] = {}
        self._zones: dict[str, bytes] = {}

    def write(self, rows: Rows) -> int:
        self._purposes = {row["zone"]: row["purpose"] for row in rows.get("zones", ())}
        buckets = [r for row in rows.get("buckets", ()) for r in count_rows(row, front=row["gate"] in self._fronts)]
        changed = self._keep(COUNTS, buckets)
        for kind, shape in SHAPES.items():
            changed += self._keep(shape, rows.get(kind, ()))
        return changed + self._keep(DWELL, [r for row in rows.get("zones", ()) for r in dwell_rows(row)])

    def _keep(self, shape: Shape, rows: Iterable[Given]) -> int:
        sql, changed = shape.upsert(), 0
        for row in rows:
            day, minute = business_day(row["start_ms"], self._site.zone, self._site.day_starts_minute)
            head = (*(self._id(name, row[name]) for name in shape.names), row["start_ms"], self._source)
            own = (0,) if shape.revised else ()
            values = (stored(name, row[name]) for name in shape.values)
            changed += self._tx.connection.exec_driver_sql(sql, (*head, *own, day, minute, *values)).rowcount
        if changed:
            self._tx.touch(shape.table)
        return changed

    def _id(self, name: str, value: Any) -> Any:
        """The id of a gate or zone by its code; any other part of a key as it is."""
        if name in GATES:
            return self._gates.get(value) or self._gates.setdefault(value, self._gate(value))
        if name in ZONES:
            return self._zones.get(value) or self._zones.setdefault(value, self._zone(value))
        return value

    def _gate(self, code: str) -> bytes:
        gate = find_gate(self._tx.connection, code)
        if gate is None:
            gate = make_gate(self._tx, code)
            if front := self._fronts.get(code):
                self._make_front(front, gate)
        return gate

    def _make_front(self, code: str, gate: bytes) -> None:
        """The gate is a shop's, not one of the mall's doors."""
        connection = self._tx.connection
        connection.exec_driver_sql("UPDATE gate SET perimeter = 0 WHERE id = ?", (gate,))
        connection.exec_driver_sql(
            "INSERT INTO front (id, code, name, gate_id) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (code) DO UPDATE SET gate_id = excluded.gate_id WHERE gate_id IS NULL",
            (new_id(), code, code, gate),
        )

    def _zone(self, code: str) -> bytes:
        found = find_zone(self._tx.connection, code)
        if found is not None:
            return found
        made = new_id()
        self._tx.connection.exec_driver_sql(
            "INSERT INTO zone (id, code, name, purpose) VALUES (?, ?, ?, ?)",
            (made, code, code, self._purposes.get(code)),
        )
        return made


def find_zone(connection: Connection, code: str) -> bytes | None:
    """The zone of that code, or of that name."""
    found = connection.exec_driver_sql(
        "SELECT id FROM zone WHERE code = ?1 OR name = ?1 OR name_zh = ?1 ORDER BY code <> ?1 LIMIT 1", (code,)
    ).scalar()
    return None if found is None else bytes(found)


def _kept(connection: Connection, shape: Shape, source: bytes, day: str, start_ms: int) -> list[dict[str, Any]]:
    """The source's rows of one table whose span was not over, as the mappings they came from."""
    joins, shown = "", []
    for name, column in zip(shape.names, shape.keys, strict=True):
        if name in GATES | ZONES:
            room = "gate" if name in GATES else "zone"
            joins += f" JOIN {room} AS {name}_ ON {name}_.id = t.{column}"
            shown.append(f"{name}_.code")
        else:
            shown.append(f"t.{column}")
    fields = (*shape.names, "start_ms", *shape.values)
    columns = ", ".join((*shown, f"t.{shape.start}", *(f"t.{v}" for v in shape.values)))
    rows = connection.exec_driver_sql(
        f"SELECT {columns} FROM {shape.table} AS t{joins} WHERE t.day >= ? AND t.source_id = ? "  # noqa: S608 - own names
        f"AND t.{shape.start} + {shape.span_ms} > ? {'AND t.revision = 0' if shape.revised else ''} ORDER BY 1, 2, 3",
        (day, source, start_ms),
    ).fetchall()
    return [{f: loaded(f, v) for f, v in zip(fields, row, strict=True)} for row in rows]


def _check(rows: Rows) -> None:
    """Refuse a kind there is not, a span that begins off its raster, and counts below zero."""
    for kind, several in rows.items():
        if kind not in KINDS:
            raise ValueError(f"no kind of row: {kind}")
        raster = QUARTER_MS if kind == "buckets" else min(QUARTER_MS, SHAPES[kind].span_ms)
        for row in several:
            numbers = {name: v for name, v in row.items() if isinstance(v, int | float)}
            wrong = any(not isfinite(v) or (v < 0 and name not in ("x", "y")) for name, v in numbers.items())
            if wrong or row["start_ms"] % raster:
                raise ValueError(f"no row of {kind}: {dict(row)}")


def key_of(kind: str, row: Given) -> tuple[Any, ...]:
    """What tells a row from all others."""
    names = ("gate",) if kind == "buckets" else SHAPES[kind].names
    return (kind, row["start_ms"], *(row[name] for name in names))


def _counts(row: Given) -> tuple[int, ...]:
    return tuple(int(row.get(name, 0)) for name in _AT_ONCE)
