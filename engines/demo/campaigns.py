"""The demo mall's campaigns: when, through which channel, and what they truly did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engines.calendar.lunar import from_lunar
from engines.demo.span import Floats, Span

HOLDOUT = 0.12


@dataclass(frozen=True)
class Plan:
    """A campaign each year: `anchor` is (month, day) or lunar (month, day), `lead` the days it starts before.

    `visits` is what it adds to footfall on its days, `uplift` the further receipts per person reached and
    `reach` the part of living members chosen.
    """

    code: str
    en: str
    zh: str
    channel: str
    anchor: tuple[int, int]
    lunar: bool
    lead: int
    length: int
    budget: int
    visits: float
    reach: float
    uplift: float


PLANS = (
    Plan("spring_draw", "Spring Festival draw", "新春抽奖", "wechat", (1, 1), True, 16, 14, 180_000, 0.03, 0.55, 0.020),
    Plan("vip_week", "VIP Week", "VIP周", "sms", (3, 20), False, 0, 7, 60_000, 0.00, 0.25, 0.045),
    Plan("spring_picnic", "Spring picnic", "春日野餐", "email", (4, 18), False, 0, 9, 35_000, 0.02, 0.35, 0.008),
    Plan("kids_carnival", "Kids Carnival", "亲子嘉年华", "wechat", (6, 1), False, 3, 10, 90_000, 0.06, 0.45, 0.025),
    Plan("night_market", "Summer Night Market", "夏夜集市", "app", (7, 18), False, 0, 23, 140_000, 0.07, 0.50, 0.018),
    Plan("moon_gifts", "Mid-Autumn gifts", "中秋礼遇", "wechat", (8, 15), True, 9, 9, 70_000, 0.02, 0.50, 0.015),
    Plan("double11_points", "Double 11 points", "双十一积分", "app", (11, 11), False, 5, 7, 110_000, 0.05, 0.60, 0.030),
    Plan("winter_lights", "Winter lights", "冬日灯会", "wechat", (12, 24), False, 4, 12, 120_000, 0.05, 0.50, 0.000),
)


@dataclass(frozen=True)
class Run:
    """A campaign that took place: its plan and the numbers of its first and last day."""

    plan: Plan
    first: int
    last: int
    first_day: date
    last_day: date


def make_runs(span: Span) -> list[Run]:
    """The newest run of each campaign that began within the span, by day."""
    runs = []
    for plan in PLANS:
        starts = [_start(plan, year) for year in range(span.dates[0].year - 1, span.dates[-1].year + 1)]
        inside = [d for d in starts if span.dates[0] <= d <= span.dates[-1]]
        if inside:
            first, last = inside[-1], inside[-1] + timedelta(days=plan.length - 1)
            runs.append(Run(plan, span.day_number(first), span.day_number(last), first, last))
    return sorted(runs, key=lambda r: (r.first, r.plan.code))


def _start(plan: Plan, year: int) -> date:
    month, day = plan.anchor
    anchor = from_lunar(year, month, day) if plan.lunar else date(year, month, day)
    return anchor - timedelta(days=plan.lead)


def occasion_factors(span: Span, runs: list[Run]) -> Floats:
    """What the campaigns multiply each day's visits by."""
    factors = np.ones(span.days)
    for run in runs:
        factors[run.first : run.last + 1] *= 1 + run.plan.visits
    return factors
