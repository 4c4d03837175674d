"""Attribution: exact published credits, a brute-force oracle over random histories, holdouts by hand, refusals."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.attribution import queries
from engines.attribution.credit import Touches, all_credits
from engines.attribution.engine import ENGINE
from engines.attribution.holdouts import lifts, rates
from engines.attribution.markov import chain_of, shapley
from engines.attribution.relations import CREDITS, PATHS, RULES
from engines.driver import run_engine
from models import mart
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Relation
from models.settings import change_setting
from tests.data import data_file
from tests.engines.hand_mall import HandMall

_spec = importlib.util.spec_from_file_location("attribution_oracle", Path(__file__).with_name("attribution_oracle.py"))
oracle = importlib.util.module_from_spec(_spec)
sys.modules["attribution_oracle"] = oracle
_spec.loader.exec_module(oracle)

EXACT = {"alpha": 5345, "iota": 3885, "eta": 3341, "beta": 2527, "theta": 1972, "lambda": 1283}
REMOVAL = {"alpha": 0.558, "iota": 0.406, "eta": 0.349, "beta": 0.264, "theta": 0.206, "lambda": 0.134}
PUBLISHED = {"alpha": 5357, "iota": 3795, "eta": 3346, "beta": 2550, "theta": 1975, "lambda": 1306}
NOW = 2_000 * oracle.DAY


# ---- the chain


def test_the_published_paths_have_the_exact_credits() -> None:
    rows = pq.read_table(data_file("attribution/paths.parquet")).to_pylist()
    chain = chain_of((tuple(r["path"].split(" > ")), r["total_conversions"], r["total_null"]) for r in rows)
    total = sum(r["total_conversions"] for r in rows)
    credit = dict(zip(chain.states, (chain.shares() * total).tolist(), strict=True))
    effect = dict(zip(chain.states, chain.removal_effects().tolist(), strict=True))
    assert sum(credit.values()) == pytest.approx(total)
    for channel, exact in EXACT.items():
        assert credit[channel] == pytest.approx(exact, rel=0.001)
        assert round(effect[channel], 3) == REMOVAL[channel]
        assert credit[channel] == pytest.approx(PUBLISHED[channel], rel=0.05)


ROUTES = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(tuple), st.integers(0, 9), st.integers(0, 9)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(ROUTES)
def test_one_inverse_says_what_taking_each_state_out_says(paths: Any) -> None:
    chain = chain_of([p for p in paths if p[1] + p[2]])
    if not chain.states or chain.conversion() == 0:
        assert not chain.removal_effects().any()
        return
    whole = chain.conversion()
    for i, effect in enumerate(chain.removal_effects()):
        assert effect == pytest.approx(1 - chain.conversion(without=i) / whole, abs=1e-9)
    assert chain.shares().sum() == pytest.approx(1.0)


@given(st.dictionaries(st.frozensets(st.sampled_from("abcd"), min_size=1), st.integers(0, 20).map(float), max_size=8))
def test_shapley_on_sets_is_the_average_over_all_orders(sets: dict[frozenset[str], float]) -> None:
    players = sorted({p for members in sets for p in members})

    def earned(group: frozenset[str]) -> float:
        return sum(v for members, v in sets.items() if members <= group)

    found = shapley(sets)
    orders = list(permutations(players))
    for player in players:
        gains = [earned(frozenset(o[: o.index(player) + 1])) - earned(frozenset(o[: o.index(player)])) for o in orders]
        assert found[player] == pytest.approx(float(np.mean(gains)))


# ---- the paths in SQL against the oracle


def person(number: int) -> bytes:
    return number.to_bytes(16, "big")


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Touches (one a person, campaign and day) and purchases of up to four people over 120 days."""
    spots = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 119), st.sampled_from("xyz")), max_size=14, unique=True)
    )
    channel = {"x": "sms", "y": "email", "z": "sms"}
    start = NOW - 130 * oracle.DAY
    touches = [
        oracle.Touch(w, start + d * oracle.DAY + draw(st.integers(0, 80_000_000)), channel[c], c) for w, d, c in spots
    ]
    buys = draw(
        st.lists(
            st.builds(oracle.Buy, st.integers(0, 3), st.integers(start, NOW - 1), st.integers(1, 90_000)),
            max_size=10, unique_by=lambda b: (b.who, b.at),
        )
    )  # fmt: skip
    return touches, buys


def in_sql(touches: list[Any], buys: list[Any], days: int, relation: Relation = CREDITS) -> pa.Table:
    """What the query makes of them."""
    connection = duckdb.connect()
    campaigns = {"x": "sms", "y": "email", "z": "sms"}
    day0 = NOW - 130 * oracle.DAY
    tables = {
        "activity": [
            {"id": person(900 + i), "identifier_id": person(t.who), "kind": "campaign_sent", "at": t.at, "day": str((t.at - day0) // oracle.DAY),
             "campaign_id": person(ord(t.campaign))} for i, t in enumerate(touches)
        ],
        "sale": [
            {"id": person(i), "identifier_id": person(b.who), "at": b.at, "minute": 5, "net_minor": b.value, "day": "1"}
            for i, b in enumerate(buys)
        ],
        "identifier_owner": [{"identifier_id": person(i), "person_id": person(100 + i)} for i in range(4)],
        "campaign": [{"id": person(ord(c)), "code": c, "channel": channel} for c, channel in campaigns.items()],
        "tenant": [],
    }  # fmt: skip
    for name, rows in tables.items():
        schema = MART[name].schema()
        frame = pa.table({f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in schema}, schema=schema)
        connection.register(name, frame)
    found = mart.fetch(connection, relation, {"at": NOW})
    return found.filter(pc.equal(found.column("lookback_days"), days))


@settings(max_examples=40)
@given(histories(), st.sampled_from([7, 30, 90]))
def test_every_model_equals_the_oracle_and_sums_to_the_conversions(history: Any, days: int) -> None:
    touches, buys = history
    frame = in_sql(touches, buys, days)
    rows = [r for r in frame.to_pylist() if r["conversion"] == "purchase"]
    found: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
    models = {name for pair in RULES.values() for name in pair}
    for row in rows:
        for model in models:
            one = found[model, row["channel"], row["campaign"]]
            one[0] += row[f"{model}_n"]
            one[1] += row[f"{model}_v"]
    wanted = oracle.credits(touches, buys, days)
    for key in {*found, *wanted}:
        assert found[key] == pytest.approx(wanted[key], abs=1e-6), key
    reached = [b for b in buys if oracle.path_of(b, touches, days)]
    for model in models:
        assert sum(v[0] for k, v in found.items() if k[0] == model) == pytest.approx(len(reached), abs=1e-6)
        assert sum(v[1] for k, v in found.items() if k[0] == model) == pytest.approx(
            sum(b.value for b in reached), abs=1e-3
        )
    lost = oracle.lost_paths(touches, buys, days, NOW)
    if buys:
        assert sum(r["ends_lost"] for r in rows) == len(lost)
        assert sum(r["steps_lost"] for r in rows) == sum(len(path) for path in lost)


@settings(max_examples=40)
@given(histories(), st.sampled_from([7, 30, 90]))
def test_paths_read_as_the_oracle_walks_them(history: Any, days: int) -> None:
    touches, buys = history
    wanted: Counter[tuple[str, str, int, int]] = Counter()
    debuts = {min((b.at, i) for i, b in enumerate(buys) if b.who == who)[1] for who in {b.who for b in buys}}
    for i, buy in enumerate(buys):
        if path := oracle.path_of(buy, touches, days):
            age = (buy.at - path[0].at) // oracle.DAY
            for kind in ("purchase", "first") if i in debuts else ("purchase",):
                wanted[kind, oracle.read(path), age, 1] += 1
    for path in oracle.lost_paths(touches, buys, days, NOW) if buys else ():
        wanted["purchase", oracle.read(path), -1, 0] += 1
    found: Counter[tuple[str, str, int, int]] = Counter()
    for row in in_sql(touches, buys, days, PATHS).to_pylist():
        if row["conversion"] == "purchase" or row["conversions"]:
            found[row["conversion"], row["path"], row["days"], int(row["conversions"] > 0)] += (
                row["conversions"] + row["lost"]
            )
    assert found == wanted


# ---- credits of a frame


def frame_of(rows: list[dict[str, Any]]) -> pa.Table:
    full = [
        {name: 0 for name in CREDITS.names()} | {"conversion": "purchase", "before": "", "tenant": ""} | row
        for row in rows
    ]
    return pa.table({f.name: pa.array([r[f.name] for r in full], f.type) for f in CREDITS.schema()})


def alone(channel: str, part: int, n: int, lost: int) -> dict[str, Any]:
    """Paths of one touch."""
    weights = {f"{name}_n": float(n) for pair in RULES.values() for name in pair}
    money = {f"{name}_v": 100.0 * n for pair in RULES.values() for name in pair}
    return (
        {"part": part, "channel": channel, "campaign": channel, "steps_won": n, "steps_lost": lost, "ends_lost": lost}
        | weights
        | money
    )


def test_credits_of_every_model_sum_to_the_conversions_with_ordered_intervals() -> None:
    rows = [alone(c, part, 5 + part % 3, 4) for part in range(40) for c in ("sms", "email")]
    found = all_credits(Touches.of(frame_of(rows), "purchase"))
    total = sum(row["last_n"] for row in rows)
    for dimension in ("channel", "campaign"):
        for model in (*RULES, "markov"):
            mine = [c for c in found if (c.model, c.dimension) == (model, dimension)]
            assert sum(c.conversions for c in mine) == pytest.approx(total)
            assert sum(c.value_minor for c in mine) == pytest.approx(100 * total)
            assert all(c.conversions_low <= c.conversions <= c.conversions_high for c in mine)


def test_too_few_conversions_or_no_lost_path_leave_last_touch_alone() -> None:
    few = all_credits(Touches.of(frame_of([alone("sms", p, 2, 4) for p in range(40)]), "purchase"))
    assert {c.model for c in few} == {"last", "touched"}
    no_lost = all_credits(Touches.of(frame_of([alone("sms", p, 20, 0) for p in range(40)]), "purchase"))
    assert {c.model for c in no_lost} == {"last", "touched"}
    assert all_credits(Touches.of(frame_of([]), "purchase")) == []


# ---- holdouts


def arm(campaign: str, arm_: str, people: int, buyers: int, **more: Any) -> dict[str, Any]:
    row = {
        "campaign": campaign, "arm": arm_, "tenant": "", "people": people, "first_at": 0, "days_left": 0, "buyers": buyers,
        "receipts": buyers, "receipts_squares": float(buyers), "net_minor": 100 * buyers, "net_squares": 1e4 * buyers,
        "visitors": 0, "openers": 0, "clickers": 0, "returned": 0,
    }  # fmt: skip
    return row | more


def test_a_holdout_says_what_was_added_and_its_sizes_are_checked() -> None:
    rows = [arm("good", "sent", 9000, 1350), arm("good", "held", 1000, 100), arm("bad", "sent", 9000, 1350), arm("bad", "held", 800, 80),
            arm("tiny", "sent", 500, 50), arm("tiny", "held", 20, 2)]  # fmt: skip
    found = {(lift.campaign, lift.measure): lift for lift in lifts(rows, {"good": 0.1, "bad": 0.1, "tiny": 0.04})}
    good = found["good", "buyers"]
    assert good.effect.difference == pytest.approx(0.05) and good.effect.low > 0
    assert good.ratio.state == "ok" and found["bad", "buyers"].ratio.state == "blocks"
    assert ("tiny", "buyers") not in found


def test_holdout_tenants_are_corrected_for_their_number() -> None:
    rows = [arm("c", "sent", 900, 90), arm("c", "held", 100, 10)]
    rows += [arm("c", "sent", 900, 9, tenant=f"t{i}") for i in range(20)]
    found = [lift for lift in lifts(rows, {}) if lift.tenant]
    assert len(found) == 20 and all(lift.p_adjusted >= lift.effect.p for lift in found)
    assert found[0].ratio.state == "unknown"


def test_a_campaign_that_answers_unlike_the_others_stands_out() -> None:
    rows = [arm(f"c{i}", "sent", 5000, 0, first_at=i, openers=1500 + 20 * (i % 3)) for i in range(6)]
    rows.append(arm("odd", "sent", 5000, 0, first_at=9, openers=600))
    found = {(rate.campaign, rate.stage): rate for rate in rates(rows)}
    assert found["odd", "openers"].state == "low"
    assert found["c5", "openers"].state == "usual" and found["c0", "openers"].state == "new"
    assert found["c0", "openers"].low is None and found["odd", "clickers"].state == "usual"


# ---- the whole, on a mall by hand


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    made.ref("tenant", "cafe", name="Cafe", state="trading")
    made.ref(
        "campaign", "draw", name="Draw", name_zh="抽奖", channel="sms", from_day="2026-03-02", to_day="2026-03-08",
        budget_minor=10_000, holdout_share=0.5,
    )  # fmt: skip
    yield made
    made.store.close()


def fill(mall: HandMall) -> None:
    """Forty were written to, forty held back; 12 and 4 of them bought within the week."""
    for i in range(80):
        mall.act("campaign_sent" if i < 40 else "campaign_holdout", "2026-03-02", who=f"p{i}", campaign="draw")
    for i in (*range(12), *range(40, 44)):
        mall.sale("2026-03-04", 5_000, tenant="cafe", who=f"p{i}")
    mall.sale("2026-03-30", 5_000, tenant="cafe", who="p0")


def test_a_mall_by_hand(mall: HandMall) -> None:
    fill(mall)
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-05-01", 600))
    look = queries.choice(mall.store, lookback_days=7)
    told = queries.summary(mall.store, look)
    assert told is not None
    assert (told.conversions, told.touched, told.lost, told.state) == (17, 12, 28, "short")
    row = next(r for r in queries.league(mall.store, look, "campaign") if r.code == "draw")
    assert row.credit is not None and row.credit.conversions == 12 and row.credit.model == "last"
    assert row.incremental is not None
    assert row.incremental.conversions == pytest.approx(8) and row.incremental.value_minor == pytest.approx(40_000)
    assert row.cost_minor == 10_000
    middle, low, high = row.roi(1.0)
    assert middle == pytest.approx(3.0) and low < middle < high
    assert row.attributed_roi(1.0) == pytest.approx(5.0)
    assert look.margin is None and row.roi(look.margin) is None and row.attributed_roi(look.margin) is None
    assert row.sales_per_cost()[0] == pytest.approx(4.0) and row.attributed_sales_per_cost() == pytest.approx(6.0)
    change_setting(mall.store, "test", "attribution.margin_share", 0.25)
    assert row.roi(queries.choice(mall.store).margin)[0] == pytest.approx(0.0)
    tenant = queries.league(mall.store, look, "tenant")[0]
    assert tenant.code == "cafe" and tenant.credit is not None and tenant.credit.conversions == 12
    assert [(p.path, p.conversions, p.lost) for p in queries.paths(mall.store, look)] == [("sms", 12, 28)]
    assert queries.lags(mall.store, look) == [(1, 12)]
    longer = queries.summary(mall.store, queries.choice(mall.store, lookback_days=30))
    assert longer is not None and longer.touched == 13


def test_a_return_is_no_conversion_and_a_sale_without_a_time_follows_the_days_message(mall: HandMall) -> None:
    mall.act("campaign_sent", "2026-03-02", who="p", campaign="draw")
    mall.sale("2026-03-02", 900, who="p", minute=-1)
    mall.sale("2026-03-03", -900, who="p")
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-05-01"))
    told = queries.summary(mall.store, queries.choice(mall.store))
    assert told is not None and (told.conversions, told.touched, told.touched_minor) == (1, 1, 900)


def test_first_purchases_count_once_and_later_touches_of_buyers_are_not_lost(mall: HandMall) -> None:
    mall.sale("2026-01-05", 900, who="p")
    mall.act("campaign_sent", "2026-03-02", who="p", campaign="draw")
    mall.sale("2026-03-03", 900, who="p")
    mall.act("campaign_sent", "2026-03-02", who="q", campaign="draw")
    mall.sale("2026-03-03", 900, who="q")
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-06-01"))
    told = queries.summary(mall.store, queries.choice(mall.store, conversion="first"))
    assert told is not None and (told.conversions, told.touched, told.lost) == (2, 1, 0)


def test_a_mall_without_touches_is_refused_in_words(mall: HandMall) -> None:
    mall.sale("2026-03-03", 900, who="p")
    with pytest.raises(NotEnoughData, match="needs touches"):
        run_engine(mall.store, ENGINE, at_ms=mall.at("2026-05-01"))
