"""The program's virtual environment `.venv`, and the stamp that says it is whole.

`unfinished` lies in the folder from before its first file until the stamp is written, so an install that was
interrupted, even by a power cut, is never taken for a whole one: a run that finds it starts over. An
environment with neither of the two was made by hand; it is completed, not deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from installer.trouble import Exit, Trouble, read_only

LOCKED_EXTRAS = ("dev", "llm")
UNLOCKED_EXTRAS = ("yolo", "spark")
EXTRAS = (*LOCKED_EXTRAS, *UNLOCKED_EXTRAS)
NEEDED_BYTES = 2_000_000_000


class Stamp(NamedTuple):
    """What a whole environment was made from: requirement file digests, its place and its interpreter."""

    locks: dict[str, str]
    folder: str
    interpreter: str


class Environment(NamedTuple):
    """The virtual environment `folder` of the checkout `root`."""

    root: Path
    folder: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter, by the operating system's habit."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def stamp_file(self) -> Path:
        return self.folder / "atrium-installed.json"

    @property
    def unfinished(self) -> Path:
        return self.folder / "atrium-unfinished"

    @property
    def log(self) -> Path:
        """Everything that the package installer said, for whoever has to find out why."""
        return self.folder / "install.log"


def requirement_file(root: Path, name: str) -> Path:
    """The lock of `base` or of an extra; those that cannot be locked have a list instead."""
    lock = root / "requirements" / f"{name}.lock"
    return lock if lock.exists() else lock.with_suffix(".in")


def interpreter_of(place: Environment) -> str:
    """Where the environment's interpreter really lies; changes when the Python it was made with goes."""
    if os.name != "nt":
        return str(place.python.resolve())
    settings = (place.folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    return next((line.split("=", 1)[1].strip() for line in settings if line.startswith("home")), "")


def stamp_for(place: Environment, extras: Iterable[str]) -> Stamp:
    """The stamp that an environment with `extras` deserves now."""
    names = ("base", *sorted(set(extras)))
    digests = {name: hashlib.sha256(requirement_file(place.root, name).read_bytes()).hexdigest() for name in names}
    return Stamp(digests, str(place.folder), interpreter_of(place))


def read_stamp(place: Environment) -> Stamp | None:
    """The stamp as written; None where there is none or it cannot be read."""
    try:
        return Stamp(**json.loads(place.stamp_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def missing(place: Environment, extras: Iterable[str]) -> tuple[str, ...]:
    """Extras (with `base`) that must be installed before the program runs; empty when all is in place.

    An extra that was installed earlier is kept up to date with its lock as well.
    """
    found = read_stamp(place)
    if found is None or not place.python.exists() or place.unfinished.exists():
        return ("base", *sorted(set(extras)))
    earlier = (name for name in found.locks if name in EXTRAS)
    wanted = stamp_for(place, (*extras, *earlier))
    if (wanted.folder, wanted.interpreter) != (found.folder, found.interpreter):
        return tuple(wanted.locks)
    changed = any(found.locks.get(name) != digest for name, digest in wanted.locks.items())
    return tuple(wanted.locks) if changed else ()


def usable(place: Environment) -> bool:
    """True when the environment can be completed; False when it has to be made anew."""
    if place.unfinished.exists() or not (place.folder / "pyvenv.cfg").exists():
        return False
    found = read_stamp(place)
    if found and (found.folder, found.interpreter) != (str(place.folder), interpreter_of(place)):
        return False
    ask = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([str(place.python), "-c", ask], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def begin(place: Environment) -> None:
    """Marks the environment as unfinished and makes it anew where it is broken or absent."""
    if not usable(place):
        remove(place)
    check_room(place)
    try:
        place.folder.mkdir(exist_ok=True)
        place.unfinished.touch()
        for passed in place.folder.glob("atrium-*.ok"):
            passed.unlink()
    except PermissionError as error:
        raise read_only(place.root) from error
    if not (place.folder / "pyvenv.cfg").exists():
        make(place)


def check_room(place: Environment) -> None:
    """Refuses to start a first install where the disk cannot hold it."""
    free = shutil.disk_usage(place.root).free
    if not place.folder.exists() and free < NEEDED_BYTES:
        raise Trouble(
            f"Only {free / 1e9:.1f} GB are free on the disk that holds {place.root}.",
            "free 2 GB there (the program takes about 1.5 GB) and run the command again.",
            Exit.NO_SPACE,
        )


def make(place: Environment) -> None:
    """Runs `python -m venv`; turns the absence of that module into the package that brings it."""
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(place.folder)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    said = (made.stdout + made.stderr).strip()
    if "ensurepip" in said or "No module named" in said:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Trouble(
            "This Python lacks the modules that make virtual environments (venv and ensurepip).",
            f"install them (Debian, Ubuntu: sudo apt-get install python{version}-venv) and run the command again.",
            Exit.NO_VENV_MODULE,
        )
    last = said.splitlines()[-1] if said else f"exit status {made.returncode}"
    raise Trouble(
        f"The virtual environment {place.folder} could not be made: {last}.",
        "delete that folder and run the command again.",
        Exit.OTHER_INSTALL,
    )


def remove(place: Environment) -> None:
    """Deletes a broken environment; `pyvenv.cfg` goes first, so that half of one never looks whole."""
    if not place.folder.exists():
        return
    try:
        (place.folder / "pyvenv.cfg").unlink(missing_ok=True)
        shutil.rmtree(place.folder)
    except PermissionError as error:
        if os.name != "nt":
            raise read_only(place.folder) from error
        raise Trouble(
            f"The folder {place.folder} is in use.",
            "close Atrium and every program that was started from that folder, and run the command again.",
            Exit.FILE_IN_USE,
        ) from error


def finish(place: Environment, extras: Iterable[str]) -> None:
    """Writes the stamp in one step and takes the mark of unfinished work away."""
    stamp = stamp_for(place, (name for name in extras if name != "base"))
    written = place.stamp_file.with_suffix(".new")
    written.write_text(json.dumps(stamp._asdict(), indent=1), encoding="utf-8")
    written.replace(place.stamp_file)
    place.unfinished.unlink(missing_ok=True)
