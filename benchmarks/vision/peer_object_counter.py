"""Runs Ultralytics' ObjectCounter over a recording, in the environment of the peers: VIDEO WEIGHTS FRAMES.

Prints one JSON document: frames, seconds of processor time, and what it counted at one line. Its defaults are kept,
but for the window that it would open and the lines that it would print. It imports nothing of this project but the
few lines that let torchvision load beside a torch for processors.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from vision.training import ultralytics_here


def main(video: str, weights: str, frames: int) -> int:
    """Counts, after two frames that are not timed."""
    import cv2

    ultralytics_here()
    from ultralytics import solutions

    read = cv2.VideoCapture(video)
    width = int(read.get(cv2.CAP_PROP_FRAME_WIDTH))
    height = int(read.get(cv2.CAP_PROP_FRAME_HEIGHT))
    line = [(0, height // 2), (width, height // 2)]
    counter = solutions.ObjectCounter(model=weights, region=line, classes=[0], show=False, verbose=False, device="cpu")
    done, began = -2, time.process_time()
    while done < frames:
        good, image = read.read()
        if not good:
            break
        counter(image)
        done += 1
        if done == 0:
            began = time.process_time()
    spent = time.process_time() - began
    print(json.dumps({"frames": done, "cpu_seconds": spent, "in": counter.in_count, "out": counter.out_count}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
