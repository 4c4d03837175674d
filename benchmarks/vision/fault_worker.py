"""The drill's stand-ins for three processes of the product, each the real one but for what a drill must know.

    fault_worker.py supervise SITE    keeps the groups alive, as the service does
    fault_worker.py group SITE        a group of cameras, with a detector that finds the drawn people exactly
    fault_worker.py read              a camera's capture process, whose wall clock the drill can set

Each writes what it sees as lines of JSON to the file of ATRIUM_DRILL_LOG, one write a line, so that several
processes share it and a kill loses none. The clock of a camera is set by a file `clock-PORT` beside it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vision.source import Frame  # noqa: E402

LOG = Path(os.environ["ATRIUM_DRILL_LOG"])
LOOK_S = 1.0
TICK_S = 0.2


def write(**words: object) -> None:
    """One line for the drill."""
    descriptor = os.open(LOG, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, json.dumps(words).encode() + b"\n")
    finally:
        os.close(descriptor)


def supervise(site: Path) -> None:
    """Keeps the site's cameras counted until standard input ends."""
    from app.service.cameras import CameraSupervisor, CountProcess, active_cameras
    from models.store import open_store

    store = open_store(site)
    command = [sys.executable, __file__, "group", str(site)]
    supervisor = CameraSupervisor(store, 1, lambda: CountProcess(command))
    over = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    while not over.wait(LOOK_S):
        supervisor.look(active_cameras(store))
    supervisor.close()
    store.close()


def group(site: Path) -> int:
    """The group process of the product."""
    import app.service.counting
    import vision.detectors
    from app.cli.entry import main
    from benchmarks.vision.fault_log import listening
    from benchmarks.vision.fault_scene import Exact

    detectors, counting = cast(Any, vision.detectors), cast(Any, app.service.counting)
    detectors.load_detector = lambda *_, **__: Exact()
    counting.reader_command = lambda: [sys.executable, __file__, "read"]
    _tell_readers()
    write(group=os.getpid())
    with listening(_Heard()):
        return main(["--site", str(site), "cameras", "--child"])


class _Heard:
    """Writes down crossings and, now and then, that frames are counted."""

    def __init__(self) -> None:
        self._scene: dict[str, dict[int, float]] = {}

    def __call__(self, code: str, frame: Frame, flaws: Sequence[str], step: object) -> None:
        from benchmarks.vision.fault_scene import stamp_of
        from vision.pipeline import Step

        assert isinstance(step, Step)
        scene = self._scene.setdefault(code, {})
        stamp = stamp_of(frame.image)
        if stamp is not None:
            scene[frame.index] = stamp
        write(frame=code, scene=stamp, seconds=frame.seconds, at_ms=frame.at_ms, flaws=[*flaws])
        for each in step.crossings:
            write(crossing=code, way=each.direction, scene=scene.get(each.frame), at_ms=each.at_ms)
        for index in [index for index in scene if index < frame.index - 200]:
            del scene[index]


def _tell_readers() -> None:
    """Has each capture process's number written down when it moves."""
    from vision import feed

    feeds: list[feed.CameraFeed] = []

    class Told(feed.CameraFeed):
        def __init__(self, spec: str, **options: object) -> None:
            super().__init__(spec, **options)  # type: ignore[arg-type]
            self.port = urlsplit(spec).port
            feeds.append(self)

    def tell() -> None:
        known: dict[int | None, int | None] = {}
        while True:
            for each in feeds:
                assert isinstance(each, Told)
                if known.get(each.port) != each.pid:
                    known[each.port] = each.pid
                    write(reader=each.pid, port=each.port, group=os.getpid())
            time.sleep(TICK_S)

    cast(Any, feed).CameraFeed = Told
    threading.Thread(target=tell, name="readers", daemon=True).start()


def read() -> int:
    """The capture process of the product, on a machine whose clock may be set."""
    from vision import grabber, reader

    clock: list[Path] = []

    class Asked(grabber.Grabber):
        def __init__(self, spec: grabber.ReadSpec) -> None:
            clock.append(LOG.parent / f"clock-{urlsplit(spec.source).port}")
            super().__init__(spec)

    class Clock:
        monotonic = staticmethod(time.monotonic)

        @staticmethod
        def time_ns() -> int:
            shift_ms = int(clock[0].read_text()) if clock[0].exists() else 0
            return time.time_ns() + shift_ms * 1_000_000

    cast(Any, reader).Grabber = Asked
    cast(Any, grabber).time = Clock
    return reader.main()


def start(arguments: Sequence[str]) -> int:
    what, *rest = arguments
    if what == "supervise":
        supervise(Path(rest[0]))
        return 0
    return read() if what == "read" else group(Path(rest[0]))


if __name__ == "__main__":
    raise SystemExit(start(sys.argv[1:]))
