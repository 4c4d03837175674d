"""How fast an import is, against SQLite alone: `python -m benchmarks.import_rate [--rows N] [--rounds N] [FILE ...]`.

The import reads the file, guesses its columns, checks every row and stores it, encrypted, with its change
capture, foreign keys and indexes, in a store of its own. The yardstick, in the same run, is the standard
library's `sqlite3.executemany` of the file's rows, already read and in memory, into one plain table with no
index (WAL, FULL, one transaction). The ratio that counts is rows of the file a second; stored rows a second
are shown as well, since one row of a file can make six rows of the store. Target: at least 0.40.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engines.intake.actions import import_file
from engines.intake.files import read_sheet
from engines.intake.sheet import Sheet
from models.site import create_site
from models.store import create_store

TARGET = 0.40
REAL = ("transactions/online-retail.parquet", "transactions/istanbul-malls.csv")
STORED = ("sale", "sale_line", "identifier", "person", "identity_link", "identifier_owner", "tenant", "category")
#: The settings of the site that each real file fits; the generated one is in the default.
CURRENCIES = {"istanbul-malls.csv": ("TRY", "TR", "Europe/Istanbul")}


def main() -> int:
    """Measure every file and print one line each; 0 where all meet the target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the generated file, 0 for none")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    worst = 1.0
    with tempfile.TemporaryDirectory(prefix="atrium-import-") as folder:
        os.environ["ATRIUM_KEYS"] = str(Path(folder) / "keys")
        for file in options.files or _files(Path(folder), options.rows):
            worst = min(worst, _measure(file, Path(folder), options.rounds))
    return 0 if worst >= TARGET else 1


def _files(folder: Path, rows: int) -> Iterator[Path]:
    data = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    yield from (data / name for name in REAL if (data / name).exists())
    if rows:
        yield _generate(folder / f"generated-{rows}-lines.csv", rows)


def _generate(path: Path, rows: int) -> Path:
    """A till's export: receipts of one to seven lines of forty shops, a fifth of them with a member's card."""
    rng = random.Random(7)
    at, line = datetime(2024, 1, 1, 10, tzinfo=UTC), 0
    with path.open("w", encoding="utf-8") as out:
        out.write("receipt_no,sold_at,shop,card_no,sku,description,category,quantity,unit_price,payment\n")
        while line < rows:
            at += timedelta(seconds=rng.randrange(1, 60))
            card = f"C{rng.randrange(20_000):06d}" if rng.random() < 0.2 else ""
            head = f"R{line:08d},{at:%Y-%m-%d %H:%M:%S},shop {rng.randrange(40):02d},{card}"
            for _ in range(min(rng.randrange(1, 8), rows - line)):
                n = rng.randrange(3000)
                price = f"{n % 397 + n % 100 / 100:.2f}"
                out.write(f"{head},S{n:05d},article {n},category {n % 12},{rng.randrange(1, 5)},{price},card\n")
                line += 1
    return path


def _measure(file: Path, folder: Path, rounds: int) -> float:
    sheet = read_sheet(file)
    rows = list(zip(*([c.texts[i] for i in c.codes.tolist()] for c in sheet.columns), strict=True))
    pairs = [(_bare(sheet, rows, folder), _import(file, folder)) for _ in range(rounds)]
    bare = statistics.median(b for b, _ in pairs)
    ours, stored = (statistics.median(values) for values in zip(*(i for _, i in pairs), strict=True))
    ratio = statistics.median(i[0] / b for b, i in pairs)
    verdict = "ok" if ratio >= TARGET else f"below {TARGET:.2f}"
    print(
        f"{file.name}: {sheet.rows:,} rows; import {ours:,.0f} rows/s ({stored:,.0f} stored rows/s), "
        f"bare executemany {bare:,.0f} rows/s; ratio {ratio:.2f} {verdict}; stored-row ratio {stored / bare:.2f}",
        flush=True,
    )
    return ratio


def _bare(sheet: Sheet, rows: list[tuple[str, ...]], folder: Path) -> float:
    path = folder / "bare.db"
    for old in folder.glob("bare.db*"):
        old.unlink()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    names = ", ".join(f"c{i}" for i in range(len(sheet.columns)))
    connection.execute(f"CREATE TABLE t ({names})")
    began = time.perf_counter()
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(sheet.columns))})", rows)  # noqa: S608
    connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return len(rows) / seconds


def _import(file: Path, folder: Path) -> tuple[float, float]:
    """(rows of the file a second, rows of the store a second)."""
    currency, country, zone = CURRENCIES.get(file.name, ("GBP", "GB", "Europe/London"))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        site = create_site(Path(place) / "site", name="Benchmark", currency=currency, country=country, time_zone=zone)
        store = create_store(site)
        began = time.perf_counter()
        result = import_file(store, "benchmark", "sales", file)
        seconds = time.perf_counter() - began
        if result.loaded + result.rejected != result.read or not result.loaded:
            raise SystemExit(f"{file.name}: {result}")
        with store.read() as connection:
            counts = (f"SELECT count(*) FROM {table}" for table in STORED)  # noqa: S608 - our own names
            stored = sum(connection.exec_driver_sql(count).scalar_one() for count in counts)
        store.close()
    return result.read / seconds, stored / seconds


if __name__ == "__main__":
    raise SystemExit(main())
