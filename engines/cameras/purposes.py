"""What a camera may measure besides counts: off until a person switches it on and states the legal basis.

Each switch is a row that nothing changes afterwards, and an audit entry. The newest row of a camera and purpose
holds. Nobody is let through by this record: whether the law allows it is the site's to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.access.guard import guarded
from engines.cameras.records import find_camera
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import now_ms

PURPOSES = ("demographics", "emotion")


@dataclass(frozen=True)
class PurposeSwitch:
    """`actor` switched a purpose of a camera on or off at `at` (UTC milliseconds), on that legal basis, with that
    notice at the door."""

    camera: str
    purpose: str
    on: bool
    actor: str
    at: int
    legal_basis: str | None
    notice: str | None


@guarded
def switch_purpose(  # noqa: PLR0917 - read aloud: who switches what of which camera, and why
    store: Store,
    actor: str,
    camera: str,
    purpose: str,
    on: bool,
    legal_basis: str | None = None,
    notice: str | None = None,
) -> None:
    """Switch a purpose on or off. Raises Known without a legal basis and a notice (to switch on), for a camera there
    is not, and for a purpose there is not."""
    if purpose not in PURPOSES:
        raise Known(f"There is no purpose '{purpose}'.", f"Choose one of: {', '.join(PURPOSES)}.", code=2)
    find_camera(store, camera)
    basis, text = (legal_basis or "").strip() or None, (notice or "").strip() or None
    if on and not (basis and text):
        raise Known(
            "Measuring more than counts needs a legal basis and a notice at the door.",
            "State both before switching it on.",
            code=6,
        )
    with store.write(actor, "switching a camera's purpose") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO camera_purpose (id, camera, purpose, switched_on, actor, at, legal_basis, notice) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (new_id(), camera, purpose, int(on), actor, now_ms(), basis, text),
        )
        tx.audit("switch", f"camera/{camera}/{purpose}", on=on, legal_basis=basis)


def history(store: Store, camera: str | None = None) -> list[PurposeSwitch]:
    """Every switch, oldest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT camera, purpose, switched_on, actor, at, legal_basis, notice FROM camera_purpose "
            "WHERE ?1 IS NULL OR camera = ?1 ORDER BY id",
            (camera,),
        ).fetchall()
    return [PurposeSwitch(row[0], row[1], bool(row[2]), *row[3:]) for row in map(tuple, rows)]


def purposes(store: Store) -> list[PurposeSwitch]:
    """The newest switch of each camera and purpose that was ever switched, by camera and purpose."""
    newest = {(one.camera, one.purpose): one for one in history(store)}
    return [newest[key] for key in sorted(newest)]


def is_on(store: Store, camera: str, purpose: str) -> bool:
    """Whether the purpose is on; off where nobody ever switched it."""
    return any(one.on for one in purposes(store) if (one.camera, one.purpose) == (camera, purpose))
