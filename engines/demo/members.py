"""The demo mall's members: when they join, how often they buy, when they stop, what they like.

Pareto/NBD (Schmittlein, Morrison and Colombo, Management Science 33(1), 1987): each member buys as a Poisson
process whose rate is gamma distributed over members, until a lifetime that is exponential with a gamma
distributed rate. Spend is gamma within a member and gamma over members (Fader and Hardie, 2013). Time runs
faster on busy days, so that seasons show and the law holds in that operational time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import Days
from engines.demo.span import Flags, Floats, Ints, Span, stream
from engines.demo.trades import CODES

#: Shape and rate (per operational day) of buying and of dropping out; shapes and rate of spend.
RATE_SHAPE, RATE_DAYS = 0.9, 16.4
DROP_SHAPE, DROP_DAYS = 0.65, 110.0
SPEND_WITHIN, SPEND_ACROSS = 4.0, 4.0
NEVER_BUYS = 0.08
REFERRED = 0.14
TASTES = ("everyday", "style", "family", "active", "digital", "treats")
TASTE_TRADES = {
    "everyday": {"food": 0.45, "supermarket": 0.40, "services": 0.10, "entertainment": 0.05},
    "style": {"fashion": 0.55, "cosmetics": 0.25, "food": 0.15, "jewellery": 0.05},
    "family": {"kids": 0.45, "food": 0.25, "supermarket": 0.15, "entertainment": 0.15},
    "active": {"sports": 0.50, "food": 0.35, "fashion": 0.15},
    "digital": {"electronics": 0.40, "entertainment": 0.30, "food": 0.30},
    "treats": {"food": 0.80, "entertainment": 0.20},
}
TASTE_SHARES = (0.26, 0.22, 0.18, 0.10, 0.08, 0.16)


@dataclass(frozen=True)
class Members:
    """Members by number, in order of joining. `rate` and `drop` are per operational day, `life` the operational
    days from joining to dropping out, `spend` a factor on prices, `taste` weights (member, taste),
    `favourite` a fixed place in each trade's tenants (member, trade), `referrer` a member or -1."""

    day: Ints
    minute: Ints
    joined: Floats
    buys: Flags
    rate: Floats
    drop: Floats
    life: Floats
    spend: Floats
    content: Floats
    taste: Floats
    favourite: Floats
    referrer: Ints
    clock: Floats

    @property
    def count(self) -> int:
        """How many."""
        return len(self.day)

    def alive_until(self) -> Ints:
        """The number of the day on which each drops out; beyond the span where that is not yet."""
        days = len(self.clock) - 1
        end = self.joined + self.life
        inside = np.interp(end, self.clock, np.arange(days + 1)).astype(np.int64)
        return np.where(end >= self.clock[-1], days + 1, inside)


def make_members(span: Span, days: Days, count: int, seed: int) -> Members:
    """`count` members, all of whom join within the span: the programme starts with it."""
    rng = stream(seed, "members")
    index = days.index[: span.days]
    clock = np.concatenate([[0.0], np.cumsum(index / index.mean())])
    density = index * (1 + 3.0 * np.exp(-np.arange(span.days) / 20)) * _elapsed(span, days)
    day = np.sort(rng.choice(span.days, count, p=density / density.sum())).astype(np.int64)
    minute = _minutes(span, days, day, rng)
    order = np.lexsort((minute, day))
    day, minute = day[order], minute[order]
    drop = rng.gamma(DROP_SHAPE, 1 / DROP_DAYS, count)
    life = rng.exponential(1.0, count) / np.maximum(drop, 1e-12)
    joined = clock[day] + (clock[day + 1] - clock[day]) * minute / 1440
    content = -0.35 * np.log(drop * DROP_DAYS / DROP_SHAPE + 0.05) + rng.normal(0, 0.7, count)
    spend = (SPEND_ACROSS - 1) / rng.gamma(SPEND_ACROSS, 1.0, count)
    return Members(
        day, minute, joined, rng.random(count) >= NEVER_BUYS, rng.gamma(RATE_SHAPE, 1 / RATE_DAYS, count), drop,
        life, spend, content, _tastes(rng, count), rng.random((count, len(CODES))),
        _referrers(clock, joined, life, rng), clock,
    )  # fmt: skip


def _elapsed(span: Span, days: Days) -> Floats:
    """The part of each day's opening hours that is over: 1, but for the last day."""
    part = np.ones(span.days)
    last = span.days - 1
    opens, closes = int(days.opens[last]), int(days.closes[last])
    part[last] = np.clip((span.until_minute - opens) / (closes - opens), 0, 1)
    return part


def _minutes(span: Span, days: Days, day: Ints, rng: np.random.Generator) -> Ints:
    opens, closes = days.opens[day], days.closes[day] - 15
    closes = np.where(day == span.days - 1, np.minimum(closes, span.until_minute - 1), closes)
    return np.asarray((opens + rng.random(len(day)) * np.maximum(closes - opens, 0)).astype(np.int64))


def _tastes(rng: np.random.Generator, count: int) -> Floats:
    main = rng.choice(len(TASTES), count, p=TASTE_SHARES)
    mixed = rng.dirichlet(np.array(TASTE_SHARES) * 4, count) * 0.3
    mixed[np.arange(count), main] += 0.7
    return np.asarray(mixed)


def _referrers(clock: Floats, joined: Floats, life: Floats, rng: np.random.Generator) -> Ints:
    """Who brought whom: about a tenth of members, by earlier living ones of heavy-tailed (log-normal) pull."""
    count = len(joined)
    pull = np.exp(rng.normal(0, 1.8, count))
    reach = np.cumsum(pull)
    referred = (rng.random(count) < REFERRED) & (np.arange(count) >= 20)
    draw = rng.random(count) * np.concatenate([[0.0], reach[:-1]])
    found = np.searchsorted(reach, draw, side="right")
    alive = joined[found] + life[found] > joined
    return np.where(referred & alive & (joined[found] < joined), found, -1).astype(np.int64)


def taste_cdf() -> Floats:
    """Cumulative shares of trades by taste (taste, trade)."""
    shares = np.array([[TASTE_TRADES[t].get(code, 0.0) for code in CODES] for t in TASTES])
    return np.asarray(np.cumsum(shares, axis=1))


def describe() -> dict[str, object]:
    """The law's parameters, for the truth kept aside."""
    return {
        "purchase_rate": {"shape": RATE_SHAPE, "per_day": RATE_DAYS},
        "drop_out": {"shape": DROP_SHAPE, "per_day": DROP_DAYS},
        "spend": {"within": SPEND_WITHIN, "across": SPEND_ACROSS},
        "never_buys": NEVER_BUYS,
        "tastes": list(TASTES),
    }
