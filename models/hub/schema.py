"""The hub's tables for what nodes send: PostgreSQL DDL made from the declared tables of the store.

A table's key, and each natural key, begins with `site_id`, so that a distributed PostgreSQL can place rows by site.
There are no foreign keys between tables: a row may arrive before what it refers to, or be all that may be kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import REAL, Column, Integer, LargeBinary, Table, UniqueConstraint

from models.changes import IMAGED, logged_tables
from models.tables import table_class

#: Blobs that are ids though neither their name nor a foreign key says so.
IDS = frozenset({"id", "survivor", "absorbed", "home", "person_a", "person_b", "first_id", "last_id"})

#: References that the tables declare without a foreign key, because what they name may be erased.
SOFT_REFS = {("person_attr", "sign_id"): "identifier", ("merge_member", "member_id"): "member"}


@dataclass(frozen=True)
class Relation:
    """A logged table as the hub has it. `columns` maps names to PostgreSQL types in the store's order.

    `key` and `naturals` are without `site_id`; a natural key is its columns and the condition under which it holds
    ('' for always). `day` is the partition's column or None; `refs` maps columns to the table whose id they hold;
    `sealed` columns arrive encrypted under a key that the hub does not have.
    """

    name: str
    kind: str
    channel: str
    columns: dict[str, str]
    key: tuple[str, ...]
    naturals: tuple[tuple[tuple[str, ...], str], ...]
    day: str | None
    refs: dict[str, str] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()

    @property
    def record(self) -> bool:
        """Whether rows merge column by column (classes E and R)."""
        return self.kind in IMAGED

    @property
    def path(self) -> str:
        """The table's name for SQL."""
        return f'atrium."{self.name}"'


@cache
def relations() -> dict[str, Relation]:
    """Every table that nodes send, by name."""
    return {table.name: _relation(table) for table in logged_tables()}


def table_ddl(relation: Relation) -> list[str]:
    """`CREATE TABLE IF NOT EXISTS` of one relation, its natural keys' indexes, and row-level security."""
    kept = {*relation.key, *([relation.day] if relation.day else [])}
    lines = ["site_id uuid NOT NULL"]
    lines += [f'"{name}" {kind}{" NOT NULL" if name in kept else ""}' for name, kind in relation.columns.items()]
    lines += ["hlc bigint NOT NULL", "node_id uuid NOT NULL"]
    if relation.record:
        lines += ["clocks jsonb", "xid xid8 NOT NULL DEFAULT pg_current_xact_id()"]
    lines.append(f"PRIMARY KEY (site_id, {_listed(relation, relation.key)})")
    end = f' PARTITION BY RANGE ("{relation.day}")' if relation.day else ""
    return [
        f"CREATE TABLE IF NOT EXISTS {relation.path} ({', '.join(lines)}){end}",
        *(
            f"CREATE UNIQUE INDEX IF NOT EXISTS uq_{relation.name}_{'_'.join(alike)} ON {relation.path} "
            f"(site_id, {_listed(relation, alike)}){f' WHERE {where}' if where else ''}"
            for alike, where in relation.naturals
        ),
        f"ALTER TABLE {relation.path} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS by_site ON {relation.path}",
        f"CREATE POLICY by_site ON {relation.path} FOR SELECT TO atrium_reader "
        "USING (site_id = ANY ((SELECT hub.readable_sites())::uuid[]))",
        f"GRANT SELECT ON {relation.path} TO atrium_reader",
    ]


def upgrade_ddl(relation: Relation, present: frozenset[str]) -> list[str]:
    """What a table with the columns `present` lacks. A column is never dropped: an older node may still send it."""
    return [
        f'ALTER TABLE {relation.path} ADD COLUMN IF NOT EXISTS "{name}" {kind}'
        for name, kind in relation.columns.items()
        if name not in present
    ]


def catalogue_row(relation: Relation) -> tuple[str, str, str, list[str], str, str | None, str, str]:
    """The relation's row in `hub.relation`: name, kind, channel, key, naturals, day, columns, refs (the last as JSON).

    Naturals are JSON too, [{"columns": [...], "where": ""}].
    """
    naturals = json.dumps([{"columns": list(columns), "where": where} for columns, where in relation.naturals])
    return (
        relation.name, relation.kind, relation.channel, list(relation.key), naturals, relation.day,
        json.dumps(relation.columns), json.dumps(relation.refs),
    )  # fmt: skip


def _relation(table: Table) -> Relation:
    day = table.info.get("month")
    return Relation(
        name=table.name,
        kind=table_class(table),
        channel=str(table.info["channel"]),
        columns={c.name: "date" if c.name == day else _type(c) for c in table.columns},
        key=tuple(c.name for c in table.primary_key.columns),
        naturals=_naturals(table),
        day=day,
        refs=_refs(table),
        sealed=tuple(c.name for c in table.columns if c.info.get("direct")),
    )


def _refs(table: Table) -> dict[str, str]:
    hard = {c.name: next(iter(c.foreign_keys)).column.table.name for c in table.columns if c.foreign_keys}
    return hard | {column: target for (name, column), target in SOFT_REFS.items() if name == table.name}


def _naturals(table: Table) -> tuple[tuple[tuple[str, ...], str], ...]:
    found = {(tuple(c.name for c in k.columns), "") for k in table.constraints if isinstance(k, UniqueConstraint)}
    for index in table.indexes:
        if index.unique:
            where = index.dialect_options["sqlite"].get("where")
            found.add((tuple(c.name for c in index.columns), "" if where is None else str(where)))
    return tuple(sorted(found))


def _listed(relation: Relation, columns: tuple[str, ...]) -> str:
    """The columns of a key; that of a partitioned table must hold the partition's column."""
    day = () if relation.day is None or relation.day in columns else (relation.day,)
    return ", ".join(f'"{name}"' for name in (*columns, *day))


def _type(column: Column[object]) -> str:
    if isinstance(column.type, LargeBinary):
        return "uuid" if _is_id(column) else "bytea"
    if isinstance(column.type, Integer):
        return "bigint"
    return "double precision" if isinstance(column.type, REAL) else "text"


def _is_id(column: Column[object]) -> bool:
    return bool(column.foreign_keys) or column.name in IDS or column.name.endswith("_id")
