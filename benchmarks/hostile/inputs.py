# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""10,000 hostile inputs, the same for the same seed: `python -m benchmarks.hostile.inputs [--seed N] [--only FAMILY]`.

Each must be handled or end in one clear sentence: 0 crashes, 0 leaks, 0 over their limits of time and memory.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.hostile.families import FAMILIES
from benchmarks.hostile.trial import MEGABYTES, SECONDS, Tally, run_apart


def main() -> int:
    """Print a line a family and what went wrong; 1 where anything did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--count", type=int, default=0, help="so many of each family")
    options = parser.parse_args()
    logging.getLogger("tuf").setLevel(logging.CRITICAL)
    scratch = Path(tempfile.mkdtemp(prefix="atrium-hostile-"))
    os.environ["ATRIUM_KEYS"], os.environ["ATRIUM_STATE"] = str(scratch / "keys"), str(scratch / "state")
    began, tallies = time.perf_counter(), []
    print(
        f"{'family':<22}{'inputs':>8}{'handled':>9}{'refused':>9}{'crashes':>9}{'leaks':>7}{'hangs':>7}{'worst s':>9}{'peak MB':>9}"
    )
    try:
        for family in FAMILIES:
            if options.only and not family.name.startswith(options.only):
                continue
            family.count = options.count or family.count
            folder = scratch / family.name.replace(" ", "-")
            folder.mkdir()
            tallies.append(run_apart(family, folder, options.seed))
            _say(tallies[-1])
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _say(_sum(tallies))
    print(f"seed {options.seed}, {time.perf_counter() - began:.0f} s; limits an input: {SECONDS:.0f} s of processor "
          f"time, {MEGABYTES:,} MB")  # fmt: skip
    print("passed" if all(t.clean for t in tallies) else "FAILED")
    return 0 if all(t.clean for t in tallies) else 1


def _say(t: Tally) -> None:
    print(f"{t.name:<22}{t.inputs:>8,}{t.handled:>9,}{t.refused:>9,}{len(t.crashes):>9}{len(t.leaks):>7}{len(t.hangs):>7}"
          f"{t.worst:>9.1f}{t.megabytes:>9.0f}", flush=True)  # fmt: skip
    for kind in ("crashes", "leaks", "hangs"):
        for what in getattr(t, kind)[:40] if t.name != "all" else ():
            print(f"  {kind}: {what}", flush=True)


def _sum(tallies: list[Tally]) -> Tally:
    whole = Tally("all")
    for tally in tallies:
        for name in ("inputs", "handled", "refused"):
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
        whole.crashes += tally.crashes
        whole.leaks += tally.leaks
        whole.hangs += tally.hangs
        whole.worst, whole.megabytes = max(whole.worst, tally.worst), max(whole.megabytes, tally.megabytes)
    return whole


if __name__ == "__main__":
    sys.exit(main())
