"""The one door to OpenCV's readers, with time limits on every address."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import cv2
import numpy as np

from vision.boxes import Image

OPEN_LIMIT_MS = 5000
"""How long opening a stream may take; OpenCV's own limit is 30 seconds."""
READ_LIMIT_MS = 5000
"""How long one read may take."""

# Read by OpenCV when the first stream is opened: TCP, because UDP loses pictures and hangs newer builds
# (opencv#27091); and fatal messages only, because a damaged file writes thousands of lines.
_SETTINGS = {"OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp", "OPENCV_FFMPEG_LOGLEVEL": "8"}


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def read(self) -> tuple[bool, Any]: ...
    def get(self, number: int, /) -> float: ...
    def release(self) -> None: ...


def open_capture(spec: str) -> Capture | None:
    """A reader of a file, stream address or USB index (digits), or None where it cannot be opened."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    cv2.utils.logging.setLogLevel(2)  # errors only: a file that is no video is reported by us
    if spec.isdecimal():
        capture = cv2.VideoCapture(int(spec))
    else:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_LIMIT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_LIMIT_MS]
        capture = cv2.VideoCapture(spec, cv2.CAP_FFMPEG, limits)
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
    picture = cv2.imdecode(raw, cv2.IMREAD_COLOR) if len(raw) else None
    return None if picture is None else picture.astype(np.uint8, copy=False)


def shown(address: str) -> str:
    """A stream's address without user, password and query, which may carry a secret."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
