"""A node is restored from a backup and goes on: nothing may be lost at the hub, nor what was sent since the backup.

Run: python -m benchmarks.sync.restored [--rounds 20]
Each round: receipts are sent, a backup is made, more receipts are sent (and some corrected, some taken back), the
store is restored, new receipts are made, and the node syncs. Also for a naive restore that goes on under the same
epoch: it re-uses numbers of the log that the hub has confirmed, and must lose.
Exit status 0 where ours loses nothing and the naive one does.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sync.histories import quick_folder
from models.backup import make_backup
from models.recovery import release
from models.restore import restore_backup
from models.store import open_store
from tests.hub import Node, add_sales, add_source, fresh_hub, new_node
from tests.postgres import postgres_server


@dataclass
class Lost:
    """Receipts that were acknowledged to their maker: how many there were, how many the hub or the node lacks."""

    made: int = 0
    at_hub: int = 0
    here: int = 0
    undone: int = 0


def main(arguments: Sequence[str]) -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description="Restore, then continue: nothing is lost at the hub.")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(arguments)
    with postgres_server() as server, quick_folder() as folder:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        found = {naive: drill(server, folder / str(naive), options.rounds, naive=naive) for naive in (True, False)}
    for naive, lost in found.items():
        print(
            f"{'same epoch' if naive else 'new epoch '}: of {lost.made:,} receipts {lost.at_hub:,} are missing at the "
            f"hub, {lost.here:,} here; {lost.undone:,} corrections undone  {'must lose' if naive else 'bar: 0, 0, 0'}"
        )
    ours, theirs = found[False], found[True]
    return 0 if theirs.at_hub and not (ours.at_hub or ours.here or ours.undone) else 1


def drill(server: str, folder: Path, rounds: int, *, naive: bool, seed: int = 1) -> Lost:
    """Restore and go on, so many times."""
    rng, lost, corrected = random.Random(seed), Lost(), dict[str, int]()
    hub = fresh_hub(server)
    with new_node(hub, folder, "one") as node:
        source = add_source(node.store)
        for _ in range(rounds):
            lost.made += _sell(node, source, lost.made, rng.randint(1, 300))
            node.sync()
            backup = make_backup(node.store)
            lost.made += _sell(node, source, lost.made, rng.randint(1, 300))
            key = f"r{rng.randrange(lost.made)}"
            corrected[key] = rng.randrange(1_000_000, 2_000_000)
            node.run("UPDATE sale SET gross_minor = ? WHERE source_key = ?", corrected[key], key)
            node.sync()
            _restore(node, backup.path, naive=naive)
            lost.made += _sell(node, source, lost.made, rng.randint(1, 300))
            node.sync()
        node.sync()
        lost.at_hub = lost.made - int(hub.one("SELECT count(DISTINCT source_key) FROM atrium.sale"))
        lost.here = lost.made - int(node.one("SELECT count(*) FROM sale"))
        stands = dict(hub.rows("SELECT source_key, gross_minor FROM atrium.sale WHERE gross_minor >= 1000000"))
        lost.undone = sum(stands.get(key) != value for key, value in corrected.items())
        node.store.close()
    return lost


def _sell(node: Node, source: bytes, start: int, count: int) -> int:
    add_sales(node.store, source, count, start=start)
    return count


def _restore(node: Node, backup: Path, *, naive: bool) -> None:
    folder = node.store.site.folder
    node.store.close()
    if naive:
        for name in ("atrium.db-wal", "atrium.db-shm"):
            (folder / name).unlink(missing_ok=True)
        with (folder / "atrium.db").open("r+b") as file:  # the same file with the backup's content
            file.write(backup.read_bytes())
            file.truncate()
        node.store = open_store(folder)
        return
    restore_backup(folder, backup, actor="drill")
    node.store = open_store(folder)
    node.sync()
    release(node.store, "cli:drill")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
