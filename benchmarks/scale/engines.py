"""Every engine at three sizes: `python -m benchmarks.scale.engines [--members N ...] [--engines NAME ...]`.

Each engine runs over the synthetic mart in a process of its own, as the driver would run it: what it takes of the mart
by `mart.fetch`, what other engines gave from Parquet beside it (they run before, each in its own process). Printed are
processor seconds of the heavy half (queries on DuckDB) and of the light half (numpy, models), the rows given, and
the process's peak resident memory, after the heavy half and in all. The exponent is that of the processor time between
two sizes: 1 is proportional. Bars: an exponent of at most 1.15 (where the larger run takes ten seconds or longer) and
500 MB. The synthetic mall has no counters, leases or deals: engines of these refuse it or have nothing to do.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from models.relations import Relation

SIZES = (10_000, 100_000, 1_000_000)
BAR_MB, BAR_EXPONENT, LEAST_SECONDS = 500, 1.15, 10.0


@dataclass(frozen=True)
class Run:
    """One engine at one size: processor seconds of both halves and of the wall, rows given, peak memory in MB."""

    heavy: float = 0.0
    light: float = 0.0
    wall: float = 0.0
    rows: int = 0
    heavy_mb: float = 0.0
    memory_mb: float = 0.0
    refused: str = ""
    failed: bool = False

    @property
    def seconds(self) -> float:
        """The processor time of both halves."""
        return self.heavy + self.light


def main() -> int:
    """Measure and print; 0 where every engine is within the bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--engines", nargs="+", help="only these; what they take must be there from an earlier run")
    parser.add_argument("--marts", type=Path, help="keep the synthetic marts and the results here for a next time")
    parser.add_argument("--memory", help="what DuckDB may use, where not the product's own limit")
    parser.add_argument("--longest", type=int, default=1_200, help="seconds of the wall clock an engine may take")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, options.engines[0]).__dict__))
        return 0
    with tempfile.TemporaryDirectory(prefix="atrium-scale-") as place:
        return _measure(options.marts or Path(place), options)


def _measure(place: Path, options: argparse.Namespace) -> int:
    names, sizes = _names(options.engines), sorted(options.members)
    for members in sizes:
        _write_mart(place / str(members), members)
    print("engine          members  heavy s  light s   wall s       rows heavy MB peak MB exponent")
    missed = [name for name in names if not _engine(place, sizes, name, options)]
    if missed:
        print("beyond the bars:", ", ".join(missed))
    return 1 if missed else 0


def _names(wanted: list[str] | None) -> list[str]:
    """The engines in the order in which they can run, told by a child: this process must stay small, because a
    process's peak memory is counted from that of the one that started it."""
    code = "from engines.registry import ENGINES; from engines.driver import order; import json; "
    code += "print(json.dumps([e.name for e in order(ENGINES)]))"
    found: list[str] = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    return [name for name in found if not wanted or name in wanted]


def _write_mart(folder: Path, members: int) -> None:
    code = f"from benchmarks.scale.mall import write_mart; from pathlib import Path; write_mart(Path({str(folder)!r}), "
    subprocess.run([sys.executable, "-c", f"{code}{members})"], check=True)


def _engine(place: Path, sizes: list[int], name: str, options: argparse.Namespace) -> bool:
    earlier: Run | None = None
    met, exponent, before = True, 0.0, 0
    for members in sizes:
        run = _child(place / str(members), name, options)
        told = ""
        if earlier and not (run.refused or earlier.refused):
            exponent = math.log(run.seconds / earlier.seconds) / math.log(members / before)
            told = f"{exponent:.2f}"
        print(
            f"{name:14}{members:>9,} {run.heavy:8.2f} {run.light:8.2f} {run.wall:8.1f} {run.rows:>10,} "
            f"{run.heavy_mb:8.0f} {run.memory_mb:7.0f} {told:>8} {run.refused}",
            flush=True,
        )
        met = not run.failed and run.memory_mb <= BAR_MB
        met = met and (run.seconds < LEAST_SECONDS or exponent <= BAR_EXPONENT)
        earlier, before = run, members
    return met


def _child(folder: Path, name: str, options: argparse.Namespace) -> Run:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment |= {"ATRIUM_MART_MEMORY": options.memory} if options.memory else {}
    command = [sys.executable, "-m", "benchmarks.scale.engines", "--engines", name, "--one", str(folder)]
    try:
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=options.longest
        )
    except subprocess.TimeoutExpired:
        return Run(refused=f"not finished after {options.longest} s", failed=True)
    if done.returncode:
        return Run(refused=(done.stderr.strip().splitlines() or ["killed"])[-1][:160], failed=True)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def run_one(folder: Path, name: str) -> Run:
    """Run an engine in this process over what lies in `folder`; what it gives is put beside it."""
    from benchmarks.scale.mall import moment
    from engines.contract import Moment
    from engines.driver import check_minimum
    from engines.registry import engine_named
    from models import mart
    from models.errors import NotEnoughData

    at, began, refused, rows = moment(), time.perf_counter(), "", 0
    engine, started = engine_named(name), time.process_time()
    now = Moment(int(str(at["at"])), str(at["day"]), 1439, "UTC", "CN", None, "CNY")
    with mart.open_folder(folder) as connection:
        own = {r.name for r in engine.gives}  # as on a first night: nothing of its own is there yet
        taken = {r.name: r.empty() if r.name in own else _taken(folder, connection, r, at) for r in engine.takes}
    heavy, heavy_mb, began_light = time.process_time() - started, _peak_mb(), time.process_time()
    try:
        check_minimum(engine, taken)
        given = engine.run(now, **taken)
        given = {r.name: r.check(given[r.name]) for r in engine.gives}
        rows = sum(frame.num_rows for frame in given.values())
    except NotEnoughData as error:
        refused, given = str(error), {r.name: r.empty() for r in engine.gives}
    light, wall, peak = time.process_time() - began_light, time.perf_counter() - began, _peak_mb()
    for relation in engine.gives:
        if not relation.shared:
            _keep(folder / "results", relation.name, given[relation.name])
    return Run(heavy, light, wall, rows, heavy_mb, peak, refused)


def _taken(folder: Path, connection: object, relation: Relation, at: dict[str, object]) -> pa.Table:
    """A relation as the driver gives it; settings and models' earlier versions count as not there."""
    import pyarrow.parquet as pq

    from models import mart

    if relation.sql is not None or relation.name in mart.MART:
        return mart.fetch(connection, relation, at)
    file = folder / "results" / f"{relation.name}.parquet"
    if relation.shared or not file.exists():
        return relation.empty()
    return relation.check(pq.read_table(file, use_threads=False))


def _keep(folder: Path, name: str, frame: pa.Table) -> None:
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    pq.write_table(frame, folder / f"{name}.parquet", compression="zstd", row_group_size=50_000)


def _peak_mb() -> float:
    """The most memory that this process held at once (its resident set, shared libraries counted in)."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
