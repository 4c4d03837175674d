"""Tracks of real footage against the true ones, and against the peers', in one run.

    [ATRIUM_PEERS=PYTHON] python benchmarks/vision/tracking.py [--weights FILE ...]

IDF1, MOTA and switches of identity at an intersection over union of 0.5, for each detector at every frame and every
second one, and the time of tracking and counting a frame. Target: with YOLOv8n in 32-bit floats at every frame an
IDF1 of 0.85 and a MOTA of 0.89, in at most 0.3 ms a frame. The exit status is 1 where it is missed. The last
lines are drawn crowds (`crowd.py`), whose people hide one another far more than those of the footage.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.vision.crowd import scene  # noqa: E402
from benchmarks.vision.footage import (  # noqa: E402
    DATA,
    FAR_WALKER,
    WEIGHTS,
    Outcome,
    boxes_of,
    config_of_footage,
    ours,
    peers,
    true_tracks,
)
from benchmarks.vision.scores import Shown, TrackScore, track_score  # noqa: E402
from vision.boxes import Boxes  # noqa: E402
from vision.tracker import Tracker  # noqa: E402

LEAST_IDF1, LEAST_MOTA, MOST_MS = 0.85, 0.89, 0.3


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--weights", type=Path, nargs="*", default=[DATA / each for each in WEIGHTS])
    chosen = asked.parse_args()
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print("ATRIUM_PEERS names no Python with the peers: only the project's own figures follow.")
    config, video = config_of_footage(), DATA / "vision/vtest.avi"
    truth = true_tracks(DATA / "vision/vtest-tracks.txt")
    missed = 0
    for weights in chosen.weights:
        name, size, found = boxes_of(weights, video)
        for every in (1, 2):
            print(f"{name}, {'every frame' if every == 1 else 'every second frame'}")
            part = found[::every]
            mine = ours(part, size, config)
            asked_for = {each.frame: truth.get(each.frame, _NOBODY) for each in part}
            score = told(mine, asked_for)
            for other in peers(python, part, size, config=config, weights=weights, video=video):
                if not other.name.endswith("foot"):  # the same tracks as with corners
                    told(other, asked_for)
            if every == 1 and weights.name == "yolov8n-640.onnx":
                missed += not met(score, mine.milliseconds or 0.0)
    tell_crowds()
    return 1 if missed else 0


def met(score: TrackScore, milliseconds: float) -> bool:
    """Prints whether the targets are met."""
    good = score.idf1 >= LEAST_IDF1 and score.mota >= LEAST_MOTA and milliseconds <= MOST_MS
    print(f"  target: IDF1 >= {LEAST_IDF1}, MOTA >= {LEAST_MOTA}, <= {MOST_MS} ms: {'met' if good else 'MISSED'}")
    return good


def told(outcome: Outcome, truth: dict[int, Shown]) -> TrackScore:
    """Prints and returns the figures of one outcome."""
    score = track_score(truth, outcome.shown, ignored=FAR_WALKER)
    spent = "" if outcome.milliseconds is None else f"  {outcome.milliseconds:6.2f} ms/frame"
    print(
        f"  {outcome.name.removesuffix(', LineZone corners'):44} IDF1 {score.idf1:.3f} MOTA {score.mota:.3f}"
        f" switches {score.switches} missed {score.missed} false {score.false} numbers {score.numbers}{spent}"
        f"{' end to end' if outcome.whole else ''}"
    )
    return score


def tell_crowds() -> None:
    """Prints the mean figures over drawn crowds, at the rates and densities of a mall."""
    for fps in (3.5, 7.0, 12.0):
        scores = []
        for seed in range(4):
            frames, tracker = scene(seed, fps=fps), Tracker()
            tracks = [tracker.update(Boxes.of(each.xyxy, each.score), each.seconds) for each in frames]
            found = {n: Shown(each.xyxy, each.track) for n, each in enumerate(tracks)}
            scores.append(track_score({n: each.truth for n, each in enumerate(frames)}, found))
        idf1, mota = (float(np.mean([getattr(each, what) for each in scores])) for what in ("idf1", "mota"))
        print(f"drawn crowds, {fps:4.1f} frames a second: IDF1 {idf1:.3f} MOTA {mota:.3f}")


_NOBODY = Shown(np.empty((0, 4)), np.empty(0, np.int64))


if __name__ == "__main__":
    raise SystemExit(main())
