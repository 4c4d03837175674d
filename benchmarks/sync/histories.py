# ruff: noqa: S608 - names come from the declared tables
"""Random histories on several nodes of one site with a real hub, and the check that all of them end the same.

A history is a list of acts (node, kind, a, b). Acts write at one node, or sync it: cleanly, cut before the hub's n-th
answer is asked for, or with that answer lost after the hub has done the work. At the end every node syncs until
nothing moves; then stores and hub must hold the same rows, and where an act has a plain last word, that one.
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.connection import IntegrityError
from models.hub.schema import relations
from models.ids import new_id
from models.store import Transaction, open_store
from models.sync import asking
from models.sync.held import held_rows
from models.sync.link import Offline
from models.sync.state import freshness
from models.times import now_ms
from tests.hub import Hub, Node, another_node, fresh_hub, new_node

Act = tuple[int, str, int, int]
SYNCS = ("sync", "cut", "lost")
POOL = 4
#: Tables whose content is compared.
COMPARED = (
    "setting", "category", "tenant", "source", "gate", "sale", "sale_line", "count_bucket", "person", "identifier",
    "identity_link", "member", "merge_op",
)  # fmt: skip


@dataclass
class Words:
    """What must stand at the end: the last value by the clock of each setting and of each field of the pillars."""

    settings: dict[str, str | None] = field(default_factory=dict)
    pillars: dict[tuple[str, str], str] = field(default_factory=dict)
    sales: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)


@dataclass
class Mall:
    """Nodes of one site and their hub, put back to their beginning for each history."""

    hub: Hub
    nodes: list[Node]
    clean: list[bytes]
    cursors: list[Any]
    words: Words = field(default_factory=Words)
    made: int = 0

    def reset(self, *, begun: bool = True) -> None:
        """Everything as after joining; with `begun`, some rows are there for histories to work on."""
        for n, node in enumerate(self.nodes):
            folder = node.store.site.folder
            node.store.close()
            for name in ("atrium.db-wal", "atrium.db-shm"):
                (folder / name).unlink(missing_ok=True)
            with (folder / "atrium.db").open("r+b") as file:  # the same file, so that no copy is suspected
                file.write(self.clean[n])
                file.truncate()
            node.store = open_store(folder)
        with self.hub.connection() as connection:
            tables = ", ".join(f'atrium."{name}"' for name in COMPARED)
            connection.execute(f"TRUNCATE {tables}, hub.change, hub.alias, hub.tombstone, hub.conflict, hub.quarantine")
            connection.execute("DELETE FROM hub.cursor")
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO hub.cursor VALUES (%s, %s, %s, %s, %s, %s, %s)", self.cursors)
        self.words, self.made = Words(), 0
        if begun:
            self._begin()

    def play(self, acts: Sequence[Act]) -> None:
        """Carry out a history, then sync until nothing moves."""
        for who, kind, a, b in acts:
            node = self.nodes[who % len(self.nodes)]
            if kind in SYNCS:
                with faulty(kind, a), suppress(Offline):
                    node.sync()
            else:
                self._write(node, kind, a, b)
        self.settle()

    def settle(self) -> None:
        """Sync every node until nothing is sent or taken."""
        for _ in range(12):
            reports = [node.sync() for node in self.nodes]
            if not any(r.sent or r.taken for r in reports) and not any(freshness(n.store).waiting for n in self.nodes):
                return
        raise AssertionError(f"the nodes never come to rest: {reports}")

    def check(self) -> None:
        """Raise AssertionError where the stores, the hub and the last words differ."""
        contents = [self._content(node) for node in self.nodes]
        for name in COMPARED:
            for content in contents[1:]:
                assert content[name] == contents[0][name], (
                    f"{name} differs between nodes: {_diff(content[name], contents[0][name])}"
                )
            held = self._at_hub(name)
            assert held == contents[0][name], f"{name} differs at the hub: {_diff(held, contents[0][name])}"
        for node in self.nodes:
            self._check_store(node)
        self._check_words(self.nodes[0])

    def _begin(self) -> None:
        """Two categories that every node knows and nobody removes, and a till."""
        first = self.nodes[0]
        for code in ("p0", "p1"):
            first.run("INSERT INTO category (id, code, name) VALUES (?, ?, 'pillar')", new_id(), code)
            self.words.pillars[code, "name"] = "pillar"
        first.run("INSERT INTO source (id, code, kind) VALUES (?, 's0', 'pos')", new_id())
        for node in self.nodes:
            node.sync()

    def _write(self, node: Node, kind: str, a: int, b: int) -> None:
        self.made += 1
        before = now_ms()
        while now_ms() == before:  # two acts never share a millisecond: the later one is the later one
            time.sleep(0.0005)
        with suppress(IntegrityError), node.store.write("history", kind) as tx:
            ACTS[kind](_Desk(self, tx, f"v{self.made}", a, b))

    def _content(self, node: Node) -> dict[str, list[Any]]:
        with node.store.read() as connection:
            return {
                name: sorted((_plain(row, name) for row in connection.exec_driver_sql(_select(name, '"{}"'))), key=repr)
                for name in COMPARED
            }

    def _at_hub(self, name: str) -> list[Any]:
        rows = self.hub.rows(_select(name, 'atrium."{}"'))
        return sorted((_plain(row, name) for row in rows), key=repr)

    def _check_store(self, node: Node) -> None:
        with node.store.read() as connection:
            ask = connection.exec_driver_sql
            assert not ask("PRAGMA foreign_key_check").fetchall(), "a reference leads nowhere"
            assert not ask("SELECT code FROM category WHERE code LIKE char(26) || '%'").fetchall()
            wrong = ask(
                "SELECT count(*) FROM identifier i LEFT JOIN identifier_owner o ON o.identifier_id = i.id "
                "WHERE o.person_id IS NOT (SELECT l.person_id FROM identity_link l WHERE l.identifier_id = i.id "
                "ORDER BY l.at DESC, l.id DESC LIMIT 1)"
            ).scalar_one()
            assert not wrong, f"{wrong} signs belong to another than their newest link says"
        assert not held_rows(node.store), held_rows(node.store)

    def _check_words(self, node: Node) -> None:
        with node.store.read() as connection:
            ask = connection.exec_driver_sql
            settings = dict(ask("SELECT name, value FROM setting").fetchall())
            wanted = {name: value for name, value in self.words.settings.items() if value is not None}
            assert settings == wanted, f"settings {settings}, last said {wanted}"
            for (code, column), value in self.words.pillars.items():
                found = ask(f"SELECT {column} FROM category WHERE code = ?", (code,)).scalar()
                assert found == value, f"{code}.{column} is {found}, last said {value}"
            keys = set(ask("SELECT source_key FROM sale").scalars())
            assert self.words.sales - self.words.dropped <= keys, "a receipt is missing"
        clocks = self.hub.rows("SELECT kept_hlc, lost_hlc FROM hub.conflict WHERE field <> '' AND tbl = 'setting'")
        assert all(kept >= lost for kept, lost in clocks), "an earlier value won"


@dataclass
class _Desk:
    """Where one act is carried out."""

    mall: Mall
    tx: Transaction
    value: str
    a: int
    b: int

    def run(self, sql: str, *parameters: Any) -> int:
        return self.tx.connection.exec_driver_sql(sql, parameters).rowcount

    def pick(self, sql: str, *parameters: Any) -> Any:
        """One of the rows that there are, or None."""
        rows = self.tx.connection.exec_driver_sql(sql, parameters).fetchall()
        return rows[self.b % len(rows)][0] if rows else None


def _category(desk: _Desk) -> None:
    desk.run("INSERT INTO category (id, code, name) VALUES (?, ?, ?)", new_id(), f"c{desk.a}", desk.value)


def _pillar(desk: _Desk) -> None:
    code, column = f"p{desk.a % 2}", ("name", "name_zh")[desk.b % 2]
    desk.run(f"UPDATE category SET {column} = ? WHERE code = ?", desk.value, code)
    desk.mall.words.pillars[code, column] = desk.value


def _swap(desk: _Desk) -> None:
    ids = desk.tx.connection.exec_driver_sql(
        "SELECT id, code FROM category WHERE code LIKE 'c%' ORDER BY code"
    ).fetchall()
    if len(ids) >= 2:
        (one, its), (other, others) = ids[0], ids[-1]
        for id_, code in ((one, "between"), (other, its), (one, others)):
            desk.run("UPDATE category SET code = ? WHERE id = ?", code, id_)


def _tenant(desk: _Desk) -> None:
    category = desk.pick("SELECT id FROM category ORDER BY code")
    desk.run("INSERT INTO tenant (id, code, name, category_id, state) VALUES (?, ?, ?, ?, 'trading')", new_id(),
             f"t{desk.a}", desk.value, category)  # fmt: skip


def _rename(desk: _Desk) -> None:
    desk.run("UPDATE tenant SET name = ? WHERE code = ?", desk.value, f"t{desk.a}")


def _move(desk: _Desk) -> None:
    category = desk.pick("SELECT id FROM category ORDER BY code")
    desk.run("UPDATE tenant SET category_id = ? WHERE code = ?", category, f"t{desk.a}")


def _drop_tenant(desk: _Desk) -> None:
    desk.run("DELETE FROM tenant WHERE code = ?", f"t{desk.a}")


def _drop_category(desk: _Desk) -> None:
    desk.run("DELETE FROM category WHERE code = ?", f"c{desk.a}")


def _setting(desk: _Desk) -> None:
    name = f"x{desk.a}"
    desk.run(
        "INSERT INTO setting (name, value, updated_at, actor) VALUES (?1, ?2, ?3, ?2) "
        "ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, actor = excluded.actor",
        name, desk.value, now_ms(),
    )  # fmt: skip
    desk.mall.words.settings[name] = desk.value


def _unset(desk: _Desk) -> None:
    if desk.run("DELETE FROM setting WHERE name = ?", f"x{desk.a}"):
        desk.mall.words.settings[f"x{desk.a}"] = None


def _source(desk: _Desk) -> None:
    desk.run("INSERT INTO source (id, code, kind) VALUES (?, ?, 'pos')", new_id(), f"s{desk.a % 2}")


def _sale(desk: _Desk) -> None:
    source = desk.pick("SELECT id FROM source WHERE code = 's0'")
    key, sale = f"r{desk.b}", new_id()
    tenant = desk.pick("SELECT id FROM tenant ORDER BY code")
    desk.run(
        "INSERT INTO sale (id, source_id, source_key, tenant_id, at, day, minute, gross_minor, net_minor, units, txns, "
        "basis, batch_id) VALUES (?, ?, ?, ?, ?, ?, 5, ?, 1, 0.1, 1, 'pos', ?)",
        sale, source, key, tenant, now_ms(), f"2026-0{1 + desk.a % 3}-05", desk.mall.made, new_id(),
    )  # fmt: skip
    for line in range(1, 1 + desk.a % 3):
        desk.run("INSERT INTO sale_line (sale_id, line_no, quantity, amount_minor) VALUES (?, ?, ?, ?)", sale, line,
                 desk.mall.made / 3, desk.mall.made)  # fmt: skip
    desk.mall.words.sales.add(key)


def _correct(desk: _Desk) -> None:
    desk.run("UPDATE sale SET gross_minor = ? WHERE source_key = ?", desk.mall.made, f"r{desk.b}")


def _drop_sale(desk: _Desk) -> None:
    key = f"r{desk.b}"
    desk.run("DELETE FROM sale_line WHERE sale_id IN (SELECT id FROM sale WHERE source_key = ?)", key)
    desk.run("DELETE FROM sale WHERE source_key = ?", key)
    desk.mall.words.dropped.add(key)


def _gate(desk: _Desk) -> None:
    desk.run("INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, ?, ?, 1, 1)", new_id(), f"g{desk.a % 2}",
             desk.value)  # fmt: skip


def _count(desk: _Desk) -> None:
    gate, source = desk.pick("SELECT id FROM gate ORDER BY code"), desk.pick("SELECT id FROM source ORDER BY code")
    if gate and source:
        desk.run(
            "INSERT OR REPLACE INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, "
            "n, staff_n, seconds_observed, frames_dropped) VALUES (?, ?, 'in', ?, 0, ?, 0, ?, 0, 900, 0)",
            gate, desk.b, source, f"2026-02-0{1 + desk.b}", desk.mall.made,
        )  # fmt: skip


def _card(desk: _Desk) -> None:
    sign, person = new_id(), new_id()
    digest = bytes([desk.a]) * 32
    desk.run("INSERT INTO person (id, state, created_at) VALUES (?, 'active', ?)", person, now_ms())
    desk.run(
        "INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, 'card', ?, ?)", sign, digest, f"n{desk.a}"
    )
    _link(desk, sign, person)
    desk.run("INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", sign, person)
    if desk.b % 2:
        desk.run(
            "INSERT INTO member (id, person_id, card_no, name, joined_day, state) VALUES (?, ?, ?, ?, ?, 'active')",
            new_id(), person, f"n{desk.a}", desk.value, "2026-01-01",
        )  # fmt: skip


def _regive(desk: _Desk) -> None:
    sign, person = desk.pick("SELECT id FROM identifier ORDER BY id"), desk.pick("SELECT id FROM person ORDER BY id")
    if sign and person:
        _link(desk, sign, person)
        desk.run("UPDATE identifier_owner SET person_id = ? WHERE identifier_id = ?", person, sign)


def _link(desk: _Desk, sign: bytes, person: bytes) -> None:
    desk.run("INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) "
             "VALUES (?, ?, ?, 'link', 1.0, 'x', 'x', ?)", new_id(), sign, person, now_ms())  # fmt: skip


ACTS: dict[str, Callable[[_Desk], None]] = {
    "category": _category, "pillar": _pillar, "swap": _swap, "tenant": _tenant, "rename": _rename, "move": _move,
    "drop_tenant": _drop_tenant, "drop_category": _drop_category, "setting": _setting, "unset": _unset,
    "source": _source, "sale": _sale, "correct": _correct, "drop_sale": _drop_sale, "gate": _gate, "count": _count,
    "card": _card, "regive": _regive,
}  # fmt: skip
KINDS = (*ACTS, *SYNCS, "sync", "sync", "sync")


@contextmanager
def new_mall(server: str, folder: Path, count: int) -> Iterator[Mall]:
    """So many nodes of one site that have joined a hub of their own."""
    hub = fresh_hub(server)
    with ExitStack() as stack:
        nodes = [stack.enter_context(new_node(hub, folder / "n0", "n0"))]
        nodes[0].sync()
        for n in range(1, count):
            nodes.append(stack.enter_context(another_node(hub, nodes[0], folder / f"n{n}", f"n{n}")))
        for node in nodes:
            node.sync()
        clean = []
        for node in nodes:
            node.store.close()
            raw = open_store(node.store.site.folder)
            connection = raw.take_connection()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            raw.close()
            clean.append((node.store.site.folder / "atrium.db").read_bytes())
            node.store = open_store(node.store.site.folder)
        mall = Mall(hub, nodes, clean, hub.rows("SELECT * FROM hub.cursor"))
        try:
            yield mall
        finally:
            for node in nodes:
                node.store.close()


@contextmanager
def faulty(kind: str, after: int) -> Iterator[None]:
    """Calls of the hub fail from the (after + 1)-th on: before it is made (cut), or once it is done (lost)."""
    real, left = asking.ask, [after]

    def ask(connection: Any, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        left[0] -= 1
        if left[0] < 0 and kind == "cut":
            raise Offline("cut")
        answer = real(connection, sql, parameters)
        if left[0] < 0 and kind == "lost":
            raise Offline("the answer is lost")
        return answer

    if kind in ("cut", "lost"):
        asking.ask = ask
    try:
        yield
    finally:
        asking.ask = real


def random_history(rng: Any, length: int, nodes: int) -> list[Act]:
    """A history by chance."""
    return [(rng.randrange(nodes), rng.choice(KINDS), rng.randrange(POOL), rng.randrange(8)) for _ in range(length)]


def _select(name: str, path: str) -> str:
    relation = relations()[name]
    columns = ", ".join(f'"{column}"' for column in relation.columns if column not in relation.sealed)
    return f"SELECT {columns} FROM {path.format(name)}"


def _plain(row: Any, name: str) -> tuple[Any, ...]:
    """A row with the same values from both databases; a batch's or an actor's name too."""
    return tuple(_value(value) for value in row)


def _value(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if hasattr(value, "isoformat") else value


def _diff(one: list[Any], other: list[Any]) -> str:
    return f"{[row for row in one if row not in other][:3]} against {[row for row in other if row not in one][:3]}"


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A scratch folder, in memory where the machine has one: histories are about order, not about disks."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="atrium-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)
