"""Figures read from the store when asked: they have no daily parts, or belong to another engine's results."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.connection import Connection

#: (numerator, denominator or None) of a period.
Pair = tuple[float, float | None]

#: A person with several cards is one member, from the first.
ENROLLED = """
WITH enrolled AS (
    SELECT person_id, min(joined_day) AS joined_day FROM member WHERE state = 'active' GROUP BY person_id
)
"""
RECEIPTS = """
SELECT o.person_id, count(*)
FROM sale s
JOIN identifier_owner o ON o.identifier_id = s.identifier_id
JOIN enrolled m ON m.person_id = o.person_id
WHERE s.day BETWEEN :first AND :last AND s.net_minor >= 0 AND s.day >= m.joined_day
GROUP BY o.person_id
"""
ACTS = """
SELECT DISTINCT o.person_id
FROM activity a
JOIN identifier_owner o ON o.identifier_id = a.identifier_id
JOIN enrolled m ON m.person_id = o.person_id
WHERE a.day BETWEEN :first AND :last AND substr(a.kind, 1, 9) <> 'campaign_' AND a.kind <> 'join'
AND a.day >= m.joined_day
"""


def members_active(connection: Connection, first: str, last: str) -> Pair:
    """Members with a purchase or an activity of their own."""
    days = {"first": first, "last": last}
    found = {person for person, _ in connection.exec_driver_sql(ENROLLED + RECEIPTS, days)}
    found |= {person for (person,) in connection.exec_driver_sql(ENROLLED + ACTS, days)}
    return float(len(found)), None


def repeat_purchase(connection: Connection, first: str, last: str) -> Pair:
    """Members with two or more receipts, and with one or more."""
    counts = [n for _, n in connection.exec_driver_sql(ENROLLED + RECEIPTS, {"first": first, "last": last})]
    return float(sum(n >= 2 for n in counts)), float(len(counts))


def alerts(connection: Connection, first: str, last: str) -> tuple[float | None, int]:
    """Alerts raised for days of the period."""
    found = connection.exec_driver_sql("SELECT count(*) FROM alert WHERE day BETWEEN ? AND ?", (first, last))
    count = int(found.scalar_one())
    return float(count), count


def forecast_error(connection: Connection, _first: str, _last: str) -> tuple[float | None, int]:
    """WAPE of the shipped footfall forecast on its back-test, whatever the period."""
    row = connection.exec_driver_sql("SELECT wape, origins FROM forecast_run WHERE series = 'footfall'").fetchone()
    return (row[0], int(row[1])) if row else (None, 0)


DISTINCT: Mapping[str, Callable[[Connection, str, str], Pair]] = {
    "members_active": members_active,
    "repeat_purchase_rate": repeat_purchase,
}
LIVE: Mapping[str, Callable[[Connection, str, str], tuple[float | None, int]]] = {
    "alerts": alerts,
    "forecast_error": forecast_error,
}
