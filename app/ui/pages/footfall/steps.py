"""The way from a passer-by to a member who comes back, each step with its definition."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.catalogue import mark
from engines.footfall.queries import passers_outside
from engines.kpi.queries import Value, definition, period_value
from models.store import Store


@dataclass(frozen=True)
class FunnelStep:
    """How many reached a step. `kpi` opens its definition; `meaning` says what is counted, in both languages."""

    name: str
    value: float
    kpi: str
    meaning: str
    meaning_zh: str


def mall_steps(store: Store, days: tuple[str, str], now: int) -> tuple[FunnelStep, ...]:
    """Passers-by where the mall's doors count them, entries, receipts, members who bought, who bought again.

    `days` are over, so that every step is of the same days; steps that nothing counts are left out.
    """
    outside = passers_outside(store, *days, now)
    entries = period_value(store, "footfall", *days)
    if entries.value is None:
        return ()
    receipts = period_value(store, "transactions", *days)
    buyers = period_value(store, "repeat_purchase_rate", *days)
    passed = None if outside is None else outside + entries.value
    meant = ("members with a receipt in the period", "期间有消费的会员")
    again = ("members with two or more receipts in the period", "期间有两笔及以上消费的会员")
    outer = ("people outside the mall's doors, whether they came in or not", "经过商场大门的人次（含进场）")
    found = (
        _step(mark("Passers-by"), passed, "passers_by", outer),
        _step(mark("Entries"), entries.value, "footfall", _meaning("footfall")),
        _step(mark("Receipts"), receipts.value, "transactions", _meaning("transactions")),
        _step(mark("Members who bought"), buyers.denominator, "repeat_purchase_rate", meant),
        _step(mark("Bought again"), buyers.numerator, "repeat_purchase_rate", again),
    )
    return tuple(step for step in found if step is not None)


def shop_steps(store: Store, days: tuple[str, str]) -> tuple[FunnelStep, ...]:
    """The same at the shop fronts that are counted: people outside them, people in, their receipts."""
    capture = period_value(store, "capture_rate", *days)
    shops: Value = period_value(store, "shop_conversion", *days)
    outside = ("people at the counted shop fronts, whether they went in or not", "经过已计数店面的人次（含进店）")
    bought = ("receipts of the shops with a counted front", "有店面计数的店铺的小票数")
    found = (
        _step(mark("Passers-by"), capture.denominator, "passers_by", outside),
        _step(mark("Shop entries"), capture.numerator, "front_entries", _meaning("front_entries")),
        _step(mark("Receipts"), shops.numerator, "shop_conversion", bought),
    )
    return tuple(step for step in found if step is not None)


def _step(name: str, value: float | None, kpi: str, meaning: tuple[str, str]) -> FunnelStep | None:
    return None if value is None else FunnelStep(name, value, kpi, *meaning)


def _meaning(kpi: str) -> tuple[str, str]:
    found = definition(kpi)
    return found.formula, found.formula_zh
