"""What the drills share: a small site that has joined a watched hub, the drain at the end, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.sync.ends import Ends, compare_ends, watch_effects
from benchmarks.sync.workers import Scene, remember_then_send, send, send_naively, send_then_remember
from models.site import create_site
from models.store import Store, create_store, open_store
from models.sync.cycle import sync_once
from models.sync.link import Link, connect
from tests.hub import Hub, add_source, fresh_hub, join

#: The ways of sending: ours and two that must fail.
WAYS = {"ours": send, "cursor kept at the client": send_then_remember, "marked, then sent": remember_then_send}


@dataclass
class Verdict:
    """What stood at the end of one way of sending."""

    way: str
    receipts: int = 0
    acked: int = 0
    gone_here: int = 0
    lost: int = 0
    duplicated: int = 0
    ends: Ends | None = None
    troubles: list[str] = field(default_factory=list)

    @property
    def naive(self) -> bool:
        """Whether this way must fail."""
        return self.way != "ours"

    @property
    def right(self) -> bool:
        """Ours: nothing lost or twice, both ends the same; naive: rows lost or twice."""
        if self.naive:
            return bool(self.lost or self.duplicated) and not self.troubles
        return not (self.lost or self.duplicated or self.gone_here or self.troubles) and bool(
            self.ends and self.ends.equal
        )

    def told(self) -> str:
        """One line for a person."""
        line = f"{self.way}: {self.receipts:,} receipts, {self.lost:,} lost, {self.duplicated:,} duplicated"
        if not self.ends:
            return f"{line} (must lose or duplicate)"
        same = "DIFFER" if self.ends.differing else "equal"
        return (
            f"{line} (bar: 0, 0); {self.ends.rows:,} rows of {self.ends.tables} tables, dumps {same} "
            f"(SHA-256 {self.ends.sha_here[:12]}, {self.ends.sha_hub[:12]}); of {self.acked:,} receipts told to be "
            f"committed {self.gone_here:,} are missing here (bar: 0)"
        )


def watched_hub(server: str) -> Hub:
    """A hub that counts effects, with a table for those who send naively."""
    hub = fresh_hub(server)
    watch_effects(hub)
    with hub.connection() as connection:
        connection.execute("CREATE SCHEMA naive")
        connection.execute("CREATE TABLE naive.sale (id uuid)")
        connection.execute("GRANT USAGE ON SCHEMA naive TO atrium_node")
        connection.execute("GRANT INSERT ON naive.sale TO atrium_node")
    return hub


def make_scene(hub: Hub, folder: Path, seed: int, **where: Any) -> Scene:
    """A new site whose node has joined the hub; nothing is open when this returns."""
    store = create_store(create_site(folder, name="Mall", code="mall", time_zone="UTC", currency="EUR"))
    link: Link = join(hub, store, "pc1", **where)
    source = add_source(store)
    store.close()
    with hub.connection() as connection:
        connection.execute("TRUNCATE naive.sale")
    return Scene(folder, link, source, seed)


def until_judged(way: str, hub: Hub, scene: Scene, play: Callable[[], None], until: float) -> Verdict:
    """Play, then judge; a naive way that was lucky goes on until it has failed or time is up."""
    while True:
        play()
        verdict = judge(way, hub, scene)
        if verdict.right or not verdict.naive or time.monotonic() > until:
            return verdict


def judge(way: str, hub: Hub, scene: Scene) -> Verdict:
    """Send what is left undisturbed, then compare."""
    verdict = Verdict(way)
    if scene.troubles.exists():
        verdict.troubles = scene.troubles.read_text("utf-8").split("\n\n")
    store = open_store(scene.folder)
    try:
        if verdict.naive:
            with connect(scene.link) as connection:
                while send_naively(scene, store, connection, mark_first=way.startswith("marked")):
                    pass
            _judge_naive(verdict, hub, store)
        else:
            _drain(scene, store)
            verdict.ends = compare_ends(hub, store)
            verdict.troubles += [*verdict.ends.differing, *verdict.ends.beyond]
            verdict.lost, verdict.duplicated = verdict.ends.lost, verdict.ends.duplicated + verdict.ends.strange
        with store.read() as connection:
            keys = set(connection.exec_driver_sql("SELECT source_key FROM sale").scalars())
        verdict.receipts = len(keys)
        told = acknowledged(scene)
        verdict.acked, verdict.gone_here = len(told), len(told - keys)
    finally:
        store.close()
    return verdict


def acknowledged(scene: Scene) -> set[str]:
    """Keys of receipts whose commit the writer saw and which it never meant to delete."""
    kept, dropped = set[str](), set[str]()
    for line in scene.acked.read_text("ascii").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "-":
            dropped.add(rest)
        elif rest.count(" ") == 1:
            start, count = map(int, rest.split())
            kept.update(f"r{start + n}" for n in range(count))
    return kept - dropped


def _drain(scene: Scene, store: Store) -> None:
    for _ in range(12):
        report = sync_once(store, scene.link)
        if not report.sent and not report.taken:
            return
    raise AssertionError("the node never comes to rest")


def _judge_naive(verdict: Verdict, hub: Hub, store: Store) -> None:
    with store.read() as connection:
        mine = {row[0].hex() for row in connection.exec_driver_sql("SELECT id FROM sale").fetchall()}
    sent = hub.rows("SELECT replace(id::text, '-', ''), count(*) FROM naive.sale GROUP BY 1")
    verdict.lost = len(mine - {key for key, _ in sent})
    verdict.duplicated = sum(n - 1 for _, n in sent)
