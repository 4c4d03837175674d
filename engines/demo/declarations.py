"""Tenants' own monthly reports of their sales: most on time, some late, some missing, one found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engines.demo.purchases import Receipts, Totals
from engines.demo.shops import LeasePlan, Shops
from engines.demo.span import Floats, Span, stream

LATE, MISSING, ROUGH = 0.10, 0.05, 0.08
AUDIT_SHORTFALL = 0.065
AUDITED = "maple_thread"


@dataclass(frozen=True)
class Report:
    """One declaration: the lease's number, month (YYYY-MM), revision, fen, due day, when it came, whether audited."""

    lease: int
    period: str
    revision: int
    gross_minor: int
    due: date
    submitted_at: int
    audited: bool


def daily_sales(span: Span, shops: Shops, receipts: Receipts, totals: Totals) -> Floats:
    """Sales in fen by tenant and day, returns taken off."""
    place = np.concatenate([receipts.tenant * span.days + receipts.day, totals.tenant * span.days + totals.day])
    amount = np.concatenate([receipts.amount, totals.amount]).astype(np.float64)
    total = np.bincount(place, amount, shops.count * span.days)
    return np.asarray(total, dtype=np.float64).reshape(shops.count, span.days)


def make_reports(span: Span, shops: Shops, leases: list[LeasePlan], sales: Floats, seed: int) -> list[Report]:
    """Reports of every month wholly within the span whose time has come, under the lease that ran at its end."""
    rng = stream(seed, "declarations")
    months = sorted({d.strftime("%Y-%m") for d in span.dates})
    names = np.array([d.strftime("%Y-%m") for d in span.dates])
    whole = [m for m in months if _length(m) == int((names == m).sum())]
    made: list[Report] = []
    for k, month in enumerate(whole):
        amounts = sales[:, names == month].sum(axis=1)
        newest = {x.tenant: n for n, x in enumerate(leases) if x.first < _next_month(month)}
        for tenant, number in newest.items():
            if amounts[tenant] <= 0:
                continue
            lease = leases[number]
            audited = shops.code[tenant] == AUDITED and k == max(0, len(whole) - 6)
            made += _report(span, number, lease, month, int(amounts[tenant]), draw=rng.random(4), audited=audited)
    return made


def _report(
    span: Span, number: int, lease: LeasePlan, month: str, gross: int, *, draw: Floats, audited: bool
) -> list[Report]:
    due = _next_month(month) + timedelta(days=lease.due_days - 1)
    delay = 1 + int(draw[1] * 12) if draw[0] < LATE else -int(draw[1] * (lease.due_days - 2))
    submitted = _at(span, due + timedelta(days=delay), 600 + int(draw[2] * 420))
    if audited:
        told = Report(number, month, 0, round(gross * (1 - AUDIT_SHORTFALL)), due, _at(span, due, 660), False)
        found = Report(number, month, 1, gross, due, _at(span, due + timedelta(days=20), 900), True)
        return [r for r in (told, found) if r.submitted_at < span.until_ms]
    if LATE < draw[0] < LATE + MISSING or submitted >= span.until_ms:
        return []
    rough = round(gross * (1 + (draw[3] - 0.6) * 0.01)) if draw[2] < ROUGH else gross
    return [Report(number, month, 0, rough, due, submitted, False)]


def _at(span: Span, day: date, minute: int) -> int:
    """An instant on a day that may lie after the span."""
    local = span.day_number(day)
    base = int(span.starts[min(local, span.days - 1)])
    return base + max(0, local - span.days + 1) * 86_400_000 + minute * 60_000


def _length(month: str) -> int:
    first = date.fromisoformat(f"{month}-01")
    return (_next_month(month) - first).days


def _next_month(month: str) -> date:
    return (date.fromisoformat(f"{month}-01") + timedelta(days=32)).replace(day=1)
