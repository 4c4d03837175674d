"""Zones and shop fronts of a config."""

from __future__ import annotations

from typing import get_args

from vision.config.fields import Row, Size, name_of, number, only_once, polygon, refusal, words
from vision.config.model import FrontView, Line, Purpose, Zone

_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


def zones_of(found: list[Row], size: Size, lines: tuple[Line, ...], where: str) -> tuple[Zone, ...]:
    """The checked [[zone]] tables."""
    zones = tuple(_zone(row, n, size, lines, where) for n, row in enumerate(found, start=1))
    only_once([zone.name for zone in zones], "zone", where)
    only_once([zone.counted_as for zone in zones if zone.counted], "zone", where, called="code")
    return zones


def fronts_of(found: list[Row], size: Size, lines: tuple[Line, ...], where: str) -> tuple[FrontView, ...]:
    """The checked [[front]] tables."""
    fronts = tuple(_front(row, n, size, lines, where) for n, row in enumerate(found, start=1))
    only_once([front.name for front in fronts], "front", where)
    return fronts


def _zone(row: Row, position: int, size: Size, lines: tuple[Line, ...], where: str) -> Zone:
    name = name_of(row, "zone", position, where)
    here = f"{where}, zone '{name}'"
    purpose = _purpose(row.get("purpose", "presence"), here)
    served_by = words(row.get("served_by"), "the name of a line", f"{here}: served_by")
    reach = row.get("reach")
    if served_by is not None and purpose != "queue":
        raise refusal(f"{here}: served_by", "only a zone of purpose queue is served")
    if served_by is not None:
        _line_named(served_by, lines, f"{here}: served_by")
    if reach is not None and purpose != "display":
        raise refusal(f"{here}: reach", "only a zone of purpose display has one")
    return Zone(
        name=name,
        polygon=polygon(row.get("polygon"), size, f"{here}: polygon"),
        code=words(row.get("zone"), "the code of a zone", f"{here}: zone"),
        purpose=purpose,
        exit_s=number(row.get("exit_s", Zone.exit_s), 0, 30, f"{here}: exit_s"),
        least_s=number(row.get("least_s", Zone.least_s), 0, 3600, f"{here}: least_s"),
        served_by=served_by,
        reach=None if reach is None else polygon(reach, size, f"{here}: reach"),
    )


def _front(row: Row, position: int, size: Size, lines: tuple[Line, ...], where: str) -> FrontView:
    name = name_of(row, "front", position, where)
    here = f"{where}, front '{name}'"
    line = words(row.get("line"), "the name of a line", f"{here}: line")
    if line is None:
        raise refusal(here, "it has no line; give the name of the line at the shop's door")
    _line_named(line, lines, f"{here}: line")
    return FrontView(
        name=name,
        line=line,
        passing=polygon(row.get("pass"), size, f"{here}: pass"),
        code=words(row.get("code"), "the code of a front", f"{here}: code"),
        gate=words(row.get("gate"), "the code of a gate", f"{here}: gate"),
    )


def _purpose(value: object, here: str) -> Purpose:
    for purpose in _PURPOSES:
        if value == purpose:
            return purpose
    raise refusal(f"{here}: purpose", f"{value!r} is not one of {', '.join(_PURPOSES)}")


def _line_named(name: str, lines: tuple[Line, ...], where: str) -> None:
    """Refuses the name of a line that is not there."""
    if name not in {line.name for line in lines}:
        raise refusal(where, f"there is no line '{name}'")
