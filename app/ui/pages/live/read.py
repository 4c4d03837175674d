"""The cameras as the store has them, read away from the window."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.ui.pages.live.setup.geometry import hull
from app.ui.pages.live.state import CameraView, LineCount
from app.ui.period import Period
from engines.cameras.day import counted_on, last_day
from engines.cameras.records import CameraRecord, cameras
from engines.cameras.state import states
from engines.footfall import plan
from engines.footfall.plan import PlanFloor, PlanZone
from models.errors import Known
from models.store import Store
from models.times import business_day, now_ms
from models.weights import known_weights

if TYPE_CHECKING:
    from engines.cameras.state import CameraState
    from vision.config import Config

FALLBACK = "background-subtraction"


@dataclass(frozen=True)
class State:
    """Every camera with what it counted; `now` is UTC milliseconds. `licences` are those of known weights by name;
    `floors` and `zones` are the mall's plan."""

    now: int
    cameras: tuple[CameraView, ...]
    licences: Mapping[str, str] = field(default_factory=dict)
    floors: tuple[PlanFloor, ...] = ()
    zones: tuple[PlanZone, ...] = ()


@dataclass(frozen=True)
class _Site:
    """What is the same for every camera."""

    today: str
    weights: bool
    states: Mapping[str, CameraState]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The cameras, their lines, and the counts of today (of a recording: of its own newest day)."""
    now = now_ms()
    today, _ = business_day(now, store.site.zone, store.site.day_starts_minute)
    site = _Site(today, _has_weights(store), {state.code: state for state in states(store)})
    found = tuple(_view(store, record, site) for record in cameras(store))
    return State(now, found, _licences(), tuple(plan.floors(store)), tuple(plan.zones(store)))


def _view(store: Store, record: CameraRecord, site: _Site) -> CameraView:
    from vision.config import config_of  # reads text only: nothing of OpenCV comes with it

    recording = not record.active and "://" not in record.address and not record.address.isdecimal()
    health = site.states.get(record.code)
    try:
        config = config_of(tomllib.loads(record.lines))
    except (Known, tomllib.TOMLDecodeError) as error:
        return CameraView(record, recording, None, (), fallback=False, wrong=str(error), health=health)
    gates = tuple(dict.fromkeys(line.counted_as for line in config.lines))
    day = (last_day(store, record.code, gates) if recording else site.today) or None
    fallback = record.detector == FALLBACK or not (record.detector or config.weights or site.weights)
    return CameraView(
        record, recording, date.fromisoformat(day) if day else None, _lines(store, record, config, day),
        fallback=fallback, size=config.size, zones=tuple((zone.name, zone.purpose) for zone in config.zones),
        health=health, notes=config.notes, floor=config.floor.floor if config.floor else "",
        area=hull([(x, y) for _, _, x, y in config.floor.points]) if config.floor else (),
    )  # fmt: skip


def _lines(store: Store, record: CameraRecord, config: Config, day: str | None) -> tuple[LineCount, ...]:
    counts = {count.gate: count for count in counted_on(store, record.code, day)} if day else {}
    return tuple(
        LineCount(line.name, line.counted_as, counts[line.counted_as].n_in, counts[line.counted_as].n_out, line.band)
        if line.counted_as in counts
        else LineCount(line.name, line.counted_as, None, None, line.band)
        for line in config.lines
    )


def _licences() -> dict[str, str]:
    """Licences by the weights' name and by the name of their file, since a detector is called by either."""
    found = {}
    for known in known_weights():
        for name in (known.name, *(PurePath(file).stem for file in known.files)):
            found[name] = known.licence
    return found


def _has_weights(store: Store) -> bool:
    folder = store.site.folder / "weights"
    return any("face" not in path.stem for end in ("onnx", "xml") for path in folder.rglob(f"*.{end}"))
