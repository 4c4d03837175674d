"""A simulated disk: what a process wrote and synced is recorded, and images of the moment of a power cut are built.

What was synced before the cut is on the disk. Of what was not, each 512-byte sector of each write is there with
probability one half, whatever came after it: disks and operating systems write in any order.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("disk.c")
SECTOR = 512
FILES = ("atrium.db", "atrium.db-wal")
ACK = 2
WRITE, TRUNCATE, SYNC = 1, 2, 3
_HEAD = struct.Struct("<BBHIQ")


def compiler() -> str | None:
    """A C compiler of this machine; None where there is none."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(folder: Path) -> Path:
    """Compile the shim into `folder`."""
    cc = compiler()
    if cc is None:
        raise SystemExit("This drill needs a C compiler (cc, gcc or clang).")
    library = folder / "disk.so"
    subprocess.run([cc, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-pthread"], check=True)
    return library


def environment(library: Path, watched: Path, *, log: Path | None = None, limit: int | None = None) -> dict[str, str]:
    """The environment of a process whose disk is recorded, or full after `limit` bytes."""
    told = {**os.environ, "LD_PRELOAD": str(library), "DISK_FOLDER": str(watched.resolve())}
    if log is not None:
        told["DISK_LOG"] = str(log)
    if limit is not None:
        told["DISK_LIMIT"] = str(limit)
    return told


@dataclass(frozen=True)
class Act:
    """One recorded act on a file (0 store, 1 its log, 2 acknowledgements)."""

    kind: int
    file: int
    offset: int
    data: bytes


def read_log(path: Path) -> list[Act]:
    """The acts in their order; a last one that was cut short is left out."""
    return list(_acts(path.read_bytes()))


def _acts(text: bytes) -> Iterator[Act]:
    at = 0
    while at + _HEAD.size <= len(text):
        kind, file, _, size, offset = _HEAD.unpack_from(text, at)
        at += _HEAD.size
        size = size if kind == WRITE else 0
        if at + size > len(text):
            return
        yield Act(kind, file, offset, text[at : at + size])
        at += size


@dataclass
class _File:
    """A file as the disk holds it, and what was written since its last sync."""

    solid: bytearray = field(default_factory=bytearray)
    loose: list[Act] = field(default_factory=list)

    def take(self, act: Act) -> None:
        if act.kind != SYNC:
            self.loose.append(act)
            return
        for done in self.loose:
            apply(self.solid, done)
        self.loose.clear()

    def after_cut(self, rng: random.Random) -> bytearray:
        """What a power cut leaves: some sectors of what was not synced."""
        image = bytearray(self.solid)
        for act in self.loose:
            if act.kind == TRUNCATE:
                if rng.random() < 0.5:
                    apply(image, act)
                continue
            for start in range(0, len(act.data), SECTOR):
                if rng.random() < 0.5:
                    apply(image, Act(WRITE, act.file, act.offset + start, act.data[start : start + SECTOR]))
        return image


def apply(image: bytearray, act: Act) -> None:
    """Do a write or a truncation to a file's content."""
    if act.kind == TRUNCATE:
        del image[act.offset :]
        image.extend(bytes(act.offset - len(image)))
        return
    end = act.offset + len(act.data)
    image.extend(bytes(max(0, end - len(image))))
    image[act.offset : end] = act.data


class Disk:
    """Replays a record act by act; `image` may be taken at any moment."""

    def __init__(self, base: Path) -> None:
        """`base` holds the files as they were, and were synced, when the record began."""
        self._files = [_File(bytearray((base / n).read_bytes() if (base / n).exists() else b"")) for n in FILES]
        self.acknowledged = 0

    def do(self, act: Act) -> None:
        """The next act. An acknowledgement is a line with the number of the row that was promised last."""
        if act.file == ACK:
            if act.kind == WRITE:
                self.acknowledged = int(act.data)
        else:
            self._files[act.file].take(act)

    def image(self, folder: Path, rng: random.Random) -> None:
        """Write what the disk holds if the power fails now; the shared memory of the log is gone."""
        (folder / (FILES[0] + "-shm")).unlink(missing_ok=True)
        for name, file in zip(FILES, self._files, strict=True):
            (folder / name).write_bytes(file.after_cut(rng))
