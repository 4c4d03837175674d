"""Features as of a day: figures by hand, nothing of the future, a finite matrix whatever comes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.features.design import WORDS, design, seen_ages
from engines.features.relation import FEATURES, features_as_of
from engines.validation.guards import future_changes, future_rows
from engines.value.rhythm import rhythm
from tests.engines.features.receipts_mart import Mall, lively_mall


def row_of(mall: Mall, back: int = 0, person: int = 0) -> dict[str, object]:
    relation = features_as_of(back)
    return mall.fetch([relation])[relation.name].to_pylist()[person]


def test_figures_by_hand() -> None:
    mall = Mall(
        [(1, 100, 500), (1, 70, 300), (1, 70, 200), (1, 10, 900), (1, 5, -400)],
        [
            (1, 95, "campaign_sent", 1),
            (1, 40, "campaign_sent", 1),
            (1, 39, "campaign_opened", 1),
            (1, 3, "visit", None),
        ],
    )
    row = row_of(mall)
    assert (row["frequency"], row["receipts"], row["returns"], row["monetary_minor"]) == (3, 4, 1, 1500)
    assert (row["recency_days"], row["tenure_days"], row["mean_gap_days"]) == (10, 100, 45.0)
    assert row["gap_sd_days"] == pytest.approx(15.0)
    assert (row["messages_90"], row["messages_365"], row["opens_90"], row["clicks_90"], row["visits_30"]) == (
        1,
        2,
        1,
        0,
        1,
    )
    assert (row["activity_days"], row["days_30"], row["days_90"]) == (3, 1, 2)


def test_rows_of_the_future_change_no_feature() -> None:
    mall = lively_mall(60, 200)
    relation = features_as_of(30)
    before = mall.fetch([relation])[relation.name]
    later = Mall([*mall.receipts], [*mall.activities])
    later.receipts += [(person, ago, 5_000) for person in range(1, 61) for ago in (0, 3, 12, 29)]
    later.activities += [(person, 2, "visit", None) for person in range(1, 61)]
    after = later.fetch([relation])[relation.name]
    held = after.filter(np.isin(after["person_id"].to_pylist(), before["person_id"].to_pylist()))
    columns = [{n: np.array(f[n].to_pylist(), float) for n in f.column_names[1:]} for f in (before, held)]
    assert not future_changes(*columns).fired
    assert not future_rows(seen_ages([before, after])).fired
    now = later.fetch([FEATURES])["features"]
    then = now.filter(np.isin(now["person_id"].to_pylist(), before["person_id"].to_pylist()))
    today = {n: np.array(then[n].to_pylist(), float) for n in then.column_names[1:]}
    assert future_changes(columns[0], today).fired


def test_a_query_that_forgets_its_day_is_caught_while_it_runs() -> None:
    frame = lively_mall(30, 100).fetch([FEATURES])["features"]
    shifted = frame.set_column(1, "recency_days", [[-1] * frame.num_rows])
    assert future_rows(seen_ages([shifted])).fired


def test_every_column_of_the_design_has_a_name_in_both_languages() -> None:
    frame = lively_mall(40, 100).fetch([FEATURES])["features"]
    made = design(frame, rhythm(frame, 30))
    for name in made.names:
        english, chinese = WORDS[name]
        assert english and any("\u4e00" <= letter <= "\u9fff" for letter in chinese), name
    assert made.column("alive").max() <= 1 and made.only(made.column("alive") > 2).persons == ()


RECEIPT = st.tuples(st.integers(1, 4), st.integers(-5, 800), st.integers(-(10**9), 10**9))
ACTIVITY = st.tuples(
    st.integers(1, 5),
    st.integers(-5, 800),
    st.sampled_from(["visit", "campaign_sent", "campaign_opened", "odd"]),
    st.none(),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(RECEIPT, max_size=12), st.lists(ACTIVITY, max_size=8))
def test_returns_negative_prices_and_future_days_leave_the_design_finite(
    receipts: list[tuple[int, int, int]], activities: list[tuple[int, int, str, int | None]]
) -> None:
    frame = Mall(receipts, activities).fetch([FEATURES])["features"]
    made = design(frame, rhythm(frame, 30))
    assert np.isfinite(made.matrix).all() and len(made.persons) == frame.num_rows
    assert not future_rows(seen_ages([frame])).fired


def test_a_sample_holds_the_same_people_on_every_day_with_the_figures_of_the_whole() -> None:
    mall = lively_mall(people=300)
    whole, today, then = features_as_of(), features_as_of(most=60), features_as_of(60, most=60)
    everyone = {row["person_id"]: row for row in mall.fetch([whole])[whole.name].to_pylist()}
    now, before = mall.fetch([today])[today.name].to_pylist(), mall.fetch([then])[then.name].to_pylist()
    assert 50 <= len(now) <= 60
    assert all(everyone[row["person_id"]] == row for row in now)
    assert {row["person_id"] for row in before} <= {row["person_id"] for row in now}


def test_some_columns_are_those_of_the_whole() -> None:
    mall = lively_mall(30, 100)
    some = mall.fetch([features_as_of(columns=("visits_90", "frequency"))])["features"]
    assert some.column_names == ["person_id", "frequency", "visits_90"]
    assert some.equals(mall.fetch([FEATURES])["features"].select(some.column_names))
    with pytest.raises(ValueError, match="no such features"):
        features_as_of(columns=("mood",))
