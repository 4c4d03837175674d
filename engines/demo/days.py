"""The demo mall's days: opening hours, school, weather, and how much busier than usual each should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engines.calendar.lunar import from_lunar
from engines.calendar.rules import Day, describe_day
from engines.demo.span import Flags, Floats, Ints, Span, stream

COUNTRY = "CN"
AHEAD = 60
WORKDAY, FRIDAY, OFF_DAY = 0, 1, 2
WEEKDAY = (0.84, 0.83, 0.86, 0.89, 1.02, 1.30, 1.24)
MONTH = (1.02, 0.98, 0.96, 0.97, 0.99, 1.0, 1.05, 1.05, 0.98, 1.01, 1.0, 1.05)
HOT = (8.5, 10.0, 15.0, 20.5, 25.5, 28.5, 33.0, 32.5, 28.5, 23.5, 17.5, 11.0)
WET = (0.33, 0.35, 0.42, 0.40, 0.40, 0.50, 0.42, 0.42, 0.37, 0.27, 0.28, 0.27)

#: Visits against an ordinary day, by days from the festival (first and last of a run): invented.
FESTIVAL = {
    "spring_festival": ((-14, -2, 1.10), (-1, -1, 0.55), (0, 0, 0.72), (1, 6, 1.22), (7, 13, 1.05)),
    "spring_festival_eve": ((0, 0, 0.55),),
    "lantern": ((0, 0, 1.12),),
    "valentine": ((0, 0, 1.12),),
    "womens_day": ((0, 0, 1.08),),
    "labour_day": ((0, 2, 1.16), (3, 5, 1.08)),
    "mothers_day": ((0, 0, 1.06),),
    "childrens_day": ((0, 0, 1.15),),
    "dragon_boat": ((0, 2, 1.05),),
    "mid_year_sale": ((-3, 0, 0.97),),
    "qixi": ((0, 0, 1.10),),
    "ghost": ((0, 0, 0.96),),
    "mid_autumn": ((-7, -1, 1.03), (0, 1, 1.06)),
    "national_day": ((0, 2, 1.20), (3, 6, 1.10), (7, 7, 0.95)),
    "halloween": ((0, 0, 1.06),),
    "singles_day": ((-3, 0, 0.94),),
    "black_friday": ((0, 3, 1.02),),
    "winter_solstice": ((0, 0, 0.97),),
    "christmas": ((-10, -1, 1.05), (0, 0, 1.22), (1, 5, 1.04)),
    "christmas_eve": ((0, 0, 1.32),),
    "new_years_eve": ((0, 0, 1.35),),
    "new_year": ((0, 0, 1.10), (1, 2, 1.04)),
}


@dataclass(frozen=True)
class Days:
    """The span's days and the `AHEAD` that follow: `index` is visits expected of the calendar alone (about 1),
    `kind` the shape of the day (workday, Friday, day off), hours in minutes of the day, rain in millimetres."""

    known: tuple[Day, ...]
    index: Floats
    kind: Ints
    school: Flags
    opens: Ints
    closes: Ints
    temperature: Floats
    rain: Floats
    sky: tuple[str, ...]


def make_days(span: Span, seed: int) -> Days:
    """Everything about the span's days and the two months after them."""
    dates = [span.dates[0] + timedelta(days=i) for i in range(span.days + AHEAD)]
    known = tuple(describe_day(d, COUNTRY) for d in dates)
    school = np.array([_no_school(d) for d in dates])
    index = np.array([_index(d, off) for d, off in zip(known, school, strict=True)])
    hours = np.array([_hours(d) for d in known], dtype=np.int64)
    temperature, rain = _weather(dates, seed)
    return Days(
        known=known,
        index=index * 1.04 ** (np.arange(len(dates)) / 365),
        kind=np.array([_kind(d) for d in known], dtype=np.int64),
        school=school,
        opens=hours[:, 0],
        closes=hours[:, 1],
        temperature=temperature,
        rain=rain,
        sky=tuple(_sky(t, r) for t, r in zip(temperature, rain, strict=True)),
    )


def _is_off(day: Day) -> bool:
    return day.day_type in ("holiday", "weekend")


def _kind(day: Day) -> int:
    if _is_off(day):
        return OFF_DAY
    return FRIDAY if day.weekday == 4 else WORKDAY


def _index(day: Day, school: bool) -> float:
    usual = WEEKDAY[day.weekday]
    if day.day_type == "holiday":
        usual = max(usual, 1.22)
    elif day.day_type == "makeup_workday":
        usual = 0.90
    if school and not _is_off(day):
        usual *= 1.08
    for first, last, factor in FESTIVAL.get(day.festival or "", ()):
        if day.festival_offset is not None and first <= day.festival_offset <= last:
            usual *= factor
    return usual * MONTH[day.day.month - 1]


def _hours(day: Day) -> tuple[int, int]:
    eve = day.festival == "spring_festival_eve" or (day.festival == "spring_festival" and day.festival_offset == -1)
    if eve:
        return 600, 1080
    if day.festival == "spring_festival" and day.festival_offset == 0:
        return 660, 1260
    late = day.weekday in (4, 5) or day.day_type == "holiday"
    return 600, 1350 if late else 1320


def _no_school(day: date) -> bool:
    if day.month in (7, 8):
        return True
    new_year = from_lunar(day.year, 1, 1)
    return new_year - timedelta(days=14) <= day < new_year + timedelta(days=14)


def _weather(dates: list[date], seed: int) -> tuple[Floats, Floats]:
    """Daily maxima with a first-order memory around the month's mean, and rain on two days in five."""
    rng = stream(seed, "weather")
    noise, kept = rng.normal(0, 2.2, len(dates)), 0.0
    temperature, draws = np.empty(len(dates)), rng.random(len(dates))
    for i, day in enumerate(dates):
        kept = 0.65 * kept + noise[i]
        middle = day.month - 1 + (day.day - 15) / 30.4
        temperature[i] = np.interp(middle % 12, range(13), (*HOT, HOT[0])) + kept
    wet = draws < np.array([WET[d.month - 1] for d in dates])
    rain = np.where(wet, rng.gamma(0.7, 13.0, len(dates)), 0.0)
    return np.asarray(np.round(temperature, 1)), np.asarray(np.round(rain, 1), dtype=np.float64)


def _sky(temperature: float, rain: float) -> str:
    if rain >= 25:
        return "storm"
    if rain >= 0.5:
        return "snow" if temperature < 3 else "rain"
    return "cloud" if (temperature * 10) % 3 < 1 else "clear"
