"""How the site would come back, as it stands: read from the store and this machine's disk, never from a share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.service.recovery_alerts import STALE_HOURS, newest_good
from models import backup, backup_log, backup_set, escrow, recovery, settings
from models.backup_log import BackupRecord
from models.lease import holder
from models.store import Store
from models.times import now_ms


@dataclass(frozen=True)
class BackupFile:
    """A backup in the site's folder: when made (UTC milliseconds), bytes, and whether its manifest is beside it."""

    path: Path
    made_at: int
    size: int
    whole: bool


@dataclass(frozen=True)
class RecoveryState:
    """Everything the page shows. Instants are UTC milliseconds; None: never, or not set up."""

    now: int
    good_at: int | None
    stale_hours: int
    scheduled: bool
    at: str
    drill: BackupRecord | None
    last: BackupRecord | None
    second: str
    spare: str
    code_at: int | None
    hub_at: int | None
    held: recovery.Held | None
    files: tuple[BackupFile, ...]
    records: tuple[BackupRecord, ...]
    served_by: str


def recovery_state(store: Store) -> RecoveryState:
    """The state, read on a background thread."""
    sealed = escrow.read_escrow(store.site.folder) or {}
    served = holder(store)
    return RecoveryState(
        now=now_ms(), good_at=newest_good(store), stale_hours=STALE_HOURS,
        scheduled=bool(settings.read(store, "feature.backups")), at=str(settings.read(store, "backup.at")),
        drill=backup_log.newest(store, "drill"), last=backup_log.newest(store, "backup"),
        second=str(settings.read(store, "backup.second")), spare=str(settings.read(store, "backup.spare")),
        code_at=(sealed.get("code") or {}).get("at"), hub_at=(sealed.get("hub") or {}).get("at"),
        held=recovery.held(store), files=tuple(_files(store)), records=tuple(backup_log.records(store)),
        served_by=f"{served.owner} ({served.pid})" if served else "",
    )  # fmt: skip


def _files(store: Store) -> list[BackupFile]:
    return [
        BackupFile(path, int(backup.made_at(path).timestamp() * 1000), path.stat().st_size,
                   backup_set.manifest_path(path).exists())
        for path in backup.list_backups(store.site.folder / "backups")
    ]  # fmt: skip
