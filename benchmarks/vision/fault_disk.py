"""A disk that is small and can be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_DISK_BYTES = 96 << 20


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of its own, where this user may make one; else a folder, and no disk gets full."""
    place.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(place)], capture_output=True, check=False
    )  # fmt: skip
    try:
        yield place
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", str(place)], capture_output=True, check=False)


@contextmanager
def full(site: Path) -> Iterator[None]:
    """Nothing more can be written beside the site."""
    filler = site.parent / "filler"
    if not os.path.ismount(site.parent):
        raise OSError("this user may not mount a small disk: run the drill as root, or in a container")
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        filler.unlink()
