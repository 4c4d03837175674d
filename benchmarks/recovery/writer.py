"""A process that writes rows and says which ones were promised: what drills kill, cut off or run out of disk.

Run: python -m benchmarks.recovery.writer FOLDER [--synchronous FULL] [--rows 1000] [--seed 1] [--checkpoint 40]
Each commit writes one to twenty floors with growing codes; after it the newest code goes to FOLDER/ack (and to
standard output), which is the acknowledgement. A Known error is told on standard error with exit status 3.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

from models import connection
from models.errors import Known
from models.ids import new_id
from models.site import load_site
from models.store import Store


def main() -> int:
    """Write until the rows are written or something ends the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--synchronous", default="FULL")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint", type=int, default=40, help="every so many commits the log is written back")
    options = parser.parse_args()
    connection.PRAGMAS = (*connection.PRAGMAS, f"PRAGMA synchronous = {options.synchronous}")
    try:
        write_rows(options.folder, options)
    except Known as error:
        print(f"{error.sentence} {error.step}", file=sys.stderr)
        return 3
    os._exit(0)  # as a cut would: no connection is closed, so the log is not folded in


def write_rows(folder: Path, options: argparse.Namespace) -> None:
    """Commit after commit, each acknowledged when the store has promised it."""
    rng, store, n, commits = random.Random(options.seed), Store(load_site(folder)), options.first - 1, 0
    ack = os.open(folder / "ack", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    last = options.first + options.rows - 1
    while n < last:
        count = min(rng.randint(1, 20), last - n)
        with store.write("drill", "writing rows") as tx:
            tx.execute_many(
                "INSERT INTO floor (id, code, name, level) VALUES (?, ?, ?, ?)",
                [(new_id(), f"D{n + i}", "x" * rng.randint(1, 900), n + i) for i in range(1, count + 1)],
            )
        n, commits = n + count, commits + 1
        os.lseek(ack, 0, os.SEEK_SET)
        os.write(ack, b"%020d\n" % n)
        print(n, flush=True)
        if options.checkpoint and commits % options.checkpoint == 0:
            with store.read() as read:
                read.raw.rollback()
                read.raw.execute(f"PRAGMA wal_checkpoint({rng.choice(('PASSIVE', 'RESTART', 'TRUNCATE'))})").fetchall()


if __name__ == "__main__":
    raise SystemExit(main())
