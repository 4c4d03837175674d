"""A case: what was found, how unlikely it is, and the rows that show it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = str | int | float | None
EVIDENCE_ROWS = 50
KINDS = ("duplicate", "double_source", "burst", "distant", "closing", "ring", "self_referral")
SERIOUS = 6.0


@dataclass(frozen=True)
class Case:
    """`chance` is how likely chance gives this; `holders` are ids of people (or of cards that nobody owns).

    `key` tells this case from others of its kind and is the same each time it is found. `amount_minor` is what the
    receipts come to. `evidence` are rows with ids in hexadecimal.
    """

    kind: str
    key: str
    tenant_id: bytes | None
    holders: tuple[bytes, ...]
    first_day: str
    last_day: str
    chance: float
    amount_minor: int
    facts: Mapping[str, Value]
    evidence: tuple[Mapping[str, Value], ...]

    @property
    def fingerprint(self) -> str:
        """The same for the same case found again."""
        return f"fraud:{self.kind}:{self.key}"

    @property
    def score(self) -> float:
        """-log10 of the chance, 0 to 300: 3 is one in a thousand."""
        return min(max(-math.log10(max(self.chance, 1e-300)), 0.0), 300.0)

    @property
    def severity(self) -> str:
        """A warning for what chance hardly gives, a notice for the rest."""
        return "warning" if self.score >= SERIOUS else "notice"

    def row(self) -> dict[str, Any]:
        """The case as a row of `fraud_case`."""
        return {
            "fingerprint": self.fingerprint,
            "kind": self.kind,
            "severity": self.severity,
            "tenant_id": self.tenant_id,
            "subjects": json.dumps([holder.hex() for holder in self.holders]),
            "first_day": self.first_day,
            "last_day": self.last_day,
            "score": self.score,
            "amount_minor": self.amount_minor,
            "sentence": f"fraud_{self.kind}",
            "facts": _text(dict(self.facts)),
            "evidence": _text([dict(row) for row in self.evidence[:EVIDENCE_ROWS]]),
        }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
