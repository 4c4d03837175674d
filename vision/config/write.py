"""A config back to TOML text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from vision.config.model import Config, FrontView, Groups, Line, Point, Staff, Zone


def write_config(config: Config) -> str:
    """The TOML text that `load_config` reads as an equal config; settings at their default are left out.

    Weights under the folder of the config's own file are written relative to it.
    """
    return "\n".join([*_everything(config), ""])


def _everything(config: Config) -> Iterator[str]:
    yield f"size = {list(config.size)}"
    for line in config.lines:
        yield from ("", *_line(line))
    for zone in config.zones:
        yield from ("", *_zone(zone))
    for front in config.fronts:
        yield from ("", *_front(front))
    yield from _staff(config.staff)
    if config.groups != Groups():
        yield from ("", "[groups]", f"gap_s = {_n(config.groups.gap_s)}", f"apart = {_n(config.groups.apart)}")
    if config.reentry_s:
        yield from ("", "[reentry]", f"within_s = {_n(config.reentry_s)}")
    if config.floor:
        matched = ", ".join(_list(each) for each in config.floor.points)
        yield from ("", "[floor]", f"floor = {_text(config.floor.floor)}", f"points = [{matched}]")
    yield from _section("camera", _camera(config))
    yield from _section("detector", _detector(config))
    if config.folder_fps != Config.folder_fps:
        yield from ("", "[folder]", f"fps = {_n(config.folder_fps)}")


def _section(name: str, settings: Iterator[str]) -> Iterator[str]:
    found = list(settings)
    if found:
        yield from ("", f"[{name}]", *found)


def _line(line: Line) -> Iterator[str]:
    yield from ("[[line]]", f"name = {_text(line.name)}", f"a = {_list(line.a)}", f"b = {_list(line.b)}")
    if line.band is not None:
        yield f"band = {_n(line.band)}"
    if line.gate is not None:
        yield f"gate = {_text(line.gate)}"


def _zone(zone: Zone) -> Iterator[str]:
    yield from ("[[zone]]", f"name = {_text(zone.name)}", f"polygon = {_corners(zone.polygon)}")
    if zone.code is not None:
        yield f"zone = {_text(zone.code)}"
    yield f"purpose = {_text(zone.purpose)}"
    if zone.exit_s != Zone.exit_s:
        yield f"exit_s = {_n(zone.exit_s)}"
    if zone.least_s != Zone.least_s:
        yield f"least_s = {_n(zone.least_s)}"
    if zone.served_by is not None:
        yield f"served_by = {_text(zone.served_by)}"
    if zone.reach is not None:
        yield f"reach = {_corners(zone.reach)}"


def _front(front: FrontView) -> Iterator[str]:
    yield from ("[[front]]", f"name = {_text(front.name)}", f"line = {_text(front.line)}")
    yield f"pass = {_corners(front.passing)}"
    if front.code is not None:
        yield f"code = {_text(front.code)}"
    if front.gate is not None:
        yield f"gate = {_text(front.gate)}"


def _staff(staff: Staff) -> Iterator[str]:
    if staff == Staff():
        return
    yield from ("", "[staff]")
    if staff.hours:
        pairs = ", ".join(f'["{_time(begin)}", "{_time(end)}"]' for begin, end in staff.hours)
        yield f"hours = [{pairs}]"
    if staff.uniform:
        worn = staff.uniform
        rest = f"least_saturation = {_n(worn.least_saturation)}, share = {_n(worn.share)}"
        yield f"uniform = {{ hue = {_list(worn.hue)}, {rest} }}"


def _camera(config: Config) -> Iterator[str]:
    if config.fps != Config.fps:
        yield f"fps = {_n(config.fps)}"
    if config.rotate:
        yield f"rotate = {config.rotate}"


def _detector(config: Config) -> Iterator[str]:
    if config.weights is not None:
        yield f"weights = {_text(_relative(config.weights, config.path))}"
    if config.confidence != Config.confidence:
        yield f"confidence = {_n(config.confidence)}"
    if config.detector_size is not None:
        yield f"size = {list(config.detector_size)}"
    if config.runtime is not None:
        yield f"runtime = {_text(config.runtime)}"


def _relative(weights: Path, path: Path | None) -> str:
    if path and weights.is_relative_to(path.parent):
        weights = weights.relative_to(path.parent)
    return weights.as_posix()


def _corners(points: Sequence[Point]) -> str:
    return f"[{', '.join(_list(each) for each in points)}]"


def _list(values: Sequence[float]) -> str:
    return f"[{', '.join(_n(each) for each in values)}]"


def _n(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _text(words: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
