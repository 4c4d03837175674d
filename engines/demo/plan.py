"""The demo mall's floor plans: zones, units and gates on a building of 144 by 84 metres."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Point = tuple[float, float]
LONG, DEEP, ROW, END, CUT = 144.0, 84.0, 22.0, 18.0, 8.0
WEST, EAST = 48.0, 96.0
AISLE = (69.0, 75.0)

#: code, English, Chinese, level
FLOORS = (
    ("B1", "Basement", "负一楼", -1),
    ("L1", "Ground floor", "一楼", 0),
    ("L2", "Second floor", "二楼", 1),
    ("L3", "Third floor", "三楼", 2),
    ("L4", "Fourth floor", "四楼", 3),
    ("L5", "Fifth floor", "五楼", 4),
)
#: The middle of each floor: code, English, Chinese, purpose.
MIDDLE = {
    "B1": ("food_court", "Food court", "美食广场", "food"),
    "L1": ("atrium", "Atrium", "中庭", "atrium"),
    "L2": ("l2_gallery", "L2 gallery", "二楼回廊", "circulation"),
    "L3": ("l3_gallery", "L3 gallery", "三楼回廊", "circulation"),
    "L4": ("kids", "Kids area", "儿童区", "kids"),
    "L5": ("l5_gallery", "L5 gallery", "五楼回廊", "circulation"),
}
#: An anchor fills the south-east or north-east corner of a floor and is a zone of its own.
ANCHORS = {"B1": ("supermarket", "Supermarket", "超市"), "L5": ("cinema", "Cinema", "影院")}
#: Units in the north row west and east of the aisle, then the south row.
ROWS = {
    "B1": (5, 5, 5, 2), "L1": (6, 5, 5, 6), "L2": (6, 5, 5, 6),
    "L3": (5, 6, 6, 5), "L4": (5, 5, 5, 5), "L5": (4, 1, 5, 5),
}  # fmt: skip
NAMES_ZH = {"B1": "负一楼", "L1": "一楼", "L2": "二楼", "L3": "三楼", "L4": "四楼", "L5": "五楼"}


@dataclass(frozen=True)
class ZonePlan:
    """A zone: its floor and outline in metres, anticlockwise from its lowest corner."""

    code: str
    name: str
    name_zh: str
    floor: str
    purpose: str
    outline: tuple[Point, ...]


@dataclass(frozen=True)
class UnitPlan:
    """A lettable unit with its frontage in metres; `anchor` marks the two largest."""

    code: str
    floor: str
    zone: str
    frontage: float
    outline: tuple[Point, ...]
    anchor: bool = False


def area(outline: tuple[Point, ...]) -> float:
    """Square metres inside a polygon (the shoelace formula)."""
    turned = outline[1:] + outline[:1]
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(outline, turned, strict=True))) / 2


def make_zones() -> list[ZonePlan]:
    """Five zones a floor, six where an anchor stands; together they tile the floor."""
    return [zone for code, *_ in FLOORS for zone in _floor_zones(code)]


def _floor_zones(floor: str) -> list[ZonePlan]:
    low = floor.lower()
    east: tuple[Point, ...] = ((EAST, 0), (LONG, 0), (LONG, DEEP), (EAST, DEEP))
    if floor in ANCHORS:
        east = _rest_of_east(north=floor == "B1")
    parts = [
        ("west", "west", "西区", _chamfer(((0, 0), (WEST, 0), (WEST, DEEP), (0, DEEP)))),
        ("south", "south", "南区", ((WEST, 0), (EAST, 0), (EAST, ROW), (WEST, ROW))),
        ("north", "north", "北区", ((WEST, DEEP - ROW), (EAST, DEEP - ROW), (EAST, DEEP), (WEST, DEEP))),
        ("east", "east", "东区", _chamfer(east)),
    ]
    zones = [
        ZonePlan(f"{low}_{code}", f"{floor} {en}", f"{NAMES_ZH[floor]}{zh}", floor, "shops", outline)
        for code, en, zh, outline in parts
    ]
    code, en, zh, purpose = MIDDLE[floor]
    middle: tuple[Point, ...] = ((WEST, ROW), (EAST, ROW), (EAST, DEEP - ROW), (WEST, DEEP - ROW))
    zones.append(ZonePlan(code, en, zh, floor, purpose, middle))
    if floor in ANCHORS:
        code, en, zh = ANCHORS[floor]
        zones.append(ZonePlan(code, en, zh, floor, code, _anchor(south=floor == "B1")))
    return zones


def _anchor(*, south: bool) -> tuple[Point, ...]:
    inner, outer = LONG - END, LONG
    shape: tuple[Point, ...] = (
        (EAST, 0), (outer, 0), (outer, DEEP - ROW), (inner, DEEP - ROW), (inner, ROW), (EAST, ROW),
    )  # fmt: skip
    return _chamfer(shape if south else _mirror(shape))


def _rest_of_east(*, north: bool) -> tuple[Point, ...]:
    inner = LONG - END
    shape: tuple[Point, ...] = (
        (EAST, ROW), (inner, ROW), (inner, DEEP - ROW), (LONG, DEEP - ROW), (LONG, DEEP), (EAST, DEEP),
    )  # fmt: skip
    return shape if north else _mirror(shape)


def _mirror(shape: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple((x, DEEP - y) for x, y in reversed(shape))


def _chamfer(outline: tuple[Point, ...]) -> tuple[Point, ...]:
    """The outline with the building's own corners cut off."""
    made: list[Point] = []
    for i, (x, y) in enumerate(outline):
        if x in (0.0, LONG) and y in (0.0, DEEP):
            before, after = outline[i - 1], outline[(i + 1) % len(outline)]
            made += [_towards((x, y), before), _towards((x, y), after)]
        else:
            made.append((x, y))
    return tuple(made)


def _towards(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    step = CUT / (dx * dx + dy * dy) ** 0.5
    return (corner[0] + dx * step, corner[1] + dy * step)


def make_units(rng: np.random.Generator) -> list[UnitPlan]:
    """The mall's 140 units, numbered along each floor; widths of neighbours differ by chance."""
    made: list[UnitPlan] = []
    for floor, *_ in FLOORS:
        boxes = _boxes(floor, rng)
        if floor in ANCHORS:
            outline = _anchor(south=floor == "B1")
            made.append(UnitPlan(f"{floor}-01", floor, ANCHORS[floor][0], 30.0, outline, anchor=True))
        first = 2 if floor in ANCHORS else 1
        for number, (x0, y0, x1, y1) in enumerate(boxes, start=first):
            outline = _chamfer(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
            frontage = x1 - x0 if y1 - y0 >= ROW and (y0 == 0 or y1 == DEEP) else y1 - y0
            made.append(UnitPlan(f"{floor}-{number:02d}", floor, _zone_of(floor, x0, y0, x1, y1), frontage, outline))
    return made


def _boxes(floor: str, rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """Rectangles of the floor's ordinary units: (x0, y0, x1, y1) in metres."""
    north, south = DEEP - ROW, 0.0
    right = {"B1": (LONG, EAST), "L5": (EAST, LONG)}.get(floor, (LONG, LONG))
    nw, ne, sw, se = ROWS[floor]
    rows = (
        (0.0, AISLE[0], north, nw), (AISLE[1], right[0], north, ne),
        (0.0, AISLE[0], south, sw), (AISLE[1], right[1], south, se),
    )  # fmt: skip
    boxes = []
    for left, end, y, count in rows:
        widths = 0.75 / count + 0.25 * rng.dirichlet(np.full(count, 3.0))  # a corner unit is wider than its cut
        cuts = left + np.concatenate([[0], np.cumsum(widths)]) * (end - left)
        cuts = np.round(cuts, 1)
        boxes += [(a, y, b, y + ROW) for a, b in pairwise(cuts.tolist())]
    ends = [0.0] if floor in ANCHORS else [0.0, LONG - END]
    boxes += [(x, y0, x + END, y1) for x in ends for y0, y1 in ((ROW, 40.0), (44.0, DEEP - ROW))]
    return boxes


def _zone_of(floor: str, x0: float, y0: float, x1: float, y1: float) -> str:
    low, middle = floor.lower(), (x0 + x1) / 2
    if middle < WEST:
        return f"{low}_west"
    if middle >= EAST:
        return f"{low}_east"
    return f"{low}_south" if y1 <= ROW else f"{low}_north"
