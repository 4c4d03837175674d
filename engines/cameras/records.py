"""Cameras that the site knows: where they are, at which lines they count, with which detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.access.guard import guarded
from models.addresses import completed, login_of, public_address
from models.connection import Connection
from models.errors import Known
from models.ids import new_id
from models.store import Store


@dataclass(frozen=True)
class CameraRecord:
    """A camera; `lines` is its counting configuration (TOML).

    `address` is without login and other secrets, which only `address_to_open` gives; `user` is the login's user, and
    `has_password` says whether a password is kept with it. `last_frame_at` is when it last counted a picture (UTC
    milliseconds) and `trouble` what ails it now, None where nothing does or nothing is known.
    """

    code: str
    name: str
    address: str
    lines: str
    detector: str | None
    active: int
    last_frame_at: int | None
    trouble: str | None
    user: str = ""
    has_password: bool = False


def cameras(store: Store) -> list[CameraRecord]:
    """Every camera by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.code, c.name, c.address, c.lines, c.detector, c.active, s.last_frame_at, nullif(s.reason, ''), "
            "k.address FROM camera c LEFT JOIN camera_state s ON s.camera_id = c.id "
            "LEFT JOIN camera_secret k ON k.camera_id = c.id ORDER BY c.code"
        ).fetchall()
    return [_record(row) for row in rows]


def _record(row: Any) -> CameraRecord:
    code, name, address, lines, detector, active, last_frame_at, trouble, secret = row
    user, password = login_of(secret or "")
    return CameraRecord(
        code, name, address, lines, detector, active, last_frame_at, trouble, user, has_password=bool(password)
    )  # fmt: skip


def find_camera(store: Store, code: str) -> CameraRecord:
    """The camera of that code. Raises Known with the codes there are."""
    known = cameras(store)
    for camera in known:
        if camera.code == code:
            return camera
    raise Known(
        f"There is no camera '{code}'.", f"Known cameras: {', '.join(c.code for c in known) or 'none'}.", code=2
    )


def address_to_open(store: Store, code: str) -> str:
    """The address with its login, for the process that opens the camera: never show, log or send it.

    Raises Known with the codes there are.
    """
    with store.read() as connection:
        found = _kept_address(connection, code)
    return find_camera(store, code).address if found is None else found


def completed_address(store: Store, code: str, address: str) -> str:
    """An address as it would be saved for that camera: with the login that is kept, where it is of the same host.

    As it is where there is no such camera.
    """
    with store.read() as connection:
        return completed(address, _kept_address(connection, code) or "")


@guarded
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
    keep_login: bool = True,
) -> None:
    """Add a camera or change the one of that code; the audit names the camera, not its address.

    The secrets of `address` are kept apart from the record. Where it has none, those that are kept for the same host
    (and user) stay; with `keep_login` False the login goes.
    """
    with store.write(actor, "saving a camera") as tx:
        connection = tx.connection
        whole = completed(address, _kept_address(connection, code) or "", login=keep_login)
        shown = public_address(whole)
        camera = connection.exec_driver_sql(
            "INSERT INTO camera (id, code, name, address, lines, detector, active) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (code) DO UPDATE SET name = excluded.name, address = excluded.address, "
            "lines = excluded.lines, detector = excluded.detector, active = excluded.active RETURNING id",
            (new_id(), code, name or code, shown, lines, detector, int(active)),
        ).scalar()
        connection.exec_driver_sql("DELETE FROM camera_secret WHERE camera_id = ?", (camera,))
        if whole != shown:
            connection.exec_driver_sql("INSERT INTO camera_secret (camera_id, address) VALUES (?, ?)", (camera, whole))
        tx.audit("save", f"camera/{code}", active=active)


@guarded
def remove_camera(store: Store, actor: str, code: str) -> str:
    """Forget a camera; what it counted stays. Returns the address that it was opened with, to undo this by."""
    with store.write(actor, "removing a camera") as tx:
        address = _kept_address(tx.connection, code)
        tx.connection.exec_driver_sql("DELETE FROM camera WHERE code = ?", (code,))
        tx.audit("remove", f"camera/{code}")
    return address or ""


def _kept_address(connection: Connection, code: str) -> str | None:
    """The whole address of a camera, None where there is no such camera."""
    found = connection.exec_driver_sql(
        "SELECT coalesce(k.address, c.address) FROM camera c LEFT JOIN camera_secret k ON k.camera_id = c.id "
        "WHERE c.code = ?",
        (code,),
    ).scalar()
    return None if found is None else str(found)


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
