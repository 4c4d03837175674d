"""Rows that a program sends over the gateway become rows of the store as a file's do: by the same fields and rules.

A post is written in one transaction, so there is nothing half-done to put back. Posts of one sender and day make one
batch, which can be taken back like a file's. A row is known by its sender and its own key: sent again it changes
nothing. Refused rows are told to the sender with their reason and not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from engines.access.guard import check
from engines.intake.batches import Batch, Reject, Tally, source_id
from engines.intake.counts import WatchedCount, keep_counts
from engines.intake.fields import KINDS
from engines.intake.loaders import make_loader
from engines.intake.mapping import Mapping, check_complete
from engines.intake.parse import Parsed, parse_sheet
from engines.intake.sheet import Sheet, encode
from models.ids import new_id
from models.store import Store, Transaction
from models.times import business_day, now_ms

RIGHT = "import"
FILE = "gateway"
MOST_ROWS = 1_000
#: Nothing is guessed of what a program sends: dates are ISO 8601, decimals have a point, a count is of the quarter
#: hour in which it begins.
OPTIONS = {"date_order": "ymd", "decimal_comma": False, "bucket_minutes": 15}

Row = AnyMapping[str, Any]


@dataclass(frozen=True)
class RowError:
    """A refused row: its place among the rows sent, from 0, the field at fault where one is, and why."""

    row: int
    field: str | None
    reason: str


@dataclass(frozen=True)
class Posted:
    """What became of the rows of a post; the counts add up to `read`."""

    kind: str
    source: str
    read: int
    loaded: int
    updated: int
    unchanged: int
    errors: tuple[RowError, ...] = ()

    @property
    def rejected(self) -> int:
        """Refused rows."""
        return len(self.errors)


class Post(Protocol):
    """Something that a program has sent, ready to be written."""

    @property
    def actor(self) -> str:
        """Who sent it."""

    @property
    def source(self) -> str:
        """The code of the source whose keys the rows have."""

    def put(self, store: Store, tx: Transaction) -> Posted:
        """Write it within the transaction."""


class RowPost:
    """Rows of one kind of import."""

    def __init__(self, store: Store, actor: str, source: str, kind: str, rows: Sequence[Row]) -> None:
        """Read the rows. Raises Known where a field that every row needs is in none of them."""
        self.actor, self.source = actor, source
        self._parsed = _parsed(store, kind, rows)

    def put(self, store: Store, tx: Transaction) -> Posted:
        """Compare with what is there and write what is new."""
        parsed = self._parsed
        known = tx.connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (self.source,)).scalar()
        loader = make_loader(store, parsed, bytes(known) if known else None)
        batch = _batch_of_the_day(store, tx, self)
        total = Tally()
        for chunk in loader.chunks():
            fresh, tally = loader.compare(tx.connection, chunk)
            loader.write(tx, batch, fresh, loader.prepare(chunk))
            total.loaded += tally.loaded
            total.updated += tally.updated
            total.unchanged += tally.unchanged
            total.rejects += tally.rejects
        posted = Posted(
            parsed.kind.name, self.source, parsed.sheet.rows, total.loaded, total.updated, total.unchanged,
            _errors(parsed, total.rejects),
        )  # fmt: skip
        _book(tx, batch, posted)
        return posted

    @property
    def kind(self) -> str:
        """The kind of import."""
        return self._parsed.kind.name


@dataclass(frozen=True)
class SensorPost:
    """What a counting sensor has seen so far of a quarter hour; a later word on the same one takes its place."""

    actor: str
    source: str
    counts: tuple[WatchedCount, ...]

    def put(self, store: Store, tx: Transaction) -> Posted:
        """Keep the counts."""
        changed = keep_counts(tx, store, self.source, self.counts)
        return Posted("sensor", self.source, len(self.counts), changed, 0, len(self.counts) - changed)


def put_posts(store: Store, posts: Sequence[Post]) -> list[Posted]:
    """Write posts of different sources in one transaction: all of them or, where any fails, none.

    Raises Denied where a sender may not import (any more), Busy where another program writes.
    """
    if len({post.source for post in posts}) < len(posts):
        raise ValueError("two posts of one source in a transaction cannot see each other")
    for post in posts:
        check(store, post.actor, RIGHT, what="intake.posting")
    done = []
    with store.write("gateway", "storing what programs sent") as tx:
        for post in posts:
            tx.actor = post.actor
            done.append(post.put(store, tx))
    return done


def _parsed(store: Store, kind: str, rows: Sequence[Row]) -> Parsed:
    names = [name for name in KINDS[kind].names() if any(row.get(name) is not None for row in rows)]
    shapes = {f.name: f.shape for f in KINDS[kind].fields}
    columns = [encode(name, [_text(store, shapes[name], row.get(name)) for row in rows]) for name in names]
    sheet = Sheet("json", "utf-8", "", len(rows), tuple(columns))
    mapping = Mapping(kind, {name: name for name in names}, options=dict(OPTIONS))
    check_complete(mapping, KINDS[kind], sheet)
    return parse_sheet(sheet, mapping, store.site)


def _text(store: Store, shape: str, value: Any) -> str:
    """The value as a file would have it; an instant as milliseconds since the epoch, so that midnight stays one."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)), "f")
    text = str(value)
    if shape == "instant" and len(text) > 10:
        try:
            at = datetime.fromisoformat(text)
            return str(int((at if at.tzinfo else at.replace(tzinfo=store.site.zone)).timestamp() * 1000))
        except (ValueError, OverflowError, OSError):
            return text
    return text


def _batch_of_the_day(store: Store, tx: Transaction, post: RowPost) -> Batch:
    """The batch of this source, kind and business day, opened with its first post."""
    source = source_id(tx, post.source, post.kind)
    day, _ = business_day(now_ms(), store.site.zone, store.site.day_starts_minute)
    found = tx.connection.exec_driver_sql(
        "SELECT id FROM intake_batch WHERE source_id = ? AND kind = ? AND file = ? AND state = 'done' AND note = ? "
        "AND actor = ?",
        (source, post.kind, FILE, day, post.actor),
    ).scalar()
    if found is not None:
        return Batch(bytes(found), source, post.kind, post.actor)
    batch, at = Batch(new_id(), source, post.kind, post.actor), now_ms()
    tx.connection.exec_driver_sql(
        "INSERT INTO intake_batch (id, source_id, kind, file, state, actor, started_at, ended_at, read, loaded, "
        "updated, unchanged, rejected, first_id, last_id, note) VALUES (?, ?, ?, ?, 'done', ?, ?, ?, 0, 0, 0, 0, 0, "
        "?, ?, ?)",
        (batch.id, source, post.kind, FILE, post.actor, at, at, new_id(), new_id(), day),
    )
    tx.audit("import", f"intake_batch/{batch.id.hex()}", kind=post.kind, source=post.source, by=FILE, day=day)
    return batch


def _book(tx: Transaction, batch: Batch, posted: Posted) -> None:
    tx.connection.exec_driver_sql(
        "UPDATE intake_batch SET ended_at = ?, read = read + ?, loaded = loaded + ?, updated = updated + ?, "
        "unchanged = unchanged + ?, rejected = rejected + ?, last_id = ? WHERE id = ?",
        (now_ms(), posted.read, posted.loaded, posted.updated, posted.unchanged, posted.rejected, new_id(), batch.id),
    )
    tx.connection.exec_driver_sql("UPDATE source SET last_at = ? WHERE id = ?", (now_ms(), batch.source_id))


def _errors(parsed: Parsed, rejects: Sequence[Reject]) -> tuple[RowError, ...]:
    found = [RowError(row, column, reason) for row, (column, reason) in parsed.faults.items()]
    found += [RowError(reject.row_no - 1, reject.column, reject.reason) for reject in rejects]
    return tuple(sorted(found, key=lambda error: error.row))
