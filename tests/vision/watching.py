"""Watches what a process and its children open: files, sockets, and everything that is written.

As a program, `python watching.py LOG [--writes] [-m MODULE | FILE] ARGUMENTS...`, it runs another program with
every file that Python opens for writing, every connection and every bound socket noted in LOG, a named pipe, and
without `--writes` with the system's limit on file sizes at nought: a write to any file then fails. What native
code does is seen from outside, in /proc, by `Watch`. Linux only.
"""

from __future__ import annotations

import os
import runpy
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
SOCKETS = ("socket.connect", "socket.bind", "socket.sendto", "socket.listen")
CHANGES = (
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.link",
    "os.symlink",
    "os.truncate",
    "shutil.copyfile",
    "sqlite3.connect",
)
HARMLESS = ("/dev/null",)
UNKNOWN_LOOKS = 20


@dataclass
class Watch:
    """What was seen. `connections` are (address, port) of peers or, of listening sockets, their own; `local` the
    addresses of sockets that no network reaches, "" where they have none."""

    noted: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    connections: set[tuple[str, int]] = field(default_factory=set)
    other_sockets: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    stored: int = 0
    looks: int = 0
    pids: set[int] = field(default_factory=set)
    unknown: dict[str, int] = field(default_factory=dict)
    ours: tuple[str, ...] = ()


@contextmanager
def watched(folder: Path, *, places: tuple[Path, ...] = (), writes: bool = False) -> Iterator[tuple[Watch, list[str]]]:
    """The watch and the words to put before a program's own (`-m MODULE ...`) to have it watched.

    `folder` becomes its place for temporary files; that, `places` and shared memory must be left as they
    were; with `writes` it may write files. Processes are followed by `watch.pids.add(pid)`; their children are found.
    """
    log = folder / "log"
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(log)
    scratch = folder / "scratch"
    scratch.mkdir()
    watch, over = Watch(ours=_own_output()), threading.Event()
    held = os.open(log, os.O_RDWR | os.O_NONBLOCK)  # so that the pipe outlives each of its writers
    looked = (scratch, Path("/dev/shm"), *places)
    before = {place: _tree(place) for place in looked}
    thread = threading.Thread(target=_follow, args=(watch, over))
    thread.start()
    saved = {name: os.environ.get(name) for name in ("TMPDIR", "HOME")}
    os.environ.update(TMPDIR=str(scratch), HOME=str(scratch))
    try:
        yield watch, [sys.executable, str(Path(__file__)), str(log), *(["--writes"] if writes else [])]
    finally:
        for name, value in saved.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        over.set()
        thread.join()
        watch.noted += _noted(held)
        os.close(held)
        watch.left = set().union(*(_tree(place) - before[place] for place in looked))


def _own_output() -> tuple[str, ...]:
    """Where this process's own output goes, which its children inherit: pytest catches it in a file."""
    return tuple(str(Path(f"/proc/self/fd/{number}").readlink()) for number in (1, 2))


def _tree(place: Path) -> set[str]:
    return {str(path) for path in place.rglob("*")} if place.is_dir() else set()


def _noted(held: int) -> list[str]:
    found = b""
    with suppress(BlockingIOError):
        while part := os.read(held, 65_536):
            found += part
    return found.decode(errors="replace").splitlines()


def _follow(watch: Watch, over: threading.Event) -> None:
    while not over.wait(0.01):
        for pid in _family(watch.pids):
            with suppress(OSError):
                _look(pid, watch)
        watch.looks += 1


def _family(pids: set[int]) -> set[int]:
    found = set(pids)
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found |= _family({int(each) for each in task.read_text().split()})
    return found


def _look(pid: int, watch: Watch) -> None:
    """One process's open files and sockets at this moment."""
    sockets, local = _sockets(pid), _local_sockets(pid)
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            target = str(entry.readlink())
            if target[8:-1] in local:
                watch.local.add(local[target[8:-1]])
            else:
                _note(entry, target, sockets, watch)
    for line in Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("write_bytes:"):
            watch.stored = max(watch.stored, int(line.split()[1]))


def _note(entry: Path, target: str, sockets: dict[str, tuple[str, int]], watch: Watch) -> None:
    if target.startswith("socket:"):
        inode = target[8:-1]
        if inode in sockets:
            watch.connections.add(sockets[inode])
            watch.unknown.pop(target, None)
        else:  # one that is just being connected is not in the system's table yet
            watch.unknown[target] = watch.unknown.get(target, 0) + 1
            if watch.unknown[target] == UNKNOWN_LOOKS:
                watch.other_sockets.add(target)
    elif target.startswith("/") and target not in (*HARMLESS, *watch.ours):
        flags = int(next(line for line in _info(entry) if line.startswith("flags")).split()[1], 8)
        if flags & WRITING and not target.endswith("/log"):
            watch.files.add(target)


def _info(entry: Path) -> list[str]:
    return Path(str(entry).replace("/fd/", "/fdinfo/")).read_text().splitlines()


def _sockets(pid: int) -> dict[str, tuple[str, int]]:
    """Peers of the sockets of the process's network, by inode; the own address where there is no peer."""
    found: dict[str, tuple[str, int]] = {}
    for kind in ("tcp", "udp"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            fields = line.split()
            peer = fields[2] if int(fields[2].rpartition(":")[2], 16) else fields[1]
            host, _, port = peer.partition(":")
            found[fields[9]] = (socket.inet_ntoa(bytes.fromhex(host)[::-1]), int(port, 16))
    for kind in ("tcp6", "udp6"):
        path = Path(f"/proc/{pid}/net/{kind}")
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = line.split()
            found[fields[9]] = ("six", int(fields[2].rpartition(":")[2], 16))
    return found


def _local_sockets(pid: int) -> dict[str, str]:
    """Addresses of the UNIX sockets of the process's system, by inode."""
    found = {}
    for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]:
        fields = line.split(maxsplit=7)
        found[fields[6]] = fields[7] if len(fields) > 7 else ""
    return found


def _install(log: str, *, writes: bool) -> None:
    """Notes in this process, before the watched program begins."""
    out = os.open(log, os.O_WRONLY)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or not isinstance(flags, int) or not flags & WRITING or path in HARMLESS:
                return
            os.write(out, f"open {path}\n".encode())
        elif event in CHANGES:
            os.write(out, f"{event} {arguments}\n".encode())
        elif event in SOCKETS:
            os.write(out, f"{event} {arguments[1] if len(arguments) > 1 else ''}\n".encode())

    import resource

    sys.dont_write_bytecode = True
    if not writes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(note)


def main() -> None:
    """The watched program in this process."""
    _, log, first, *rest = sys.argv
    writes = first == "--writes"
    if writes:
        first, *rest = rest
    _install(log, writes=writes)
    if first == "-m":
        sys.argv = rest
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        sys.path.insert(0, str(Path(first).parent))
        runpy.run_path(first, run_name="__main__")


def settle(seconds: float = 0.1) -> None:
    """Gives the watcher a few looks."""
    time.sleep(seconds)


if __name__ == "__main__":
    main()
