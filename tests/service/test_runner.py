"""The service as real processes: one at a time, taken over after a crash, stopped cleanly, gone with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.service.client import run_now, service_state, start_child, stop_run
from app.service.processes import program
from models import ledger
from models.errors import Known
from models.lease import Lease, alive, holder
from models.site import create_site
from models.store import Store, create_store

PATIENCE_SECONDS = 30.0


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@pytest.fixture
def serve(mall: Store) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = program(mall.site.folder, "service", "--lease-seconds", "3")
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def serving(mall: Store, pid: int) -> bool:
    held = holder(mall)
    return held is not None and held.pid == pid


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def ended_well(mall: Store, job: str) -> bool:
    return [run.state for run in ledger.runs(mall, job=job, limit=1)] == ["done"]


def test_a_killed_service_is_taken_over_and_leaves_nothing_running(
    mall: Store, serve: Callable[..., subprocess.Popen[str]]
) -> None:
    first = serve()
    wait_until(lambda: ended_well(mall, "capture"))
    token = holder(mall).token  # type: ignore[union-attr]
    run = ledger.start(mall, "nightly", token=token)
    left = children(first.pid)
    first.send_signal(signal.SIGKILL)
    first.wait()
    began = time.monotonic()
    second = serve()
    wait_until(lambda: serving(mall, second.pid))
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert holder(mall).token == token + 1  # type: ignore[union-attr]
    wait_until(lambda: {r.id: r.state for r in ledger.runs(mall)}[run] == "interrupted")
    wait_until(lambda: not any(alive(pid) for pid in left))


def test_a_lease_held_elsewhere_is_waited_out_and_a_clean_stop_gives_it_back(
    mall: Store, serve: Callable[..., subprocess.Popen[str]]
) -> None:
    Lease(mall, owner="another machine", pid=1, ttl_ms=1500).try_take()
    expires = holder(mall).expires_at  # type: ignore[union-attr]
    process = serve()
    wait_until(lambda: serving(mall, process.pid))
    assert holder(mall).since >= expires  # type: ignore[union-attr]
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert holder(mall) is None
    assert "running" not in {run.state for run in ledger.runs(mall)}


def test_one_service_serves_requests_and_a_second_leaves_with_a_sentence(
    mall: Store, serve: Callable[..., subprocess.Popen[str]]
) -> None:
    assert not run_now(mall, "anna", "audit")
    first = serve()
    wait_until(lambda: ended_well(mall, "capture") and ended_well(mall, "tidy"))
    state = service_state(mall)
    assert (state.running, state.pid) == (True, first.pid)
    assert all(job.next_at for job in state.jobs)
    runs = len(ledger.runs(mall, job="audit"))
    assert run_now(mall, "anna", "audit")
    wait_until(lambda: len(ledger.runs(mall, job="audit")) == runs + 1 and ended_well(mall, "audit"))
    with pytest.raises(Known, match="no job"):
        run_now(mall, "anna", "unheard-of")
    with pytest.raises(Known, match=r"not running \(done\)"):
        stop_run(mall, "anna", ledger.runs(mall, job="audit")[0].id)  # engines may be running by the clock
    second = serve()
    assert second.wait(PATIENCE_SECONDS) == 3
    assert second.stderr is not None
    assert f"already runs for this site (process {first.pid})" in second.stderr.read()


def test_a_child_ends_with_the_process_that_started_it(mall: Store) -> None:
    code = (
        "import sys; from pathlib import Path; from app.service.client import start_child; "
        "child = start_child(Path(sys.argv[1])); print(child.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(mall.site.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_until(lambda: serving(mall, pid))
    parent.kill()
    parent.communicate()
    wait_until(lambda: holder(mall) is None)


def test_the_desktop_starts_a_child_that_serves(mall: Store) -> None:
    child = start_child(mall.site.folder)
    try:
        wait_until(lambda: serving(mall, child.pid))
    finally:
        child.terminate()
        child.wait(PATIENCE_SECONDS)
    assert holder(mall) is None
