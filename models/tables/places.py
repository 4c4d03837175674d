"""Places: the site, its floors, zones, gates, fronts, units and spaces, its cameras and its calendar."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class SiteRow(Row):
    """The mall itself: one row in each store. `demo` is 1 where every figure is made up."""

    __tablename__ = "site"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    archetype: Mapped[str] = mapped_column(default="urban")
    city: Mapped[str | None]
    country: Mapped[str]
    subdivision: Mapped[str | None]
    time_zone: Mapped[str]
    currency: Mapped[str]
    day_starts_minute: Mapped[int] = mapped_column(default=0)
    demo: Mapped[int] = mapped_column(default=0)


class Floor(Row):
    """A storey; `level` orders them, 0 is the ground floor."""

    __tablename__ = "floor"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    level: Mapped[int]


class Zone(Row):
    """A part of a floor; `outline` is JSON [[x, y], ...] in metres on the floor plan."""

    __tablename__ = "zone"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    floor_id: Mapped[bytes | None] = mapped_column(ForeignKey("floor.id"), index=True)
    purpose: Mapped[str | None]
    area_m2: Mapped[float | None]
    outline: Mapped[str | None]


class Gate(Row):
    """A counting line at a door. `perimeter` is 1 where its entries are the mall's footfall."""

    __tablename__ = "gate"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    floor_id: Mapped[bytes | None] = mapped_column(ForeignKey("floor.id"), index=True)
    zone_id: Mapped[bytes | None] = mapped_column(ForeignKey("zone.id"), index=True)
    perimeter: Mapped[int] = mapped_column(default=1)
    active: Mapped[int] = mapped_column(default=1)


class Unit(Row):
    """A lettable unit; areas in square metres, frontage in metres."""

    __tablename__ = "unit"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    floor_id: Mapped[bytes | None] = mapped_column(ForeignKey("floor.id"), index=True)
    zone_id: Mapped[bytes | None] = mapped_column(ForeignKey("zone.id"), index=True)
    gla_m2: Mapped[float | None]
    frontage_m: Mapped[float | None]
    outline: Mapped[str | None]


class Front(Row):
    """A shop front: passers-by outside it and entries through it give its capture rate."""

    __tablename__ = "front"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    unit_id: Mapped[bytes | None] = mapped_column(ForeignKey("unit.id"), index=True)
    gate_id: Mapped[bytes | None] = mapped_column(ForeignKey("gate.id"), index=True)


class Space(Row):
    """A position for an occasion or a kiosk."""

    __tablename__ = "space"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    floor_id: Mapped[bytes | None] = mapped_column(ForeignKey("floor.id"), index=True)
    purpose: Mapped[str | None]
    area_m2: Mapped[float | None]


class Camera(Row):
    """A camera or recording that is counted; `lines` is the text of its counting configuration (TOML).

    `address` is without login and other secrets: those are in `camera_secret`, as this row is logged whole.
    """

    __tablename__ = "camera"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    address: Mapped[str]
    lines: Mapped[str]
    detector: Mapped[str | None]
    active: Mapped[int] = mapped_column(default=1)


class CameraSecret(Row):
    """The whole address of a camera that holds a login or another secret. It stays on this machine: a table of the
    store's own is neither logged nor shown nor sent."""

    __tablename__ = "camera_secret"
    __table_args__ = kind("S")
    camera_id: Mapped[bytes] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str]


class CalendarDay(Row):
    """What is known of one business day: festivals, school, weather, opening hours (minutes of the day)."""

    __tablename__ = "calendar_day"
    __table_args__ = kind("R")
    day: Mapped[str] = mapped_column(primary_key=True)
    holiday: Mapped[str | None]
    holiday_zh: Mapped[str | None]
    festival: Mapped[str | None]
    festival_offset: Mapped[int | None]
    day_type: Mapped[str | None]
    school_holiday: Mapped[int | None]
    weather: Mapped[str | None]
    temperature_max_c: Mapped[float | None]
    rain_mm: Mapped[float | None]
    opens_minute: Mapped[int | None]
    closes_minute: Mapped[int | None]
    closed: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None]
