"""What is said when the site could not come back: no recent backup, one that does not restore, a copy that fails."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engines.alerts.actions import merge_alerts
from models import backup, backup_log, recovery, settings
from models.store import Store
from models.times import business_day, now_ms

ENGINE = "recovery"
HOUR_MS = 3_600_000
STALE_HOURS = 36
DRILL_DAYS = 7

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "backup_stale": {
        "en": "The newest good backup is {hours} hours old. What was done since would be lost with this disk.",
        "zh": "最近一次有效备份已是 {hours} 小时前；若磁盘损坏，此后的数据将会丢失。",
    },
    "backup_none": {
        "en": "There is no good backup of this site yet.",
        "zh": "本站点还没有有效备份。",
    },
    "backup_failed": {
        "en": "The last backup failed: {subject}",
        "zh": "最近一次备份失败：{subject}",
    },
    "backup_copy": {
        "en": "The backup was made, but a further copy of it failed: {subject}",
        "zh": "备份已生成，但其副本未能写入：{subject}",
    },
    "restore_drill": {
        "en": "The newest backup could not be restored in the drill: {subject}",
        "zh": "恢复演练失败，最近的备份无法恢复：{subject}",
    },
    "outgoing_held": {
        "en": "A backup was restored ({subject}). Nothing goes out of this machine until someone releases it on the "
        "page Backup.",
        "zh": "已恢复备份（{subject}）。在“备份”页面确认放行之前，本机不会向外发送任何内容。",
    },
}


def render(sentence: str, facts: Mapping[str, str | int | float | None], language: str) -> str:
    """The alert in words."""
    return SENTENCES[sentence][language].format(**facts)


def drill_is_due(store: Store) -> bool:
    """Whether there is a backup and none was proved for a week; a proof that failed is tried again the next day."""
    if not backup.list_backups(store.site.folder / "backups"):
        return False
    last = backup_log.newest(store, "drill")
    return last is None or last.state != "done" or now_ms() - last.at > (DRILL_DAYS * 24 - 12) * HOUR_MS


def has_something_to_say(store: Store) -> bool:
    """Whether there is something to say, or something said that no longer holds."""
    with store.read() as connection:
        said = connection.exec_driver_sql(
            "SELECT EXISTS (SELECT 1 FROM alert WHERE fingerprint LIKE ? AND state <> 'closed')", (f"{ENGINE}:%",)
        ).scalar_one()
    return bool(said or findings(store))


def say_findings(store: Store) -> int:
    """Raise what is found, close what is so no more; returns how many are open."""
    found = findings(store)
    with store.write("service", "looking after backups") as tx:
        return merge_alerts(tx, ENGINE, found)


def findings(store: Store) -> list[dict[str, object]]:
    """What is wrong with the site's way back, as rows of alerts."""
    found = [*_stale(store), *_last_runs(store)]
    if held := recovery.held(store):
        found.append(_row(store, "outgoing_held", str(held.since), "warning", subject=held.file))
    return found


def newest_good(store: Store) -> int | None:
    """When the newest good backup in the site's folder was made (UTC milliseconds); None where there is none.

    One from the future was made while the clock was wrong, and says nothing of today.
    """
    made = (int(backup.made_at(p).timestamp() * 1000) for p in backup.list_backups(store.site.folder / "backups"))
    return next((at for at in made if at <= now_ms() + HOUR_MS), None)


def _stale(store: Store) -> list[dict[str, object]]:
    if not settings.read(store, "feature.backups"):
        return []
    at = newest_good(store)
    with store.read() as connection:
        made = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'created_at'").scalar()
    since = at if at is not None else int(made or 0)
    hours = (now_ms() - since) // HOUR_MS
    if hours < STALE_HOURS:
        return []
    kind = "backup_none" if at is None else "backup_stale"
    return [_row(store, kind, str(since), "critical", hours=hours, subject="")]


def _last_runs(store: Store) -> list[dict[str, object]]:
    found = []
    last, drill = backup_log.newest(store, "backup"), backup_log.newest(store, "drill")
    if last and last.state != "done":
        kind = "backup_failed" if last.state == "failed" else "backup_copy"
        found.append(_row(store, kind, last.message or "", "warning", subject=last.message or ""))
    if drill and drill.state == "failed":
        found.append(_row(store, "restore_drill", str(drill.at), "critical", subject=drill.message or ""))
    return found


def _row(store: Store, kind: str, mark: str, severity: str, **facts: str | int) -> dict[str, object]:
    day, _ = business_day(now_ms(), store.site.zone, store.site.day_starts_minute)
    return {
        "fingerprint": f"{ENGINE}:{kind}:{mark}", "kind": kind, "severity": severity, "subject": "backup", "day": day,
        "score": 1.0, "sentence": kind, "facts": json.dumps(facts, ensure_ascii=False), "evidence": "[]",
    }  # fmt: skip
