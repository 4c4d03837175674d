"""GeoJSON (RFC 7946) of districts or postcodes, read with suspicion: each refusal names the file, the feature and why.

Tolerated, because files of good faith have it: rings in either direction, lines that cross themselves, shapes over
the antimeridian, a third coordinate, members that the standard does not know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.catchment.areas import MOST_AREAS, Area, AreaMap, Place, Polygon, Ring, key_of
from engines.catchment.geometry import center_of, thinned
from models.errors import Known

MOST_BYTES = 32_000_000
MOST_PLACES = 1_000_000
KEPT_PLACES = 60_000
"""More than this a map does not show better, only slower."""
LONGEST = 120
"""Letters of a code or a name."""

CODES = ("code", "id", "postcode", "postal_code", "postalcode", "zip", "zipcode", "zip_code", "adcode", "district_code",
         "area_code", "gss_code", "编码", "代码", "邮编", "邮政编码", "行政区划代码")  # fmt: skip
NAMES = ("name", "name_en", "district", "area", "title", "label", "名称", "区域", "行政区")
NAMES_ZH = ("name_zh", "name:zh", "name_cn", "中文名", "中文名称")
POPULATIONS = ("population", "pop", "residents", "inhabitants", "人口", "常住人口")
OTHERS = ("also", "aliases", "alt_name", "别名")
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG:4979", "EPSG::4979")
_SAVE = "Save it as GeoJSON in longitude and latitude (WGS 84, EPSG:4326)."


class _Wrong(Exception):
    """What is wrong with one feature."""


def read_geojson(path: Path) -> AreaMap:
    """The areas of a file. Raises Known for what no area map can be made of."""
    try:
        if not path.is_file():
            raise Known(f"There is no file {path}.", "Check the name.")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise Known(
                f"{path.name} has {size / 1e6:,.0f} MB; an area map may have {MOST_BYTES // 1_000_000}.",
                "Simplify its borders, or leave out areas where no member lives.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
    return parse_geojson(data, path.name)


def parse_geojson(data: bytes, file: str) -> AreaMap:
    """The same from the file's bytes; `file` is named in errors."""
    document = _loaded(data, file)
    features = _features(document, file)
    found: list[Area] = []
    mall: Place | None = _mall(document, file)
    notes: list[str] = []
    places = 0
    for number, feature in enumerate(features, 1):
        try:
            properties = _properties(feature)
            if properties.get("mall") is True:
                mall = _point(feature)
                continue
            area = _area(feature, properties)
        except _Wrong as wrong:
            named = _name_for_error(feature)
            raise Known(f"{file}, feature {number}{named}: {wrong}.", "Correct the file and import it again.") from None
        places += sum(len(ring) for polygon in area.parts for ring in polygon)
        if places > MOST_PLACES:
            raise Known(f"{file} has more than {MOST_PLACES:,} places on its borders.", "Simplify its borders.")
        if area.center is None:
            notes.append(f"Feature {number} ('{area.name}') has no place; it is listed and not drawn.")
        found.append(area)
    check_areas(found, file)
    return AreaMap(
        _thin(found), mall, str(document.get("source") or file)[:200], str(document.get("sha256") or "")[:64],
        _instant(document.get("imported_at")), document.get("demo") is True, tuple(notes[:20]),
    )  # fmt: skip


def write_geojson(areas: AreaMap) -> str:
    """The map as GeoJSON that `parse_geojson` reads back."""
    document: dict[str, Any] = {"type": "FeatureCollection", "source": areas.source, "sha256": areas.sha256}
    if areas.mall is not None:
        document["mall"] = list(areas.mall)
    if areas.imported_at is not None:
        document["imported_at"] = areas.imported_at
    if areas.demo:
        document["demo"] = True
    document["features"] = [_feature_of(area) for area in areas.areas]
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _feature_of(area: Area) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": area.code,
        "name": area.name,
        "name_zh": area.name_zh,
        "population": area.population,
    }
    if area.also:
        told["also"] = list(area.also)
    geometry: dict[str, Any] | None = None
    if area.parts:
        closed = [[[list(p) for p in (*ring, ring[0])] for ring in polygon] for polygon in area.parts]
        geometry = {"type": "MultiPolygon", "coordinates": closed}
    elif area.center is not None:
        geometry = {"type": "Point", "coordinates": list(area.center)}
    return {"type": "Feature", "properties": {k: v for k, v in told.items() if v is not None}, "geometry": geometry}


def _thin(areas: list[Area]) -> tuple[Area, ...]:
    parts = thinned([area.parts for area in areas], KEPT_PLACES)
    return tuple(
        area if kept is area.parts else Area(
            area.code, area.name, area.name_zh, area.also, area.population, kept, area.center
        )
        for area, kept in zip(areas, parts, strict=True)
    )  # fmt: skip


def _loaded(data: bytes, file: str) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Known(f"{file} is not in UTF-8.", _SAVE) from None
    except RecursionError:
        raise Known(f"{file} nests its lists too deeply.", _SAVE) from None
    except ValueError as error:
        raise Known(f"{file} is no valid JSON: {str(error)[:120]}.", _SAVE) from None
    if not isinstance(document, dict):
        raise Known(f"{file} holds no GeoJSON object.", _SAVE)
    return document


def _features(document: dict[str, Any], file: str) -> list[Any]:
    kind = document.get("type")
    if kind == "Topology":
        raise Known(f"{file} is TopoJSON.", _SAVE)
    crs = document.get("crs")
    if crs is not None and not any(name in json.dumps(crs, default=str) for name in _WGS84):
        raise Known(f"{file} is in another coordinate system than WGS 84.", _SAVE)
    features = [document] if kind == "Feature" else document.get("features")
    if kind not in ("Feature", "FeatureCollection") or not isinstance(features, list):
        raise Known(f"{file} is no GeoJSON feature collection.", _SAVE)
    if len(features) > MOST_AREAS + 1:
        raise Known(
            f"{file} has {len(features):,} features; an area map may have {MOST_AREAS:,}.",
            "Leave out areas where no member lives.",
        )
    return features


def _mall(document: dict[str, Any], file: str) -> Place | None:
    if document.get("mall") is None:
        return None
    try:
        return _place(document["mall"])
    except _Wrong as wrong:
        raise Known(f"{file}, the mall's place: {wrong}.", "Correct the file and import it again.") from None


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Wrong("it is no GeoJSON feature")
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise _Wrong("its properties are no JSON object")
    told = {str(key).strip().casefold(): value for key, value in properties.items()}
    if isinstance(feature.get("id"), str | int) and not isinstance(feature["id"], bool):
        told.setdefault("id", feature["id"])
    return told


def _area(feature: dict[str, Any], told: Mapping[str, Any]) -> Area:
    code, name = _word(told, CODES), _word(told, NAMES)
    if not code and not name:
        raise _Wrong("it has neither a code nor a name")
    parts, center = _shape(feature.get("geometry"))
    return Area(
        code or name, name or code, _word(told, NAMES_ZH) or None, _others(told), _population(told), parts, center
    )


def _word(told: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = told.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool):
            if isinstance(value, int) and abs(value) >= 10**18:
                raise _Wrong(f"its {key} is no code")
            text = " ".join(str(value).split())
            if len(text) > LONGEST:
                raise _Wrong(f"its {key} has more than {LONGEST} letters")
            if text:
                return text
    return ""


def _others(told: Mapping[str, Any]) -> tuple[str, ...]:
    for key in OTHERS:
        value = told.get(key)
        words = value.replace("|", ";").split(";") if isinstance(value, str) else value
        if isinstance(words, list):
            kept = [" ".join(word.split())[:LONGEST] for word in words[:50] if isinstance(word, str)]
            return tuple(dict.fromkeys(word for word in kept if word))
    return ()


def _population(told: Mapping[str, Any]) -> int | None:
    for key in POPULATIONS:
        value = told.get(key)
        if value is None or value == "":
            continue
        number = population(value)
        if number is None:
            raise _Wrong(f"its {key} {str(value)[:40]!r} is no number of residents")
        return number
    return None


def population(value: object) -> int | None:
    """A number of residents, 0 to ten thousand million, as a number or as text with separators; None for another."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").replace(" ", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e10:
        return None
    return round(value)


def _shape(geometry: Any) -> tuple[tuple[Polygon, ...], Place | None]:
    if geometry is None:
        return (), None
    if not isinstance(geometry, dict):
        raise _Wrong("its geometry is no JSON object")
    kind, lists = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        return (), _place(lists)
    if kind not in ("Polygon", "MultiPolygon"):
        raise _Wrong(f"its geometry is {str(kind)[:40]!r}, not Polygon, MultiPolygon or Point")
    listed = [lists] if kind == "Polygon" else lists
    if not isinstance(listed, list) or not listed:
        raise _Wrong("its geometry has no coordinates")
    parts = tuple(_polygon(rings) for rings in listed)
    return parts, center_of(parts)


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise _Wrong("its geometry has no coordinates")
    return tuple(_ring(ring) for ring in rings)


def _ring(ring: Any) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise _Wrong("a ring has fewer than four places")
    if len(ring) > MOST_PLACES:
        raise _Wrong(f"a ring has more than {MOST_PLACES:,} places")
    places = [_place(place) for place in ring]
    if places[0] != places[-1]:
        raise _Wrong("a ring does not end where it begins")
    if len(set(places)) < 3:
        raise _Wrong("a ring has fewer than three different places")
    return tuple(places[:-1])


def _point(feature: dict[str, Any]) -> Place:
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        raise _Wrong("the mall is no Point")
    return _place(geometry.get("coordinates"))


def _place(place: Any) -> Place:
    if not isinstance(place, list) or not 2 <= len(place) <= 4:
        raise _Wrong("a place is no pair of longitude and latitude")
    lon, lat = place[:2]
    for value in (lon, lat):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _Wrong("a longitude or latitude is no number")
        if isinstance(value, float) and not math.isfinite(value):
            raise _Wrong("a longitude or latitude is not finite")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _Wrong(f"{_short(lon)}, {_short(lat)} is no longitude and latitude in degrees")
    return float(lon), float(lat)


def _short(value: int | float) -> str:
    return f"{value:g}" if abs(value) < 1e18 else "a huge number"


def _name_for_error(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    told = {str(k).casefold(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
    words = [told[key] for key in (*NAMES, *CODES) if isinstance(told.get(key), str) and told[key].strip()]
    return f" ('{words[0].strip()[:60]}')" if words else ""


def check_areas(areas: list[Area], file: str) -> None:
    """Raise Known where there are none, or where two have the same code."""
    if not areas:
        raise Known(f"{file} has no areas.", "Choose a file of districts or postcodes.")
    first: dict[str, int] = {}
    for number, area in enumerate(areas, 1):
        before = first.setdefault(key_of(area.code), number)
        if before != number:
            raise Known(
                f"{file}: areas {before} and {number} both have the code '{area.code}'.",
                "Give each area a code of its own, or join the two into one.",
            )


def _instant(value: object) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return int(value) if known and isinstance(value, int) else None
