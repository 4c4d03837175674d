"""Unusual shares: openings and clicks of campaigns, returns of tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.anomalies.findings import Finding, Value
from engines.anomalies.robust import centre_and_spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOUND = 3.0
LEAST_BEFORE = 4
LEAST_OF = 100


@dataclass(frozen=True)
class Share:
    """`n` of `of`, known on `day`, of something that has a name in both languages."""

    subject: str
    day: str
    n: int
    of: int
    name: str
    name_zh: str


def logit(n: Ints, of: Ints) -> Floats:
    """The logarithm of the odds with half a case added on each side (Haldane 1956): finite for none and for all."""
    return np.log((n + 0.5) / (of - n + 0.5))


def unusual_shares(shares: Sequence[Share], since: str) -> list[Finding]:
    """Shares from `since` on that lie outside what those before them vary by, their own noise added.

    The band is three robust standard deviations of the earlier ones' log odds around their median, widened by the
    binomial noise of the share that is judged. It takes four earlier ones and a hundred cases each.
    """
    ordered = sorted((s for s in shares if s.of >= LEAST_OF), key=lambda s: (s.day, s.subject))
    found = []
    for i, share in enumerate(ordered):
        before = ordered[:i]
        if share.day < since or len(before) < LEAST_BEFORE:
            continue
        past = logit(np.array([s.n for s in before]), np.array([s.of for s in before]))
        centre, spread = centre_and_spread(past)
        here = float(logit(np.array([share.n]), np.array([share.of]))[0])
        noise = (1 / (share.n + 0.5) + 1 / (share.of - share.n + 0.5)) ** 0.5
        reach = BOUND * (spread**2 + noise**2) ** 0.5
        if abs(here - centre) > reach:
            found.append(_finding(share, before, (centre - reach, centre + reach), (here - centre) / reach * BOUND))
    return found


def _finding(share: Share, before: Sequence[Share], band: tuple[float, float], score: float) -> Finding:
    low, high = (100 / (1 + float(np.exp(-edge))) for edge in band)
    facts: dict[str, Value] = {
        "subject": share.subject, "subject_en": share.name, "subject_zh": share.name_zh, "day": share.day,
        "observed": 100 * share.n / share.of, "n": share.n, "of": share.of, "low": low, "high": high,
    }  # fmt: skip
    rows: list[dict[str, Value]] = [
        {"day": s.day, "observed": 100 * s.n / s.of, "expected": None, "low": low, "high": high}
        for s in (*before[-8:], share)
    ]
    sentence = "share_above" if score > 0 else "share_below"
    return Finding("unusual_share", share.subject, share.day, score, sentence, facts, tuple(rows))


def returned_more(
    names: Sequence[Share], new: tuple[Ints, Ints], old: tuple[Ints, Ints], rate: float = 0.01
) -> list[Finding]:
    """Tenants whose share of returns is far above that of the period before: `new` and `old` are returns, receipts.

    One-sided test of two shares by the hypergeometric law (Fisher's exact test), the false ones among all tenants held
    by Benjamini and Hochberg.
    """
    from scipy.stats import hypergeom

    from_new, of_new = new
    total, cases = of_new + old[1], from_new + old[0]
    chances = np.asarray(hypergeom.sf(from_new - 1, total, cases, of_new), dtype=np.float64)
    order = np.argsort(chances, kind="stable")
    bars = rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    under = np.flatnonzero(chances[order] <= bars)
    kept = order[: under[-1] + 1] if len(under) else order[:0]
    found = []
    for i in sorted(kept.tolist()):
        before = 100 * old[0][i] / max(int(old[1][i]), 1)
        share = names[i]
        facts: dict[str, Value] = {
            "subject": share.subject, "subject_en": share.name, "subject_zh": share.name_zh, "day": share.day,
            "observed": 100 * share.n / max(share.of, 1), "n": share.n, "of": share.of, "low": 0.0, "high": before,
        }  # fmt: skip
        score = float(min(-np.log10(max(float(chances[i]), 1e-300)), 300.0))
        found.append(Finding("unusual_share", share.subject, share.day, score, "share_above", facts, ()))
    return found
