"""The drawing as an immutable value: a config, what is chosen in it, and the way back and forth. No Qt here.

The verbs take a config and give another one. A config may be wrong while a person draws (a zone without a
name, a front whose line is gone); `problems` says what is wrong with each item, and `countable` leaves the
wrong ones out, so that the rest goes on being counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from app.ui.catalogue import mark
from app.ui.pages.live.setup.geometry import Point, Size, clamped, turned
from vision.config import Config, FrontView, Line, Zone
from vision.polygon import fault

T = TypeVar("T")
Kind = Literal["line", "zone", "reach", "front"]
DEEPEST = 200
SHORTEST = 2.0
LEAST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item of the drawing, and perhaps one of its points. `reach` is the second polygon of a display zone."""

    kind: Kind
    index: int
    point: int | None = None

    @property
    def item(self) -> Chosen:
        """The item without the point."""
        return Chosen(self.kind, self.index)


@dataclass(frozen=True)
class Sketch:
    """A config, the chosen item, and the configs before and after it."""

    config: Config
    chosen: Chosen | None = None
    past: tuple[Config, ...] = ()
    future: tuple[Config, ...] = ()

    def edit(self, config: Config, chosen: Chosen | None) -> Sketch:
        """One step forward; a config that is the same as before is no step."""
        if config == self.config:
            return replace(self, chosen=chosen)
        return Sketch(config, chosen, (*self.past, self.config)[-DEEPEST:], ())

    def choose(self, chosen: Chosen | None) -> Sketch:
        """Another item chosen; no step."""
        return replace(self, chosen=chosen)

    def undo(self) -> Sketch:
        """One step back."""
        if not self.past:
            return self
        return Sketch(self.past[-1], None, self.past[:-1], (self.config, *self.future))

    def redo(self) -> Sketch:
        """One step forth again."""
        if not self.future:
            return self
        return Sketch(self.future[0], None, (*self.past, self.config), self.future[1:])


# ---- reading


def points_of(config: Config, chosen: Chosen) -> tuple[Point, ...]:
    """The item's points: both ends of a line, or the corners of a polygon."""
    match chosen.kind:
        case "line":
            return config.lines[chosen.index].a, config.lines[chosen.index].b
        case "zone":
            return config.zones[chosen.index].polygon
        case "reach":
            return config.zones[chosen.index].reach or ()
        case "front":
            return config.fronts[chosen.index].passing


def name_of(config: Config, chosen: Chosen) -> str:
    """The item's name."""
    match chosen.kind:
        case "line":
            return config.lines[chosen.index].name
        case "front":
            return config.fronts[chosen.index].name
        case _:
            return config.zones[chosen.index].name


def items(config: Config) -> Iterator[Chosen]:
    """Every item in the order of the list: lines, zones, fronts."""
    yield from (Chosen("line", index) for index in range(len(config.lines)))
    yield from (Chosen("zone", index) for index in range(len(config.zones)))
    yield from (Chosen("front", index) for index in range(len(config.fronts)))


def shapes(config: Config) -> Iterator[Chosen]:
    """Every shape in the picture: the items, and the reach of display zones."""
    yield from items(config)
    yield from (Chosen("reach", index) for index, zone in enumerate(config.zones) if zone.reach)


def free_name(stem: str, taken: Collection[str]) -> str:
    """`stem` with the first number that makes it a new name."""
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem} {number}") not in taken)


def own_name(name: str, stem: str, taken: Collection[str]) -> str:
    """The name itself where it is free, else with a number from 2 on; without a name, `stem` with a number."""
    if not name:
        return free_name(stem, taken)
    return name if name not in taken else free_name(name, {*taken, f"{name} 1"})


# ---- verbs


def add_line(
    config: Config, a: Point, b: Point, stem: str, *, camera: str = "", taken: Collection[str] = ()
) -> tuple[Config, Chosen]:
    """A new line from `a` to `b`, chosen. It is called like the camera where that is free, and never like what the
    site has (`taken`): lines of one name count for one gate."""
    name = own_name(camera, stem, {*taken, *(line.name for line in config.lines)})
    line = Line(name, clamped(a, config.size), clamped(b, config.size))
    return replace(config, lines=(*config.lines, line)), Chosen("line", len(config.lines))


def add_zone(
    config: Config, polygon: Sequence[Point], stem: str, *, taken: Collection[str] = ()
) -> tuple[Config, Chosen]:
    """A new zone of purpose presence, chosen; never called like what the site has (`taken`)."""
    name = free_name(stem, {*taken, *(zone.name for zone in config.zones)})
    zone = Zone(name, _inside(polygon, config.size))
    return replace(config, zones=(*config.zones, zone)), Chosen("zone", len(config.zones))


def add_front(
    config: Config, passing: Sequence[Point], stem: str, *, taken: Collection[str] = ()
) -> tuple[Config, Chosen]:
    """A new shop front with its passing area, chosen; its line is the first one that no front has yet. It is never
    called like what the site has (`taken`)."""
    name = free_name(stem, {*taken, *(front.name for front in config.fronts)})
    used = {front.line for front in config.fronts}
    line = next((line.name for line in config.lines if line.name not in used), "")
    front = FrontView(name, line, _inside(passing, config.size))
    return replace(config, fronts=(*config.fronts, front)), Chosen("front", len(config.fronts))


def change(config: Config, chosen: Chosen, **fields: Any) -> Config:
    """The item with other fields. A line's new name is followed by the fronts and queues that point to it."""
    match chosen.kind:
        case "line":
            old = config.lines[chosen.index]
            new = replace(old, **fields)
            changed = replace(config, lines=_put(config.lines, chosen.index, new))
            return _follow(changed, old.name, new.name) if new.name != old.name else changed
        case "front":
            front = replace(config.fronts[chosen.index], **fields)
            return replace(config, fronts=_put(config.fronts, chosen.index, front))
        case _:
            zone = replace(config.zones[chosen.index], **fields)
            return replace(config, zones=_put(config.zones, chosen.index, zone))


def rename(config: Config, chosen: Chosen, name: str) -> Config:
    """The item under another name."""
    return change(config, chosen, name=name)


def with_points(config: Config, chosen: Chosen, points: Sequence[Point]) -> Config:
    """The item with these points, each brought into the picture."""
    placed = _inside(points, config.size)
    match chosen.kind:
        case "line":
            return change(config, chosen, a=placed[0], b=placed[1])
        case "front":
            return change(config, chosen, passing=placed)
        case "reach":
            return change(config, chosen, reach=placed)
        case "zone":
            return change(config, chosen, polygon=placed)


def move(config: Config, chosen: Chosen, across: float, down: float) -> Config:
    """The chosen point moved, or the whole item; an item stops at the picture's edge and keeps its shape."""
    points = points_of(config, chosen)
    if chosen.point is not None:
        moved = [(x + across, y + down) if n == chosen.point else (x, y) for n, (x, y) in enumerate(points)]
        return with_points(config, chosen, moved)
    width, height = config.size
    across = min(max(across, -min(x for x, _ in points)), width - max(x for x, _ in points))
    down = min(max(down, -min(y for _, y in points)), height - max(y for _, y in points))
    return with_points(config, chosen, [(x + across, y + down) for x, y in points])


def put_point(config: Config, chosen: Chosen, point: Point) -> Config:
    """The chosen point at another place."""
    points = list(points_of(config, chosen))
    assert chosen.point is not None
    points[chosen.point] = point
    return with_points(config, chosen, points)


def insert_point(config: Config, chosen: Chosen, side: int, point: Point) -> tuple[Config, Chosen]:
    """A new corner in the side that begins at corner `side`; the new corner is chosen."""
    points = list(points_of(config, chosen))
    points.insert(side + 1, point)
    return with_points(config, chosen, points), Chosen(chosen.kind, chosen.index, side + 1)


def remove(config: Config, chosen: Chosen) -> tuple[Config, Chosen | None]:
    """Without the chosen corner where the polygon keeps three, else without the item."""
    points = points_of(config, chosen)
    if chosen.point is not None and chosen.kind != "line" and len(points) > LEAST_POINTS:
        kept = [point for n, point in enumerate(points) if n != chosen.point]
        return with_points(config, chosen, kept), chosen.item
    match chosen.kind:
        case "line":
            return replace(config, lines=_drop(config.lines, chosen.index)), None
        case "front":
            return replace(config, fronts=_drop(config.fronts, chosen.index)), None
        case "reach":
            return change(config, chosen, reach=None), Chosen("zone", chosen.index)
        case "zone":
            return replace(config, zones=_drop(config.zones, chosen.index)), None


def swap(config: Config, chosen: Chosen) -> Config:
    """The line with `in` and `out` exchanged."""
    line = config.lines[chosen.index]
    return change(config, chosen, a=line.b, b=line.a)


def turn(config: Config, rotate: int) -> Config:
    """The drawing for a picture turned to `rotate` degrees clockwise; what is drawn stays where it was seen."""
    degrees = (rotate - config.rotate) % 360
    size = config.size if degrees in (0, 180) else (config.size[1], config.size[0])
    return replace(_mapped(config, size, _Turn(config.size, degrees)), rotate=rotate)


def fit(config: Config, size: Size) -> Config:
    """The drawing stretched to another picture size."""
    if size == config.size:
        return config
    return _mapped(config, size, _Stretch(size[0] / config.size[0], size[1] / config.size[1]))


# ---- what is wrong


@dataclass(frozen=True)
class Problem:
    """An English source sentence with its values; translated where it is shown."""

    sentence: str
    values: tuple[tuple[str, str], ...] = ()


_SHAPE = Problem(mark("Its outline crosses itself or has no area: move a corner."))


def problems(config: Config) -> dict[Chosen, Problem]:
    """What keeps each item from being counted."""
    found: dict[Chosen, Problem] = {}
    for chosen in items(config):
        problem = _named(config, chosen) or _shaped(config, chosen) or _linked(config, chosen)
        if problem is not None:
            found[chosen] = problem
    return found


def countable(config: Config) -> Config:
    """The config without the items that have a problem, and without those that need one of them."""
    wrong = problems(config)
    if not wrong:
        return config
    left = replace(
        config,
        lines=tuple(line for n, line in enumerate(config.lines) if Chosen("line", n) not in wrong),
        zones=tuple(zone for n, zone in enumerate(config.zones) if Chosen("zone", n) not in wrong),
        fronts=tuple(front for n, front in enumerate(config.fronts) if Chosen("front", n) not in wrong),
    )
    return countable(left)


def _named(config: Config, chosen: Chosen) -> Problem | None:
    name = name_of(config, chosen)
    if not name.strip():
        return Problem(mark("It has no name."))
    same = [other for other in items(config) if other.kind == chosen.kind and name_of(config, other) == name]
    return Problem(mark("Another one has this name.")) if len(same) > 1 else None


def _shaped(config: Config, chosen: Chosen) -> Problem | None:
    points = points_of(config, chosen)
    if chosen.kind == "line":
        (ax, ay), (bx, by) = points
        short = abs(ax - bx) < SHORTEST and abs(ay - by) < SHORTEST
        return Problem(mark("Both ends are at the same place.")) if short else None
    if fault(points) is not None:
        return _SHAPE
    if chosen.kind == "zone" and (reach := config.zones[chosen.index].reach) and fault(reach) is not None:
        return Problem(mark("The outline of its reach crosses itself: move a corner."))
    return None


def _linked(config: Config, chosen: Chosen) -> Problem | None:
    names = {line.name for line in config.lines}
    if chosen.kind == "front":
        line = config.fronts[chosen.index].line
        if not line:
            return Problem(mark("Choose the line of its door."))
        return None if line in names else Problem(mark("There is no line '{line}'."), (("line", line),))
    if chosen.kind == "zone":
        served = config.zones[chosen.index].served_by
        if served and served not in names:
            return Problem(mark("There is no line '{line}'."), (("line", served),))
    return None


# ---- inside


@dataclass(frozen=True)
class _Turn:
    size: Size
    degrees: int

    def __call__(self, point: Point) -> Point:
        return turned(point, self.size, self.degrees)


@dataclass(frozen=True)
class _Stretch:
    across: float
    down: float

    def __call__(self, point: Point) -> Point:
        return point[0] * self.across, point[1] * self.down


def _mapped(config: Config, size: Size, place: _Turn | _Stretch) -> Config:
    def polygon(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple(clamped(place(point), size) for point in points)

    scale = min(place.across, place.down) if isinstance(place, _Stretch) else 1.0
    lines = tuple(
        replace(line, a=clamped(place(line.a), size), b=clamped(place(line.b), size),
                band=None if line.band is None else round(line.band * scale, 1))
        for line in config.lines
    )  # fmt: skip
    zones = tuple(
        replace(zone, polygon=polygon(zone.polygon),
                reach=polygon(zone.reach) if zone.reach else None)
        for zone in config.zones
    )  # fmt: skip
    fronts = tuple(replace(front, passing=polygon(front.passing)) for front in config.fronts)
    floor = config.floor
    if floor is not None:
        pairs = tuple((*clamped(place((x, y)), size), far, deep) for x, y, far, deep in floor.points)
        floor = replace(floor, points=pairs)
    return replace(config, size=size, lines=lines, zones=zones, fronts=fronts, floor=floor)


def _follow(config: Config, old: str, new: str) -> Config:
    fronts = tuple(replace(front, line=new) if front.line == old else front for front in config.fronts)
    zones = tuple(replace(zone, served_by=new) if zone.served_by == old else zone for zone in config.zones)
    return replace(config, fronts=fronts, zones=zones)


def _inside(points: Sequence[Point], size: Size) -> tuple[Point, ...]:
    return tuple(clamped(point, size) for point in points)


def _put(held: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*held[:index], item, *held[index + 1 :])


def _drop(held: tuple[T, ...], index: int) -> tuple[T, ...]:
    return (*held[:index], *held[index + 1 :])
