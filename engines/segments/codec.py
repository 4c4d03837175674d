"""Rules as JSON and back: `{"node": "performed", "kind": "visit", ...}`, what equals its default left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from engines.segments import rule as r
from models.errors import Known

NODES: dict[str, type[Any]] = {
    "everyone": r.Everyone, "trait": r.Trait, "performed": r.Performed, "not_performed": r.NotPerformed,
    "last_performed": r.LastPerformed, "spend": r.Spend, "lifecycle": r.Lifecycle, "score": r.Score,
    "consent": r.Consent, "includes": r.Includes, "bucket": r.Bucket, "and": r.And, "or": r.Or, "not": r.Not,
}  # fmt: skip
NAMES = {type_: name for name, type_ in NODES.items()}
DEEPEST = 12
_STEP = "Compare it with docs/segments.md."


def to_json(rule: r.Rule) -> str:
    """The rule as text: one text a rule, so that its digest tells whether two are the same."""
    return json.dumps(document(rule), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of a rule's text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def document(node: Any) -> Any:
    """The rule as plain values."""
    if isinstance(node, tuple):
        return [document(item) for item in node]
    if not is_dataclass(node):
        return node
    kept = {f.name: document(getattr(node, f.name)) for f in fields(node) if not _is_default(node, f)}
    name = NAMES.get(type(node))
    return {"node": name, **kept} if name else kept


def from_json(text: str) -> r.Rule:
    """The rule of a text. Raises Known saying what is wrong with it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Known("This is no JSON.", _STEP) from error
    return from_document(found)


def from_document(found: Any, deep: int = 0) -> r.Rule:
    """The rule of plain values. Raises Known saying what is wrong with them."""
    if not isinstance(found, Mapping) or not isinstance(found.get("node"), str) or found["node"] not in NODES:
        raise Known(f"A rule's part must name its node, one of: {', '.join(NODES)}.", _STEP)
    if deep > DEEPEST:
        raise Known(f"Groups lie in each other more than {DEEPEST} deep.", "Make the rule simpler.")
    type_ = NODES[found["node"]]
    given = {key: value for key, value in found.items() if key != "node"}
    made: r.Rule = _fill(type_, given, found["node"], deep)
    return made


def _fill(type_: type[Any], given: Mapping[str, Any], where: str, deep: int) -> Any:
    known = {f.name: f for f in fields(type_)}
    if strange := sorted(given.keys() - known.keys()):
        raise Known(f"'{strange[0]}' is nothing that {where} knows.", _STEP)
    lacking = [n for n, f in known.items() if n not in given and f.default is MISSING]
    if lacking:
        raise Known(f"{where} lacks '{lacking[0]}'.", _STEP)
    return type_(**{name: _value(type_, name, value, f"{where}.{name}", deep) for name, value in given.items()})


def _value(type_: type[Any], name: str, value: Any, where: str, deep: int) -> Any:
    if name == "of" and type_ is r.Not:
        return from_document(value, deep + 1)
    if name == "of":
        return tuple(from_document(item, deep + 1) for item in _listed(value, where))
    if name in ("window", "where"):
        if not isinstance(value, Mapping):
            raise _wrong(where, value)
        return _fill(r.Window if name == "window" else r.Filters, value, where, deep)
    if name == "value":
        return _compared(value, where)
    return _READ[_KINDS.get(name, "text")](value, where)


def _compared(value: Any, where: str) -> r.Value:
    """Values to compare with: all text or all numbers."""
    found = _listed(value if isinstance(value, list) else [value], where)
    if all(isinstance(one, str) for one in found):
        return tuple(found)
    return tuple(_number(one, where) for one in found)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, value)
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(where, value)
    return value


def _number(value: Any, where: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 2**53:  # noqa: PLR0124 - only a NaN differs from itself
        raise _wrong(where, value)
    return value


def _listed(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, value)
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(one, where) for one in _listed(value, where))


def _wholes(value: Any, where: str) -> tuple[int, ...]:
    return tuple(_whole(one, where) for one in _listed(value, where))


_READ: dict[str, Callable[[Any, str], Any]] = {
    "text": _text, "whole": _whole, "number": _number, "texts": _texts, "wholes": _wholes,
}  # fmt: skip
_KINDS = {
    "count": "whole", "days": "whole", "minor": "whole", "amount_from": "whole", "amount_to": "whole",
    "percent": "number", "score_from": "number", "score_to": "number", "weekdays": "wholes", "stages": "texts",
    "tenants": "texts", "categories": "texts", "zones": "texts", "campaigns": "texts",
}  # fmt: skip


def _wrong(where: str, value: object) -> Known:
    return Known(f"{where} cannot be {json.dumps(value, ensure_ascii=False)[:60]}.", _STEP)


def _is_default(node: Any, field: Any) -> bool:
    return field.default is not MISSING and getattr(node, field.name) == field.default
