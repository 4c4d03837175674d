"""The mall's plan for pages: floors, their zones with outlines, and which gates lead into which zone."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models.store import Store

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PlanFloor:
    """A storey by its code and names; `level` orders them, 0 is the ground floor."""

    code: str
    name: str
    name_zh: str | None
    level: int


@dataclass(frozen=True)
class PlanZone:
    """A zone with its outline in metres (empty where none is drawn) and the gates that lead into it.

    Shop fronts are no such gates: who enters a shop was in the zone before.
    """

    code: str
    name: str
    name_zh: str | None
    floor: str | None
    outline: Outline
    gates: tuple[str, ...]


def floors(store: Store) -> list[PlanFloor]:
    """Storeys from the lowest."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT code, name, name_zh, level FROM floor ORDER BY level")
        return [PlanFloor(*row) for row in rows]


def zones(store: Store) -> list[PlanZone]:
    """Zones by code."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT z.code, z.name, z.name_zh, f.code, z.outline, z.id FROM zone z LEFT JOIN floor f "
            "ON f.id = z.floor_id ORDER BY z.code"
        ).fetchall()
        held: dict[bytes, list[str]] = {}
        leads = connection.exec_driver_sql(
            "SELECT code, zone_id FROM gate WHERE zone_id IS NOT NULL "
            "AND id NOT IN (SELECT gate_id FROM front WHERE gate_id IS NOT NULL)"
        )
        for code, zone in leads:
            held.setdefault(zone, []).append(code)
    return [PlanZone(*(*row[:4], _outline(row[4]), tuple(sorted(held.get(row[5], ()))))) for row in map(tuple, rows)]


def _outline(text: str | None) -> Outline:
    points = json.loads(text) if text else []
    return tuple((float(x), float(y)) for x, y in points)
