"""A connection to a store file, and the only way to make one.

The tables are declared with SQLAlchemy, which makes their DDL, triggers and relations; statements run on the
driver itself. SQLAlchemy's engine costs 0.3 s at the desktop's start and a share of every statement, and
nothing here needs more of it than positional and named parameters.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from models.timings import SLOW_MS, TIMINGS

# The driver asks every bytes and None parameter whether it adapts itself, which fails slowly, by an
# AttributeError. These identities answer at once: encrypted bulk inserts run twice as fast.
sqlcipher.register_adapter(bytes, bytes)
sqlcipher.register_adapter(type(None), {}.get)

DatabaseError: type[Exception] = sqlcipher.DatabaseError
#: A value that no column can hold; the driver has two names for it.
InterfaceError: type[Exception] = sqlcipher.InterfaceError
ProgrammingError: type[Exception] = sqlcipher.ProgrammingError
IntegrityError: type[Exception] = sqlcipher.IntegrityError
BUSY_MS = 10_000
PRAGMAS: tuple[str, ...] = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32000",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 32000000",  # else the log stays as long as its longest ever, while anyone is open
)

Parameters = Sequence[Any] | Mapping[str, Any]


def connect(path: os.PathLike[str] | str, key: bytes) -> Any:
    """A driver connection with the key and every pragma set. The key must come first: it opens the file."""
    raw = sqlcipher.connect(
        str(path), timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for pragma in PRAGMAS:
        raw.execute(pragma)
    return raw


class Result:
    """What a statement gave: rows as tuples. `rowcount` is how many rows it changed.

    SQLite works while rows are fetched, so what is timed is the statement and its fetching.
    """

    def __init__(self, cursor: Any, sql: str, took: float) -> None:
        self._cursor = cursor
        self._sql = sql
        self._took = took

    @property
    def rowcount(self) -> int:
        """Rows changed by an INSERT, UPDATE or DELETE."""
        return int(self._cursor.rowcount)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def fetchall(self) -> list[Any]:
        """Every row left."""
        began = perf_counter()
        rows = list(self._cursor.fetchall())
        ms = (self._took + perf_counter() - began) * 1000
        if ms >= SLOW_MS:
            TIMINGS.statement(self._sql, ms)
        return rows

    def fetchone(self) -> Any:
        """The next row, or None."""
        if self._took * 1000 >= SLOW_MS:  # most of the work of a statement with one row is done before it
            TIMINGS.statement(self._sql, self._took * 1000)
        return self._cursor.fetchone()

    def one_or_none(self) -> Any:
        """The only row, or None; ValueError where there are more."""
        row = self.fetchone()
        if row is not None and self._cursor.fetchone() is not None:
            raise ValueError("the statement gave more than one row")
        return row

    def one(self) -> Any:
        """The only row; ValueError where there is none or more than one."""
        row = self.one_or_none()
        if row is None:
            raise ValueError("the statement gave no row")
        return row

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        row = self.fetchone()
        return None if row is None else row[0]

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalars(self) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.fetchall()]


class Connection:
    """One connection inside a transaction; `raw` is the driver's own, for bulk work."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def exec_driver_sql(self, sql: str, parameters: Parameters = ()) -> Result:
        """Run one statement with `?`, `?1` or `:name` parameters."""
        began = perf_counter()
        cursor = self.raw.execute(sql, parameters)
        took = perf_counter() - began
        if took * 1000 >= SLOW_MS and cursor.description is None:  # it gives no rows: nothing will be fetched
            TIMINGS.statement(sql, took * 1000)
        return Result(cursor, sql, took)


class Pool:
    """Connections to one file, reused; every thread gets one of its own for as long as it needs it."""

    def __init__(self, path: os.PathLike[str] | str, key: bytes) -> None:
        self._path, self._key = path, key
        self._idle: list[Any] = []
        self._guard = threading.Lock()
        self._closed = False

    def take(self) -> Any:
        """An idle connection or a new one."""
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return connect(self._path, self._key)

    def give(self, raw: Any) -> None:
        """Back for reuse, with any transaction that is still open rolled back."""
        if raw.in_transaction:
            raw.rollback()
        with self._guard:
            if not self._closed:
                self._idle.append(raw)
                return
        raw.close()

    def close(self) -> None:
        """Close what is idle now, and the rest when it comes back."""
        with self._guard:
            self._closed, idle, self._idle = True, self._idle, []
        for raw in idle:
            raw.close()
