"""Which loader loads which kind."""

from __future__ import annotations

from engines.intake.activities import ActivityLoader
from engines.intake.business import campaign_loader, deal_loader, occasion_loader, prospect_loader
from engines.intake.business_facts import ConsentLoader, DealActivityLoader, MoneyLoader
from engines.intake.counts import CountLoader
from engines.intake.declarations import DeclarationLoader
from engines.intake.leases import lease_loader
from engines.intake.members import member_loader
from engines.intake.parse import Parsed
from engines.intake.running import Loader, MakeLoader
from engines.intake.sales import SalesLoader
from engines.intake.tenants import calendar_loader, tenant_loader
from models.store import Store


def make_loader(store: Store, parsed: Parsed, source: bytes | None) -> Loader:
    """A loader for the parsed file; `source` is None in a rehearsal for a source that does not exist yet."""
    return _LOADERS[parsed.kind.name](store, parsed, source)


_LOADERS: dict[str, MakeLoader] = {
    "sales": SalesLoader,
    "activities": ActivityLoader,
    "counts": CountLoader,
    "declarations": lambda _store, parsed, _source: DeclarationLoader(parsed),
    "members": lambda store, parsed, _source: member_loader(store, parsed),
    "tenants": lambda _store, parsed, _source: tenant_loader(parsed),
    "leases": lambda _store, parsed, _source: lease_loader(parsed),
    "calendar": lambda _store, parsed, _source: calendar_loader(parsed),
    "campaigns": lambda _store, parsed, _source: campaign_loader(parsed),
    "occasions": lambda _store, parsed, _source: occasion_loader(parsed),
    "prospects": lambda _store, parsed, _source: prospect_loader(parsed),
    "deals": lambda _store, parsed, _source: deal_loader(parsed),
    "deal_activities": DealActivityLoader,
    "consents": ConsentLoader,
    "money": MoneyLoader,
}
