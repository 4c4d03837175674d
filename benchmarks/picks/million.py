"""Recommendations for a million people and 300 shops: seconds and peak memory of the engine's light half.

    python benchmarks/picks/million.py [PEOPLE] [SHOPS]

Purchases are drawn, so nothing is said of quality; six pairs of a person and a shop each on average.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engines.contract import Moment
from engines.picks.engine import picks
from engines.picks.relations import ITEMS, PAIRS, PEOPLE

MOMENT = Moment(1_790_000_000_000, "2026-09-21", 600, "Asia/Shanghai", "CN", None, "CNY")
PAIRS_EACH = 6


def main() -> int:
    """Draw, run, print."""
    people, shops = (int(text) for text in (*sys.argv[1:], "1000000", "300")[:2]) if len(sys.argv) != 2 else (
        int(sys.argv[1]), 300
    )  # fmt: skip
    draw = np.random.default_rng(7)
    share = 1 / np.arange(1, shops + 1) ** 0.8
    person = draw.integers(0, people, people * PAIRS_EACH)
    item = draw.choice(shops, person.size, p=share / share.sum())
    key = np.unique(person * shops + item)
    person, item = key // shops, key % shops
    weight = draw.random((3, key.size))
    earlier = draw.random(key.size) < 0.8
    frames = {
        "pick_pairs": pa.table(
            [_ids(person), _ids(item), weight[0] + 0.1, weight[1] * earlier, weight[2] * earlier * (weight[1] > 0.1),
             draw.integers(0, 8, key.size)], schema=PAIRS.schema(),
        ),
        "pick_items": pa.table(
            [_ids(np.arange(shops)), [f"s{i}" for i in range(shops)], [f"c{i % 9}" for i in range(shops)],
             np.ones(shops, np.int64), draw.integers(1_000, 90_000, shops), draw.integers(1_000, 90_000, shops)],
            schema=ITEMS.schema(),
        ),
        "pick_people": pa.table(
            [_ids(np.arange(people)), _words("tier", draw.integers(0, 4, people)),
             _words("area", draw.integers(0, 9, people)), _words("c", draw.integers(0, 9, people)),
             np.where(draw.random(people) < 0.1, 3, 9)], schema=PEOPLE.schema(),
        ),
    }  # fmt: skip
    del weight, key, person, item, earlier
    before = _peak()
    began = time.perf_counter()
    given = picks(MOMENT, **frames)
    print(f"{people:,} people x {shops} shops, {frames['pick_pairs'].num_rows:,} pairs: "
          f"{time.perf_counter() - began:.1f} s, {given['person_pick'].num_rows:,} lists")  # fmt: skip
    print(f"peak memory {_peak():,.0f} MB; {before:,.0f} MB of it before the engine began (frames and drawing them)")
    return 0


def _ids(numbers: np.ndarray) -> pa.Array:
    raw = np.zeros((numbers.size, 2), ">u8")
    raw[:, 1] = numbers
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), numbers.size, [None, pa.py_buffer(raw.tobytes())])


def _words(stem: str, numbers: np.ndarray) -> pa.Array:
    return pa.array([f"{stem}{i}" for i in range(int(numbers.max()) + 1)]).take(pa.array(numbers))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
