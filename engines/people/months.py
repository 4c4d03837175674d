"""Calendar months as text, YYYY-MM, which sorts as time does."""

from __future__ import annotations

MOST = 24
"""Charts of months go back so far at most."""


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both included, but only the last 24."""
    found = [last]
    while found[-1] > first and len(found) < MOST:
        found.append(month_before(found[-1]))
    return found[::-1]


def month_before(month: str) -> str:
    """2026-01 gives 2025-12."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"
