"""Counting cameras into the site: the group's rows and states reach the store, whatever the store is busy with."""

from __future__ import annotations

import json
import logging
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.service.detecting import choose_detector, load_choice
from app.service.faces import FaceReaders
from app.service.processes import ROOT
from engines.cameras.counts import KINDS, CountKeeper, kept_since
from engines.cameras.records import CameraRecord, address_to_open
from engines.cameras.state import FACTS, note_state
from models.errors import Known
from models.store import Store
from models.times import now_ms

if TYPE_CHECKING:
    from vision.config import Config
    from vision.group import CameraGroup
    from vision.scene import Rows

LOG = logging.getLogger("atrium.cameras")
HOUR_MS = 3_600_000

Kinds = dict[str, list[dict[str, Any]]]


def reader_command() -> list[str]:
    """How a camera's capture child is started."""
    own = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, str(ROOT / "main.py")]
    return [*own, "camera-read"]


def config_of_camera(record: CameraRecord) -> Config:
    """The camera's counting configuration. Raises Known naming the camera where it cannot be read."""
    from vision.config import config_of

    try:
        return config_of(tomllib.loads(record.lines))
    except tomllib.TOMLDecodeError as error:
        raise Known(f"The lines of camera {record.code} are no TOML: {error}.", "Correct them on Live.") from error


class Keeper:
    """Takes rows and states of cameras and keeps them in the store.

    What could not be written (another program holds the store, the disk is full) waits in memory and is written with
    the next rows, which are cumulative: nothing is counted twice and nothing is lost while the process lives.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._keepers: dict[str, CountKeeper] = {}
        self._trouble: dict[str, str] = {}

    def begin(self, code: str, config: Config) -> Kinds:
        """A camera is about to be counted: what it had counted of the running hour, from before a restart."""
        self._flush(code)
        doors = {line.name: line.counted_as for line in config.lines}
        fronts = {front.gate or doors[front.line]: front.counted_as for front in config.fronts}
        self._keepers[code] = CountKeeper(self.store, code, fronts=fronts)
        return kept_since(self.store, code, now_ms() // HOUR_MS * HOUR_MS)

    def rows(self, code: str, rows: Rows) -> None:
        """Keep a camera's rows."""
        keeper = self._keepers.get(code) or self._keepers.setdefault(code, CountKeeper(self.store, code))
        try:
            keeper.keep(kinds_of(rows))
        except Known as error:
            LOG.warning("counts of %s wait: %s", code, error)
            self._trouble[code] = f"Counts wait to be stored: {error.sentence}"
        else:
            self._trouble.pop(code, None)

    def state(self, code: str, facts: dict[str, Any]) -> None:
        """Keep a camera's state, and that it gives pictures where it is counting."""
        told = {name: facts[name] for name in FACTS if name in facts}
        told["reason"] = self._trouble.get(code) or str(facts["reason"])
        if facts["state"] == "counting":
            told["last_frame_at"] = now_ms()
        try:
            note_state(self.store, code, told)
        except Known as error:
            LOG.warning("the state of %s waits: %s", code, error)

    def close(self) -> None:
        """Write what waits; tried three times where the store is busy."""
        for code in list(self._keepers):
            for _ in range(3):
                if self._flush(code):
                    break
                time.sleep(0.5)

    def _flush(self, code: str) -> bool:
        keeper = self._keepers.get(code)
        try:
            return keeper is None or keeper.flush() >= 0
        except Known as error:
            LOG.warning("counts of %s wait: %s", code, error)
            return False


def kinds_of(rows: Rows) -> Kinds:
    """Rows by kind as plain mappings."""
    return {kind: [asdict(row) for row in found] for kind in KINDS if (found := getattr(rows, kind))}


def start_group(store: Store, keeper: Keeper, first: CameraRecord, *, threads: int) -> CameraGroup:
    """A group with the detector that its first camera asks for; cameras are then added."""
    from vision.group import CameraGroup

    choice = choose_detector(store, first.detector, config_of_camera(first))
    return CameraGroup(
        load_choice(choice, threads=threads), store.site.zone, on_rows=keeper.rows, on_state=keeper.state
    )  # fmt: skip


def add_camera(group: CameraGroup, keeper: Keeper, record: CameraRecord, faces: FaceReaders) -> None:
    """Have the group count a camera, going on from what was counted before. Raises Known for its configuration."""
    from vision.feed import CameraFeed
    from vision.group import GroupCamera
    from vision.source import is_live

    config = config_of_camera(record)
    address = address_to_open(keeper.store, record.code)
    feed = CameraFeed(address, command=reader_command(), rotate=config.rotate, pace=not is_live(address))
    measured = faces.of(record.code, (record.address, config.rotate))
    group.add(GroupCamera(record.code, feed, config, keeper.begin(record.code, config), measured))


class Members:
    """Which cameras a group counts, by code and by the version of their set-up that it was told."""

    def __init__(self, group: CameraGroup, keeper: Keeper, find: Callable[[str], CameraRecord]) -> None:
        self._group, self._keeper, self._find = group, keeper, find
        self._faces = FaceReaders(keeper.store)
        self._known: dict[str, str] = {}

    def follow(self, wanted: dict[str, str]) -> None:
        """Count these cameras and no others; one whose version moved is begun anew."""
        for code in [code for code in self._known if code not in wanted]:
            del self._known[code]
            self._group.remove(code)
        for code, version in wanted.items():
            if self._known.get(code) == version:
                continue
            self._known[code] = version
            try:
                add_camera(self._group, self._keeper, self._find(code), self._faces)
            except Known as error:
                self._keeper.state(code, wrong(str(error)))


def wrong(reason: str) -> dict[str, Any]:
    """The state of a camera that cannot be begun."""
    return {
        "state": "wrong", "reason": reason, "fps_in": 0.0, "fps_analysed": 0.0, "frames_dropped": 0,
        "skipped_share": 0.0, "drift_ms": 0, "width": 0, "height": 0, "night": 0, "restarts": 0, "losses": 0,
        "process_ms": 0.0, "face_width_median": None, "flaws": "",
    }  # fmt: skip


def told_members(line: str) -> dict[str, str] | None:
    """The cameras and versions of a line that the supervisor wrote; None for any other line."""
    try:
        told = json.loads(line)
        return {str(code): str(version) for code, version in told["cameras"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
