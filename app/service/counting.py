"""Counting cameras into the site: which cameras a group counts, with which set-up and detector."""

from __future__ import annotations

import json
import logging
import sys
import tomllib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.service.detecting import choose_detector, load_choice
from app.service.faces import FaceReaders
from app.service.keeping import Keeper
from app.service.processes import ROOT
from app.service.viewing import counted_elsewhere
from engines.cameras.records import CameraRecord, address_to_open
from models.errors import Known
from models.store import Store

if TYPE_CHECKING:
    from vision.config import Config
    from vision.group import CameraGroup

LOG = logging.getLogger("atrium.cameras")


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


def start_group(store: Store, keeper: Keeper, first: CameraRecord, *, threads: int) -> CameraGroup:
    """A group with the detector that its first camera asks for; cameras are then added."""
    from vision.group import CameraGroup

    choice = choose_detector(store, first.detector, config_of_camera(first))
    return CameraGroup(
        load_choice(choice, threads=threads), store.site.zone, on_rows=keeper.rows, on_state=keeper.state
    )  # fmt: skip


def add_camera(group: CameraGroup, keeper: Keeper, record: CameraRecord, faces: FaceReaders) -> None:
    """Have the group count a camera, going on from what was counted before.

    Raises Known for its configuration, and where another process counts it: both would write the same rows.
    """
    from vision.feed import CameraFeed
    from vision.group import GroupCamera
    from vision.source import is_live

    if group.view(record.code) is None and counted_elsewhere(keeper.store, record.code):
        raise Known(
            f"Camera {record.code} is being counted by another process.", "To count it here, stop that one first."
        )  # fmt: skip
    config = config_of_camera(record)
    address = address_to_open(keeper.store, record.code)
    feed = CameraFeed(address, command=reader_command(), rotate=config.rotate, pace=not is_live(address))
    measured = faces.of(record.code, (record.address, config.rotate))
    group.add(GroupCamera(record.code, feed, config, keeper.begin(record.code, config), measured, strict=True))


_LAST_ROWS_S = 15.0


class Members:
    """Which cameras a group counts, by code and by the version of their set-up that it was told."""

    def __init__(self, group: CameraGroup, keeper: Keeper, find: Callable[[str], CameraRecord]) -> None:
        self._group, self._keeper, self._find = group, keeper, find
        self._faces = FaceReaders(keeper.store)
        self._known: dict[str, str] = {}
        self._refused: set[str] = set()

    def counted(self) -> list[str]:
        """The codes of those that are counted."""
        return [code for code in self._known if code not in self._refused]

    def follow(self, wanted: dict[str, str]) -> None:
        """Count these cameras and no others; one whose version moved is begun anew."""
        for code in [code for code in self._known if code not in wanted]:
            del self._known[code]
            self._refused.discard(code)
            self._group.remove(code)
        for code, version in wanted.items():
            if self._known.get(code) == version:
                continue
            if code in self._known:
                self._group.remove(code).wait(_LAST_ROWS_S)  # its last rows come before they are read to go on from
            self._known[code] = version
            self._begin(code)

    def again(self) -> None:
        """Try those once more that could not be begun: what kept them from it may have passed."""
        for code in sorted(self._refused):
            self._begin(code)

    def _begin(self, code: str) -> None:
        try:
            add_camera(self._group, self._keeper, self._find(code), self._faces)
        except Known as error:
            self._refused.add(code)
            self._keeper.state(code, wrong(str(error)))
        else:
            self._refused.discard(code)


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
