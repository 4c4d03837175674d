"""How fast touch paths are built and weighed, against SQL written by hand for the same three models and pandas.

    [ATRIUM_PEERS=PYTHON] python benchmarks/attribution/path_building.py [PEOPLE]

A mart of PEOPLE (50,000) with 10 receipts and 4 messages each. The product's query gives eight models, transitions,
lost paths and parts for the bootstrap; the query by hand gives first, last and linear for channels and no more.
Prints seconds and the ratio; the conversions and linear credits of both must agree.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from engines.attribution.relations import CREDITS
from models.mart import MART

NOW, DAY, LOOKBACK = 2_000_000_000_000, 86_400_000, 30
KINDS = {"int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "day": "VARCHAR", "id": "BLOB"}
BY_HAND = """
WITH touch AS (
  SELECT o.person_id, a.day, c.channel, c.code, min(a.at) AS moment FROM activity a
  JOIN identifier_owner o USING (identifier_id) JOIN campaign c ON c.id = a.campaign_id GROUP BY ALL
), buy AS (
  SELECT s.id, o.person_id, s.at AS moment FROM sale s JOIN identifier_owner o USING (identifier_id) WHERE net_minor > 0
), path AS (
  SELECT b.id, t.channel, row_number() OVER w AS place, count(*) OVER (PARTITION BY b.id) AS size
  FROM buy b JOIN touch t ON t.person_id = b.person_id AND t.moment <= b.moment AND t.moment > b.moment - 2592000000
  WINDOW w AS (PARTITION BY b.id ORDER BY t.moment, t.channel, t.code)
)
SELECT channel, sum((place = 1)::INT) AS first, sum((place = size)::INT) AS last, sum(1.0 / size) AS linear
FROM path GROUP BY channel ORDER BY channel
"""
PANDAS = """
import sys, time
import pandas as pd
folder = sys.argv[1]
a, s, o, c = (pd.read_csv(f"{folder}/{n}.csv") for n in ("activity", "sale", "identifier_owner", "campaign"))
began = time.perf_counter()
t = a.merge(o, on="identifier_id").merge(c[["id", "code", "channel"]], left_on="campaign_id", right_on="id")
t = t.groupby(["person_id", "day", "channel", "code"], as_index=False)["at"].min()
b = s[s.net_minor > 0].merge(o, on="identifier_id")[["id", "person_id", "at"]]
p = b.merge(t, on="person_id", suffixes=("", "_touch"))
p = p[(p.at_touch <= p["at"]) & (p.at_touch > p["at"] - 2592000000)].sort_values(["id", "at_touch", "channel", "code"])
g = p.groupby("id")
p["place"], p["size"] = g.cumcount() + 1, g["channel"].transform("size")
p["first"], p["last"], p["linear"] = p.place == 1, p.place == p["size"], 1 / p["size"]
p.groupby("channel")[["first", "last", "linear"]].sum()
print(time.perf_counter() - began)
"""


def fill(connection: Any, folder: Path, people: int) -> None:
    """The mart's tables, and the same as CSV in `folder` for the peer."""
    who, message = f"(hash(i) % {people})", "(hash(i * 5) % 24)"
    back = "CAST(hash(i * 3) % 31536000000 AS BIGINT)"
    sql = {
        "identifier_owner": "SELECT unhex(md5('i' || i)) AS identifier_id, unhex(md5('p' || i)) AS person_id "  # noqa: S608
        f"FROM range({people}) r(i)",
        "campaign": "SELECT unhex(md5('c' || i)) AS id, 'c' || i AS code, "
        "['sms','email','app','wechat'][i % 4 + 1] AS channel FROM range(24) r(i)",
        "activity": f"SELECT unhex(md5('a' || i)) AS id, unhex(md5('i' || {who})) AS identifier_id, "  # noqa: S608
        f"'campaign_sent' AS kind, {NOW} - {back} AS at, CAST(({NOW} - {back}) // {DAY} AS VARCHAR) AS day, "
        f"unhex(md5('c' || {message})) AS campaign_id FROM range({4 * people}) r(i)",
        "sale": f"SELECT unhex(md5('s' || i)) AS id, unhex(md5('i' || (hash(i * 7) % {people}))) AS identifier_id, "  # noqa: S608
        f"5 AS minute, {NOW} - CAST(hash(i * 11) % 31536000000 AS BIGINT) AS at, "
        f"CAST(1000 + hash(i) % 90000 AS BIGINT) AS net_minor FROM range({10 * people}) r(i)",
        "tenant": "SELECT NULL AS id WHERE false",
    }
    for name, query in sql.items():
        given = {row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()}
        columns = ", ".join(
            f'CAST({c.name if c.name in given else "NULL"} AS {KINDS[c.kind]}) AS "{c.name}"' if c.name != "at"
            else ('t."at" AS "at"' if "at" in given else 'CAST(NULL AS BIGINT) AS "at"')
            for c in MART[name].columns
        )  # fmt: skip
        connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM ({query}) AS t")  # noqa: S608
        hexed = ", ".join(f'hex("{c.name}") AS "{c.name}"' for c in MART[name].columns if c.kind == "id")
        plain = f"SELECT * REPLACE ({hexed}) FROM {name}"  # noqa: S608
        connection.execute(f"COPY ({plain}) TO '{folder / name}.csv' (HEADER)")


def timed(connection: Any, sql: str, given: dict[str, Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    frame = connection.sql(sql, params=given).to_arrow_table()
    return time.perf_counter() - began, frame


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "800MB", "temp_directory": name})
        fill(connection, folder, people)
        relation = CREDITS[LOOKBACK]
        assert relation.sql is not None
        mine, frame = timed(connection, relation.sql.read_text(encoding="utf-8"), {**dict(relation.given), "at": NOW})
        hand, plain = timed(connection, BY_HAND, {})
        kinds, credit = frame["conversion"].to_pylist(), frame["linear_n"].to_pylist()
        linear = sum(value for kind, value in zip(kinds, credit, strict=True) if kind == "purchase")
        other = sum(float(v) for v in plain["linear"].to_pylist())
        print(f"{people:,} people, {10 * people:,} receipts, {4 * people:,} messages")
        print(f"eight models, transitions, lost paths, three kinds of conversion: {mine:.2f} s")
        print(f"three models of one kind by hand: {hand:.2f} s; ratio {mine / hand:.1f}")
        print(f"linear credits agree: {linear:,.1f} and {other:,.1f}")
        peer = os.environ.get("ATRIUM_PEERS")
        if peer:
            ran = subprocess.run([peer, "-c", PANDAS, name], capture_output=True, text=True, check=False)
            good = ran.returncode == 0
            told = f"{float(ran.stdout):.2f} s; ratio {float(ran.stdout) / mine:.1f}" if good else ran.stderr[-200:]
            print(f"pandas, three models of one kind, already in memory: {told}")
        else:
            print("ATRIUM_PEERS names no Python with pandas: it is left out.")
        return 0 if abs(linear - other) < 1e-3 * max(1.0, other) else 1


if __name__ == "__main__":
    sys.exit(main())
