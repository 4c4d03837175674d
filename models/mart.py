"""The mart: the store's facts as Parquet by table and month, for DuckDB and anything else that reads Parquet.

It holds no direct identifier, it can be lost without loss (`rebuild`), and readers in other processes
never see a half-written state: each refresh writes new files, then swaps `manifest.json`, which names
the files that belong together. Replaced files stay for ten minutes.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import mart_changes, mart_fetch
from models.errors import Known
from models.relations import Relation, of_table
from models.store import Store, driver
from models.tables import TABLES

DATED = (
    "activity", "count_bucket", "deal_activity", "demographic_hour", "dwell_bucket", "expression_hour", "sale",
    "zone_bucket", "zone_flow",
)  # fmt: skip
WHOLE = (
    "accuracy_check", "brand", "calendar_day", "campaign", "category", "consent_decision", "contact_policy", "deal",
    "declaration", "floor", "front", "gate", "identifier", "identifier_owner", "lease", "member", "money_line",
    "occasion", "person", "prospect", "setting", "site", "space", "tenant", "unit", "zone",
)  # fmt: skip
LINES = "sale_line"
BATCH_ROWS = 50_000
KEEP_OLD_SECONDS = 600
MEMORY_LIMIT = os.environ.get("ATRIUM_MART_MEMORY", "200MB")

#: What engines may take straight from the mart, by name.
MART: dict[str, Relation] = {name: of_table(TABLES[name]) for name in (*DATED, *WHOLE, LINES)}


#: A relation's rows over an open mart; see `models.mart_fetch`.
fetch = mart_fetch.fetch


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: files written, rows in them, seconds, and the log position it reached."""

    files: int
    rows: int
    seconds: float
    watermark: int


def refresh(store: Store) -> Refreshed:
    """Bring the mart up to the store: only the tables and months that the change log names are written.

    Raises Known where the disk refuses; the mart then stays as it was.
    """
    return _written(store, rebuild=False)


def rebuild(store: Store) -> Refreshed:
    """Write the whole mart anew from the store."""
    return _written(store, rebuild=True)


@contextmanager
def open_mart(store: Store) -> Iterator[Any]:
    """A DuckDB connection in memory with one view for each mart table, as of the last refresh."""
    with open_folder(store.site.mart) as connection:
        yield connection


@contextmanager
def open_folder(folder: Path) -> Iterator[Any]:
    """The same over any mart's folder, another site's too.

    Limited to two threads and MEMORY_LIMIT, because a store workstation runs other things as well.
    """
    import duckdb

    spill = str(folder / "spill")  # else DuckDB spills into whatever folder the program was started in
    config: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "threads": 2, "temp_directory": spill}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        manifest = _manifest(folder)
        for name, relation in MART.items():
            _make_view(connection, folder, relation, manifest["files"].get(name, {}))
        yield connection
    finally:
        connection.close()


def _written(store: Store, *, rebuild: bool) -> Refreshed:
    try:
        return _write(store, rebuild=rebuild)
    except OSError as error:
        raise Known(
            f"The mart in {store.site.mart} cannot be written: {error.strerror or error}.",
            "Free some space and try again.",
        ) from error


def _write(store: Store, *, rebuild: bool) -> Refreshed:
    began = time.perf_counter()
    folder = store.site.mart
    folder.mkdir(exist_ok=True)
    old = _manifest(folder)
    with store.read() as connection:
        epoch = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar_one()
        if rebuild or old["epoch"] != epoch or old.get("columns") != _columns() or not _whole(folder, old):
            old = {"epoch": epoch, "watermark": 0, "files": {}, "retired": old["retired"]}
            dirty = mart_changes.everything(connection, DATED, WHOLE, LINES)
        else:
            dirty = mart_changes.since(connection, old["watermark"], DATED, WHOLE, LINES)
        watermark = int(connection.exec_driver_sql("SELECT ifnull(max(seq), 0) FROM change_log").scalar_one())
        files = {name: dict(months) for name, months in old["files"].items()}
        rows = written = 0
        for name, month in dirty:
            file, count = _write_part(connection, folder, name, month, watermark)
            months = files.setdefault(name, {})
            if count:
                months[month] = file
                written += 1
            else:
                months.pop(month, None)
            rows += count
    retired = _retire(old, files)
    _swap(
        folder,
        {"epoch": epoch, "watermark": watermark, "columns": _columns(), "files": files, "retired": retired},
    )
    _sweep(folder, files, retired)
    return Refreshed(written, rows, time.perf_counter() - began, watermark)


def _write_part(connection: Any, folder: Path, name: str, month: str, watermark: int) -> tuple[str, int]:
    """Write one table's month (or the whole of an undated table) to a new file; (file name, rows)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    relation = MART[name]
    sql, parameters = mart_changes.select(relation, name, month, DATED, LINES)
    file = f"{name}/{month}-{watermark}-{time.time_ns():x}.parquet"
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    cursor = driver(connection).execute(sql, parameters)
    schema, count = relation.schema(), 0
    part = path.with_suffix(".part")
    try:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            while rows := cursor.fetchmany(BATCH_ROWS):
                columns = zip(zip(*rows, strict=True), schema, strict=True)
                arrays = [pa.array(values, type=f.type) for values, f in columns]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
                count += len(rows)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if count:
        part.replace(path)
    else:
        part.unlink()
    return file, count


def _make_view(connection: Any, folder: Path, relation: Relation, months: Mapping[str, str]) -> None:
    if months:
        files = ", ".join(_quoted(str(folder / file)) for file in months.values())
        columns = ", ".join(f'"{name}"' for name in relation.names())
        body = f"SELECT {columns} FROM read_parquet([{files}])"  # noqa: S608 - our own file names, quoted
    else:
        kinds = {"int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "day": "VARCHAR", "id": "BLOB"}
        body = "SELECT " + ", ".join(f'NULL::{kinds[c.kind]} AS "{c.name}"' for c in relation.columns) + " WHERE false"
    connection.execute(f'CREATE VIEW "{relation.name}" AS {body}')


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _columns() -> str:
    """A digest of every table's columns: a mart written by a version with others is written anew."""
    return hashlib.sha256(repr([(name, r.names()) for name, r in sorted(MART.items())]).encode()).hexdigest()[:16]


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {"epoch": "", "watermark": 0, "files": {}, "retired": {}}
    return found


def _whole(folder: Path, manifest: Mapping[str, Any]) -> bool:
    return all((folder / file).exists() for file in _named(manifest["files"]))


def _swap(folder: Path, manifest: Mapping[str, Any]) -> None:
    part = folder / f"manifest-{os.getpid()}-{time.time_ns():x}.part"  # two processes may refresh at once
    with part.open("w", encoding="utf-8") as file:
        json.dump(manifest, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / "manifest.json")


def _retire(old: Mapping[str, Any], files: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """Files the new manifest no longer names, with the time they went out of use."""
    kept = _named(files)
    now = time.time()
    fresh = {file: now for file in _named(old["files"]) - kept}
    return {file: at for file, at in {**fresh, **old["retired"]}.items() if at > now - KEEP_OLD_SECONDS}


def _sweep(folder: Path, files: Mapping[str, Mapping[str, str]], retired: Mapping[str, float]) -> None:
    """Remove files out of use for so long that no reader can still be about to open them."""
    kept = _named(files) | retired.keys()
    limit = time.time() - KEEP_OLD_SECONDS
    for path in (*folder.glob("*/*.parquet"), *folder.glob("*/*.part")):
        if path.relative_to(folder).as_posix() not in kept and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def _named(files: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {file for months in files.values() for file in months.values()}
