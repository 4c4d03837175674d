"""Reads of clusters for pages: who they are, how they were found, where people lie, and how far they have drifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engines.clusters.fit import Fit
from engines.clusters.naming import Trait
from engines.validation.cards import VERSIONS, ModelCard
from models import settings
from models.store import Store

SPOTS = 1_200


@dataclass(frozen=True)
class ClusterRow:
    """A cluster with the name in force (`named` where a person gave it) and its traits, the strongest first.

    `medians` are (own, everyone's) by measure. `people` is None where there are too few to be shown.
    """

    cluster_id: int
    name: str
    name_zh: str
    named: bool
    people: int | None
    share: float
    share_then: float
    spent_minor: int
    jaccard: float
    overlap: float | None
    shift: float
    x: float
    y: float
    traits: tuple[Trait, ...]
    medians: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """A principal axis: its loading on each measure, and its share of the variance."""

    loadings: Mapping[str, float]
    explained: float


@dataclass(frozen=True)
class Board:
    """Everything about the clusters in force. `card` is the version that scores, None where none does; `last` the
    newest judgement, whether it was taken or refused; both None before the engine ran."""

    card: ModelCard | None
    last: ModelCard | None
    clusters: tuple[ClusterRow, ...]
    axes: tuple[Axis, ...]
    smallest: int

    @property
    def drift(self) -> Mapping[str, float]:
        """The population stability index of each measure since the fit."""
        return dict(self.card.extra.get("psi", {})) if self.card else {}


@dataclass(frozen=True)
class Spot:
    """Someone's place on the axes; nobody is named."""

    cluster_id: int
    x: float
    y: float


@dataclass(frozen=True)
class Member:
    """Someone of a cluster: `clear` is 0 on its border."""

    person_id: bytes
    clear: float


def board(store: Store) -> Board:
    """The clusters in force and how they were found; empty before the engine ran."""
    cards = cards_of(store, "clusters")
    smallest = int(settings.read(store, "privacy.smallest_group"))
    last = max(cards, key=lambda c: c.version, default=None)
    with store.read() as connection:
        fits = connection.exec_driver_sql("SELECT version, artefact FROM cluster_fit").fetchall()
        rows = connection.exec_driver_sql(
            "SELECT c.cluster_id, coalesce(n.name, c.name), coalesce(n.name_zh, n.name, c.name_zh), "
            "n.name IS NOT NULL, c.people, c.share, c.share_then, c.spent_minor, "
            "c.jaccard, c.overlap, c.shift, c.x, c.y FROM cluster c "
            "LEFT JOIN cluster_name n ON n.cluster_id = c.cluster_id ORDER BY c.people DESC, c.cluster_id"
        ).fetchall()
        traits = connection.exec_driver_sql(
            "SELECT cluster_id, measure, difference, median, median_all FROM cluster_trait "
            "ORDER BY cluster_id, abs(difference) DESC, measure"
        ).fetchall()
    if not fits:
        return Board(None, last, (), (), smallest)
    fit = Fit.from_text(fits[0][1])
    card = next((c for c in cards if c.version == fits[0][0]), None)
    return Board(card, last, tuple(_row(row, traits, smallest) for row in rows), _axes(fit), smallest)


def names(store: Store) -> dict[int, tuple[str, str]]:
    """English and Chinese name of each cluster in force, the person's before ours."""
    return {row.cluster_id: (row.name, row.name_zh) for row in board(store).clusters}


def spots(store: Store, limit: int = SPOTS) -> list[Spot]:
    """A random lot of people on the axes: by the last bytes of their ids, which are random and always the same."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT cluster_id, x, y FROM person_cluster ORDER BY substr(person_id, 10) LIMIT ?", (limit,)
        ).fetchall()
    return [Spot(*row) for row in rows]


def members(
    store: Store, cluster_id: int, *, limit: int = 100, after: tuple[float, bytes] | None = None
) -> list[Member]:
    """The people of a cluster, the clearest first; `after` is the last row's (clear, person_id)."""
    clear, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT person_id, clear FROM person_cluster WHERE cluster_id = :cluster "
            "AND (:clear IS NULL OR (clear, person_id) < (:clear, :person)) "
            "ORDER BY clear DESC, person_id DESC LIMIT :limit",
            {"cluster": cluster_id, "clear": clear, "person": person, "limit": limit},
        ).fetchall()
    return [Member(bytes(person_id), float(value)) for person_id, value in rows]


def cards_of(store: Store, engine: str) -> list[ModelCard]:
    """The kept versions of an engine's models, the oldest first."""
    columns = ", ".join(VERSIONS.names())
    with store.read() as connection:
        rows: Any = connection.exec_driver_sql(
            f"SELECT {columns} FROM model_version WHERE engine = ? ORDER BY model, version",  # noqa: S608 - our own names
            (engine,),
        ).fetchall()
    return [ModelCard.from_row(dict(zip(VERSIONS.names(), row, strict=True))) for row in rows]


def _row(row: Any, traits: Any, smallest: int) -> ClusterRow:
    number, name, name_zh, named, people, *rest = row
    mine = [t for t in traits if t[0] == number]
    values: tuple[Any, ...] = (number, name, name_zh, bool(named), people if people >= smallest else None, *rest)
    strongest = tuple(Trait(measure, difference) for _, measure, difference, _, _ in mine)
    values += (strongest, {measure: (median, every) for _, measure, _, median, every in mine})
    return ClusterRow(*values)


def _axes(fit: Fit) -> tuple[Axis, ...]:
    return tuple(
        Axis(dict(zip(fit.scaling.names, (float(x) for x in loadings), strict=True)), explained)
        for loadings, explained in zip(fit.axes, fit.explained, strict=True)
    )
