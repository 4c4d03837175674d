"""Network graph: things that belong together as dots with links, placed by springs where no positions are given."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Bounds, Dot, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Node:
    """One thing; `place` 0..1 across and down where an engine computed it."""

    key: str
    name: str
    weight: float = 1.0
    group: str = ""
    place: Point | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A tie between two nodes' keys with its strength, 0 or more."""

    a: str
    b: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes with unique keys and links between them; `measure` names what the weight is."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    measure: str = ""
    unit: Unit = "count"

    def __post_init__(self) -> None:
        keys = {node.key for node in self.nodes}
        if len(keys) != len(self.nodes):
            raise ValueError("node keys must differ")
        if any(link.a not in keys or link.b not in keys for link in self.links):
            raise ValueError("a link needs both its nodes")
        check_values((node.weight for node in self.nodes), minimum=0.0)
        check_values((link.strength for link in self.links), minimum=0.0)

    def table(self) -> Table:
        """One row a link, by name."""
        names = {node.key: node.name for node in self.nodes}
        rows = tuple((names[k.a], names[k.b], k.strength) for k in self.links)
        return Table((tr("From"), tr("To"), tr("Strength")), rows)


@lru_cache(maxsize=32)
def springs(data: Network) -> dict[str, Point]:
    """Positions 0..1 by Fruchterman and Reingold (1991), starting on a circle, so always the same.

    All repel, ties attract, a weak pull holds everything to the middle. Rounds shrink with the number of nodes; 300
    nodes take some tenths of a second, once per data.
    """
    import numpy as np

    count = len(data.nodes)
    if not count:
        return {}
    angle = 2 * np.pi * np.arange(count) / count
    spots = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    index = {node.key: i for i, node in enumerate(data.nodes)}
    ties = [(index[k.a], index[k.b]) for k in data.links if k.a != k.b]
    ends = np.array(ties, dtype=np.int64).reshape(-1, 2)
    ideal = 2.0 / math.sqrt(count)
    rounds = max(min(160, 5_000_000 // (count * count)), 12)
    for turn in range(rounds):
        spots = _pushed(spots, ends, ideal, 0.2 * (1 - turn / rounds))
    return {node.key: place for node, place in zip(data.nodes, _squeeze(spots.tolist()), strict=True)}


def _pushed(spots: Floats, ends: Ints, ideal: float, reach: float) -> Floats:
    """The spots after one round; none moves further than `reach`."""
    import numpy as np

    apart = spots[:, None, :] - spots[None, :, :]
    force = ideal * ideal / np.maximum((apart**2).sum(axis=2), 1e-4)
    moves = -1.5 * spots + (apart * force[:, :, None]).sum(axis=1)
    if len(ends):
        pull = spots[ends[:, 1]] - spots[ends[:, 0]]
        pull *= np.hypot(pull[:, 0], pull[:, 1])[:, None] / ideal
        np.add.at(moves, ends[:, 0], pull)
        np.add.at(moves, ends[:, 1], -pull)
    size = np.hypot(moves[:, 0], moves[:, 1])
    return np.asarray(spots + moves * np.minimum(1.0, reach / np.maximum(size, 1e-9))[:, None])


def _squeeze(spots: list[list[float]]) -> list[Point]:
    if not spots:
        return []
    xs, ys = [s[0] for s in spots], [s[1] for s in spots]
    wide, tall = max(xs) - min(xs), max(ys) - min(ys)
    return [
        ((x - min(xs)) / wide if wide > 1e-9 else 0.5, (y - min(ys)) / tall if tall > 1e-9 else 0.5) for x, y in spots
    ]


def network(data: Network, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Links below, dots by weight above, names where they do not touch."""
    if not data.nodes:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    room = canvas.room(4)
    groups = list(dict.fromkeys(node.group for node in data.nodes))
    if len(groups) > 1:
        room = room.inset(top=canvas.legend([(g, theme.tokens.hue(i)) for i, g in enumerate(groups)], room))
    inner = room.inset(24, 20, 24, 20) if min(room.width, room.height) > 100 else room.inset(8, 8, 8, 8)
    free = springs(data) if any(node.place is None for node in data.nodes) else {}
    places = {}
    for node in data.nodes:
        x, y = node.place or free[node.key]
        places[node.key] = (
            inner.left + min(max(x, 0.0), 1.0) * inner.width,
            inner.top + min(max(y, 0.0), 1.0) * inner.height,
        )
    _links(canvas, data, places)
    heaviest = max((n.weight for n in data.nodes if not math.isnan(n.weight)), default=0.0)
    taken: list[Bounds] = [(x - 5, y - 5, x + 5, y + 5) for x, y in places.values()]
    for node in sorted(data.nodes, key=lambda n: 0.0 if math.isnan(n.weight) else n.weight, reverse=True):
        share = math.sqrt(node.weight / heaviest) if heaviest > 0 and node.weight > 0 else 0.0
        dot = Dot(
            x=places[node.key][0],
            y=places[node.key][1],
            r=4 + 8 * share if inner.height > 60 else 4,
            fill=theme.tokens.hue(groups.index(node.group)),
        )
        _node(canvas, data, node, dot, taken)
    return tuple(canvas.marks)


def _links(canvas: Canvas, data: Network, places: dict[str, Point]) -> None:
    known = [k.strength for k in data.links if not math.isnan(k.strength)]
    strongest = max(known, default=0.0) * (1 if known and min(known) < max(known) else 8)  # all alike: all thin
    names = {node.key: node.name for node in data.nodes}
    for link in data.links:
        share = link.strength / strongest if strongest > 0 and link.strength > 0 else 0.0
        tip = f"{names[link.a]} – {names[link.b]}: {canvas.theme.format.decimal(link.strength, 2)}"
        canvas.add(
            Path(points=(places[link.a], places[link.b]), stroke=canvas.theme.tokens.control,
                 width=1 + 3 * share, opacity=0.3 + 0.3 * share, tip=tip)
        )  # fmt: skip


def _node(canvas: Canvas, data: Network, node: Node, dot: Dot, taken: list[Bounds]) -> None:
    theme = canvas.theme
    figure = theme.value(node.weight, data.unit)
    words = f"{node.name}: {data.measure} {figure}" if data.measure else f"{node.name}: {figure}"
    canvas.add(replace(dot, stroke=theme.tokens.card, tip=words, label=words, key=node.key))
    wide = min(canvas.width(node.name), 110.0)
    y = dot.y + dot.r + 9
    left = min(max(dot.x - wide / 2, 0.0), canvas.size.width - wide)
    box = (left - 2, y - 8, left + wide + 2, y + 8)
    if any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in taken):
        return
    if y + 9 <= canvas.size.height and canvas.text(
        node.name, dot.x, y, room=110, align="center", color=theme.tokens.text
    ):
        taken.append(box)
