"""A site is a folder: site.toml, atrium.db, mart/, learned/, weights/, backups/, logs/."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models import keys
from models.errors import Known
from models.ids import new_id

FOLDERS = ("mart", "learned", "weights", "backups", "logs")
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "9p", "fuse.sshfs", "davfs"}


@dataclass(frozen=True)
class Site:
    """A site's folder and the settings of its `site.toml` (owned by IT, read at start)."""

    folder: Path
    id: str
    code: str
    name: str
    time_zone: str
    currency: str
    country: str
    subdivision: str | None = None
    day_starts_minute: int = 0
    demo: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "atrium.db"

    @property
    def mart(self) -> Path:
        """The folder of Parquet files."""
        return self.folder / "mart"


def create_site(
    folder: Path,
    *,
    name: str,
    code: str = "mall",
    time_zone: str = "UTC",
    currency: str = "USD",
    country: str = "US",
    subdivision: str | None = None,
    day_starts_minute: int = 0,
    demo: bool = False,
    id_: str | None = None,
) -> Site:
    """Make a site's folder, its settings file and its key. Raises Known where one already stands there.

    `id_` is given where headquarters chose the site's id (a UUID) beforehand, and for another node of a site, whose
    key was brought to this machine before: a key that is here stays.
    """
    check_zone(time_zone)
    _check_codes(currency, country, day_starts_minute)
    if (folder / "site.toml").exists():
        raise Known(f"There is a site in {folder} already.", "Choose another folder.", code=2)
    if on_network(folder):
        raise Known(f"{folder} is on a network drive, where SQLite loses data.", "Choose a folder on a local disk.")
    try:
        for part in ("", *FOLDERS):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)  # the mart is not encrypted
    except OSError as error:
        raise Known(f"The folder {folder} cannot be written: {error.strerror}.", "Choose another folder.") from error
    chosen = uuid.UUID(id_) if id_ else uuid.UUID(bytes=new_id())
    site = Site(
        folder, str(chosen), code, name, time_zone, currency.upper(), country.upper(),
        subdivision, day_starts_minute, demo,
    )  # fmt: skip
    if id_ is None or not keys.has_key(site.id):
        keys.make_key(site.id)
    (folder / "site.toml").write_text(_settings_text(site), encoding="utf-8")
    return site


def load_site(folder: Path) -> Site:
    """Read a site's settings. Raises Known naming the file and what is wrong with it."""
    path = folder / "site.toml"
    if not path.exists():
        raise Known(f"There is no site in {folder}.", "Run: python main.py --site DIR init", code=2)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        site = Site(folder, **values["site"])
        _check_types(site)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        why = str(error)[:200]
        raise Known(f"{path} cannot be read: {why}.", "Correct the file or restore it from a backup.") from error
    check_zone(site.time_zone)
    _check_codes(site.currency, site.country, site.day_starts_minute)
    return site


def _check_types(site: Site) -> None:
    """Raise TypeError or ValueError for a value of another kind. The id names files of keys, so it is a UUID."""
    for name in ("id", "code", "name", "time_zone", "currency", "country", "subdivision"):
        value = getattr(site, name)
        if not isinstance(value, str) and not (name == "subdivision" and value is None):
            raise TypeError(f"{name} is no text")
    if type(site.day_starts_minute) is not int or type(site.demo) is not bool:
        raise TypeError("day_starts_minute is a number of minutes, demo is true or false")
    if str(uuid.UUID(site.id)) != site.id.lower():
        raise ValueError("id is no UUID")


def check_zone(name: str) -> None:
    """Raise Known where `name` is no IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Known(f"'{name}' is no time zone.", "Use a name such as Asia/Shanghai.", code=2) from error


def _check_codes(currency: str, country: str, day_starts_minute: int) -> None:
    """Raise Known for what no ISO code or time of the day can be."""
    if not re.fullmatch("[A-Za-z]{3}", currency):
        raise Known(f"'{currency}' is no currency.", "Use an ISO 4217 code such as CNY.", code=2)
    if not re.fullmatch("[A-Za-z]{2}", country):
        raise Known(f"'{country}' is no country.", "Use an ISO 3166 code such as CN.", code=2)
    if not 0 <= day_starts_minute < 24 * 60:
        raise Known(f"A day cannot begin at minute {day_starts_minute}.", "Use 0 to 1439.", code=2)


def on_network(folder: Path) -> bool:
    """Whether the folder lies on a network file system, where SQLite's locks cannot be trusted."""
    path = folder.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4
        return str(path).startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == remote
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return False
    return file_system(str(path), mounts.read_text(encoding="utf-8", errors="replace")) in NETWORK_FILE_SYSTEMS


def file_system(path: str, mounts: str) -> str:
    """The kind of file system under an absolute path, by the lines of /proc/mounts (a space is `\\040` there)."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, fs, *_ = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)
        if os.path.commonpath([point, path]) == point and len(point) >= len(best):
            best, kind = point, fs
    return kind


def _settings_text(site: Site) -> str:
    """The site's settings as TOML: a JSON string is a TOML basic string too."""
    lines = ["# The settings of this site that IT owns. Atrium reads them at start.", "[site]"]
    for field in ("id", "code", "name", "time_zone", "currency", "country", "subdivision"):
        value = getattr(site, field)
        if value is not None:
            lines.append(f"{field} = {json.dumps(value, ensure_ascii=False)}")
    lines.append(f"day_starts_minute = {site.day_starts_minute}")
    lines.append(f"demo = {str(site.demo).lower()}")
    return "\n".join(lines) + "\n"
