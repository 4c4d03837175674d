"""Frames of features for tests of clusters: people with planted groups, and without any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from engines.features.relation import FEATURES


def frame_of(columns: Mapping[str, Any], people: int) -> pa.Table:
    """A frame of features: the columns given, 0 or NULL for the others, ids by number."""
    made = []
    for field, column in zip(FEATURES.schema(), FEATURES.columns, strict=True):
        if field.name == "person_id":
            values: Any = [number.to_bytes(16, "big") for number in range(1, people + 1)]
        else:
            values = columns.get(field.name, [None] * people if column.nullable else np.zeros(people, np.int64))
            if field.type == pa.int64() and not isinstance(values, list):
                values = np.rint(values).astype(np.int64)
        made.append(pa.array(values, type=field.type, from_pandas=True))
    return FEATURES.check(pa.table(made, schema=FEATURES.schema()))


def buyers(recency: Any, purchases: Any, spend: Any, weekend: Any) -> pa.Table:
    """Buyers of the last year: days since the last purchase, days with one, money a purchase (minor), weekend share."""
    purchases = np.maximum(np.rint(purchases), 1)
    recency = np.clip(np.rint(recency), 0, 360)
    money = np.rint(purchases * spend)
    columns = {
        "recency_days": recency, "tenure_days": np.minimum(recency + purchases * 7, 364), "frequency": purchases,
        "receipts": purchases, "days_365": purchases, "monetary_minor": money, "spend_365_minor": money,
        "weekend_share": np.clip(weekend, 0, 1), "tenants": np.ones_like(purchases),
    }  # fmt: skip
    return frame_of(columns, len(purchases))


def planted(groups: int, each: int, seed: int) -> tuple[pa.Table, np.ndarray]:
    """`groups` groups of buyers, each a Gaussian of its own in log recency, log purchases, log spend and weekends."""
    luck = np.random.default_rng(seed)
    centres = np.array([
        [np.log(8), np.log(30), np.log(9_000), 0.2], [np.log(120), np.log(4), np.log(60_000), 0.3],
        [np.log(15), np.log(20), np.log(30_000), 0.9], [np.log(200), np.log(3), np.log(4_000), 0.8],
        [np.log(40), np.log(9), np.log(150_000), 0.55],
    ])[:groups]  # fmt: skip
    truth = np.repeat(np.arange(groups), each)
    drawn = centres[truth] + luck.normal(0, [0.35, 0.25, 0.3, 0.06], (len(truth), 4))
    frame = buyers(np.exp(drawn[:, 0]), np.exp(drawn[:, 1]), np.exp(drawn[:, 2]), drawn[:, 3])
    return frame, truth


def unstructured(people: int, seed: int) -> pa.Table:
    """Buyers whose figures have nothing to do with each other."""
    luck = np.random.default_rng(seed)
    return buyers(
        luck.uniform(0, 360, people), luck.lognormal(1.5, 0.7, people), luck.lognormal(9, 1, people),
        luck.beta(2, 4, people),
    )  # fmt: skip
