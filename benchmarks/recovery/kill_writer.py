"""Kills a writer (SIGKILL) at random moments and looks whether every acknowledged row is in the store.

Run: python -m benchmarks.recovery.kill_writer [--kills 200] [--seed 1]
The same site is written on after each kill, as after a crash of the program. Exit status 0 where no acknowledged row is
lost, none is there twice, the store is whole, and each row has its line in the change log.
A kill alone says nothing about power: the operating system still writes what the process gave it. See power_cut.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from models.site import create_site, load_site
from models.store import Store, create_store

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Tally:
    """Kills that hit a running writer, rows acknowledged, and rows that are missing, out of place or not logged."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    wrong: str = ""


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="atrium-kills-") as folder:
        os.environ["ATRIUM_KEYS"] = str(Path(folder) / "keys")
        tally = kill_often(Path(folder) / "mall", options.kills, seed=options.seed)
    print(f"{tally.kills} of {options.kills} writers killed as they wrote, {tally.acknowledged:,} rows acknowledged, "
          f"{tally.lost} lost, {tally.wrong or 'store whole'}; {time.monotonic() - began:.0f} s")  # fmt: skip
    return 0 if not tally.lost and not tally.wrong else 1


def kill_often(folder: Path, kills: int, *, seed: int) -> Tally:
    """Start and kill writers on one site, and look after each kill."""
    create_store(create_site(folder, name="Drill")).close()
    rng, tally = random.Random(seed), Tally()
    for n in range(kills):
        tally.kills += kill_one(folder, tally.acknowledged + 1, rng, seed=n)
        promised = int((folder / "ack").read_text("ascii") or 0) if (folder / "ack").exists() else 0
        present, tally.wrong = look(folder)
        if tally.wrong:
            break
        tally.lost += max(0, promised - present)
        tally.acknowledged = present  # a row that was stored but not acknowledged yet may be there
    return tally


def kill_one(folder: Path, first: int, rng: random.Random, *, seed: int) -> bool:
    """Let a writer commit for a random while, then kill it; whether it was still writing."""
    (folder / "ack").unlink(missing_ok=True)
    writer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.recovery.writer", str(folder), "--rows", "1000000", "--first", str(first),
         "--seed", str(seed), "--checkpoint", "25"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert writer.stdout is not None
    for _ in range(rng.randint(1, 30)):  # commits, not seconds: the same drill on a fast and on a slow machine
        writer.stdout.readline()
    time.sleep(rng.uniform(0.0, 0.01))
    running = writer.poll() is None
    writer.kill()
    writer.wait()
    writer.stdout.close()
    return running


def look(folder: Path) -> tuple[int, str]:
    """(rows from the first on without a gap, what is wrong with the store)."""
    store = Store(load_site(folder))
    try:
        with store.read() as connection:
            verdict = str(connection.exec_driver_sql("PRAGMA quick_check").scalar_one())
            rows, last, logged = connection.exec_driver_sql(
                "SELECT count(*), ifnull(max(level), 0), "
                "(SELECT count(*) FROM change_log WHERE tbl = 'floor') FROM floor"
            ).one()
    finally:
        store.close()
    if verdict != "ok":
        return 0, verdict
    if rows != last or rows != logged:
        return int(rows), f"{rows} rows, the last is {last}, {logged} are logged"
    return int(rows), ""


if __name__ == "__main__":
    raise SystemExit(main())
