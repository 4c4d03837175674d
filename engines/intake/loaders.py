"""Which loader loads which kind."""

from __future__ import annotations

from engines.intake.actions import Loader
from engines.intake.activities import ActivityLoader
from engines.intake.counts import CountLoader
from engines.intake.declarations import DeclarationLoader
from engines.intake.members import member_loader
from engines.intake.parse import Parsed
from engines.intake.sales import SalesLoader
from engines.intake.tenants import calendar_loader, tenant_loader
from models.store import Store


def make_loader(store: Store, parsed: Parsed, source: bytes | None) -> Loader:
    """A loader for the parsed file; `source` is None in a rehearsal for a source that does not exist yet."""
    match parsed.kind.name:
        case "sales":
            return SalesLoader(store, parsed, source)
        case "activities":
            return ActivityLoader(store, parsed, source)
        case "counts":
            return CountLoader(store, parsed, source)
        case "declarations":
            return DeclarationLoader(parsed)
        case "members":
            return member_loader(store, parsed)
        case "tenants":
            return tenant_loader(parsed)
        case _:
            return calendar_loader(parsed)
