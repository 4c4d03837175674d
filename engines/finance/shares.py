"""Dividing whole amounts so that the parts add up again, to the minor unit."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    half = Fraction(1, 2)
    return int(value + half) if value >= 0 else -int(-value + half)


def apportion(amount: int, weights: Mapping[str, float]) -> dict[str, int]:
    """`amount` by `weights` (those above zero), by largest remainders: the parts add up to it exactly.

    Equal remainders go to the lower key, so that the order of rows is irrelevant. Empty without a weight above zero.
    """
    positive = {key: Fraction(weight) for key, weight in weights.items() if weight > 0}
    whole = sum(positive.values(), Fraction(0))
    if not positive:
        return {}
    exact = {key: amount * weight / whole for key, weight in positive.items()}
    made = {key: part.numerator // part.denominator for key, part in exact.items()}
    left = amount - sum(made.values())
    for key in sorted(exact, key=lambda k: (made[k] - exact[k], k))[:left]:
        made[key] += 1
    return made
