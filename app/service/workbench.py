"""The service's side of the worker: hands it jobs one by one, ends it when it hangs, idles or is told to stop."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.service.processes import GRACE_SECONDS, last_words, start_process, stop_process

IDLE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What the worker said of a job: `ok` and a sentence."""

    ok: bool
    says: str


class WorkerEnded(Exception):
    """The worker ended before the job did. `state` is what the ledger should say, `why` a sentence."""

    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why


class Workbench:
    """One worker process, started when there is work. `run` is for one thread, the rest for any."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._clock = clock
        self._guard = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._words: Callable[[], str] = str
        self._job = ""
        self._deadline = 0.0
        self._idle_since = clock()
        self._ended: tuple[str, str] | None = None
        self._closed = False

    @property
    def job(self) -> str:
        """The job that the worker is at; empty when it is at none."""
        return self._job

    @property
    def pid(self) -> int:
        """The worker's process; 0 where there is none."""
        return self._process.pid if self._process else 0

    def run(self, job: str, *, token: int, planned_at: int | None, limit_seconds: float) -> Answer:
        """Have the worker run the job and wait for its answer. Raises WorkerEnded where it gives none."""
        process = self._begin(job, limit_seconds)
        try:
            line = self._ask(process, {"job": job, "token": token, "planned_at": planned_at})
            if not line:
                raise self._what_happened(process)
            answer = json.loads(line)
            return Answer(bool(answer["ok"]), str(answer["says"]))
        finally:
            with self._guard:
                self._job, self._idle_since = "", self._clock()

    def stop(self, job: str, state: str, why: str) -> bool:
        """End the worker if it is at `job`; the run's state becomes `state`. False where it is not."""
        with self._guard:
            if not job or self._job != job or self._process is None:
                return False
            self._ended = (state, why)
            self._process.kill()
            return True

    def look(self) -> None:
        """End a worker that is over its time, or has been idle for a minute. Called every few seconds."""
        now = self._clock()
        if self._job and now > self._deadline:
            self.stop(self._job, "failed", "it took far longer than it should and was ended")
        with self._guard:
            if self._process and not self._job and now - self._idle_since > IDLE_SECONDS:
                self._end(self._process)

    def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """End the worker for good; a job that it is at is interrupted, and none is begun any more."""
        with self._guard:
            self._closed = True
        self.stop(self._job, "interrupted", "the service was stopped")
        with self._guard:
            if self._process and not self._job:
                self._end(self._process, grace_seconds)

    def _begin(self, job: str, limit_seconds: float) -> subprocess.Popen[str]:
        with self._guard:
            if self._closed:
                raise WorkerEnded("interrupted", "the service was stopped")
            if self._process and self._process.poll() is not None:
                self._end(self._process)
            if self._process is None:
                self._process = start_process(self._command, answers=True)
                self._words = last_words(self._process)
            self._job, self._ended = job, None
            self._deadline = self._clock() + limit_seconds
            return self._process

    def _ask(self, process: subprocess.Popen[str], request: dict[str, object]) -> str:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the worker was started without pipes")
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            return ""
        return process.stdout.readline()

    def _what_happened(self, process: subprocess.Popen[str]) -> WorkerEnded:
        code = process.wait()
        said = self._words()
        with self._guard:
            self._end(process)
            state, why = self._ended or ("failed", f"its process ended with status {code}{': ' if said else ''}{said}")
        return WorkerEnded(state, why)

    def _end(self, process: subprocess.Popen[str], grace_seconds: float = GRACE_SECONDS) -> None:
        """Collect the process and close its pipes. The guard is held."""
        stop_process(process, grace_seconds=grace_seconds)
        self._words()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
        self._process = None
