"""Guessing the column of each field from names, in English and Chinese, and from the shape of the values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import lru_cache

from engines.intake.clock import EARLIEST
from engines.intake.dates import parse_date, parse_epoch, parse_month, parse_time, split
from engines.intake.fields import KINDS, Field, Kind
from engines.intake.money import Numbers, parse_number
from engines.intake.sheet import Column, Sheet

SAMPLE = 200
#: Below this a name says too little.
ENOUGH = 0.6
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: Words that name a field only when they stand alone.
_NOISE = {"the", "of", "in", "out", "a", "at", "n", "is", "no", "id", "code", "key", "left", "way", "what", "high"}


def guess_fields(kind: Kind, sheet: Sheet) -> dict[str, tuple[str, float]]:
    """Field to (column, confidence), the surest first; no column fills two fields."""
    offers = [
        (score * shape, -place, -position, f.name, column.name)
        for place, f in enumerate(kind.fields)
        for position, column in enumerate(sheet.columns)
        if (score := name_score(column.name, f)) >= ENOUGH and (shape := shape_share(column, f)) >= 0.5
    ]
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for score, _, _, name, column_name in sorted(offers, reverse=True):
        if name not in found and column_name not in taken:
            found[name] = (column_name, score)
            taken.add(column_name)
    _guess_moment(kind, sheet, found, taken)
    if "time" in found and "at" in found and _has_time(sheet.column(found["at"][0])):
        del found["time"]
    return {f.name: found[f.name] for f in kind.fields if f.name in found}


def guess_kind(sheet: Sheet) -> tuple[str, float]:
    """The kind whose needed fields the columns fit best, with a confidence from 0 to 1."""
    scored = []
    for kind in KINDS.values():
        found = guess_fields(kind, sheet)
        needed = [found.get(f.name, ("", 0.0))[1] for f in kind.fields if f.needed]
        needed += [max(found.get(name, ("", 0.0))[1] for name in group) for group in kind.one_of]
        share = len(found) / max(1, len(sheet.columns))
        scored.append((min(needed) * (0.5 + 0.5 * share), kind.name))
    best = max(scored)
    return best[1], round(best[0], 2)


def name_score(header: str, f: Field) -> float:
    """How well a column's name says the field, 0 to 1."""
    words = normal(header)
    best = 0.0
    for name in (f.name.replace("_", " "), *f.names):
        best = max(best, _english(words, name))
    for name in f.names_zh:
        best = max(best, _chinese(words.replace(" ", ""), name))
    return best


@lru_cache(4096)
def normal(text: str) -> str:
    """Words in lower case, one space between: InvoiceNo, invoice_no and 'Invoice No.' are the same."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _english(words: str, name: str) -> float:
    if words == name:
        return 1.0
    if words.replace(" ", "") == name.replace(" ", ""):
        return 0.98
    have, want = words.split(), name.split()
    if set(want) <= set(have) and set(want) - _NOISE:
        return 0.6 + 0.35 * len(want) / len(have)
    if set(have) <= set(want) and set(have) - _NOISE and len(have) > 1:
        return 0.6 + 0.2 * len(have) / len(want)
    if min(len(words), len(name)) >= 5:
        ratio = SequenceMatcher(None, words, name).ratio()
        return 0.8 * ratio if ratio >= 0.86 else 0.0
    return 0.0


def _chinese(words: str, name: str) -> float:
    if words == name:
        return 1.0
    if len(name) >= 2 and name in words:
        return 0.6 + 0.35 * len(name) / len(words)
    return 0.0


def shape_share(column: Column, f: Field) -> float:
    """The share of a sample of the column's values that reads as the field's shape; 1 where it has none to read."""
    reads = _READS.get(f.name) or _READS.get(f.shape)
    sample = [text.strip() for text in column.texts[:SAMPLE] if text.strip()]
    if reads is None or not sample:
        return 1.0
    return sum(_reads(reads, text) for text in sample) / len(sample)


def _reads(reads: Callable[[str], object], text: str) -> bool:
    try:
        reads(text)
    except (ValueError, ArithmeticError):
        return False
    return True


def _any_number(text: str) -> None:
    bare = re.sub(r"[^\d.,()\-\s'eE+]", "", unicodedata.normalize("NFKC", text)).strip()
    try:
        parse_number(bare, Numbers())
    except ValueError:
        parse_number(bare, Numbers(comma=True))


def _any_date(text: str) -> None:
    if parse_epoch(text) is not None:
        return
    date_text = split(text)[0]
    try:
        found = parse_date(date_text, "dmy")
    except ValueError:
        found = parse_date(date_text, "mdy")
    if found < EARLIEST:
        raise ValueError(text)


def _email(text: str) -> None:
    if not re.match(r"[^@\s]+@[^@\s]+\Z", text):
        raise ValueError(text)


def _phone(text: str) -> None:
    if not 6 <= sum(c.isdigit() for c in text) <= 16 or any(c.isalpha() for c in text):
        raise ValueError(text)


def _year_or_date(text: str) -> None:
    if not re.match(r"(19|20)\d\d\Z", text):
        _any_date(text)


def _direction(text: str) -> None:
    if read_direction(text) is None:
        raise ValueError(text)


def read_direction(text: str) -> str | None:
    """in or out, from the words senders use; None for any other."""
    word = text.strip().lower()
    if word in ("in", "i", "entry", "enter", "entries", "entering", "进", "入", "进入"):
        return "in"
    if word in ("out", "o", "exit", "leave", "exits", "leaving", "出", "离开"):
        return "out"
    return None


_READS: dict[str, Callable[[str], object]] = {
    "money": _any_number,
    "number": _any_number,
    "share": _any_number,
    "integer": _any_number,
    "instant": _any_date,
    "day": _any_date,
    "time": parse_time,
    "month": lambda text: parse_month(text, "dmy"),
    "email": _email,
    "phone": _phone,
    "birth_year": _year_or_date,
    "direction": _direction,
}


def _guess_moment(kind: Kind, sheet: Sheet, found: dict[str, tuple[str, float]], taken: set[str]) -> None:
    """Where no name says when: the only column left whose values are all dates."""
    name = "at" if "at" in kind.names() else "day" if "day" in kind.names() else ""
    if not name or name in found:
        return
    dates = [
        c for c in sheet.columns if c.name not in taken and len(c.texts) and shape_share(c, kind.field(name)) == 1.0
    ]
    dates = [c for c in dates if any(text.strip() for text in c.texts) and not _plain_numbers(c)]
    if len(dates) == 1:
        found[name] = (dates[0].name, 0.5)
        taken.add(dates[0].name)


def _has_time(column: Column) -> bool:
    """Whether the dates bring their own time of day."""
    sample = [text.strip() for text in column.texts[:SAMPLE] if text.strip()]
    return any(parse_epoch(text) is not None or split(text)[1] for text in sample)


def _plain_numbers(column: Column) -> bool:
    return all(text.strip().isdecimal() for text in column.texts[:SAMPLE] if text.strip())
