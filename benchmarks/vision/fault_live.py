"""Faults of real processes: a supervisor, two groups, nine capture processes, a real store, cameras on this machine.

Six cameras are disturbed side by side, each by faults of its own; two of the same group never are, and show that
whatever happens to the others delays nobody. The faults of a whole group, of the service and of the store come one at
a time, while no camera has a fault of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from benchmarks.vision.fault_camera import DrillCamera, How
from benchmarks.vision.fault_disk import full, small_disk
from benchmarks.vision.fault_log import CameraLog, Fault, Judged, KeptMinute, judge_camera
from benchmarks.vision.fault_notes import Notes
from benchmarks.vision.fault_scene import door
from engines.cameras.records import remember_camera
from models.errors import Known
from models.site import create_site
from models.store import Store, create_store
from vision.config import write_config

DISTURBED = 6
CONTROLS = ("control 1", "control 2")
APART = "apart"
"""A camera of another detector, in the second group."""
OF_A_CAMERA = (
    "capture killed", "capture stopped", "cut stream", "silent server", "hung server", "garbage stream",
    "clock forward", "clock back",
)  # fmt: skip
OF_ALL = ("group killed", "disk full", "service killed", "store busy")
_STREAM: dict[str, How] = {
    "cut stream": "cut", "silent server": "silent", "hung server": "hung", "garbage stream": "garbage",
}  # fmt: skip
_STORE_BUSY_S = 14.0
_DISK_FULL_S = 9.0
_LOST_S = 2.5  # rows are given each second and written within another; a kill loses what came after
_LIMIT_S = 60.0
_START_S = 240.0
_WORKER = Path(__file__).with_name("fault_worker.py")


class Drill:
    """The processes, the cameras and the injectors."""

    def __init__(self, folder: Path, site: Path, seed: int) -> None:
        self.folder, self.site, self.seed = folder, site, seed
        self.began = time.monotonic()
        self.faults: list[Fault] = []
        self.problems: list[str] = []
        codes = [*(f"camera {n + 1}" for n in range(DISTURBED)), *CONTROLS, APART]
        self.cameras = {code: DrillCamera(n, self.began) for n, code in enumerate(codes)}
        self.store = create_store(create_site(site, name="Drill"))
        for code, camera in self.cameras.items():
            remember_camera(
                self.store, "drill", code=code, address=camera.address, lines=write_config(door(f"gate {code}")),
                detector="background-subtraction" if code != APART else "background-subtraction.",
            )  # fmt: skip
        log = folder / "notes"
        log.touch()
        os.environ["ATRIUM_DRILL_LOG"] = str(log)
        self.notes = Notes(
            log,
            {code: CameraLog(camera.walks) for code, camera in self.cameras.items()},
            {camera.port: code for code, camera in self.cameras.items()},
        )
        self._gate = threading.Condition()
        self._busy, self._closed = 0, False
        self.service = self.start_service()

    @property
    def now(self) -> float:
        """Seconds of the scene."""
        return time.monotonic() - self.began

    def start_service(self) -> subprocess.Popen[bytes]:
        """The process that supervises the groups."""
        command = [sys.executable, str(_WORKER), "supervise", str(self.site)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def run(self, count: int, kinds: Sequence[str]) -> None:
        """So many faults of these kinds; returns when all is over and every camera counts."""
        for code in self.cameras:
            self.wait_back(code, 0.0, limit_s=_START_S)
        time.sleep(5.0)
        all_, each = [k for k in OF_ALL if k in kinds], [k for k in OF_A_CAMERA if k in kinds]
        shared = [all_[n % len(all_)] for n in range(max(count // 9, 1) if each else count)] if all_ else []
        own = [each[n % len(each)] for n in range(count - len(shared))]
        Random(self.seed).shuffle(own)
        threads = [
            threading.Thread(target=self._disturb, args=(code, own[n::DISTURBED], self.seed + n))
            for n, code in enumerate(list(self.cameras)[:DISTURBED])
        ]
        for thread in threads:
            thread.start()
        for number, kind in enumerate(shared):
            self._wait_for_share(len(own), (number + 1) / (len(shared) + 1))
            with self._alone():
                self._shared(kind)
        for thread in threads:
            thread.join()
        time.sleep(8.0)

    def close(self) -> None:
        """Ends every process and camera."""
        with suppress(OSError):
            assert self.service.stdin
            self.service.stdin.close()
        self.service.wait(30)
        for camera in self.cameras.values():
            camera.close()
        self.notes.read()
        self.store.close()

    # ---- faults of one camera

    def _disturb(self, code: str, kinds: Sequence[str], seed: int) -> None:
        chance = Random(seed)
        for kind in kinds:
            time.sleep(chance.uniform(1.5, 5.0))
            with self._one_more():
                fault = self._fault(code, kind, chance)
                fault.back = self.wait_back(code, fault.end)
                self.faults.append(fault)

    def _fault(self, code: str, kind: str, chance: Random) -> Fault:
        camera, begin = self.cameras[code], self.now
        if kind.startswith("clock"):
            by = chance.randrange(70_000, 400_000) * (1 if kind == "clock forward" else -1)
            self._set_clock(camera.port, by)
            return Fault(kind, code, begin, begin, hides=False)
        if kind == "capture killed":
            os.kill(self.notes.readers[code], signal.SIGKILL)
            return Fault(kind, code, begin, self.now)
        if kind == "capture stopped":
            pid = self.notes.readers[code]
            os.kill(pid, signal.SIGSTOP)
            time.sleep(chance.uniform(3.0, 9.0))
            os.kill(pid, signal.SIGCONT)
            return Fault(kind, code, begin, self.now)
        camera.how = _STREAM[kind]
        time.sleep(chance.uniform(3.0, 10.0))
        camera.how = "well"
        return Fault(kind, code, begin, self.now)

    def _set_clock(self, port: int, by: int) -> None:
        file = self.folder / f"clock-{port}"
        before = int(file.read_text()) if file.exists() else 0
        fresh = file.with_suffix(".new")
        fresh.write_text(str(before + by))
        fresh.replace(file)

    # ---- faults of all

    def _shared(self, kind: str) -> None:
        begin = self.now
        self.notes.read()
        if kind == "group killed":
            for pid in self.notes.groups[-2:]:
                os.kill(pid, signal.SIGKILL)
            self._all_back(Fault(kind, "all", begin, self.now, lost_s=_LOST_S))
        elif kind == "service killed":
            self.service.kill()
            self.service.wait()
            time.sleep(1.0)
            self.service = self.start_service()
            self._all_back(Fault(kind, "all", begin, self.now, lost_s=_LOST_S))
        elif kind == "disk full":
            self._empty_log()
            with full(self.site):
                self._write_in_vain(_DISK_FULL_S)
            self._all_back(Fault(kind, "all", begin, self.now, hides=False))
        else:
            with self.store.write("drill", "holding the store"):
                time.sleep(_STORE_BUSY_S)
            self._all_back(Fault(kind, "all", begin, self.now, hides=False))

    def _empty_log(self) -> None:
        """Has the store's log begin anew: else there is room in it, and a full disk refuses nothing for a while."""
        connection = self.store.take_connection()
        try:
            for _ in range(40):
                if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
                    return
                time.sleep(0.1)
        finally:
            connection.close()

    def _write_in_vain(self, seconds: float) -> None:
        """Lets time pass, and sees that nothing can be written."""
        refused, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                remember_camera(self.store, "drill", code="off", address="0", lines="x" * 100_000, active=False)
            except Known:
                refused += 1
            time.sleep(1.0)
        if not refused:
            self.problems.append("the disk was never full")

    def _all_back(self, fault: Fault) -> None:
        backs = [self.wait_back(code, fault.end) for code in self.cameras]
        fault.back = None if None in backs else max(each for each in backs if each is not None)
        self.faults.append(fault)

    # ---- waiting

    def wait_back(self, code: str, seconds: float, limit_s: float = _LIMIT_S) -> float | None:
        """Waits until a camera has counted a frame that was taken after an instant."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            if (back := self.notes.back_after(code, seconds)) is not None:
                return back
            time.sleep(0.1)
        self.problems.append(f"{code} did not count again within {limit_s:g} s of {seconds:.1f} s")
        return None

    def _wait_for_share(self, own: int, share: float) -> None:
        while sum(fault.camera != "all" for fault in self.faults) < own * share:
            time.sleep(0.2)

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        """A fault of one camera, which waits while there is one of all."""
        with self._gate:
            self._gate.wait_for(lambda: not self._closed)
            self._busy += 1
        try:
            yield
        finally:
            with self._gate:
                self._busy -= 1
                self._gate.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No camera has a fault of its own."""
        with self._gate:
            self._closed = True
            self._gate.wait_for(lambda: self._busy == 0)
        time.sleep(4.0)
        try:
            yield
        finally:
            time.sleep(4.0)
            with self._gate:
                self._closed = False
                self._gate.notify_all()


def drill(
    count: int, seed: int, kinds: Sequence[str] | None = None
) -> tuple[list[Fault], dict[str, Judged], list[str]]:
    """So many faults of real processes; what else went wrong is told as sentences."""
    folder = Path(tempfile.mkdtemp(prefix="atrium-drill-"))
    os.environ["ATRIUM_KEYS"] = str(folder / "keys")
    with small_disk(folder / "disk") as disk:
        it = Drill(folder, disk / "site", seed)
        try:
            it.run(count, kinds or (*OF_A_CAMERA, *OF_ALL))
            until = it.now - 6
        finally:
            it.close()
        kept = {code: kept_minutes(disk / "site", f"gate {code}") for code in it.cameras}
    shutil.rmtree(folder, ignore_errors=True)
    judged = {
        code: judge_camera(log, [f for f in it.faults if f.camera in (code, "all")], kept[code], until)
        for code, log in it.notes.logs.items()
    }
    return it.faults, judged, it.problems


def kept_minutes(site: Path, gate: str) -> dict[int, KeptMinute]:
    """The rows of a gate as the store holds them."""
    from models.store import open_store

    store: Store = open_store(site)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT m.minute_start, m.n_in, m.n_out, m.seconds_observed FROM count_minute m "
            "JOIN gate g ON g.id = m.gate_id WHERE g.code = ?",
            (gate,),
        ).fetchall()
    store.close()
    return {start: KeptMinute(n_in, n_out, seconds) for start, n_in, n_out, seconds in rows}
