"""Everything about a demo mall that is decided before a row is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.activity import Activities, make_activities
from engines.demo.campaigns import Run, make_runs, occasion_factors
from engines.demo.days import Days, make_days
from engines.demo.declarations import Report, daily_sales, make_reports
from engines.demo.footfall import Flows, make_flows
from engines.demo.identities import Profiles, make_profiles
from engines.demo.members import Members, make_members
from engines.demo.purchases import (
    Receipts,
    Totals,
    Touch,
    buy,
    buy_unnamed,
    make_touches,
    receipt_rates,
    settle,
    total_days,
)
from engines.demo.shops import LeasePlan, Shops, make_leases, make_shops
from engines.demo.span import Floats, Span


@dataclass(frozen=True)
class World:
    """A whole invented mall. `rates` are expected receipts a day by tenant (tenant, day), members' among them."""

    span: Span
    seed: int
    days: Days
    runs: list[Run]
    shops: Shops
    leases: list[LeasePlan]
    flows: Flows
    members: Members
    profiles: Profiles
    touches: list[Touch]
    receipts: Receipts
    totals: Totals
    reports: list[Report]
    activities: Activities
    rates: Floats


def make_world(span: Span, members: int, seed: int) -> World:
    """The mall that this seed makes: nothing but the arguments decides it."""
    days, runs, shops = make_days(span, seed), make_runs(span), make_shops(span, seed)
    leases = make_leases(shops, span, seed)
    flows = make_flows(span, days, occasion_factors(span, runs), seed)
    people = make_members(span, days, members, seed)
    touches = make_touches(span, people, runs, seed)
    rates = receipt_rates(span, days, shops, flows.visits)
    bought = buy(span, days, shops, people, touches, seed=seed)
    receipts = settle(span, days, shops, [bought, buy_unnamed(span, days, shops, rates, seed)], seed)
    totals = total_days(span, days, shops, rates, seed)
    sales = daily_sales(span, shops, receipts, totals)
    place = bought.tenant * span.days + bought.day
    named = np.bincount(place, minlength=shops.count * span.days).reshape(shops.count, span.days)
    return World(
        span, seed, days, runs, shops, leases, flows, people, make_profiles(people, seed), touches, receipts, totals,
        make_reports(span, shops, leases, sales, seed),
        make_activities(span, days, people, receipts, touches, seed=seed), rates + named,
    )  # fmt: skip
