"""Reads for the Segments page: the grid, the segments, the people of a cell, and what to be careful about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engines.rfm.rules import NAMES, Segment
from models.store import Store

BY_MONEY = (
    "SELECT person_id, r, f, m, segment, recency_days, frequency, monetary_minor, first_day, last_day FROM rfm_score"
)
STALE_DAYS = 60
"""Purchases that stopped so long ago make "lately" a word about the data, not about today."""


@dataclass(frozen=True)
class Cell:
    """A cell of the 5 x 5 grid: how many people, and what they paid (minor units)."""

    r: int
    f: int
    people: int
    monetary_minor: int


@dataclass(frozen=True)
class SegmentRow:
    """A segment with its names, its size, its money and how many days ago its people last bought on average."""

    segment: Segment
    name: str
    name_zh: str
    people: int
    share: float
    monetary_minor: int
    mean_recency_days: float


@dataclass(frozen=True)
class Scored:
    """One person's scores."""

    person_id: bytes
    r: int
    f: int
    m: int
    segment: str
    recency_days: int
    frequency: int
    monetary_minor: int
    first_day: str
    last_day: str


@dataclass(frozen=True)
class Note:
    """A sentence that a reader of the scores must know, in both languages."""

    text: str
    text_zh: str


def grid(store: Store) -> list[Cell]:
    """All 25 cells, the empty ones too, by recency then frequency; empty where rfm has not run."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT r, f, count(*), sum(monetary_minor) FROM rfm_score GROUP BY r, f"
        ).fetchall()
    found = {(r, f): Cell(r, f, people, money) for r, f, people, money in rows}
    return [found.get((r, f), Cell(r, f, 0, 0)) for r in range(1, 6) for f in range(1, 6)] if found else []


def segments(store: Store) -> list[SegmentRow]:
    """Every segment, the best first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT segment, count(*), sum(monetary_minor), avg(recency_days) FROM rfm_score GROUP BY segment"
        ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    whole = sum(row[0] for row in found.values())
    return [
        SegmentRow(key, *names, people, people / whole, money, float(recency))
        for key, names in NAMES.items()
        for people, money, recency in [found.get(key, (0, 0, 0.0))]
        if whole
    ]


def spread(store: Store, of: Literal["recency_days", "frequency"]) -> list[tuple[int, int]]:
    """(days, people) by days since the last purchase or by days with a purchase, in order of days."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT {of}, count(*) FROM rfm_score GROUP BY 1 ORDER BY 1"  # noqa: S608 - one of two names
        ).fetchall()
    return [(days, count) for days, count in rows]


def people(
    store: Store,
    *,
    segment: str | None = None,
    r: int | None = None,
    f: int | None = None,
    limit: int = 100,
    after: tuple[int, bytes] | None = None,
) -> list[Scored]:
    """People of a segment or a cell, the most money first; `after` is the last row's (monetary_minor, person_id)."""
    money, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"{BY_MONEY} WHERE (:segment IS NULL OR segment = :segment) AND (:r IS NULL OR r = :r) "
            "AND (:f IS NULL OR f = :f) AND (:money IS NULL OR (monetary_minor, person_id) < (:money, :person)) "
            "ORDER BY monetary_minor DESC, person_id DESC LIMIT :limit",
            {"segment": segment, "r": r, "f": f, "money": money, "person": person, "limit": limit},
        ).fetchall()
    return [Scored(*row) for row in rows]


def score_of(store: Store, person_id: bytes) -> Scored | None:
    """A person's scores, None without a purchase or before the engine ran."""
    with store.read() as connection:
        row = connection.exec_driver_sql(f"{BY_MONEY} WHERE person_id = ?", (person_id,)).fetchone()
    return Scored(*row) if row else None


def notes(store: Store) -> list[Note]:
    """What the scores cannot tell on these data."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT count(DISTINCT frequency), max(frequency), count(DISTINCT recency_days), "
            "count(DISTINCT monetary_minor), count(*), min(recency_days) FROM rfm_score"
        ).fetchone()
    frequencies, most, recencies, amounts, count, newest = row or (0, 0, 0, 0, 0, 0)
    if not count:
        return []
    made = []
    if newest > STALE_DAYS:
        made.append(
            Note(
                f"The newest purchase is {newest} days old: a high recency score only means later than the others.",
                f"最近一笔消费距今已 {newest} 天：近度高分仅表示相对较近。",
            )
        )
    if frequencies == 1:
        made.append(
            Note(
                f"Every customer bought on exactly {most} day{'' if most == 1 else 's'}: frequency tells nobody apart, "
                "so all have frequency score 1 and segments follow recency alone.",
                f"所有客户的购买天数均为 {most}：频度无法区分客户，频度得分均为 1，分群仅依据近度。",
            )
        )
    for name, name_zh, distinct in (
        ("frequency", "频度", frequencies), ("recency", "近度", recencies), ("money", "金额", amounts)
    ):  # fmt: skip
        if distinct < 5 and not (name == "frequency" and distinct == 1):
            made.append(
                Note(
                    f"Only {distinct} different value{'' if distinct == 1 else 's'} of {name}: "
                    "not all five scores occur.",
                    f"{name_zh}只有 {distinct} 个不同取值，五档得分不会全部出现。",
                )
            )
    return made
