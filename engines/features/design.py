"""The features as a matrix that a linear model can use: logs of what is skewed, rhythm, and what a buying model says.

Every column is finite for every person; what is unknown of someone is put where it tells nothing in particular.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]

PART_ROWS = 20_000
"""People scored at a time."""
LONGEST_DAYS = 1_095.0
"""Ages are cut here: what is three years old is as old as what never was."""

LOGGED = (
    "frequency", "returns", "largest_minor", "days_30", "days_90", "days_180", "days_365", "spend_30_minor",
    "spend_90_minor", "spend_365_minor", "tenants", "categories", "visits_30", "visits_90", "messages_90",
    "messages_365", "opens_90", "opens_365", "clicks_365", "referred",
)  # fmt: skip
AGES = ("recency_days", "tenure_days", "activity_days", "known_days")
SHARES = ("weekend_share", "evening_share", "top_tenant_share")

#: What each column of the design is called where a person reads it.
WORDS: Mapping[str, tuple[str, str]] = {
    "recency_days": ("Days since the last purchase", "距最近消费天数"),
    "tenure_days": ("Days since the first purchase", "距首次消费天数"),
    "activity_days": ("Days since the last activity", "距最近互动天数"),
    "known_days": ("Days since the first activity", "距首次互动天数"),
    "frequency": ("Purchases ever", "累计消费次数"),
    "returns": ("Returns", "退货次数"),
    "largest_minor": ("Largest purchase", "最大单笔消费"),
    "days_30": ("Purchases in 30 days", "近 30 天消费次数"),
    "days_90": ("Purchases in 90 days", "近 90 天消费次数"),
    "days_180": ("Purchases in 180 days", "近 180 天消费次数"),
    "days_365": ("Purchases in a year", "近一年消费次数"),
    "spend_30_minor": ("Spend in 30 days", "近 30 天消费金额"),
    "spend_90_minor": ("Spend in 90 days", "近 90 天消费金额"),
    "spend_365_minor": ("Spend in a year", "近一年消费金额"),
    "tenants": ("Different shops", "光顾店铺数"),
    "categories": ("Different categories", "消费品类数"),
    "visits_30": ("Visits in 30 days", "近 30 天到访次数"),
    "visits_90": ("Visits in 90 days", "近 90 天到访次数"),
    "messages_90": ("Messages in 90 days", "近 90 天收到消息数"),
    "messages_365": ("Messages in a year", "近一年收到消息数"),
    "opens_90": ("Messages opened in 90 days", "近 90 天打开消息数"),
    "opens_365": ("Messages opened in a year", "近一年打开消息数"),
    "clicks_365": ("Messages answered in a year", "近一年回应消息数"),
    "referred": ("Friends referred", "推荐好友数"),
    "weekend_share": ("Share of weekend purchases", "周末消费占比"),
    "evening_share": ("Share of evening purchases", "晚间消费占比"),
    "top_tenant_share": ("Share at the favourite shop", "最常光顾店铺占比"),
    "mean_spend": ("Spend per purchase", "单次消费金额"),
    "overdue": ("Days since the last purchase against the usual gap", "距最近消费天数与通常间隔之比"),
    "irregular": ("Irregularity of purchases", "消费间隔的不规律程度"),
    "open_rate": ("Share of messages opened", "消息打开率"),
    "click_rate": ("Share of messages answered", "消息回应率"),
    "alive": ("Buying rhythm", "消费规律"),
    "expected": ("Expected purchases", "预期消费次数"),
    "recency_squared": ("Days since the last purchase (long)", "距最近消费天数（长）"),
    "recency_frequency": ("Long absence of a frequent buyer", "常客久未消费"),
}


@dataclass(frozen=True)
class Design:
    """People x features: `persons` their ids, `names` the columns, `matrix` finite figures."""

    persons: tuple[bytes, ...]
    names: tuple[str, ...]
    matrix: Array

    def column(self, name: str) -> Array:
        """One column by name."""
        return self.matrix[:, self.names.index(name)]

    def only(self, kept: NDArray[np.bool_]) -> Design:
        """The people marked."""
        return Design(tuple(p for p, k in zip(self.persons, kept, strict=True) if k), self.names, self.matrix[kept])


def design(frame: pa.Table, rhythm: Mapping[str, Array] | None = None) -> Design:
    """The matrix of a frame of features, in the order of its rows. `rhythm` adds columns by name, such as 'alive'."""
    raw = {name: column(frame, name) for name in frame.column_names if name != "person_id"}
    recency, tenure = (_age(raw[name]) for name in ("recency_days", "tenure_days"))
    frequency, money = raw["frequency"], np.maximum(raw["monetary_minor"], 0)
    gap = np.where(raw["mean_gap_days"] > 0, raw["mean_gap_days"], np.maximum(tenure, 30.0))
    columns: dict[str, Array] = {name: np.log1p(_age(raw[name])) for name in AGES}
    columns |= {name: np.log1p(np.maximum(raw[name], 0)) for name in LOGGED}
    columns |= {name: _known(raw[name], 0.0) for name in SHARES}
    columns["mean_spend"] = np.log1p(money / np.maximum(frequency, 1))
    columns["overdue"] = np.log1p(recency / np.maximum(gap, 1.0))
    columns["irregular"] = np.minimum(_known(raw["gap_sd_days"] / np.maximum(gap, 1.0), 1.0), 5.0)
    columns["open_rate"] = (raw["opens_365"] + 0.5) / (raw["messages_365"] + 2)
    columns["click_rate"] = (raw["clicks_365"] + 0.1) / (raw["messages_365"] + 2)
    columns["recency_squared"] = columns["recency_days"] ** 2
    columns["recency_frequency"] = columns["recency_days"] * columns["frequency"]
    columns |= dict(rhythm or {})
    matrix = np.column_stack(list(columns.values())) if columns else np.zeros((frame.num_rows, 0))
    return Design(tuple(frame.column("person_id").to_pylist()), tuple(columns), matrix)


def parts(frame: pa.Table, rhythm: Mapping[str, Array], rows: int = PART_ROWS) -> Iterator[Design]:
    """The designs of `rows` rows at a time, in order, so that a million people never stand in one matrix.

    An empty frame gives one design without people."""
    for first in range(0, max(frame.num_rows, 1), rows):
        yield design(frame.slice(first, rows), {name: values[first : first + rows] for name, values in rhythm.items()})


def chosen(frame: pa.Table, rhythm: Mapping[str, Array], rows: NDArray[np.int64]) -> Design:
    """The design of some rows."""
    return design(frame.take(rows), {name: values[rows] for name, values in rhythm.items()})


def aligned(then: pa.Table, after: pa.Table, values: Array) -> Array:
    """`values` of the rows of `after` for the people of `then`; 0 for who is not in it."""
    import pyarrow.compute as pc

    at = pc.index_in(after.column("person_id"), value_set=then.column("person_id").combine_chunks())
    known = np.flatnonzero(at.is_valid().to_numpy())
    found = np.zeros(then.num_rows)
    found[at.drop_null().to_numpy()] = values[known]
    return found


def seen_ages(frames: Iterable[pa.Table]) -> dict[str, Array]:
    """The ages that several frames of features count back from their days, for the guard against future rows."""
    held = list(frames)
    return {name: np.concatenate([column(frame, name) for frame in held] or [np.zeros(0)]) for name in AGES}


def column(frame: pa.Table, name: str) -> Array:
    """A column as floats, NaN where it is unknown."""
    return np.asarray(frame.column(name).to_numpy(zero_copy_only=False), float)


def _age(values: Array) -> Array:
    return np.clip(_known(values, LONGEST_DAYS), 0.0, LONGEST_DAYS)


def _known(values: Array, otherwise: float) -> Array:
    return np.where(np.isfinite(values), values, otherwise)
