"""Tenants' declarations: one a lease and month, a correction as the next revision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engines.intake.batches import Batch, Tally
from engines.intake.money import WORDS, to_minor
from engines.intake.parse import Parsed
from engines.intake.rows import Given, RowChunk, RowLoader
from models.connection import Connection
from models.ids import new_id
from models.store import Transaction, driver

_COLUMNS = ("gross_minor", "exclusions_minor", "due_day", "submitted_at", "audited")
_LATEST = (
    "SELECT revision, gross_minor, exclusions_minor, due_day, submitted_at, audited FROM declaration "
    "WHERE lease_id = ? AND period = ? ORDER BY revision DESC LIMIT 1"
)
_LEASES_OF_TENANT = (
    "SELECT l.id FROM lease l JOIN tenant t ON t.id = l.tenant_id WHERE (t.code = ?1 OR t.name = ?1) "
    "AND substr(l.from_day, 1, 7) <= ?2 AND substr(l.to_day, 1, 7) >= ?2"
)
Ready = tuple[bytes, str, int, tuple[Any, ...]]


class DeclarationLoader(RowLoader):
    """Loads declarations for leases that the store knows."""

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self._latest: dict[tuple[bytes, str], tuple[int, tuple[Any, ...]]] = {}

    def compare(self, connection: Connection, chunk: RowChunk) -> tuple[list[Ready], Tally]:
        """New declarations and corrections, with their revision."""
        fresh: list[Ready] = []
        tally = Tally()
        for place, row in zip(chunk.places.tolist(), self.given(chunk), strict=True):
            field, reason, lease = self._lease(connection, row)
            if lease is None:
                tally.rejects.append(self.reject(place, field, reason))
                continue
            known, values = self._known(connection, lease, row["period"]), self._values(row)
            if known is not None and known[1] == values:
                tally.unchanged += 1
                continue
            revision = 0 if known is None else known[0] + 1
            tally.loaded += known is None
            tally.updated += known is not None
            self._latest[lease, row["period"]] = (revision, values)
            fresh.append((lease, row["period"], revision, values))
        return fresh, tally

    def write(self, tx: Transaction, batch: Batch, fresh: list[Ready], prepared: None) -> None:
        """Insert them."""
        tx.execute_many(
            f"INSERT INTO declaration (id, lease_id, period, revision, {', '.join(_COLUMNS)}, batch_id) "  # noqa: S608
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(new_id(), lease, period, n, *values, batch.id) for lease, period, n, values in fresh],
        )

    def _known(self, connection: Connection, lease: bytes, period: str) -> tuple[int, tuple[Any, ...]] | None:
        if (lease, period) in self._latest:
            return self._latest[lease, period]
        found = driver(connection).execute(_LATEST, (lease, period)).fetchone()
        return (int(found[0]), tuple(found[1:])) if found else None

    def _values(self, row: Given) -> tuple[Any, ...]:
        moment = row["submitted"]
        return (
            to_minor(row["gross"]), to_minor(row["exclusions"] or Decimal(0)), row["due_day"],
            moment.at if moment else None, row["audited"] or 0,
        )  # fmt: skip

    def _lease(self, connection: Connection, row: Given) -> tuple[str, str, bytes | None]:
        """The lease that the row names, by its own code or as the one of the tenant in that month; or why not."""
        raw, ours, said = driver(connection), self.parsed.numbers.currency, row["currency"]
        if said and ours not in (said.upper(), WORDS.get(said.upper())):
            return "currency", f"the row is in {said}, the site's currency is {ours}", None
        if row["lease"]:
            found = raw.execute("SELECT id FROM lease WHERE code = ?", (row["lease"],)).fetchone()
            return "lease", f"there is no lease '{row['lease']}'", bytes(found[0]) if found else None
        if not row["tenant"]:
            return "tenant", "the row names neither a lease nor a tenant", None
        leases = raw.execute(_LEASES_OF_TENANT, (row["tenant"], row["period"])).fetchall()
        if len(leases) != 1:
            count = "no lease" if not leases else f"{len(leases)} leases"
            return "tenant", f"'{row['tenant']}' has {count} in {row['period']}", None
        return "tenant", "", bytes(leases[0][0])
