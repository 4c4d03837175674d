"""What the Today page tells besides figures: what happened lately, and what a person should do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from models.backup import list_backups, made_at
from models.store import Store
from models.times import business_day, day_bounds

FeedKind = Literal["import", "alert", "job", "count"]
TaskKind = Literal[
    "declarations", "rejects", "silent_gates", "backup", "weights", "engines", "pairs", "fraud", "leads", "falling"
]
REVIEW_DAYS = 7
BACKUP_HOURS = 48
RESULTS_HOURS = 36
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
QUARTER_MS = 900_000
IN_USE_MS = 14 * DAY_MS


@dataclass(frozen=True)
class FeedItem:
    """Something that happened at `at` (UTC ms): `name` says to what, `state` how it ended, `facts` the rest."""

    at: int
    kind: FeedKind
    name: str
    state: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """Something to do next, with the facts of its sentence."""

    kind: TaskKind
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class SilentGate:
    """A gate that has sent nothing since `since` (UTC ms) although the mall is open."""

    code: str
    name: str
    name_zh: str | None
    since: int


@dataclass(frozen=True)
class Holdings:
    """Whether the site holds counts, sales, members and tenants at all."""

    counts: bool
    sales: bool
    members: bool
    tenants: bool

    @property
    def empty(self) -> bool:
        """Nothing to show yet."""
        return not (self.counts or self.sales or self.members)


def holdings(store: Store) -> Holdings:
    """What the site holds."""
    tables = ("count_bucket", "sale", "member", "tenant")
    asked = ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)  # noqa: S608 - fixed names
    with store.read() as connection:
        row = connection.exec_driver_sql(f"SELECT {asked}").one()
    return Holdings(*(bool(v) for v in row))


def feed(store: Store, *, limit: int = 40) -> list[FeedItem]:
    """Imports, alerts and runs, the newest first."""
    with store.read() as connection:
        imports = connection.exec_driver_sql(
            "SELECT coalesce(ended_at, started_at), kind, state, file, loaded + updated, rejected FROM intake_batch "
            "ORDER BY started_at DESC LIMIT ?",
            (limit,),
        ).fetchall()
        alerts = connection.exec_driver_sql(
            "SELECT raised_at, sentence, state, facts FROM alert ORDER BY raised_at DESC LIMIT ?", (limit,)
        ).fetchall()
        runs = connection.exec_driver_sql(
            "SELECT coalesce(ended_at, started_at), job, state, rows, message, "
            "CASE WHEN state = 'refused' THEN coalesce(error, message) ELSE message END "
            "FROM job_run ORDER BY id DESC LIMIT ?",
            (limit,),
        ).fetchall()
    found = [FeedItem(a, "import", k, s, {"file": f, "rows": n, "rejected": r}) for a, k, s, f, n, r in imports]
    found += [FeedItem(a, "alert", k, s, {"facts": f}) for a, k, s, f in alerts]
    found += [FeedItem(a, "job", k, s, {"rows": n, "message": m, "message_zh": z}) for a, k, s, n, m, z in runs]
    return sorted(found, key=lambda item: -item.at)[:limit]


def running_jobs(store: Store) -> list[tuple[str, float]]:
    """Jobs that run now, with their progress from 0 to 1."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT job, progress FROM job_run WHERE state = 'running' ORDER BY id")
        return [(job, progress) for job, progress in rows]


def last_run_at(store: Store, job: str) -> int | None:
    """When a job last ended well (UTC ms), None where it never did."""
    with store.read() as connection:
        found: int | None = connection.exec_driver_sql(
            "SELECT max(ended_at) FROM job_run WHERE job = ? AND state = 'done'", (job,)
        ).scalar_one()
    return found


def tasks(store: Store, now: int) -> list[Task]:
    """What waits for a person: rejected rows, no backup, old results, no detector weights."""
    found = []
    with store.read() as connection:
        rejected, batches = connection.exec_driver_sql(
            "SELECT coalesce(sum(rejected), 0), count(*) FROM intake_batch "
            "WHERE rejected > 0 AND state = 'done' AND started_at >= ?",
            (now - REVIEW_DAYS * DAY_MS,),
        ).one()
        cameras = connection.exec_driver_sql("SELECT count(*) FROM camera WHERE active = 1").scalar_one()
        done = connection.exec_driver_sql(
            "SELECT max(ended_at) FROM job_run WHERE job = 'kpi' AND state = 'done'"
        ).scalar_one()
    if rejected:
        found.append(Task("rejects", {"rows": int(rejected), "files": int(batches)}))
    if done is None or now - done > RESULTS_HOURS * HOUR_MS:
        found.append(Task("engines", {"at": done}))
    if (age := _backup_age_hours(store, now)) is None or age > BACKUP_HOURS:
        found.append(Task("backup", {"hours": age}))
    if cameras and not _has_weights(store):
        found.append(Task("weights", {"cameras": int(cameras)}))
    return found


def silent_gates(store: Store, now: int) -> list[SilentGate]:
    """Active gates that sent counts in the last two weeks but none for an hour of today's opening, by code.

    Where the calendar does not know today's hours, a gate is silent only while another one is counted.
    """
    site = store.site
    today, _ = business_day(now, site.zone, site.day_starts_minute)
    midnight = day_bounds(today, site.zone)[0]
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, name, name_zh, (SELECT max(bucket_start) FROM count_bucket c WHERE c.gate_id = g.id) "
            "FROM gate g WHERE active = 1 ORDER BY code"
        ).fetchall()
        hours = connection.exec_driver_sql(
            "SELECT opens_minute, closes_minute, closed FROM calendar_day WHERE day = ?", (today,)
        ).fetchone()
    seen = [(code, name, name_zh, at + QUARTER_MS) for code, name, name_zh, at in rows if at is not None]
    opened = _open_since(hours, midnight, now, max((at for *_, at in seen), default=0))
    if opened is None:
        return []
    found = [
        SilentGate(code, name, name_zh, max(at, opened)) for code, name, name_zh, at in seen if now - at < IN_USE_MS
    ]
    return [gate for gate in found if now - gate.since >= HOUR_MS]


def _open_since(hours: Any, midnight: int, now: int, newest: int) -> int | None:
    """When today's opening began (UTC ms); None while the mall is closed or nobody knows."""
    if hours is None or hours[0] is None or hours[1] is None:
        return None if (hours is not None and hours[2]) or now - newest > HOUR_MS else midnight
    opens, closes, closed = hours
    begin, end = midnight + opens * 60_000, midnight + (closes if closes > opens else closes + 1440) * 60_000
    return begin if begin <= now < end and not closed else None


def _has_weights(store: Store) -> bool:
    """Whether any model file lies there; whether it is sound is for the health checks, which hash it."""
    return any(p.suffix in (".onnx", ".xml") for p in (store.site.folder / "weights").glob("*/*"))


def _backup_age_hours(store: Store, now: int) -> int | None:
    found = list_backups(store.site.folder / "backups")
    if not found:
        return None
    return int((datetime.fromtimestamp(now / 1000, UTC) - made_at(found[0])).total_seconds() // 3600)


def newest_count_day(store: Store) -> str | None:
    """The last business day on which a gate was counted, None where none was."""
    with store.read() as connection:
        found: str | None = connection.exec_driver_sql("SELECT max(day) FROM count_bucket").scalar_one()
    return found


def night_drift(store: Store) -> tuple[str, int] | None:
    """What entries less exits came to at the newest nightly reset: the day and the people counted too many."""
    with store.read() as connection:
        row = connection.exec_driver_sql("SELECT day, drift FROM presence_day ORDER BY day DESC LIMIT 1").fetchone()
    return None if row is None else (row[0], int(row[1]))
