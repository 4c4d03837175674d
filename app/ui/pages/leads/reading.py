"""What the page shows, read on the background thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from app.ui.period import Period
from engines.health import queries as health
from engines.leads import queries
from engines.leads.ladder import Thresholds
from engines.leads.queries import Lead, Moved, Rung
from engines.people.queries import customers_of
from models import ledger, settings
from models.store import Store
from models.times import business_day, now_ms

if TYPE_CHECKING:
    from engines.alerts.queries import Alert
    from engines.validation.cards import ModelCard

PAGE_ROWS = 100
FALLING_ROWS = 200
TABS = ("member", "deal", "health")


@dataclass(frozen=True)
class Choice:
    """What is looked at: a tab (member, deal, health) and, of prospects, a pipeline and a rung."""

    tab: str = "member"
    pipeline: str | None = None
    rung: str | None = None


@dataclass(frozen=True)
class Line:
    """A prospect as a row; `label` is masked for a person."""

    lead: Lead
    label: str
    rung: str
    composite: float
    behavioural: float
    demographic: float
    engagement: float
    predictive: float | None
    next_step: str
    last_touch_day: str | None


@dataclass(frozen=True)
class Falling:
    """A customer on the board of health, masked."""

    person_id: bytes
    label: str
    tier: str | None
    spent: int
    health: float
    fall: float | None
    band: str
    course: str
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """A milestone, masked."""

    person_id: bytes
    label: str
    kind: str
    day: str


@dataclass(frozen=True)
class HealthBoard:
    """The board of health; `falling` are the first of the `falling_whole` customers who fall."""

    board: health.Board
    falling: tuple[Falling, ...]
    falling_whole: int
    steps: tuple[Step, ...]
    step_counts: dict[str, int]
    alerts: tuple[Alert, ...]
    fall: float
    weights: queries.Version


@dataclass(frozen=True)
class State:
    """Everything on the page. `ran_at` is when the engine was last done, None where never; `refused` says why not."""

    now: int
    choice: Choice
    ran_at: int | None
    ladder: tuple[Rung, ...] = ()
    pipelines: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    card: ModelCard | None = None
    refusal: tuple[str, str] | None = None
    limits: Thresholds | None = None
    weights: queries.Version | None = None
    board: HealthBoard | None = None
    known: bool = False


@dataclass(frozen=True)
class Detail:
    """One prospect for the panel."""

    line: Line
    moves: tuple[Moved, ...]


def read(store: Store, _period: Period, argument: object) -> State:
    """The page's state; `argument` is the choice."""
    choice = argument if isinstance(argument, Choice) else Choice()
    engine = "health" if choice.tab == "health" else "leads"
    state = State(now_ms(), choice, _ran_at(store, engine), known=_known(store, choice.tab))
    if choice.tab == "health":
        return replace(state, board=read_board(store))
    return replace(
        state, ladder=tuple(queries.ladder(store, choice.tab, choice.pipeline)),
        pipelines=tuple(queries.pipelines(store, choice.tab)), lines=read_lines(store, choice),
        card=queries.model_card(store, choice.tab), refusal=queries.refusal(store, choice.tab),
        weights=queries.weight_versions(store, choice.tab)[0],
        limits=queries.limits(store) if choice.tab == "member" else None,
    )  # fmt: skip


def read_lines(
    store: Store, choice: Choice, after: tuple[float, bytes] | None = None, limit: int = PAGE_ROWS
) -> tuple[Line, ...]:
    """A page of the priority list."""
    return _lines(
        store,
        queries.leads(store, choice.tab, pipeline=choice.pipeline, rung=choice.rung, limit=limit, after=after),
    )


def read_detail(store: Store, use: str, subject: bytes) -> Detail | None:
    """One prospect; None where it is none any more."""
    found = queries.lead(store, use, subject)
    if found is None:
        return None
    return Detail(_lines(store, [found])[0], tuple(queries.history(store, use, subject)))


def _lines(store: Store, found: Sequence[Lead]) -> tuple[Line, ...]:
    people = customers_of(store, [lead.subject_id for lead in found if lead.use == "member"])
    made = []
    for lead in found:
        who = people.get(lead.subject_id)
        label = who.label if who else lead.name or ""
        made.append(
            Line(
                lead, label, lead.rung, lead.composite, lead.behavioural, lead.demographic, lead.engagement,
                lead.predictive, lead.next_step, lead.last_touch_day,
            )
        )  # fmt: skip
    return tuple(made)


def _ran_at(store: Store, engine: str) -> int | None:
    return next((run.ended_at for run in ledger.runs(store, job=engine, limit=20) if run.state == "done"), None)


def _known(store: Store, tab: str) -> bool:
    """Whether there is anybody to score."""
    table = {"member": "person", "deal": "deal", "health": "sale"}[tab]
    with store.read() as connection:
        return connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").scalar() is not None  # noqa: S608


def read_board(store: Store) -> HealthBoard | None:
    """The board of health; None before the engine ran."""
    from engines.alerts.queries import alerts

    fall = float(settings.read(store, "health.fall"))
    found = health.board(store, fall)
    if found is None:
        return None
    day = date.fromisoformat(business_day(found.as_of, store.site.zone, store.site.day_starts_minute)[0])
    reached = health.milestones(store, until=day)
    people = customers_of(store, [r.person_id for r in reached])
    steps = [Step(r.person_id, people[r.person_id].label, r.kind, r.day) for r in reached if r.person_id in people]
    mine = tuple(a for a in alerts(store, limit=400) if a.kind == "customer_risk")
    counts = health.milestone_counts(store, day)
    return HealthBoard(
        found, read_falling(store), health.falling_count(store, fall), tuple(steps), counts, mine, fall,
        queries.weight_versions(store, "health")[0],
    )  # fmt: skip


def read_falling(store: Store, limit: int = FALLING_ROWS) -> tuple[Falling, ...]:
    """Customers who fall, masked, those who spent most first; a `limit` of -1 is all of them."""
    fallen = health.falling(store, float(settings.read(store, "health.fall")), limit=limit)
    people = customers_of(store, [one.person_id for one in fallen])
    rows = []
    for one in fallen:
        if one.person_id in people:
            who = people[one.person_id]
            rows.append(
                Falling(
                    one.person_id, who.label, who.tier, who.net_minor, one.health, one.fall, one.band, one.course,
                    one.weeks,
                )
            )  # fmt: skip
    return tuple(rows)
