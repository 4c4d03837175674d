"""Quarter-hour counts of gates, page by page, for programs that read the site."""

from __future__ import annotations

from engines.calendar.hours import QUARTER_MS
from engines.footfall.quarters import quarters_between
from engines.footfall.summary import Quarter
from models.store import Store

#: So much of the time asked for is read at once.
STRETCH_MS = 96 * QUARTER_MS


def quarter_counts(
    store: Store,
    from_at: int,
    to_at: int,
    *,
    gate: str | None = None,
    limit: int = 100,
    after: tuple[int, str] | None = None,
) -> list[Quarter]:
    """Counts from `from_at` to before `to_at` (UTC milliseconds) by time and gate; `after` is the last row's
    (bucket_start, gate_code)."""  # fmt: skip
    with store.read() as connection:
        known = [str(code) for (code,) in connection.exec_driver_sql("SELECT code FROM gate ORDER BY code")]
        wanted = [code for code in known if gate is None or code == gate]
        found: list[Quarter] = []
        start = from_at if after is None else max(from_at, after[0])
        while wanted and start < to_at and len(found) < limit:
            stretch = quarters_between(connection, start, min(to_at, start + STRETCH_MS), wanted)
            rows = sorted(stretch, key=lambda q: (q.bucket_start, q.gate_code))
            found += [q for q in rows if after is None or (q.bucket_start, q.gate_code) > after]
            start += STRETCH_MS
    return found[:limit]
