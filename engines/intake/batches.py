"""The life of a batch: opened, filled chunk by chunk, closed; or taken back whole.

What a batch brought is known by its `batch_id` and the range of its ids; what it changed by the images
in `intake_before`. Taking it back removes the first and restores the second. An entity that the batch
made and that something else has come to use since stays: others rest on it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from engines.intake.bulk import insert_columns
from engines.people.identifiers import digest_key
from engines.privacy import tombstones
from engines.privacy.payment_cards import hide_cards
from engines.privacy.traces import Traces
from models.ids import new_id, new_ids
from models.store import Store, Transaction
from models.times import now_ms


@dataclass(frozen=True)
class Reject:
    """A refused row: its number among the file's data rows from 1, the column at fault, why, and the row as JSON."""

    row_no: int
    column: str | None
    reason: str
    raw: str | None


@dataclass
class Tally:
    """Rows of the file by what became of them."""

    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True)
class Batch:
    """A batch that is being loaded."""

    id: bytes
    source_id: bytes
    kind: str
    actor: str


def source_id(tx: Transaction, code: str, kind: str) -> bytes:
    """The source of that code, made when it is new."""
    found = tx.connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (code,)).scalar()
    if found is not None:
        return bytes(found)
    made = new_id()
    tx.connection.exec_driver_sql("INSERT INTO source (id, code, kind) VALUES (?, ?, ?)", (made, code, kind))
    return made


def open_batch(store: Store, actor: str, kind: str, *, source: str, file: str, sha256: str) -> Batch:
    """Book a new batch as loading, with its source."""
    with store.write(actor, f"importing {kind}") as tx:
        batch = Batch(new_id(), source_id(tx, source, kind), kind, actor)
        tx.connection.exec_driver_sql(
            "INSERT INTO intake_batch (id, source_id, kind, file, file_sha256, state, actor, started_at, read, loaded, "
            "updated, unchanged, rejected, first_id) VALUES (?, ?, ?, ?, ?, 'loading', ?, ?, 0, 0, 0, 0, 0, ?)",
            (batch.id, batch.source_id, kind, file, sha256, actor, now_ms(), new_id()),
        )
    return batch


def close_batch(store: Store, batch: Batch, total: Tally, *, read: int, rejected: int, mapping: str, note: str) -> None:
    """Book the batch as done with its counts, keep the source's mapping, and audit the import."""
    with store.write(batch.actor, f"importing {batch.kind}") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE intake_batch SET state = 'done', ended_at = ?, read = ?, loaded = ?, updated = ?, unchanged = ?, "
            "rejected = ?, last_id = ?, note = ? WHERE id = ?",
            (now_ms(), read, total.loaded, total.updated, total.unchanged, rejected, new_id(), note or None, batch.id),
        )
        tx.connection.exec_driver_sql(
            "UPDATE source SET mapping = ?, last_at = ? WHERE id = ?", (mapping, now_ms(), batch.source_id)
        )
        tx.audit(
            "import", f"intake_batch/{batch.id.hex()}", kind=batch.kind, read=read, loaded=total.loaded,
            updated=total.updated, unchanged=total.unchanged, rejected=rejected,
        )  # fmt: skip


def write_rejects(tx: Transaction, batch: Batch, rejects: list[Reject]) -> None:
    """Keep refused rows with their reasons; of one that names an erased person the reason alone."""
    if rejects:
        rejects = [replace(r, raw=hide_cards(r.raw)) if r.raw else r for r in _without_erased(tx, rejects)]
        insert_columns(
            tx.connection, "intake_reject", len(rejects),
            {
                "id": new_ids(len(rejects)), "batch_id": [batch.id] * len(rejects),
                "row_no": [r.row_no for r in rejects],
                "column_name": [r.column for r in rejects], "reason": [r.reason for r in rejects],
                "raw": [r.raw for r in rejects],
            },
        )  # fmt: skip


def _without_erased(tx: Transaction, rejects: list[Reject]) -> list[Reject]:
    stones = tombstones.kept(tx.connection)
    if not stones:
        return rejects
    country = str(tx.connection.exec_driver_sql("SELECT country FROM site").scalar_one())
    traces = Traces.of([], digest_key(tx.site_key), country, [stone.digest for stone in stones])
    return [replace(reject, raw=None) if traces.sent(reject.raw) else reject for reject in rejects]


def keep_before(tx: Transaction, batch: Batch, table: str, rows: list[tuple[bytes, dict[str, object] | None]]) -> None:
    """Keep the images (None for a row that the batch makes) of rows that the batch is about to write."""
    tx.execute_many(
        "INSERT INTO intake_before (batch_id, tbl, pk, row) VALUES (?, ?, ?, ?)",
        [(batch.id, table, pk, _image(row)) for pk, row in rows],
    )


def _image(row: dict[str, object] | None) -> str | None:
    """A row as JSON; an id is {"hex": ...}."""
    if row is None:
        return None
    shown = {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in row.items()}
    return json.dumps(shown, ensure_ascii=False)
