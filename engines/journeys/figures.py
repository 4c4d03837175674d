"""The tables of figures that a history of stages gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.journeys.estimates import survival, thinned, wilson
from engines.journeys.history import History, snapshot
from engines.journeys.next_stage import FEWEST, Counts, Trial, base_rates, intervals, shares_of, shipped
from engines.journeys.stages import BANDS, FORWARD, STAGES

Ints = NDArray[np.int64]
Columns = dict[str, list[Any]]
FORWARD_DAYS = 90
PART = 10
"""A bottleneck's worth supposes that one in so many of the lost goes on."""


def dwell(past: History) -> Columns:
    """How long people stay in each stage."""
    after = past.follower()
    ended = after >= 0
    days = np.where(ended, past.day[after] - past.day, past.today - past.day)
    found = [(s, survival(days[past.stage == i], ended[past.stage == i])) for i, s in enumerate(STAGES)]
    return _columns(
        ("stage", "spells", "ended", "median_days", "low_days", "high_days", "curve"),
        [(s, c.spells, c.ended, c.median, c.low, c.high, json.dumps(thinned(c))) for s, c in found if c.spells],
    )


def next_stages(counts: Counts, trials: list[Trial]) -> Columns:
    """What came next by stage and time in it; stages with fewer than FEWEST people stay out."""
    names = ("stage", "band", "next", "people", "moved", "share", "low", "high", "base")
    base, rows = base_rates(counts), []
    if shipped(trials) == "tenure":
        rows += _next_rows(counts.moves, shares_of(counts), base, [name for name, _ in BANDS], counts)
    whole = counts.by_stage[:, None, :]
    rows += _next_rows(whole, base[:, None, :], base, ["all"], counts)
    return _columns(names, rows)


def _next_rows(moves: Ints, shares: Any, base: Any, names: list[str], counts: Counts) -> list[tuple[Any, ...]]:
    low, high = intervals(shares, moves.sum(axis=2))
    enough = counts.by_stage.sum(axis=1) >= FEWEST
    return [
        (
            STAGES[s], name, STAGES[j], int(moves[s, b].sum()), int(moves[s, b, j]), float(shares[s, b, j]),
            float(low[s, b, j]), float(high[s, b, j]), float(base[s, j]),
        )
        for s in range(len(STAGES)) if enough[s]
        for b, name in enumerate(names) if moves[s, b].sum()
        for j in range(len(STAGES)) if j == s or counts.by_stage[s, j]
    ]  # fmt: skip


def conversions(past: History, bought: Mapping[int, NDArray[np.bool_]]) -> Columns:
    """The share of each stage's people who bought within so many days; `bought[h]` by person, in the last h days."""
    rows: list[tuple[Any, ...]] = []
    for horizon, hit in bought.items():
        at = snapshot(past, past.today - horizon)
        people = np.bincount(at.stage, minlength=len(STAGES))
        hits = np.bincount(at.stage[hit[at.person]], minlength=len(STAGES))
        low, high = wilson(hits, people)
        rows += [
            (s, horizon, int(people[i]), int(hits[i]), float(hits[i] / people[i]), float(low[i]), float(high[i]))
            for i, s in enumerate(STAGES)
            if people[i]
        ]
    return _columns(("stage", "horizon", "people", "converted", "share", "low", "high"), rows)


def bottlenecks(past: History, spend: Ints, zones: list[dict[str, Any]]) -> Columns:
    """Stages not left forwards within FORWARD_DAYS of entering, and zones visited without a purchase that day.

    `spend` is each person's net money of the last 90 days. Entries younger than FORWARD_DAYS are left out: their time
    is not over.
    """
    names = (
        "kind", "place", "entered", "lost", "share", "low", "high", "spend_lost_minor", "spend_on_minor", "worth_minor",
    )  # fmt: skip
    rows = [row for stage in FORWARD if (row := _stage_loss(past, STAGES.index(stage), spend))]
    for zone in sorted(zones, key=lambda z: str(z["zone_code"])):
        entered, bought = int(zone["visits"]), int(zone["bought"])
        each = int(zone["net_minor"]) // bought if bought else 0
        rows.append(_loss("zone", str(zone["zone_code"]), entered, entered - bought, (0, each)))
    return _columns(names, rows)


def _stage_loss(past: History, stage: int, spend: Ints) -> tuple[Any, ...] | None:
    person = np.repeat(np.arange(past.people), past.count)
    entry = np.flatnonzero((past.stage == stage) & (past.day <= past.today - FORWARD_DAYS))
    if not len(entry):
        return None
    after = past.follower()[entry]
    further = (past.stage[after] > stage) & (past.stage[after] != STAGES.index("lapsed"))
    on = (after >= 0) & further & (past.day[after] - past.day[entry] <= FORWARD_DAYS)
    lost_people, on_people = np.unique(person[entry[~on]]), np.unique(person[entry[on]])
    means = (_mean(spend[lost_people]), _mean(spend[on_people]))
    return _loss("stage", STAGES[stage], len(entry), int((~on).sum()), means)


def _mean(values: Ints) -> int:
    return int(values.mean()) if len(values) else 0


def _loss(kind: str, place: str, entered: int, lost: int, spend: tuple[int, int]) -> tuple[Any, ...]:
    spend_lost, spend_on = spend
    low, high = wilson(lost, entered)
    worth = max(spend_on - spend_lost, 0) * lost // PART
    share = lost / entered if entered else 0.0
    return kind, place, entered, lost, share, float(low), float(high), spend_lost, spend_on, worth


def models(trials: list[Trial]) -> Columns:
    """The next-stage model beside its baselines."""
    used = shipped(trials)
    return _columns(
        ("model", "people", "log_loss", "accuracy", "gain", "gain_low", "gain_high", "shipped"),
        [(t.model, t.people, t.log_loss, t.accuracy, t.gain, t.low, t.high, int(t.model == used)) for t in trials],
    )


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Columns:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
