"""RFM scores of every person with a purchase."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.rfm.rules import Ints, score_from_below, score_recency, segment
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

PURCHASES = Relation(
    "rfm_purchases",
    (
        Column("person_id", "id"),
        Column("first_day", "day"),
        Column("last_day", "day"),
        Column("frequency", "int"),
        Column("monetary_minor", "int"),
    ),
    ("person_id",),
    Path(__file__).with_name("purchases.sql"),
    by_person=True,
)
RFM_SCORE = of_table(TABLES["rfm_score"])


def rfm(moment: Moment, rfm_purchases: pa.Table) -> Frames:
    """Score recency (days since the last purchase), frequency (days with a purchase) and money (net of returns).

    All known purchases count; two receipts of one day are one purchase, because a mall visit often
    makes several.
    """
    people = rfm_purchases.sort_by("person_id")
    recency = _days_before(moment.date, people.column("last_day"))
    frequency = people.column("frequency").to_numpy()
    money = people.column("monetary_minor").to_numpy()
    r, f, m = score_recency(recency), score_from_below(frequency), score_from_below(money)
    columns = {
        "person_id": people.column("person_id"),
        "recency_days": recency,
        "frequency": frequency,
        "monetary_minor": money,
        "r": r,
        "f": f,
        "m": m,
        "segment": _segments(r, f),
        "first_day": people.column("first_day"),
        "last_day": people.column("last_day"),
    }
    return {RFM_SCORE.name: as_frame(RFM_SCORE, columns)}


def _days_before(today: date, days: pa.ChunkedArray) -> Ints:
    """Days from each day to today; each different day is read once."""
    coded = days.combine_chunks().dictionary_encode()
    ages = [(today - date.fromisoformat(day)).days for day in coded.dictionary.to_pylist()]
    return np.asarray(np.array(ages, dtype=np.int64)[coded.indices.to_numpy()])


def _segments(r: Ints, f: Ints) -> pa.Array:
    """The segment of each pair of scores."""
    import pyarrow as pa

    names = [segment(a, b) for a in range(1, 6) for b in range(1, 6)]
    return pa.DictionaryArray.from_arrays(pa.array(5 * (r - 1) + f - 1), pa.array(names)).dictionary_decode()


ENGINE = Engine(
    name="rfm",
    title="Recency, frequency, value",
    title_zh="RFM 分析",
    version=1,
    run=rfm,
    takes=(PURCHASES,),
    gives=(RFM_SCORE,),
    every="04:00",
    minimum=(
        Minimum(
            "rfm_purchases",
            50,
            "RFM needs at least {rows} customers with purchases; there are {found}. "
            "Import sales that carry a card or customer number.",
            "RFM 分析至少需要 50 位有消费记录的客户。请导入带会员卡号或客户编号的销售数据。",
        ),
    ),
    figures=(
        Figure(
            "heatmap",
            "Customers by recency and frequency",
            "按近度与频度分布",
            "rfm_score",
            ("r", "f", "monetary_minor"),
        ),
        Figure("treemap", "Segments", "客户分群", "rfm_score", ("segment", "monetary_minor")),
        Figure("histogram", "Days since the last purchase", "距最近消费天数", "rfm_score", ("recency_days",)),
    ),
    budget_seconds=15.0,
    about="Scores each customer from 1 to 5 for recency, frequency and money, and names the segment.",
    about_zh="对每位客户的近度、频度、金额打 1-5 分，并给出所属分群。",
)
