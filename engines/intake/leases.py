"""Leases: records by their code; a unit or tenant that is not there yet is made with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engines.intake.batches import Batch, keep_before
from engines.intake.choices import BREAKPOINTS, DECLARED_EVERY, choice, wrong_word
from engines.intake.money import WORDS, to_minor
from engines.intake.parse import Parsed
from engines.intake.parties import Named, Tenants
from engines.intake.records import RecordLoader, Step
from engines.intake.rows import Given, images
from models.connection import Connection
from models.ids import new_id
from models.store import Transaction, driver

MONTHS = Decimal(12)
AMOUNTS = {"service_charge": "service_charge_minor", "levy": "levy_minor", "breakpoint": "breakpoint_minor"}
NOT_BELOW_NOTHING = ("base_rent", "annual_rent", "service_charge", "levy", "breakpoint", "due_days")
Fault = tuple[str | None, str]


class Units:
    """Units by code with their areas in square metres, as the store has them, and as the whole file gives them.

    Where a file names a unit in several rows, the area of the last one counts, as with any record.
    """

    def __init__(self, parsed: Parsed) -> None:
        self._known: dict[str, tuple[bytes, float | None]] = {}
        self._given: dict[str, float] = {}
        if "gla" in parsed.fields:
            rows = parsed.lists(parsed.good())
            pairs = zip(rows["unit"], rows["gla"], strict=True)
            self._given = {unit: float(area) for unit, area in pairs if area is not None and area > 0}

    def find(self, connection: Connection, code: str) -> bytes:
        """The unit's id; one that no row has where it is still to be made or its area to be changed."""
        if not self._known:
            rows = driver(connection).execute("SELECT code, id, gla_m2 FROM unit").fetchall()
            self._known = {unit: (id_, area) for unit, id_, area in rows}
        id_, area = self._known.get(code, (b"", None))
        return id_ if area == self._given.get(code, area) else b""

    def settle(self, tx: Transaction, batch: Batch, code: str) -> bytes:
        """The unit's id, made or given its area where the file says another; what it was is kept."""
        area = self._given.get(code)
        if code not in self._known:
            made = new_id()
            keep_before(tx, batch, "unit", [(made, None)])
            tx.execute_many("INSERT INTO unit (id, code, gla_m2) VALUES (?, ?, ?)", [(made, code, area)])
            self._known[code] = (made, area)
        elif self.find(tx.connection, code) == b"":
            image = images(tx.connection, "unit", "code", [code])[code]
            keep_before(tx, batch, "unit", [(image["id"], image)])
            tx.execute_many("UPDATE unit SET gla_m2 = ? WHERE id = ?", [(area, image["id"])])
            self._known[code] = (image["id"], area)
        return self._known[code][0]


def lease_loader(parsed: Parsed) -> RecordLoader:
    """A loader of leases; without a number of its own a lease is known by its unit and first day."""
    units, tenants = Units(parsed), Tenants()
    words = {"breakpoint_kind": BREAKPOINTS, "declare_every": DECLARED_EVERY}

    def check(_: Connection, given: Given) -> Fault | None:
        return _fault(given, parsed.numbers.currency) or wrong_word(words, given)

    def columns_of(connection: Connection, given: Given) -> dict[str, Any]:
        tenant = tenants.find(connection, [given["tenant"]])[given["tenant"]]
        columns = {
            "code": given["code"] or f"{given['unit']} {given['from_day']}",
            "unit_id": units.find(connection, given["unit"]), "tenant_id": tenant or b"",
            "from_day": given["from_day"], "to_day": given["to_day"],
            "base_rent_minor": to_minor(_monthly(given)),
        }  # fmt: skip
        return columns | _terms(parsed, given, words)

    def before(tx: Transaction, batch: Batch, steps: Sequence[Step]) -> None:
        for step in steps:
            code = step.given["tenant"]
            if tenants.find(tx.connection, [code])[code] is None:
                tenants.make(tx, batch, [Named(code, step.given.get("tenant_name") or code)])
            step.columns["tenant_id"] = tenants.known(code)
            step.columns["unit_id"] = units.settle(tx, batch, step.given["unit"])

    return RecordLoader(parsed, "lease", "code", columns_of, before, check=check)


def _monthly(given: Given) -> Decimal:
    """The base rent of a month, or the twelfth part of a year's."""
    rent: Decimal | None = given["base_rent"]
    return rent if rent is not None else given["annual_rent"] / MONTHS


def _terms(parsed: Parsed, given: Given, words: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict[str, Any]:
    """What the file says of charges, turnover rent and declarations; a share without a breakpoint has a natural one."""
    columns: dict[str, Any] = {}
    for field, column in AMOUNTS.items():
        if field in parsed.fields:
            columns[column] = to_minor(given[field]) if given[field] is not None else None
    if "turnover_share" in parsed.fields:
        share = given["turnover_share"]
        columns["turnover_pct"] = None if share is None else float(share)
        kind = "natural" if given["breakpoint"] is None else "artificial"
        columns["breakpoint"] = kind if share else None
    if "breakpoint_kind" in parsed.fields and given["breakpoint_kind"]:
        columns["breakpoint"] = choice(words["breakpoint_kind"], given["breakpoint_kind"])
    if "declare_every" in parsed.fields:
        every = given["declare_every"]
        columns["declare_every"] = choice(words["declare_every"], every) if every else None
    if "due_days" in parsed.fields:
        columns["due_days"] = given["due_days"]
    return columns


def _fault(given: Given, ours: str) -> Fault | None:
    """The first reason why a row cannot be a lease."""
    said, share, area = given["currency"], given["turnover_share"], given["gla"]
    below = next((f for f in NOT_BELOW_NOTHING if given[f] is not None and given[f] < 0), None)
    faults: list[tuple[bool, str | None, str]] = [
        (bool(said) and ours not in (str(said).upper(), WORDS.get(str(said).upper())), "currency",
         f"the row is in {said}, the site's currency is {ours}"),
        (given["to_day"] < given["from_day"], "to_day", "the last day is before the first"),
        (given["base_rent"] is None and given["annual_rent"] is None, "base_rent",
         "the row gives no rent; a lease without one says 0"),
        (below is not None, below, "it is below 0"),
        (area is not None and area <= 0, "gla", "an area is above 0"),
        (share is not None and not 0 <= share < 1, "turnover_share",
         "the share of sales is between 0 and 100 per cent"),
    ]  # fmt: skip
    return next(((field, reason) for wrong, field, reason in faults if wrong), None)
