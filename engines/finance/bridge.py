"""The bridge from one period's income to another's: every step a sum of rows, the steps exactly the difference.

Two readings of the same difference. By cause: lets begun and ended, rent changes, turnover rent, other income,
reversals. By component: base rent, service charge and levy, turnover rent, other income, reversals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from engines.finance.leases import Rent
from engines.finance.months import length_of
from engines.finance.shares import rounded

Reading = Literal["cause", "component"]
#: The steps in the order they are drawn; a head of other income ("media", "parking") follows turnover rent.
CAUSES = ("new_let", "ended", "rent_change", "service_change", "turnover")
COMPONENTS = ("base", "service_charge", "turnover")
REVERSALS = "reversals"


@dataclass(frozen=True)
class Line:
    """A line of other income or cost in a month, minor units; dimensions are codes or names, None where unknown."""

    key: str
    month: str
    side: str
    head: str
    amount: int
    tenant: str | None = None
    zone: str | None = None
    campaign: str | None = None
    occasion: str | None = None


@dataclass(frozen=True)
class Move:
    """A row of a step: a tenancy (`unit`, `tenant`) or a head's lines, before and after, minor units.

    In a step that splits a tenancy's change, `change` is the step's part of it, not `after - before`.
    """

    step: str
    unit: str
    tenant: str
    leases: str
    before: int
    after: int
    change: int


@dataclass(frozen=True)
class Bridge:
    """`before` + the changes of all moves = `after`."""

    before: int
    after: int
    moves: tuple[Move, ...]

    def steps(self) -> dict[str, int]:
        """Each step's sum, in drawing order; steps of nothing are left out."""
        found: dict[str, int] = defaultdict(int)
        for move in self.moves:
            found[move.step] += move.change
        place = {name: i for i, name in enumerate(dict.fromkeys((*CAUSES, *COMPONENTS)))}
        order = sorted(found, key=lambda s: (s == REVERSALS, place.get(s, len(place)), s))
        return {step: found[step] for step in order if found[step]}


@dataclass(frozen=True)
class Side:
    """One period: its months, the rents and the lines of other income within them."""

    months: Sequence[str]
    rents: Sequence[Rent]
    lines: Sequence[Line]

    def total(self) -> int:
        """All income of the period."""
        rents = sum(r.fixed + (r.turnover or 0) for r in self.rents)
        return rents + sum(line.amount for line in self.lines if line.side == "income")


def side_of(months: Sequence[str], rents: Iterable[Rent], lines: Iterable[Line]) -> Side:
    """The rows of `months`, income only."""
    wanted = set(months)
    return Side(
        tuple(months), tuple(r for r in rents if r.month in wanted),
        tuple(line for line in lines if line.month in wanted and line.side == "income"),
    )  # fmt: skip


def bridge(before: Side, after: Side, reading: Reading = "cause") -> Bridge:
    """The bridge from `before` to `after`, two periods of as many months. Raises ValueError where they are not."""
    if len(before.months) != len(after.months):
        raise ValueError("a bridge compares periods of as many months")
    moves = _rent_moves(before, after, reading) + _turnover_moves(before, after) + _line_moves(before, after)
    return Bridge(before.total(), after.total(), tuple(m for m in moves if m.change))


def _rent_moves(before: Side, after: Side, reading: Reading) -> list[Move]:
    old, new = _tenancies(before.rents), _tenancies(after.rents)
    made: list[Move] = []
    for key in sorted({*old, *new}):
        was, now = old.get(key, []), new.get(key, [])
        base = (sum(r.base for r in was), sum(r.base for r in now))
        extra = (sum(r.service + r.levy for r in was), sum(r.service + r.levy for r in now))
        leases = ", ".join(sorted({r.lease for r in (*was, *now)}))
        if reading == "component":
            made += [
                Move(step, *key, leases, a, b, b - a) for step, (a, b) in (("base", base), ("service_charge", extra))
            ]
        else:
            made += _caused(key, leases, (_share(was), _share(now)), base, extra)
    return made


Pair = tuple[int, int]


def _caused(
    key: tuple[str, str], leases: str, shares: tuple[Fraction, Fraction], base: Pair, extra: Pair
) -> list[Move]:
    """A tenancy's change: what its days held explain at the earlier rent, and the rest, which is the rent's change."""
    was, now = shares
    step = "new_let" if now > was else "ended"
    same = [rounded(amount * now / was) if was else pair[1] for amount, pair in ((base[0], base), (extra[0], extra))]
    days = sum(same) - base[0] - extra[0]
    return [
        Move(step, *key, leases, base[0] + extra[0], base[1] + extra[1], days),
        Move("rent_change", *key, leases, base[0], base[1], base[1] - same[0]),
        Move("service_change", *key, leases, extra[0], extra[1], extra[1] - same[1]),
    ]


def _share(rents: Sequence[Rent]) -> Fraction:
    """How many months' rent the days held are worth."""
    return sum((Fraction(r.held, length_of(r.month)) for r in rents), Fraction(0))


def _tenancies(rents: Iterable[Rent]) -> dict[tuple[str, str], list[Rent]]:
    found: dict[tuple[str, str], list[Rent]] = defaultdict(list)
    for rent in rents:
        found[rent.unit, rent.tenant].append(rent)
    return found


def _turnover_moves(before: Side, after: Side) -> list[Move]:
    pairs: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    leases: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place, side in enumerate((before, after)):
        for rent in side.rents:
            amount = rent.turnover or 0
            pairs["turnover" if amount >= 0 else REVERSALS, rent.unit, rent.tenant][place] += amount
            leases[rent.unit, rent.tenant].add(rent.lease)
    return [
        Move(step, unit, tenant, ", ".join(sorted(leases[unit, tenant])), a, b, b - a)
        for (step, unit, tenant), (a, b) in sorted(pairs.items())
    ]


def _line_moves(before: Side, after: Side) -> list[Move]:
    pairs: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, side in enumerate((before, after)):
        for line in side.lines:
            step = line.head if line.amount >= 0 else REVERSALS
            whose = line.tenant or line.zone or line.occasion or line.campaign or ""
            pairs[step, line.head, whose][place] += line.amount
    return [Move(step, head, whose, "", a, b, b - a) for (step, head, whose), (a, b) in sorted(pairs.items())]


def levels(side: Side) -> Mapping[str, int]:
    """A period's income by component, reversals apart; adds up to its total."""
    found: dict[str, int] = defaultdict(int)
    for rent in side.rents:
        found["base"] += rent.base
        found["service_charge"] += rent.service + rent.levy
        amount = rent.turnover or 0
        found["turnover" if amount >= 0 else REVERSALS] += amount
    for line in side.lines:
        found[line.head if line.amount >= 0 else REVERSALS] += line.amount
    return dict(found)
