"""A finding of the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "warning", "bad", "off"]


@dataclass(frozen=True)
class Check:
    """One thing looked at. `says` and `step` are templates over `facts`, so that a page can translate them.

    'bad' must be mended, 'warning' should be looked at, 'off' is an optional part that is not here.
    """

    name: str
    title: str
    title_zh: str
    state: State
    says: str
    step: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self) -> str:
        """What was found, in English."""
        return self.says.format(**self.facts)

    def advice(self) -> str:
        """What to do about it, in English; empty where there is nothing to do."""
        return self.step.format(**self.facts)
