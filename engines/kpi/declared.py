"""Daily measures from tenants' declarations, each on the day it was due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from engines.kpi.grids import Days, Measures
from engines.kpi.measures import rows_of
from models.times import business_day

if TYPE_CHECKING:
    import pyarrow as pa


def declarations(days: Days, frame: pa.Table, lease: pa.Table, zone: ZoneInfo) -> Measures:
    """Months due and declared on time, and how far audits moved them.

    A month is due for every lease that declares monthly and held for the whole of it, from the first
    month anyone declared; leases and months outside that count by their own due day.
    """
    names = ("lease_id", "period", "revision", "gross_minor", "exclusions_minor", "due_day", "submitted_at", "audited")
    told: dict[tuple[bytes, str], list[tuple[Any, ...]]] = {}
    for row in sorted(rows_of(frame, *names), key=lambda r: (r[0], r[1], r[2])):
        told.setdefault((row[0], row[1]), []).append(row)
    if not told:
        return {}
    due = {key: rows[0][5] for key, rows in told.items() if rows[0][5]} | _due(lease, min(p for _, p in told), days)
    on_time, count = np.zeros(days.count), np.zeros(days.count)
    gap, audited, audits = (np.full(days.count, np.nan), np.full(days.count, np.nan), np.zeros(days.count))
    for key, day in due.items():
        place = days.of(day)
        if not 0 <= place < days.count:
            continue
        rows = told.get(key, [])
        count[place] += 1
        on_time[place] += any(r[6] is not None and business_day(r[6], zone)[0] <= day for r in rows)
        checked = [r for r in rows if r[7]]
        if checked and not rows[0][7]:
            right, first = (r[3] - r[4] for r in (checked[-1], rows[0]))
            gap[place] = np.nan_to_num(gap[place]) + right - first
            audited[place] = np.nan_to_num(audited[place]) + right
            audits[place] += 1
    known = np.where(count > 0, 1.0, np.nan)
    return {
        "declared_on_time": {"": days.whole(on_time * known, count)},
        "declarations_due": {"": days.whole(count * known, count)},
        "declaration_gap": {"": days.whole(gap, audits)},
        "audited": {"": days.whole(audited, audits)},
    }


def _due(lease: pa.Table, first_period: str, days: Days) -> dict[tuple[bytes, str], str]:
    """The due day of every whole month of every lease that declares monthly."""
    made = {}
    last = days.first + timedelta(days=days.count - 1)
    for lease_id, start, end, every, after in rows_of(lease, "id", "from_day", "to_day", "declare_every", "due_days"):
        if every != "month":
            continue
        month = date.fromisoformat(f"{first_period}-01")
        while (ends := _month_after(month) - timedelta(days=1)) <= last:
            if start <= month.isoformat() and ends.isoformat() <= end:
                made[lease_id, month.isoformat()[:7]] = (ends + timedelta(days=after or 0)).isoformat()
            month = _month_after(month)
    return made


def _month_after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
