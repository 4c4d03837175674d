"""Each person's chance to buy, visit, open and respond, by the version of each model in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.design import aligned, chosen, parts, seen_ages
from engines.features.relation import FEATURES, SAMPLE, features_as_of
from engines.propensity.questions import PROPENSITIES, Propensity, figures
from engines.validation.cards import PINS, VERSIONS, ModelCard, active, kept, pins, versions
from engines.validation.guards import future_rows
from engines.validation.metrics import Array
from engines.validation.outcome import SEED, Window, drifted, in_force, learn, most_rows, scored
from engines.validation.windows import drawn
from engines.value.rhythm import rhythm
from models.errors import NotEnoughData
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

BACK = (0, 30, 60, 90, 180, 270)
FRAMES = (FEATURES, *(features_as_of(days, most=SAMPLE) for days in BACK[1:]))
PERSON_PROPENSITY = of_table(TABLES["person_propensity"])
REASONS_FROM = 0.5

Ints = NDArray[np.int64]
Rhythm = Mapping[str, Array]
"""Figures of everyone's buying rhythm, by name."""


def propensity(
    moment: Moment,
    *,
    features: pa.Table,
    features_30: pa.Table,
    features_60: pa.Table,
    features_90: pa.Table,
    features_180: pa.Table,
    features_270: pa.Table,
    model_version: pa.Table,
    model_pin: pa.Table,
) -> Frames:
    """Score everyone for each propensity that there is enough to learn of.

    Raises NotEnoughData where there is enough for none, with the first reason.
    """
    given = (features, features_30, features_60, features_90, features_180, features_270)
    frames = {back: frame.sort_by("person_id") for back, frame in zip(BACK, given, strict=True)}
    beats = {back: rhythm(frame, 30) for back, frame in frames.items()}
    pinned, cards = pins(model_pin), versions(model_version)
    rows: list[pa.Table] = []
    refusals: list[NotEnoughData] = []
    for asked in PROPENSITIES:
        try:
            cards = _trained(moment, asked, frames, beats, cards)
        except NotEnoughData as refusal:
            refusals.append(refusal)
            continue
        frame, cards = _scores(moment, asked, frames[0], beats[0], cards=cards, pinned=pinned)
        rows.append(frame)
    if not rows:
        raise refusals[0]
    import pyarrow as pa

    return {PERSON_PROPENSITY.name: pa.concat_tables(rows), VERSIONS.name: kept(cards, pinned)}


def windows_of(
    moment: Moment, asked: Propensity, frames: Mapping[int, pa.Table], beats: Mapping[int, Rhythm]
) -> list[Window]:
    """The question's windows, the earliest first, with as many people as are learned from; one with nobody to ask about
    is left out."""
    asking: dict[int, tuple[Ints, Array]] = {}
    for back in sorted(asked.back, reverse=True):
        then, after = figures(frames[back]), _aligned(frames[back], frames[back - asked.horizon])
        rows = np.flatnonzero(np.asarray(asked.among(then, after), bool))
        if rows.size:
            asking[back] = rows, np.asarray(asked.did(then, after), float)
    found = []
    for k, (back, (among, did)) in enumerate(asking.items()):
        rows = among[drawn(among.size, most_rows(k, len(asking)), SEED)]
        people, y = chosen(frames[back], beats[back], rows), did[rows]
        start = moment.date - timedelta(days=back)
        first, last = start + timedelta(days=1), start + timedelta(days=asked.horizon)
        found.append(Window(start.isoformat(), first.isoformat(), last.isoformat(), people.persons, people.matrix, y))
    return found


def _trained(
    moment: Moment, asked: Propensity, frames: Mapping[int, pa.Table], beats: Mapping[int, Rhythm],
    cards: list[ModelCard],
) -> list[ModelCard]:  # fmt: skip
    names = next(parts(frames[0], beats[0], 1)).names
    _, stale = in_force(cards, asked.question, names, day=moment.day)
    if not stale:
        return cards
    windows = windows_of(moment, asked, frames, beats)
    if len(windows) < 2:
        about, about_zh = asked.question.about.rstrip("."), asked.question.about_zh.rstrip("。")
        raise NotEnoughData(
            f"'{about}' needs two windows of {asked.horizon} days, one to learn from and one to test on; there are "
            f"{len(windows)}.",
            "Import older sales, or wait.",
            missing_zh=f"“{about_zh}”需要两个 {asked.horizon} 天的窗口用于学习与检验，目前有 {len(windows)} 个。"
            "请导入更早的销售，或等待。",
        )
    checked = (future_rows(seen_ages(frames.values())),)
    return learn(asked.question, names, windows, cards, at=moment.at, day=moment.day, checked=checked)


def _scores(
    moment: Moment, asked: Propensity, today: pa.Table, beat: Rhythm, *, cards: list[ModelCard],
    pinned: Mapping[tuple[str, str], int],
) -> tuple[pa.Table, list[ModelCard]]:  # fmt: skip
    import pyarrow as pa

    among = np.asarray(asked.among(figures(today), None), bool)
    used = _usable(cards, pinned, asked, next(parts(today, beat, 1)).names)
    found, first = [], 0
    for part in parts(today, beat):
        kept = among[first : first + part.matrix.shape[0]]
        first += kept.size
        found.append(scored(used, part.matrix[kept], part.names, reasons_from=REASONS_FROM))
    p = np.concatenate([one for one, _ in found])
    reasons = pa.chunked_array([pa.array(told, pa.string()) for _, told in found])
    columns = {
        "model": [asked.question.model] * p.size, "person_id": today.column("person_id").filter(among), "p": p,
        "reasons": reasons,
        "horizon": np.full(p.size, asked.horizon), "version": np.full(p.size, used.version),
        "as_of": [moment.day] * p.size,
    }  # fmt: skip
    return as_frame(PERSON_PROPENSITY, columns), [drifted(c, p) if c is used else c for c in cards]


def _usable(
    cards: Sequence[ModelCard], pinned: Mapping[tuple[str, str], int], asked: Propensity, names: Sequence[str]
) -> ModelCard:
    found = active(cards, pinned, "propensity", asked.question.model)
    if found is None or not set(found.features) <= set(names):
        found = active(cards, {}, "propensity", asked.question.model)
    if found is None:
        raise AssertionError("training left no champion")
    return found


def _aligned(then: pa.Table, after: pa.Table) -> dict[str, Array]:
    """The figures of the people of `then` in the frame after; 0 for who is no longer there."""
    return {name: aligned(then, after, values) for name, values in figures(after).items()}


ENGINE = Engine(
    name="propensity",
    title="Propensities",
    title_zh="行为倾向",
    version=1,
    run=propensity,
    takes=(*FRAMES, VERSIONS, PINS),
    gives=(PERSON_PROPENSITY, VERSIONS),
    every="04:40",
    figures=(
        Figure("histogram", "Chance of each behaviour", "各行为的概率", "person_propensity", ("p", "model")),
        Figure("table", "Most likely", "最有可能的客户", "person_propensity", ("model", "person_id", "p")),
    ),
    budget_seconds=180.0,
    about="Each person's chance to buy or visit within 30 days, and to open or answer a message within 90, each tested "
    "on the last window beside a naive rule.",
    about_zh="预测每位客户 30 天内消费、到访以及 90 天内打开、回应消息的概率，均以最近时段检验并与简单规则比较。",
)
