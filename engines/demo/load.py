"""Writing a demo mall's rows: columns in, rows counted, batches booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnDefault

from models.ids import new_id
from models.store import Store, Transaction
from models.tables import TABLES
from models.times import now_ms

ACTOR = "demo"


class Load:
    """A demo store being filled: its intake source, and how many rows each table has got."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.source = new_id()
        self.rows: dict[str, int] = {}
        with store.write(ACTOR, "making the demo mall") as tx:
            self.insert(tx, "source", 1, id=[self.source], code="demo", kind="demo", last_at=now_ms())

    def insert(self, tx: Transaction, table: str, count: int, **columns: Any) -> None:
        """Insert `count` rows: a column is a list, or one value for all; unnamed columns take their default."""
        if not count:
            return
        values = dict(_defaults(table)) | columns
        lists = [v if isinstance(v, list) else repeat(v, count) for v in values.values()]
        names, marks = ", ".join(f'"{n}"' for n in values), ", ".join("?" * len(values))
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - declared names
        tx.execute_many(sql, zip(*lists, strict=False))
        self.rows[table] = self.rows.get(table, 0) + count

    @contextmanager
    def batch(self, kind: str) -> Iterator[Batch]:
        """One booked batch of a kind, in one transaction."""
        with self.store.write(ACTOR, f"demo {kind}") as tx:
            batch, before = Batch(self, tx, kind), dict(self.rows)
            yield batch
            loaded = sum(n - before.get(table, 0) for table, n in self.rows.items())
            self.insert(
                tx, "intake_batch", 1, id=batch.id, source_id=self.source, kind=kind, file="demo", state="done",
                actor=ACTOR, started_at=batch.started, ended_at=now_ms(), read=loaded, loaded=loaded,
                first_id=batch.first, last_id=batch.last, note="invented data",
            )  # fmt: skip


class Batch:
    """A batch being loaded. `span_of` records the range of ids of its facts."""

    def __init__(self, load: Load, tx: Transaction, kind: str) -> None:
        self.load, self.tx, self.kind = load, tx, kind
        self.id = new_id()
        self.started = now_ms()
        self.first: bytes | None = None
        self.last: bytes | None = None

    def insert(self, table: str, count: int, **columns: Any) -> None:
        """Insert rows of this batch; tables that name their batch or source get them."""
        own = {"batch_id": self.id, "source_id": self.load.source}
        known = {name: value for name, value in own.items() if name in TABLES[table].columns}
        self.load.insert(self.tx, table, count, **(known | columns))

    @contextmanager
    def facts(self, *tables: str, ids: list[bytes]) -> Iterator[None]:
        """Load facts whose ids are these (ascending) in bulk."""
        if not ids:
            yield
            return
        self.first = ids[0] if self.first is None else min(self.first, ids[0])
        self.last = ids[-1] if self.last is None else max(self.last, ids[-1])
        with self.tx.bulk(*tables, batch=self.id, first=ids[0], last=ids[-1]):
            yield


def _defaults(table: str) -> Mapping[str, Any]:
    """What the declared columns default to; the driver knows nothing of these defaults."""
    columns = TABLES[table].columns
    return {c.name: c.default.arg for c in columns if isinstance(c.default, ColumnDefault) and c.default.is_scalar}
