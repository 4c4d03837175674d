"""How fast and how available the site was: what took long, which statements read whole tables, and when it was up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.connection import Connection, DatabaseError
from models.store import Store
from models.tables import TABLES
from models.times import now_ms
from models.timings import STATEMENT

DAY_MS = 86_400_000
#: Reading a smaller table whole is what SQLite should do.
LARGE_ROWS = 10_000
MOST_PARAMETERS = 60


@dataclass(frozen=True)
class Took:
    """What took how long over the days asked for (milliseconds); `over_share` of the times were beyond the budget."""

    name: str
    n: int
    mean_ms: float
    longest_ms: float
    over_share: float
    budget_ms: float | None


@dataclass(frozen=True)
class Slow:
    """A statement beyond its budget; `reads_whole` are large tables it reads from end to end, with their rows.

    `index` names columns by which such a table is searched: an index on them may help. It is a hint, no promise.
    """

    sql: str
    n: int
    mean_ms: float
    longest_ms: float
    reads_whole: Mapping[str, int]
    index: tuple[str, ...]


@dataclass(frozen=True)
class Availability:
    """Share of the time since `since` (UTC ms) in which the service was up, the stretches, and those ended badly.

    `share` is None before the service first ran.
    """

    since: int | None
    share: float | None
    up_ms: int
    stretches: int
    broken_off: int


def durations(store: Store, days: int = 7) -> list[Took]:
    """Pages and jobs of the last `days`, the slowest on average first."""
    return [
        Took(name, n, total / n, longest, over / n, budget)
        for name, n, total, longest, over, budget in _sums(store, days)
        if not name.startswith(STATEMENT)
    ]


def slow_statements(store: Store, days: int = 7, most: int = 30) -> list[Slow]:
    """Statements beyond their budget in the last `days`, most time in all first, with what their plans lack."""
    rows = [row for row in _sums(store, days) if row[0].startswith(STATEMENT)]
    rows.sort(key=lambda row: -row[2])
    with store.read() as connection:
        return [
            Slow(name[len(STATEMENT) :], n, total / n, longest, *_plan(connection, name[len(STATEMENT) :]))
            for name, n, total, longest, _, _ in rows[:most]
        ]


def availability(store: Store, days: int = 30) -> Availability:
    """How much of the last `days` the service was up, counted from its first start where that is later."""
    now = now_ms()
    from_ms = now - days * DAY_MS
    with store.read() as connection:
        first = connection.exec_driver_sql("SELECT min(started_at) FROM up_time").scalar()
        rows = connection.exec_driver_sql(
            "SELECT max(started_at, ?1), until, clean FROM up_time WHERE until > ?1 ORDER BY started_at", (from_ms,)
        ).fetchall()
    if first is None:
        return Availability(None, None, 0, 0, 0)
    since, up, reached = max(from_ms, int(first)), 0, 0
    for started, until, _ in rows:  # two services can overlap for the moment of a takeover
        up += max(0, int(until) - max(int(started), reached))
        reached = max(reached, int(until))
    broken = sum(not clean for _, _, clean in rows[:-1])  # the last may still be running
    return Availability(since, min(1.0, up / max(1, now - since)), up, len(rows), broken)


def _sums(store: Store, days: int) -> list[tuple[str, int, float, float, int, float | None]]:
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sum(n), sum(total_ms), max(longest_ms), sum(over), max(budget_ms) FROM timing "
            "WHERE day >= date('now', ?) GROUP BY name ORDER BY sum(total_ms) / sum(n) DESC",
            (f"-{days} days",),
        ).fetchall()
    return [(str(r[0]), int(r[1]), float(r[2]), float(r[3]), int(r[4]), r[5]) for r in rows]


class _Unbound(dict[str, None]):
    """Every named parameter is null."""

    def __missing__(self, name: str) -> None:
        return None


def _plan(connection: Connection, sql: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Large tables that the statement reads whole, and the columns by which it looks for their rows."""
    whole = {
        table: rows
        for step in _steps(connection, sql)
        if (table := _scanned(step, sql)) and (rows := _rows(connection, table)) >= LARGE_ROWS
    }
    columns = tuple(dict.fromkeys(name for table in whole for name in _searched(table, sql)))
    return whole, columns


def _steps(connection: Connection, sql: str) -> Iterator[str]:
    """The plan's lines; none for what is no query, or whose text was cut."""
    if not re.match(r"\s*(SELECT|WITH)\b", sql, re.IGNORECASE):
        return
    question = f"EXPLAIN QUERY PLAN {sql}"
    for bound in (_Unbound(), *((None,) * n for n in range(MOST_PARAMETERS))):
        try:
            rows = connection.raw.execute(question, bound).fetchall()
        except (DatabaseError, TypeError):
            continue
        yield from (str(row[3]) for row in rows)
        return


def _scanned(step: str, sql: str) -> str | None:
    """The table of a line such as 'SCAN s': by its own name, or by the alias that the statement gives it."""
    found = re.match(r"SCAN (\w+)(?! USING (COVERING )?INDEX)", step)
    if not found:
        return None
    name = found[1]
    if name in TABLES:
        return name
    alias = re.search(rf"\b(\w+)(?: AS)? {re.escape(name)}\b", sql, re.IGNORECASE)
    return alias[1] if alias and alias[1] in TABLES else None


def _rows(connection: Connection, table: str) -> int:
    """Rows of a table, counted no further than matters."""
    limit = 100 * LARGE_ROWS
    sql = f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT {limit})'  # noqa: S608 - a declared table
    return int(connection.exec_driver_sql(sql).scalar_one())


def _searched(table: str, sql: str) -> list[str]:
    """The columns of the table that the statement compares with something."""
    compared = re.findall(r"(?:\w+\.)?(\w+) *(?:=|<|>|IN\b|BETWEEN\b|LIKE\b)", sql, re.IGNORECASE)
    known = {column.name for column in TABLES[table].columns}
    return list(dict.fromkeys(name for name in compared if name in known))
