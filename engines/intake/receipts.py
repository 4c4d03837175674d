"""From rows to receipts: which rows make one sale, what the sale is, and which sales are refused whole.

A receipt's key at its source is its number, with the shop where the file names shops (each till counts
for itself), and with the day where the map says that numbers start again daily. Rows without a number
are totals (key: shop and time) or receipts of their own (key: what the row says, and its how-many-eth
repetition). A receipt with one refused row is refused whole: half a receipt would be a wrong total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.intake.amounts import Amounts, row_amounts
from engines.intake.clock import Moment
from engines.intake.fields import IDENTIFIERS
from engines.intake.parse import Parsed, Values
from engines.intake.parties import Sign
from engines.intake.receipt_checks import BIG, has_lines, refuse_conflicts, refuse_strange, spread_faults
from engines.intake.receipt_keys import group_rows
from engines.intake.sheet import Codes
from engines.people.identifiers import clean_identifier

_NEVER = Moment(0, "", -1)


@dataclass(frozen=True)
class Receipts:
    """Receipts in the order in which the file begins them.

    `rows` are the good rows of the file, receipt by receipt; receipt i has those from `starts[i]` to
    `starts[i + 1]`. `signs` and `tenants` are distinct values; `sign`, `tenant` and `payment` choose
    from them, -1 for none.
    """

    rows: Codes
    starts: Codes
    keys: list[str]
    moments: list[Moment]
    gross: Codes
    net: Codes
    units: npt.NDArray[np.float64] | None
    txns: Codes
    basis: list[str]
    sign: Codes
    signs: list[Sign]
    tenant: Codes
    tenants: list[str]
    tenant_names: dict[str, str]
    payment: Codes
    payments: list[str]
    amounts: Amounts
    has_lines: bool

    def __len__(self) -> int:
        return len(self.keys)


def gather(parsed: Parsed, country: str) -> Receipts:
    """The receipts of a file; rows that cannot be part of one are refused in `parsed.faults`."""
    fields = parsed.fields
    if "tenant" not in fields and "tenant_name" in fields:
        fields["tenant"] = fields["tenant_name"]
    refuse_strange(parsed)
    amounts = _returns_negative(parsed, row_amounts(parsed))
    sign, signs = _signs(parsed, country)
    group, keys = group_rows(parsed)
    refuse_conflicts(parsed, group, sign)
    spread_faults(parsed, group)
    rows = parsed.good()
    rows = rows[np.argsort(group[rows], kind="stable")]
    ordered = group[rows]
    first = np.flatnonzero(np.diff(ordered, prepend=-1)) if len(rows) else rows
    starts = np.append(first, len(rows))
    tenant, tenants = _ranked(fields.get("tenant"), parsed.sheet.rows)
    payment, payments = _ranked(fields.get("payment"), parsed.sheet.rows)
    whole = _Reduce(rows, first)
    at, moments = _moments(parsed)
    return Receipts(
        rows, starts, [keys[g] for g in ordered[first].tolist()],
        [moments[m] for m in whole.least(at).tolist()],
        whole.total(amounts.gross), whole.total(amounts.net),
        whole.total(amounts.quantity) if "quantity" in fields else None,
        whole.total(_txns(parsed)) if "txns" in fields else np.ones(len(first), dtype=np.int64),
        _bases(parsed, rows, first), whole.least(sign), signs, whole.least(tenant), tenants, _names(parsed),
        whole.least(payment), payments, amounts, has_lines(parsed),
    )  # fmt: skip


class _Reduce:
    """Sums and least values of rows by receipt."""

    def __init__(self, rows: Codes, first: Codes) -> None:
        self.rows, self.first = rows, first

    def total(self, values: Any) -> Any:
        return np.add.reduceat(values[self.rows], self.first) if len(self.first) else values[:0]

    def least(self, codes: Codes) -> Codes:
        """The least code that is not -1."""
        if not len(self.first):
            return codes[:0]
        there = np.where(codes < 0, BIG, codes)[self.rows]
        found = np.minimum.reduceat(there, self.first)
        return np.where(found == BIG, -1, found)


def _moments(parsed: Parsed) -> tuple[Codes, list[Moment]]:
    """Each row's moment as its place in time, and the moments in order."""
    values = parsed.fields["at"]
    known = [m if m is not None else _NEVER for m in values.values]
    order = np.lexsort(([m.minute for m in known], [m.at for m in known]))
    place = np.empty(len(known), dtype=np.int64)
    place[order] = np.arange(len(known))
    return place[values.codes], [known[i] for i in order.tolist()]


def _ranked(values: Values | None, rows: int) -> tuple[Codes, list[str]]:
    """Each row's text as its rank in alphabetical order, so that the least does not hang on the file's order."""
    if values is None:
        return np.full(rows, -1, dtype=np.int64), []
    known = sorted({text for text in values.values if text is not None})
    rank = {text: place for place, text in enumerate(known)}
    return np.array([rank.get(text, -1) for text in values.values], dtype=np.int64)[values.codes], known


def _signs(parsed: Parsed, country: str) -> tuple[Codes, list[Sign]]:
    """Each row's best sign of its customer."""
    chosen = np.full(parsed.sheet.rows, -1, dtype=np.int64)
    signs: dict[Sign, int] = {}
    for f in IDENTIFIERS:
        values = parsed.fields.get(f.name)
        if values is None:
            continue
        places = []
        for text in values.values:
            cleaned = clean_identifier(f.name, text, country) if text else ""
            places.append(signs.setdefault((f.name, cleaned), len(signs)) if cleaned else -1)
        mine = np.array(places, dtype=np.int64)[values.codes]
        chosen = np.where(chosen < 0, mine, chosen)
    return chosen, list(signs)


def _returns_negative(parsed: Parsed, amounts: Amounts) -> Amounts:
    """Where returns are told by a C before the number alone, never by a sign, their amounts become negative."""
    values = parsed.fields.get("receipt")
    if values is None:
        return amounts
    named = [bool(text and text[0] == "C" and text[1:].isdecimal()) for text in values.values]
    plain = sum(bool(text and text.isdecimal()) for text in values.values)
    if not any(named) or plain < 0.5 * len(named):
        return amounts
    rows = np.array(named, dtype=bool)[values.codes]
    if (amounts.gross[rows] < 0).any() or (amounts.quantity[rows] < 0).any():
        return amounts
    parsed.notes.append("Receipts whose number begins with C are returns: their amounts were made negative.")
    turn = np.where(rows, -1, 1)
    return Amounts(
        amounts.gross * turn, amounts.net * turn, amounts.quantity * turn, amounts.unit, amounts.unit_given
    )  # fmt: skip


def _txns(parsed: Parsed) -> Codes:
    values = parsed.fields["txns"]
    return np.array([1 if v is None else v for v in values.values], dtype=np.int64)[values.codes]


def _bases(parsed: Parsed, rows: Codes, first: Codes) -> list[str]:
    values = parsed.fields.get("basis")
    if values is None:
        return ["pos"] * len(first)
    return [(text or "pos").lower() for text in values.rows(rows[first])]


def _names(parsed: Parsed) -> dict[str, str]:
    """A name for each shop's code, where the file has one."""
    codes, names = parsed.fields.get("tenant"), parsed.fields.get("tenant_name")
    if codes is None or names is None:
        return {}
    width = max(1, len(names.values))
    pairs = np.unique(codes.codes * width + names.codes).tolist()
    said = ((codes.values[n // width], names.values[n % width]) for n in pairs)
    return {code: name for code, name in said if code and name}
