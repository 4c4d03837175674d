"""Lead scores follow what happens within a second, agree with a run over everyone, and take segments along."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.service.following import Following
from app.service.leads import JOB, LeadFollower
from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.leads.engine import ENGINE
from engines.leads.incremental import rescore_changed
from engines.leads.queries import history, lead, leads
from engines.segments import actions
from engines.segments import rule as r
from models.ids import new_id
from models.lease import Lease
from models.requests import requested
from models.settings import change_setting
from models.store import Store, open_store
from models.tables import TABLES
from models.times import business_day, now_ms


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("following") / "mall"
    make_demo(folder, days=35, members=150, seed=5)
    made = open_store(folder)
    run_engine(made, ENGINE)
    made.close()
    yield folder


@pytest.fixture
def store(scored: Path, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(shutil.copytree(scored, tmp_path / "mall"))
    yield opened
    opened.close()


@pytest.fixture
def token(store: Store) -> int:
    lease = Lease(store)
    assert lease.try_take()
    return lease.token


def happens(store: Store, person: bytes, kind: str, at: int) -> None:
    """Something a person does, or a sale to them."""
    day, minute = business_day(at, store.site.zone, store.site.day_starts_minute)
    with store.write("tester", "something happens") as tx:
        sign, source, batch = tx.connection.exec_driver_sql(
            "SELECT o.identifier_id, s.id, b.id FROM identifier_owner o, source s, intake_batch b "
            "WHERE o.person_id = ? LIMIT 1",
            (person,),
        ).one()
        made = new_id()
        common = (made, source, made.hex(), sign, at, day, minute, batch)
        if kind == "sale":
            tx.connection.exec_driver_sql(
                "INSERT INTO sale (id, source_id, source_key, identifier_id, at, day, minute, batch_id, gross_minor, "
                "net_minor, txns, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 100, 100, 1, 'pos')",
                common,
            )
        else:
            tx.connection.exec_driver_sql(
                "INSERT INTO activity (id, source_id, source_key, identifier_id, at, day, minute, batch_id, kind) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*common, kind),
            )


def rows(store: Store, use: str = "member") -> dict[bytes, dict[str, Any]]:
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT * FROM lead_score WHERE use = ?", (use,)).fetchall()
    names = [column.name for column in TABLES["lead_score"].columns]
    return {bytes(row[1]): dict(zip(names, row, strict=True)) for row in found}


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_coupon_moves_its_person_alone_and_the_history_says_why(store, token):
    before, last = rows(store), leads(store, "member", limit=500)[-1]
    following = Following(store, token, every_seconds=0.02)
    following.start()
    try:
        at = now_ms() - 500
        for n in range(3):
            happens(store, last.subject_id, "coupon_claimed", at - n)

        def moved() -> bool:
            found = lead(store, "member", last.subject_id)
            return found is not None and found.composite > last.composite + 5

        assert until(moved)
    finally:
        following.close()
    noted = history(store, "member", last.subject_id)[-1]
    assert (noted.cause, noted.detail) == ("touch", "coupon_claimed")
    after = rows(store)
    assert {key for key in after if after[key] != before[key]} == {last.subject_id}


def test_a_segment_of_scores_takes_the_person_along_and_nobody_asks_for_everyone(store, token):
    last = leads(store, "member", limit=500)[-1]
    hot = r.Score("lead", "ge", (last.composite + 5,))
    actions.create(store, "t", "hot", "Hot", hot, live=True)
    following = Following(store, token)
    following.look()
    for n in range(3):
        happens(store, last.subject_id, "coupon_claimed", now_ms() - 500 - n)
    following.look()
    with store.read() as connection:
        members = connection.exec_driver_sql("SELECT person_id FROM segment_member").fetchall()
    assert last.subject_id in {bytes(member) for (member,) in members}
    assert requested(store) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_following_agrees_with_the_run_over_everyone(store, token, seed):
    luck = np.random.default_rng(seed)
    for share in ("leads.qualified_share", "leads.sales_ready_share"):
        change_setting(store, "cli:t", share, 0)  # what a share lets in depends on everyone, and moves by night
    run_engine(store, ENGINE)
    everyone = sorted(rows(store))
    follower = LeadFollower(store, token)
    kinds = ("visit", "page_view", "offer_saved", "coupon_claimed", "campaign_sent", "campaign_opened", "sale")
    concerned = set()
    for _ in range(12):
        for _ in range(int(luck.integers(1, 4))):
            person = everyone[int(luck.integers(0, len(everyone)))]
            back = int(luck.integers(1, 20 * 86_400_000))  # late messages too, days after what they tell
            happens(store, person, str(luck.choice(kinds)), now_ms() - back)
            concerned.add(person)
        follower.look()
    followed = rows(store)
    run_engine(store, ENGINE)
    run = rows(store)
    assert followed.keys() == run.keys()
    for key, row in run.items():
        for name in ("behavioural", "engagement", "rung", "last_touch_day"):
            assert followed[key][name] == (pytest.approx(row[name]) if name == "behavioural" else row[name])
        # base rates are everyone's: a first purchase moves them a little by night
        assert followed[key]["composite"] == pytest.approx(row["composite"], abs=1.0)
    assert follower.look().people <= concerned  # nothing is left to make up for


def test_what_happens_during_a_run_is_not_lost(store, token, monkeypatch):
    last = leads(store, "member", limit=500)[-1]
    follower = LeadFollower(store, token)
    follower.look()
    from engines import driver

    check = driver.check_minimum

    def meanwhile(engine: Any, taken: Any) -> None:
        for n in range(3):
            happens(store, last.subject_id, "coupon_claimed", now_ms() - 500 - n)
        follower.look()
        check(engine, taken)

    monkeypatch.setattr(driver, "check_minimum", meanwhile)
    run_engine(store, ENGINE)
    stale = lead(store, "member", last.subject_id)
    follower.look()
    fresh = lead(store, "member", last.subject_id)
    assert stale is not None and fresh is not None and fresh.composite > stale.composite + 5


def test_a_step_of_a_deal_moves_the_deal(store, token):
    deal = leads(store, "deal", limit=500)[-1]
    at = now_ms() - 500
    day, minute = business_day(at, store.site.zone, store.site.day_starts_minute)
    with store.write("tester", "a viewing") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO deal_activity (id, source_id, source_key, deal_id, kind, at, day, minute, batch_id) "
            "SELECT ?, source_id, 'new', ?, 'viewing', ?, ?, ?, batch_id FROM deal_activity LIMIT 1",
            (new_id(), deal.subject_id, at, day, minute),
        )
    LeadFollower(store, token).look()
    found = lead(store, "deal", deal.subject_id)
    assert found is not None and found.composite > deal.composite


def test_a_removal_asks_for_the_run_over_everyone_and_others_activities_for_nothing(store, token):
    follower = LeadFollower(store, token)
    follower.look()
    with store.read() as connection:
        buyer = bytes(
            connection.exec_driver_sql(
                "SELECT o.person_id FROM sale s JOIN identifier_owner o ON o.identifier_id = s.identifier_id LIMIT 1"
            ).scalar_one()
        )
    happens(store, buyer, "visit", now_ms() - 500)
    assert follower.look().commits == 0 and requested(store) == []
    with store.write("t", "taking back") as tx:
        tx.connection.exec_driver_sql("DELETE FROM activity WHERE id = (SELECT max(id) FROM activity)")
    follower.look()
    assert requested(store) == [JOB]
    assert rescore_changed(store).everyone  # until the run has been
    run_engine(store, ENGINE)
    assert not rescore_changed(store).everyone


def test_nobody_is_scored_before_the_first_run(tmp_path):
    from models.site import create_site
    from models.store import create_store

    made = create_store(create_site(tmp_path / "site", name="New", time_zone="Asia/Shanghai"))
    assert rescore_changed(made).upto is None
    made.close()
