"""Shares corrected for a network's known errors, with an interval.

A network that tells men from women with 90 % does not find the share of men: its errors move every share towards
the middle. Where the errors are known from a labelled set, the true share follows from the observed one. This
holds as far as the mall's people are mistaken as often as the labelled set's, which is why the groups where
the network is weak belong beside each chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING

from models.errors import NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Z = 1.959963984540054
"""Intervals hold with 95 %."""
_LEAST_YOUDEN = 0.2
_DRAWS = 1000
_ROUNDS = 500
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Share:
    """A share (0..1) as observed, corrected, and the interval of the corrected one; `n` people were observed."""

    name: str
    n: int
    observed: float
    corrected: float
    low: float
    high: float


@dataclass(frozen=True)
class Confusion:
    """Of the people that are truly `names[i]`, `counts[i][j]` were told to be `names[j]`; undecided ones left out."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def row_sum(self, index: int) -> int:
        """How many that are truly `names[index]` were told to be anything."""
        return sum(self.counts[index])


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of `right` in `n` (Wilson 1927); everything is possible where n is 0."""
    if n == 0:
        return 0.0, 1.0
    share = right / n
    middle, wide = share + Z * Z / (2 * n), Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low, high = (middle - wide) / (1 + Z * Z / n), (middle + wide) / (1 + Z * Z / n)
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # at 0 and at n the limits are off by rounding


def rogan_gladen(observed: float, sensitivity: float, specificity: float) -> float:
    """The true share behind an observed one, all 0..1 (Rogan and Gladen 1978, Am J Epidemiology 107)."""
    return min(1.0, max(0.0, (observed + specificity - 1) / (sensitivity + specificity - 1)))


def corrected_two(counts: tuple[int, int], confusion: Confusion) -> tuple[Share, Share]:
    """The two groups' shares from their observed counts, by Rogan and Gladen.

    The interval is Lang and Reiczigel's (2014, Preventive Veterinary Medicine 113): it counts the errors of the
    observation and of both rates of the labelled set. Raises NotEnoughData where nobody was observed or labelled,
    or where the network hardly tells the two apart.
    """
    n, (n_first, n_second) = sum(counts), (confusion.row_sum(0), confusion.row_sum(1))
    if min(n, n_first, n_second) == 0:
        raise NotEnoughData(
            "Nobody was observed, or the labelled set lacks a group.", missing_zh="没有观测到人，或标注集缺少某一组。"
        )
    sensitivity, specificity = confusion.counts[0][0] / n_first, confusion.counts[1][1] / n_second
    if sensitivity + specificity - 1 < _LEAST_YOUDEN:
        raise NotEnoughData(
            "The network hardly tells these groups apart on the labelled set.", "Use other weights.",
            missing_zh="该模型在标注集上几乎无法区分这些组。请更换模型权重。",
        )  # fmt: skip
    first = rogan_gladen(counts[0] / n, sensitivity, specificity)
    low, high = _lang_reiczigel(counts[0], n, (confusion.counts[0][0], n_first), (confusion.counts[1][1], n_second))
    one, two = confusion.names
    return (
        Share(one, counts[0], counts[0] / n, first, min(low, first), max(high, first)),
        Share(two, counts[1], counts[1] / n, 1 - first, min(1 - high, 1 - first), max(1 - low, 1 - first)),
    )


def corrected_many(counts: Sequence[int], confusion: Confusion) -> tuple[Share, ...]:
    """The groups' shares from their observed counts, by the most likely mixture of the labelled set's rows.

    The most likely mixture is found by expectation maximisation (Dempster, Laird and Rubin 1977); the interval by
    drawing observed shares and rows from their Dirichlet posteriors (Jeffreys prior) and correcting each draw,
    with a fixed seed; its lower end is rounded down to a thousandth, for a draw is never exactly none. Raises
    NotEnoughData where nobody was observed or a group is not in the labelled set.
    """
    import numpy as np

    seen, rows = np.asarray(counts, float), np.asarray(confusion.counts, float)
    n = float(seen.sum())
    if n == 0 or not (rows.sum(axis=1) > 0).all():
        raise NotEnoughData(
            "Nobody was observed, or the labelled set lacks a group.", missing_zh="没有观测到人，或标注集缺少某一组。"
        )
    best = _mixture((seen / n)[None], (rows / rows.sum(axis=1, keepdims=True))[None])[0]
    random = np.random.default_rng(_SEED)
    drawn = random.dirichlet(seen + 0.5, _DRAWS)
    tables = np.stack([random.dirichlet(row + 0.5, _DRAWS) for row in rows], axis=1)
    low, high = np.quantile(_mixture(drawn, tables), [0.025, 0.975], axis=0)
    return tuple(
        Share(name, int(k), float(k / n), float(b), floor(1000 * min(lo, b)) / 1000, float(max(hi, b)))
        for name, k, b, lo, hi in zip(confusion.names, seen, best, low, high, strict=True)
    )


def widened(shares: Sequence[Share], hidden: float) -> tuple[Share, ...]:
    """Shares of everybody where the part `hidden` (0..1) of them may be of any of the groups."""
    return tuple(
        Share(s.name, s.n, s.observed, s.corrected, s.low * (1 - hidden), min(1.0, s.high * (1 - hidden) + hidden))
        for s in shares
    )


def _lang_reiczigel(k: int, n: int, first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    p = (k + Z * Z / 2) / (n + Z * Z)
    (se, n_se), (sp, n_sp) = (((right + 1) / (of + 2), of + 2) for right, of in (first, second))
    youden = se + sp - 1
    share = (p + sp - 1) / youden
    of_first, of_second = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * Z * Z * (share * of_first - (1 - share) * of_second)
    error = sqrt(p * (1 - p) / (n + Z * Z) + share**2 * of_first + (1 - share) ** 2 * of_second) / youden
    low, high = share + shift - Z * error, share + shift + Z * error
    return min(1.0, max(0.0, low)), max(0.0, min(1.0, high))


def _mixture(observed: NDArray[np.float64], tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """(draws, k) shares whose mixture of each draw's rows (draws, k, k) is likeliest for the observed shares."""
    import numpy as np

    shares = np.full_like(observed, 1 / observed.shape[1])
    for _ in range(_ROUNDS):
        told = np.einsum("dk,dkj->dj", shares, tables)
        shares = shares * np.einsum("dkj,dj->dk", tables, observed / np.maximum(told, 1e-300))
        shares = shares / shares.sum(axis=1, keepdims=True)
    return shares
