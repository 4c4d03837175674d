"""Geometry on the earth, for distances within a region: a sphere is right to half a percent there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from engines.catchment.areas import Area, Place, Polygon, Ring

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG), kilometres."""
FINEST, COARSEST = 8192, 64
"""Steps of the grid over the map's extent to which borders are thinned out."""


def distance_km(a: Place, b: Place) -> float:
    """Great-circle distance by the haversine (Sinnott, Sky and Telescope 68(2), 1984)."""
    lon, lat = math.radians(b[0] - a[0]), math.radians(b[1] - a[1])
    half = math.sin(lat / 2) ** 2
    half += math.cos(math.radians(a[1])) * math.cos(math.radians(b[1])) * math.sin(lon / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def wrapped(degrees: float) -> float:
    """A difference of longitudes, from -180 to below 180."""
    return (degrees + 180.0) % 360.0 - 180.0


def flat(place: Place, origin: Place) -> tuple[float, float]:
    """Kilometres east and south of the origin (equirectangular, true along the origin's parallel); the antimeridian
    is no seam."""
    degree = math.radians(1) * EARTH_KM
    east = wrapped(place[0] - origin[0]) * degree * math.cos(math.radians(origin[1]))
    return east, (origin[1] - place[1]) * degree


def unwrapped(ring: Sequence[Place]) -> list[Place]:
    """The ring without a jump at the antimeridian: longitudes may leave -180..180."""
    found = [ring[0]]
    for lon, lat in ring[1:]:
        found.append((found[-1][0] + wrapped(lon - found[-1][0]), lat))
    return found


def signed_area(ring: Sequence[Place]) -> float:
    """Twice the area in square degrees by the shoelace formula, positive counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def center_of(parts: Iterable[Polygon]) -> Place:
    """The centroid of the outer rings, weighted by their area. Where lines cross so that the area is none, or the
    centroid would fall outside, the middle of the extent."""
    rings = [unwrapped(polygon[0]) for polygon in parts]
    first = rings[0][0][0]
    rings = [_near(ring, first) for ring in rings]
    west, east = (pick(x for ring in rings for x, _ in ring) for pick in (min, max))
    south, north = (pick(y for ring in rings for _, y in ring) for pick in (min, max))
    middle = ((west + east) / 2, (south + north) / 2)
    x = y = total = 0.0
    for ring in rings:
        moved = [(lon - middle[0], lat - middle[1]) for lon, lat in ring]
        sign = math.copysign(1.0, signed_area(moved))
        for a, b in zip(moved, [*moved[1:], moved[0]], strict=True):
            cross = sign * (a[0] * b[1] - b[0] * a[1])
            x, y, total = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross, total + cross
    if total > 1e-12:
        lon, lat = middle[0] + x / (3 * total), middle[1] + y / (3 * total)
        if west <= lon <= east and south <= lat <= north:
            return wrapped(lon), lat
    return wrapped(middle[0]), middle[1]


def _near(ring: list[Place], longitude: float) -> list[Place]:
    """The ring, whole turns away if need be, so that it lies near a longitude."""
    turn = 360.0 * round((longitude - ring[0][0]) / 360.0)
    return [(lon + turn, lat) for lon, lat in ring]


def points_of(areas: Iterable[Area]) -> int:
    """How many places the borders have."""
    return sum(len(ring) for area in areas for polygon in area.parts for ring in polygon)


def thinned(parts: Sequence[tuple[Polygon, ...]], most: int) -> list[tuple[Polygon, ...]]:
    """Borders with at most `most` places in all, by rounding them to a grid: neighbours keep the border they share.

    Rings that fall together are left out. The coarsest grid is a last resort and may keep more.
    """
    places = [p for polygons in parts for polygon in polygons for ring in polygon for p in unwrapped(ring)]
    if len(places) <= most:
        return list(parts)
    wide = max(
        max(x for x, _ in places) - min(x for x, _ in places), max(y for _, y in places) - min(y for _, y in places)
    )
    steps = FINEST
    while True:
        found = [_on_grid(polygons, wide / steps) for polygons in parts]
        if steps <= COARSEST or sum(len(r) for ps in found for p in ps for r in p) <= most:
            return found
        steps //= 2


def _on_grid(polygons: tuple[Polygon, ...], step: float) -> tuple[Polygon, ...]:
    made = []
    for polygon in polygons:
        rings = [_rounded(ring, step) for ring in polygon]
        if len(rings[0]) >= 3:
            made.append((rings[0], *(hole for hole in rings[1:] if len(hole) >= 3)))
    return tuple(made)


def _rounded(ring: Ring, step: float) -> Ring:
    kept: list[Place] = []
    for lon, lat in ring:
        place = (min(max(round(lon / step) * step, -180.0), 180.0), min(max(round(lat / step) * step, -90.0), 90.0))
        if not kept or kept[-1] != place:
            kept.append(place)
    while len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return tuple(kept) if len(set(kept)) >= 3 else ()
