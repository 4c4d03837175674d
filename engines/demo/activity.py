"""What members do besides buying: join, check in, answer surveys, refer friends, get campaign messages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import Days
from engines.demo.members import TASTES, Members
from engines.demo.purchases import Receipts, Touch
from engines.demo.span import Flags, Floats, Ints, Span, stream

KINDS = (
    "join", "visit", "referral", "campaign_holdout", "campaign_sent", "campaign_opened", "campaign_clicked",
    "nps", "csat",
)  # fmt: skip
ZONES = ("atrium", "food_court", "cinema", "kids", "supermarket")
#: Where a member of each taste checks in.
ZONE_SHARES = {
    "everyday": (0.25, 0.35, 0.05, 0.05, 0.30), "style": (0.55, 0.30, 0.08, 0.02, 0.05),
    "family": (0.20, 0.25, 0.05, 0.40, 0.10), "active": (0.50, 0.30, 0.10, 0.02, 0.08),
    "digital": (0.35, 0.25, 0.35, 0.01, 0.04), "treats": (0.20, 0.60, 0.12, 0.02, 0.06),
}  # fmt: skip


@dataclass(frozen=True)
class Activities:
    """Parallel arrays: kind number, member, day, minute, campaign number, related member, tenant, zone (each
    -1 for none) and score (not a number for none)."""

    kind: Ints
    member: Ints
    day: Ints
    minute: Ints
    campaign: Ints
    related: Ints
    tenant: Ints
    zone: Ints
    score: Floats

    @property
    def count(self) -> int:
        """How many."""
        return len(self.kind)


def make_activities(
    span: Span, days: Days, members: Members, receipts: Receipts, touches: list[Touch], *, seed: int
) -> Activities:
    """Everything in order of time, up to now."""
    rng = stream(seed, "activities")
    parts = [_joins(members), _referrals(members), *_visits(span, days, members, receipts, rng)]
    parts += [part for number, touch in enumerate(touches) for part in _messages(touch, number, rng)]
    parts += _answers(members, receipts, rng)
    names = list(Activities.__dataclass_fields__)
    every = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    happened = (every["day"] < span.days) & (every["day"] >= 0)
    happened[happened] = span.happened(every["day"][happened], every["minute"][happened])
    at = every["day"] * 1440 + every["minute"]
    order = np.lexsort((every["kind"], every["member"], at))
    order = order[happened[order]]
    return Activities(*(every[name][order] for name in names))


def _some(kind: str, member: Ints, day: Ints, minute: Ints, **given: Ints | Floats) -> Activities:
    none = np.full(len(member), -1, dtype=np.int64)
    columns: dict[str, Ints] = {n: np.asarray(given.get(n, none)) for n in ("campaign", "related", "tenant", "zone")}
    score: Floats = np.asarray(given.get("score", np.full(len(member), np.nan)), dtype=np.float64)
    return Activities(np.full(len(member), KINDS.index(kind)), member, day, minute, **columns, score=score)


def _joins(members: Members) -> Activities:
    return _some("join", np.arange(members.count), members.day, members.minute)


def _referrals(members: Members) -> Activities:
    new = np.flatnonzero(members.referrer >= 0)
    return _some("referral", new, members.day[new], members.minute[new] + 1, related=members.referrer[new])


def _visits(span: Span, days: Days, members: Members, receipts: Receipts, rng: np.random.Generator) -> list[Activities]:
    """Check-ins: before a third of purchases, and on some days when nothing is bought."""
    mine = np.flatnonzero((receipts.member >= 0) & (receipts.returns < 0))
    before = mine[rng.random(len(mine)) < 0.33]
    who, day = receipts.member[before], receipts.day[before]
    minute = receipts.minute[before] - rng.integers(10, 70, len(before))
    late_enough = minute >= np.where(day == members.day[who], members.minute[who] + 1, days.opens[day])
    who, day, minute = who[late_enough], day[late_enough], minute[late_enough]
    life = np.minimum(members.life, members.clock[-1] - members.joined)
    idle = np.repeat(np.arange(members.count), rng.poisson(members.rate * life * 0.35))
    moment = members.joined[idle] + rng.random(len(idle)) * life[idle]
    idle_day = np.minimum(np.interp(moment, members.clock, np.arange(span.days + 1)).astype(np.int64), span.days - 1)
    idle, idle_day = idle[idle_day > members.day[idle]], idle_day[idle_day > members.day[idle]]
    opens, closes = days.opens[idle_day], days.closes[idle_day]
    idle_minute = (opens + rng.beta(2.2, 1.8, len(idle)) * (closes - opens)).astype(np.int64)
    both = ((who, day, minute), (idle, idle_day, idle_minute))
    return [_some("visit", w, d, m, zone=_zones(members, w, rng)) for w, d, m in both]


def _zones(members: Members, who: Ints, rng: np.random.Generator) -> Ints:
    shares = np.cumsum([ZONE_SHARES[t] for t in TASTES], axis=1)
    main = members.taste[who].argmax(axis=1)
    return np.asarray((shares[main] < rng.random(len(who))[:, None]).sum(axis=1).clip(max=len(ZONES) - 1))


def _messages(touch: Touch, number: int, rng: np.random.Generator) -> list[Activities]:
    """Sent at ten, opened within hours, clicked soon after; the held-out are recorded where others are sent."""
    made = []
    sent = np.full(len(touch.member), 600)
    opened = sent + 5 + np.minimum(rng.exponential(150, len(sent)), 780).astype(np.int64)
    clicked = opened + 1 + rng.integers(0, 15, len(sent))
    wanted: list[tuple[str, Flags, Ints]] = [
        ("campaign_holdout", touch.arm == 0, sent),
        ("campaign_sent", touch.arm >= 1, sent),
        ("campaign_opened", touch.arm >= 2, opened),
        ("campaign_clicked", touch.arm >= 3, clicked),
    ]
    for kind, which, minute in wanted:
        campaign = np.full(int(which.sum()), number)
        made.append(_some(kind, touch.member[which], touch.day[which], minute[which], campaign=campaign))
    return made


def _answers(members: Members, receipts: Receipts, rng: np.random.Generator) -> list[Activities]:
    """Answers the day after a purchase: 0 to 10 whether one would recommend the mall, 1 to 5 for the shop."""
    mine = np.flatnonzero((receipts.member >= 0) & (receipts.returns < 0))
    made = []
    for kind, part, middle, spread, low, high in (("nps", 0.03, 8.0, 1.5, 0, 10), ("csat", 0.025, 4.1, 0.7, 1, 5)):
        asked = mine[rng.random(len(mine)) < part]
        who = receipts.member[asked]
        felt = middle + spread * (0.55 * members.content[who] + rng.normal(0, 0.8, len(who)))
        score = np.clip(np.rint(felt), low, high)
        tenant = receipts.tenant[asked] if kind == "csat" else np.full(len(who), -1)
        minute = 540 + rng.integers(0, 720, len(who))
        made.append(_some(kind, who, receipts.day[asked] + 1, minute, tenant=tenant, score=score))
    return made
