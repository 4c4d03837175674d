"""The components of a lead score, each 0 to 100, as of any day back.

Behavioural: each touch counts its kind's weight, halved every half-life; the sum s becomes 100 (1 - exp(-s / 20)), so
that more never lowers it and it never passes 100. Demographic: half how complete the profile is, half the fit of the
area (or trade): 50 where it converts as the whole does, by log-odds, drawn towards 50 by 20 people's worth. Engagement:
half the weeks with a touch out of eight, a third the kinds of touch out of four, a sixth the messages answered.
Predictive: 50 for the chance that prospects have on average, by log-odds. No gender, age, name or ethnicity is read by
any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.leads.population import Flags, Floats, Ints, Population

#: What a touch is worth; kinds not named here (an import's own) count OTHER, and what the mall sends counts nothing.
TOUCHES: Mapping[str, Mapping[str, float]] = {
    "member": {
        "join": 6, "visit": 6, "referral": 10, "campaign_clicked": 6, "campaign_opened": 3, "nps": 3, "csat": 3,
        "ces": 3,
        "app_open": 2, "app_view": 2, "web_visit": 2, "web_view": 2, "page_view": 1, "search": 3, "offer_view": 4,
        "offer_saved": 8, "coupon_claimed": 10, "enquiry": 12, "wifi": 2, "parking": 4, "event_signup": 10,
        "signup": 6, "review": 4, "support": 2, "campaign_sent": 0, "campaign_holdout": 0,
    },
    "deal": {
        "enquiry": 10, "email": 1, "reply": 6, "call": 4, "meeting": 12, "viewing": 16, "quote": 14,
        "stage_qualified": 6,
        "stage_viewing": 8, "stage_terms": 12, "stage_legal": 14, "stage_enquiry": 0,
    },
}  # fmt: skip
OTHER = 1.0
SATURATION = 20.0
WEEKS = 8
KINDS_FULL = 4
PRIOR = 20.0
FEWEST = 10
ASKED, ANSWERED = ("campaign_sent", "email"), ("campaign_opened", "campaign_clicked", "reply")
PASSIVE = ("campaign_sent", "campaign_holdout", "email", "stage_enquiry")
#: Groups of kinds whose decayed sums a model reads.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "messages": ("campaign_opened", "campaign_clicked", "reply"),
    "visits": ("visit", "parking", "wifi", "viewing", "meeting"),
    "digital": ("app_open", "app_view", "web_visit", "web_view", "page_view", "search", "call"),
    "intent": ("enquiry", "offer_view", "offer_saved", "coupon_claimed", "event_signup", "signup", "referral", "quote"),
    "stages": ("stage_qualified", "stage_viewing", "stage_terms", "stage_legal"),
}


@dataclass(frozen=True)
class Context:
    """What a score needs of everyone: the share converting within `horizon` days, and how areas, channels, ... do.

    `base` is the share of everyone since they were first known, `rate` the share of those who are prospects on a day.
    """

    base: float
    rate: float
    fits: Mapping[str, Mapping[str, float]]
    horizon: int
    refusal: str = ""


def touch_weights(use: str, population: Population) -> Floats:
    """The weight of each touch."""
    table = TOUCHES[use]
    return np.array([table.get(kind, OTHER) for kind in population.touches.kind.tolist()], dtype=np.float64)


def decayed(population: Population, amount: Floats, back: float, half_life: float) -> Floats:
    """Each subject's sum of `amount` x how many, halved every `half_life` days before the day `back` days ago."""
    touches = population.touches
    seen = touches.age >= back
    faded = amount[seen] * touches.n[seen] * 0.5 ** ((touches.age[seen] - back) / half_life)
    return np.bincount(touches.who[seen], weights=faded, minlength=len(population.ids)).astype(np.float64)


def saturated(total: Floats) -> Floats:
    """0 to 100, never falling as `total` grows."""
    return np.asarray(100.0 * (1.0 - np.exp(-np.maximum(total, 0.0) / SATURATION)))


def behavioural(population: Population, back: float, half_life: float) -> Floats:
    """0 to 100 by subject."""
    return saturated(decayed(population, touch_weights(population.use, population), back, half_life))


def engagement(population: Population, back: float = 0.0) -> Floats:
    """0 to 100 by subject: weeks with a touch of the last eight, kinds of touch, messages answered."""
    touches, count = population.touches, len(population.ids)
    age = touches.age - back
    own = (age >= 0) & (age < 7 * WEEKS) & ~np.isin(touches.kind, PASSIVE)
    weeks = _distinct(touches.who[own], (age[own] // 7).astype(np.int64), count)
    _, kind = np.unique(touches.kind, return_inverse=True)
    kinds = _distinct(touches.who[own], kind[own].astype(np.int64), count)
    answered = _rate(population, back)
    return np.asarray(100 * (weeks / WEEKS / 2 + np.minimum(kinds / KINDS_FULL, 1) / 3 + answered / 6))


def _distinct(who: Ints, what: Ints, count: int) -> Floats:
    pairs = np.unique(np.column_stack([who, what]), axis=0) if len(who) else np.empty((0, 2), np.int64)
    return np.bincount(pairs[:, 0], minlength=count).astype(np.float64)


def _rate(population: Population, back: float) -> Floats:
    """Share of what was sent that was answered, 0 where nothing was sent."""
    touches, count = population.touches, len(population.ids)
    seen = touches.age >= back
    sums = [
        np.bincount(touches.who[m], weights=touches.n[m], minlength=count)
        for m in (seen & np.isin(touches.kind, ASKED), seen & np.isin(touches.kind, ANSWERED))
    ]
    return np.asarray(np.where(sums[0] > 0, np.minimum(sums[1] / np.maximum(sums[0], 1), 1.0), 0.0))


def completeness(population: Population) -> Floats:
    """Share of the profile's parts that are there, 0 to 100."""
    return np.asarray(100 * population.parts.mean(axis=1)) if len(population.ids) else np.zeros(0)


def log_odds_score(share: Floats, base: float) -> Floats:
    """0 to 100: 50 where `share` is `base`, by the difference of log-odds."""
    p, q = np.clip(share, 1e-6, 1 - 1e-6), min(max(base, 1e-6), 1 - 1e-6)
    odds = p / (1 - p) / (q / (1 - q))
    return np.asarray(100 * odds / (1 + odds))


def learn_context(population: Population, horizon: int, back: float = 0.0) -> Context:
    """Base rate and fits from subjects who had had the whole horizon by the day `back` days ago."""
    old = population.since >= back + horizon
    seen = old & (population.came >= back) & (population.since - population.came <= horizon)
    base = (float(seen.sum()) + 1) / (float(old.sum()) + 2)
    fits = {name: _fits(population, name, (old, seen), back, base) for name in population.encoded}
    waiting = population.prospects(back + horizon)
    later = waiting & population.converted(back + horizon, horizon)
    rate = (float(later.sum()) + base) / (float(waiting.sum()) + 1)
    return Context(base, rate, fits, horizon)


def _fits(population: Population, name: str, grown: tuple[Flags, Flags], back: float, base: float) -> dict[str, float]:
    """Of each value with ten subjects or more: 0 to 100, 50 where it converts as the whole does."""
    old, seen = grown
    keys = np.array([key or "" for key in population.encoded[name]], dtype=np.str_)
    told = old & (population.told >= back)
    found = {}
    for key in np.unique(keys[told]).tolist():
        mine = told & (keys == key)
        if key and mine.sum() >= FEWEST:
            share = (float((seen & mine).sum()) + PRIOR * base) / (float(mine.sum()) + PRIOR)
            found[key] = float(log_odds_score(np.array([share]), base)[0])
    return found


def fit(population: Population, context: Context, name: str = "fit", back: float = 0.0) -> Floats:
    """0 to 100 by subject: 50 where its area (trade, channel, ...) is not known (then), or too few are known there."""
    told = population.told >= back
    table = context.fits.get(name, {})
    found = [table.get(key or "", 50.0) for key in population.encoded[name]]
    return np.where(told, np.array(found, dtype=np.float64).reshape(len(population.ids)), 50.0)


def quiet_days(population: Population, back: float = 0.0) -> Floats:
    """Days since the last touch of their own; since they were first known where there was none."""
    touches = population.touches
    own = (touches.age >= back) & ~np.isin(touches.kind, PASSIVE)
    last = np.full(len(population.ids), np.inf)
    np.minimum.at(last, touches.who[own], touches.age[own] - back)
    return np.where(np.isfinite(last), last, np.maximum(population.since - back, 0))


def count_of(population: Population, kinds: tuple[str, ...] | None, days: int) -> Floats:
    """How many touches of these kinds (None: any of their own) in the last `days` days."""
    touches = population.touches
    wanted = ~np.isin(touches.kind, PASSIVE) if kinds is None else np.isin(touches.kind, kinds)
    seen = wanted & (touches.age < days) & (touches.age >= 0)
    counted = np.bincount(touches.who[seen], weights=touches.n[seen], minlength=len(population.ids))
    return counted.astype(np.float64)
