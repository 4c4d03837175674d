"""Rows to a file: CSV, Excel, Parquet or JSON lines by its suffix, whole or not at all, a demo's marked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from models.errors import Known

EXCEL_ROWS = 1_048_575
BATCH = 20_000
DEMO_NOTE = "Demo data: every figure in this file is invented."
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    """What is written: column names and their Python types, a title, whether the figures are a demo's."""

    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    title: str
    demo: bool


def write_file(
    path: Path, columns: tuple[str, ...], rows: Iterable[Row], *, kinds: tuple[type, ...], title: str, demo: bool
) -> int:
    """Write the rows, whose columns are of `kinds`, and return how many.

    Raises Known for a suffix it cannot write or a file it may not.
    """
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise Known("PDF is made by the desktop.", "Open the page and choose Export, or use .xlsx here.", code=2)
    if suffix not in WRITERS:
        raise Known(f"'{suffix or path.name}' is no export format.", f"Use one of: {', '.join(WRITERS)}.", code=2)
    part = path.with_name(path.name + ".part")
    try:
        count = WRITERS[suffix](part, Sheet(columns, kinds, title, demo), iter(rows))
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Known(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count


def _marked(sheet: Sheet, rows: Iterator[Row]) -> tuple[tuple[str, ...], Iterator[Row]]:
    """In a demo's file each row says so in its first column."""
    return (("demo", *sheet.columns), ((1, *row) for row in rows)) if sheet.demo else (sheet.columns, rows)


def _csv(path: Path, sheet: Sheet, rows: Iterator[Row]) -> int:
    names, marked = _marked(sheet, rows)
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in marked:
            writer.writerow([_harmless(value) for value in row])
            count += 1
    return count


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _jsonl(path: Path, sheet: Sheet, rows: Iterator[Row]) -> int:
    names, marked = _marked(sheet, rows)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in marked:
            file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
            count += 1
    return count


def _xlsx(path: Path, sheet: Sheet, rows: Iterator[Row]) -> int:
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    path.touch()  # a folder that is missing or protected is told at once; the workbook opens its file last
    book = xlsxwriter.Workbook(str(path), options)
    try:
        count = _fill(book, sheet, rows)
    finally:
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(None, "the folder is missing, full or protected") from error
    return count


def _fill(book: Any, sheet: Sheet, rows: Iterator[Row]) -> int:
    if sheet.demo:
        book.add_worksheet("Demo").write_string(0, 0, DEMO_NOTE)
    page = book.add_worksheet(sheet.title[:31])
    page.write_row(0, 0, sheet.columns, book.add_format({"bold": True}))
    count = 0
    for count, row in enumerate(rows, 1):
        if count > EXCEL_ROWS:
            raise Known(f"Excel holds {EXCEL_ROWS:,} rows; there are more.", "Use .csv or .parquet, or --where.")
        page.write_row(count, 0, row)
    return count


def _parquet(path: Path, sheet: Sheet, rows: Iterator[Row]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, marked = _marked(sheet, rows)
    arrow = {int: pa.int64(), float: pa.float64()}
    kinds = [arrow.get(kind, pa.string()) for kind in ((int, *sheet.kinds) if sheet.demo else sheet.kinds)]
    schema = pa.schema([pa.field(n, k) for n, k in zip(names, kinds, strict=True)])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(marked, BATCH)):
            arrays = [pa.array(c, type=k) for c, k in zip(zip(*batch, strict=True), kinds, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
    return count


WRITERS: dict[str, Callable[[Path, Sheet, Iterator[Row]], int]] = {
    ".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet, ".jsonl": _jsonl,
}  # fmt: skip
