"""No frame leaves a capture process but by its pipe: every file and socket that it opens is watched."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.vision.streams import camera, until
from tests.vision.watching import settle, watched
from vision.feed import CameraFeed
from vision.source import Frame

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and named pipes show what a process opens")

ROOT = Path(__file__).resolve().parents[2]


def test_a_capture_process_opens_the_streams_socket_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Frame] = []
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with camera() as door, watched(tmp_path / "watch", places=(here,)) as (watch, command):
        with closing(CameraFeed(door.address, command=[*command, "-m", "vision.reader"])) as feed:

            def look() -> bool:
                frame = feed.poll()
                if frame is not None:
                    seen.append(frame)
                watch.pids |= {feed.pid} if feed.pid else set()
                return len(seen) >= 15

            assert until(look)
            door.how = "cut"  # the loss and the new connection are watched too
            assert until(lambda: look() and feed.health.losses > 0)
            door.how = "well"
            count = len(seen)
            assert until(lambda: look() and len(seen) > count + 3)
            settle()
        peer = ("127.0.0.1", door.port)
    assert watch.looks > 20
    assert watch.connections == {peer}, "the stream's own connection, and seen at all"
    assert [line for line in watch.noted if str(peer) not in line] == []
    assert (watch.files, watch.other_sockets, watch.local, watch.left, watch.stored) == (set(), set(), set(), set(), 0)


LEAKS = {
    "file": "open('frame.jpg', 'wb')",
    "native": "import ctypes; ctypes.CDLL(None).open(b'frame.jpg', 0o102, 0o600)",
    "socket": "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()",
    "unix": "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0leak')",
    "memory": "f = open('/dev/shm/atrium-leak', 'wb')",
}


@pytest.mark.parametrize("how", LEAKS)
def test_the_watch_sees_a_leak(tmp_path: Path, how: str) -> None:
    """Each way out that the test above must see, in a program that uses it."""
    program = tmp_path / "leak.py"
    program.write_text(f"{LEAKS[how]}\nprint('leaked', flush=True)\ninput()\n")
    with watched(tmp_path / "watch", places=(tmp_path,)) as (watch, command):
        process = subprocess.Popen(
            [*command, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
        )
        watch.pids.add(process.pid)
        assert process.stdout and process.stdout.readline() == b"leaked\n"
        looks = watch.looks
        until(lambda: watch.looks > looks + 2)
        process.communicate(b"\n", timeout=20)
    seen = {
        "file": bool(watch.noted and watch.left),
        "native": bool(watch.files and watch.left),
        "socket": bool(watch.noted and watch.connections),
        "unix": bool(watch.noted and watch.local),
        "memory": bool(watch.noted and watch.files and watch.left),
    }
    if how == "memory":
        Path("/dev/shm/atrium-leak").unlink()
    assert seen[how], watch


def test_a_file_cannot_be_written_under_the_watch(tmp_path: Path) -> None:
    """Native code that opened and closed a file between two looks would still have failed to fill it."""
    program = tmp_path / "leak.py"
    program.write_text("with open('frame.jpg', 'wb') as file: file.write(b'x')\n")
    with watched(tmp_path / "watch") as (_watch, command):
        ended = subprocess.run([*command, str(program)], cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode != 0
    assert (tmp_path / "frame.jpg").stat().st_size == 0
