"""Rows and receipts that are refused for what they say together; a receipt with one refused row is refused whole."""

from __future__ import annotations

import numpy as np

from engines.intake.money import WORDS
from engines.intake.parse import Parsed
from engines.intake.sheet import Codes

BASES = ("pos", "receipt", "declared")
LONGEST_MS = 26 * 3_600_000
BIG = 2**62
LINE_FIELDS = ("product_code", "product", "category", "quantity", "unit_price")


def refuse_strange(parsed: Parsed) -> None:
    """Refuse rows in another currency or of an unknown basis."""
    ours = parsed.numbers.currency
    for name in ("currency", "basis"):
        values = parsed.fields.get(name)
        if values is None:
            continue
        reasons: dict[int, str] = {}
        for place, text in enumerate(values.values):
            if name == "basis" and text is not None and text.lower() not in BASES:
                reasons[place] = f"'{text}' is none of {', '.join(BASES)}"
            if name == "currency" and text is not None and ours not in (text.upper(), WORDS.get(text.upper()), text):
                reasons[place] = f"the row is in {text}, the site's currency is {ours}"
        for row in np.flatnonzero(np.isin(values.codes, list(reasons))).tolist():
            parsed.fault(row, parsed.mapping.columns.get(name), reasons[int(values.codes[row])])


def refuse_conflicts(parsed: Parsed, group: Codes, sign: Codes) -> None:
    """Refuse receipts whose rows name several customers or lie days apart, and second totals of one shop and time."""
    rows = parsed.good()
    rows = rows[np.argsort(group[rows], kind="stable")]
    if not len(rows):
        return
    first = np.flatnonzero(np.diff(group[rows], prepend=-1))
    ends = np.append(first[1:], len(rows))
    hint = "; if numbers start again each day, set options.receipt_per = 'day' in a map file"
    at = _instants(parsed)[rows]
    apart = np.maximum.reduceat(at, first) - np.minimum.reduceat(at, first) > LONGEST_MS
    mine = sign[rows]
    most = np.maximum.reduceat(mine, first)
    least = np.minimum.reduceat(np.where(mine < 0, BIG, mine), first)
    several = (least < BIG) & (least != most)
    twice = np.zeros(len(first), dtype=bool)
    if "receipt" not in parsed.fields and "txns" in parsed.fields and not has_lines(parsed):
        twice = ends - first > 1
    for wrong, reason in (
        (apart, f"rows of this receipt lie more than a day apart{hint}"),
        (several, f"rows of this receipt name different customers{hint}"),
        (twice, "the file has more than one total for this shop and time"),
    ):
        for place in np.flatnonzero(wrong).tolist():
            for row in rows[first[place] : ends[place]].tolist():
                parsed.fault(row, None, reason)


def has_lines(parsed: Parsed) -> bool:
    """Whether rows are lines of receipts, not receipts or totals."""
    return any(name in parsed.fields for name in LINE_FIELDS)


def _instants(parsed: Parsed) -> Codes:
    values = parsed.fields["at"]
    return np.array([0 if m is None else m.at for m in values.values], dtype=np.int64)[values.codes]


def spread_faults(parsed: Parsed, group: Codes) -> None:
    """Refuse every row of a receipt of which one row is refused."""
    if not parsed.faults:
        return
    culprit: dict[int, int] = {}
    for row in sorted(parsed.faults):
        culprit.setdefault(int(group[row]), row)
    for row in np.flatnonzero(np.isin(group, list(culprit))).tolist():
        number = culprit[int(group[row])] + 1
        parsed.fault(
            row, None, f"row {number} of the same receipt is refused, and half a receipt would be a wrong total"
        )
