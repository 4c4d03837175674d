"""Short forms of the drills: senders, writer and server are killed, the network fails; both ends end the same."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.sync.ends import compare_ends, watch_effects
from benchmarks.sync.histories import quick_folder
from models.sync.link import Offline, connect
from tests.authority import Authority
from tests.hub import add_sales, add_source, fresh_hub, join, new_node

ROOT = Path(__file__).resolve().parents[3]


def drill(module: str, *options: str) -> str:
    """The command's output; in a process of its own, since its processes are forked from it."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.sync.{module}", *options, "--seconds", "60"],
        capture_output=True, text=True, timeout=240, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("module", "options", "unit"),
    [
        ("kills", ("--kills", "8", "--naive-kills", "6"), "8 of 8 kills"),
        ("cuts", ("--faults", "8", "--naive-faults", "6"), " of 8 faults"),
    ],
)
def test_nothing_is_lost_or_done_twice(module: str, options: tuple[str, ...], unit: str) -> None:
    told = drill(module, *options)
    assert unit in told
    assert re.search(r"^ours: [\d,]+ receipts, 0 lost, 0 duplicated", told, re.MULTILINE)
    assert "dumps equal" in told
    assert re.search(r"^cursor kept at the client: .* [1-9][\d,]* duplicated", told, re.MULTILINE)
    assert re.search(r"^marked, then sent: .* [1-9][\d,]* lost", told, re.MULTILINE)


def test_the_comparison_sees_what_differs(hub_server: str) -> None:
    hub = fresh_hub(hub_server)
    watch_effects(hub)
    with quick_folder() as folder, new_node(hub, folder / "mall") as node:
        source = add_source(node.store)
        add_sales(node.store, source, 5)
        add_sales(node.store, source, 20, start=5, bulk=True)
        node.run("UPDATE sale SET gross_minor = 7 WHERE source_key = 'r1'")
        node.run("DELETE FROM sale WHERE source_key = 'r2'")
        node.run("INSERT INTO setting (name, value, updated_at, actor) VALUES ('a', '1', 1, 'x')")
        node.sync()
        node.run("DELETE FROM setting WHERE name = 'a'")  # and again within one batch: at the hub a change
        node.run("INSERT INTO setting (name, value, updated_at, actor) VALUES ('a', '2', 2, 'x')")
        node.sync()
        assert hub.rows("SELECT op, count(*) FROM drill.effect WHERE tbl = 'setting' GROUP BY 1 ORDER BY 1") == [
            ("I", 1), ("U", 1),
        ]  # fmt: skip
        assert compare_ends(hub, node.store).equal
        with hub.connection() as connection:
            connection.execute("CREATE TABLE kept AS SELECT * FROM atrium.sale WHERE source_key = 'r9'")
            connection.execute("DELETE FROM atrium.sale WHERE source_key = 'r9'")
        found = compare_ends(hub, node.store)
        assert (found.lost, found.strange, found.duplicated, found.equal) == (1, 0, 1, False)
        with hub.connection() as connection:  # the table is right again, but it was taken twice
            connection.execute("INSERT INTO atrium.sale SELECT * FROM kept")
        found = compare_ends(hub, node.store)
        assert (found.lost, found.strange, found.duplicated, found.equal) == (0, 0, 2, False)
        assert found.sha_here == found.sha_hub


def test_a_cut_amid_the_handshake_is_no_wrong_certificate(hub_server: str) -> None:
    """Whoever is told that the hub cannot prove who it is calls IT; a network that fails mends by itself."""
    import threading
    from dataclasses import replace

    def answer_and_hang_up() -> None:
        client, _ = listener.accept()
        client.recv(8)
        client.sendall(b"S")  # TLS it is
        client.recv(4096)
        client.close()

    hub = fresh_hub(hub_server)
    with quick_folder() as folder, new_node(hub, folder / "mall") as node, socket.create_server(
        ("127.0.0.1", 0)
    ) as listener:  # fmt: skip
        (node.store.site.folder / "hub-ca.pem").write_text(Authority("A chain").pem, "ascii")
        link = replace(join(hub, node.store, "two"), host="127.0.0.1", port=listener.getsockname()[1])
        thread = threading.Thread(target=answer_and_hang_up)
        thread.start()
        with pytest.raises(Offline):
            connect(link)
        thread.join()
