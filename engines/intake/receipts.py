"""From rows to receipts: which rows make one sale, what the sale is, and which sales are refused whole.

A receipt's key at its source is its number, with the shop where the file names shops (each till counts
for itself), and with the day where the map says that numbers start again daily. Rows without a number
are totals (key: shop and time) or receipts of their own (key: what the row says, and its how-many-eth
repetition). A receipt with one refused row is refused whole: half a receipt would be a wrong total.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.intake.amounts import Amounts, row_amounts
from engines.intake.clock import Moment
from engines.intake.fields import IDENTIFIERS
from engines.intake.money import WORDS
from engines.intake.parse import Parsed, Values
from engines.intake.parties import Sign
from engines.intake.sheet import Codes
from engines.people.identifiers import clean_identifier

BASES = ("pos", "receipt", "declared")
LONGEST_MS = 26 * 3_600_000
BIG = 2**62
LINE_FIELDS = ("product_code", "product", "category", "quantity", "unit_price")


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
    _refuse_strange(parsed)
    amounts = _returns_negative(parsed, row_amounts(parsed))
    sign, signs = _signs(parsed, country)
    group, keys = _groups(parsed)
    _refuse_conflicts(parsed, group, sign)
    _spread_faults(parsed, group)
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
        whole.least(payment), payments, amounts, any(name in fields for name in LINE_FIELDS),
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
    """Each row's moment as a rank in time, and the moments in order."""
    values = parsed.fields["at"]
    known = sorted({m for m in values.values if m is not None})
    rank = {moment: place for place, moment in enumerate(known)}
    return np.array([rank.get(m, -1) for m in values.values], dtype=np.int64)[values.codes], known


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


def _groups(parsed: Parsed) -> tuple[Codes, list[str]]:
    """Each row's receipt, and the receipts' keys, in the order in which the file begins them."""
    fields, rows = parsed.fields, parsed.sheet.rows
    shop = fields.get("tenant")
    if "receipt" in fields:
        parts = [shop, fields["receipt"]]
        if parsed.mapping.options.get("receipt_per") == "day":
            parts.append(_texts_of(fields["at"], "day"))
        for row in np.flatnonzero(_empty(fields["receipt"])).tolist():
            parsed.fault(row, parsed.mapping.columns.get("receipt"), "the number of the receipt is empty")
        return _combine([p for p in parts if p is not None], rows)
    if "txns" in fields:
        total = Values(np.zeros(rows, dtype=np.int64), ["total"])
        return _combine([total, *([shop] if shop else []), _texts_of(fields["at"], "at")], rows)
    return np.arange(rows), _row_keys(parsed)


def _texts_of(values: Values, part: str) -> Values:
    return Values(values.codes, [None if m is None else str(getattr(m, part)) for m in values.values])


def _empty(values: Values) -> npt.NDArray[np.bool_]:
    return np.array([not value for value in values.values], dtype=bool)[values.codes]


def _combine(parts: list[Values], rows: int) -> tuple[Codes, list[str]]:
    """Rows that agree in every part share a group; the groups' keys join the parts' texts."""
    codes = np.zeros(rows, dtype=np.int64)
    keys = [""]
    for part in parts:
        known: dict[str, int] = {}
        mine = np.array([known.setdefault(v or "", len(known)) for v in part.values], dtype=np.int64)[part.codes]
        texts = [text.replace("|", "||") if len(parts) > 1 else text for text in known]
        width = max(1, len(texts))
        both, first, codes = np.unique(codes * width + mine, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        codes = place[codes]
        keys = [_joined(keys[n // width], texts[n % width]) for n in both[order].tolist()]
    return codes, keys


def _joined(left: str, right: str) -> str:
    return f"{left}|{right}" if left else right


def _row_keys(parsed: Parsed) -> list[str]:
    """A key for each row from what its mapped columns say; the same words again get a number."""
    used = sorted(set(parsed.mapping.columns.values()))
    columns = [parsed.sheet.column(name) for name in used]
    texts = [[column.texts[code].strip() for code in column.codes.tolist()] for column in columns]
    seen: dict[str, int] = {}
    keys = []
    for cells in zip(*texts, strict=True):
        digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] = again = seen.get(digest, 0) + 1
        keys.append(f"row|{digest}" if again == 1 else f"row|{digest}|{again}")
    return keys


def _refuse_strange(parsed: Parsed) -> None:
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


def _refuse_conflicts(parsed: Parsed, group: Codes, sign: Codes) -> None:
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
    if "receipt" not in parsed.fields and "txns" in parsed.fields and not _has_lines(parsed):
        twice = ends - first > 1
    for wrong, reason in (
        (apart, f"rows of this receipt lie more than a day apart{hint}"),
        (several, f"rows of this receipt name different customers{hint}"),
        (twice, "the file has more than one total for this shop and time"),
    ):
        for place in np.flatnonzero(wrong).tolist():
            for row in rows[first[place] : ends[place]].tolist():
                parsed.fault(row, None, reason)


def _has_lines(parsed: Parsed) -> bool:
    return any(name in parsed.fields for name in LINE_FIELDS)


def _instants(parsed: Parsed) -> Codes:
    values = parsed.fields["at"]
    return np.array([0 if m is None else m.at for m in values.values], dtype=np.int64)[values.codes]


def _spread_faults(parsed: Parsed, group: Codes) -> None:
    """Refuse every row of a receipt of which one row is refused."""
    if not parsed.faults:
        return
    culprit: dict[int, int] = {}
    for row in sorted(parsed.faults):
        culprit.setdefault(int(group[row]), row)
    for row in np.flatnonzero(np.isin(group, list(culprit))).tolist():
        number = culprit[int(group[row])] + 1
        parsed.fault(row, None, f"row {number} of the same receipt is refused, and half a receipt would be a wrong total")


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
