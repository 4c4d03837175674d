"""A mart of members with receipts and five kinds of activities, written by DuckDB from hashes: the same every time."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from models.mart import MART

FIRST, DAYS = date(2024, 11, 20), 730
LAST = FIRST + timedelta(days=DAYS - 1)
DAY_MS = 86_400_000
FIRST_MS = (FIRST - date(1970, 1, 1)).days * DAY_MS
ACTS, RECEIPTS = 7.9, 2.0
"""Activities and receipts of a person."""
KINDS = ("campaign_sent", "campaign_opened", "campaign_clicked", "visit", "nps")
TYPES = {"int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "day": "VARCHAR", "id": "BLOB"}


def moment() -> dict[str, object]:
    """The parameters of a query on the last day, after everything that began on it."""
    return {"at": FIRST_MS + (DAYS + 3) * DAY_MS, "day": LAST.isoformat()}


def write(folder: Path, people: int) -> None:
    """The mart's files and manifest; about one activity in ten is missing, and some of the five lie within a day."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"memory_limit": "2GB", "threads": 2})
    files = {name: {"all": _write(connection, folder, name, query)} for name, query in _queries(people).items()}
    connection.close()
    manifest = {"epoch": "bench", "watermark": 1, "files": files, "retired": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _queries(people: int) -> dict[str, str]:
    """What each table holds: `i` numbers its rows."""
    day = f"CAST(CAST('{FIRST}' AS DATE) + CAST({{n}} AS INTEGER) AS VARCHAR)"
    acted, bought = f"hash(i // 5, 2) % {DAYS}", f"hash(i, 5) % {DAYS}"
    names = "['" + "', '".join(KINDS) + "']"
    return {
        "identifier_owner": "SELECT unhex(md5('i' || i)) AS identifier_id, unhex(md5('p' || i)) AS person_id "  # noqa: S608
        f"FROM range({people}) AS r(i)",
        "member": "SELECT unhex(md5('m' || i)) AS id, unhex(md5('p' || i)) AS person_id, 'active' AS state, "  # noqa: S608
        f"{day.format(n=f'hash(i, 9) % {DAYS}')} AS joined_day FROM range({people}) AS r(i)",
        "sale": "SELECT unhex(md5('s' || i)) AS id, 's' || i AS source_key, unhex(md5('i' || "  # noqa: S608
        f"CAST(floor(pow((hash(i, 4) % 1000003) / 1000003.0, 2) * {people}) AS BIGINT))) AS identifier_id, "
        f"{FIRST_MS} + ({bought}) * {DAY_MS} + (600 + hash(i, 6) % 720) * 60000 AS at, {day.format(n=bought)} AS day, "
        "600 + hash(i, 6) % 720 AS minute, CASE WHEN hash(i, 7) % 50 = 0 THEN -1 ELSE 1 END * "
        "(500 + CAST(hash(i, 8) % 50000 AS BIGINT)) AS net_minor, 1 AS txns, 'pos' AS basis "
        f"FROM range({round(people * RECEIPTS)}) AS r(i)",
        "activity": f"SELECT unhex(md5('a' || i)) AS id, 'a' || i AS source_key, {names}[1 + (i % 5)] AS kind, "  # noqa: S608
        f"unhex(md5('i' || (hash(i // 5, 1) % {people}))) AS identifier_id, {FIRST_MS} + ({acted}) * {DAY_MS} + "
        "(hash(i // 5, 3) % 1200) * 60000 + (i % 5) * (hash(i, 4) % 700) * 60000 AS at, "
        f"{day.format(n=acted)} AS day, 600 AS minute, CAST(hash(i, 6) % 11 AS DOUBLE) AS score "
        f"FROM range({round(people * ACTS)}) AS r(i) WHERE hash(i, 5) % 10 < 9",
    }


def _write(connection: Any, folder: Path, name: str, query: str) -> str:
    """One file with every column of the table; those that the query does not give are empty."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    given = {row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()}
    columns = ", ".join(
        f"""CAST({f'"{c.name}"' if c.name in given else "NULL"} AS {TYPES[c.kind]}) AS "{c.name}" """
        for c in MART[name].columns
    )
    file = f"{name}/all.parquet"
    target = str(folder / file).replace("'", "''")
    connection.execute(f"COPY (SELECT {columns} FROM ({query})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608
    return file
