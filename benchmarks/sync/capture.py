"""What change capture costs whoever writes: the same rows into the same store, with and without the log's triggers.

Run: python -m benchmarks.sync.capture [ROWS]. Bar: at most 1.5 times the time without capture for the ways in which the
program writes: an import of a file, and a receipt a commit. Below that, processor time of bare statements in commits of
1,000, which nothing in the program does for long, and of an outbox by hand (naive), which must cost more than the bar.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from models import changes
from models.ids import new_id, new_ids
from models.site import create_site
from models.store import Store, create_store
from models.tables import TABLES

BAR = 1.5
COMMIT = 1000
ROUNDS = 5
SALE = (
    "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, units, txns, basis, "
    "payment, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def main() -> int:
    """Print each way of writing with its ratio; 1 where one is over the bar."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        store = create_store(create_site(Path(folder) / "site", name="Bench"))
        source = new_id()
        with store.write("bench", "a source") as tx:
            tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'till', 'pos')", [(source,)])
        over = [
            name for name, ratio in (_of_imports(folder, count), _of_single(store, source, count // 20)) if ratio > BAR
        ]
        over += [
            name
            for name, write, naive in (
                ("receipts, one log row each", by_row, False),
                ("receipts, a bulk load", in_bulk, False),
                ("receipts, an outbox by hand (naive)", by_hand, True),
            )
            if _compare(store, source, count, name, write, naive=naive)
        ]
        store.close()
    return 1 if over else 0


def by_row(store: Store, rows: list[Any], batch: bytes) -> None:
    """Commits of a thousand; the triggers write a row of the log for each."""
    for at in range(0, len(rows), COMMIT):
        with store.write("bench", "rows") as tx:
            tx.execute_many(SALE, rows[at : at + COMMIT])


def in_bulk(store: Store, rows: list[Any], batch: bytes) -> None:
    """One transaction; the log gets one row."""
    with store.write("bench", "rows") as tx, tx.bulk("sale", batch=batch, first=rows[0][0], last=rows[-1][0]):
        tx.execute_many(SALE, rows)


def by_hand(store: Store, rows: list[Any], batch: bytes) -> None:
    """Row after row, each with a second statement that keeps its image."""
    for at in range(0, len(rows), COMMIT):
        with store.write("bench", "rows") as tx:
            for row in rows[at : at + COMMIT]:
                tx.connection.exec_driver_sql(SALE, row)
                image = json.dumps([v.hex() if isinstance(v, bytes) else v for v in row])
                tx.connection.exec_driver_sql(
                    "INSERT INTO change_log (channel, tbl, op, pk, at, row) VALUES ('core', 'sale', 'I', ?, 0, ?)",
                    (row[0], image),
                )


def _compare(
    store: Store, source: bytes, count: int, name: str, write: Callable[[Store, list[Any], bytes], None], *, naive: bool
) -> bool:
    """Whether it is over the bar (or, for the naive way, not over it). Rounds alternate, so that load hits both."""
    plain = by_row if naive else write
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        for captured in (False, True):
            _set_capture(store, captured and not naive)
            rows, batch = _rows(source, count)
            began = time.process_time()
            (write if captured else plain)(store, rows, batch)
            spent[captured].append((time.process_time() - began) / count * 1e6)
            _empty(store)
    without, with_ = median(spent[False]), median(spent[True])
    ratio = with_ / without
    bar = f"bar: over {BAR}"
    print(f"{name}: {without:.1f} -> {with_:.1f} µs of processor a row, x{ratio:.2f} ({bar if naive else 'no bar'})")
    return naive and ratio <= BAR


def _of_imports(folder: str, count: int) -> tuple[str, float]:
    """Processor time of importing a till's file, with the receipts' and lines' triggers and without."""
    from benchmarks.import_rate import _generate
    from engines.intake.actions import import_file

    file = _generate(Path(folder) / "till.csv", count)
    spent: dict[bool, list[float]] = {True: [], False: []}
    for round_ in range(ROUNDS):
        for captured in (False, True):
            store = create_store(create_site(Path(folder) / f"import{round_}{captured}", name="Bench"))
            if not captured:
                with store.write("bench", "triggers") as tx:
                    for name in changes.all_triggers():
                        tx.connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            began = time.process_time()
            import_file(store, "bench", "sales", file)
            spent[captured].append((time.process_time() - began) / count * 1e6)
            store.close()
    return _told("an import of a till's file", median(spent[False]), median(spent[True]), "processor a line")


def _of_single(store: Store, source: bytes, count: int) -> tuple[str, float]:
    """Time, the disk's included, of a receipt a commit."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        for captured in (False, True):
            _set_capture(store, captured)
            rows, _batch = _rows(source, count)
            began = time.perf_counter()
            for row in rows:
                with store.write("bench", "a receipt") as tx:
                    tx.execute_many(SALE, [row])
            spent[captured].append((time.perf_counter() - began) / count * 1e6)
            _empty(store)
    return _told("a receipt a commit", median(spent[False]), median(spent[True]), "time a receipt")


def _told(name: str, without: float, with_: float, what: str) -> tuple[str, float]:
    ratio = with_ / without
    print(f"{name}: {without:.1f} -> {with_:.1f} µs of {what}, x{ratio:.2f} (bar: at most {BAR})")
    return name, ratio


def _empty(store: Store) -> None:
    with store.write("bench", "emptying") as tx:
        tx.connection.exec_driver_sql("DELETE FROM sale")
        tx.connection.exec_driver_sql("DELETE FROM change_log WHERE seq < (SELECT max(seq) FROM change_log)")


def _set_capture(store: Store, on: bool) -> None:
    with store.write("bench", "triggers") as tx:
        for name, text in changes.trigger_statements(TABLES["sale"]).items():
            tx.connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            if on:
                tx.connection.exec_driver_sql(text)


def _rows(source: bytes, count: int) -> tuple[list[Any], bytes]:
    batch = new_id()
    return [
        (id_, source, f"r{n}", 1_790_000_000_000 + n, f"2026-{1 + n % 12:02d}-{1 + n % 28:02d}", 600, 1000 + n, 900 + n,
         1.5, 1, "pos", "card", batch)
        for n, id_ in enumerate(new_ids(count))
    ], batch  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
