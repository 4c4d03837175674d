"""How the program lies on this machine, and the one step that makes another version the current one.

A self-managed installation is a folder with `app-<version>/` for each version and `current`, a link to one of them,
which services and shortcuts name. Where a package manager owns the files (`managed-by` says which), this only tells.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.update.manifest import version_key
from models.errors import Known
from models.version import PROGRAM

LINK, OWNER = "current", "managed-by"
PREFIX = "app-"


@dataclass(frozen=True)
class Installation:
    """`root` holds the versions; `manager` is '' for a self-managed one, else 'deb', 'msi' or 'source'."""

    root: Path
    manager: str
    version: str = PROGRAM

    @property
    def trusted_root(self) -> Path:
        """The TUF root that came with the installation."""
        return self.root / "root.json"

    @property
    def state(self) -> Path:
        """What the updater remembers."""
        return self.root / "updates"

    def app(self, version: str) -> Path:
        """The folder of a version."""
        return self.root / f"{PREFIX}{version}"


def this_installation() -> Installation:
    """The installation that this process runs from."""
    if not getattr(sys, "frozen", False):
        return Installation(Path(__file__).resolve().parents[2], "source")
    return installation_of(Path(sys.executable).resolve().parent)


def installation_of(app: Path) -> Installation:
    """The installation that a program's folder belongs to."""
    for root in (app, app.parent):
        if (root / OWNER).is_file():
            return Installation(root, (root / OWNER).read_text(encoding="utf-8").strip() or "a package manager")
    if app.name.startswith(PREFIX):
        return Installation(app.parent, "", app.name.removeprefix(PREFIX))
    return Installation(app, "a copied folder")


def versions(root: Path) -> list[str]:
    """The versions that lie there whole, the newest first."""
    found = [path.name.removeprefix(PREFIX) for path in root.glob(f"{PREFIX}*") if _whole(path)]
    return sorted(found, key=version_key, reverse=True)


def current(root: Path) -> str | None:
    """The version that `current` leads to; None where it leads nowhere."""
    link = root / LINK
    return link.resolve().name.removeprefix(PREFIX) if link.exists() else None


def switch(root: Path, version: str) -> None:
    """Make a version the current one, at once and whole: a crash leaves the old or the new."""
    target = f"{PREFIX}{version}"
    if not (root / target).is_dir():
        raise Known(f"{root / target} is missing.", "Apply the update anew.")
    link, fresh = root / LINK, root / f".{LINK}.new"
    if sys.platform == "win32":
        import _winapi

        if link.exists():
            os.rmdir(link)  # noqa: PTH106 - the junction, not what it leads to
        _winapi.CreateJunction(str(root / target), str(link))
        return
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)
    descriptor = os.open(root, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_old(root: Path, keep: Iterator[str] | tuple[str, ...]) -> list[str]:
    """Remove every version but those; what cannot be removed (a file in use) stays for the next time."""
    kept, gone = set(keep), []
    for version in versions(root):
        if version not in kept:
            shutil.rmtree(root / f"{PREFIX}{version}", ignore_errors=True)
            gone.append(version)
    for part in root.glob(f"{PREFIX}*.part"):
        shutil.rmtree(part, ignore_errors=True)
    return gone


def _whole(path: Path) -> bool:
    if path.suffix == ".part" or not path.is_dir():
        return False
    try:
        version_key(path.name.removeprefix(PREFIX))
    except Known:
        return False
    return True
