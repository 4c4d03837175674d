"""What the service does besides engines: the mart, checks, backups, and taking out what is no longer needed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.service.progress import Progress
from models import changes, logs, settings
from models.errors import Known
from models.mart_state import mart_state
from models.store import Store
from models.sync.state import hub_mark
from models.tables import TABLES
from models.times import business_day, now_ms

DAY_MS = 86_400_000
#: Rows removed in one transaction, so that nobody waits for the tidying.
CHUNK = 10_000


@dataclass(frozen=True)
class Outcome:
    """What a chore did: rows (or files) it dealt with, and a sentence."""

    rows: int
    says: str


def mart_is_behind(store: Store) -> bool:
    """Whether there is anything for `refresh_mart` to do."""
    return mart_state(store).behind != 0


def refresh_mart(store: Store, progress: Progress) -> Outcome:
    """Bring the mart up to the store."""
    from models import mart

    progress(0.0, "reading the change log")
    done = mart.refresh(store)
    return Outcome(done.rows, f"{done.files} files written")


def verify_capture(store: Store, progress: Progress) -> Outcome:
    """Check the triggers that log changes; mend what is missing and write the mart anew, as changes may be unlogged."""
    progress(0.0, "checking the triggers")
    with store.read() as connection:
        wrong = changes.verify_triggers(connection)
    if not wrong:
        return Outcome(0, "change capture is whole")
    with store.write("service", "restoring change capture") as tx:
        changes.install_triggers(tx.connection)
        tx.audit("mend", "triggers", wrong=wrong)
    from models import mart

    progress(0.5, "writing the mart anew")
    done = mart.rebuild(store)
    return Outcome(done.rows, f"{len(wrong)} triggers were missing or changed; capture restored, mart written anew")


def back_up(store: Store, progress: Progress) -> Outcome:
    """Make a verified backup and let go of those that are no longer kept."""
    from app.service.recovery import back_up_site

    progress(0.0, "copying the store")
    saved = back_up_site(store, "service", report=progress, tidy=True)
    made = saved.made
    told = [f"{made.path.name}, {made.size // 1024} KB; {saved.removed} old ones removed"]
    told += [f"copied to {folder}" for folder in saved.copies] + [trouble.sentence for trouble in saved.troubles]
    return Outcome(sum(made.rows.values()), "; ".join(told))


def prove_backup(store: Store, progress: Progress) -> Outcome:
    """Restore the newest backup into a scratch folder and compare it. Raises Known naming what does not hold."""
    from app.service.recovery import prove_restore

    proof = prove_restore(store, report=progress)
    if proof.wrong:
        raise Known(
            f"{proof.copy.name} does not restore: {'; '.join(proof.wrong)}.", "Make another backup and prove it.",
            sentence_zh=f"{proof.copy.name} 无法正确恢复：{'; '.join(proof.wrong)}。", step_zh="请重新备份并再次验证。",
        )  # fmt: skip
    return Outcome(
        proof.rows, f"{proof.copy.name} restored: {proof.rows} rows and {proof.figures} figures are the same"
    )


def watch_backups(store: Store, progress: Progress) -> Outcome:
    """Raise or close the alerts about backups."""
    from app.service.recovery_alerts import say_findings

    progress(0.0, "looking after backups")
    return Outcome(say_findings(store), "alerts about backups are up to date")


def watch_is_needed(store: Store) -> bool:
    """Whether there is anything for `watch_backups` to do."""
    from app.service.recovery_alerts import has_something_to_say

    return has_something_to_say(store)


def proof_is_due(store: Store) -> bool:
    """Whether no backup was proved for a week."""
    from app.service.recovery_alerts import drill_is_due

    return drill_is_due(store)


def verify_audit(store: Store, progress: Progress) -> Outcome:
    """Walk the audit chain and compare it with the heads kept elsewhere. Raises Known naming what does not hold."""
    from engines.access.trail import check_trail

    progress(0.0, "reading the audit trail")
    found = check_trail(store)
    if found.wrong:
        raise Known(
            f"The audit trail does not hold: {found.wrong}.",
            "Keep the site's folder as it is and compare it with a backup.",
            sentence_zh=f"审计记录不完整：{found.wrong_zh}。", step_zh="请保持站点文件夹现状并与备份比对。",
        )  # fmt: skip
    return Outcome(found.entries, f"{found.entries} entries hold")


def tidy(store: Store, progress: Progress) -> Outcome:
    """Remove change-log rows that the mart holds, old runs and log files, and what cameras saw long ago, by the
    site's settings."""
    log = _tidy_change_log(store, progress)
    runs = _tidy_runs(store)
    seen = prune_cameras(store, progress)
    files = logs.remove_old(store.site.folder, time.time() - 86_400 * int(settings.read(store, "keep.logs")))
    return Outcome(
        log + runs + seen + files,
        f"{log} logged changes, {runs} runs, {files} log files and {seen} rows of cameras removed",
    )


#: What cameras saw, by the setting that says for how many days it is kept.
PRUNED = {
    "retention.camera_minutes_days": ("count_minute", "zone_minute"),
    "retention.heat_days": ("heat_hour",),
    "retention.counts_days": (
        "count_bucket", "dwell_bucket", "zone_bucket", "zone_flow", "demographic_hour", "expression_hour",
    ),
}  # fmt: skip
CAMERAS = "AND source_id IN (SELECT id FROM source WHERE code LIKE 'camera:%')"


def prune_cameras(store: Store, progress: Progress) -> int:
    """Remove what cameras saw before the days that the settings keep; 0 days keep everything. Returns rows removed.

    Counts that came from files are the site's own records and stay.
    """
    removed = 0
    for name, tables in PRUNED.items():
        days = int(settings.read(store, name))
        if days:
            before, _ = business_day(now_ms() - DAY_MS * days, store.site.zone, store.site.day_starts_minute)
            for table in tables:
                removed += _prune(store, table, before, CAMERAS if name == "retention.counts_days" else "")
                progress(0.7, f"{removed} rows of cameras removed")
    return removed


def _prune(store: Store, table: str, before: str, only: str) -> int:
    """Remove a table's rows of the days before, some at a time."""
    keys = ", ".join(c.name for c in TABLES[table].primary_key)
    removed = 0
    while True:
        with store.write("service", "removing old counts") as tx:
            gone = tx.connection.exec_driver_sql(
                f"DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM {table} WHERE day < ? {only} LIMIT ?)",  # noqa: S608
                (before, CHUNK),
            ).rowcount
            if gone:
                tx.touch(table)
        removed += int(gone)
        if gone < CHUNK:
            return removed


def _tidy_change_log(store: Store, progress: Progress) -> int:
    """The newest row stays for ever: whoever compares positions must not see an empty log."""
    before = now_ms() - DAY_MS * int(settings.read(store, "keep.change_log"))
    watermark, sent = mart_state(store).watermark, hub_mark(store)
    watermark = watermark if sent is None else min(watermark, sent)
    removed = 0
    while True:
        with store.write("service", "tidying the change log") as tx:
            gone = tx.connection.exec_driver_sql(
                "DELETE FROM change_log WHERE seq IN (SELECT seq FROM change_log WHERE seq <= ? AND at < ? "
                "AND seq < (SELECT max(seq) FROM change_log) ORDER BY seq LIMIT ?)",
                (watermark, before, CHUNK),
            ).rowcount
        removed += int(gone)
        progress(0.5, f"{removed} logged changes removed")
        if gone < CHUNK:
            return removed


def _tidy_runs(store: Store) -> int:
    before = now_ms() - DAY_MS * int(settings.read(store, "keep.runs"))
    with store.write("service", "tidying the ledger") as tx:
        gone = tx.connection.exec_driver_sql(
            "DELETE FROM job_run WHERE started_at < ? AND state <> 'running' "
            "AND id NOT IN (SELECT max(id) FROM job_run GROUP BY job)",
            (before,),
        ).rowcount
        if gone:
            tx.touch("job_run")
    return int(gone)
