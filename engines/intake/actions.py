"""Importing a file and taking an import back: the two acts of intake, each audited."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from engines.intake import batches, take_back
from engines.intake.batches import Batch, Reject, Tally
from engines.intake.fields import KINDS
from engines.intake.files import read_sheet
from engines.intake.lock import import_lock
from engines.intake.mapping import (
    Mapping,
    check_columns,
    check_complete,
    default_source,
    fit_saved,
    from_document,
    guess,
    with_guess,
)
from engines.intake.parse import Parsed, parse_sheet
from engines.intake.sheet import Sheet
from models.errors import Cancelled, Known
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


def import_file(
    store: Store,
    actor: str,
    kind: str,
    file: Path | str,
    *,
    mapping: Mapping | dict[str, Any] | None = None,
    source: str | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BatchResult:
    """Load a file's rows, once each; bad rows are kept with their reason, good ones load.

    Without a mapping the one saved for the source is used, else one is guessed. Raises Known for a file
    that cannot be read or mapped, Cancelled after everything half-done has been put back.
    """
    if kind not in KINDS:
        raise Known(f"There is no import of '{kind}'.", f"Choose one of {', '.join(KINDS)}.", code=2)
    began = time.monotonic()
    stop = cancelled or (lambda: False)
    path = Path(file)
    options = mapping.options if isinstance(mapping, Mapping) else (mapping or {}).get("options", {})
    sheet = read_sheet(path, **{k: options[k] for k in ("encoding", "delimiter", "sheet") if k in options})
    code = source or default_source(kind, sheet)
    chosen = choose_mapping(store, kind, sheet, code, mapping)
    _stop_if(stop)
    parsed = parse_sheet(sheet, chosen, store.site)
    _stop_if(stop)
    work = _Import(store, actor, code, parsed, progress, stop, began)
    if dry_run:
        return work.rehearse()
    with import_lock(store.site, stop):
        roll_back_dead(store, actor)
        return work.run(path)


def choose_mapping(
    store: Store, kind: str, sheet: Sheet, source: str, given: Mapping | dict[str, Any] | None = None
) -> Mapping:
    """The mapping for a file. Raises Known where it is not complete.

    A `Mapping` is taken as it is; a document (a map file's) leaves what it does not name to the guess;
    without either it is the one saved for the source, else guessed.
    """
    if isinstance(given, dict):
        chosen = with_guess(from_document(given, KINDS[kind]), sheet)
    else:
        chosen = given or saved_mapping(store, kind, source, sheet) or guess(KINDS[kind], sheet)
    check_columns(chosen, sheet)
    check_complete(chosen, KINDS[kind], sheet)
    return chosen


def saved_mapping(store: Store, kind: str, source: str, sheet: Sheet | None = None) -> Mapping | None:
    """The mapping that the source's last import used, fitted to the file; None where there is none."""
    with store.read() as connection:
        text = connection.exec_driver_sql("SELECT mapping FROM source WHERE code = ?", (source,)).scalar()
    document = json.loads(text) if text is not None else {}
    if document.get("kind") != kind:
        return None
    saved = from_document(document, KINDS[kind])
    return fit_saved(saved, sheet) if sheet is not None else saved


def undo_batch(store: Store, actor: str, batch: bytes) -> int:
    """Take an import back; returns how many rows went or came back.

    What the batch made and something else uses by now stays. Raises Known where a row it changed was
    changed again since: that change would be lost.
    """
    with import_lock(store.site):
        roll_back_dead(store, actor)
        with store.write(actor, "taking back an import") as tx:
            row = tx.connection.exec_driver_sql(
                "SELECT state, ended_at FROM intake_batch WHERE id = ?", (batch,)
            ).one_or_none()
            if row is None:
                raise Known("There is no such import.", "See: python main.py batches", code=2)
            if row[0] != "done":
                raise Known(f"This import is {row[0]}; there is nothing to take back.", code=2)
            take_back.refuse_if_changed_since(tx.connection, batch, int(row[1]))
            tx.connection.exec_driver_sql("UPDATE intake_batch SET state = 'undoing' WHERE id = ?", (batch,))
        return take_back.take_back(store, actor, batch, "undone")


def roll_back_dead(store: Store, actor: str) -> int:
    """Finish what processes that died left half-done; the caller holds the import lock. Returns how many batches."""
    with store.read() as connection:
        dead = connection.exec_driver_sql(
            "SELECT id, state FROM intake_batch WHERE state IN ('loading', 'undoing') ORDER BY id DESC"
        ).fetchall()
    for batch, state in dead:
        ends_as = "undone" if state == "undoing" else "failed"
        take_back.take_back(store, actor, bytes(batch), ends_as, None if ends_as == "undone" else "its process ended")
    return len(dead)


def _stop_if(stop: Callable[[], bool]) -> None:
    if stop():
        raise Cancelled


class _Import:
    """One import on its way."""

    def __init__(
        self,
        store: Store,
        actor: str,
        source: str,
        parsed: Parsed,
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool],
        began: float,
    ) -> None:
        self._store, self._actor, self._source, self._parsed = store, actor, source, parsed
        self._progress, self._stop, self._began = progress, stop, began
        self._told, self._rate_from = 0.0, time.monotonic()

    def rehearse(self) -> BatchResult:
        """Say what would happen; the store is only read."""
        from engines.intake.loaders import make_loader

        with self._store.read() as connection:
            source = connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (self._source,)).scalar()
        loader = make_loader(self._store, self._parsed, bytes(source) if source else None)
        total, done = Tally(), self._faulty()
        for chunk in loader.chunks():
            _stop_if(self._stop)
            with self._store.read() as connection:
                _, tally = loader.compare(connection, chunk)
            _add(total, tally)
            done += chunk.rows
            self._tell(done, "checking")
        return self._result(None, total)

    def run(self, path: Path) -> BatchResult:
        """Load everything, or put everything back."""
        from engines.intake.loaders import make_loader

        sha256 = _sha256(path)
        batch = batches.open_batch(self._store, self._actor, self._parsed.kind.name, self._source, path.name, sha256)
        try:
            total = self._load(make_loader(self._store, self._parsed, batch.source_id), batch)
        except BaseException as error:
            ends_as = "cancelled" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed"
            take_back.take_back(self._store, self._actor, batch.id, ends_as)
            raise
        result = self._result(batch.id, total)
        batches.close_batch(
            self._store, batch, result.read, total, result.rejected,
            json.dumps(self._parsed.mapping.document(), ensure_ascii=False), " ".join(result.notes),
        )  # fmt: skip
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
                _stop_if(self._stop)
                with self._store.write(self._actor, f"importing {batch.kind}") as tx:
                    fresh, tally = loader.compare(tx.connection, chunk)
                    loader.write(tx, batch, fresh, prepared)
                    batches.write_rejects(tx, batch, tally.rejects)
                    done += chunk.rows
                    if (chunk := next(chunks, None)) is not None:
                        following = ahead.submit(loader.prepare, chunk)
                _add(total, tally)
                self._tell(done, "loading")
                time.sleep(BREATHER_SECONDS)
                prepared = following.result() if chunk is not None else None
        _stop_if(self._stop)
        return total

    def _keep_faults(self, batch: Batch) -> None:
        rejects = self._faults()
        for at in range(0, len(rejects), 20_000):
            _stop_if(self._stop)
            with self._store.write(self._actor, f"importing {batch.kind}") as tx:
                batches.write_rejects(tx, batch, rejects[at : at + 20_000])

    def _faults(self) -> list[Reject]:
        sheet = self._parsed.sheet
        return [
            Reject(row + 1, column, reason, sheet.raw(row)) for row, (column, reason) in sorted(self._parsed.faults.items())
        ]

    def _faulty(self) -> int:
        return len(self._parsed.faults)

    def _tell(self, done: int, what: str) -> None:
        now, rows = time.monotonic(), self._parsed.sheet.rows
        if self._progress is None or (now - self._told < REPORT_SECONDS and done < rows):
            return
        self._told = now
        rate = done / max(now - self._began, 1e-6)
        self._progress(Progress(done, rows, rate, (rows - done) / rate if rate else None, what))

    def _result(self, batch: bytes | None, total: Tally) -> BatchResult:
        parsed = self._parsed
        rejects = (*self._faults(), *total.rejects)
        return BatchResult(
            batch, parsed.kind.name, self._source, parsed.sheet.rows, total.loaded, total.updated, total.unchanged,
            len(rejects), time.monotonic() - self._began, parsed.mapping, parsed.mapping.ignored(parsed.sheet),
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


__all__ = ["BatchResult", "Progress", "import_file", "undo_batch"]
