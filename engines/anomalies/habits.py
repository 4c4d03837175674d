"""The habits' card: people whose rate of purchases changed, when, and what changes can be seen at all."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.anomalies.turns import Turns, exposures, sight, turns
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]

PERIODS, PERIOD_DAYS = 13, 28
LEAST_TENURE, LEAST_DAYS = 112, 6
BAR = 0.9
PEOPLE = 20_000
RATES, FACTORS, PERIODS_SINCE = (1.0, 2.0, 4.0, 8.0), (0.0, 0.5, 2.0, 3.0), (1, 2, 3)

PURCHASE_PERIODS = Relation(
    "purchase_periods",
    (Column("person_id", "id"), Column("tenure_days", "int"), *(Column(f"p{i}", "int") for i in range(PERIODS))),
    ("person_id",),
    Path(__file__).with_name("periods.sql"),
    by_person=True,
    given=(("least", LEAST_TENURE), ("days", LEAST_DAYS)),
)
CHANGE = of_table(TABLES["behaviour_change"])
SIGHT = of_table(TABLES["behaviour_sight"])


def run(moment: Moment, purchase_periods: pa.Table) -> Frames:
    """People whose rate changed with a chance of nine in ten or more, and how often changes of a size would be seen.

    Nobody is judged before 16 weeks and six days with a purchase; a mall without such people has no changes.
    """
    if not purchase_periods.num_rows:
        return {CHANGE.name: CHANGE.empty(), SIGHT.name: as_frame(SIGHT, _sights())}
    people = purchase_periods.sort_by("person_id")
    counts = np.stack([people.column(f"p{i}").to_numpy() for i in range(PERIODS)], axis=1).astype(np.float64)
    known = _known(people.column("tenure_days").to_numpy())
    found = _turned(counts, exposures(counts, known))
    kept = np.flatnonzero(found.chance >= BAR)
    ids = people.column("person_id").take(kept).to_pylist()
    return {
        CHANGE.name: as_frame(CHANGE, _changes(moment.date, ids, found, kept)),
        SIGHT.name: as_frame(SIGHT, _sights()),
    }


def _turned(counts: Floats, exposure: Floats) -> Turns:
    """The turns of everyone, for some people at a time."""
    found = [turns(counts[k : k + PEOPLE], exposure[k : k + PEOPLE]) for k in range(0, len(counts), PEOPLE)]
    return Turns(*(np.concatenate([getattr(part, f.name) for part in found]) for f in fields(Turns)))


def _known(tenure: NDArray[np.int64]) -> Floats:
    """The share of each period that lies after the first purchase."""
    ends = PERIOD_DAYS * np.arange(PERIODS)[None, :]
    return np.asarray(np.clip((tenure[:, None] - 1 - ends) / PERIOD_DAYS, 0.0, 1.0), dtype=np.float64)


def _changes(today: date, ids: list[bytes], found: Turns, kept: NDArray[np.int64]) -> dict[str, Any]:
    before = found.days_before[kept] / found.exposure_before[kept]
    after = found.days_after[kept] / found.exposure_after[kept]
    since = [(today - timedelta(days=PERIOD_DAYS * int(n))).isoformat() for n in found.since[kept]]
    return {
        "person_id": ids, "direction": np.where(after > before, "up", "down").tolist(),
        "since_day": since, "before": before, "after": after, "expected": before * found.exposure_after[kept],
        "days_before": found.days_before[kept].astype(np.int64), "days_after": found.days_after[kept].astype(np.int64),
        "chance": found.chance[kept],
    }  # fmt: skip


def _sights() -> dict[str, Any]:
    every = [(rate, factor, n) for rate in RATES for factor in FACTORS for n in PERIODS_SINCE]
    return {
        "rate": [rate for rate, _, _ in every], "factor": [factor for _, factor, _ in every],
        "weeks": [4 * n for _, _, n in every], "found": [sight(*each, BAR) for each in every],
    }  # fmt: skip


ENGINE = Engine(
    name="habits",
    title="Changes of habit",
    title_zh="消费习惯变化",
    version=1,
    run=run,
    takes=(PURCHASE_PERIODS,),
    gives=(CHANGE, SIGHT),
    every="05:20",
    figures=(
        Figure("table", "Changes of habit", "消费习惯变化", "behaviour_change",
               ("direction", "since_day", "before", "after", "chance")),
    ),
    budget_seconds=20.0,
    about="Who buys far more or far less often than before, against how everyone's rate moved, with the chance that it "
    "is so. Needs six days with a purchase; what it cannot see stands beside it.",
    about_zh="谁的消费频率明显上升或下降（已扣除全体客户的共同变化），并给出概率。至少需要六个消费日；看不出的变化一并列出。",
)  # fmt: skip
