"""Numbers and money as people type them, read exactly: text to decimal, decimal to minor units, no binary fractions.

A file writes its numbers one way. Which one (`1,234.50` or `1.234,50`) is decided from all its values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

#: ISO 4217 minor units other than two, as the desktop writes them.
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
#: Countries that write a decimal comma: what decides where the values themselves do not.
COMMA_COUNTRIES = frozenset(
    re.findall(
        r"\w+",
        "AR AT BE BG BR CL CO CZ DE DK EE ES FI FR GR HR HU ID IT LT LV NL NO PL PT RO RS RU SE SI SK TR UA UY VN",
    )
)
SIGNS = {
    "¥": {"CNY", "JPY"}, "元": {"CNY", "TWD", "HKD"}, "円": {"JPY"}, "€": {"EUR"}, "£": {"GBP", "EGP"}, "₺": {"TRY"},
    "$": {"USD", "AUD", "CAD", "HKD", "SGD", "TWD", "NZD", "MXN", "CLP", "ARS", "COP", "MOP", "BND"},
    "₩": {"KRW"}, "₹": {"INR"}, "₫": {"VND"}, "฿": {"THB"}, "₽": {"RUB"}, "₱": {"PHP"}, "₴": {"UAH"},
}  # fmt: skip
WORDS = {"RMB": "CNY", "TL": "TRY", "NT": "TWD", "HK": "HKD", "US": "USD", "RM": "MYR", "RP": "IDR", "KR": "SEK",
         "S": "SGD", "A": "AUD", "R": "BRL", "C": "CAD", "CN": "CNY", "EURO": "EUR"}  # fmt: skip
LARGEST = 10**15
#: More is no amount or quantity, but what is left of somebody's arithmetic; hundreds of them do not fit a float.
MOST_DECIMALS = 30
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?\Z", re.ASCII)
_TEN_THOUSANDS = re.compile(r"(.*\d)\s*([万萬亿億])\s*元?\s*\Z")
_POWERS = {"万": 4, "萬": 4, "亿": 8, "億": 8}
_UNITS = re.compile(r"[^\W\d_]+|[^\w\s.,'()+\-]")


@dataclass(frozen=True)
class Numbers:
    """How a file writes numbers: `comma` is True for a decimal comma; `currency` is the site's ISO 4217 code."""

    comma: bool = False
    currency: str = ""

    @property
    def digits(self) -> int:
        """How many decimals the currency's minor unit is."""
        return DIGITS.get(self.currency, 2)


def decide_comma(texts: Iterable[str], country: str) -> tuple[bool, str | None]:
    """Whether the values use a decimal comma, and a sentence where they left that open or disagree."""
    comma = point = unclear = 0
    for text in texts:
        says = _evidence(text)
        comma, point, unclear = comma + (says == ","), point + (says == "."), unclear + (says == "?")
    if comma and point:
        chosen = comma > point
        word = "comma" if chosen else "point"
        return chosen, f"Numbers are written both ways; most have a decimal {word}, so that was taken."
    if comma or point or not unclear:
        return bool(comma), None
    chosen = country in COMMA_COUNTRIES
    word = "comma" if chosen else "point"
    return (
        chosen,
        f"Nothing in the numbers says whether '1.234' is a thousand; a decimal {word} was taken, as in {country}.",
    )


def _evidence(text: str) -> str:
    """',' or '.' where only that decimal sign explains the text, '?' where both do, '' where it says nothing."""
    text = re.sub(r"[^\d.,]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return ""
    sign, other = text[last], "." if text[last] == "," else ","
    if other in text:
        return sign
    if text.count(sign) > 1:
        return other
    whole, rest = text[:last], text[last + 1 :]
    if len(rest) != 3 or len(whole) > 3 or not whole or whole.startswith("0"):
        return sign
    return "?"


def parse_number(text: str, numbers: Numbers) -> Decimal:
    """The exact value of a number. Raises ValueError with a sentence."""
    value = _number(text, numbers)
    if len(text) > MOST_DECIMALS and -int(value.normalize().as_tuple().exponent) > MOST_DECIMALS:
        raise ValueError(f"'{text[:40]}' has more than {MOST_DECIMALS} decimals")
    return value


def _number(text: str, numbers: Numbers) -> Decimal:
    if _PLAIN.match(text) and not numbers.comma:
        return Decimal(text)
    if counted := _TEN_THOUSANDS.match(text):
        return Decimal(_canonical(counted[1], numbers)).scaleb(_POWERS[counted[2]])
    return Decimal(_canonical(text, numbers))


def parse_money(text: str, numbers: Numbers) -> Decimal:
    """The exact amount in minor units, with a fraction where the text is finer. Raises ValueError with a sentence."""
    value = parse_number(text, numbers).scaleb(numbers.digits)
    if abs(value) >= LARGEST:
        raise ValueError(f"'{text}' is too large for an amount")
    return value


def to_minor(value: Decimal) -> int:
    """Whole minor units, halves to the even one."""
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def parse_share(text: str, numbers: Numbers) -> Decimal:
    """A share of one from 0.08, 8 or 8 %: with the sign, or from 1 on, it is per cent. Raises ValueError."""
    bare = unicodedata.normalize("NFKC", text).strip()
    value = parse_number(bare.removesuffix("%").strip(), numbers)
    return value / 100 if bare.endswith("%") or value >= 1 else value


def parse_integer(text: str, numbers: Numbers) -> int:
    """A whole number. Raises ValueError with a sentence."""
    value = parse_number(text, numbers)
    if value != value.to_integral_value() or abs(value) >= LARGEST:
        raise ValueError(f"'{text}' is not a whole number")
    return int(value)


def format_money(minor: int, numbers: Numbers) -> str:
    """Minor units as text that `parse_money` reads back."""
    text = str(Decimal(minor).scaleb(-numbers.digits))
    return text.replace(".", ",") if numbers.comma else text


def _canonical(text: str, numbers: Numbers) -> str:
    """The number in the form Decimal reads, after every habit of writing has been taken off."""
    bare = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if numbers.currency:
        bare = _without_unit(bare, numbers.currency, text)
    bare, negative = _sign(bare)
    bare = bare.replace("'", "").replace("’", "").replace(" ", "").replace("\u202f", "")
    found = _form(numbers.comma).match(bare)
    if not found:
        raise ValueError(f"'{text}' is not a number with a decimal {'comma' if numbers.comma else 'point'}")
    group, decimal = (".", ",") if numbers.comma else (",", ".")
    return ("-" if negative else "") + bare.replace(group, "").replace(decimal, ".")


@lru_cache(2)
def _form(comma: bool) -> re.Pattern[str]:
    """Digits in groups of two or three (the last of three) or in one run, then decimals, then an exponent."""
    group, decimal = (r"\.", ",") if comma else (",", r"\.")
    run = rf"(?:\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}|\d+)"
    return re.compile(rf"(?:{run}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d{{1,2}})?\Z", re.ASCII)


def _sign(bare: str) -> tuple[str, bool]:
    bare = bare.strip()
    if bare.startswith("(") and bare.endswith(")"):
        return bare[1:-1].strip(), True
    if bare.endswith("-"):
        return bare[:-1].strip(), True
    if bare.startswith(("-", "+")):
        return bare[1:].strip(), bare[0] == "-"
    return bare, False


def _without_unit(bare: str, currency: str, text: str) -> str:
    """The text without currency signs and codes; another currency than the site's is an error."""
    if bare.isascii() and not any(c.isalpha() or c in "$#%" for c in bare):
        return bare
    for unit in _UNITS.findall(bare):
        if unit in "eE" and re.search(r"\d[eE][+-]?\d", bare):
            continue
        if unit in SIGNS:
            fits = currency in SIGNS[unit]
        else:
            code = unit.upper()
            fits = currency in (code, WORDS.get(code))
            if not fits and not (len(code) == 3 and unit.isupper() and unit.isascii()) and code not in WORDS:
                raise ValueError(f"'{text}' is not an amount")
        if not fits:
            raise ValueError(f"'{text}' is not in {currency}, the site's currency")
        bare = bare.replace(unit, "", 1)
    return bare
