"""What the demo mall earned and spent beside its rents, a line a month and head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engines.demo.campaigns import Run
from engines.demo.deals import PIPELINES, Deals
from engines.demo.footfall import Flows
from engines.demo.gates import DOORS
from engines.demo.occasions import Staged
from engines.demo.purchases import Receipts
from engines.demo.span import Floats, Span, stream

#: Fen a car-park visit and month's fixed amounts in yuan; energy follows the temperature.
PARKING, STAFF, UPKEEP, SERVICE = 260, 410_000, 175_000, 22_000
ENERGY, ENERGY_A_DEGREE, COMFORT = 240_000, 9_000, 20.0
#: Contracts for screens and spaces from before the span, yuan a month; the part of members' spend given as points.
MEDIA_BASE, SPACE_BASE, PROGRAMME = 120_000, 45_000, 0.009
SCREENS = (("atrium", 0.5), ("l2_gallery", 0.2), (None, 0.3))
SPACES = (("atrium", 0.6), ("l1_west", 0.4))


@dataclass(frozen=True)
class Line:
    """One amount of a month (its first day), in fen, with what it belongs to by number or code."""

    day: date
    side: str
    head: str
    amount: int
    zone: str | None = None
    campaign: int | None = None
    occasion: int | None = None


@dataclass(frozen=True)
class Books:
    """What the money follows from."""

    runs: list[Run]
    staged: list[Staged]
    deals: Deals
    flows: Flows
    receipts: Receipts
    temperature: Floats


def make_money(span: Span, books: Books, seed: int) -> list[Line]:
    """Lines of every month that is over; of a month that began before the span, the part within it."""
    rng = stream(seed, "money")
    made: list[Line] = []
    for first, days in _months(span):
        part = len(days) / _length(first)
        made += _income(first, days, part, books, rng) + _costs(first, days, part, books, rng)
    return made


def _months(span: Span) -> list[tuple[date, range]]:
    """(first day, numbers of its days within the span) of each month that is over."""
    whole = span.days if span.until_minute >= 1440 else span.days - 1
    months: dict[date, list[int]] = {}
    for number, day in enumerate(span.dates):
        months.setdefault(day.replace(day=1), []).append(number)
    return [
        (first, range(days[0], days[-1] + 1)) for first, days in months.items()
        if days[-1] < whole and span.dates[days[-1]] == first + timedelta(days=_length(first) - 1)
    ]  # fmt: skip


def _length(first: date) -> int:
    return ((first + timedelta(days=32)).replace(day=1) - first).days


def _about(yuan: float, rng: np.random.Generator, spread: float = 0.06) -> int:
    """An amount in fen near so many yuan, in whole tens of yuan."""
    return int(round(yuan * float(np.exp(rng.normal(0, spread))), -1)) * 100


def _running(deals: Deals, pipelines: tuple[str, ...], last: int) -> float:
    """Yuan a month from talks of these pipelines that were won at most a year before day `last`."""
    numbers = [PIPELINES.index(p) for p in pipelines]
    live = deals.won & np.isin(deals.pipeline, numbers) & (deals.closed <= last) & (deals.closed > last - 365)
    return float(deals.value[live].sum()) / 1200


def _income(first: date, days: range, part: float, books: Books, rng: np.random.Generator) -> list[Line]:
    media = (MEDIA_BASE + _running(books.deals, ("media",), days[-1])) * part
    space = (SPACE_BASE + _running(books.deals, ("casual", "space"), days[-1])) * part
    cars = int(books.flows.entries[[d.code for d in DOORS].index("carpark"), days[0] : days[-1] + 1].sum())
    lines = [Line(first, "income", "media", _about(media * share, rng), zone) for zone, share in SCREENS]
    lines += [Line(first, "income", "space", _about(space * share, rng), zone) for zone, share in SPACES]
    lines += [
        Line(first, "income", "parking", round(cars * PARKING * float(np.exp(rng.normal(0, 0.02))))),
        Line(first, "income", "service", _about(SERVICE * part, rng)),
    ]
    for number, one in enumerate(books.staged):
        if one.first in days and one.plan.scope != "tenant":
            sponsor = one.plan.cost * float(rng.uniform(0.25, 0.65))
            lines.append(Line(first, "income", "sponsorship", _about(sponsor, rng, 0.0), occasion=number))
    return lines


def _costs(first: date, days: range, part: float, books: Books, rng: np.random.Generator) -> list[Line]:
    here = (books.receipts.member >= 0) & np.isin(books.receipts.day, np.arange(days[0], days[-1] + 1))
    points = float(books.receipts.amount[here].sum()) / 100 * PROGRAMME
    away = float(np.abs(books.temperature[days[0] : days[-1] + 1] - COMFORT).mean())
    lines = [
        Line(first, "cost", "programme", _about(points, rng, 0.02)),
        Line(first, "cost", "staff", _about(STAFF * part, rng, 0.02)),
        Line(first, "cost", "energy", _about((ENERGY + ENERGY_A_DEGREE * away) * part, rng, 0.03)),
        Line(first, "cost", "upkeep", _about(UPKEEP * part, rng, 0.15)),
    ]
    for number, run in enumerate(books.runs):
        if share := _share(run.first, run.last, days):
            lines.append(Line(first, "cost", "campaign", round(run.plan.budget * 100 * share), campaign=number))
    for number, one in enumerate(books.staged):
        if share := _share(one.first, one.last, days):
            lines.append(Line(first, "cost", "occasion", round(one.plan.cost * 100 * share), occasion=number))
    return lines


def _share(first: int, last: int, days: range) -> float:
    """The part of a stretch of days (both included) that lies in the month."""
    return max(0, min(last, days[-1]) - max(first, days[0]) + 1) / (last - first + 1)
