"""Which input and runtime this machine can afford: each is run for a moment, and the largest that keeps up is chosen.

Every weights file is tried in a process of its own, so that its memory is its own and a file that brings a
runtime down brings down nothing else.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from models.errors import Known
from vision.detectors.runtime import RuntimeName, Size
from vision.detectors.sizes import sizes_for, usual_pixels

HEADROOM = 0.7
"""Share of the measured rate that is planned with: decoding, tracking and the desktop need the rest."""

_LEAST_FRAMES = 5
_WARM = 2
_LARGEST = 2.0  # times the pixels that weights were made for: beyond, people near the camera are too large for them
_SMALLEST = 0.2


@dataclass(frozen=True, slots=True)
class Trial:
    """What one input cost: `ms` the median milliseconds of a frame from picture to boxes, `per_core` frames for
    each second of processor time, `memory` the most bytes that the process held (libraries included)."""

    weights: Path
    runtime: RuntimeName
    size: Size
    ms: float
    per_core: float
    memory: int

    @property
    def rate(self) -> float:
        """Frames a second, one after the other."""
        return 1000 / self.ms


def trials(weights: Sequence[Path], picture: Size, *, threads: int, seconds: float = 1.0) -> list[Trial]:
    """Runs each weights file on `threads` processor threads at inputs of the shape of `picture` (width, height), each
    for about `seconds`, by each runtime that can. Raises `Known` where none of the files can be run."""
    found: list[Trial] = []
    faults: list[Known] = []
    for path in weights:
        runtimes: tuple[RuntimeName, ...] = ("openvino", "onnxruntime") if path.suffix == ".onnx" else ("openvino",)
        for runtime in runtimes:
            try:
                found += _apart(path, runtime, picture, threads, seconds)
            except Known as fault:
                faults.append(fault)
    if not found:
        raise faults[0] if faults else Known("There are no weights to try.", "Run: python main.py weights add FILE")
    return found


def choose(found: Sequence[Trial], cameras: int, fps: float) -> Trial | None:
    """The trial of the largest input that analyses `cameras` at `fps` frames a second each within the headroom; of
    equal inputs the quickest. None where not even the quickest keeps up."""
    able = [trial for trial in found if trial.rate * HEADROOM >= cameras * fps]
    return max(able, key=lambda trial: (trial.size[0] * trial.size[1], trial.rate), default=None)


def _apart(path: Path, runtime: RuntimeName, picture: Size, threads: int, seconds: float) -> list[Trial]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            done, fault = pool.submit(_try, path, runtime, picture, threads, seconds).result()
        except BrokenProcessPool as error:
            raise Known(f"{path.name} ended {runtime} itself: it is damaged.", "Get the file again.") from error
    if fault and not done:
        raise Known(*fault)
    return done


def _try(
    path: Path, runtime: RuntimeName, picture: Size, threads: int, seconds: float
) -> tuple[list[Trial], tuple[str, str] | None]:
    """One file's trials from small to large, and why one that cannot be run cannot."""
    from vision.detectors.network import NetworkDetector

    done: list[Trial] = []
    fault = None
    for size in _inputs(path, picture, runtime):
        try:
            detector = NetworkDetector(path, threads=threads, size=size, runtime=runtime)
        except Known as error:
            fault = (error.sentence, error.step)
            continue
        if any(trial.size == detector.size for trial in done):
            continue
        ms, per_core = _timed(detector, picture, seconds)
        done.append(Trial(path, runtime, detector.size, ms, per_core, _memory()))
    return done, fault


def _inputs(path: Path, picture: Size, runtime: RuntimeName) -> list[Size | None]:
    """The inputs to try; None is the file's own, the only one that ONNX Runtime can give a file of fixed size."""
    usual = usual_pixels(path)
    within = [size for size in sizes_for(picture) if _SMALLEST <= size[0] * size[1] / usual <= _LARGEST]
    return [*within, None] if runtime == "onnxruntime" or not within else [*within]


def _timed(detector: object, picture: Size, seconds: float) -> tuple[float, float]:
    """Median milliseconds of a frame, and frames for each second of processor time."""
    import numpy as np

    assert callable(detector)
    rows, columns = np.mgrid[: picture[1], : picture[0]]
    image = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=2).astype(np.uint8)
    for _ in range(_WARM):
        detector(image)
    walls: list[float] = []
    began, busy = time.perf_counter(), time.process_time()
    while len(walls) < _LEAST_FRAMES or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        detector(image)
        walls.append(time.perf_counter() - start)
    busy = max(time.process_time() - busy, 1e-9)
    return statistics.median(walls) * 1000, len(walls) / busy


def _memory() -> int:
    """The most memory that this process held, in bytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _windows_memory() -> int:
    import ctypes

    counters = (ctypes.c_size_t * 10)()  # PROCESS_MEMORY_COUNTERS: two 32-bit numbers, then sizes; the peak is first
    counters[0] = ctypes.sizeof(counters)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it, and mypy checks for all systems
    handle = ctypes.c_void_p(kernel.GetCurrentProcess())
    asked = kernel.K32GetProcessMemoryInfo(handle, ctypes.byref(counters), ctypes.sizeof(counters))
    return int(counters[1]) if asked else 0
