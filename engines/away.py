"""An engine over a mart that lies elsewhere, with no store: the heavy half on a backend, the light half here.

At headquarters a chain's marts are files; the site's own results and settings are not there. Engines whose results
the wanted one takes run first, in memory; settings and earlier models count as not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engines.contract import Engine, Frames, Moment
from engines.driver import check_minimum
from engines.registry import givers_of
from models import mart
from models.backends import Backend
from models.errors import Known, NotEnoughData
from models.relations import Relation
from models.times import business_day

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Away:
    """What a run gave: frames by relation, seconds of the heavy half (queries) and of the light half."""

    frames: Frames
    heavy_seconds: float
    light_seconds: float


def moment_of_mart(backend: Backend, at_ms: int) -> Moment:
    """The instant at the site whose mart it is. Raises Known where the mart does not say whose it is."""
    sites = backend.fetch(mart.MART["site"], {"at": at_ms, "day": "1970-01-01"}).to_pylist()
    if not sites:
        raise Known("The mart does not say which site it is of.", "Run: python main.py mart rebuild, at the site.")
    site = sites[0]
    day, minute = business_day(at_ms, ZoneInfo(site["time_zone"]), site["day_starts_minute"])
    return Moment(
        at_ms, day, minute, site["time_zone"], site["country"], site["subdivision"], site["currency"],
        site["day_starts_minute"],
    )  # fmt: skip


def run_away(backend: Backend, engine: Engine, moment: Moment, say: Callable[[str], None] = lambda _: None) -> Away:
    """Run the engine, and before it those whose results it takes. Raises NotEnoughData below its minimum."""
    known: dict[str, pa.Table] = {}
    heavy = light = 0.0
    given: Frames = {}
    for each in (*givers_of(engine), engine):
        say(f"engine {each.name}")
        began = time.perf_counter()
        taken = {r.name: known[r.name] if r.name in known else _fetched(backend, r, moment) for r in each.takes}
        heavy += time.perf_counter() - began
        began = time.perf_counter()
        try:
            check_minimum(each, taken)
            given = each.run(moment, **taken)
        except NotEnoughData:
            if each is engine:
                raise
            given = {r.name: r.empty() for r in each.gives}
        light += time.perf_counter() - began
        del taken  # the next engine fetches its own: two sets of frames at once are twice the memory
        known |= {r.name: r.check(given[r.name]) for r in each.gives}
    return Away(given, heavy, light)


def write_frames(frames: Frames, folder: Path) -> Mapping[str, Path]:
    """Each frame as `folder`/<relation>.parquet; returns the files by relation."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.parquet" for name in frames}
    for name, file in files.items():
        part = file.with_suffix(".part")
        pq.write_table(frames[name], part, compression="zstd")
        part.replace(file)
    return files


def _fetched(backend: Backend, relation: Relation, moment: Moment) -> pa.Table:
    if relation.sql is None and relation.name not in mart.MART:
        return relation.empty()
    return backend.fetch(
        relation,
        {
            "at": moment.at, "day": moment.day, "minute": moment.minute, "time_zone": moment.time_zone,
            "day_starts_minute": moment.day_starts_minute,
        },
    )  # fmt: skip
