"""Facts that a sender gives once, by a key: what loaders of activities, talks' steps, consents and money share."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from engines.intake.batches import Batch, Tally
from engines.intake.bulk import insert_columns, select_by
from engines.intake.parse import Parsed
from engines.intake.parties import Named, Sign, Signs, Tenants
from engines.intake.rows import Given, RowChunk, RowLoader
from engines.intake.sales import DIFFERS
from engines.people.identifiers import clean_identifier
from engines.privacy.tombstones import ERASED
from models.changes import BULK
from models.connection import Connection
from models.ids import new_ids
from models.store import Store, Transaction, driver

#: The signs by which a customer of such a fact may be known, the surest first.
SIGNS = ("card", "customer", "phone", "email", "device")
#: Why a row is refused, and the field at fault.
Fault = tuple[str | None, str]


class KeyedLoader(RowLoader, ABC):
    """Loads facts of one table; a key that comes again with other content is refused."""

    table: str
    columns: tuple[str, ...]

    def __init__(self, store: Store, parsed: Parsed, source: bytes | None) -> None:
        super().__init__(parsed)
        self._source, self.country = source, store.site.country
        self.tenants, self.signs = Tenants(), Signs(store)
        self._codes: dict[str, dict[str, bytes]] = {}
        self._seen: dict[str, tuple[Any, ...] | Given] = {}
        self._repeats: dict[str, int] = {}

    @abstractmethod
    def values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """The row as the store keeps it, in the order of `columns`; None for a party that is not there yet."""

    def check(self, connection: Connection, row: Given) -> Fault | None:
        """Why the store gives reason to refuse the row, if it does."""
        return None

    def tenants_of(self, row: Given) -> Iterable[str]:
        """Shops that the row names; unknown ones are made."""
        return (row["tenant"],) if row.get("tenant") else ()

    def signs_of(self, row: Given) -> Iterable[Sign]:
        """Signs that the row names; unknown ones are made, each with a person."""
        return ()

    def content(self, row: Given) -> object:
        """What makes a row without a key the same row again: all it says."""
        return sorted(row.items())

    def compare(self, connection: Connection, chunk: RowChunk) -> tuple[list[tuple[str, Given]], Tally]:
        """New facts with their keys."""
        rows, tally = self.given(chunk), Tally()
        keys = [self._key(row) for row in rows]
        known = self._known(connection, keys)
        self._resolve(connection, rows)
        barred = self.signs.barred(connection, {sign for row in rows for sign in self.signs_of(row)})
        fresh: list[tuple[str, Given]] = []
        for place, key, row in zip(chunk.places.tolist(), keys, rows, strict=True):
            fault = self.check(connection, row)
            if barred and any(sign in barred for sign in self.signs_of(row)):
                tally.rejects.append(self.reject(place, None, ERASED))
            elif fault is not None:
                tally.rejects.append(self.reject(place, *fault))
            elif key in self._seen or key in known:
                same = self._seen[key] == row if key in self._seen else known[key] == self.values(connection, row)
                tally.unchanged += same
                tally.rejects += [] if same else [self.reject(place, None, DIFFERS)]
            else:
                self._seen[key] = row
                tally.loaded += 1
                fresh.append((key, row))
        return fresh, tally

    def write(self, tx: Transaction, batch: Batch, fresh: list[tuple[str, Given]], prepared: None) -> None:
        """Insert them, with the shops and signs that they are the first to name."""
        if not fresh:
            return
        rows = [row for _, row in fresh]
        shops, signs = self._resolve(tx.connection, rows)
        self.tenants.make(tx, batch, [Named(code, code) for code, found in shops.items() if found is None])
        self.signs.make(tx, batch, sorted(sign for sign, found in signs.items() if found is None))
        ids = new_ids(len(fresh))
        values = zip(*(self.values(tx.connection, row) for row in rows), strict=True)
        columns = {name: list(column) for name, column in zip(self.columns, values, strict=True)}
        own = {"actor": batch.actor} if self.table == "consent_decision" else {}
        bulk = tx.bulk(self.table, batch=batch.id, first=ids[0], last=ids[-1]) if self.table in BULK else nullcontext()
        with bulk:
            insert_columns(
                tx.connection, self.table, len(ids),
                {
                    "id": ids, "source_id": [batch.source_id] * len(ids), "source_key": [key for key, _ in fresh],
                    **columns, **{name: [value] * len(ids) for name, value in own.items()},
                    "batch_id": [batch.id] * len(ids),
                },
            )  # fmt: skip

    def sign(self, row: Given, kinds: Iterable[str] = SIGNS) -> Sign | None:
        """The first of these signs that the row gives, cleaned."""
        for kind in kinds:
            if row.get(kind) and (cleaned := clean_identifier(kind, row[kind], self.country)):
                return kind, cleaned
        return None

    def code(self, connection: Connection, table: str, code: str | None) -> bytes | None:
        """The id of a record of that code, as of the file's beginning."""
        if table not in self._codes:
            rows = driver(connection).execute(f"SELECT code, id FROM {table}").fetchall()  # noqa: S608 - own names
            self._codes[table] = dict(rows)
        return self._codes[table].get(code) if code is not None else None

    def missing(self, connection: Connection, row: Given, tables: Mapping[str, str]) -> Fault | None:
        """The first field that names a record which is not there; `tables` maps fields to tables."""
        for field, table in tables.items():
            if row[field] and self.code(connection, table, row[field]) is None:
                return field, f"there is no {table.replace('_', ' ')} '{row[field]}'"
        return None

    def _known(self, connection: Connection, keys: list[str]) -> dict[str, tuple[Any, ...]]:
        if not self._source:
            return {}
        sql = (
            f"SELECT source_key, {', '.join(self.columns)} FROM {self.table} WHERE source_id = ? "  # noqa: S608
            "AND source_key IN (SELECT value FROM json_each(?))"
        )
        return {row[0]: row[1:] for row in select_by(connection, sql, keys, self._source)}

    def _resolve(
        self, connection: Connection, rows: list[Given]
    ) -> tuple[dict[str, bytes | None], dict[Sign, bytes | None]]:
        """Find every shop and sign that the rows name."""
        shops = {shop for row in rows for shop in self.tenants_of(row)}
        signs = {sign for row in rows for sign in self.signs_of(row)}
        return self.tenants.find(connection, shops), self.signs.find(connection, signs)

    def _key(self, row: Given) -> str:
        """The sender's key, else a digest of what the row says and how many times it has said so."""
        if row["key"]:
            return str(row["key"])
        digest = hashlib.sha256(repr(self.content(row)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._repeats[digest] = again = self._repeats.get(digest, 0) + 1
        return f"row|{digest}" if again == 1 else f"row|{digest}|{again}"
