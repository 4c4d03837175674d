"""A dossier as a ZIP: `data.json`, one CSV a table, and `summary.html` to read, in English and Chinese."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from engines.intake.money import DIGITS
from engines.privacy.dossier import Dossier, Part
from engines.privacy.words import table_names
from models.errors import Known
from models.store import Store
from models.times import local_time, now_ms

#: Cells a spreadsheet would run as a formula get an apostrophe (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Rows of a table that the summary shows; the files hold them all.
SHOWN = 50
_FIXED = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Package:
    """A written package: its file, SHA-256 (hexadecimal), rows in it and rows by table."""

    file: Path
    sha256: str
    rows: int
    tables: dict[str, int]


def write_package(store: Store, dossier: Dossier, file: Path) -> Package:
    """Write the ZIP, readable by its owner alone. Raises Known where the place cannot be written."""
    try:
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, text in _files(store, dossier):
                zipped.writestr(zipfile.ZipInfo(name, _FIXED), text, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise Known(
            f"{file.name} cannot be written: {error.strerror}.", "Choose another place.",
            sentence_zh=f"无法写入 {file.name}：{error.strerror}。", step_zh="请选择其他位置。",
        ) from error  # fmt: skip
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Package(file, digest, dossier.rows, {part.table: len(part.rows) for part in dossier.parts})


def _files(store: Store, dossier: Dossier) -> Iterable[tuple[str, bytes]]:
    yield "data.json", json.dumps(_document(store, dossier), ensure_ascii=False, indent=1).encode()
    for part in dossier.parts:
        yield f"csv/{part.table}.csv", _csv(part).encode("utf-8-sig")
    yield "summary.html", _html(store, dossier).encode()


def _document(store: Store, dossier: Dossier) -> dict[str, Any]:
    made = datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat(timespec="seconds")
    return {
        "site": store.site.name, "made_at": made, "request": dossier.kind, "person": dossier.person.hex(),
        "units": "columns named at or ending in _at are UTC milliseconds since 1970, _minor amounts are the smallest "
        f"unit of {store.site.currency}",
        "tables": {
            part.table: {"about": part.about, "rows": [dict(zip(part.columns, row, strict=True)) for row in part.rows]}
            for part in dossier.parts
        },
    }  # fmt: skip


def _csv(part: Part) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(part.columns)
    writer.writerows([_safe(cell) for cell in row] for row in part.rows)
    return out.getvalue()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _html(store: Store, dossier: Dossier) -> str:
    site, day = escape(store.site.name), local_time(now_ms(), store.site.zone).strftime("%Y-%m-%d")
    parts = "".join(_section(store, part) for part in sorted(dossier.parts, key=_order))
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Personal data / 个人数据</title>"
        f"<style>{_STYLE}</style></head><body>"
        f"<h1>What {site} holds about you<br><small>{site} 持有的您的数据</small></h1>"
        f"<p>As of {day}; {dossier.rows} records. The complete data are in data.json and the folder csv."
        f"<br>截至 {day}，共 {dossier.rows} 条记录。完整数据见 data.json 和 csv 文件夹。</p>{parts}</body></html>"
    )


_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330}"
    "table{border-collapse:collapse;font-size:13px;display:block;overflow:auto}td,th{border-bottom:1px solid #d8dce4;"
    "padding:.25rem .6rem;text-align:left;vertical-align:top}small{font-weight:400;color:#5b6475}"
)


def _order(part: Part) -> tuple[int, str]:
    first = ("member", "identifier", "person_attr", "consent_decision", "sale", "activity")
    return (first.index(part.table) if part.table in first else len(first), part.table)


def _section(store: Store, part: Part) -> str:
    english, chinese = table_names(part.table)
    columns = [n for n, name in enumerate(part.columns) if not _internal(name)]
    head = "".join(f"<th>{escape(part.columns[n].replace('_', ' '))}</th>" for n in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_shown(store, part.columns[n], row[n])}</td>" for n in columns) + "</tr>"
        for row in part.rows[:SHOWN]
    )
    more = len(part.rows) - SHOWN
    rest = f"<p>… {more} more in the files / 其余 {more} 条见文件</p>" if more > 0 else ""
    title = f"<h2>{escape(english)} <small>{escape(chinese)}: {len(part.rows)}</small></h2>"
    return f"{title}<p>{escape(part.about)}</p><table><tr>{head}</tr>{body}</table>{rest}"


def _internal(name: str) -> bool:
    return name == "id" or name.endswith("_id") or name in ("source_key",)


def _shown(store: Store, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and (name == "at" or name.endswith("_at")) and value > 10**11:
        return local_time(value, store.site.zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int) and name.endswith("_minor"):
        digits = DIGITS.get(store.site.currency, 2)
        return f"{value / 10**digits:,.{digits}f} {store.site.currency}"
    return escape(str(value))
