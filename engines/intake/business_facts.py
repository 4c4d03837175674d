"""Steps of talks, decisions on consent, and money lines: facts, each once by its key at the source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engines.consent.rules import ADDRESSES
from engines.intake.choices import (
    CHANNELS,
    DEAL_KINDS,
    DECISIONS,
    HEADS,
    INCOME,
    PURPOSES,
    SIDES,
    STAGES,
    choice,
    wrong_word,
)
from engines.intake.keyed import SIGNS, Fault, KeyedLoader
from engines.intake.money import WORDS, to_minor
from engines.intake.parties import Sign
from engines.intake.rows import Given
from engines.privacy.payment_cards import hide_cards
from models.connection import Connection


class DealActivityLoader(KeyedLoader):
    """Loads what happened in talks; the talk must be known."""

    table = "deal_activity"
    columns = ("deal_id", "kind", "stage", "at", "day", "minute")

    def check(self, connection: Connection, row: Given) -> Fault | None:
        """The talk and the words must be known."""
        fault = wrong_word({"kind": DEAL_KINDS, "stage": STAGES}, row)
        return fault or self.missing(connection, row, {"deal": "deal"})

    def values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """As the store keeps it."""
        stage = choice(STAGES, row["stage"]) if row["stage"] else None
        return self.code(connection, "deal", row["deal"]), choice(DEAL_KINDS, row["kind"]), stage, *row["at"]


class ConsentLoader(KeyedLoader):
    """Loads decisions; each hangs on the sign that fits its channel, else on the surest that the row gives."""

    table = "consent_decision"
    columns = ("identifier_id", "purpose", "channel", "decision", "notice", "evidence", "at", "expires_at")

    def check(self, connection: Connection, row: Given) -> Fault | None:
        """Words on their lists, somebody who decided, and no expiry before the decision."""
        if fault := wrong_word({"purpose": PURPOSES, "channel": CHANNELS, "decision": DECISIONS}, row):
            return fault
        if self._who(row) is None:
            return None, "the row names nobody by card, customer number, phone, e-mail or device"
        if row["expires"] and row["expires"].at <= row["at"].at:
            return "expires", "it ends before it begins"
        return None

    def signs_of(self, row: Given) -> Iterable[Sign]:
        """Who decided."""
        sign = self._who(row)
        return [sign] if sign is not None else []

    def values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """As the store keeps it."""
        expires = row["expires"].at if row["expires"] else None
        return (
            self.signs.known(self._who(row)), choice(PURPOSES, row["purpose"] or "marketing"), self._channel(row),
            choice(DECISIONS, row["decision"]), row["notice"], _without_cards(row["evidence"]), row["at"].at, expires,
        )  # fmt: skip

    def _channel(self, row: Given) -> str:
        return choice(CHANNELS, row["channel"] or "any") or "any"

    def _who(self, row: Given) -> Sign | None:
        fitting = ADDRESSES[self._channel(row)] if self._channel(row) != "any" else ()
        return self.sign(row, (*(kind for kind in fitting if kind in SIGNS), *SIGNS))


class MoneyLoader(KeyedLoader):
    """Loads amounts of months. A row without a key is known by all but its amount: another amount is refused."""

    table = "money_line"
    columns = ("day", "side", "head", "amount_minor", "tenant_id", "zone_code", "campaign_id", "occasion_id", "note")

    def check(self, connection: Connection, row: Given) -> Fault | None:
        """Words on their lists, the site's currency, a month, and records that are there."""
        ours, said = self.parsed.numbers.currency, row["currency"]
        if said and ours not in (said.upper(), WORDS.get(said.upper())):
            return "currency", f"the row is in {said}, the site's currency is {ours}"
        if not row["month"] and not row["day"]:
            return "month", "month is empty"
        fault = wrong_word({"head": HEADS, "side": SIDES}, row)
        named = {"zone": "zone", "campaign": "campaign", "occasion": "occasion"}
        return fault or self.missing(connection, row, named)

    def content(self, row: Given) -> object:
        """Everything but the amount."""
        return sorted((name, value) for name, value in row.items() if name != "amount")

    def values(self, connection: Connection, row: Given) -> tuple[Any, ...]:
        """As the store keeps it."""
        head = choice(HEADS, row["head"])
        side = choice(SIDES, row["side"]) if row["side"] else ("income" if head in INCOME else "cost")
        return (
            f"{row['month'] or row['day'][:7]}-01", side, head, to_minor(row["amount"]),
            self.tenants.known(row["tenant"]), row["zone"], self.code(connection, "campaign", row["campaign"]),
            self.code(connection, "occasion", row["occasion"]),
            _without_cards(row["note"]),
        )  # fmt: skip


def _without_cards(text: str | None) -> str | None:
    return hide_cards(text) if text else text
