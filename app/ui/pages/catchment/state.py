"""What the Catchment page shows, read off the UI thread."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from app.ui.charts.areamap import AreaMap, Region
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.catchment.words import MEASURES, band_word, kilometres, named, tier_word
from app.ui.period import Period
from engines.catchment.areas import Area, Place
from engines.catchment.geometry import flat
from engines.catchment.queries import AreaRow, Catchment, catchment, people_of
from engines.people.queries import Customer, customers_of
from models.errors import Known
from models.store import Store
from models.times import now_ms

PAGE_ROWS = 100
NEAR_KM = 60.0
"""Areas farther off that have no members stay out of the near view."""


@dataclass(frozen=True)
class State:
    """The period's catchment, or why the area map cannot be read; `now` is when it was read."""

    now: int
    found: Catchment | None
    trouble: str = ""


@dataclass(frozen=True)
class Neighbours:
    """A page of an area's people, masked, and the words by which they say that they live there."""

    code: str
    people: tuple[Customer, ...]
    words: tuple[str, ...]
    after: bytes | None = field(default=None)


def read(store: Store, period: Period, _argument: object) -> State:
    """The period's catchment."""
    try:
        return State(now_ms(), catchment(store, period.first.isoformat(), period.last.isoformat()))
    except Known as known:
        return State(now_ms(), None, known.sentence)


def read_people(store: Store, code: str, after: bytes | None = None, limit: int = PAGE_ROWS) -> Neighbours:
    """The next people of an area."""
    ids, words = people_of(store, code, limit=limit, after=after)
    return Neighbours(code, tuple(customers_of(store, ids).values()), words, ids[-1] if len(ids) == limit else None)


def map_chart(found: Catchment, code: str, *, near: bool) -> AreaMap | None:
    """The areas coloured by a measure of MEASURES; None where no area has a place."""
    areas = found.map.areas if found.map else ()
    rows = {row.code: row for row in found.rows}
    origin = _origin(found, areas)
    if origin is None:
        return None
    measure = MEASURES[code]
    regions = tuple(_region(area, rows[area.code], origin, measure.code, found) for area in areas)
    mall = flat(found.mall, origin) if found.mall else None
    return AreaMap(regions, mall, found.rings, tr(measure.title), measure.unit, near)


def band_chart(found: Catchment) -> Bars | None:
    """Members and sales by distance, as shares; None without distances."""
    if not any(one.areas for one in found.bands):
        return None
    names = tuple(band_word(one.above_km, one.up_to_km) for one in found.bands)
    series = (
        Series(tr("Share of members"), tuple(_number(one.share) for one in found.bands)),
        Series(tr("Share of sales"), tuple(_number(one.sales_share) for one in found.bands)),
    )
    return Bars(names, series, "grouped", "percent")


def _origin(found: Catchment, areas: tuple[Area, ...]) -> Place | None:
    placed = [area.center for area in areas if area.center is not None]
    return (found.mall or placed[0]) if placed else None


def _region(area: Area, row: AreaRow, origin: Place, code: str, found: Catchment) -> Region:
    parts = tuple(
        tuple(tuple(flat(place, origin) for place in _close(ring, area)) for ring in polygon) for polygon in area.parts
    )
    note = tr("fewer than {n} people", n=found.smallest) if row.hidden else ""
    near = bool(row.members or row.hidden) or (row.distance_km or 0.0) <= min(NEAR_KM, max(found.rings, default=0.0))
    return Region(
        named(row.name, row.name_zh), parts, _number(getattr(row, code)), row.code,
        flat(area.center, origin) if area.center else None, note, _tip(row), near,
    )  # fmt: skip


def _close(ring: tuple[Place, ...], area: Area) -> list[Place]:
    """The ring on the side of the antimeridian on which the area's middle is, so that it has no seam."""
    from engines.catchment.geometry import wrapped

    assert area.center is not None
    return [(area.center[0] + wrapped(lon - area.center[0]), lat) for lon, lat in ring]


def _tip(row: AreaRow) -> tuple[str, ...]:
    """The other figures of an area, one a line."""
    form = current()
    lines = []
    if row.members is not None:
        lines.append(f"{tr('Members')}: {form.integer(row.members)}")
    if row.visits is not None:
        lines.append(f"{tr('Visits')}: {form.integer(row.visits)}")
    if row.sales is not None:
        lines.append(f"{tr('Sales to members')}: {form.money(row.sales)}")
    if row.tier:
        lines.append(f"{tr('Part')}: {tier_word(row.tier)}")
    if row.distance_km is not None:
        lines.append(f"{tr('Distance')}: {kilometres(row.distance_km)}")
    return tuple(lines)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
