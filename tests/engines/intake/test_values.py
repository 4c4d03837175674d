"""Money and times as people type them are read exactly, or refused; the file decides how it writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.intake.amounts import exact, half_even, product
from engines.intake.clock import Clock
from engines.intake.dates import decide_order, parse_date, parse_month, parse_time
from engines.intake.money import Numbers, decide_comma, format_money, parse_money, to_minor
from engines.intake.parse import Values

CURRENCIES = ("CNY", "JPY", "KWD")


@given(minor=st.integers(-(10**14), 10**14), currency=st.sampled_from(CURRENCIES), comma=st.booleans())
def test_minor_units_survive_being_written(minor: int, currency: str, comma: bool) -> None:
    numbers = Numbers(comma, currency)
    assert parse_money(format_money(minor, numbers), numbers) == minor


@given(minor=st.integers(-(10**13), 10**13), comma=st.booleans(), form=st.integers(0, 5))
def test_every_habit_of_writing_is_the_same_amount(minor: int, comma: bool, form: int) -> None:
    numbers = Numbers(comma, "EUR")
    text = f"{abs(Decimal(minor).scaleb(-2)):,.2f}"
    text = text.translate(str.maketrans(",.", ".,")) if comma else text
    wrapped = [
        f"{text}",
        f"€{text}",
        f"{text} EUR",
        f"€ {text}",
        text.replace("." if comma else ",", " "),
        f"{text} €",
    ][form]
    signed = wrapped if minor >= 0 else [f"-{wrapped}", f"({wrapped})", f"{wrapped}-"][form % 3]
    assert parse_money(signed, numbers) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("5万", 5_000_000),
        ("¥1.2万", 1_200_000),
        ("120 万元", 120_000_000),
        ("-3萬", -3_000_000),
        ("1.5亿", 15_000_000_000),
    ],
)
def test_amounts_in_tens_of_thousands_are_the_amounts_they_say(text: str, minor: int) -> None:
    assert parse_money(text, Numbers(False, "CNY")) == minor


@pytest.mark.parametrize("text", ["万", "万5", "五万", "5万5", "$5万"])
def test_what_is_no_amount_of_ten_thousands_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_money(text, Numbers(False, "CNY"))


@pytest.mark.parametrize(
    "text", ["", "abc", "1,2,3", "12.34.56", "--5", "1.5x", "(5", "0x10", "1e999", "nan", "Infinity", "٣"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        parse_money(text, Numbers(False, "CNY"))


@pytest.mark.parametrize(
    ("texts", "country", "comma", "told"),
    [
        (["1,234.50", "3"], "TR", False, False),
        (["1.234,50", "1.234"], "US", True, False),
        (["1234,5", "2,50"], "US", True, False),
        (["1.234"], "TR", True, True),
        (["1.234"], "CN", False, True),
        (["1,234,567"], "DE", False, False),
        (["12", "7"], "DE", False, False),
        (["1.5", "2.5", "2,75"], "DE", False, True),
        (["0.125"], "DE", False, False),
    ],
)
def test_the_file_decides_its_decimal_sign(texts: list[str], country: str, comma: bool, told: bool) -> None:
    found, note = decide_comma(texts, country)
    assert (found, note is not None) == (comma, told)


numbers = st.decimals(min_value=-(10**7), max_value=10**7, places=4, allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6))
def test_a_rows_amount_is_the_exact_product_rounded_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    codes = np.arange(len(pairs))
    got = product(exact(Values(codes, [a for a, _ in pairs])), exact(Values(codes, [b for _, b in pairs])))
    assert got.tolist() == [int((a * b).to_integral_value(ROUND_HALF_EVEN)) for a, b in pairs]


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4))
def test_halves_go_to_the_even_number(value: int, divisor: int) -> None:
    got = half_even(np.array([value]), divisor)[0]
    assert (
        got == int(Decimal(value) / Decimal(divisor))
        if value % divisor == 0
        else abs(got * divisor - value) * 2 <= divisor
    )
    if (value * 2) % divisor == 0 and value % divisor:
        assert got % 2 == 0
    assert to_minor(Decimal("2.5")) == 2


days = st.dates(date(1980, 1, 1), date(2060, 12, 31))
FORMS = (
    "{d.year:04d}-{d.month:02d}-{d.day:02d}", "{d.year}/{d.month}/{d.day}", "{d.year}年{d.month}月{d.day}日", "{d:%d %b %Y}",
    "{d:%B %d, %Y}", "{d:%Y%m%d}", "{d:%d-%b-%y}",
)  # fmt: skip


@given(day=days, form=st.sampled_from(FORMS))
def test_days_survive_being_written_where_the_form_is_clear(day: date, form: str) -> None:
    if "%y" in form and not 1980 <= day.year <= 2060:
        return
    assert parse_date(form.format(d=day), "dmy") == day


@given(
    found=st.lists(days, min_size=1, max_size=20), first=st.sampled_from(["dmy", "mdy"]), sign=st.sampled_from("/-.")
)
def test_all_dates_of_a_column_decide_their_order(found: list[date], first: str, sign: str) -> None:
    form = f"%d{sign}%m{sign}%Y" if first == "dmy" else f"%m{sign}%d{sign}%Y"
    texts = [day.strftime(form) for day in found]
    order, note = decide_order(texts, "GB")
    if any(day.day > 12 for day in found):
        assert (order, note) == (first, None)
        assert [parse_date(text, order) for text in texts] == found
    elif any(day.day != day.month for day in found):
        assert note is not None
        assert order == "dmy"


def test_a_country_decides_what_the_dates_leave_open() -> None:
    assert decide_order(["05/06/2025"], "US")[0] == "mdy"
    assert decide_order(["13/06/2025", "12/13/2025", "14/06/2025"], "US")[0] == "dmy"


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), second=st.integers(0, 59), form=st.integers(0, 3))
def test_times_survive_being_written(hour: int, minute: int, second: int, form: int) -> None:
    half = hour % 12 or 12
    text = [
        f"{hour}:{minute:02d}:{second:02d}", f"{hour:02d}{minute:02d}{second:02d}",
        f"{half}:{minute:02d}:{second:02d} {'am' if hour < 12 else 'PM'}", f"{'上午' if hour < 12 else '下午'}{half}:{minute:02d}:{second:02d}",
    ][form]  # fmt: skip
    assert parse_time(text).ms == ((hour * 60 + minute) * 60 + second) * 1000


@pytest.mark.parametrize("text", ["25:00", "10:61", "noon", "24:01", "1:2:3:4", "99"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2025-03", "2025-03"),
        ("03/2025", "2025-03"),
        ("2025年3月", "2025-03"),
        ("Mar 2025", "2025-03"),
        ("202503", "2025-03"),
        ("2025-03-31", "2025-03"),
    ],
)
def test_months(text: str, month: str) -> None:
    assert parse_month(text, "dmy") == month


@settings(max_examples=200)
@given(
    at=st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
    zone=st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
    ),
)
def test_local_times_become_the_instant_that_the_clock_showed(at: datetime, zone: str) -> None:
    at = at.replace(microsecond=0)
    found = Clock(ZoneInfo(zone), 0, "ymd").moment(at.isoformat(" "))
    want = at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert found.at == round(want.timestamp() * 1000)
    shown = want.astimezone(ZoneInfo(zone))
    assert (found.day, found.minute) == (shown.date().isoformat(), shown.hour * 60 + shown.minute)


def test_skipped_and_repeated_hours_follow_the_rule() -> None:
    clock = Clock(ZoneInfo("Europe/Berlin"), 0, "ymd")
    assert clock.moment("2025-03-30 02:30")[1:] == ("2025-03-30", 210)
    first = clock.moment("2025-10-26 02:30")
    assert first.at == clock.moment("2025-10-26T02:30+02:00").at
    assert clock.moment("2025-10-26 03:00").at - first.at == 90 * 60_000


def test_the_night_belongs_to_the_day_before_where_the_site_says_so() -> None:
    clock = Clock(ZoneInfo("Asia/Shanghai"), 360, "ymd")
    assert clock.moment("2025-01-02 01:30")[1:] == ("2025-01-01", 90)
    assert clock.moment("2025-01-02 24:00")[1:] == ("2025-01-02", 0)
    whole = clock.moment("2025-01-02")
    assert whole[1:] == ("2025-01-02", -1)
    assert whole.at == clock.moment("2025-01-02 06:00").at
    assert clock.moment("2025-01-02", "7:15") == clock.moment("2025-01-02 07:15")


def test_epochs_and_offsets_are_instants() -> None:
    clock = Clock(ZoneInfo("Asia/Shanghai"), 0, "ymd")
    assert clock.moment("1735689600").at == clock.moment("1735689600000").at == clock.moment("2025-01-01T00:00:00Z").at
    assert clock.moment("2025-01-01T00:00:00Z").minute == 480
    assert clock.moment("2025-01-01 00:00").at == 1735689600000 - int(timedelta(hours=8).total_seconds()) * 1000
