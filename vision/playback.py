"""A recording or a folder of pictures played as if it were a camera: at its own rate, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vision.capture import Capture, decoded_picture
from vision.source import PictureFolder, Recording

_LATEST_S = 1.0


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
    from there, it does not race after the time lost. Raises `Known` where the path gives no pictures.
    """

    def __init__(self, path: Path, *, loop: bool = False, fps: float = 10.0, pause: Callable[[float], object]) -> None:
        self._path, self._loop, self._fps, self._pause = path, loop, fps, pause
        self.period = 1 / fps
        self._inner = self._open()
        self._due: float | None = None
        self._given = 0

    def grab(self) -> bool:
        """Waits for the next picture's time; False at the end."""
        if not self._advance():
            return False
        now = time.monotonic()
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
