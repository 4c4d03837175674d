"""What buyers are clustered by: a few measures of value and of habit, none of them a protected trait.

Measures whose values follow from one another are not taken together: windows of one length only, and spend per purchase
instead of spend in all, because the logarithm of the latter is the sum of two others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.features.design import column

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

PRIOR_PURCHASES = 3.0
"""A share of so many purchases at the mall's mean is mixed into each person's own, so that 1 of 1 is not 100 %."""
YEAR = 365


@dataclass(frozen=True)
class Measure:
    """A measure with its names; `unit` is how it is shown (of the chart units), `habit` whether it is one of habits."""

    name: str
    title: str
    title_zh: str
    unit: str
    habit: bool = False


MEASURES: tuple[Measure, ...] = (
    Measure("recency", "Days since the last purchase", "距最近消费天数", "count"),
    Measure("purchases", "Days with a purchase", "消费天数", "decimal"),
    Measure("spend", "Spend per purchase", "单次消费金额", "money"),
    Measure("shops", "Different shops", "光顾店铺数", "decimal", True),
    Measure("favourite", "Share at the favourite shop", "最常光顾店铺占比", "percent", True),
    Measure("weekend", "Share of weekend purchases", "周末消费占比", "percent", True),
    Measure("evening", "Share of evening purchases", "晚间消费占比", "percent", True),
    Measure("opens", "Share of messages opened", "消息打开率", "percent", True),
)
BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}
VIEWS: tuple[tuple[str, ...], ...] = (
    tuple(m.name for m in MEASURES),
    tuple(m.name for m in MEASURES if not m.habit),
)
"""Tried in this order: value and habits together, then value alone."""


@dataclass(frozen=True)
class Measured:
    """Buyers x measures: `persons` their ids, `values` by measure (NaN where unknown), `spent` money in the window
    (minor units), and whether the `window` is the last year or all of history."""

    persons: tuple[bytes, ...]
    values: Mapping[str, Array]
    spent: Array
    window: str


def window_of(features: pa.Table) -> str:
    """'year' where at least half of all buyers bought within 365 days, else 'ever': sales that ended long ago."""
    bought = column(features, "frequency") > 0
    lately = column(features, "days_365") > 0
    return "year" if 2 * int(lately.sum()) >= int(bought.sum()) > 0 else "ever"


def measured(features: pa.Table, window: str) -> Measured:
    """The measures of everyone who bought within the window, in the order of person ids.

    Recency counts from the newest purchase of anyone, so that a gap at the end of the data is nobody's absence.
    """
    frame = features.sort_by("person_id")
    purchases = column(frame, "days_365" if window == "year" else "frequency")
    chosen = purchases > 0
    spent = column(frame, "spend_365_minor" if window == "year" else "monetary_minor")[chosen]
    raw = {name: column(frame, name)[chosen] for name in frame.column_names if name != "person_id"}
    purchases = purchases[chosen]
    newest = float(raw["recency_days"].min()) if purchases.size else 0.0
    values = {
        "recency": raw["recency_days"] - newest,
        "purchases": purchases,
        "spend": np.maximum(spent, 0.0) / purchases,
        "shops": raw["tenants"],
        "favourite": _mixed(raw["top_tenant_share"], raw["frequency"]),
        "weekend": _mixed(raw["weekend_share"], raw["frequency"]),
        "evening": _mixed(raw["evening_share"], raw["frequency"]),
        "opens": _mixed(_share(raw["opens_365"], raw["messages_365"]), raw["messages_365"]),
    }
    ids = np.array(frame.column("person_id").to_pylist(), dtype=object)[chosen]
    return Measured(tuple(ids.tolist()), values, spent, window)


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _mixed(share: Array, count: Array) -> Array:
    """The share drawn towards the mean share of all; NaN for everyone where nobody has one."""
    known = np.isfinite(share)
    if not known.any():
        return np.full(share.shape, np.nan)
    weight = np.where(known, count, 0.0)
    mean = float(np.sum(np.where(known, share, 0.0) * weight) / max(weight.sum(), 1.0))
    return np.asarray((np.where(known, share, 0.0) * weight + PRIOR_PURCHASES * mean) / (weight + PRIOR_PURCHASES))
