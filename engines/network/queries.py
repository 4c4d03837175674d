"""Reads for the Network page. People who have not granted profiling are counted and never named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.store import Store
from models.times import now_ms

MOST_DRAWN = 300


@dataclass(frozen=True)
class NetworkValue:
    """A figure of the networks with its 80 % interval, or why there is none; `n` rows stand behind it."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    missing: str | None
    missing_zh: str | None


@dataclass(frozen=True)
class Tree:
    """The referrals of a month or campaign; `root` is the person at the root of the largest tree they belong to."""

    scope: str
    label: str
    name: str
    name_zh: str
    referrals: int
    referrers: int
    buyers: int
    deepest: int
    largest: int
    root: bytes


@dataclass(frozen=True)
class MonthSpread:
    """K of the members who joined in a month."""

    month: str
    joined: int
    referrals: int
    k: float
    low: float
    high: float
    ripe: bool


@dataclass(frozen=True)
class Advocate:
    """A person who brings people; `label` is masked and empty without a grant of profiling."""

    person_id: bytes
    label: str
    card: str
    referred: int
    buyers: int
    reach: int
    rank: float
    stable: float
    nps: float | None
    advocate: float


@dataclass(frozen=True)
class Knot:
    """A person in a drawn graph: a number, not a name, unless profiling was granted."""

    key: str
    label: str
    rank: float
    depth: int
    bought: bool


@dataclass(frozen=True)
class Drawing:
    """People and who brought whom among them; `whole` is how many there are, of which at most 300 are drawn."""

    title: str
    knots: tuple[Knot, ...]
    links: tuple[tuple[str, str], ...]
    whole: int


@dataclass(frozen=True)
class TenantKnot:
    """A tenant of the cross-shopping graph."""

    tenant_id: bytes
    code: str
    name: str
    name_zh: str
    shoppers: int
    community: int


@dataclass(frozen=True)
class Pair:
    """Of the person-months at `tenant_id`, the share that also bought at `other_id`; lift with its 80 % interval."""

    tenant_id: bytes
    other_id: bytes
    other: str
    other_zh: str
    both: int
    share: float
    lift: float
    low: float
    high: float


def figures(store: Store) -> dict[str, NetworkValue]:
    """Every figure by name; empty before the engine ran."""
    rows = _rows(store, "SELECT name, value, low, high, n, missing, missing_zh FROM network_figure")
    return {row[0]: NetworkValue(*row[1:]) for row in rows}


def trees(store: Store) -> list[Tree]:
    """Referral trees by campaign first, then by month, the newest first."""
    rows = _rows(
        store,
        "SELECT t.scope, t.label, coalesce(c.name, t.label), coalesce(c.name_zh, c.name, t.label), t.referrals, "
        "t.referrers, t.buyers, t.deepest, t.largest, t.largest_root FROM network_tree t "
        "LEFT JOIN campaign c ON t.scope = 'campaign' AND c.id = unhex(t.label) ORDER BY t.scope, t.label DESC",
    )
    return [Tree(*row) for row in rows]


def spreads(store: Store) -> list[MonthSpread]:
    """K by month of joining, the oldest first."""
    rows = _rows(store, "SELECT month, joined, referrals, k, low, high, ripe FROM network_spread ORDER BY month")
    return [MonthSpread(*(*row[:6], bool(row[6]))) for row in rows]


def advocates(store: Store, limit: int = 100) -> list[Advocate]:
    """Those who bring people, the strongest advocates first; those without a grant of profiling are left out."""
    rows = _rows(
        store,
        f"WITH {ALLOWED} SELECT p.person_id, p.referred, p.buyers, p.reach, p.rank, p.stable, p.nps, p.advocate "  # noqa: S608
        "FROM network_person p JOIN allowed a ON a.person_id = p.person_id WHERE p.referred > 0 "
        "ORDER BY p.advocate DESC, p.rank DESC, p.person_id LIMIT :limit",
        {"at": now_ms(), "limit": limit},
    )
    labels = _labels(store, [row[0] for row in rows])
    return [Advocate(row[0], *labels.get(row[0], ("", "")), *row[1:]) for row in rows]


def largest_roots(store: Store, limit: int = 12) -> list[tuple[bytes, int]]:
    """The roots of the largest trees and how many people stand below each."""
    rows = _rows(
        store,
        "SELECT person_id, reach FROM network_person WHERE depth = 0 ORDER BY reach DESC, person_id LIMIT :limit",
        {"limit": limit},
    )
    return [(row[0], row[1]) for row in rows]


def tree_of(store: Store, root: bytes) -> Drawing:
    """The tree that a person stands at the root of."""
    return _drawing(store, "p.root_id = :key", root)


def community_of(store: Store, community: int) -> Drawing:
    """The people of a community (1 the largest)."""
    return _drawing(store, "p.community = :key", community)


def _drawing(store: Store, where: str, key: object) -> Drawing:
    named = {"at": now_ms(), "key": key, "most": MOST_DRAWN}
    rows = _rows(
        store,
        f"WITH {ALLOWED} SELECT p.person_id, p.rank, p.depth, a.person_id IS NOT NULL, coalesce(r.bought_days, 1), "  # noqa: S608
        "r.referrer_id, count(*) OVER () FROM network_person p LEFT JOIN allowed a ON a.person_id = p.person_id "
        f"LEFT JOIN network_referral r ON r.person_id = p.person_id WHERE {where} "
        "ORDER BY p.depth, p.rank DESC, p.person_id LIMIT :most",
        named,
    )
    labels = _labels(store, [row[0] for row in rows if row[3]])
    place = {row[0]: str(i + 1) for i, row in enumerate(rows)}
    knots = tuple(
        Knot(row[0].hex(), labels.get(row[0], ("", ""))[0] or f"#{place[row[0]]}", row[1], row[2], row[4] > 0)
        for row in rows
    )
    links = tuple((row[5].hex(), row[0].hex()) for row in rows if row[5] in place)
    return Drawing("", knots, links, rows[0][6] if rows else 0)


def tenants(store: Store) -> list[TenantKnot]:
    """The tenants of the cross-shopping graph, the most visited first."""
    rows = _rows(
        store,
        "SELECT n.tenant_id, t.code, t.name, coalesce(t.name_zh, t.name), n.shoppers, n.community "
        "FROM network_tenant n JOIN tenant t ON t.id = n.tenant_id ORDER BY n.shoppers DESC, t.code",
    )
    return [TenantKnot(*row) for row in rows]


def close_pairs(store: Store, limit: int = 220, least: int = 10) -> list[Pair]:
    """Pairs that share more shoppers than chance gives, the surest first; each pair once."""
    where = "p.tenant_id < p.other_id AND p.low > 1 AND p.both >= :least ORDER BY p.low DESC, p.tenant_id, p.other_id"
    return _pairs(store, where, {"limit": limit, "least": least})


def pairs_of(store: Store, tenant_id: bytes) -> list[Pair]:
    """Every tenant that shares shoppers with this one, by share."""
    where = "p.tenant_id = :tenant ORDER BY p.share DESC, p.other_id"
    return _pairs(store, where, {"tenant": tenant_id, "limit": -1})


def shares_among(store: Store, ids: Iterable[bytes]) -> dict[tuple[bytes, bytes], float]:
    """The directed share of each pair among these tenants."""
    wanted = ", ".join(f"x'{i.hex()}'" for i in ids) or "NULL"
    sql = (
        f"SELECT tenant_id, other_id, share FROM network_pair WHERE tenant_id IN ({wanted}) AND other_id IN ({wanted})"  # noqa: S608
    )
    return {(row[0], row[1]): row[2] for row in _rows(store, sql)}


def company_count(store: Store) -> int:
    """How many pairs of people, both of whom allow profiling, were repeatedly at one till within minutes."""
    return int(_rows(store, "SELECT count(*) FROM network_company")[0][0])


def _pairs(store: Store, where: str, values: dict[str, Any]) -> list[Pair]:
    rows = _rows(
        store,
        "SELECT p.tenant_id, p.other_id, t.name, coalesce(t.name_zh, t.name), p.both, p.share, p.lift, p.low, p.high "  # noqa: S608
        f"FROM network_pair p JOIN tenant t ON t.id = p.other_id WHERE {where} LIMIT :limit",
        values,
    )
    return [Pair(*row) for row in rows]


def _labels(store: Store, persons: list[bytes]) -> dict[bytes, tuple[str, str]]:
    from engines.people.queries import customers_of

    found = customers_of(store, persons) if persons else {}
    return {person: (who.label, who.card) for person, who in found.items()}


def _rows(store: Store, sql: str, values: dict[str, Any] | None = None) -> list[Any]:
    with store.read() as connection:
        return list(connection.exec_driver_sql(sql, values or {}).fetchall())


#: People who allow profiling now, not when the engine last ran: a grant that was withdrawn holds at once.
ALLOWED = """
decided AS (
  SELECT identifier_id, decision, expires_at,
         row_number() OVER (PARTITION BY identifier_id, channel ORDER BY at DESC, id DESC) AS place
  FROM consent_decision WHERE purpose = 'profiling' AND at <= :at
), allowed AS (
  SELECT o.person_id FROM decided d JOIN identifier_owner o ON o.identifier_id = d.identifier_id
  WHERE d.place = 1 GROUP BY o.person_id
  HAVING min(d.decision = 'grant' AND (d.expires_at IS NULL OR d.expires_at > :at)) = 1
)
"""
