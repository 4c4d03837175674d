"""Recommendations on Online Retail by time split: EASE and the blend against popularity and own history.

    ATRIUM_DATA=DIR python benchmarks/picks/online_retail.py

Invoices of known customers, no returns, prices above 0. The last window starts on 2011-10-01 (70 days); the blend's
weights and EASE's ridge are chosen on the 70 days before it, so the test window is looked at once. Items are stock
codes with at least 5 buyers before the test window. Recall@10 is hits / min(10, items bought).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engines.picks.blend import learn, stand
from engines.picks.matrix import Matrix
from engines.picks.offline import METHODS, test

SPLIT = np.datetime64("2011-10-01")
WINDOW = 70
HALF_LIFE = 90
FEWEST_BUYERS = 5
BARS = {"new": 0.112, "all": 0.349}


def main() -> int:
    """Print each figure beside its bar; 1 where a bar is missed."""
    data = Path(os.environ.get("ATRIUM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    customer, day, code, price = _read(data / "transactions" / "online-retail.parquet")
    began = time.perf_counter()
    before = day < SPLIT
    people, person = np.unique(customer, return_inverse=True)
    codes, item = np.unique(code, return_inverse=True)
    pairs = np.unique(np.stack([person[before], item[before]]), axis=1)
    kept = np.bincount(pairs[1], minlength=codes.size) >= FEWEST_BUYERS
    at = np.where(kept, np.cumsum(kept) - 1, -1)[item]
    sizes = people.size, int(kept.sum())
    usual = np.bincount(at[before & (at >= 0)], price[before & (at >= 0)], sizes[1]) / np.maximum(
        np.bincount(at[before & (at >= 0)], minlength=sizes[1]), 1
    )

    def known(until: np.datetime64) -> tuple[Matrix, Matrix, np.ndarray]:
        """Purchases before a day by recency weight, those of the window after it, and each item's buyers lately."""
        age = (until - day).astype(int)
        past, then = (age > 0) & (at >= 0), (age <= 0) & (age > -WINDOW) & (at >= 0)
        lately = past & (age <= WINDOW)
        return (
            _matrix(person[past], at[past], 0.5 ** (age[past] / HALF_LIFE), sizes),
            _matrix(person[then], at[then], np.ones(int(then.sum())), sizes),
            _matrix(person[lately], at[lately], np.ones(int(lately.sum())), sizes).buyers,
        )

    attributes = [""] * sizes[1], usual * 100
    earlier, between, lately = known(SPLIT - WINDOW)
    blend = learn(earlier, between, lately, attributes)
    now, then, lately = known(SPLIT)
    found = test(stand(now, lately, attributes, blend.ridge), blend, then)
    seconds = time.perf_counter() - began
    print(f"{sizes[0]:,} customers x {sizes[1]:,} items, ridge {blend.ridge:g}, {seconds:.1f} s in all")
    for among in ("new", "all"):
        for method in METHODS:
            metrics, judged = found[among, method]
            told = "  ".join(f"{n} {v:.3f} [{low:.3f}, {high:.3f}]" for n, (v, low, high) in metrics.items())
            print(f"  {among:<4}{method:<9}{told}  {judged:,} people")
    missed = 0
    for among, bar in BARS.items():
        figure = found[among, "blend"][0]["recall"][0]
        missed += figure < bar
        popular = found[among, "popular"][0]["recall"][0]
        print(f"{among}: recall@10 {figure:.3f}, bar {bar} ({'met' if figure >= bar else 'MISSED'}), "
              f"{figure / popular:.1f} times popular")  # fmt: skip
    print(blend.told())
    return int(missed > 0)


def _matrix(person: np.ndarray, item: np.ndarray, weight: np.ndarray, sizes: tuple[int, int]) -> Matrix:
    key, place = np.unique(person.astype(np.int64) * sizes[1] + item, return_inverse=True)
    sums: np.ndarray = np.bincount(place, weight).astype(np.float64)
    return Matrix.of(key // sizes[1], key % sizes[1], sums, *sizes)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["CustomerID", "InvoiceDate", "StockCode", "UnitPrice", "Quantity"])
    table = table.filter(pc.field("CustomerID").is_valid() & (pc.field("Quantity") > 0) & (pc.field("UnitPrice") > 0))
    return (
        table.column("CustomerID").to_numpy().astype(np.int64),
        table.column("InvoiceDate").to_numpy().astype("datetime64[D]"),
        np.array(table.column("StockCode").to_pylist()),
        table.column("UnitPrice").to_numpy(),
    )


if __name__ == "__main__":
    sys.exit(main())
