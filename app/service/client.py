"""What the desktop and the command line see of the service: whether it runs, what it will do, and how to start it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.service.jobs import Job, all_jobs, job_named
from app.service.plan import next_run
from app.service.processes import program
from models import lease, ledger
from models.errors import Known
from models.ledger import Run
from models.requests import request_run, requested
from models.store import Store


@dataclass(frozen=True)
class JobState:
    """A job as a page shows it. `next_at` (UTC ms) is None for one that runs only when asked."""

    name: str
    title: str
    title_zh: str
    every: str
    next_at: int | None
    asked: bool
    running: bool
    last: Run | None


@dataclass(frozen=True)
class ServiceState:
    """Whether a service runs the site, which, since when (UTC ms, 0 when none), and its jobs."""

    running: bool
    owner: str
    pid: int
    since: int
    jobs: tuple[JobState, ...]


def service_state(store: Store, now: datetime | None = None) -> ServiceState:
    """The service and its jobs as of `now` (default: the clock)."""
    held = lease.holder(store)
    now = now or datetime.now(UTC)
    asked = set(requested(store))
    jobs = tuple(_job_state(store, job, now, asked) for job in all_jobs(store))
    return ServiceState(
        held is not None, held.owner if held else "", held.pid if held else 0, held.since if held else 0, jobs
    )


def run_now(store: Store, actor: str, name: str) -> bool:
    """Ask the service for a run of the job; False where no service runs, and nothing was asked.

    Raises Known (bad use) for a job that does not exist.
    """
    job_named(store, name)
    if lease.holder(store) is None:
        return False
    request_run(store, actor, name)
    return True


def stop_run(store: Store, actor: str, run: int) -> None:
    """Ask a running job to stop. Raises Known where no such run is running."""
    with store.read() as connection:
        state = connection.exec_driver_sql("SELECT state FROM job_run WHERE id = ?", (run,)).scalar()
    if state != "running":
        raise Known(f"Run {run} is not running{f' ({state})' if state else ''}.", "Run: python main.py jobs", code=2)
    ledger.ask_to_stop(store, actor, run)


def start_child(folder: Path) -> subprocess.Popen[bytes]:
    """Start the service of the site as a child that ends when this process does.

    It leaves at once, with status 3, where a service already runs; its log is in the site's logs/.
    """
    return subprocess.Popen(
        program(folder, "service", "--child", str(os.getpid())),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _job_state(store: Store, job: Job, now: datetime, asked: set[str]) -> JobState:
    newest = ledger.runs(store, job=job.name, limit=1)
    last = newest[0] if newest else None
    due = int(next_run(job.plan(store), now, None).timestamp() * 1000) if job.scheduled else None
    running = last is not None and last.state == "running"
    return JobState(job.name, job.title, job.title_zh, job.every, due, job.name in asked, running, last)
