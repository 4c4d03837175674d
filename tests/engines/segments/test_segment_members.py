"""Members: kept person by person they equal a run over everyone and a plain reading, whatever happens in which order."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.segments import actions, changed, full_run, membership
from engines.segments import rule as r
from engines.segments.changed import MOST_PERSONS, changed_since, cursor, newest
from engines.segments.full_run import run_segments
from engines.segments.live import live_segments
from engines.segments.membership import touch_people
from engines.segments.queries import members, moved, overlap, pins, segments, segments_of, sizes, versions
from engines.segments.reasons import parse
from models.errors import Known
from models.ids import new_id
from tests.engines.segments.segment_oracle import NOW, RULES, World, put


class Clock:
    """The time that actions and runs see."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


@contextmanager
def clocked(at: int) -> Iterator[Clock]:
    clock = Clock(at)
    with pytest.MonkeyPatch.context() as patch:
        for module in (actions, full_run, membership):
            patch.setattr(module, "now_ms", clock)
        yield clock


@pytest.fixture
def world(tmp_path: Path):
    made = World.make(tmp_path / "site")
    yield made
    made.store.close()


@pytest.fixture
def clock(world: World):
    with clocked(world.instant(NOW)) as ticking:
        yield ticking


def follow(world: World) -> int:
    """What the service does when the store has moved."""
    with world.store.read() as connection:
        seen = changed_since(connection, cursor(connection) or 0)
    assert not seen.everyone
    return touch_people(world.store, seen.persons, relations=seen.relations, since=seen.since, watermark=seen.watermark)


def kept(world: World, code: str) -> set[bytes]:
    with world.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT m.person_id FROM segment s JOIN segment_member m ON m.segment_id = s.id WHERE s.code = ?", (code,)
        )
        return {bytes(person) for (person,) in rows}


STEPS = st.lists(
    st.tuples(st.sampled_from(("act", "act", "act", "late", "member", "consent", "merge", "new", "hour", "night")), st.integers(0, 10**6)),
    min_size=4, max_size=14,
)  # fmt: skip


@settings(max_examples=20)
@given(rules=st.lists(RULES, min_size=2, max_size=3), steps=STEPS, seed=st.integers(0, 10**6))
def test_person_by_person_everyone_and_a_plain_reading_agree(rules, steps, seed):
    pick = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        world = World.make(Path(folder) / "site")
        with clocked(world.instant("2026-03-20")) as clock:
            for _ in range(5):
                person = world.person(pick)
                for _ in range(pick.choice((0, 2, 4))):
                    world.act(pick, person)
            for number, rule in enumerate(rules):
                actions.create(world.store, "tester", f"s{number}", "S", rule, live=True)
            actions.create(
                world.store, "tester", "both", "Both", r.And((r.Includes("s0"), r.Not(r.Includes("s1")))), live=True
            )
            run_segments(world.store)
            for step, number in steps:
                one_step(world, clock, step, random.Random(number))
                follow(world)
                if step in ("hour", "night"):
                    for ran in run_segments(world.store):
                        assert ran.drift == 0, (ran, step)
                for code, rule in [(f"s{n}", rule) for n, rule in enumerate(rules)]:
                    world.kept[code] = world.members_of(rule, clock.at)
                    assert kept(world, code) == world.kept[code], (step, code)
                assert kept(world, "both") == world.kept["s0"] - world.kept["s1"]
        world.store.close()


def one_step(world: World, clock: Clock, step: str, pick: random.Random) -> None:
    person = pick.choice(world.active())
    if step == "act":
        world.act(pick, person, clock.at - pick.randrange(60_000))
    elif step == "late":
        world.act(pick, person, clock.at - pick.randrange(20 * 86_400_000))
    elif step == "member":
        with world.store.write("tester", "a card") as tx:
            world.member(tx, person, pick)
    elif step == "consent":
        world.decide(pick, person)
    elif step == "merge" and len(world.active()) > 2:
        other = pick.choice([p for p in world.active() if p != person])
        world.merge(person, other)
    elif step == "new":
        world.person(pick)
    elif step in ("hour", "night"):
        clock.at += 3_600_000 if step == "hour" else 86_400_000 * pick.choice((1, 1, 2, 9))


def buyer(world: World, clock: Clock, *, days_ago: int = 0) -> bytes:
    """A person who bought once."""
    person = new_id()
    world.persons.append(person)
    with world.store.write("tester", "a buyer") as tx:
        put(tx, "person", id=person, state="active", created_at=0)
        sign = world.sign(tx, person)
        sale(world, tx, sign, clock.at - days_ago * 86_400_000)
    return person


def sale(world: World, tx, sign: bytes, at: int) -> None:
    from models.times import business_day

    day, minute = business_day(at, world.store.site.zone)
    world.serial += 1
    put(tx, "sale", id=new_id(), source_id=world.source, source_key=str(world.serial), identifier_id=sign, at=at, day=day,
        minute=minute, gross_minor=100, net_minor=100, txns=1, basis="pos", batch_id=world.batch)  # fmt: skip


WEEK = r.And((r.Performed("purchase", window=r.Window(7)),))


def test_who_enters_and_leaves_is_known_with_the_reason(world, clock):
    first = buyer(world, clock)
    actions.create(world.store, "ann", "week", "Bought this week", WEEK, live=True)
    run_segments(world.store)
    second = buyer(world, clock)
    assert follow(world) == 1
    assert kept(world, "week") == {first, second}
    entered = moved(world.store, "week")
    assert [(m.person_id, m.change, parse(m.why)) for m in entered] == [(second, "entered", ("fact", (0,)))]
    clock.at += 7 * 86_400_000
    ran = run_segments(world.store)
    assert [(x.size, x.exited, x.drift) for x in ran] == [(0, 2, 0)]
    left = moved(world.store, "week", change="left")
    assert {m.person_id for m in left} == {first, second}
    assert {parse(m.why) for m in left} == {("time", (0,))}
    assert [point.size for point in sizes(world.store, "week", 0)] == [2, 0]


def test_a_condition_that_moved_is_told_from_those_that_only_hold(world, clock):
    person = buyer(world, clock)
    twice = r.And((r.Everyone(), r.Performed("purchase", "at_least", 2, r.Window(7))))
    actions.create(world.store, "ann", "twice", "Twice", twice, live=True)
    run_segments(world.store)
    with world.store.write("tester", "x") as tx:
        sale(world, tx, next(s for s, p in world.owner.items() if p == person), clock.at)
    follow(world)
    assert [parse(m.why) for m in moved(world.store, "twice")] == [("fact", (1,))]


def test_a_member_that_was_lost_is_drift_and_raises_an_alert_until_it_is_right(world, clock):
    person = buyer(world, clock)
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    run_segments(world.store)
    with world.store.write("tester", "a fault") as tx:
        tx.connection.exec_driver_sql("DELETE FROM segment_member")
    assert [ran.drift for ran in run_segments(world.store)] == [1]
    assert kept(world, "week") == {person}
    assert open_alerts(world) == ["segments:drift:week"]
    assert [ran.drift for ran in run_segments(world.store)] == [0]
    assert open_alerts(world) == []


def open_alerts(world: World) -> list[str]:
    with world.store.read() as connection:
        return [str(f) for (f,) in connection.exec_driver_sql("SELECT fingerprint FROM alert WHERE state <> 'closed'")]


def test_what_the_service_has_not_seen_yet_is_no_drift(world, clock):
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    run_segments(world.store)
    person = buyer(world, clock)
    assert [(ran.entered, ran.drift) for ran in run_segments(world.store)] == [(1, 0)]
    assert parse(moved(world.store, "week")[0].why) == ("fact", (0,))
    assert kept(world, "week") == {person}


def test_scores_that_an_engine_rewrote_are_no_drift(world, clock):
    person = buyer(world, clock)
    actions.create(world.store, "ann", "lost", "Lost", r.Trait("rfm_segment", "is", ("lost",)), live=True)
    run_segments(world.store)
    with world.store.write("service", "rfm") as tx:
        put(tx, "rfm_score", person_id=person, recency_days=1, frequency=1, monetary_minor=1, r=1, f=1, m=1,
            segment="lost", first_day=NOW, last_day=NOW)  # fmt: skip
        tx.touch("rfm_score")
    assert [(ran.entered, ran.drift) for ran in run_segments(world.store)] == [(1, 0)]
    assert parse(moved(world.store, "lost")[0].why)[0] == "score"


def test_pins_outweigh_the_rule_until_they_are_taken_out(world, clock):
    inside, outside = buyer(world, clock), buyer(world, clock, days_ago=30)
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    actions.create(world.store, "ann", "others", "Others", r.Not(r.Includes("week")), live=True)
    run_segments(world.store)
    with pytest.raises(Known, match="reason"):
        actions.pin(world.store, "ann", "week", outside, into=True, reason="  ")
    actions.pin(world.store, "ann", "week", outside, into=True, reason="Asked at the desk")
    actions.pin(world.store, "ann", "week", inside, into=False, reason="Works here")
    assert (kept(world, "week"), kept(world, "others")) == ({outside}, {inside})
    assert [ran.drift for ran in run_segments(world.store)] == [0, 0]
    assert kept(world, "week") == {outside}
    assert {(p.person_id, p.pin) for p in pins(world.store, "week")} == {(outside, "in"), (inside, "out")}
    actions.unpin(world.store, "ann", "week", outside)
    actions.unpin(world.store, "ann", "week", inside)
    assert (kept(world, "week"), kept(world, "others")) == ({inside}, {outside})
    assert [parse(m.why)[0] for m in moved(world.store, "week", change="entered")].count("unpin") == 1
    with pytest.raises(Known, match="not pinned"):
        actions.unpin(world.store, "ann", "week", inside)


def test_a_merged_or_erased_person_leaves_and_a_pin_does_not_hold_them(world, clock):
    first, second = buyer(world, clock), buyer(world, clock)
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    run_segments(world.store)
    actions.pin(world.store, "ann", "week", second, into=True, reason="Friend")
    world.merge(first, second)
    follow(world)
    assert kept(world, "week") == {first}


def test_a_new_version_moves_the_members_and_an_old_rule_can_come_back(world, clock):
    person = buyer(world, clock, days_ago=10)
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    month = r.And((r.Performed("purchase", window=r.Window(30)),))
    assert actions.save_version(world.store, "bob", "week", month) == 2
    assert kept(world, "week") == {person}
    assert parse(moved(world.store, "week")[0].why) == ("rule", (0,))
    assert actions.save_version(world.store, "bob", "week", month) == 2  # nothing new
    assert actions.save_version(world.store, "bob", "week", WEEK) == 3
    assert kept(world, "week") == set()
    assert [(v.version, v.actor) for v in versions(world.store, "week")] == [(3, "bob"), (2, "bob"), (1, "ann")]
    assert versions(world.store, "week")[0].sha256 == versions(world.store, "week")[2].sha256


def test_a_version_that_someone_changed_in_the_file_is_refused(world, clock):
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    with world.store.write("tester", "a forgery") as tx:
        tx.connection.exec_driver_sql("UPDATE segment_version SET rule = replace(rule, '7', '8')")
    with pytest.raises(Known, match="not what was saved"):
        run_segments(world.store)


def test_segments_that_include_each_other_go_in_order_and_never_round(world, clock):
    person = buyer(world, clock)
    actions.create(world.store, "ann", "z_first", "First", WEEK, live=True)
    actions.create(world.store, "ann", "a_second", "Second", r.Includes("z_first"), live=True)
    with world.store.read() as connection:
        assert [s.code for s in live_segments(connection)] == ["z_first", "a_second"]
    assert kept(world, "a_second") == {person}
    with pytest.raises(Known, match="circle"):
        actions.save_version(world.store, "ann", "z_first", r.Includes("a_second"))
    with pytest.raises(Known, match="circle"):
        actions.save_version(world.store, "ann", "a_second", r.Not(r.Includes("a_second")))
    with pytest.raises(Known, match="includes"):
        actions.archive(world.store, "ann", "z_first")
    actions.create(world.store, "ann", "draft", "Draft", WEEK)
    with pytest.raises(Known, match="no live segment"):
        actions.create(world.store, "ann", "third", "Third", r.Includes("draft"))


def test_a_draft_has_no_members_until_it_is_put_live_and_none_when_archived(world, clock):
    person = buyer(world, clock)
    actions.create(world.store, "ann", "week", "Week", WEEK)
    assert run_segments(world.store) == []
    actions.put_live(world.store, "ann", "week")
    assert kept(world, "week") == {person}
    assert [name for name, *_ in segments_of(world.store, person)] == ["week"]
    actions.archive(world.store, "ann", "week")
    assert kept(world, "week") == set()
    with pytest.raises(Known, match="archived"):
        actions.save_version(world.store, "ann", "week", r.Everyone())
    actions.restore(world.store, "ann", "week")
    assert kept(world, "week") == {person}
    assert [ran.drift for ran in run_segments(world.store)] == [0]
    actions.duplicate(world.store, "ann", "week", into="copy", name="Copy")
    assert versions(world.store, "copy")[0].rule == WEEK
    actions.delete_draft(world.store, "ann", "copy")
    with pytest.raises(Known, match="no draft"):
        actions.delete_draft(world.store, "ann", "week")
    assert [(s.code, s.state, s.people) for s in segments(world.store, clock.at)] == [("week", "live", 1)]


@pytest.mark.parametrize(("code", "name"), [("Big", "x"), ("", "x"), ("a b", "x"), ("ok", " ")])
def test_a_segment_needs_a_code_and_a_name(world, clock, code, name):
    with pytest.raises(Known):
        actions.create(world.store, "ann", code, name, WEEK)


def test_every_act_is_audited(world, clock):
    person = buyer(world, clock)
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    actions.rename(world.store, "ann", "week", "This week", "本周")
    actions.pin(world.store, "ann", "week", person, into=False, reason="Staff")
    actions.unpin(world.store, "ann", "week", person)
    actions.archive(world.store, "ann", "week")
    actions.restore(world.store, "ann", "week")
    with world.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action, detail FROM audit_entry WHERE object = 'segment/week' AND actor = 'ann' ORDER BY seq"
        ).fetchall()
    assert [action for action, _ in rows] == ["create", "rename", "pin", "unpin", "archive", "restore"]
    assert json.loads(rows[2][1])["reason"] == "Staff"


def test_a_removed_fact_and_a_tenants_new_category_ask_for_everyone(world, clock):
    buyer(world, clock)
    with world.store.read() as connection:
        before = newest(connection)
    with world.store.write("tester", "taking back") as tx:
        tx.connection.exec_driver_sql("DELETE FROM sale")
    with world.store.read() as connection:
        assert changed_since(connection, before).everyone
        before = newest(connection)
    with world.store.write("tester", "another trade") as tx:
        tx.connection.exec_driver_sql("UPDATE tenant SET category_id = NULL WHERE code = 's1'")
    with world.store.read() as connection:
        assert changed_since(connection, before).everyone


def test_a_bulk_load_tells_its_persons_up_to_a_number(world, clock):
    people = [buyer(world, clock) for _ in range(3)]
    with world.store.read() as connection:
        before = newest(connection)
    ids = [new_id() for _ in people]
    with (
        world.store.write("tester", "a load") as tx,
        tx.bulk("sale", batch=world.batch, first=ids[0], last=ids[-1]),
    ):
        for number, person in zip(ids, people, strict=True):
            put(tx, "sale", id=number, source_id=world.source, source_key=number.hex(), at=clock.at, day=NOW, minute=1,
                identifier_id=next(s for s, p in world.owner.items() if p == person), gross_minor=1, net_minor=1, txns=1,
                basis="pos", batch_id=world.batch)  # fmt: skip
    with world.store.read() as connection:
        seen = changed_since(connection, before)
        assert seen.persons == frozenset(people) and seen.since == clock.at and not seen.everyone
        assert changed_since(connection, before, most=2).everyone
    assert changed.MOST_PERSONS == MOST_PERSONS >= 1000


def test_the_log_that_was_cut_asks_for_everyone(world, clock):
    buyer(world, clock)
    with world.store.write("tester", "tidying") as tx:
        tx.connection.exec_driver_sql("DELETE FROM change_log WHERE seq < (SELECT max(seq) FROM change_log)")
    with world.store.read() as connection:
        assert changed_since(connection, 1).everyone


def test_lists_are_masked_and_page_on(world, clock):
    people = [buyer(world, clock) for _ in range(5)]
    actions.create(world.store, "ann", "week", "Week", WEEK, live=True)
    actions.create(world.store, "ann", "all", "All", r.Everyone(), live=True)
    first = members(world.store, "week", limit=3)
    rest = members(world.store, "week", limit=3, after=first[-1].key)
    assert {m.person_id for m in (*first, *rest)} == set(people) and len(first) == 3
    assert all("•" in m.label for m in first)
    shared = overlap(world.store, ["week", "all"])
    assert shared.sizes == (5, 5) and shared.both == ((5, 5), (5, 5))
    row = next(s for s in segments(world.store, clock.at + 8 * 86_400_000) if s.code == "week")
    assert (row.people, row.share, row.change_7, row.change_30) == (5, 1.0, 0, None)
