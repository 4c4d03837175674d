"""Two senders reach the hub through a faulty network while changes are made: both ends must end the same.

Run: python -m benchmarks.sync.cuts [--faults 200] [--naive-faults 40] [--seed 1] [--seconds 600]
A TCP proxy on the loopback spoils each connection that lives long enough, TLS and all: cuts, resets, answers lost after
the hub's commit, connections that stand open and pass nothing, delays, and requests that arrive after those of the
connection that came later. At the end what is left is sent undisturbed, and both ends are compared as after the kills.
Two naive ways of sending go through the same with fewer faults and must lose or duplicate.
Exit status 0 where ours loses and duplicates nothing and each naive way fails.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.sync.drilling import WAYS, Verdict, make_scene, until_judged, watched_hub
from benchmarks.sync.histories import quick_folder
from benchmarks.sync.proxy import FaultyProxy
from benchmarks.sync.workers import Scene, write
from tests.authority import Authority
from tests.hub import Hub
from tests.postgres import postgres_server

NODE, SERVICE, WRITER = 1, 2, 3


def main(arguments: Sequence[str]) -> int:
    """Run the drill and print what it found."""
    from cryptography import x509

    parser = argparse.ArgumentParser(description="Two senders through a faulty network.")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--naive-faults", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600, help="at most so long for each way")
    options = parser.parse_args(arguments)
    authority, port, verdicts = Authority("A chain"), _free_port(), []
    certificate, key = authority.server(x509.DNSName("localhost"))
    settings = (
        "max_connections=60", "listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=hub.crt", "ssl_key_file=hub.key",
    )  # fmt: skip
    secrets, hba = {"hub.crt": certificate, "hub.key": key}, "hostssl all all 127.0.0.1/32 scram-sha-256"
    with postgres_server(*settings, hba=hba, port=port, secrets=secrets) as address, quick_folder() as folder:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        hub = watched_hub(address)
        for way in reversed(WAYS):
            verdicts.append(_run(hub, {"port": port, "ca": authority.pem}, folder, way, options))
    return 0 if all(verdict.right for verdict in verdicts) else 1


def _run(hub: Hub, where: dict[str, Any], folder: Path, way: str, options: argparse.Namespace) -> Verdict:
    began, wanted = time.monotonic(), options.faults if way == "ours" else options.naive_faults
    until = began + options.seconds
    proxy = FaultyProxy(options.seed)
    proxy.begin(where["port"], faulty=False)
    try:
        scene = make_scene(
            hub, folder / way.replace(" ", "-"), options.seed, host="localhost", port=proxy.port, ca=where["ca"]
        )

        def play_once() -> None:
            play(proxy, scene, way, proxy.faults.total() + wanted, until)

        verdict = until_judged(way, hub, scene, play_once, until)
    finally:
        proxy.close()
    shown = ", ".join(f"{kind} {n}" for kind, n in proxy.faults.items())
    print(f"{verdict.told()}\n  {proxy.faults.total()} of {wanted} faults in {time.monotonic() - began:.0f} s on "
          f"{proxy.connections} connections: {shown}; {proxy.answered_late} late requests answered")  # fmt: skip
    for trouble in verdict.troubles:
        print(trouble)
    sys.stdout.flush()
    if proxy.faults.total() < wanted and not verdict.naive:
        verdict.troubles.append("time was up")
    return verdict


def play(proxy: FaultyProxy, scene: Scene, way: str, wanted: int, until: float) -> None:
    """Two senders and a writer until so many faults have struck."""
    for slot, task in ((NODE, WAYS[way]), (SERVICE, WAYS[way]), (WRITER, write)):
        scene.start(slot, task)
    proxy.spoil(True)
    try:
        while proxy.faults.total() < wanted and time.monotonic() < until and not scene.troubles.exists():
            time.sleep(0.05)
    finally:
        proxy.spoil(False)
        scene.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
