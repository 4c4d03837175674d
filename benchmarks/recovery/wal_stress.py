"""Three writers and two checkpointers on one store: the load under which older SQLite loses committed rows.

Run: python -m benchmarks.recovery.wal_stress [--rounds 20] [--seconds 6] [--writers 3] [--checkpointers 2]
Each round is a fresh store. Every writer counts what it committed; afterwards each of those rows must be there and the
store whole. (The WAL-reset bug of SQLite 3.7.0 to 3.51.2, sqlite.org/wal.html, lost rows in 5 of 140 such rounds with
3.40.1.) Exit status 0 where nothing is lost.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from models.ids import new_id
from models.site import create_site, load_site
from models.store import Store, create_store

MODES = ("PASSIVE", "FULL", "RESTART", "TRUNCATE")


def main() -> int:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--checkpointers", type=int, default=2)
    options = parser.parse_args()
    committed = lost = corrupt = 0
    with tempfile.TemporaryDirectory(prefix="atrium-wal-") as folder:
        os.environ["ATRIUM_KEYS"] = str(Path(folder) / "keys")
        for n in range(options.rounds):
            made = Path(folder) / str(n)
            done, gone, whole = stress(
                made, seconds=options.seconds, writers=options.writers, checkpointers=options.checkpointers
            )
            committed, lost, corrupt = committed + done, lost + gone, corrupt + (not whole)
    print(f"{options.rounds} rounds of {options.seconds:g} s, {options.writers} writers and {options.checkpointers} "
          f"checkpointers: {committed:,} commits, {lost} rows lost, {corrupt} stores corrupt")  # fmt: skip
    return 0 if not lost and not corrupt else 1


def stress(folder: Path, *, seconds: float, writers: int, checkpointers: int) -> tuple[int, int, bool]:
    """One round on a fresh site: (commits, committed rows that are not there, whether the store is whole)."""
    create_store(create_site(folder, name="Drill")).close()
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    until = time.time() + seconds + 1.5  # the processes have to start first
    working = [context.Process(target=_write, args=(folder, n, until, answers)) for n in range(writers)]
    working += [context.Process(target=_checkpoint, args=(folder, n, until)) for n in range(checkpointers)]
    for process in working:
        process.start()
    told: list[tuple[int, int]] = [answers.get(timeout=seconds + 120) for _ in range(writers)]
    for process in working:
        process.join()
    store = Store(load_site(folder))
    try:
        with store.read() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            found = {str(code) for (code,) in connection.exec_driver_sql("SELECT code FROM floor")}
    finally:
        store.close()
    missing = sum(f"W{writer}-{n}" not in found for writer, count in told for n in range(count))
    return sum(count for _, count in told), missing, whole


def _write(folder: Path, writer: int, until: float, answers: Any) -> None:
    store, n = Store(load_site(folder)), 0
    while time.time() < until:
        with store.write("drill", "writing a row") as tx:
            tx.connection.exec_driver_sql(
                "INSERT INTO floor (id, code, name, level) VALUES (?, ?, 'x', ?)", (new_id(), f"W{writer}-{n}", n)
            )
        n += 1
    store.close()
    answers.put((writer, n))


def _checkpoint(folder: Path, which: int, until: float) -> None:
    store, n = Store(load_site(folder)), which
    raw = store.take_connection()
    raw.execute("PRAGMA busy_timeout = 50")
    while time.time() < until:
        raw.execute(f"PRAGMA wal_checkpoint({MODES[n % len(MODES)]})").fetchall()
        n += 1
        time.sleep(0.002)
    raw.close()
    store.close()


if __name__ == "__main__":
    raise SystemExit(main())
