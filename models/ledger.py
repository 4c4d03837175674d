"""The ledger of runs: what ran, as of when, how far it got, how it ended."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from models.errors import Cancelled, Known, NotEnoughData
from models.rights import require
from models.store import Store, Transaction
from models.times import now_ms

ENDED = ("done", "failed", "refused", "cancelled", "interrupted")


@dataclass(frozen=True)
class Run:
    """One row of the ledger; instants are UTC milliseconds, `progress` goes from 0 to 1.

    `error` is what `detail_of` kept: a traceback, or for a refused run the refusal in Chinese.
    """

    id: int
    job: str
    state: str
    started_at: int
    ended_at: int | None
    progress: float
    message: str | None
    rows: int | None
    seconds: float | None
    error: str | None
    attempts: int
    cancel_requested: int

    @property
    def said(self) -> tuple[str, str]:
        """What the run said, in English and, where it was refused, in Chinese; else twice the same."""
        english = self.message or ""
        return english, (self.error if self.state == "refused" else "") or english

    @property
    def refusal(self) -> tuple[str, str]:
        """Why too little data stopped it, in English and in Chinese; two empty texts where it did not."""
        return self.said if self.state == "refused" else ("", "")

    @property
    def trace(self) -> str:
        """The traceback of a run that failed by our fault, else nothing."""
        return "" if self.state == "refused" else self.error or ""


def start(
    store: Store, job: str, *, version: str = "", as_of: int = 0, planned_at: int | None = None, token: int = 0
) -> int:
    """Open a run and return its id."""
    with store.write("service", f"starting {job}") as tx:
        tx.touch("job_run")
        row = tx.connection.exec_driver_sql(
            "INSERT INTO job_run (job, version, as_of, planned_at, started_at, state, progress, token, attempts, "
            "cancel_requested) VALUES (?, ?, ?, ?, ?, 'running', 0.0, ?, 1, 0) RETURNING id",
            (job, version, as_of, planned_at, now_ms(), token),
        )
        return int(row.scalar_one())


def detail_of(error: Exception) -> str | None:
    """What `finish` keeps beside an error's sentence: the Chinese one of a refusal, the end of the traceback of a
    fault of ours, nothing for the world's faults and for what a person stopped."""
    if isinstance(error, NotEnoughData):
        return error.missing_zh
    if isinstance(error, Known | Cancelled):
        return None
    return "".join(traceback.format_exception(error))[-4000:]


def finish(
    tx: Transaction,
    run_id: int,
    state: str,
    *,
    rows: int | None = None,
    seconds: float | None = None,
    message: str | None = None,
    error: str | None = None,
) -> None:
    """Close a run inside the transaction that holds its results, so that both stand or fall together."""
    tx.touch("job_run")
    tx.connection.exec_driver_sql(
        "UPDATE job_run SET state = ?, ended_at = ?, rows = ?, seconds = ?, message = ?, error = ?, "
        "progress = CASE WHEN ? = 'done' THEN 1.0 ELSE progress END WHERE id = ?",
        (state, now_ms(), rows, seconds, message, error, state, run_id),
    )


def report(store: Store, run_id: int, progress: float, message: str | None = None) -> bool:
    """Write a run's progress (call at most once a second); True when someone asked it to stop."""
    with store.write("service", "progress") as tx:
        tx.touch("job_run")
        row = tx.connection.exec_driver_sql(
            "UPDATE job_run SET progress = ?, message = ? WHERE id = ? RETURNING cancel_requested",
            (progress, message, run_id),
        )
        return bool(row.scalar_one())


def ask_to_stop(store: Store, actor: str, run_id: int) -> None:
    """Ask a running job to stop; it looks between its steps. Raises Denied without the right to run."""
    require(store, actor, "run", f"job_run/{run_id}")
    with store.write(actor, "stopping a job") as tx:
        tx.touch("job_run")
        tx.connection.exec_driver_sql(
            "UPDATE job_run SET cancel_requested = 1 WHERE id = ? AND state = 'running'", (run_id,)
        )
        tx.audit("stop", f"job_run/{run_id}")


def interrupt_orphans(store: Store, token: int) -> int:
    """Mark runs left 'running' by runners before `token` as interrupted; returns how many."""
    with store.write("service", "closing runs of a dead runner") as tx:
        tx.touch("job_run")
        done = tx.connection.exec_driver_sql(
            "UPDATE job_run SET state = 'interrupted', ended_at = ?, error = 'its process ended before it did' "
            "WHERE state = 'running' AND token > 0 AND token < ?",
            (now_ms(), token),
        )
        return int(done.rowcount)


def refusal(store: Store, job: str) -> tuple[str, str]:
    """Why a job's newest run was refused, in English and in Chinese; two empty texts where it was not."""
    newest = next(iter(runs(store, job=job, limit=1)), None)
    return newest.refusal if newest is not None else ("", "")


def runs(store: Store, *, job: str | None = None, limit: int = 50, before: int | None = None) -> list[Run]:
    """The newest runs first, paged by id (`before` is the last id of the page before)."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, job, state, started_at, ended_at, progress, message, rows, seconds, error, attempts, "
            "cancel_requested FROM job_run WHERE (? IS NULL OR job = ?) AND (? IS NULL OR id < ?) "
            "ORDER BY id DESC LIMIT ?",
            (job, job, before, before, limit),
        )
        return [Run(*row) for row in rows]
