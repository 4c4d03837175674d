"""How exactly a camera counts: a person counts a stretch by tapping, and both are matched crossing by crossing.

The figure is the share of wrong crossings: those missed, and those counted that never were, over the true ones.
Missed crossings are a binomial share of the true ones (interval: Clopper and Pearson 1934), false ones a Poisson
count beside them (interval: Garwood 1936). Their sum is bounded as a Poisson count, which is on the safe side, since
a binomial count varies less than a Poisson count of the same mean (Hoeffding 1956).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from engines.access.guard import guarded
from models.errors import NotEnoughData
from models.ids import new_id
from models.store import Store
from models.times import business_day, now_ms

#: An acceptance count has at least this many true crossings.
ENOUGH = 200
LEVEL = 0.95

#: A crossing or a tap: UTC milliseconds and the way, 'in' or 'out'.
Passed = tuple[int, str]


@dataclass(frozen=True)
class Accuracy:
    """What a hand count of `true` crossings says, shares of the true ones; each interval holds with 95 %.

    `error` is (missed + false) / true within `low`..`high`; `proves` is the one-sided 95 % bound: with none wrong it
    is all that the sample proves. `net` is (counted - true) / true within `net_low`..`net_high`: what misses and
    false ones leave when they cancel out, the error of a day's sum. `missed_*` and `false_*` are the two apart.
    """

    true: int
    counted: int
    missed: int
    false: int
    error: float
    low: float
    high: float
    proves: float
    net: float
    net_low: float
    net_high: float
    missed_low: float
    missed_high: float
    false_low: float
    false_high: float

    @property
    def enough(self) -> bool:
        """Whether the sample is large enough to accept a door by."""
        return self.true >= ENOUGH

    def says(self) -> str:
        """What the sample proves, in a sentence."""
        wrong = self.missed + self.false
        return f"{wrong} wrong in {self.true} proves only that fewer than {100 * self.proves:.1f} % are wrong."


@dataclass(frozen=True)
class Match:
    """Taps and crossings put together: `pairs` (tap, crossing), both in UTC milliseconds, and what has no partner.

    `delay_s` is the median by which taps came after the crossings, None without a pair.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[Passed, ...]
    false: tuple[Passed, ...]

    @property
    def delay_s(self) -> float | None:
        """How late the person tapped, as a rule."""
        return median((tap - at) / 1000 for tap, at in self.pairs) if self.pairs else None


@dataclass(frozen=True)
class Check:
    """A hand count that is on record."""

    camera: str
    line: str
    started_at: int
    ended_at: int
    accuracy: Accuracy
    true_in: int
    true_out: int
    counted_in: int
    counted_out: int
    detector: str | None
    note: str | None
    actor: str
    at: int


def accuracy_of(  # noqa: PLR0917 - six counts of one kind
    true_in: int, true_out: int, counted_in: int, counted_out: int, missed: int, false: int
) -> Accuracy:
    """The error of a hand count and what it proves.

    Raises NotEnoughData where nobody crossed; ValueError where counted is not true less missed plus false.
    """
    true, counted = true_in + true_out, counted_in + counted_out
    parts = (true_in, true_out, counted_in, counted_out, missed, false)
    if min(parts) < 0 or missed > true or counted != true - missed + false:
        raise ValueError(f"these counts contradict each other: {parts}")
    if true == 0:
        raise NotEnoughData(
            "Nobody crossed while it was counted by hand.", "Count a busier stretch.",
            missing_zh="人工计数期间无人通过。请选择更繁忙的时段计数。",
        )  # fmt: skip
    missed_low, missed_high = _binomial(missed, true, LEVEL)
    false_low, false_high = (bound / true for bound in _poisson(false, LEVEL))
    wrong = missed + false
    low, high = (bound / true for bound in _poisson(wrong, LEVEL))
    each = (1 + LEVEL) / 2  # both parts hold together with LEVEL when each holds with this (Bonferroni)
    m_low, m_high = _binomial(missed, true, each)
    f_low, f_high = (bound / true for bound in _poisson(false, each))
    proves = _poisson(wrong, 2 * LEVEL - 1)[1] / true
    return Accuracy(
        true, counted, missed, false, wrong / true, low, high, proves,
        (counted - true) / true, f_low - m_high, f_high - m_low, missed_low, missed_high, false_low, false_high,
    )  # fmt: skip


def needed(share: float) -> int:
    """How many crossings without one wrong prove that fewer than `share` (0..1) are wrong."""
    from math import ceil

    return ceil(_poisson(0, 2 * LEVEL - 1)[1] / share)


def match(taps: Iterable[Passed], crossings: Iterable[Passed], within_s: float = 2.5) -> Match:
    """Each tap with at most one crossing of the same way no further than `within_s` seconds away.

    Going through both in the order of time makes as many pairs as can be made.
    """
    pairs: list[tuple[int, int]] = []
    missed: list[Passed] = []
    false: list[Passed] = []
    told, seen = list(taps), list(crossings)
    for way in sorted({way for _, way in (*told, *seen)}):
        mine, theirs = (sorted(at for at, w in some if w == way) for some in (told, seen))
        i = j = 0
        while i < len(mine) and j < len(theirs):
            apart = mine[i] - theirs[j]
            if abs(apart) <= within_s * 1000:
                pairs.append((mine[i], theirs[j]))
                i, j = i + 1, j + 1
            elif apart < 0:
                missed.append((mine[i], way))
                i += 1
            else:
                false.append((theirs[j], way))
                j += 1
        missed += [(at, way) for at in mine[i:]]
        false += [(at, way) for at in theirs[j:]]
    return Match(tuple(sorted(pairs)), tuple(sorted(missed)), tuple(sorted(false)))


@guarded
def record_check(
    store: Store,
    actor: str,
    *,
    camera: str,
    line: str,
    started_at: int,
    ended_at: int,
    taps: Sequence[Passed],
    crossings: Sequence[Passed],
    within_s: float = 2.5,
    detector: str | None = None,
    note: str | None = None,
) -> Accuracy:
    """Match a stretch counted by hand with what the camera counted, and keep the result for good.

    Taps and crossings outside the stretch (UTC milliseconds) are left out. Raises NotEnoughData where nobody crossed.
    """
    told, seen = ([p for p in some if started_at <= p[0] <= ended_at] for some in (taps, crossings))
    found = match(told, seen, within_s)
    counts = tuple(sum(w == way for _, w in some) for some in (told, seen) for way in ("in", "out"))
    true_in, true_out, counted_in, counted_out = counts
    result = accuracy_of(true_in, true_out, counted_in, counted_out, len(found.missed), len(found.false))
    day, _ = business_day(started_at, store.site.zone, store.site.day_starts_minute)
    with store.write(actor, "keeping a hand count") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO accuracy_check (id, camera, line, day, started_at, ended_at, true_in, true_out, counted_in, "
            "counted_out, missed, spurious, within_s, detector, note, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (new_id(), camera, line, day, started_at, ended_at, *counts, result.missed, result.false, within_s,
             detector, note, actor, now_ms()),
        )  # fmt: skip
        tx.audit("check", f"camera/{camera}", line=line, true=result.true, missed=result.missed, false=result.false)
    return result


def checks(store: Store, camera: str | None = None) -> list[Check]:
    """The hand counts on record, newest first; of one camera, or of all."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT camera, line, started_at, ended_at, true_in, true_out, counted_in, counted_out, missed, spurious, "
            "detector, note, actor, at FROM accuracy_check WHERE ?1 IS NULL OR camera = ?1 ORDER BY at DESC, id DESC",
            (camera,),
        ).fetchall()
    return [_check(row) for row in rows]


def _check(row: Sequence[Any]) -> Check:
    camera, line, started_at, ended_at, *rest = row
    true_in, true_out, counted_in, counted_out, missed, spurious, detector, note, actor, at = rest
    accuracy = accuracy_of(true_in, true_out, counted_in, counted_out, missed, spurious)
    return Check(
        camera, line, started_at, ended_at, accuracy, true_in, true_out, counted_in, counted_out, detector, note,
        actor, at,
    )  # fmt: skip


def pooled(some: Iterable[Check]) -> Accuracy:
    """Several hand counts as one. Raises NotEnoughData without any."""
    parts = [
        (c.true_in, c.true_out, c.counted_in, c.counted_out, c.accuracy.missed, c.accuracy.false) for c in some
    ]  # fmt: skip
    sums = [sum(column) for column in zip(*parts, strict=True)] or [0] * 6
    return accuracy_of(*sums)


def _binomial(k: int, n: int, level: float) -> tuple[float, float]:
    """Clopper-Pearson bounds of a share."""
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    return low, float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0


def _poisson(k: int, level: float) -> tuple[float, float]:
    """Garwood bounds of a mean."""
    from scipy.stats import chi2

    tail = (1 - level) / 2
    return (float(chi2.ppf(tail, 2 * k)) / 2 if k else 0.0), float(chi2.ppf(1 - tail, 2 * k + 2)) / 2
