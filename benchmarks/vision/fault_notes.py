"""What the drill's processes wrote down, read while they run."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.vision.fault_log import CameraLog, Counted
from vision.buckets import UNSEEN


@dataclass
class Notes:
    """What the processes wrote, read as it comes."""

    path: Path
    logs: dict[str, CameraLog]
    ports: dict[int, str]
    readers: dict[str, int] = field(default_factory=dict)
    groups: list[int] = field(default_factory=list)
    group_of: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _at: int = 0

    def read(self) -> None:
        """Takes every whole line that is new."""
        with self.lock, self.path.open("rb") as file:
            file.seek(self._at)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._at += len(line)
                self._take(json.loads(line))

    def back_after(self, code: str, seconds: float) -> float | None:
        """The first frame of a camera that was taken and counted after an instant."""
        self.read()
        with self.lock:
            return self.logs[code].back_after(seconds)

    def _take(self, note: dict[str, object]) -> None:
        if "frame" in note and isinstance(note["scene"], float) and UNSEEN.isdisjoint(note["flaws"]):  # type: ignore[arg-type]
            log = self.logs[str(note["frame"])]
            log.frames.append(note["scene"])
            log.walls.append(int(str(note["at_ms"])))
        elif "crossing" in note:
            scene = float(str(note["scene"])) if note["scene"] is not None else -1.0
            way = "in" if note["way"] == "in" else "out"
            self.logs[str(note["crossing"])].counted.append(Counted(way, scene, int(str(note["at_ms"]))))  # type: ignore[arg-type]
        elif "reader" in note:
            code = self.ports[int(str(note["port"]))]
            self.group_of[code] = int(str(note["group"]))
            if note["reader"] is not None:
                self.readers[code] = int(str(note["reader"]))
        elif "group" in note:
            self.groups.append(int(str(note["group"])))
