"""Reads of the site's calendar for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.store import Store


@dataclass(frozen=True)
class DayFacts:
    """What is known of a business day. Opening hours are local minutes; temperatures in °C, rain in mm."""

    day: str
    holiday: str | None
    holiday_zh: str | None
    festival: str | None
    festival_offset: int | None
    day_type: str | None
    school_holiday: bool | None
    weather: str | None
    temperature_max_c: float | None
    rain_mm: float | None
    opens_minute: int | None
    closes_minute: int | None
    closed: bool
    note: str | None


@dataclass(frozen=True)
class Holiday:
    """A run of neighbouring days of one festival or holiday."""

    name: str
    name_zh: str
    first: str
    last: str


COLUMNS = (
    "day, holiday, holiday_zh, festival, festival_offset, day_type, school_holiday, weather, temperature_max_c, "
    "rain_mm, opens_minute, closes_minute, closed, note"
)


def day_facts(store: Store, day: str) -> DayFacts | None:
    """The calendar's row of a day, None where it has none."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            f"SELECT {COLUMNS} FROM calendar_day WHERE day = ?",  # noqa: S608 - fixed names
            (day,),
        ).fetchone()
    if row is None:
        return None
    values = tuple(row)
    school = None if values[6] is None else bool(values[6])
    return DayFacts(*(*values[:6], school, *values[7:12], bool(values[12]), values[13]))


def festival_name(store: Store, key: str) -> tuple[str, str] | None:
    """A festival's English and Chinese name, None for a key that the site's country does not keep."""
    from engines.calendar.festivals import kept_in

    return next(((f.en, f.zh) for f in kept_in(store.site.country) if f.key == key), None)


def open_days(store: Store, from_day: str, to_day: str) -> int:
    """Days of the period on which the calendar has the mall open; days it does not know count as open."""
    with store.read() as connection:
        shut = connection.exec_driver_sql(
            "SELECT count(*) FROM calendar_day WHERE closed = 1 AND day BETWEEN ? AND ?", (from_day, to_day)
        ).scalar_one()
    return (date.fromisoformat(to_day) - date.fromisoformat(from_day)).days + 1 - int(shut)


def holidays(store: Store, from_day: str, to_day: str) -> list[Holiday]:
    """Holidays of the period, neighbouring days of one festival as one run, in order."""
    from engines.calendar.festivals import kept_in

    names = {f.key: (f.en, f.zh) for f in kept_in(store.site.country)}
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT day, holiday, coalesce(holiday_zh, holiday), festival FROM calendar_day "
            "WHERE day BETWEEN ? AND ? AND (holiday IS NOT NULL OR festival_offset = 0) ORDER BY day",
            (from_day, to_day),
        ).fetchall()
    found: list[Holiday] = []
    for day, holiday, holiday_zh, festival in rows:
        english, chinese = names.get(festival, (holiday, holiday_zh)) if festival else (holiday, holiday_zh)
        if found and found[-1].name == english and _near(found[-1].last, day):
            found[-1] = Holiday(english, chinese, found[-1].first, day)
        else:
            found.append(Holiday(english, chinese, day, day))
    return found


def _near(one: str, other: str) -> bool:
    """Whether the days are at most two apart: a golden week may have a day without a name."""
    return (date.fromisoformat(other) - date.fromisoformat(one)).days <= 2
