"""The schedule on a clock that the test moves: sleep, clock changes, daylight saving, requests, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest

from app.service.chores import Outcome
from app.service.jobs import Job, all_jobs
from app.service.progress import Progress
from app.service.schedule import Schedule
from app.service.workbench import Workbench
from engines.registry import ENGINES
from models import ledger, settings
from models.errors import Known
from models.requests import request_run, requested
from models.site import create_site
from models.store import Store, create_store


class Wall:
    """A wall clock that stands where it is put."""

    def __init__(self, text: str) -> None:
        self.at = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **how: float) -> None:
        self.at += timedelta(**how)


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall", time_zone="Europe/Berlin"))
    yield made
    made.close()


class Desk:
    """A schedule whose scheduler looks only when the test says so, and what ran on it, by wall clock."""

    def __init__(self, mall: Store, wall: Wall) -> None:
        self.ran: list[tuple[str, datetime]] = []
        self.wall = wall
        self.schedule = Schedule(mall, 0, Workbench(["unused"]), clock=wall)

    def job(self, name: str, every: str, *, fails: bool = False, **more: Any) -> Job:
        def work(store: Store, progress: Progress) -> Outcome:
            self.ran.append((name, self.wall.at))
            if fails:
                raise Known("The disk is full.", "Free some space.")
            return Outcome(1, "well")

        return Job(name, name, name, every, "store", work=work, **more)

    def look(self) -> None:
        """Have the scheduler look at the clock once and wait until the lane is empty."""
        scheduler = self.schedule._scheduler
        scheduler._process_jobs()
        scheduler._executors["store"]._pool.submit(int).result(10)

    def times(self, name: str) -> list[datetime]:
        return [at for ran, at in self.ran if ran == name]


@pytest.fixture
def desk(mall: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(text: str) -> Desk:
        wall = Wall(text)

        class FakeDatetime(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return wall.at.astimezone(tz)

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", FakeDatetime)
        monkeypatch.setattr(apscheduler.executors.base, "datetime", FakeDatetime)
        monkeypatch.setattr(ledger, "now_ms", lambda: int(wall.at.timestamp() * 1000))
        made.append(Desk(mall, wall))
        return made[-1]

    yield make
    for each in made:
        each.schedule.close()


def hold(desk: Desk, *jobs: Job) -> None:
    """Start on these jobs with the scheduler's own thread asleep: the test does its looking."""
    scheduler = desk.schedule._scheduler
    scheduler._main_loop = lambda: None
    desk.schedule.start(jobs)


def test_a_job_never_run_runs_at_once_then_when_it_is_due(desk: Any, mall: Store) -> None:
    d = desk("2026-11-20T10:07")
    hold(d, d.job("a", "15m"))
    for _ in range(40):
        d.look()
        d.wall.move(minutes=1)
    assert [at.strftime("%H:%M") for at in d.times("a")] == ["10:07", "10:15", "10:30", "10:45"]
    assert [run.state for run in ledger.runs(mall)] == ["done"] * 4


def test_after_sleep_a_job_runs_once_however_often_it_was_due(desk: Any) -> None:
    d = desk("2026-11-20T10:00")
    hold(d, d.job("a", "15m"), d.job("b", "02:30"))
    d.look()
    d.wall.move(days=3, minutes=2)
    d.look()
    d.look()
    assert len(d.times("a")) == len(d.times("b")) == 2


def test_a_clock_set_back_stalls_nothing_once_the_jobs_are_planned_anew(desk: Any) -> None:
    d = desk("2026-11-20T10:00")
    jobs = (d.job("a", "15m"), d.job("b", "10:30"))
    hold(d, *jobs)
    for _ in range(3):
        d.look()
        d.wall.move(minutes=15)
    assert (len(d.times("a")), len(d.times("b"))) == (3, 1)
    d.wall.move(hours=-1)
    d.look()
    d.wall.move(minutes=16)
    d.look()
    assert len(d.times("a")) == 3
    d.schedule.plan(jobs)
    for _ in range(5):
        d.look()
        d.wall.move(minutes=15)
    assert len(d.times("a")) >= 7
    assert len(d.times("b")) == 1


@pytest.mark.parametrize("start", ["2026-03-27T12:00", "2026-10-23T12:00"])
def test_through_the_change_of_the_clocks_a_nightly_job_runs_once_a_night(desk: Any, start: str) -> None:
    d = desk(start)
    hold(d, d.job("nightly", "02:30"))
    d.look()
    d.ran.clear()
    for _ in range(96):
        d.wall.move(hours=1)
        d.look()
    nights = [at.astimezone(d.schedule._store.site.zone).date() for at in d.times("nightly")]
    assert len(nights) == len(set(nights)) == 4


def test_a_service_that_starts_anew_repeats_nothing_and_makes_up_for_the_night(desk: Any) -> None:
    first = desk("2026-11-20T22:00")
    hold(first, first.job("nightly", "02:30"))
    first.look()
    again = desk("2026-11-20T23:00")
    hold(again, again.job("nightly", "02:30"))
    again.look()
    assert again.ran == []
    morning = desk("2026-11-21T08:00")
    hold(morning, morning.job("nightly", "02:30"))
    morning.look()
    morning.look()
    assert len(morning.ran) == 1


def test_an_interrupted_run_is_run_again(desk: Any, mall: Store) -> None:
    d = desk("2026-11-20T22:00")
    run = ledger.start(
        mall, "nightly", planned_at=int(datetime(2026, 11, 20, 1, 30, tzinfo=UTC).timestamp() * 1000), token=1
    )
    ledger.interrupt_orphans(mall, 2)
    hold(d, d.job("nightly", "02:30"))
    d.look()
    assert len(d.ran) == 1
    assert {r.id: r.state for r in ledger.runs(mall)} == {run: "interrupted", run + 1: "done"}


def test_jobs_due_together_run_in_their_order(desk: Any) -> None:
    d = desk("2026-11-20T10:00")
    hold(d, d.job("z", "1h"), d.job("m", "1h"), d.job("a", "1h"))
    d.look()
    d.wall.move(hours=1)
    d.look()
    assert [name for name, _ in d.ran] == ["z", "m", "a"] * 2


def test_a_job_that_fails_is_told_in_the_ledger_and_tried_again(desk: Any, mall: Store) -> None:
    d = desk("2026-11-20T10:00")
    hold(d, d.job("a", "15m", fails=True), d.job("b", "15m"))
    d.look()
    d.wall.move(minutes=15)
    d.look()
    assert len(d.times("a")) == len(d.times("b")) == 2
    newest = ledger.runs(mall, job="a")[0]
    assert (newest.state, newest.message) == ("failed", "The disk is full. Free some space.")


def test_a_job_that_is_switched_off_runs_only_when_asked_and_once(desk: Any, mall: Store) -> None:
    d = desk("2026-11-20T10:00")
    hold(d, d.job("a", "15m", scheduled=False))
    d.look()
    d.wall.move(hours=1)
    d.look()
    assert d.ran == []
    request_run(mall, "anna", "a")
    request_run(mall, "anna", "unheard-of")
    d.schedule.look_for_requests()
    d.look()
    d.schedule.look_for_requests()
    d.look()
    assert len(d.ran) == 1
    assert requested(mall) == []
    assert "a" not in d.schedule.next_runs()


def test_a_job_with_nothing_to_do_leaves_no_row(desk: Any, mall: Store) -> None:
    d = desk("2026-11-20T10:00")
    hold(d, d.job("a", "15m", needed=lambda store: False))
    d.look()
    assert ledger.runs(mall) == []


def test_every_engine_has_a_job_and_switches_are_heeded(mall: Store) -> None:
    jobs = {job.name: job for job in all_jobs(mall)}
    assert {engine.name for engine in ENGINES} <= jobs.keys()
    assert {"mart", "capture", "backup", "audit", "tidy"} <= jobs.keys()
    assert jobs["backup"].grace_seconds is None
    assert jobs["mart"].scheduled
    settings.change_setting(mall, "anna", "feature.backups", False)
    settings.change_setting(mall, "anna", "backup.at", "01:15")
    again = {job.name: job for job in all_jobs(mall)}
    assert (again["backup"].scheduled, again["backup"].every) == (False, "01:15")
