"""Reads for the Journeys page: cohorts, the mall's funnel, engagement, visits and paths."""

from __future__ import annotations

from dataclasses import dataclass

from engines.behaviour.funnel import MOST_STEPS
from models import settings
from models.store import Store

__all__ = ["MOST_STEPS", "Cell", "CohortRow", "MallStep", "Pattern", "cohort_people", "cohorts", "engagement_spread"]

MALL_STEPS = (
    "passers", "entries", "receipts", "members", "repeat",
    "shop_passers", "shop_entries", "shop_receipts", "shop_members", "shop_repeat",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A cohort at an age (months, or days of `cohort_returns`); `people` are those that the figure rests on."""

    age: int
    people: int
    returned: int
    engaged: int
    revenue_minor: int
    censored: bool


@dataclass(frozen=True)
class CohortRow:
    """A cohort (its month) with its size and its ages in order; `shown` is False for a group too small to show."""

    cohort: str
    people: int
    shown: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class MallStep:
    """A step of the mall's own funnel over the days: how many, and on how many days it was counted."""

    step: str
    n: int
    days: int


@dataclass(frozen=True)
class Pattern:
    """Places (codes, 'shop:' a category, 'zone:' a zone) visited in this order, in so many visits."""

    places: tuple[str, ...]
    sessions: int
    share: float
    lift: float


@dataclass(frozen=True)
class Visits:
    """What the visits of known people in the last 90 days look like; minutes are from first to last act."""

    visits: int
    people: int
    several: int
    minutes: float | None
    tenants: float
    with_receipt: float


def smallest_group(store: Store) -> int:
    """People below which a group is not shown."""
    return int(settings.read(store, "privacy.smallest_group"))


def cohorts(store: Store, kind: str, grain: str = "month") -> list[CohortRow]:
    """Cohorts, the oldest first; `grain` day gives who came back within so many days."""
    least = smallest_group(store)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT cohort, age, people, returned, engaged, revenue_minor, censored FROM cohort_cell "
            "WHERE kind = ? AND grain = ? ORDER BY cohort, age",
            (kind, grain),
        ).fetchall()
        sizes = dict(
            connection.exec_driver_sql(
                "SELECT cohort, people FROM cohort_cell WHERE kind = ? AND grain = 'month' AND age = 0", (kind,)
            ).fetchall()
        )
    made: dict[str, list[Cell]] = {}
    for cohort, age, people, returned, engaged, revenue, censored in rows:
        made.setdefault(cohort, []).append(Cell(age, people, returned, engaged, revenue, bool(censored)))
    return [CohortRow(c, sizes.get(c, 0), sizes.get(c, 0) >= least, tuple(cells)) for c, cells in made.items()]


def cohort_people(
    store: Store, kind: str, cohort: str, age: int, *, measure: str = "returned", limit: int = 1000
) -> list[bytes]:
    """Those of a cohort who did it in the month of that age: bought (returned, revenue) or anything (engaged)."""
    month = _month_after(cohort, age)
    start = (
        "SELECT person_id, min(joined_day) AS day FROM member GROUP BY person_id"
        if kind == "join"
        else "SELECT o.person_id, min(s.day) AS day FROM sale AS s JOIN identifier_owner AS o "
        "ON o.identifier_id = s.identifier_id WHERE s.net_minor >= 0 GROUP BY o.person_id"
    )
    did = (
        "SELECT 1 FROM sale AS s JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id "
        "WHERE o.person_id = c.person_id AND s.net_minor >= 0 AND s.day >= c.day AND substr(s.day, 1, 7) = :month"
    )
    acted = (
        "SELECT 1 FROM activity AS a JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id "
        "WHERE o.person_id = c.person_id AND a.day >= c.day AND substr(a.day, 1, 7) = :month "
        "AND a.kind NOT IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout')"
    )
    back = (
        "SELECT 1 FROM sale AS s JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id "
        "WHERE o.person_id = c.person_id AND s.net_minor < 0 AND s.day >= c.day AND substr(s.day, 1, 7) = :month"
    )
    either = f"EXISTS ({did})" + (f" OR EXISTS ({acted}) OR EXISTS ({back})" if measure == "engaged" else "")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT person_id FROM ({start}) AS c WHERE substr(c.day, 1, 7) = :cohort AND ({either}) "  # noqa: S608
            "ORDER BY person_id LIMIT :limit",
            {"cohort": cohort, "month": month, "limit": limit},
        ).fetchall()
    return [bytes(row[0]) for row in rows]


def _month_after(cohort: str, age: int) -> str:
    year, month = divmod(int(cohort[:4]) * 12 + int(cohort[5:7]) - 1 + age, 12)
    return f"{year:04d}-{month + 1:02d}"


def mall_funnel(store: Store, first: str, last: str) -> list[MallStep]:
    """The mall's own funnel over the days (both within), in order; steps that nothing counts are left out."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT step, sum(n), count(*) FROM mall_funnel_day WHERE day BETWEEN ? AND ? GROUP BY step", (first, last)
        ).fetchall()
    found = {step: MallStep(step, n, days) for step, n, days in rows}
    return [found[step] for step in MALL_STEPS if step in found]


def fronts_counted(store: Store) -> tuple[int, int]:
    """How many shop fronts are counted, and how many tenants trade."""
    with store.read() as connection:
        fronts = connection.exec_driver_sql("SELECT count(*) FROM front WHERE gate_id IS NOT NULL").scalar_one()
        tenants = connection.exec_driver_sql("SELECT count(*) FROM tenant WHERE state = 'trading'").scalar_one()
    return int(fronts), int(tenants)


def engagement_spread(store: Store) -> list[int]:
    """People by engagement in twenty steps of five points; empty before the engine ran."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT min(CAST(score / 5 AS INTEGER), 19), count(*) FROM engagement_score GROUP BY 1"
        ).fetchall()
    found = dict(rows)
    return [int(found.get(i, 0)) for i in range(20)] if found else []


def engagement_of(store: Store, person_id: bytes) -> tuple[float, float, float, float] | None:
    """A person's engagement and its parts (recency, frequency, breadth), each 0 to 100."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT score, recency, frequency, breadth FROM engagement_score WHERE person_id = ?", (person_id,)
        ).fetchone()
    return tuple(row) if row else None


def engaged_people(store: Store, low: float, high: float, limit: int = 1000) -> list[bytes]:
    """People with a score from `low` to below `high` (100 is within the last step), the most engaged first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT person_id FROM engagement_score WHERE score >= ? AND (score < ? OR ? >= 100) "
            "ORDER BY score DESC, person_id LIMIT ?",
            (low, high, high, limit),
        ).fetchall()
    return [bytes(row[0]) for row in rows]


def patterns(store: Store, length: int | None = None) -> list[Pattern]:
    """The patterns of paths, the commonest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT pattern, sessions, share, lift FROM path_pattern WHERE ?1 IS NULL OR length = ?1 "
            "ORDER BY sessions DESC, pattern",
            (length,),
        ).fetchall()
    least = smallest_group(store)
    return [Pattern(tuple(text.split(" > ")), n, share, lift) for text, n, share, lift in rows if n >= least]


def path_flows(store: Store) -> list[tuple[str, str, int]]:
    """Moves from place to place, the most frequent first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT source, target, n FROM path_flow ORDER BY n DESC, source").fetchall()
    least = smallest_group(store)
    return [(a, b, n) for a, b, n in rows if n >= least]


def visits(store: Store) -> Visits | None:
    """The visits of the last 90 days, None where there are none."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT count(*), count(DISTINCT person_id), sum(stops > 1), "
            "avg(CASE WHEN stops > 1 THEN (ended_at - started_at) / 60000.0 END), avg(tenants), avg(receipts > 0) "
            "FROM visit_session"
        ).fetchone()
    if row is None or not row[0]:
        return None
    return Visits(int(row[0]), int(row[1]), int(row[2]), row[3], float(row[4]), float(row[5]))


def place_names(store: Store) -> dict[str, tuple[str, str]]:
    """English and Chinese names of places by their code as in patterns."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT 'shop:' || code, name, name_zh FROM category "
            "UNION ALL SELECT 'zone:' || code, name, name_zh FROM zone"
        ).fetchall()
    return {code: (name, name_zh or name) for code, name, name_zh in rows}


def event_kinds(store: Store) -> list[str]:
    """Kinds that a funnel's step may be: purchases and returns, then the site's activities, the commonest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind FROM activity WHERE kind <> 'campaign_holdout' GROUP BY kind ORDER BY count(*) DESC, kind"
        ).fetchall()
    return ["sale", "return", *(kind for (kind,) in rows), "*"]


def step_filters(store: Store) -> list[tuple[str, str, str, str]]:
    """(field, code, English name, Chinese name) of what a step may be limited to."""
    made = []
    with store.read() as connection:
        for field in ("category", "tenant", "zone", "campaign"):
            rows = connection.exec_driver_sql(
                f"SELECT code, name, coalesce(name_zh, name) FROM {field} ORDER BY name"  # noqa: S608 - one of four
            ).fetchall()
            made += [(field, code, name, name_zh) for code, name, name_zh in rows]
    return made


def zone_arrivals(store: Store, first: str, last: str) -> dict[int, dict[tuple[str, str], int]]:
    """People who went from one zone to another (codes) by the local minute at which their quarter hour begins.

    Where several cameras see both zones, the one that saw most of a quarter hour counts, as in zones.queries.flows.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT minute, a, b, sum(n) FROM ("
            "SELECT l.minute, o.code AS a, t.code AS b, l.bucket_start, max(l.n) AS n FROM zone_flow AS l "
            "JOIN zone AS o ON o.id = l.origin_id JOIN zone AS t ON t.id = l.target_id "
            "WHERE l.day BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM zone_flow AS r "
            "WHERE r.origin_id = l.origin_id AND r.target_id = l.target_id AND r.bucket_start = l.bucket_start "
            "AND r.source_id = l.source_id AND r.revision > l.revision) "
            "GROUP BY l.minute, o.code, t.code, l.bucket_start) GROUP BY minute, a, b",
            (first, last),
        ).fetchall()
    made: dict[int, dict[tuple[str, str], int]] = {}
    for minute, a, b, n in rows:
        made.setdefault(minute, {})[a, b] = int(n)
    return made
