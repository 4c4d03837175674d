"""Public purchase data as the mart's tables in DuckDB, so that benchmarks run the product's own `.sql` files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from models import mart
from models.relations import Relation

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 720


@dataclass(frozen=True)
class Receipts:
    """One row a receipt: customer's number, ISO day, money in minor units (below 0 for a return)."""

    customers: list[int]
    days: list[str]
    minor: list[int]


def data_path(relative: str) -> Path:
    """A file of the real data, named by ATRIUM_DATA."""
    folder = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    return (folder if folder.is_absolute() else ROOT / folder) / relative


def cdnow(name: str) -> Receipts:
    """CDNOW_sample.txt or CDNOW_master.txt: the customer is the last number but three of a line."""
    lines = data_path(f"transactions/{name}").read_text().splitlines()
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()]
    customer, day, money = zip(*((int(r[-4]), r[-3], round(float(r[-1]) * 100)) for r in rows), strict=True)
    return Receipts(list(customer), [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in day], list(money))


def online_retail() -> Receipts:
    """One row an invoice of a known customer."""
    file = data_path("transactions/online-retail.parquet")
    sql = (
        "SELECT CAST(CustomerID AS BIGINT), CAST(CAST(min(InvoiceDate) AS DATE) AS VARCHAR), "
        "CAST(round(sum(Quantity * UnitPrice) * 100) AS BIGINT) FROM read_parquet($file) "
        "WHERE CustomerID IS NOT NULL GROUP BY InvoiceNo, CustomerID ORDER BY 1, 2"
    )
    rows = duckdb.execute(sql, {"file": str(file)}).fetchall()
    customer, day, money = zip(*rows, strict=True)
    return Receipts(list(customer), list(day), list(money))


def key(customer: int) -> bytes:
    """The 16 bytes that stand for a customer's number."""
    return customer.to_bytes(16, "big")


def opened(receipts: Receipts) -> Any:
    """A DuckDB connection with the mart's views: `sale` and `identifier_owner` hold the receipts, the rest is empty."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    n = len(receipts.customers)
    people = [key(c) for c in receipts.customers]
    sale: dict[str, Any] = {
        "id": [key(i) for i in range(n)], "identifier_id": people, "day": receipts.days, "minute": np.full(n, MINUTE),
        "net_minor": receipts.minor, "at": [instant(d) for d in receipts.days],
    }  # fmt: skip
    owners = sorted(set(people))
    owner: dict[str, Any] = {"identifier_id": owners, "person_id": owners}
    for name, relation in mart.MART.items():
        given = {"sale": sale, "identifier_owner": owner}.get(name)
        connection.register(name, _filled(relation, given))
    return connection


def instant(day: str) -> int:
    """UTC milliseconds of the day's noon."""
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    return int(at.timestamp() * 1000)


def fetched(connection: Any, relation: Relation, day: date) -> pa.Table:
    """The relation as of the end of the day."""
    parameters = {
        "at": instant(day.isoformat()), "day": day.isoformat(), "minute": MINUTE, "time_zone": "UTC",
        "day_starts_minute": 0,
    }  # fmt: skip
    return mart.fetch(connection, relation, parameters)


def _filled(relation: Relation, given: dict[str, Any] | None) -> pa.Table:
    if given is None:
        return relation.empty()
    n = len(next(iter(given.values())))
    columns = [
        pa.array(given[f.name], type=f.type) if f.name in given else pa.nulls(n, f.type) for f in relation.schema()
    ]
    return pa.table(columns, schema=relation.schema())
