"""Frames a second of a core: the whole counting against its parts, and against Ultralytics' ObjectCounter.

    ATRIUM_PEERS=PYTHON python benchmarks/vision/throughput.py [--frames 300] [--runs 3]

Everything is processor time on one core, so that other work on the machine and waiting threads do not count.
`decode` reads the recording alone; `network` is the bare network on a picture that is already its input; `both` is
one after the other for each frame, as any program must, so that each finds the processor's caches as the other left
them. The pipeline is `vision.watch.count`, which also scales, decodes boxes, tracks, counts and adds up; overhead is
what it takes above `both`. Runs alternate and the best of each counts.

Targets: overhead at most 8 %, the default weights at least 40 frames a second, and at least 3.5 times
ObjectCounter with Ultralytics' default weights (YOLOv8n in 32 bits at 640 x 640) and its own settings. ATRIUM_PEERS is
the Python of an environment with ultralytics, torch, onnxruntime, lap and shapely; without it that part is skipped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vision.config import Config, load_config  # noqa: E402
from vision.detectors.network import NetworkDetector  # noqa: E402
from vision.detectors.runtime import RuntimeName, Size  # noqa: E402
from vision.source import Frame, Recording, Stop  # noqa: E402
from vision.watch import count  # noqa: E402

MOST_OVERHEAD, LEAST_DEFAULT, LEAST_RATIO = 0.08, 40.0, 3.5
DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
PEER = Path(__file__).with_name("peer_object_counter.py")


@dataclass(frozen=True)
class Case:
    """Weights with the input and runtime they are measured at; `default` ones have the rate as a target."""

    weights: str
    size: Size | None = None
    runtime: RuntimeName = "openvino"
    default: bool = False


CASES = (
    Case("weights/person-detection-retail-0013/person-detection-retail-0013.xml", default=True),
    Case("weights/yolox-nano-416.onnx", (480, 352), default=True),
    Case("weights/yolox-nano-416.onnx", None, "onnxruntime", default=True),
    Case("weights/yolov8n-int8-openvino/yolov8n.xml", (640, 480)),
    Case("weights/yolov8n-int8-openvino/yolov8n.xml", (320, 256)),
    Case("weights/yolov8n-640.onnx", (640, 480)),
)


class Part(Recording):
    """The first frames of a recording."""

    def __init__(self, path: Path, frames: int) -> None:
        super().__init__(path, start_at_ms=0)
        self.expected = frames

    def frames(self, stop: Stop) -> Iterator[Frame]:
        return itertools.islice(super().frames(stop), self.expected)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--video", type=Path, default=DATA / "vision/vtest.avi")
    arguments.add_argument("--lines", type=Path, default=DATA / "vision/lines.toml")
    arguments.add_argument("--frames", type=int, default=300)
    arguments.add_argument("--runs", type=int, default=3)
    chosen = arguments.parse_args()
    stay_on_one_core()
    config = load_config(chosen.lines)
    print(
        f"One core, {chosen.frames} frames of {chosen.video.name}, best of {chosen.runs}; ms of processor time a frame"
    )
    rates = {case: measure(case, config, chosen) for case in CASES}
    good = [rates[case][0] <= MOST_OVERHEAD for case in CASES]
    good += [rates[case][1] >= LEAST_DEFAULT for case in CASES if case.default]
    if peer := peer_rate(chosen.video, chosen.frames):
        print(f"Ultralytics ObjectCounter, YOLOv8n fp32 640x640: {1000 / peer:.1f} ms, {peer:.1f} frames/s a core")
        for case, (_, rate) in rates.items():
            print(f"  {name(case):52} {rate / peer:5.1f} times ObjectCounter (target {LEAST_RATIO})")
        good += [rate / peer >= LEAST_RATIO for case, (_, rate) in rates.items() if case.default]
    print(f"{sum(good)} of {len(good)} targets met")
    return 0 if all(good) else 1


def stay_on_one_core() -> None:
    """This process and its children on one core of those allowed, where the system can say so."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def name(case: Case) -> str:
    """Weights, input and runtime."""
    size = f"{case.size[0]}x{case.size[1]}" if case.size else "own size"
    return f"{Path(case.weights).stem} {size} {case.runtime}"


def measure(case: Case, config: Config, chosen: argparse.Namespace) -> tuple[float, float]:
    """Prints one line of figures; returns the overhead as a share and the pipeline's frames a second of a core."""
    detector = NetworkDetector(DATA / case.weights, threads=1, size=case.size, runtime=case.runtime)
    request = detector.network.request()

    def decode() -> None:
        for _ in Part(chosen.video, chosen.frames).frames(lambda: False):
            pass

    def network() -> None:
        for _ in range(chosen.frames):
            request.start()
            request.outputs()

    def both() -> None:
        for _ in Part(chosen.video, chosen.frames).frames(lambda: False):
            request.start()
            request.outputs()

    def pipeline() -> None:
        count(Part(chosen.video, chosen.frames), config, detector)

    jobs: dict[str, Callable[[], None]] = {"decode": decode, "network": network, "both": both, "pipeline": pipeline}
    best = dict.fromkeys(jobs, float("inf"))
    network()
    for _, (job, work) in itertools.product(range(chosen.runs), jobs.items()):
        began = time.process_time()
        work()
        best[job] = min(best[job], (time.process_time() - began) / chosen.frames * 1000)
    overhead, rate = best["pipeline"] / best["both"] - 1, 1000 / best["pipeline"]
    shown = "  ".join(f"{job} {ms:5.2f}" for job, ms in best.items())
    wanted = f" (target {LEAST_DEFAULT:.0f})" if case.default else ""
    print(f"{name(case):52} {shown}  overhead {overhead:5.1%} (target {MOST_OVERHEAD:.0%})  {rate:4.0f}/s{wanted}")
    return overhead, rate


def peer_rate(video: Path, frames: int) -> float | None:
    """ObjectCounter's frames a second of a core; None, with a sentence, where it cannot be measured here."""
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print("ObjectCounter was not measured: ATRIUM_PEERS names no Python that has Ultralytics.")
        return None
    weights = DATA / "weights/yolov8n-640.onnx"
    done = subprocess.run(
        [python, str(PEER), str(video), str(weights), str(frames)],
        capture_output=True, text=True, check=False, cwd=os.environ.get("TMPDIR", "/tmp"),
    )  # fmt: skip
    if done.returncode:
        print(f"ObjectCounter was not measured: {(done.stderr.strip().splitlines() or ['it ended'])[-1]}")
        return None
    told = json.loads(done.stdout.splitlines()[-1])
    return float(told["frames"]) / float(told["cpu_seconds"])


if __name__ == "__main__":
    raise SystemExit(main())
