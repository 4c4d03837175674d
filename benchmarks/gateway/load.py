"""A mall's thousand nodes and a hundred live screens on one gateway, over this machine's loopback.

    python benchmarks/gateway/load.py [--nodes 1000] [--sessions 100] [--rounds 3] [--seconds 60] [--site DIR]

Each node has a key and a connection of its own, begins at its own moment and sends small batches of counts, each
batch once more at the end of its round. Sessions listen all the while. At the end the store must hold each row once.
Bars: 0 errors (503 and 429 with Retry-After are back-pressure: obeyed and counted apart), every session held to the
end, every row stored once, p95 stated; and of 200 guesses at a password at most 20 are looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PROCESSES = 2
ROWS = 4
GUESSES, LOOKED_AT_MOST = 200, 20
PASSWORD = "violet tram harbour"


@dataclass
class Seen:
    """What the nodes of one process met."""

    waits: list[float] = field(default_factory=list)
    held_off: int = 0
    errors: list[str] = field(default_factory=list)
    loaded: int = 0
    unchanged: int = 0


class Node:
    """A program with a key, over a connection that it keeps."""

    def __init__(self, number: int, key: str, port: int, options: argparse.Namespace, seen: Seen) -> None:
        self._number, self._key, self._port, self._options, self._seen = number, key, port, options, seen
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def run(self) -> None:
        """Its rounds, spread over the time there is."""
        share = self._options.seconds / self._options.rounds
        await asyncio.sleep(random.Random(self._number).random() * share)
        for turn in range(self._options.rounds):
            began = time.monotonic()
            for _ in range(2):
                await self._post(turn)
            await asyncio.sleep(max(0.0, share - (time.monotonic() - began)))
        if self._wire is not None:
            self._wire[1].close()

    async def _post(self, turn: int) -> None:
        rows = [
            {"gate": f"g{self._number:04d}", "at": f"2026-11-{10 + turn:02d}T{8 + n:02d}:00", "entries": turn + n,
             "exits": n}
            for n in range(ROWS)
        ]  # fmt: skip
        body = json.dumps({"rows": rows}).encode()
        for _ in range(20):
            began = time.perf_counter()
            try:
                status, told = await self._ask(body)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self._seen.errors.append(type(error).__name__)
                self._wire = None
                continue
            if status in (429, 503):
                self._seen.held_off += 1
                await asyncio.sleep(2)
                continue
            self._seen.waits.append(time.perf_counter() - began)
            if status != 202 or told["rejected"]:
                self._seen.errors.append(f"{status} {told.get('code', 'rejected')}")
            self._seen.loaded += told.get("loaded", 0)
            self._seen.unchanged += told.get("unchanged", 0)
            return
        self._seen.errors.append("held off for good")

    async def _ask(self, body: bytes) -> tuple[int, dict[str, Any]]:
        if self._wire is None:
            self._wire = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._wire
        writer.write(
            f"POST /v1/counts HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-len"))
        return int(head.split(" ")[1]), json.loads(await reader.readexactly(length))


def nodes(options: argparse.Namespace, port: int, keys: Sequence[tuple[int, str]], out: Any) -> None:
    """One process of nodes; what they met goes to `out`."""
    seen = Seen()

    async def all_of_them() -> None:
        await asyncio.gather(*(Node(n, key, port, options, seen).run() for n, key in keys))

    asyncio.run(all_of_them())
    out.put(seen)


def screens(options: argparse.Namespace, port: int, token: str, stop: Any, out: Any) -> None:
    """Sessions that listen until told to stop: how many were held, and how many messages each heard."""
    from websockets.asyncio.client import connect

    heard, lost = [0] * options.sessions, []

    async def listen(number: int) -> None:
        try:
            async with connect(f"ws://127.0.0.1:{port}/v1/live", proxy=None, open_timeout=30) as wire:
                await wire.send(json.dumps({"token": token, "topics": ["counts"]}))
                while not stop.is_set():
                    try:
                        await asyncio.wait_for(wire.recv(), 1.0)
                        heard[number] += 1
                    except TimeoutError:
                        continue
        except Exception as error:  # noqa: BLE001 - whatever ends a session is what is looked for
            lost.append(f"{type(error).__name__}: {error}")

    async def all_of_them() -> None:
        await asyncio.gather(*(listen(n) for n in range(options.sessions)))

    asyncio.run(all_of_them())
    out.put((heard, lost))


def main() -> int:
    """Run it and print the figures; 0 where every bar is kept."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        site = _site(options, Path(folder))
        keys, user_key, port = _prepare(site, options.nodes)
        gateway = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "--site", str(site), "gateway", "serve"], stdin=subprocess.PIPE
        )
        try:
            _until_it_answers(port)
            return _measure(options=options, site=site, keys=keys, user_key=user_key, port=port, pid=gateway.pid)
        finally:
            assert gateway.stdin is not None
            gateway.stdin.close()
            gateway.wait(30)


def _measure(
    *, options: argparse.Namespace, site: Path, keys: list[str], user_key: str, port: int, pid: int
) -> int:  # fmt: skip
    context = multiprocessing.get_context("spawn")
    stop, out, told = context.Event(), context.Queue(), context.Queue()
    token = _json(port, "/v1/auth/token", {"key": user_key})[1]["token"]
    wall = context.Process(target=screens, args=(options, port, token, stop, told))
    wall.start()
    numbered = list(enumerate(keys))
    before, began = _cpu(pid), time.monotonic()
    parts = [context.Process(target=nodes, args=(options, port, numbered[n::PROCESSES], out)) for n in range(PROCESSES)]
    for part in parts:
        part.start()
    found = [out.get(timeout=options.seconds + 90) for _ in parts]
    for part in parts:
        part.join()
    seconds, used = time.monotonic() - began, _cpu(pid) - before
    stop.set()
    heard, lost = told.get(timeout=60)
    wall.join()
    idle = sorted(_timed(port) for _ in range(50))[47]
    looked_at, guesses = _guess(port)
    measured = (seconds, used, idle, looked_at, guesses)
    return _report(options=options, site=site, found=found, heard=heard, lost=lost, measured=measured)


def _report(
    *, options: argparse.Namespace, site: Path, found: list[Seen], heard: list[int], lost: list[str],
    measured: tuple[float, float, float, int, int],
) -> int:  # fmt: skip
    seconds, used, idle, looked_at, guesses = measured
    waits = sorted(w for seen in found for w in seen.waits)
    errors = [e for seen in found for e in seen.errors]
    p50, p95, p99 = (waits[int(len(waits) * q)] * 1000 for q in (0.5, 0.95, 0.99))
    wanted, stored = options.nodes * options.rounds * ROWS, _stored(site)
    loaded = sum(seen.loaded for seen in found)
    print(f"{options.nodes} nodes, {len(waits)} posts in {seconds:.0f} s, {len(waits) / seconds:.0f} a second")
    print(
        f"errors {len(errors)}, bar 0 {sorted(set(errors))[:5]}; "
        f"held off and sent again {sum(s.held_off for s in found)}"
    )
    print(
        f"a post: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms; p95 / idle health p95 {p95 / idle / 1000:.1f}"
    )
    print(f"rows sent {2 * wanted}, stored {stored}, bar {wanted} each once; told as new {loaded}")
    print(f"gateway: {used:.1f} s of a processor, {used / len(waits) * 1000:.1f} ms a post")
    held = options.sessions - len(lost)
    print(f"sessions held {held} of {options.sessions} {lost[:3]}; messages heard {min(heard)} to {max(heard)}, "
          f"median {statistics.median(heard):.0f}")  # fmt: skip
    print(f"guesses at a password: {looked_at} of {guesses} looked at, bar {LOOKED_AT_MOST}")
    good = not errors and held == options.sessions and stored == loaded == wanted and looked_at <= LOOKED_AT_MOST
    return 0 if good and min(heard) > 1 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="over which the rounds are spread (default 60)")
    parser.add_argument("--site", type=Path, help="a site to copy; else a small one is made")
    return parser.parse_args()


def _site(options: argparse.Namespace, folder: Path) -> Path:
    from tests.gateway.conftest import make_mall

    site = folder / "mall"
    if options.site is not None:
        shutil.copytree(options.site, site)
    else:
        make_mall(site).close()
    return site


def _prepare(site: Path, count: int) -> tuple[list[str], str, int]:
    import socket

    from engines.access import passwords
    from engines.access.actions import add_user, reset_password
    from engines.access.api_keys import create_key
    from models import settings
    from models.store import open_store

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    store = open_store(site)
    passwords.keep_cost(store, passwords.FLOOR)
    for name, value in (("address", f"127.0.0.1:{port}"), ("per_address", 1_000_000), ("on", True)):
        settings.change_setting(store, "cli:bench", f"gateway.{name}", value)
    keys = [create_key(store, "cli:bench", f"node-{n}", ["import"]) for n in range(count)]
    user = create_key(store, "cli:bench", "screens", ["see"], rate_per_minute=100_000)
    add_user(store, "cli:bench", "guessed", "Guessed", "viewer")
    reset_password(store, "cli:bench", "guessed", PASSWORD, must_change=False)
    store.close()
    return keys, user, port


def _json(port: int, path: str, body: object) -> tuple[int, dict[str, Any]]:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _timed(port: int) -> float:
    from http.client import HTTPConnection

    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/v1/health")
    connection.getresponse().read()
    connection.close()
    return time.perf_counter() - began


def _until_it_answers(port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            _timed(port)
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the gateway did not start")


def _guess(port: int) -> tuple[int, int]:
    """How many of the guesses were compared with a password: those that were not told to wait or that it is locked."""
    looked = 0
    for n in range(GUESSES):
        status, told = _json(port, "/v1/auth/login", {"user": "guessed", "password": f"guess {n}"})
        looked += status == 401 and "locked" not in told["sentence"].lower()
        if status == 200:
            raise SystemExit("a guess opened the account")
    return looked, GUESSES


def _stored(site: Path) -> int:
    from models.store import open_store

    store = open_store(site)
    try:
        with store.read() as connection:
            return int(
                connection.exec_driver_sql(
                    "SELECT count(*) FROM count_bucket b JOIN gate g ON g.id = b.gate_id "
                    "WHERE g.code LIKE 'g____' AND b.direction = 'in' AND b.revision = 0"
                ).scalar_one()
            )
    finally:
        store.close()


def _cpu(pid: int) -> float:
    """Processor seconds that the process has used; 0 where the system does not tell them so."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
