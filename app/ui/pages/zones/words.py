"""What the cards of the Zones page call things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.ui.format import current
from app.ui.i18n import language, mark
from app.ui.period import Against

AGAINST: Mapping[Against, str] = {
    "none": "", "previous": mark("Period before"), "weekday": mark("Same weekdays last year"),
    "date": mark("Same dates last year"), "festival": mark("Same days from the festival"),
}  # fmt: skip
NO_STAYS = mark("No zone's stays are measured on these days.")
NO_QUEUE = mark("No queue was watched on these days. Draw a zone and say that it is a queue.")
LAST_WATCHED = mark("Show the last watched days")
ADD_CAMERA = mark("Add a camera")
OPEN_LIVE = mark("Open the cameras")
NOT_YET = mark("Not known yet")


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if name_zh and language() == "zh" else name


def signed(share: float | None) -> str:
    """A change as "+3.2%"."""
    form = current()
    return "–" if share is None else f"{'+' if share > 0 else ''}{form.percent(share)}"


def hour_words(hour: int) -> str:
    """A clock hour as "14:00"."""
    return current().minute(hour * 60)


def day_words(day: str) -> str:
    """A day as "Sat 21 Nov"."""
    found = date.fromisoformat(day)
    return f"{current().weekday(found.weekday())} {current().day(found, 'short')}"


def change(now: float | None, then: float | None) -> float | None:
    """now / then - 1; None where either is missing."""
    return None if now is None or not then else now / then - 1
