"""What the cards of the Footfall page call things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.period import Against
from engines.calendar.queries import Holiday

AGAINST: Mapping[Against, str] = {
    "none": "", "previous": mark("Period before"), "weekday": mark("Same weekdays last year"),
    "date": mark("Same dates last year"), "festival": mark("Same days from the festival"),
}  # fmt: skip
NO_COUNTS = mark("Nothing was counted on these days.")
LAST_COUNTED = mark("Show the last counted days")
NOT_OVER = mark("Known for days that are over.")
NOT_YET = mark("Not known yet")
NONE = mark("Nothing counted")
LAST_WEEK = mark("Show the last 7 days")
ADD_CAMERA = mark("Add a camera")


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if name_zh and language() == "zh" else name


def day_words(day: str) -> str:
    """A day as "Sat 21 Nov"."""
    found = date.fromisoformat(day)
    return f"{current().weekday(found.weekday())} {current().day(found, 'short')}"


def holiday_words(holidays: Sequence[Holiday], most: int = 4) -> str:
    """The holidays of a period in one line, the first few by name."""
    form = current()
    parts = []
    for holiday in holidays[:most]:
        first, last = (form.day(date.fromisoformat(day), "short") for day in (holiday.first, holiday.last))
        parts.append(f"{named(holiday.name, holiday.name_zh)} {first if first == last else f'{first} – {last}'}")
    if len(holidays) > most:
        parts.append(tr("and {count} more", count=form.integer(len(holidays) - most)))
    return "  ·  ".join(parts)
