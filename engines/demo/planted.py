"""What is wrong on purpose among the demo mall's members: false receipts, a ring of referrals, changed habits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.days import Days
from engines.demo.members import SPEND_WITHIN, Members
from engines.demo.purchases import Receipts, choose_tenant, fen, moments
from engines.demo.shops import Shops
from engines.demo.span import Ints, Span, stream

DUPLICATES, RUSHES, RUSH_RECEIPTS, RUSH_MINUTES = 5, 2, 9, 20
COLLUSIONS, COLLUSION_FEN = 26, (50_000, 100_000, 200_000)
RING = 6
TRIPLED, STOPPED = 8, 8
#: Purchases an operational day of those whose habits change: often enough that a change can be seen.
OFTEN, EAGER = 0.08, 0.25


@dataclass(frozen=True)
class Case:
    """A fraud: its kind, the numbers of the cards, the tenant's number or -1, its first day, how many receipts."""

    kind: str
    members: tuple[int, ...]
    tenant: int
    day: int
    receipts: int


@dataclass(frozen=True)
class Turn:
    """A member whose habits change on a day: `kind` is tripled or stopped."""

    member: int
    kind: str
    day: int


@dataclass(frozen=True)
class Planted:
    """Frauds and turns, and the receipts they bring; the ring's members come after all others.

    `ring_day` and `ring_minutes` say when each of the ring joined."""

    cases: tuple[Case, ...]
    turns: tuple[Turn, ...]
    receipts: Receipts
    ring_day: int
    ring_minutes: tuple[int, ...]


def plant_members(span: Span, days: Days, shops: Shops, members: Members, receipts: Receipts, *, seed: int) -> Planted:
    """Everything that is planted among members, by a stream of chance of its own."""
    rng = stream(seed, "planted members")
    alive = np.flatnonzero((members.day < span.days // 3) & (members.alive_until() >= span.days))
    alive = alive if len(alive) else np.arange(members.count)
    usual = np.flatnonzero((shops.opened < 0) & (shops.closed > 99_999) & shops.single)
    made = [
        _duplicates(span, receipts, alive, rng), _rushes(span, days, usual, alive, rng),
        _collusion(span, days, usual, alive, rng),
    ]  # fmt: skip
    turns, more = _turns(span, days, shops, members, receipts=receipts, rng=rng)
    parts = [rows for _, rows in made] + [more]
    cases = tuple(case for found, _ in made for case in found)
    day = int(span.days * 0.7)
    minutes = tuple(sorted((int(days.opens[day]) + 240 + rng.choice(55, RING, replace=False)).tolist()))
    ring = Case("referral_ring", tuple(range(members.count, members.count + RING)), -1, day, 0)
    rows = np.concatenate(parts, axis=1)
    rows = rows[:, span.happened(rows[2], rows[3])]
    none = np.full(rows.shape[1], -1, dtype=np.int64)
    every = Receipts(rows[0], rows[1], rows[2], rows[3], rows[4], none)
    return Planted((*cases, ring), turns, every, day, minutes)


def _rows(*columns: Ints) -> Ints:
    """Member, tenant, day, minute and fen, a row of the matrix each."""
    return np.stack([np.asarray(c, dtype=np.int64) for c in columns])


def _duplicates(span: Span, receipts: Receipts, alive: Ints, rng: np.random.Generator) -> tuple[list[Case], Ints]:
    """The same slip on two cards: tenant, minute and amount agree."""
    first = np.flatnonzero((receipts.member >= 0) & (receipts.returns < 0) & (receipts.day >= span.days // 3))
    chosen = rng.choice(first, min(DUPLICATES, len(first)), replace=False)
    other = rng.choice(alive, len(chosen))
    other = np.where(other == receipts.member[chosen], alive[0], other)
    cases = [
        Case("duplicate", (int(receipts.member[r]), int(o)), int(receipts.tenant[r]), int(receipts.day[r]), 2)
        for r, o in zip(chosen, other, strict=True)
    ]
    same = (receipts.tenant[chosen], receipts.day[chosen], receipts.minute[chosen], receipts.amount[chosen])
    return cases, _rows(other, *same)


def _rushes(span: Span, days: Days, usual: Ints, alive: Ints, rng: np.random.Generator) -> tuple[list[Case], Ints]:
    """One card in nine shops within twenty minutes."""
    cases, rows = [], []
    for _ in range(RUSHES):
        who, day = int(rng.choice(alive)), int(rng.integers(span.days // 2, span.days - 1))
        tenant = rng.choice(usual, RUSH_RECEIPTS, replace=False)
        minute = (
            int(days.opens[day]) + int(rng.integers(200, 500)) + np.sort(rng.integers(0, RUSH_MINUTES, RUSH_RECEIPTS))
        )
        cases.append(Case("velocity", (who,), -1, day, RUSH_RECEIPTS))
        full = np.full(RUSH_RECEIPTS, who), np.full(RUSH_RECEIPTS, day)
        rows.append(_rows(full[0], tenant, full[1], minute, rng.integers(800, 6000, RUSH_RECEIPTS) * 10))
    return cases, np.concatenate(rows, axis=1)


def _collusion(span: Span, days: Days, usual: Ints, alive: Ints, rng: np.random.Generator) -> tuple[list[Case], Ints]:
    """One tenant gives one card receipts of round amounts in the last minutes before closing."""
    who, tenant = int(rng.choice(alive)), int(rng.choice(usual))
    first = max(span.days - 75, span.days // 3)
    day = np.sort(rng.choice(np.arange(first, span.days - 1), min(COLLUSIONS, span.days - 1 - first), replace=False))
    minute = days.closes[day] - 1 - rng.integers(0, 10, len(day))
    rows = _rows(np.full(len(day), who), np.full(len(day), tenant), day, minute, rng.choice(COLLUSION_FEN, len(day)))
    return [Case("collusion", (who,), tenant, int(day[0]), len(day))], rows


def _turns(
    span: Span, days: Days, shops: Shops, members: Members, *, receipts: Receipts, rng: np.random.Generator
) -> tuple[tuple[Turn, ...], Ints]:
    """Members who buy three times as often from a day on, and frequent ones who stop (they drop out by their law)."""
    ends, often = members.alive_until(), members.buys & (members.rate >= OFTEN)
    eager = np.flatnonzero(often & (members.rate < EAGER) & (members.day < span.days * 0.4) & (ends >= span.days))
    chosen = rng.choice(eager, min(TRIPLED, len(eager)), replace=False)
    turn = rng.integers(int(span.days * 0.55), int(span.days * 0.75), len(chosen))
    passed = members.clock[span.days] - members.clock[turn]
    again = rng.poisson(2.0 * members.rate[chosen] * passed)
    who = np.repeat(chosen, again)
    moment = np.repeat(members.clock[turn], again) + rng.random(len(who)) * np.repeat(passed, again)
    day = np.minimum(np.interp(moment, members.clock, np.arange(span.days + 1)).astype(np.int64), span.days - 1)
    tenant = choose_tenant(shops, members, who, day, rng)
    minute = moments(days, shops, tenant, day, rng)
    price = members.spend[who] * rng.gamma(SPEND_WITHIN, 1 / SPEND_WITHIN, len(who))
    rows = _rows(who, tenant, day, minute, fen(shops.ticket[tenant] * price))
    bought = np.bincount(receipts.member[receipts.member >= 0], minlength=members.count)
    gone = np.flatnonzero(
        often & (bought >= 8) & (ends > span.days // 3) & (ends < span.days - min(60, span.days // 4))
    )
    stopped = gone[np.argsort(-bought[gone], kind="stable")][:STOPPED]
    turns = [Turn(int(m), "tripled", int(d)) for m, d in zip(chosen, turn, strict=True)]
    return (*turns, *(Turn(int(m), "stopped", int(ends[m])) for m in stopped)), rows
