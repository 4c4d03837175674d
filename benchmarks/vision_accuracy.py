"""Counted crossings of real footage against the true ones, for each detector.

    python benchmarks/vision_accuracy.py [--weights FILE ...]

A true and a counted crossing of the same line and direction are the same event when they lie at most 15
frames apart; the nearest pairs are taken first. Targets: networks reach an F1 of 0.96 and a count error of
5 % (the sum of differences per line and direction over the true number); the fallback has none, its figure
is what the product states.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from vision.config import Config, load_config  # noqa: E402
from vision.detectors import load_detector, recording_threads  # noqa: E402
from vision.watch import Report, count  # noqa: E402

APART = 15
LEAST_F1, MOST_ERROR = 0.96, 0.05
DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
WEIGHTS = (
    "weights/person-detection-retail-0013",
    "weights/yolox-nano-416.onnx",
    "weights/yolov8n-640.onnx",
    "weights/yolo11n-int8-openvino",
)
Event = tuple[str, str, int]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--weights", type=Path, nargs="*", default=[DATA / each for each in WEIGHTS])
    arguments.add_argument("--video", type=Path, default=DATA / "vision/vtest.avi")
    arguments.add_argument("--lines", type=Path, default=DATA / "vision/lines.toml")
    arguments.add_argument("--truth", type=Path, default=DATA / "vision/lines.truth.json")
    chosen = arguments.parse_args()
    config = load_config(chosen.lines)
    events = json.loads(chosen.truth.read_text(encoding="utf-8"))["events"]
    truth = [(each["line"], each["dir"], each["frame"] - 1) for each in events]
    missed = 0
    for weights in [*chosen.weights, None]:
        good = print_scores(run(weights, config, chosen.video), truth)
        missed += weights is not None and not good
    return 1 if missed else 0


def run(weights: Path | None, config: Config, video: Path) -> Report:
    """The report of the whole recording."""
    detector = load_detector(weights, threads=recording_threads())
    return count(str(video), config, detector, start_at_ms=0, on_bucket=lambda row: None)


def print_scores(report: Report, truth: list[Event]) -> bool:
    """One line of figures; whether they meet the targets."""
    counted: list[Event] = [(each.line, each.direction, each.frame) for each in report.crossings]
    same = matches(truth, counted)
    f1 = 2 * same / max(len(truth) + len(counted), 1)
    error = difference(truth, counted) / max(len(truth), 1)
    print(
        f"{report.detector:34} F1 {f1:.3f}  count error {error:6.1%}  true {len(truth)}  missed {len(truth) - same}"
        f"  false {len(counted) - same}  {report.frames / report.seconds:4.0f} frames/s"
    )
    return f1 >= LEAST_F1 and error <= MOST_ERROR


def matches(truth: list[Event], counted: list[Event]) -> int:
    """How many events have a partner; each is used once, nearest pairs first."""
    pairs = sorted(
        (abs(true[2] - got[2]), t, g)
        for t, true in enumerate(truth)
        for g, got in enumerate(counted)
        if true[:2] == got[:2] and abs(true[2] - got[2]) <= APART
    )
    taken_true: set[int] = set()
    taken_got: set[int] = set()
    for _, t, g in pairs:
        if t not in taken_true and g not in taken_got:
            taken_true.add(t)
            taken_got.add(g)
    return len(taken_true)


def difference(truth: Iterable[Event], counted: Iterable[Event]) -> int:
    """The differences in number per line and direction, added up."""
    true, got = Counter(each[:2] for each in truth), Counter(each[:2] for each in counted)
    return sum(abs(true[key] - got[key]) for key in true | got)


if __name__ == "__main__":
    raise SystemExit(main())
