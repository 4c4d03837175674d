"""Calendar months as text (YYYY-MM): order, length, neighbours."""

from __future__ import annotations

import calendar
from datetime import date


def month_of(day: date) -> str:
    """The month a day lies in."""
    return day.isoformat()[:7]


def first_of(month: str) -> date:
    """The month's first day. Raises ValueError for anything but YYYY-MM."""
    return date.fromisoformat(f"{month}-01")


def length_of(month: str) -> int:
    """How many days it has, 28 to 31."""
    first = first_of(month)
    return calendar.monthrange(first.year, first.month)[1]


def last_of(month: str) -> date:
    """The month's last day."""
    return first_of(month).replace(day=length_of(month))


def shifted(month: str, by: int) -> str:
    """The month `by` months later (earlier where negative)."""
    first = first_of(month)
    count = first.year * 12 + first.month - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def months_to(month: str, count: int) -> tuple[str, ...]:
    """The `count` months that end with `month`, in order."""
    return tuple(shifted(month, by) for by in range(1 - count, 1))


def between(first: str, last: str) -> tuple[str, ...]:
    """All months from `first` to `last`, both included; none where `last` is earlier."""
    made, month = [], first
    while month <= last:
        made.append(month)
        month = shifted(month, 1)
    return tuple(made)
