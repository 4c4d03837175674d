"""Festivals that move people, whether or not they are days off, with the days around them that they colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from engines.calendar.lunar import from_lunar, solar_term_day

Rule = Literal["fixed", "lunar", "nth", "easter", "term"]
CHINESE = frozenset({"CN", "HK", "MO", "TW", "SG", "MY"})
ANYWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Festival:
    """A festival: names, rule with its numbers, the countries that keep it (none named: all), and its reach.

    `nth` reads (month, weekday Monday 0, which one, days added), `term` (month, longitude of the sun), `lunar`
    (month, day). `before` and `after` are the days it colours; both zero for one that is only its own day.
    """

    key: str
    en: str
    zh: str
    rule: Rule
    numbers: tuple[int, ...]
    countries: frozenset[str] = ANYWHERE
    before: int = 0
    after: int = 0

    def in_year(self, year: int) -> date:
        """The day it falls on in the (Gregorian or lunar) year."""
        if self.rule == "fixed":
            return date(year, *self.numbers)
        if self.rule == "lunar":
            return from_lunar(year, *self.numbers)
        if self.rule == "nth":
            return _nth_weekday(year, *self.numbers)
        return easter(year) if self.rule == "easter" else solar_term_day(year, *self.numbers)


def _nth_weekday(year: int, month: int, weekday: int, which: int, added: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1) + added)


def easter(year: int) -> date:
    """Western Easter Sunday: the anonymous Gregorian computus (Nature, 1876; Meeus 1991, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


_CN = frozenset({"CN"})
FESTIVALS: tuple[Festival, ...] = (
    Festival("new_year", "New Year", "元旦", "fixed", (1, 1), before=1, after=2),
    Festival("spring_festival", "Spring Festival", "春节", "lunar", (1, 1), CHINESE, before=21, after=13),
    Festival("lantern", "Lantern Festival", "元宵节", "lunar", (1, 15), CHINESE, before=1),
    Festival("valentine", "Valentine's Day", "情人节", "fixed", (2, 14)),
    Festival("womens_day", "Women's Day", "妇女节", "fixed", (3, 8)),
    Festival("easter", "Easter", "复活节", "easter", (), before=7, after=1),
    Festival("qingming", "Qingming", "清明节", "term", (4, 15), CHINESE, before=1, after=2),
    Festival("labour_day", "Labour Day", "劳动节", "fixed", (5, 1), _CN, before=2, after=5),
    Festival("mothers_day", "Mother's Day", "母亲节", "nth", (5, 6, 2, 0)),
    Festival("childrens_day", "Children's Day", "儿童节", "fixed", (6, 1), _CN),
    Festival("dragon_boat", "Dragon Boat Festival", "端午节", "lunar", (5, 5), CHINESE, before=2, after=2),
    Festival("mid_year_sale", "6.18 sale", "618购物节", "fixed", (6, 18), _CN, before=3),
    Festival("qixi", "Qixi", "七夕", "lunar", (7, 7), CHINESE),
    Festival("ghost", "Ghost Festival", "中元节", "lunar", (7, 15), CHINESE),
    Festival("mid_autumn", "Mid-Autumn Festival", "中秋节", "lunar", (8, 15), CHINESE, before=7, after=1),
    Festival("national_day", "National Day", "国庆节", "fixed", (10, 1), _CN, before=2, after=7),
    Festival("double_ninth", "Double Ninth Festival", "重阳节", "lunar", (9, 9), CHINESE),
    Festival("halloween", "Halloween", "万圣夜", "fixed", (10, 31)),
    Festival("singles_day", "Singles' Day", "双十一", "fixed", (11, 11), before=3),
    Festival("black_friday", "Black Friday", "黑色星期五", "nth", (11, 3, 4, 1), before=1, after=3),
    Festival("double_twelve", "12.12 sale", "双十二", "fixed", (12, 12), _CN),
    Festival("winter_solstice", "Winter Solstice", "冬至", "term", (12, 270), CHINESE),
    Festival("christmas_eve", "Christmas Eve", "平安夜", "fixed", (12, 24)),
    Festival("christmas", "Christmas", "圣诞节", "fixed", (12, 25), before=24, after=5),
    Festival("new_years_eve", "New Year's Eve", "跨年夜", "fixed", (12, 31)),
    Festival("spring_festival_eve", "Spring Festival Eve", "除夕", "lunar", (1, 0), CHINESE),
)
_EID = (("Eid al-Fitr", "eid_al_fitr"), ("Eid al-Adha", "eid_al_adha"))
_REACH = {"eid_al_fitr": (30, 3), "eid_al_adha": (10, 4)}  # the month of fasting precedes the first


@lru_cache(maxsize=256)
def kept_in(country: str) -> tuple[Festival, ...]:
    """The catalogue's festivals that a country (ISO 3166 two letters) keeps."""
    return tuple(f for f in FESTIVALS if not f.countries or country in f.countries)


@dataclass(frozen=True)
class Occurrence:
    """One festival in one year: beginning on `first`, colouring `before` days ahead and `after` days behind."""

    key: str
    en: str
    zh: str
    first: date
    before: int
    after: int


def occurrences(year: int, country: str, names: dict[date, str]) -> tuple[Occurrence, ...]:
    """Every festival of a year, by day; `names` are the country's public holidays in English, which bring the Eids."""
    found = [Occurrence(f.key, f.en, f.zh, f.in_year(year), f.before, f.after) for f in kept_in(country)]
    for en, key in _EID:
        days = sorted(d for d, name in names.items() if en in name and d.year == year)
        starts = [d for d in days if d - timedelta(days=1) not in days]
        zh = "开斋节" if key == "eid_al_fitr" else "古尔邦节"
        found += [Occurrence(key, en, zh, d, *_REACH[key]) for d in starts]
    return tuple(sorted(found, key=lambda o: (o.first, o.key)))
