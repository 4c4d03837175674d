"""Recommendations on malls whose answer is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.contract import Moment
from engines.picks.blend import Blend, likeness
from engines.picks.ease import item_weights
from engines.picks.engine import picks
from engines.picks.groups import PRIOR, groups
from engines.picks.matrix import Matrix, top
from engines.picks.measures import gini, judged
from engines.picks.relations import ITEMS, PAIRS, PEOPLE
from models.errors import NotEnoughData

MOMENT = Moment(1_790_000_000_000, "2026-09-21", 600, "Asia/Shanghai", "CN", None, "CNY")


def ident(kind: int, number: int) -> bytes:
    return bytes([kind]) + number.to_bytes(15, "big")


def frames(
    pairs: Sequence[tuple[int, int, float, float, float, int]], shops: int, people: int, **more: Any
) -> dict[str, pa.Table]:
    """Frames of numbered people and shops; `refused` people said no to profiling, `closed` shops do not trade."""
    refused, closed = more.get("refused", set()), more.get("closed", set())
    columns = list(zip(*pairs, strict=True)) if pairs else [[]] * 6
    taken = [[ident(1, p) for p in columns[0]], [ident(2, i) for i in columns[1]], *columns[2:]]
    items = [
        [ident(2, i) for i in range(shops)], [f"s{i}" for i in range(shops)], [f"c{i % 2}" for i in range(shops)],
        [int(i not in closed) for i in range(shops)], [1000] * shops, [1000] * shops,
    ]  # fmt: skip
    known = [
        [ident(1, p) for p in range(people)], ["gold"] * people, ["hill" if p % 2 else "dale" for p in range(people)],
        [f"c{p % 2}" for p in range(people)], [3 if p in refused else 9 for p in range(people)],
    ]  # fmt: skip
    made = (("pick_pairs", taken, PAIRS), ("pick_items", items, ITEMS), ("pick_people", known, PEOPLE))
    return {name: pa.table([list(c) for c in cols], schema=rel.schema()) for name, cols, rel in made}


def two_worlds(people: int = 700, seed: int = 3) -> list[tuple[int, int, float, float, float, int]]:
    """Even people buy among shops 0 to 11, odd ones among 12 to 23: six early, then two more of theirs in each window."""
    draw = np.random.default_rng(seed)
    pairs = []
    for person in range(people):
        own = draw.permutation(12)[:10] + 12 * (person % 2)
        pairs += [(person, int(i), 0.3, 0.5, 0.8, 4) for i in own[:6]]
        pairs += [(person, int(i), 0.6, 0.9, 0.0, 2) for i in own[6:8]]
        pairs += [(person, int(i), 0.9, 0.0, 0.0, 1) for i in own[8:]]
    return pairs


def lists(found: dict[str, pa.Table]) -> dict[int, list[Any]]:
    rows = found["person_pick"].to_pylist()
    return {int.from_bytes(row["person_id"][1:], "big"): json.loads(row["picks"]) for row in rows}


def test_a_column_of_ease_solves_the_regression_with_a_zero_for_itself() -> None:
    """Steck 2019, eq. 3: min ||X - XB||^2 + ridge ||B||^2 with diag(B) = 0, column by column without its own item."""
    x = (np.random.default_rng(1).random((60, 5)) < 0.4).astype(np.float32)
    found = item_weights(x.T @ x, 3.0)
    for j in range(5):
        others = [i for i in range(5) if i != j]
        a = x[:, others].astype(float)
        brute = np.linalg.solve(a.T @ a + 3.0 * np.eye(4), a.T @ x[:, j])
        assert found[j, j] == 0
        assert np.allclose(found[others, j], brute, atol=1e-5)


def test_measures_by_hand() -> None:
    wanted = np.zeros((1, 20), bool)
    wanted[0, [0, 5, 19]] = True
    found = judged(np.arange(10)[None, :], wanted)
    assert found["recall"][0] == pytest.approx(2 / 3)
    assert found["hit"][0] == 1
    best = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert found["ndcg"][0] == pytest.approx((1 + 1 / np.log2(7)) / best)
    assert gini(np.array([4, 4, 4])) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)


def test_people_are_shown_the_shops_of_their_own_world_with_the_reason() -> None:
    found = picks(MOMENT, **frames(two_worlds(), 24, 700))
    model = found["pick_model"].to_pylist()[0]
    assert (model["personal"], model["blended"]) == (1, 700)
    told = lists(found)
    for person in (0, 1, 42, 699):
        best = told[person][:2]  # ten of their world's twelve shops they know, and nobody comes back to one
        assert all(pick[0] // 12 == person % 2 and pick[4] for pick in best)
        assert all(pick[2] == "also" and pick[3] // 12 == person % 2 for pick in best)
    tests = {(r["among"], r["method"], r["metric"]): r for r in found["pick_test"].to_pylist()}
    blend, popular = tests["new", "blend", "recall"], tests["new", "popular", "recall"]
    assert blend["low"] > popular["high"]


def test_who_refused_profiling_gets_what_is_popular_and_a_closed_shop_is_never_shown() -> None:
    found = picks(MOMENT, **frames(two_worlds(), 24, 702, refused={0, 1}, closed={3}))
    rows = {int.from_bytes(r["person_id"][1:], "big"): r for r in found["person_pick"].to_pylist()}
    told = lists(found)
    assert [rows[p]["basis"] for p in (0, 1, 2, 700)] == ["popular", "popular", "blend", "rules"]
    assert rows[0]["picks"].replace(",0]", ",1]") == rows[1]["picks"].replace(",0]", ",1]")
    assert {pick[2] for pick in told[0]} == {"popular"}
    assert all(pick[0] != 3 for listed in told.values() for pick in listed)
    assert {pick[2] for pick in told[700]} == {"group"}


def test_few_people_get_what_is_popular_and_nothing_is_tested() -> None:
    found = picks(MOMENT, **frames(two_worlds(40), 24, 40))
    assert found["pick_model"].to_pylist()[0]["personal"] == 0
    assert found["pick_test"].num_rows == 0
    assert {row["basis"] for row in found["person_pick"].to_pylist()} == {"popular"}


@pytest.mark.parametrize("shops, closed", [(0, set()), (2, {0, 1}), (2, set())])
def test_a_mall_without_sales_or_shops_is_refused_in_words(shops: int, closed: set[int]) -> None:
    with pytest.raises(NotEnoughData, match="Nobody known has bought"):
        picks(MOMENT, **frames([], shops, 3, closed=closed))


def test_a_small_group_counts_little_beside_the_mall() -> None:
    lately = Matrix.of(np.array([0, 1, 2]), np.array([0, 0, 1]), np.ones(3), 3, 2)
    found = groups(["a", "b", "b"], np.ones(3, bool), lately)
    assert found.rows(np.array([0]))[0, 0] == pytest.approx((1 + PRIOR * 2 / 3) / (1 + PRIOR))


def test_items_are_like_by_category_and_price_and_never_themselves() -> None:
    found = likeness((["a", "a", "", "b"], np.array([100.0, 200.0, 0.0, 100.0])))
    assert found[0, 1] == pytest.approx(0.5 + 0.25)
    assert found[0, 3] == pytest.approx(0.5)
    assert not found[2].any() and not np.diag(found).any()


def test_the_best_come_first_and_equal_ones_in_their_order() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.5]], np.float32)
    assert top(scores, 3).tolist() == [[1, 2, 3]]
    assert top(scores, 9).tolist() == [[1, 2, 3, 0]]


PAIR = st.tuples(
    st.integers(0, 8), st.integers(0, 4), st.floats(0.01, 50), st.floats(0, 50), st.floats(0, 50), st.integers(0, 7)
)


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(PAIR, max_size=30, unique_by=lambda p: p[:2]), closed=st.sets(st.integers(0, 4)))
def test_any_purchases_give_finite_lists_or_a_refusal(pairs: list[Any], closed: set[int]) -> None:
    try:
        found = picks(MOMENT, **frames(pairs, 5, 9, closed=closed))
    except NotEnoughData as refusal:
        assert refusal.missing.endswith(".") and (not pairs or closed == set(range(5)))
        return
    for listed in lists(found).values():
        assert len(listed) == 5 - len(closed)
        assert all(0 <= pick[1] <= 1 and pick[0] not in closed for pick in listed)


def test_a_part_that_comes_out_against_a_purchase_has_no_weight() -> None:
    blend = Blend(1.0, np.array([0.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, -3.0]), np.zeros(8))
    assert not blend.speaks("ease") and blend.speaks("content")
