"""An area map from a table: one row a district or postcode, with the longitude and latitude of its middle.

CSV, Excel or any other table that imports take; areas without borders are drawn as dots.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

from engines.catchment.areas import MOST_AREAS, Area, AreaMap, Place
from engines.catchment.geojson import (
    CODES,
    LONGEST,
    MOST_BYTES,
    NAMES,
    NAMES_ZH,
    OTHERS,
    POPULATIONS,
    check_areas,
    population,
    read_geojson,
)
from engines.intake.files import read_sheet
from engines.intake.sheet import Sheet
from models.errors import Known

LATITUDES = ("lat", "latitude", "y", "纬度")
LONGITUDES = ("lon", "lng", "long", "longitude", "x", "经度")
SHAPES = (".shp", ".shx", ".dbf", ".kml", ".kmz", ".gpkg", ".zip", ".gml", ".topojson")


def read_areas(path: Path) -> AreaMap:
    """The areas of a GeoJSON file or of a table, told apart by what the file begins with; with the file's SHA-256.

    Raises Known naming the file, the feature or row, and the reason.
    """
    if path.suffix.lower() in SHAPES:
        raise Known(f"{path.name} is no GeoJSON.", "Save it as GeoJSON in longitude and latitude (WGS 84).")
    found = read_geojson(path) if _is_json(path) else _read_table(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return AreaMap(found.areas, found.mall, path.name, digest, None, found.demo, found.notes)


def _is_json(path: Path) -> bool:
    try:
        if not path.is_file():
            raise Known(f"There is no file {path}.", "Check the name.")
        with path.open("rb") as file:
            head = file.read(64)
        if path.stat().st_size > MOST_BYTES:
            raise Known(
                f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB.",
                "Leave out areas where no member lives.",
            )
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) or path.suffix.lower() in (".geojson", ".json")


def _read_table(path: Path) -> AreaMap:
    sheet = read_sheet(path)
    if sheet.rows > MOST_AREAS:
        raise Known(
            f"{path.name} has {sheet.rows:,} rows; an area map may have {MOST_AREAS:,}.",
            "Leave out areas where no member lives.",
        )
    columns = {what: _column(sheet, names) for what, names in _WANTED.items()}
    missing = [what for what in ("longitude", "latitude") if columns[what] is None]
    if columns["code"] is None and columns["name"] is None:
        missing.insert(0, "code")
    if missing:
        raise Known(
            f"{path.name} has no column for {' and '.join(missing)}; its columns are {', '.join(sheet.header)[:200]}.",
            "Name the columns code, lat and lon.",
        )
    found = [_area(sheet, columns, row, path.name) for row in range(sheet.rows)]
    check_areas(found, path.name)
    return AreaMap(tuple(found))


_WANTED: dict[str, tuple[str, ...]] = {
    "code": CODES, "name": NAMES, "name_zh": NAMES_ZH, "also": OTHERS, "population": POPULATIONS,
    "latitude": LATITUDES, "longitude": LONGITUDES,
}  # fmt: skip
Columns = dict[str, str | None]


def _column(sheet: Sheet, names: tuple[str, ...]) -> str | None:
    known = {name.strip().casefold().replace(" ", "_"): name for name in sheet.header}
    return next((known[name] for name in names if name in known), None)


def _area(sheet: Sheet, columns: Columns, row: int, file: str) -> Area:
    if row in sheet.broken:
        raise _wrong(file, row, "", sheet.broken[row])
    told = {what: _text(sheet, name, row) for what, name in columns.items()}
    code, name = told["code"] or told["name"], told["name"] or told["code"]
    if not code:
        raise _wrong(file, row, "", "it has neither a code nor a name")
    if len(code) > LONGEST or len(name) > LONGEST:
        raise _wrong(file, row, code[:60], f"its code or name has more than {LONGEST} letters")
    residents = population(told["population"]) if told["population"] else None
    if told["population"] and residents is None:
        raise _wrong(file, row, code, f"{told['population'][:40]!r} is no number of residents")
    also = tuple(word.strip()[:LONGEST] for word in told["also"].replace("|", ";").split(";") if word.strip())
    place = _place(told["longitude"], told["latitude"], file, row, code)
    return Area(code, name, told["name_zh"] or None, also, residents, (), place)


def _text(sheet: Sheet, name: str | None, row: int) -> str:
    return " ".join(sheet.column(name).text(row).split()) if name else ""


def _place(lon: str, lat: str, file: str, row: int, code: str) -> Place | None:
    if not lon and not lat:
        return None
    try:
        place = float(lon.replace(",", ".")), float(lat.replace(",", "."))
    except ValueError:
        raise _wrong(file, row, code, f"{lon[:30]!r}, {lat[:30]!r} is no longitude and latitude") from None
    if not (math.isfinite(place[0]) and math.isfinite(place[1]) and abs(place[0]) <= 180 and abs(place[1]) <= 90):
        raise _wrong(file, row, code, f"{lon[:30]}, {lat[:30]} is no longitude and latitude in degrees")
    return place


def _wrong(file: str, row: int, code: str, reason: str) -> Known:
    named = f" ('{code}')" if code else ""
    return Known(f"{file}, row {row + 1}{named}: {reason}.", "Correct the file and import it again.")
