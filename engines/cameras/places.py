"""What a camera may count for: the site's gates, zones and floors, in one read."""

from __future__ import annotations

from dataclasses import dataclass

from engines.footfall.plan import PlanFloor, PlanZone, floors, zones
from models.store import Store


@dataclass(frozen=True)
class GateName:
    """A gate by its code and names."""

    code: str
    name: str
    name_zh: str | None


@dataclass(frozen=True)
class Places:
    """Gates and zones by code, floors from the lowest, and the codes of the shop fronts."""

    gates: tuple[GateName, ...] = ()
    zones: tuple[PlanZone, ...] = ()
    floors: tuple[PlanFloor, ...] = ()
    fronts: tuple[str, ...] = ()


def places(store: Store) -> Places:
    """The gates that are in use, and every zone, floor and shop front."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT code, name, name_zh FROM gate WHERE active = 1 ORDER BY code")
        gates = tuple(GateName(*row) for row in rows.fetchall())
        fronts = tuple(row[0] for row in connection.exec_driver_sql("SELECT code FROM front ORDER BY code").fetchall())
    return Places(gates, tuple(zones(store)), tuple(floors(store)), fronts)
