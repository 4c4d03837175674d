"""Which shops to show each person: blended where their own purchases speak, by rules where they are few."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.picks.blend import Attributes, Blend, Stand, learn, likeness, stand
from engines.picks.groups import Groups, chosen, groups
from engines.picks.lists import Recommender, Tally
from engines.picks.matrix import Flags, Ints, Matrix
from engines.picks.measures import gini
from engines.picks.offline import Figures, test, test_cold
from engines.picks.relations import ITEMS, PAIRS, PEOPLE, PERSON_PICK, PICK_ITEM, PICK_MODEL, PICK_TEST, WINDOW_DAYS
from models.errors import NotEnoughData

if TYPE_CHECKING:
    import pyarrow as pa

FEWEST_BUYERS = 500
FEWEST_PAIRS = 2_000
FEWEST_EARLIER = 200
REFUSED = 1
"""Decisions on profiling from 1 (expired) to 3 (refused) end personal lists; 9 is no decision."""
VERSION = 1


@dataclass(frozen=True)
class Data:
    """The frames as arrays: people and items by number, pairs by (person, item)."""

    people: pa.Table
    items: pa.Table
    person: Ints
    item: Ints
    weights: tuple[Any, Any, Any]
    bought: Ints

    def matrix(self, back: int) -> Matrix:
        """Purchases by recency weight as of `back` windows ago."""
        return Matrix.of(self.person, self.item, self.weights[back], self.people.num_rows, self.items.num_rows)

    def window(self, back: int) -> Matrix:
        """What was bought in the window that began `back` + 1 windows ago."""
        took = ((self.bought >> back) & 1).astype(float)
        return Matrix.of(self.person, self.item, took, self.people.num_rows, self.items.num_rows)

    def attributes(self, price: str) -> Attributes:
        """Categories and prices of the items."""
        return self.items.column("category").to_pylist(), self.items.column(price).to_numpy().astype(float)


def picks(moment: Moment, *, pick_pairs: pa.Table, pick_items: pa.Table, pick_people: pa.Table) -> Frames:
    """Ten shops for everyone, and the test of every method on the last window.

    Below 500 buyers, 2,000 pairs of a person and a shop, or two windows of history, everyone gets what is popular.
    Raises NotEnoughData where no trading shop has sold to anybody known.
    """
    data = _read(pick_pairs, pick_items, pick_people)
    trading = data.items.column("trading").to_numpy() > 0
    if not data.person.size or not trading.any():
        raise NotEnoughData(
            "Nobody known has bought at a shop that trades yet.", "Import sales with card or customer numbers.",
            missing_zh="尚无可识别客户在营业店铺的消费记录。请导入带会员卡号或客户编号的销售。",
        )  # fmt: skip
    blend, tested = _learned(data)
    now, lately = data.matrix(0), data.window(0)
    known = _known(now, lately.buyers, data.attributes("price_minor"), blend)
    profiling = data.people.column("profiling").to_numpy()
    refused = (profiling >= REFUSED) & (profiling < 9)
    maker = Recommender(known, blend, _groups(data, now.sizes, lately), refused, trading, _categories(data))
    tally = Tally(now.items)
    return {
        PERSON_PICK.name: _people(data, maker, tally),
        PICK_ITEM.name: _items(data, now, lately, tally),
        PICK_TEST.name: _tests(tested),
        PICK_MODEL.name: _model(moment, data, maker, tally),
    }


def _read(pairs: pa.Table, items: pa.Table, people: pa.Table) -> Data:
    import pyarrow.compute as pc

    people, items = people.sort_by("person_id"), items.sort_by("tenant_id")
    person = pc.fill_null(pc.index_in(pairs.column("person_id"), people.column("person_id").combine_chunks()), -1)
    item = pc.fill_null(pc.index_in(pairs.column("tenant_id"), items.column("tenant_id").combine_chunks()), -1)
    who, what = (np.asarray(column.to_numpy(), np.int64) for column in (person, item))
    kept = (who >= 0) & (what >= 0)
    weights = tuple(pairs.column(n).to_numpy()[kept] for n in ("weight", "weight_before", "weight_earlier"))
    bought = pairs.column("bought").to_numpy()[kept]
    return Data(people, items, who[kept], what[kept], (weights[0], weights[1], weights[2]), bought)


def _learned(data: Data) -> tuple[Blend | None, Figures]:
    """The blend with its test, or None where there is too little for personal lists."""
    if np.unique(data.person).size < FEWEST_BUYERS or data.person.size < FEWEST_PAIRS:
        return None, {}
    earlier, between = data.matrix(2), data.window(1)
    if ((earlier.sizes > 0) & (between.sizes > 0)).sum() < FEWEST_EARLIER:
        return None, {}
    before = data.attributes("price_before_minor")
    blend = learn(earlier, between, data.window(2).buyers, before)
    past, then = data.matrix(1), data.window(0)
    known = stand(past, between.buyers, before, blend.ridge)
    tested = test(known, blend, then)
    return blend, tested | test_cold(known, blend, then, _groups(data, past.sizes, between))


def _known(now: Matrix, lately: Ints, attributes: Attributes, blend: Blend | None) -> Stand:
    """What is known today; nothing of who buys with whom where lists are not personal."""
    if blend is None:
        return Stand(now, np.zeros((now.items, now.items), np.float32), likeness(attributes), lately)
    return stand(now, lately, attributes, blend.ridge)


def _groups(data: Data, sizes: Ints, lately: Matrix) -> Groups:
    """Who has bought at one shop is of the group of their first purchase's category; else of tier and home area."""
    tier, home, first = (data.people.column(n).to_pylist() for n in ("tier", "home_area", "first_category"))
    members = groups([f"{t}/{h}" for t, h in zip(tier, home, strict=True)], sizes > 0, lately)
    started = groups(first, sizes > 0, lately)
    return chosen(started, members, sizes == 1)


def _categories(data: Data) -> Ints:
    """Each item's category as a number, -1 for none."""
    names = data.items.column("category").to_pylist()
    known = {name: i for i, name in enumerate(sorted(set(names) - {""}))}
    return np.array([known.get(name, -1) for name in names], np.int64)


def _people(data: Data, maker: Recommender, tally: Tally) -> pa.Table:
    import pyarrow as pa

    told: list[pa.Array] = [pa.array(texts, pa.string()) for _, texts in maker.lists(tally)]
    columns = {
        "person_id": data.people.column("person_id"), "basis": pa.array(maker.basis().tolist(), pa.string()),
        "refused": pa.array(maker.refused.astype(np.int64)), "picks": pa.chunked_array(told, pa.string()),
    }  # fmt: skip
    return pa.table(columns, schema=PERSON_PICK.schema())


def _items(data: Data, now: Matrix, lately: Matrix, tally: Tally) -> pa.Table:
    plain = {n: data.items.column(n) for n in ("tenant_id", "code", "category", "trading", "price_minor")}
    counts = {"buyers": now.buyers, "buyers_lately": lately.buyers, "listed": tally.listed,
              "listed_new": tally.listed_new, "best": tally.best}  # fmt: skip
    rows = {name: column.to_pylist() for name, column in plain.items()}
    return as_frame(PICK_ITEM, {"number": np.arange(now.items), **rows, **counts})


def _tests(tested: Figures) -> pa.Table:
    rows = [
        {"among": among, "method": method, "metric": metric, "value": v, "low": low, "high": high, "people": people}
        for (among, method), (metrics, people) in sorted(tested.items())
        for metric, (v, low, high) in sorted(metrics.items())
    ]
    return as_frame(PICK_TEST, {name: [row[name] for row in rows] for name in PICK_TEST.names()})


def _model(moment: Moment, data: Data, maker: Recommender, tally: Tally) -> pa.Table:
    trading: Flags = maker.trading
    row = {
        "number": 1, "version": VERSION, "as_of": moment.day, "window_days": WINDOW_DAYS,
        "people": data.people.num_rows, "buyers": int(np.unique(data.person).size), "pairs": int(data.person.size),
        "items": int(trading.sum()), "personal": int(maker.blend is not None), "blended": tally.basis["blend"],
        "by_rules": tally.basis["rules"], "popular": tally.basis["popular"], "refused": int(maker.refused.sum()),
        "ridge": maker.blend.ridge if maker.blend else None,
        "weights": json.dumps(maker.blend.told() if maker.blend else {}),
        "covered": float((tally.listed[trading] > 0).mean()), "listed_gini": gini(tally.listed[trading]),
    }  # fmt: skip
    return as_frame(PICK_MODEL, {name: [row[name]] for name in PICK_MODEL.names()})


ENGINE = Engine(
    name="picks",
    title="Recommendations",
    title_zh="店铺推荐",
    version=VERSION,
    run=picks,
    takes=(PAIRS, ITEMS, PEOPLE),
    gives=(PERSON_PICK, PICK_ITEM, PICK_TEST, PICK_MODEL),
    every="05:00",
    figures=(
        Figure("bar", "Shops by lists they stand in", "各店铺被推荐人数", "pick_item", ("code", "listed")),
        Figure("table", "Offline test", "离线检验", "pick_test", ("among", "method", "metric", "value", "low", "high")),
    ),
    budget_seconds=180.0,
    about="Ten shops for each person with the reason for each, tested on the last 28 days beside what is popular and "
    "what they bought before. People who refused profiling get what is popular.",
    about_zh="为每位客户推荐十家店铺并说明理由，用最近 28 天检验，并与热门及本人历史比较。"
    "拒绝画像分析的客户只显示热门店铺。",
)
