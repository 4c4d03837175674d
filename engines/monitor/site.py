"""Checks of a site: folder, key, store, capture, audit trail, mart, ledger, backups, weights, cameras, service.

Everything is read and nothing is mended: the store is opened without migration or repair, so that the
doctor sees what is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engines.monitor.check import Check
from models import audit, backup, backup_log, changes, damage, escrow, keys, lease, ledger, settings, version
from models.connection import DatabaseError
from models.errors import Known
from models.mart_state import mart_state
from models.site import Site, load_site, on_network
from models.store import Store, store_version
from models.times import now_ms
from models.weights import list_weights

STALE_MART_MS = 3_600_000
STALE_BACKUP = timedelta(hours=36)
SILENT_CAMERA_MS = 120_000
DOCTOR = "Run: python main.py doctor"
RESTORE = (
    "Stop the service, then: python main.py restore FILE, with the newest file of backups/. It says which imports "
    "came after it."
)


def check_folder(folder: Path) -> tuple[Check, Site | None]:
    """The site's folder and settings file; the site when both can be read."""
    title = ("folder", "Site folder", "站点文件夹")
    facts = {"folder": str(folder)}
    try:
        site = load_site(folder)
    except Known as error:
        return _known(title, error), None
    if on_network(folder):
        step = "Move the site to a local disk."
        return Check(*title, "bad", "{folder} is on a network drive, where SQLite loses data.", step, facts), site
    if not os.access(folder, os.W_OK):
        return Check(*title, "bad", "{folder} cannot be written.", "Check the folder's permissions.", facts), site
    return Check(*title, "ok", "{folder} can be read and written.", "", facts), site


def check_key(site: Site) -> Check:
    """Whether the site's key is here, whole, and readable by its owner alone."""
    title = ("key", "Key", "密钥")
    try:
        keys.read_key(site.id)
    except Known as error:
        return _known(title, error)
    return Check(*title, "ok", "The key is here and readable by its owner alone.")


def check_store(site: Site) -> tuple[Check, Store | None]:
    """Open the store and check every page of it; the store when it is whole and of this version."""
    title = ("store", "Store", "数据库")
    if not site.database.exists():
        step = "Restore it: python main.py restore FILE, with a file from backups/"
        return Check(*title, "bad", "The store is missing.", step), None
    store = None
    try:
        store = Store(site)
        found = store_version(store)
        with store.read() as connection:
            verdict = str(connection.exec_driver_sql("PRAGMA quick_check").scalar())
            rows = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'table'").scalar()
    except (Known, DatabaseError) as error:
        if store:
            store.close()
        return _damaged(site, title) or _known_fault(title, error), None
    facts = {"version": found, "tables": rows, "size": f"{site.database.stat().st_size / 1e6:.1f}", "fault": verdict}
    if verdict == "ok" and found == version.STORE:
        return Check(*title, "ok", "Whole: {tables} tables, {size} MB, version {version}.", "", facts), store
    store.close()
    if verdict != "ok":
        broken = Check(*title, "bad", "The store is damaged: {fault}.", RESTORE, facts)
        return _damaged(site, title) or broken, None
    if found > version.STORE:
        step = "Update Atrium on this machine."
        return Check(*title, "bad", "The store is of a newer version ({version}).", step, facts), None
    step = "Any command brings it up to date."
    return Check(*title, "warning", "The store is of an older version ({version}).", step, facts), None


def _known_fault(title: tuple[str, str, str], error: Exception) -> Check:
    return Check(*title, "bad", "{error}", RESTORE, {"error": _sentence(error)})


def _damaged(site: Site, title: tuple[str, str, str]) -> Check | None:
    """Which pages of the file are damaged and which tables lie on them; None where its pages are whole."""
    try:
        found = damage.find_damage(site.database, keys.read_key(site.id))
    except (OSError, Known, DatabaseError):
        return None
    facts = {"pages": ", ".join(map(str, found.pages[:5])), "count": found.bad, "of": found.page_count,
             "tables": ", ".join(found.tables) or "?"}  # fmt: skip
    if not found.key_fits:
        says = "No page of the store opens with this key: it is of another key, or damaged from end to end."
        return Check(
            *title, "bad", says, "Bring the right key (python main.py key recover), or restore a backup.", facts
        )
    if found.bad:
        says = "{count} of {of} pages are damaged (page {pages}); tables on them: {tables}."
        return Check(*title, "bad", says, RESTORE, facts)
    if found.torn:
        return Check(
            *title, "bad", "The store is torn: its end is missing; tables that end there: {tables}.", RESTORE, facts
        )
    return None


def check_capture(store: Store) -> Check:
    """Whether every trigger that logs changes is in place."""
    title = ("capture", "Change capture", "变更捕获")
    with store.read() as connection:
        wrong = changes.verify_triggers(connection)
    if not wrong:
        return Check(*title, "ok", "All {count} triggers are in place.", "", {"count": len(changes.all_triggers())})
    step = "Run: python main.py jobs run capture"
    facts = {"count": len(wrong), "names": ", ".join(wrong[:3])}
    return Check(*title, "bad", "{count} triggers are missing or changed ({names}).", step, facts)


def check_audit(store: Store) -> Check:
    """Whether the audit chain holds from its first entry to its last."""
    title = ("audit", "Audit trail", "审计记录")
    with store.read() as connection:
        report = audit.verify(connection, keys.derive(store.key, "audit"))
    if report.broken_at is None:
        return Check(*title, "ok", "{count} entries hold.", "", {"count": report.entries})
    step = "Keep the folder as it is and compare it with a backup: entries were changed or removed."
    return Check(*title, "bad", "The trail does not hold from entry {entry} on.", step, {"entry": report.broken_at})


def check_mart(store: Store) -> Check:
    """How far the mart is behind."""
    title = ("mart", "Data mart", "数据集市")
    state = mart_state(store)
    step = "Start the service, or run: python main.py jobs run mart"
    if state.behind is None:
        return Check(*title, "warning", "The mart has not been written yet.", step)
    facts = {"count": state.behind, "minutes": state.oldest_missing_ms // 60_000}
    if state.oldest_missing_ms > STALE_MART_MS:
        return Check(
            *title, "warning", "The mart lacks {count} changes, the oldest {minutes} minutes old.", step, facts
        )
    return Check(*title, "ok", "The mart is up to date.")


def check_ledger(store: Store) -> Check:
    """Which jobs failed at their last run, and which have been 'running' for over a day with no one at them."""
    title = ("jobs", "Jobs", "任务")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT job, state, started_at FROM job_run WHERE id IN (SELECT max(id) FROM job_run GROUP BY job) "
            "AND job NOT LIKE 'camera/%' ORDER BY job"
        ).fetchall()
    failed = [job for job, state, _ in rows if state == "failed"]
    stuck = [job for job, state, at in rows if state == "running" and now_ms() - at > 86_400_000]
    if failed or stuck:
        step = "See why: python main.py jobs"
        facts = {"names": ", ".join(failed + stuck)}
        return Check(*title, "bad", "The last run failed or never ended: {names}.", step, facts)
    return Check(*title, "ok", "The last run of each of {count} jobs ended well.", "", {"count": len(rows)})


def check_backups(site: Site, now: datetime | None = None) -> Check:
    """Whether there is a backup that is not too old."""
    title = ("backup", "Backups", "备份")
    found = backup.list_backups(site.folder / "backups")
    step = "Run: python main.py backup"
    if not found:
        return Check(*title, "warning", "There is no backup yet.", step)
    age = (now or datetime.now(UTC)) - backup.made_at(found[0])
    facts = {"count": len(found), "hours": int(age.total_seconds() // 3600)}
    if age > STALE_BACKUP:
        return Check(*title, "warning", "The newest backup is {hours} hours old.", step, facts)
    return Check(*title, "ok", "The newest of {count} is {hours} hours old.", "", facts)


def check_recovery(store: Store) -> Check:
    """Whether the site would come back elsewhere: a recovery code, a copy on another disk, a backup that was proved."""
    title = ("recovery", "Way back", "恢复能力")
    sealed, drill = escrow.read_escrow(store.site.folder) or {}, backup_log.newest(store, "drill")
    if drill and drill.state == "failed":
        step = "Make another backup and prove it: python main.py backup, then backup --prove"
        return Check(*title, "bad", "The last backup that was tried did not restore.", step)
    if not ({"code", "hub"} & sealed.keys()):
        step = "Run: python main.py key show-recovery, and keep the code on paper."
        return Check(*title, "warning", "There is no recovery code: without this machine no backup opens.", step)
    if not settings.read(store, "backup.second"):
        step = "Run: python main.py settings backup.second FOLDER"
        return Check(*title, "warning", "Every backup lies on this machine.", step)
    if drill is None:
        step = "Run: python main.py backup --prove"
        return Check(*title, "warning", "No backup was proved by restoring it yet.", step)
    days = (now_ms() - drill.at) // 86_400_000
    return Check(*title, "ok", "A code, a copy elsewhere, and a restore proved {days} days ago.", "", {"days": days})


def check_weights(site: Site) -> Check:
    """Whether person detector weights are here and what they claim to be."""
    title = ("weights", "Detector weights", "检测模型")
    installed = [weights for weights in list_weights(site) if weights.state != "absent"]
    damaged = [weights.name for weights in installed if weights.state == "damaged"]
    step = "Run: python main.py weights add FILE"
    if damaged:
        return Check(*title, "bad", "Damaged: {names}.", step, {"names": ", ".join(damaged)})
    if not installed:
        return Check(*title, "off", "None: cameras count moving shapes, with reduced accuracy.", step)
    facts = {"names": ", ".join(f"{weights.name} ({weights.licence})" for weights in installed)}
    return Check(*title, "ok", "{names}.", "", facts)


def check_cameras(store: Store) -> Check:
    """Whether each active camera gives pictures."""
    title = ("cameras", "Cameras", "摄像头")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.code, s.last_frame_at, nullif(s.reason, '') FROM camera c "
            "LEFT JOIN camera_state s ON s.camera_id = c.id WHERE c.active = 1 ORDER BY c.code"
        ).fetchall()
    silent = [code for code, at, trouble in rows if trouble or at is None or now_ms() - at > SILENT_CAMERA_MS]
    if not rows:
        return Check(*title, "off", "No camera is set up.", "Add one on the page Live.")
    if silent and lease.holder(store) is None:
        step = "Run: python main.py service"
        return Check(*title, "warning", "No service runs, so no camera is counted.", step)
    if silent:
        step = "Check each camera's power, network and address."
        return Check(*title, "bad", "No pictures from: {names}.", step, {"names": ", ".join(silent)})
    return Check(*title, "ok", "All {count} cameras give pictures.", "", {"count": len(rows)})


def check_service(store: Store) -> Check:
    """Whether a service runs the site's jobs."""
    title = ("service", "Service", "后台服务")
    held = lease.holder(store)
    if held:
        return Check(*title, "ok", "It runs on {owner}, process {pid}.", "", {"owner": held.owner, "pid": held.pid})
    step = "Run: python main.py service; the desktop starts one as well."
    return Check(*title, "warning", "No service runs; nothing is updated by itself.", step)


def newest_run_ms(store: Store) -> int | None:
    """When the newest run began (UTC ms); None where none did."""
    newest = ledger.runs(store, limit=1)
    return newest[0].started_at if newest else None


def checks_of_store(store: Store) -> Iterator[Check]:
    """Every check that needs the open store; a store too damaged for one check still gets the others."""
    every: tuple[Callable[[Store], Check], ...] = (
        check_capture, check_audit, check_mart, check_ledger, check_recovery, check_cameras, check_service,
    )  # fmt: skip
    for check in every:
        try:
            yield check(store)
        except (DatabaseError, Known) as error:
            name = check.__name__.removeprefix("check_")
            yield Check(name, name, name, "bad", "{error}", DOCTOR, {"error": _sentence(error)})


def _known(title: tuple[str, str, str], error: Known) -> Check:
    return Check(*title, "bad", "{error}", "{advice}", {"error": error.sentence, "advice": error.step})


def _sentence(error: Exception) -> str:
    return error.sentence if isinstance(error, Known) else str(getattr(error, "orig", error))
