"""Eight cameras in one group: frames a second each, what was skipped, processor time and memory.

    python benchmarks/vision/cameras.py [--cameras 8] [--seconds 60] [--weights FILE] [--input 320x256]

Each camera is the recording played at its own rate, read by a capture process of its own, as the service does it.
Targets: 7 analysed frames a second for every camera on two cores; at most 100 MB a further camera and 1,100 MB in
all for eight (resident memory of every process added up, so that shared pages count each time). The physical limit
printed beside it is the detector alone on one core, in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vision.boxes import Image  # noqa: E402
from vision.config import Config, load_config  # noqa: E402
from vision.detectors import Detector, load_detector  # noqa: E402
from vision.feed import CameraFeed  # noqa: E402
from vision.group import CameraGroup, GroupCamera  # noqa: E402
from vision.scene import Rows  # noqa: E402
from vision.source import Recording  # noqa: E402

DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
WANTED_FPS = 7.0
MOST_MB, MOST_A_CAMERA_MB = 1100.0, 100.0
WARM_S = 8.0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--cameras", type=int, default=8)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--weights", type=Path, default=DATA / "weights/yolov8n-int8-openvino")
    arguments.add_argument("--input", default="320x256", help="width and height of the network's input")
    arguments.add_argument("--video", type=Path, default=DATA / "vision/vtest.avi")
    arguments.add_argument("--lines", type=Path, default=DATA / "vision/lines.toml")
    chosen = arguments.parse_args()
    wide, _, high = chosen.input.partition("x")
    detector = load_detector(chosen.weights, threads=1, size=(int(wide), int(high)))
    alone = rate_alone(detector, chosen.video)
    print(f"{detector.name} {chosen.input}: alone {alone:.0f} frames/s on one core; {os.cpu_count()} cores here")
    one = run(detector, chosen.video, load_config(chosen.lines), cameras=1, seconds=10.0)
    many = run(detector, chosen.video, load_config(chosen.lines), cameras=chosen.cameras, seconds=chosen.seconds)
    return 0 if report(one, many, alone, chosen.cameras) else 1


def rate_alone(detector: Detector, video: Path) -> float:
    """Detections a second of processor time, on frames in memory."""
    recording = Recording(video, start_at_ms=0)
    frames: list[Image] = []
    for frame in recording.frames(lambda: len(frames) >= 100):
        frames.append(frame.image)
    recording.close()
    detector(frames[0])
    began = time.process_time()
    for image in frames:
        detector(image)
    return len(frames) / (time.process_time() - began)


def run(detector: Detector, video: Path, config: Config, *, cameras: int, seconds: float) -> dict[str, Any]:
    """Counts so many cameras for so long, after a warm-up; figures of all of them."""
    states: dict[str, dict[str, Any]] = {}
    counted: list[int] = []

    def keep(_code: str, rows: Rows) -> None:
        counted.append(len(rows.buckets))

    group = CameraGroup(detector, ZoneInfo("UTC"), on_rows=keep, on_state=states.__setitem__)
    reader = [sys.executable, str(ROOT / "main.py"), "camera-read"]
    feeds = [CameraFeed(str(video), command=reader, pace=True, loop=True) for _ in range(cameras)]
    for n, feed in enumerate(feeds):
        group.add(GroupCamera(f"camera {n}", feed, config))
    ended = threading.Event()
    thread = threading.Thread(target=group.run, args=(ended.is_set,))
    thread.start()
    time.sleep(WARM_S)
    pids = [os.getpid(), *(feed.pid for feed in feeds if feed.pid)]
    before, began = used(pids), time.monotonic()
    time.sleep(seconds)
    taken = [after - early for after, early in zip(used(pids), before, strict=True)]
    wall = time.monotonic() - began
    memory = [resident_mb(pid) for pid in pids]
    ended.set()
    thread.join()
    return {"states": states, "cores": [each / wall for each in taken], "memory": memory}


def report(one: dict[str, Any], many: dict[str, Any], alone: float, cameras: int) -> bool:
    """Prints the figures; whether they meet the targets."""
    rates = [facts["fps_analysed"] for facts in many["states"].values()]
    for code, facts in sorted(many["states"].items()):
        print(f"  {code}: {facts['fps_analysed']:.1f} frames/s looked at, {facts['skipped_share']:.0%} of them quiet, "
              f"{facts['frames_dropped']} passed over, {facts['process_ms']:.1f} ms each {facts['flaws']}")  # fmt: skip
    total = sum(many["memory"])
    further = (total - sum(one["memory"])) / max(cameras - 1, 1)
    cores = sum(many["cores"])
    limit = sum(rates) / alone
    print(f"slowest camera {min(rates):.1f} frames/s (target {WANTED_FPS:g}); {cores:.2f} cores busy in all, the "
          f"detector alone {limit:.2f}: {cores / limit:.2f} times; group {many['cores'][0]:.2f}")  # fmt: skip
    print(f"memory {total:.0f} MB in all (target {MOST_MB:g}), {further:.0f} MB a further camera (target "
          f"{MOST_A_CAMERA_MB:g}), group {many['memory'][0]:.0f} MB")  # fmt: skip
    quick = min(rates) >= WANTED_FPS - 0.5
    return bool(quick and (cameras != 8 or total <= MOST_MB) and further <= MOST_A_CAMERA_MB)


def used(pids: Sequence[int]) -> list[float]:
    """Processor seconds of each process."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        found.append((int(fields[11]) + int(fields[12])) / ticks)
    return found


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    raise SystemExit(main())
