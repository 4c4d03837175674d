"""The Chinese lunisolar calendar, from the moon and the sun.

GB/T 33661-2017: a month begins on the Beijing date of the new moon; in a year of 13 months the first one without
a principal solar term is the leap month.

New moons after Meeus, "Astronomical Algorithms" (2nd ed. 1998), chapter 49; the sun's longitude after chapter 25.
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import NamedTuple

MONTH_DAYS = 29.530588861
BEIJING = 8 / 24
# Amplitude in days; multiples of M (sun), M' (moon), F (latitude); power of the orbit's eccentricity.
_TERMS = (
    (-0.40720, 0, 1, 0, 0),
    (0.17241, 1, 0, 0, 1),
    (0.01608, 0, 2, 0, 0),
    (0.01039, 0, 0, 2, 0),
    (0.00739, -1, 1, 0, 1),
    (-0.00514, 1, 1, 0, 1),
    (0.00208, 2, 0, 0, 2),
    (-0.00111, 0, 1, -2, 0),
    (-0.00057, 0, 1, 2, 0),
    (0.00056, 1, 2, 0, 1),
    (-0.00042, 0, 3, 0, 0),
    (0.00042, 1, 0, 2, 1),
    (0.00038, 1, 0, -2, 1),
    (-0.00024, -1, 2, 0, 1),
    (-0.00007, 2, 1, 0, 0),
    (0.00004, 0, 2, -2, 0),
    (0.00004, 3, 0, 0, 0),
    (0.00003, 1, 1, -2, 0),
    (0.00003, 0, 2, 2, 0),
    (-0.00003, 1, 1, 2, 0),
    (0.00003, -1, 1, 2, 0),
)
# The larger planetary corrections: amplitude in days, phase and step in degrees.
_PLANETS = (
    (0.000325, 299.77, 0.107408),
    (0.000165, 251.88, 0.016321),
    (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478),
    (0.000110, 84.66, 18.206239),
    (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732),
    (0.000056, 154.84, 7.306860),
)


class LunarDate(NamedTuple):
    """Lunar year (the Gregorian year it begins in), month 1..12, day 1..30, and whether the month is the leap one."""

    year: int
    month: int
    day: int
    leap: bool


def lunar_date(day: date) -> LunarDate:
    """The lunar date of a Gregorian day, good for 1950 to 2099."""
    number = day.toordinal()
    solar_year = day.year + 1 if number >= _months(day.year + 1)[0][0] else day.year
    months = _months(solar_year)
    start, month, leap = max((m for m in months if m[0] <= number), key=lambda m: m[0])
    return LunarDate(solar_year - 1 if month >= 11 else solar_year, month, number - start + 1, leap)


def from_lunar(year: int, month: int, day: int) -> date:
    """The Gregorian day of day `day` of the regular month `month` of lunar year `year` (1950 to 2099)."""
    span = _months(year + 1 if month >= 11 else year)
    starts = [start for start, m, leap in span if m == month and not leap]
    return date.fromordinal(starts[0] + day - 1)


@lru_cache(maxsize=1024)
def solar_term_day(year: int, month: int, longitude: int) -> date:
    """The Beijing date in a month on which the sun reaches `longitude` degrees (270: Winter Solstice, 15: Qingming)."""
    day = date(year, month, 1).toordinal()
    while (_longitude_at(day + 1) - longitude) % 360 > 180:
        day += 1
    return date.fromordinal(day)


@lru_cache(maxsize=256)
def _months(year: int) -> tuple[tuple[int, int, bool], ...]:
    """(first day's ordinal, month, leap) of the months from the one that holds the solstice of `year - 1` up to the
    one before the solstice of `year`: months 11, 12, 1, ..., 10."""
    first, last = _solstice_month(year - 1), _solstice_month(year)
    starts = [_new_moon_day(k) for k in range(first, last + 1)]
    leap_at = len(starts)
    if len(starts) == 14:
        terms = [_longitude_at(s) // 30 for s in starts]
        leap_at = next(i for i in range(13) if terms[i] == terms[i + 1])
    months = []
    for i, start in enumerate(starts[:-1]):
        number = i - (1 if i >= leap_at else 0)
        months.append((start, (number + 10) % 12 + 1, i == leap_at))
    return tuple(months)


@lru_cache(maxsize=256)
def _solstice_month(year: int) -> int:
    """The number of the lunation whose month holds the December solstice (longitude 270 degrees) of `year`."""
    day = solar_term_day(year, 12, 270).toordinal()
    k = round((year + 0.97 - 2000) * 12.3685) + 2
    while _new_moon_day(k) > day:
        k -= 1
    return k


@lru_cache(maxsize=4096)
def _new_moon_day(k: int) -> int:
    """The Beijing date (proleptic ordinal) of new moon number `k`, 0 being the first of 2000."""
    t = k / 1236.85
    m = math.radians(2.5534 + 29.10535670 * k - 0.0000014 * t * t)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    lat = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    node = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    moment = 2451550.09766 + MONTH_DAYS * k + 0.00015437 * t * t - 0.00017 * math.sin(node)
    moment += sum(a * e**p * math.sin(x * m + y * moon + z * lat) for a, x, y, z, p in _TERMS)
    moment += sum(a * math.sin(math.radians(phase + step * k)) for a, phase, step in _PLANETS)
    return _ordinal(moment - _delta_t(2000 + t * 100) + BEIJING)


def _ordinal(julian_day: float) -> int:
    return math.floor(julian_day + 0.5) - 1721425


def _delta_t(year: float) -> float:
    """Terrestrial minus universal time in days, Espenak and Meeus (2006), 1950 to 2099 within a minute."""
    t = year - 2000
    return (62.92 + 0.32217 * t + 0.005589 * t * t) / 86400 if year >= 2000 else (63.86 + 0.3345 * t) / 86400


def _longitude_at(ordinal: int) -> float:
    """The sun's apparent longitude in degrees at 0 h Beijing time of a day, within 0.01 degrees."""
    jd = ordinal + 1721424.5 - BEIJING
    t = (jd + _delta_t(2000 + (jd - 2451545) / 365.25) - 2451545) / 36525
    anomaly = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (1.914602 - 0.004817 * t) * math.sin(anomaly)
    centre += (0.019993 - 0.000101 * t) * math.sin(2 * anomaly) + 0.000289 * math.sin(3 * anomaly)
    node = math.radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre - 0.00569 - 0.00478 * math.sin(node)) % 360
