"""Bringing in an area map and taking it away, both audited, and where the mall is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from engines.access.guard import guarded
from engines.catchment.areas import AreaMap, Place, areas_file
from engines.catchment.geojson import write_geojson
from engines.catchment.listing import read_areas
from models.errors import Known
from models.store import Store
from models.times import now_ms

RELATION = "areas"
"""What moves in the site's changes when the map does."""
PLACE = "mall.place"
"""The setting that says where the mall is."""


@guarded
def import_areas(store: Store, actor: str, path: Path, *, dry_run: bool = False) -> AreaMap:
    """Read a file of areas and keep it as the site's map, in the place of the one before.

    Its word on where the mall is holds while the setting says nothing. Raises Known for a file that cannot be taken;
    the map before then stays.
    """
    found = replace(read_areas(path), imported_at=now_ms())
    if dry_run:
        return found
    keep_areas(store, actor, found)
    return found


@guarded
def keep_areas(store: Store, actor: str, areas: AreaMap) -> None:
    """Write the site's map whole and book it. Raises Known where the disk refuses."""
    target = areas_file(store.site.folder)
    part = target.with_suffix(".part")
    try:
        with store.write(actor, "keeping an area map") as tx:
            tx.audit("import", RELATION, file=areas.source, sha256=areas.sha256, areas=len(areas.areas))
            tx.touch(RELATION)
            with part.open("w", encoding="utf-8") as file:
                file.write(write_geojson(areas))
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
    except OSError as error:
        raise Known(f"{target} cannot be written: {error.strerror}.", "Check the folder and its free space.") from error
    finally:
        part.unlink(missing_ok=True)


@guarded
def remove_areas(store: Store, actor: str) -> bool:
    """Take the site's map away, audited; False where there was none."""
    target = areas_file(store.site.folder)
    if not target.exists():
        return False
    with store.write(actor, "removing the area map") as tx:
        tx.audit("remove", RELATION)
        tx.touch(RELATION)
        target.unlink(missing_ok=True)
    return True


def place_of(text: str) -> Place | None:
    """The setting's text ('31.2304, 121.4737') as longitude and latitude; None where it is empty or no such pair."""
    words = text.replace("，", ",").replace(";", ",").split(",") if "," in text or "，" in text else text.split()
    try:
        lat, lon = (float(word) for word in words)
    except ValueError:
        return None
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None
