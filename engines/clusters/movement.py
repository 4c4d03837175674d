"""Moves between segments month over month, and who is likely to move next, where that can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.clusters.engine import CLUSTER_FIT
from engines.clusters.fit import Fit
from engines.clusters.next_segment import (
    FEWEST,
    Model,
    Trial,
    better,
    learned,
    strength_of,
    tried,
    wilson,
)
from engines.clusters.states import Moves, States, cluster_states, moves, rfm_states
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.relation import features_as_of
from engines.validation.cards import PINS, VERSIONS, Limit, ModelCard, active, added, kept, next_version, pins, versions
from engines.validation.cards import Measured as Metric
from engines.validation.champion import fresh
from models.errors import NotEnoughData
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "movement"
CODE = "1"
STEP = 30
BACK = (0, 30, 60, 90, 120)
FRAMES = tuple(features_as_of(days) for days in BACK)
SEGMENT_TRANSITION, PERSON_MOVE, MOVE_TRIAL = (
    of_table(TABLES[name]) for name in ("segment_transition", "person_move", "move_trial")
)
LIMITS = (
    Limit(
        "It tells where people will be, not what would bring them there.", "只预测客户将处于何处，不说明原因。"
    ),
    Limit(
        "Clusters of earlier days are those of the fit in force: their borders were drawn later.",
        "过往日期的聚类按当前模型划分：其边界是之后确定的。",
    ),
)  # fmt: skip


def movement(
    moment: Moment,
    *,
    features: pa.Table,
    features_30: pa.Table,
    features_60: pa.Table,
    features_90: pa.Table,
    features_120: pa.Table,
    cluster_fit: pa.Table,
    move_trial: pa.Table,
    model_version: pa.Table,
    model_pin: pa.Table,
) -> Frames:
    """Who was where 120, 90, 60, 30 and 0 days ago, by RFM segment and by cluster; the matrix of each 30 days, and each
    person's chance to move in the next, where the model beat staying on the last 30 days.

    Raises NotEnoughData where fewer than 200 people had bought 30 days ago.
    """
    frames = (features, features_30, features_60, features_90, features_120)
    cards, pinned = versions(model_version), pins(model_pin)
    systems: dict[str, list[States]] = {"rfm": [rfm_states(frame) for frame in frames]}
    fits = cluster_fit.to_pylist()
    if fits:
        fit = Fit.from_text(fits[0]["artefact"])
        systems["cluster"] = [cluster_states(frame, fit) for frame in frames]
    if len(systems["rfm"][1].state) < FEWEST:
        raise NotEnoughData(
            f"Movement needs at least {FEWEST} customers who had bought {STEP} days ago; there are "
            f"{len(systems['rfm'][1].state)}.",
            "Import older sales, or wait.",
            missing_zh=f"分群流动分析需要至少 {FEWEST} 位在 {STEP} 天前已有消费的客户，目前有 "
            f"{len(systems['rfm'][1].state)} 位。请导入更早的销售，或等待。",
        )
    kept_trials = move_trial.to_pylist()
    transitions: list[tuple[Any, ...]] = []
    trials: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for system, states in systems.items():
        windows = _windows(states)
        transitions += [row for w in windows for row in _transitions(system, w)]
        tag = f"{system}-{fits[0]['version']}" if system == "cluster" else system
        known = [t for t in kept_trials if t["system"] == system]
        if not known or _stale(cards, system, tag, moment):
            cards, known = _judged(cards, windows, (system, tag), moment)
        trials += known
        card = active(cards, pinned, NAME, system)
        if card is not None and card.artefact and card.extra.get("tag") == tag:
            people.append(_people(system, states[0], Model.from_text(card.artefact), moment.day))
    return {
        SEGMENT_TRANSITION.name: _frame(SEGMENT_TRANSITION.names(), transitions),
        PERSON_MOVE.name: _joined(people),
        MOVE_TRIAL.name: as_frame(MOVE_TRIAL, {n: [t[n] for t in trials] for n in MOVE_TRIAL.names()}),
        VERSIONS.name: kept(cards, pinned),
    }


def _windows(states: Sequence[States]) -> list[Moves]:
    """The 30 days at a time, the oldest first; those that begin with too few people are left out."""
    found = [moves(states[i + 1], states[i], BACK[i + 1]) for i in reversed(range(len(states) - 1))]
    return [w for w in found if len(w.source) >= FEWEST]


def _transitions(system: str, window: Moves) -> list[tuple[Any, ...]]:
    size = len(window.names)
    counts = np.zeros((size, size), np.int64)
    np.add.at(counts, (window.source, window.target), 1)
    found = []
    for a, b in zip(*np.nonzero(counts), strict=True):
        count, whole = int(counts[a, b]), int(counts[a].sum())
        names = (window.names[a], window.names[b])
        found.append((system, window.back, *names, count, count / whole, *wilson(count, whole)))
    return found


def _judged(
    cards: list[ModelCard], windows: Sequence[Moves], subject: tuple[str, str], moment: Moment
) -> tuple[list[ModelCard], list[dict[str, Any]]]:
    """The cards with one of this day's judgement, and its trials; none where there is nothing to try on."""
    system, tag = subject
    if len(windows) < 2:
        return cards, []
    trials = tried(windows[:-1], windows[-1])
    use = better(trials)
    model = learned(windows, strength_of(windows[:-1])) if use else None
    days = tuple(_days(w, moment) for w in windows)
    card = _card(system, next_version(cards, NAME, system), trials, moment, model)
    card = replace(card, windows=days, extra={"tag": tag})
    _, first, end = days[-1]
    used = "model" if use else "matrix"
    rows = [
        {"system": system, **vars(t), "used": int(t.model == used), "first_day": first, "last_day": end} for t in trials
    ]
    return added(cards, card), rows


def _stale(cards: Sequence[ModelCard], system: str, tag: str, moment: Moment) -> bool:
    """Whether the last judgement is a month old, or of other clusters or other code."""
    last = max((c for c in cards if c.model == system), key=lambda c: c.version, default=None)
    if last is None:
        return True
    young = fresh(last.as_of, moment.day, features_then=last.code, features_now=CODE)
    return not young or last.extra.get("tag") != tag


def _days(window: Moves, moment: Moment) -> tuple[str, str, str]:
    start = moment.date - timedelta(days=window.back)
    return f"{window.back}", start.isoformat(), (start + timedelta(days=STEP)).isoformat()


def _card(system: str, version: int, trials: Sequence[Trial], moment: Moment, model: Model | None) -> ModelCard:
    whole: Mapping[str, Trial] = {t.model: t for t in trials if not t.state}
    mine, stays = whole["model"], whole["stays"]
    verb, verb_zh = ("beats", "优于") if model else ("does not beat", "未优于")
    return ModelCard(
        engine=NAME, model=system, version=version, state="champion" if model else "challenger",
        method="multinomial logistic regression, L2", trained_at=moment.at, as_of=moment.day, n=mine.people,
        positives=round(mine.people * (1 - stays.accuracy)), artefact=model.to_text() if model else "",
        features=model.features if model else (),
        metrics={"accuracy": Metric(mine.accuracy, mine.accuracy_low, mine.accuracy_high, mine.people)},
        baselines={
            n: {"accuracy": Metric(whole[n].accuracy, whole[n].accuracy_low, whole[n].accuracy_high, whole[n].people)}
            for n in ("stays", "matrix")
        },
        limits=LIMITS, code=CODE, about="The segment in 30 days", about_zh="30 天后所处分群",
        promotion=f"The model {verb} staying on the last 30 days: {mine.accuracy:.1%} told right against "
        f"{stays.accuracy:.1%} (difference {100 * mine.low:+.1f} to {100 * mine.high:+.1f} percentage points).",
        promotion_zh=f"模型在最近 30 天{verb_zh}“保持不变”：准确率 {mine.accuracy:.1%}，基准 {stays.accuracy:.1%}"
        f"（差异 {100 * mine.low:+.1f} 至 {100 * mine.high:+.1f} 个百分点）。",
    )  # fmt: skip


def _people(system: str, now: States, model: Model, day: str) -> dict[str, Any]:
    shares = model.shares(now.frame, now.state)
    rows = np.arange(len(now.state))
    stay = shares[rows, now.state].copy()
    shares[rows, now.state] = -1.0
    target = shares.argmax(1)
    return {
        "system": [system] * len(rows), "person_id": now.frame.column("person_id").to_pylist(),
        "state": np.array(now.names, object)[now.state].tolist(), "p_move": np.clip(1 - stay, 0.0, 1.0),
        "target": np.array(now.names, object)[target].tolist(), "p_target": shares[rows, target],
        "as_of": [day] * len(rows),
    }  # fmt: skip


def _joined(parts: Sequence[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables([PERSON_MOVE.empty(), *(as_frame(PERSON_MOVE, part) for part in parts)])


def _frame(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
    return as_frame(SEGMENT_TRANSITION, dict(zip(names, columns, strict=True)))


ENGINE = Engine(
    name=NAME,
    title="Moves between segments",
    title_zh="分群流动",
    version=1,
    run=movement,
    takes=(*FRAMES, CLUSTER_FIT, MOVE_TRIAL, VERSIONS, PINS),
    gives=(SEGMENT_TRANSITION, PERSON_MOVE, MOVE_TRIAL, VERSIONS),
    every="05:10",
    figures=(
        Figure("matrix", "Where people went", "分群去向", "segment_transition", ("source", "target", "share")),
        Figure(
            "table",
            "Who is likely to move",
            "可能流动的客户",
            "person_move",
            ("person_id", "state", "target", "p_move"),
        ),
        Figure("bar", "Told right on the last 30 days", "最近 30 天准确率", "move_trial", ("model", "accuracy")),
    ),
    budget_seconds=90.0,
    about="Who moved between segments month over month, and each buyer's chance to move next, tried on the last 30 "
    "days beside everybody staying where they are.",
    about_zh="逐月统计分群之间的流动，并预测每位买家下一步流动的概率；以最近 30 天检验，并与“保持不变”比较。",
)
