"""What a layout needs besides its data: colours, the way figures are written, and how wide a text is."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.ui.tokens import Tokens, load_tokens

Unit = Literal["count", "decimal", "percent", "money", "minutes", "seconds"]
"""count: a number of things; decimal: any number; percent: share of 1; money: minor units; minutes, seconds: time."""
Place = str | float | dt.date | dt.datetime
"""A position on a horizontal axis; a datetime carries its zone."""
Measure = Callable[[str, int, bool], float]
"""Text, size in pixels, bold -> width in pixels."""


class ChartFormat(Protocol):
    """The part of `app.ui.format.Format` that charts use."""

    def integer(self, value: float) -> str: ...
    def decimal(self, value: float, places: int = 1) -> str: ...
    def compact(self, value: float) -> str: ...
    def percent(self, share: float, places: int = 1) -> str: ...
    def money(self, minor: float, *, compact: bool = False) -> str: ...
    def day(self, day: dt.date, style: Literal["short", "medium", "long"] = "medium") -> str: ...
    def weekday(self, number: int, *, long: bool = False) -> str: ...
    def duration(self, seconds: float) -> str: ...


class PlainFormat:
    """English figures without any locale; for tests and for printing outside the desktop."""

    def integer(self, value: float) -> str:
        return "–" if math.isnan(value) else f"{round(value):,}"

    def decimal(self, value: float, places: int = 1) -> str:
        return "–" if math.isnan(value) else f"{value:,.{places}f}"

    def compact(self, value: float) -> str:
        for step, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
            if abs(value) >= step:
                return f"{value / step:.3g}{suffix}"
        return "–" if math.isnan(value) else f"{value:.3g}"

    def percent(self, share: float, places: int = 1) -> str:
        return "–" if math.isnan(share) else f"{share * 100:.{places}f}%"

    def money(self, minor: float, *, compact: bool = False) -> str:
        return self.compact(minor / 100) if compact else self.decimal(minor / 100, 2)

    def day(self, day: dt.date, style: Literal["short", "medium", "long"] = "medium") -> str:
        return day.strftime({"short": "%d %b", "medium": "%d %b %Y", "long": "%a %d %b %Y"}[style])

    def weekday(self, number: int, *, long: bool = False) -> str:
        return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[number]

    def duration(self, seconds: float) -> str:
        return "–" if math.isnan(seconds) else f"{seconds / 60:.0f} min"


def rough_width(text: str, size: int, bold: bool) -> float:
    """Width without a font: wide (East Asian) letters one em, others 0.58 em, bold 6 % more."""
    ems = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text)
    return ems * size * (1.06 if bold else 1.0)


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """Handed to every layout."""

    tokens: Tokens = field(default_factory=lambda: load_tokens("light"))
    format: ChartFormat = field(default_factory=PlainFormat)
    measure: Measure = rough_width

    def value(self, value: float, unit: Unit) -> str:
        """The figure in full, for tips and labels."""
        if unit == "percent":
            return self.format.percent(value)
        if unit == "money":
            return self.format.money(value)
        if unit in ("minutes", "seconds"):
            return self.format.duration(value * (60 if unit == "minutes" else 1))
        return self.format.integer(value) if unit == "count" else self.format.decimal(value)

    def short(self, value: float, unit: Unit) -> str:
        """The figure in few letters, for axes and inside marks."""
        if unit == "percent":
            whole = abs(value * 100 - round(value * 100)) < 0.005 or abs(value) >= 0.995
            return self.format.percent(value, 0 if whole else 1)
        if unit == "money":
            return self.format.money(value, compact=True)
        if unit in ("minutes", "seconds"):
            return self.format.duration(value * (60 if unit == "minutes" else 1))
        return self.format.compact(value)

    def place(self, place: Place, *, full: bool = False) -> str:
        """A position's name; `full` for tips, short for axes."""
        if isinstance(place, dt.datetime):
            return f"{self.format.day(place.date(), 'medium' if full else 'short')} {place:%H:%M}"
        if isinstance(place, dt.date):
            return self.format.day(place, "long" if full else "short")
        return place if isinstance(place, str) else self.format.compact(place)
