"""Every customer engine at three sizes: `python -m benchmarks.scale.engines [--members N ...] [--engines NAME ...]`.

Each engine runs over the synthetic mart through `engines.away`, with the engines whose results it takes before it, in
a process of its own: seconds of the heavy half (queries on DuckDB, limited to 250 MB) and of the light half (numpy,
models) apart, and the process's peak memory. The exponent is that of the time between two sizes: 1 is proportional.
Bars: an exponent of at most 1.15 (where the larger run takes ten seconds or longer) and 500 MB.
"""

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
from dataclasses import dataclass
from pathlib import Path

SIZES = (10_000, 100_000, 1_000_000)
ENGINES = (
    "rfm", "value", "churn", "propensity", "winback", "journeys", "behaviour", "health", "leads", "milestones",
    "network", "fraud", "habits", "attribution", "clusters", "picks",
)  # fmt: skip
BAR_MB, BAR_EXPONENT, LEAST_SECONDS = 500, 1.15, 10.0


@dataclass(frozen=True)
class Run:
    """One engine at one size: seconds of its own two halves, of everything before it, rows given and peak memory."""

    heavy: float
    light: float
    before: float
    rows: int
    memory_mb: float
    refused: str = ""

    @property
    def seconds(self) -> float:
        """The engine's own time."""
        return self.heavy + self.light


def main() -> int:
    """Measure and print; 0 where every engine is within the bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--marts", type=Path, help="keep the synthetic marts here for a next time")
    parser.add_argument("--memory", default="250MB", help="what DuckDB may use")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, options.engines[0])))
        return 0
    with tempfile.TemporaryDirectory(prefix="atrium-scale-") as place:
        return _measure(options.marts or Path(place), options)


def _measure(place: Path, options: argparse.Namespace) -> int:
    from benchmarks.scale.mall import RECEIPTS_EACH, write_mart
    from engines.registry import ENGINES as THERE

    sizes = sorted(options.members)
    for members in sizes:
        write_mart(place / str(members), members)
        print(f"{members:>9,} members, {members * RECEIPTS_EACH:>10,} receipts")
    print("engine        members   heavy s  light s  before s      rows     MB  exponent")
    names = {engine.name for engine in THERE}
    missed = [name for name in options.engines if name in names and not _engine(place, sizes, name, options.memory)]
    if missed:
        print("beyond the bars:", ", ".join(missed))
    return 1 if missed else 0


def _engine(place: Path, sizes: list[int], name: str, memory: str) -> bool:
    earlier: Run | None = None
    met, exponent, before = True, 0.0, 0
    for members in sizes:
        run = _child(place / str(members), name, memory)
        told = ""
        if earlier and not (run.refused or earlier.refused):
            exponent = math.log(run.seconds / earlier.seconds) / math.log(members / before)
            told = f"{exponent:8.2f}"
        print(
            f"{name:12}{members:>9,} {run.heavy:9.2f}{run.light:9.2f}{run.before:10.2f}{run.rows:>10,}"
            f"{run.memory_mb:7.0f}  {told} {run.refused}",
            flush=True,
        )
        met = run.memory_mb <= BAR_MB and (run.seconds < LEAST_SECONDS or exponent <= BAR_EXPONENT)
        earlier, before = run, members
    return met


def _child(folder: Path, name: str, memory: str) -> Run:
    environment = {**os.environ, "ATRIUM_MART_MEMORY": memory, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.scale.engines", "--engines", name, "--one", str(folder)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        return Run(0.0, 0.0, 0.0, 0, 0.0, done.stderr.strip().splitlines()[-1][:200])
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def run_one(folder: Path, name: str) -> dict[str, float | str]:
    """Run an engine, its givers first, in this process."""
    from benchmarks.scale.mall import moment
    from engines.away import run_away
    from engines.contract import Moment
    from engines.registry import engine_named
    from models.backends import open_backend
    from models.errors import NotEnoughData

    at, began, refused, rows = moment(), time.perf_counter(), "", 0
    now = Moment(int(str(at["at"])), str(at["day"]), 1439, "UTC", "CN", None, "CNY")
    heavy = light = 0.0
    with open_backend("duckdb", folder) as backend:
        try:
            found = run_away(backend, engine_named(name), now)
            heavy, light = found.heavy_seconds, found.light_seconds
            rows = sum(frame.num_rows for frame in found.frames.values())
        except NotEnoughData as error:
            refused = str(error)
    whole = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "heavy": heavy, "light": light, "before": max(whole - heavy - light, 0.0), "rows": rows, "memory_mb": peak,
        "refused": refused,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
