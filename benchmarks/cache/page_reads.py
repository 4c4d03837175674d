"""Key figures read as pages read them, from the store and from memory: time of each, their ratio, bytes held.

    python benchmarks/cache/page_reads.py --site DIR

Bar: a read from memory takes at most a fifth of the processor time of one from the store; memory stays in its bound.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engines.kpi import queries
from engines.kpi.catalogue import CATALOGUE
from models.cache import cache_of
from models.store import Store, open_store

BAR = 0.2
ROUNDS = 5


def asked(store: Store) -> list[tuple[Callable[..., object], tuple[object, ...]]]:
    """What pages ask: each computed figure's value, course and parts, of a month and of the month before."""
    with store.read() as connection:
        newest = str(connection.exec_driver_sql("SELECT max(period) FROM kpi_fact WHERE grain = 'day'").scalar())
    last = date.fromisoformat(newest)
    found: list[tuple[Callable[..., object], tuple[object, ...]]] = []
    for back in (0, 30):
        days = ((last - timedelta(days=29 + back)).isoformat(), (last - timedelta(days=back)).isoformat())
        for kpi in CATALOGUE:
            if kpi.computed:
                found.append((queries.period_value, (kpi.id, *days)))
                found.append((queries.series, (kpi.id, "day", *days)))
                found += [(queries.by, (kpi.id, dimension, *days)) for dimension in kpi.dims]
    return found


def timed(work: Callable[[], object]) -> float:
    """Processor seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> int:
    """Print the figures."""
    options = argparse.ArgumentParser()
    options.add_argument("--site", type=Path, required=True)
    store = open_store(options.parse_args().site)
    every = asked(store)
    plain = [(ask.__wrapped__, given) for ask, given in every]  # type: ignore[attr-defined]
    rows = [("store", [timed(lambda: [ask(store, *given) for ask, given in plain]) for _ in range(ROUNDS)])]
    first = timed(lambda: [ask(store, *given) for ask, given in every])
    rows.append(("memory", [timed(lambda: [ask(store, *given) for ask, given in every]) for _ in range(ROUNDS)]))
    use = cache_of(store).use()
    cold, warm = (statistics.median(times) / len(every) * 1e3 for _, times in rows)
    worst = max(timed(partial(ask, store, *given)) for ask, given in plain) * 1e3
    filling = first / len(every) * 1e3
    print(f"{len(every)} reads, milliseconds each: from the store {cold:.3f} (the slowest {worst:.1f})")
    print(f"from memory {warm:.3f}, ratio {warm / cold:.3f} (bar {BAR}); the first, which fills it, {filling:.3f}")
    print(f"held: {use.reads} reads, {use.size / 1e6:.2f} MB of {use.most / 1e6:.0f}")
    same = all(ask(store, *given) == bare(store, *given) for (ask, given), (bare, _) in zip(every, plain, strict=True))
    print("equal to the store:", same)
    store.close()
    return 0 if same and warm / cold <= BAR and use.size <= use.most else 1


if __name__ == "__main__":
    raise SystemExit(main())
