"""The processes of the drills: one that makes changes, those that send, and naive ones that send as one should not.

They are forked from a process that has loaded everything, so that a new one is at work within milliseconds of its
predecessor's end. A page of shared memory says which are in the middle of something, and when to stop.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.connection import IntegrityError
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction, open_store
from models.sync.cycle import sync_once
from models.sync.link import Link, Offline, connect
from models.times import now_ms
from tests.hub import add_sales

STOP = 0
#: Rows of the log that a naive sender sends in one transaction.
NAIVE_ROWS = 200


@dataclass
class Scene:
    """A node, its hub and the processes that work on them."""

    folder: Path
    link: Link
    source: bytes
    seed: int
    board: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 64))
    pids: dict[int, int] = field(default_factory=dict)
    started: int = 0
    parent: int = field(default_factory=os.getpid)

    @property
    def acked(self) -> Path:
        """What the writer was told is committed, a line each; `-` lines are of receipts it meant to delete."""
        return self.folder / "acked.txt"

    @property
    def troubles(self) -> Path:
        """What a process met that it should not have."""
        return self.folder / "troubles.txt"

    def start(self, slot: int, task: Callable[[Scene, int, random.Random], None]) -> None:
        """Fork a process for the slot."""
        self.started += 1
        self.board[slot] = 0
        pid = os.fork()
        if pid:
            self.pids[slot] = pid
            return
        try:
            task(self, slot, random.Random(f"{self.seed} {slot} {self.started}"))
        except BaseException:  # noqa: BLE001 - told to the drill, which fails
            with self.troubles.open("a") as file:
                file.write(traceback.format_exc() + "\n")
        finally:
            os._exit(0)

    def kill(self, slot: int, wait_s: float = 0) -> bool:
        """End the slot's process at once; whether it was in the middle of something.

        With a wait, such a moment is waited for, at most a fifth of a second, and then so long within it.
        """
        if wait_s:
            deadline = time.monotonic() + 0.2
            while not self.board[slot] and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(wait_s)
        busy = bool(self.board[slot])
        os.kill(self.pids[slot], signal.SIGKILL)
        os.waitpid(self.pids.pop(slot), 0)
        return busy

    def stop(self, within_s: float = 60) -> None:
        """Have every process end by itself; the slow are killed."""
        self.board[STOP] = 1
        deadline = time.monotonic() + within_s
        for slot, pid in list(self.pids.items()):
            while time.monotonic() < deadline and os.waitpid(pid, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            del self.pids[slot]
        self.board[STOP] = 0

    @property
    def goes_on(self) -> bool:
        """Whether a process of the scene has more to do: not where it is to stop, or where the drill has died."""
        return not self.board[STOP] and os.getppid() == self.parent

    @contextmanager
    def busy(self, slot: int) -> Iterator[None]:
        """While something is being done that a kill may interrupt."""
        self.board[slot] = 1
        yield
        self.board[slot] = 0


def send(scene: Scene, slot: int, rng: random.Random) -> None:
    """Round after round, as the service does it, without its waits."""
    store = open_store(scene.folder)
    while scene.goes_on:
        with scene.busy(slot), suppress(Offline):
            sync_once(store, scene.link)
        time.sleep(rng.uniform(0, 0.02))
    store.close()


def write(scene: Scene, slot: int, rng: random.Random) -> None:
    """Change after change: receipts one by one and in bulk, corrections, deletions, records, settings, members."""
    store = open_store(scene.folder)
    with scene.acked.open("a", buffering=1) as acked:
        while scene.goes_on:
            with scene.busy(slot), suppress(IntegrityError):
                rng.choice(ACTS)(_Desk(scene, store, rng, acked))
            time.sleep(rng.uniform(0, 0.1))
    store.close()


@dataclass
class _Desk:
    scene: Scene
    store: Store
    rng: random.Random
    acked: Any

    def sell(self, count: int, *, bulk: bool = False) -> bytes:
        start = time.time_ns()
        batch = add_sales(self.store, self.scene.source, count, start=start, bulk=bulk, units=self.rng.random())
        self.acked.write(f"+ {start} {count}\n")
        return batch

    def run(self, sql: str, *parameters: Any) -> None:
        with self.store.write("drill", "a change") as tx:
            tx.connection.exec_driver_sql(sql, parameters)


def _receipts(desk: _Desk) -> None:
    desk.sell(desk.rng.randint(1, 30))


def _bulk(desk: _Desk) -> None:
    desk.sell(desk.rng.choice((60, 120, 300, 300, 600, 3500)), bulk=True)


def _lines(desk: _Desk) -> None:
    batch = desk.sell(desk.rng.randint(1, 20))
    for line in (1, 2):
        desk.run("INSERT INTO sale_line (sale_id, line_no, quantity, amount_minor) SELECT id, ?, 0.1, gross_minor "
                 "FROM sale WHERE batch_id = ?", line, batch)  # fmt: skip


def _correct(desk: _Desk) -> None:
    with desk.store.write("drill", "a correction") as tx:
        for sale, _ in _some(desk, tx, 5):
            tx.connection.exec_driver_sql("UPDATE sale SET gross_minor = ? WHERE id = ?",
                                          (desk.rng.randrange(10**6), sale))  # fmt: skip


def _delete(desk: _Desk) -> None:
    with desk.store.write("drill", "a deletion") as tx:
        for sale, key in _some(desk, tx, 4):
            desk.acked.write(f"- {key}\n")
            tx.connection.exec_driver_sql("DELETE FROM sale_line WHERE sale_id = ?", (sale,))
            tx.connection.exec_driver_sql("DELETE FROM sale WHERE id = ?", (sale,))


def _some(desk: _Desk, tx: Transaction, count: int) -> list[Any]:
    """Receipts from a random place on."""
    first = desk.rng.randbytes(1) if desk.rng.random() < 0.3 else new_id()[:5] + desk.rng.randbytes(1)
    return tx.connection.exec_driver_sql(
        "SELECT id, source_key FROM sale WHERE id >= ? ORDER BY id LIMIT ?", (first, count)
    ).fetchall() or tx.connection.exec_driver_sql(
        "SELECT id, source_key FROM sale ORDER BY id DESC LIMIT ?", (count,)
    ).fetchall()  # fmt: skip


def _category(desk: _Desk) -> None:
    desk.run("INSERT INTO category (id, code, name) VALUES (?, ?, 'New')", new_id(), f"c{desk.rng.randrange(200)}")


def _rename(desk: _Desk) -> None:
    column = desk.rng.choice(("name", "name_zh"))
    desk.run(f"UPDATE category SET {column} = ? WHERE code = ?", f"n{desk.rng.random()}",  # noqa: S608 - two names
             f"c{desk.rng.randrange(200)}")  # fmt: skip


def _setting(desk: _Desk) -> None:
    name = f"x{desk.rng.randrange(20)}"
    if desk.rng.random() < 0.3:
        desk.run("DELETE FROM setting WHERE name = ?", name)
    else:
        desk.run("INSERT INTO setting (name, value, updated_at, actor) VALUES (?1, ?2, ?3, 'x') ON CONFLICT DO UPDATE "
                 "SET value = excluded.value, updated_at = excluded.updated_at",
                 name, str(desk.rng.random()), now_ms())  # fmt: skip


def _member(desk: _Desk) -> None:
    person, card = new_id(), f"card{desk.rng.randrange(10**9)}"
    with desk.store.write("drill", "a member") as tx:
        tx.connection.exec_driver_sql("INSERT INTO person (id, state, created_at) VALUES (?, 'active', ?)",
                                      (person, now_ms()))  # fmt: skip
        tx.connection.exec_driver_sql(
            "INSERT INTO member (id, person_id, card_no, name, joined_day, state) "
            "VALUES (?, ?, ?, 'Ann', '2026-01-01', 'active')", (new_id(), person, card))  # fmt: skip


ACTS: tuple[Callable[[_Desk], None], ...] = (
    _receipts, _receipts, _bulk, _lines, _correct, _delete, _category, _rename, _setting, _member,
)  # fmt: skip


def send_then_remember(scene: Scene, slot: int, rng: random.Random) -> None:
    """Naive: the cursor is the sender's own file, written when the hub has committed a plain INSERT."""
    _send_naively(scene, slot, rng, mark_first=False)


def remember_then_send(scene: Scene, slot: int, rng: random.Random) -> None:
    """Naive: rows are marked as sent, then sent."""
    _send_naively(scene, slot, rng, mark_first=True)


def _send_naively(scene: Scene, slot: int, rng: random.Random, *, mark_first: bool) -> None:
    import psycopg

    store = open_store(scene.folder)
    while scene.goes_on:
        with suppress(psycopg.Error, Known), connect(scene.link) as connection:
            for _ in range(rng.randint(1, 20)):
                with scene.busy(slot):
                    sent = send_naively(scene, store, connection, mark_first=mark_first)
                if not sent:
                    time.sleep(rng.uniform(0, 0.02))
        time.sleep(0.02)
    store.close()


def send_naively(scene: Scene, store: Store, connection: Any, *, mark_first: bool) -> bool:
    """Send the next receipts of the log beyond the sender's own cursor; False where there are none."""
    rows = _logged(store, _naive_cursor(scene))
    if not rows:
        return False
    if mark_first:
        _keep_naive_cursor(scene, int(rows[-1][0]))
    with connection.transaction(), connection.cursor() as cursor:
        sales = [sale for _, op, pk in rows for sale in _inserted(store, op, pk)]
        for at in range(0, len(sales), NAIVE_ROWS):
            cursor.execute("INSERT INTO naive.sale SELECT unnest(%s::uuid[])", (sales[at : at + NAIVE_ROWS],))
    if not mark_first:
        _keep_naive_cursor(scene, int(rows[-1][0]))
    return True


def _logged(store: Store, beyond: int) -> list[Any]:
    with store.read() as connection:
        return list(
            connection.exec_driver_sql(
                "SELECT seq, op, pk FROM change_log WHERE seq > ? AND tbl = 'sale' AND op IN ('I', 'B') "
                "ORDER BY seq LIMIT ?",
                (beyond, NAIVE_ROWS),
            ).fetchall()
        )


def _inserted(store: Store, op: str, pk: bytes) -> list[str]:
    if op == "I":
        return [pk.hex()]
    with store.read() as connection:
        return [
            row[0].hex()
            for row in connection.exec_driver_sql("SELECT id FROM sale WHERE batch_id = ?", (pk,)).fetchall()
        ]


def _naive_cursor(scene: Scene) -> int:
    try:
        return int((scene.folder / "naive.txt").read_text("ascii"))
    except FileNotFoundError:
        return 0


def _keep_naive_cursor(scene: Scene, seq: int) -> None:
    part = scene.folder / f"naive.{os.getpid()}"
    part.write_text(str(seq), "ascii")
    part.replace(scene.folder / "naive.txt")
