"""Reference records by their key: new ones made, known ones updated with their old image kept, the same left alone.

The last row of a file with a key wins over the rows before it. A mapped column with nothing in it empties
the field, unless the field may not be empty: then the old value stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnDefault

from engines.intake.batches import Batch, Tally, keep_before
from engines.intake.parse import Parsed
from engines.intake.rows import Given, RowChunk, RowLoader, images
from models.connection import Connection
from models.ids import new_id
from models.store import Transaction
from models.tables import TABLES

#: Why the store gives reason to refuse a row, with the field at fault; None where it does not.
Check = Callable[[Connection, Given], "tuple[str | None, str] | None"]
#: Adds, inside the transaction, what a record needs first; may add to the columns of each step.
Before = Callable[[Transaction, Batch, "Sequence[Step]"], None]


@dataclass
class Step:
    """One record to write: the columns that the file gives, the row before and after, and the file's row.

    Where a file has a key twice, `image` of the second step is the very dict that is `after` of the first.
    """

    key: str
    columns: dict[str, Any]
    image: dict[str, Any] | None
    after: dict[str, Any]
    given: Given


class RecordLoader(RowLoader):
    """Loads records of one table. `columns_of` turns a row's fields into columns of the table."""

    def __init__(
        self,
        parsed: Parsed,
        table: str,
        key: str,
        columns_of: Callable[[Connection, Given], dict[str, Any]],
        before: Before | None = None,
        *,
        check: Check = lambda _connection, _given: None,
    ) -> None:
        super().__init__(parsed)
        self._table, self._key, self._columns_of, self._before = table, key, columns_of, before
        self._check = check
        self._latest: dict[str, dict[str, Any]] = {}
        columns = TABLES[table].columns
        self._full = {c.name for c in columns if not c.nullable}
        self._has_batch = "batch_id" in columns
        self._has_id = "id" in columns
        self._defaults = {c.name: c.default.arg for c in columns if isinstance(c.default, ColumnDefault)}

    def compare(self, connection: Connection, chunk: RowChunk) -> tuple[list[Step], Tally]:
        """What to write, in the file's order, and the count of what is new, changed and the same."""
        tally, steps = Tally(), []
        rows = self._sound(connection, chunk, tally)
        wanted = [self._columns_of(connection, row) for row in rows]
        known = images(connection, self._table, self._key, [str(columns[self._key]) for columns in wanted])
        for row, given in zip(rows, wanted, strict=True):
            key = str(given[self._key])
            image = self._latest.get(key) or known.get(key)
            columns = {n: v for n, v in given.items() if v is not None or n not in self._full}
            if image is not None and all(image.get(name) == value for name, value in columns.items()):
                tally.unchanged += 1
                continue
            after = {**(image or self._defaults), **columns}
            steps.append(Step(key, columns, image, after, row))
            self._latest[key] = after
            tally.updated += image is not None
            tally.loaded += image is None
        return steps, tally

    def _sound(self, connection: Connection, chunk: RowChunk, tally: Tally) -> list[Given]:
        """The rows that nothing in the store speaks against; the others are booked as refused."""
        sound = []
        for place, row in zip(chunk.places.tolist(), self.given(chunk), strict=True):
            fault = self._check(connection, row)
            if fault is None:
                sound.append(row)
            else:
                tally.rejects.append(self.reject(place, *fault))
        return sound

    def write(self, tx: Transaction, batch: Batch, fresh: list[Step], prepared: None) -> None:
        """Write the steps in their order; the image each replaces is kept first."""
        if self._before is not None:
            self._before(tx, batch, fresh)
        for step in fresh:
            step.after.update({**(step.image or self._defaults), **step.columns})
            if step.image is None:
                self._insert(tx, batch, step.after)
            else:
                self._update(tx, batch, step)

    def _insert(self, tx: Transaction, batch: Batch, row: dict[str, Any]) -> None:
        if self._has_id:
            row["id"] = new_id()
        if self._has_batch:
            row["batch_id"] = batch.id
        keep_before(tx, batch, self._table, [(self._pk(row), None)])
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        tx.execute_many(f'INSERT INTO "{self._table}" ({names}) VALUES ({marks})', [tuple(row.values())])  # noqa: S608

    def _update(self, tx: Transaction, batch: Batch, step: Step) -> None:
        before = dict(step.image or {})
        keep_before(tx, batch, self._table, [(self._pk(before), before)])
        sets = ", ".join(f'"{name}" = ?' for name in step.columns)
        sql = f'UPDATE "{self._table}" SET {sets} WHERE "{self._key}" = ?'  # noqa: S608
        tx.execute_many(sql, [(*step.columns.values(), step.key)])

    def _pk(self, row: dict[str, Any]) -> bytes:
        return bytes(row["id"]) if self._has_id else str(row[self._key]).encode()
