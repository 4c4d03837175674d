"""A sheet's columns read as the fields they fill: each distinct text once, faults by row with their reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from engines.intake.clock import Clock, Moment
from engines.intake.dates import decide_order, parse_date, parse_epoch, parse_month, parse_time, split
from engines.intake.fields import KINDS, Field, Kind
from engines.intake.mapping import Mapping
from engines.intake.money import Numbers, decide_comma, parse_integer, parse_money, parse_number, parse_share
from engines.intake.sheet import Codes, Column, Sheet
from models.errors import Known
from models.site import Site
from models.times import business_day, now_ms

#: What senders write where they know nothing.
NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "nan",
        "null",
        "none",
        "n/a",
        "na",
        "nil",
        "unknown",
        "guest",
        "anonymous",
        "散客",
        "匿名",
        "无",
        "未知",
    }
)
TEXT_NOTHING = frozenset({"", "nan", "null", "none", "n/a"})
YES = frozenset({"yes", "y", "true", "t", "1", "x", "是", "有", "对"})
NO = frozenset({"no", "n", "false", "f", "0", "", "否", "无", "没有"})


@dataclass(frozen=True)
class Values:
    """A field's value in each row: `codes` choose from `values`, where None is nothing."""

    codes: Codes
    values: list[Any]

    def rows(self, rows: Sequence[int] | Codes) -> list[Any]:
        """The values of these rows."""
        values = self.values
        return [values[code] for code in self.codes[rows].tolist()]


@dataclass
class Parsed:
    """A sheet read for one kind. `faults` maps rows (from 0) to (column, reason); `notes` are sentences on choices."""

    sheet: Sheet
    kind: Kind
    mapping: Mapping
    numbers: Numbers
    fields: dict[str, Values]
    faults: dict[int, tuple[str | None, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def good(self) -> Codes:
        """Rows without a fault, in order."""
        keep = np.ones(self.sheet.rows, dtype=bool)
        keep[list(self.faults)] = False
        return np.flatnonzero(keep)

    def fault(self, row: int, column: str | None, reason: str) -> None:
        """Refuse a row; the first reason stands."""
        self.faults.setdefault(row, (column, reason))

    def lists(self, rows: Codes) -> dict[str, list[Any]]:
        """Every field of the kind as one value a row; None where it is not mapped."""
        empty = [None] * len(rows)
        return {name: self.fields[name].rows(rows) if name in self.fields else empty for name in self.kind.names()}


def parse_sheet(sheet: Sheet, mapping: Mapping, site: Site) -> Parsed:
    """Read every mapped column. Raises Known where an option cannot be kept."""
    kind = KINDS[mapping.kind]
    sources = {name: _source(sheet, mapping, name) for name in kind.names() if mapping.has(name)}
    numbers, notes = _numbers(sources, kind, mapping, site)
    parsed = Parsed(sheet, kind, mapping, numbers, {}, notes=notes)
    readers = Readers(parsed, sources, site)
    for row, reason in sheet.broken.items():
        parsed.fault(row, None, reason)
    for name, column in sources.items():
        if name != "time" or "at" not in sources:
            _read(parsed, kind.field(name), column, readers)
    return parsed


def _source(sheet: Sheet, mapping: Mapping, name: str) -> Column:
    """The column that fills a field; a constant, or a constant for the rows where the column has nothing."""
    constant = mapping.constants.get(name)
    if name not in mapping.columns:
        return Column(f"constant {name}", np.zeros(sheet.rows, dtype=np.int64), [constant or ""])
    column = sheet.column(mapping.columns[name])
    if constant is None:
        return column
    return Column(column.name, column.codes, [text if text.strip() else constant for text in column.texts])


def _numbers(sources: dict[str, Column], kind: Kind, mapping: Mapping, site: Site) -> tuple[Numbers, list[str]]:
    currency = str(mapping.options.get("currency", site.currency)).upper()
    if currency != site.currency.upper():
        raise Known(
            f"The file is in {currency}, but the site's currency is {site.currency}.",
            "Convert the amounts first; Atrium never guesses a rate.",
        )
    if "decimal_comma" in mapping.options:
        return Numbers(bool(mapping.options["decimal_comma"]), currency), []
    written = ("money", "number", "share")
    texts = (t for name, c in sources.items() if kind.field(name).shape in written for t in c.texts)
    comma, note = decide_comma(texts, site.country)
    return Numbers(comma, currency), [note] if note else []


class Readers:
    """How each shape of text is read in this file: what is decided once from all its values."""

    def __init__(self, parsed: Parsed, sources: dict[str, Column], site: Site) -> None:
        kind, mapping, numbers, notes = parsed.kind, parsed.mapping, parsed.numbers, parsed.notes
        self.numbers, self.site = numbers, site
        dated = [c for name, c in sources.items() if kind.field(name).shape in ("instant", "day", "month")]
        dated += [c for name, c in sources.items() if name == "birth_year"]
        order = mapping.options.get("date_order")
        if order is None:
            order, note = decide_order((text for c in dated for text in c.texts), site.country)
            notes += [note] if note else []
        self.order = order
        self.clock = Clock(site.zone, site.day_starts_minute, order)
        self.time = sources.get("time")
        self.today = business_day(now_ms(), site.zone, site.day_starts_minute)[0]
        self.by_shape: dict[str, Callable[[str], Any]] = {
            "money": lambda text: parse_money(text, numbers),
            "number": lambda text: parse_number(text, numbers),
            "share": lambda text: parse_share(text, numbers),
            "integer": lambda text: parse_integer(text, numbers),
            "instant": self.clock.moment,
            "day": self._day,
            "time": lambda text: parse_time(text).ms // 60_000,
            "month": lambda text: parse_month(text, order),
            "yes": _yes,
            "json": _json,
            "text": lambda text: text,
            "identifier": lambda text: text,
        }

    def of(self, f: Field) -> Callable[[str], Any]:
        """The reader of a field."""
        read = self._birth_year if f.name == "birth_year" else self.by_shape[f.shape]
        return partial(self._past, read) if f.past else read

    def _past(self, read: Callable[..., Any], *texts: str) -> Any:
        """A day or moment that cannot lie after today; later today passes, since a till's clock may be fast."""
        value = read(*texts)
        if (value.day if isinstance(value, Moment) else value) > self.today:
            raise ValueError(f"'{' '.join(texts).strip()}' is still to come")
        return value

    def _day(self, text: str) -> str:
        if parse_epoch(text) is not None:
            return self.clock.moment(text).day
        return parse_date(split(text)[0], self.order).isoformat()

    def _birth_year(self, text: str) -> int:
        year = int(text) if text.isdecimal() and len(text) == 4 else int(self._day(text)[:4])
        if not 1880 <= year <= 2100:
            raise ValueError(f"'{text}' is no year of birth")
        return year


def _read(parsed: Parsed, f: Field, column: Column, readers: Readers) -> None:
    """Read one column into its field and fault the rows whose text cannot be read or is missing."""
    read = readers.of(f)
    texts: Iterable[tuple[str, ...]] = ((text.strip(),) for text in column.texts)
    codes = column.codes
    if f.name == "at" and readers.time is not None:
        codes, texts = _pairs(column, readers.time)
    elif f.shape == "instant" and _only_midnights(column):
        parsed.notes.append(f"Every time in '{column.name}' is midnight: it was read as a day without time of day.")
        texts = ((split(text)[0],) for text in column.texts)
    values: list[Any] = []
    wrong: dict[int, str] = {}
    nothing = TEXT_NOTHING if f.shape in ("text", "json") else NOTHING
    for place, given in enumerate(texts):
        value: Any = None
        if given[0].lower() in nothing or (f.shape == "identifier" and not given[0].strip("0")):
            if f.needed:
                wrong[place] = f"{f.name} is empty"
        else:
            try:
                value = read(*given)
            except (ValueError, ArithmeticError, OverflowError) as error:
                wrong[place] = str(error) if isinstance(error, ValueError) else f"'{given[0]}' cannot be read"
        values.append(value)
    if wrong:
        _fault_rows(parsed, codes, wrong, column.name)
    parsed.fields[f.name] = Values(codes, values)


def _only_midnights(column: Column) -> bool:
    """Whether the column gives a time of day, but never any other than midnight."""
    times = (split(text)[1] for text in column.texts if text.strip())
    found = False
    for time in times:
        found = re.match(r"0?0:00(:00([.]0+)?)?\Z", time) is not None
        if not found:
            break
    return found


def _fault_rows(parsed: Parsed, codes: Codes, wrong: dict[int, str], column: str) -> None:
    for row in np.flatnonzero(np.isin(codes, list(wrong))).tolist():
        parsed.fault(row, column, wrong[int(codes[row])])


def _pairs(dates: Column, times: Column) -> tuple[Codes, list[tuple[str, str]]]:
    """Distinct pairs of a date and a time of day, and each row's."""
    width = max(1, len(times.texts))
    both, codes = np.unique(dates.codes * width + times.codes, return_inverse=True)
    texts = [(dates.texts[n // width].strip(), times.texts[n % width].strip()) for n in both.tolist()]
    return codes.astype(np.int64), texts


def _yes(text: str) -> int:
    word = text.lower()
    if word in YES:
        return 1
    if word in NO:
        return 0
    raise ValueError(f"'{text}' is neither yes nor no")


def _json(text: str) -> str:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the properties are no JSON object")
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


__all__ = ["Moment", "Parsed", "Values", "parse_sheet"]
