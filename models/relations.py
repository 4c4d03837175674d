"""Relations: tables of facts or results with declared columns, types and keys, checked where they cross a border.

A relation travels as an Arrow table. Its columns have one of a few kinds, each with one Arrow type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Integer, LargeBinary, Table
from sqlalchemy import Text as TextType

if TYPE_CHECKING:
    import pyarrow as pa

ORDER_ROWS = 50_000

ColumnKind = Literal["int", "float", "text", "id", "day"]


@dataclass(frozen=True)
class Column:
    """A column: `int` (64 bits; instants are UTC milliseconds, money minor units), `float`, `text`,
    `id` (16 bytes) or `day` (text, YYYY-MM-DD)."""

    name: str
    kind: ColumnKind
    nullable: bool = False


@dataclass(frozen=True)
class Relation:
    """A named table with a key that no two rows share.

    `sql` names the file of the heavy half: a query over the mart that makes the relation as of a
    moment. Without it the relation is the mart's table, or the store's result table, of that name.
    `days_back` moves the moment that the query sees ($at and $day) into the past, so that the same file gives
    features as of an earlier day; `given` are further parameters of the query, by name.
    `partly` says that `columns` are some of the file's, so that what the others need is not worked out.
    `after` names a file of WITH clauses that the query goes on from, for queries that share them.
    `by_person` says that the key begins with a person, that rows are in its order, and that each is worked out from
    that person's own facts alone: a large mall's query then runs for some people at a time.
    `adds` says that every column beside the key is a whole number summed over people who each stand by themselves: rows
    of some people and of others add up to those of all.
    `shared` is the column by which engines share a table of results, `history` marks one that is only added to.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sql: Path | None = None
    days_back: int = 0
    given: tuple[tuple[str, int | float | str], ...] = ()
    shared: str | None = None
    history: bool = False
    partly: bool = False
    by_person: bool = False
    adds: bool = False
    after: Path | None = None

    def query(self) -> str:
        """The text of the heavy half. Raises ValueError for a relation without one."""
        if self.sql is None:
            raise ValueError(f"{self.name} has no query")
        files = (self.after, self.sql) if self.after else (self.sql,)
        text = ",\n".join(file.read_text("utf-8").rstrip() for file in files)
        return f"SELECT {', '.join(self.names())} FROM (\n{text}\n) AS whole" if self.partly else text  # noqa: S608

    def parameters(self, moment: Mapping[str, object]) -> dict[str, object]:
        """The query's parameters: those of the moment (`at`, `day` and more), moved back, and the relation's own."""
        found = {**moment, **dict(self.given)}
        if self.days_back:
            found["at"] = int(str(moment["at"])) - self.days_back * 86_400_000
            found["day"] = (date.fromisoformat(str(moment["day"])) - timedelta(days=self.days_back)).isoformat()
        return found

    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def check(self, frame: pa.Table) -> pa.Table:
        """The frame with exactly the declared columns and types. Raises ValueError naming every fault."""
        import pyarrow as pa

        missing = [name for name in self.names() if name not in frame.column_names]
        if missing:
            raise ValueError(f"{self.name} lacks the columns {missing}; it has {frame.column_names}")
        cast = frame.select(self.names()).cast(self.schema())
        for column in self.columns:
            if not column.nullable and cast.column(column.name).null_count:
                raise ValueError(f"{self.name}.{column.name} has {cast.column(column.name).null_count} empty values")
        if self.key and cast.num_rows and not self._in_order(cast):
            distinct = cast.select(list(self.key)).group_by(list(self.key)).aggregate([]).num_rows
            if distinct != cast.num_rows:
                raise ValueError(f"{self.name} has {cast.num_rows - distinct} rows that repeat the key {self.key}")
        return pa.table(cast)

    def _in_order(self, frame: pa.Table) -> bool:
        """Whether each key is greater than the one before: shows without a table of all keys that none repeats."""
        import pyarrow as pa
        import pyarrow.compute as pc

        keys = frame.select(list(self.key))
        for first in range(0, frame.num_rows - 1, ORDER_ROWS):
            rows = keys.slice(first, ORDER_ROWS + 1).combine_chunks()
            greater, equal = pa.scalar(False), pa.scalar(True)
            for column in rows.columns:
                before, after = (_comparable(column.slice(at, rows.num_rows - 1)) for at in (0, 1))
                greater = pc.or_(greater, pc.and_(equal, pc.greater(after, before)))
                equal = pc.and_(equal, pc.equal(after, before))
            if not pc.all(greater, skip_nulls=False).as_py():
                return False
        return True

    def schema(self) -> pa.Schema:
        """The relation's Arrow schema."""
        import pyarrow as pa

        kinds = {"int": pa.int64(), "float": pa.float64(), "text": pa.string(), "day": pa.string(), "id": pa.binary(16)}
        return pa.schema([pa.field(c.name, kinds[c.kind]) for c in self.columns])

    def empty(self) -> pa.Table:
        """The relation with no rows."""
        return self.schema().empty_table()


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids as bytes of any length: Arrow compares no others."""
    import pyarrow as pa

    return column.cast(pa.binary()) if pa.types.is_fixed_size_binary(column.type) else column


def of_table(table: Table, *, leave_out_direct: bool = True) -> Relation:
    """The relation a store table makes; columns that identify someone by themselves stay behind, as do those marked
    `inside`: a sender's own key may hold somebody's number."""
    columns = tuple(
        Column(c.name, _kind_of(c), bool(c.nullable))
        for c in table.columns
        if not (leave_out_direct and (c.info.get("direct") or c.info.get("inside")))
    )
    present = {column.name for column in columns}
    key = tuple(c.name for c in table.primary_key.columns if c.name in present)
    shared, history = table.info.get("shared"), bool(table.info.get("history"))
    return Relation(table.name, columns, key, shared=shared, history=history)


def _kind_of(column: object) -> ColumnKind:
    name, type_ = str(column.name), column.type  # type: ignore[attr-defined]
    if isinstance(type_, LargeBinary):
        return "id"
    if isinstance(type_, Integer):
        return "int"
    if isinstance(type_, TextType):
        return "day" if name == "day" or name.endswith("_day") else "text"
    return "float"
