"""How the tabs Clusters and Movement say measures, clusters and states, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.widgets.people_words import segment_name
from engines.clusters.measures import BY_NAME
from engines.clusters.queries import Board, ClusterRow
from engines.clusters.states import AWAY

DROPPED: Mapping[str, str] = {
    "empty": mark("{measure} is left out: nobody has a value."),
    "constant": mark("{measure} is left out: it is the same for everyone."),
    "coarse": mark("{measure} is left out: it is hardly more than yes or no, which would pass for groups."),
    "same": mark("{measure} is left out: it ranks people as {like} does."),
}
ISLAND = 0.05
"""Silhouette above that of shuffled principal components from which groups are more than slices of a gradient."""


def measure_name(name: str) -> str:
    """A measure's name."""
    measure = BY_NAME.get(name)
    return name if measure is None else measure.title_zh if language() == "zh" else measure.title


def measure_value(name: str, value: float) -> str:
    """A measure's figure in its unit."""
    form, unit = current(), BY_NAME[name].unit
    if unit == "money":
        return form.money(round(value))
    return form.percent(value) if unit == "percent" else form.decimal(value, 0 if unit == "count" else 1)


def cluster_name(row: ClusterRow) -> str:
    """The cluster's name in force."""
    return row.name_zh if language() == "zh" else row.name


def state_name(system: str, state: str, names: Mapping[int, tuple[str, str]]) -> str:
    """A segment's or cluster's name."""
    if system == "rfm":
        return segment_name(state)
    if state == AWAY:
        return tr("Away for a year")
    return names[int(state)][language() == "zh"] if int(state) in names else state


def verdict(board: Board) -> str:
    """How the clusters in force were found, or why there are none."""
    card = board.card or board.last
    if card is None:
        return ""
    return card.promotion_zh if language() == "zh" else card.promotion


def cautions(board: Board) -> list[str]:
    """What a reader must know: a refused refit, slices of a gradient, measures left out, a change since the fit."""
    said = []
    card, last = board.card, board.last
    if card and last and last.version > card.version:
        why = last.promotion_zh if language() == "zh" else last.promotion
        said.append(tr("The refit of {day} was refused, the clusters of {then} stay: {why}",
                       day=last.as_of, then=card.as_of, why=why))  # fmt: skip
    taken = next((t for t in card.extra["trials"] if t["taken"]), None) if card else None
    if taken and taken["silhouette"] - taken["gradient"] < ISLAND:
        said.append(
            tr("These clusters divide a gradient: people lie between them too, and a border is a choice, not a gap.")
        )
    for name, why, like in (card or last).extra.get("dropped", []) if (card or last) else []:  # type: ignore[union-attr]
        said.append(tr(DROPPED[why], measure=measure_name(name), like=measure_name(like)))
    moved = [name for name, psi in board.drift.items() if psi > 0.2]
    if moved:
        names = ", ".join(measure_name(name) for name in moved)
        said.append(tr("Since the fit people have changed in: {names}. The next refit looks anew.", names=names))
    return said
