"""The service follows: what happens to a person moves their segments within a second, a removal asks for everyone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.service.following import Following
from app.service.jobs import all_jobs
from app.service.segments import JOB, SegmentFollower, any_live
from engines.segments import actions
from engines.segments import rule as r
from models.lease import Lease
from models.requests import requested
from models.times import business_day, now_ms
from tests.engines.hand_mall import HandMall

VISITED = r.And((r.Performed("visit", window=r.Window(7)),))


@pytest.fixture
def mall(tmp_path: Path):
    made = HandMall.make(tmp_path / "site")
    yield made
    made.store.close()


@pytest.fixture
def token(mall: HandMall) -> int:
    lease = Lease(mall.store)
    assert lease.try_take()
    return lease.token


def visit(mall: HandMall, name: str) -> None:
    """A visit a moment ago."""
    at = now_ms() - 1000
    day, minute = business_day(at, mall.store.site.zone)
    mall.serial += 1
    mall.put(
        "activity", id=mall.serial.to_bytes(16, "big"), source_id=mall.ref("source", "crm", kind="crm"),
        source_key=str(mall.serial), identifier_id=mall.person(name), kind="visit", at=at, day=day, minute=minute,
        batch_id=b"b" * 16,
    )  # fmt: skip


def size(mall: HandMall, code: str) -> int:
    with mall.store.read() as connection:
        return int(
            connection.exec_driver_sql(
                "SELECT count(*) FROM segment s JOIN segment_member m ON m.segment_id = s.id WHERE s.code = ?", (code,)
            ).scalar_one()
        )


def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_visit_moves_its_person_by_itself(mall, token):
    mall.person("ann")
    actions.create(mall.store, "t", "came", "Came", VISITED, live=True)
    watch = Following(mall.store, token, every_seconds=0.02)
    watch.start()
    try:
        visit(mall, "ann")
        assert until(lambda: size(mall, "came") == 1)
    finally:
        watch.close()


def test_what_happened_while_no_service_ran_is_made_up_for(mall, token):
    mall.person("ann")
    actions.create(mall.store, "t", "came", "Came", VISITED, live=True)
    visit(mall, "ann")
    assert SegmentFollower(mall.store, token).look() == 1
    assert SegmentFollower(mall.store, token).look() == 0


def test_a_removal_and_new_scores_ask_for_a_run_over_everyone(mall, token):
    visit(mall, "ann")
    actions.create(mall.store, "t", "came", "Came", VISITED, live=True)
    actions.create(mall.store, "t", "lost", "Lost", r.Trait("rfm_segment", "is", ("lost",)), live=True)
    with mall.store.write("service", "rfm") as tx:
        tx.touch("rfm_score")
    watch = SegmentFollower(mall.store, token)
    watch.look()
    assert requested(mall.store) == []
    with mall.store.write("service", "rfm") as tx:
        tx.touch("rfm_score")
    watch.look()
    assert requested(mall.store) == [JOB]
    with mall.store.write("t", "answering") as tx:
        tx.connection.exec_driver_sql("DELETE FROM meta WHERE name LIKE 'run-now/%'")
    with mall.store.write("t", "taking back") as tx:
        tx.connection.exec_driver_sql("DELETE FROM activity")
    watch.look()
    assert requested(mall.store) == [JOB]


def test_a_service_that_lost_its_lease_writes_nothing(mall, token):
    mall.person("ann")
    actions.create(mall.store, "t", "came", "Came", VISITED, live=True)
    visit(mall, "ann")
    with mall.store.write("t", "another runner") as tx:
        tx.connection.exec_driver_sql("UPDATE lease_row SET token = token + 1")
    watch = Following(mall.store, token)
    watch.look()
    assert watch.stopped and size(mall, "came") == 0


def test_the_job_is_there_and_has_nothing_to_do_without_segments(mall):
    job = next(job for job in all_jobs(mall.store) if job.name == JOB)
    assert job.every == "05:50" and not any_live(mall.store)
    from app.service.running import execute

    visit(mall, "ann")
    actions.create(mall.store, "t", "came", "Came", VISITED, live=True)
    assert execute(mall.store, job).says == "1 segments, 0 moved, drift 0"
