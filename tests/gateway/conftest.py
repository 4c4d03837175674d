"""A small mall behind a real gateway on this machine, shared by the tests of a module."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.gateway.config import GatewayConfig
from app.gateway.server import GatewayServer
from engines.access import passwords
from engines.access.actions import add_user
from engines.access.api_keys import create_key
from engines.access.rules import API_RIGHTS
from engines.intake.posting import RowPost, put_posts
from models.site import create_site
from models.store import Store, create_store
from models.times import business_day, now_ms

PASSWORD = "violet tram harbour"
#: One client for all tests: making one reads every certificate of the system.
HTTP = httpx.Client(verify=False, timeout=20)
CONFIG = GatewayConfig("127.0.0.1", 0, per_address=1_000_000)


@dataclass
class Mall:
    """A store, its gateway's address, and keys by name."""

    store: Store
    url: str
    port: int
    server: GatewayServer
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def today(self) -> str:
        return business_day(now_ms(), self.store.site.zone, self.store.site.day_starts_minute)[0]

    def key(self, name: str, *rights: str, rate: int = 100_000) -> dict[str, str]:
        """The headers of a key that is made once."""
        if name not in self.keys:
            self.keys[name] = create_key(self.store, "cli:it", name, rights or API_RIGHTS, rate_per_minute=rate)
        return {"X-API-Key": self.keys[name]}

    def call(self, method: str, path: str, **named: Any) -> httpx.Response:
        """A request with the key that may do everything."""
        headers = {**self.key("all"), **named.pop("headers", {})}
        return HTTP.request(method, self.url + path, headers=headers, **named)

    def forgive(self) -> None:
        """Forget wrong keys, so that one test does not shut another out."""
        self.server.gateway.buckets._levels.clear()


@contextmanager
def served(store: Store, config: GatewayConfig = CONFIG) -> Iterator[Mall]:
    """The store behind a gateway for as long as the context lasts."""
    server = GatewayServer(store, config)
    thread = threading.Thread(target=server.run, name="gateway-test")
    thread.start()
    try:
        while not server.started():
            assert thread.is_alive()
            time.sleep(0.01)
        yield Mall(store, f"http://127.0.0.1:{server.port}", server.port, server)
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive(), "the gateway did not end"


def make_mall(folder: Any) -> Store:
    """Some days of counts, sales and activities of two customers, and users who can sign in."""
    store = create_store(create_site(folder, name="Gate mall", time_zone="Asia/Shanghai"))
    passwords.keep_cost(store, passwords.FLOOR)
    hashed = passwords.hash_secret(PASSWORD, passwords.FLOOR)
    for role in ("administrator", "viewer", "tenant"):
        add_user(store, "cli:it", role, role.title(), role)
    with store.write("test", "passwords") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) "
            "SELECT id, ?, 0, 0, 0 FROM user",
            (hashed,),
        )
    days = [f"2026-11-{day:02d}" for day in range(10, 20)]
    sales = [
        {"receipt": f"R{day}{n}", "at": f"{day}T1{n}:30", "tenant": "T001", "amount": 10.5 + n,
         "card": f"C000{n % 2}", "phone": f"1390000000{n % 2}"}
        for day in days for n in range(4)
    ]  # fmt: skip
    counts = [{"gate": "north", "at": f"{day}T12:00", "entries": 20, "exits": 18} for day in days]
    acts = [{"key": f"a{day}", "kind": "app_open", "at": f"{day}T09:00", "card": "C0001"} for day in days]
    for kind, rows in (("sales", sales), ("counts", counts), ("activities", acts)):
        put_posts(store, [RowPost(store, "cli:it", f"seed-{kind}", kind, rows)])
    return store


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """The shared server's pool of threads comes and goes with requests; its own end is looked at in `served`."""
    yield


@pytest.fixture(scope="session")
def _client() -> Iterator[None]:
    yield
    HTTP.close()


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory, _client: None) -> Iterator[Mall]:
    """A module's, not the session's: its threads must not run beside tests that stop the clock or close the disk."""
    store = make_mall(tmp_path_factory.mktemp("gateway") / "mall")
    with served(store) as mall:
        yield mall
    store.close()


@pytest.fixture
def mall(_shared: Mall) -> Mall:
    """The shared mall; tests add to it and take nothing away."""
    _shared.forgive()
    return _shared
