"""The calendar of a site: what the country keeps, with what the site itself has written down on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engines.calendar.rules import festivals_between, public_holidays


@dataclass(frozen=True)
class SiteDays:
    """Days off and festivals by name, and days the site is shut."""

    holidays: dict[date, str]
    festivals: dict[date, str]
    closed: frozenset[date]


def site_days(
    first: date, last: date, country: str, subdivision: str | None, rows: Iterable[Mapping[str, Any]] = ()
) -> SiteDays:
    """The calendar from `first` to `last`; `rows` are `calendar_day` records of the site and win over the country."""
    holidays = public_holidays(first, last, country, subdivision)
    closed = set()
    for row in rows:
        day = date.fromisoformat(row["day"])
        if not first <= day <= last:
            continue
        if row.get("holiday"):
            holidays[day] = str(row["holiday"])
        if row.get("closed"):
            closed.add(day)
    return SiteDays(holidays, festivals_between(first, last, country, subdivision), frozenset(closed))
