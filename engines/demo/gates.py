"""Where the demo mall counts: its doors, its escalators, the entrances of its zones, and shop fronts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import FRIDAY, OFF_DAY, WORKDAY
from engines.demo.span import Floats

FIRST_QUARTER, QUARTERS = 36, 60  # 09:00 to midnight
MINUTES = (FIRST_QUARTER + np.arange(QUARTERS)) * 15

#: Arrivals by clock hour: (centre, spread, weight) of normal humps.
STREET = ((12.2, 1.0, 0.26), (15.0, 2.2, 0.24), (18.6, 1.4, 0.50))
COMMUTE = ((10.3, 0.8, 0.12), (12.3, 0.9, 0.20), (15.0, 2.0, 0.18), (18.5, 1.1, 0.50))
OFFICE = ((12.3, 0.6, 0.55), (15.2, 1.6, 0.12), (18.3, 0.9, 0.33))
DRIVERS = ((12.0, 1.2, 0.20), (15.0, 2.4, 0.22), (18.9, 1.2, 0.58))
OUTING = ((11.5, 1.2, 0.22), (14.5, 1.8, 0.42), (18.0, 1.7, 0.36))


@dataclass(frozen=True)
class Door:
    """A gate of the mall's boundary. `shares` are its parts of arrivals on workdays, Fridays and days off;
    `wet` is what a millimetre of rain does to the logarithm of its arrivals."""

    code: str
    en: str
    zh: str
    floor: str
    zone: str
    shares: tuple[float, float, float]
    hours: tuple[tuple[float, float, float], ...]
    wet: float


DOORS = (
    Door("north", "North entrance", "北门", "L1", "l1_north", (0.16, 0.16, 0.15), STREET, -0.006),
    Door("south", "South entrance", "南门", "L1", "l1_south", (0.15, 0.15, 0.15), STREET, -0.006),
    Door("east", "East entrance", "东门", "L1", "l1_east", (0.10, 0.10, 0.10), STREET, -0.006),
    Door("west", "West entrance", "西门", "L1", "l1_west", (0.10, 0.10, 0.10), STREET, -0.006),
    Door("metro", "Metro entrance", "地铁口", "B1", "b1_north", (0.25, 0.24, 0.20), COMMUTE, 0.001),
    Door("carpark", "Car park entrance", "停车场入口", "B1", "b1_west", (0.12, 0.14, 0.19), DRIVERS, 0.002),
    Door("bridge", "Sky bridge", "空中连廊", "L2", "l2_east", (0.08, 0.07, 0.06), OFFICE, 0.001),
    Door("market", "Market door", "超市街门", "B1", "supermarket", (0.04, 0.04, 0.05), STREET, -0.003),
)


@dataclass(frozen=True)
class Passage:
    """A gate inside the mall. `share` is its crossings inwards (upwards) as a part of the mall's visits,
    `stay` the quarter hours after which they come back, `meal` whether meal times draw."""

    code: str
    en: str
    zh: str
    floor: str
    zone: str | None
    share: float
    stay: int
    meal: bool = False


PASSAGES = (
    Passage("up_b1_l1", "Escalator B1 to L1", "负一楼至一楼扶梯", "B1", None, 0.24, 3),
    Passage("up_l1_l2", "Escalator L1 to L2", "一楼至二楼扶梯", "L1", None, 0.52, 4),
    Passage("up_l2_l3", "Escalator L2 to L3", "二楼至三楼扶梯", "L2", None, 0.38, 4),
    Passage("up_l3_l4", "Escalator L3 to L4", "三楼至四楼扶梯", "L3", None, 0.30, 4),
    Passage("up_l4_l5", "Escalator L4 to L5", "四楼至五楼扶梯", "L4", None, 0.24, 5, meal=True),
    Passage("in_food_court", "Food court entrance", "美食广场入口", "B1", "food_court", 0.26, 3, meal=True),
    Passage("in_cinema", "Cinema entrance", "影院入口", "L5", "cinema", 0.06, 8),
    Passage("in_kids", "Kids area entrance", "儿童区入口", "L4", "kids", 0.09, 4),
    Passage("in_supermarket", "Supermarket entrance", "超市入口", "B1", "supermarket", 0.15, 2),
)

#: Tenants whose front is counted: entries, exits and people who pass by.
FRONTS = (
    "bluebird_coffee", "harbour_noodles", "nova_sports", "mina_beauty", "peak_outdoor", "lotus_tea",
    "golden_crane", "maple_thread", "lanwood", "pixel_port", "tiny_panda", "paper_boat",
)  # fmt: skip


def arrival_shapes(kind: int) -> Floats:
    """Arrivals by door and quarter hour for a kind of day; scaled only within each row."""
    hours = (MINUTES + 7.5) / 60
    usual = np.array([_humps(door.hours, hours) for door in DOORS])
    outing = _humps(OUTING, hours)[None, :]
    mix = {WORKDAY: 0.0, FRIDAY: 0.3, OFF_DAY: 0.8}[kind]
    return np.asarray((1 - mix) * usual + mix * outing)


def meal_shape() -> Floats:
    """How strongly meal times draw in each quarter hour; its mean is 1."""
    shape = 0.35 + _humps(((12.3, 0.9, 1.0), (18.4, 1.1, 1.2)), (MINUTES + 7.5) / 60) * 4
    return np.asarray(shape / shape.mean())


def _humps(humps: tuple[tuple[float, float, float], ...], hours: Floats) -> Floats:
    return np.asarray(sum(w / s * np.exp(-0.5 * ((hours - c) / s) ** 2) for c, s, w in humps))
