"""Importing a file and taking an import back: the two acts of intake, each audited."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engines.access import approvals
from engines.access.guard import guarded
from engines.intake import take_back
from engines.intake.fields import KINDS
from engines.intake.files import read_sheet
from engines.intake.loaders import make_loader
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
from engines.intake.parse import parse_sheet
from engines.intake.running import BatchResult, Import, Progress, Sender, Teller, stop_if
from engines.intake.sheet import Sheet
from models import settings
from models.errors import Cancelled, Known
from models.store import Store, Transaction

#: What an import corrects by a new revision, not by a change of rows.
REVISED = ("counts", "declarations")
#: What is booked as money: correcting it takes two.
LEDGERS = ("sales", "declarations", "leases", "money")


@guarded
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
    began, path = time.monotonic(), Path(file)
    stop = cancelled or (lambda: False)
    options = mapping.options if isinstance(mapping, Mapping) else (mapping or {}).get("options", {})
    with _collector_paused():
        sheet = read_sheet(path, **{k: options[k] for k in ("encoding", "delimiter", "sheet") if k in options})
        code = source or default_source(kind, sheet)
        chosen = choose_mapping(store, kind, sheet, code, mapping)
        stop_if(stop)
        parsed = parse_sheet(sheet, chosen, store.site)
        stop_if(stop)
        teller = Teller(progress, sheet.rows, began)
        work = Import(Sender(store, actor, code), parsed, make_loader, teller, stop)
        if dry_run:
            return work.rehearse()
        with import_lock(store.site, stop):
            roll_back_dead(store, actor)
            return work.run(path)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """An import makes rows by the million and no cycles; looking for cycles among them took a tenth of its time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


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


@guarded
def undo_batch(store: Store, actor: str, batch: bytes) -> int:
    """Take an import back; returns how many rows went or came back.

    What the batch made and something else uses by now stays. Raises Known where a row it changed was
    changed again since: that change would be lost. Money and points need a second person (`approvals.Waiting`).
    """
    _ask_another(store, actor, batch)
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
            _refuse_without_images(tx, batch)
            tx.connection.exec_driver_sql("UPDATE intake_batch SET state = 'undoing' WHERE id = ?", (batch,))
        return take_back.take_back(store, actor, batch, "undone")


def _refuse_without_images(tx: Transaction, batch: bytes) -> None:
    """What an import changed can be put back only while the rows of before are kept (see engines.privacy.retention).

    Counts keep none: their corrections are revisions, and the one before counts again.
    """
    kind, updated, kept = tx.connection.exec_driver_sql(
        "SELECT kind, updated, (SELECT count(*) FROM intake_before WHERE batch_id = b.id) FROM intake_batch b "
        "WHERE id = ?",
        (batch,),
    ).one()
    if updated and not kept and kind not in REVISED:
        raise Known(
            "The rows as they were before this import are no longer kept.", "Correct them with a new import.", code=2,
            sentence_zh="该导入之前的数据行已不再保留。", step_zh="请用新的导入更正。",
        )  # fmt: skip


def _ask_another(store: Store, actor: str, batch: bytes) -> None:
    """Ledgers are not corrected by one person alone, where the site wants it so and people sign in."""
    if not settings.read(store, "access.two_person"):
        return
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT kind, file FROM intake_batch WHERE id = ? AND state = 'done'", (batch,)
        ).one_or_none()
    if row is not None and row[0] in LEDGERS:
        approvals.ensure(store, actor, "undo_import", {"batch": batch.hex(), "kind": row[0]}, str(row[1]))


def recover(store: Store, actor: str) -> int:
    """Put right what an import that died left behind; returns how many batches. For the start of a program.

    Does nothing while an import runs: it will do so itself.
    """
    try:
        with import_lock(store.site, lambda: True):
            return roll_back_dead(store, actor)
    except Cancelled:
        return 0


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


__all__ = ["BatchResult", "Progress", "import_file", "recover", "undo_batch"]
