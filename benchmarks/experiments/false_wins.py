"""How often each rule declares a winner where there is none: A/A experiments looked at 20 times.

`python benchmarks/experiments/false_wins.py [EXPERIMENTS]`. Bar: the engine's sequential test at most 5 %; its power
and the rules people use instead are printed beside it.
"""

from __future__ import annotations

import sys

import numpy as np

from engines.experiments.bayes import chance_better
from engines.experiments.effects import Share, compare_shares
from engines.experiments.sequential import look_at_shares

LOOKS, SUBJECTS, BASE, PLANNED = 20, 10_000, 0.10, 0.015


def run(experiments: int, effect: float, *, bayes: bool) -> dict[str, float]:
    """The share of experiments in which each rule found a difference at any look (fixed: at the last)."""
    rng = np.random.default_rng(11)
    step = SUBJECTS // LOOKS
    found = dict.fromkeys(("sequential", "peeking", "fixed", "bayes .95"), 0)
    for _ in range(experiments):
        a = np.cumsum(rng.binomial(step, BASE + effect, LOOKS))
        b = np.cumsum(rng.binomial(step, BASE, LOOKS))
        groups = [
            (Share(int(x), step * k), Share(int(y), step * k)) for k, (x, y) in enumerate(zip(a, b, strict=True), 1)
        ]
        found["sequential"] += any(look_at_shares(x, y, PLANNED).p <= 0.05 for x, y in groups)
        p = [compare_shares(x, y).p for x, y in groups]
        found["peeking"] += min(p) <= 0.05
        found["fixed"] += p[-1] <= 0.05
        if bayes:
            chance = [chance_better(x, y) for x, y in groups]
            found["bayes .95"] += max(chance) >= 0.95 or min(chance) <= 0.05
    return {name: count / experiments for name, count in found.items() if bayes or name != "bayes .95"}


def main() -> int:
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    nothing = run(experiments, 0.0, bayes=True)
    power = run(experiments, PLANNED, bayes=False)
    print(
        f"{experiments} experiments, {LOOKS} looks, {SUBJECTS} subjects a group, base {BASE:.0%}, planned {PLANNED:.1%}"
    )
    for name, share in nothing.items():
        beside = f"   power {power[name]:.1%}" if name in power else ""
        print(f"{name:12} false wins {share:6.1%}{beside}")
    print(f"bar: sequential at most 5.0 %: {'met' if nothing['sequential'] <= 0.05 else 'MISSED'}")
    return 0 if nothing["sequential"] <= 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
