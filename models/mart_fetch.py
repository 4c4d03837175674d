"""Rows of a relation from DuckDB within a bounded memory: streamed, and for a large mall some people at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models.relations import Relation

if TYPE_CHECKING:
    import pyarrow as pa

STREAM_ROWS = 50_000
PART_PEOPLE = 150_000
"""People whose rows are worked out at a time: one part's joins and sorts fit DuckDB's limit without spilling."""
SAMPLED = 64
"""One in so many people is looked at to find where the parts end."""
OF_PEOPLE = {"identifier_owner": "person_id", "member": "person_id", "person": "id"}
"""The views that a part narrows, and the column that says who: facts reach a person only through these."""
LARGER_LIMIT = "800MB"
AS_WRITTEN = "join_order,build_side_probe_side"
"""Optimizers off while parts are worked out. DuckDB takes a range of people for many more than it is and would hash the
facts and look up the people; our queries name the facts first and the few second, which is right in every part."""


def fetch(connection: Any, relation: Relation, parameters: Mapping[str, object]) -> pa.Table:
    """The relation's rows: its SQL file as of the moment that `parameters` tell, or the mart's table; checked.

    A query that does not fit the connection's limit runs once more with LARGER_LIMIT.
    """
    import duckdb

    try:
        return relation.check(_rows(connection, relation, parameters))
    except duckdb.OutOfMemoryException:
        limit = connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0]
        connection.execute(f"SET memory_limit = '{LARGER_LIMIT}'")
        try:
            return relation.check(_rows(connection, relation, parameters))
        finally:
            connection.execute(f"SET memory_limit = '{limit}'")


def _rows(connection: Any, relation: Relation, parameters: Mapping[str, object]) -> pa.Table:
    if relation.sql is None:
        return _table(relation, _streamed(connection.table(relation.name), relation))
    text = relation.query()
    known = relation.parameters(parameters)
    wanted = {name: value for name, value in known.items() if re.search(rf"\${name}\b", text)}
    edges = _edges(connection) if relation.by_person or relation.adds else []
    if not edges:
        return _table(relation, _streamed(connection.sql(text, params=wanted), relation))
    found: list[pa.RecordBatch] = []
    for first, end in zip([None, *edges], [*edges, None], strict=True):
        with _part(connection, first, end):
            found += _streamed(connection.sql(text, params=wanted), relation)
    return _added(relation, found) if relation.adds else _table(relation, found)


def _added(relation: Relation, batches: list[pa.RecordBatch]) -> pa.Table:
    """One row a key, its figures summed, in the order of the keys."""
    figures = [name for name in relation.names() if name not in relation.key]
    summed = _table(relation, batches).group_by(list(relation.key)).aggregate([(name, "sum") for name in figures])
    whole = summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])
    return whole.select(relation.names()).sort_by([(name, "ascending") for name in relation.key])


def _streamed(rows: Any, relation: Relation) -> list[pa.RecordBatch]:
    """Batches in the relation's types, each narrowed as it comes: DuckDB never holds the whole result beside them."""
    schema = relation.schema()
    return [batch.select(schema.names).cast(schema) for batch in rows.to_arrow_reader(STREAM_ROWS)]


def _table(relation: Relation, batches: list[pa.RecordBatch]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches(batches, schema=relation.schema())


def _edges(connection: Any) -> list[bytes]:
    """First ids of all parts but the first, so that each holds about PART_PEOPLE people; none for a small mall."""
    people = connection.sql("SELECT count(*) FROM person").fetchall()[0][0]
    parts = -(-people // PART_PEOPLE)
    if parts < 2:
        return []
    text = f"SELECT id FROM person WHERE hash(id) % {SAMPLED} = 0"  # noqa: S608 - a number of our own
    ids = sorted(bytes(row[0]) for row in connection.sql(text).fetchall())
    return sorted({ids[len(ids) * k // parts] for k in range(1, parts)}) if ids else []


@contextmanager
def _part(connection: Any, first: bytes | None, end: bytes | None) -> Iterator[None]:
    """The views of people hold those from `first` to before `end` only."""
    for name, column in OF_PEOPLE.items():
        ends = [(">=", first), ("<", end)]
        told = " AND ".join(f"{column} {sign} from_hex('{edge.hex()}')" for sign, edge in ends if edge is not None)
        body = f"SELECT * FROM memory.main.{name} WHERE {told}"  # noqa: S608 - names and ids of our own
        connection.execute(f"CREATE TEMP VIEW {name} AS {body}")
    connection.execute(f"SET disabled_optimizers = '{AS_WRITTEN}'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")
        for name in OF_PEOPLE:
            connection.execute(f"DROP VIEW temp.main.{name}")
