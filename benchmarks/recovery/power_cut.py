"""Cuts the power of a simulated disk while a process writes to a store, and looks whether promised rows are there.

Run: python -m benchmarks.recovery.power_cut [--cuts 500] [--control 100] [--seed 1]
A process writes through the program's own store with every write, truncation and sync recorded (disk.c, a C shim that
is compiled here). For each cut an image of the disk is built, opened, checked (integrity_check) and counted. The
program's setting (synchronous=FULL) must lose nothing; the controls NORMAL and OFF must lose rows, else the drill
proves nothing. Exit status 0 where both are so.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.recovery.disk import Disk, build, environment, read_log
from models.connection import DatabaseError, connect
from models.site import create_site
from models.store import create_store

ROOT = Path(__file__).resolve().parents[2]
CUTS_A_RECORD = 25


@dataclass
class Tally:
    """What cuts did: how many, images that were corrupt, cuts that lost promised rows, and rows promised and lost."""

    cuts: int = 0
    corrupt: int = 0
    losing: int = 0
    promised: int = 0
    lost: int = 0

    def line(self) -> str:
        """The tally as a line."""
        return (
            f"{self.cuts} cuts: {self.corrupt} corrupt, {self.losing} lost promised rows "
            f"({self.lost:,} of {self.promised:,} rows)"
        )


def main() -> int:
    """Run the drill and its controls."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--control", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atrium-cuts-") as folder:
        os.environ["ATRIUM_KEYS"] = str(Path(folder) / "keys")
        library, began = build(Path(folder)), time.monotonic()
        found = {}
        for mode, cuts in (("FULL", options.cuts), ("NORMAL", options.control), ("OFF", options.control)):
            found[mode] = cut_often(Path(folder), library, mode, cuts, rows=options.rows, seed=options.seed)
            print(f"synchronous={mode:<7} {found[mode].line()}")
        print(f"{time.monotonic() - began:.0f} s")
    held = not found["FULL"].lost and not found["FULL"].corrupt
    proves = all(found[mode].lost or found[mode].corrupt for mode in ("NORMAL", "OFF"))
    print("FULL lost nothing" if held else "FULL LOST ROWS", "| the controls lost rows" if proves else "| NO PROOF")
    return 0 if held and proves else 1


def cut_often(folder: Path, library: Path, mode: str, cuts: int, *, rows: int, seed: int) -> Tally:
    """Record as many writers as are needed for the cuts, each with its own seed, and cut each at random moments."""
    tally, rng = Tally(), random.Random(seed)
    while tally.cuts < cuts:
        with tempfile.TemporaryDirectory(prefix=f"{mode}-", dir=folder) as made:
            record(Path(made), library, mode, rows=rows, seed=rng.randrange(1 << 30))
            cut_record(Path(made), tally, min(CUTS_A_RECORD, cuts - tally.cuts), rng)
    return tally


def record(folder: Path, library: Path, mode: str, *, rows: int, seed: int) -> None:
    """A writer's whole run on a fresh site in `folder`/mall, recorded in `folder`/log; its files before in base/."""
    create_store(create_site(folder / "mall", name="Drill")).close()
    shutil.copytree(folder / "mall", folder / "base")
    subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery.writer", str(folder / "mall"), "--synchronous", mode,
         "--rows", str(rows), "--seed", str(seed)],
        env=environment(library, folder / "mall", log=folder / "log"), stdout=subprocess.DEVNULL, check=True, cwd=ROOT,
    )  # fmt: skip


def cut_record(folder: Path, tally: Tally, cuts: int, rng: random.Random) -> None:
    """Cut a record at random moments, from the first to the last act."""
    from models import keys
    from models.site import load_site

    acts, disk = read_log(folder / "log"), Disk(folder / "base")
    key = keys.read_key(load_site(folder / "mall").id)
    moments, image = sorted(rng.sample(range(1, len(acts) + 1), min(cuts, len(acts)))), folder / "image"
    image.mkdir(exist_ok=True)
    done = 0
    for moment in moments:
        for act in acts[done:moment]:
            disk.do(act)
        done = moment
        disk.image(image, rng)
        present, whole = look(image / "atrium.db", key)
        lost = disk.acknowledged - present
        tally.cuts += 1
        tally.promised += disk.acknowledged
        tally.corrupt += not whole
        tally.losing += lost > 0
        tally.lost += max(0, lost)


def look(path: Path, key: bytes) -> tuple[int, bool]:
    """(how many rows from the first on are there without a gap, whether the store is whole)."""
    try:
        raw = connect(path, key)
        try:
            whole = raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            levels = [n for (n,) in raw.execute("SELECT level FROM floor ORDER BY level")]
        finally:
            raw.close()
    except DatabaseError:
        return 0, False
    return next((i for i, n in enumerate(levels) if n != i + 1), len(levels)), whole


if __name__ == "__main__":
    raise SystemExit(main())
