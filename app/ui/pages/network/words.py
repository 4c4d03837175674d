"""Words of the Network page."""

from __future__ import annotations

from typing import Any

from app.ui.format import current
from app.ui.i18n import language, mark, tr

NO_FRIENDS = mark(
    "Buying at the same place is never read as friendship. Only people who allowed profiling are named; all others are "
    "counted and drawn as numbers."
)
CASE_KINDS: dict[str, str] = {
    "duplicate": mark("One slip on two cards"), "double_source": mark("Two sources, same receipts"),
    "burst": mark("Many receipts at once"), "distant": mark("Two floors in a minute"),
    "closing": mark("Round amounts at closing"), "ring": mark("Referral ring"),
    "self_referral": mark("Brought themselves"),
}  # fmt: skip
DECISIONS: dict[str, str] = {"": mark("Undecided"), "confirmed": mark("Confirmed"), "dismissed": mark("Dismissed")}
SERIES_KINDS: dict[str, str] = {
    "mall": mark("Mall"), "category": mark("Trade"), "tier": mark("Tier"), "tenant": mark("Tenant"),
}  # fmt: skip


def named(english: str, chinese: str) -> str:
    """The name in the language in force."""
    return chinese if language() == "zh" else english


def case_kind(key: Any) -> str:
    """What a kind of case is called."""
    return tr(CASE_KINDS.get(str(key), str(key)))


def decision_words(key: Any) -> str:
    """What was decided."""
    return tr(DECISIONS.get(str(key), str(key)))


def series_kind(key: Any) -> str:
    """What a kind of series is called."""
    return tr(SERIES_KINDS.get(str(key), str(key)))


def shift(size: Any) -> str:
    """A size of shift: a share, or that none up to 95 % is seen."""
    return tr("over 95 %") if size is None else current().percent(float(size), 0)


def two_places(value: Any) -> str:
    """A lift with two decimals."""
    return current().decimal(float(value), 2)


def direction_words(key: Any) -> str:
    """Which way a habit turned."""
    return tr("More often") if key == "up" else tr("Less often")
