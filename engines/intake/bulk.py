# ruff: noqa: S608 - names of tables and columns are the program's own
"""Columns of values into a table, many rows a statement: the driver's cost a row is most of a bulk load's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from models.connection import Connection
from models.store import driver

ROWS_A_STATEMENT = 100
KEYS_A_QUERY = 20_000


def insert_columns(connection: Connection, table: str, count: int, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert `count` rows; a column of nothing but None is left out, so that it costs nothing."""
    if not count:
        return
    used = {name: values for name, values in columns.items() if values.count(None) < count}
    width, raw = len(used), driver(connection)
    flat: list[Any] = [None] * (count * width)
    for place, values in enumerate(used.values()):
        flat[place::width] = values
    begin = f'INSERT INTO "{table}" ({", ".join(used)}) VALUES '
    marks = f"({', '.join('?' * width)})"
    whole = begin + ", ".join([marks] * ROWS_A_STATEMENT)
    step = width * ROWS_A_STATEMENT
    full = len(flat) // step * step
    for at in range(0, full, step):
        raw.execute(whole, flat[at : at + step])
    if rest := (len(flat) - full) // width:
        raw.execute(begin + ", ".join([marks] * rest), flat[full:])


def select_by(connection: Connection, sql: str, keys: Iterable[str], *before: Any) -> Iterator[tuple[Any, ...]]:
    """Rows of a query whose last parameter is a JSON array of keys, asked in parts; blobs travel as hexadecimal."""
    wanted = list(keys)
    raw = driver(connection)
    for at in range(0, len(wanted), KEYS_A_QUERY):
        yield from raw.execute(sql, (*before, json.dumps(wanted[at : at + KEYS_A_QUERY], ensure_ascii=False)))
