"""What pages read of the site's calendar."""

from __future__ import annotations

import pytest

from engines.calendar.queries import day_facts, festival_name, holidays, open_days
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path):
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def test_a_day_with_and_without_a_row(mall):
    mall.put("calendar_day", day="2026-03-14", weather="rain", rain_mm=3.5, school_holiday=0, opens_minute=600,
             closes_minute=1320, closed=0, note="Spring fair")  # fmt: skip
    facts = day_facts(mall.store, "2026-03-14")
    assert (facts.weather, facts.rain_mm, facts.school_holiday, facts.closed) == ("rain", 3.5, False, False)
    assert (facts.opens_minute, facts.closes_minute, facts.note) == (600, 1320, "Spring fair")
    assert day_facts(mall.store, "2026-03-15") is None


def test_closed_days_are_not_open_and_unknown_days_are(mall):
    mall.open_day("2026-03-02", closed=1)
    assert open_days(mall.store, "2026-03-01", "2026-03-07") == 6


def test_neighbouring_days_of_a_festival_are_one_run(mall):
    for day in ("2026-10-01", "2026-10-02", "2026-10-04"):
        mall.put(
            "calendar_day", day=day, holiday="National Day", holiday_zh="国庆节", festival="national_day", closed=0
        )
    mall.put("calendar_day", day="2026-10-20", holiday="Local fair", closed=0)
    found = [(h.name_zh, h.first, h.last) for h in holidays(mall.store, "2026-09-01", "2026-10-31")]
    assert found == [("国庆节", "2026-10-01", "2026-10-04"), ("Local fair", "2026-10-20", "2026-10-20")]


def test_festivals_have_names_in_both_languages(mall):
    assert festival_name(mall.store, "national_day")[1].startswith("国庆")
    assert festival_name(mall.store, "no_such_festival") is None
