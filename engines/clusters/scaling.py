"""Measures made comparable: skew taken out by rule, the same spread for each, and those that tell nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SKEWED = 0.75
"""A skewness above this is taken out: by the logarithm where less than it is left, else by Yeo and Johnson's power."""
SAME = 0.98
"""Two measures whose ranks correlate so much are one."""
FARTHEST = 4.0
"""Standard deviations at which a value is cut: one fantastic receipt must not be a cluster."""


@dataclass(frozen=True)
class Scale:
    """How one measure is made comparable.

    `way` is plain, log (of 1 + value) or power (Yeo and Johnson 2000 with `power`, of the value less `centre` over
    `width`); the result less `shift` is divided by `spread`. `unknown` stands in where a person has no value.
    """

    way: str
    power: float
    centre: float
    width: float
    unknown: float
    shift: float = 0.0
    spread: float = 1.0

    def bend(self, values: Array) -> Array:
        """The values without their skew."""
        from scipy.stats import yeojohnson

        known = np.where(np.isfinite(values), values, self.unknown)
        if self.way == "log":
            return np.log1p(np.maximum(known, 0.0))
        if self.way == "power":
            return np.asarray(yeojohnson((known - self.centre) / self.width, lmbda=self.power), float)
        return known

    def apply(self, values: Array) -> Array:
        """Standardised values, cut at FARTHEST; finite for every input."""
        return np.clip((self.bend(values) - self.shift) / self.spread, -FARTHEST, FARTHEST)


@dataclass(frozen=True)
class Dropped:
    """A measure left out, and why: empty, constant, coarse (`_coarse`), or the same as another (`like`)."""

    name: str
    why: str
    like: str = ""


@dataclass(frozen=True)
class Scaling:
    """The scales of the measures that stay, in order, and those that were dropped."""

    scales: Mapping[str, Scale]
    dropped: tuple[Dropped, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that stay."""
        return tuple(self.scales)

    def apply(self, values: Mapping[str, Array]) -> Array:
        """People x measures that stay."""
        return np.column_stack([scale.apply(values[name]) for name, scale in self.scales.items()])

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: list(astuple(scale)) for name, scale in self.scales.items()}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Scaling:
        """What `to_json` said; of dropped measures nothing is known."""
        return cls({name: Scale(*parts) for name, parts in found.items()})


def scaling_of(values: Mapping[str, Array]) -> Scaling:
    """The scaling of these measures (each one value a person); all may be dropped."""
    scales: dict[str, Scale] = {}
    dropped: list[Dropped] = []
    for name, raw in values.items():
        known = raw[np.isfinite(raw)]
        if not known.size:
            dropped.append(Dropped(name, "empty"))
        elif _spread(known) <= 1e-9 * max(float(np.abs(known).max()), 1.0):
            dropped.append(Dropped(name, "constant"))
        elif _coarse(known):
            dropped.append(Dropped(name, "coarse"))
        elif like := next((other for other in scales if _same(raw, values[other])), ""):
            dropped.append(Dropped(name, "same", like))
        else:
            scales[name] = _scale_of(known)
    return Scaling(scales, tuple(dropped))


def _coarse(known: Array) -> bool:
    """A share of hardly more than yes and no, as that of one purchase: its values would pass for groups of people."""
    return bool(known.min() >= 0 and known.max() <= 1 and len(np.unique(known)) <= 3)


def _scale_of(known: Array) -> Scale:
    scale = _least_skewed(known)
    bent = scale.bend(known)
    spread = float(bent.std())
    return Scale(
        scale.way, scale.power, scale.centre, scale.width, scale.unknown,
        float(bent.mean()), spread if spread > 0 else 1.0,
    )  # fmt: skip


def _least_skewed(known: Array) -> Scale:
    middle = float(np.median(known))
    plain = Scale("plain", 1.0, 0.0, 1.0, middle)
    if abs(_skewness(known)) <= SKEWED:
        return plain
    candidates = [plain]
    if known.min() >= 0:
        log = Scale("log", 0.0, 0.0, 1.0, middle)
        if abs(_skewness(log.bend(known))) <= SKEWED:
            return log
        candidates.append(log)
    return min([*candidates, _powered(known, middle)], key=lambda scale: abs(_skewness(scale.bend(known))))


def _powered(known: Array, middle: float) -> Scale:
    from scipy.stats import yeojohnson_normmax

    centre, width = float(known.mean()), float(known.std())
    power = float(yeojohnson_normmax((known - centre) / width))
    return Scale("power", min(max(power, -2.0), 4.0), centre, width, middle)


def _spread(values: Array) -> float:
    return float(values.max() - values.min())


def _skewness(values: Array) -> float:
    spread = float(values.std())
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


def _same(a: Array, b: Array) -> bool:
    from scipy.stats import rankdata

    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3 or _spread(a[both]) == 0 or _spread(b[both]) == 0:
        return False
    return bool(abs(np.corrcoef(rankdata(a[both]), rankdata(b[both]))[0, 1]) >= SAME)
