"""How long things take: pages' readings, jobs and single statements, summed in memory and written once in a while.

A statement is known by its text, which holds no value: values are bound to it. What is kept is a row a day and name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.store import Store

#: A statement that takes longer is kept by its text; a page's reading has the same budget.
SLOW_MS = 100.0
#: Different names held between two writings; what comes beyond them is not kept.
MOST_NAMES = 400
STATEMENT = "sql "


@dataclass
class Sum:
    """Of one name: how often, how long in all and at most, and how often over its budget (milliseconds)."""

    n: int = 0
    total_ms: float = 0.0
    longest_ms: float = 0.0
    over: int = 0
    budget_ms: float | None = None


class Timings:
    """Sums by name. Threads may share it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._sums: dict[str, Sum] = {}

    def note(self, name: str, ms: float, budget_ms: float | None = None) -> None:
        """Add one measurement."""
        with self._guard:
            found = self._sums.get(name)
            if found is None:
                if len(self._sums) >= MOST_NAMES:
                    return
                found = self._sums[name] = Sum()
            found.n += 1
            found.total_ms += ms
            found.longest_ms = max(found.longest_ms, ms)
            found.budget_ms = budget_ms
            found.over += budget_ms is not None and ms > budget_ms

    @contextmanager
    def timed(self, name: str, budget_ms: float | None = None) -> Iterator[None]:
        """Measure what is done inside, whether it ends well or not."""
        began = perf_counter()
        try:
            yield
        finally:
            self.note(name, (perf_counter() - began) * 1000, budget_ms)

    def statement(self, sql: str, ms: float) -> None:
        """Note a statement where it was slow; its text is kept on one line."""
        if ms >= SLOW_MS:
            self.note(STATEMENT + " ".join(sql.split()), ms, SLOW_MS)

    def take(self) -> dict[str, Sum]:
        """The sums since the last taking, which begin anew."""
        with self._guard:
            taken, self._sums = self._sums, {}
        return taken


TIMINGS = Timings()


def keep(store: Store, timings: Timings = TIMINGS) -> int:
    """Write what was measured to the store, in the site's day; returns how many names."""
    from datetime import datetime

    sums = timings.take()
    if not sums:
        return 0
    day = datetime.now(store.site.zone).date().isoformat()
    rows = [(day, name, s.n, s.total_ms, s.longest_ms, s.over, s.budget_ms) for name, s in sums.items()]
    with store.write("system", "keeping timings") as tx:
        tx.execute_many(
            "INSERT INTO timing (day, name, n, total_ms, longest_ms, over, budget_ms) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (day, name) DO UPDATE SET n = n + excluded.n, total_ms = total_ms + excluded.total_ms, "
            "longest_ms = max(longest_ms, excluded.longest_ms), over = over + excluded.over, "
            "budget_ms = excluded.budget_ms",
            rows,
        )
    return len(rows)
