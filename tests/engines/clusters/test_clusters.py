"""Clusters: planted groups are found, data without structure is refused, numbers and names last over refits."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

sys.path.insert(0, str(Path(__file__).parent))
from histories import buyers, frame_of, planted, unstructured

from engines.clusters.engine import PINS, SETTING, VERSIONS, clusters
from engines.clusters.fit import without_small
from engines.clusters.kmeans import nearest
from engines.clusters.matching import matched
from engines.clusters.measures import measured
from engines.clusters.naming import Trait, name_of, names_of
from engines.clusters.scaling import scaling_of
from engines.contract import Moment
from engines.validation.cards import versions
from models.errors import NotEnoughData
from tests.data import data_file


def moment(day="2026-06-01"):
    return Moment(1_780_000_000_000, day, 700, "UTC", "CN", None, "CNY")


def run(frame, *, known=None, day="2026-06-01", setting=None):
    told = SETTING.empty() if setting is None else setting
    known = VERSIONS.empty() if known is None else known
    return clusters(moment(day), features=frame, setting=told, model_version=known, model_pin=PINS.empty())


def chosen(setting, value):
    schema = SETTING.schema()
    row = {f.name: ("x" if f.type == pa.string() else 0) for f in schema}
    row |= {"name": setting, "value": json.dumps(value)}
    return pa.Table.from_pylist([row], schema=schema)


@pytest.fixture(scope="module")
def four():
    frame, truth = planted(4, 200, seed=3)
    return frame, truth, run(frame)


def labels(found):
    return found["person_cluster"].sort_by("person_id").column("cluster_id").to_numpy()


def test_planted_groups_are_found(four):
    _, truth, found = four
    assert found["cluster"].num_rows == 4
    assert adjusted_rand_score(truth, labels(found)) > 0.9
    card = versions(found["model_version"])[0]
    assert card.state == "champion" and card.metrics["stability"].value > 0.9
    assert all(share > 0.9 for share in found["cluster"].column("jaccard").to_pylist())
    assert len(set(found["cluster"].column("name").to_pylist())) == 4
    assert sum(found["cluster"].column("people").to_pylist()) == len(truth)


def test_data_without_structure_is_refused_with_its_figures():
    found = run(unstructured(500, seed=5))
    card = versions(found["model_version"])[0]
    assert found["cluster"].num_rows == found["person_cluster"].num_rows == 0
    assert card.state == "challenger" and card.promotion.startswith("No stable segments")
    assert card.promotion_zh.startswith("没有稳定的分群")
    assert all(t["fails"] for t in card.extra["trials"]) and len(card.extra["trials"]) > 6


def test_the_ten_malls_have_no_stable_segments():
    with data_file("transactions/istanbul-malls.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::200]
    days = [date.fromisoformat(row["invoice_date"]) for row in rows]
    newest = max(days)
    spend = np.array([float(row["price"]) * int(row["quantity"]) * 100 for row in rows])
    recency = np.array([(newest - day).days for day in days])
    one = np.ones(len(rows))
    columns = {
        "recency_days": recency, "tenure_days": recency, "frequency": one, "receipts": one, "monetary_minor": spend,
        "days_365": recency < 365, "spend_365_minor": np.where(recency < 365, spend, 0), "tenants": one,
        "weekend_share": [float(day.isoweekday() >= 6) for day in days], "top_tenant_share": one,
    }  # fmt: skip
    columns["days_365"] = columns["days_365"].astype(float)
    card = versions(run(frame_of(columns, len(rows)))["model_version"])[0]
    assert card.promotion.startswith("No stable segments")
    assert max(t["silhouette"] - t["null"] for t in card.extra["trials"]) < 0.05


def test_a_month_later_clusters_keep_their_numbers(four):
    _, truth, found = four
    later, later_truth = planted(4, 230, seed=9)
    again = run(later, known=found["model_version"], day="2026-07-10")
    cards = versions(again["model_version"])
    assert [c.state for c in cards] == ["retired", "champion"]
    assert cards[1].extra["match"]["ari"] > 0.9
    for group in range(4):
        assert (
            np.bincount(labels(again)[later_truth == group]).argmax()
            == np.bincount(labels(found)[truth == group]).argmax()
        )


def test_within_the_month_people_are_assigned_by_the_fit_in_force(four):
    frame, _, found = four
    again = run(frame, known=found["model_version"], day="2026-06-20")
    assert len(versions(again["model_version"])) == 1
    assert (labels(again) == labels(found)).all()
    fewer = run(frame.slice(0, 720), known=found["model_version"], day="2026-06-20")
    assert fewer["cluster"].column("name") == found["cluster"].column("name")


def test_a_refused_refit_leaves_the_clusters_in_force(four):
    _, _, found = four
    again = run(unstructured(500, seed=5), known=found["model_version"], day="2026-07-10")
    cards = versions(again["model_version"])
    assert [c.state for c in cards] == ["champion", "challenger"]
    assert again["cluster"].num_rows == 4
    assert max(cards[0].extra["psi"].values()) > 0.2


def test_a_number_asked_for_is_taken_only_where_it_is_stable():
    frame, _ = planted(3, 200, seed=4)
    card = versions(run(frame, setting=chosen("clusters.number", 8))["model_version"])[0]
    taken = next(t for t in card.extra["trials"] if t["taken"])
    eight = [t for t in card.extra["trials"] if t["k"] == 8]
    assert taken["k"] == 8 if eight and not eight[0]["fails"] else taken["k"] == 3


def test_too_few_buyers_are_told():
    with pytest.raises(NotEnoughData, match=r"at least 100 customers .* there are 40") as refused:
        run(unstructured(40, seed=1))
    assert "40" in refused.value.missing_zh


def test_measures_that_tell_nothing_are_dropped():
    luck = np.random.default_rng(1)
    a, skewed = luck.normal(size=50), luck.lognormal(0, 2, 50)
    found = scaling_of({
        "a": a, "copy": a * 3 + 1, "flat": np.ones(50), "none": np.full(50, np.nan), "skewed": skewed,
    })  # fmt: skip
    assert found.names == ("a", "skewed")
    assert [(d.name, d.why, d.like) for d in found.dropped] == [
        ("copy", "same", "a"), ("flat", "constant", ""), ("none", "empty", "")
    ]  # fmt: skip
    bent = found.scales["skewed"].bend(np.sort(skewed))
    assert abs(((bent - bent.mean()) ** 3).mean() / bent.std() ** 3) < 0.75 and (np.diff(bent) >= 0).all()


def test_a_cluster_of_one_falls_to_its_neighbours():
    matrix = np.vstack([np.zeros((30, 2)), np.ones((30, 2)) * 5, [[40.0, 40.0]]])
    kept = without_small(matrix, np.array([[0.0, 0.0], [5.0, 5.0], [40.0, 40.0]]), 10)
    assert len(kept) == 2 and nearest(matrix, kept)[0][-1] == 1


def test_numbers_follow_the_people_and_are_never_used_twice():
    old = np.repeat([0, 1, 2], 50)
    new = np.concatenate([np.full(50, 2), np.full(50, 0), np.repeat([1, 3, 4], [17, 17, 16])])
    found = matched(new, old, 5, (7, 3, 9), 10)
    assert found.ids[2] == 7 and found.ids[0] == 3
    assert sorted(found.ids)[-2:] == [10, 11]
    assert len(set(found.ids)) == 5 and found.people == 150


def test_names_come_from_the_strongest_traits_and_differ():
    frequent = (Trait("purchases", 1.2), Trait("weekend", 0.9), Trait("spend", -0.1))
    assert name_of(frequent) == ("Frequent weekend shoppers", "高频周末顾客")
    assert name_of((Trait("spend", 0.1),)) == ("Average shoppers", "普通顾客")
    twins = names_of([frequent, (*frequent[:2], Trait("spend", -0.8))])
    assert twins == [
        ("Frequent weekend shoppers", "高频周末顾客"),
        ("Frequent small-basket weekend shoppers", "高频低客单周末顾客"),
    ]
    assert len(set(names_of([frequent, frequent]))) == 2


extreme = st.floats(-1e12, 1e12, allow_nan=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(extreme, st.integers(0, 5), st.integers(-(10**11), 10**11)), min_size=1, max_size=40))
def test_any_figures_give_finite_measures(rows):
    _, purchases, money = (np.array(x, float) for x in zip(*rows, strict=True))
    frame = frame_of({"recency_days": np.abs(money) % 400, "frequency": purchases, "days_365": purchases,
                      "monetary_minor": money, "spend_365_minor": money}, len(rows))  # fmt: skip
    people = measured(frame, "ever")
    scaling = scaling_of(people.values)
    if scaling.names:
        matrix = scaling.apply(people.values)
        assert np.isfinite(matrix).all() and np.abs(matrix).max() <= 4.0
    assert len(people.persons) == int((purchases > 0).sum())


def test_all_alike_is_refused_in_words():
    n = 150
    card = versions(run(buyers(np.full(n, 5), np.full(n, 2), np.full(n, 900), np.full(n, 0.5)))["model_version"])[0]
    assert card.promotion == "No stable segments: fewer than two measures differ between buyers."


def test_a_share_of_yes_and_no_is_no_measure() -> None:
    rng = np.random.default_rng(4)
    values = {"weekend_share": rng.integers(0, 2, 500).astype(float), "spend": rng.gamma(2.0, 100.0, 500)}
    scaling = scaling_of(values)
    assert scaling.names == ("spend",)
    assert [(d.name, d.why) for d in scaling.dropped] == [("weekend_share", "coarse")]
