"""A real hub for tests: one server for the session, a database of its own for each test, and nodes that have joined."""

from __future__ import annotations

import itertools
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import keys
from models.hub.enrolment import enrolment_text, new_code
from models.hub.nodes import enrol
from models.hub.provision import provision
from models.ids import new_id, new_ids
from models.site import create_site
from models.store import Store, create_store, open_store
from models.sync.cycle import SyncReport, sync_once
from models.sync.join import join_hub
from models.sync.link import Link
from models.times import now_ms

_numbers = itertools.count(1)


@dataclass
class Hub:
    """An administrator's view of a hub of one test."""

    dsn: str

    @contextmanager
    def connection(self) -> Iterator[Any]:
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            yield connection

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        with self.connection() as connection:
            return list(connection.execute(sql, parameters or None).fetchall())

    def one(self, sql: str, *parameters: Any) -> Any:
        return self.rows(sql, *parameters)[0][0]


def fresh_hub(server: str) -> Hub:
    """A database copied from a provisioned one, which is made when it is first asked for."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'hub_template'").fetchone():
            admin.execute("CREATE DATABASE hub_template")
            provision(server.replace("dbname=postgres", "dbname=hub_template"))
        name = f"hub_{next(_numbers)}"
        admin.execute(f"CREATE DATABASE {name} TEMPLATE hub_template")
        for statement in ("REVOKE ALL ON DATABASE {} FROM PUBLIC", "GRANT CONNECT ON DATABASE {} TO atrium_node"):
            admin.execute(statement.format(name))
    return Hub(server.replace("dbname=postgres", f"dbname={name}"))


def emptied_hub(server: str) -> Hub:
    """The session's one database, emptied: a database a test would cost a second and a thousand files each."""
    import psycopg

    hub = Hub(server.replace("dbname=postgres", "dbname=hub_shared"))
    with psycopg.connect(server, autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'hub_shared'").fetchone():
            admin.execute("CREATE DATABASE hub_shared")
            provision(hub.dsn)
    with hub.connection() as connection:
        connection.execute(_EMPTY)
    return hub


_EMPTY = """DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT c.inhrelid::regclass FROM pg_inherits c JOIN pg_class p ON p.oid = c.inhrelid
                WHERE p.relnamespace = 'atrium'::regnamespace AND p.relkind = 'r' LOOP
        EXECUTE format('DROP TABLE %s', name);
    END LOOP;
    FOR name IN SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'r'
                AND c.relnamespace IN ('atrium'::regnamespace, 'hub'::regnamespace)
                AND NOT c.oid IN ('hub.meta'::regclass, 'hub.relation'::regclass) LOOP
        EXECUTE format('DELETE FROM %s', name);
    END LOOP;
    UPDATE hub.meta SET value = '1' WHERE hub.meta.name = 'hub_version';
END $$"""


@dataclass
class Node:
    """A store that has joined a hub."""

    store: Store
    link: Link
    node_id: str

    def sync(self) -> SyncReport:
        return sync_once(self.store, self.link)

    def run(self, sql: str, *parameters: Any) -> None:
        with self.store.write("tester", "a change") as tx:
            tx.connection.exec_driver_sql(sql, parameters)

    def one(self, sql: str, *parameters: Any) -> Any:
        with self.store.read() as connection:
            return connection.exec_driver_sql(sql, parameters).scalar()


@contextmanager
def new_node(hub: Hub, folder: Path, name: str = "pc1") -> Iterator[Node]:
    """A new site with one node."""
    store = create_store(create_site(folder, name="Mall", code="mall", time_zone="UTC", currency="EUR"))
    with _joined(hub, store, name) as node:
        yield node


@contextmanager
def another_node(hub: Hub, of: Node, folder: Path, name: str = "pc2") -> Iterator[Node]:
    """A second node of the site: a copy of its folder, joined by an enrolment of its own."""
    with of.store.write("tester", "a checkpoint before copying"):
        pass
    raw = of.store.take_connection()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    shutil.copytree(of.store.site.folder, folder)
    with _joined(hub, open_store(folder), name) as node:
        yield node


@contextmanager
def _joined(hub: Hub, store: Store, name: str) -> Iterator[Node]:
    link = join(hub, store, name)
    try:
        yield Node(store, link, link.node_id)
    finally:
        store.close()


def join(hub: Hub, store: Store, name: str, **where: Any) -> Link:
    """Enrol the store as a node and join it. Two nodes of a site on one machine share its secrets' folder."""
    keys.drop_secret(store.site.id, "hub")
    made = enrol(hub.dsn, site_id=store.site.id, code=store.site.code, name=store.site.name, node=name, **where)
    code = new_code()
    path = store.site.folder / "enrolment.toml"
    path.write_text(enrolment_text(made, code), "utf-8")
    return join_hub(store, "tester", path, code)


def add_source(store: Store) -> bytes:
    """A sender of facts."""
    source = new_id()
    with store.write("tester", "a source") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'till', 'pos')", [(source,)])
    return source


def add_sales(store: Store, source: bytes, count: int, *, start: int = 0, bulk: bool = False, **values: Any) -> bytes:
    """Receipts with keys from `start` on, over sixty days; returns the batch that brought them."""
    ids, batch = new_ids(count), new_id()
    row = {"payment": "card", "units": 0.1} | values
    rows = [
        (ids[n], source, f"r{start + n}", now_ms(), f"2026-{1 + n % 2:02d}-{1 + n % 28:02d}", 600, 100 + n, 100 + n,
         row["units"], 1, "pos", row["payment"], batch)
        for n in range(count)
    ]  # fmt: skip
    sql = (
        "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, units, txns, basis, "
        "payment, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    with store.write("tester", "receipts") as tx:
        if bulk:
            with tx.bulk("sale", batch=batch, first=ids[0], last=ids[-1]):
                tx.execute_many(sql, rows)
        else:
            tx.execute_many(sql, rows)
    return batch


class CuttingProxy:
    """A way to a server's socket that can lose the server's answer: what was sent arrives, the reply does not."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self._server = server
        self._lose_after: int | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen(8)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_reply_after(self, sent: int) -> None:
        """Cut the next connection at the server's first answer after `sent` bytes have gone to it."""
        self._lose_after = sent

    def close(self) -> None:
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server / ".s.PGSQL.5432"))
                self._open += [client, server]
                sent = [0]
                threading.Thread(target=self._up, args=(client, server, sent), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client, sent), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, sent: list[int]) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                sent[0] += len(data)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket, sent: list[int]) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._lose_after is not None and sent[0] > self._lose_after:
                    self._lose_after = None
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
