"""RFM and the features of everyone at three sizes: `python -m benchmarks.scale.features [--receipts N ...]`.

Each measurement is a process of its own (wall and processor seconds, and peak memory); the sizes give the exponent. In
the same run, on the largest size: a query written by hand for DuckDB on the same Parquet (bar: ours at most 1.2 times
its time), and pandas reading the same rows from SQLite (bar: ours at least 10 times as fast), where the Python that
ATRIUM_PEERS names has pandas. Then ours under the limit that the product ships (bar: the whole process within 500 MB).
"""

# ruff: noqa: S608 - every text below is made of names of its own
from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (100_000, 1_000_000, 10_000_000)
HERE = Path(__file__).parent


def main() -> int:
    """Measure every size and the peers; 0 where the bars are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--receipts", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--marts", type=Path, help="keep the synthetic marts here for a next time")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options.folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="atrium-scale-") as place:
        return _measure(options.marts or Path(place), sorted(options.receipts))


def _measure(place: Path, sizes: list[int]) -> int:
    from benchmarks.scale.mall import RECEIPTS_EACH, write_mart

    seconds: dict[int, float] = {}
    for receipts in sizes:
        folder = place / str(receipts // RECEIPTS_EACH)
        write_mart(folder, receipts // RECEIPTS_EACH)
        found = _child("ours", folder)
        seconds[receipts] = found["seconds"]
        print(
            f"{receipts:>11,} receipts: {found['seconds']:6.2f} s, processor {found['processor']:6.2f} s  "
            f"{found['memory_mb']:6.0f} MB  {found['rows']:,} people",
            flush=True,
        )
    largest = sizes[-1]
    folder = place / str(largest // RECEIPTS_EACH)
    if len(sizes) > 1:
        a, b = sizes[-2], largest
        print(f"exponent between the two largest: {math.log(seconds[b] / seconds[a]) / math.log(b / a):.2f}")
    mine, by_hand = _least(folder, "ours"), _least(folder, "hand")
    ours, hand = mine["seconds"], by_hand["seconds"]
    print(
        f"by hand on DuckDB {hand:.2f} s, ours {ours:.2f} s: {ours / hand:.2f} times (bar 1.2); processor "
        f"{by_hand['processor']:.2f} s, ours {mine['processor']:.2f} s: {mine['processor'] / by_hand['processor']:.2f}"
    )
    small = _child("ours", folder, memory="200MB")
    print(f"under a limit of 200 MB: {small['seconds']:.2f} s, whole process {small['memory_mb']:.0f} MB (bar 500)")
    slow = _pandas(folder)
    if slow is not None:
        print(
            f"pandas from SQLite {slow['seconds']:.2f} s, {slow['memory_mb']:.0f} MB: "
            f"ours {slow['seconds'] / ours:.1f} times as fast (bar 10)"
        )
    met = ours <= 1.2 * hand and small["memory_mb"] <= 500 and (slow is None or slow["seconds"] >= 10 * ours)
    return 0 if met else 1


def _least(folder: Path, task: str) -> dict[str, float]:
    """The quicker of two runs."""
    return min((_child(task, folder) for _ in range(2)), key=lambda run: run["seconds"])


def _child(task: str, folder: Path, memory: str = "600MB") -> dict[str, float]:
    """Run one task in a fresh process."""
    environment = {**os.environ, "ATRIUM_MART_MEMORY": memory, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.scale.features", "--task", task, "--folder", str(folder)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _result(rows: int, began: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    processor = time.process_time()
    return {"rows": rows, "seconds": time.perf_counter() - began, "processor": processor, "memory_mb": peak}


def ours(folder: Path) -> dict[str, float]:
    """The product's way: features and RFM scores of everyone."""
    began = time.perf_counter()
    import duckdb  # noqa: F401 - loading it is part of the time

    from benchmarks.scale.mall import moment
    from engines.contract import Moment
    from engines.features.relation import FEATURES
    from engines.rfm.engine import ENGINE
    from models import mart

    at = moment()
    with mart.open_folder(folder) as connection:
        features = mart.fetch(connection, FEATURES, at)
        taken = mart.fetch(connection, ENGINE.takes[0], at)
    ENGINE.run(
        Moment(int(str(at["at"])), str(at["day"]), 1439, "UTC", "CN", None, "CNY"), **{ENGINE.takes[0].name: taken}
    )
    return _result(features.num_rows, began)


def hand(folder: Path) -> dict[str, float]:
    """The same figures from one query that an expert would write for DuckDB alone, with scores by its own ntile."""
    began = time.perf_counter()
    import duckdb

    from benchmarks.scale.mall import moment

    connection = duckdb.connect(
        ":memory:", config={"memory_limit": "600MB", "threads": 2, "temp_directory": str(folder / "s")}
    )
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    for name in ("sale", "activity", "identifier_owner", "tenant"):
        paths = ", ".join(f"'{folder / file}'" for file in files[name].values())
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{paths}])")
    text = (HERE / "by_hand.sql").read_text("utf-8")
    table: Any = connection.execute(text, {name: moment()[name] for name in ("at", "day")}).to_arrow_table()
    return _result(table.num_rows, began)


def _pandas(folder: Path) -> dict[str, float] | None:
    """pandas in the peers' environment, reading from an SQLite file that is made first; None where there is none."""
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print("pandas is not measured: ATRIUM_PEERS names no Python that has it")
        return None
    base = folder / "peer.db"
    if not base.exists():
        _sqlite(folder, base)
    done = subprocess.run(
        [python, str(HERE / "peer_pandas.py"), str(base)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"pandas is not measured: {done.stderr.strip().splitlines()[-1]}")
        return None
    return dict(json.loads(done.stdout))


def _sqlite(folder: Path, base: Path) -> None:
    """The receipts and the activities with their customers as a plain SQLite file."""
    import sqlite3

    from models import mart

    target = sqlite3.connect(base)
    target.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE sale (person TEXT, tenant TEXT, "
        "category TEXT, day TEXT, minute INTEGER, net INTEGER); "
        "CREATE TABLE activity (person TEXT, kind TEXT, day TEXT);"
    )
    owner = "JOIN identifier_owner o ON o.identifier_id = x.identifier_id"
    queries = {
        "sale": "SELECT hex(o.person_id), hex(x.tenant_id), hex(t.category_id), x.day, x.minute, x.net_minor "
        f"FROM sale x {owner} LEFT JOIN tenant t ON t.id = x.tenant_id",
        "activity": f"SELECT hex(o.person_id), x.kind, x.day FROM activity x {owner}",
    }
    with mart.open_folder(folder) as connection:
        for name, query in queries.items():
            cursor = connection.execute(query)
            marks = ", ".join("?" for _ in cursor.description)
            while rows := cursor.fetchmany(100_000):
                target.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    target.commit()
    target.close()


TASKS = {"ours": ours, "hand": hand}

if __name__ == "__main__":
    sys.exit(main())
