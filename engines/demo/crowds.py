"""The people whom the demo mall's happenings bring: more visits at its doors and past its counters, more receipts.

They are drawn apart from the usual visits, so that a mall without happenings would be the same on every other day.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engines.demo.days import Days
from engines.demo.footfall import Flows, exit_shares, leavers
from engines.demo.inside import Counted
from engines.demo.occasions import Staged, sales_raised, visits_raised
from engines.demo.purchases import Receipts, Totals, buy_unnamed, total_days
from engines.demo.shops import Shops
from engines.demo.span import Floats, Ints, Span, stream


def make_crowd(span: Span, days: Days, flows: Flows, staged: list[Staged], seed: int) -> Flows:
    """Crossings beyond the usual ones: each usual visit of a happening's day brings another with its probability."""
    rng = stream(seed, "crowds")
    raised = visits_raised(span, staged)
    entries: Ints = rng.binomial(flows.entries, raised[None, :, None]).astype(np.int64)
    left = leavers(entries.sum(axis=0), days, span.days, rng)
    by_door = np.maximum(flows.entries.sum(axis=2), 1).astype(np.float64)
    exits = rng.multinomial(left, exit_shares(by_door)[:, None, :]).transpose(2, 0, 1).astype(np.int64)
    presence = np.cumsum(entries.sum(axis=0) - left, axis=1)
    return Flows(entries, exits, presence, entries.sum(axis=(0, 2)))


def raise_counts(counted: dict[str, Counted], raised: Floats, seed: int) -> dict[str, Counted]:
    """What counters inside the mall see with the crowds: each crossing of such a day may bring another."""
    rng, part = stream(seed, "crowds inside"), raised[:, None]

    def more(n: Ints) -> Ints:
        return np.asarray(n + rng.binomial(n, part).astype(np.int64))

    return {
        code: replace(one, ins=more(one.ins), outs=more(one.outs),
                      passing=None if one.passing is None else more(one.passing))
        for code, one in counted.items()
    }  # fmt: skip


def raise_sales(
    span: Span, days: Days, shops: Shops, usual: Floats, staged: list[Staged], *, seed: int
) -> tuple[Receipts, Totals]:
    """Receipts without a card beyond the usual ones (`usual` are those a day by tenant), and totals."""
    rates = usual * sales_raised(span, shops, staged)
    more = buy_unnamed(span, days, shops, rates, seed, part="unnamed crowds")
    return more, total_days(span, days, shops, rates, seed, part="totals crowds")


def add_totals(usual: Totals, more: Totals, days: int) -> Totals:
    """Both, one row a tenant and day; a day on which a till had nothing else stays without a row."""
    row_of = {p: i for i, p in enumerate((usual.tenant * days + usual.day).tolist())}
    row = np.array([row_of.get(p, -1) for p in (more.tenant * days + more.day).tolist()], dtype=np.int64)
    known = row >= 0
    txns, amount = usual.txns.copy(), usual.amount.copy()
    np.add.at(txns, row[known], more.txns[known])
    np.add.at(amount, row[known], more.amount[known])
    return Totals(usual.tenant, usual.day, txns, amount)
