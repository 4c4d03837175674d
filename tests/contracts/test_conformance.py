"""Every `.sql` file gives the same rows on DuckDB, on PostgreSQL and, where it is installed, on Apache Spark."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engines.contract import moment_of
from engines.demo.actions import make_demo
from engines.registry import ENGINES
from models import mart
from models.backends import Backend, DuckBackend, PostgresBackend, copy_mart, open_backend
from models.ids import new_id
from models.relations import Relation
from models.store import Store, open_store
from tests.postgres import postgres_server

_ALL = sorted((r for e in ENGINES for r in e.takes if r.sql is not None), key=lambda r: not r.partly)
RELATIONS: dict[str, Relation] = {r.name: r for r in _ALL}  # of several by one name the one with every column
UNTIL = "2026-11-20T18:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, object]]]:
    """A demo mall's mart with rows at the edges: odd text, ties, month ends, nulls, returns, zeros."""
    place = tmp_path_factory.mktemp("conformance") / "mall"
    make_demo(place, days=60, members=150, seed=3, until=UNTIL)
    store = open_store(place)
    try:
        add_edges(store)
        mart.refresh(store)
        with store.read() as connection:
            last = connection.exec_driver_sql("SELECT max(at) FROM sale").scalar_one()
        moment = moment_of(store.site, last + 1)
        yield store.site.mart, {
            "at": moment.at, "day": moment.day, "minute": moment.minute, "time_zone": moment.time_zone,
            "day_starts_minute": moment.day_starts_minute,
        }  # fmt: skip
    finally:
        store.close()


def add_edges(store: Store) -> None:
    """Copies of existing receipts moved to the edges of what columns can hold."""
    with store.write("test", "adding edge rows") as tx:
        rows = tx.connection.exec_driver_sql(
            "SELECT source_id, tenant_id, identifier_id, at, day, minute, batch_id FROM sale "
            "WHERE identifier_id IS NOT NULL AND minute >= 0 ORDER BY at, id LIMIT 40"
        ).fetchall()
        edges = [
            (0, 0, None),
            (-1, -1, "现金"),
            (-250, -250, "😀"),
            (999_999_999_999, 999_999_999_999, "O'Neil"),
            (5, 5, ""),
        ]
        made = []
        for number, (source, tenant, identifier, at, day, minute, batch) in enumerate(rows):
            gross, net, payment = edges[number % len(edges)]
            month_end = "2026-10-31" if number % 4 == 0 else day
            made.append(
                (new_id(), source, f"edge-{number}-中文", None if number % 7 == 0 else tenant, identifier, at, month_end,
                 -1 if number % 3 == 0 else minute, gross, net, None, 1, "pos", payment, batch)
            )  # fmt: skip
        tx.execute_many(
            "INSERT INTO sale (id, source_id, source_key, tenant_id, identifier_id, at, day, minute, gross_minor, "
            "net_minor, units, txns, basis, payment, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            made,
        )


@pytest.fixture(scope="module")
def duck(folder: Any) -> Iterator[Backend]:
    with mart.open_folder(folder[0]) as connection:
        yield DuckBackend(connection)


@pytest.fixture(scope="module")
def postgres(folder: Any) -> Iterator[Backend]:
    psycopg = pytest.importorskip("psycopg")
    with postgres_server() as address, psycopg.connect(address, autocommit=True) as connection:
        copy_mart(connection, folder[0])
        yield PostgresBackend(connection)


@pytest.fixture(scope="module")
def spark(folder: Any) -> Iterator[Backend]:
    pytest.importorskip("pyspark", reason="Apache Spark is an extra: installer/bootstrap.py setup --spark")
    with open_backend("local[2]", folder[0]) as backend:
        yield backend


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_postgresql_gives_the_rows_of_duckdb(name: str, folder: Any, duck: Backend, postgres: Backend) -> None:
    relation = RELATIONS[name]
    assert_same(relation, postgres.fetch(relation, folder[1]), duck.fetch(relation, folder[1]))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_spark_gives_the_rows_of_duckdb(name: str, folder: Any, duck: Backend, spark: Backend) -> None:
    relation = RELATIONS[name]
    assert_same(relation, spark.fetch(relation, folder[1]), duck.fetch(relation, folder[1]))


def assert_same(relation: Relation, found: pa.Table, wanted: pa.Table) -> None:
    """The same rows by key, floats to one part in a thousand million."""
    assert found.num_rows == wanted.num_rows
    order = [(name, "ascending") for name in relation.key]
    for row, other in zip(found.sort_by(order).to_pylist(), wanted.sort_by(order).to_pylist(), strict=True):
        for name in relation.names():
            a, b = row[name], other[name]
            same = (
                math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
                if isinstance(a, float) and isinstance(b, float)
                else a == b
            )
            assert same, (relation.name, name, a, b)
