"""The engine of leads: learns by date or says what is missing, scores one as it scores everyone, keeps decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engines.contract import Moment, as_frame
from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.leads import relations as taken
from engines.leads.actions import add_rule, restore_weights, set_weights, switch_rule, undo_weights
from engines.leads.engine import ENGINE
from engines.leads.incremental import rescore, rescore_changed
from engines.leads.preview import preview_rule, preview_weights
from engines.leads.queries import history, ladder, lead, leads, model_card, refusal, rules, weight_versions
from engines.leads.rules import Rule
from engines.leads.weights import DEFAULTS
from models.errors import Denied, Known
from models.ids import new_ids
from models.store import Store, open_store

AT = Moment(1_790_000_000_000, "2026-09-21", 720, "Asia/Shanghai", "CN", None, "CNY")


def mall(count: int = 1500, seed: int = 3) -> dict[str, pa.Table]:
    """People of whom those who came by (a visit a week) buy within two months; nobody else does."""
    luck = np.random.default_rng(seed)
    known = luck.integers(1, 330, count)
    keen = luck.random(count) < 0.3
    wait = luck.integers(20, 75, count)
    bought = [int(k - w) if eager and k - w >= 0 else None for k, w, eager in zip(known, wait, keen, strict=True)]
    ids = [i.to_bytes(16, "big") for i in range(count)]
    people = {
        "person_id": ids, "known_age": known, "bought_age": bought, "joined_age": known,
        "has_phone": luck.integers(0, 2, count), "has_email": [0] * count,
        "home_area": [("North", "South")[i % 2] for i in range(count)], "channel": ["app"] * count,
        "may_write": [1] * count, "refused": [0] * count,
    }  # fmt: skip
    rows = [
        (ids[i], "visit" if luck.random() < (0.55 if keen[i] else 0.3) else "page_view", age, 1)
        for i in range(count)
        for age in range(int(known[i]), bought[i] if bought[i] is not None else -1, -7)
    ]
    columns = dict(zip(("person_id", "kind", "age", "n"), zip(*rows, strict=True), strict=True))
    frames = {relation.name: relation.empty() for relation in ENGINE.takes}
    return frames | {
        "lead_people": as_frame(taken.PEOPLE, people), "lead_touches": as_frame(taken.TOUCHES, columns),
    }  # fmt: skip


def test_a_model_is_learned_by_date_and_everyone_gets_an_interval() -> None:
    given = ENGINE.run(AT, **mall())
    card = given["model_version"].to_pylist()
    assert [row["state"] for row in card] == ["champion"] and card[0]["positives"] >= 100
    rows = given["lead_score"].to_pylist()
    assert rows and all(0 <= row["low"] <= row["probability"] <= row["high"] <= 1 for row in rows)
    assert all(0 <= row["composite"] <= 100 for row in rows)
    assert '"auc_random_split"' in card[0]["metrics"] and '"recency"' in card[0]["card"]


def test_the_next_night_the_same_version_scores_and_nothing_is_noted_twice() -> None:
    frames = mall()
    first = ENGINE.run(AT, **frames)
    kept = {name: first[name] for name in ("lead_score", "score_history", "model_version")}
    again = ENGINE.run(replace(AT, at=AT.at + 60_000, minute=AT.minute + 1), **{**frames, **kept})
    assert again["model_version"].to_pylist() == first["model_version"].to_pylist()
    assert again["score_history"].num_rows == 0


@pytest.mark.parametrize("count", [0, 1, 60])
def test_too_few_conversions_leave_a_composite_without_a_prediction_and_say_so(count: int) -> None:
    frames = mall(count) if count else {relation.name: relation.empty() for relation in ENGINE.takes}
    given = ENGINE.run(AT, **frames)
    said = {row["name"]: row["value"] for row in given["lead_context"].to_pylist() if row["use"] == "member"}
    assert "needs" in said["refusal"] and "还需要" in said["refusal_zh"]
    assert given["model_version"].num_rows == 0
    assert all(row["predictive"] is None for row in given["lead_score"].to_pylist())


def test_a_model_no_better_than_chance_does_not_score() -> None:
    frames, luck = mall(2500), np.random.default_rng(1)
    people = frames["lead_people"].to_pylist()
    for person in people:  # nobody does anything, and who buys, and when, is dealt out
        person["known_age"], person["bought_age"] = 330, None
        person["joined_age"] = 330
        if luck.random() < 0.5:
            person["bought_age"] = int(luck.integers(0, 329))
    dealt = {"lead_people": pa.Table.from_pylist(people, taken.PEOPLE.schema()), "lead_touches": taken.TOUCHES.empty()}
    given = ENGINE.run(AT, **{**frames, **dealt})
    said = {row["name"]: row["value"] for row in given["lead_context"].to_pylist() if row["use"] == "member"}
    assert [row["state"] for row in given["model_version"].to_pylist()] == ["challenger"]
    assert "no better than chance" in said["refusal"]
    assert all(row["predictive"] is None for row in given["lead_score"].to_pylist())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("leads") / "mall"
    make_demo(folder, days=35, members=200, seed=2, until="2026-11-20T18:00")
    made = open_store(folder)
    run_engine(made, ENGINE, at_ms=now(made))
    made.close()
    yield folder


@pytest.fixture
def store(demo: Path, tmp_path: Path) -> Iterator[Store]:
    import shutil

    opened = open_store(shutil.copytree(demo, tmp_path / "mall"))
    yield opened
    opened.close()


def now(store: Store) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT max(at) FROM activity").scalar_one()) + 1000


def scored(store: Store) -> dict[Any, tuple[Any, ...]]:
    with store.read() as connection:
        return {(r[0], r[1]): tuple(r) for r in connection.exec_driver_sql("SELECT * FROM lead_score")}


def test_one_alone_scores_as_the_night_scores_everyone(store: Store) -> None:
    before = scored(store)
    assert {use for use, _ in before} == {"member", "deal"}
    for use in ("member", "deal"):
        subjects = [subject for of, subject in before if of == use]
        assert rescore(store, use, subjects, at_ms=now(store)) == len(subjects)
    assert scored(store) == before


def test_something_that_happens_moves_the_score_at_once_and_the_history_says_why(store: Store) -> None:
    found = leads(store, "member", limit=500)[-1]
    at = now(store)
    with store.write("tester", "an activity") as tx:
        sign, source, batch = tx.connection.exec_driver_sql(
            "SELECT o.identifier_id, s.id, b.id FROM identifier_owner o, source s, intake_batch b "
            "WHERE o.person_id = ? LIMIT 1",
            (found.subject_id,),
        ).one()
        tx.execute_many(
            "INSERT INTO activity (id, source_id, source_key, identifier_id, kind, at, day, minute, batch_id) "
            "VALUES (?, ?, ?, ?, 'visit', ?, '2026-11-20', 1000, ?)",
            [(i, source, f"new-{n}", sign, at + n, batch) for n, i in enumerate(new_ids(4))],
        )
    done = rescore_changed(store, at_ms=at + 100)
    assert (done.scored, done.people, done.commits) == (1, {found.subject_id}, 1)
    after = lead(store, "member", found.subject_id)
    assert after is not None and after.composite > found.composite + 5
    assert after.factors[0]["points"] >= after.factors[-1]["points"]
    noted = history(store, "member", found.subject_id)[-1]
    assert (noted.cause, noted.detail) == ("touch", "visit") and noted.before == found.composite


def test_who_buys_is_no_prospect_any_more(store: Store) -> None:
    found = leads(store, "member", limit=1)[0]
    at = now(store)
    with store.write("tester", "a sale") as tx:
        sign = tx.connection.exec_driver_sql(
            "SELECT identifier_id FROM identifier_owner WHERE person_id = ? LIMIT 1", (found.subject_id,)
        ).scalar_one()
        tx.connection.exec_driver_sql(
            "INSERT INTO sale (id, source_id, source_key, identifier_id, at, day, minute, gross_minor, net_minor, txns, "
            "basis, batch_id) SELECT ?, source_id, 'new', ?, ?, '2026-11-20', 1000, 100, 100, 1, 'pos', batch_id "
            "FROM sale LIMIT 1",
            (new_ids(1)[0], sign, at),
        )
    assert rescore(store, "member", [found.subject_id], at_ms=at) == 0
    assert lead(store, "member", found.subject_id) is None


def test_weights_are_versioned_previewed_and_taken_back(store: Store) -> None:
    wanted = {"behavioural": 1.0, "demographic": 0.0, "engagement": 0.0, "predictive": 0.0}
    told = preview_weights(store, "member", wanted)
    assert told.scored == len(leads(store, "member", limit=-1)) and told.moved > 0
    set_weights(store, "tester", "member", wanted)
    run_engine(store, ENGINE, at_ms=now(store))
    first = told.moves[0]
    kept = lead(store, "member", first.subject_id)
    assert kept is not None and kept.composite == pytest.approx(first.after, abs=1e-3) and kept.weights_version == 1
    undo_weights(store, "tester", "member")
    versions = weight_versions(store, "member")
    assert [v.weighing.version for v in versions] == [2, 1, 0] and versions[0].undoes == 1
    assert dict(versions[0].weighing.weights) == pytest.approx(dict(DEFAULTS["member"]))
    restore_weights(store, "tester", "member", 1)
    assert weight_versions(store, "member")[0].weighing.weights["behavioural"] == 1
    with store.read() as connection:
        acts = connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'weigh'").scalar_one()
    assert acts == 3
    with pytest.raises(Known):
        undo_weights(store, "tester", "deal")


def test_a_rule_does_what_its_test_said(store: Store) -> None:
    rule = Rule("new", "member", "Came by", "visits_28", "at_least", 1.0, 12)
    told = preview_rule(store, rule)
    add_rule(store, "tester", rule)
    run_engine(store, ENGINE, at_ms=now(store))
    found = [one for one in leads(store, "member", limit=-1) if one.points == 12]
    assert len(found) == told.matched and told.moved <= told.scored
    switch_rule(store, "tester", "rule-001", on=False)
    run_engine(store, ENGINE, at_ms=now(store))
    assert not any(one.points for one in leads(store, "member", limit=-1))
    assert not rules(store, "member")[0].on
    with pytest.raises(Denied):
        add_rule(store, "tester", Rule("new", "member", "No", "gender", "is", "f", 5))


def test_the_ladder_counts_everyone_once(store: Store) -> None:
    for use in ("member", "deal"):
        found = ladder(store, use)
        assert sum(rung.people for rung in found) == found[0].reached == len(leads(store, use, limit=-1))
    assert model_card(store, "member") is None
    why = refusal(store, "member")
    assert why is not None and why[0].endswith(".")
