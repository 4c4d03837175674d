"""What the counting and tracking benchmarks share: footage with truth, boxes, the project's run and the peers'."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.vision.scores import Event, Shown, matches
from vision.boxes import Boxes
from vision.config import CERTAIN, Config, Line, load_config
from vision.counter import Counter
from vision.detectors import detect, load_detector, recording_threads
from vision.source import open_source
from vision.tracker import Tracker, TrackerSettings

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
WEIGHTS = (
    "weights/yolov8n-640.onnx",
    "weights/yolov8n-int8-openvino",
    "weights/yolo11n-int8-openvino",
    "weights/yolox-nano-416.onnx",
    "weights/person-detection-retail-0013",
)
PEERS = Path(__file__).parent / "peers"
FAR_WALKER = 8
"""A person 40 pixels tall whom the official annotation of the recording leaves out."""
_ABOVE_CERTAIN = 0.1


@dataclass(frozen=True, slots=True)
class Found:
    """The boxes of one frame in pixels of the picture."""

    frame: int
    seconds: float
    boxes: Boxes


@dataclass(slots=True)
class Outcome:
    """What somebody made of the footage: crossings, and tracked boxes in the config's pixels by frame.

    `milliseconds` a frame are those of tracking and counting alone, and of the whole where `whole` is true.
    """

    name: str
    events: list[Event] = field(default_factory=list)
    shown: dict[int, Shown] = field(default_factory=dict)
    milliseconds: float | None = None
    whole: bool = False


@cache
def boxes_of(weights: Path, video: Path) -> tuple[str, tuple[int, int], tuple[Found, ...]]:
    """The detector's name, the picture's size and the boxes of every frame."""
    detector = load_detector(weights, threads=recording_threads())
    source = open_source(str(video), start_at_ms=0)
    found, size = [], (0, 0)
    for frame, boxes in detect(detector, source.frames(lambda: False), overlapped=True):
        size = (frame.image.shape[1], frame.image.shape[0])
        found.append(Found(frame.index, frame.seconds, boxes))
    source.close()
    return detector.name, size, tuple(found)


def ours(found: Sequence[Found], size: tuple[int, int], config: Config, lines: Sequence[Line] = ()) -> Outcome:
    """The project's tracker and counter over the boxes; without `lines` over those of the config."""
    across, down = config.size[0] / size[0], config.size[1] / size[1]
    tracker = Tracker(TrackerSettings(certain=CERTAIN, begins=CERTAIN + _ABOVE_CERTAIN))
    counter = Counter(lines or config.lines)
    outcome = Outcome("Atrium")
    begun = time.process_time()
    for each in found:
        tracked = tracker.update(each.boxes, each.seconds).scaled(across, down)
        counter.forget(tracker.ended)
        crossings = counter.update(tracked, each.frame, round(1000 * each.seconds))
        outcome.events += [(one.line, one.direction, one.frame) for one in crossings]
        outcome.shown[each.frame] = Shown(tracked.xyxy, tracked.track)
    outcome.milliseconds = 1000 * (time.process_time() - begun) / max(len(found), 1)
    return outcome


def peers(
    python: str | None, found: Sequence[Found], size: tuple[int, int], *, config: Config, weights: Path, video: Path
) -> Iterator[Outcome]:
    """The peers' runs: on the same boxes, and from the video where the weights are Ultralytics' own; none without
    their `python`. The frames analysed are those of `found`, at equal steps from the first."""
    if not python:
        return
    across, down = config.size[0] / size[0], config.size[1] / size[1]
    fps = 1 / (found[1].seconds - found[0].seconds)
    ends = {
        line.name: {"a": (line.a[0] / across, line.a[1] / down), "b": (line.b[0] / across, line.b[1] / down)}
        for line in config.lines
    }
    job: dict[str, Any] = {
        "lines": ends,
        "confidence": CERTAIN,
        "fps": fps,
        "every": found[1].frame - found[0].frame,
        "video": str(video),
    }
    job["weights"] = str(weights.resolve())
    boxes = [[each.frame, each.boxes.xyxy.tolist(), each.boxes.score.tolist()] for each in found]
    answers = _asked(python, "line_zones.py", {**job, "frames": boxes})
    if weights.name.startswith("yolo") and not weights.name.startswith("yolox"):
        answers += _asked(python, "ultralytics_counter.py", job)
    scale = np.array([across, down, across, down])
    for answer in answers:
        rows = np.array(answer["tracks"], np.float64).reshape(-1, 6)
        frames = {int(frame) for frame in rows[:, 0]} | {each.frame for each in found}
        shown = {n: _shown(rows[rows[:, 0] == n], scale) for n in frames}
        whole = "seconds" in answer
        spent = 1000 * answer["seconds"] / max(len(found), 1) if whole else None
        yield Outcome(answer["name"], [(e[0], e[1], e[2]) for e in answer["events"]], shown, spent, whole)


def read_as_meant(truth: Sequence[Event], counted: Sequence[Event]) -> list[Event]:
    """The events, with `in` and `out` of a line exchanged where that fits the truth better: a peer's own idea
    of directions is not held against it."""
    turn = {"in": "out", "out": "in"}
    meant: list[Event] = []
    for line in sorted({event[0] for event in counted}):
        straight = [event for event in counted if event[0] == line]
        turned = [(event[0], turn[event[1]], event[2]) for event in straight]
        meant += straight if matches(truth, straight) >= matches(truth, turned) else turned
    return meant


def true_events(path: Path) -> list[Event]:
    """The true crossings of a truth file, frames 0-based."""
    events = json.loads(path.read_text(encoding="utf-8"))["events"]
    return [(each["line"], each["dir"], each["frame"] - 1) for each in events]


def true_tracks(path: Path) -> dict[int, Shown]:
    """The true boxes of a MOTChallenge file by 0-based frame."""
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    rows[:, 4:6] += rows[:, 2:4]
    return {int(n) - 1: _shown(rows[rows[:, 0] == n][:, [0, 2, 3, 4, 5, 1]], np.ones(4)) for n in np.unique(rows[:, 0])}


def config_of_footage() -> Config:
    """The lines of the footage with truth."""
    return load_config(DATA / "vision/lines.toml")


def _shown(rows: np.ndarray[Any, np.dtype[np.float64]], scale: np.ndarray[Any, np.dtype[np.float64]]) -> Shown:
    return Shown(rows[:, 1:5] * scale, rows[:, 5].astype(np.int64))


def _asked(python: str, script: str, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer of a script that runs in the peers' environment, or none, with a sentence, where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        done = subprocess.run(
            [python, str(PEERS / script), str(path)], capture_output=True, text=True, check=False, cwd=folder
        )
    for line in done.stdout.splitlines():
        if line.startswith("ANSWER "):
            answer: list[dict[str, Any]] = json.loads(line.removeprefix("ANSWER "))
            return answer
    print(f"  {script} did not run: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return []
