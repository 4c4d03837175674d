"""Kills senders, the writer and PostgreSQL at random while changes are made and sent: both ends must end the same.

Run: python -m benchmarks.sync.kills [--kills 500] [--naive-kills 60] [--seed 1] [--seconds 900]
A writer changes a small site (receipts one by one and in bulk, corrections, deletions, records, settings, members)
while two processes send it, as a desktop and its service would. Each kill is a SIGKILL: of the first sender, the
second, the writer, a PostgreSQL backend at work for the node (the server then recovers from a crash), or an immediate
stop and restart of the whole server. At the end what is left is sent, and every logged table is compared byte for
byte, and every effect at the hub with the node's log.
Two naive ways of sending go through the same with fewer kills and must lose or duplicate.
Exit status 0 where ours loses and duplicates nothing and each naive way fails.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.sync.drilling import WAYS, Verdict, make_scene, until_judged, watched_hub
from benchmarks.sync.histories import quick_folder
from benchmarks.sync.workers import Scene, write
from tests.hub import Hub
from tests.postgres import FOLDERS, postgres_server

NODE, SERVICE, WRITER = 1, 2, 3
SLOTS = {"sender": NODE, "second sender": SERVICE, "writer": WRITER}
#: Of a hundred kills, how many are of each kind.
SHARES = {"sender": 32, "second sender": 24, "writer": 24, "backend": 12, "server": 8}


@dataclass
class Kills:
    """How many there were of each kind, and how many met something in the middle of its work."""

    done: Counter[str] = field(default_factory=Counter)
    amid: Counter[str] = field(default_factory=Counter)


@dataclass
class Server:
    """A PostgreSQL of this machine that can be crashed and started again."""

    address: str

    @property
    def data(self) -> Path:
        """Its data folder."""
        return Path(self.address.split()[0].removeprefix("host=")) / "data"

    def control(self, *words: str) -> None:
        """Run pg_ctl; the server refuses to run as root."""
        user = "nobody" if os.geteuid() == 0 else None
        program = next(p for p in (Path(f, "pg_ctl") for f in FOLDERS) if p.exists())
        subprocess.run(
            [str(program), "-D", str(self.data), "-m", "immediate", "-w", *words], check=True, user=user,
            cwd=self.data.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def crash(self) -> None:
        """Stop at once, as in a crash, and start again."""
        self.control("restart")

    def kill_backend(self, login: str) -> str | None:
        """SIGKILL to a backend of the login, at work where one is; the server then recovers from a crash.

        What it was doing ('active', 'idle'), or None where there was none for a second.
        """
        import psycopg

        for _ in range(40):
            with suppress(psycopg.Error), psycopg.connect(self.address, autocommit=True) as admin:
                found = admin.execute(
                    "SELECT pid, state FROM pg_stat_activity WHERE usename = %s "
                    "ORDER BY state = 'active' DESC, random()",
                    (login,),
                ).fetchone()
                if found:
                    with suppress(ProcessLookupError):
                        os.kill(found[0], signal.SIGKILL)
                        return str(found[1])
            time.sleep(0.02)
        return None

    def wait(self) -> None:
        """Until it answers again."""
        import psycopg

        for _ in range(600):
            with suppress(psycopg.Error):
                psycopg.connect(self.address).close()
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL did not come up again")


def main(arguments: Sequence[str]) -> int:
    """Run the drill and print what it found."""
    parser = argparse.ArgumentParser(description="Random kills of everything that takes part in sync.")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--naive-kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=900, help="at most so long for each way")
    options = parser.parse_args(arguments)
    verdicts = []
    with postgres_server("max_connections=60") as address, quick_folder() as folder:
        os.environ["ATRIUM_KEYS"] = f"{folder}/keys"
        server = Server(address)
        try:
            hub = watched_hub(address)
            for way in reversed(WAYS):
                verdicts.append(_run(server, hub, folder, way, options))
        finally:
            with suppress(subprocess.CalledProcessError):
                server.control("stop")  # one that pg_ctl has started is nobody's child
    return 0 if all(verdict.right for verdict in verdicts) else 1


def _run(server: Server, hub: Hub, folder: Path, way: str, options: argparse.Namespace) -> Verdict:
    began, kills = time.monotonic(), Kills()
    wanted = options.kills if way == "ours" else options.naive_kills
    scene = make_scene(hub, folder / way.replace(" ", "-"), options.seed)
    until = began + options.seconds

    def play_once() -> None:
        try:
            play(server, scene, way, kills, kills.done.total() + wanted, until)
            server.wait()
        finally:
            scene.stop()

    verdict = until_judged(way, hub, scene, play_once, until)
    shown = ", ".join(f"{kind} {n} ({kills.amid[kind]} at work)" for kind, n in kills.done.items())
    print(f"{verdict.told()}\n  {kills.done.total()} of {wanted} kills in {time.monotonic() - began:.0f} s: {shown}")
    for trouble in verdict.troubles:
        print(trouble)
    sys.stdout.flush()
    if kills.done.total() < wanted and not verdict.naive:
        verdict.troubles.append("time was up")
    return verdict


def play(  # noqa: PLR0917 - what happens where until when
    server: Server, scene: Scene, way: str, kills: Kills, wanted: int, until: float
) -> None:
    """Up to so many kills, each after a random moment, half of them amid work; whoever was killed is started again."""
    rng = random.Random(f"{scene.seed} {kills.done.total()}")
    tasks = {NODE: WAYS[way], SERVICE: WAYS[way], WRITER: write}
    for slot, task in tasks.items():
        scene.start(slot, task)
    while kills.done.total() < wanted and time.monotonic() < until and not scene.troubles.exists():
        time.sleep(rng.uniform(0.02, 0.3))
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        if kind in SLOTS:
            kills.amid[kind] += scene.kill(SLOTS[kind], rng.choice((0.0, rng.uniform(0.0001, 0.03))))
            scene.start(SLOTS[kind], tasks[SLOTS[kind]])
        elif kind == "backend":
            doing = server.kill_backend(scene.link.login)
            if doing is None:
                continue
            kills.amid[kind] += doing == "active"
        else:
            kills.amid[kind] += bool(scene.board[NODE] or scene.board[SERVICE])
            server.crash()
        kills.done[kind] += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
