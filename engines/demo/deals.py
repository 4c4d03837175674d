"""Who might rent, sponsor or book in the demo mall, how each talk went, and what truly decided it.

A talk's log-odds of being won are linear in what can be seen of it (viewings and replies, each up to a limit),
in how few shops of the prospect's trade the mall has, in how many outlets it runs and how it came; the rest is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.names import AREAS
from engines.demo.prospects import prospect_names
from engines.demo.shops import Shops
from engines.demo.span import Flags, Floats, Ints, Span, stream
from engines.demo.trades import TRADES

PIPELINES = ("leasing", "casual", "space", "media")
STAGES = ("enquiry", "qualified", "viewing", "terms", "legal", "signed")
#: Talks begun a day, days a talk takes (median, log sd), its value in yuan a year (median, log sd), by pipeline.
A_DAY = (0.19, 0.72, 0.50, 0.29)
LENGTH = ((62.0, 0.45), (13.0, 0.5), (20.0, 0.5), (26.0, 0.5))
VALUE = ((620_000, 0.6), (26_000, 0.5), (34_000, 0.6), (70_000, 0.7))
CHANNELS = ("broker", "referral", "web", "walk_in", "cold_call", "fair")
CHANNEL_SHARES = (0.20, 0.14, 0.26, 0.14, 0.16, 0.10)
LOST = ("price", "other mall", "no answer", "size", "timing")
OWNERS = ("manager", "marketing", "marketing", "marketing")
KINDS = ("enquiry", "email", "reply", "call", "meeting", "viewing", "quote", "stage")
#: The law of winning, in log-odds. A gap is 1 in a trade of which the mall has one shop and 0 from `ENOUGH` on.
CONSTANT, PER_VIEWING, PER_REPLY, PER_GAP, PER_LOG_OUTLETS = -3.0, 0.75, 0.40, 1.1, 0.35
MOST_VIEWINGS, MOST_REPLIES = 3, 5
OF_PIPELINE = (-0.2, 0.4, 0.2, 0.0)
OF_CHANNEL = {"broker": 0.2, "referral": 0.8, "web": 0.0, "walk_in": 0.3, "cold_call": -0.8, "fair": 0.1}
ENOUGH = 12.0


@dataclass(frozen=True)
class Prospects:
    """Businesses by number: names, trade, outlets (-1 not known), area, channel and day of the first contact."""

    name: list[str]
    name_zh: list[str]
    trade: Ints
    outlets: Ints
    area: Ints
    channel: Ints
    day: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.name)


@dataclass(frozen=True)
class Steps:
    """What happened in talks, by time: talk, kind, stage reached (-1 for none), day and minute."""

    deal: Ints
    kind: Ints
    stage: Ints
    day: Ints
    minute: Ints


@dataclass(frozen=True)
class Deals:
    """Talks by number: prospect, pipeline, first day, day of its end (beyond the span where it is open), stage
    reached by now, whether it is won, value in fen a year, square metres, reason of a loss, chance of winning."""

    prospect: Ints
    pipeline: Ints
    opened: Ints
    closed: Ints
    stage: Ints
    won: Flags
    value: Ints
    gla: Floats
    reason: Ints
    chance: Floats
    steps: Steps


def make_deals(span: Span, shops: Shops, seed: int) -> tuple[Prospects, Deals]:
    """Every talk that began within the span, in order of its first day."""
    rng = stream(seed, "deals")
    count = [max(int(rng.poisson(a * span.days)), 3) for a in A_DAY]
    pipeline = np.repeat(np.arange(len(PIPELINES)), count)
    opened = rng.integers(0, span.days, len(pipeline))
    order = np.lexsort((pipeline, opened))
    pipeline, opened = pipeline[order], opened[order].astype(np.int64)
    who, prospects = _prospects(shops, opened, rng)
    middle, spread = np.array(LENGTH)[pipeline].T
    length = np.maximum(np.exp(np.log(middle) + spread * rng.normal(size=len(opened))), 2).astype(np.int64)
    warm = rng.normal(size=len(opened))
    seen = rng.poisson(np.exp(-0.15 + 0.55 * warm)), rng.poisson(np.exp(0.65 + 0.5 * warm))
    chance = _chance(shops, prospects, who, pipeline, seen)
    won = rng.random(len(opened)) < chance
    last = np.where(won, len(STAGES) - 1, np.minimum((seen[0] > 0) + rng.integers(0, 3, len(opened)), 4))
    steps = _steps(span, (opened, length, last), seen, rng)
    over = opened + length < span.days
    reached = np.zeros(len(opened), dtype=np.int64)
    np.maximum.at(reached, steps.deal, steps.stage)
    price, wide = np.array(VALUE)[pipeline].T
    value = np.rint(price * np.exp(wide * rng.normal(size=len(opened)))).astype(np.int64) * 100
    gla = np.where(pipeline == 0, np.round(rng.gamma(4.0, 28.0, len(opened)), 1), np.nan)
    reason = np.where(~won & over, rng.integers(0, len(LOST), len(opened)), -1)
    closed = np.where(over, opened + length, span.days)
    return prospects, Deals(who, pipeline, opened, closed, reached, won & over, value, gla, reason, chance, steps)


def _prospects(shops: Shops, opened: Ints, rng: np.random.Generator) -> tuple[Ints, Prospects]:
    """Two talks in five are with someone met before; the trades that fill malls ask most."""
    who = np.zeros(len(opened), dtype=np.int64)
    first: list[int] = []
    for i, again in enumerate((rng.random(len(opened)) < 0.4).tolist()):
        if again and first:
            who[i] = int(rng.integers(0, len(first)))
        else:
            who[i] = len(first)
            first.append(int(opened[i]))
    count = len(first)
    asks = np.sqrt(np.bincount(shops.trade, minlength=len(TRADES))) + 1.0
    names = prospect_names(count, rng)
    outlets = np.where(rng.random(count) < 0.12, -1, np.minimum(np.exp(rng.normal(1.4, 1.2, count)), 900))
    return who, Prospects(
        [en for en, _ in names], [zh for _, zh in names], rng.choice(len(TRADES), count, p=asks / asks.sum()),
        outlets.astype(np.int64), rng.integers(0, len(AREAS), count),
        rng.choice(len(CHANNELS), count, p=CHANNEL_SHARES), np.array(first, dtype=np.int64),
    )  # fmt: skip


def category_gap(shops: Shops) -> Floats:
    """By trade, how much the mall lacks it: 1 where one shop stands, falling to 0 at `ENOUGH`."""
    stands = np.bincount(shops.trade, minlength=len(TRADES))
    return np.asarray(np.clip((ENOUGH - stands) / (ENOUGH - 1), 0.0, 1.0))


def _chance(shops: Shops, prospects: Prospects, who: Ints, pipeline: Ints, seen: tuple[Ints, Ints]) -> Floats:
    views, replies = np.minimum(seen[0], MOST_VIEWINGS), np.minimum(seen[1], MOST_REPLIES)
    odds = CONSTANT + PER_VIEWING * views + PER_REPLY * replies
    odds = odds + PER_GAP * category_gap(shops)[prospects.trade[who]]
    odds = odds + PER_LOG_OUTLETS * np.log1p(np.maximum(prospects.outlets[who], 0))
    odds = odds + np.array([OF_CHANNEL[c] for c in CHANNELS])[prospects.channel[who]] + np.array(OF_PIPELINE)[pipeline]
    return np.asarray(1 / (1 + np.exp(-odds)))


def _steps(span: Span, course: tuple[Ints, Ints, Ints], seen: tuple[Ints, Ints], rng: np.random.Generator) -> Steps:
    """What was written down by now: an enquiry, contacts over the talk's time, stages in their order."""
    opened, length, last = course
    every: Ints = np.arange(len(opened), dtype=np.int64)
    counts = {
        "viewing": seen[0], "reply": seen[1], "email": seen[1] + rng.poisson(1.2, len(every)),
        "call": rng.poisson(1.5, len(every)), "meeting": rng.poisson(0.5 + 0.3 * seen[0]),
        "quote": (last >= 2) * rng.integers(0, 3, len(every)),
    }  # fmt: skip
    parts = [_part(every, "enquiry", np.zeros(len(every)), 0)]
    for kind, n in counts.items():
        deal = np.repeat(every, n)
        parts.append(_part(deal, kind, rng.beta(1.1, 1.6, len(deal)), -1))
    signed = len(STAGES) - 1
    for reached in range(1, len(STAGES)):
        deal = every[last >= reached]
        parts.append(_part(deal, "stage", reached / np.where(last[deal] == signed, signed, last[deal] + 1.0), reached))
    deal, kinds, stage = (np.concatenate([p[i] for p in parts]).astype(np.int64) for i in (0, 1, 2))
    day = opened[deal] + np.floor(np.concatenate([p[3] for p in parts]) * length[deal]).astype(np.int64)
    minute = np.where(stage < 0, 600, 540 + 85 * np.maximum(stage, 0))
    minute = minute + rng.integers(0, np.where(stage < 0, 480, 60), len(deal))
    past = day < span.days
    past[past] = span.happened(day[past], minute[past])
    order = np.lexsort((stage, minute, day))
    order = order[past[order]]
    return Steps(deal[order], kinds[order], stage[order], day[order], minute[order])


def _part(deal: Ints, kind: str, when: Floats, stage: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Talk, kind, stage and part of the talk's time of some activities of one kind."""
    return deal, np.full(len(deal), KINDS.index(kind)), np.full(len(deal), stage), when


def describe() -> dict[str, object]:
    """The law's parameters, for the truth kept aside."""
    return {
        "constant": CONSTANT, "viewing": PER_VIEWING, "reply": PER_REPLY, "gap": PER_GAP,
        "log_outlets": PER_LOG_OUTLETS, "most_viewings": MOST_VIEWINGS, "most_replies": MOST_REPLIES,
        "pipeline": dict(zip(PIPELINES, OF_PIPELINE, strict=True)), "channel": OF_CHANNEL,
        "enough_shops_of_a_trade": ENOUGH,
    }  # fmt: skip
