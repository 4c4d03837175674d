"""Visits put together from stops, and which places are visited one after the other more often than by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
Columns = dict[str, Any]

LENGTHS = (2, 3)
MOST = 200
FEWEST = 10
"""Patterns of fewer visits are neither kept nor shown: they would tell of single people."""
START, END = "start", "end"


def starts_of(person: Ints, visit: Ints) -> Ints:
    """Rows at which a visit begins, in stops sorted by person and order."""
    if not len(person):
        return np.zeros(0, dtype=np.int64)
    new = (np.diff(person) != 0) | (np.diff(visit) != 0)
    return np.concatenate([[0], np.flatnonzero(new) + 1]).astype(np.int64)


def person_numbers(stops: pa.Table) -> Ints:
    """A number for each person of a frame sorted by person, growing with the rows."""
    import pyarrow.compute as pc

    ids = stops.column("person_id").combine_chunks()
    if not len(ids):
        return np.zeros(0, dtype=np.int64)
    other = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(other)]).astype(np.int64)


def sessions(stops: pa.Table) -> Columns:
    """One row a visit, of stops sorted by person and order."""
    import pyarrow as pa

    person, visit = person_numbers(stops), stops.column("visit").to_numpy()
    first = starts_of(person, visit)
    count = np.diff(np.concatenate([first, [len(person)]]))
    whose = np.repeat(np.arange(len(first)), count)
    at, money = stops.column("at").to_numpy(), stops.column("net_minor").to_numpy(zero_copy_only=False)
    receipt = ~np.isnan(np.asarray(money, dtype=np.float64))
    place = _codes(stops.column("place"))
    zone = np.array([str(p).startswith("zone:") for p in place.names], dtype=bool)[place.of] & ~receipt
    return {
        "person_id": stops.column("person_id").take(pa.array(first)),
        "started_at": at[first],
        "ended_at": at[first + count - 1],
        "day": stops.column("day").take(pa.array(first)),
        "stops": count,
        "receipts": _sum(whose, receipt, len(first)),
        "tenants": _different(whose, _codes(stops.column("tenant_id")).of, len(first)),
        "zones": _different(whose, np.where(zone, place.of, -1), len(first)),
        "net_minor": _sum(whose, np.where(receipt, money, 0), len(first)),
    }


def patterns(stops: pa.Table) -> tuple[Columns, Columns]:
    """The commonest patterns with their lift, and how often one place follows another.

    A place that repeats at once counts once, and a pattern once a visit. `share` is of the visits with more than one
    place. `lift` compares a pattern with its places' own shares at their positions among all patterns of its length:
    above 1 they follow each other more than by chance.
    """
    person, visit = person_numbers(stops), stops.column("visit").to_numpy()
    place = _codes(stops.column("place"))
    first = starts_of(person, visit)
    begins = np.zeros(len(person), dtype=bool)
    begins[first] = True
    keep = begins | (np.concatenate([[True], place.of[1:] != place.of[:-1]]) if len(person) else begins)
    whose = (np.cumsum(begins) - 1)[keep]
    spot, n = place.of[keep], len(first)
    several = max(len(np.unique(whose[1:][whose[1:] == whose[:-1]])), 1)
    rows: list[tuple[tuple[int, ...], int, float]] = []
    for length in LENGTHS:
        found = _grams(spot, whose, length, len(place.names))
        rows += [(gram, k, _lift(gram, k, found)) for gram, k in found.items() if k >= FEWEST]
    rows = sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST]
    kept = {
        "pattern": [" > ".join(place.names[i] for i in g) for g, *_ in rows],
        "length": [len(g) for g, *_ in rows],
        "sessions": [r[1] for r in rows],
        "share": [r[1] / several for r in rows],
        "lift": [r[2] for r in rows],
    }
    return kept, _flows(spot, whose, n, place.names)


class _codes:  # noqa: N801 - a small record made from one column
    """Numbers for the values of a column (-1 for none) and their names in order."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        import pyarrow.compute as pc

        values = pc.unique(column.drop_null()).sort() if len(column) else column.combine_chunks()
        self.names: list[Any] = values.to_pylist()
        found = pc.fill_null(pc.index_in(column, value_set=values), -1)
        self.of: Ints = np.asarray(found.to_numpy(), dtype=np.int64)


def _sum(whose: Ints, values: Any, n: int) -> Ints:
    return np.rint(np.bincount(whose, weights=np.asarray(values, dtype=np.float64), minlength=n)).astype(np.int64)


def _different(whose: Ints, code: Ints, n: int) -> Ints:
    """How many different codes (-1 is none) each visit has."""
    some = code >= 0
    pairs = np.unique(np.stack([whose[some], code[some]]), axis=1)
    return np.bincount(pairs[0], minlength=n).astype(np.int64)


def _lift(gram: tuple[int, ...], n: int, found: dict[tuple[int, ...], int]) -> float:
    """How many times more visits have the pattern than if its positions were filled without regard to each other."""
    whole = sum(found.values())
    chance = 1.0
    for i, place in enumerate(gram):
        chance *= sum(k for other, k in found.items() if other[i] == place) / whole
    return n / whole / chance


def _grams(spot: Ints, whose: Ints, length: int, kinds: int) -> dict[tuple[int, ...], int]:
    """Visits with each run of so many different places."""
    if len(spot) < length:
        return {}
    parts = [spot[i : len(spot) - length + 1 + i] for i in range(length)]
    same = whose[: len(spot) - length + 1] == whose[length - 1 :]
    unlike = np.ones(len(same), dtype=bool)
    for i in range(length):
        for j in range(i):
            unlike &= parts[i] != parts[j]
    packed = np.zeros(len(same), dtype=np.int64)
    for part in parts:
        packed = packed * kinds + part
    rows = np.unique(np.stack([whose[: len(same)], packed])[:, same & unlike], axis=1)
    codes, counts = np.unique(rows[1], return_counts=True)
    return {_unpacked(int(c), length, kinds): int(k) for c, k in zip(codes, counts, strict=True)}


def _unpacked(code: int, length: int, kinds: int) -> tuple[int, ...]:
    out: list[int] = []
    for _ in range(length):
        code, part = divmod(code, kinds)
        out.append(part)
    return tuple(reversed(out))


def _flows(spot: Ints, whose: Ints, n: int, names: list[Any]) -> Columns:
    """Moves from place to place with the first and the last of each visit; moves of fewer than FEWEST stay out."""
    if not len(spot):
        return {"source": [], "target": [], "n": []}
    kinds = len(names)
    edges = np.flatnonzero(np.diff(whose))
    inner = np.ones(len(spot) - 1, dtype=bool)
    inner[edges] = False
    source = np.concatenate([spot[:-1][inner], np.full(n, kinds), spot[np.concatenate([edges, [-1]])]])
    target = np.concatenate([spot[1:][inner], spot[np.concatenate([[0], edges + 1])], np.full(n, kinds + 1)])
    codes, counts = np.unique(source * (kinds + 2) + target, return_counts=True)
    whole = [*names, START, END]
    kept = [(whole[c // (kinds + 2)], whole[c % (kinds + 2)], int(k)) for c, k in zip(codes, counts, strict=True)]
    kept = [row for row in kept if row[2] >= FEWEST]
    return {name: [row[i] for row in kept] for i, name in enumerate(("source", "target", "n"))}
