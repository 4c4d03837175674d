"""Two hours of a camera through a group: how much its memory grows, and whether each loop is counted alike.

    python benchmarks/vision/soak.py [--minutes 120] [--weights FILE] [--input 320x256]

The recording is looped without a break, as fast as the machine goes: the group's clock is the recording's, so two
hours take some ten minutes. Target: resident memory at the end is at most 5 MB above that of the first tenth, when
every buffer has been filled once. Zones, flows and a heat map are counted too.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vision.config import Config, FloorView, Zone, load_config  # noqa: E402
from vision.detectors import load_detector  # noqa: E402
from vision.feed import FeedHealth  # noqa: E402
from vision.group import CameraGroup, GroupCamera  # noqa: E402
from vision.scene import Rows  # noqa: E402
from vision.source import Frame, Recording  # noqa: E402

DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
MOST_MB = 5.0
BEGAN_MS = 1_767_225_600_000


class Loop:
    """A camera that shows the recording again and again; its clock is the group's."""

    def __init__(self, video: Path) -> None:
        self.health = FeedHealth(connected=True, state="connected", fps=10.0)
        self.now, self.loops = 0.0, 0
        self._video = video
        self._frames = self._forever()

    def clock(self) -> float:
        """Seconds of the recording so far."""
        return self.now

    def poll(self) -> Frame | None:
        """The next frame; never none."""
        return next(self._frames)

    def ask_to_stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held open."""

    def _forever(self) -> Iterator[Frame]:
        index = 0
        while True:
            recording = Recording(self._video, start_at_ms=0)
            for frame in recording.frames(lambda: False):
                seconds = self.now
                self.now += recording.period  # until the next frame; else the group would wait for ever
                yield Frame(index, seconds, BEGAN_MS + round(seconds * 1000), frame.image)
                index += 1
            recording.close()
            self.loops += 1


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--minutes", type=float, default=120.0)
    arguments.add_argument("--weights", type=Path, default=DATA / "weights/yolov8n-int8-openvino")
    arguments.add_argument("--input", default="320x256")
    arguments.add_argument("--video", type=Path, default=DATA / "vision/vtest.avi")
    arguments.add_argument("--lines", type=Path, default=DATA / "vision/lines.toml")
    chosen = arguments.parse_args()
    wide, _, high = chosen.input.partition("x")
    detector = load_detector(chosen.weights, threads=2, size=(int(wide), int(high)))
    loop = Loop(chosen.video)
    counted: dict[tuple[str, int], tuple[int, int]] = {}

    def keep(_code: str, rows: Rows) -> None:
        counted.update({(row.gate, row.start_ms): (row.n_in, row.n_out) for row in rows.buckets})

    group = CameraGroup(detector, ZoneInfo("UTC"), on_rows=keep, on_state=lambda *_: None, clock=loop.clock)
    group.add(GroupCamera("loop", loop, busy(load_config(chosen.lines))))
    memory = watch(group, loop, chosen.minutes)
    base = memory[max(len(memory) // 10, 1)]
    growth = memory[-1] - base
    total = [sum(each[way] for each in counted.values()) for way in (0, 1)]
    print(f"{chosen.minutes:g} minutes, {loop.loops} loops, in {total[0]} out {total[1]}")
    print(f"{base:.1f} MB after a tenth, {memory[-1]:.1f} MB at the end: growth {growth:+.1f} MB (target {MOST_MB:g})")
    return 0 if growth <= MOST_MB else 1


def watch(group: CameraGroup, loop: Loop, minutes: float) -> list[float]:
    """Resident MB at each of fifty equal steps."""
    memory: list[float] = []
    while loop.now < minutes * 60:
        group.turn()
        if loop.now >= len(memory) * minutes * 60 / 50:
            gc.collect()
            memory.append(resident_mb())
            print(f"\r{loop.now / 60:.0f} minutes  {memory[-1]:.1f} MB", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return memory


def busy(config: Config) -> Config:
    """The lines, and everything else that keeps a memory: two zones, a queue, a floor plan."""
    wide, high = config.size
    left = ((0.0, 0.0), (wide * 0.5, 0.0), (wide * 0.5, float(high)), (0.0, float(high)))
    right = ((wide * 0.5, 0.0), (float(wide), 0.0), (float(wide), float(high)), (wide * 0.5, float(high)))
    zones = (Zone("left", left), Zone("right", right, purpose="queue"))
    corners = ((0, 0), (wide, 0), (wide, high), (0, high))
    floor = FloorView("L1", tuple((float(x), float(y), x / 20, y / 20) for x, y in corners))
    return replace(
        config, zones=zones, floor=floor, fps=100.0
    )  # the loop's clock moves with its frames: take every one


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    raise SystemExit(main())
