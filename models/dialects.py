"""The portable `.sql` files in other engines' words: DuckDB's dialect translated by SQLGlot, parameters as literals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Dialect = Literal["duckdb", "spark", "postgres"]


def translate(text: str, parameters: Mapping[str, object], dialect: Dialect) -> str:
    """The query in `dialect` with its `$name` parameters (numbers and text) written in as literals.

    Raises KeyError for a parameter without a value and sqlglot's own error for what the dialect cannot say.
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(text, read="duckdb")

    for parameter in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        parameter.replace(exp.convert(parameters[parameter.name]))
    if dialect == "postgres":
        for split in list(tree.find_all(exp.Split)):  # SQLGlot leaves DuckDB's name, which PostgreSQL does not know
            split.replace(exp.func("STRING_TO_ARRAY", split.this, split.expression))
    return tree.sql(dialect=dialect, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)
