"""Which groups of an hour may be shown: none under the minimum size, and none that subtraction would give back.

Cell suppression with complementary suppression, as official statistics do it (Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4). Everybody is in the total, so whoever is not shown is in a pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vision.demographics.bands import SUPPRESSED, UNKNOWN

Group = tuple[str, str]
"""Age band and gender."""


@dataclass
class _Pool:
    """Cells that are given as one number; safe when that is large enough and hides at least two cells."""

    n: int = 0
    cells: int = 0

    def take(self, n: int, cells: int = 1) -> None:
        self.n += n
        self.cells += cells

    def safe(self, least: int) -> bool:
        return self.n >= least and self.cells >= 2


def publishable(counts: Mapping[Group, int], least: int) -> dict[Group, int]:
    """What leaves of one place's hour: the same total, in groups of at least `least` people.

    Small bands of a gender are pooled as ('suppressed', gender), together with that gender's next smallest band
    where the pool would be small or hide a single band. What is still small is pooled over the genders as
    ('suppressed', 'suppressed') in the same way. A pool that stays small joins ('unknown', 'unknown'), which is
    always shown and says nothing of anyone.
    """
    unknown = counts.get((UNKNOWN, UNKNOWN), 0)
    known = {group: n for group, n in counts.items() if group != (UNKNOWN, UNKNOWN) and n > 0}
    shown: dict[Group, int] = {}
    hidden: dict[Group, int] = {}
    rest = _Pool()
    for gender in sorted({group[1] for group in known}):
        row = {group: n for group, n in known.items() if group[1] == gender}
        pool = _split(row, least)
        shown |= row
        if pool.safe(least):
            shown[SUPPRESSED, gender] = pool.n
            hidden[SUPPRESSED, gender] = pool.cells
        elif pool.cells:
            rest.take(pool.n, pool.cells)
    if rest.cells:
        _fill(rest, shown, least, hidden)
        if rest.safe(least):
            shown[SUPPRESSED, SUPPRESSED] = rest.n
        else:
            unknown += rest.n
    return {**shown, (UNKNOWN, UNKNOWN): unknown} if shown or unknown else {}


def _split(row: dict[Group, int], least: int) -> _Pool:
    """Takes the small cells of a row, and what must go with them, out of it."""
    pool = _Pool()
    for group in [group for group, n in row.items() if n < least]:
        pool.take(row.pop(group))
    if pool.cells:
        _fill(pool, row, least, {})
    return pool


def _fill(pool: _Pool, shown: dict[Group, int], least: int, hidden: Mapping[Group, int]) -> None:
    """Moves the smallest shown groups into the pool until it is safe."""
    while shown and not pool.safe(least):
        group = min(shown, key=lambda each: (shown[each], each))
        pool.take(shown.pop(group), hidden.get(group, 1))
