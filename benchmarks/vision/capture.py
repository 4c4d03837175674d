"""Capture processes: memory, processor time, picture checks, and the time to come back from a drop.

    python benchmarks/vision/capture.py [--cameras 8] [--drops 20] [--seconds 20]

Each camera plays the clip at its own rate behind a capture process and is polled seven times a second. A drop
is a motion-JPEG server on this machine that cuts its stream and refuses for 3 to 40 seconds; the time counts
from its return to the next frame. Targets: at most 60 MB resident a process and 100 MB a further camera;
under 0.5 ms a picture check at 640 x 480; 99 of 100 drops over within 15 s.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.vision.streams import Camera, camera  # noqa: E402
from vision.feed import CameraFeed  # noqa: E402
from vision.picture import PictureCheck  # noqa: E402

CLIP = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data") / "vision/vtest.avi"
READER = (sys.executable, str(ROOT / "main.py"), "camera-read")
MEGA = 1e6


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--cameras", type=int, default=8)
    arguments.add_argument("--drops", type=int, default=20)
    arguments.add_argument("--seconds", type=float, default=20)
    chosen = arguments.parse_args()
    found = {
        "capture": capture(chosen.cameras, chosen.seconds),
        "picture_check_ms": picture_check(),
        "recovery": recovery(chosen.drops),
    }
    print(json.dumps(found, indent=2))
    return 0


def capture(cameras: int, seconds: float) -> dict[str, float]:
    """Memory and processor time of so many processes and of this one, which holds their other ends."""
    before = _memory(os.getpid())["Rss"]
    with ExitStack() as stack:
        feeds = [
            stack.enter_context(closing(CameraFeed(str(CLIP), command=READER, pace=True, loop=True)))
            for _ in range(cameras)
        ]
        frames = dropped = 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for feed in feeds:
                frame = feed.poll()
                frames += frame is not None
                dropped += frame.dropped if frame else 0
            time.sleep(1 / 7)
        memory = [_memory(feed.pid) for feed in feeds if feed.pid]
        spent = sum(_processor_s(feed.pid) for feed in feeds if feed.pid)
        own = _memory(os.getpid())["Rss"] - before
    return {
        "cameras": cameras,
        "frames_a_second_a_camera": round(frames / seconds / cameras, 2),
        "dropped_a_second_a_camera": round(dropped / seconds / cameras, 2),
        "resident_mb_greatest": round(max(each["Rss"] for each in memory), 1),
        "proportional_mb_a_camera": round(float(np.mean([each["Pss"] for each in memory])), 1),
        "parent_mb_a_camera": round(own / cameras, 2),
        "processor_share_a_camera": round(spent / seconds / cameras, 4),
    }


def picture_check() -> dict[str, float]:
    """Milliseconds a look at 640 x 480, ten a second of the clip's time, and for those that judge the view."""
    cv2.setNumThreads(1)
    reader = cv2.VideoCapture(str(CLIP))
    images = [cv2.resize(reader.read()[1], (640, 480)).astype(np.uint8) for _ in range(60)]
    found = {}
    for name, period in (("ten a second", 0.1), ("each judged", 1.1)):
        check = PictureCheck()
        spent = []
        for number in range(600):
            began = time.process_time()
            check.look(images[number % 60], number * period)
            spent.append(time.process_time() - began)
        found[name] = round(float(np.mean(spent)) * 1000, 3)
    return found


def recovery(drops: int) -> dict[str, float]:
    """Seconds from a stream's return to the next frame; the drops run side by side."""
    chance = random.Random(1)
    times: list[float] = []
    threads = [
        threading.Thread(target=_drop, args=(times, chance.uniform(3, 40), chance.choice(["refused", "stalled"])))
        for _ in range(drops)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    within = sum(each <= 15 for each in times)
    median, late = np.percentile(times, [50, 99])
    return {"drops": drops, "median_s": round(median, 2), "p99_s": round(late, 2), "within_15_s": within}


def _drop(times: list[float], away_s: float, how: str) -> None:
    with camera(size=(640, 480), period_s=0.1) as door, closing(CameraFeed(door.address, command=READER)) as feed:
        _frame(feed)
        _away(door, feed, away_s, how)
        back = time.monotonic()
        door.how = "well"
        feed.poll()
        _frame(feed, after=back)
        times.append(time.monotonic() - back)
        print(f"{how} for {away_s:.0f} s: back after {times[-1]:.1f} s", file=sys.stderr)


def _away(door: Camera, feed: CameraFeed, seconds: float, how: str) -> None:
    if how == "refused":
        door.how = "cut"
        time.sleep(0.3)
    door.how = "refused" if how == "refused" else "stalled"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        feed.poll()
        time.sleep(0.05)


def _frame(feed: CameraFeed, *, after: float = 0.0) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        frame = feed.poll()
        if frame is not None and frame.seconds > after:
            return
        time.sleep(0.02)


def _memory(pid: int) -> dict[str, float]:
    """Resident and proportional size in MB (Linux)."""
    lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
    return {name.rstrip(":"): int(size) * 1024 / MEGA for name, size, *_ in lines}


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
