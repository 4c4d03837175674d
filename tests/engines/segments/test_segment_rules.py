"""Rules: one meaning for everyone, for one person and on paper; window edges, missing values, clock changes, JSON."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.contract import moment_of
from engines.segments import fields
from engines.segments import rule as r
from engines.segments.buckets import bucket_of, teach_buckets
from engines.segments.codec import from_json, to_json
from engines.segments.compiler import compile_rule
from engines.segments.live import Live
from engines.segments.preview import Sizing
from engines.segments.reasons import combined, deciding, leaf_values
from engines.segments.templates import templates
from engines.segments.validate import Surroundings, faults
from engines.segments.words import Speech, words
from models.errors import Cancelled, Known
from models.ids import new_id
from tests.engines.segments.segment_oracle import NOW, RULES, World, put


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    pick = random.Random(11)
    made = World.make(tmp_path_factory.mktemp("rules") / "site")
    for _ in range(40):
        person = made.person(pick)
        for _ in range(pick.choice((0, 1, 4, 9))):
            made.act(pick, person)
        for _ in range(pick.choice((0, 1, 3))):
            made.decide(pick, person)
    for _ in range(4):
        kept, absorbed = pick.sample(made.active(), 2)
        made.merge(kept, absorbed)
    yield made
    made.store.close()


def evaluate(world, rule, at):
    """(of everyone, one by one)."""
    compiled, moment = compile_rule(rule), moment_of(world.store.site, at)
    parameters = compiled.parameters(moment)
    with world.store.read() as connection:
        teach_buckets(connection)
        everyone = {bytes(p) for (p,) in connection.exec_driver_sql(compiled.everyone, parameters)}
        single = {
            person for person in world.persons
            if connection.exec_driver_sql(compiled.person, {**parameters, "person": person}).fetchone()
        }  # fmt: skip
    return everyone, single


@settings(max_examples=250)
@given(rule=RULES, minute=st.integers(0, 1380), day=st.sampled_from((NOW, "2026-03-29", "2026-03-30", "2026-03-15")))
def test_everyone_one_by_one_and_on_paper_agree(world, rule, minute, day):
    at = world.instant(day, minute)
    expected = world.members_of(rule, at)
    everyone, single = evaluate(world, rule, at)
    assert everyone == expected
    assert single == expected


@settings(max_examples=150)
@given(rule=RULES)
def test_conditions_combine_to_the_rule_and_the_deciding_ones_suffice(world, rule):
    moment = moment_of(world.store.site, world.instant(NOW))
    live = Live(b"s" * 16, "x", 1, rule, compile_rule(rule))
    with world.store.read() as connection:
        teach_buckets(connection)
        for person in world.active()[:8]:
            leaves = leaf_values(connection, live, moment, person)
            truth = world.true(rule, person, moment.at)
            assert combined(rule, leaves) is truth
            kept = deciding(rule, leaves)
            assert kept
            assert combined(rule, [v if n in kept else None for n, v in enumerate(leaves)]) is truth


@settings(max_examples=200)
@given(rule=RULES)
def test_json_brings_a_rule_back(rule):
    text = to_json(rule)
    assert from_json(text) == rule
    assert to_json(from_json(text)) == text
    assert faults(rule, Surroundings()) == []
    for zh in (False, True):
        said = words(rule, Speech(zh))
        assert said and "{" not in said


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.sampled_from(("and", "performed")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(("node", "of", "kind", "window", "where", "value", "field", "op", "days")), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=300)
@given(document=JSON)
def test_any_json_is_a_rule_with_its_faults_or_refused_with_a_sentence(document):
    try:
        rule = from_json(json.dumps(document))
    except Known as error:
        assert error.sentence
        return
    for fault in faults(rule, Surroundings()):
        assert fault.text and fault.text_zh


@pytest.fixture
def mall(tmp_path: Path):
    made = World.make(tmp_path / "site")
    yield made
    made.store.close()


def sell(world, person, day, net=100, minute=600):
    sign = next(s for s, p in world.owner.items() if p == person)
    at = world.instant(day, minute)
    with world.store.write("tester", "a sale") as tx:
        world.serial += 1
        put(tx, "sale", id=new_id(), source_id=world.source, source_key=str(world.serial), identifier_id=sign, at=at, day=day,
            minute=minute, gross_minor=net, net_minor=net, txns=1, basis="pos", batch_id=world.batch)  # fmt: skip


def people_of(world, rule, day=NOW, minute=900):
    everyone, single = evaluate(world, rule, world.instant(day, minute))
    assert everyone == single
    return everyone


def test_a_person_without_any_history_has_not_performed(mall):
    person = mall.person(random.Random(1))
    assert people_of(mall, r.NotPerformed("visit")) == {person}
    assert people_of(mall, r.NotPerformed("purchase", r.Window(30))) == {person}
    assert people_of(mall, r.Performed("purchase", "exactly", 0)) == {person}
    assert people_of(mall, r.Spend("at_most", 0)) == {person}
    assert people_of(mall, r.LastPerformed("purchase", "before", 30)) == set()


def test_a_window_of_n_days_holds_today_and_n_minus_1_days_before(mall):
    person = mall.person(random.Random(1))
    sell(mall, person, "2026-04-02")
    week = r.Performed("purchase", window=r.Window(7))
    assert people_of(mall, week, "2026-04-02", 601) == {person}
    assert people_of(mall, week, "2026-04-02", 599) == set()  # it has not happened yet
    assert people_of(mall, week, "2026-04-08", 1439) == {person}
    assert people_of(mall, week, "2026-04-09", 0) == set()
    assert people_of(mall, r.LastPerformed("purchase", "before", 7), "2026-04-08") == set()
    assert people_of(mall, r.LastPerformed("purchase", "before", 7), "2026-04-09") == {person}
    assert people_of(mall, r.Performed("purchase", window=r.Window(None, "2026-04-02", "2026-04-02"))) == {person}
    assert people_of(mall, r.Performed("purchase", window=r.Window(None, "2026-04-03"))) == set()


@pytest.mark.parametrize(("day", "after"), [("2026-03-29", "2026-03-30"), ("2026-10-25", "2026-10-26")])
def test_days_of_23_and_25_hours_are_days(mall, day, after):
    person = mall.person(random.Random(1))
    sell(mall, person, day, minute=0)
    today = r.Performed("purchase", window=r.Window(1))
    assert people_of(mall, today, day, 22 * 60 + 59) == {person}
    assert people_of(mall, today, after, 0) == set()


def test_a_missing_value_is_neither_equal_nor_other_and_not_takes_everyone_else(mall):
    person = mall.person(random.Random(1))
    with mall.store.write("tester", "x") as tx:
        tx.connection.exec_driver_sql("UPDATE member SET tier = NULL")
        tx.connection.exec_driver_sql("DELETE FROM rfm_score")
    gold = r.Trait("tier", "is", ("gold",))
    assert people_of(mall, gold) == people_of(mall, r.Trait("tier", "is_not", ("gold",))) == set()
    assert people_of(mall, r.Not(gold)) == people_of(mall, r.Trait("tier", "unknown")) == {person}
    for op, value in (("lt", (5,)), ("ge", (5,)), ("ne", (5,))):
        assert people_of(mall, r.Trait("recency_days", op, value)) == set()


def test_buckets_can_be_worked_out_again_and_are_even():
    ids = [n.to_bytes(16, "big") for n in range(20_000)]
    numbers = [bucket_of(i, "spring") for i in ids]
    assert numbers[:3] == [bucket_of(i, "spring") for i in ids[:3]]
    assert (bucket_of(bytes(16), ""), bucket_of(bytes(range(16)), "spring")) == (4069, 1464)
    tenth = sum(n < 1000 for n in numbers) / len(numbers)
    assert 0.093 < tenth < 0.107  # three standard errors
    other = sum(a < 1000 and bucket_of(i, "autumn") < 1000 for a, i in zip(numbers, ids, strict=True)) / len(ids)
    assert 0.007 < other < 0.013


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (r.And(()), "empty"),
        (r.Trait("nothing", "is", ("x",)), "no field"),
        (r.Trait("tier", "ge", (3,)), "cannot be compared"),
        (r.Trait("tier", "is"), "lacks a value"),
        (r.Trait("age", "ge", ("old",)), "number"),
        (r.Trait("age", "between", (9, 2)), "ends before"),
        (r.Trait("joined_day", "before", ("2026-13-01",)), "no date"),
        (r.Trait("joined_day", "within_days", (2.5,)), "whole number"),
        (r.Performed("visit", "at_least", 0), "at least 1"),
        (r.Performed("", "at_least", 1), "what was done"),
        (r.Performed("visit", window=r.Window(7, "2026-01-01")), "not both"),
        (r.Performed("visit", window=r.Window(None, "2026-02-01", "2026-01-01")), "ends before"),
        (r.Performed("purchase", where=r.Filters(zones=("z1",))), "no zone"),
        (r.LastPerformed("visit", "within", 0), "whole number"),
        (r.Includes("nowhere"), "no live segment"),
        (r.Includes("me"), "circle"),
        (r.Bucket(0, "x"), "above 0"),
        (r.Consent("selling", "sms"), "purpose"),
        (r.Score("nothing", "ge", (1,)), "no score"),
        (r.Or((r.Everyone(),) * 61), "60 are allowed"),
    ],
)  # fmt: skip
def test_faults_are_said(rule, word):
    found = faults(rule, Surroundings(circle=frozenset({"me"})))
    assert any(word in fault.text for fault in found), found
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in fault.text_zh) for fault in found)


def test_a_fault_knows_its_place():
    rule = r.And((r.Everyone(), r.Or((r.Everyone(), r.Trait("nothing", "is", ("x",))))))
    assert [fault.path for fault in faults(rule, Surroundings())] == [(1, 1)]


def test_templates_are_good_rules(world):
    assert len({template.code for template in templates()}) == len(templates()) >= 5
    for template in templates():
        assert faults(template.rule, Surroundings()) == []
        everyone, single = evaluate(world, template.rule, world.instant(NOW))
        assert everyone == single == world.members_of(template.rule, world.instant(NOW))


def test_the_catalogue_names_columns_that_are_there(world):
    from models.tables import TABLES

    every = (*fields.FIELDS, *fields.SCORES, *([fields.STAGE] if fields.STAGE else []))
    assert len({f.name for f in fields.FIELDS}) == len(fields.FIELDS)
    with world.store.read() as connection:
        for one in every:
            assert one.table in TABLES
            only = f"WHERE {one.only}" if one.only else ""
            connection.exec_driver_sql(f"SELECT {one.person}, {one.column} FROM {one.table} t {only}", {"year": 2026})


def test_the_size_tells_people_share_and_some_of_them(world):
    rule = r.Trait("tier", "known")
    size = Sizing(world.store, rule, world.instant(NOW)).ask()
    expected = world.members_of(rule, world.instant(NOW))
    assert (size.people, size.everyone) == (len(expected), len(world.active()))
    assert set(size.sample) <= expected and len(size.sample) == min(12, len(expected))
    assert size.share == pytest.approx(len(expected) / len(world.active()))


def test_a_size_that_nobody_waits_for_is_given_up(world):
    sizing = Sizing(world.store, r.Everyone())
    sizing.give_up()
    with pytest.raises(Cancelled):
        sizing.ask()
