"""Single settings of a config: each function gives the checked value or raises `Known` with place and reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from models.errors import Known
from vision.config.model import Point, Polygon
from vision.polygon import fault

_MOST_CORNERS = 64

Size = tuple[int, int]
Row = dict[str, Any]
Named = TypeVar("Named")


def refusal(where: str, reason: str) -> Known:
    """The error that names a place in the file and what is wrong there."""
    return Known(f"{where}: {reason}.", "Correct the config file and try again.")


def number(value: object, low: float, high: float, where: str) -> float:
    """A finite number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(where, f"{value!r} is not a number")
    if not low <= value <= high:
        raise refusal(where, f"{value:g} is not between {low:g} and {high:g}")
    return float(value)


def numbers(value: object, count: int, low: float, high: float, where: str) -> list[float]:
    """A list of so many numbers."""
    if not isinstance(value, list) or len(value) != count:
        raise refusal(where, f"it must be a list of {count} numbers")
    return [number(each, low, high, where) for each in value]


def words(value: object, what: str, where: str) -> str | None:
    """A text that is not empty, without the blanks around it; None where the setting is absent."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise refusal(where, f"it must be {what}, in quotes")
    return value.strip()


def name_of(row: Row, what: str, position: int, where: str) -> str:
    """The name that a row must have."""
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise refusal(f"{where}, {what} {position}", "it has no name")
    return name.strip()


def point(value: object, size: Size, where: str) -> Point:
    """A place in the picture."""
    if not isinstance(value, list) or len(value) != 2:
        raise refusal(where, "it must be two numbers, [x, y]")
    x, y = (number(each, -math.inf, math.inf, where) for each in value)
    if not (0 <= x <= size[0] and 0 <= y <= size[1]):
        raise refusal(where, f"[{x:g}, {y:g}] lies outside the picture of {size[0]} x {size[1]}")
    return x, y


def polygon(value: object, size: Size, where: str) -> Polygon:
    """A polygon in the picture whose outline does not cross itself."""
    if not isinstance(value, list):
        raise refusal(where, "it must be a list of corners, [[x, y], ...]")
    if len(value) > _MOST_CORNERS:
        raise refusal(where, f"it has {len(value)} corners; {_MOST_CORNERS} are the most")
    corners = tuple(point(each, size, where) for each in value)
    wrong = fault(corners)
    if wrong:
        raise refusal(where, wrong)
    return corners


def rows(table: Row, name: str, where: str) -> list[Row]:
    """The [[name]] tables; an empty list where there is none."""
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise refusal(where, f"{name} must be written as [[{name}]]")
    return found


def section(table: Row, name: str, where: str) -> Row:
    """The [name] table; empty where it is absent."""
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise refusal(where, f"{name} must be a section, [{name}]")
    return found


def only_once(names: Sequence[str], what: str, where: str, *, called: str = "name") -> None:
    """Refuses a name that two rows have."""
    for name in names:
        if names.count(name) > 1:
            raise refusal(f"{where}, {what} '{name}'", f"two {what}s have this {called}")
