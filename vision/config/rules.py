"""The rules of a config that are not drawn in the picture: staff, groups and the floor plan."""

from __future__ import annotations

import re

from vision.config.fields import Row, Size, number, numbers, point, refusal, section, words
from vision.config.model import FloorView, Groups, Staff, Uniform

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_MOST_METRES = 100_000.0
_MOST_POINTS = 32


def staff_of(table: Row, where: str) -> Staff:
    """The checked [staff] section."""
    here = f"{where}: [staff] hours"
    hours = table.get("hours", [])
    if not isinstance(hours, list):
        raise refusal(here, 'it must be a list of pairs of times, [["07:00", "09:30"]]')
    return Staff(tuple(_hours(pair, here) for pair in hours), _uniform(table, where))


def groups_of(table: Row, where: str) -> Groups:
    """The checked [groups] section."""
    return Groups(
        gap_s=number(table.get("gap_s", Groups.gap_s), 0, 60, f"{where}: [groups] gap_s"),
        apart=number(table.get("apart", Groups.apart), 0, 20, f"{where}: [groups] apart"),
    )


def floor_of(table: Row, size: Size, where: str) -> FloorView | None:
    """The checked [floor] section, None where there is none."""
    from vision.homography import plan_from

    if not table:
        return None
    floor = words(table.get("floor"), "the code of a floor", f"{where}: [floor] floor")
    if floor is None:
        raise refusal(f"{where}: [floor] floor", "the floor's code is missing")
    here = f"{where}: [floor] points"
    points = table.get("points")
    if not isinstance(points, list) or not 4 <= len(points) <= _MOST_POINTS:
        raise refusal(here, f"it must be a list of 4 to {_MOST_POINTS} points, [[x, y, X, Y], ...]")
    view = FloorView(floor, tuple(_matched(each, size, here) for each in points))
    try:
        plan_from(view.points)
    except ValueError as error:
        raise refusal(here, str(error)) from error
    return view


def _matched(value: object, size: Size, where: str) -> tuple[float, float, float, float]:
    x, y, across, down = numbers(value, 4, -_MOST_METRES, _MOST_METRES, where)
    point([x, y], size, where)
    return x, y, across, down


def _hours(pair: object, where: str) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise refusal(where, 'each must be a pair of times, ["07:00", "09:30"]')
    begin, end = (_minute(each, where) for each in pair)
    if begin == end:
        raise refusal(where, "a span begins and ends at the same time")
    return begin, end


def _minute(value: object, where: str) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise refusal(where, f"{value!r} is not a time such as 09:30")
    return int(value[:2]) * 60 + int(value[3:])


def _uniform(staff: Row, where: str) -> Uniform | None:
    if "uniform" not in staff:
        return None
    table = section(staff, "uniform", f"{where}: [staff]")
    here = f"{where}: [staff] uniform"
    begin, end = numbers(table.get("hue"), 2, 0, 360, f"{here} hue")
    return Uniform(
        hue=(begin, end),
        least_saturation=number(
            table.get("least_saturation", Uniform.least_saturation), 0, 1, f"{here} least_saturation"
        ),
        share=number(table.get("share", Uniform.share), 0.01, 1, f"{here} share"),
    )
