"""Frames a second of the whole counting, against its two limits in the same run.

    python benchmarks/vision_throughput.py [--weights FILE ...] [--frames 300] [--runs 3]

The limits are the detector alone on frames that are already in memory, and decoding alone. The pipeline
decodes, detects, tracks, counts and adds up; its target is at least 0.9 of the slower of the two limits,
which is what remains when all the rest is hidden behind the detector. The fallback is shown without a target:
it is so quick that nothing can hide behind it. Runs alternate and the best counts.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from vision.config import Config, load_config  # noqa: E402
from vision.detectors import Detector, detect, load_detector, recording_threads  # noqa: E402
from vision.source import Frame, Recording, Stop  # noqa: E402
from vision.watch import count  # noqa: E402

TARGET = 0.9
DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
WEIGHTS = ("weights/person-detection-retail-0013", "weights/yolox-nano-416.onnx", "weights/yolo11n-int8-openvino")


class Part(Recording):
    """The first frames of a recording."""

    def __init__(self, path: Path, frames: int) -> None:
        super().__init__(path, start_at_ms=0)
        self.expected = frames

    def frames(self, stop: Stop) -> Iterator[Frame]:
        return itertools.islice(super().frames(stop), self.expected)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--weights", type=Path, nargs="*", default=[DATA / each for each in WEIGHTS])
    arguments.add_argument("--video", type=Path, default=DATA / "vision/vtest.avi")
    arguments.add_argument("--lines", type=Path, default=DATA / "vision/lines.toml")
    arguments.add_argument("--frames", type=int, default=300)
    arguments.add_argument("--runs", type=int, default=3)
    chosen = arguments.parse_args()
    config, threads = load_config(chosen.lines), recording_threads()
    print(f"{threads} detector threads, {chosen.frames} frames, best of {chosen.runs}; target {TARGET} of the limit")
    worst = 1.0
    for weights in [*chosen.weights, None]:
        detector = load_detector(weights, threads=threads)
        ratio = report(detector, config, chosen.video, chosen.frames, chosen.runs)
        worst = worst if detector.fallback else min(worst, ratio)
    print(f"worst ratio {worst:.2f}: {'meets' if worst >= TARGET else 'misses'} the target of the networks")
    return 0 if worst >= TARGET else 1


def report(detector: Detector, config: Config, video: Path, frames: int, runs: int) -> float:
    """Prints one detector's rates; returns the pipeline's share of the slower limit."""
    kept = list(Part(video, frames).frames(lambda: False))

    def decode() -> None:
        for _ in Part(video, frames).frames(lambda: False):
            pass

    def infer() -> None:
        for _ in detect(detector, kept, overlapped=True):
            pass

    def pipeline() -> None:
        count(Part(video, frames), config, detector, on_bucket=lambda row: None)

    jobs: dict[str, Callable[[], None]] = {"decode": decode, "detector": infer, "pipeline": pipeline}
    rates = dict.fromkeys(jobs, 0.0)
    infer()
    for _, (name, job) in itertools.product(range(runs), jobs.items()):
        began = time.perf_counter()
        job()
        rates[name] = max(rates[name], len(kept) / (time.perf_counter() - began))
    limit = min(rates["decode"], rates["detector"])
    ratio = rates["pipeline"] / limit
    shown = "  ".join(f"{name} {rate:6.0f}/s" for name, rate in rates.items())
    of_decode = rates["pipeline"] / rates["decode"]
    print(f"{detector.name:34} {shown}  pipeline/limit {ratio:.2f}  pipeline/decode {of_decode:.3f}")
    return ratio


if __name__ == "__main__":
    raise SystemExit(main())
