"""What the tab Clusters draws: people on two axes, their loadings, traits as a radar, drift, and the numbers tried."""

from __future__ import annotations

from typing import Any

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.line import Line
from app.ui.charts.radar import Radar
from app.ui.charts.scatter import Scatter
from app.ui.charts.scatter import Spot as Dot
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.segments.clusters_words import cluster_name, measure_name
from engines.clusters.choice import LEAST_GAP
from engines.clusters.naming import MARKED
from engines.clusters.queries import Board, Spot


def places(board: Board, spots: tuple[Spot, ...]) -> Scatter:
    """A random lot of people on the first two principal axes, coloured by cluster."""
    names = {row.cluster_id: cluster_name(row) for row in board.clusters if row.people is not None}
    known = sorted((s for s in spots if s.cluster_id in names), key=lambda s: list(names).index(s.cluster_id))
    dots = tuple(Dot("", s.x, s.y, names[s.cluster_id], key=str(s.cluster_id)) for s in known)
    return Scatter(dots, _axis_name(board, 0), _axis_name(board, 1))


def loadings(board: Board) -> Bars:
    """What each axis is made of."""
    measures = tuple(board.axes[0].loadings)
    series = tuple(
        Series(tr("Axis {number}", number=i + 1), tuple(axis.loadings[m] for m in measures))
        for i, axis in enumerate(board.axes)
    )
    return Bars(tuple(measure_name(m) for m in measures), series, unit="decimal")


def radar(board: Board) -> Radar:
    """Each cluster's place on each measure, as the share of a normal distribution below it: 50 % is everyone's."""
    measures = sorted({t.measure for row in board.clusters for t in row.traits}, key=list(board.axes[0].loadings).index)
    series = []
    for row in board.clusters:
        if row.people is not None:
            own = {t.measure: t.difference for t in row.traits}
            series.append(Series(cluster_name(row), tuple(_below(own[m]) for m in measures)))
    return Radar(tuple(measure_name(m) for m in measures), tuple(series), most=1.0, unit="percent")


def drift(board: Board) -> Bars:
    """How far each measure has drifted since the fit: .1 is a shift, .2 a drift."""
    found = board.drift
    psi = tr("Population stability index")
    return Bars(tuple(measure_name(m) for m in found), (Series(psi, tuple(found.values())),), "ranked", "decimal")


def tried(trials: list[dict[str, Any]]) -> Line:
    """Silhouette by number of clusters, beside shuffled data and shuffled principal axes, with the bar to pass."""
    view = max((t["view"] for t in trials if t["taken"]), default=trials[0]["view"])
    rows = [t for t in trials if t["view"] == view]
    series = (
        Series(tr("Silhouette"), tuple(t["silhouette"] for t in rows)),
        Series(tr("Bar: shuffled data + {gap}", gap=current().decimal(LEAST_GAP, 2)),
               tuple(t["null"] + LEAST_GAP for t in rows)),
        Series(tr("A gradient without gaps"), tuple(t["gradient"] for t in rows)),
        Series(tr("Stability"), tuple(t["ari"] for t in rows)),
    )  # fmt: skip
    return Line(tuple(str(t["k"]) for t in rows), series, unit="decimal")


def axis_words(board: Board) -> str:
    """How much the picture tells."""
    share = sum(axis.explained for axis in board.axes)
    return tr("The two axes hold {share} of the differences between people.", share=current().percent(share))


def _axis_name(board: Board, index: int) -> str:
    """The measures with the largest loadings, with their direction."""
    axis = board.axes[index]
    strongest = sorted(axis.loadings.items(), key=lambda item: -abs(item[1]))[:2]
    parts = [("+ " if value > 0 else "− ") + measure_name(name) for name, value in strongest if abs(value) >= MARKED]
    words = ", ".join(parts) or tr("mixed")
    return tr("Axis {number}: {words}", number=index + 1, words=words)


def _below(deviations: float) -> float:
    from math import erf, sqrt

    return 0.5 * (1 + erf(deviations / sqrt(2)))
