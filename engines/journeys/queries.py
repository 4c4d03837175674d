"""Reads for the Journeys page and for a person's own: stages, flows, what comes next, and two groups side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from engines.journeys.groups import Group
from engines.journeys.stages import STAGES
from models.store import Store

_ORDER = {str(stage): place for place, stage in enumerate(STAGES)}


@dataclass(frozen=True)
class StageRow:
    """A stage with its people, the share of everyone known, and how long people stay (days; None: not reached yet)."""

    stage: str
    people: int
    share: float
    spells: int
    ended: int
    median_days: int | None
    low_days: int | None
    high_days: int | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class FlowRow:
    """Moves from one stage (None: not known before) to another; `cause` is why, where moves are told apart by it."""

    previous: str | None
    stage: str
    people: int
    cause: str = ""


@dataclass(frozen=True)
class Conversion:
    """The share of a stage's people who bought within so many days, with its 95 % interval."""

    stage: str
    horizon: int
    people: int
    converted: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Bottleneck:
    """Where people stop; money in minor units, of 90 days (stage) or a visit's day (zone)."""

    kind: str
    place: str
    entered: int
    lost: int
    share: float
    low: float
    high: float
    spend_lost_minor: int
    spend_on_minor: int
    worth_minor: int


@dataclass(frozen=True)
class NextRow:
    """What came next for people of a stage and of a time in it; `people` are cases of a person and a month."""

    stage: str
    band: str
    next: str
    people: int
    moved: int
    share: float
    low: float
    high: float
    base: float


@dataclass(frozen=True)
class TrialRow:
    """A next-stage model on the newest 30 days, which it had not seen."""

    model: str
    people: int
    log_loss: float
    accuracy: float
    gain: float
    gain_low: float
    gain_high: float
    shipped: int


@dataclass(frozen=True)
class PersonNow:
    """A person's stage, since when and why, with the likeliest next stage and the chance of a purchase in 30 days."""

    stage: str
    since_day: str
    cause: str
    next_stage: str | None
    next_share: float | None
    next_low: float | None
    next_high: float | None
    buys_share: float | None
    buys_low: float | None
    buys_high: float | None


@dataclass(frozen=True)
class ChangeRow:
    """One change of a person's stage."""

    day: str
    previous: str | None
    stage: str
    cause: str


@dataclass(frozen=True)
class Side:
    """One group of a comparison: people by stage, flows in the period, buyers and money of the days, contacts."""

    group: Group
    people: int
    stages: tuple[tuple[str, int], ...]
    flows: tuple[FlowRow, ...]
    buys_share: float | None
    touches: tuple[tuple[str, float], ...]
    mean_engagement: float | None


def stages(store: Store) -> list[StageRow]:
    """Every stage in order; empty before the engine ran."""
    with store.read() as connection:
        people = dict(connection.exec_driver_sql("SELECT stage, count(*) FROM person_stage GROUP BY stage").fetchall())
        dwell = {
            row[0]: row[1:]
            for row in connection.exec_driver_sql(
                "SELECT stage, spells, ended, median_days, low_days, high_days, curve FROM stage_dwell"
            )
        }
    whole = sum(people.values())
    made = []
    for stage in STAGES if whole else ():
        spells, ended, median, low, high, curve = dwell.get(stage, (0, 0, None, None, None, "[]"))
        points = tuple((float(a), float(b)) for a, b in json.loads(curve))
        n = int(people.get(stage, 0))
        made.append(StageRow(stage, n, n / whole, spells, ended, median, low, high, points))
    return made


def flows(store: Store, first: str, last: str) -> list[FlowRow]:
    """Every move between stages on the days (both within) by its cause, the most frequent first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT previous, stage, count(*), cause FROM stage_change WHERE day BETWEEN ? AND ? "
            "GROUP BY previous, stage, cause ORDER BY 3 DESC, 1, 2, 4",
            (first, last),
        ).fetchall()
    return [FlowRow(*row) for row in rows]


def conversions(store: Store) -> list[Conversion]:
    """Purchases by stage within 30 and 90 days."""
    found = [Conversion(*row) for row in _rows(store, "stage_conversion", Conversion)]
    return sorted(found, key=lambda c: (c.horizon, _ORDER[c.stage]))


def bottlenecks(store: Store) -> list[Bottleneck]:
    """Where people stop, the most worth first."""
    found = [Bottleneck(*row) for row in _rows(store, "stage_bottleneck", Bottleneck)]
    return sorted(found, key=lambda b: (-b.worth_minor, b.kind, b.place))


def next_rows(store: Store) -> list[NextRow]:
    """What comes next by stage and time in it, the likeliest first within each."""
    found = [NextRow(*row) for row in _rows(store, "stage_next", NextRow)]
    return sorted(found, key=lambda n: (_ORDER[n.stage], n.band == "all", _band(n.band), -n.share))


def trials(store: Store) -> list[TrialRow]:
    """The models tried, the one that is used first."""
    found = [TrialRow(*row) for row in _rows(store, "stage_model", TrialRow)]
    return sorted(found, key=lambda t: (not t.shipped, t.log_loss))


def stage_of(store: Store, person_id: bytes) -> PersonNow | None:
    """A person's stage now, None before the engine ran."""
    names = ", ".join(PersonNow.__dataclass_fields__)
    with store.read() as connection:
        sql = f"SELECT {names} FROM person_stage WHERE person_id = ?"  # noqa: S608 - our own names
        row = connection.exec_driver_sql(sql, (person_id,)).fetchone()
    return PersonNow(*row) if row else None


def history_of(store: Store, person_id: bytes) -> list[ChangeRow]:
    """A person's changes of stage, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT day, previous, stage, cause FROM stage_change WHERE person_id = ? ORDER BY day DESC", (person_id,)
        ).fetchall()
    return [ChangeRow(*row) for row in rows]


def touchpoints_of(store: Store, person_id: bytes) -> list[tuple[str, int, int, str]]:
    """Channel, contacts ever, contacts in 90 days and the last day, the most used first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT channel, n, n_90, last_day FROM touchpoint WHERE person_id = ? ORDER BY n DESC, channel",
            (person_id,),
        ).fetchall()
    return [(channel, n, recent, day) for channel, n, recent, day in rows]


def people_in(store: Store, stage: str, limit: int = 100, after: tuple[str, bytes] | None = None) -> list[Any]:
    """(person id, since day, cause, next stage and its share, low, high, purchase share), the newest in it first."""
    day, person = after or (None, None)
    with store.read() as connection:
        rows: list[Any] = connection.exec_driver_sql(
            "SELECT person_id, since_day, cause, next_stage, next_share, next_low, next_high, buys_share "
            "FROM person_stage WHERE stage = :stage AND (:day IS NULL OR (since_day, person_id) < (:day, :person)) "
            "ORDER BY since_day DESC, person_id DESC LIMIT :limit",
            {"stage": stage, "day": day, "person": person, "limit": limit},
        ).fetchall()
    return rows


def compare(store: Store, group: Group, first: str, last: str) -> Side:
    """One side of a comparison, over a period."""
    counts = dict(_of_group(store, group, "SELECT stage, count(*) FROM person_stage", "GROUP BY stage"))
    buys = _of_group(store, group, "SELECT avg(buys_share) FROM person_stage")[0][0]
    touched = _of_group(
        store, group, "SELECT channel, sum(n_90) FROM touchpoint", "GROUP BY channel ORDER BY 2 DESC, 1"
    )
    mean = _of_group(store, group, "SELECT avg(score) FROM engagement_score")[0][0]
    people = sum(counts.values())
    moved = tuple(transitions(store, first, last, group))
    touches = tuple((channel, n / people) for channel, n in touched) if people else ()
    staged = tuple((stage, int(counts.get(stage, 0))) for stage in STAGES)
    return Side(group, people, staged, moved, buys, touches, mean)


def _of_group(store: Store, group: Group, select: str, rest: str = "") -> list[Any]:
    """Rows of a table of people, for those of a group."""
    with store.read() as connection:
        rows: list[Any] = connection.exec_driver_sql(
            f"{select} WHERE person_id IN ({group.sql}) {rest}", group.values
        ).fetchall()
    return rows


def _rows(store: Store, table: str, shape: type) -> list[Any]:
    names = ", ".join(f'"{name}"' for name in shape.__dataclass_fields__)  # type: ignore[attr-defined]
    with store.read() as connection:
        rows: list[Any] = connection.exec_driver_sql(f"SELECT {names} FROM {table}").fetchall()  # noqa: S608
    return rows


def _band(name: str) -> int:
    return int(name.split("-", maxsplit=1)[0].rstrip("+")) if name != "all" else -1


def transitions(store: Store, first: str, last: str, group: Group | None = None) -> list[FlowRow]:
    """Where people stood before the first day (None: not known yet) and at the end of the last, those who moved."""
    where, values = (f"AND person_id IN ({group.sql})", group.values) if group else ("", {})
    standing = "SELECT person_id, stage, max(day) FROM stage_change WHERE day {before} {where} GROUP BY person_id"
    then, now = (standing.format(before=before, where=where) for before in ("< :first", "<= :last"))
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT b.stage, n.stage, count(*) FROM ({now}) AS n LEFT JOIN ({then}) AS b "  # noqa: S608 - our own words
            "ON b.person_id = n.person_id WHERE b.stage IS NOT n.stage GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            {"first": first, "last": last, **values},
        ).fetchall()
    return [FlowRow(*row) for row in rows]


def transition_people(
    store: Store, flow: tuple[str | None, str], first: str, last: str, limit: int = 1000
) -> list[bytes]:
    """Who stood in one stage before the first day (None: not known) and in the other at the end of the last."""
    standing = "SELECT person_id, stage, max(day) FROM stage_change WHERE day {before} GROUP BY person_id"
    then, now = standing.format(before="< ?1"), standing.format(before="<= ?2")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT n.person_id FROM ({now}) AS n LEFT JOIN ({then}) AS b ON b.person_id = n.person_id "  # noqa: S608
            "WHERE b.stage IS ?3 AND n.stage = ?4 ORDER BY n.person_id LIMIT ?5",
            (first, last, *flow, limit),
        ).fetchall()
    return [bytes(row[0]) for row in rows]
