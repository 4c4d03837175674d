"""A TOML file to a checked config."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.errors import Known
from vision.config.areas import fronts_of, zones_of
from vision.config.fields import Row, Size, name_of, number, only_once, point, refusal, rows, section, words
from vision.config.model import CERTAIN, Config, Line, Runtime
from vision.config.rules import floor_of, groups_of, staff_of

_SIDES = (16, 16384)
_INPUT_SIDES = (32, 4096)
_SHORTEST = 2.0
_RUNTIMES: tuple[Runtime, ...] = ("openvino", "onnxruntime")
_TOP = {
    "size", "line", "zone", "front", "staff", "groups", "reentry", "floor", "camera", "detector", "folder",
}  # fmt: skip
_KNOWN = {
    "line": {"name", "a", "b", "band", "gate"},
    "zone": {"name", "polygon", "zone", "purpose", "exit_s", "least_s", "served_by", "reach"},
    "front": {"name", "code", "line", "pass", "gate"},
    "staff": {"hours", "uniform"},
    "groups": {"gap_s", "apart"},
    "reentry": {"within_s"},
    "floor": {"floor", "points"},
    "camera": {"fps", "rotate"},
    "detector": {"weights", "confidence", "size", "runtime"},
    "folder": {"fps"},
}


def load_config(path: Path) -> Config:
    """The checked config of a TOML file; `Known` names the file, the section and the reason."""
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
        raise refusal(str(path), f"it is not valid TOML: {error}") from error
    return config_of(table, path)


def config_of(table: Row, path: Path | None = None) -> Config:
    """The checked config of a parsed TOML table; `path` is named in errors and anchors relative paths."""
    where = str(path) if path else "the config"
    size = _size(table.get("size"), *_SIDES, f"{where}: size")
    camera, detector, folder, reentry = (
        section(table, name, where) for name in ("camera", "detector", "folder", "reentry")
    )
    lines = _lines(rows(table, "line", where), size, where)
    zones = zones_of(rows(table, "zone", where), size, lines, where)
    if not lines and not zones:
        raise refusal(where, "it has no counting line and no zone; write at least one [[line]] with name, a and b")
    return Config(
        size=size,
        lines=lines,
        zones=zones,
        fronts=fronts_of(rows(table, "front", where), size, lines, where),
        staff=staff_of(section(table, "staff", where), where),
        groups=groups_of(section(table, "groups", where), where),
        reentry_s=number(reentry.get("within_s", 0.0), 0, 3600, f"{where}: [reentry] within_s"),
        floor=floor_of(section(table, "floor", where), size, where),
        fps=number(camera.get("fps", Config.fps), 0.2, 60, f"{where}: [camera] fps"),
        rotate=_rotate(camera.get("rotate", 0), where),
        weights=_weights(detector.get("weights"), path, where),
        confidence=number(detector.get("confidence", CERTAIN), 0.01, 0.99, f"{where}: [detector] confidence"),
        detector_size=_detector_size(detector.get("size"), where),
        runtime=_runtime(detector.get("runtime"), where),
        folder_fps=number(folder.get("fps", Config.folder_fps), 0.1, 1000, f"{where}: [folder] fps"),
        notes=tuple(_unknown(table)),
        path=path,
    )


def _unknown(table: Row) -> Iterator[str]:
    places: list[tuple[str, Row, set[str]]] = [("", table, _TOP)]
    for name, known in _KNOWN.items():
        found = table.get(name)
        if isinstance(found, dict):
            places.append((f" in [{name}]", found, known))
        for row in found if isinstance(found, list) else ():
            places.append((f" in {name} '{row['name']}'", row, known))
    for place, settings, known in places:
        for key in settings:
            if key not in known:
                yield f"The config's setting '{key}'{place} is not known and was left out."


def _lines(found: list[Row], size: Size, where: str) -> tuple[Line, ...]:
    lines = tuple(_line(row, n, size, where) for n, row in enumerate(found, start=1))
    only_once([line.name for line in lines], "line", where)
    return lines


def _line(row: Row, position: int, size: Size, where: str) -> Line:
    name = name_of(row, "line", position, where)
    here = f"{where}, line '{name}'"
    a, b = (point(row.get(end), size, f"{here}: {end}") for end in ("a", "b"))
    if math.dist(a, b) < _SHORTEST:
        raise refusal(here, "a and b are the same place, so the line has no length")
    band = row.get("band")
    return Line(
        name=name,
        a=a,
        b=b,
        band=None if band is None else number(band, 0, min(size) / 2, f"{here}: band"),
        gate=words(row.get("gate"), "the code of a gate", f"{here}: gate"),
    )


def _size(value: object, low: int, high: int, where: str) -> Size:
    match value:
        case [int(width), int(height)] if low <= width <= high and low <= height <= high:
            return width, height
    raise refusal(where, f"it must be [width, height], whole numbers from {low} to {high}")


def _detector_size(value: object, where: str) -> Size | None:
    return None if value is None else _size(value, *_INPUT_SIDES, f"{where}: [detector] size")


def _runtime(value: object, where: str) -> Runtime | None:
    if value is None:
        return None
    for runtime in _RUNTIMES:
        if value == runtime:
            return runtime
    raise refusal(f"{where}: [detector] runtime", f"it must be one of {', '.join(_RUNTIMES)}")


def _rotate(value: object, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 90, 180, 270):
        return value
    raise refusal(f"{where}: [camera] rotate", "it must be 0, 90, 180 or 270 degrees")


def _weights(value: Any, path: Path | None, where: str) -> Path | None:
    text = words(value, "the path of a file or folder", f"{where}: [detector] weights")
    return None if text is None else (path.parent if path else Path()) / text
