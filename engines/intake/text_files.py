"""Delimited text: its encoding and delimiter found, its rows read.

Two readers agree (a test holds them to it): Arrow's, which is fast and takes only files in which every
row fits the header, and the standard library's, which takes the rest and says which rows do not fit.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from engines.intake.bounds import check_columns
from engines.intake.sheet import Column, Sheet, encode, unique_names
from models.errors import Known

DELIMITERS = ",;\t|"
SNIFF_CHARACTERS, SNIFF_ROWS = 262_144, 200
BLOCK = 16 << 20
LONGEST_FIELD = 16 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, file: str, encoding: str | None = None) -> tuple[str, str]:
    """(text, encoding) of a file's bytes. Raises Known where no known encoding fits."""
    for mark, name in BOMS:
        if data.startswith(mark):
            encoding = encoding or name
            break
    for name in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return _whole(data.decode(name), name), name
        except UnicodeDecodeError:
            continue
        except (LookupError, ValueError, TypeError) as error:
            raise Known(f"'{name}' is no encoding.", "Write for example encoding = 'gb18030'.", code=2) from error
    raise Known(
        f"{file} is in no encoding that Atrium can be sure of: neither UTF-8 nor GB18030.",
        "Save it as UTF-8, or name its encoding in the map file: options.encoding = 'cp1254'.",
    )


def _whole(text: str, encoding: str) -> str:
    """The text. Raises ValueError where an encoding such as UTF-7 has made half a character of something."""
    if encoding not in ("utf-8", "utf-8-sig", "gb18030"):
        text.encode()
    return text


def find_delimiter(text: str) -> str:
    """The delimiter under which the most rows have the same number of cells, more than one."""
    sample = text[:SNIFF_CHARACTERS]
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in islice(_rows(sample, delimiter), SNIFF_ROWS))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = (count / max(1, widths.total()), width)
        if width > 1 and score > best:
            best, found = score, delimiter
    return found


def find_header(rows: list[list[str]]) -> int:
    """Which row names the columns: the first that is nearly as wide as the widest. Titles may stand above it."""
    widest = max((sum(bool(cell.strip()) for cell in row) for row in rows), default=0)
    for place, row in enumerate(rows):
        if sum(bool(cell.strip()) for cell in row) >= max(1, 0.6 * widest):
            return place
    return 0


def check_header(names: list[str], file: str) -> None:
    """Raise Known where what should be names looks like data, or there are too many."""
    check_columns(len(names), file)
    filled = [name for name in names if name.strip()]
    numbers = [name for name in filled if not any(c.isalpha() for c in name)]
    if not filled or len(numbers) * 2 > len(filled):
        raise Known(f"The first row of {file} looks like data, not like column names.", "Add a row with column names.")


def read_delimited(data: bytes, file: str, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """The rows of delimited text. Raises Known where it is empty or cannot be decoded."""
    text, encoding = decode(data, file, encoding)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '\r\n"\0 '):
        raise Known(f"{delimiter!r} is no delimiter.", "Write one sign, as in delimiter = ';'.", code=2)
    delimiter = delimiter or find_delimiter(text)
    head = list(islice(_rows(text[:SNIFF_CHARACTERS], delimiter), 15))
    if not head:
        raise Known(f"{file} is empty.", "Choose another file.")
    first = find_header(head)
    check_header(head[first], file)
    names = unique_names(head[first])
    if first == 0:
        clean = data if encoding == "utf-8" else text.encode("utf-8", "surrogatepass")
        columns = _read_fast(clean, names, delimiter)
        if columns is not None:
            return Sheet("csv", encoding, delimiter, len(columns[0].codes), tuple(columns))
    rows = list(islice(_rows(text, delimiter), first + 1, None))
    columns, broken = columns_of(names, rows)
    return Sheet("csv", encoding, delimiter, len(rows), tuple(columns), broken)


def columns_of(names: list[str], rows: list[list[str]]) -> tuple[list[Column], dict[int, str]]:
    """Columns of rows of cells, and the rows that have too few or too many of them."""
    width, broken = len(names), {}
    for place, row in enumerate(rows):
        if len(row) != width:
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                broken[place] = f"the row has {len(row)} cells where the header has {width}"
            rows[place] = (row + [""] * width)[:width]
    cells = zip(*rows, strict=True) if rows else ([] for _ in names)
    return [encode(name, list(column)) for name, column in zip(names, cells, strict=True)], broken


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    try:
        yield from (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    except csv.Error as error:
        raise Known(
            f"The file has a cell of over {LONGEST_FIELD >> 20} MB, or rows that cannot be told apart.",
            'Look for a quote (") that is not closed.',
        ) from error


def _read_fast(data: bytes, names: list[str], delimiter: str) -> list[Column] | None:
    """Every column through Arrow; None where a row does not fit, which the other reader sorts out."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(autogenerate_column_names=True, block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data),
            convert_options=arrow_csv.ConvertOptions(
                column_types={f"f{i}": kind for i in range(len(names))},
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    if table.num_columns != len(names) or table.num_rows == 0:
        return None
    return [_without_header(from_arrow(name, table.column(i))) for i, name in enumerate(names)]


def from_arrow(name: str, values: Any) -> Column:
    """A column from an Arrow column of dictionary-encoded texts; a null is nothing."""
    chunks = values.unify_dictionaries().chunks
    if not chunks:
        return Column(name, np.zeros(0, dtype=np.int64), [])
    texts = chunks[0].dictionary.to_pylist()
    nothing = len(texts)
    parts = [
        (chunk.indices.fill_null(nothing) if chunk.null_count else chunk.indices).to_numpy().astype(np.int64)
        for chunk in chunks
    ]
    if values.null_count:
        texts.append("")
    return Column(name, np.concatenate(parts), texts)


def _without_header(column: Column) -> Column:
    """The header came as the first row: it goes, and its text with it where no row has the same."""
    codes = column.codes[1:]
    if not (codes == 0).any():
        return Column(column.name, codes - 1, column.texts[1:])
    return Column(column.name, codes, column.texts)
