"""A node speaks only with the hub it was enrolled at: verified by its own CA and name, with TLS, or through a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from cryptography import x509

from models.errors import Known
from models.hub.enrolment import enrolment_text, new_code, read_enrolment
from models.hub.nodes import enrol
from models.site import create_site
from models.store import Store, create_store
from models.sync.epoch import MARK, current_epoch
from models.sync.join import join_hub
from models.sync.link import FILE, Offline, connect, load_link
from tests.authority import Authority
from tests.hub import Hub, add_sales, add_source, another_node, fresh_hub, join, new_node
from tests.postgres import postgres_server


@dataclass
class Secured:
    hub: Hub
    ca: str
    port: int


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    """A hub that takes connections over TLS alone, by the name localhost."""
    authority = Authority("The chain's CA")
    certificate, key = authority.server(x509.DNSName("localhost"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = (
        "listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=hub.crt", "ssl_key_file=hub.key",
    )  # fmt: skip
    hba = "hostssl all all 127.0.0.1/32 scram-sha-256"
    with postgres_server(*options, hba=hba, port=port, secrets={"hub.crt": certificate, "hub.key": key}) as address:
        yield Secured(fresh_hub(address), authority.pem, port)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Mall", code="mall"))
    yield made
    made.close()


def test_a_node_joins_over_tls_and_the_password_of_the_file_is_void(secured: Secured, store: Store) -> None:
    made = enrol(secured.hub.dsn, site_id=store.site.id, code="m", name="Mall", node="tls", host="localhost",
                 port=secured.port, ca=secured.ca)  # fmt: skip
    code = new_code()
    path = store.site.folder / "e.toml"
    path.write_text(enrolment_text(made, code), "utf-8")
    join_hub(store, "tester", path, code)
    with connect(load_link(store.site)) as connection:
        assert connection.pgconn.ssl_in_use
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="localhost", port=secured.port, dbname=made.dbname, user=made.login,
                        password=made.password, sslmode="require")  # fmt: skip
    with pytest.raises(Known, match="code"):
        read_enrolment(path, new_code())


def test_a_wrong_ca_a_wrong_name_and_less_than_verify_full_are_refused(secured: Secured, store: Store) -> None:
    link = join(secured.hub, store, "strict", host="localhost", port=secured.port, ca=secured.ca)
    connect(link).close()
    with pytest.raises(Known, match="prove who it is") as told:
        connect(replace(link, host="127.0.0.1"))
    assert told.value.code == 6 and not isinstance(told.value, Offline)

    for weak in ("require", "verify-ca", "prefer", "disable"):
        text = (store.site.folder / FILE).read_text("utf-8")
        (store.site.folder / FILE).write_text(f'{text}sslmode = "{weak}"\n', "utf-8")
        with pytest.raises(Known, match="trusts whoever answers"):
            load_link(store.site)
        (store.site.folder / FILE).write_text(text, "utf-8")

    (store.site.folder / "hub-ca.pem").write_text(Authority("Somebody").pem, "ascii")
    with pytest.raises(Known, match="prove who it is"):
        connect(load_link(store.site))
    (store.site.folder / "hub-ca.pem").unlink()
    with pytest.raises(Known, match="missing"):
        load_link(store.site)


def test_no_setting_of_the_environment_weakens_the_link(
    secured: Secured, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = join(secured.hub, store, "stubborn", host="localhost", port=secured.port, ca=secured.ca)
    for name, value in {"PGSSLMODE": "disable", "PGHOST": "elsewhere", "PGUSER": "atrium", "PGDATABASE": "x"}.items():
        monkeypatch.setenv(name, value)
    with connect(link) as connection:
        assert connection.pgconn.ssl_in_use


def test_an_enrolment_over_a_network_needs_the_ca(secured: Secured, store: Store) -> None:
    with pytest.raises(Known, match="CA"):
        enrol(secured.hub.dsn, site_id=store.site.id, code="m", name="Mall", node="n", host="localhost", port=1)


def test_another_sites_enrolment_is_refused_and_leaves_nothing(hub: Hub, store: Store, tmp_path: Path) -> None:
    made = enrol(hub.dsn, site_id="01a1ffc9-25c5-70c3-a15e-65c053ab3cc8", code="m", name="Other", node="n")
    path = tmp_path / "e.toml"
    path.write_text(enrolment_text(made, "A" * 25), "utf-8")
    with pytest.raises(Known, match="another site"):
        join_hub(store, "tester", path, "A" * 25)
    assert not (store.site.folder / FILE).exists()


def test_a_copied_store_begins_a_new_epoch_and_repeats_nothing(hub: Hub, tmp_path: Path) -> None:
    with new_node(hub, tmp_path / "mall") as node:
        source = add_source(node.store)
        add_sales(node.store, source, 20)
        node.sync()
        before = current_epoch(node.store)
        assert current_epoch(node.store) == before
        with another_node(hub, node, tmp_path / "copy", "pc2") as copy:
            assert current_epoch(copy.store) != before
            assert copy.node_id != node.node_id
            add_sales(copy.store, source, 5, start=20)
            assert copy.sync().sent < 15
        assert hub.one("SELECT count(*) FROM atrium.sale") == 25


def test_two_copies_of_one_node_cannot_both_go_on(hub: Hub, tmp_path: Path) -> None:
    with new_node(hub, tmp_path / "mall") as node:
        add_sales(node.store, add_source(node.store), 3)
        node.sync()
        with node.store.write("tester", "as if the file were copied to another machine") as tx:
            tx.connection.exec_driver_sql("UPDATE meta SET value = 'elsewhere' WHERE name = ?", (MARK,))
        first = node.one("SELECT value FROM meta WHERE name = 'epoch'")
        node.sync()
        with node.store.write("tester", "as the original still is") as tx:
            tx.connection.exec_driver_sql("UPDATE meta SET value = ? WHERE name = 'epoch'", (first,))
        with pytest.raises(Known, match="Another copy"):
            node.sync()
