"""What is to be sent: the change log beyond a cursor, put together into batches.

A key that changed several times within a batch goes once, as its row is now. Facts and new rows go as columns (see
`reading`), changed records with the columns that changed and their clocks, deletions with their keys. A bulk load is
one row of the log and goes in parts. Halving a batch is asking for fewer rows from the same cursor.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.changes import parents_first
from models.hub.schema import Relation, relations
from models.sync import hlc, reading
from models.sync.cursors import Cursor
from models.sync.sealing import Sealer, row_key

MOST_ROWS = 1000
MOST_CHARACTERS = 1_000_000


@dataclass
class Batch:
    """One call of `sync_push`: from cursor `prev` to `next`.

    `rows` counts keys, `taken` rows of the log or of a bulk load; `hlc` is its newest clock. `single` is of use in a
    batch of one: table, key and (sealed) row, the last two as JSON.
    """

    channel: str
    prev: Cursor
    next: Cursor
    rows: int = 0
    taken: int = 0
    hlc: int = 0
    at: int = 0
    head: dict[str, Any] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    single: tuple[str, str, str] = ("", "", "")

    def add(self, rows: reading.Rows, *, again: bool = False) -> None:
        """Rows that go as columns."""
        if rows.count:
            self.head.setdefault("load", []).append(rows.segment(again=again))
            self.data += rows.arrays
            self.rows += rows.count
            self.taken = max(self.taken, rows.count)
            self.single = (rows.relation.name, shown(rows.last), reading.row_json(rows) if rows.count == 1 else "")

    @property
    def size(self) -> int:
        """Characters to send, about."""
        return sum(map(len, self.data)) + 300 * len(self.head.get("merge", ()))


@dataclass
class _Key:
    """What the log says of one key within a batch."""

    table: str
    key: tuple[Any, ...]
    new: bool = False
    gone: bool = False
    again: bool = False
    clock: int = 0
    clocks: dict[str, int] | None = field(default_factory=dict)

    def note(self, op: str, clock: int, changed: str | None) -> None:
        """One row of the log; later ones win."""
        self.clock = clock
        if op == "D":
            self.new, self.gone, self.again, self.clocks = False, True, True, {}
        elif op == "I":
            self.new, self.gone, self.clocks = not self.again, False, None
        elif changed is None:
            self.clocks = None  # every column
        elif self.clocks is not None:
            self.clocks |= dict.fromkeys(filter(None, changed.split(",")), clock)


class Outbox:
    """Reads one store for the hub; not for several threads. `raw` is a driver connection of its own."""

    def __init__(self, raw: Any, site_key: bytes, created_at: int) -> None:
        self._raw = raw
        self._sealer = Sealer(site_key)
        self._created_at = created_at
        #: How far the log was read when it last had nothing more for the channel asked about.
        self.looked_to = 0
        reading.prepare(raw, self._sealer)

    def next_batch(self, channel: str, at: Cursor, last: int, limit: int = MOST_ROWS) -> Batch | None:
        """The batch beyond `at`, or None where nothing is left. `last` is the newest clock sent so far."""
        if at.table is not None:
            return self._of_everything(channel, at, last, limit)
        if at.part is not None:
            row = self._raw.execute(
                "SELECT seq, tbl, op, pk, part, at, row, changed FROM change_log WHERE seq = ?", (at.seq,)
            ).fetchone()
            if row:
                return self._of_bulk(channel, at, row, last, limit)
        return self._of_log(channel, at, last, limit)

    def waiting(self, channel: str, at: Cursor) -> int:
        """Rows of the log beyond the cursor; a bulk load counts as one."""
        found = self._raw.execute(
            "SELECT count(*) FROM change_log WHERE seq > ? AND channel = ?", (at.seq, channel)
        ).fetchone()
        return int(found[0]) + (at.part is not None)

    def unreadable(self, channel: str, at: Cursor) -> Batch:
        """The batch of the one row beyond `at` that SQLite cannot give (its text is no text): its key alone."""
        table, key, onward = self._key_beyond(channel, at)
        return Batch(channel, at, onward, taken=1, single=(table, shown(key), ""))

    def _key_beyond(self, channel: str, at: Cursor) -> tuple[str, tuple[Any, ...], Cursor]:
        if at.table is not None:
            key = reading.key_beyond(self._raw, at.table, at.part)
            return at.table, key, Cursor(at.seq, key, at.table)
        seq, table, op, pk, part, span = self._raw.execute(
            "SELECT seq, tbl, op, pk, part, row FROM change_log WHERE seq >= ? AND channel = ? ORDER BY seq LIMIT 1",
            (at.seq + (at.part is None), channel),
        ).fetchone()
        if op == "B":
            key = reading.key_in_range(self._raw, table, batch=pk, span=json.loads(span), after=at.part)
            return table, key, Cursor(int(seq), key)
        return table, logged_key(relations()[table], pk, part), Cursor(int(seq))

    def _of_log(self, channel: str, at: Cursor, last: int, limit: int) -> Batch | None:
        newest = int(self._raw.execute("SELECT ifnull(max(seq), 0) FROM change_log").fetchone()[0])
        rows = self._raw.execute(
            "SELECT seq, tbl, op, pk, part, at, row, changed FROM change_log WHERE seq > ? AND channel = ? "
            "ORDER BY seq LIMIT ?",
            (at.seq, channel, limit),
        ).fetchall()
        if not rows:
            self.looked_to = max(newest, at.seq)
            return None
        if rows[0][2] == "B":
            return self._of_bulk(channel, at, rows[0], last, limit)
        bulk = next((n for n, row in enumerate(rows) if row[2] == "B"), len(rows))
        batch = self._of_rows(channel, at, rows[:bulk], last)
        if batch.size > MOST_CHARACTERS and bulk > 1:
            return self._of_log(channel, at, last, max(1, bulk // 2))
        return batch

    def _of_rows(self, channel: str, at: Cursor, rows: Sequence[Any], last: int) -> Batch:
        found: dict[tuple[Any, ...], _Key] = {}
        clock = last
        for _, table, op, pk, part, made, _, changed in rows:
            clock = hlc.after(clock, made)
            relation = relations().get(table)
            if relation is not None:
                key = logged_key(relation, pk, part)
                found.setdefault((table, *key), _Key(table, key)).note(op, clock, changed)
        batch = Batch(channel, at, Cursor(int(rows[-1][0])), taken=len(rows), hlc=clock, at=int(rows[-1][5]))
        self._add_gone(batch, [key for key in found.values() if key.gone])
        self._add_changed(batch, [k for k in found.values() if not (k.gone or k.new) and relations()[k.table].record])
        again = [k for k in found.values() if not (k.gone or k.new or relations()[k.table].record)]
        for keys, repeated in (([k for k in found.values() if k.new], False), (again, True)):
            for table in dict.fromkeys(k.table for k in keys):
                wanted = [(*k.key, k.clock) for k in keys if k.table == table]
                batch.add(reading.by_keys(self._raw, table, wanted), again=repeated)
        return batch

    def _add_gone(self, batch: Batch, keys: list[_Key]) -> None:
        for table in dict.fromkeys(k.table for k in keys):
            relation = relations()[table]
            gone = [k for k in keys if k.table == table]
            rows = [self._json_row(relation, dict(zip(relation.key, k.key, strict=True)), k.key) for k in gone]
            items = [{"key": row, "hlc": k.clock} for row, k in zip(rows, gone, strict=True)]
            batch.head.setdefault("gone", []).append({"t": table, "rows": items})
            batch.rows += len(rows)
            batch.single = (table, shown(gone[-1].key), json.dumps(rows[-1]))

    def _add_changed(self, batch: Batch, keys: list[_Key]) -> None:
        for key in keys:
            relation = relations()[key.table]
            where = " AND ".join(f'"{name}" = ?' for name in relation.key)
            columns = ", ".join(f'"{name}"' for name in relation.columns)
            row = self._raw.execute(f'SELECT {columns} FROM "{key.table}" WHERE {where}', key.key).fetchone()  # noqa: S608
            if row is None:
                continue  # deleted since: the log says so further on
            item = {
                "t": key.table,
                "row": self._json_row(relation, dict(zip(relation.columns, row, strict=True)), key.key),
                "hlc": key.clock,
            }
            if key.clocks is not None:
                item |= {"fields": list(key.clocks), "clocks": key.clocks}
            batch.head.setdefault("merge", []).append(item)
            batch.rows += 1
            batch.single = (key.table, shown(key.key), json.dumps(item["row"]))

    def _json_row(self, relation: Relation, row: dict[str, Any], key: Sequence[Any]) -> dict[str, Any]:
        """The row as PostgreSQL reads it from JSON, direct identifiers sealed."""
        bound = row_key(key)
        for name in relation.sealed:
            if name in row:
                row[name] = self._sealer.seal(relation.name, name, bound, row[name])
        return {name: _json_value(value, relation.columns[name]) for name, value in row.items()}

    def _of_bulk(self, channel: str, at: Cursor, row: Any, last: int, limit: int) -> Batch | None:
        seq, table, _, pk, _, made, span, _ = row
        rows = reading.in_range(self._raw, table, batch=pk, span=json.loads(span), after=at.part, limit=limit)
        if rows.size > MOST_CHARACTERS and rows.count > 1:
            return self._of_bulk(channel, at, row, last, max(1, limit // 2))
        batch = Batch(channel, at, Cursor(int(seq), rows.last if rows.count == limit else None), at=int(made))
        batch.hlc = hlc.after(last, made)
        batch.add(rows)
        return batch

    def _of_everything(self, channel: str, at: Cursor, last: int, limit: int) -> Batch | None:
        """A table's next rows, with the clock of the store's making: whatever anyone did since comes later."""
        tables = tables_of(channel)
        table = at.table if at.table in tables else tables[0]
        rows = reading.beyond(self._raw, table, at.part, limit)
        if rows.size > MOST_CHARACTERS and rows.count > 1:
            return self._of_everything(channel, at, last, max(1, limit // 2))
        if rows.count == limit:
            onward = Cursor(at.seq, rows.last, table)
        else:
            following = tables[tables.index(table) + 1 : tables.index(table) + 2]
            onward = Cursor(at.seq, None, following[0]) if following else Cursor(at.seq)
        batch = Batch(channel, at, onward, hlc=hlc.of(self._created_at), at=self._created_at)
        batch.add(rows)
        return batch


def tables_of(channel: str) -> list[str]:
    """The tables that go by a channel, each after those it refers to, so that a taker need not hold rows back."""
    return [name for name in parents_first() if name in relations() and relations()[name].channel == channel]


def logged_key(relation: Relation, pk: Any, part: int | None) -> tuple[Any, ...]:
    """The key's values from a row of the log: as it is, with a line's number, or as a JSON array."""
    if len(relation.key) == 1:
        return (pk,)
    if part is not None:
        return (pk, part)
    values = json.loads(pk)
    return tuple(
        bytes.fromhex(value) if relation.columns[name] in ("uuid", "bytea") else value
        for name, value in zip(relation.key, values, strict=True)
    )


def _json_value(value: Any, kind: str) -> Any:
    if isinstance(value, bytes):
        return value.hex() if kind == "uuid" else f"\\x{value.hex()}"
    return value


def shown(key: Sequence[Any]) -> str:
    """A key as JSON, blobs in hexadecimal: how quarantine keeps it."""
    return json.dumps([v.hex() if isinstance(v, bytes) else v for v in key])
