"""Where the heavy half of an engine can run over a mart: here on DuckDB, at headquarters on Apache Spark or PostgreSQL.

A backend gives a relation's rows from its `.sql` file as of a moment. The text is the same for all; the conformance
tests prove that the rows are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models import mart
from models.dialects import translate
from models.errors import Known, NotInstalled
from models.relations import Relation

if TYPE_CHECKING:
    import pyarrow as pa


class Backend(Protocol):
    """Something that can run a relation's query over one mart."""

    def fetch(self, relation: Relation, moment: Mapping[str, object]) -> pa.Table:
        """The relation's rows as of the moment, checked."""
        ...


@contextmanager
def open_backend(on: str, folder: Path) -> Iterator[Backend]:
    """The backend named `on` over the mart in `folder`: duckdb, local[N] or spark://host:port (Apache Spark).

    Raises Known for another name or a folder that holds no mart, NotInstalled where Spark is missing.
    """
    if not (folder / "manifest.json").exists():
        raise Known(f"{folder} holds no mart.", "Name a site's mart folder, the one with manifest.json.", code=3)
    if on == "duckdb":
        with mart.open_folder(folder) as connection:
            yield DuckBackend(connection)
    elif on.startswith(("local", "spark://")):
        session = _spark(on)
        try:
            yield SparkBackend(session, folder)
        finally:
            session.stop()
    else:
        raise Known(f"'{on}' is no place to run on.", "Use duckdb, local[2] or spark://HOST:PORT.", code=2)


class DuckBackend:
    """DuckDB over the mart's Parquet."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def fetch(self, relation: Relation, moment: Mapping[str, object]) -> pa.Table:
        """The relation's rows."""
        return mart.fetch(self._connection, relation, moment)


class SparkBackend:
    """Apache Spark over the same Parquet; each mart table is a temporary view."""

    def __init__(self, session: Any, folder: Path) -> None:
        self._session = session
        files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
        for name, relation in mart.MART.items():
            paths = [str(folder / file) for file in files.get(name, {}).values()]
            frame = session.read.parquet(*paths) if paths else session.createDataFrame([], _spark_schema(relation))
            frame.createOrReplaceTempView(name)

    def fetch(self, relation: Relation, moment: Mapping[str, object]) -> pa.Table:
        """The relation's rows."""
        if relation.sql is None:
            return relation.check(self._session.table(relation.name).toArrow())
        text = translate(relation.query(), relation.parameters(moment), "spark")
        return relation.check(self._session.sql(text).toArrow())


class PostgresBackend:
    """PostgreSQL holding the mart's tables under their names (see `copy_mart`); `connection` is psycopg's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def fetch(self, relation: Relation, moment: Mapping[str, object]) -> pa.Table:
        """The relation's rows."""
        import pyarrow as pa

        if relation.sql is None:
            text = f'SELECT {", ".join(_quoted(n) for n in relation.names())} FROM "{relation.name}"'  # noqa: S608
        else:
            text = translate(relation.query(), relation.parameters(moment), "postgres")
        rows = self._connection.execute(text).fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(relation.columns)
        arrays = [pa.array(values, type=f.type) for values, f in zip(columns, relation.schema(), strict=True)]
        return relation.check(pa.table(arrays, schema=relation.schema()))


def copy_mart(connection: Any, folder: Path) -> None:
    """Load a mart into PostgreSQL: one table for each of the mart's, in the connection's schema, emptied first."""
    with connection.transaction(), mart.open_folder(folder) as source:
        for name, relation in mart.MART.items():
            columns = ", ".join(f"{_quoted(c.name)} {POSTGRES_TYPES[c.kind]}" for c in relation.columns)
            connection.execute(f'DROP TABLE IF EXISTS "{name}"')
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            names = ", ".join(_quoted(n) for n in relation.names())
            frame = source.table(name).to_arrow_table()
            with connection.cursor().copy(f'COPY "{name}" ({names}) FROM STDIN') as copy:
                for batch in frame.to_batches(max_chunksize=mart.BATCH_ROWS):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)


POSTGRES_TYPES = {"int": "BIGINT", "float": "DOUBLE PRECISION", "text": "TEXT", "day": "TEXT", "id": "BYTEA"}


def _quoted(name: str) -> str:
    return f'"{name}"'


def _spark_schema(relation: Relation) -> str:
    kinds = {"int": "BIGINT", "float": "DOUBLE", "text": "STRING", "day": "STRING", "id": "BINARY"}
    return ", ".join(f"`{c.name}` {kinds[c.kind]}" for c in relation.columns)


def _spark(master: str) -> Any:
    """A session on `master`: UTC, results by Arrow, and integers that overflow or divide by zero are errors (ANSI)."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NotInstalled(
            "Apache Spark is not installed.", "At headquarters: python3 installer/bootstrap.py setup --spark (Java 17)."
        ) from error
    builder = SparkSession.builder.master(master).appName("Atrium")
    options = {
        "spark.sql.session.timeZone": "UTC", "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "8", "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # Spark's own errors come through Java under many names
        raise Known(f"Apache Spark at {master} cannot be reached.", "Check the address, and that Java 17 is there.",
                    code=6) from error  # fmt: skip
