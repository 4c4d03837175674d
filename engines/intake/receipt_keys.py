"""Which rows make one sale: each row's receipt, and the receipt's key at its source."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from engines.intake.parse import Parsed, Values
from engines.intake.sheet import Codes


def group_rows(parsed: Parsed) -> tuple[Codes, list[str]]:
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
