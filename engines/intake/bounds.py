"""How large a file may be once it is unpacked: small archives can hold what no machine has room for (CWE-409)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from models.errors import Known

#: Of any file, of what an Excel file unpacks to, both in bytes.
MOST_BYTES, MOST_UNPACKED = 2 << 30, 1 << 30
#: Of an Excel sheet's grid, whose readers keep every cell, empty ones too; of a Parquet file.
MOST_GRID, MOST_CELLS = 20_000_000, 250_000_000
MOST_COLUMNS = 2_000
_CHUNK = 1 << 20
_COLUMNS = re.compile(rb'\br="([A-Z]+)[0-9]')
_ROWS = re.compile(rb'\br="[A-Z]*([0-9]{4,})"')
_REPEATED = re.compile(rb'number-(columns|rows)-repeated="([0-9]+)"')
_ODS_CELL = re.compile(rb"<table:(?:table-row|table-cell)\b[^>]*>")


def check_columns(count: int, file: str) -> None:
    """Raise Known for more columns than any sender of a mall has."""
    if count > MOST_COLUMNS:
        raise Known(f"{file} has {count:,} columns; an import takes {MOST_COLUMNS:,}.", "Is this the right file?")


def check_cells(rows: int, columns: int, file: str, most: int = MOST_CELLS) -> None:
    """Raise Known for more cells than are held in memory."""
    if rows * columns > most:
        raise Known(
            f"{file} has {rows:,} rows of {columns:,} columns, more than are read at once.",
            "Send it in parts, or as CSV.",
        )


def check_workbook(data: bytes, file: str) -> None:
    """Raise Known for an Excel or OpenDocument archive that unpacks to too much, or whose cells lie too far apart.

    What an archive says of its sizes is not believed: it is unpacked and counted, a piece at a time.
    """
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            room = MOST_UNPACKED
            for entry in archive.infolist():
                room = _check_part(archive, entry, room, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Known(f"{file} is no whole Excel file.", "Save it again in Excel.") from error


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int, file: str) -> int:
    """The room that is left after this part."""
    width, height, repeats = 26, 999, 1
    for piece in _pieces(archive, entry):
        room -= len(piece)
        if room < 0:
            raise Known(f"{file} unpacks to more than {MOST_UNPACKED >> 30} GB.", "Send it in parts, or as CSV.")
        if entry.filename.startswith("xl/worksheets/"):
            width = max([width, *map(_number, set(_COLUMNS.findall(piece)))])
            height = max([height, *(int(row[:9]) for row in set(_ROWS.findall(piece)))])
            check_cells(height, width, file, MOST_GRID)
        elif entry.filename == "content.xml":
            repeats = max(repeats, _repeats(piece))
            check_cells(repeats, 1, file, MOST_GRID)
    return room


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(_CHUNK):
            yield piece


def _number(letters: bytes) -> int:
    """A column's number: A is 1."""
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number


def _repeats(piece: bytes) -> int:
    """The largest grid that repeated rows of repeated cells with content make; empty ones are left out by readers."""
    rows = most = 1
    for tag in _ODS_CELL.findall(piece):
        found = _REPEATED.search(tag)
        times = int(found[2][:9]) if found else 1
        if tag.startswith(b"<table:table-row"):
            rows = times
        elif b"office:value" in tag:
            most = max(most, rows * times)
    return most
