"""The jobs on APScheduler: when each runs, in its lane, with one row in the ledger for each run.

APScheduler 3.11 with its memory store: the jobs are declared in code and what ran is in the ledger, so
nothing of the schedule is stored twice. Its own triggers are not used, because they repeat a local time
that comes twice and list every missed instant; ours ask `app.service.plan`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.service.jobs import Job
from app.service.plan import Plan, first_run, next_run
from app.service.running import close_lost_run, execute
from app.service.workbench import Workbench, WorkerEnded
from models.errors import Cancelled, Known
from models.requests import answer_request, request_of, requested
from models.store import Store

LOG = logging.getLogger("atrium.service")
NOT_SCHEDULED = datetime(9000, 1, 1, tzinfo=UTC)
_ENDED_RUNS = (
    "SELECT max(planned_at), max(started_at) FROM job_run WHERE job = ? AND state NOT IN ('running', 'interrupted')"
)


class PlanTrigger(BaseTrigger):  # type: ignore[misc]
    """A plan as APScheduler asks for it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When the job runs next; missed runs are made up for by one."""
        return next_run(self.plan, now, previous_fire_time)


class OnRequestTrigger(BaseTrigger):  # type: ignore[misc]
    """For a job that is switched off: never due by itself."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """A time that does not come."""
        return NOT_SCHEDULED


def wall_now() -> datetime:
    """Now, as an aware instant."""
    return datetime.now(UTC)


class Schedule:
    """The running schedule of a site. `stopping` tells chores to end at their next step."""

    def __init__(self, store: Store, token: int, bench: Workbench, *, clock: Callable[[], datetime] = wall_now) -> None:
        self.stopping = threading.Event()
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._store = store
        self._token = token
        self._bench = bench
        self._clock = clock
        self._asked: set[str] = set()
        self._guard = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._scheduler: Any = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={lane: ThreadPoolExecutor(1) for lane in ("mart", "store")},
            job_defaults={"coalesce": True, "max_instances": 1},
        )

    def start(self, jobs: Sequence[Job], *, paused: bool = False) -> None:
        """Plan the jobs and begin."""
        self.plan(jobs)
        self._scheduler.start(paused=paused)

    def plan(self, jobs: Sequence[Job]) -> None:
        """Plan every job from the clock and the ledger: at the start, when settings or the clock have changed."""
        now = self._clock()
        self._scheduler.remove_all_jobs()
        self._jobs = {job.name: job for job in jobs}
        for rank, job in enumerate(jobs):
            plan = job.plan(self._store)
            self._scheduler.add_job(
                self._run,
                args=(job,),
                id=f"{rank:03}.{job.name}",  # jobs due together are run in the order of their id
                name=job.name,
                executor=job.lane,
                trigger=PlanTrigger(plan) if job.scheduled else OnRequestTrigger(),
                next_run_time=self._first(job, plan, now) if job.scheduled else NOT_SCHEDULED,
                misfire_grace_time=job.grace_seconds,
            )
        self._asked.clear()
        self.look_for_requests()

    def look_for_requests(self) -> None:
        """Have what people ask for run now; a request for a job that does not exist is dropped."""
        for name in requested(self._store):
            with self._guard:
                if name in self._asked:
                    continue
                self._asked.add(name)
            found = [entry for entry in self._scheduler.get_jobs() if entry.name == name]
            if not found:
                LOG.warning("someone asked for the job %s, which does not exist", name)
                answer_request(self._store, name, request_of(self._store, name))
            for entry in found:
                entry.modify(next_run_time=self._clock())

    def wakeup(self) -> None:
        """Look at the clock now: what became due while the machine slept runs at once."""
        self._scheduler.wakeup()

    def pause(self) -> None:
        """Start nothing until `resume`."""
        self._scheduler.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._scheduler.resume()

    def next_runs(self) -> dict[str, datetime]:
        """When each job runs next; a job that runs only when asked is left out."""
        return {
            job.name: job.next_run_time.astimezone(UTC)
            for job in self._scheduler.get_jobs()
            if job.next_run_time and job.next_run_time < NOT_SCHEDULED
        }

    def close(self) -> None:
        """Start nothing more, wait for the lanes: chores end at their next step, the worker is ended by its owner."""
        self.stopping.set()
        self._scheduler.shutdown(wait=True)

    def _first(self, job: Job, plan: Plan, now: datetime) -> datetime:
        with self._store.read() as connection:
            planned, started = connection.exec_driver_sql(_ENDED_RUNS, (job.name,)).one()
        return first_run(plan, now, _instant(planned), _instant(started))

    def _run(self, job: Job) -> None:
        """One run, in the job's lane. What fails is in the ledger and the log; the next due instant tries again."""
        asked = job.name in self._asked
        request = request_of(self._store, job.name) if asked else None
        if self.stopping.is_set() or not (asked or job.needed is None or job.needed(self._store)):
            return
        planned = int(job.plan(self._store).latest(self._clock()).timestamp() * 1000)
        try:
            self._do(job, None if asked else planned)
        except (Known, Cancelled) as error:
            LOG.warning("%s: %s", job.name, error)
        finally:
            if asked and not self.stopping.is_set():
                answer_request(self._store, job.name, request)
                with self._guard:
                    self._asked.discard(job.name)

    def _do(self, job: Job, planned_at: int | None) -> None:
        if job.lane == "store":
            done = execute(self._store, job, token=self._token, planned_at=planned_at, stopping=self.stopping)
            LOG.info("%s: %s", job.name, done.says)
            return
        try:
            answer = self._bench.run(
                job.name, token=self._token, planned_at=planned_at, limit_seconds=job.limit_seconds
            )
        except WorkerEnded as ended:
            close_lost_run(self._store, job.name, self._token, ended.state, ended.why)
            LOG.warning("%s: %s", job.name, ended.why)
            return
        LOG.log(logging.INFO if answer.ok else logging.WARNING, "%s: %s", job.name, answer.says)


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)
