"""One shop's own figures: all that a tenant's user can reach, and of no other shop."""

from __future__ import annotations

from dataclasses import dataclass

from engines.access.guard import check, guarded
from engines.sales.queries import SalesDay
from engines.sales.tenant import Receipt, latest_receipts, tenant_daily
from engines.tenants.queries import DeclarationRow, Position, TenantCard, declarations, positions, tenant_card
from models.errors import Known
from models.rights import standing
from models.store import Store

MONTHS = 6


@dataclass(frozen=True)
class Shop:
    """A tenant's card, its days and newest receipts of a period, its declarations and where its rent stands."""

    card: TenantCard
    days: tuple[SalesDay, ...]
    before: tuple[SalesDay, ...]
    receipts: tuple[Receipt, ...]
    declarations: tuple[DeclarationRow, ...]
    positions: tuple[Position, ...]


def my_shops(store: Store, actor: str) -> tuple[str, ...]:
    """The codes of the tenants that the actor's scopes name, in order; none for whoever has no such scope."""
    with store.read() as connection:
        return tuple(sorted(standing(connection, actor).scopes.get("tenant", ())))


@guarded
def my_shop(
    store: Store, actor: str, code: str, *, period: tuple[str, str], against: tuple[str, str] | None, today: str
) -> Shop:
    """The shop's own figures of a period and of the one it is compared with (none: nothing); days are ISO text.

    Raises Denied for a tenant outside the actor's scope, Known for one that there is none of.
    """
    check(store, actor, "own_shop", scope=("tenant", code), what=f"tenant/{code}")
    card = tenant_card(store, code)
    if card is None:
        raise Known(f"There is no tenant '{code}'.", "Ask an administrator.", code=2)
    return Shop(
        card,
        tuple(tenant_daily(store, code, *period)),
        tuple(tenant_daily(store, code, *against)) if against else (),
        tuple(latest_receipts(store, code, *period)),
        tuple(row for row in declarations(store, today, months=MONTHS) if row.tenant == code),
        tuple(row for row in positions(store, today) if row.tenant == code),
    )
