"""Two hundred faults: counts equal to an undisturbed run outside the outages, gaps shown, cameras back in time.

    python benchmarks/vision/faults.py [--faults 200] [--seed 1] [--only live|virtual] [--kind "group killed"]

Half of the faults befall real processes (a supervisor, groups, capture processes, a store on a small disk, cameras on
this machine), half befall a real group on a clock of its own, where a frozen picture's minute takes a second. The scene
is drawn and the detector finds its people exactly, so that every crossing is due and told from every other. Targets:
every crossing outside the outages is counted exactly once, none twice; each minute's row says how long was watched, and
a minute that nobody watched has none; no camera waits for another; 99 of 100 drops are over within 15 seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.vision import fault_live, fault_virtual  # noqa: E402
from benchmarks.vision.fault_log import BACK_WITHIN_S, Fault, Judged, table  # noqa: E402

LATE_SHARE = 0.01


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--faults", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", choices=("live", "virtual"))
    arguments.add_argument("--kind", action="append", help="only faults of this kind, of real processes; repeatable")
    chosen = arguments.parse_args()
    half = chosen.faults // 2 if not chosen.only else chosen.faults
    well = True
    if chosen.only != "live":
        faults, judged = fault_virtual.drill(half, chosen.seed)
        well &= report("On a clock of its own", faults, judged, [])
    if chosen.only != "virtual":
        faults, judged, problems = fault_live.drill(half, chosen.seed, chosen.kind)
        well &= report("Real processes", faults, judged, problems)
    return 0 if well else 1


def report(title: str, faults: Sequence[Fault], judged: Mapping[str, Judged], problems: Sequence[str]) -> bool:
    """Prints the table and what is wrong; whether the targets are met."""
    wrong = {code: each.wrong for code, each in judged.items()}
    due = sum(each.verdict.due for each in judged.values())
    inside = sum(each.verdict.inside for each in judged.values())
    late = sum(fault.recovery_s > BACK_WITHIN_S for fault in faults)
    print(f"{title}: {len(faults)} faults, {due} crossings due, {inside} more counted in outages")
    print(f"  {'kind':<16} {'n':>4} {'counts equal':>13} {'worst recovery s':>17} {'beyond 15 s':>12}")
    for line in table(faults, wrong):
        print(f"  {line.kind:<16} {line.n:>4} {line.equal:>13} {line.worst_s:>17.1f} {line.late:>12}")
    for code, found in wrong.items():
        for fault in faults if found else ():
            if fault.camera in (code, "all"):
                begin, back = fault.window
                print(f"  {code}: {fault.kind} {begin:.1f} to {fault.end:.1f} s, back at {back:.1f} s")
        for at, sentence in found:
            print(f"  WRONG {code} at {at:.1f} s: {sentence}")
    for sentence in problems:
        print(f"  WRONG {sentence}")
    return not any(wrong.values()) and not problems and late <= LATE_SHARE * len(faults)


if __name__ == "__main__":
    raise SystemExit(main())
