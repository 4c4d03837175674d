"""Dates and times of day as people type them.

Whether 5/8/2024 is a day in August or in May is decided from all dates of the column together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})
YEAR_FIRST = frozenset({"CN", "JP", "KR", "TW", "HU", "MN", "LT", "IR"})
_MONTH_NAMES = "january february march april may june july august september october november december"
MONTHS = {
    text: number
    for number, name in enumerate(re.findall(r"\w+", _MONTH_NAMES), 1)
    for text in (name, name[:3], "sept" if number == 9 else name)
}
_NUMERIC = re.compile(r"(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})\Z", re.ASCII)
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(?:(\d{1,2})\s*[日号]?)?\Z", re.ASCII)
_NAMED = re.compile(r"(?:[a-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*([a-z]{3,9})\.?[\s\-/.,]*(\d{2,4})\Z", re.ASCII)
_NAMED_US = re.compile(
    r"(?:[a-z]+,\s+)?([a-z]{3,9})\.?[\s\-/.]*(\d{1,2})(?:st|nd|rd|th)?[\s,\-/.]+(\d{2,4})\Z", re.ASCII
)
_TIME = re.compile(
    r"(?:(am|pm|上午|下午|晚上|中午)\s*)?(\d{1,2})(?:[:时点h.](\d{1,2})?分?)?(?:[:](\d{1,2})(?:[.,](\d{1,9}))?)?秒?\s*"
    r"(am|pm|a\.m\.|p\.m\.)?\s*(z|utc|[+-]\d{2}:?\d{2})?\Z",
    re.ASCII,
)
_SPLIT = re.compile(
    r"(.*?\d[日号]?)(?:\s+|t(?=\d)|(?<=[日号]))((?:(?:am|pm|上午|下午|晚上|中午)\s*)?\d{1,2}\s*[:时点h].*|\d{6}|\d{4})\Z",
    re.ASCII,
)


@dataclass(frozen=True)
class TimeOfDay:
    """Milliseconds after midnight, and the offset from UTC in milliseconds where the text gives one."""

    ms: int
    offset: int | None = None


def decide_order(texts: Iterable[str], country: str) -> tuple[Order, str | None]:
    """The order of day, month and year of a column's dates, and a sentence where the values left that open."""
    day = month = unclear = short = 0
    for text in texts:
        if text[4:5] in ("-", "/", "年"):
            continue  # the year stands first
        found = _NUMERIC.match(split(text)[0])
        if not found or len(found[1]) > 2:
            continue
        first, second = int(found[1]), int(found[2])
        day, month = day + (first > 12 >= second), month + (second > 12 >= first)
        unclear += first <= 12 and second <= 12 and first != second
        short += len(found[3]) <= 2
    if day and month:
        order: Order = "dmy" if day >= month else "mdy"
        return order, f"Dates are written both ways; most put the {_said(order)} first, so that was taken."
    if day or month:
        return ("dmy" if day else "mdy"), None
    order = "mdy" if country in MONTH_FIRST else "ymd" if short and country in YEAR_FIRST else "dmy"
    if not unclear:
        return order, None
    return (
        order,
        f"Nothing in the dates says which number is the month; {_said(order)} first was taken, as in {country}.",
    )


def _said(order: Order) -> str:
    return {"dmy": "day", "mdy": "month", "ymd": "year"}[order]


def split(text: str) -> tuple[str, str]:
    """A date and time as (date, time), lower case; the time is empty where the text gives none."""
    if len(text) > 15 and text[4] == "-" and text[10] in " Tt":
        return text[:10], text[11:].lower()
    text = plain(text)
    date_text, _, rest = text.partition(" ")
    if rest and ":" in rest and ":" not in date_text and _NUMERIC.match(date_text):
        return date_text, rest.strip()
    if len(text) > 10 and text[10] == "t" and text[4] == "-":
        return text[:10], text[11:]
    found = _SPLIT.match(text)
    return (found[1].strip(), found[2].strip()) if found else (text, "")


def plain(text: str) -> str:
    """Lower case, half-width, without spaces around it."""
    text = text.strip()
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower().strip()


def parse_date(text: str, order: Order) -> date:
    """The day a text names. Raises ValueError with a sentence."""
    text = plain(text)
    try:
        if len(text) == 10 and text[4] == "-" and text[7] == "-":
            return date.fromisoformat(text)
        parts = _parts(text, order)
        if parts:
            year, month, day = parts
            return date(_century(year) if year < 100 else year, month, day)
    except ValueError as error:
        raise ValueError(f"'{text}' is no day of the calendar") from error
    raise ValueError(f"'{text}' is not a date")


def _parts(text: str, order: Order) -> tuple[int, int, int] | None:
    """(year, month, day) as written."""
    if found := _NUMERIC.match(text):
        a, b, c = int(found[1]), int(found[2]), int(found[3])
        if len(found[1]) > 2 or (order == "ymd" and len(found[3]) <= 2):
            return a, b, c
        return (c, b, a) if order != "mdy" else (c, a, b)
    if found := _CHINESE.match(text):
        return int(found[1]), int(found[2]), int(found[3] or 1)
    return _named_parts(text)


def _named_parts(text: str) -> tuple[int, int, int] | None:
    """(year, month, day) where the month has its name, or all stand together as in 20250131."""
    if (found := _NAMED.match(text)) and found[2] in MONTHS:
        return int(found[3]), MONTHS[found[2]], int(found[1])
    if (found := _NAMED_US.match(text)) and found[1] in MONTHS:
        return int(found[3]), MONTHS[found[1]], int(found[2])
    if len(text) == 8 and text.isdecimal() and text.isascii():
        return int(text[:4]), int(text[4:6]), int(text[6:])
    return None


def _century(year: int) -> int:
    """POSIX: 69 to 99 are the last century."""
    return year + (1900 if year >= 69 else 2000)


def parse_time(text: str) -> TimeOfDay:
    """The time of day a text names; hour 24 with nothing after it is the end of the day. Raises ValueError."""
    text = plain(text)
    if len(text) in (4, 6) and text.isdecimal() and text.isascii():
        text = ":".join(text[i : i + 2] for i in range(0, len(text), 2))
    found = _TIME.match(text)
    if not found:
        raise ValueError(f"'{text}' is not a time of day")
    hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
    half = (found[1] or found[6] or "").replace(".", "")
    if half in ("pm", "下午", "晚上") and hour < 12:
        hour += 12
    elif half in ("am", "上午") and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError(f"'{text}' is not a time of day")
    fraction = int((found[5] or "0").ljust(3, "0")[:3])
    return TimeOfDay(((hour * 60 + minute) * 60 + second) * 1000 + fraction, _offset(found[7]))


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text in ("z", "utc"):
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return (-minutes if text[0] == "-" else minutes) * 60_000


EPOCH_DIGITS = {10: 1, 13: 1_000, 16: 1_000_000}
"""Digits of an instant as a number, and how many of its units make a second: seconds, milliseconds, microseconds."""


def parse_epoch(text: str) -> int | None:
    """UTC milliseconds where the text is a count of seconds (10 digits), milliseconds (13) or microseconds (16, as
    web analytics export them), else None."""
    if not (text.isascii() and text.isdecimal() and len(text) in EPOCH_DIGITS):
        return None
    ms = int(text) * 1000 // EPOCH_DIGITS[len(text)]
    return ms if datetime.fromtimestamp(ms / 1000, UTC).year < 2200 else None


def parse_month(text: str, order: Order) -> str:
    """A month as YYYY-MM, from a month or from any day of it. Raises ValueError."""
    bare = plain(text)
    if found := re.match(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?\Z", bare, re.ASCII):
        year, month = int(found[1]), int(found[2])
    elif found := re.match(r"(\d{1,2})\s*[-/.]\s*(\d{4})\Z", bare, re.ASCII):
        year, month = int(found[2]), int(found[1])
    elif (found := re.match(r"([a-z]{3,9})\.?[\s\-/,]*(\d{4})\Z", bare)) and found[1] in MONTHS:
        year, month = int(found[2]), MONTHS[found[1]]
    else:
        day = parse_date(split(bare)[0], order)
        year, month = day.year, day.month
    if not 1 <= month <= 12:
        raise ValueError(f"'{text}' is not a month")
    return f"{year:04d}-{month:02d}"
