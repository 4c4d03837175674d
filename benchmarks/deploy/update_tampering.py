"""`python benchmarks/deploy/update_tampering.py [--tries 200]`: tampered repositories against the updater.

Bar: every one refused with nothing put in place, and the untouched one taken. The naive variant, an updater that
believes the hash beside the archive, must be taken in by some of the same repositories.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.deploy.tampering import TAMPERINGS, attempt, make_installation, make_world, try_one


def main() -> int:
    """Run; returns 1 where a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=200)
    tries = parser.parse_args().tries
    scratch = Path(tempfile.mkdtemp(prefix="atrium-tampering-"))
    try:
        return _run(scratch, tries)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(scratch: Path, tries: int) -> int:
    world = make_world(scratch / "world")
    place = make_installation(world, scratch / "untouched")
    began = time.process_time()
    control = attempt(place, world.repository, world)
    took = time.process_time() - began
    ours: Counter[str] = Counter()
    naive: Counter[str] = Counter()
    for n in range(tries):
        tampering = TAMPERINGS[n % len(TAMPERINGS)]
        mine, other = try_one(world, tampering, n, scratch / "try")
        ours[mine] += 1
        naive[other] += 1
        if mine != "refused":
            print(f"NOT REFUSED: {tampering.__name__}, seed {n}: {mine}")
    print(f"untouched repository: {control}, {took:.2f} s of processor time")
    print(f"tampered: {ours['refused']} of {tries} refused (bar: all), {len(TAMPERINGS)} kinds")
    print(f"naive updater: {naive['refused']} refused, {naive['taken in'] + naive['genuine']} put in place "
          f"({naive['taken in']} of them forged or old)")  # fmt: skip
    good = ours["refused"] == tries and control == "genuine" and naive["taken in"] > 0
    print("passed" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
