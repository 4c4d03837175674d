"""How fast a node takes what another sent, and how long the nightly comparison takes, on a real hub.

Run: python -m benchmarks.sync.take [--rows 200000] [--site FOLDER]
With --site a copy of that site is the sending node (its whole store is taken); else receipts are made. Taking is
compared with the same rows being inserted on this machine, logged, 2,000 to a commit, in the same run.
Exit status 0 where both ends are equal at the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sync.histories import quick_folder
from models.changes import logged_tables, parents_first
from models.hub.schema import relations
from models.site import load_site
from models.store import Store, create_store, open_store
from models.sync.cycle import sync_once
from models.sync.entropy import compare_with_hub
from models.sync.link import Link
from models.sync.rows import chunks, insert_sql
from tests.hub import Hub, add_sales, add_source, fresh_hub, join, new_node
from tests.postgres import postgres_server

PER_COMMIT = 2000


def main(arguments: Sequence[str]) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description="Taking, and comparing.")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--site", type=Path)
    options = parser.parse_args(arguments)
    with postgres_server() as server, quick_folder() as folder:
        if not options.site:
            os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        hub = fresh_hub(server)
        if options.site:
            shutil.copytree(options.site, folder / "one")
            store = open_store(folder / "one")
            link = join(hub, store, "one")
            _clear(store)
            return _measure(hub, store, link, folder)
        with new_node(hub, folder / "one", "one") as node:
            source = add_source(node.store)
            for start in range(0, options.rows, 50_000):
                add_sales(node.store, source, min(50_000, options.rows - start), start=start, bulk=True)
            return _measure(hub, node.store, node.link, folder)


def _measure(hub: Hub, one: Store, link: Link, folder: Path) -> int:
    began, cpu = time.perf_counter(), time.process_time()
    sent = sync_once(one, link).sent
    _say("sent", sent, began, cpu)
    (folder / "two").mkdir()
    shutil.copy(one.site.folder / "site.toml", folder / "two" / "site.toml")
    two = create_store(load_site(folder / "two"))
    other = join(hub, two, "two")
    began, cpu = time.perf_counter(), time.process_time()
    taken = sync_once(two, other).taken
    seconds = _say("taken", taken, began, cpu)
    bare = _insert(one, folder, taken)
    print(f"taking costs {seconds / bare:.1f} times the processor time of inserting the same rows here")
    compare_with_hub(two, other)
    began, cpu = time.perf_counter(), time.process_time()
    found = compare_with_hub(two, other, whole=True)
    rows = sum(_count(two).values())
    _say("compared (every day)", rows, began, cpu)
    began, cpu = time.perf_counter(), time.process_time()
    compare_with_hub(two, other)
    _say("compared (a night's)", rows, began, cpu)
    same = _count(one) == _count(two)
    print(f"{found.days:,} days of {found.tables} tables, {found.differing} differ; rows at both nodes: {same}")
    for store in (one, two):
        store.close()
    return 0 if same and not found.differing else 1


def _insert(one: Store, folder: Path, wanted: int) -> float:
    """Seconds of processor time to insert what was sent into a store of its own."""
    (folder / "bare").mkdir()
    shutil.copy(one.site.folder / "site.toml", folder / "bare" / "site.toml")
    bare, spent, done = create_store(load_site(folder / "bare")), 0.0, 0
    for relation in sorted(relations().values(), key=lambda relation: parents_first()[relation.name]):
        columns = ", ".join(f'"{name}"' for name in relation.columns)
        with one.read() as connection:
            rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{relation.name}"').fetchall()  # noqa: S608
        for part in chunks(rows, PER_COMMIT):
            cpu = time.process_time()
            with bare.write("bench", "rows") as tx:
                sql = insert_sql(relation).replace("INSERT", "INSERT OR REPLACE", 1)
                tx.execute_many(sql, part)
            spent += time.process_time() - cpu
            done += len(part)
    bare.close()
    print(f"inserted here: {done:,} rows in {spent:.1f} s of processor time ({done / spent:,.0f} rows/s)")
    return spent * wanted / max(1, done)


def _count(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {
            table.name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table.name}"').scalar_one())  # noqa: S608
            for table in logged_tables()
        }


def _clear(store: Store) -> None:
    """Whatever hub the site knew before."""
    with store.write("bench", "forgetting") as tx:
        tx.connection.exec_driver_sql("DELETE FROM sync_state")


def _say(what: str, rows: int, began: float, cpu: float) -> float:
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    print(f"{what}: {rows:,} rows in {wall:.1f} s ({rows / wall:,.0f} rows/s), {spent:.1f} s of them this processor's")
    return spent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
