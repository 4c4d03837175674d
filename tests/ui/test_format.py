"""Figures, money, dates and durations as people of both languages write them."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from app.ui.catalogue import choose
from app.ui.format import Format, configure, current

EN, ZH = Format("en", "CNY", "Asia/Shanghai"), Format("zh", "CNY", "Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [(0, "0", "0"), (0.25, "0.25", "0.25"), (12.34, "12.3", "12.3"), (999, "999", "999"), (1234, "1.23k", "1,234"),
     (12345, "12.3k", "1.23万"), (-12345, "-12.3k", "-1.23万"), (1.5e6, "1.5M", "150万"), (2.5e8, "250M", "2.5亿"),
     (math.nan, "–", "–")],
)  # fmt: skip
def test_compact(value, english, chinese):
    assert (EN.compact(value), ZH.compact(value)) == (english, chinese)


def test_whole_numbers_have_separators():
    assert EN.integer(1234567) == "1,234,567"
    assert EN.integer(-0.4) == "0"
    assert EN.decimal(1234.5, 2) == "1,234.50"


def test_percent_takes_a_share():
    assert EN.percent(0.256) == "25.6%"
    assert EN.percent(-0.05, 0) == "-5%"


def test_money_in_minor_units():
    assert EN.money(123450) == "¥1,234.50"
    assert EN.money(-5) == "-¥0.05"
    assert Format("en", "JPY").money(1234) == "¥1,234"
    assert Format("en", "KWD").money(1234) == "KWD\u00a01.234"
    assert ZH.money(1_234_500_000, compact=True) == "¥1,235万"


def test_dates_and_times_are_the_sites():
    at = int(dt.datetime(2026, 11, 20, 18, 30, tzinfo=dt.UTC).timestamp() * 1000)
    assert EN.time(at) == "02:30"
    assert EN.datetime(at) == "21 Nov 2026 02:30"
    assert ZH.datetime(at) == "2026年11月21日 02:30"
    assert EN.day(dt.date(2026, 9, 1), "long") == "Tue 1 Sep 2026"
    assert ZH.weekday(0) == "周一"
    assert EN.minute(845) == "14:05"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(0, "0 s", "0秒"), (59, "59 s", "59秒"), (60, "1 min", "1分"), (5100, "1 h 25 min", "1小时25分"),
     (3600, "1 h", "1小时"), (90000, "1 d 1 h", "1天1小时"), (-90, "-1 min 30 s", "-1分30秒"), (math.nan, "–", "–")],
)  # fmt: skip
def test_duration(seconds, english, chinese):
    assert (EN.duration(seconds), ZH.duration(seconds)) == (english, chinese)


def test_current_follows_the_language_and_the_site():
    configure("EUR", "Europe/Berlin")
    try:
        assert current().money(100) == "€1.00"
        choose("zh")
        assert current().language == "zh"
        assert str(current().zone) == "Europe/Berlin"
    finally:
        choose("en")
        configure("CNY", "Asia/Shanghai")
