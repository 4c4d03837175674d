"""`service`: run the site's jobs and cameras. `jobs`: the schedule and its ledger, run one now, stop one."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.cli.actor import actor
from app.cli.entry import at_least_one, say, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from app.service.client import JobState, ServiceState
    from models.ledger import Run


def register(commands: Any) -> None:
    """Add `service`, `jobs` and, for the service itself, `worker`."""
    service = commands.add_parser("service", help="run the site's jobs and cameras until stopped")
    service.add_argument("--child", type=int, default=0, metavar="PID", help="end when this process ends")
    service.add_argument("--install", action="store_true", help="have this machine run it from its start on")
    service.add_argument("--uninstall", action="store_true", help="take that back; the site stays")
    service.add_argument("--user", help="with --install: the account that it runs as (default: yours)")
    service.add_argument("--dry-run", action="store_true", help="with --install: show the definition and do nothing")
    service.add_argument("--for", dest="system", choices=("systemd", "windows"), help=argparse.SUPPRESS)
    service.add_argument("--lease-seconds", type=float, default=30.0, help=argparse.SUPPRESS)
    service.set_defaults(run=run_service)
    worker = commands.add_parser("worker")
    worker.set_defaults(run=run_worker)
    jobs = commands.add_parser("jobs", help="the schedule and its ledger; run a job now, or stop a run")
    jobs.add_argument("action", nargs="?", choices=("run", "stop"), help="run NAME now, or stop a run by its number")
    jobs.add_argument("target", nargs="?", metavar="NAME|RUN")
    jobs.add_argument("--limit", type=at_least_one, default=20, help="how many runs to show")
    jobs.set_defaults(run=run_jobs)


def run_service(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Serve until stopped, or have the machine do so."""
    if options.install or options.uninstall:
        return _install(options)
    from app.service.processes import on_stop_signal
    from app.service.runner import Service

    service = Service(site_folder(options), parent=options.child, ttl_ms=int(options.lease_seconds * 1000))
    on_stop_signal(service.stop)
    say("The service runs. Stop it with Ctrl+C.")
    service.run()
    return {"stopped": True}, "The service has stopped."


def _install(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Install or remove the system's service, or show the definition."""
    from app.service import unit

    folder = site_folder(options)
    if options.dry_run or options.system:
        facts = unit.facts_of(folder, options.user)
        system = {"windows": "win32", "systemd": "linux", None: sys.platform}[options.system]
        path, text = unit.definition(facts if system != "win32" else replace(facts, user=options.user or ""), system)
        does = "removed" if options.uninstall else "written"
        return {"file": str(path), "text": text, "done": False}, f"# {path} would be {does}:\n{text}"
    done = unit.uninstall_service(folder) if options.uninstall else unit.install_service(folder, options.user)
    return asdict(done), done.says


def run_worker(options: argparse.Namespace) -> None:
    """Serve the service's jobs from standard input."""
    from app.service.worker import work

    work(site_folder(options))


def run_jobs(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Show the schedule and the newest runs, or do what the action says."""
    store = open_store(site_folder(options))
    try:
        if options.action is None:
            return _show(store, options.limit)
        if not options.target:
            raise Known(
                f"What should be {options.action}?", "Give a job's name to run, a run's number to stop.", code=2
            )
        return _run_one(store, options.target) if options.action == "run" else _stop(store, options.target)
    finally:
        store.close()


def _run_one(store: Store, name: str) -> tuple[dict[str, Any], str]:
    """Have the service run the job, or run it here where there is no service."""
    from app.service.client import run_now
    from app.service.jobs import job_named
    from app.service.running import execute

    if run_now(store, actor(store), name):
        return {"job": name, "asked": True}, f"The service will run {name} now."
    done = execute(store, job_named(store, name))
    return {**asdict(done), "asked": False}, f"{name}: {done.says}, in {done.seconds:.1f} s."


def _stop(store: Store, target: str) -> tuple[dict[str, Any], str]:
    from app.service.client import stop_run

    if not target.isdecimal():
        raise Known(f"'{target}' is no run's number.", "Run: python main.py jobs", code=2)
    stop_run(store, actor(store), int(target))
    return {"run": int(target), "stopping": True}, f"Run {target} has been asked to stop."


def _show(store: Store, limit: int) -> tuple[dict[str, Any], str]:
    from app.service.client import service_state
    from models import ledger

    state, runs = service_state(store), ledger.runs(store, limit=limit)
    service = {"running": state.running, "owner": state.owner, "pid": state.pid, "since": state.since}
    document = {"service": service, "jobs": [asdict(job) for job in state.jobs], "runs": [asdict(run) for run in runs]}
    return document, _text(state, runs, store.site.zone)


def _text(state: ServiceState, runs: list[Run], zone: ZoneInfo) -> str:
    head = (
        f"The service runs on {state.owner}, process {state.pid}, since {_local(state.since, zone)}."
        if state.running
        else "No service runs; start one with: python main.py service"
    )
    jobs = [_job_line(job, zone) for job in state.jobs]
    lines = [
        f"{run.id:>6}  {_local(run.started_at, zone)}  {run.job:<20} {run.state:<11} {run.message or ''}".rstrip()
        for run in runs
    ]
    return "\n".join([head, "", "Schedule", *jobs, "", "Runs", *(lines or ["none yet"])])


def _job_line(job: JobState, zone: ZoneInfo) -> str:
    due = (
        "running" if job.running else "asked for" if job.asked else _local(job.next_at, zone) if job.next_at else "off"
    )
    last = f"last {job.last.state} {_local(job.last.started_at, zone)}" if job.last else "never run"
    return f"  {job.name:<20} {job.every:<6} next {due:<17} {last}"


def _local(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
