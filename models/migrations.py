"""Schema versions: forward only, numbered, run on a copy that is swapped in when it is whole.

Version 1 is the tables as this program declares them. A later change adds a step to `STEPS` and keeps
a golden site of the version before it under tests/golden/.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from models import version
from models.connection import Connection
from models.errors import Known
from models.ids import new_id
from models.site import Site
from models.tables import METADATA
from models.times import now_ms

#: STEPS[n] takes a driver connection at version n + 1 to version n + 2.
STEPS: tuple[Callable[[Any], None], ...] = ()


def create(connection: Connection) -> None:
    """Make every table and index of the newest version in an empty store."""
    for statement in schema_statements():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {version.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {version.STORE}")
    for name, value in (("epoch", new_id().hex()), ("created_at", str(now_ms()))):
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

    The old file stays in backups/. A crash at any point leaves either the old store or the new one.
    """
    from models import changes
    from models.connection import connect

    copy = site.database.with_suffix(".migrating")
    copy.unlink(missing_ok=True)
    source = connect(site.database, key)
    try:
        source.execute("VACUUM INTO ?", (str(copy),))
    finally:
        source.close()
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
    backup = site.folder / "backups" / f"before-version-{version.STORE}-{now_ms()}.db"
    backup.parent.mkdir(exist_ok=True)
    shutil.copy2(site.database, backup)
    for suffix in ("-wal", "-shm"):
        site.database.with_name(site.database.name + suffix).unlink(missing_ok=True)
    copy.replace(site.database)
