"""The groups that people are counted in, and when an estimate is too unsure to name one."""

from __future__ import annotations

from itertools import pairwise

UNKNOWN = "unknown"
SUPPRESSED = "suppressed"
"""Stands for age bands, or for bands and genders, that are too few to be shown by themselves."""

FEMALE, MALE = "female", "male"
LEAST_AGE = 16
"""Under it nothing is said of a person: the measured network's gender is a coin toss there and its age 22 years off."""

_STARTS = (LEAST_AGE, 25, 35, 45, 55, 65)
BANDS = (*(f"{low}-{high - 1}" for low, high in pairwise(_STARTS)), f"{_STARTS[-1]}+")
_SURE = 0.6


def band_of(age: float) -> str:
    """The age band of an age in years; under 16 it is 'unknown'."""
    if not age >= LEAST_AGE:
        return UNKNOWN
    return BANDS[sum(age >= start for start in _STARTS) - 1]


def gender_of(male: float) -> str:
    """The gender for a probability of 'male' (0..1); between 0.4 and 0.6 it is 'unknown'."""
    if male >= _SURE:
        return MALE
    return FEMALE if male <= 1 - _SURE else UNKNOWN


def group_of(age: float, male: float) -> tuple[str, str]:
    """(age band, gender) of an estimate; both are unknown under 16."""
    band = band_of(age)
    return (UNKNOWN, UNKNOWN) if band == UNKNOWN else (band, gender_of(male))
