"""Merging people and undoing it, in any order, restores exactly; what came since stays where it came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.people.identity.merging import Merge, merge_many, merge_people, unmerge
from engines.people.profile import profile
from models.errors import Known
from models.ids import new_id
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def merge(mall: HandMall, into: str, gone: str) -> bytes:
    people = mall.ids
    return merge_people(
        mall.store, "meg", people["person", into], people["person", gone], evidence={}, reason="same person"
    )


def state(mall: HandMall) -> dict[str, dict[bytes, object]]:
    with mall.store.read() as connection:
        ask = connection.exec_driver_sql
        return {
            "owner": dict(ask("SELECT identifier_id, person_id FROM identifier_owner").fetchall()),
            "member": dict(ask("SELECT id, person_id FROM member").fetchall()),
            "person": dict(ask("SELECT id, state FROM person").fetchall()),
            "golden": {
                (p, a): v for p, a, v in ask("SELECT person_id, attr, value FROM profile_attr ORDER BY 1, 2").fetchall()
            },
        }


def test_a_merge_moves_signs_cards_and_purchases_and_its_undoing_gives_them_back(mall: HandMall) -> None:
    for who in ("ann", "ann2"):
        mall.person(who, joined="2026-01-01")
        mall.sale("2026-02-01", 500, who=who)
    before = state(mall)
    done = merge(mall, "ann", "ann2")
    assert profile(mall.store, mall.ids["person", "ann"], date(2026, 3, 1)).totals.net_minor == 1000
    assert len(profile(mall.store, mall.ids["person", "ann"], date(2026, 3, 1)).cards) == 2
    with pytest.raises(Known):
        profile(mall.store, mall.ids["person", "ann2"], date(2026, 3, 1))
    unmerge(mall.store, "meg", done)
    after = state(mall)
    assert {k: after[k] for k in ("owner", "member", "person")} == {k: before[k] for k in ("owner", "member", "person")}
    assert profile(mall.store, mall.ids["person", "ann2"], date(2026, 3, 1)).totals.net_minor == 500


def test_undoing_the_middle_of_a_chain_takes_what_hangs_below_along(mall: HandMall) -> None:
    for who in ("a", "b", "c"):
        mall.person(who, joined="2026-01-01")
    a, b = (mall.ids["person", x] for x in ("a", "b"))
    merge(mall, "b", "c")
    top = merge(mall, "a", "b")
    assert set(state(mall)["owner"].values()) == {a}
    unmerge(mall.store, "meg", top)
    owners = state(mall)["owner"]
    assert (owners[mall.ids["identifier", "a"]], owners[mall.ids["identifier", "c"]]) == (a, b)
    assert state(mall)["person"][mall.ids["person", "c"]] == "merged"


def test_undoing_the_end_of_a_chain_leaves_the_rest_merged(mall: HandMall) -> None:
    for who in ("a", "b", "c"):
        mall.person(who, joined="2026-01-01")
    low = merge(mall, "b", "c")
    merge(mall, "a", "b")
    unmerge(mall.store, "meg", low)
    owners = state(mall)["owner"]
    assert owners[mall.ids["identifier", "c"]] == mall.ids["person", "c"]
    assert owners[mall.ids["identifier", "b"]] == mall.ids["person", "a"]


@pytest.mark.parametrize("reason", ["", " x "])
def test_a_merge_without_a_reason_is_refused(mall: HandMall, reason: str) -> None:
    mall.person("a"), mall.person("b")
    with pytest.raises(Known, match="reason"):
        merge_people(mall.store, "meg", mall.ids["person", "a"], mall.ids["person", "b"], evidence={}, reason=reason)


def test_impossible_merges_change_nothing(mall: HandMall) -> None:
    mall.person("a"), mall.person("b"), mall.person("c")
    done = merge(mall, "a", "b")
    before = state(mall)
    for into, gone in (("a", "a"), ("c", "b"), ("b", "c")):
        with pytest.raises(Known):
            merge(mall, into, gone)
    with pytest.raises(Known):
        unmerge(mall.store, "meg", new_id())
    assert state(mall) == before
    unmerge(mall.store, "meg", done)
    with pytest.raises(Known, match="already"):
        unmerge(mall.store, "meg", done)


def test_both_acts_are_in_the_audit_trail_and_facts_are_untouched(mall: HandMall) -> None:
    mall.person("a"), mall.person("b")
    mall.sale("2026-02-01", 500, who="b")
    with mall.store.read() as connection:
        sales = connection.exec_driver_sql("SELECT * FROM sale").fetchall()
        links = connection.exec_driver_sql("SELECT id, person_id, action FROM identity_link").fetchall()
    unmerge(mall.store, "meg", merge(mall, "a", "b"))
    with mall.store.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM sale").fetchall() == sales
        assert set(links) <= set(connection.exec_driver_sql("SELECT id, person_id, action FROM identity_link"))
        acts = connection.exec_driver_sql("SELECT action, actor FROM audit_entry ORDER BY seq DESC LIMIT 2").fetchall()
    assert acts == [("unmerge", "meg"), ("merge", "meg")]


def test_a_thousand_merges_are_one_transaction(mall: HandMall) -> None:
    with mall.store.write("tester", "people") as tx:
        people = [new_id() for _ in range(2000)]
        signs = [new_id() for _ in range(4000)]
        tx.execute_many("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 0)", [(p,) for p in people])
        tx.execute_many("INSERT INTO identifier (id, kind, value_hmac) VALUES (?, 'card', ?)", [(s, s) for s in signs])
        owner = [(s, people[i // 2]) for i, s in enumerate(signs)]
        tx.execute_many("INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", owner)
    with mall.store.write("tester", "merging") as tx:
        done = merge_many(tx, [Merge(a, b, "test") for a, b in zip(people[::2], people[1::2], strict=True)])
    owners = state(mall)["owner"]
    assert len(set(done)) == 1000
    assert set(owners.values()) == set(people[::2])


@dataclass
class Model:
    """The forest in a few lines: homes, and edges that can be taken out."""

    home: dict[bytes, bytes] = field(default_factory=dict)
    edges: dict[bytes, bytes] = field(default_factory=dict)

    def root(self, person: bytes) -> bytes:
        while person in self.edges:
            person = self.edges[person]
        return person

    def owners(self) -> dict[bytes, bytes]:
        return {sign: self.root(home) for sign, home in self.home.items()}


@pytest.fixture(scope="module")
def one_mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandMall]:
    """One store for every example, each with people of its own: making a store takes longer than an example."""
    made = HandMall.make(tmp_path_factory.mktemp("forest") / "mall")
    yield made
    made.store.close()


STEP = st.tuples(st.sampled_from(["merge", "merge", "unmerge", "arrive"]), st.integers(0, 5), st.integers(0, 5))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_any_sequence_of_merges_undoings_and_arrivals_is_the_forest(one_mall: HandMall, steps) -> None:
    mall, model, done = one_mall, Model(), []
    mall.serial += 1
    names = [f"p{mall.serial}-{i}" for i in range(6)]
    for name in names:
        sign = mall.person(name, joined="2026-01-01")
        model.home[sign] = mall.ids["person", name]
    people = {mall.ids["person", name] for name in names}
    home_of_card = {c: p for c, p in state(mall)["member"].items() if p in people}
    for step, i, j in steps:
        one, other = mall.ids["person", names[i]], mall.ids["person", names[j]]
        if step == "merge" and one != other and one not in model.edges and other not in model.edges:
            done.append((merge(mall, names[i], names[j]), other))
            model.edges[other] = one
        elif step == "unmerge" and done:
            merge_id, absorbed = done.pop(i % len(done))
            assert unmerge(mall.store, "meg", merge_id) == absorbed
            del model.edges[absorbed]
        elif step == "arrive":
            model.home[arrive(mall, model.root(one))] = model.root(one)
    found = state(mall)
    assert {s: p for s, p in found["owner"].items() if p in people} == model.owners()
    assert {c: p for c, p in found["member"].items() if p in people} == {
        card: model.root(home) for card, home in home_of_card.items()
    }
    assert {p for p in people if found["person"][p] == "merged"} == set(model.edges)
    with mall.store.read() as connection:
        roots = dict(connection.exec_driver_sql("SELECT person_id, into_id FROM merged_person").fetchall())
    assert {p: r for p, r in roots.items() if p in people} == {p: model.root(p) for p in model.edges}
    for merge_id, _ in reversed(done):
        unmerge(mall.store, "meg", merge_id)
    assert {s: p for s, p in state(mall)["owner"].items() if p in people} == model.home


def arrive(mall: HandMall, person: bytes) -> bytes:
    """An import brings a new sign of a person."""
    sign = new_id()
    mall.put("identifier", id=sign, kind="phone", value_hmac=sign, value=None)
    mall.put("identity_link", id=new_id(), identifier_id=sign, person_id=person, action="link", confidence=1.0,
             actor="t", reason="import", at=0)  # fmt: skip
    mall.put("identifier_owner", identifier_id=sign, person_id=person)
    return sign
