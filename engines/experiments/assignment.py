"""Who is in which group: a hash of seed and subject, and the check that the groups came out as planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

PLACES = 10_000
FEWEST = 100
BLOCKS, WARNS = 0.001, 0.01


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash of the text's UTF-8 bytes (Fowler, Noll and Vo)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def place(seed: str, subject: str) -> int:
    """The subject's place, 0 to 9,999: FNV-1a of the decimal digits of FNV-1a(seed + subject), mod 10,000.

    Hashing twice spreads subjects whose names differ only at the end, which once does not. The same seed and subject
    have the same place on every machine; another seed shuffles everybody anew.
    """
    return fnv1a(str(fnv1a(seed + subject))) % PLACES


def arm(seed: str, subject: str, shares: Mapping[str, float]) -> str | None:
    """The subject's group; `shares` (summing to at most 1) are taken in order, None for those beyond them.

    Raises ValueError where shares are negative or exceed 1.
    """
    if any(s < 0 for s in shares.values()) or sum(shares.values()) > 1 + 1e-9:
        raise ValueError("shares lie between 0 and 1 and sum to at most 1")
    mine, upto = place(seed, subject), 0.0
    for name, share in shares.items():
        upto += share
        if mine < round(upto * PLACES):
            return name
    return None


@dataclass(frozen=True)
class Mismatch:
    """How far the groups' sizes are from the plan: `state` is unknown (under 100 subjects), ok, warns or blocks."""

    p: float | None
    state: Literal["unknown", "ok", "warns", "blocks"]


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> Mismatch:
    """Pearson's chi-square of the groups' sizes against the planned shares.

    Below .001 the result must not be read (blocks), below .01 somebody should look (warns): a broken assignment or
    a lost log changes effects by more than most treatments do.
    """
    if len(counts) != len(shares) or any(s <= 0 for s in shares):
        raise ValueError("every group needs a planned share above 0")
    total = sum(counts)
    if total < FEWEST or len(counts) < 2:
        return Mismatch(None, "unknown")
    from scipy.special import chdtrc

    planned = [total * s / sum(shares) for s in shares]
    statistic = sum((n - e) ** 2 / e for n, e in zip(counts, planned, strict=True))
    p = float(chdtrc(len(counts) - 1, statistic))
    return Mismatch(p, "blocks" if p < BLOCKS else "warns" if p < WARNS else "ok")
