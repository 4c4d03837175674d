"""A backup set: an encrypted copy of the store and a manifest beside it, from which a bare machine can be rebuilt.

The manifest names the copy, its size and SHA-256 for all to read, so that a torn or altered copy is seen without the
key. The rest (site.toml and the other files that IT owns, settings, the list of weights, secrets, rows and key figures
at the time) is sealed with AES-256-GCM under a key derived from the site's, with what is readable bound in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models import escrow, keys
from models.errors import Known
from models.site import Site

SUFFIX = ".manifest"
#: Files of the site's folder that a set carries, where they are there; small texts that IT or sync own.
CARRIED = ("site.toml", "hub.toml", "hub-ca.pem")
#: Sealed files beside the copies, the newest for all of them: the key, and who was erased since a copy was made.
BESIDE = (escrow.FILE, "erasures.sealed")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Header:
    """What everybody may read of a set: site, file name, size in bytes, SHA-256, when made (UTC milliseconds)."""

    site: str
    file: str
    size: int
    sha256: str
    made_at: int


@dataclass(frozen=True)
class Manifest:
    """What is sealed: the site's files by name, settings in force, weights (name to SHA-256), secrets (base64), rows by
    table, key figures, the store's version and epoch, and the last row of its change log."""

    program: str
    store_version: int
    epoch: str
    last_seq: int
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, float | None] = field(default_factory=dict)


def manifest_path(copy: Path) -> Path:
    """Where the manifest of a copy lies."""
    return copy.with_suffix(SUFFIX)


def write_manifest(copy: Path, header: Header, manifest: Manifest, key: bytes) -> None:
    """Seal the manifest beside its copy; the disk holds it when this returns."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, shown = secrets.token_bytes(12), asdict(header)
    plain = json.dumps(asdict(manifest), ensure_ascii=False).encode()
    sealed = nonce + AESGCM(keys.derive(key, "backup")).encrypt(nonce, plain, _bound(shown))
    document = {"format": 1, **shown, "sealed": base64.b64encode(sealed).decode()}
    _put_text(manifest_path(copy), json.dumps(document))


def read_header(copy: Path) -> Header | None:
    """What may be read without the key; None where the copy has no manifest or it cannot be read."""
    document = _document(copy)
    return _header(document) if document else None


def read_manifest(copy: Path, key: bytes) -> Manifest | None:
    """The sealed part; None where the copy has no manifest (it is of an older version).

    Raises Known where the manifest was altered, is torn, or is of another key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not manifest_path(copy).exists():
        return None
    document = _document(copy)
    try:
        if document is None:
            raise ValueError("torn")
        sealed = base64.b64decode(document["sealed"])
        bound = _bound(asdict(_header(document)))
        plain = AESGCM(keys.derive(key, "backup")).decrypt(sealed[:12], sealed[12:], bound)
        return Manifest(**json.loads(plain))
    except (InvalidTag, ValueError, KeyError, TypeError, RecursionError) as error:
        name = manifest_path(copy).name
        raise Known(
            f"{name} is damaged, was altered, or belongs to another key.", "Choose another backup.",
            sentence_zh=f"{name} 已损坏、被改动或属于其他密钥。", step_zh="请选择其他备份。",
        ) from error  # fmt: skip


def check_copy(copy: Path) -> Header | None:
    """Compare a copy with its manifest (None without one). Raises Known where it is torn or altered."""
    header = read_header(copy)
    if header is None:
        return None
    if copy.stat().st_size != header.size:
        found, whole = copy.stat().st_size, header.size
        raise Known(
            f"{copy.name} is torn: {found:,} of {whole:,} bytes.", "Choose another backup.",
            sentence_zh=f"{copy.name} 不完整：只有 {whole:,} 字节中的 {found:,} 字节。", step_zh="请选择其他备份。",
        )  # fmt: skip
    if sha256_of(copy) != header.sha256:
        raise Known(
            f"{copy.name} is not what was backed up: its SHA-256 differs.", "Choose another backup.",
            sentence_zh=f"{copy.name} 与备份时的内容不一致（SHA-256 不同）。", step_zh="请选择其他备份。",
        )  # fmt: skip
    return header


def carried_files(site: Site) -> dict[str, str]:
    """The site's small files that a set carries."""
    return {n: (site.folder / n).read_text("utf-8") for n in CARRIED if (site.folder / n).exists()}


def carried_secrets(site: Site) -> dict[str, str]:
    """The site's secrets, as base64: they lie sealed in the manifest and nowhere else in a set."""
    found = {name: keys.read_secret(site.id, name) for name in keys.secret_names(site.id)}
    return {name: base64.b64encode(value).decode() for name, value in found.items() if value is not None}


def copy_set(copy: Path, folder: Path) -> Path:
    """Put a set into another folder (a stick, another disk, a share), and read it back; returns the copy there.

    Raises Known where the folder cannot be reached or written, or gives back something else than was written.
    """
    if folder.resolve() == copy.parent.resolve():
        raise Known("The second folder is the first one.", "Choose a folder on another disk or machine.",
                    sentence_zh="第二备份文件夹与第一个相同。", step_zh="请选择其他磁盘或机器上的文件夹。")  # fmt: skip
    if not folder.is_dir():  # making it would fill this machine's disk where a stick is not in, or a share not there
        raise Known(
            f"The folder {folder} is not there.", "Put the disk in or connect the share, and make the folder.",
            sentence_zh=f"文件夹 {folder} 不存在。", step_zh="请插入磁盘或连接共享文件夹，并创建该文件夹。",
        )  # fmt: skip
    try:
        made = _copy_file(copy, folder / copy.name)
        for extra in (manifest_path(copy), *(copy.parent / name for name in BESIDE)):
            if extra.exists():
                _copy_file(extra, folder / extra.name)
    except OSError as error:
        why = error.strerror or str(error)
        raise Known(
            f"The backup could not be copied to {folder}: {why}.", "Check the disk or share, and its free space.",
            sentence_zh=f"备份无法复制到 {folder}：{why}。", step_zh="请检查磁盘或共享文件夹及其剩余空间。",
        ) from error  # fmt: skip
    check_copy(made)
    return made


def remove_set(copy: Path) -> None:
    """Remove a copy and its manifest."""
    copy.unlink(missing_ok=True)
    manifest_path(copy).unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_file(source: Path, target: Path) -> Path:
    """The target's name never points at half a file, and what is read afterwards comes from the disk."""
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def _document(copy: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(manifest_path(copy).read_text("utf-8"))
        _header(found)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    return dict(found)


def _header(document: Mapping[str, Any]) -> Header:
    told = document
    return Header(str(told["site"]), str(told["file"]), int(told["size"]), str(told["sha256"]), int(told["made_at"]))


def _bound(shown: Mapping[str, Any]) -> bytes:
    return json.dumps(shown, sort_keys=True).encode()


def _put_text(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
