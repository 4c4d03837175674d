"""The one door to OpenCV's readers, with time limits on every address."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import cv2
import numpy as np

from models.errors import Known
from vision.boxes import Image

OPEN_LIMIT_MS = 5000
"""How long opening a stream may take; OpenCV's own limit is 30 seconds."""
READ_LIMIT_MS = 5000
"""How long one read may take."""

# Read by OpenCV when the first stream is opened. TCP, because UDP loses pictures and hangs newer builds
# (opencv#27091). No messages of FFmpeg, because a damaged file writes thousands of lines and an address may
# hold a password. Media Foundation's transforms make opening a USB camera on Windows take half a minute.
_SETTINGS = {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
}
_SILENT = 0
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`; `read` is `grab`, then `retrieve`, which alone converts the picture."""

    def read(self) -> tuple[bool, Any]: ...
    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def get(self, number: int, /) -> float: ...
    def release(self) -> None: ...


def open_capture(spec: str) -> Capture | None:
    """A reader of a file, stream address or USB index (digits), or None where it cannot be opened.

    It decodes on one thread, which costs two fifths less processor time than FFmpeg's choice of one a core.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    cv2.utils.logging.setLogLevel(_SILENT)  # what cannot be read is reported by us
    if spec.isdecimal():
        capture = cv2.VideoCapture(int(spec))
    else:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_LIMIT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_LIMIT_MS]
        capture = cv2.VideoCapture(spec, cv2.CAP_FFMPEG, [*limits, cv2.CAP_PROP_N_THREADS, 1])
    if capture.isOpened():
        return capture
    capture.release()
    return None


def property_of(capture: Capture, name: str) -> float:
    """A property by OpenCV's name without CAP_PROP_, as in "FPS"; 0 where it is not known."""
    value = capture.get(getattr(cv2, f"CAP_PROP_{name}"))
    return value if np.isfinite(value) else 0.0


def decoded_picture(path: Path) -> Image | None:
    """A picture file as (height, width, 3) uint8, blue first, or None where it cannot be decoded."""
    raw = np.fromfile(path, np.uint8)  # imread cannot open every path on Windows
    try:
        picture = cv2.imdecode(raw, cv2.IMREAD_COLOR) if len(raw) else None
    except cv2.error:  # a header that announces more pixels than OpenCV allows
        return None
    return None if picture is None else picture.astype(np.uint8, copy=False)


def turned(image: Image, degrees: int) -> Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return cv2.rotate(image, _TURNS[degrees]).astype(np.uint8, copy=False) if degrees else image


def check_turn(degrees: int) -> int:
    """`degrees` where it is a quarter turn, else `Known`."""
    if degrees not in (0, *_TURNS):
        raise Known(f"A picture cannot be turned by {degrees} degrees.", "Give 0, 90, 180 or 270.")
    return degrees


def shrunk(image: Image, longest: int) -> Image:
    """The picture scaled down so that its greater side is at most `longest` pixels; smaller ones as they are."""
    height, width = image.shape[:2]
    factor = longest / max(height, width)
    if factor >= 1:
        return image
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    # Averaging costs five times more and shows no difference until several pixels become one.
    how = cv2.INTER_LINEAR if factor >= 0.5 else cv2.INTER_AREA
    return cv2.resize(image, size, interpolation=how).astype(np.uint8, copy=False)


def shown(address: str) -> str:
    """A stream's address without user, password and query, which may carry a secret."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "an address that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
