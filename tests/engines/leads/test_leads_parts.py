"""Components, weights and rules of a lead score: bounds, decay, protected traits."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.leads import components as parts
from engines.leads.history import moves
from engines.leads.ladder import by_points, deal_rung, lower, member_rung, member_step
from engines.leads.population import Population, Touches
from engines.leads.rules import MOST_ALL, PROTECTED, Rule, check_field, check_rule, points
from engines.leads.shares import by_share
from engines.leads.weights import COMPONENTS, DEFAULTS, Weighing, composite, effective, in_force, weighing
from models.errors import Denied, Known

KINDS = ["visit", "campaign_sent", "campaign_clicked", "page_view", "unheard_of"]
touch = st.tuples(st.integers(0, 3), st.sampled_from(KINDS), st.integers(0, 400), st.integers(1, 50))


def population(touches: list[tuple[int, str, int, int]], since: float = 400.0, **given_: Any) -> Population:
    """Four prospects who did `touches` (who, kind, days ago, how many)."""
    who, kind, age, n = zip(*touches, strict=True) if touches else ((), (), (), ())
    held = Touches(
        np.array(who, dtype=np.int64),
        np.array(kind, dtype=np.str_),
        np.array(age, dtype=float),
        np.array(n, dtype=float),
    )
    nobody = np.full(4, np.nan)
    made: dict[str, Any] = {
        "use": "member", "ids": [bytes([i]) * 16 for i in range(4)], "since": np.full(4, since), "came": nobody,
        "left": nobody, "told": np.full(4, since), "parts": np.zeros((4, 6)),
        "encoded": {"fit": ["A", "A", "B", None], "channel": [None] * 4}, "pipeline": ["member"] * 4, "numbers": {},
        "texts": {}, "touches": held,
    }  # fmt: skip
    return Population(**{**made, **given_})


@given(st.lists(touch, max_size=30), st.integers(0, 60), st.floats(1, 365))
@settings(max_examples=60, deadline=None)
def test_components_stay_within_0_and_100(touches: list[tuple[int, str, int, int]], back: int, half: float) -> None:
    people = population(touches)
    context = parts.learn_context(people, 60)
    for values in (
        parts.behavioural(people, back, half), parts.engagement(people, back), parts.completeness(people),
        parts.fit(people, context), parts.log_odds_score(np.array([0.0, 0.3, 1.0]), context.rate),
    ):  # fmt: skip
        assert np.isfinite(values).all() and (values >= 0).all() and (values <= 100).all()


@given(st.lists(touch, min_size=1, max_size=20), st.floats(1, 365))
@settings(max_examples=60, deadline=None)
def test_behaviour_fades_and_never_falls_with_one_touch_more(
    touches: list[tuple[int, str, int, int]], half: float
) -> None:
    later = population([(who, kind, age + 7, n) for who, kind, age, n in touches])
    now = parts.behavioural(population(touches), 0, half)
    assert (parts.behavioural(later, 0, half) <= now + 1e-9).all()
    more = parts.behavioural(population([*touches, (0, "visit", 1, 1)]), 0, half)
    assert (more >= now - 1e-9).all()


@given(st.lists(touch, max_size=20), st.lists(touch, min_size=1, max_size=10), st.integers(1, 90))
@settings(max_examples=40, deadline=None)
def test_what_comes_after_a_day_changes_nothing_as_of_it(
    before: list[tuple[int, str, int, int]], after: list[tuple[int, str, int, int]], back: int
) -> None:
    from engines.leads.prediction import features

    known = [(who, kind, age + back, n) for who, kind, age, n in before]
    future = [(who, kind, age % back, n) for who, kind, age, n in after]
    came = np.array([back - 1.0, np.nan, np.nan, np.nan])
    plain, grown = population(known), population([*known, *future], came=came, left=came)
    a, b = (features(p, float(back), parts.learn_context(p, 60, back)) for p in (plain, grown))
    assert np.allclose(a, b)
    assert plain.prospects(back).tolist() == grown.prospects(back).tolist()


def test_a_message_that_the_mall_sends_is_no_touch() -> None:
    people = population([(0, "campaign_sent", 1, 20)])
    assert parts.behavioural(people, 0, 14)[0] == 0 and parts.engagement(people)[0] == 0


@given(st.lists(st.floats(0, 1000), min_size=4, max_size=4), st.lists(st.floats(0, 100), min_size=4, max_size=4))
def test_weights_sum_to_one_and_the_composite_stays_within_bounds(weights: list[float], values: list[float]) -> None:
    names = COMPONENTS["member"]
    found = dict(zip(names, weights, strict=True))
    if sum(weights) <= 0:
        with pytest.raises(Known):
            weighing("member", 1, found)
        return
    made = weighing("member", 1, found)
    assert sum(made.weights.values()) == pytest.approx(1)
    columns = {name: np.array([value]) for name, value in zip(names, values, strict=True)}
    plain = composite(made, columns, np.zeros(1))[0]
    assert min(values) - 1e-6 <= plain <= max(values) + 1e-6
    assert 0 <= composite(made, columns, np.array([30.0]))[0] <= 100
    assert 0 <= composite(made, columns, np.array([-30.0]))[0] <= 100


def test_a_component_that_is_not_known_leaves_its_weight_to_the_others() -> None:
    columns = {name: np.array([60.0, 60.0]) for name in COMPONENTS["member"]}
    columns["predictive"] = np.array([np.nan, 60.0])
    made = weighing("member", 0, DEFAULTS["member"])
    assert composite(made, columns, np.zeros(2)).tolist() == pytest.approx([60, 60])
    shares = effective(made, columns)
    assert shares["predictive"][0] == 0 and sum(s[0] for s in shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("bad", [{"behavioural": 1.0}, {**DEFAULTS["member"], "behavioural": -1}, {"gender": 1.0}])
def test_weights_that_cannot_be_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(Known):
        weighing("member", 1, bad)


def test_the_newest_version_of_the_weights_counts() -> None:
    rows = [
        {"use": "member", "version": v, "weights": json.dumps({n: float(v) for n in COMPONENTS["member"]})}
        for v in (1, 3, 2)
    ]
    assert in_force("member", rows).version == 3
    assert in_force("deal", rows).version == 0


@pytest.mark.parametrize("field", [*PROTECTED, "Birth Year", "customer-gender", "ＡＧＥ", "客户性别"])
def test_protected_traits_are_refused_by_name(field: str) -> None:
    for use in ("member", "deal"):
        with pytest.raises(Denied, match="protected"):
            check_field(use, field)


def test_nothing_protected_is_read_by_the_score() -> None:
    from engines.leads import relations
    from engines.leads.rules import FIELDS

    read = {column.name for r in (relations.PEOPLE, relations.TOUCHES, relations.DEALS) for column in r.columns}
    words = {word for name in (*read, *(f for use in FIELDS.values() for f in use)) for word in name.split("_")}
    assert not words - {"age"} & set(PROTECTED)  # known_age and bought_age are days since
    assert {"gender", "birth_year", "name", "language"}.isdisjoint(read)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", "member", "x", "visits_28", "at_least", "many", 5), Rule("r", "member", "x", "visits_28", "near", 2, 5),
        Rule("r", "member", "x", "channel", "at_least", "app", 5), Rule("r", "member", "x", "visits_28", "is", 2, 21),
        Rule("r", "member", "x", "visits_28", "is", 2, 0), Rule("r", "member", " ", "visits_28", "is", 2, 5),
        Rule("r", "member", "x", "visits_28", "is", float("nan"), 5), Rule("r", "member", "x", "shoe_size", "is", 2, 5),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(rule: Rule) -> None:
    with pytest.raises(Known):
        check_rule(rule)


@given(st.lists(st.integers(-20, 20).filter(bool), max_size=12), st.floats(-10, 10))
def test_rules_together_stay_within_their_bound(given_points: list[int], value: float) -> None:
    rules = [Rule(f"r{i}", "member", "x", "visits_28", "at_most", 100.0, p) for i, p in enumerate(given_points)]
    made = points(rules, [{"visits_28": value}, {}])
    assert -MOST_ALL <= made[0] <= MOST_ALL and made[1] == 0
    assert made[0] == max(-MOST_ALL, min(MOST_ALL, sum(given_points)))


def test_rungs_and_steps() -> None:
    assert [member_rung(s, 3, 70, 85) for s in (69.9, 70, 84.9, 85)] == [
        "prospect", "qualified", "qualified", "sales_ready",
    ]  # fmt: skip
    assert member_rung(95, 15, 70, 85) == "qualified" and member_rung(95, 31, 70, 85) == "prospect"
    assert deal_rung(90, "enquiry", 70) == "qualified" and deal_rung(10, "viewing", 70) == "viewing"
    assert member_step("sales_ready", {"may_write": 0}) == "ask_consent"
    assert member_step("sales_ready", {"may_write": 1, "refused": 1}) == "serve_on_site"


def test_thresholds_by_share_keep_to_it_and_points_still_let_in() -> None:
    settings = {
        "leads.qualified": 70.0, "leads.sales_ready": 85.0, "leads.qualified_share": 5.0, "leads.sales_ready_share": 1.0
    }  # fmt: skip
    scores = np.arange(1, 201) / 4.0
    share = by_share(scores, settings)
    assert [(scores >= limit).sum() for limit in (share.qualified, share.sales_ready)] == [10, 2]
    assert lower(by_points(settings), share) == share
    assert (
        lower(by_points(settings), by_share(scores + 60, settings)).qualified == 70.0
    )  # ten of them, but many pass 70
    alike = by_share(np.full(200, 12.0), settings)
    assert alike.qualified == alike.sales_ready == math.inf  # of equal scores all or none
    assert by_share(np.zeros(0), settings) == by_share(scores, {**settings, **OFF}) == alike


OFF = {"leads.qualified_share": 0.0, "leads.sales_ready_share": 0.0}


@given(st.lists(st.integers(0, 400), max_size=80), st.floats(0, 50))
def test_no_share_lets_more_in_than_it_says(scores: list[int], percent: float) -> None:
    found = np.array(scores, dtype=np.float64) / 4
    limit = by_share(found, {"leads.qualified_share": percent, "leads.sales_ready_share": 0.0}).qualified
    assert (found >= limit).sum() <= len(scores) * percent / 100


def row(composite_: float, rung: str = "prospect", **given_: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "use": "member", "subject_id": b"1" * 16, "composite": composite_, "rung": rung, "behavioural": 10.0,
        "demographic": 50.0, "engagement": 10.0, "predictive": None, "points": 0, "weights_version": 0,
        "model_version": None, "factors": "[]", "fields": "{}",
    }  # fmt: skip
    return {**base, **given_}


def test_history_notes_five_points_or_a_rung_with_what_moved_it(moment_at: Any) -> None:
    scale = Weighing("member", 0, DEFAULTS["member"])
    first = moves([row(30)], [], [], scale, moment_at(1))
    assert [m["cause"] for m in first] == ["first"]
    assert moves([row(34.9)], [row(30)], first, scale, moment_at(2)) == []
    touched = row(45, behavioural=60.0, factors=json.dumps([{"factor": "touch:visit", "points": 15.0, "value": 3}]))
    found = moves([touched], [row(30)], first, scale, moment_at(2))
    assert (found[0]["cause"], found[0]["detail"], found[0]["before"]) == ("touch", "visit", 30)
    quiet = moves([row(20, behavioural=0.0)], [row(30, behavioural=40.0)], first, scale, moment_at(2))
    assert quiet[0]["cause"] == "quiet"
    weighed = moves([row(60, "qualified", weights_version=1)], [row(30)], first, scale, moment_at(2))
    assert weighed[0]["cause"] == "weights"
    ruled = row(40, points=10, factors=json.dumps([{"factor": "rule:Close by", "points": 10, "value": 10}]))
    assert moves([ruled], [row(30)], first, scale, moment_at(2))[0]["detail"] == "Close by"


def test_small_steps_add_up_until_they_are_noted(moment_at: Any) -> None:
    scale = Weighing("member", 0, DEFAULTS["member"])
    held, before, noted = moves([row(30)], [], [], scale, moment_at(0)), row(30), 0
    for step in range(1, 5):
        now = row(30 + 2 * step, behavioural=10 + 5.0 * step)
        made = moves([now], [before], held, scale, moment_at(step))
        held, before, noted = [*held, *made], now, noted + len(made)
    assert noted == 1


@pytest.fixture
def moment_at() -> Any:
    from engines.contract import Moment

    def at(number: int) -> Moment:
        return Moment(number * 86_400_000, f"2026-01-{number + 1:02d}", 600, "Asia/Shanghai", "CN", None, "CNY")

    return at
