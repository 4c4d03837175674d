"""How each camera is, as the process that counts it last told: part of the health board's tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.camera_words import STATES, flaw_list
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from engines.cameras.records import CameraRecord, cameras
from engines.cameras.state import CameraState, states
from models.store import Store
from models.times import now_ms

SILENT_MS = 60_000
"""A camera of which nothing was heard for longer is not counted now, whatever it last told."""


@dataclass(frozen=True)
class CameraHealth:
    """Every camera with what was last told of it, at `now` (UTC milliseconds)."""

    now: int
    cameras: tuple[tuple[CameraRecord, CameraState | None], ...]


def read_cameras(store: Store) -> CameraHealth:
    """Every camera; runs on the background thread."""
    told = {state.code: state for state in states(store)}
    return CameraHealth(now_ms(), tuple((record, told.get(record.code)) for record in cameras(store)))


class CameraBoard(TableCard):
    """One row a camera; a double click, or the button, leads to it: `live_wanted(code)`, empty for all of them."""

    live_wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Camera", "text", 132), Column("state", "State", "text", 132),
            Column("reason", "Reason"), Column("fps", "Analysed a second", "text", 144),
            Column("dropped", "Dropped", "count", 84), Column("skipped", "Skipped", "percent", 80),
            Column("flaws", "Flaws", "text", 180), Column("at", "Last told", "instant", 164),
        )  # fmt: skip
        super().__init__(desk, mark("Cameras"), mark("A double click shows the camera"), columns)
        self._health: CameraHealth | None = None
        self.setFixedHeight(272)
        self.table.activated.connect(self._pick)
        self.table.empty.acted.connect(self._add)

    def look(self) -> None:
        """Read how the cameras are."""
        self.desk.work.run(self._read, self._arrived, self.desk.fault)

    def show_cameras(self, health: CameraHealth) -> None:
        """One row a camera, those that do not count first."""
        self._health = health
        self.table.set_empty("No camera yet. Add one to count a door.", "Add a camera")
        self.table.set_rows(camera_rows(health))

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "_health", None) is not None:
            assert self._health is not None
            self.show_cameras(self._health)

    def _read(self) -> CameraHealth:
        return read_cameras(self.desk.store)

    def _arrived(self, health: CameraHealth) -> None:
        self.show_cameras(health)

    def _pick(self, row: object) -> None:
        assert isinstance(row, Mapping)
        self.live_wanted.emit(str(row["code"]))

    def _add(self) -> None:
        self.live_wanted.emit("add")


def camera_rows(health: CameraHealth) -> list[dict[str, Any]]:
    """A row a camera, those that do not count first."""
    rows = [camera_row(record, state, health.now) for record, state in health.cameras]
    return sorted(rows, key=_rank)


def camera_row(record: CameraRecord, state: CameraState | None, now: int) -> dict[str, Any]:
    """A camera in words."""
    words, reason = _state_words(record, state, now)
    form = current()
    fps = None if state is None else state.fps_analysed
    coming = "–" if state is None or state.fps_in is None else form.decimal(state.fps_in)
    return {
        "code": record.code, "name": record.name, "state": words, "reason": reason,
        "fps": "–" if fps is None else tr("{n} of {of}", n=form.decimal(fps), of=coming),
        "dropped": state.frames_dropped if state else None, "skipped": state.skipped_share if state else None,
        "flaws": flaw_list(state.flaws) if state and _heard(record, state, now) else "",
        "at": state.at if state else None,
        "well": bool(not record.active or (state and state.state == "counting" and _heard(record, state, now))),
    }  # fmt: skip


def _heard(record: CameraRecord, state: CameraState, now: int) -> bool:
    """Whether the camera is to be counted and was heard of lately."""
    return bool(record.active) and now - state.at <= SILENT_MS


def _state_words(record: CameraRecord, state: CameraState | None, now: int) -> tuple[str, str]:
    """The state and its reason."""
    if not record.active:
        return tr("Switched off"), ""
    if state is None:
        return tr("Not seen yet"), tr(record.trouble) if record.trouble else ""
    if now - state.at > SILENT_MS:
        silent = current().duration((now - state.at) // 60_000 * 60)
        return tr("Not heard of"), tr("Nothing was told of it for {time}. Does the service run?", time=silent)
    return tr(STATES[state.state][0]), tr(state.reason) if state.reason else ""


def _rank(row: dict[str, Any]) -> tuple[bool, str]:
    return bool(row["well"]), str(row["name"])
