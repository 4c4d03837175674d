"""supervision's LineZone over the tracks of `trackers` (ByteTrack) and of norfair, run by the peers' own Python.

    python line_zones.py JOB.json        prints a list of {"name": ..., "events": ..., "tracks": ...}

The job holds the boxes of each frame from the same detector that the project used. Trackers remember a lost
track for two seconds, as the project's does, and begin one at the same score.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import supervision as sv
from norfair import Detection
from norfair import Tracker as NorfairTracker
from trackers import ByteTrackTracker

MEMORY_S = 2.0
ABOVE_CERTAIN = 0.1


def byte_tracks(job: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """sv.Detections of each frame by ByteTrack."""
    tracker = ByteTrackTracker(
        lost_track_buffer=round(30 * MEMORY_S),
        frame_rate=job["fps"],
        minimum_consecutive_frames=2,
        track_activation_threshold=job["confidence"] + ABOVE_CERTAIN,
        high_conf_det_threshold=job["confidence"],
    )
    for frame, boxes, scores in job["frames"]:
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        found = sv.Detections(
            xyxy=corners, confidence=np.array(scores, np.float32), class_id=np.zeros(len(corners), int)
        )
        tracked = tracker.update(found)
        yield frame, tracked[tracked.tracker_id >= 0] if tracked.tracker_id is not None else sv.Detections.empty()


def norfair_tracks(job: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """sv.Detections of each frame by norfair's tracker on box overlap."""
    tracker = NorfairTracker(
        distance_function="iou",
        distance_threshold=0.7,
        hit_counter_max=round(MEMORY_S * job["fps"]),
        initialization_delay=1,
    )
    for frame, boxes, scores in job["frames"]:
        found = [
            Detection(np.array(box).reshape(2, 2), scores=np.array([score] * 2))
            for box, score in zip(boxes, scores, strict=True)
            if score >= job["confidence"]
        ]
        people = [each for each in tracker.update(found) if each.live_points.any()]
        corners = np.array([each.estimate.reshape(4) for each in people], np.float32).reshape(-1, 4)
        numbers = np.array([each.id for each in people], int)
        yield frame, sv.Detections(xyxy=corners, tracker_id=numbers, class_id=np.zeros(len(numbers), int))


def counted(name: str, tracked: list[tuple[int, Any]], job: dict[str, Any]) -> list[dict[str, Any]]:
    """Events by LineZone with its own four corners and with the foot point."""
    corners = tuple(getattr(sv.Position, each) for each in ("TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"))
    tracks = [
        [frame, *(float(each) for each in box), int(who)]
        for frame, found in tracked
        for box, who in zip(found.xyxy, () if found.tracker_id is None else found.tracker_id, strict=True)
    ]
    answers = []
    for how, anchors in (("corners", corners), ("foot", (sv.Position.BOTTOM_CENTER,))):
        events: list[list[Any]] = []
        for line, ends in job["lines"].items():
            zone = sv.LineZone(sv.Point(*ends["a"]), sv.Point(*ends["b"]), triggering_anchors=anchors)
            for frame, found in tracked:
                if len(found):
                    for direction, mask in zip(("in", "out"), zone.trigger(found), strict=True):
                        events += [[line, direction, frame]] * int(np.sum(mask))
        answers.append({"name": f"{name}, LineZone {how}", "events": events, "tracks": tracks})
    return answers


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    byte, other = list(byte_tracks(job)), list(norfair_tracks(job))
    answers = counted(f"trackers {version('trackers')} ByteTrack", byte, job)
    answers += counted(f"norfair {version('norfair')}", other, job)
    print("ANSWER " + json.dumps(answers))


main()
