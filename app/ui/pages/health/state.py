"""What the page of health and sync reads: the hub and this node, how long things took, and when the service was up."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.period import Period
from engines.monitor.speed import Availability, Slow, Took, availability, durations, slow_statements
from models import timings
from models.store import Store
from models.sync.overview import Overview, overview
from models.times import now_ms

DAYS = 7
UP_DAYS = 30


@dataclass(frozen=True)
class State:
    """As of `now` (UTC ms): sync, durations of seven days, availability of thirty."""

    now: int
    sync: Overview
    took: tuple[Took, ...]
    slow: tuple[Slow, ...]
    up: Availability


def read(store: Store, _period: Period, _argument: object) -> State:
    """The state; what this process has measured is written first, so that it is counted."""
    timings.keep(store)
    return State(
        now_ms(), overview(store), tuple(durations(store, DAYS)), tuple(slow_statements(store, DAYS)),
        availability(store, UP_DAYS),
    )  # fmt: skip
