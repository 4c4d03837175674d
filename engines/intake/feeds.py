"""Receipts and activities in the order of their days, page by page, for programs that read the site."""

from __future__ import annotations

from dataclasses import dataclass

from models.connection import Connection
from models.store import Store

#: A row's place: its business day and its id.
Place = tuple[str, bytes]


@dataclass(frozen=True)
class Receipt:
    """A receipt: money in minor units, `minute` local and -1 where not known; `person` is None for a stranger."""

    id: bytes
    day: str
    at: int
    minute: int
    tenant: str | None
    gross_minor: int
    net_minor: int
    units: float | None
    txns: int
    basis: str
    payment: str | None
    person: bytes | None

    @property
    def place(self) -> Place:
        """Where the next page goes on."""
        return self.day, self.id


@dataclass(frozen=True)
class Act:
    """An activity; `person` is None where it was nobody known."""

    id: bytes
    day: str
    at: int
    minute: int
    kind: str
    zone: str | None
    tenant: str | None
    campaign: str | None
    amount_minor: int | None
    score: float | None
    person: bytes | None

    @property
    def place(self) -> Place:
        """Where the next page goes on."""
        return self.day, self.id


def receipts(
    store: Store, from_day: str, to_day: str, *, tenant: str | None = None, limit: int = 100, after: Place | None = None
) -> list[Receipt]:
    """Receipts of the days (both within), of a tenant where its code is given."""
    with store.read() as connection:
        of = None if tenant is None else _id_of(connection, "tenant", tenant)
        if tenant is not None and of is None:
            return []
        rows = connection.exec_driver_sql(
            "SELECT s.id, s.day, s.at, s.minute, t.code, s.gross_minor, s.net_minor, s.units, s.txns, s.basis, "
            "s.payment, o.person_id FROM sale s LEFT JOIN tenant t ON t.id = s.tenant_id "
            "LEFT JOIN identifier_owner o ON o.identifier_id = s.identifier_id "
            "WHERE s.day BETWEEN :first AND :last AND (:tenant IS NULL OR s.tenant_id = :tenant) "
            "AND (:day IS NULL OR (s.day, s.id) > (:day, :id)) ORDER BY s.day, s.id LIMIT :limit",
            _values(from_day, to_day, limit, after) | {"tenant": of},
        ).fetchall()
    return [Receipt(*row) for row in rows]


def acts(
    store: Store, from_day: str, to_day: str, *, kind: str | None = None, limit: int = 100, after: Place | None = None
) -> list[Act]:
    """Activities of the days (both within), of a kind where one is given."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT a.id, a.day, a.at, a.minute, a.kind, a.zone_code, t.code, c.code, a.amount_minor, a.score, "
            "o.person_id FROM activity a LEFT JOIN tenant t ON t.id = a.tenant_id "
            "LEFT JOIN campaign c ON c.id = a.campaign_id "
            "LEFT JOIN identifier_owner o ON o.identifier_id = a.identifier_id "
            "WHERE a.day BETWEEN :first AND :last AND (:kind IS NULL OR a.kind = :kind) "
            "AND (:day IS NULL OR (a.day, a.id) > (:day, :id)) ORDER BY a.day, a.id LIMIT :limit",
            _values(from_day, to_day, limit, after) | {"kind": kind},
        ).fetchall()
    return [Act(*row) for row in rows]


def _id_of(connection: Connection, table: str, code: str) -> bytes | None:
    found = connection.exec_driver_sql(f"SELECT id FROM {table} WHERE code = ?", (code,)).scalar()  # noqa: S608 - ours
    return None if found is None else bytes(found)


def _values(from_day: str, to_day: str, limit: int, after: Place | None) -> dict[str, object]:
    day, row_id = after or (None, None)
    return {"first": from_day, "last": to_day, "limit": limit, "day": day, "id": row_id}
