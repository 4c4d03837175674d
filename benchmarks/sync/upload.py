# ruff: noqa: S608 - names come from the declared tables
"""Sending receipts to a hub, end to end, against what the same server can take.

Run: python -m benchmarks.sync.upload [ROWS] [SITES]. It starts a PostgreSQL of its own (fsync on, a socket), and takes
the same receipts in batches of 1,000 into the hub's own table, keys and partitions:

bare COPY     prepared text, no client work, nothing made sure: the limit
end to end    `sync_once` of a real store: encrypted file, change log, clocks, cursor, the hub's function
executemany   an upsert a row, as a program without thought would
jsonb         the same one call a batch with the rows as JSON (why arrays were chosen)
many sites    several stores at once, each its own process and login

Bars: end to end at least half of bare COPY and twice executemany; many sites at once faster than one. Rounds alternate
and the median counts, since other programs may use the machine.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from models.hub.schema import relations
from models.ids import new_id, new_ids
from models.site import create_site, load_site
from models.store import Store, create_store, open_store
from models.sync.cycle import sync_once
from models.sync.link import load_link

BATCH = 1000
ROUNDS = 3
SALE = relations()["sale"]
COLUMNS = ", ".join(f'"{name}"' for name in SALE.columns)


def main() -> int:
    """Print rates and ratios; 1 where a bar is missed."""
    from tests.hub import fresh_hub, join
    from tests.postgres import postgres_server

    count, sites = (int(v) for v in (*sys.argv[1:], *("60000", "8")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder, postgres_server("fsync=on", "max_connections=60") as server:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        stores = [_site(Path(folder) / f"site{n}", count) for n in range(sites)]
        rates: dict[str, list[float]] = {name: [] for name in ("copy", "sync", "executemany", "jsonb", "many")}
        for round_ in range(ROUNDS):
            hub = fresh_hub(server)
            rates["copy"].append(_copy(hub.dsn, stores[0]))
            join(hub, stores[0], f"one{round_}")
            _forget(stores[0])
            rates["sync"].append(_sync(stores[0].site.folder))
            assert hub.one("SELECT count(*) FROM atrium.sale") == 2 * count
            rates["executemany"].append(_executemany(fresh_hub(server).dsn, stores[0]))
            rates["jsonb"].append(_jsonb(fresh_hub(server).dsn, stores[0]))
            many = fresh_hub(server)
            for store in stores:
                join(many, store, f"many{round_}")
                _forget(store)
            rates["many"].append(_many([store.site.folder for store in stores], count))
            assert many.one("SELECT count(*) FROM atrium.sale") == sites * count
            print({name: f"{values[-1]:,.0f}/s" for name, values in rates.items()}, flush=True)
        for store in stores:
            store.close()
    return _judge({name: median(values) for name, values in rates.items()}, sites)


def _judge(rate: dict[str, float], sites: int) -> int:
    bars = (
        ("end to end / bare COPY", rate["sync"] / rate["copy"], 0.5),
        ("end to end / executemany upsert", rate["sync"] / rate["executemany"], 2.0),
        ("end to end / jsonb call", rate["sync"] / rate["jsonb"], 0.0),
        (f"{sites} sites / one", rate["many"] / rate["sync"], 1.0),
    )
    for name, ratio, bar in bars:
        print(f"{name}: {ratio:.2f} (bar {bar:g}) {'' if ratio >= bar else 'MISSED'}")
    return int(any(ratio < bar for _, ratio, bar in bars))


def _site(folder: Path, count: int) -> Store:
    store = create_store(create_site(folder, name="Mall"))
    source, batch, ids = new_id(), new_id(), new_ids(count)
    rows = [
        (id_, source, f"till-{n}", 1_790_000_000_000 + n, f"2026-{1 + n * 6 // count:02d}-{1 + n % 28:02d}", 600,
         1000 + n, 900 + n, 1.5, 1, "pos", "card", batch)
        for n, id_ in enumerate(ids)
    ]  # fmt: skip
    with store.write("bench", "receipts") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'till', 'pos')", [(source,)])
        with tx.bulk("sale", batch=batch, first=ids[0], last=ids[-1]):
            tx.execute_many(
                "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, units, txns, "
                "basis, payment, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
    return store


def _forget(store: Store) -> None:
    """As if nothing had been sent."""
    with store.write("bench", "forgetting") as tx:
        tx.connection.exec_driver_sql("DELETE FROM sync_state")
        tx.connection.exec_driver_sql("DELETE FROM meta WHERE name = 'hub_id'")


def _sync(folder: Path) -> float:
    store = open_store(folder)
    try:
        began = time.perf_counter()
        report = sync_once(store, load_link(load_site(folder)))
        return report.sent / (time.perf_counter() - began)
    finally:
        store.close()


def _many(folders: list[Path], count: int) -> float:
    with multiprocessing.get_context("spawn").Pool(len(folders)) as pool:
        pool.map(_warm, folders, chunksize=1)
        began = time.perf_counter()
        pool.map(_sync, folders, chunksize=1)
        return len(folders) * count / (time.perf_counter() - began)


def _warm(folder: Path) -> None:
    """Import what a round needs, as a service that runs has."""
    time.sleep(0.2)
    with contextlib.suppress(ImportError):
        import models.sync.pull  # noqa: F401
    import psycopg  # noqa: F401


def _rows(store: Store) -> list[Any]:
    with store.read() as connection:
        return connection.exec_driver_sql(f"SELECT {COLUMNS} FROM sale ORDER BY id").fetchall()


def _copy(dsn: str, store: Store) -> float:
    """Text for COPY is made beforehand; one commit a batch."""
    import psycopg

    site, node = new_id().hex(), new_id().hex()
    lines = ["\t".join((site, *map(_field, row), "5", node)) + "\n" for row in _rows(store)]
    chunks = ["".join(lines[at : at + BATCH]).encode() for at in range(0, len(lines), BATCH)]
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        _months(cursor)
        began = time.perf_counter()
        for chunk in chunks:
            with cursor.copy(f"COPY atrium.sale (site_id, {COLUMNS}, hlc, node_id) FROM STDIN") as copy:
                copy.write(chunk)
        return len(lines) / (time.perf_counter() - began)


def _executemany(dsn: str, store: Store) -> float:
    import psycopg

    rows = [tuple(v.hex() if isinstance(v, bytes) else v for v in row) for row in _rows(store)]
    site, node = new_id().hex(), new_id().hex()
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in SALE.columns)
    sql = (
        f"INSERT INTO atrium.sale (site_id, {COLUMNS}, hlc, node_id) "
        f"VALUES ({', '.join(['%s'] * (len(SALE.columns) + 3))}) ON CONFLICT (site_id, id, day) DO UPDATE SET {sets}"
    )
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        _months(cursor)
        began = time.perf_counter()
        for at in range(0, len(rows), BATCH):
            with connection.transaction():
                cursor.executemany(sql, [(site, *row, 5, node) for row in rows[at : at + BATCH]])
        return len(rows) / (time.perf_counter() - began)


def _jsonb(dsn: str, store: Store) -> float:
    """The rows as JSON made by SQLite, one call a batch, the cursor moved in it: what the arrays are compared with."""
    import psycopg

    kinds = ", ".join(f'"{name}" {kind}' for name, kind in SALE.columns.items())
    items = ", ".join(
        f"'{name}', " + (f'iif("{name}" IS NULL, NULL, hex("{name}"))' if kind == "uuid" else f'"{name}"')
        for name, kind in SALE.columns.items()
    )
    body = (
        f"INSERT INTO atrium.sale (site_id, {COLUMNS}, hlc, node_id) SELECT s, u.*, 5, s "
        f"FROM jsonb_to_recordset(d::jsonb) u({kinds}) ON CONFLICT (site_id, id, day) DO NOTHING"
    )
    site, after, sent = new_id().hex(), b"", 0
    raw = store.take_connection()
    with psycopg.connect(dsn, autocommit=True) as connection:
        with connection.cursor() as cursor:
            _months(cursor)
        connection.execute(
            f"CREATE FUNCTION bench(s uuid, d text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
        )
        began = time.perf_counter()
        while True:
            text, count, after = raw.execute(
                f"SELECT json_group_array(json_object({items})), count(*), max(id) FROM "
                f"(SELECT * FROM sale WHERE id > ? ORDER BY id LIMIT {BATCH})",
                (after,),
            ).fetchone()
            if not count:
                break
            connection.execute("SELECT bench(%s, %s)", (site, text))
            sent += count
        rate = sent / (time.perf_counter() - began)
    raw.close()
    return rate


def _months(cursor: Any) -> None:
    cursor.execute("SELECT hub.make_partition('sale', m::date) FROM generate_series(date '2026-01-01', '2026-12-01', "
                   "interval '1 month') m")  # fmt: skip


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    sys.exit(main())
