# ruff: noqa: S608 - table and column names come from the declared catalogue
"""What there is at this site to name in a rule: the codes, kinds and values that the builder completes with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.segments import fields
from models.connection import Connection
from models.store import Store

MOST_VALUES = 200
_DAYS = 400


@dataclass(frozen=True)
class Named:
    """A code with its names."""

    code: str
    name: str
    name_zh: str | None


@dataclass(frozen=True)
class Vocabulary:
    """Codes with names, the kinds of activity of the last 400 days, and the values that text fields have."""

    tenants: tuple[Named, ...]
    categories: tuple[Named, ...]
    zones: tuple[Named, ...]
    campaigns: tuple[Named, ...]
    segments: tuple[Named, ...]
    kinds: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]

    def names(self, *, zh: bool) -> dict[tuple[str, str], str]:
        """Table and code to name in the language; a zone and a category may share a code."""
        tables = {
            "tenant": self.tenants, "category": self.categories, "zone": self.zones, "campaign": self.campaigns,
            "segment": self.segments,
        }  # fmt: skip
        return {
            (what, one.code): (one.name_zh if zh and one.name_zh else one.name)
            for what, named in tables.items()
            for one in named
        }


def vocabulary(store: Store) -> Vocabulary:
    """What this site has."""
    with store.read() as connection:
        kinds = connection.exec_driver_sql(
            "SELECT DISTINCT kind FROM activity WHERE day >= (SELECT date(max(day), ?) FROM activity) ORDER BY 1",
            (f"-{_DAYS} days",),
        ).scalars()
        return Vocabulary(
            _codes(connection, "tenant"),
            _codes(connection, "category"),
            _codes(connection, "zone"),
            _codes(connection, "campaign"),
            _codes(connection, "segment", "WHERE state = 'live'"),
            tuple(str(kind) for kind in kinds),
            {field.name: _values(connection, field) for field in fields.FIELDS if field.kind == "text"},
        )


def _codes(connection: Connection, table: str, which: str = "") -> tuple[Named, ...]:
    rows = connection.exec_driver_sql(f"SELECT code, name, name_zh FROM {table} {which} ORDER BY code")
    return tuple(Named(*row) for row in rows)


def _values(connection: Connection, field: fields.Field) -> tuple[str, ...]:
    """The values of a text field, those that it declares first."""
    column = field.column
    found = connection.exec_driver_sql(
        f"SELECT DISTINCT {column} FROM {field.table} t WHERE {column} IS NOT NULL ORDER BY 1 LIMIT ?", (MOST_VALUES,)
    ).scalars()
    declared = [key for key, _, _ in field.choices]
    return tuple(declared + [str(value) for value in found if value not in declared])
