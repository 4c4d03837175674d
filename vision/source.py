"""Where frames come from: recordings and folders of pictures here, cameras in `vision.feed`.

A recording is read whole, every frame at full rate; a camera gives its newest frame and drops the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.errors import Known
from vision.boxes import Image
from vision.capture import check_turn, decoded_picture, open_capture, property_of, shown, turned

Stop = Callable[[], bool]

_ADDRESS = re.compile(r"^(rtsps?|rtmps?|https?|udp|tcp)://", re.IGNORECASE)
_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
_USUAL_FPS = 25.0
_MOST_FPS = 1000.0
_SLACK_S = 60.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    `index` is 0-based in the order that the source gave its frames, dropped ones included. `seconds` never
    goes back: time since the start of a recording, or a monotonic clock for a camera. `at_ms` is the
    picture's instant, UTC milliseconds. `image` is (height, width, 3) uint8, blue first. `dropped` is how
    many frames were passed over since the frame before.
    """

    index: int
    seconds: float
    at_ms: int
    image: Image
    dropped: int = 0


class Source(Protocol):
    """Gives frames. `expected` is how many the file's header promises, None where nothing does; `period` is
    the usual time between two frames in seconds."""

    name: str
    expected: int | None
    period: float

    def frames(self, stop: Stop) -> Iterator[Frame]:
        """The frames in order, until the source ends or `stop()` is true."""
        ...

    def close(self) -> None:
        """Lets go of the file or camera; frames already given stay valid."""
        ...


def is_live(spec: str) -> bool:
    """Whether a source is a camera: a USB index (digits) or a stream address; anything else is a path."""
    return spec.isdecimal() or bool(_ADDRESS.match(spec))


def open_source(
    spec: str, *, start_at_ms: int | None = None, folder_fps: float = 10.0, rotate: int = 0
) -> Recording | PictureFolder:
    """Opens a recording or a folder of pictures.

    `start_at_ms` is a recording's first instant; without it the file's time of change less its length.
    `rotate` turns a recording's or folder's pictures clockwise by 0, 90, 180 or 270 degrees, after the
    turn that a phone writes into its own recordings.
    Raises `Known` where it is missing, empty or not a video, and for a camera, which `vision.feed` reads.
    """
    if is_live(spec):
        raise Known(f"{named(spec)} is a camera, not a recording.", "Count it with watch, or add it on Live.")
    path = Path(spec)
    if path.is_dir():
        return PictureFolder(path, fps=folder_fps, start_at_ms=start_at_ms, rotate=rotate)
    return Recording(path, start_at_ms=start_at_ms, rotate=rotate)


class Recording:
    """A video file, read from the first frame to the last that can be decoded."""

    def __init__(self, path: Path, *, start_at_ms: int | None = None, rotate: int = 0) -> None:
        self._rotate = check_turn(rotate)
        if not path.is_file():
            raise Known(f"There is no recording {path}.", "Give the path of a video file, or a camera's address.")
        self.name = path.name
        capture = open_capture(str(path))
        if capture is None:
            raise Known(f"{path.name} is not a video that can be read.", "Give an MP4, AVI, MKV or MOV file.")
        self.capture = capture
        fps = property_of(capture, "FPS")
        self.period = 1 / fps if 0 < fps <= _MOST_FPS else 1 / _USUAL_FPS
        frames = property_of(capture, "FRAME_COUNT")
        self.expected = round(frames) if 0 < frames < 1e9 else None
        self.estimated = not _tells_frames(path)
        """Whether `expected` is no more than the length by the usual rate, which a variable rate does not keep."""
        if start_at_ms is None:
            start_at_ms = round(path.stat().st_mtime * 1000 - (self.expected or 0) * self.period * 1000)
        self.start_at_ms = start_at_ms

    def frames(self, stop: Stop) -> Iterator[Frame]:
        """Every frame that can be decoded."""
        first: float | None = None
        seconds = -self.period
        index = 0
        while not stop():
            good, image = self.capture.read()
            if not good:
                return
            stamp = property_of(self.capture, "POS_MSEC") / 1000
            first = stamp if first is None else first
            seconds = self._sound(stamp - first, seconds, index)
            yield Frame(index, seconds, self.start_at_ms + round(seconds * 1000), turned(image, self._rotate))
            index += 1

    def close(self) -> None:
        """Closes the file."""
        self.capture.release()

    def _sound(self, stamp: float, before: float, index: int) -> float:
        """The frame's time: its own stamp, or one period after the frame before where the stamp stands
        still, goes back (a file's last frames often read 0) or lies far beyond the file's length."""
        latest = max(self.expected or 0, index + 1) * self.period + _SLACK_S
        if math.isfinite(stamp) and before < stamp <= latest:
            return stamp
        return before + self.period


class PictureFolder:
    """A folder of pictures in the order of their names' numbers, `fps` a second."""

    def __init__(self, path: Path, *, fps: float, start_at_ms: int | None = None, rotate: int = 0) -> None:
        self._rotate = check_turn(rotate)
        self.name = path.name
        self.files = sorted((each for each in path.iterdir() if each.suffix.lower() in _PICTURES), key=_natural)
        if not self.files:
            raise Known(f"The folder {path} holds no pictures.", "Give a folder of JPEG or PNG files, or a video.")
        self.period = 1 / fps
        self.expected: int | None = len(self.files)
        if start_at_ms is None:
            last = self.files[-1].stat().st_mtime
            start_at_ms = round((last - len(self.files) * self.period) * 1000)
        self.start_at_ms = start_at_ms

    def frames(self, stop: Stop) -> Iterator[Frame]:
        """Every picture that can be read; one that cannot leaves its place empty."""
        for index, path in enumerate(self.files):
            if stop():
                return
            image = decoded_picture(path)
            if image is not None:
                seconds = index * self.period
                yield Frame(index, seconds, self.start_at_ms + round(seconds * 1000), turned(image, self._rotate))

    def close(self) -> None:
        """Nothing is held open."""


def _tells_frames(path: Path) -> bool:
    """Whether the file's kind announces its number of frames: MP4, MOV and AVI do; MKV, WebM, TS and FLV do not."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip") or head[8:12] == b"AVI "


def named(spec: str) -> str:
    """A source as people may see it: an address without its user and password, a path's last part."""
    if spec.isdecimal():
        return f"camera {spec}"
    return shown(spec) if is_live(spec) else Path(spec).name


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """Sorts frame2 before frame10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
