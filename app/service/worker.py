"""The worker: a child process of the service in which engines run.

Why a process of its own: an engine that crashes, is killed, hangs or fills the memory takes no other
job with it; stopping one is ending its process, because a pure function has no place where it could
look whether it should stop; the memory that DuckDB and the libraries took is given back when it ends.
Why one process and not one a run: starting Python and the libraries costs seconds of processor time,
and a dozen engines are due in the same minute. It ends when it has been idle for a minute.

It reads one JSON line a job from standard input, {"job", "token", "planned_at"}, and answers each
with one on standard output: {"ok": true, "rows", "seconds", "says"} or {"ok": false, "says"}. A bug in
an engine ends the worker with its traceback. The end of standard input ends it at once: the service
is gone, and a half-done job is rolled back by the store.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import TextIO

from app.service.jobs import job_named
from app.service.running import execute
from models import logs
from models.errors import Cancelled, Known
from models.store import Store, open_store


def work(site_folder: Path) -> int:
    """Serve jobs until standard input ends; the exit status."""
    answers = _own_output()
    handler = logs.start_logging(site_folder, "worker")
    store = open_store(site_folder)
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), name="worker-input", daemon=True).start()
    try:
        while True:
            request = json.loads(asked.get())
            answers.write(json.dumps(_answer(store, request), ensure_ascii=False) + "\n")
            answers.flush()
    except Exception as error:
        logs.write_crash_bundle(site_folder, error)
        raise
    finally:
        store.close()
        logs.stop_logging(handler)


def _answer(store: Store, request: dict[str, object]) -> dict[str, object]:
    try:
        planned = request["planned_at"]
        done = execute(
            store,
            job_named(store, str(request["job"])),
            token=int(str(request["token"])),
            planned_at=None if planned is None else int(str(planned)),
        )
    except (Known, Cancelled) as error:
        return {"ok": False, "says": str(error)}
    return {"ok": True, "rows": done.rows, "seconds": done.seconds, "says": done.says}


def _listen(asked: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)


def _own_output() -> TextIO:
    """Standard output for answers alone: what a library prints goes to standard error instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers
