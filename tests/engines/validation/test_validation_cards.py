"""Cards keep everything over a row and back; pins, promotion, freshness and drift decide as they should."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from engines.validation import cards, champion, guards
from engines.validation.cards import PINS, VERSIONS, Limit, Measured, ModelCard
from engines.validation.champion import Contender, decide
from engines.validation.metrics import CalibrationBin


def card(version: int, state: cards.State = "champion", model: str = "churn") -> ModelCard:
    return ModelCard(
        "churn", model, version, state, "logistic", 1_700_000_000_000, "2026-08-01", 900, 300, '{"a": 1}',
        features=("recency", "frequency"), windows=(("features", "2025-01-01", "2026-05-01"),),
        metrics={"auc": Measured(0.84, 0.82, 0.86, 400), "lift": Measured(math.nan)},
        baselines={"recency rule": {"auc": Measured(0.82)}}, calibration=(CalibrationBin(40, 0.2, 0.25),),
        guards=(guards.split_gap(0.86, 0.84), guards.single_feature(np.eye(3), [1.0, 0, 0], ["a", "b", "c"])),
        limits=(Limit("Not for credit.", "不可用于信贷。"),), about="No purchase", about_zh="无消费",
        promotion="first", promotion_zh="首个", extra={"horizon": 90, "bad": math.inf},
    )  # fmt: skip


def frame(*made: ModelCard) -> pa.Table:
    return cards.kept(made, {})


def test_a_card_survives_its_row_and_what_is_not_finite_becomes_null() -> None:
    (again,) = cards.versions(VERSIONS.check(frame(card(3))))
    wanted = card(3)
    assert again.metrics["auc"] == wanted.metrics["auc"] and math.isnan(again.metrics["lift"].value)
    assert again.extra == {"horizon": 90, "bad": None}
    for name in ("guards", "calibration", "limits", "windows", "baselines", "features", "artefact", "about_zh"):
        assert getattr(again, name) == getattr(wanted, name)
    assert again.leaks == 1 and again.features_hash == wanted.features_hash
    assert "NaN" not in str(frame(card(3)).to_pylist()) and "Infinity" not in str(frame(card(3)).to_pylist())


def test_a_pin_wins_over_the_champion_while_its_version_is_kept() -> None:
    all_of_it = [card(1, "retired"), card(2), card(3, "challenger")]
    assert cards.active(all_of_it, {}, "churn", "churn") == all_of_it[1]
    assert cards.active(all_of_it, {("churn", "churn"): 1}, "churn", "churn") == all_of_it[0]
    assert cards.active(all_of_it, {("churn", "churn"): 9}, "churn", "churn") == all_of_it[1]
    assert cards.active(all_of_it, {}, "churn", "other") is None
    assert cards.next_version(all_of_it, "churn", "churn") == 4 and cards.next_version([], "churn", "x") == 1
    columns = {"engine": ["churn"], "model": ["churn"], "version": [1], "reason": ["r"], "actor": ["a"], "at": [1]}
    assert cards.pins(PINS.check(pa.table(columns))) == {("churn", "churn"): 1}


def test_old_versions_go_but_never_the_champion_or_the_pinned() -> None:
    many = [card(i, "champion" if i == 2 else "retired") for i in range(1, 30)]
    stay = cards.versions(cards.kept(many, {("churn", "churn"): 5}))
    assert [c.version for c in stay] == [2, 5, *range(18, 30)]


def test_a_new_champion_retires_the_one_before() -> None:
    before = [card(1), card(2, "challenger"), card(1, model="other")]
    after = {(c.model, c.version): c.state for c in cards.added(before, card(3))}
    assert after == {
        ("churn", 1): "retired",
        ("churn", 2): "retired",
        ("churn", 3): "champion",
        ("other", 1): "champion",
    }
    later = replace(card(3, "challenger"), as_of="2026-09-01")
    after = {(c.model, c.version): c.state for c in cards.added(before, later)}
    assert after[("churn", 1)] == "champion" and after[("churn", 2)] == "retired"
    after = {(c.model, c.version): c.state for c in cards.added(before, card(3, "challenger"))}
    assert after[("churn", 2)] == after[("churn", 3)] == "challenger"


def test_only_a_challenger_beyond_the_interval_is_promoted() -> None:
    holder = Contender("v1", 0.80, 0.78, 0.82)
    assert decide(holder, Contender("v2", 0.83, 0.8, 0.86), on="July").promoted
    kept = decide(holder, Contender("v2", 0.815, 0.8, 0.84), on="July")
    assert not kept.promoted and kept.why == "not_better" and "July" in kept.sentence and "July" in kept.sentence_zh
    assert decide(None, Contender("v1", 0.6, 0.5, 0.7), on="July").why == "first"
    assert decide(holder, Contender("v2", 0.99, 0.9, 1, leaks=1), on="July").why == "leaks"
    assert decide(None, Contender("v2", 0.99, 0.9, 1, leaks=1), on="July").why == "leaks"
    assert decide(holder, Contender("v2", 0.99, 0.9, 1), on="July", pinned=True).why == "pinned"
    assert decide(holder, Contender("v2", math.nan, 0, 1), on="July").why == "unknown"


def test_drift_is_a_shift_of_the_people_or_of_what_comes() -> None:
    luck = np.random.default_rng(1)
    old, same, moved = luck.normal(size=4_000), luck.normal(size=4_000), luck.normal(1, 1, 4_000)
    assert champion.psi(old, same) < 0.02
    assert champion.psi(old, moved) > 0.2
    assert champion.psi(old, []) == 0 and champion.psi([1.0] * 9, [1.0] * 5) == 0
    assert not champion.drift(0.05, 0.1).drifted
    assert champion.drift(0.3).drifted and champion.drift(0.0, -0.25).drifted
    assert champion.calibration_in_the_large([1, 0, 1, 1], [0.5] * 4) == pytest.approx(0.5)
    assert math.isnan(champion.calibration_in_the_large([0.0], [0.0]))


def test_a_version_scores_for_four_weeks_with_the_features_it_knows() -> None:
    known = {"features_then": "a", "features_now": "a"}
    assert champion.fresh("2026-08-01", "2026-08-28", **known)
    assert not champion.fresh("2026-08-01", "2026-08-29", **known)
    assert not champion.fresh("2026-08-01", "2026-07-31", **known)
    assert not champion.fresh("2026-08-01", "2026-08-02", features_then="a", features_now="b")
