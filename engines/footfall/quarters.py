"""Quarter hours straight from the store, by the same rule as the engine's: quarters.sql is the one place it stands."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

from engines.footfall.summary import Quarter
from models.connection import Connection
from models.store import driver

#: The rule reads the table `count_bucket`; here a selection of it that the primary key finds takes its place.
SELECTION = """WITH count_bucket AS (
    SELECT * FROM main.count_bucket
    WHERE gate_id IN (SELECT id FROM gate WHERE {gates}) AND bucket_start >= $from_at AND bucket_start < $to_at
),
newest"""
NO_DAY_IS_LATER = "9999-12-31"


@cache
def _rule() -> str:
    text = Path(__file__).with_name("quarters.sql").read_text(encoding="utf-8")
    begin = text.index("WITH newest")
    return text[begin:].replace("FROM count_bucket AS later", "FROM main.count_bucket AS later")


def quarters_between(
    connection: Connection, from_at: int, to_at: int, gates: Collection[str] | None = None
) -> list[Quarter]:
    """What each gate counted by quarter hour from `from_at` to before `to_at` (UTC milliseconds), by gate and time.

    `gates` are codes; None means the gates of the mall's perimeter.
    """
    values: dict[str, object] = {"from_at": from_at, "to_at": to_at, "day": NO_DAY_IS_LATER}
    if gates is None:
        chosen = "perimeter = 1"
    else:
        names = {f"gate{i}": code for i, code in enumerate(sorted(set(gates)))}
        chosen = f"code IN ({', '.join('$' + name for name in names)})"
        values |= names
    sql = _rule().replace("WITH newest", SELECTION.format(gates=chosen), 1)
    return [Quarter(*row) for row in driver(connection).execute(sql, values)]
