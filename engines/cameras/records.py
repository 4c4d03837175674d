"""Cameras that the site knows: where they are, at which lines they count, with which detector."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import Known
from models.ids import new_id
from models.store import Store


@dataclass(frozen=True)
class CameraRecord:
    """A camera; `lines` is its counting configuration (TOML). `address` may hold a password: never log it."""

    code: str
    name: str
    address: str
    lines: str
    detector: str | None
    active: int
    last_frame_at: int | None
    trouble: str | None


def cameras(store: Store) -> list[CameraRecord]:
    """Every camera by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, name, address, lines, detector, active, last_frame_at, trouble FROM camera ORDER BY code"
        ).fetchall()
    return [CameraRecord(*row) for row in rows]


def find_camera(store: Store, code: str) -> CameraRecord:
    """The camera of that code. Raises Known with the codes there are."""
    known = cameras(store)
    for camera in known:
        if camera.code == code:
            return camera
    raise Known(
        f"There is no camera '{code}'.", f"Known cameras: {', '.join(c.code for c in known) or 'none'}.", code=2
    )


def remember_camera(
    store: Store,
    actor: str,
    *,
    code: str,
    address: str,
    lines: str,
    name: str | None = None,
    detector: str | None = None,
    active: bool = True,
) -> None:
    """Add a camera or change the one of that code; the audit names the camera, not its address."""
    with store.write(actor, "saving a camera") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO camera (id, code, name, address, lines, detector, active) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (code) DO UPDATE SET name = excluded.name, address = excluded.address, "
            "lines = excluded.lines, detector = excluded.detector, active = excluded.active",
            (new_id(), code, name or code, address, lines, detector, int(active)),
        )
        tx.audit("save", f"camera/{code}", active=active)


def remove_camera(store: Store, actor: str, code: str) -> None:
    """Forget a camera; what it counted stays."""
    with store.write(actor, "removing a camera") as tx:
        tx.connection.exec_driver_sql("DELETE FROM camera WHERE code = ?", (code,))
        tx.audit("remove", f"camera/{code}")


def note_health(store: Store, code: str, *, last_frame_at: int | None, trouble: str | None) -> None:
    """Write when a camera was last seen and what ails it (None: nothing)."""
    with store.write("watch", "noting a camera's health") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE camera SET last_frame_at = coalesce(?, last_frame_at), trouble = ? WHERE code = ?",
            (last_frame_at, trouble, code),
        )


@dataclass(frozen=True)
class RunningCount:
    """What a source has counted at a gate in one quarter hour so far."""

    gate: str
    n_in: int
    n_out: int
    seconds_observed: int
    frames_dropped: int


def counted_since(store: Store, source_code: str, start_ms: int) -> list[RunningCount]:
    """What a source has counted in the quarter that began at `start_ms` (UTC milliseconds).

    Counters write revision 0; a person's correction is a later one and not the counter's own count.
    """
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT g.code, sum(CASE WHEN c.direction = 'in' THEN c.n ELSE 0 END), "
            "sum(CASE WHEN c.direction = 'out' THEN c.n ELSE 0 END), max(c.seconds_observed), max(c.frames_dropped) "
            "FROM count_bucket c JOIN gate g ON g.id = c.gate_id JOIN source s ON s.id = c.source_id "
            "WHERE s.code = ? AND c.bucket_start = ? AND c.revision = 0 GROUP BY g.code",
            (source_code, start_ms),
        ).fetchall()
    return [RunningCount(*row) for row in rows]
