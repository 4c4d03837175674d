# ruff: noqa: S608 - names come from the declared tables, never from a user
"""Reading rows for the hub: SQLite itself writes one PostgreSQL array literal a column, in one pass over the rows.

A batch costs the node a few microseconds a row, since no row becomes a Python object; only direct identifiers do,
to be sealed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import LargeBinary

from models.changes import BULK
from models.hub.schema import Relation, relations
from models.sync.sealing import Sealer
from models.tables import TABLES


def prepare(raw: Any, sealer: Sealer) -> None:
    """Give the connection the function that seals."""
    raw.create_function("seal", 4, sealer.seal)


class Rows:
    """Rows of one table as columns: `arrays` in the order of `columns`; `last` is the key of the last row read."""

    def __init__(self, relation: Relation, found: Sequence[Any], clocked: bool) -> None:
        width = len(relation.columns) + clocked
        self.relation = relation
        self.clocked = clocked
        self.arrays = [str(array) for array in found[:width]]
        self.count = int(found[width])
        self.last = tuple(found[width + 2 :])

    @property
    def size(self) -> int:
        """Characters to send."""
        return sum(map(len, self.arrays))

    def segment(self, *, again: bool) -> dict[str, Any]:
        """Its description in a batch's head."""
        return {"t": self.relation.name, "c": list(self.relation.columns), "clocked": self.clocked, "again": again}


def by_keys(raw: Any, table: str, keys: Sequence[Sequence[Any]]) -> Rows:
    """The rows of these keys as they are now; each key is followed by its clock. Keys whose row is gone have none."""
    relation = relations()[table]
    on = " AND ".join(
        f't."{name}" = {f"unhex(k.value ->> {n})" if _blob(table, name) else f"(k.value ->> {n})"}'
        for n, name in enumerate(relation.key)
    )
    inner = (
        f'SELECT t.*, k.value ->> {len(relation.key)} AS "hub clock" FROM json_each(?) k CROSS JOIN "{table}" t ON {on}'
    )
    given = json.dumps([[v.hex() if isinstance(v, bytes) else v for v in key] for key in keys])
    return _run(raw, relation, inner, (given,), clocked=True)


def in_range(
    raw: Any, table: str, *, batch: bytes, span: Sequence[str], after: Sequence[Any] | None, limit: int
) -> Rows:
    """At most `limit` rows of a bulk load beyond the key `after`; `span` is the first and last of its ids or days."""
    order = order_of(relations()[table], BULK[table])
    inner, parameters = _range_query(table, batch, span, after, limit)
    return _run(raw, relations()[table], inner, parameters, clocked=False, order=order)


def key_in_range(raw: Any, table: str, *, batch: bytes, span: Sequence[str], after: Sequence[Any] | None) -> Any:
    """The key of the first row that `in_range` would give, none of its other columns being read."""
    inner, parameters = _range_query(table, batch, span, after, 1)
    order = order_of(relations()[table], BULK[table])
    listed = ", ".join(f'"{name}"' for name in order)
    return tuple(raw.execute(f"SELECT {listed} FROM ({inner})", parameters).fetchone())


def _range_query(
    table: str, batch: bytes, span: Sequence[str], after: Sequence[Any] | None, limit: int
) -> tuple[str, list[Any]]:
    relation, column = relations()[table], BULK[table]
    order = order_of(relation, column)
    ends: list[Any] = list(span) if column == "day" else [bytes.fromhex(end) for end in span]
    where, parameters = [f't."{column}" <= ?'], [ends[1]]
    if after is None:
        where, parameters = [f't."{column}" >= ?', *where], [ends[0], *parameters]
    else:
        listed = ", ".join(f't."{name}"' for name in order)
        where, parameters = [f"({listed}) > ({', '.join('?' * len(order))})", *where], [*after, *parameters]
    source = f'"{table}" t'
    if "batch_id" in relation.columns:
        where, parameters = [*where, "t.batch_id = ?"], [*parameters, batch]
    elif table == "sale_line":
        source = "sale_line t JOIN sale s ON s.id = t.sale_id AND s.batch_id = ?"
        parameters = [batch, *parameters]
    ordered = ", ".join(f't."{name}"' for name in order)
    inner = f"SELECT t.* FROM {source} WHERE {' AND '.join(where)} ORDER BY {ordered} LIMIT {int(limit)}"
    return inner, parameters


def beyond(raw: Any, table: str, after: Sequence[Any] | None, limit: int) -> Rows:
    """At most `limit` rows of the table, in the order of its key, beyond the key `after`."""
    relation = relations()[table]
    listed = ", ".join(f'"{name}"' for name in relation.key)
    where = f" WHERE ({listed}) > ({', '.join('?' * len(relation.key))})" if after is not None else ""
    inner = f'SELECT * FROM "{table}"{where} ORDER BY {listed} LIMIT {int(limit)}'
    return _run(raw, relation, inner, tuple(after or ()), clocked=False)


def key_beyond(raw: Any, table: str, after: Sequence[Any] | None) -> Any:
    """The key of the first row that `beyond` would give."""
    listed = ", ".join(f'"{name}"' for name in relations()[table].key)
    where = f" WHERE ({listed}) > ({', '.join('?' * len(after))})" if after is not None else ""
    return tuple(
        raw.execute(f'SELECT {listed} FROM "{table}"{where} ORDER BY {listed} LIMIT 1', tuple(after or ())).fetchone()
    )


def order_of(relation: Relation, column: str) -> tuple[str, ...]:
    """The order in which a bulk load is read: the index on the day continues with the key."""
    return ("day", *relation.key) if column == "day" else relation.key


def row_json(rows: Rows) -> str:
    """The only row of `rows` as JSON text of texts, for a person to look at; direct identifiers stay sealed."""
    names = [*rows.relation.columns, *(["clock"] if rows.clocked else [])]
    return json.dumps({name: array[1:-1] for name, array in zip(names, rows.arrays, strict=True)})


def _run(
    raw: Any, relation: Relation, inner: str, parameters: Sequence[Any], *, clocked: bool,
    order: tuple[str, ...] = (),
) -> Rows:  # fmt: skip
    arrays = _arrays(relation.name)
    if clocked:
        arrays += ", '{' || group_concat(\"hub clock\", ',') || '}'"
    keys = order or relation.key
    if len(keys) == 1:
        sql = f'SELECT {arrays}, count(*), 0, max("{keys[0]}") FROM ({inner})'
    else:
        # A bare column beside max() is that of the row which has the maximum: the key of the last row.
        last = ", ".join(f'"{name}"' for name in keys)
        numbered = f'SELECT *, row_number() OVER () AS "hub row" FROM ({inner})'
        sql = f'SELECT {arrays}, count(*), max("hub row"), {last} FROM ({numbered})'
    return Rows(relation, raw.execute(sql, parameters).fetchone(), clocked)


@cache
def _arrays(table: str) -> str:
    """SQL of one array literal a column."""
    relation = relations()[table]
    return ", ".join(_array(relation, name, kind) for name, kind in relation.columns.items())


def _array(relation: Relation, name: str, kind: str) -> str:
    value, sealed = f'"{name}"', name in relation.sealed
    if sealed:
        key = " || char(31) || ".join(
            f'lower(hex("{k}"))' if _blob(relation.name, k) else f'"{k}"' for k in relation.key
        )
        value = f"seal('{relation.name}', '{name}', {key}, \"{name}\")"
    item = _item(value, kind, quoted=not sealed)
    if TABLES[relation.name].c[name].nullable:
        item = f"iif(\"{name}\" IS NULL, 'NULL', {item})"
    return f"'{{' || group_concat({item}, ',') || '}}'"


def _item(value: str, kind: str, *, quoted: bool) -> str:
    """SQL of one value as an array literal's item."""
    if kind == "uuid":
        return f"hex({value})"
    if kind == "bytea":
        return f"'\"\\\\x' || hex({value}) || '\"'"
    if kind == "double precision":
        return f"format('%!.17g', {value})"  # SQLite's own text has 15 digits, which do not give every number back
    if kind == "text" and quoted:
        return f"'\"' || replace(replace({value}, '\\', '\\\\'), '\"', '\\\"') || '\"'"
    return value


def _blob(table: str, column: str) -> bool:
    return isinstance(TABLES[table].c[column].type, LargeBinary)
