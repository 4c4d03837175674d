"""Network graph: things that belong together as dots with links, placed by springs where no positions are given."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from app.ui.catalogue import tr
from app.ui.charts.canvas import Canvas, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Bounds, Dot, Mark, Path, Point, Size
from app.ui.charts.style import ChartTheme, Unit


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

    Rounds shrink with the number of nodes; 200 nodes take a fraction of a second, once per data.
    """
    count = len(data.nodes)
    angle = 2 * math.pi / max(count, 1)
    spots = [[math.cos(i * angle), math.sin(i * angle)] for i in range(count)]
    index = {node.key: i for i, node in enumerate(data.nodes)}
    ties = [(index[k.a], index[k.b]) for k in data.links if k.a != k.b]
    ideal = 2.0 / math.sqrt(max(count, 1))
    rounds = max(min(120, 240_000 // max(count * count, 1)), 8)
    for turn in range(rounds):
        _push(spots, ties, ideal, 0.2 * (1 - turn / rounds))
    return {node.key: place for node, place in zip(data.nodes, _squeeze(spots), strict=True)}


def _push(spots: list[list[float]], ties: list[tuple[int, int]], ideal: float, reach: float) -> None:
    """One round: all repel, ties attract, a weak pull to the middle; none moves further than `reach`."""
    moves = [[-x * 1.5, -y * 1.5] for x, y in spots]
    for i, (ax, ay) in enumerate(spots):
        for j in range(i):
            dx, dy = ax - spots[j][0], ay - spots[j][1]
            force = ideal * ideal / max(dx * dx + dy * dy, 1e-4)
            _shift(moves, i, j, dx * force, dy * force)
    for i, j in ties:
        dx, dy = spots[j][0] - spots[i][0], spots[j][1] - spots[i][1]
        force = math.hypot(dx, dy) / ideal
        _shift(moves, i, j, dx * force, dy * force)
    for spot, (dx, dy) in zip(spots, moves, strict=True):
        part = min(1.0, reach / max(math.hypot(dx, dy), 1e-9))
        spot[0] += dx * part
        spot[1] += dy * part


def _shift(moves: list[list[float]], i: int, j: int, dx: float, dy: float) -> None:
    moves[i][0] += dx
    moves[i][1] += dy
    moves[j][0] -= dx
    moves[j][1] -= dy


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
    strongest = max((k.strength for k in data.links if not math.isnan(k.strength)), default=0.0)
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
