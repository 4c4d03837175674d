"""A synthetic mart of any size, written by DuckDB straight as the mart's Parquet: a mall's members and what they did.

Deterministic (hashes, no random numbers): over two years in 120 shops of 10 trades, members join, buy with a skewed
frequency while they stay, visit, are sent campaigns (one in ten held out), open and answer them, bring friends and say
how likely they are to recommend. For each member ten receipts, of which nine carry a card, and nine activities.
"""

# ruff: noqa: S608 - every text below is made of numbers and names of its own
from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from models.mart import MART

FIRST, DAYS, TENANTS, TRADES, CAMPAIGNS, ZONES = date(2024, 11, 20), 730, 120, 10, 12, 20
LAST = FIRST + timedelta(days=DAYS - 1)
RECEIPTS_EACH = 10
KINDS = {"int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "day": "VARCHAR", "id": "BLOB"}
SECOND = 1_000
DAY_MS = 86_400_000
FIRST_MS = (FIRST - date(1970, 1, 1)).days * DAY_MS


def write_mart(folder: Path, people: int) -> None:
    """The mart of a mall with so many members and ten times as many receipts; a folder that is there is kept."""
    if (folder / "manifest.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    spill = str(folder / "spill")
    connection = duckdb.connect(":memory:", config={"memory_limit": "2GB", "threads": 2, "temp_directory": spill})
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    files = {name: {"all": _write(connection, folder, name, query)} for name, query in _whole(people).items()}
    files["sale"] = _write_months(connection, folder, "sale", _receipts(people))
    files["activity"] = _write_months(connection, folder, "activity", _activities(people))
    connection.close()
    manifest = {"epoch": "bench", "watermark": 1, "files": files, "retired": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def moment() -> dict[str, object]:
    """The parameters of a query that stands at the end of the last day."""
    at = FIRST_MS + DAYS * DAY_MS - SECOND
    return {"at": at, "day": LAST.isoformat(), "minute": 1439, "time_zone": "UTC", "day_starts_minute": 0}


def _key(kind: str, number: str) -> str:
    return f"unhex(md5('{kind}' || {number}))"


def _day(number: str) -> str:
    return f"CAST(CAST('{FIRST}' AS DATE) + CAST({number} AS INTEGER) AS VARCHAR)"


def _joined(number: str) -> str:
    """The day on which a member joins, in the first nine tenths of the time."""
    return f"CAST(hash({number}, 21) % {DAYS * 9 // 10} AS BIGINT)"


def _between(number: str, salt: str) -> str:
    """A day between joining and leaving: members stay from a day to for good, half of them a year or longer."""
    stay = f"least({DAYS} - {_joined(number)}, 1 + CAST(hash({number}, 22) % 730 AS BIGINT))"
    return f"({_joined(number)} + CAST(hash({salt}) % 1000003 AS BIGINT) * {stay} // 1000003)"


def _whole(people: int) -> dict[str, str]:
    person, each = _key("p", "i"), f"FROM range({people}) AS r(i)"
    joined = _day(_joined("i"))
    return {
        "person": f"SELECT {person} AS id, 'active' AS state, 0 AS created_at {each}",
        "identifier": f"SELECT {_key('i', 'i')} AS id, 'card' AS kind, 0 AS verified_at {each}",
        "identifier_owner": f"SELECT {_key('i', 'i')} AS identifier_id, {person} AS person_id {each}",
        "member": f"SELECT {_key('m', 'i')} AS id, {person} AS person_id, {joined} AS joined_day, 'active' AS state, "
        "CASE hash(i, 31) % 10 WHEN 0 THEN 'gold' WHEN 1 THEN 'gold' ELSE 'silver' END AS tier, 'wechat' AS channel, "
        f"'area ' || (hash(i, 32) % 9) AS home_area, 1950 + CAST(hash(i, 33) % 55 AS BIGINT) AS birth_year {each}",
        "consent_decision": f"SELECT {_key('d', 'i')} AS id, {_key('src', '0')} AS source_id, 'd' || i AS source_key, "
        f"{_key('i', 'i')} AS identifier_id, purpose, 'any' AS channel, "
        f"CASE WHEN hash(i, 34) % 5 = 0 THEN 'withdraw' ELSE 'grant' END AS decision, 0 AS at {each}, "
        "(VALUES ('profiling'), ('marketing')) AS v(purpose)",
        "category": f"SELECT {_key('c', 'i')} AS id, 'c' || i AS code, 'Trade ' || i AS name "
        f"FROM range({TRADES}) AS r(i)",
        "tenant": f"SELECT {_key('t', 'i')} AS id, 't' || i AS code, 'Shop ' || i AS name, 'trading' AS state, "
        f"{_key('c', f'(i % {TRADES})')} AS category_id FROM range({TENANTS}) AS r(i)",
        "campaign": f"SELECT {_key('k', 'i')} AS id, 'k' || i AS code, 'Campaign ' || i AS name, 'wechat' AS channel, "
        f"{_day('30 + i * 58')} AS from_day, {_day('43 + i * 58')} AS to_day, 10000000 AS budget_minor, "
        f"0.1 AS holdout_share FROM range({CAMPAIGNS}) AS r(i)",
        "site": f"SELECT {_key('site', '0')} AS id, 'bench' AS code, 'Synthetic mall' AS name, 'urban' AS archetype, "
        "'CN' AS country, 'UTC' AS time_zone, 'CNY' AS currency, 0 AS day_starts_minute, 0 AS demo",
    }  # fmt: skip


def _receipts(people: int) -> str:
    """Receipts by number: the customer's number is a hash squared, so that few people make most receipts."""
    buyer = f"CAST(floor(pow((hash(i, 4) % 1000003) / 1000003.0, 2) * {people}) AS BIGINT)"
    sign = "CASE WHEN hash(i, 7) % 50 = 0 THEN -1 ELSE 1 END"
    return (
        f"SELECT {_key('s', 'i')} AS id, {_key('src', '0')} AS source_id, 's' || i AS source_key, "
        f"{_key('t', f'(hash(i, 2) % {TENANTS})')} AS tenant_id, "
        f"CASE WHEN hash(i, 3) % 10 = 0 THEN NULL ELSE {_key('i', 'w')} END AS identifier_id, "
        f"{FIRST_MS} + d * {DAY_MS} + minute * 60000 + CAST(hash(i, 9) % 60000 AS BIGINT) AS at, "
        f"{_day('d')} AS day, minute, {sign} * minor AS gross_minor, {sign} * minor AS net_minor, 1 AS txns, "
        f"'pos' AS basis, {_key('b', '0')} AS batch_id "
        f"FROM (SELECT i, w, {_between('w', 'i, 5')} AS d, 600 + CAST(hash(i, 6) % 720 AS BIGINT) AS minute, "
        "500 + CAST(hash(i, 8) % 50000 AS BIGINT) AS minor "
        f"FROM (SELECT i, {buyer} AS w FROM range({people * RECEIPTS_EACH}) AS r(i)))"
    )


def _activities(people: int) -> str:
    """Joining, four visits, a third of the campaigns with what came of them, a friend in ten, an answer in five."""
    visit = f"SELECT w, 'visit' AS kind, {_between('w', 'w, i, 41')} AS d, hash(w, i, 42) AS h, NULL AS campaign, "
    visit += f"NULL AS related FROM range({people}) AS p(w), range(4) AS r(i)"
    reached = (
        f"SELECT w, c, hash(w, c, 51) % 10 AS held, hash(w, c, 52) % 100 AS answer FROM range({people}) AS p(w), "
        f"range({CAMPAIGNS}) AS r(c) WHERE hash(w, c, 50) % 3 = 0 AND {_joined('w')} < 30 + c * 58"
    )
    told = "30 + c * 58, hash(w, c, 53), c, NULL"
    later = "30 + c * 58 + 1 + CAST(hash(w, c, 54) % 5 AS BIGINT), hash(w, c, 55), c, NULL"
    branches = (
        f"SELECT w, 'join' AS kind, {_joined('w')} AS d, hash(w, 40) AS h, NULL AS campaign, NULL AS related "
        f"FROM range({people}) AS p(w)",
        visit,
        f"SELECT w, CASE WHEN held = 0 THEN 'campaign_holdout' ELSE 'campaign_sent' END, {told} FROM ({reached})",
        f"SELECT w, 'campaign_opened', {later} FROM ({reached}) WHERE held > 0 AND answer < 30",
        f"SELECT w, 'campaign_clicked', {later} FROM ({reached}) WHERE held > 0 AND answer < 6",
        f"SELECT w, 'referral', {_between('w', 'w, 61')}, hash(w, 62), NULL, CAST(hash(w, 63) % {people} AS BIGINT) "
        f"FROM range({people}) AS p(w) WHERE hash(w, 60) % 10 = 0",
        f"SELECT w, 'nps', {_between('w', 'w, 71')}, hash(w, 72), NULL, NULL FROM range({people}) AS p(w) "
        "WHERE hash(w, 70) % 5 = 0",
    )
    minute = "600 + CAST(h % 720 AS BIGINT)"
    return (
        "SELECT unhex(md5('a' || w || kind || d || h)) AS id, "
        f"{_key('src', '0')} AS source_id, 'a' || w || '-' || kind || h AS source_key, {_key('i', 'w')} "
        f"AS identifier_id, kind, "
        f"{FIRST_MS} + d * {DAY_MS} + ({minute}) * 60000 + CAST(h // 720 % 60000 AS BIGINT) AS at, "
        f"{_day('d')} AS day, {minute} AS minute, "
        f"CASE WHEN kind = 'visit' THEN 'Z' || (h % {ZONES}) END AS zone_code, "
        f"CASE WHEN campaign IS NULL THEN NULL ELSE {_key('k', 'campaign')} END AS campaign_id, "
        f"CASE WHEN related IS NULL THEN NULL ELSE {_key('i', 'related')} END AS related_id, "
        f"CASE WHEN kind = 'nps' THEN CAST(h % 11 AS DOUBLE) END AS score, {_key('b', '0')} AS batch_id "
        f"FROM ({' UNION ALL '.join(branches)}) WHERE d < {DAYS}"
    )


def _columns(connection: Any, name: str, query: str) -> str:
    """Every column of the relation; those that the query does not give are empty."""
    given = {row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()}
    return ", ".join(
        f'CAST({_quoted(c.name) if c.name in given else "NULL"} AS {KINDS[c.kind]}) AS "{c.name}"'
        for c in MART[name].columns
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _write(connection: Any, folder: Path, name: str, query: str) -> str:
    (folder / name).mkdir(exist_ok=True)
    file = f"{name}/all.parquet"
    text = f"SELECT {_columns(connection, name, query)} FROM ({query})"
    connection.execute(f"COPY ({text}) TO '{folder / file}' (FORMAT parquet, COMPRESSION zstd)")
    return file


def _write_months(connection: Any, folder: Path, name: str, query: str) -> dict[str, str]:
    """One file a month, written in one pass."""
    text = f"SELECT {_columns(connection, name, query)}, substr(day, 1, 7) AS month FROM ({query})"
    connection.execute(
        f"COPY ({text}) TO '{folder / name}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (month), "
        "FILENAME_PATTERN 'part')"
    )
    files: dict[str, str] = {}
    for file in sorted((folder / name).glob("month=*/*.parquet")):
        month = file.parent.name.removeprefix("month=")
        files[month] = f"{name}/{month}.parquet"
        file.rename(folder / files[month])
        file.parent.rmdir()
    return files
