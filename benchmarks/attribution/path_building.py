"""Touch paths weighed for every rule: `python -m benchmarks.attribution.path_building [--receipts N ...]`.

The synthetic mall of benchmarks/scale: a member for ten receipts, with nine activities. In the same run, each
measurement in a process of its own, in turns, the least of three: the product's query (eight rules by number and money,
transitions, lost paths, three look-backs, three kinds of conversion, 40 parts for the bootstrap), the same rows by a
query written by hand for DuckDB (bar: ours at most 1.2 times its processor time), and at one million receipts and
fewer the same rows by pandas from SQLite (bar: ours at least 10 times as fast), where the Python that ATRIUM_PEERS
names has pandas. The answers must agree. Then ours under a limit of 250 MB for DuckDB (bar: the process in 500 MB).
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
MOST_PANDAS = 1_000_000
HERE = Path(__file__).parent


def main() -> int:
    """Measure every size; 0 where the bars are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--receipts", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--marts", type=Path, help="keep the synthetic marts here for a next time")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options.folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="atrium-paths-") as place:
        met = [_measure(options.marts or Path(place), receipts) for receipts in sorted(options.receipts)]
    return 0 if all(met) else 1


def _measure(place: Path, receipts: int) -> bool:
    from benchmarks.scale.mall import RECEIPTS_EACH, write_mart

    folder = place / str(receipts // RECEIPTS_EACH)
    write_mart(folder, receipts // RECEIPTS_EACH)
    turns = [(_child("ours", folder), _child("hand", folder)) for _ in range(3)]
    mine, hand = (min(side, key=lambda run: run["processor"]) for side in zip(*turns, strict=True))
    ratio, same = mine["processor"] / hand["processor"], _agree(mine, hand)
    print(
        f"{receipts:,} receipts: {mine['rows']:,} rows in {mine['seconds']:.2f} s, processor "
        f"{mine['processor']:.2f} s; by hand {hand['seconds']:.2f} s, processor {hand['processor']:.2f} s: "
        f"{ratio:.2f} times (bar 1.2), answers {'agree' if same else 'DIFFER'}",
        flush=True,
    )
    small = _child("ours", folder, memory="250MB")
    print(f"  under a limit of 250 MB: {small['seconds']:.2f} s, whole process {small['memory_mb']:.0f} MB (bar 500)")
    met = same and ratio <= 1.2 and small["memory_mb"] <= 500
    slow = _pandas(folder) if receipts <= MOST_PANDAS else None
    if slow is not None:
        times, alike = slow["processor"] / mine["processor"], _agree(mine, slow)
        print(f"  pandas from SQLite {slow['seconds']:.2f} s, processor {slow['processor']:.2f} s, "
              f"{slow['memory_mb']:.0f} MB: ours {times:.1f} times as fast (bar 10), "
              f"answers {'agree' if alike else 'DIFFER'}", flush=True)  # fmt: skip
        met &= alike and times >= 10
    return met


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    sums = ((value, other["answer"][name]) for name, value in one["answer"].items())
    return one["rows"] == other["rows"] and all(math.isclose(a, b, rel_tol=1e-9) for a, b in sums)


def _child(task: str, folder: Path, memory: str = "600MB") -> dict[str, Any]:
    """Run one task in a fresh process."""
    environment = {**os.environ, "ATRIUM_MART_MEMORY": memory, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.attribution.path_building", "--task", task, "--folder", str(folder)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _run(folder: Path, fetch: Any) -> dict[str, Any]:
    began = time.perf_counter()
    import duckdb  # noqa: F401 - loading it is part of the time

    from models import mart

    with mart.open_folder(folder) as connection:
        table = fetch(connection)
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = {"seconds": time.perf_counter() - began, "processor": used.ru_utime + used.ru_stime}
    return {"rows": table.num_rows, **spent, "memory_mb": used.ru_maxrss / 1024, "answer": _answer(table)}


def _answer(table: Any) -> dict[str, float]:
    """Sums of squares of each measure: rows that are cut otherwise give others."""
    import numpy as np

    names = [n for n in table.column_names if n.endswith(("_n", "_v")) or n.startswith(("steps", "ends"))]
    return {n: float(np.sum(table.column(n).to_numpy().astype(np.float64) ** 2)) for n in names}


def ours(folder: Path) -> dict[str, Any]:
    """The product's way."""
    from benchmarks.scale.mall import moment
    from engines.attribution.relations import CREDITS
    from models import mart

    return _run(folder, lambda connection: mart.fetch(connection, CREDITS, moment()))


def hand(folder: Path) -> dict[str, Any]:
    """The same rows by the query for DuckDB alone."""
    from benchmarks.scale.mall import moment

    text = (HERE / "by_hand.sql").read_text("utf-8")
    return _run(folder, lambda connection: connection.sql(text, params={"at": moment()["at"]}).to_arrow_table())


def _pandas(folder: Path) -> dict[str, Any] | None:
    """pandas in the peers' environment, reading from an SQLite file that is made first; None where there is none."""
    from benchmarks.scale.mall import moment

    peer = os.environ.get("ATRIUM_PEERS")
    if not peer:
        print("  ATRIUM_PEERS names no Python with pandas: it is left out.")
        return None
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "peer.db"
        _copy(folder, base)
        command = [peer, str(HERE / "peer_pandas.py"), str(base), str(moment()["at"])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  pandas is left out: {done.stderr[-300:]}")
        return None
    return dict(json.loads(done.stdout))


def _copy(folder: Path, base: Path) -> None:
    """What pandas reads, as SQLite: known people's receipts and activities with numbers and names joined already."""
    import sqlite3

    from models import mart

    owner = "(SELECT identifier_id, dense_rank() OVER (ORDER BY person_id) - 1 AS person FROM identifier_owner)"
    queries = {
        "sale(id, person, at, net, tenant)": f"SELECT row_number() OVER (ORDER BY s.id), person, s.at, net_minor, "
        f"coalesce(t.code, '') FROM sale s JOIN {owner} USING (identifier_id) LEFT JOIN tenant t ON t.id = s.tenant_id",
        "activity(person, kind, at, day, channel, campaign)": "SELECT person, kind, a.at, day, "
        f"coalesce(c.channel, kind), coalesce(c.code, '') FROM activity a JOIN {owner} USING (identifier_id) "
        "LEFT JOIN campaign c ON c.id = a.campaign_id WHERE kind IN ('visit', 'referral', 'campaign_sent', "
        "'campaign_opened', 'campaign_clicked')",
    }
    with mart.open_folder(folder) as source, sqlite3.connect(base) as target:
        for table, query in queries.items():
            target.execute(f"CREATE TABLE {table}")
            marks = ", ".join("?" * (table.count(",") + 1))
            rows = source.execute(query)
            while part := rows.fetchmany(50_000):
                target.executemany(f"INSERT INTO {table.split('(', maxsplit=1)[0]} VALUES ({marks})", part)


TASKS = {"ours": ours, "hand": hand}

if __name__ == "__main__":
    sys.exit(main())
