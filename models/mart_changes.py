"""Which parts of the mart a stretch of the change log makes stale, and the query that makes a part anew."""

from __future__ import annotations

import json
from collections.abc import Sequence

from models.changes import BULK
from models.connection import Connection
from models.relations import Relation

#: A part is (table, month 'YYYY-MM'), or (table, 'all') for a table kept whole.
Part = tuple[str, str]
WHOLE_MONTH = "all"
#: Derived tables follow the logged table from which they are made.
FOLLOWS = {"identity_link": "identifier_owner"}


def everything(connection: Connection, dated: Sequence[str], whole: Sequence[str], lines: str) -> list[Part]:
    """Every part the store can fill."""
    parts = [(name, WHOLE_MONTH) for name in whole]
    for name in dated:
        months = connection.exec_driver_sql(f'SELECT DISTINCT substr(day, 1, 7) FROM "{name}"')  # noqa: S608
        found = [str(month) for (month,) in months]
        parts += [(name, month) for month in found]
        if name == "sale":
            parts += [(lines, month) for month in found]
    return sorted(parts)


def since(connection: Connection, seq: int, dated: Sequence[str], whole: Sequence[str], lines: str) -> list[Part]:
    """The parts that changes after log position `seq` touch."""
    parts: set[Part] = set()
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT tbl, op, CASE WHEN op = 'B' THEN row ELSE substr(row, 1, 7) END FROM change_log "
        "WHERE seq > ? AND tbl <> ?",
        (seq, lines),
    ).fetchall()
    for tbl, op, what in rows:
        if tbl in dated:
            months = _months_of_range(connection, tbl, what) if op == "B" else [str(what)]
            parts |= {(tbl, month) for month in months}
            if tbl == "sale":
                parts |= {(lines, month) for month in months}
        name = FOLLOWS.get(tbl, tbl)
        if name in whole:
            parts.add((name, WHOLE_MONTH))
        if tbl in whole:
            parts.add((tbl, WHOLE_MONTH))
    single = connection.exec_driver_sql(
        "SELECT DISTINCT substr(s.day, 1, 7) FROM change_log c JOIN sale s ON s.id = c.pk "
        "WHERE c.seq > ? AND c.tbl = ? AND c.op <> 'B'",
        (seq, lines),
    )
    parts |= {(lines, str(month)) for (month,) in single}
    return sorted(parts)


def select(relation: Relation, name: str, month: str, dated: Sequence[str], lines: str) -> tuple[str, tuple[str, ...]]:
    """The query, with its parameters, that reads one part of the mart from the store."""
    if name == lines:
        columns = ", ".join(f'l."{c}"' for c in relation.names())
        return (
            f"SELECT {columns} FROM sale s JOIN {lines} l ON l.sale_id = s.id "  # noqa: S608
            "WHERE s.day >= ? AND s.day < ? ORDER BY s.day, l.sale_id, l.line_no",
            (f"{month}-01", f"{month}-99"),
        )
    columns = ", ".join(f'"{c}"' for c in relation.names())
    order = ", ".join(f'"{c}"' for c in relation.key)
    if name in dated:
        return (
            f'SELECT {columns} FROM "{name}" WHERE day >= ? AND day < ? ORDER BY day, {order}',  # noqa: S608
            (f"{month}-01", f"{month}-99"),
        )
    return f'SELECT {columns} FROM "{name}" ORDER BY {order}', ()  # noqa: S608


def _months_of_range(connection: Connection, tbl: str, span: str) -> list[str]:
    column, (first, last) = BULK[tbl], json.loads(span)
    ends = (first, last) if column == "day" else (bytes.fromhex(first), bytes.fromhex(last))
    rows = connection.exec_driver_sql(
        f'SELECT DISTINCT substr(day, 1, 7) FROM "{tbl}" WHERE {column} BETWEEN ? AND ?',  # noqa: S608
        ends,
    )
    return [str(month) for (month,) in rows]
