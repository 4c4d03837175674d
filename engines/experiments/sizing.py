"""How many subjects an experiment needs, how long that takes, and what it can find meanwhile."""

from __future__ import annotations

import math

from engines.experiments.effects import normal_quantile, two_sided


def subjects_for_shares(base: float, effect: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Subjects in each of two equal groups to find `base` -> `base + effect` (shares) with that power, two-sided.

    Fleiss, Levin and Paik (2003), equation 4.14 without continuity correction. Raises ValueError for shares outside
    0 to 1 or no effect.
    """
    other = base + effect
    if effect == 0 or not 0 <= base <= 1 or not 0 <= other <= 1:
        raise ValueError("shares lie between 0 and 1 and must differ")
    za, zb = normal_quantile(1 - alpha / 2), normal_quantile(power)
    middle = (base + other) / 2
    root = za * math.sqrt(2 * middle * (1 - middle)) + zb * math.sqrt(base * (1 - base) + other * (1 - other))
    return max(2, math.ceil((root / effect) ** 2))


def subjects_for_means(deviation: float, effect: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Subjects in each of two equal groups to find a difference of means `effect` where values vary by `deviation`."""
    if effect == 0 or deviation < 0:
        raise ValueError("the effect must not be 0 and the deviation not negative")
    z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
    return max(2, math.ceil(2 * (z * deviation / effect) ** 2))


def days_needed(subjects: int, groups: int, a_day: float) -> int | None:
    """Whole weeks of days until each of `groups` has `subjects`, at `a_day` new subjects; None where none come.

    Whole weeks, because weekdays differ in who comes.
    """
    if a_day <= 0:
        return None
    return math.ceil(subjects * groups / a_day / 7) * 7


def power_of_shares(n: int, base: float, effect: float, *, alpha: float = 0.05) -> float:
    """The chance to find `effect` with `n` subjects in each group."""
    return power_of_split(n, n, base, effect, alpha=alpha)


def power_of_split(treated: int, control: int, base: float, effect: float, *, alpha: float = 0.05) -> float:
    """The chance to find `effect` over `base` (shares) with groups of unequal size."""
    other = min(1.0, max(0.0, base + effect))
    if min(treated, control) < 1:
        return 0.0
    spread = math.sqrt(other * (1 - other) / treated + base * (1 - base) / control)
    if spread == 0:
        return 0.0
    reach = abs(effect) / spread - normal_quantile(1 - alpha / 2)
    return 1 - two_sided(reach) / 2 if reach > 0 else two_sided(reach) / 2
