"""The doctor: every check of the machine and of one site, in the order in which a person would look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engines.monitor import machine, site
from engines.monitor.check import Check
from models.backup import sqlite_version
from models.store import OLDEST_SQLITE
from models.times import now_ms


def examine(folder: Path) -> Iterator[Check]:
    """The checks, one by one as they are made; each is made even where those before it found a fault."""
    yield machine.check_python()
    yield machine.check_libraries()
    yield check_sqlite()
    yield machine.check_disk(folder)
    yield machine.check_language()
    yield machine.check_fonts()
    yield machine.check_language_model()
    yield from examine_site(folder)


def examine_site(folder: Path) -> Iterator[Check]:
    """The checks of the site in `folder`."""
    found, here = site.check_folder(folder)
    yield found
    if here is None:
        return
    yield site.check_backups(here)
    yield site.check_weights(here)
    key = site.check_key(here)
    yield key
    if key.state == "bad":
        return
    whole, store = site.check_store(here)
    yield whole
    if store is None:
        return
    try:
        yield machine.check_clock(now_ms(), site.newest_run_ms(store))
        yield from site.checks_of_store(store)
    finally:
        store.close()


def check_sqlite() -> Check:
    """Whether the SQLite inside sqlcipher3 is free of the WAL-reset bug."""
    found = sqlite_version()
    version, good = ".".join(map(str, found)), found >= OLDEST_SQLITE
    return Check(
        "sqlite", "SQLite", "SQLite", "ok" if good else "bad",
        "SQLite {version}." if good else "SQLite {version} loses data when two processes share a file.",
        "" if good else "Install sqlcipher3 0.6.4 or newer.", {"version": version},
    )  # fmt: skip
