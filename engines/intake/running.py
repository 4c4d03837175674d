"""One import on its way: chunk by chunk into the store, or rehearsed, telling how far it is."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engines.intake import batches, take_back
from engines.intake.batches import Batch, Reject, Tally
from engines.intake.mapping import Mapping
from engines.intake.parse import Parsed
from models.connection import Connection
from models.errors import Cancelled
from models.store import Store, Transaction

REPORT_SECONDS = 0.1
#: Between two chunks the store is left free this long, so that cameras get their turn.
BREATHER_SECONDS = 0.002


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows done, of how many, at how many a second, and how long it will still take."""

    done: int
    total: int
    rows_per_second: float
    seconds_left: float | None
    what: str


@dataclass(frozen=True)
class BatchResult:
    """What an import did: `batch` is None for a dry run; counts are rows of the file and add up to `read`."""

    batch: bytes | None
    kind: str
    source: str
    read: int
    loaded: int
    updated: int
    unchanged: int
    rejected: int
    seconds: float
    mapping: Mapping
    ignored: tuple[str, ...]
    notes: tuple[str, ...]
    dry_run: bool = False
    rejects: tuple[Reject, ...] = field(default=(), repr=False)

    def document(self) -> dict[str, Any]:
        """The result as the command line prints it."""
        document = {
            "batch": self.batch.hex() if self.batch else None, "kind": self.kind, "source": self.source,
            "read": self.read, "loaded": self.loaded, "updated": self.updated, "unchanged": self.unchanged,
            "rejected": self.rejected, "seconds": round(self.seconds, 3),
            "mapping": {**self.mapping.columns, **{k: {"constant": v} for k, v in self.mapping.constants.items()}},
            "confidence": self.mapping.confidence, "ignored": list(self.ignored), "notes": list(self.notes),
        }  # fmt: skip
        return {**document, "dry_run": True} if self.dry_run else document


@dataclass(frozen=True)
class Sender:
    """Who imports into which store, and the code of the source that the file comes from."""

    store: Store
    actor: str
    source: str


class Loader(Protocol):
    """What each kind of import brings: chunks of rows, compared with the store, then written."""

    parsed: Parsed

    def chunks(self) -> Iterator[Any]:
        """Stretches of rows, each with `rows`, their number."""

    def compare(self, connection: Connection, chunk: Any) -> tuple[Any, Tally]:
        """What of the chunk is to be written, and what becomes of each of its rows."""

    def prepare(self, chunk: Any) -> Any:
        """What can be worked out for the chunk without the store."""

    def write(self, tx: Transaction, batch: Batch, fresh: Any, prepared: Any) -> None:
        """Write it."""


def stop_if(stop: Callable[[], bool]) -> None:
    """Raise Cancelled where someone asked to stop."""
    if stop():
        raise Cancelled


#: Store, parsed file and the source's id (None where it does not exist yet) to the loader of the file's kind.
MakeLoader = Callable[[Store, Parsed, bytes | None], Loader]


class Teller:
    """Tells how far the import is, ten times a second at most, and once at the end."""

    def __init__(self, progress: Callable[[Progress], None] | None, rows: int, began: float) -> None:
        self.began = began
        self._progress, self._rows, self._last = progress, rows, 0.0

    def tell(self, done: int, what: str) -> None:
        """Report `done` rows of the step `what`."""
        now = time.monotonic()
        if self._progress is None or (now - self._last < REPORT_SECONDS and done < self._rows):
            return
        self._last = now
        rate = done / max(now - self.began, 1e-6)
        self._progress(Progress(done, self._rows, rate, (self._rows - done) / rate if rate else None, what))


class Import:
    """One import on its way."""

    def __init__(
        self, sender: Sender, parsed: Parsed, make_loader: MakeLoader, teller: Teller, stop: Callable[[], bool]
    ) -> None:
        self._store, self._actor, self._source = sender.store, sender.actor, sender.source
        self._parsed, self._make_loader, self._teller, self._stop = parsed, make_loader, teller, stop

    def rehearse(self) -> BatchResult:
        """Say what would happen; the store is only read."""
        with self._store.read() as connection:
            source = connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (self._source,)).scalar()
        loader = self._make_loader(self._store, self._parsed, bytes(source) if source else None)
        total, done = Tally(), len(self._parsed.faults)
        for chunk in loader.chunks():
            stop_if(self._stop)
            with self._store.read() as connection:
                _, tally = loader.compare(connection, chunk)
            _add(total, tally)
            done += chunk.rows
            self._teller.tell(done, "checking")
        return self._result(None, total)

    def run(self, path: Path) -> BatchResult:
        """Load everything, or put everything back."""
        sha256 = _sha256(path)
        batch = batches.open_batch(
            self._store, self._actor, self._parsed.kind.name, source=self._source, file=path.name, sha256=sha256
        )
        try:
            total = self._load(self._make_loader(self._store, self._parsed, batch.source_id), batch)
        except BaseException as error:
            ends_as = "cancelled" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed"
            take_back.take_back(self._store, self._actor, batch.id, ends_as)
            raise
        result = self._result(batch.id, total)
        saved = json.dumps(self._parsed.mapping.document(), ensure_ascii=False)
        counts = Tally(total.loaded, total.updated, total.unchanged)
        batches.close_batch(
            self._store,
            batch,
            counts,
            read=result.read,
            rejected=result.rejected,
            mapping=saved,
            note=" ".join(result.notes),
        )
        return result

    def _load(self, loader: Loader, batch: Batch) -> Tally:
        """Chunk by chunk, each in its own transaction; the next is prepared while SQLite commits this one."""
        total, done = Tally(), len(self._parsed.faults)
        self._keep_faults(batch)
        chunks = loader.chunks()
        chunk = next(chunks, None)
        prepared = loader.prepare(chunk) if chunk is not None else None
        with ThreadPoolExecutor(1, "intake") as ahead:
            while chunk is not None:
                stop_if(self._stop)
                with self._store.write(self._actor, f"importing {batch.kind}") as tx:
                    fresh, tally = loader.compare(tx.connection, chunk)
                    loader.write(tx, batch, fresh, prepared)
                    batches.write_rejects(tx, batch, tally.rejects)
                    done += chunk.rows
                    if (chunk := next(chunks, None)) is not None:
                        following = ahead.submit(loader.prepare, chunk)
                _add(total, tally)
                self._teller.tell(done, "loading")
                time.sleep(BREATHER_SECONDS)
                prepared = following.result() if chunk is not None else None
        stop_if(self._stop)
        return total

    def _keep_faults(self, batch: Batch) -> None:
        rejects = self._faults()
        for at in range(0, len(rejects), 20_000):
            stop_if(self._stop)
            with self._store.write(self._actor, f"importing {batch.kind}") as tx:
                batches.write_rejects(tx, batch, rejects[at : at + 20_000])

    def _faults(self) -> list[Reject]:
        sheet = self._parsed.sheet
        return [
            Reject(row + 1, column, reason, sheet.raw(row))
            for row, (column, reason) in sorted(self._parsed.faults.items())
        ]

    def _result(self, batch: bytes | None, total: Tally) -> BatchResult:
        parsed = self._parsed
        rejects = (*self._faults(), *total.rejects)
        return BatchResult(
            batch, parsed.kind.name, self._source, parsed.sheet.rows, total.loaded, total.updated, total.unchanged,
            len(rejects), time.monotonic() - self._teller.began, parsed.mapping, parsed.mapping.ignored(parsed.sheet),
            tuple(parsed.notes), batch is None, tuple(sorted(rejects, key=lambda r: r.row_no)),
        )  # fmt: skip


def _add(total: Tally, more: Tally) -> None:
    total.loaded += more.loaded
    total.updated += more.updated
    total.unchanged += more.unchanged
    total.rejects += more.rejects


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
