"""Numbers of payment cards that a file brings by mistake: masked before anything is kept (PCI DSS 4.0, 3.2 and 3.4.1).

A number counts as a card's where its first digits are a network's, its length fits and its check digit is right
(ISO/IEC 7812-1, annex B: Luhn). The first six and last four digits may stay, the rest may not. The field that holds a
member's card is left alone: a mall's own numbers may look alike.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")
#: American Express, Visa, Mastercard (5 and 2 series), Discover, JCB, Diners, UnionPay, with the lengths they have.
_NETWORKS = re.compile(
    r"3[47]\d{13}|4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|6(?:011|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}"
)


def hide_cards(text: str) -> str:
    """The text with every payment card's number masked but for its first six and last four digits."""
    return _RUNS.sub(_masked, text) if len(text) > 12 else text


def _masked(found: re.Match[str]) -> str:
    digits = re.sub(r"[ -]", "", found[0])
    if not (_NETWORKS.fullmatch(digits) and _check_digit_fits(digits)):
        return found[0]
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _check_digit_fits(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
