"""Running one job to its end, with its row in the ledger: the same for the service, its worker and the command line."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from app.service.jobs import Job
from app.service.progress import Interrupted, Progress
from models import ledger
from models.errors import Cancelled
from models.lease import fence
from models.store import Store


@dataclass(frozen=True)
class Done:
    """A run that ended well."""

    job: str
    run: int
    rows: int
    seconds: float
    says: str


def execute(
    store: Store,
    job: Job,
    *,
    token: int = 0,
    planned_at: int | None = None,
    stopping: threading.Event | None = None,
) -> Done:
    """Run the job. `token` is the runner's lease (0: none, at the command line); its result stands or falls with it.

    Raises what the job raises, after the ledger has it: Known, Cancelled, or the bug itself.
    """
    try:
        if job.engine is None:
            return _chore(store, job, token, planned_at, stopping)
        from engines.driver import run_engine

        guard = fence(token) if token else None
        made = run_engine(store, job.engine, token=token, planned_at=planned_at, fence=guard)
    except KeyboardInterrupt as error:
        close_lost_run(store, job.name, token, "cancelled", "a person stopped it")
        raise Cancelled("a person stopped it") from error
    return Done(job.name, made.run, made.rows, made.seconds, f"{made.rows} rows")


def _chore(store: Store, job: Job, token: int, planned_at: int | None, stopping: threading.Event | None) -> Done:
    if job.work is None:
        raise ValueError(f"the job {job.name} has nothing to run")
    run = ledger.start(store, job.name, planned_at=planned_at, token=token)
    began = time.perf_counter()
    try:
        outcome = job.work(store, Progress(store, run, stopping=stopping))
        seconds = time.perf_counter() - began
        with store.write("service", f"storing {job.name}") as tx:
            if token:
                fence(token)(tx)
            ledger.finish(tx, run, "done", rows=outcome.rows, seconds=seconds, message=outcome.says)
    except Exception as error:
        _close(store, run, error, time.perf_counter() - began)
        raise
    return Done(job.name, run, outcome.rows, seconds, outcome.says)


def _close(store: Store, run: int, error: Exception, seconds: float) -> None:
    """Close the run with the reason: a sentence for the world's fault, a traceback for ours."""
    state = "failed"
    if isinstance(error, Cancelled):
        state = "interrupted" if isinstance(error, Interrupted) else "cancelled"
    with store.write("service", "closing a run") as tx:
        ledger.finish(tx, run, state, seconds=seconds, message=str(error), error=ledger.detail_of(error))


def close_lost_run(store: Store, job: str, token: int, state: str, why: str) -> None:
    """Close what a worker that died has left 'running' under this lease."""
    with store.write("service", "closing a run") as tx:
        rows = tx.connection.exec_driver_sql(
            "SELECT id FROM job_run WHERE job = ? AND token = ? AND state = 'running'", (job, token)
        ).fetchall()
        for (run,) in rows:
            ledger.finish(tx, run, state, message=why)
