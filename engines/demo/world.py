"""Everything about a demo mall that is decided before a row is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.demo.activity import Activities, make_activities
from engines.demo.browsing import Browsing, lookers_buy, make_browsing
from engines.demo.campaigns import Run, make_runs, occasion_factors
from engines.demo.consents import Consents, make_consents
from engines.demo.crowds import add_totals, make_crowd, raise_sales
from engines.demo.days import Days, make_days
from engines.demo.deals import Deals, Prospects, make_deals
from engines.demo.declarations import Report, daily_sales, make_reports
from engines.demo.footfall import Flows, make_flows
from engines.demo.identities import Profiles, make_profiles
from engines.demo.members import Members, make_members
from engines.demo.money import Books, Line, make_money
from engines.demo.occasions import Staged, make_occasions
from engines.demo.planted import Planted, plant_members
from engines.demo.purchases import (
    Receipts,
    Totals,
    Touch,
    buy,
    buy_unnamed,
    join,
    make_touches,
    past_in_order,
    receipt_rates,
    settle,
    total_days,
)
from engines.demo.shops import LeasePlan, Shops, make_leases, make_shops
from engines.demo.span import Floats, Span


@dataclass(frozen=True)
class Beyond:
    """What the mall's happenings and its customers' other doings add to the usual course.

    `crowd` are crossings and `receipts` slips beyond the usual ones; `lines` is the money beside rents.
    """

    staged: list[Staged]
    crowd: Flows
    receipts: Receipts
    planted: Planted
    browsing: Browsing
    prospects: Prospects
    deals: Deals
    consents: Consents
    lines: list[Line]


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
    beyond: Beyond


def make_world(span: Span, members: int, seed: int) -> World:
    """The mall that this seed makes: nothing but the arguments decides it."""
    days, runs, shops = make_days(span, seed), make_runs(span), make_shops(span, seed)
    leases = make_leases(shops, span, seed)
    flows = make_flows(span, days, occasion_factors(span, runs), seed)
    people = make_members(span, days, members, seed)
    profiles = make_profiles(people, seed)
    touches = make_touches(span, people, runs, seed)
    rates = receipt_rates(span, days, shops, flows.visits)
    bought = buy(span, days, shops, people, touches, seed=seed)
    receipts = settle(span, days, shops, [bought, buy_unnamed(span, days, shops, rates, seed)], seed)
    beyond, totals = _go_beyond(
        Usual(span, days, runs, shops, flows, people, profiles, receipts), rates,
        total_days(span, days, shops, rates, seed), seed,
    )  # fmt: skip
    sales = daily_sales(span, shops, join([receipts, beyond.receipts]), totals)
    place = bought.tenant * span.days + bought.day
    named = np.bincount(place, minlength=shops.count * span.days).reshape(shops.count, span.days)
    return World(
        span, seed, days, runs, shops, leases, flows, people, profiles, touches, receipts, totals,
        make_reports(span, shops, leases, sales, seed),
        make_activities(span, days, people, receipts, touches, seed=seed), rates + named, beyond,
    )  # fmt: skip


class Usual(NamedTuple):
    """The usual course of the mall, on which the rest is built."""

    span: Span
    days: Days
    runs: list[Run]
    shops: Shops
    flows: Flows
    people: Members
    profiles: Profiles
    receipts: Receipts


def _go_beyond(usual: Usual, rates: Floats, totals: Totals, seed: int) -> tuple[Beyond, Totals]:
    """Everything beyond the usual course, and the tills' totals with what happenings add to them."""
    span, days, runs, shops, flows, people, profiles, receipts = usual
    staged = make_occasions(span)
    crowd = make_crowd(span, days, flows, staged, seed)
    slips, more = raise_sales(span, days, shops, rates, staged, seed=seed)
    planted = plant_members(span, days, shops, people, receipts, seed=seed)
    browsing = make_browsing(span, people, shops, seed)
    bought = join([slips, planted.receipts, lookers_buy(span, days, shops, people, browsing, seed=seed)])
    bought = bought.take(past_in_order(span, bought))
    prospects, deals = make_deals(span, shops, seed)
    lines = make_money(span, Books(runs, staged, deals, flows, receipts, days.temperature), seed)
    consents = make_consents(span, people, profiles, seed)
    made = Beyond(staged, crowd, bought, planted, browsing, prospects, deals, consents, lines)
    return made, add_totals(totals, more, span.days)
