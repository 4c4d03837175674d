"""How far the mart is behind the store, read without the libraries that write it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.store import Store
from models.times import now_ms


@dataclass(frozen=True)
class MartState:
    """`behind` is the number of logged changes the mart lacks; None where it must be written anew.

    `watermark` is the last change it holds; `oldest_missing_ms` how long ago the first that it lacks
    was made (0 when it lacks none).
    """

    behind: int | None
    watermark: int
    oldest_missing_ms: int = 0


def mart_state(store: Store) -> MartState:
    """Compare the mart's manifest with the store's change log."""
    try:
        manifest = json.loads((store.site.mart / "manifest.json").read_text("utf-8"))
        watermark, epoch = int(manifest["watermark"]), str(manifest["epoch"])
    except (OSError, ValueError, KeyError):
        return MartState(None, 0)
    with store.read() as connection:
        if connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar() != epoch:
            return MartState(None, 0)
        count, oldest = connection.exec_driver_sql(
            "SELECT count(*), min(at) FROM change_log WHERE seq > ?", (watermark,)
        ).one()
    return MartState(int(count), watermark, max(0, now_ms() - int(oldest)) if oldest is not None else 0)
