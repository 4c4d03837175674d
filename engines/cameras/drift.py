"""How far a camera's counts run off: what entries less exits leave at closing, and hand counts over time."""

from __future__ import annotations

from dataclasses import dataclass

from engines.cameras.accuracy import Check, checks
from engines.cameras.day import source_of
from engines.footfall.rules import presence
from models.store import Store


@dataclass(frozen=True)
class DayDrift:
    """One business day of a camera's gates, staff left out.

    `left_over` is entries less exits: the people who would still be inside at closing had nobody been lost, and what
    the nightly reset takes away. `at_closing` is the same sum kept from falling below zero, as presence is shown.
    `share` is `left_over` over entries and exits together, None where nobody crossed. Where people may leave by a door
    that this camera does not see, the rest is theirs and no error.
    """

    day: str
    entries: int
    exits: int
    left_over: int
    at_closing: int
    share: float | None


@dataclass(frozen=True)
class Drift:
    """A camera's days, oldest first, and its hand counts, oldest first."""

    days: tuple[DayDrift, ...]
    checks: tuple[Check, ...]


def drift(store: Store, camera: str, from_day: str = "", to_day: str = "9999") -> Drift:
    """The drift of a camera's counts over business days (inclusive; all that are kept as a default)."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.day, c.bucket_start, sum(CASE c.direction WHEN 'in' THEN c.n - c.staff_n ELSE 0 END), "
            "sum(CASE c.direction WHEN 'out' THEN c.n - c.staff_n ELSE 0 END) FROM count_bucket c "
            "WHERE c.day BETWEEN ? AND ? AND c.source_id = (SELECT id FROM source WHERE code = ?) AND NOT EXISTS "
            "(SELECT 1 FROM count_bucket n WHERE n.gate_id = c.gate_id AND n.bucket_start = c.bucket_start "
            "AND n.direction = c.direction AND n.source_id = c.source_id AND n.revision > c.revision) "
            "GROUP BY c.day, c.bucket_start ORDER BY c.day, c.bucket_start",
            (from_day, to_day, source_of(camera)),
        ).fetchall()
    by_day: dict[str, list[tuple[int, int]]] = {}
    for day, _, came, went in rows:
        by_day.setdefault(day, []).append((came, went))
    days = tuple(_day(day, *zip(*quarters, strict=True)) for day, quarters in by_day.items())
    return Drift(days, tuple(reversed(checks(store, camera))))


def _day(day: str, came: tuple[int, ...], went: tuple[int, ...]) -> DayDrift:
    found = presence(came, went)
    entries, exits = sum(came), sum(went)
    crossed = entries + exits
    return DayDrift(
        day, entries, exits, found.drift, found.inside[-1], found.drift / crossed if crossed else None
    )  # fmt: skip
