"""Which groups of an hour may be shown: none under the minimum size, and none that subtraction would give back.

Cell suppression with complementary suppression, as official statistics do it (Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4). Everybody is in the total, so whoever is not shown is in a pool.
"""

from __future__ import annotations

from collections.abc import Mapping

from vision.demographics.bands import SUPPRESSED, UNKNOWN

Group = tuple[str, str]
"""Age band and gender."""


def publishable(counts: Mapping[Group, int], least: int) -> dict[Group, int]:
    """What leaves of one place's hour: the same total, in groups of at least `least` people.

    Small bands of a gender are pooled as ('suppressed', gender), together with that gender's next smallest band
    where the pool would be small. What is still small is pooled over the genders as
    ('suppressed', 'suppressed') in the same way. A pool that stays small joins ('unknown', 'unknown'), which is
    always shown and says nothing of anyone.
    """
    unknown = counts.get((UNKNOWN, UNKNOWN), 0)
    known = {group: n for group, n in counts.items() if group != (UNKNOWN, UNKNOWN) and n > 0}
    shown: dict[Group, int] = {}
    rest = 0
    for gender in sorted({group[1] for group in known}):
        row = {group: n for group, n in known.items() if group[1] == gender}
        pool = _filled(sum(row.pop(group) for group in list(row) if row[group] < least), row, least)
        shown |= row
        if pool >= least:
            shown[SUPPRESSED, gender] = pool
        else:
            rest += pool
    rest = _filled(rest, shown, least)
    if rest >= least:
        shown[SUPPRESSED, SUPPRESSED] = rest
    else:
        unknown += rest
    return {**shown, (UNKNOWN, UNKNOWN): unknown} if shown or unknown else {}


def _filled(pool: int, shown: dict[Group, int], least: int) -> int:
    """The pool with the smallest shown groups moved into it until it is large enough; an empty one stays empty.

    It then hides at least two groups, since each of its first ones was too small by itself.
    """
    while shown and 0 < pool < least:
        pool += shown.pop(min(shown, key=lambda each: (shown[each], each)))
    return pool
