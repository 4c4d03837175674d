"""Credits of channels and campaigns under every model, each with an 80 % interval over people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.attribution.markov import normalised, removal
from engines.attribution.relations import PARTS, RULES

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bag = tuple[Array, Array]
"""Figures by code, and the same in each draw (draws x codes)."""

DRAWS = 200
SEED = 20_260
FEWEST_CONVERSIONS = 300
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Credit:
    """What a model gives to one channel, campaign or tenant: conversions and minor units, P10 to P90 over people."""

    model: str
    dimension: str
    code: str
    conversions: float
    conversions_low: float
    conversions_high: float
    value_minor: float
    value_low_minor: float
    value_high_minor: float


@dataclass(frozen=True)
class Touches:
    """Rows of credits of one kind of conversion, as arrays."""

    columns: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, frame: pa.Table, conversion: str) -> Touches:
        """The rows of `frame` for one kind of conversion."""
        mine = np.array([kind == conversion for kind in frame.column("conversion").to_pylist()], dtype=bool)
        texts = {
            n: np.array(frame.column(n).to_pylist(), dtype=str) for n in ("before", "channel", "campaign", "tenant")
        }
        numbers = {n: frame.column(n).to_numpy() for n in frame.column_names if n not in {*texts, "conversion"}}
        return cls({name: values[mine] for name, values in (texts | numbers).items()})

    @property
    def conversions(self) -> float:
        """Conversions that at least one touch went before."""
        return float(self.columns["last_n"].sum())

    @property
    def value(self) -> float:
        """Their money, minor units."""
        return float(self.columns["last_v"].sum())

    @property
    def lost(self) -> float:
        """Paths that led to no conversion."""
        return float(self.columns["ends_lost"].sum())

    def by_part(self, code: NDArray[np.str_], weight: str) -> tuple[NDArray[np.str_], Array]:
        """Codes in order, and the sum of a weight as parts x codes."""
        codes, at = np.unique(code, return_inverse=True)
        grid = np.zeros((PARTS, len(codes)))
        np.add.at(grid, (self.columns["part"], at), self.columns[weight])
        return codes, grid


def enough(touches: Touches) -> bool:
    """Whether there are the conversions and the lost paths that a removal effect needs."""
    return touches.conversions >= FEWEST_CONVERSIONS and touches.lost > 0


def all_credits(touches: Touches) -> list[Credit]:
    """Every model's credits; last touch alone where a removal effect would be noise. Empty without a touch."""
    if not touches.conversions:
        return []
    draws = _draws()
    models = list(RULES) if enough(touches) else ["last"]
    found = list(_tenants(touches, draws))
    for dimension, column in (("channel", 0), ("campaign", 1)):
        for model in models:
            weight = RULES[model][column]
            codes, n = touches.by_part(touches.columns[dimension], f"{weight}_n")
            _, v = touches.by_part(touches.columns[dimension], f"{weight}_v")
            found += _rows((model, dimension), codes, _drawn(n, draws), _drawn(v, draws))
        if enough(touches):
            found += _markov(touches, dimension, draws)
    return found


def _draws() -> Array:
    """How often each part of the people is drawn, draws x parts: the cluster bootstrap, people being the clusters."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(PARTS, np.full(PARTS, 1 / PARTS), size=DRAWS).astype(np.float64)


def _tenants(touches: Touches, draws: Array) -> Iterator[Credit]:
    """Conversions at each tenant that touches went before: the same under every model, a receipt having one tenant."""
    codes, n = touches.by_part(touches.columns["tenant"], "last_n")
    _, v = touches.by_part(touches.columns["tenant"], "last_v")
    kept = n.sum(axis=0) > 0
    yield from _rows(("touched", "tenant"), codes[kept], _drawn(n[:, kept], draws), _drawn(v[:, kept], draws))


def _drawn(by_part: Array, draws: Array) -> Bag:
    return by_part.sum(axis=0), draws @ by_part


def _rows(head: tuple[str, str], codes: NDArray[np.str_], n: Bag, v: Bag) -> Iterator[Credit]:
    bands = [np.quantile(drawn, [LOW, HIGH], axis=0) for _, drawn in (n, v)]
    for i, code in enumerate(codes.tolist()):
        conversions, value = (
            (float(own[i]), float(band[0, i]), float(band[1, i])) for (own, _), band in zip((n, v), bands, strict=True)
        )
        yield Credit(*head, code, *conversions, *value)


def _markov(touches: Touches, dimension: str, draws: Array) -> Iterator[Credit]:
    states, chain = _chains(touches, dimension)
    whole = normalised(removal(*(part.sum(axis=0) for part in chain)))
    drawn = normalised(removal(*(np.tensordot(draws, part, axes=1) for part in chain)))
    own = np.array([state.partition("|")[2] for state in states]) if dimension == "campaign" else states
    codes, at = np.unique(own, return_inverse=True)
    share, shares = np.zeros(len(codes)), np.zeros((len(draws), len(codes)))
    np.add.at(share, at, whole)
    np.add.at(shares.T, at, drawn.T)
    n = touches.by_part(touches.columns["channel"], "last_n")[1].sum(axis=1)
    v = touches.by_part(touches.columns["channel"], "last_v")[1].sum(axis=1)
    totals = (draws @ n)[:, None], (draws @ v)[:, None]
    yield from _rows(
        ("markov", dimension), codes, (share * n.sum(), shares * totals[0]), (share * v.sum(), shares * totals[1])
    )


def _chains(touches: Touches, dimension: str) -> tuple[NDArray[np.str_], tuple[Array, Array, Array, Array]]:
    """The states and, for each part of the people, the counts: begins, steps, won and lost."""
    c = touches.columns
    here, before = c["channel"], c["before"]
    if dimension == "campaign":
        here = np.char.add(np.char.add(here, "|"), c["campaign"])
    else:
        before = np.array([text.partition("|")[0] for text in before.tolist()], dtype=str)
    states, at = np.unique(here, return_inverse=True)
    part, steps = c["part"], c["steps_won"] + c["steps_lost"]
    first = before == ""
    begins, won, lost = (np.zeros((PARTS, len(states))) for _ in range(3))
    moves = np.zeros((PARTS, len(states), len(states)))
    np.add.at(begins, (part[first], at[first]), steps[first])
    came = np.searchsorted(states, before[~first])
    np.add.at(moves, (part[~first], came, at[~first]), steps[~first])
    np.add.at(won, (part, at), c["last_n"])
    np.add.at(lost, (part, at), c["ends_lost"])
    return states, (begins, moves, won, lost)
