"""What the service sees on its rounds: a stop asked for, changed settings, a lost lease, a clock that is wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.service.cameras import CameraSupervisor
from app.service.jobs import all_jobs
from app.service.runner import Rounds
from app.service.schedule import Schedule
from app.service.workbench import Workbench
from models import ledger, settings
from models.ids import new_id
from models.lease import Lease, LeaseLost
from models.requests import request_run
from models.site import create_site
from models.store import Store, create_store

ROOT = Path(__file__).resolve().parents[2]
#: A worker whose job is in the ledger and never ends.
SCRIPT = """
import json, sys, time
from pathlib import Path
from models import ledger
from models.store import open_store
store = open_store(Path(sys.argv[1]))
asked = json.loads(sys.stdin.readline())
ledger.start(store, asked["job"], token=asked["token"])
time.sleep(60)
"""


class Clocks:
    """A steady clock and a wall clock that the test moves."""

    def __init__(self) -> None:
        self.steady = 100.0
        self.at = datetime.now(UTC)

    def pass_time(self, seconds: float, *, jump: float = 0.0) -> None:
        self.steady += seconds
        self.at += timedelta(seconds=seconds + jump)


class Group:
    """A process that counts cameras."""

    def tell(self, cameras: dict[str, str]) -> None:
        pass

    def ended(self) -> int | None:
        return None

    def says(self) -> str:
        return ""

    def ask_to_stop(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Desk:
    """A service's parts around a real store, with its looking done by the test."""

    def __init__(self, mall: Store) -> None:
        self.clocks = Clocks()
        self.lease = Lease(mall)
        self.lease.try_take()
        self.bench = Workbench([sys.executable, "-c", SCRIPT, str(mall.site.folder)])
        self.cameras = CameraSupervisor(mall, self.lease.token, Group)
        self.schedule = Schedule(mall, self.lease.token, self.bench, clock=lambda: self.clocks.at)
        self.rounds = Rounds(
            mall, self.lease, self.schedule, self.bench, self.cameras,
            steady=lambda: self.clocks.steady, wall=lambda: self.clocks.at,
        )  # fmt: skip
        self.schedule._scheduler.start(paused=True)

    def look(self, seconds: float = 1.0, *, jump: float = 0.0) -> None:
        self.clocks.pass_time(seconds, jump=jump)
        self.rounds.look()

    def close(self) -> None:
        self.schedule.stopping.set()
        self.bench.close()
        self.schedule.close()
        self.cameras.close()
        self.rounds.close()


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@pytest.fixture
def desk(mall: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = Desk(mall)
    yield made
    made.close()


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_person_stops_an_engine_and_the_ledger_says_so(desk: Desk, mall: Store) -> None:
    jobs = [job for job in all_jobs(mall) if job.name == "capture"]
    desk.schedule.plan(jobs)
    request_run(mall, "anna", "capture")
    desk.look()
    desk.schedule.resume()
    wait_until(lambda: ledger.runs(mall))
    run = ledger.runs(mall)[0]
    ledger.ask_to_stop(mall, "anna", run.id)
    desk.look()
    wait_until(lambda: ledger.runs(mall)[0].state != "running")
    assert (ledger.runs(mall)[0].state, ledger.runs(mall)[0].message) == ("cancelled", "a person stopped it")


def test_changed_settings_plan_the_jobs_anew(desk: Desk, mall: Store) -> None:
    desk.schedule.plan(all_jobs(mall))
    assert "backup" in desk.schedule.next_runs()
    settings.change_setting(mall, "anna", "feature.backups", False)
    desk.look()
    assert "backup" not in desk.schedule.next_runs()


def test_a_service_that_was_replaced_ends(desk: Desk, mall: Store) -> None:
    desk.look(20)
    desk.lease.release()
    Lease(mall, owner="another machine", pid=1).try_take()
    desk.look(1)
    with pytest.raises(LeaseLost):
        desk.look(20)


def test_the_lease_is_renewed_in_time(desk: Desk, mall: Store) -> None:
    with mall.read() as connection:
        before = connection.exec_driver_sql("SELECT expires_at FROM lease_row").scalar_one()
    time.sleep(0.002)
    desk.look(10)
    with mall.read() as connection:
        assert connection.exec_driver_sql("SELECT expires_at FROM lease_row").scalar_one() > before


def test_nothing_is_started_while_the_clock_is_absurd(desk: Desk) -> None:
    running, paused = 1, 2
    desk.schedule.resume()
    desk.look(5)
    assert desk.schedule._scheduler.state == running
    desk.look(5, jump=3 * 366 * 86_400.0)
    assert desk.schedule._scheduler.state == paused
    desk.look(5, jump=-3 * 366 * 86_400.0)
    assert desk.schedule._scheduler.state == running


def test_a_clock_set_back_plans_anew_and_a_jump_forward_wakes(desk: Desk, mall: Store) -> None:
    desk.schedule.plan(all_jobs(mall))
    before = desk.schedule.next_runs()["mart"]
    desk.look(5, jump=-7200)
    assert desk.schedule.next_runs()["mart"] < before
    desk.look(5, jump=7200)
    assert desk.schedule.next_runs()["mart"] <= before


def test_cameras_follow_the_site_and_the_switch(desk: Desk, mall: Store) -> None:
    with mall.write("tester", "cameras") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO camera (id, code, name, address, lines, active) VALUES (?, 'north', 'x', '0', '', 1)",
            (new_id(),),
        )
    desk.look()
    assert desk.cameras.running() == ["north"]
    settings.change_setting(mall, "anna", "feature.cameras", False)
    desk.look()
    assert desk.cameras.running() == []


def test_a_store_that_is_busy_is_looked_at_again_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.errors import Known

    def busy() -> None:
        raise Known("The store is being written by another program.")

    monkeypatch.setattr(desk.lease, "renew", busy)
    desk.look(11)
    desk.look(11)
    assert desk.cameras.running() == []
