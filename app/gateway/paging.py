"""Keyset pages: the mark of a page is the last row's place, opaque to the caller, checked when it comes back."""

from __future__ import annotations

import base64
import binascii
import json
import math
from datetime import date
from typing import TypeVar

from app.gateway.problems import Problem

F = TypeVar("F", int, float, str)
LONGEST_DAYS = 400
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)


def pack(first: int | float | str, last: bytes | str) -> str:
    """The mark of a row."""
    text = json.dumps([first, last.hex() if isinstance(last, bytes) else last], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack_row(mark: str | None, kind: type[F]) -> tuple[F, bytes] | None:
    """The place that a mark names. Raises Problem for one that was not given out."""
    found = _parts(mark)
    if found is None:
        return None
    first, last = found
    try:
        row_id = bytes.fromhex(str(last))
    except ValueError:
        raise _wrong() from None
    if kind is float and type(first) is int:
        first = float(first)
    if type(first) is not kind or len(row_id) != 16:
        raise _wrong()
    return first, row_id


def unpack_code(mark: str | None) -> tuple[int, str] | None:
    """The place of a row that is known by a number and a code."""
    found = _parts(mark)
    if found is None:
        return None
    first, last = found
    if type(first) is not int or not isinstance(last, str):
        raise _wrong()
    return first, last


def check_days(first: date, last: date, longest: int = LONGEST_DAYS) -> tuple[str, str]:
    """The days as ISO text. Raises Problem for none, too many, or such as no mall has."""
    if not EARLIEST <= first <= last <= LATEST:
        raise Problem(422, "These days are not in order.", "`from` is the first day, `to` the last.")
    if (last - first).days >= longest:
        raise Problem(422, "These are too many days at once.", f"At most {longest}.")
    return first.isoformat(), last.isoformat()


def _parts(mark: str | None) -> tuple[object, object] | None:
    if mark is None:
        return None
    try:
        first, last = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _wrong() from None
    if isinstance(first, int) and not -(2**63) <= first < 2**63:
        raise _wrong()
    if isinstance(first, float) and not math.isfinite(first):
        raise _wrong()
    return first, last


def _wrong() -> Problem:
    return Problem(422, "`after` is no mark of a page.", "Give `next` of the page before as it is.")
