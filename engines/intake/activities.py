"""Activities: facts around a customer, each once by its key at the source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from engines.intake.keyed import Fault, KeyedLoader
from engines.intake.money import to_minor
from engines.intake.parties import Sign
from engines.intake.rows import Given
from engines.people.identifiers import clean_identifier
from engines.privacy.payment_cards import hide_cards
from models.connection import Connection

_NEWER = ("device", "duration", "page")


class ActivityLoader(KeyedLoader):
    """Loads activities, known by a card, customer number, phone, e-mail or device."""

    table = "activity"
    columns = (
        "identifier_id", "kind", "at", "day", "minute", "zone_code", "tenant_id", "campaign_id", "related_id",
        "amount_minor", "score", "props",
    )  # fmt: skip

    def check(self, connection: Connection, row: Given) -> Fault | None:
        """A campaign must be known: a misspelt one would lose its credit."""
        return self.missing(connection, row, {"campaign": "campaign"})

    def signs_of(self, row: Given) -> Iterable[Sign]:
        """Who it was, and the other party."""
        return [sign for sign in (self.sign(row), self._related(row)) if sign is not None]

    def content(self, row: Given) -> object:
        """All it says; a field that older files could not fill counts only where it is filled."""
        return sorted((name, value) for name, value in row.items() if name not in _NEWER or value is not None)

    def values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """As the store keeps it."""
        return (
            self.signs.known(self.sign(row)), row["kind"], *row["at"], row["zone"], self.tenants.known(row["tenant"]),
            self.code(connection, "campaign", row["campaign"]), self.signs.known(self._related(row)),
            to_minor(row["amount"]) if row["amount"] is not None else None,
            float(row["score"]) if row["score"] is not None else None, _props(row),
        )  # fmt: skip

    def _related(self, row: Given) -> Sign | None:
        cleaned = clean_identifier("card", row["related"], self.country) if row["related"] else ""
        return ("card", cleaned) if cleaned else None


def _props(row: Given) -> str | None:
    """The other properties as JSON, with the page and the seconds it lasted where columns of their own say so."""
    told: dict[str, Any] = {}
    if row["page"] is not None:
        told["page"] = row["page"]
    if row["duration"] is not None:
        told["seconds"] = float(row["duration"])
    props = hide_cards(str(row["props"])) if row["props"] else None
    if not told:
        return props
    known = json.loads(props) if props else {}
    return json.dumps({**known, **told}, ensure_ascii=False, sort_keys=True)
