"""One runner at a time: tokens only grow, a stale runner stores nothing, a request is answered once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models import lease, ledger, requests
from models.errors import Known
from models.lease import Lease, LeaseLost, ServiceLock, alive, fence, holder
from models.site import create_site
from models.store import Store, create_store
from models.watching import StoreWatch, relation_version


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


class Clock:
    """A wall clock that stands where it is put."""

    def __init__(self, at: int = 1_000_000_000) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


def elsewhere(mall: Store, clock: Clock) -> Lease:
    """The lease of a runner on a machine whose processes cannot be seen from here."""
    return Lease(mall, owner="another machine", pid=1, clock=clock)


def test_a_second_runner_waits_until_the_lease_runs_out(mall: Store) -> None:
    clock = Clock()
    first, second = elsewhere(mall, clock), Lease(mall, clock=clock)
    assert first.try_take()
    clock.at += lease.TTL_MS - 1
    assert not second.try_take()
    clock.at += 1
    assert second.try_take()
    assert second.token == first.token + 1


def test_a_renewed_lease_is_kept(mall: Store) -> None:
    clock = Clock()
    first, second = elsewhere(mall, clock), Lease(mall, clock=clock)
    first.try_take()
    for _ in range(5):
        clock.at += 10_000
        first.renew()
        assert not second.try_take()


def test_a_runner_that_slept_through_its_lease_goes_on_unless_it_was_taken(mall: Store) -> None:
    clock = Clock()
    first, second = elsewhere(mall, clock), Lease(mall, clock=clock)
    first.try_take()
    clock.at += 3_600_000
    first.renew()
    assert not second.try_take()
    clock.at += 3_600_000
    assert second.try_take()
    with pytest.raises(LeaseLost):
        first.renew()


def test_the_lease_of_a_dead_process_of_this_machine_is_free_at_once(mall: Store) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert Lease(mall, pid=gone.pid).try_take()
    assert not alive(gone.pid)
    assert Lease(mall).try_take()


def test_a_clock_set_back_does_not_lock_the_site(mall: Store) -> None:
    clock = Clock(2_000_000_000)
    elsewhere(mall, clock).try_take()
    clock.at = 1_000_000_000
    assert Lease(mall, clock=clock).try_take()


def test_a_void_token_stores_nothing(mall: Store) -> None:
    clock = Clock()
    first, second = elsewhere(mall, clock), Lease(mall, clock=clock)
    first.try_take()
    run = ledger.start(mall, "footfall", token=first.token)
    clock.at += lease.TTL_MS
    second.try_take()
    with pytest.raises(LeaseLost), mall.write("service", "storing") as tx:
        fence(first.token)(tx)
        ledger.finish(tx, run, "done", rows=1)
    assert ledger.runs(mall)[0].state == "running"
    assert ledger.interrupt_orphans(mall, second.token) == 1
    assert ledger.runs(mall)[0].state == "interrupted"


def test_a_released_lease_is_free_and_its_token_is_never_used_again(mall: Store) -> None:
    clock = Clock()
    first = elsewhere(mall, clock)
    first.try_take()
    assert (held := holder(mall, clock=clock)) is not None
    assert (held.owner, held.since) == ("another machine", clock.at)
    first.release()
    assert holder(mall, clock=clock) is None
    second = Lease(mall, clock=clock)
    assert second.try_take()
    assert second.token == 2
    first.release()
    assert holder(mall, clock=clock) is not None


def test_a_second_service_is_told_who_runs(mall: Store) -> None:
    first, second = ServiceLock(mall.site), ServiceLock(mall.site)
    first.take()
    with pytest.raises(Known, match=r"already runs for this site \(process \d+\)"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_a_request_made_during_the_run_asks_for_another(mall: Store) -> None:
    requests.request_run(mall, "anna", "kpi")
    running = requests.request_of(mall, "kpi")
    requests.request_run(mall, "anna", "kpi")
    requests.answer_request(mall, "kpi", running)
    assert requests.requested(mall) == ["kpi"]
    requests.answer_request(mall, "kpi", requests.request_of(mall, "kpi"))
    assert requests.requested(mall) == []


def test_asking_twice_is_asking_once(mall: Store) -> None:
    watch = StoreWatch(mall)
    watch.moved()
    assert not watch.moved()
    requests.request_run(mall, "anna", "footfall")
    requests.request_run(mall, "anna", "footfall")
    requests.request_run(mall, "anna", "backup")
    assert watch.moved()
    assert requests.requested(mall) == ["backup", "footfall"]
    before = relation_version(mall, "job_run")
    requests.answer_request(mall, "footfall", requests.request_of(mall, "footfall"))
    assert requests.requested(mall) == ["backup"]
    assert relation_version(mall, "job_run") == before + 1
    watch.close()
