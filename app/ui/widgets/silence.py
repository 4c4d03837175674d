"""What a page of predictions says where the newest sale is old: its figures then tell of the silence, not of people."""

from __future__ import annotations

from datetime import date

from app.ui.catalogue import tr
from app.ui.format import current

LONG_DAYS = 60
"""Tills are imported daily or monthly; two months without a sale is a gap in the data or a closed mall."""


def silence(newest: str | None, today: date) -> str:
    """The sentence where the newest sale (ISO day) is more than LONG_DAYS before today, else nothing."""
    if newest is None:
        return ""
    day = date.fromisoformat(newest)
    if (today - day).days <= LONG_DAYS:
        return ""
    return tr(
        "The newest sale is of {day}, {days} days ago: people look lost because nothing came since. Import later "
        "sales.",
        day=current().day(day), days=current().integer((today - day).days),
    )  # fmt: skip
