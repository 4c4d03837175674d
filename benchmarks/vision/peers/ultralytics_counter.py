"""Ultralytics' ObjectCounter from video to counts, run by the peers' own Python.

    python ultralytics_counter.py JOB.json        prints {"events": ..., "tracks": ..., "seconds": ..., "version": ...}

One solution counts one line, so each line is a run of its own. A torchvision that was built for another torch
has no compiled operators on a processor; the one that its import needs, suppression of overlapping boxes, is then
written here.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["YOLO_AUTOINSTALL"] = "false"
os.environ["YOLO_VERBOSE"] = "false"

import cv2
import torch


def nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Greedy suppression, as torchvision.ops.nms documents it."""
    order, kept = scores.argsort(descending=True), []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        first, order = order[0], order[1:]
        kept.append(int(first))
        low = torch.maximum(boxes[first, :2], boxes[order, :2])
        high = torch.minimum(boxes[first, 2:], boxes[order, 2:])
        shared = (high - low).clamp(min=0).prod(dim=1)
        order = order[shared / (areas[first] + areas[order] - shared) <= iou_threshold]
    return torch.tensor(kept, dtype=torch.long)


def prepare_torchvision() -> None:
    """Declares the missing operators before torchvision is imported."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", nms, "CPU")
    globals()["_library"] = library
    import torchvision.extension
    import torchvision.ops.boxes

    for each in (torchvision.extension, torchvision.ops.boxes):
        each._assert_has_ops = lambda: None


def count(job: dict[str, Any], name: str, line: dict[str, Any]) -> dict[str, Any]:
    """Events and tracks of one line."""
    from ultralytics import solutions

    counter = solutions.ObjectCounter(
        model=job["weights"],
        region=[tuple(line["a"]), tuple(line["b"])],
        classes=[0],
        conf=job["confidence"],
        show=False,
        verbose=False,
        imgsz=640,
        device="cpu",
    )
    video, index = cv2.VideoCapture(job["video"]), -1
    events: list[list[Any]] = []
    tracks: list[list[Any]] = []
    before = (0, 0)
    begun = time.perf_counter()
    while True:
        good, frame = video.read()
        if not good:
            break
        index += 1
        if index % job["every"]:
            continue
        counter.process(frame)
        now = (counter.in_count, counter.out_count)
        for direction, more in zip(("in", "out"), (now[0] - before[0], now[1] - before[1]), strict=True):
            events += [[name, direction, index]] * more
        before = now
        for box, track in zip(counter.boxes, counter.track_ids, strict=True):
            tracks.append([index, *(float(each) for each in box), int(track)])
    return {"events": events, "tracks": tracks, "seconds": time.perf_counter() - begun, "frames": index + 1}


def recognised(weights: Path, folder: Path) -> str:
    """The weights by a name that Ultralytics recognises: a folder of OpenVINO files ends in _openvino_model."""
    if not weights.is_dir():
        return str(weights)
    link = folder / f"{weights.name}_openvino_model"
    link.symlink_to(weights, target_is_directory=True)
    return str(link)


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for each in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[each]
        prepare_torchvision()
    import ultralytics

    job["weights"] = recognised(Path(job["weights"]), Path(sys.argv[1]).parent)
    runs = [count(job, name, line) for name, line in job["lines"].items()]
    answer = {
        "name": f"ultralytics {ultralytics.__version__} ObjectCounter",
        "events": [event for run in runs for event in run["events"]],
        "tracks": runs[0]["tracks"],
        "seconds": runs[0]["seconds"],
        "frames": runs[0]["frames"],
    }
    print("ANSWER " + json.dumps([answer]))


main()
