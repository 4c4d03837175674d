"""One tenant's sales as the Sales page looks into them, and what the receipts of a period lack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engines.sales.queries import LATE, SalesDay
from models.store import Store


@dataclass(frozen=True)
class Receipt:
    """A receipt, or a till's total over several; `minute` is local, None where the sender gave no time of day."""

    day: str
    minute: int | None
    net_minor: int
    txns: int
    payment: str | None
    basis: str


@dataclass(frozen=True)
class Lacks:
    """How many rows of a period have no time of day, how many no tenant, and how many there are."""

    untimed: int
    homeless: int
    rows: int


def tenant_daily(
    store: Store, code: str, from_day: str, to_day: str, *, until_minute: int | None = None
) -> list[SalesDay]:
    """Every day of the period from the tenant's receipts, days without a known sale too.

    `until_minute` ends the last day there; its receipts without a time then do not count.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT s.day, sum(s.net_minor), sum(CASE WHEN s.net_minor < 0 THEN 0 ELSE s.txns END) FROM sale s "  # noqa: S608
            "WHERE s.tenant_id = (SELECT id FROM tenant WHERE code = ?) AND s.day BETWEEN ? AND ? "
            f"AND (s.day < ? OR ? IS NULL OR NOT {LATE}) GROUP BY s.day",
            (code, from_day, to_day, to_day, until_minute, until_minute),
        )
        found = {day: SalesDay(day, net, transactions) for day, net, transactions in rows}
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    days = [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]
    return [found.get(day, SalesDay(day, None, None)) for day in days]


def latest_receipts(store: Store, code: str, from_day: str, to_day: str, *, limit: int = 50) -> list[Receipt]:
    """The tenant's newest receipts of the period, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT s.day, CASE WHEN s.minute < 0 THEN NULL ELSE s.minute END, s.net_minor, s.txns, s.payment, s.basis "
            "FROM sale s WHERE s.tenant_id = (SELECT id FROM tenant WHERE code = ?) AND s.day BETWEEN ? AND ? "
            "ORDER BY s.day DESC, s.minute DESC, s.at DESC LIMIT ?",
            (code, from_day, to_day, limit),
        )
        return [Receipt(*row) for row in rows]


def lacks(store: Store, from_day: str, to_day: str) -> Lacks:
    """What the receipts of a period lack."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT coalesce(sum(minute < 0), 0), coalesce(sum(tenant_id IS NULL), 0), count(*) FROM sale "
            "WHERE day BETWEEN ? AND ?",
            (from_day, to_day),
        ).one()
    return Lacks(*row)
