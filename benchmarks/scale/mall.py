"""A synthetic mart of any size, written by DuckDB straight as the mart's Parquet: people, their signs, receipts.

Deterministic: people buy with a skewed frequency (hashes, no random numbers) over two years, in 120 shops of 10 trades.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from models.mart import MART

FIRST, DAYS, TENANTS, TRADES = date(2024, 11, 20), 730, 120, 10
LAST = FIRST + timedelta(days=DAYS - 1)
KINDS = {"int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "day": "VARCHAR", "id": "BLOB"}


def write_mart(folder: Path, people: int, receipts: int) -> None:
    """The mart of a mall with so many people and receipts (nine in ten of them with a known customer)."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(":memory:", config={"memory_limit": "4GB", "threads": 2})
    files: dict[str, dict[str, str]] = {}
    for name, query in _whole(people).items():
        files[name] = {"all": _write(connection, folder, name, "all", query)}
    files["sale"] = {}
    for month in _months():
        query = f"SELECT * FROM ({_receipts(people, receipts)}) WHERE substr(day, 1, 7) = '{month}' ORDER BY day"  # noqa: S608
        files["sale"][month] = _write(connection, folder, "sale", month, query)
    connection.close()
    manifest = {"epoch": "bench", "watermark": 1, "files": files, "retired": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def moment() -> dict[str, object]:
    """The parameters of a query that stands at the end of the last day."""
    return {
        "at": 2_000_000_000_000, "day": LAST.isoformat(), "minute": 1439, "time_zone": "UTC", "day_starts_minute": 0,
    }  # fmt: skip


def _whole(people: int) -> dict[str, str]:
    person = "unhex(md5('p' || i))"
    return {
        "person": f"SELECT {person} AS id, 'active' AS state, 0 AS created_at FROM range({people}) AS r(i)",  # noqa: S608
        "identifier_owner": f"SELECT unhex(md5('i' || i)) AS identifier_id, {person} AS person_id "  # noqa: S608
        f"FROM range({people}) AS r(i)",
        "category": "SELECT unhex(md5('c' || i)) AS id, 'c' || i AS code, 'Trade ' || i AS name "  # noqa: S608
        f"FROM range({TRADES}) AS r(i)",
        "tenant": "SELECT unhex(md5('t' || i)) AS id, 't' || i AS code, 'Shop ' || i AS name, 'trading' AS state, "  # noqa: S608
        f"unhex(md5('c' || (i % {TRADES}))) AS category_id FROM range({TENANTS}) AS r(i)",
    }


def _receipts(people: int, receipts: int) -> str:
    """Receipts by number: the customer's number is a hash squared, so that few people make most receipts."""
    return (
        f"SELECT unhex(md5('s' || i)) AS id, unhex(md5('src')) AS source_id, 's' || i AS source_key, "  # noqa: S608
        f"unhex(md5('t' || (hash(i, 2) % {TENANTS}))) AS tenant_id, "
        "CASE WHEN hash(i, 3) % 10 = 0 THEN NULL ELSE unhex(md5('i' || "
        f"CAST(floor(pow((hash(i, 4) % 1000003) / 1000003.0, 2) * {people}) AS BIGINT))) END AS identifier_id, "
        f"1732000000000 + (hash(i, 5) % {DAYS}) * 86400000 AS at, "
        f"CAST(CAST('{FIRST}' AS DATE) + CAST(hash(i, 5) % {DAYS} AS INTEGER) AS VARCHAR) AS day, "
        "600 + CAST(hash(i, 6) % 720 AS BIGINT) AS minute, "
        "CASE WHEN hash(i, 7) % 50 = 0 THEN -1 ELSE 1 END * (500 + CAST(hash(i, 8) % 50000 AS BIGINT)) AS gross_minor, "
        "CASE WHEN hash(i, 7) % 50 = 0 THEN -1 ELSE 1 END * (500 + CAST(hash(i, 8) % 50000 AS BIGINT)) AS net_minor, "
        f"1 AS txns, 'pos' AS basis, unhex(md5('b')) AS batch_id FROM range({receipts}) AS r(i)"
    )


def _months() -> list[str]:
    return sorted({(FIRST + timedelta(days=n)).isoformat()[:7] for n in range(DAYS)})


def _write(connection: Any, folder: Path, name: str, part: str, query: str) -> str:
    """One file with every column of the relation; those that the query does not give are empty."""
    (folder / name).mkdir(exist_ok=True)
    given = {row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()}
    columns = ", ".join(
        f'CAST("{c.name}" AS {KINDS[c.kind]}) AS "{c.name}"'
        if c.name in given
        else f'CAST(NULL AS {KINDS[c.kind]}) AS "{c.name}"'
        for c in MART[name].columns
    )
    file = f"{name}/{part}.parquet"
    target = str(folder / file).replace("'", "''")
    connection.execute(f"COPY (SELECT {columns} FROM ({query})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608
    return file
