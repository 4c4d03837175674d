"""A site on a bare machine, from a backup set: its folder and files, its key and secrets, and the store."""

from __future__ import annotations

import base64
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models import backup_set, escrow, keys
from models.backup import list_backups
from models.errors import Known
from models.restore import Restored, restore_backup
from models.site import FOLDERS, on_network
from models.weights import list_weights

#: Finds the site's key (given the folder of the set and the site's id) where this machine does not have it.
KeyOf = Callable[[Path, str], bytes]


@dataclass(frozen=True)
class Rebuilt:
    """What stands again: the restored store, and the weights the site had that must be brought from elsewhere."""

    restored: Restored
    copy: Path
    missing_weights: tuple[str, ...]


def newest_set(path: Path) -> Path:
    """The copy that `path` names: a file, or the newest in a folder. Raises Known where there is none."""
    if path.is_file():
        return path
    found = list_backups(path) if path.is_dir() else []
    if not found:
        raise Known(f"There is no file {path}.", "Give a backup, or the folder that holds backup sets.",
                    sentence_zh=f"没有文件 {path}。", step_zh="请指定备份文件，或备份集所在的文件夹。")  # fmt: skip
    return found[0]


def by_code(code: str) -> KeyOf:
    """The key by the recovery code on paper."""
    return lambda folder, site_id: escrow.open_with_code(folder, site_id, code)


def by_private_key(pem: bytes, password: bytes | None = None) -> KeyOf:
    """The key by the hub's private key."""
    return lambda folder, site_id: escrow.open_with_private_key(folder, site_id, pem, password)


def rebuild_site(folder: Path, path: Path, *, actor: str, key_of: KeyOf | None = None) -> Rebuilt:
    """Make the site in `folder`, where there is none, from the set at `path`, under a new epoch.

    The key comes from `key_of`, else it must be on this machine. Raises Known, with nothing left behind in the folder,
    for a set without manifest, a torn copy, a wrong code or key.
    """
    copy = newest_set(path)
    if (folder / "site.toml").exists():
        raise Known(f"There is a site in {folder} already.", "Restore without a recovery code.", code=2)
    if on_network(folder):
        raise Known(f"{folder} is on a network drive, where SQLite loses data.", "Choose a folder on a local disk.")
    header = backup_set.check_copy(copy)
    if header is None:
        raise Known(
            f"{copy.name} has no manifest beside it, so the site around it is not known.",
            "Bring site.toml and the key file, then restore.",
            sentence_zh=f"{copy.name} 旁没有清单文件，无法得知其所属站点。",
            step_zh="请先放回 site.toml 和密钥文件，再执行恢复。",
        )  # fmt: skip
    key = key_of(copy.parent, header.site) if key_of else keys.read_key(header.site)
    manifest = backup_set.read_manifest(copy, key)
    assert manifest is not None  # its header was read
    keys.keep_key(header.site, key)
    fresh = not folder.exists()
    try:
        lay_out(folder, copy.parent, manifest, header.site)
        restored = restore_backup(folder, copy, actor=actor)
    except BaseException:
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            (folder / "site.toml").unlink(missing_ok=True)
        raise
    for name, value in manifest.secrets.items():
        if keys.read_secret(header.site, name) is None:
            keys.keep_secret(header.site, name, base64.b64decode(value))
    return Rebuilt(restored, copy, _missing(folder, manifest))


def lay_out(folder: Path, source: Path, manifest: backup_set.Manifest, site_id: str) -> None:
    """The site's folders and small files, as the manifest has them."""
    told = tomllib.loads(manifest.files["site.toml"])["site"]["id"]
    if told != site_id:
        raise Known("The set is of two sites.", "Choose another backup.")
    try:
        for part in ("", *FOLDERS):
            (folder / part).mkdir(parents=True, exist_ok=True)
        for name in backup_set.BESIDE:
            if (source / name).exists():
                shutil.copyfile(source / name, folder / name)
        for name in backup_set.CARRIED:
            if name in manifest.files:
                (folder / name).write_text(manifest.files[name], encoding="utf-8")
    except OSError as error:
        raise Known(f"The folder {folder} cannot be written: {error.strerror}.", "Choose another folder.") from error


def _missing(folder: Path, manifest: backup_set.Manifest) -> tuple[str, ...]:
    from models.site import load_site

    here = {w.name for w in list_weights(load_site(folder)) if w.state in ("good", "unknown")}
    return tuple(sorted(set(manifest.weights) - here))
