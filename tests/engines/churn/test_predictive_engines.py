"""Value, churn, propensity and win-back on a mall with enough shoppers: promises of engines, honesty, refusals."""

from __future__ import annotations

import builtins
import io
import json
import random
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engines.churn.engine import ENGINE as CHURN
from engines.churn.engine import choices
from engines.churn.winback import ENGINE as WINBACK
from engines.churn.windows import windows_of
from engines.contract import Engine, Frames
from engines.propensity.engine import ENGINE as PROPENSITY
from engines.validation.cards import PINS, VERSIONS, ModelCard, versions
from engines.validation.outcome import Question, Window, learn, load
from engines.value.engine import ENGINE as VALUE
from models.errors import NotEnoughData
from tests.contracts.test_engines import answer, close, plain, refuse
from tests.engines.features.receipts_mart import TODAY, Mall, key, lively_mall, moment

SETTING_ROWS = {"name": ["churn.high"], "value": ["0.6"], "updated_at": [1], "actor": ["me"]}


@pytest.fixture(scope="module")
def mall() -> Mall:
    return lively_mall(1_400, 420)


@pytest.fixture(scope="module")
def taken(mall: Mall) -> dict[str, Frames]:
    """What each engine takes."""
    relations = {r.name: r for engine in (VALUE, CHURN, PROPENSITY, WINBACK) for r in engine.takes}
    frames = mall.fetch(list(relations.values()))
    return {e.name: {r.name: frames[r.name] for r in e.takes} for e in (VALUE, CHURN, PROPENSITY, WINBACK)}


each = pytest.mark.parametrize("engine", [VALUE, CHURN, PROPENSITY, WINBACK], ids=lambda e: e.name)


@pytest.fixture(scope="module")
def given(taken: dict[str, Frames]) -> dict[str, Frames]:
    """What each engine gives."""
    return {e.name: e.run(moment(), **taken[e.name]) for e in (VALUE, CHURN, PROPENSITY, WINBACK)}


@each
def test_the_same_answer_in_any_order_inputs_untouched_no_clock_no_disk(
    engine: Engine, taken: dict[str, Frames], given: dict[str, Frames], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = taken[engine.name]
    before = {name: frame.to_pylist() for name, frame in frames.items()}
    first = {r.name: plain(given[engine.name][r.name], r) for r in engine.gives}
    assert first[engine.gives[0].name]
    luck = random.Random(5)
    orders = {n: pa.array(luck.sample(range(f.num_rows), f.num_rows), pa.int64()) for n, f in frames.items()}
    shuffled = {n: f.take(orders[n]) for n, f in frames.items()}
    for owner, name in ((time, "time"), (time, "time_ns"), (builtins, "open"), (io, "open")):
        monkeypatch.setattr(owner, name, refuse(name))
    try:
        again = answer(engine, moment(), shuffled)
    finally:
        monkeypatch.undo()
    assert close(again, first)
    assert {name: frame.to_pylist() for name, frame in frames.items()} == before


@each
def test_figures_are_finite_and_cards_whole(engine: Engine, given: dict[str, Frames]) -> None:
    found = given[engine.name]
    for relation in engine.gives:
        for name in relation.names():
            values = found[relation.name][name].to_pylist()
            assert all(np.isfinite(v) for v in values if isinstance(v, float)), name
    for card in versions(found[VERSIONS.name]) if VERSIONS.name in found else ():
        assert card.metrics and card.baselines and card.guards and card.limits and card.about_zh
        assert card.leaks == 0, [f.sentence for f in card.guards if f.fired]


def read(found: Frames) -> tuple[list[dict[str, Any]], list[ModelCard]]:
    return found["person_churn"].to_pylist(), versions(found["model_version"])


def test_churn_beats_the_majority_is_calibrated_and_says_why(given: dict[str, Frames]) -> None:
    rows, cards = read(given["churn"])
    card = next(c for c in cards if c.state == "champion")
    assert card.baselines["majority"]["auc"].value == 0.5
    assert card.metrics["auc"].value > 0.75 and card.metrics["ece"].value < 0.08
    assert "accuracy" not in card.metrics
    risky = [row for row in rows if row["band"] == "high"]
    assert risky and all(row["p"] > 0.7 for row in risky)
    if card.method == "logistic":
        assert all(1 <= len(json.loads(row["reasons"])) <= 3 for row in risky)
    long_gone = np.mean([row["p"] for row in rows if row["recency_days"] > 180])
    assert long_gone > np.mean([row["p"] for row in rows if row["recency_days"] < 14]) + 0.3


def test_settings_move_the_bands_and_the_horizon_is_a_new_question(
    taken: dict[str, Frames], given: dict[str, Frames]
) -> None:
    setting = next(r for r in CHURN.takes if r.name == "setting")
    table = pa.table(SETTING_ROWS, schema=setting.schema())
    assert choices(table) == (90, 0.4, 0.6) and choices(setting.empty()) == (90, 0.4, 0.7)
    few, _ = read(given["churn"])
    held = given["churn"]["model_version"]
    many, _ = read(CHURN.run(moment(), **{**taken["churn"], "setting": table, "model_version": held}))
    assert sum(r["band"] == "high" for r in many) > sum(r["band"] == "high" for r in few)
    longer = pa.table({**SETTING_ROWS, "name": ["churn.horizon_days"], "value": ['"180"']}, schema=setting.schema())
    with pytest.raises(NotEnoughData, match=r"next 180 days .* more"):
        CHURN.run(moment(), **{**taken["churn"], "setting": longer})


def test_a_version_is_kept_for_four_weeks_and_a_pin_holds_an_older_one(
    taken: dict[str, Frames], given: dict[str, Frames]
) -> None:
    held = given["churn"]["model_version"]
    again = CHURN.run(moment(), **{**taken["churn"], "model_version": held})
    assert [c.version for c in versions(again["model_version"])] == [1]
    assert close(again["person_churn"].to_pylist(), given["churn"]["person_churn"].to_pylist())
    later = replace(moment(TODAY + timedelta(days=29)))
    trained = CHURN.run(later, **{**taken["churn"], "model_version": held})
    cards = versions(trained["model_version"])
    assert [(c.version, c.state) for c in cards if c.version < 3][:2] == [(1, "retired"), (2, "champion")]
    columns = {"engine": ["churn"], "model": ["churn"], "version": [1], "reason": ["r"], "actor": ["a"], "at": [1]}
    pin = pa.table(columns, schema=PINS.schema())
    pinned = CHURN.run(later, **{**taken["churn"], "model_version": trained["model_version"], "model_pin": pin})
    assert set(pinned["person_churn"]["version"].to_pylist()) == {1}


def test_windows_count_what_came_after_the_day_and_only_that() -> None:
    tiny = Mall([(1, 200, 100), (1, 120, 100), (2, 200, 100), (3, 50, 100), (4, 91, 100), (4, 90, 100), (4, -3, 100)])
    frames = tiny.fetch([r for r in CHURN.takes if r.sql])
    by_back = {r.days_back: frames[r.name] for r in CHURN.takes if r.sql}
    found = {w.as_of: dict(zip(w.persons, w.y.tolist(), strict=True)) for w in windows_of(moment(), by_back, 90)}
    days = [(TODAY - timedelta(days=back)).isoformat() for back in (180, 90)]
    assert found[days[0]] == {key(1): 0.0, key(2): 1.0}
    assert found[days[1]] == {key(1): 1.0, key(2): 1.0, key(4): 1.0}


def test_value_totals_and_its_back_test_beat_the_naive_rules(given: dict[str, Frames]) -> None:
    rows, cards = given["value"]["person_value"].to_pylist(), versions(given["value"]["model_version"])
    card = next(c for c in cards if c.state == "champion")
    low, high = (card.extra["totals"]["90"][i] for i in (1, 2))
    assert low <= card.extra["totals"]["90"][0] <= high
    assert sum(r["value_90_minor"] for r in rows) == pytest.approx(card.extra["totals"]["90"][0], rel=0.01)
    own = card.metrics["explained"].value
    assert all(own > rule["explained"].value for rule in card.baselines.values())
    assert all(r["value_low_minor"] <= r["value_high_minor"] and 0 <= r["p_alive"] <= 1 for r in rows)
    assert sorted({r["decile"] for r in rows}) == list(range(1, 11))
    assert {c.method for c in cards} == {"bg_nbd", "pareto_nbd"}


def test_propensities_refuse_one_by_one(given: dict[str, Frames]) -> None:
    asked = set(given["propensity"]["person_propensity"]["model"].to_pylist())
    assert {"buy", "visit"} <= asked and "respond" not in asked
    buy = next(c for c in versions(given["propensity"]["model_version"]) if c.model == "buy")
    assert buy.metrics["auc"].value > buy.baselines["majority"]["auc"].value + 0.2


def test_win_back_counts_by_hand() -> None:
    tiny = Mall(
        [(p, 200, 100) for p in range(1, 9)] + [(1, 80, 100), (2, 80, 100), (5, 80, 100), (7, 102, 100), (8, 80, 100)],
        [(p, 100, "campaign_sent", 1) for p in (1, 2, 3, 7)]
        + [(p, 100, "campaign_holdout", 1) for p in (4, 5, 6)]
        + [(8, 100, "campaign_sent", 1), (8, 99, "campaign_holdout", 1), (3, 10, "campaign_sent", 2)],
    )
    (arms,) = tiny.fetch(WINBACK.takes).values()
    (row,) = WINBACK.run(moment(), win_back_arms=arms)["win_back"].to_pylist()
    assert (row["sent"], row["sent_back"], row["held"], row["held_back"]) == (3, 2, 3, 1)
    assert row["lift"] == pytest.approx(1 / 3) and row["low"] < row["lift"] < row["high"]


BAD: dict[str, Mall] = {
    "empty": Mall(),
    "one customer": Mall([(1, 100, 500), (1, 50, 500)]),
    "all returns": Mall([(p, d, -500) for p in range(600) for d in (300, 200, 100, 20)]),
    "everyone alike": Mall([(p, d, 500) for p in range(600) for d in (400, 300, 200, 100, 20)]),
    "future only": Mall([(p, -d, 500) for p in range(600) for d in (1, 40)]),
    "never again": Mall([(p, 300, 500 + p) for p in range(600)]),
    "no visits": Mall([(p, (p * 7) % 390, 100 + p) for p in range(900)] + [(p, (p * 3) % 350, 90) for p in range(400)]),
}


@each
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_words_or_answered_finitely(engine: Engine, name: str) -> None:
    frames = BAD[name].fetch(engine.takes)
    try:
        given = engine.run(moment(), **frames)
    except NotEnoughData as refusal:
        assert refusal.missing.strip().endswith(".") and refusal.missing_zh.strip().endswith("。")
        return
    for relation in engine.gives:
        checked = relation.check(given[relation.name])
        assert all(np.isfinite(v) for c in checked.columns for v in c.to_pylist() if isinstance(v, float))


def window(as_of: str, to: str, n: int, seed: int, weight: float = 2.0) -> Window:
    luck = np.random.default_rng(seed)
    x = luck.normal(size=(n, 3))
    y = (luck.random(n) < 1 / (1 + np.exp(-weight * x[:, 0]))).astype(float)
    return Window(as_of, as_of[:-1] + "9", to, tuple(key(i) for i in range(n)), x, y)


ASKED = Question("e", "m", "It happens.", "发生。", "b", 90, "1", least=50)


def test_what_is_no_better_than_the_rule_is_not_shipped() -> None:
    names = ("a", "b", "c")
    windows = [window("2026-01-01", "2026-03-31", 800, 1), window("2026-04-01", "2026-06-29", 800, 2)]
    (card,) = learn(ASKED, names, windows, [], at=1, day="2026-06-29")
    assert card.method == "logistic" and card.metrics["auc"].value > 0.8
    (rule,) = [
        c for c in learn(replace(ASKED, rule="a"), names, windows, [], at=1, day="2026-06-29") if c.state == "champion"
    ]
    assert rule.method == "rule" and "rule is used" in rule.promotion and load(rule).names == ("a",)
    nothing = [window("2026-01-01", "2026-03-31", 800, 1, 0.0), window("2026-04-01", "2026-06-29", 800, 2, 0.0)]
    champion = next(c for c in learn(ASKED, names, nothing, [], at=1, day="2026-06-29") if c.state == "champion")
    assert champion.method == "majority" and np.ptp(load(champion).probability(np.zeros((5, 0)))) == 0


def test_a_leak_in_the_windows_keeps_the_model_from_shipping() -> None:
    names = ("a", "b", "c")
    windows = [window("2026-01-01", "2026-03-31", 800, 1), window("2026-04-01", "2026-06-29", 800, 2)]
    overlapping = [replace(w, target_from="2025-12-01") for w in windows]
    champion = next(c for c in learn(ASKED, names, overlapping, [], at=1, day="2026-06-29") if c.state == "champion")
    assert champion.leaks == 1 and champion.method in ("rule", "majority") and "leak" in champion.promotion
    told = [replace(w, x=np.column_stack([w.y, w.x[:, 1:]])) for w in windows]
    champion = next(c for c in learn(ASKED, names, told, [], at=1, day="2026-06-29") if c.state == "champion")
    assert "single_feature" in {f.guard for f in champion.guards if f.fired} and champion.method != "logistic"
    doubled = [replace(w, persons=tuple(w.persons[0] for _ in w.persons)) for w in windows]
    champion = next(c for c in learn(ASKED, names, doubled, [], at=1, day="2026-06-29") if c.state == "champion")
    assert "repeated_rows" in {f.guard for f in champion.guards if f.fired}


def test_too_few_of_either_outcome_is_refused_with_how_many_more() -> None:
    few = [window("2026-01-01", "2026-03-31", 60, 1), window("2026-04-01", "2026-06-29", 60, 2)]
    with pytest.raises(NotEnoughData, match=r"needs 50 people .* \d+ more"):
        learn(ASKED, ("a", "b", "c"), few, [], at=1, day="2026-06-29")
