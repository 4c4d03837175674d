"""Every table of a site's store, by room; `TABLES` maps names to tables."""

from __future__ import annotations

from sqlalchemy import Table

from models.tables.base import Row, table_class
from models.tables.facts import Activity, CountBucket, Declaration, DwellBucket, Sale, SaleLine
from models.tables.intake import IntakeBatch, IntakeBefore, IntakeReject, Source
from models.tables.parties import (
    Brand,
    Campaign,
    Category,
    Identifier,
    IdentifierOwner,
    IdentityLink,
    Lease,
    Member,
    Person,
    Tenant,
)
from models.tables.places import CalendarDay, Camera, Floor, Front, Gate, SiteRow, Space, Unit, Zone
from models.tables.results import (
    Alert,
    FootfallDay,
    FootfallGap,
    FootfallHour,
    ForecastPoint,
    ForecastRun,
    Goal,
    KpiFact,
    PresenceDay,
    RfmScore,
)
from models.tables.system import (
    AuditEntry,
    BulkLoad,
    Change,
    ChangeLog,
    JobRun,
    LeaseRow,
    Meta,
    Role,
    Setting,
    User,
)

METADATA = Row.metadata
TABLES: dict[str, Table] = dict(METADATA.tables)

__all__ = [
    "METADATA",
    "TABLES",
    "Activity",
    "Alert",
    "AuditEntry",
    "Brand",
    "BulkLoad",
    "CalendarDay",
    "Camera",
    "Campaign",
    "Category",
    "Change",
    "ChangeLog",
    "CountBucket",
    "Declaration",
    "DwellBucket",
    "Floor",
    "FootfallDay",
    "FootfallGap",
    "FootfallHour",
    "ForecastPoint",
    "ForecastRun",
    "Front",
    "Gate",
    "Goal",
    "Identifier",
    "IdentifierOwner",
    "IdentityLink",
    "IntakeBatch",
    "IntakeBefore",
    "IntakeReject",
    "JobRun",
    "KpiFact",
    "Lease",
    "LeaseRow",
    "Member",
    "Meta",
    "Person",
    "PresenceDay",
    "RfmScore",
    "Role",
    "Row",
    "Sale",
    "SaleLine",
    "Setting",
    "SiteRow",
    "Source",
    "Space",
    "Tenant",
    "Unit",
    "User",
    "Zone",
    "table_class",
]
