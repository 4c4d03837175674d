"""Clusters where there are some, none where there are none: planted groups, real buyers, ten malls, a million people.

Run: python benchmarks/clusters/structure.py [--people 1000000]. Prints figure and bar; real data by ATRIUM_DATA.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from benchmarks.value.histories_of import Receipts, data_path, fetched, key, online_retail, opened  # noqa: E402
from engines.clusters.choice import LEAST_ARI, LEAST_GAP, Choice, choose, refusal  # noqa: E402
from engines.clusters.fit import fit_of  # noqa: E402
from engines.clusters.kmeans import fitted, nearest, rand  # noqa: E402
from engines.clusters.measures import measured, window_of  # noqa: E402
from engines.features.relation import FEATURES  # noqa: E402

SMALLEST = 10
LAST = date(2025, 12, 31)
#: visits a year, money a visit in minor units, share of weekend visits, days since the last visit at most.
GROUPS = (
    (40, 6_000, 0.15, 10),
    (6, 60_000, 0.25, 150),
    (25, 25_000, 0.9, 20),
    (4, 4_000, 0.85, 300),
    (12, 150_000, 0.5, 60),
)


def main() -> None:
    """Print every figure with its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    options = parser.parse_args()
    for groups in (3, 4, 5):
        _planted(groups)
    _judged("Online Retail", online_retail(), found=True)
    _judged("Ten malls", _ten_malls(), found=False)
    _million(options.people)


def _planted(groups: int) -> None:
    """Purchase histories drawn from groups, through the product's own features."""
    receipts, truth = _histories(groups, 600, seed=groups)
    frame = fetched(opened(receipts), FEATURES, LAST)
    people = measured(frame, window_of(frame))
    choice = choose(people, smallest=SMALLEST)
    if choice.taken is None:
        _say(f"{groups} planted groups: NOT FOUND. {refusal(choice)[0]}")
        return
    labels, _, _ = fit_of(people, choice, choice.taken, smallest=SMALLEST).assign(people)
    told = np.array([truth[person] for person in people.persons])
    f = choice.taken.figures
    _say(f"{groups} planted groups in histories of {len(told):,} people: {f.k} clusters, ARI with truth "
         f"{rand(told, labels):.3f} (bar 0.8); {_figures(choice)}")  # fmt: skip


def _judged(name: str, receipts: Receipts, *, found: bool) -> None:
    frame = fetched(opened(receipts), FEATURES, date.fromisoformat(max(receipts.days)))
    people = measured(frame, window_of(frame))
    began = time.perf_counter()
    choice = choose(people, smallest=SMALLEST)
    seconds = time.perf_counter() - began
    said = f"{choice.taken.figures.k} clusters" if choice.taken else refusal(choice)[0]
    right = "as it must be" if (choice.taken is not None) == found else "WRONG"
    _say(f"{name}, {len(people.persons):,} buyers: {said} ({right}; {_figures(choice)}; {seconds:.1f} s)")


def _figures(choice: Choice) -> str:
    best = choice.best
    if best is None:
        return "nothing could be tried"
    f = best.figures
    return (f"k={f.k} silhouette {f.silhouette:.3f}, shuffled {f.null:.3f}, gap {f.gap:.3f} (bar {LEAST_GAP}), "
            f"stability {f.ari:.3f} (bar {LEAST_ARI}), gradient {f.gradient:.3f}")  # fmt: skip


def _histories(groups: int, each: int, seed: int) -> tuple[Receipts, dict[bytes, int]]:
    luck = np.random.default_rng(seed)
    customers, days, minor, truth = [], [], [], {}
    for number in range(groups * each):
        group = number // each
        visits, money, weekend, latest = GROUPS[group]
        truth[key(number + 1)] = group
        newest = int(luck.integers(0, latest))
        count = max(int(luck.poisson(visits)), 1)
        back = [newest, *luck.integers(newest, 365, count - 1).tolist()]
        for age in back:
            customers.append(number + 1)
            days.append(_on(LAST - timedelta(days=int(age)), weekend=bool(luck.random() < weekend)).isoformat())
            minor.append(int(luck.lognormal(np.log(money), 0.4)))
    return Receipts(customers, days, minor), truth


def _on(day: date, *, weekend: bool) -> date:
    """The day, or the nearest one before it that is (not) at a weekend."""
    while (day.isoweekday() >= 6) != weekend:
        day -= timedelta(days=1)
    return day


def _ten_malls() -> Receipts:
    """One receipt a customer, as the import takes it."""
    numbers: dict[str, int] = {}
    with data_path("transactions/istanbul-malls.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Receipts(
        [numbers.setdefault(row["customer_id"], len(numbers) + 1) for row in rows],
        [row["invoice_date"] for row in rows],
        [round(float(row["price"]) * int(row["quantity"]) * 100) for row in rows],
    )


def _million(people: int) -> None:
    """Sample fit, small batches and assignment of everyone on 8 measures, as the engine does above 100,000 people."""
    luck = np.random.default_rng(1)
    centres = luck.normal(0, 2, (5, 8))
    truth = luck.integers(0, 5, people)
    matrix: Any = centres[truth] + luck.normal(0, 1, (people, 8))
    began = time.perf_counter()
    centroids = fitted(matrix, 5)
    middle = time.perf_counter()
    labels, _ = nearest(matrix, centroids)
    ended = time.perf_counter()
    _say(f"{people:,} x 8: fit {middle - began:.1f} s, assign {ended - middle:.1f} s, ARI with truth "
         f"{rand(truth, labels):.3f} [MiniBatchKMeans of everyone in a trial: 5.3 s]")  # fmt: skip


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
