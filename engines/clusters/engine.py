"""Clusters of buyers: found anew each month where they are stable, everyone assigned each night."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.clusters.choice import LEAST_ARI, LEAST_GAP, Choice, Trial, choose, refusal
from engines.clusters.fit import Fit, continued, fit_of
from engines.clusters.measures import Measured, measured, window_of
from engines.clusters.naming import names_of, traits_of
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.relation import FEATURES
from engines.validation.cards import PINS, VERSIONS, Limit, ModelCard, active, added, kept, next_version, pins, versions
from engines.validation.cards import Measured as Metric
from engines.validation.champion import RETRAIN_DAYS, psi
from models.errors import NotEnoughData
from models.relations import of_table
from models.settings import setting_named
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

NAME = "clusters"
CODE = "1"
FEWEST = 100
GROWN = 0.2
"""A fit is made anew before its month is over where so much more or less people buy."""
SETTING = of_table(TABLES["setting"])
CLUSTER, CLUSTER_TRAIT, PERSON_CLUSTER, CLUSTER_FIT = (
    of_table(TABLES[name]) for name in ("cluster", "cluster_trait", "person_cluster", "cluster_fit")
)
LIMITS = (
    Limit(
        "Clusters describe what buyers did; they do not say why, and they cause nothing.",
        "聚类只描述买家的行为，不解释原因，也不代表因果。",
    ),
    Limit(
        "Correlation alone can pass the bars: where the gradient figure is as high as the silhouette, clusters are "
        "slices of a continuum, not islands.",
        "仅凭相关性也可能达标：若“连续梯度”数值与轮廓系数相近，则各类只是连续体的切片，而非彼此分离。",
    ),
    Limit(
        "Not for decisions on a person's rights, prices or credit.", "不得用于决定个人的权利、价格或信用。"
    ),
)  # fmt: skip


def clusters(
    moment: Moment, *, features: pa.Table, setting: pa.Table, model_version: pa.Table, model_pin: pa.Table
) -> Frames:
    """Assign every buyer to the clusters in force, after a refit where the last is a month old or its people changed.

    Where no number of clusters passes the bars, the refusal is kept as a version that scores nobody; clusters of an
    earlier fit then stay in force. Raises NotEnoughData with fewer than 100 buyers.
    """
    window = window_of(features)
    people = measured(features, window)
    if len(people.persons) < FEWEST:
        raise NotEnoughData(
            f"Clusters need at least {FEWEST} customers with purchases; there are {len(people.persons)}.",
            "Import sales that carry a card or customer number.",
            missing_zh=f"聚类至少需要 {FEWEST} 位有消费记录的客户，目前有 {len(people.persons)} 位。"
            "请导入带会员卡号或客户编号的销售。",
        )
    smallest, asked = choices(setting)
    cards, pinned = versions(model_version), pins(model_pin)
    if _due(cards, people, asked, moment.date):
        cards = _refitted(cards, features, people, moment, smallest=smallest, asked=asked)
    card = active(cards, pinned, NAME, NAME)
    if card is None:
        empty = {r.name: r.empty() for r in (CLUSTER, CLUSTER_TRAIT, PERSON_CLUSTER, CLUSTER_FIT)}
        return {**empty, VERSIONS.name: kept(cards, pinned)}
    fit = Fit.from_text(card.artefact)
    if fit.window != people.window:
        people = measured(features, fit.window)
    found = _described(fit, people, card, moment.day)
    drifts = _psi(fit, people)
    cards = [replace(c, extra={**c.extra, "psi": drifts}) if c is card else c for c in cards]
    return {**found, VERSIONS.name: kept(cards, pinned)}


def choices(setting: pa.Table) -> tuple[int, int]:
    """The smallest group shown and the number of clusters asked for (0: chosen by the data), as people set them."""
    told = {row["name"]: json.loads(row["value"]) for row in setting.to_pylist()}
    names = ("privacy.smallest_group", "clusters.number")
    smallest, asked = (int(told.get(name, setting_named(name).default)) for name in names)
    return smallest, asked


def _due(cards: Sequence[ModelCard], people: Measured, asked: int, today: date) -> bool:
    """Whether to look anew: never looked, a month ago, other code or wish, or a fifth more or fewer people."""
    last = max(cards, key=lambda c: c.version, default=None)
    if last is None or last.code != CODE:
        return True
    age = (today - date.fromisoformat(last.as_of)).days
    changed = abs(len(people.persons) - last.n) > GROWN * last.n or last.extra.get("window") != people.window
    return not 0 <= age < RETRAIN_DAYS or changed or last.extra.get("asked") != asked


def _refitted(
    cards: list[ModelCard], features: pa.Table, people: Measured, moment: Moment, *, smallest: int, asked: int
) -> list[ModelCard]:
    choice = choose(people, smallest=smallest, asked=asked)
    taken = choice.taken
    extra: dict[str, Any] = {
        "trials": _trials(choice),
        "asked": asked,
        "window": people.window,
        "people": len(people.persons),
    }
    scaling = choice.scalings[taken.view] if taken else next(iter(choice.scalings.values()), None)
    extra["dropped"] = [[d.name, d.why, d.like] for d in scaling.dropped] if scaling else []
    artefact = ""
    if taken:
        fit = fit_of(people, choice, taken, smallest=smallest)
        last = max((c for c in cards if c.artefact and c.state != "challenger"), key=lambda c: c.version, default=None)
        if last is not None:
            before = Fit.from_text(last.artefact)
            fit, match = continued(fit, before, people, measured(features, before.window))
            extra["match"] = {
                "version": last.version, "as_of": last.as_of, "ari": match.ari, "people": match.people,
                "overlap": dict(zip(map(str, match.ids), match.overlap, strict=True)),
            }  # fmt: skip
        artefact = fit.to_text()
    return added(cards, _card(choice, next_version(cards, NAME, NAME), moment, artefact, extra))


def _card(choice: Choice, version: int, moment: Moment, artefact: str, extra: dict[str, Any]) -> ModelCard:
    best, n = choice.best, int(extra["people"])
    said, said_zh = _verdict(choice)
    metrics, baselines = {}, {}
    if best is not None:
        f = best.figures
        metrics = {"stability": Metric(f.ari, n=n), "silhouette": Metric(f.silhouette, n=n)}
        metrics["smallest_share"] = Metric(f.smallest, n=n)
        spread = 1.28 * f.null_sd
        baselines = {
            "permuted": {"silhouette": Metric(f.null, f.null - spread, f.null + spread, n)},
            "gradient": {"silhouette": Metric(f.gradient, n=n)},
        }
    taken = choice.taken
    return ModelCard(
        engine=NAME, model=NAME, version=version, state="champion" if taken else "challenger",
        method=f"k-means, k = {taken.figures.k}" if taken else "k-means", trained_at=moment.at, as_of=moment.day, n=n,
        positives=None, artefact=artefact, features=choice.scalings[taken.view].names if taken else (),
        metrics=metrics, baselines=baselines, limits=LIMITS, code=CODE, about="Groups of buyers who behave alike",
        about_zh="行为相似的买家群体", promotion=said, promotion_zh=said_zh, extra=extra,
    )  # fmt: skip


def _verdict(choice: Choice) -> tuple[str, str]:
    if choice.taken is None:
        return refusal(choice)
    f = choice.taken.figures
    return (
        f"{f.k} clusters: stability {f.ari:.2f} (bar {LEAST_ARI}), silhouette {f.silhouette:.3f} against {f.null:.3f} "
        f"on shuffled data (bar +{LEAST_GAP}).",
        f"{f.k} 类：稳定性 {f.ari:.2f}（标准 {LEAST_ARI}），轮廓系数 {f.silhouette:.3f}，打乱数据后 {f.null:.3f}"
        f"（标准 +{LEAST_GAP}）。",
    )


def _trials(choice: Choice) -> list[dict[str, Any]]:
    def row(trial: Trial) -> dict[str, Any]:
        taken = trial is choice.taken
        return {"view": trial.view, "fails": trial.fails, "taken": taken, **asdict(trial.figures)}

    return [row(trial) for trial in choice.trials]


def _described(fit: Fit, people: Measured, card: ModelCard, day: str) -> dict[str, pa.Table]:
    labels, clear, places = fit.assign(people)
    matrix = fit.scaling.apply(people.values)
    differences = _differences(fit, matrix, labels)
    counts = np.bincount(labels, minlength=len(fit.ids))
    spent = np.bincount(labels, weights=people.spent, minlength=len(fit.ids))
    names = names_of([traits_of(dict(zip(fit.scaling.names, row, strict=True))) for row in fit.centroids - fit.middle])
    overlap = card.extra.get("match", {}).get("overlap", {})
    centres = (fit.centroids - fit.middle) @ fit.axes.T
    rows = [
        {
            "cluster_id": number, "name": names[i][0], "name_zh": names[i][1], "people": int(counts[i]),
            "share": float(counts[i] / len(labels)), "share_then": fit.shares[i], "spent_minor": round(float(spent[i])),
            "jaccard": fit.jaccard[i], "overlap": overlap.get(str(number)),
            "shift": _shift(matrix, labels, fit.centroids, i), "x": float(centres[i, 0]), "y": float(centres[i, 1]),
            "version": card.version, "as_of": day,
        }
        for i, number in enumerate(fit.ids)
    ]  # fmt: skip
    assigned = {
        "person_id": list(people.persons), "cluster_id": np.array(fit.ids, np.int64)[labels], "clear": clear,
        "x": places[:, 0], "y": places[:, 1],
    }  # fmt: skip
    return {
        CLUSTER.name: as_frame(CLUSTER, {name: [row[name] for row in rows] for name in CLUSTER.names()}),
        CLUSTER_TRAIT.name: _traits(fit, people, labels, differences),
        PERSON_CLUSTER.name: as_frame(PERSON_CLUSTER, assigned),
        CLUSTER_FIT.name: as_frame(CLUSTER_FIT, {"version": [card.version], "artefact": [card.artefact]}),
    }


def _differences(fit: Fit, matrix: Array, labels: Ints) -> Array:
    """Clusters x measures: the mean of the cluster's people less everyone's, in standard deviations of everyone."""
    spread = np.maximum(matrix.std(0), 1e-9)
    rows = [
        (matrix[labels == i].mean(0) if (labels == i).any() else fit.centroids[i]) - matrix.mean(0)
        for i in range(len(fit.ids))
    ]
    return np.asarray(rows / spread)


def _shift(matrix: Array, labels: Ints, centroids: Array, i: int) -> float:
    mine = matrix[labels == i]
    return float(np.sqrt(((mine.mean(0) - centroids[i]) ** 2).mean())) if len(mine) else 0.0


def _traits(fit: Fit, people: Measured, labels: Ints, differences: Array) -> pa.Table:
    rows: list[tuple[int, str, float, float, float]] = []
    for i, number in enumerate(fit.ids):
        mine = labels == i
        for column, name in enumerate(fit.scaling.names):
            values = people.values[name]
            every = _median(values, 0.0)
            rows.append((number, name, float(differences[i, column]), _median(values[mine], every), every))
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[]] * 5
    return as_frame(CLUSTER_TRAIT, dict(zip(CLUSTER_TRAIT.names(), columns, strict=True)))


def _median(values: Array, otherwise: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else otherwise


def _psi(fit: Fit, people: Measured) -> dict[str, float]:
    """How far each measure has drifted since the fit (population stability index)."""
    matrix = fit.scaling.apply(people.values)
    return {name: psi(fit.quantiles[name], matrix[:, i]) for i, name in enumerate(fit.scaling.names)}


ENGINE = Engine(
    name=NAME,
    title="Clusters of buyers",
    title_zh="买家聚类",
    version=1,
    run=clusters,
    takes=(FEATURES, SETTING, VERSIONS, PINS),
    gives=(CLUSTER, CLUSTER_TRAIT, PERSON_CLUSTER, CLUSTER_FIT, VERSIONS),
    every="05:00",
    figures=(
        Figure("bar", "People by cluster", "各类人数", "cluster", ("name", "people")),
        Figure("scatter", "Clusters on two axes", "聚类二维视图", "cluster", ("x", "y", "people")),
        Figure("radar", "Traits of clusters", "各类特征", "cluster_trait", ("measure", "difference")),
    ),
    budget_seconds=120.0,
    about="Groups of buyers who behave alike, found anew each month and kept only where they are stable and stand out "
    "from shuffled data; everyone is assigned each night.",
    about_zh="每月重新寻找行为相似的买家群体，仅在稳定且明显优于打乱数据时采用；每晚为所有人归类。",
)
