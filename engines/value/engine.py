"""Expected purchases and money of every known buyer in the next 30, 90 and 365 days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.features.relation import EVERYONE, SAMPLE
from engines.validation.cards import PINS, VERSIONS, ModelCard, active, features_hash, kept, pins, versions
from engines.validation.champion import fresh
from engines.value.histories import Array
from engines.value.training import CODE, FEATURES, HORIZON, buyers_of, say, train
from engines.value.worth import Worth
from models.errors import NotEnoughData
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]

LEAST_CUSTOMERS = 500
LEAST_REPEATERS = 100

_FIGURES = (
    "repeats", "last_after_days", "known_days", "repeat_minor", "gross_minor", "net_minor", "days_90", "spend_90_minor",
)  # fmt: skip
_COLUMNS = (Column("person_id", "id"), *(Column(name, "int") for name in _FIGURES))
_SQL = Path(__file__).with_name("purchases.sql")
_KEY = ("person_id",)
PURCHASES = Relation("value_purchases", _COLUMNS, _KEY, _SQL, given=(("most", EVERYONE),), by_person=True)
PURCHASES_THEN = Relation(
    f"value_purchases_{HORIZON}", _COLUMNS, _KEY, _SQL, days_back=HORIZON, given=(("most", SAMPLE),)
)
PERSON_VALUE = of_table(TABLES["person_value"])


def value(
    moment: Moment,
    value_purchases: pa.Table,
    value_purchases_90: pa.Table,
    model_version: pa.Table,
    model_pin: pa.Table,
) -> Frames:
    """Score every buyer with the version in force, after training a new one where it is older than four weeks.

    Raises NotEnoughData below 500 customers, 100 of them with a second purchase, or 180 days of history.
    """
    now, then = value_purchases.sort_by("person_id"), value_purchases_90.sort_by("person_id")
    refuse(now)
    pinned, cards = pins(model_pin), versions(model_version)
    champion = active(cards, {}, "value", "value")
    wanted = features_hash(FEATURES, CODE)
    if champion is None or not fresh(
        champion.as_of, moment.day, features_then=champion.features_hash, features_now=wanted
    ):
        cards = train(moment, cards, now, then)
    used = active(cards, pinned, "value", "value")
    if used is None:
        raise AssertionError("training left no champion")
    scored, totals = score(moment, used, now)
    cards = [
        replace(c, extra={**c.extra, "totals": totals, "totals_as_of": moment.day}) if c == used else c for c in cards
    ]
    return {PERSON_VALUE.name: scored, VERSIONS.name: kept(cards, pinned)}


def refuse(now: pa.Table) -> None:
    """Raise NotEnoughData with what is missing."""
    customers = now.num_rows
    repeaters = int((now.column("repeats").to_numpy() > 0).sum())
    history = int(now.column("known_days").to_numpy().max()) if customers else 0
    for found, least, what, what_zh in (
        (customers, LEAST_CUSTOMERS, "customers with a purchase", "位有消费的客户"),
        (repeaters, LEAST_REPEATERS, "customers who bought on a second day", "位有第二次消费的客户"),
        (history, 2 * HORIZON, "days of sales", "天的销售历史"),
    ):
        if found < least:
            raise NotEnoughData(
                f"Customer value needs {least} {what}; there are {found}: {least - found} more.",
                "Import older sales, or wait.",
                missing_zh=f"客户价值需要 {least} {what_zh}，目前 {found}，还差 {least - found}。"
                "请导入更早的销售，或等待。",
            )


def score(moment: Moment, card: ModelCard, now: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
    """The relation person_value, and the mall's total money per horizon as [expected, low, high] in minor units."""
    worth, buyers = Worth.from_json(card.artefact), buyers_of(now)
    h = buyers.histories()
    spend = worth.per_purchase(buyers)
    said = say(worth, buyers, h)
    counts = {days: worth.counting.expected(h, days)[h.place] for days in (30, 365)}
    low, high = (np.zeros(now.num_rows) if end is None else end for end in (said.low, said.high))
    columns = {
        "person_id": now.column("person_id"),
        "p_alive": worth.counting.alive(h)[h.place],
        "purchases_30": counts[30], "purchases_90": said.purchases, "purchases_365": counts[365],
        "purchases_low": low, "purchases_high": high,
        "spend_minor": _minor(spend), "value_90_minor": _minor(said.money),
        "value_low_minor": _minor(low * spend), "value_high_minor": _minor(high * spend),
        "value_365_minor": _minor(counts[365] * spend), "decile": _deciles(said.money),
        "version": np.full(now.num_rows, card.version), "as_of": [moment.day] * now.num_rows,
    }  # fmt: skip
    totals = {str(days): _widened(worth.total(h, spend, days), card) for days in (30, HORIZON, 365)}
    return as_frame(PERSON_VALUE, columns), totals


def _widened(total: tuple[float, float, float], card: ModelCard) -> list[int]:
    """[expected, low, high]: the interval of the parameters, widened to what the error of the last test would make of
    the total, because seasons and campaigns move it more than the parameters do."""
    middle, low, high = total
    error = card.metrics.get("total_money_error")
    known = [] if error is None else [error.value, error.low, error.high]
    ends = [middle / (1 + e) for e in known if e is not None and np.isfinite(e) and e > -0.9]
    return [round(v) for v in (middle, min([low, *ends]), max([high, *ends]))]


def _minor(values: Array) -> Ints:
    return np.rint(np.clip(values, 0.0, 9e15)).astype(np.int64)


def _deciles(money: Array) -> Ints:
    """1 for the tenth worth most to 10; equal money in the rows' order, which is that of the persons' keys."""
    place = np.empty(money.size, np.int64)
    place[np.argsort(-money, kind="stable")] = np.arange(money.size)
    return 1 + place * 10 // max(money.size, 1)


ENGINE = Engine(
    name="value",
    title="Customer value",
    title_zh="客户价值预测",
    version=2,
    run=value,
    takes=(PURCHASES, PURCHASES_THEN, VERSIONS, PINS),
    gives=(PERSON_VALUE, VERSIONS),
    every="04:20",
    figures=(
        Figure("histogram", "Chance to be still a customer", "仍为客户的概率", "person_value", ("p_alive",)),
        Figure("histogram", "Value of the next 90 days", "未来 90 天价值", "person_value", ("value_90_minor",)),
        Figure("table", "People by value", "客户价值排名", "person_value", ("person_id", "value_90_minor", "p_alive")),
    ),
    budget_seconds=60.0,
    about="Expects each customer's purchases and money by BG/NBD or Pareto/NBD with Gamma-Gamma, tested on the last "
    "90 days beside two naive rules; an 80 % interval for each.",
    about_zh="以 BG/NBD 或 Pareto/NBD 与 Gamma-Gamma 模型预测每位客户的消费次数与金额，"
    "用最近 90 天检验并与两个简单规则比较，附 80% 区间。",
)
