"""A real PostgreSQL server for tests: its own folder, a socket and no port, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Debian keeps the server's programs out of the path.
FOLDERS = tuple(str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


@contextmanager
def postgres_server(
    *options: str, hba: str = "", port: int = 5432, secrets: Mapping[str, bytes] | None = None
) -> Iterator[str]:
    """A running server's connection string. Skips the test where PostgreSQL is not installed.

    `options` are settings (`name=value`; `{folder}` is the data folder), `port` names the socket too, `hba` lines of pg_hba.conf before those that
    trust the socket, `secrets` files of the data folder (name and content) that only the server may read.
    """
    search = os.pathsep.join((os.environ.get("PATH", ""), *FOLDERS))
    initdb, postgres = shutil.which("initdb", path=search), shutil.which("postgres", path=search)
    if not initdb or not postgres:
        pytest.skip("PostgreSQL's server is not installed here (Debian: apt-get install postgresql)")
    user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="atrium-pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        subprocess.run(
            [initdb, "-D", str(data), "-U", "atrium", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        for name, content in (secrets or {}).items():
            (data / name).write_bytes(content)
            (data / name).chmod(0o600)
            if user:
                shutil.chown(data / name, user)
        if hba:
            trusted = data / "pg_hba.conf"
            trusted.write_text(f"{hba}\n{trusted.read_text('utf-8')}", "utf-8")
        given = [part for option in options for part in ("-c", option.format(folder=data))]
        with subprocess.Popen(
            [postgres, "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", f"port={port}", *given],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder,
        ) as server:  # fmt: skip
            try:
                address = f"host={folder} port={port} user=atrium dbname=postgres"
                _wait_for(address)
                yield address
            finally:
                server.send_signal(signal.SIGQUIT)  # its data is of no more use to anyone
                server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str) -> None:
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL did not come up")
