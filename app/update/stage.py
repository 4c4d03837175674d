"""Putting a release beside the running version: from its whole archive, or from what changed since this version."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from app.update.layout import Installation
from app.update.manifest import Manifest, ReleaseFile, digest
from models.errors import Known

_CHUNK = 1 << 20
_SPARE_BYTES = 200_000_000


def stage(place: Installation, manifest: Manifest, fetch: Callable[[str], Path]) -> Path:
    """The folder of the release, whole and verified file by file; nothing that runs is touched.

    A patch is taken where there is one for this version and every unchanged file is still as it was released.
    """
    target = place.app(manifest.version)
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    size = sum(file.size for file in manifest.files)
    if shutil.disk_usage(place.root).free < size + _SPARE_BYTES:
        raise Known(f"The release needs {size / 1e6:.0f} MB in {place.root}.", "Free some space and try again.")
    part.mkdir()
    wanted = {file.path: file for file in manifest.files}
    patch = manifest.patches.get(place.version)
    if not (patch and _from_patch(place.app(place.version), part, wanted, fetch(patch))):
        shutil.rmtree(part)
        part.mkdir()
        unpack(fetch(manifest.whole), part, wanted)
        _check_whole(part, wanted)
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)
    return target


def unpack(archive: Path, folder: Path, wanted: Mapping[str, ReleaseFile]) -> set[str]:
    """Write the archive's files that the manifest names, each with its length and hash; anything else is refused."""
    done: set[str] = set()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                file = wanted.get(member.name)
                if file is None or not member.isreg() or member.size != file.size or member.name in done:
                    raise _refused(member.name)
                content = tar.extractfile(member)
                assert content is not None
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(content, out, _CHUNK)
                    out.flush()
                    os.fsync(out.fileno())
                _verify(target, file)
                done.add(member.name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Known(f"The archive of the release cannot be unpacked: {error}.", "Try again.") from error
    return done


def pack(archive: Path, folder: Path, names: list[str]) -> None:
    """Write an archive of those files, the same bytes for the same files."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(names):
            source = (folder / name).resolve()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = source.stat().st_size, 0o755 if os.access(source, os.X_OK) else 0o644
            with source.open("rb") as content:
                tar.addfile(entry, content)


def _from_patch(old: Path, part: Path, wanted: Mapping[str, ReleaseFile], patch: Path) -> bool:
    """False where a file of the old version is not what was released, so that the whole archive must come."""
    changed = unpack(patch, part, wanted)
    for name, file in wanted.items():
        if name in changed:
            continue
        source, target = old / name, part / name
        if not source.is_file() or source.stat().st_size != file.size:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if digest(target) != file.sha256:
            return False
        _set_mode(target, file)
    return True


def _check_whole(part: Path, wanted: Mapping[str, ReleaseFile]) -> None:
    for name in wanted:
        if not (part / name).is_file():
            raise _refused(name)


def _verify(path: Path, file: ReleaseFile) -> None:
    if digest(path) != file.sha256:
        raise _refused(file.path)
    _set_mode(path, file)


def _set_mode(path: Path, file: ReleaseFile) -> None:
    path.chmod(0o755 if file.runs else 0o644)


def _refused(name: str) -> Known:
    return Known(
        f"The update is refused: {name[:120]!r} is not what the release describes.",
        "Nothing was changed. Get the release anew; if it is refused again, tell whoever made it.", code=6,
        sentence_zh=f"更新被拒绝：{name[:120]!r} 与发布说明不符。",
        step_zh="未作任何更改。请重新获取发布文件；若仍被拒绝，请告知发布者。",
    )  # fmt: skip
