"""No picture leaves a group's processes but blurred, by the local pipe: a group that counts a real stream and a child
that watches it for the desktop, with every file and socket of theirs watched and all they left searched for pictures."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
import pytest

from benchmarks.vision.fault_camera import DrillCamera
from benchmarks.vision.fault_scene import door
from engines.cameras.records import remember_camera
from models.site import create_site
from models.store import Store, create_store
from tests.vision.streams import until
from tests.vision.watching import Watch, settle, watched
from vision.boxes import Image
from vision.config import write_config

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and named pipes show what a process opens")

MAIN = Path(__file__).resolve().parents[2] / "main.py"
LIMIT_S = 120.0
RUN = 24  # pixels of a picture's row: a background of noise has no such run twice
MAGIC = b"\xff\xd8\xff\xe0\x00\x10JFIF"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@contextmanager
def child(watch: Watch, command: list[str], mall: Store, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*command, str(MAIN), "--site", str(mall.site.folder), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=mall.site.folder.parent,
    )  # fmt: skip
    watch.pids.add(process.pid)
    try:
        yield process
    finally:
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 0
        assert process.stdout
        process.stdout.close()


def told(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def next_picture(process: subprocess.Popen[bytes], code: str) -> tuple[dict[str, Any], bytes]:
    told(process, f"next {code}")
    out: IO[bytes] = process.stdout  # type: ignore[assignment]
    header = json.loads(out.readline())
    return header, out.read(header["bytes"])


def watched_seconds(mall: Store) -> float:
    """How long the store says that the camera was counted."""
    with mall.read() as connection:
        return float(connection.exec_driver_sql("SELECT total(seconds_observed) FROM count_minute").scalar_one())


def runs(image: Image) -> set[bytes]:
    """Runs of pixels of a picture's still background, in both orders of colours and as grey."""
    found = set()
    for row in range(24, image.shape[0] - 1, 16):
        for left in range(0, image.shape[1] - RUN, 64):
            strip = image[row, left : left + RUN]
            found |= {strip.tobytes(), strip[:, ::-1].tobytes()}
            found.add(cv2.cvtColor(strip[None], cv2.COLOR_RGB2GRAY).tobytes())
    return found


def leaks(patterns: Iterable[bytes], folders: Iterable[Path]) -> list[str]:
    """Files that hold one of the patterns."""
    known = tuple(patterns)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(each in (held := path.read_bytes()) and held for each in known)]


def stored_values(mall: Store) -> Iterator[tuple[str, bytes]]:
    """Every text and blob of the store as it is before encryption, with its table."""
    with mall.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        for table in tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes | str):
                        yield table, value if isinstance(value, bytes) else value.encode()


def test_a_group_and_its_viewer_keep_no_picture_anywhere(
    mall: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipes = Path(tempfile.mkdtemp(prefix="run-", dir="/tmp"))  # the system allows a pipe's address a hundred bytes
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(pipes))
    site, watching = mall.site.folder, tmp_path / "watch"
    seen: list[Image] = []
    with closing(DrillCamera(1, time.monotonic())) as hall:
        remember_camera(
            mall, "test", code="C1", address=hall.address, lines=write_config(door("G1")),
            detector="background-subtraction",
        )  # fmt: skip
        with watched(watching, writes=True) as (watch, command):
            group_child = child(watch, command, mall, "cameras", "--child")
            with group_child as group, child(watch, command, mall, "live-view") as viewer:
                told(group, json.dumps({"cameras": {"C1": "1"}}))
                told(viewer, json.dumps({"cameras": ["C1"], "width": 320}))

                def look() -> bool:
                    header, picture = next_picture(viewer, "C1")
                    if header["bytes"]:
                        shape = (header["height"], header["width"], 3)
                        seen.append(np.frombuffer(picture, np.uint8).reshape(shape))
                    return len(seen) >= 15 and watched_seconds(mall) >= 2

                assert until(look, limit_s=LIMIT_S, pause_s=0.1)
                by_group, by_viewer = Watch(), Watch()
                _look_once(group.pid, by_group)
                _look_once(viewer.pid, by_viewer)
                settle()
        _nothing_but_the_store_was_written(watch, site, pipes)
        assert watch.connections == {("127.0.0.1", hall.port)}, "the capture process's, and no other"
        assert (by_group.connections, by_viewer.connections) == (set(), set())
        assert {Path(each).parent.parent for each in watch.local if each} == {pipes}
        patterns = {MAGIC, *(run for image in seen[-3:] for run in runs(image))}
    assert any(run in seen[-1].tobytes() for run in patterns), "what is searched for is what was seen"
    folders = (site, pipes, watching, tmp_path)
    assert leaks(patterns, folders) == []
    assert [table for table, value in stored_values(mall) if any(each in value for each in patterns)] == []
    assert max(len(value) for _, value in stored_values(mall)) < 100_000
    (site / "leak").write_bytes(b"x" * 1000 + seen[-1].tobytes())
    (pipes / "leak").write_bytes(hall.part())
    assert set(leaks(patterns, folders)) == {str(site / "leak"), str(pipes / "leak")}, "the search finds pictures"


def _look_once(pid: int, watch: Watch) -> None:
    from tests.vision.watching import _look

    _look(pid, watch)


def _nothing_but_the_store_was_written(watch: Watch, site: Path, pipes: Path) -> None:
    allowed = {str(site / f"atrium.{name}") for name in ("db", "db-wal", "db-shm", "writer")}
    assert watch.files, "the watch sees the store's own files"
    assert {each for each in watch.files if each not in allowed and not each.startswith(str(site / "logs"))} == set()
    assert watch.other_sockets == set()
    for line in watch.noted:
        assert any(str(place) in line for place in (site, pipes)), line
    assert watch.left == set()
