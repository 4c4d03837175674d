"""Everything the Network page shows, read on the background thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.ui.period import Period
from engines.alerts.queries import Alert, alerts
from engines.fraud.queries import (
    CaseRow,
    ChangeRow,
    LookRow,
    ReachRow,
    SightRow,
    cases,
    change_counts,
    changes,
    looks,
    reaches,
    sights,
)
from engines.network.queries import (
    Advocate,
    Drawing,
    MonthSpread,
    NetworkValue,
    Pair,
    TenantKnot,
    Tree,
    advocates,
    close_pairs,
    community_of,
    company_count,
    figures,
    largest_roots,
    pairs_of,
    shares_among,
    spreads,
    tenants,
    tree_of,
    trees,
)
from models import ledger
from models.store import Store
from models.times import now_ms

MATRIX_TENANTS = 12
ENGINES = ("network", "fraud", "outliers", "habits")
UNUSUAL = frozenset(
    ("unusual_day", "unusual_week", "unusual_hours", "silent_hours", "level_change", "unusual_share", "slow_job",
     "failing_job", "dropped_frames", "rejected_rows", "more_findings")
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What is drawn: the tree of a root, or a community; and whose cross-shopping is listed."""

    root: bytes | None = None
    community: int | None = None
    tenant: bytes | None = None


@dataclass(frozen=True)
class Habit:
    """A person whose habit changed, with a masked name."""

    person_id: bytes
    label: str
    card: str
    change: ChangeRow


@dataclass(frozen=True)
class State:
    """The networks, the cases, what can be seen, when each engine ran last (UTC milliseconds), and what newest runs
    that were refused said, in English and Chinese."""

    now: int
    ran: Mapping[str, int | None]
    choice: Choice
    figures: Mapping[str, NetworkValue]
    trees: tuple[Tree, ...]
    roots: tuple[tuple[bytes, int], ...]
    spreads: tuple[MonthSpread, ...]
    advocates: tuple[Advocate, ...]
    drawing: Drawing
    tenants: tuple[TenantKnot, ...]
    close: tuple[Pair, ...]
    shares: Mapping[tuple[bytes, bytes], float]
    listed: tuple[Pair, ...]
    company: int
    cases: tuple[CaseRow, ...]
    holders: Mapping[bytes, str]
    looks: tuple[LookRow, ...]
    reaches: tuple[ReachRow, ...]
    habits: tuple[Habit, ...]
    habit_counts: Mapping[str, int]
    sights: tuple[SightRow, ...]
    alerts: tuple[Alert, ...]
    refused: tuple[tuple[str, str], ...] = ()


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything the page shows; `argument` is the choice."""
    from engines.people.queries import customers_of

    choice = argument if isinstance(argument, Choice) else Choice()
    roots, known = largest_roots(store), tenants(store)
    found = cases(store)
    people = {holder for case in found for holder in case.holders}
    named = customers_of(store, sorted(people)) if people else {}
    shown = choice.tenant or (known[0].tenant_id if known else None)
    return State(
        now_ms(), {name: _ran(store, name) for name in ENGINES}, choice, figures(store), tuple(trees(store)),
        tuple(roots), tuple(spreads(store)), tuple(advocates(store)), _drawing(store, choice, roots), tuple(known),
        tuple(close_pairs(store)), shares_among(store, [t.tenant_id for t in known[:MATRIX_TENANTS]]),
        tuple(pairs_of(store, shown)) if shown else (), company_count(store), tuple(found),
        {person: f"{who.label} {who.card}".strip() for person, who in named.items()}, tuple(looks(store)),
        tuple(reaches(store)), tuple(read_habits(store)), change_counts(store),
        tuple(sights(store)), tuple(_alerts(store)),
        tuple(said for name in ENGINES if (said := ledger.refusal(store, name))[0]),
    )  # fmt: skip


def read_habits(store: Store, limit: int = 200) -> list[Habit]:
    """Changes of habit with masked names, the newest first; a `limit` of -1 is all of them."""
    from engines.people.queries import customers_of

    turned = changes(store, limit)
    named = customers_of(store, [row.person_id for row in turned]) if turned else {}
    return [_habit(row, named) for row in turned]


def _habit(row: ChangeRow, named: Mapping[bytes, object]) -> Habit:
    who = named.get(row.person_id)
    return Habit(row.person_id, str(getattr(who, "label", "")), str(getattr(who, "card", "")), row)


def _ran(store: Store, engine: str) -> int | None:
    return next((run.ended_at for run in ledger.runs(store, job=engine, limit=10) if run.state == "done"), None)


def _drawing(store: Store, choice: Choice, roots: list[tuple[bytes, int]]) -> Drawing:
    if choice.community is not None:
        return community_of(store, choice.community)
    root = choice.root or (roots[0][0] if roots else None)
    return tree_of(store, root) if root else Drawing("", (), (), 0)


def _alerts(store: Store) -> list[Alert]:
    """What stands out in any watched series; other alerts (fraud, customers to look after) have lists of their own."""
    return [alert for alert in alerts(store, limit=200) if alert.kind in UNUSUAL][:40]
