"""The Demographics page's state as charts: values in, values out, texts in the language in force."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.intervals import Estimate, Intervals
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.demographics.words import group_name
from engines.demographics.hours import AudienceHour
from engines.demographics.rules import Share

APART = ("suppressed", "unknown")
"""What stands after the groups, in this order."""


def shares_chart(shares: Sequence[Share]) -> Intervals | None:
    """Each group's share as the network told it and corrected, with the interval of the corrected one."""
    if not shares:
        return None
    rows = tuple(Estimate(group_name(s.name), s.observed, s.corrected, s.low, s.high, s.name) for s in shares)
    return Intervals(rows, (tr("As the network told it"), tr("Corrected (95 %)")))


def expressions_chart(shares: Sequence[Share]) -> Intervals | None:
    """Each expression's share as the network told it, with the interval of chance in the number of people."""
    if not shares:
        return None
    rows = tuple(Estimate(group_name(s.name), s.observed, s.corrected, s.low, s.high, s.name) for s in shares)
    return Intervals(rows, (tr("As told (unreliable)"), tr("Range by chance (95 %)")))


def hours_chart(hours: Sequence[AudienceHour], what: str) -> Bars | None:
    """People by clock hour, stacked by `genders` or `bands` as the network told them, unknown and suppressed last."""
    if not hours:
        return None
    told = [hour.genders if what == "genders" else hour.bands for hour in hours]
    names = sorted({name for one in told for name in one} - set(APART))
    names += [name for name in APART if any(name in one for one in told)]
    rows = tuple(Series(group_name(name), tuple(float(one.get(name, 0)) for one in told)) for name in names)
    return Bars(tuple(current().minute(hour.hour * 60) for hour in hours), rows, "stacked")
