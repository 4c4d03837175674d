"""Customers: masked in lists; plain values of one, with the right and a reason, audited."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from app.gateway.callers import Gateway, Here, Need
from app.gateway.forms import (
    CustomerOut,
    Limit,
    Mark,
    NamedValue,
    Page,
    PersonId,
    RevealIn,
    RevealOut,
    SearchIn,
)
from app.gateway.paging import pack, unpack_row
from app.gateway.problems import Problem
from engines.access.api_keys import Caller
from engines.access.queries import may_see_people
from engines.people.actions import reveal
from engines.people.queries import Customer, customers_of, search
from models.errors import Denied

router = APIRouter(prefix="/v1/customers", tags=["customers"])
Reader = Annotated[Caller, Depends(Need("see_members"))]
Among = Annotated[Literal["everyone", "members", "bought", "never"], Query()]


@router.get("", summary="Customers, masked")
def customers(
    here: Here, found: Reader, among: Among = "everyone", limit: Limit = 100, after: Mark = None
) -> Page[CustomerOut]:
    """The biggest spenders of the last run first."""
    _for_service(here, found)
    rows = search(here.store, among=among, limit=limit, after=unpack_row(after, int))
    return Page(items=[_shown(row) for row in rows], next=pack(*rows[-1].key) if len(rows) == limit else None)


@router.post("/search", summary="Find a customer by a sign or a name, masked")
def find(here: Here, found: Reader, body: SearchIn) -> Page[CustomerOut]:
    """By POST, so that what is looked for stands in no address."""
    _for_service(here, found)
    return Page(items=[_shown(row) for row in search(here.store, body.text, limit=body.limit)])


@router.get("/{person}", summary="One customer, masked")
def customer(here: Here, found: Reader, person: PersonId) -> CustomerOut:
    """Raises 404 for someone unknown, merged or erased."""
    _for_service(here, found)
    return _shown(_known(here, person))


@router.post("/{person}/reveal", summary="One customer's plain values, for a reason")
def reveal_customer(
    here: Here, found: Annotated[Caller, Depends(Need("reveal"))], person: PersonId, body: RevealIn
) -> RevealOut:
    """Who asked, for whom, why and for which purpose is in the audit trail before the answer is made."""
    _known(here, person)
    shown = reveal(here.store, found.actor, bytes.fromhex(person), body.reason, purpose=body.purpose)
    return RevealOut(
        names=[name for name, _ in shown.cards], cards=[card for _, card in shown.cards],
        identifiers=[NamedValue(kind=kind, value=value) for kind, value in shown.identifiers],
    )  # fmt: skip


def _for_service(here: Gateway, found: Caller) -> None:
    if not may_see_people(here.store, found.actor, "service"):
        raise Denied("Your rights do not hold for this purpose.", "Ask an administrator.")


def _known(here: Gateway, person: str) -> Customer:
    key = bytes.fromhex(person)
    found = customers_of(here.store, [key]).get(key)
    if found is None:
        raise Problem(404, "There is no such customer.", "The id may be of someone who was merged or erased.")
    return found


def _shown(row: Customer) -> CustomerOut:
    return CustomerOut(
        id=row.person_id.hex(), label=row.label, card=row.card, tier=row.tier, joined_day=row.joined_day,
        purchases=row.purchases, net_minor=row.net_minor, last_day=row.last_day, segment=row.segment,
    )  # fmt: skip
