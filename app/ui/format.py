"""Numbers, money, dates and durations as a person of the chosen language writes them, through QLocale."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QLocale

from app.ui.catalogue import Language, language

DayStyle = Literal["short", "medium", "long"]

_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
_SYMBOLS = {
    "CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "SGD": "S$",
    "AUD": "A$", "MOP": "MOP$", "KRW": "₩", "THB": "฿", "INR": "₹",
}  # fmt: skip
_STEPS: dict[Language, tuple[tuple[float, str], ...]] = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}
_DAYS: dict[Language, dict[DayStyle, str]] = {
    "en": {"short": "d MMM", "medium": "d MMM yyyy", "long": "ddd d MMM yyyy"},
    "zh": {"short": "M月d日", "medium": "yyyy年M月d日", "long": "yyyy年M月d日 ddd"},
}
MISSING = "–"
"""What a figure that does not exist looks like."""


class Format:
    """How one site writes figures: `language` en or zh, ISO 4217 `currency`, IANA `zone`."""

    def __init__(self, language: Language, currency: str = "CNY", zone: str = "Asia/Shanghai") -> None:
        self.language = language
        self.currency = currency
        self.zone = ZoneInfo(zone)
        if language == "zh":
            self._locale = QLocale(QLocale.Language.Chinese, QLocale.Country.China)
        else:
            self._locale = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)

    @property
    def locale(self) -> QLocale:
        """The Qt locale behind these forms, for editors such as QDateEdit."""
        return self._locale

    @property
    def money_digits(self) -> int:
        """Decimals of the site's currency: 2 for CNY, 0 for JPY."""
        return _DIGITS.get(self.currency, 2)

    def integer(self, value: float) -> str:
        """1,234."""
        return MISSING if math.isnan(value) else self._locale.toString(round(value))

    def decimal(self, value: float, places: int = 1) -> str:
        """1,234.5 with exactly `places` decimals."""
        return MISSING if math.isnan(value) else self._locale.toString(float(value), "f", places)

    def compact(self, value: float) -> str:
        """Three figures or so: 12.3k in English, 1.2万 in Chinese."""
        if math.isnan(value):
            return MISSING
        for step, suffix in _STEPS[self.language]:
            if abs(value) >= step * 0.99995:
                return self._short(value / step, 2) + suffix
        return self._short(value, 1)

    def _short(self, value: float, most: int) -> str:
        """Three figures, at most `most` decimals (two below one), without zeros at the end."""
        places = 0 if abs(value) >= 99.95 else min(most, 1 if abs(value) >= 9.995 else 2)
        if 0 < abs(value) < 0.95:
            places = 2
        text = self._locale.toString(float(value), "f", places)
        return text.rstrip("0").rstrip(".") if places else text

    def percent(self, share: float, places: int = 1) -> str:
        """A share of 1 as percent: 0.256 is 25.6%."""
        if math.isnan(share):
            return MISSING
        shown = round(share * 100, places) + 0.0  # a loss too small to show has no sign
        return self._locale.toString(float(shown), "f", places) + "%"

    def money(self, minor: float, *, compact: bool = False, whole: bool = False) -> str:
        """Minor units (fen, cents) as money of the site: 123450 is ¥1,234.50, compact ¥1.2k, whole ¥1,234."""
        if math.isnan(minor):
            return MISSING
        digits = self.money_digits
        symbol = _SYMBOLS.get(self.currency, self.currency + "\u00a0")
        major = abs(minor) / 10**digits
        sign = "-" if minor < 0 else ""
        figure = self.compact(major) if compact else self._locale.toString(float(major), "f", 0 if whole else digits)
        return f"{sign}{symbol}{figure}"

    def day(self, day: dt.date, style: DayStyle = "medium") -> str:
        """A date: 21 Nov 2026 or 2026年11月21日; `short` leaves the year out, `long` adds the weekday."""
        return self._locale.toString(QDate(day.year, day.month, day.day), _DAYS[self.language][style])

    def weekday(self, number: int, *, long: bool = False) -> str:
        """The name of weekday `number`, 0 Monday to 6 Sunday."""
        kind = QLocale.FormatType.LongFormat if long else QLocale.FormatType.ShortFormat
        return self._locale.dayName(number + 1, kind)

    def month(self, day: dt.date) -> str:
        """Month and year: Nov 2026 or 2026年11月."""
        pattern = "yyyy年M月" if self.language == "zh" else "MMM yyyy"
        return self._locale.toString(QDate(day.year, day.month, 1), pattern)

    def local(self, at: int) -> dt.datetime:
        """The instant `at` (UTC milliseconds) on the site's clock."""
        return dt.datetime.fromtimestamp(at / 1000, self.zone)

    def time(self, at: int) -> str:
        """The instant's wall time in the site's zone: 14:05."""
        return f"{self.local(at):%H:%M}"

    def minute(self, minute: int) -> str:
        """A local minute of the day, 0 to 1439, as 14:05."""
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def datetime(self, at: int) -> str:
        """The instant's date and wall time in the site's zone."""
        return f"{self.day(self.local(at).date())} {self.time(at)}"

    def duration(self, seconds: float) -> str:
        """A length of time in its two largest units: 1 h 25 min, 1小时25分."""
        if math.isnan(seconds):
            return MISSING
        names = ("天", "小时", "分", "秒") if self.language == "zh" else (" d", " h", " min", " s")
        gap = "" if self.language == "zh" else " "
        whole = round(abs(seconds))
        parts = (whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60)
        first = next((i for i, part in enumerate(parts) if part), 3)
        shown = [f"{parts[i]}{names[i]}" for i in (first, first + 1) if i < 4 and (parts[i] or i == first)]
        return ("-" if seconds < 0 and whole else "") + gap.join(shown)


class _Held:
    site: tuple[str, str] = ("CNY", "Asia/Shanghai")
    made: Format | None = None


def configure(currency: str, zone: str) -> None:
    """Sets the site's currency (ISO 4217) and zone (IANA) for every later `current()`."""
    _Held.site = (currency, zone)
    _Held.made = None


def current() -> Format:
    """The format of the site in the language that the desktop speaks now."""
    if _Held.made is None or _Held.made.language != language():
        _Held.made = Format(language(), *_Held.site)
    return _Held.made
