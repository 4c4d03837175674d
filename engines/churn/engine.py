"""Each buyer's chance of no purchase within the horizon, by the version in force."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engines.churn.definition import HORIZONS, question
from engines.churn.windows import bought, windows_of
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.design import LONGEST_DAYS, Array, column, parts, seen_ages
from engines.features.relation import FEATURES, SAMPLE, features_as_of
from engines.validation.cards import PINS, VERSIONS, ModelCard, active, kept, pins, versions
from engines.validation.guards import future_rows
from engines.validation.outcome import drifted, in_force, learn, scored
from engines.value.rhythm import rhythm
from models.errors import NotEnoughData
from models.relations import of_table
from models.settings import setting_named
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

BACK = (0, 90, 180, 270, 360)
FRAMES = (FEATURES, *(features_as_of(days, most=SAMPLE) for days in BACK[1:]))
SETTING = of_table(TABLES["setting"])
PERSON_CHURN = of_table(TABLES["person_churn"])


def churn(
    moment: Moment,
    *,
    features: pa.Table,
    features_90: pa.Table,
    features_180: pa.Table,
    features_270: pa.Table,
    features_360: pa.Table,
    setting: pa.Table,
    model_version: pa.Table,
    model_pin: pa.Table,
) -> Frames:
    """Score every buyer, after training where the version in force is too old, knows other features or has drifted.

    Raises NotEnoughData with fewer than 200 buyers of either kind (back within the horizon, not back).
    """
    horizon, medium, high = choices(setting)
    asked = question(horizon)
    pinned, cards = pins(model_pin), versions(model_version)
    frames = dict(zip(BACK, (features, features_90, features_180, features_270, features_360), strict=True))
    people = bought(features)
    beat = rhythm(people, horizon)
    names = next(parts(people, beat, 1)).names
    if not people.num_rows:
        raise NotEnoughData("Nobody has bought anything yet.", "Import sales.", missing_zh="尚无消费记录。请导入销售。")
    _, stale = in_force(cards, asked, names, day=moment.day)
    if stale:
        windows = windows_of(moment, {d: f for d, f in frames.items() if d % horizon == 0}, horizon)
        _refuse_without_two(windows, horizon)
        checked = (future_rows(seen_ages(frames.values())),)
        cards = learn(asked, names, windows, cards, at=moment.at, day=moment.day, checked=checked)
    used = usable(cards, pinned, names)
    p, reasons = _scores(used, people, beat, medium)
    columns = {
        "person_id": people.column("person_id"), "p": p, "reasons": reasons,
        "band": np.where(p > high, "high", np.where(p > medium, "medium", "low")).tolist(),
        "recency_days": np.rint(np.minimum(column(people, "recency_days"), LONGEST_DAYS)).astype(np.int64),
        "horizon": np.full(p.size, used.extra.get("horizon", horizon)), "version": np.full(p.size, used.version),
        "as_of": [moment.day] * p.size,
    }  # fmt: skip
    cards = [drifted(c, p) if c is used else c for c in cards]
    return {PERSON_CHURN.name: as_frame(PERSON_CHURN, columns), VERSIONS.name: kept(cards, pinned)}


def _scores(card: ModelCard, people: pa.Table, beat: Mapping[str, Array], medium: float) -> tuple[Array, pa.Array]:
    """Everyone's probability and reasons, worked out for some people at a time."""
    import pyarrow as pa

    found = []
    for part in parts(people, beat):
        p, reasons = scored(card, part.matrix, part.names, reasons_from=medium)
        found.append((p, pa.array(reasons, pa.string())))
    return np.concatenate([p for p, _ in found]), pa.chunked_array([told for _, told in found])


def choices(setting: pa.Table) -> tuple[int, float, float]:
    """The horizon in days, and the probabilities from which a risk is medium and high, as people set them."""
    told = {row["name"]: json.loads(row["value"]) for row in setting.to_pylist()}
    names = ("churn.horizon_days", "churn.medium", "churn.high")
    days, medium, high = (float(told.get(name, setting_named(name).default)) for name in names)
    horizon = int(days)
    return horizon if horizon in HORIZONS else HORIZONS[0], min(medium, high), high


def usable(cards: Sequence[ModelCard], pinned: dict[tuple[str, str], int], names: Sequence[str]) -> ModelCard:
    """The version that scores: the pinned one where it reads features that there still are, else the champion."""
    found = active(cards, pinned, "churn", "churn")
    if found is None or not set(found.features) <= set(names):
        found = active(cards, {}, "churn", "churn")
    if found is None:
        raise AssertionError("training left no champion")
    return found


def _refuse_without_two(windows: Sequence[object], horizon: int) -> None:
    if len(windows) < 2:
        raise NotEnoughData(
            f"Churn needs {2 * horizon} days of sales before today to learn from and to test on: one window to learn, "
            f"one to test; there {'is' if len(windows) == 1 else 'are'} {len(windows)}.",
            "Import older sales, or wait.",
            missing_zh=f"流失预测需要至少 {2 * horizon} 天的销售历史：一个窗口用于学习，一个用于检验；"
            f"目前有 {len(windows)} 个。请导入更早的销售，或等待。",
        )


ENGINE = Engine(
    name="churn",
    title="Churn risk",
    title_zh="流失风险",
    version=1,
    run=churn,
    takes=(*FRAMES, SETTING, VERSIONS, PINS),
    gives=(PERSON_CHURN, VERSIONS),
    every="04:30",
    figures=(
        Figure("histogram", "Chance of no purchase", "不再消费的概率", "person_churn", ("p",)),
        Figure("table", "People at risk", "流失风险客户", "person_churn", ("person_id", "p", "band", "recency_days")),
    ),
    budget_seconds=90.0,
    about="Each buyer's chance of no purchase in the next days (a definition that is shown), learned from earlier days "
    "and tested on the last, beside the recency rule.",
    about_zh="预测每位消费者在未来一段时间内不再消费的概率（定义明示），由较早数据学习、以最近时段检验，并与近度规则比较。",
)
