"""Schema versions: forward only, numbered, run on a copy that is swapped in when it is whole.

A change of the tables adds a step to `STEPS` and keeps a golden site of the version before it under
tests/golden/. A step holds its own DDL, as that of a version once released never changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from models import version
from models.connection import Connection, DatabaseError, connect
from models.errors import Known
from models.ids import new_id
from models.migration_steps import to_version_2, to_version_3, to_version_4
from models.site import Site
from models.tables import METADATA
from models.times import now_ms

#: STEPS[n] takes a driver connection at version n + 1 to version n + 2.
STEPS: tuple[Callable[[Any], None], ...] = (to_version_2, to_version_3, to_version_4)


def create(connection: Connection) -> None:
    """Make every table and index of the newest version in an empty store."""
    for statement in schema_statements():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {version.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {version.STORE}")
    known = (("epoch", new_id().hex()), ("node_id", new_id().hex()), ("created_at", str(now_ms())))
    for name, value in known:
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, ?)", (name, value))


def schema_statements() -> list[str]:
    """The DDL of the newest version, tables in order of their foreign keys."""
    dialect = sqlite.dialect()
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        for index in sorted(table.indexes, key=lambda i: str(i.name)):
            made.append(str(CreateIndex(index).compile(dialect=dialect)).strip())
    return made


def write_site_row(connection: Connection, site: Site) -> None:
    """The site's row, from its settings file."""
    connection.exec_driver_sql(
        "INSERT INTO site (id, code, name, archetype, country, subdivision, time_zone, currency, day_starts_minute, "
        "demo) VALUES (?, ?, ?, 'urban', ?, ?, ?, ?, ?, ?)",
        (
            bytes.fromhex(site.id.replace("-", "")), site.code, site.name, site.country, site.subdivision,
            site.time_zone, site.currency, site.day_starts_minute, int(site.demo),
        ),
    )  # fmt: skip


def migrate_copy(site: Site, key: bytes, found: int) -> None:
    """Bring the store from version `found` to the newest on a copy, check it, and swap it in atomically.

    The old file stays in backups/. A crash at any point leaves either the old store or the new one. Raises
    Known, with nothing changed, where another program has the store open: what it wrote meanwhile would be lost.
    """
    copy = site.database.with_suffix(".migrating")
    source = connect(site.database, key)
    try:
        _claim(source)
        if source.execute("PRAGMA user_version").fetchone()[0] != found:
            return  # another program has brought it up to date meanwhile
        for left in ("", "-wal", "-shm"):  # of a machine that stopped half-way
            copy.with_name(copy.name + left).unlink(missing_ok=True)
        source.execute("VACUUM INTO ?", (str(copy),))
        _step_up(copy, key, found)
        backup = site.folder / "backups" / f"before-version-{version.STORE}-{now_ms()}.db"
        backup.parent.mkdir(exist_ok=True)
        shutil.copy2(site.database, backup)
        if os.name != "nt":
            copy.replace(site.database)
    finally:
        source.close()
    if os.name == "nt":  # where an open file cannot be replaced
        copy.replace(site.database)


def _claim(source: Any) -> None:
    """Have the store alone until the connection closes: leaving WAL mode folds the log in and needs a sole user."""
    try:
        source.execute("PRAGMA busy_timeout = 2000")
        source.execute("PRAGMA journal_mode = DELETE")
        source.execute("PRAGMA locking_mode = EXCLUSIVE")
        source.execute("BEGIN EXCLUSIVE")
        source.execute("COMMIT")
    except DatabaseError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            raise
        raise Known(
            "Another program has this site open, and the store must be brought up to date.",
            "Close the desktop and the service, and try again.",
        ) from error


def _step_up(copy: Path, key: bytes, found: int) -> None:
    """Run the steps on the copy, check it, and have the disk hold it."""
    from models import changes

    raw = connect(copy, key)
    try:
        raw.execute("BEGIN IMMEDIATE")
        for step in STEPS[found - 1 :]:
            step(raw)
        for name in [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            raw.execute(f"DROP TRIGGER {name}")
        for text in changes.all_triggers().values():
            raw.execute(text)
        raw.execute(f"PRAGMA user_version = {version.STORE}")
        raw.execute("COMMIT")
        verdict = raw.execute("PRAGMA integrity_check").fetchone()[0]
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
    if verdict != "ok":
        raise Known(f"The store could not be brought up to date: {verdict}.", "The old store is unchanged.")
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
