"""The demo mall's happenings: fairs, shows, sales and festivals, what each cost and what it truly brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engines.calendar.lunar import from_lunar
from engines.demo.shops import Shops
from engines.demo.span import Floats, Span

WEEKS = 4


@dataclass(frozen=True)
class OccasionPlan:
    """A happening each year: `anchor` is (month, day) or lunar (month, day), `length` in days, `cost` in yuan.

    `visits` is the part by which it raises the mall's visits on its days, `sales` the part by which it raises
    receipts without a card: of the whole mall, or of one tenant where `scope` is tenant. `baseline` is the
    comparison that was assigned to it beforehand.
    """

    code: str
    en: str
    zh: str
    kind: str
    scope: str
    place: str | None
    anchor: tuple[int, int]
    lunar: bool
    length: int
    cost: int
    baseline: str
    visits: float
    sales: float


PLANS = (
    OccasionPlan("lantern_fair", "Lantern fair", "元宵灯会", "festival", "zone", "atrium", (1, 13), True, 4,
                 80_000, "weeks", 0.10, 0.08),
    OccasionPlan("flower_fair", "Flower fair", "花卉市集", "fair", "zone", "atrium", (3, 14), False, 9,
                 120_000, "weeks", 0.08, 0.08),
    OccasionPlan("book_fair", "Book fair", "图书市集", "fair", "zone", "kids", (4, 9), False, 5,
                 45_000, "weeks", 0.0, 0.0),
    OccasionPlan("anniversary_sale", "Anniversary sale", "店庆大促", "sale", "mall", None, (5, 15), False, 4,
                 260_000, "weeks", 0.16, 0.26),
    OccasionPlan("car_show", "Car show", "汽车展", "show", "zone", "atrium", (6, 11), False, 8,
                 90_000, "weeks", 0.05, 0.02),
    OccasionPlan("dance_finals", "Street dance finals", "街舞总决赛", "show", "mall", None, (7, 5), False, 2,
                 70_000, "weeks", 0.12, 0.06),
    OccasionPlan("back_to_school", "Back to school fair", "开学季", "fair", "mall", None, (8, 22), False, 9,
                 95_000, "weeks", 0.06, 0.12),
    OccasionPlan("film_week", "Film premiere week", "影片首映周", "festival", "tenant", "star_cinema", (9, 8), False,
                 7, 60_000, "model", 0.0, 0.35),
    OccasionPlan("food_festival", "Food festival", "美食节", "festival", "zone", "food_court", (10, 17), False, 10,
                 150_000, "model", 0.09, 0.10),
    OccasionPlan("winter_sale", "Winter sale", "冬季大促", "sale", "mall", None, (12, 4), False, 4,
                 180_000, "weeks", 0.11, 0.20),
)  # fmt: skip


@dataclass(frozen=True)
class Staged:
    """A happening that takes place: its plan, its year, and the numbers of its first and last day."""

    plan: OccasionPlan
    first: int
    last: int
    first_day: date
    last_day: date

    @property
    def code(self) -> str:
        """The plan's code with the year of its first day."""
        return f"{self.plan.code}_{self.first_day.year}"


def make_occasions(span: Span) -> list[Staged]:
    """Every happening that begins within the span, by day."""
    made = []
    for plan in PLANS:
        for year in range(span.dates[0].year - 1, span.dates[-1].year + 1):
            month, day = plan.anchor
            first = from_lunar(year, month, day) if plan.lunar else date(year, month, day)
            if span.dates[0] <= first <= span.dates[-1]:
                last = first + timedelta(days=plan.length - 1)
                made.append(Staged(plan, span.day_number(first), span.day_number(last), first, last))
    return sorted(made, key=lambda o: (o.first, o.plan.code))


def visits_raised(span: Span, staged: list[Staged]) -> Floats:
    """The part of each day's visits that its happenings add to the usual ones."""
    factors = np.ones(span.days)
    for one in staged:
        factors[one.first : one.last + 1] *= 1 + one.plan.visits
    return factors - 1


def sales_raised(span: Span, shops: Shops, staged: list[Staged]) -> Floats:
    """The part of each tenant's receipts without a card (tenant, day) that happenings add to the usual ones."""
    factors = np.ones((shops.count, span.days))
    for one in staged:
        rows = [shops.number(one.plan.place)] if one.plan.scope == "tenant" and one.plan.place else slice(None)
        factors[rows, one.first : one.last + 1] *= 1 + one.plan.sales
    return factors - 1
