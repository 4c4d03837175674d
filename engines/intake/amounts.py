"""Amounts of rows, exactly: quantity times price in whole numbers, rounded once, halves to the even one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.intake.money import LARGEST
from engines.intake.parse import Parsed, Values

Ints = npt.NDArray[Any]
SAFE = 2**62


@dataclass(frozen=True)
class Exact:
    """A field as whole numbers of 10 to the minus `places`, with the rows where it is given."""

    ints: Ints
    places: int
    given: npt.NDArray[np.bool_]
    largest: int

    def rounded(self) -> Ints:
        """Whole numbers, halves to the even one."""
        return half_even(self.ints, 10**self.places)


def exact(values: Values) -> Exact:
    """A parsed column of decimals (None where nothing is given) as exact whole numbers."""
    decimals = [Decimal(0) if value is None else Decimal(value) for value in values.values]
    places = max((-int(d.normalize().as_tuple().exponent) for d in decimals), default=0)
    places = max(0, places)
    whole = [int(d.scaleb(places)) for d in decimals]
    largest = max(map(abs, whole), default=0)
    kind: Any = np.int64 if largest < SAFE else object
    given = np.array([value is not None for value in values.values], dtype=bool)
    return Exact(np.array(whole, dtype=kind)[values.codes], places, given[values.codes], largest)


def product(a: Exact, b: Exact) -> Ints:
    """a times b, rounded to whole numbers once."""
    left, right = a.ints, b.ints
    if a.largest * b.largest >= SAFE:
        left, right = left.astype(object), right.astype(object)
    return half_even(left * right, 10 ** (a.places + b.places))


def half_even(values: Ints, divisor: int) -> Ints:
    """values / divisor, rounded to the nearest whole number, halves to the even one."""
    if divisor == 1:
        return values
    if divisor >= SAFE:
        values = values.astype(object)
    whole, rest = values // divisor, values % divisor
    twice = rest * 2
    up = (twice > divisor) | ((twice == divisor) & (whole % 2 == 1))
    return np.asarray(whole + up.astype(whole.dtype))


@dataclass(frozen=True)
class Amounts:
    """Each row's amount and net amount in minor units, its quantity, and the unit price where the file has one."""

    gross: Ints
    net: Ints
    quantity: npt.NDArray[np.float64]
    unit: Ints | None
    unit_given: npt.NDArray[np.bool_]


def row_amounts(parsed: Parsed) -> Amounts:
    """Amounts of every row; rows that give none are refused."""
    fields, rows = parsed.fields, parsed.sheet.rows
    one = Exact(np.ones(rows, dtype=np.int64), 0, np.ones(rows, dtype=bool), 1)
    none = Exact(np.zeros(rows, dtype=np.int64), 0, np.zeros(rows, dtype=bool), 0)
    quantity = exact(fields["quantity"]) if "quantity" in fields else one
    price = exact(fields["unit_price"]) if "unit_price" in fields else none
    amount = exact(fields["amount"]) if "amount" in fields else none
    net = exact(fields["net"]) if "net" in fields else none
    counted = quantity.given & price.given
    gross = np.where(amount.given, amount.rounded(), product(quantity, price))
    for row in np.flatnonzero(~amount.given & ~counted).tolist():
        parsed.fault(row, _column(parsed, quantity, price, row), "the row has no amount, and no quantity with a price")
    for row in np.flatnonzero(np.abs(gross) >= LARGEST).tolist():
        parsed.fault(row, None, "the amount is too large")
    pieces = np.where(quantity.given, quantity.ints.astype(np.float64) / 10**quantity.places, 1.0)
    unit = price.rounded() if "unit_price" in fields else None
    return Amounts(gross, np.where(net.given, net.rounded(), gross), pieces, unit, price.given)


def _column(parsed: Parsed, quantity: Exact, price: Exact, row: int) -> str | None:
    columns = parsed.mapping.columns
    if not quantity.given[row]:
        return columns.get("quantity")
    return columns.get("amount") or (None if price.given[row] else columns.get("unit_price"))
