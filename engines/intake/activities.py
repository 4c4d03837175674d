"""Activities: facts around a customer, each once by its key at the source."""

from __future__ import annotations

import hashlib
from typing import Any

from engines.intake.batches import Batch, Tally
from engines.intake.bulk import insert_columns, select_by
from engines.intake.fields import IDENTIFIERS
from engines.intake.money import to_minor
from engines.intake.parse import Parsed
from engines.intake.parties import Named, Sign, Signs, Tenants
from engines.intake.rows import Given, RowChunk, RowLoader
from engines.intake.sales import DIFFERS
from engines.people.identifiers import clean_identifier
from models.connection import Connection
from models.ids import new_ids
from models.store import Store, Transaction, driver

_COLUMNS = (
    "identifier_id", "kind", "at", "day", "minute", "zone_code", "tenant_id", "campaign_id", "related_id",
    "amount_minor", "score", "props",
)  # fmt: skip
_KNOWN = (
    f"SELECT source_key, {', '.join(_COLUMNS)} FROM activity WHERE source_id = ? "  # noqa: S608
    "AND source_key IN (SELECT value FROM json_each(?))"
)


class ActivityLoader(RowLoader):
    """Loads activities; a key that comes again with other content is refused."""

    def __init__(self, store: Store, parsed: Parsed, source: bytes | None) -> None:
        super().__init__(parsed)
        self._source, self._country = source, store.site.country
        self._tenants, self._signs = Tenants(), Signs(store)
        self._campaigns: dict[str, bytes] | None = None
        self._seen: dict[str, Given] = {}
        self._repeats: dict[str, int] = {}

    def compare(self, connection: Connection, chunk: RowChunk) -> tuple[list[tuple[str, Given]], Tally]:
        """New activities with their keys."""
        rows, tally = self.given(chunk), Tally()
        keys = [self._key(row) for row in rows]
        known = {row[0]: row[1:] for row in select_by(connection, _KNOWN, keys, self._source)} if self._source else {}
        self._resolve(connection, rows)
        fresh: list[tuple[str, Given]] = []
        for place, key, row in zip(chunk.places.tolist(), keys, rows, strict=True):
            if row["campaign"] and self._campaign(connection, row["campaign"]) is None:
                tally.rejects.append(self.reject(place, "campaign", f"there is no campaign '{row['campaign']}'"))
            elif key in self._seen or key in known:
                same = self._seen[key] == row if key in self._seen else known[key] == self._values(connection, row)
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
        self._tenants.make(tx, batch, [Named(code, code) for code, found in shops.items() if found is None])
        self._signs.make(tx, batch, sorted(sign for sign, found in signs.items() if found is None))
        ids = new_ids(len(fresh))
        values = zip(*(self._values(tx.connection, row) for row in rows), strict=True)
        columns = {name: list(column) for name, column in zip(_COLUMNS, values, strict=True)}
        with tx.bulk("activity", batch=batch.id, first=ids[0], last=ids[-1]):
            insert_columns(
                tx.connection, "activity", len(ids),
                {
                    "id": ids, "source_id": [batch.source_id] * len(ids), "source_key": [key for key, _ in fresh],
                    **columns, "batch_id": [batch.id] * len(ids),
                },
            )  # fmt: skip

    def _resolve(
        self, connection: Connection, rows: list[Given]
    ) -> tuple[dict[str, bytes | None], dict[Sign, bytes | None]]:
        """Find every shop and sign that the rows name."""
        shops = {row["tenant"] for row in rows} - {None}
        signs = {sign for row in rows for sign in (self._sign(row), self._related(row)) if sign is not None}
        return self._tenants.find(connection, shops), self._signs.find(connection, signs)

    def _values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """The row as the store keeps it, in the order of _COLUMNS; None for a party that is not there yet."""
        sign, related, tenant, moment = self._sign(row), self._related(row), row["tenant"], row["at"]
        campaign = row["campaign"]
        return (
            self._signs.known(sign), row["kind"], *moment, row["zone"], self._tenants.known(tenant),
            self._campaign(connection, campaign) if campaign else None, self._signs.known(related),
            to_minor(row["amount"]) if row["amount"] is not None else None,
            float(row["score"]) if row["score"] is not None else None, row["props"],
        )  # fmt: skip

    def _key(self, row: Given) -> str:
        """The sender's key, else a digest of what the row says and how many times it has said so."""
        if row["key"]:
            return str(row["key"])
        digest = hashlib.sha256(repr(sorted(row.items())).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._repeats[digest] = again = self._repeats.get(digest, 0) + 1
        return f"row|{digest}" if again == 1 else f"row|{digest}|{again}"

    def _sign(self, row: Given) -> Sign | None:
        for f in IDENTIFIERS:
            if row[f.name] and (cleaned := clean_identifier(f.name, row[f.name], self._country)):
                return f.name, cleaned
        return None

    def _related(self, row: Given) -> Sign | None:
        cleaned = clean_identifier("card", row["related"], self._country) if row["related"] else ""
        return ("card", cleaned) if cleaned else None

    def _campaign(self, connection: Connection, code: str) -> bytes | None:
        if self._campaigns is None:
            self._campaigns = dict(driver(connection).execute("SELECT code, id FROM campaign").fetchall())
        return self._campaigns.get(code)
