"""Rows to a file: CSV, Excel, Parquet or JSON lines by its suffix, whole or not at all, a demo's marked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from models.errors import Known

EXCEL_ROWS = 1_048_575
BATCH = 20_000
DEMO_NOTE = "Demo data: every figure in this file is invented."
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[Any, ...]


def write_file(path: Path, columns: tuple[str, ...], rows: Iterable[Row], *, title: str, demo: bool) -> int:
    """Write the rows and return how many. Raises Known for a suffix it cannot write or a file it may not."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise Known("PDF is made by the desktop.", "Open the page and choose Export, or use .xlsx here.", code=2)
    if suffix not in WRITERS:
        raise Known(f"'{suffix or path.name}' is no export format.", f"Use one of: {', '.join(WRITERS)}.", code=2)
    part = path.with_name(path.name + ".part")
    try:
        count = WRITERS[suffix](part, columns, iter(rows), title, demo)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Known(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count


def _marked(columns: tuple[str, ...], rows: Iterator[Row], demo: bool) -> tuple[tuple[str, ...], Iterator[Row]]:
    """In a demo's file each row says so in its first column."""
    return (("demo", *columns), ((1, *row) for row in rows)) if demo else (columns, rows)


def _csv(path: Path, columns: tuple[str, ...], rows: Iterator[Row], _title: str, demo: bool) -> int:
    names, marked = _marked(columns, rows, demo)
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


def _jsonl(path: Path, columns: tuple[str, ...], rows: Iterator[Row], _title: str, demo: bool) -> int:
    names, marked = _marked(columns, rows, demo)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in marked:
            file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
            count += 1
    return count


def _xlsx(path: Path, columns: tuple[str, ...], rows: Iterator[Row], title: str, demo: bool) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    try:
        if demo:
            book.add_worksheet("Demo").write_string(0, 0, DEMO_NOTE)
        sheet = book.add_worksheet(title[:31])
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        count = 0
        for count, row in enumerate(rows, 1):
            if count > EXCEL_ROWS:
                raise Known(f"Excel holds {EXCEL_ROWS:,} rows; there are more.", "Use .csv or .parquet, or --where.")
            sheet.write_row(count, 0, row)
    finally:
        book.close()
    return count


def _parquet(path: Path, columns: tuple[str, ...], rows: Iterator[Row], _title: str, demo: bool) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, marked = _marked(columns, rows, demo)
    batches = _batches(marked)
    first = next(batches, [])
    kinds = [_kind(column) for column in zip(*first, strict=True)] if first else [pa.string()] * len(names)
    schema = pa.schema([pa.field(n, k) for n, k in zip(names, kinds, strict=True)])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in chain([first] if first else [], batches):
            arrays = [pa.array(c, type=k) for c, k in zip(zip(*batch, strict=True), kinds, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
    return count


def _kind(column: tuple[Any, ...]) -> Any:
    """The Arrow type of a column from its first batch; a column with nothing yet is text."""
    import pyarrow as pa

    types = {type(value) for value in column if value is not None}
    if types <= {int} and types:
        return pa.int64()
    return pa.float64() if types <= {int, float} and types else pa.string()


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


WRITERS: dict[str, Callable[[Path, tuple[str, ...], Iterator[Row], str, bool], int]] = {
    ".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet, ".jsonl": _jsonl,
}  # fmt: skip
