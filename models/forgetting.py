"""Clearing what lies around the store's tables once rows are gone for good: old pages of its log, old mart files."""

from __future__ import annotations

import json
import time

from models.store import Store

_TRIES, _PAUSE_S = 20, 0.1


def empty_log(store: Store) -> bool:
    """Fold the write-ahead log into the store and cut it to nothing, so that no page of before is left in it.

    False where another program was reading or writing all the while (two seconds): the log then stays, encrypted.
    """
    raw = store.take_connection()
    try:
        raw.execute("PRAGMA busy_timeout = 200")
        for _ in range(_TRIES):
            if not raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                return True
            time.sleep(_PAUSE_S)
    finally:
        raw.close()
    return False


def drop_retired(store: Store) -> int:
    """Remove the mart's files that its manifest does not name any more at once; returns how many went.

    They otherwise stay for ten minutes, for readers that are about to open them: an engine that runs just then fails
    and is run again.
    """
    folder = store.site.mart
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    named = {file for months in manifest["files"].values() for file in months.values()}
    removed = 0
    for path in (*folder.glob("*/*.parquet"), *folder.glob("*/*.part")):
        if path.relative_to(folder).as_posix() not in named:
            try:
                path.unlink()
            except OSError:  # a system that keeps open files: the next refresh sweeps it
                continue
            removed += 1
    return removed
