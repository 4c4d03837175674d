"""An area map: the districts or postcodes that members can live in, as a file of the site's folder.

Reference data, not customers': it holds no person, and the file it came from can be imported again. Places are
longitude and latitude in degrees on WGS 84, as in GeoJSON (RFC 7946, section 4).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Place = tuple[float, float]
"""Longitude and latitude, degrees."""
Ring = tuple[Place, ...]
"""A closed line without its last place, which is its first."""
Polygon = tuple[Ring, ...]
"""The outer ring, then the holes."""

FILE = "areas.geojson"
MOST_AREAS = 5_000


@dataclass(frozen=True)
class Area:
    """A district or postcode. `also` are other ways in which its name is written; `population` are residents.

    Without `parts` it is a point at `center`; without a center it is nowhere on the map.
    """

    code: str
    name: str
    name_zh: str | None = None
    also: tuple[str, ...] = ()
    population: int | None = None
    parts: tuple[Polygon, ...] = ()
    center: Place | None = None


@dataclass(frozen=True)
class AreaMap:
    """The areas of a site, where its file says the mall is, where the file came from, and whether it is invented."""

    areas: tuple[Area, ...]
    mall: Place | None = None
    source: str = ""
    sha256: str = ""
    imported_at: int | None = None
    demo: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)


def areas_file(folder: Path) -> Path:
    """Where a site keeps its area map."""
    return folder / FILE


def key_of(text: str) -> str:
    """A name for comparing: width, case and spaces make no difference (Unicode NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def matcher(areas: Iterable[Area]) -> tuple[Mapping[str, int], frozenset[str]]:
    """Key of a text to the number of the area it means, and the keys that mean several and therefore none.

    A code counts before a name and a name before another spelling, so that only equals can be in doubt.
    """
    known: dict[str, int] = {}
    doubtful: set[str] = set()
    listed = list(areas)
    for words in (_codes, _names, _others):
        told = [(key_of(word), i) for i, area in enumerate(listed) for word in words(area) if key_of(word)]
        means: dict[str, set[int]] = {}
        for key, i in told:
            means.setdefault(key, set()).add(i)
        for key, numbers in means.items():
            if key in known or key in doubtful:
                continue
            if len(numbers) > 1:
                doubtful.add(key)
            else:
                known[key] = numbers.pop()
    return known, frozenset(doubtful)


def _codes(area: Area) -> tuple[str, ...]:
    return (area.code,)


def _names(area: Area) -> tuple[str, ...]:
    return tuple(dict.fromkeys((area.name, area.name_zh or "")))


def _others(area: Area) -> tuple[str, ...]:
    return area.also
