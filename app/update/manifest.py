"""What a release holds: every file with its hash. It is itself a signed target, so what agrees with it is genuine."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from models.errors import Known

LARGEST_BYTES = 20_000_000
MOST_FILES = 50_000
_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){1,3}")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class ReleaseFile:
    """A file of the program: its path with slashes, its size in bytes, whether it can be run."""

    path: str
    sha256: str
    size: int
    runs: bool


@dataclass(frozen=True)
class Manifest:
    """A release. `whole` names the archive of all files; `patches` that of the changed ones, by the version before."""

    version: str
    platform: str
    store: int
    whole: str
    patches: Mapping[str, str]
    files: tuple[ReleaseFile, ...]

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, default=dict) + "\n"


def this_platform() -> str:
    """The kind of machine that a release is for, as in linux-x86_64."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    return f"{system}-{platform.machine().lower()}"


def target_name(platform_name: str) -> str:
    """The target that always describes the newest release for a platform."""
    return f"newest-{platform_name}.json"


def version_key(version: str) -> tuple[int, ...]:
    """Versions in their order. Raises Known for what is none."""
    if not _VERSION.fullmatch(version):
        raise Known(f"'{version[:40]}' is no version.", "Write it as in 1.4.0.", code=2)
    return tuple(int(part) for part in version.split("."))


def describe(folder: Path) -> tuple[ReleaseFile, ...]:
    """Every file of a program folder. Raises Known for a link that leads out of the folder."""
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise Known(f"{path} leads out of the program's folder.", "Build the program anew.")
        if path.is_file():
            runs = bool(path.stat().st_mode & 0o100)
            files.append(ReleaseFile(path.relative_to(folder).as_posix(), digest(path), path.stat().st_size, runs))
    return tuple(files)


def read_manifest(text: str) -> Manifest:
    """The manifest of a release. Raises Known for one that is not as it should be, with nothing trusted of it."""
    try:
        given = json.loads(text)
        files = tuple(ReleaseFile(**file) for file in given.pop("files"))
        manifest = Manifest(**given, files=files)
        _check(manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Known(f"The description of the release cannot be used: {error}.", "Tell whoever made the release.") from (
            error
        )
    return manifest


def digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            made.update(chunk)
    return made.hexdigest()


def _check(manifest: Manifest) -> None:
    version_key(manifest.version)
    if not manifest.files or len(manifest.files) > MOST_FILES:
        raise ValueError("it has no files, or too many")
    if not isinstance(manifest.store, int) or not isinstance(manifest.platform, str):
        raise TypeError("its head is wrong")
    for name in (manifest.whole, *manifest.patches.values()):
        if not re.fullmatch(r"[\w.-]{1,120}", name):
            raise ValueError(f"{name!r} is no archive's name")
    seen: set[str] = set()
    for file in manifest.files:
        parts = PurePosixPath(file.path).parts
        inside = parts and ".." not in parts and not file.path.startswith("/") and not re.search(r"[\\:\0]", file.path)
        if not inside or (file.path.lower() in seen and sys.platform == "win32"):
            raise ValueError(f"{file.path!r} leads out of the program's folder")
        if not re.fullmatch("[0-9a-f]{64}", file.sha256) or file.size < 0 or file.path in seen:
            raise ValueError(f"{file.path!r} is described wrongly")
        seen.update((file.path, file.path.lower()))
