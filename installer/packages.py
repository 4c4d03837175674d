"""Runs pip once for everything that is missing, shows how far it is, and names what stopped it."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from installer.diagnosis import diagnose, no_compiler
from installer.environment import UNLOCKED_EXTRAS, Environment, requirement_file

SOURCE_ONLY = {"llm": "llama-cpp-python"}
COMPILERS = ("cc", "gcc", "clang")
TAIL = 400  # lines of pip's output that are searched for the cause of a failure

_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:==|>=)", re.MULTILINE)
_COLLECTING = re.compile(r"^Collecting ([A-Za-z0-9._-]+)")
_SATISFIED = re.compile(r"^Requirement already satisfied: ([A-Za-z0-9._-]+)")
_LOCAL = re.compile(r"^Processing .*?([A-Za-z0-9._]+)-\d[^/\\]*\.whl")  # a file beside us or in a local mirror
_IGNORED = re.compile(r"^Ignoring ([A-Za-z0-9._-]+):")
_BUILDING = re.compile(r"^Building wheels? for collected packages: (.+)")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)")


def install(place: Environment, names: Sequence[str], say: Callable[[str], None]) -> None:
    """Installs the requirement files `names` into the environment; raises Trouble with the reason.

    When pip fails before it touched the environment (nothing could be fetched), the environment is no
    longer marked as unfinished: what worked before still does, and the next run completes it.
    """
    for step in _steps(place, names):
        if not run_pip(place, step, say):
            _give_up(place, say)


def check_compiler(names: Iterable[str]) -> None:
    """Refuses an extra that is built from source where no compiler is found (Windows hides its own)."""
    if os.name == "nt" or not any(name in SOURCE_ONLY for name in names):
        return
    if not any(shutil.which(compiler) for compiler in COMPILERS):
        raise no_compiler()


def _steps(place: Environment, names: Sequence[str]) -> list[list[str]]:
    """pip's arguments: all locked files in one run, then the unlocked one held to the same versions."""
    locked = [requirement_file(place.root, name) for name in names if name not in UNLOCKED_EXTRAS]
    steps = []
    if locked:
        built = [SOURCE_ONLY[name] for name in names if name in SOURCE_ONLY]
        steps.append(["--require-hashes", "--only-binary", ":all:"])
        for package in built:
            steps[0] += ["--no-binary", package]
        steps[0] += [part for file in locked for part in ("-r", str(file))]
    for name in UNLOCKED_EXTRAS:
        if name in names:
            steps.append(["-r", str(requirement_file(place.root, name)), "-c", str(_versions_of_base(place))])
    return steps


def _versions_of_base(place: Environment) -> Path:
    """The base's versions without their hashes, since pip wants hashes for all packages or for none."""
    lock = requirement_file(place.root, "base").read_text(encoding="utf-8")
    file = place.folder / "base-versions.txt"
    file.write_text("\n".join(re.findall(r"^([^\s#=]+==\S+)", lock, re.MULTILINE)) + "\n", encoding="utf-8")
    return file


def run_pip(place: Environment, arguments: Sequence[str], say: Callable[[str], None]) -> bool:
    """One `pip install`; its whole output goes to the log, its progress to `say`. True when it succeeded."""
    command = [
        *(str(place.python), "-m", "pip", "install", "--no-input", "--progress-bar", "off"),
        *("--disable-pip-version-check", "--retries", "3", "--no-warn-script-location", *arguments),
    ]
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "PIP_NO_COLOR": "1"}
    environment.setdefault("CMAKE_ARGS", "-DGGML_NATIVE=OFF")  # a native build dies on processors with AMX
    with (
        place.log.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            errors="replace", env=environment,
        ) as pip,
    ):  # fmt: skip
        assert pip.stdout is not None
        try:
            _follow(pip.stdout, log, Progress(_count(place, arguments), say))
        except BaseException:
            pip.terminate()
            raise
    return pip.returncode == 0


def _count(place: Environment, arguments: Sequence[str]) -> int:
    """How many packages the requirement files of one pip run name."""
    files = [Path(after) for flag, after in itertools.pairwise(arguments) if flag == "-r"]
    found = (_REQUIREMENT.findall(file.read_text(encoding="utf-8")) for file in files)
    return len({name.lower() for names in found for name in names})


def _follow(output: IO[str], log: IO[str], progress: Progress) -> None:
    for line in output:
        log.write(line)
        progress.read(line)


class Progress:
    """Turns pip's lines into `3 of 34  numpy`; speaks at most once for each package."""

    def __init__(self, total: int, say: Callable[[str], None]) -> None:
        self._total = total
        self._say = say
        self._seen: set[str] = set()
        self._ignored: set[str] = set()
        self._started = time.monotonic()

    def read(self, line: str) -> None:
        """Takes one line of pip's output."""
        if found := _IGNORED.match(line):
            self._ignored.add(found[1].lower())
        elif found := _COLLECTING.match(line) or _SATISFIED.match(line) or _LOCAL.match(line):
            self._package(found[1].replace("_", "-"))
        elif found := _BUILDING.match(line):
            self._say(f"  building {found[1].strip()} (5 to 10 minutes on two cores)")
        elif found := _INSTALLING.match(line):
            count = len(found[1].split(","))
            self._say(f"  unpacking {count} packages, {time.monotonic() - self._started:.0f} s so far")

    def _package(self, name: str) -> None:
        if name.lower() in self._seen:
            return
        self._seen.add(name.lower())
        total = max(self._total - len(self._ignored - self._seen), len(self._seen))
        self._say(f"  {len(self._seen):3d} of {total}  {name}")


def _give_up(place: Environment, say: Callable[[str], None]) -> None:
    """Says why pip failed; pip touches the environment only after it has fetched everything."""
    text = place.log.read_text(encoding="utf-8", errors="replace")
    if not _INSTALLING.search(text) and "Installing collected packages" not in text:
        place.unfinished.unlink(missing_ok=True)
    lines = deque(text.splitlines(), maxlen=TAIL)
    raise diagnose("\n".join(lines), place)
