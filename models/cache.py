"""What was read from a store and is still true, in memory: the layer above the tables of results.

A read is kept with the tables that it read (SQLite's authorizer tells them) and their versions in `change`, which every
commit moves in the same transaction. It is given again only while all of those versions stand, so it is never older
than the moment at which it is asked for. Tables whose commits move no version (a machine's own details, `meta`) are
never kept. Least recently used reads go first.
"""

from __future__ import annotations

import copy
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlcipher3.dbapi2 as sqlcipher

from models.connection import Connection
from models.store import Store, driver
from models.tables import TABLES, table_class

P = ParamSpec("P")
T = TypeVar("T")
MOST_READS = 2_000
MOST_BYTES = 16_000_000
#: Classes of tables whose every commit moves `change`: logged ones by their triggers, results by their writers.
VERSIONED = frozenset("FLERD")


@dataclass(frozen=True)
class Kept:
    """A read's result, its size in bytes (an estimate), and the versions of the tables that it rests on."""

    value: Any
    size: int
    versions: Mapping[str, int]


@dataclass(frozen=True)
class Use:
    """How the memory was used: reads answered from it (hits) and from the store, what it holds, and its bound."""

    hits: int = 0
    misses: int = 0
    reads: int = 0
    size: int = 0
    most: int = MOST_BYTES


class ReadCache:
    """Reads of one store, bounded by number and bytes; any thread may ask."""

    def __init__(self, most_reads: int = MOST_READS, most_bytes: int = MOST_BYTES) -> None:
        self._most_reads, self._most_bytes = most_reads, most_bytes
        self._kept: OrderedDict[Any, Kept] = OrderedDict()
        self._guard = threading.Lock()
        self._hits = self._misses = self._size = 0

    def use(self) -> Use:
        """How it was used up to now."""
        with self._guard:
            return Use(self._hits, self._misses, len(self._kept), self._size, self._most_bytes)

    def read(self, store: Store, key: Any, work: Callable[[Store], T]) -> T:
        """What `work` reads from the store, kept under `key`. `work` must depend on the store and the key alone."""
        with self._guard:
            found = self._kept.get(key)
        with store.read() as connection:
            before = _versions(connection)
        if found is not None and _stands(found, before):
            with self._guard:
                self._hits += 1
                if key in self._kept:
                    self._kept.move_to_end(key)
            return copy.copy(found.value)  # type: ignore[no-any-return]
        watched = _Watched(store)
        value = work(watched)
        self._keep(key, value, watched.tables, before, store)
        return copy.copy(value)

    def _keep(self, key: Any, value: object, tables: set[str], before: Mapping[str, int], store: Store) -> None:
        known = {name for name in tables if name in TABLES}
        made = Kept(value, size_of(value), {name: before.get(name, 0) for name in known})
        lasting = all(table_class(TABLES[name]) in VERSIONED for name in known)
        with store.read() as connection:
            lasting = lasting and _stands(made, _versions(connection))
        with self._guard:
            self._misses += 1
            old = self._kept.pop(key, None)
            self._size -= old.size if old else 0
            if lasting and made.size <= self._most_bytes:
                self._kept[key] = made
                self._size += made.size
            while len(self._kept) > self._most_reads or self._size > self._most_bytes:
                _, gone = self._kept.popitem(last=False)
                self._size -= gone.size


class _Watched(Store):
    """The same store, noting which tables are read through it."""

    def __init__(self, store: Store) -> None:
        self.__dict__.update(store.__dict__)
        self.tables: set[str] = set()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with super().read() as connection:
            raw = driver(connection)
            raw.set_authorizer(self._note)
            try:
                yield connection
            finally:
                raw.set_authorizer(None)

    def _note(self, action: int, table: str | None, *_: object) -> int:
        if action == sqlcipher.SQLITE_READ and table:
            self.tables.add(table)
        return int(sqlcipher.SQLITE_OK)


_CACHES: weakref.WeakKeyDictionary[Store, ReadCache] = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()


def cache_of(store: Store) -> ReadCache:
    """The store's own cache in this process; it goes with the store."""
    with _MAKING:
        return _CACHES.setdefault(store, ReadCache())


def kept(function: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """Keep what the function reads. It must depend on the store and its arguments alone: no clock, no other file.

    A list is given as a copy; its members must not be changed.
    """

    @wraps(function)
    def reading(store: Store, /, *args: P.args, **named: P.kwargs) -> T:
        if isinstance(store, _Watched):
            return function(store, *args, **named)
        key = (function.__module__, function.__qualname__, frozen(args), frozen(named))
        return cache_of(store).read(store, key, lambda watched: function(watched, *args, **named))

    return reading


def frozen(value: Any) -> Any:
    """An argument as a key."""
    if isinstance(value, Mapping):
        return tuple(sorted((name, frozen(part)) for name, part in value.items()))
    if isinstance(value, list | tuple):
        return tuple(frozen(part) for part in value)
    return value


def size_of(value: Any) -> int:
    """About how many bytes a result of frozen rows holds."""
    size = sys.getsizeof(value)
    if isinstance(value, Mapping):
        return size + sum(size_of(n) + size_of(part) for n, part in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return size + sum(size_of(part) for part in value)
    if is_dataclass(value):
        return size + sum(size_of(getattr(value, f.name)) for f in fields(value))
    return size


def _versions(connection: Connection) -> dict[str, int]:
    return dict(connection.exec_driver_sql("SELECT relation, version FROM change").fetchall())


def _stands(found: Kept, now: Mapping[str, int]) -> bool:
    return all(now.get(name, 0) == version for name, version in found.versions.items())
