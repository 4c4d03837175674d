"""One hostile input under limits, and what came of it.

An input may be handled or end in a `Known` (which `Denied` is). It counts against the program when anything else is
raised or the process dies (crash), when a planted secret or personal value stands in the error, its chain or the log
(leak), or when it takes longer or more memory than it may (hang).
"""

from __future__ import annotations

import contextlib
import io
import logging
import multiprocessing
import random
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from models.errors import Cancelled, Known

SECONDS, MEGABYTES, SILENCE_SECONDS = 20.0, 2_048, 45.0
#: Planted in stores and files: none of it may come out in an error or in the log.
NAME, PHONE, PASSWORD = "Quillfeather Zanzibari", "13987650421", "plum tugboat lantern seven"
Act = Callable[[], object]


class Leak(Exception):
    """Something came out, or in, that must not."""


class Overdue(BaseException):
    """The input took longer than it may; no `except Exception` swallows it."""


@dataclass
class Family:
    """Hostile inputs of one kind. `make(number, dice)` names an input and gives its act; the same for the same seed."""

    name: str
    enter: Callable[[Path, set[str]], AbstractContextManager[Callable[[int, random.Random], tuple[str, Act]]]]
    count: int
    own_file: bool = False
    """Whether errors may quote what the person gave: it is told to whoever gave it."""


@dataclass
class Tally:
    """What came of a family's inputs; `worst` is the longest time in seconds, `megabytes` the peak of the process."""

    name: str
    inputs: int = 0
    handled: int = 0
    refused: int = 0
    crashes: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    worst: float = 0.0
    megabytes: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether every input ended as it must."""
        return not (self.crashes or self.leaks or self.hangs)

    def note(self, kind: str, what: str, seconds: float) -> None:
        """Count one input."""
        self.inputs += 1
        self.worst = max(self.worst, seconds)
        if kind in ("handled", "refused"):
            setattr(self, kind, getattr(self, kind) + 1)
        else:
            getattr(self, kind).append(what)


def run_here(family: Family, folder: Path, seed: int, *, count: int, step: int = 1) -> Tally:
    """Try every `step`-th of a family's inputs in this process."""
    tally, secrets = Tally(family.name), {NAME, PHONE, PASSWORD}
    with family.enter(folder, secrets) as make:
        for place in range(count):
            tally.note(*_one(family, make, seed, place * step, secrets))
    return tally


def run_apart(family: Family, folder: Path, seed: int) -> Tally:
    """Try all in a process with bounded memory; one that dies is a crash of the input it was at, and goes on anew."""
    tally, place = Tally(family.name), 0
    while place < family.count:
        mine, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(
            target=_work, args=(family, folder / f"{family.name}-{place}", seed, place, theirs)
        )
        child.start()
        theirs.close()
        place = _follow(mine, child, tally, place)
    return tally


def _follow(mine: Connection, child: Any, tally: Tally, place: int) -> int:
    """Take what the process tells, until it is done or dead; where to go on."""
    try:
        while mine.poll(SILENCE_SECONDS):
            kind, what, seconds = mine.recv()
            if kind == "end":
                tally.megabytes = max(tally.megabytes, seconds)
                child.join(60)
                return place
            tally.note(kind, what, seconds)
            place += 1
        tally.note("hangs", f"input {place}: silent for {SILENCE_SECONDS:.0f} s", SILENCE_SECONDS)
    except EOFError:
        child.join(60)
        tally.note("crashes", f"input {place}: the process died ({child.exitcode})", 0.0)
    child.kill()
    child.join(60)
    return place + 1


def _work(family: Family, folder: Path, seed: int, first: int, out: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES << 20, MEGABYTES << 20))
    folder.mkdir(parents=True)
    secrets = {NAME, PHONE, PASSWORD}
    with family.enter(folder, secrets) as make:
        for place in range(first, family.count):
            out.send(_one(family, make, seed, place, secrets))
    out.send(("end", "", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _one(
    family: Family, make: Callable[[int, random.Random], tuple[str, Act]], seed: int, place: int, secrets: set[str]
) -> tuple[str, str, float]:
    name, act = make(place, random.Random(f"{seed}/{family.name}/{place}"))
    label, began = f"{family.name} {place} ({name})", time.perf_counter()
    kind, what, told = "handled", "", ""
    with _listening() as said:
        try:
            with _limit():
                act()
        except Overdue:
            kind, what = "hangs", label
        except MemoryError:
            kind, what = "hangs", f"{label}: over {MEGABYTES} MB"
        except Leak as leak:
            kind, what = "leaks", f"{label}: {leak}"
        except (Known, Cancelled) as error:
            kind = "refused"
            told = "".join(traceback.format_exception(error))
            if isinstance(error, Known) and not error.sentence.strip():
                kind, what = "crashes", f"{label}: an error without a sentence"
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the trial is for
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = "crashes"
            what = f"{label}: {type(error).__name__}: {str(error)[:160]} at {Path(where.filename).name}:{where.lineno}"
    text, own = said.getvalue(), {NAME, PHONE} if family.own_file else set()
    if out := sorted(s for s in secrets if s in text or (s not in own and s in told)):
        kind, what = "leaks", f"{label}: {out[0][:12]}… was said"
    return kind, what, time.perf_counter() - began


@contextmanager
def _limit() -> Iterator[None]:
    def over(_signal: int, _frame: FrameType | None) -> None:
        raise Overdue

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _listening() -> Iterator[io.StringIO]:
    """Everything that is logged or printed meanwhile."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            yield said
    finally:
        logging.getLogger().removeHandler(handler)
