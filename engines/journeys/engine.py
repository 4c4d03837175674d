"""The stage machine over everyone's whole history, every night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.journeys import figures
from engines.journeys.estimates import wilson
from engines.journeys.history import History, history, snapshot
from engines.journeys.next_stage import (
    FEWEST,
    Counts,
    bands_of,
    base_rates,
    counted,
    ends_of,
    intervals,
    shares_of,
    shipped,
    tried,
)
from engines.journeys.stages import HORIZON, STAGES
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

_HERE = Path(__file__).parent
CHANGES = Relation(
    "stage_changes",
    (
        Column("person_id", "id"),
        Column("day_number", "int"),
        Column("previous", "text", nullable=True),
        Column("stage", "text"),
        Column("cause", "text"),
    ),
    ("person_id", "day_number"),
    _HERE / "stages.sql",
    by_person=True,
)
RECENT = Relation(
    "recent_purchases",
    (Column("person_id", "id"), Column("days_30", "int"), Column("days_90", "int"), Column("spend_90_minor", "int")),
    ("person_id",),
    _HERE / "recent.sql",
    by_person=True,
)
ZONES = Relation(
    "zone_losses",
    (Column("zone_code", "text"), Column("visits", "int"), Column("bought", "int"), Column("net_minor", "int")),
    ("zone_code",),
    _HERE / "zone_losses.sql",
)
TOUCHES = Relation(
    "touches",
    of_table(TABLES["touchpoint"]).columns,
    ("person_id", "channel"),
    _HERE / "touchpoints.sql",
    by_person=True,
)
GIVES = tuple(
    of_table(TABLES[name])
    for name in (
        "person_stage", "stage_change", "stage_dwell", "stage_next", "stage_conversion", "stage_bottleneck",
        "stage_model", "touchpoint",
    )
)  # fmt: skip
EPOCH = np.datetime64("1970-01-01")


def journeys(
    moment: Moment, stage_changes: pa.Table, recent_purchases: pa.Table, zone_losses: pa.Table, touches: pa.Table
) -> Frames:
    """Everyone's stage and its history, what comes next, how long stages last, and where people stop."""
    changes = stage_changes.sort_by([("person_id", "ascending"), ("day_number", "ascending")])
    today = int((np.datetime64(moment.day) - EPOCH).astype(np.int64))
    past = history(changes, today)
    ids = changes.column("person_id").take(_indices(past.first))
    days_30, days_90, spend = _recent(ids, recent_purchases)
    trials = tried(past)
    counts = counted(past, ends_of(past, today))
    conversions = figures.conversions(past, {30: days_30 > 0, 90: days_90 > 0})
    made = {
        "person_stage": _people(changes, past, ids, (counts, shipped(trials)), days_30 > 0),
        "stage_dwell": figures.dwell(past),
        "stage_next": figures.next_stages(counts, trials),
        "stage_conversion": conversions,
        "stage_bottleneck": figures.bottlenecks(past, spend, zone_losses.to_pylist()),
        "stage_model": figures.models(trials),
    }
    frames = {r.name: as_frame(r, made[r.name]) for r in GIVES if r.name in made}
    return frames | {"stage_change": _changes(changes), "touchpoint": touches}


def _indices(rows: NDArray[np.int64]) -> pa.Array:
    import pyarrow as pa

    return pa.array(rows)


def _iso(days: NDArray[np.int64]) -> pa.Array:
    import pyarrow as pa

    return pa.array((EPOCH + days.astype("timedelta64[D]")).astype("datetime64[D]").astype(str))


def _changes(changes: pa.Table) -> pa.Table:
    days = _iso(changes.column("day_number").to_numpy())
    return changes.set_column(1, "day", days).select(["person_id", "day", "previous", "stage", "cause"])


def _recent(ids: pa.ChunkedArray, recent: pa.Table) -> tuple[NDArray[np.int64], ...]:
    """Recent purchases by person in the order of `ids`, 0 for who has none."""
    import pyarrow.compute as pc

    at = pc.index_in(ids, value_set=recent.column("person_id").combine_chunks())
    found = [recent.column(name).take(at) for name in ("days_30", "days_90", "spend_90_minor")]
    return tuple(np.asarray(pc.fill_null(one, 0).to_numpy(), dtype=np.int64) for one in found)


def _people(
    changes: pa.Table, past: History, ids: pa.ChunkedArray, told: tuple[Counts, str], bought: NDArray[np.bool_]
) -> dict[str, Any]:
    now = snapshot(past, past.today)
    stage, band = now.stage, bands_of(now.tenure)
    whole = _indices(past.last)
    return {
        "person_id": ids,
        "stage": changes.column("stage").take(whole),
        "since_day": _iso(past.day[past.last]),
        "cause": changes.column("cause").take(whole),
        **_told(*told, stage, band),
        **_buys(past, bought, stage, band),
    }


def _told(counts: Counts, model: str, stage: NDArray[np.int64], band: NDArray[np.int64]) -> dict[str, Any]:
    """The likeliest move of each person within the horizon; nothing where a stage has too few people."""
    if model == "tenure":
        shares, people = shares_of(counts), counts.moves.sum(axis=2)
    else:
        shares = np.broadcast_to(base_rates(counts)[:, None, :], counts.moves.shape)
        people = np.broadcast_to(counts.by_stage.sum(axis=1)[:, None], counts.moves.shape[:2])
    low, high = intervals(shares, people)
    moves = np.where(np.eye(len(STAGES), dtype=bool)[:, None, :], -1.0, shares)
    best = moves.argmax(axis=2)
    enough = (counts.by_stage.sum(axis=1) >= FEWEST)[stage]
    chosen = (stage, band, best[stage, band])
    names = np.array(STAGES, dtype=object)[best[stage, band]]
    return {
        "next_stage": [name if yes else None for name, yes in zip(names, enough, strict=True)],
        **{
            f"next_{name}": np.where(enough, values[chosen], np.nan)
            for name, values in (("share", shares), ("low", low), ("high", high))
        },
    }


def _buys(
    past: History, bought: NDArray[np.bool_], stage: NDArray[np.int64], band: NDArray[np.int64]
) -> dict[str, Any]:
    """The share that bought within the horizon, of those who stood in the same stage for as long 30 days ago."""
    at = snapshot(past, past.today - HORIZON)
    then = (at.stage, bands_of(at.tenure))
    shape = (len(STAGES), int(band.max(initial=0)) + 1)
    shape = (shape[0], max(shape[1], int(then[1].max(initial=0)) + 1))
    people, hits = np.zeros(shape), np.zeros(shape)
    np.add.at(people, then, 1.0)
    np.add.at(hits, then, bought[at.person].astype(float))
    low, high = wilson(hits, people)
    share = np.divide(hits, people, out=np.full(shape, np.nan), where=people >= FEWEST)
    known = ~np.isnan(share)
    return {
        "buys_share": share[stage, band],
        "buys_low": np.where(known, low, np.nan)[stage, band],
        "buys_high": np.where(known, high, np.nan)[stage, band],
    }


ENGINE = Engine(
    name="journeys",
    title="Journeys and stages",
    title_zh="客户旅程与阶段",
    version=1,
    run=journeys,
    takes=(CHANGES, RECENT, ZONES, TOUCHES),
    gives=GIVES,
    every="03:10",
    minimum=(
        Minimum(
            "stage_changes",
            30,
            "Journeys need at least {rows} changes of stage of known people; there are {found}. "
            "Import members, sales that carry a card, or activities.",
            "旅程分析至少需要 {rows} 次已知客户的阶段变化，目前只有 {found} 次。请导入会员、带卡号的销售或活动数据。",
        ),
    ),
    figures=(
        Figure("table", "Bottlenecks", "瓶颈", "stage_bottleneck", ("place", "entered", "lost", "share")),
        Figure("table", "Next stage", "下一阶段", "stage_next", ("stage", "band", "next", "share", "low", "high")),
        Figure("bar", "Bought within 30 and 90 days", "30 天与 90 天内购买", "stage_conversion", ("stage", "share")),
    ),
    budget_seconds=60.0,
    about="Tells for each person which stage they stand in, how they came there and what comes next.",
    about_zh="判断每位客户所处的阶段、进入该阶段的原因以及接下来可能的阶段。",
)
