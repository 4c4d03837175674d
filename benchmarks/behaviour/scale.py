"""Cohorts and a five-step funnel on 1 million people: `python -m benchmarks.behaviour.scale [--people N]`.

7.9 million activities and 2 million receipts are written as a mart into a folder that is removed at the end. Each
measurement is a process of its own: wall seconds, processor seconds, peak memory; the least of three, taken in turn. In
the same run: the same figures by a query written by hand for DuckDB (bar: ours at most 1.2 times its wall time; the
answers must be equal), and by pandas reading the same rows from SQLite (bar: ours at least 10 times as fast), where
the Python that ATRIUM_PEERS names has pandas. Bar for memory: the whole process within 500 MB under a limit of 300 MB
for DuckDB. The stage machine is measured as well.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PEOPLE = 1_000_000
HERE = Path(__file__).parent


def main() -> int:
    """Measure ours, by hand and the peer; 0 where the bars are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options.folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="atrium-behaviour-") as place:
        from benchmarks.behaviour.mall import write

        folder = Path(place)
        write(folder, options.people)
        return measure(folder)


def measure(folder: Path) -> int:
    """Print each job's figures and bars."""
    met = True
    slow = pandas(folder)
    for job in ("cohort", "funnel"):
        turns = [(child(f"{job}_ours", folder), child(f"{job}_hand", folder)) for _ in range(3)]
        ours, hand = (min(side, key=lambda r: r["seconds"]) for side in zip(*turns, strict=True))
        small = child(f"{job}_ours", folder, "300MB")
        same = ours["answer"] == hand["answer"]
        ratio = ours["seconds"] / hand["seconds"]
        print(f"{job}: ours {ours['seconds']:.2f} s {ours['memory_mb']:.0f} MB, by hand {hand['seconds']:.2f} s: "
              f"{ratio:.2f} times (bar 1.2), answers {'equal' if same else 'DIFFERENT'}")  # fmt: skip
        print(f"{job}: processor seconds {ours['cpu']:.2f} against {hand['cpu']:.2f}: {ours['cpu'] / hand['cpu']:.2f}")
        print(f"{job} under 300 MB: " + (f"{small['seconds']:.2f} s, whole process {small['memory_mb']:.0f} MB" if small
              else "not enough memory") + " (bar 500)")  # fmt: skip
        met &= same and ratio <= 1.2 and bool(small) and small["memory_mb"] <= 500
        if slow is not None:
            times = slow[job] / ours["seconds"]
            print(f"{job}: pandas from SQLite {slow[job]:.2f} s, {slow['memory_mb']:.0f} MB: "
                  f"ours {times:.1f} times as fast (bar 10)")  # fmt: skip
            met &= times >= 10
    stages = child("stages", folder)
    print(f"stages: {stages['answer']:,} changes in {stages['seconds']:.2f} s, {stages['memory_mb']:.0f} MB")
    return 0 if met else 1


def child(task: str, folder: Path, memory: str = "600MB") -> dict[str, Any]:
    """Run one task in a fresh process; empty where DuckDB ran out of the memory it may use."""
    environment = {**os.environ, "ATRIUM_MART_MEMORY": memory, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.behaviour.scale", "--task", task, "--folder", str(folder)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode and "OutOfMemory" not in done.stderr:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout)) if not done.returncode else {}


def result(answer: Any, began: float) -> dict[str, Any]:
    """Seconds, peak memory and what was found."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = {"seconds": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime}
    return {"answer": answer, **spent, "memory_mb": used.ru_maxrss / 1024}


def definition() -> Any:
    """Five kinds in their order within a day."""
    from benchmarks.behaviour.mall import KINDS
    from engines.behaviour.funnel import Funnel, Step

    return Funnel("five", tuple(Step(kind) for kind in KINDS), 1.0)


def funnel_ours(folder: Path) -> dict[str, Any]:
    """The product's way: how many reached each step when, then the figures."""
    began = time.perf_counter()
    from benchmarks.behaviour.mall import FIRST, LAST, moment
    from engines.behaviour.funnel import outcome, relation
    from models import mart

    asked = relation(definition(), FIRST.isoformat(), LAST.isoformat(), 1_900_000_000_000)
    with mart.open_folder(folder) as connection:
        found = outcome(definition(), mart.fetch(connection, asked, moment()))
    return result([step.people for step in found.steps], began)


def cohort_ours(folder: Path) -> dict[str, Any]:
    """The product's way: cohorts by joining and by first purchase."""
    began = time.perf_counter()
    from benchmarks.behaviour.mall import LAST, moment
    from engines.behaviour.cohorts import month_cells
    from engines.behaviour.engine import MONTHS
    from models import mart

    with mart.open_folder(folder) as connection:
        rows = mart.fetch(connection, MONTHS, moment())
    cells = month_cells(rows.to_pylist(), LAST.isoformat())
    names = ("kind", "cohort", "age", "people", "returned", "engaged", "revenue_minor")
    return result([[c[n] for n in names] for c in cells], began)


def stages(folder: Path) -> dict[str, Any]:
    """The heavy half of the stage machine."""
    began = time.perf_counter()
    from benchmarks.behaviour.mall import moment
    from engines.journeys.engine import CHANGES
    from models import mart

    with mart.open_folder(folder) as connection:
        return result(mart.fetch(connection, CHANGES, moment()).num_rows, began)


def _by_hand(folder: Path) -> Any:
    import duckdb

    spill = str(folder / "hand")
    connection = duckdb.connect(":memory:", config={"memory_limit": "600MB", "threads": 2, "temp_directory": spill})
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    for name in ("sale", "activity", "identifier_owner", "member"):
        paths = ", ".join(f"'{folder / file}'" for file in files[name].values())
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{paths}])")  # noqa: S608
    return connection


def funnel_hand(folder: Path) -> dict[str, Any]:
    """The same funnel as somebody would write it for DuckDB alone: one join a step, the earliest that follows."""
    began = time.perf_counter()
    text = (HERE / "funnel_by_hand.sql").read_text("utf-8")
    return result(list(_by_hand(folder).execute(text).fetchone()), began)


def cohort_hand(folder: Path) -> dict[str, Any]:
    """The same cohorts as somebody would write them for DuckDB alone."""
    began = time.perf_counter()
    text = (HERE / "cohorts_by_hand.sql").read_text("utf-8")
    rows = _by_hand(folder).execute(text).fetchall()
    return result([list(row) for row in rows], began)


def pandas(folder: Path) -> dict[str, float] | None:
    """pandas in the peers' environment, reading from SQLite; None where there is none."""
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print("pandas is not measured: ATRIUM_PEERS names no Python that has it")
        return None
    base = folder / "peer.db"
    _sqlite(folder, base)
    done = subprocess.run(
        [python, str(HERE / "peer_pandas.py"), str(base)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"pandas is not measured: {done.stderr.strip().splitlines()[-1]}")
        return None
    return dict(json.loads(done.stdout))


def _sqlite(folder: Path, base: Path) -> None:
    import sqlite3

    from models import mart

    target = sqlite3.connect(base)
    target.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
        "CREATE TABLE activity (person TEXT, kind TEXT, at INTEGER, day TEXT); "
        "CREATE TABLE sale (person TEXT, day TEXT, net INTEGER); CREATE TABLE member (person TEXT, day TEXT);"
    )
    queries = {
        "activity": "SELECT hex(o.person_id), a.kind, a.at, a.day FROM activity a JOIN identifier_owner o "
        "ON o.identifier_id = a.identifier_id",
        "sale": "SELECT hex(o.person_id), s.day, s.net_minor FROM sale s JOIN identifier_owner o "
        "ON o.identifier_id = s.identifier_id",
        "member": "SELECT hex(person_id), joined_day FROM member",
    }
    with mart.open_folder(folder) as connection:
        for name, query in queries.items():
            cursor = connection.execute(query)
            while rows := cursor.fetchmany(100_000):
                marks = ", ".join("?" * len(rows[0]))
                target.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - one of three
    target.commit()
    target.close()


TASKS = {
    "cohort_ours": cohort_ours, "cohort_hand": cohort_hand, "funnel_ours": funnel_ours, "funnel_hand": funnel_hand,
    "stages": stages,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
