"""The worker's process: what happens when it answers, dies, hangs, is stopped or idles. Real processes, no site."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from app.service.workbench import IDLE_SECONDS, Workbench, WorkerEnded

#: A worker that answers 'good', dies of 'bad' with a last word, and never ends with 'slow'.
SCRIPT = """
import json, sys, time
for line in sys.stdin:
    job = json.loads(line)["job"]
    if job == "bad":
        sys.exit("It broke.")
    if job == "slow":
        print("at it", file=sys.stderr, flush=True)
        time.sleep(60)
    print(json.dumps({"ok": job == "good", "says": job + " is done"}), flush=True)
"""


class Clock:
    """A steady clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(clock: Clock) -> Iterator[Workbench]:
    made = Workbench([sys.executable, "-c", SCRIPT], clock=clock)
    yield made
    made.close()


def run(bench: Workbench, job: str, limit: float = 100.0) -> object:
    return bench.run(job, token=1, planned_at=None, limit_seconds=limit)


def run_aside(bench: Workbench, job: str) -> tuple[threading.Thread, list[WorkerEnded]]:
    """Start a job on another thread and wait until the worker is at it."""
    ended: list[WorkerEnded] = []

    def body() -> None:
        try:
            run(bench, job)
        except WorkerEnded as error:
            ended.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    for _ in range(1000):
        if bench.job and bench.pid:
            break
        threading.Event().wait(0.005)
    return thread, ended


def test_one_process_answers_many_jobs(bench: Workbench) -> None:
    first = run(bench, "good")
    pid = bench.pid
    assert first.ok  # type: ignore[attr-defined]
    assert not run(bench, "refused").ok  # type: ignore[attr-defined]
    assert bench.pid == pid


def test_a_job_that_kills_its_process_harms_no_other(bench: Workbench) -> None:
    with pytest.raises(WorkerEnded, match=r"status 1: It broke\.") as ended:
        run(bench, "bad")
    assert ended.value.state == "failed"
    assert run(bench, "good").ok  # type: ignore[attr-defined]


def test_a_job_is_stopped_by_ending_its_process(bench: Workbench) -> None:
    thread, ended = run_aside(bench, "slow")
    assert not bench.stop("another", "cancelled", "x")
    assert bench.stop("slow", "cancelled", "a person stopped it")
    thread.join(10)
    assert (ended[0].state, ended[0].why) == ("cancelled", "a person stopped it")
    assert run(bench, "good").ok  # type: ignore[attr-defined]


def test_a_job_that_hangs_is_ended(bench: Workbench, clock: Clock) -> None:
    thread, ended = run_aside(bench, "slow")
    clock.at = 99.0
    bench.look()
    assert bench.job == "slow"
    clock.at = 101.0
    bench.look()
    thread.join(10)
    assert ended[0].state == "failed"


def test_an_idle_process_gives_its_memory_back(bench: Workbench, clock: Clock) -> None:
    run(bench, "good")
    clock.at = IDLE_SECONDS
    bench.look()
    assert bench.pid
    clock.at += 1
    bench.look()
    assert not bench.pid
    assert run(bench, "good").ok  # type: ignore[attr-defined]


def test_closing_interrupts_and_begins_nothing_more(bench: Workbench) -> None:
    thread, ended = run_aside(bench, "slow")
    bench.close()
    thread.join(10)
    assert ended[0].state == "interrupted"
    with pytest.raises(WorkerEnded, match="stopped"):
        run(bench, "good")
