"""The other end of a capture process: the newest frame without ever waiting, and a process kept alive.

One small thread for each camera asks its process for pictures and fills one slot. `poll` takes what lies
there and looks after the process: one that is silent for 20 seconds is asked to end, killed 10 seconds later
and started again, as Frigate's watchdog does. So a camera, a driver or a process that hangs delays nobody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from vision.backoff import BackOff
from vision.boxes import Image
from vision.source import Frame, is_live, named

SILENT_S = 20.0
"""A connected camera without a frame for so long has its process ended."""
KILL_S = 10.0
"""A process that was asked to end and has not after so long is killed."""
_FRESH_S = 0.5  # a picture that nobody took for so long is replaced by a newer one
_WELL_S = 10.0
_CLOSE_S = 3.0
_PIPE_BYTES = 1 << 20
_MOST_BYTES = 16384 * 16384 * 3


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a camera and its process are.

    `losses` and `restarts` count since the feed was made. `reason` is a sentence and `fault` its short name
    (waiting, unknown_host, silent, refused, no_video, not_there, wrong, lost, ended, process, hung), both
    empty while frames come. `state` is "waiting" before the first picture, "connected", "lost", "ended" after
    a recording's last picture, or "wrong" for a source that can never be one. `fps` is the rate at which
    pictures arrive, `width` and `height` are those of the last picture, 0 before it; `drift_ms` is how far the
    camera's clock has gained on ours since it connected, None where its pictures carry no clock.
    """

    connected: bool = False
    losses: int = 0
    restarts: int = 0
    reason: str = ""
    fps: float = 0.0
    width: int = 0
    height: int = 0
    drift_ms: int | None = None
    state: str = "waiting"
    fault: str = "waiting"


class CameraFeed:
    """A camera behind a capture process. For one thread, which calls `poll` at least once a second.

    `command` starts the process (`vision.reader`). The address goes to its standard input, never to its
    command line. A recording or a folder is played as a camera with `pace`, for ever with `loop`, a folder
    with `folder_fps` pictures a second. The process is started by the first `poll`. `clock` times the watchdog
    and the back-off; frames carry the process's own monotonic time.
    """

    def __init__(
        self,
        spec: str,
        *,
        command: Sequence[str],
        rotate: int = 0,
        longest: int = 1280,
        pace: bool = False,
        loop: bool = False,
        folder_fps: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        back_off: BackOff | None = None,
    ) -> None:
        self.name = named(spec)
        self._live = is_live(spec)
        self.health = FeedHealth(reason=f"{self.name} has not answered yet.")
        self._asked = {
            "source": spec, "rotate": rotate, "longest": longest, "pace": pace, "loop": loop, "fps": folder_fps,
        }  # fmt: skip
        self._command = [*command]
        self._clock = clock
        self._back_off = back_off or BackOff(delivered=True)  # starting a process again burdens no camera
        self._child: _Child | None = None
        self._next_start = clock()
        self._started = self._alive = self._ended_at = 0.0
        self._hung = self._killed = self._over = self._delivered = self._held = False
        self._losses = self._restarts = 0
        self._index = -1

    @property
    def ended(self) -> bool:
        """Whether no frame will ever come: a recording's end, a source that cannot be one, or `close`."""
        return self._over

    def poll(self) -> Frame | None:
        """The newest frame since the last poll, or None. Never waits.

        `Frame.index` goes on over restarts of the process and `Frame.dropped` counts the pictures that
        arrived in between; what was lost while the camera was away is in neither.
        """
        now = self._clock()
        child = self._child
        if child is None:
            if not self._over and now >= self._next_start:
                self._start(now)
            return None
        taken = child.take()
        if taken:
            return self._frame(taken, now)
        self._look(child, now)
        return None

    def pause(self) -> None:
        """Lets a recording stand still until `resume`; a camera goes on. May be called from any thread."""
        if not self._live:
            self._held = True
            self._tell(b"pause\n")

    def resume(self) -> None:
        """Lets a recording go on, its time too. May be called from any thread."""
        if self._held:
            self._held = False
            self._tell(b"resume\n")

    def ask_to_stop(self) -> None:
        """Tells the process to end and returns at once; `close` then has less to wait for."""
        self._over = True
        if self._child:
            self._child.ask_to_stop()

    def close(self) -> None:
        """Ends the process, by force after three seconds."""
        self.ask_to_stop()
        if self._child:
            self._child.close(_CLOSE_S)
            self._child = None

    @property
    def pid(self) -> int | None:
        """The number of the capture process, None while there is none."""
        return self._child.pid if self._child else None

    def _start(self, now: float) -> None:
        try:
            self._child = _Child(self._command, {**self._asked, "delivered": self._delivered})
        except OSError as error:
            reason = f"The reading process of {self.name} cannot be started: {error.strerror}."
            self._later(now, reason, "process")
            return
        if self._held:
            self._tell(b"pause\n")
        self._started = self._alive = now
        self._hung = self._killed = False

    def _tell(self, word: bytes) -> None:
        child = self._child
        if child:
            child.tell(word)

    def _frame(self, taken: _Taken, now: float) -> Frame:
        header, image = taken
        self._alive = now
        self._delivered = True
        if now - self._started >= _WELL_S:
            self._back_off.well()
        self._index += 1 + header["dropped"]
        self._note(header)
        return Frame(self._index, header["seconds"], header["at_ms"], image, header["dropped"])

    def _look(self, child: _Child, now: float) -> None:
        """Nothing came: what the process says of it, and whether it still lives."""
        if self._held:
            self._alive = now
        if header := child.heard():
            if not header["connected"]:
                self._alive = now  # it waits for its camera
            self._note(header)
            if header["state"] in ("ended", "wrong"):
                self._over = True
                child.ask_to_stop()
        if (status := child.status()) is not None:
            self._gone(child, status, now)
        elif self._hung:
            if not self._killed and now - self._ended_at >= KILL_S:
                self._killed = True
                child.kill()
        elif now - self._alive >= SILENT_S and not self._over:
            self._hung, self._ended_at = True, now
            self._say(f"{self.name} has been silent for {SILENT_S:g} seconds; its reading is started again.", "hung")
            child.terminate()

    def _gone(self, child: _Child, status: int, now: float) -> None:
        """The process has ended."""
        child.close(0)
        self._child = None
        if self._over:
            return
        self._losses = self.health.losses + self.health.connected
        self._restarts += 1
        if self._hung:
            self._later(now, self.health.reason, "hung")
        else:
            self._later(now, f"The reading process of {self.name} ended ({status}); it is started again.", "process")

    def _later(self, now: float, reason: str, fault: str) -> None:
        self._next_start = now + self._back_off.wait_s(now)
        self._say(reason, fault)

    def _say(self, reason: str, fault: str) -> None:
        before = self.health
        self._losses = max(self._losses, before.losses + before.connected)
        self.health = FeedHealth(
            False, self._losses, self._restarts, reason, 0.0, before.width, before.height, None,
            "lost" if self._delivered else "waiting", fault,
        )  # fmt: skip

    def _note(self, header: dict[str, Any]) -> None:
        if self._hung:
            return
        before = self.health
        self.health = FeedHealth(
            header["connected"], self._losses + header["losses"], self._restarts, header["reason"], header["fps"],
            header["width"] or before.width, header["height"] or before.height, header["drift_ms"],
            header["state"], header["fault"],
        )  # fmt: skip


_Taken = tuple[dict[str, Any], Image]


class _Child:
    """A capture process and the thread that asks it for pictures."""

    def __init__(self, command: Sequence[str], asked: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            process_group=0 if os.name == "posix" else None,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.pid = self._process.pid
        self._lock = threading.Lock()
        self._slot: _Taken | None = None
        self._heard: dict[str, Any] | None = None
        self._taken = threading.Event()
        self._words: list[bytes] = []
        self._thread = threading.Thread(target=self._ask, args=(asked,), name="feed", daemon=True)
        self._thread.start()

    def take(self) -> _Taken | None:
        """The newest picture, once."""
        with self._lock:
            taken, self._slot = self._slot, None
        if taken:
            self._taken.set()
        return taken

    def tell(self, word: bytes) -> None:
        """Says a word without an answer with the next request, which comes at once."""
        with self._lock:
            self._words.append(word)
        self._taken.set()

    def heard(self) -> dict[str, Any] | None:
        """The newest answer without a picture, once."""
        with self._lock:
            heard, self._heard = self._heard, None
            return heard

    def status(self) -> int | None:
        """The process's exit status once all its answers are read, None before."""
        return None if self._thread.is_alive() else self._process.poll()

    def ask_to_stop(self) -> None:
        """Closes its standard input, by which it ends."""
        stdin = self._process.stdin
        if stdin:
            with suppress(OSError, ValueError):  # it died with a request half-written
                stdin.close()

    def terminate(self) -> None:
        """Asks the system to end it."""
        self._process.terminate()

    def kill(self) -> None:
        """Ends it by force."""
        self._process.kill()

    def close(self, grace_s: float) -> None:
        """Ends it, by force after the grace, and lets go of its pipes."""
        self.ask_to_stop()
        self._taken.set()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        if self._process.stdout:
            self._process.stdout.close()

    def _ask(self, asked: dict[str, Any]) -> None:
        """Asks for a picture whenever the slot is empty or what lies there has aged."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        _widen(stdout)
        try:
            stdin.write(json.dumps(asked).encode() + b"\n")
            while True:
                stdin.write(self._said() + b"next\n")
                stdin.flush()
                if not self._receive(stdout):
                    self._process.terminate()
                    return
                if self._slot:
                    self._taken.wait(_FRESH_S)
                    self._taken.clear()
        except (OSError, ValueError):
            return  # the process has ended, or the feed was closed
        finally:
            self.ask_to_stop()

    def _said(self) -> bytes:
        """The words to say, once."""
        with self._lock:
            words, self._words = self._words, []
            return b"".join(words)

    def _receive(self, stdout: IO[bytes]) -> bool:
        """Reads one answer; False where the process ended or answered something else."""
        header = _header(stdout.readline())
        if header is None:
            return False
        image = _picture(stdout, header)
        if header["bytes"] and image is None:
            return False
        with self._lock:
            if image is None:
                self._heard = header
                return True
            if self._slot:
                header["dropped"] += self._slot[0]["dropped"] + 1
            self._slot = (header, image)
        return True


def _header(line: bytes) -> dict[str, Any] | None:
    """The checked header of an answer, None where it is none."""
    try:
        header = json.loads(line)
        height, width, size = header["height"], header["width"], header["bytes"]
    except (ValueError, TypeError, KeyError):
        return None
    sound = 0 <= size <= _MOST_BYTES and size in (0, width * height * 3)
    return header if sound else None


def _picture(stdout: IO[bytes], header: dict[str, Any]) -> Image | None:
    if not header["bytes"]:
        return None
    image = np.empty((header["height"], header["width"], 3), np.uint8)
    left = image.data.cast("B")
    while left:
        count = stdout.readinto(left)  # type: ignore[attr-defined]
        if not count:
            return None
        left = left[count:]
    return image


def _widen(pipe: IO[bytes]) -> None:
    """A pipe that holds a whole picture takes a twentieth of the switches between the two processes."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # the system allows no more
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
