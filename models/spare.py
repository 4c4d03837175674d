"""A warm spare: a folder on another machine that gets each backup, and becomes the site when this machine is dead.

The main machine writes into the spare's folder (a shared folder of the other machine); nothing need run there. The
standby copy is no store and cannot be opened by mistake: `promote_spare` makes it one, under a new epoch and with
outgoing held. A promoted spare takes no more backups, and says so to the main machine should that come back.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from models import backup_set
from models.backup import list_backups
from models.errors import Known
from models.rebuild import KeyOf, Rebuilt, newest_set, rebuild_site
from models.times import now_ms

STANDBY, PROMOTED = "standby", "promoted.json"


@dataclass(frozen=True)
class Spare:
    """A spare's folder: the newest copy in it, when that was made (UTC milliseconds), and when it was promoted."""

    folder: Path
    copy: Path | None
    made_at: int | None
    promoted_at: int | None


def spare_state(folder: Path) -> Spare:
    """What a spare's folder holds. Raises Known where it cannot be reached."""
    try:
        folder.stat()
        found = list_backups(folder / STANDBY)
    except OSError as error:
        raise Known(
            f"The spare's folder {folder} cannot be reached: {error.strerror}.", "Check the share and that machine.",
            sentence_zh=f"无法访问备用机文件夹 {folder}：{error.strerror}。", step_zh="请检查共享文件夹和那台机器。",
        ) from error  # fmt: skip
    header = backup_set.read_header(found[0]) if found else None
    return Spare(folder, found[0] if found else None, header.made_at if header else None, _promoted_at(folder))


def update_spare(folder: Path, copy: Path) -> Path:
    """Put a backup set into the spare's folder and let the one before the last go; returns the copy there.

    Raises Known where the folder cannot be reached or written, and where the spare has been promoted: then two
    machines would be the site, and this one must stop.
    """
    if spare_state(folder).promoted_at:
        raise Known(
            "The spare has taken over this site; this machine must not go on as it.",
            "Stop the service here and work on the spare, or restore this machine from the spare's newest backup.",
            code=6, sentence_zh="备用机已接管本站点；本机不得继续作为该站点运行。",
            step_zh="请停止本机服务并改用备用机，或用备用机的最新备份恢复本机。",
        )  # fmt: skip
    try:
        (folder / STANDBY).mkdir(exist_ok=True)
    except OSError as error:
        raise Known(f"The spare's folder {folder} cannot be written: {error.strerror}.", "Check the share's rights.",
                    sentence_zh=f"备用机文件夹 {folder} 无法写入：{error.strerror}。",
                    step_zh="请检查共享文件夹的权限。") from error  # fmt: skip
    made = backup_set.copy_set(copy, folder / STANDBY)
    for old in list_backups(folder / STANDBY)[2:]:
        backup_set.remove_set(old)
    return made


def promote_spare(folder: Path, *, actor: str, key_of: KeyOf | None = None) -> Rebuilt:
    """Make the spare the site: rebuild it in its folder from the newest standby copy. Raises Known as that does."""
    done = rebuild_site(folder, newest_set(folder / STANDBY), actor=actor, key_of=key_of)
    with (folder / PROMOTED).open("w", encoding="utf-8") as file:
        json.dump({"at": now_ms(), "epoch": done.restored.epoch}, file)
        file.flush()
        os.fsync(file.fileno())
    return done


def _promoted_at(folder: Path) -> int | None:
    try:
        return int(json.loads((folder / PROMOTED).read_text("utf-8"))["at"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise Known(f"{folder / PROMOTED} cannot be read: {error}.", "See whether the spare has taken over.") from error
