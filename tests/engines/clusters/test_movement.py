"""Moves between segments: states as the rfm engine gives them, matrices that add up, a model only where it beats staying."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from histories import frame_of

from engines.clusters.movement import BACK, CLUSTER_FIT, MOVE_TRIAL, PINS, VERSIONS, movement
from engines.clusters.next_segment import better, tried, wilson
from engines.clusters.states import Moves, rfm_states
from engines.contract import Moment
from engines.rfm.rules import NAMES, score_from_below, score_recency, segment
from engines.validation.cards import versions
from models.errors import NotEnoughData

NOW = Moment(1_780_000_000_000, "2026-06-01", 700, "UTC", "CN", None, "CNY")


def history(people: int = 900, seed: int = 2) -> dict[str, object]:
    """Features 0 to 120 days back of people of whom half stop coming and half go on every few days."""
    luck = np.random.default_rng(seed)
    stopped = luck.random(people) < 0.5
    last = luck.integers(0, 60, people)
    before = luck.integers(3, 20, people)
    frames = {}
    for back in BACK:
        recency = np.where(stopped, last + (120 - back), luck.integers(0, 9, people))
        bought = np.where(stopped, before, before + (120 - back) // 5)
        columns = {"recency_days": recency, "tenure_days": recency + 200, "frequency": bought, "receipts": bought,
                   "days_365": bought, "monetary_minor": bought * 5_000, "spend_365_minor": bought * 5_000,
                   "days_30": np.where(recency < 30, 1, 0), "tenants": np.ones(people)}  # fmt: skip
        frames[f"features_{back}" if back else "features"] = frame_of(columns, people)
    return frames


def run(frames, *, known=None):
    taken = {"cluster_fit": CLUSTER_FIT.empty(), "move_trial": MOVE_TRIAL.empty(), "model_version": VERSIONS.empty()}
    return movement(NOW, **frames, **{**taken, **(known or {})}, model_pin=PINS.empty())


@pytest.fixture(scope="module")
def moved():
    frames = history()
    return frames, run(frames)


def test_states_are_those_of_the_rfm_engine(moved):
    frame = moved[0]["features_30"].sort_by("person_id")
    states = rfm_states(moved[0]["features_30"])
    r = score_recency(frame.column("recency_days").to_numpy())
    f = score_from_below(frame.column("frequency").to_numpy())
    assert [list(NAMES)[s] for s in states.state] == [segment(int(a), int(b)) for a, b in zip(r, f, strict=True)]


def test_each_months_matrix_holds_everyone_once(moved):
    rows = moved[1]["segment_transition"].to_pylist()
    for back in BACK[1:]:
        mine = [row for row in rows if row["back"] == back]
        assert sum(row["people"] for row in mine) == 900
        for source in {row["source"] for row in mine}:
            own = [row for row in mine if row["source"] == source]
            assert sum(row["share"] for row in own) == pytest.approx(1)
            assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in own)


def test_the_back_test_has_its_baselines_and_people_follow_it(moved):
    given = moved[1]
    whole = {row["model"]: row for row in given["move_trial"].to_pylist() if not row["state"]}
    assert whole.keys() == {"model", "matrix", "stays"}
    assert whole["stays"]["gain"] == 0 and (whole["stays"]["first_day"], whole["stays"]["last_day"]) == (
        "2026-05-02", "2026-06-01"
    )  # fmt: skip
    card = versions(given["model_version"])[0]
    used = [row["model"] for row in given["move_trial"].to_pylist() if row["used"] and not row["state"]]
    assert used == ["model" if card.state == "champion" else "matrix"]
    people = given["person_move"].to_pylist()
    assert len(people) == (900 if card.state == "champion" else 0)
    assert all(0 <= p["p_target"] <= p["p_move"] + 1e-9 <= 1 + 1e-9 and p["target"] != p["state"] for p in people)


def test_a_model_of_mere_luck_does_not_beat_staying():
    luck = np.random.default_rng(3)
    frame = history()["features"]
    names = ("a", "b", "c")
    source = luck.integers(0, 3, 900)
    windows = [
        Moves(back, frame, source, np.where(luck.random(900) < 0.2, luck.integers(0, 3, 900), source), names)
        for back in (90, 60, 30)
    ]
    trials = tried(windows[:-1], windows[-1])
    assert not better(trials)


def test_moves_that_behaviour_tells_are_told():
    luck = np.random.default_rng(4)
    frame = history()["features"]
    recency = frame.column("recency_days").to_numpy()
    source = luck.integers(0, 2, 900)
    windows = [Moves(back, frame, source, np.where(recency > 60, 1, source), ("here", "gone")) for back in (90, 60, 30)]
    trials = tried(windows[:-1], windows[-1])
    whole = {t.model: t for t in trials if not t.state}
    assert better(trials) and whole["model"].accuracy > 0.95 and whole["model"].auc > 0.95
    assert whole["model"].low > 0.1


def test_within_a_month_the_judgement_stands(moved):
    frames, first = moved
    again = run(frames, known={"model_version": first["model_version"], "move_trial": first["move_trial"]})
    assert len(versions(again["model_version"])) == 1
    assert again["move_trial"].num_rows == first["move_trial"].num_rows
    a, b = again["person_move"].column("p_move"), first["person_move"].column("p_move")
    assert np.allclose(a.to_numpy(), b.to_numpy())


def test_too_few_buyers_are_told():
    with pytest.raises(NotEnoughData, match="at least 200 customers"):
        run(history(60))


def test_intervals_of_shares_are_wilsons():
    low, high = wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert wilson(0, 0) == (0.0, 1.0) and wilson(5, 5)[1] == 1.0
