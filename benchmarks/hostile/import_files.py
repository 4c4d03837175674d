# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""Files that a sender could give: fuzzed CSV, Excel, JSON lines, Parquet and area maps, bombs, links and formulas."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.hostile.mutations import FORMULAS, INJECTIONS, deep, spoil, spoil_text, zipped
from benchmarks.hostile.trial import NAME, PHONE, Act, Family, Leak
from engines.catchment.actions import import_areas
from engines.intake.actions import import_file
from engines.intake.mapping import read_map_file
from models.site import create_site
from models.store import Store, create_store

HEAD = ["Card no", "Name", "Phone", "Joined"]
Special = tuple[str, str, Callable[[random.Random], bytes]]
CELLS = b'<c r="%s"><v>1</v></c>'
SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def rows(count: int = 12) -> list[list[str]]:
    """Members with planted names and phones."""
    return [[f"C{n:05d}", f"{NAME} {n}", PHONE, f"2026-03-{1 + n % 28:02d}"] for n in range(count)]


def as_csv(table: list[list[str]]) -> bytes:
    """Delimited text."""
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *table])
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_excel(table: list[list[str]]) -> bytes:
    """A workbook."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([HEAD, *table]):
            sheet.write_row(place, 0, row)
    return out.getvalue()


def as_lines(table: list[list[str]]) -> bytes:
    """JSON lines."""
    return "\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in table).encode()


def as_parquet(table: list[list[str]]) -> bytes:
    """A Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[n] for row in table] for n, name in enumerate(HEAD)}), out)
    return out.getvalue()


def as_map(_table: list[list[str]]) -> bytes:
    """An area map."""
    ring = [[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.2]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "properties": {"code": f"A{n}", "name": "x"}, "geometry": shape} for n in range(3)]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def workbook(sheet: bytes, **more: bytes) -> bytes:
    """The smallest .xlsx around a sheet's XML."""
    ns = b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return zipped({
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": b"<Relationships " + ns + b'><Relationship Id="r1" Type="' + kind
        + b'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": b"<Relationships " + ns + b'><Relationship Id="r1" Type="' + kind
        + b'worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="'
        + kind[:-1] + b'"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": sheet, **more,
    })  # fmt: skip


def sparse(corner: str) -> bytes:
    """Two cells, one at the far corner: a reader that keeps a full grid needs hundreds of gigabytes."""
    body = b'<row r="1">' + CELLS % b"A1" + b"</row><row>" + CELLS % corner.encode() + b"</row>"
    return workbook(SHEET + body + b"</sheetData></worksheet>")


@cache
def bomb(megabytes: int) -> bytes:
    """A small archive whose sheet is enormous."""
    out = io.BytesIO(workbook(SHEET, **{"xl/worksheets/sheet2.xml": b""}))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet3.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(megabytes):
            sheet.write(b" " * (1 << 20))
    return out.getvalue()


def laughs() -> bytes:
    """A billion laughs: entities of entities (CWE-776)."""
    kinds = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY e SYSTEM "file:///etc/passwd">' + kinds + b"]>"
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;&e;</t></is></c></row></sheetData></worksheet>'
    return workbook(text + SHEET.partition(b"?>")[2] + row)


@cache
def many_rows(count: int) -> bytes:
    """A Parquet file of a few kilobytes with very many rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    piece = pa.table({"amount": pa.array(np.zeros(1_000_000, dtype=np.int64))})
    with pq.ParquetWriter(out, piece.schema, compression="zstd") as writer:
        for _ in range(count // 1_000_000):
            writer.write_table(piece)
    return out.getvalue()


def _wide(names: Callable[[int], str], count: int = 100_000) -> bytes:
    return (",".join(names(n) for n in range(count)) + "\n" + ",".join("1" for _ in range(count)) + "\n").encode()


def _cells(values: tuple[str, ...]) -> list[list[str]]:
    return [[f"C{n}", value, PHONE, "2026-03-01"] for n, value in enumerate(values)]


SPECIALS: tuple[Special, ...] = (
    ("many columns", ".csv", lambda _: _wide(lambda n: f"column{n}")),
    ("one name for many columns", ".csv", lambda _: _wide(lambda _: "name", 30_000)),
    ("many empty columns", ".csv", lambda _: _wide(lambda _: "", 60_000)),
    ("an enormous cell", ".csv", lambda _: as_csv([["C1", "x" * (20 << 20), PHONE, "2026-01-01"]])),
    ("a quote that never ends", ".csv", lambda _: as_csv(rows(3)) + b'"' + b"x,\n" * (6 << 20)),
    ("only delimiters", ".csv", lambda _: b"," * 2_000_000),
    ("only NULs", ".csv", lambda _: b"\0" * 1_000_000),
    ("NULs between", ".csv", lambda _: b"\0".join(as_csv(rows())[i : i + 1] for i in range(200))),
    ("no line end", ".csv", lambda d: d.randbytes(400_000)),
    ("UTF-16 without mark", ".csv", lambda _: as_csv(rows()).decode().encode("utf-16-le")),
    ("UTF-32", ".csv", lambda _: as_csv(rows()).decode().encode("utf-32")),
    ("half a UTF-16 pair", ".csv", lambda _: b"\xff\xfe" + as_csv(rows()).decode().encode("utf-16-le") + b"\x00\xd8"),
    ("GB18030 broken", ".csv", lambda _: "姓名,卡号\n张三,1\n".encode("gb18030") + b"\x81\x30\x81"),
    ("formulas", ".csv", lambda _: as_csv(_cells(FORMULAS))),
    ("formulas", ".xlsx", lambda _: as_excel(_cells(FORMULAS))),
    ("injections", ".csv", lambda _: as_csv(_cells(tuple(t for t in INJECTIONS if "\ud800" not in t)))),
    ("injections as names", ".csv", lambda _: (",".join(f'"{t[:60]}"' for t in INJECTIONS[:40]) + "\n" + "1," * 39 + "1\n").encode("utf-8", "replace")),
    ("lone surrogates", ".jsonl", lambda _: b'{"Card no": "C1", "Name": "\\ud800", "Phone": "\\udfff1"}\n'),
    ("lone surrogates as names", ".jsonl", lambda _: b'{"Card no": "C1", "\\ud800": "1", "Name": "x"}\n'),
    ("deep arrays", ".jsonl", lambda _: (deep(100_000) + "\n").encode()),
    ("deep objects", ".json", lambda _: ("[" + deep(100_000, array=False) + "]").encode()),
    ("a deep cell", ".json", lambda _: ('[{"Card no": "C1", "Name": ' + deep(900) + "}]").encode()),
    ("huge numbers", ".jsonl", lambda _: b'{"Card no": ' + b"9" * 4_000 + b', "Phone": 1e999999999, "Joined": -1e400}\n'),
    ("too huge a number", ".jsonl", lambda _: b'{"Card no": ' + b"9" * 1_000_000 + b"}\n"),
    ("many keys", ".jsonl", lambda _: json.dumps({f"k{n}": n for n in range(100_000)}).encode()),
    ("no strings", ".jsonl", lambda _: b'{"Card no": NaN, "Name": [1,{"a":null}], "Phone": true, "Joined": {}}\n'),
    ("a bomb of 200 MB", ".xlsx", lambda _: bomb(200)),
    ("a bomb of 1.1 GB", ".xlsx", lambda _: bomb(1_100)),
    ("a far cell", ".xlsx", lambda _: sparse("XFD1048576")),
    ("a farther cell", ".xlsx", lambda _: sparse("ZZZZZZ99999999999")),
    ("a cell nowhere", ".xlsx", lambda _: sparse("A0")),
    ("a billion laughs", ".xlsx", lambda _: laughs()),
    ("names that lead out", ".xlsx", lambda _: workbook(SHEET, **{"../../../outside.txt": b"x", "/tmp/outside": b"x"})),
    ("no sheet", ".xlsx", lambda _: zipped({"a": b"b"})),
    ("an empty archive", ".xlsx", lambda _: zipped({})),
    ("a far cell", ".ods", lambda _: _ods()),
    ("many rows", ".parquet", lambda _: many_rows(400_000_000)),
    ("not what it says", ".parquet", lambda _: as_csv(rows())),
    ("not what it says", ".xlsx", lambda _: as_lines(rows())),
    ("not what it says", ".csv", lambda _: as_parquet(rows())),
    ("deep", ".geojson", lambda _: deep(100_000).encode()),
    ("a deep shape", ".geojson", lambda _: as_map([]).replace(b"[[[", b"[" * 5_000 + b"[[[")),
    ("endless places", ".geojson", lambda _: as_map([]).replace(b"[121.4, 31.2],", b"[121.4, 31.2]," * 1_500_000, 1)),
    ("places nowhere", ".geojson", lambda _: as_map([]).replace(b"121.4", b"1e999").replace(b"31.3", b"NaN")),
)  # fmt: skip


def _ods() -> bytes:
    """Two cells said to be repeated over the whole sheet."""
    ns = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    text = (
        f'<office:document-content xmlns:office="{ns}office:1.0" xmlns:table="{ns}table:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{row}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": text.encode()})


BASES: tuple[tuple[str, str, Callable[[list[list[str]]], bytes]], ...] = (
    ("members", ".csv", as_csv), ("members", ".xlsx", as_excel), ("members", ".jsonl", as_lines),
    ("members", ".parquet", as_parquet), ("areas", ".geojson", as_map),
)  # fmt: skip
KINDS = ("members", "sales", "activities", "counts", "tenants", "leases", "consents", "money", "prospects")
MAP = '[columns]\ncard = "Card no"\nname = "Name"\nphone = "Phone"\n[constants]\ntier = "gold"\n[options]\nencoding = "utf-8"\ndelimiter = ","\n'


class _Files:
    """Writes a hostile file and gives it to the program."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder / "inbox", store
        self._folder.mkdir()
        self._whole = {suffix: make(rows()) for _, suffix, make in BASES}
        self._map = folder / "plain.csv"
        self._map.write_bytes(self._whole[".csv"])
        self._before = self._outside()

    def make(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """One in eight is a special one, one in twelve a map file, the others are spoiled."""
        if number % 8 == 0:
            name, suffix, content = SPECIALS[number // 8 % len(SPECIALS)]
            given = content(dice)
            return f"{name} {suffix}", lambda: self._load(suffix, given, dice)
        if number % 12 == 1:
            return "map file", lambda: self._mapped(dice)
        if number % 48 == 2:
            return "a link", lambda: self._linked(dice)
        _, suffix, _ = dice.choice(BASES)
        return f"spoiled {suffix}", lambda: self._load(suffix, spoil(self._whole[suffix], dice), dice)

    def _load(self, suffix: str, content: bytes, dice: random.Random) -> None:
        path = self._folder / f"given{suffix}"
        path.write_bytes(content)
        try:
            self._give(path, suffix, dice)
        finally:
            path.unlink()

    def _give(self, path: Path, suffix: str, dice: random.Random) -> None:
        if suffix == ".geojson":
            import_areas(self._store, "cli:it", path, dry_run=dice.random() < 0.8)
        else:
            kind = "members" if dice.random() < 0.6 else dice.choice(KINDS)
            import_file(self._store, "cli:it", kind, path, source="fuzz", dry_run=dice.random() < 0.8)
        self._check_outside()

    def _mapped(self, dice: random.Random) -> None:
        path = self._folder / dice.choice(("map.toml", "map.json"))
        text = spoil_text(MAP if path.suffix == ".toml" else json.dumps({"columns": {"card": "Card no"}, "options": {
            "encoding": dice.choice(("utf-7", "idna", "zlib", "undefined", "x" * 99, "\0", "unicode_escape", 5, None)),
            "delimiter": dice.choice((",", "", ";;", "\n", '"', "\0", 7, None))}}), dice)  # fmt: skip
        if dice.random() < 0.3:
            text = deep(3_000, array=path.suffix == ".json") if path.suffix == ".json" else "a = " + deep(3_000)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        import_file(self._store, "cli:it", "members", self._map, mapping=read_map_file(path), source="m", dry_run=True)

    def _linked(self, dice: random.Random) -> None:
        link = self._folder / "link.csv"
        link.unlink(missing_ok=True)
        link.symlink_to(
            dice.choice((link.name, "/dev/zero", "/proc/self/mem", "/etc/shadow", ".", "/nonexistent/x", "\n"))
        )
        import_file(self._store, "cli:it", "members", link, source="l", dry_run=True)

    def _outside(self) -> set[str]:
        site = self._store.site.folder
        return {p.name for folder in (site.parent, site, self._folder) for p in folder.iterdir()} - {"given.csv"}

    def _check_outside(self) -> None:
        strange = {
            name
            for name in self._outside() - self._before
            if not name.startswith(("given", "map.", "link", "atrium.db", "import", "areas"))
        }
        if strange or Path("/tmp/outside").exists():
            raise Leak(f"files outside: {sorted(strange)}")


@contextmanager
def _enter(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
    store = create_store(create_site(folder / "mall", name="Fuzz mall", currency="CNY"))
    secrets.add(store.key.hex())
    try:
        yield _Files(folder, store).make
    finally:
        store.close()


IMPORTS = Family("import files", _enter, 3_400, own_file=True)


def specials() -> list[Any]:
    """The names of the special files."""
    return [name for name, _, _ in SPECIALS]
