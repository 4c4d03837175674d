"""Person detectors: the contract, the network runtime and the stated fallback."""

from __future__ import annotations

import os
from pathlib import Path

from models.errors import NotInstalled
from vision.detectors.contract import Detector, detect

__all__ = ["Detector", "choose_weights", "detect", "live_threads", "load_detector", "recording_threads"]

_PREFERRED = ("person-detection-retail-0013", "yolox")


def load_detector(path: Path | None, *, threads: int) -> Detector:
    """The detector of a weights file (.onnx, .xml) or of a folder that holds one; None gives the fallback.

    `threads` is how many processor threads it and OpenCV may use. Raises `NotInstalled` where nothing is at the path
    and `Known` where the file is damaged or no person detector of a known kind.
    """
    import cv2

    threads = max(1, threads)
    cv2.setNumThreads(threads)
    if path is None:
        from vision.detectors.motion import MotionDetector

        return MotionDetector()
    from vision.detectors.network import NetworkDetector

    if not path.is_dir():
        return NetworkDetector(path, threads=threads)
    chosen = choose_weights(path)
    if chosen is None:
        raise NotInstalled(f"The folder {path} holds no detector weights.", "Put an .onnx or .xml file into it.")
    return NetworkDetector(chosen, threads=threads)


def choose_weights(folder: Path) -> Path | None:
    """The person detector to use of those in a folder and its folders, or None where it holds none.

    Permissively licensed ones come first: person-detection-retail-0013, then YOLOX (both Apache-2.0), then
    the others by name, so that a site which put in only another network uses that one.
    """
    found = [each for end in ("onnx", "xml") for each in folder.rglob(f"*.{end}") if "face" not in each.stem]

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
