"""A recording or a folder of pictures played as if it were a camera: at its own rate, one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vision.capture import Capture, decoded_picture
from vision.source import PictureFolder, Recording

_LATEST_S = 1.0


class PlayClock:
    """Seconds as `time.monotonic` has them, except that they stand still while a recording is held.

    `hold` and `go_on` may be called from any thread, any number of times.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._runs = threading.Event()
        self._runs.set()
        self._since: float | None = None
        self._stood = 0.0

    def now(self) -> float:
        """Seconds without the time that was held."""
        return self._clock() - self.stood()

    def stood(self) -> float:
        """For how many seconds it has been held so far, in all."""
        with self._lock:
            return self._stood + (0.0 if self._since is None else self._clock() - self._since)

    def hold(self) -> None:
        """Stand still."""
        with self._lock:
            if self._since is None:
                self._since = self._clock()
                self._runs.clear()

    def go_on(self) -> None:
        """Run on from where it stood."""
        with self._lock:
            if self._since is not None:
                self._stood += self._clock() - self._since
                self._since = None
                self._runs.set()

    def wait(self) -> None:
        """Returns once it runs."""
        self._runs.wait()


class _Folder:
    """A folder of pictures behind the face of a reader."""

    def __init__(self, files: list[Path]) -> None:
        self._files, self._next = files, 0

    def grab(self) -> bool:
        self._next += 1
        return self._next <= len(self._files)

    def retrieve(self) -> tuple[bool, Any]:
        image = decoded_picture(self._files[self._next - 1])
        return image is not None, image

    def read(self) -> tuple[bool, Any]:
        return self.retrieve() if self.grab() else (False, None)

    def get(self, number: int, /) -> float:
        return 0.0

    def release(self) -> None:
        """Nothing is held open."""


class Playback:
    """A reader whose `grab` waits until the next picture is due; with `loop` it begins anew at the end.

    Pictures are due one period after the other. A player that was held up for more than a second goes on
    from there, it does not race after the time lost. `clock` gives seconds; time that it leaves out is no time
    of the recording. Raises `Known` where the path gives no pictures.
    """

    def __init__(
        self,
        path: Path,
        *,
        loop: bool = False,
        fps: float = 10.0,
        pause: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._loop, self._fps, self._pause, self._clock = path, loop, fps, pause, clock
        self.period = 1 / fps
        self._inner = self._open()
        self._due: float | None = None
        self._given = 0

    def grab(self) -> bool:
        """Waits for the next picture's time; False at the end."""
        if not self._advance():
            return False
        now = self._clock()
        due = now if self._due is None else max(self._due + self.period, now - _LATEST_S)
        self._due = due
        if due > now:
            self._pause(due - now)
        return True

    def retrieve(self) -> tuple[bool, Any]:
        """The picture that `grab` went to."""
        return self._inner.retrieve()

    def read(self) -> tuple[bool, Any]:
        """The next picture at its time."""
        return self.retrieve() if self.grab() else (False, None)

    def get(self, number: int, /) -> float:
        """A property of the recording."""
        return self._inner.get(number)

    def release(self) -> None:
        """Closes the recording."""
        self._inner.release()

    def _advance(self) -> bool:
        if self._inner.grab():
            self._given += 1
            return True
        if not self._loop or not self._given:
            return False
        self._inner.release()
        self._inner, self._given = self._open(), 0
        return self._inner.grab()

    def _open(self) -> Capture:
        if self._path.is_dir():
            return _Folder(PictureFolder(self._path, fps=self._fps).files)
        recording = Recording(self._path)
        self.period = recording.period
        return recording.capture
