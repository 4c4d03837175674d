"""Who buys what and when: members' receipts, receipts without a card, and days' totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.campaigns import HOLDOUT, Run
from engines.demo.days import OFF_DAY, Days
from engines.demo.members import SPEND_WITHIN, Members, taste_cdf
from engines.demo.shops import Shops
from engines.demo.span import Flags, Floats, Ints, Span, stream
from engines.demo.trades import CODES, STEPS, TRADES, hour_cdf

ANONYMOUS_WITHIN = 2.2
RETURN_WITHIN_DAYS = 10
TASTE_DECIDES, FAVOURITE_DECIDES = 0.7, 0.5


@dataclass(frozen=True)
class Receipts:
    """Receipts as parallel arrays: member number or -1, tenant number, day, minute, amount in fen, and the
    position of the receipt it returns or -1."""

    member: Ints
    tenant: Ints
    day: Ints
    minute: Ints
    amount: Ints
    returns: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.member)

    def take(self, which: Ints) -> Receipts:
        """Some of them, in the order given; positions of returned receipts follow."""
        place = np.full(self.count + 1, -1, dtype=np.int64)
        place[which] = np.arange(len(which))
        return Receipts(
            self.member[which], self.tenant[which], self.day[which], self.minute[which], self.amount[which],
            place[self.returns[which]],
        )  # fmt: skip


@dataclass(frozen=True)
class Touch:
    """A campaign's people: parallel arrays of member and day; `arm` is 0 held out, 1 sent, 2 opened, 3 clicked."""

    run: Run
    member: Ints
    day: Ints
    arm: Ints
    extra: Ints


def make_touches(span: Span, members: Members, runs: list[Run], seed: int) -> list[Touch]:
    """The frozen audience of each campaign. `extra` are the members it truly made buy once more."""
    rng, made = stream(seed, "touches"), []
    stops = members.alive_until()
    for run in runs:
        there = np.flatnonzero((members.day < run.first) & (stops > run.first - 60))
        chosen = np.sort(rng.choice(there, int(len(there) * run.plan.reach), replace=False))
        draw = rng.random((3, len(chosen)))
        warmth = 0.24 + 0.12 / (1 + np.exp(-members.content[chosen]))
        opened, clicked = draw[1] < warmth, draw[2] < 0.18
        arm = np.where(draw[0] < HOLDOUT, 0, 1 + opened + (opened & clicked))
        living = (stops[chosen] > run.first) & (arm > 0)
        extra = chosen[living & (rng.random(len(chosen)) < run.plan.uplift)]
        day = run.first + rng.integers(0, 2, len(chosen))
        made.append(Touch(run, chosen, np.minimum(day, run.last), arm, extra))
    return made


def buy(span: Span, days: Days, shops: Shops, members: Members, touches: list[Touch], *, seed: int) -> Receipts:
    """Every member's receipts by the laws of `members`, one per campaign where it worked, none in the future."""
    rng = stream(seed, "purchases")
    who, day, first = _occasions(span, members, rng)
    extra_who = np.concatenate([t.extra for t in touches] or [np.zeros(0, np.int64)])
    extra_day = np.concatenate([t.run.first + 1 + rng.integers(0, 7, len(t.extra)) for t in touches] or [extra_who])
    keep = extra_day < span.days
    who, day = np.concatenate([who, extra_who[keep]]), np.concatenate([day, extra_day[keep]])
    first = np.concatenate([first, np.zeros(int(keep.sum()), dtype=bool)])
    tenant = choose_tenant(shops, members, who, day, rng)
    minute = moments(days, shops, tenant, day, rng)
    minute = np.where(first, members.minute[who] + 4, minute)
    same = ~first & (day == members.day[who])
    minute = np.where(same, np.minimum(np.maximum(minute, members.minute[who] + 25), days.closes[day] - 1), minute)
    price = members.spend[who] * rng.gamma(SPEND_WITHIN, 1 / SPEND_WITHIN, len(who))
    amount = fen(shops.ticket[tenant] * price)
    return Receipts(who, tenant, day, minute, amount, np.full(len(who), -1, dtype=np.int64))


def _occasions(span: Span, members: Members, rng: np.random.Generator) -> tuple[Ints, Ints, Flags]:
    """(member, day, whether it is the first) of each purchase: one on joining, then a Poisson process while alive."""
    buyers = np.flatnonzero(members.buys)
    length = np.minimum(members.life, members.clock[-1] - members.joined)[buyers]
    again = rng.poisson(members.rate[buyers] * length)
    who = np.repeat(buyers, again)
    moment = members.joined[who] + rng.random(len(who)) * np.repeat(length, again)
    day = np.interp(moment, members.clock, np.arange(span.days + 1)).astype(np.int64)
    first = np.concatenate([np.ones(len(buyers), dtype=bool), np.zeros(len(who), dtype=bool)])
    all_days = np.concatenate([members.day[buyers], np.minimum(day, span.days - 1)])
    return np.concatenate([buyers, who]), all_days, first


def choose_tenant(shops: Shops, members: Members, who: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    """A tenant for each purchase: a trade by taste, in it a favourite or any, by the tenants' attraction."""
    count = len(who)
    taste = (np.cumsum(members.taste, axis=1)[who] < rng.random(count)[:, None]).sum(axis=1).clip(max=5)
    by_taste = (taste_cdf()[taste] < rng.random(count)[:, None]).sum(axis=1)
    usual = np.cumsum([t.share for t in TRADES])
    by_all = np.searchsorted(usual, rng.random(count) * usual[-1], side="right")
    trade = np.where(rng.random(count) < TASTE_DECIDES, by_taste, by_all).clip(max=len(CODES) - 1)
    draw = np.where(rng.random(count) < FAVOURITE_DECIDES, members.favourite[who, trade], rng.random(count))
    tenant = np.zeros(count, dtype=np.int64)
    for code in range(len(CODES)):
        here, stands = np.flatnonzero(trade == code), np.flatnonzero(shops.trade == code)
        reach = np.cumsum(shops.share[stands])
        tenant[here] = stands[np.searchsorted(reach, draw[here] * reach[-1], side="right").clip(max=len(stands) - 1)]
    shut = (day < shops.opened[tenant]) | (day >= shops.closed[tenant])
    always = np.array([np.flatnonzero((shops.trade == c) & (shops.opened < 0) & (shops.closed > 99_999))[0]
                       for c in range(len(CODES))])  # fmt: skip
    return np.where(shut, always[trade], tenant)


def moments(days: Days, shops: Shops, tenant: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    """A minute of the opening hours by the trade's shape of the day."""
    cdf, trade, draw = hour_cdf(), shops.trade[tenant], rng.random(len(tenant))
    step = np.zeros(len(tenant))
    for code in range(len(CODES)):
        here = np.flatnonzero(trade == code)
        step[here] = np.interp(draw[here], np.concatenate([[0.0], cdf[code]]), np.arange(STEPS + 1))
    opens, closes = days.opens[day], days.closes[day]
    return np.asarray((opens + (closes - opens) * step / STEPS).astype(np.int64))


def fen(price: Floats) -> Ints:
    """Prices in whole tenths of a yuan, two yuan at least."""
    return np.asarray(np.maximum(np.rint(price / 10), 20).astype(np.int64) * 10)


def receipt_rates(span: Span, days: Days, shops: Shops, visits: Ints) -> Floats:
    """Expected receipts without a card by tenant and day."""
    lift = np.array([t.off_day for t in TRADES])[shops.trade][:, None]
    off = (days.kind[: span.days] == OFF_DAY)[None, :]
    rate = shops.share[:, None] * visits[None, :] * np.where(off, lift, 1.0)
    return np.asarray(rate * shops.trading(span.days))


def buy_unnamed(span: Span, days: Days, shops: Shops, rates: Floats, seed: int, *, part: str = "unnamed") -> Receipts:
    """Receipts without a card at the tills that send each receipt; `part` names the stream of chance."""
    rng = stream(seed, part)
    counts = rng.poisson(rates * shops.single[:, None])
    tenant, day = (np.repeat(i, counts.ravel()) for i in (x.ravel() for x in np.indices(counts.shape)))
    minute = moments(days, shops, tenant, day, rng)
    amount = fen(shops.ticket[tenant] * rng.gamma(ANONYMOUS_WITHIN, 1 / ANONYMOUS_WITHIN, len(tenant)))
    none = np.full(len(tenant), -1, dtype=np.int64)
    return Receipts(none, tenant, day, minute, amount, none.copy())


@dataclass(frozen=True)
class Totals:
    """Days' totals of the other tills: tenant, day, receipts, fen. A day is reported when the shop has closed."""

    tenant: Ints
    day: Ints
    txns: Ints
    amount: Ints


def total_days(span: Span, days: Days, shops: Shops, rates: Floats, seed: int, *, part: str = "totals") -> Totals:
    """One row a tenant and finished day: the receipts that were not sent one by one; `part` as above."""
    rng = stream(seed, part)
    counts = rng.poisson(rates * ~shops.single[:, None])
    over = span.happened(np.arange(span.days), days.closes[: span.days])
    day, tenant = np.nonzero((counts * over[None, :]).T)
    txns = counts[tenant, day].astype(np.int64)
    amount = shops.ticket[tenant] * rng.gamma(ANONYMOUS_WITHIN * txns, 1 / ANONYMOUS_WITHIN)
    return Totals(tenant.astype(np.int64), day.astype(np.int64), txns, fen(amount))


def settle(span: Span, days: Days, shops: Shops, parts: list[Receipts], seed: int) -> Receipts:
    """All receipts and the returns they lead to, by time; what lies in the future is left out."""
    rng = stream(seed, "returns")
    every = join(parts)
    chance = np.array([t.returned for t in TRADES])[shops.trade[every.tenant]]
    back = np.flatnonzero(rng.random(every.count) < chance)
    day = every.day[back] + 1 + rng.integers(0, RETURN_WITHIN_DAYS, len(back))
    inside = (day < span.days) & (day < shops.closed[every.tenant[back]])
    back, day = back[inside], day[inside]
    opens, closes = days.opens[day], days.closes[day]
    minute = (opens + rng.random(len(back)) * (closes - opens)).astype(np.int64)
    returns = Receipts(every.member[back], every.tenant[back], day, minute, -every.amount[back], back)
    both = join([every, returns])
    return both.take(past_in_order(span, both))


def past_in_order(span: Span, receipts: Receipts) -> Ints:
    """The positions of receipts that are not in the future, by time."""
    happened = np.flatnonzero(span.happened(receipts.day, receipts.minute))
    order = np.lexsort((receipts.tenant[happened], receipts.minute[happened], receipts.day[happened]))
    return np.asarray(happened[order])


def join(parts: list[Receipts]) -> Receipts:
    """All of them, one part after another, without following returns."""
    names = ("member", "tenant", "day", "minute", "amount", "returns")
    return Receipts(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
