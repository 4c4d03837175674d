"""What to count in a picture: a TOML file of lines, checked before the first frame is read.

    size = [768, 576]            # the picture size that all coordinates are in

    [[line]]
    name = "main door"
    a = [655, 150]               # `in` is from the left of a -> b to its right, as seen in the picture
    b = [655, 560]
    band = 8                     # optional dead band on either side, pixels of `size`
    gate = "G1"                  # optional code of the gate that the crossings belong to

    [detector]                   # optional
    weights = "yolox-nano.onnx"  # file or folder, relative to this file
    confidence = 0.25            # optional score from which a box is certain

    [folder]                     # optional
    fps = 10                     # pictures per second when the source is a folder of pictures

Settings that are not known here are named in `Config.notes`, not refused, so that a file written for a
later version still counts its lines.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import Known

CERTAIN = 0.25
"""Score from which a box counts as certain; the detectors' own documentation uses the same value."""

_SIDES = (16, 16384)
_SHORTEST = 2.0
_TOP = {"size", "line", "detector", "folder"}
_LINE = {"name", "a", "b", "band", "gate"}
_DETECTOR = {"weights", "confidence"}
_FOLDER = {"fps"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line from `a` to `b`, in pixels of the config's size.

    A person whose foot point goes from the left of a -> b to its right, as seen in the picture, is `in`.
    `band` is the dead band on either side in pixels; None chooses max(6 px, 12 % of the box height).
    `gate` is the code of the gate that the counts belong to; None leaves the line's name.
    """

    name: str
    a: Point
    b: Point
    band: float | None = None
    gate: str | None = None

    @property
    def counted_as(self) -> str:
        """The gate's code, or the line's name where it has none."""
        return self.gate or self.name


@dataclass(frozen=True, slots=True)
class Config:
    """The picture size (width, height) that coordinates are in, the lines, and what to detect with.

    `notes` are sentences about the file that a person should read, such as a setting that was not known.
    """

    size: tuple[int, int]
    lines: tuple[Line, ...]
    weights: Path | None = None
    confidence: float = CERTAIN
    folder_fps: float = 10.0
    notes: tuple[str, ...] = ()
    path: Path | None = field(default=None, compare=False)


def load_config(path: Path) -> Config:
    """The checked config of a TOML file; `Known` names the file, the line and the reason."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Known(
            f"There is no config file {path}.", "Give the path of a TOML file with the counting lines."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Known(f"The config file {path} cannot be read: {error}.", "Save it as UTF-8 text.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refusal(str(path), f"it is not valid TOML: {error}") from error
    return config_of(table, path)


def config_of(table: dict[str, Any], path: Path | None = None) -> Config:
    """The checked config of a parsed TOML table; `path` is named in errors and anchors relative paths."""
    where = str(path) if path else "the config"
    size = _size(table.get("size"), where)
    detector = _section(table, "detector", where)
    folder = _section(table, "folder", where)
    lines = _lines(table.get("line"), size, where)
    return Config(
        size=size,
        lines=lines,
        weights=_weights(detector.get("weights"), path, where),
        confidence=_number(detector.get("confidence", CERTAIN), 0.01, 0.99, f"{where}: [detector] confidence"),
        folder_fps=_number(folder.get("fps", 10.0), 0.1, 1000, f"{where}: [folder] fps"),
        notes=tuple(_unknown(table, detector, folder)),
        path=path,
    )


def _unknown(table: dict[str, Any], detector: dict[str, Any], folder: dict[str, Any]) -> Iterator[str]:
    sections = [("", table, _TOP), (" in [detector]", detector, _DETECTOR), (" in [folder]", folder, _FOLDER)]
    sections += [(f" in line '{row['name']}'", row, _LINE) for row in table["line"]]
    for place, section, known in sections:
        for key in section:
            if key not in known:
                yield f"The config's setting '{key}'{place} is not known and was left out."


def _lines(rows: object, size: tuple[int, int], where: str) -> tuple[Line, ...]:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _refusal(where, "it has no counting line; write at least one [[line]] with name, a and b")
    lines = tuple(_line(row, n, size, where) for n, row in enumerate(rows, start=1))
    names = [line.name for line in lines]
    for name in names:
        if names.count(name) > 1:
            raise _refusal(f"{where}, line '{name}'", "two lines have this name")
    return lines


def _line(row: dict[str, Any], number: int, size: tuple[int, int], where: str) -> Line:
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise _refusal(f"{where}, line {number}", "it has no name")
    here = f"{where}, line '{name.strip()}'"
    a, b = (_point(row.get(end), size, f"{here}: {end}") for end in ("a", "b"))
    if math.dist(a, b) < _SHORTEST:
        raise _refusal(here, "a and b are the same place, so the line has no length")
    band = row.get("band")
    gate = row.get("gate")
    if gate is not None and (not isinstance(gate, str) or not gate.strip()):
        raise _refusal(f"{here}: gate", "it must be the code of a gate, in quotes")
    return Line(
        name=name.strip(),
        a=a,
        b=b,
        band=None if band is None else _number(band, 0, min(size) / 2, f"{here}: band"),
        gate=gate.strip() if gate else None,
    )


def _point(value: object, size: tuple[int, int], where: str) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise _refusal(where, "it must be two numbers, [x, y]")
    x, y = (_number(each, -math.inf, math.inf, where) for each in value)
    if not (0 <= x <= size[0] and 0 <= y <= size[1]):
        raise _refusal(where, f"[{x:g}, {y:g}] lies outside the picture of {size[0]} x {size[1]}")
    return x, y


def _size(value: object, where: str) -> tuple[int, int]:
    low, high = _SIDES
    match value:
        case [int(width), int(height)] if low <= width <= high and low <= height <= high:
            return width, height
    raise _refusal(f"{where}: size", f"it must be [width, height], whole numbers from {low} to {high}")


def _number(value: object, low: float, high: float, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refusal(where, f"{value!r} is not a number")
    if not low <= value <= high:
        raise _refusal(where, f"{value:g} is not between {low:g} and {high:g}")
    return float(value)


def _weights(value: object, path: Path | None, where: str) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise _refusal(f"{where}: [detector] weights", "it must be the path of a file or folder, in quotes")
    anchor = path.parent if path else Path()
    return anchor / value


def _section(table: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    section = table.get(name, {})
    if not isinstance(section, dict):
        raise _refusal(where, f"{name} must be a section, [{name}]")
    return section


def _refusal(where: str, reason: str) -> Known:
    return Known(f"{where}: {reason}.", "Correct the config file and try again.")
