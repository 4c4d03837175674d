"""The site's jobs, declared in code: the engines by their cards, and the chores that keep the store well.

Two lanes of one run each: what needs the mart (and its libraries) runs in the worker process, what
needs only the store runs in the service. Within a lane nothing runs beside anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from app.service import chores, comparing, identity, segments
from app.service.plan import Every, Plan, plan_of
from app.service.progress import Progress
from engines.contract import Engine
from models import settings
from models.errors import Known
from models.store import Store

Lane = Literal["mart", "store"]
MART_EVERY = "5m"
CAPTURE_EVERY = "1h"
#: A run may take this many times its engine's budget, but at least ten minutes, before it is ended.
PATIENCE = 20
LEAST_LIMIT_SECONDS = 600.0
CHORE_LIMIT_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class Job:
    """A job: what runs, when, in which lane.

    `grace_seconds` is how late it may start (None: however late, missed runs are made up for by one).
    `scheduled` is false for a job that is switched off: it runs only when asked. `needed` says whether
    there is anything to do; where not, a due instant passes without a row in the ledger.
    """

    name: str
    title: str
    title_zh: str
    every: str
    lane: Lane
    engine: Engine | None = None
    work: Callable[[Store, Progress], chores.Outcome] | None = None
    needed: Callable[[Store], bool] | None = None
    grace_seconds: int | None = None
    limit_seconds: float = CHORE_LIMIT_SECONDS
    scheduled: bool = True

    def plan(self, store: Store) -> Plan:
        """When it is due at this site."""
        return plan_of(self.every, store.site.zone)


def all_jobs(store: Store) -> tuple[Job, ...]:
    """Every job of the site, in the order in which those due at one instant run."""
    from engines.driver import order
    from engines.registry import ENGINES

    analyses = bool(settings.read(store, "feature.analyses"))
    engines = tuple(_engine_job(store, engine, scheduled=analyses) for engine in order(ENGINES))
    return (_MART, _CAPTURE, replace(_IDENTITY, scheduled=analyses), *engines, _SEGMENTS, *_chores(store))


def job_named(store: Store, name: str) -> Job:
    """The job of that name. Raises Known (bad use) with the names there are."""
    jobs = all_jobs(store)
    for job in jobs:
        if job.name == name:
            return job
    raise Known(f"There is no job '{name}'.", f"Choose one of: {', '.join(job.name for job in jobs)}.", code=2)


def _engine_job(store: Store, engine: Engine, *, scheduled: bool) -> Job:
    """A job for an engine: a quarter-hourly one that comes late gives way to the next, a nightly one is made up for."""
    plan = plan_of(engine.every, store.site.zone)
    grace = plan.seconds if isinstance(plan, Every) else None
    limit = max(LEAST_LIMIT_SECONDS, PATIENCE * engine.budget_seconds)
    return Job(
        engine.name, engine.title, engine.title_zh, engine.every, "mart", engine=engine,
        grace_seconds=grace, limit_seconds=limit, scheduled=scheduled,
    )  # fmt: skip


def _chores(store: Store) -> tuple[Job, ...]:
    value = settings.read_all(store)

    def text(name: str) -> str:
        return str(value[name][0])

    return (
        Job("backup", "Backup", "备份", text("backup.at"), "store", work=chores.back_up,
            scheduled=bool(value["feature.backups"][0])),
        Job("restore_drill", "Restore drill", "恢复演练", text("backup.drill_at"), "store", work=chores.prove_backup,
            needed=chores.proof_is_due, scheduled=bool(value["feature.backups"][0])),
        Job("backup_watch", "Backup watch", "备份监视", "1h", "store", work=chores.watch_backups,
            needed=chores.watch_is_needed, grace_seconds=3600),
        Job("audit", "Audit check", "审计校验", text("jobs.audit_at"), "store", work=chores.verify_audit),
        Job("tidy", "Tidying", "清理", text("jobs.tidy_at"), "store", work=chores.tidy),
        Job(comparing.JOB, "Comparison with the hub", "与中心核对", comparing.AT, "store", work=comparing.compare,
            needed=comparing.has_joined),
        Job(comparing.GOLDEN, "Golden records from elsewhere", "其他节点的客户档案", comparing.GOLDEN_EVERY, "store",
            work=comparing.follow, needed=comparing.golden_are_behind, grace_seconds=300),
        Job("erasures", "Erasures made elsewhere", "执行其他节点的删除", "5m", "mart", work=chores.carry_out_erasures,
            needed=chores.erasures_are_due, grace_seconds=300),
    )  # fmt: skip


_MART = Job(
    "mart", "Data mart", "数据集市", MART_EVERY, "mart", work=chores.refresh_mart, needed=chores.mart_is_behind,
    grace_seconds=300,
)  # fmt: skip
_IDENTITY = Job(
    "identity", "Who is who", "身份识别", "02:00", "mart", work=identity.resolve_identities,
    needed=identity.people_have_changed,
)  # fmt: skip
_SEGMENTS = Job(segments.JOB, "Segments", "客户分群", "05:50", "mart", work=segments.run_all, needed=segments.any_live)
_CAPTURE = Job("capture", "Change capture check", "变更捕获校验", CAPTURE_EVERY, "mart", work=chores.verify_capture)
