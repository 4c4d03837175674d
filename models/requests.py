"""What people ask of the running service: 'run this job now'.

A request is one row of `meta` named after the job, so that asking twice before a run is asking once. The
service sees it within a second (it polls `PRAGMA data_version`), runs the job and takes the row away when
the run has ended; a request survives a crash of the service in between. One made while the job runs is
another: what it is about may have come too late for that run, so the job runs once more. Stopping a run needs no
request of its own: `ledger.ask_to_stop` marks the run.
"""

from __future__ import annotations

import json

from models.ids import new_id
from models.rights import require
from models.store import Store
from models.times import now_ms

_PREFIX = "run-now/"


def request_run(store: Store, actor: str, job: str) -> None:
    """Ask the service to run `job` now, in the name of `actor`; audited. Raises Denied without the right to run."""
    require(store, actor, "run", f"job/{job}")
    with store.write(actor, f"asking for {job}") as tx:
        tx.touch("job_run")
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_PREFIX + job, json.dumps({"actor": actor, "at": now_ms(), "id": new_id().hex()})),
        )
        tx.audit("run", f"job/{job}")


def requested(store: Store) -> list[str]:
    """The jobs that are asked for and not yet run, in alphabetical order."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT substr(name, ?) FROM meta WHERE name >= ? AND name < ? ORDER BY name",
            (len(_PREFIX) + 1, _PREFIX, _PREFIX[:-1] + "0"),
        )
        return [str(job) for (job,) in rows]


def request_of(store: Store, job: str) -> str | None:
    """The request for a job as it stands, to be answered when the run that begins now has ended."""
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_PREFIX + job,)).scalar()
    return None if found is None else str(found)


def answer_request(store: Store, job: str, request: str | None) -> None:
    """Take the request away: its run has ended. One that was made since then stays."""
    with store.write("service", f"answering a request for {job}") as tx:
        tx.touch("job_run")
        tx.connection.exec_driver_sql("DELETE FROM meta WHERE name = ? AND value = ?", (_PREFIX + job, request))
