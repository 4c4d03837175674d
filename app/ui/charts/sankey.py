"""Sankey diagram: flows from place to place, as wide as they are large."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from app.ui.catalogue import tr
from app.ui.charts.axes import break_line
from app.ui.charts.canvas import Canvas, Room, message
from app.ui.charts.data import Table, check_values
from app.ui.charts.marks import Box, Mark, Ribbon, Size
from app.ui.charts.style import ChartTheme, Unit

TINY = 1e-9
"""Smaller flows cannot be drawn to any scale."""
NODE = 12.0
"""Width of a node in pixels."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How much goes from one named place to another."""

    source: str
    target: str
    value: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Sankey:
    """Flows with values 0 or more; a flow from a place to itself stays in the table and is not drawn."""

    flows: tuple[Flow, ...]
    unit: Unit = "count"

    def __post_init__(self) -> None:
        check_values((flow.value for flow in self.flows), minimum=0.0)

    def table(self) -> Table:
        """One row a flow."""
        return Table((tr("From"), tr("To"), tr("Value")), tuple((f.source, f.target, f.value) for f in self.flows))


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    layer: int
    coming: float
    going: float

    @property
    def value(self) -> float:
        return max(self.coming, self.going)


def layers(flows: tuple[Flow, ...]) -> dict[str, int]:
    """The column of every place: one right of its furthest source; a flow that closes a circle is left aside."""
    targets: dict[str, list[str]] = defaultdict(list)
    names = list(dict.fromkeys(name for flow in flows for name in (flow.source, flow.target)))
    for flow in flows:
        targets[flow.source].append(flow.target)
    order, back = _order(names, targets)
    found = dict.fromkeys(names, 0)
    for name in order:
        for target in targets[name]:
            if (name, target) not in back:
                found[target] = max(found[target], found[name] + 1)
    return found


def _order(names: list[str], targets: dict[str, list[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """Places sorted so that flows go forward, and the flows that cannot (depth-first search)."""
    state: dict[str, int] = {}
    done: list[str] = []
    back: set[tuple[str, str]] = set()
    for root in names:
        stack = [] if root in state else [(root, iter(targets[root]))]
        if stack:
            state[root] = 1
        while stack:
            name, rest = stack[-1]
            follower = next(rest, None)
            if follower is None:
                state[name] = 2
                done.append(name)
                stack.pop()
            elif state.get(follower) == 1:
                back.add((name, follower))
            elif follower not in state:
                state[follower] = 1
                stack.append((follower, iter(targets[follower])))
    return done[::-1], back


def sankey(data: Sankey, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """Columns of nodes from left to right; every node is as tall as what comes or goes, whichever is more."""
    flows = tuple(f for f in data.flows if f.value > TINY and f.source != f.target)
    if not flows:
        return message(empty, size, theme)
    canvas = Canvas(size, theme)
    columns = _columns(flows)
    room = canvas.room(4)
    side = min(max(canvas.width(node.name) for node in columns[-1]) + 10, room.width * 0.24)
    places, scale = _places(columns, room.inset(right=side))
    colors = {name: theme.tokens.hue(i) for i, name in enumerate(places)}
    _ribbons(canvas, data, flows, places, scale)
    for column in columns:
        for node in column:
            place = places[node.name]
            words = f"{node.name}: {theme.value(node.value, data.unit)}"
            canvas.add(
                Box(x=place.left, y=place.top, w=NODE, h=place.height, fill=colors[node.name], tip=words,
                    label=words, key=node.name, radius=min(2.0, place.height / 2))
            )  # fmt: skip
    _names(canvas, columns, places)
    return tuple(canvas.marks)


def _columns(flows: tuple[Flow, ...]) -> list[list[_Node]]:
    """Nodes by column, ordered so that ribbons cross little (three passes of the barycentre rule)."""
    coming: dict[str, float] = defaultdict(float)
    going: dict[str, float] = defaultdict(float)
    near: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for flow in flows:
        going[flow.source] += flow.value
        coming[flow.target] += flow.value
        near[flow.source].append((flow.target, flow.value))
        near[flow.target].append((flow.source, flow.value))
    found = layers(flows)
    made: list[list[_Node]] = [[] for _ in range(max(found.values()) + 1)]
    for name, layer in found.items():
        made[layer].append(_Node(name, layer, coming[name], going[name]))
    for column in made:
        column.sort(key=lambda node: -node.value)
    for _ in range(3):
        rank = {node.name: (i + 0.5) / len(column) for column in made for i, node in enumerate(column)}
        for column in made:
            column.sort(key=lambda node: _centre(near[node.name], rank))
    return [column for column in made if column]


def _centre(near: list[tuple[str, float]], rank: dict[str, float]) -> float:
    return sum(rank[name] * value for name, value in near) / sum(value for _, value in near)


def _places(columns: list[list[_Node]], room: Room) -> tuple[dict[str, Room], float]:
    """Where every node stands, and the pixels that one unit takes."""
    crowd = max(len(column) for column in columns)
    gap = min(10.0, room.height * 0.4 / max(crowd - 1, 1))
    scale = min((room.height - gap * (len(c) - 1)) / sum(n.value for n in c) for c in columns)
    step = (room.width - NODE) / max(len(columns) - 1, 1)
    places: dict[str, Room] = {}
    for index, column in enumerate(columns):
        left = room.left + index * step
        used = sum(n.value for n in column) * scale + gap * (len(column) - 1)
        top = room.top + max(room.height - used, 0.0) / 2
        for node in column:
            places[node.name] = Room(left, top, left + NODE, min(top + node.value * scale, room.bottom))
            top += node.value * scale + gap
    return places, scale


def _ribbons(canvas: Canvas, data: Sankey, flows: tuple[Flow, ...], places: dict[str, Room], scale: float) -> None:
    colors = {name: canvas.theme.tokens.hue(i) for i, name in enumerate(places)}
    leave = {name: place.top for name, place in places.items()}
    enter = dict(leave)
    start = {}
    for flow in sorted(flows, key=lambda f: (places[f.target].top, places[f.target].left)):
        start[id(flow)] = leave[flow.source]
        leave[flow.source] += flow.value * scale
    for flow in sorted(flows, key=lambda f: (places[f.source].top, places[f.source].left)):
        tall = flow.value * scale
        figure = canvas.theme.value(flow.value, data.unit)
        words = tr("{source} to {target}: {value}", source=flow.source, target=flow.target, value=figure)
        end = enter[flow.target]
        enter[flow.target] += tall
        canvas.add(
            Ribbon(
                x0=places[flow.source].right, y0=start[id(flow)], h0=tall, x1=places[flow.target].left, y1=end,
                h1=tall, fill=colors[flow.source], tip=words, label=words, key=flow.key,
            )
        )  # fmt: skip


def _names(canvas: Canvas, columns: list[list[_Node]], places: dict[str, Room]) -> None:
    """Names right of their nodes, largest nodes first; one that would touch another is left to the tip."""
    for index, column in enumerate(columns):
        ahead = places[columns[index + 1][0].name].left if index + 1 < len(columns) else canvas.size.width
        taken: list[float] = []
        for node in sorted(column, key=lambda n: -n.value):
            place = places[node.name]
            middle, room = (place.top + place.bottom) / 2, ahead - place.right - 10
            lines = break_line(canvas, node.name, room) if place.height >= 34 else (node.name,)
            rows = [middle + (row - (len(lines) - 1) / 2) * 16 for row in range(len(lines))]
            if room < 24 or any(abs(y - other) < 17 for y in rows for other in taken):
                continue
            for y, words in zip(rows, lines, strict=True):
                canvas.text(words, place.right + 6, y, room=room, color=canvas.theme.tokens.text)
            taken.extend(rows)
