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
SAMPLE, ENOUGH = 50_000, 12


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
    totals = "unit_price" in fields and "amount" not in fields and _are_totals(parsed, quantity, price)
    gross = np.where(amount.given, amount.rounded(), price.rounded() if totals else product(quantity, price))
    for row in np.flatnonzero(~amount.given & ~counted).tolist():
        parsed.fault(row, _column(parsed, quantity, price, row), "the row has no amount, and no quantity with a price")
    for row in np.flatnonzero(np.abs(gross) >= LARGEST).tolist():
        parsed.fault(row, None, "the amount is too large")
    pieces = np.where(quantity.given, quantity.ints.astype(np.float64) / 10**quantity.places, 1.0)
    unit = price.rounded() if "unit_price" in fields else None
    if unit is not None and totals:
        unit = np.rint(unit / np.where(pieces == 0, 1.0, pieces)).astype(np.int64)
    return Amounts(gross, np.where(net.given, net.rounded(), gross), pieces, unit, price.given)


def _are_totals(parsed: Parsed, quantity: Exact, price: Exact) -> bool:
    """Whether the column taken for unit prices holds amounts of whole rows.

    Told by the option `price_is` ("unit" or "total"), else seen in the rows themselves: a unit price takes the
    same few values whatever the quantity, a row's total takes them only after division by it.
    """
    if told := parsed.mapping.options.get("price_is"):
        return bool(told == "total")
    several = (quantity.given & price.given & (quantity.ints != 10**quantity.places) & (quantity.ints != 0))[:SAMPLE]
    pieces = quantity.ints[:SAMPLE][several].astype(np.float64) / 10**quantity.places
    prices = price.ints[:SAMPLE][several].astype(np.float64)
    pairs = np.unique(np.column_stack([pieces, prices]), axis=0)
    if len(pairs) < ENOUGH or len(np.unique(pieces)) < 3:
        return False
    each = np.unique(np.rint(pairs[:, 1] / pairs[:, 0]))
    found = len(each) * 2 <= len(np.unique(pairs[:, 1]))
    if found:
        name = parsed.mapping.columns.get("unit_price")
        parsed.notes.append(f"'{name}' grows with the quantity: it was read as the amount of the row, not of a piece.")
    return found


def _column(parsed: Parsed, quantity: Exact, price: Exact, row: int) -> str | None:
    columns = parsed.mapping.columns
    if not quantity.given[row]:
        return columns.get("quantity")
    return columns.get("amount") or (None if price.given[row] else columns.get("unit_price"))
