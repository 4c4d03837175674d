"""Person detectors: the contract, the networks with their two runtimes, and the stated fallback."""

from __future__ import annotations

import os
from pathlib import Path

from models.errors import NotInstalled
from vision.detectors.contract import Detector, detect
from vision.detectors.runtime import RuntimeName, Size
from vision.detectors.sizes import size_for, sizes_for

__all__ = [
    "Detector",
    "RuntimeName",
    "Size",
    "choose_weights",
    "detect",
    "live_threads",
    "load_detector",
    "recording_threads",
    "size_for",
    "sizes_for",
]

_PREFERRED = ("person-detection-retail-0013", "yolox")
_OTHERS = ("face", "gender", "emotion", "attribute", "landmark", "reidentification", "ssrnet", "mivolo")


def load_detector(
    path: Path | None,
    *,
    threads: int,
    size: Size | None = None,
    runtime: RuntimeName | None = None,
    streams: int = 1,
) -> Detector:
    """The detector of a weights file (.onnx, .xml) or of a folder that holds one; None gives the fallback.

    `threads` is how many processor threads it and OpenCV may use, `size` the (width, height) of the network's
    input in multiples of 32 (by default the file's own; see `size_for`), `runtime` what runs it (by default
    OpenVINO). With one stream all threads work on one frame, which answers soonest; more `streams` work on as
    many frames at once, which is quicker for a recording whose frames are `submit`ted ahead.

    Raises `NotInstalled` where nothing is at the path and `Known` where the file is damaged, no person detector of
    a known kind, or cannot take `size`.
    """
    import cv2

    threads = max(1, threads)
    cv2.setNumThreads(threads)
    if path is None:
        from vision.detectors.motion import MotionDetector

        return MotionDetector()
    from vision.detectors.network import NetworkDetector

    chosen = choose_weights(path) if path.is_dir() else path
    if chosen is None:
        raise NotInstalled(f"The folder {path} holds no detector weights.", "Put an .onnx or .xml file into it.")
    return NetworkDetector(chosen, threads=threads, size=size, runtime=runtime, streams=min(streams, threads))


def choose_weights(folder: Path) -> Path | None:
    """The person detector to use of those in a folder and its folders, or None where it holds none.

    Permissively licensed ones come first: person-detection-retail-0013, then YOLOX (both Apache-2.0), then
    the others by name, so that a site which put in only another network uses that one. Files named for faces, their
    attributes or other work are no person detectors.
    """
    files = [each for end in ("onnx", "xml") for each in folder.rglob(f"*.{end}")]
    found = [each for each in files if not any(word in each.stem.lower() for word in _OTHERS)]

    def rank(path: Path) -> tuple[int, str]:
        places = [n for n, start in enumerate(_PREFERRED) if path.stem.lower().startswith(start)]
        return (places[0] if places else len(_PREFERRED), path.as_posix())

    return min(found, key=rank, default=None)


def recording_threads() -> int:
    """Threads for a recording, where nothing else is urgent: all processor cores but one."""
    return max(1, _cores() - 1)


def live_threads() -> int:
    """Threads beside a desktop in use: all processor cores but two."""
    return max(1, _cores() - 2)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
