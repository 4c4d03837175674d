"""Eight writers at one hub while two nodes take: one by `rev > last`, as is usual, one as sync_pull does.

Run: python -m benchmarks.sync.reorder [--seconds 20] [--writers 8]
A number from a sequence is given out before its transaction commits, so a reader that remembers the highest number it
saw passes over what commits later. The naive reader must miss rows and ours none, and none may come twice.
Exit status 0 where that is so.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.sync.histories import quick_folder
from models.ids import new_ids
from models.sync.cycle import open_session
from models.sync.pull import Taker
from tests.hub import Hub, another_node, fresh_hub, new_node
from tests.postgres import postgres_server

HELD_BACK_SECONDS = 0.02


@dataclass
class Run:
    """What was written and what each reader saw."""

    hub: Hub
    until: float
    written: list[str] = field(default_factory=list)
    naive: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def going(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until


def main(arguments: Sequence[str]) -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description="Nothing is missed though transactions commit out of order.")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--writers", type=int, default=8)
    options = parser.parse_args(arguments)
    with postgres_server() as server, quick_folder() as folder:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        run = drill(server, folder, options.seconds, options.writers)
    lost = {name: len(set(run.written) - set(seen)) for name, seen in (("naive", run.naive), ("ours", run.ours))}
    twice = sum(n > 1 for n in run.ours.values())
    total = len(run.written)
    print(f"{total:,} rows by {options.writers} writers in {options.seconds:.0f} s")
    print(f"rev > last:  {lost['naive']:,} missed ({lost['naive'] / max(1, total):.1%})  must miss some")
    print(f"sync_pull:   {lost['ours']:,} missed, {twice:,} twice                        bar: 0 and 0")
    return 0 if lost["naive"] and not lost["ours"] and not twice else 1


def drill(server: str, folder: Any, seconds: float, writers: int) -> Run:
    """Write and read at the same time, then read on until nothing is left."""
    hub = fresh_hub(server)
    with new_node(hub, folder / "one", "one") as one:
        one.sync()
        with another_node(hub, one, folder / "two", "two") as two:
            two.sync()
            run = Run(hub, time.monotonic() + seconds)
            threads = [threading.Thread(target=_write, args=(run, n, one.node_id)) for n in range(writers)]
            reader = threading.Thread(target=_poll, args=(run,))
            for thread in (*threads, reader):
                thread.start()
            with open_session(two.store, two.link) as session:
                while any(thread.is_alive() for thread in threads):
                    _take(run, session)
                    time.sleep(0.01)
                for thread in (*threads, reader):
                    thread.join()
                _take(run, session)
    return run


def _write(run: Run, number: int, node_id: str) -> None:
    """What a push does: changes noted, then other work, then the commit."""
    import psycopg

    rng = random.Random(number)
    with psycopg.connect(run.hub.dsn) as connection:
        site = connection.execute("SELECT site_id FROM hub.site").fetchone()
        while run.going():
            names = [f"row {id_.hex()}" for id_ in new_ids(rng.randint(1, 6))]
            for name in names:
                connection.execute(
                    "INSERT INTO hub.change (site_id, node_id, channel, tbl, op, keys, hlc) "
                    "VALUES (%s, %s, 'core', 'setting', 'I', ARRAY[%s], 1)",
                    (site[0] if site else None, node_id, name),
                )
            time.sleep(rng.random() * HELD_BACK_SECONDS)
            connection.commit()
            with run.guard:
                run.written += names


def _poll(run: Run) -> None:
    """The usual reader: everything beyond the highest number seen."""
    import psycopg

    last, over = 0, False
    with psycopg.connect(run.hub.dsn, autocommit=True) as connection:
        while not over:
            over = not run.going()
            if over:
                time.sleep(1)  # the last writers commit
            rows = connection.execute(
                "SELECT rev, keys[1] FROM hub.change WHERE rev > %s AND tbl = 'setting' ORDER BY rev", (last,)
            ).fetchall()
            run.naive.update(key for _, key in rows)
            last = max([last, *(rev for rev, _ in rows)])
            time.sleep(0.01)


def _take(run: Run, session: Any) -> None:
    """Pages of sync_pull; the keys have no rows, so they come as gone."""
    taker = Taker(session)
    real = taker._page

    def page(channel: str, after: tuple[int, int], own: bool) -> Any:
        found = real(channel, after, own)
        for table in found[0].tables.values():
            run.ours.update(gone.pk for gone in table.gone)
        return found

    taker._page = page  # type: ignore[method-assign]
    session.sent = 1  # the cursor is kept each time
    taker.take_channel("core")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
