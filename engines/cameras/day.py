"""What one camera or recording counted on one business day, by gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.store import Store


@dataclass(frozen=True)
class GateCount:
    """People who came in and went out at a gate on the day, and how many seconds of it were watched."""

    gate: str
    n_in: int
    n_out: int
    seconds_observed: int


def source_of(camera: str) -> str:
    """The code of the source that a camera's counts belong to."""
    return f"camera:{camera}"


def counted_on(store: Store, camera: str, day: str) -> tuple[GateCount, ...]:
    """The camera's counts on the business day (YYYY-MM-DD) by gate code; of each quarter the newest revision."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT g.code, sum(CASE WHEN c.direction = 'in' THEN c.n ELSE 0 END), "
            "sum(CASE WHEN c.direction = 'out' THEN c.n ELSE 0 END), "
            "sum(CASE WHEN c.direction = 'in' THEN c.seconds_observed ELSE 0 END) "
            "FROM count_bucket c JOIN gate g ON g.id = c.gate_id JOIN source s ON s.id = c.source_id "
            "WHERE c.day = ? AND s.code = ? AND NOT EXISTS (SELECT 1 FROM count_bucket n WHERE n.gate_id = c.gate_id "
            "AND n.bucket_start = c.bucket_start AND n.direction = c.direction AND n.source_id = c.source_id "
            "AND n.revision > c.revision) GROUP BY g.code ORDER BY g.code",
            (day, source_of(camera)),
        ).fetchall()
    return tuple(GateCount(*row) for row in rows)


def last_day(store: Store, camera: str, gates: Iterable[str]) -> str | None:
    """The newest business day on which the camera counted at one of the gates (codes), or None where it never did.

    Each gate's quarters are walked back from the newest along the primary key.
    """
    days = []
    with store.read() as connection:
        for gate in gates:
            found = connection.exec_driver_sql(
                "SELECT day FROM count_bucket WHERE gate_id = (SELECT id FROM gate WHERE code = ?) "
                "AND source_id = (SELECT id FROM source WHERE code = ?) ORDER BY bucket_start DESC LIMIT 1",
                (gate, source_of(camera)),
            ).scalar()
            days += [str(found)] if found is not None else []
    return max(days, default=None)
