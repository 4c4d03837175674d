"""Reads straight from the receipts, for the running day and for splits that kpi_fact does not keep. No numpy."""

from __future__ import annotations

from dataclasses import dataclass

from models.store import Store


@dataclass(frozen=True)
class Till:
    """Net sales (minor units) and transactions of a day up to a minute; returns are no transactions.

    `tenants` is how many tenants are in them.
    """

    day: str
    sales: int
    transactions: int
    rows: int
    tenants: int


@dataclass(frozen=True)
class Payment:
    """Net sales and transactions by a means of payment, None where the till did not say."""

    payment: str | None
    sales: int
    transactions: int


def newest_day(store: Store) -> str | None:
    """The last business day with a sale, None where none is known."""
    with store.read() as connection:
        found: str | None = connection.exec_driver_sql("SELECT max(day) FROM sale").scalar_one()
    return found


def oldest_day(store: Store) -> str | None:
    """The first business day with a sale, None where none is known."""
    with store.read() as connection:
        found: str | None = connection.exec_driver_sql("SELECT min(day) FROM sale").scalar_one()
    return found


def till(store: Store, day: str, *, until_minute: int | None = None) -> Till:
    """A day's receipts, or those with a time before a local minute of it.

    A day's total without a time comes when the day is over, so a running day is compared without them.
    """
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT coalesce(sum(net_minor), 0), coalesce(sum(CASE WHEN net_minor < 0 THEN 0 ELSE txns END), 0), "
            "count(*), count(DISTINCT tenant_id) FROM sale WHERE day = ? AND (? IS NULL OR minute BETWEEN 0 AND ? - 1)",
            (day, until_minute, until_minute),
        ).one()
    return Till(day, *(int(v) for v in row))


def last_minute(store: Store, day: str) -> int | None:
    """The local minute of a day's newest receipt with a time, None without one."""
    with store.read() as connection:
        found: int | None = connection.exec_driver_sql(
            "SELECT max(minute) FROM sale WHERE day = ? AND minute >= 0", (day,)
        ).scalar_one()
    return found


def payments(store: Store, from_day: str, to_day: str) -> list[Payment]:
    """Sales by means of payment, the most first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT payment, sum(net_minor), sum(CASE WHEN net_minor < 0 THEN 0 ELSE txns END) FROM sale "
            "WHERE day BETWEEN ? AND ? GROUP BY payment ORDER BY 2 DESC",
            (from_day, to_day),
        )
        return [Payment(*row) for row in rows]


@dataclass(frozen=True)
class MemberReceipts:
    """Receipts of members, how many members they are, and how many of them came twice or more."""

    receipts: int
    members: int
    again: int


def member_receipts(store: Store, from_day: str, to_day: str) -> MemberReceipts:
    """What members bought in the period, from their joining on; returns are no receipts.

    A person with several cards is one member, from the first.
    """
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "WITH enrolled AS ("
            "SELECT person_id, min(joined_day) AS joined_day FROM member WHERE state = 'active' GROUP BY person_id) "
            "SELECT coalesce(sum(n), 0), count(*), coalesce(sum(n > 1), 0) FROM ("
            "SELECT count(*) AS n FROM sale s JOIN identifier_owner o ON o.identifier_id = s.identifier_id "
            "JOIN enrolled m ON m.person_id = o.person_id WHERE s.day BETWEEN ? AND ? AND s.net_minor >= 0 "
            "AND s.day >= m.joined_day GROUP BY o.person_id)",
            (from_day, to_day),
        ).one()
    return MemberReceipts(*(int(v) for v in row))
