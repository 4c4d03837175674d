"""The service: one process that runs a site's jobs and cameras for as long as it holds the lease.

Its own thread only looks: at the store for requests, at the clocks, at its lease, at its children.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from app.gateway.hosting import GatewayHost, GatewayProcess
from app.service.cameras import CameraSupervisor, CountProcess, active_cameras
from app.service.clockwatch import ClockWatch
from app.service.following import Following
from app.service.hooks import Hooks
from app.service.jobs import all_jobs
from app.service.notify import tell
from app.service.processes import Parent, program
from app.service.schedule import Schedule, wall_now
from app.service.syncing import Syncing
from app.service.up_time import EVERY_SECONDS, UpTime
from app.service.workbench import Workbench
from engines.intake.actions import recover
from models import ledger, logs, settings
from models.errors import Known
from models.lease import TTL_MS, Lease, LeaseLost, ServiceLock
from models.site import load_site
from models.store import Store, open_store
from models.watching import StoreWatch, relation_version

LOG = logging.getLogger("atrium.service")
LOOK_SECONDS = 1.0


class Service:
    """A site's service. `run` returns when it is stopped, its parent ends, or another runner takes over."""

    def __init__(
        self,
        folder: Path,
        *,
        parent: int = 0,
        ttl_ms: int = TTL_MS,
        look_seconds: float = LOOK_SECONDS,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = wall_now,
    ) -> None:
        self._folder = folder
        self._parent = Parent(parent) if parent else None
        self._ttl_ms = ttl_ms
        self._look_seconds = look_seconds
        self._steady = steady
        self._wall = wall
        self._stop = threading.Event()

    def stop(self) -> None:
        """Have `run` end; safe to call from a signal handler or another thread."""
        self._stop.set()

    def run(self) -> None:
        """Serve. Raises Known where another service has the site, and LeaseLost where one has taken it over."""
        os.environ["OMP_NUM_THREADS"] = "1"
        lock = ServiceLock(load_site(self._folder))
        lock.take()
        handler = logs.start_logging(self._folder, "service")
        try:
            self._serve()
        except Known as error:
            LOG.error("%s", error)
            raise
        except Exception as error:
            LOG.error("the service ends by a fault; see %s", logs.write_crash_bundle(self._folder, error).name)
            raise
        finally:
            logs.stop_logging(handler)
            lock.release()

    def _serve(self) -> None:
        store = open_store(self._folder)
        tell("READY=1")
        try:
            lease = Lease(store, ttl_ms=self._ttl_ms)
            if not self._take(lease):
                return
            orphans = ledger.interrupt_orphans(store, lease.token)
            LOG.info("running %s under lease %d; %d runs were left open", store.site.name, lease.token, orphans)
            if half := recover(store, "service"):
                LOG.warning("%d imports that died half-way were put back", half)
            self._hold(store, lease)
        finally:
            store.close()

    def _take(self, lease: Lease) -> bool:
        """Wait for the lease of a runner that died; False when told to stop meanwhile."""
        while not lease.try_take():
            tell("WATCHDOG=1")
            if self._stop.wait(min(self._look_seconds, self._ttl_ms / 4000)):
                return False
        return True

    def _hold(self, store: Store, lease: Lease) -> None:
        bench = Workbench(program(self._folder, "worker"))
        cameras = CameraSupervisor(store, lease.token, self._start_group)
        schedule = Schedule(store, lease.token, bench, clock=self._wall)
        rounds = Rounds(store, lease, schedule, bench, cameras, steady=self._steady, wall=self._wall)
        following, syncing, hooks = Following(store, lease.token), Syncing(store), Hooks(store, lease.token)
        gateway = GatewayHost(store, self._start_gateway)
        rounds.add(0.0, gateway.look)
        try:
            schedule.start(all_jobs(store), paused=rounds.clock_is_absurd())
            following.start()
            syncing.start()
            hooks.start()
            while not (self._stop.wait(self._look_seconds) or (self._parent and self._parent.gone())):
                rounds.look()
                tell("WATCHDOG=1")
        finally:
            LOG.info("stopping")
            tell("STOPPING=1")
            gateway.close()
            following.close()
            syncing.close()
            hooks.close()
            schedule.stopping.set()
            bench.close()
            schedule.close()
            bench.close()
            cameras.close()
            lease.release()
            rounds.close()

    def _start_group(self) -> CountProcess:
        return CountProcess(program(self._folder, "cameras", "--child"))

    def _start_gateway(self) -> GatewayProcess:
        return GatewayProcess(program(self._folder, "gateway", "serve"))


class Rounds:
    """What the service looks after between jobs, each at its own pace. For one thread."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        schedule: Schedule,
        bench: Workbench,
        cameras: CameraSupervisor,
        *,
        steady: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._lease = lease
        self._schedule = schedule
        self._bench = bench
        self._cameras = cameras
        self._steady = steady
        self._watch = StoreWatch(store)
        self._clock = ClockWatch(wall=lambda: wall().timestamp(), steady=steady, known=_newest_run(store))
        self._settings = relation_version(store, "setting")
        self._up = UpTime(store)
        self._paused = False
        now = steady()
        self._rounds: list[tuple[float, Callable[[], None]]] = [
            (0.0, self._look_at_store),
            (lease.ttl_ms / 3000, self._renew),
            (5.0, self._look_at_clock),
            (5.0, bench.look),
            (0.0, self._look_at_cameras),
            (EVERY_SECONDS, self._up.write),
        ]
        self._last = [now] * len(self._rounds)

    def add(self, period: float, act: Callable[[], None]) -> None:
        """One more round, every `period` seconds; 0: each time."""
        self._rounds.append((period, act))
        self._last.append(self._steady())

    def look(self) -> None:
        """Do each round that is due. A busy store is tried again at the next; a lost lease ends the service."""
        now = self._steady()
        for n, (period, act) in enumerate(self._rounds):
            if now - self._last[n] >= period:
                self._last[n] = now
                try:
                    act()
                except LeaseLost:
                    raise
                except Known as error:
                    LOG.warning("%s", error)

    def clock_is_absurd(self) -> bool:
        """Whether the clock cannot be right, so that the schedule must not begin."""
        self._paused = self._clock.look() == "absurd"
        if self._paused:
            LOG.error("the clock is over a year before the newest run; no job is started until it is right")
        return self._paused

    def close(self) -> None:
        """Close the connection that watches the store; the up-time ends well."""
        self._watch.close()
        self._up.close()

    def _renew(self) -> None:
        self._lease.renew()

    def _look_at_store(self) -> None:
        if not self._watch.moved():
            return
        if (version := relation_version(self._store, "setting")) != self._settings:
            self._settings = version
            LOG.info("settings have changed; planning anew")
            self._schedule.plan(all_jobs(self._store))
        self._schedule.look_for_requests()
        for run, job in _to_stop(self._store, self._lease.token):
            if not (self._cameras.hold(run) or self._bench.stop(job, "cancelled", "a person stopped it")):
                LOG.info("run %d of %s will stop at its next step", run, job)

    def _look_at_clock(self) -> None:
        jump = self._clock.look()
        if jump == "absurd" and not self._paused:
            LOG.error("the clock has jumped by over a year; no job is started until it is right")
            self._schedule.pause()
        elif jump != "absurd" and self._paused:
            LOG.info("the clock is right again")
            self._schedule.resume()
        self._paused = jump == "absurd"
        if jump == "backward":
            LOG.warning("the clock was set back; planning anew")
            self._schedule.plan(all_jobs(self._store))
        elif jump == "forward":
            LOG.warning("the clock has jumped forward, as after sleep")
        if not self._paused:
            self._schedule.wakeup()

    def _look_at_cameras(self) -> None:
        wanted = active_cameras(self._store) if settings.read(self._store, "feature.cameras") else []
        self._cameras.look(wanted)


def _to_stop(store: Store, token: int) -> list[tuple[int, str]]:
    """Runs of this lease that a person has asked to stop."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, job FROM job_run WHERE state = 'running' AND cancel_requested = 1 AND token = ?", (token,)
        )
        return [(int(run), str(job)) for run, job in rows]


def _newest_run(store: Store) -> float:
    """When the newest run began, in seconds since the epoch; 0 where none did."""
    newest = ledger.runs(store, limit=1)
    return newest[0].started_at / 1000 if newest else 0.0
