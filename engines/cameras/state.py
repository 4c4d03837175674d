"""How each camera is now: one row a camera, told by the process that counts it. Never logged, never sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.store import Store
from models.times import now_ms

STATES = ("counting", "waiting", "lost", "ended", "wrong")
FACTS = (
    "state", "reason", "fps_in", "fps_analysed", "frames_dropped", "skipped_share", "drift_ms", "width", "height",
    "night", "restarts", "losses", "process_ms", "face_width_median", "last_frame_at", "flaws",
)  # fmt: skip


@dataclass(frozen=True)
class CameraState:
    """How a camera was at `at` (UTC milliseconds); None stands for what was not measured.

    `state` is counting, waiting, lost, ended or wrong, and `reason` says in a sentence why it does not count.
    `fps_in` and `fps_analysed` are frames a second that came and that were analysed, `skipped_share` (0..1) what was
    quiet and needed no detection, `frames_dropped`, `restarts` and `losses` totals since its process began. `drift_ms`
    is how far the camera's clock has run from ours, `process_ms` the time one frame takes, `face_width_median` in
    pixels of the camera's own picture. `last_frame_at` is when it last counted a picture (UTC milliseconds). `flaws`
    are those of the newest picture and of how it was watched (dark, covered, slow, reduced...).
    """

    code: str
    at: int
    state: str
    reason: str | None
    fps_in: float | None
    fps_analysed: float | None
    frames_dropped: int
    skipped_share: float | None
    drift_ms: float | None
    width: int | None
    height: int | None
    night: bool
    restarts: int
    losses: int
    process_ms: float | None
    face_width_median: float | None
    last_frame_at: int | None = None
    flaws: tuple[str, ...] = ()


def note_state(store: Store, code: str, facts: Mapping[str, Any], *, at: int | None = None) -> bool:
    """Write how a camera is (`at` is now where it is not given); False where the site has no such camera.

    `facts` holds any of `FACTS`, `flaws` as comma-separated text; what is not among them keeps its last value. Raises
    ValueError for an unknown fact or state, and for a first report without a state.
    """
    strange = sorted(facts.keys() - set(FACTS))
    if strange or facts.get("state", STATES[0]) not in STATES:
        raise ValueError(f"no state of a camera: {strange or facts['state']}")
    values = {**facts, "at": now_ms() if at is None else at}
    if "night" in values:
        values["night"] = int(values["night"])
    if "flaws" in values:
        values["flaws"] = values["flaws"] or None
    with store.write("watch", "noting a camera's state") as tx:
        camera = tx.connection.exec_driver_sql("SELECT id FROM camera WHERE code = ?", (code,)).scalar()
        if camera is None:
            return False
        sets = ", ".join(f"{name} = ?" for name in values)
        done = tx.connection.exec_driver_sql(
            f"UPDATE camera_state SET {sets} WHERE camera_id = ?",  # noqa: S608 - names are of FACTS
            (*values.values(), camera),
        ).rowcount
        if not done:
            if "state" not in values:
                raise ValueError("a first report needs a state")
            names, marks = ", ".join(("camera_id", *values)), ", ".join("?" * (len(values) + 1))
            tx.connection.exec_driver_sql(
                f"INSERT INTO camera_state ({names}) VALUES ({marks})",  # noqa: S608 - names are of FACTS
                (camera, *values.values()),
            )
        tx.touch("camera_state")
    return True


def states(store: Store) -> list[CameraState]:
    """The last word on each camera that has told anything, by code."""
    columns = ", ".join(f"s.{name}" for name in ("at", *FACTS))
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT c.code, {columns} FROM camera_state s JOIN camera c ON c.id = s.camera_id ORDER BY c.code"  # noqa: S608
        ).fetchall()
    found = [dict(zip(("code", "at", *FACTS), row, strict=True)) for row in rows]
    return [CameraState(**{**facts, "night": bool(facts["night"]), "flaws": _flaws(facts)}) for facts in found]


def _flaws(facts: Mapping[str, Any]) -> tuple[str, ...]:
    kept: str | None = facts["flaws"]
    return tuple(kept.split(",")) if kept else ()
