"""Any file a sender gives, read into a sheet: delimited text, Excel, JSON lines, Parquet."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from engines.intake.bounds import MOST_BYTES, check_cells, check_columns, check_workbook
from engines.intake.sheet import Column, Sheet, encode, unique_names
from engines.intake.text_files import check_header, columns_of, decode, find_header, from_arrow, read_delimited
from models.errors import Known

EXCEL = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"}
JSON = {".jsonl", ".ndjson", ".json"}
PARQUET = {".parquet", ".pq"}


def read_sheet(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Sheet:
    """Every row of the file. Raises Known where it is missing, empty, damaged or of no known format."""
    try:
        if not path.is_file():
            raise Known(f"There is no file {path}.", "Check the name.")
        if path.stat().st_size > MOST_BYTES:
            raise Known(f"{path.name} is larger than {MOST_BYTES >> 30} GB.", "Send it in parts.")
        data = path.read_bytes()
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
    if not data:
        raise Known(f"{path.name} is empty.", "Choose another file.")
    return _reader(path, data, encoding, delimiter, sheet)()


def _reader(
    path: Path, data: bytes, encoding: str | None, delimiter: str | None, sheet: str | None
) -> Callable[[], Sheet]:
    suffix, name = path.suffix.lower(), path.name
    if data[:4] == b"PAR1" or suffix in PARQUET:
        return lambda: _read_parquet(path)
    if suffix in EXCEL or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return lambda: _read_excel(data, name, sheet)
    if suffix in JSON:
        return lambda: _read_json(data, name, encoding)
    return lambda: read_delimited(data, name, encoding=encoding, delimiter=delimiter)


def _read_parquet(path: Path) -> Sheet:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
        check_columns(about.num_columns, path.name)
        check_cells(about.num_rows, about.num_columns, path.name)
        schema = pq.read_schema(path)
        texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        table = pq.read_table(path, read_dictionary=texts)
        names = unique_names([str(name) for name in table.column_names])
        columns = tuple(_arrow_column(name, table.column(i)) for i, name in enumerate(names))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise Known(f"{path.name} is no whole Parquet file.", "Ask its sender for it again.") from error
    return Sheet("parquet", "", "", table.num_rows, columns)


def _arrow_column(name: str, values: Any) -> Column:
    """Arrow's distinct values, each made text once."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        values = values.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_nested(kind):
        return encode(name, [cell_text(value) for value in values.to_pylist()])
    column = from_arrow(name, values if pa.types.is_dictionary(kind) else values.dictionary_encode())
    return Column(name, column.codes, [cell_text(value) for value in column.texts])


def _read_excel(data: bytes, file: str, sheet: str | None) -> Sheet:
    import io

    from python_calamine import CalamineError, CalamineWorkbook

    check_workbook(data, file)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        wanted = [sheet] if sheet else book.sheet_names
        if sheet and sheet not in book.sheet_names:
            raise Known(f"{file} has no sheet '{sheet}', only {', '.join(book.sheet_names)}.", "Choose one of these.")
        found = (book.get_sheet_by_name(name).to_python() for name in wanted)
        cells = next((rows for rows in found if any(map(any, rows))), [])
    except CalamineError as error:
        raise Known(f"{file} is no whole Excel file: {error}.", "Save it again in Excel.") from error
    except (ValueError, OverflowError, OSError) as error:
        raise Known(f"{file} is no whole Excel file.", "Save it again in Excel.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own fault, which it gives no type to import
            raise
        raise Known(f"{file} is no whole Excel file.", "Save it again in Excel.") from error
    rows = [[cell_text(cell) for cell in row] for row in cells]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise Known(f"{file} is empty.", "Choose another file.")
    first = find_header(rows[:15])
    check_header(rows[first], file)
    columns, broken = columns_of(unique_names(rows[first]), rows[first + 1 :])
    return Sheet("excel", "", "", len(rows) - first - 1, tuple(columns), broken)


def _read_json(data: bytes, file: str, encoding: str | None) -> Sheet:
    """JSON lines, or one array of objects. Numbers stay as they are written."""
    text, encoding = decode(data, file, encoding)
    broken: dict[int, str] = {}
    records: list[dict[str, Any]] = []
    if text.lstrip("\ufeff \r\n\t").startswith("["):
        try:
            found = json.loads(text.lstrip("\ufeff"), parse_float=Decimal)
        except (ValueError, RecursionError, ArithmeticError) as error:
            raise Known(f"{file} is no valid JSON: {str(error)[:120]}.", "Ask its sender for it again.") from error
        lines: list[Any] = found
    else:
        lines = [line for line in text.lstrip("\ufeff").split("\n") if line.strip()]
    for place, line in enumerate(lines):
        try:
            record = json.loads(line, parse_float=Decimal) if isinstance(line, str) else line
        except (ValueError, RecursionError, ArithmeticError) as error:
            record, broken[place] = {}, f"the line is no valid JSON: {str(error)[:120]}"
        if not isinstance(record, dict):
            record, broken[place] = {}, "the line is no JSON object"
        records.append(record)
    keys = list(dict.fromkeys(key for record in records for key in record))
    if not keys:
        raise Known(f"{file} has no JSON objects.", "Choose another file.")
    check_columns(len(keys), file)
    names = unique_names([_whole(key) for key in keys])
    columns = tuple(
        _whole_column(encode(name, [cell_text(record.get(key)) for record in records]))
        for name, key in zip(names, keys, strict=True)
    )
    return Sheet("json", encoding, "", len(records), columns, broken)


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can write (\\ud800) and nothing can store."""
    return text.encode("utf-8", "replace").decode()


def _whole_column(column: Column) -> Column:
    return Column(column.name, column.codes, [_whole(text) for text in column.texts])


def cell_text(value: Any) -> str:  # noqa: PLR0911 - one line a type
    """A typed cell as text: whole floats without '.0', dates in ISO form, nothing as ''."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(timedelta(seconds=round(value.total_seconds())))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Decimal | int):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain)
    except RecursionError:
        return ""


def _plain(value: Any) -> Any:
    """A value inside a nested cell that JSON has no form for."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _float_text(value: float) -> str:
    """The shortest decimal that is this float; what arithmetic left beyond 15 digits is rounded off."""
    if not math.isfinite(value):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return text if len(text) <= 17 and "e" not in text else format(Decimal(f"{value:.15g}"), "f")
