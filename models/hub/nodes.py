"""Nodes and readers of the hub: enrolling them, seeing them, changing their passwords, taking their rights away."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import Known
from models.hub.enrolment import Enrolment
from models.hub.provision import administering
from models.ids import new_id


@dataclass(frozen=True)
class HubNode:
    """A node as the hub knows it; `waiting` counts rows it has in quarantine, `alarm` the newest of its audit trail."""

    site: str
    node: str
    node_id: str
    login: str
    program: str | None
    store_version: int | None
    seen_at: int | None
    clock_ahead_ms: int
    rows: int
    waiting: int
    alarm: str | None
    revoked: bool


def enrol(
    dsn: str, *, site_id: str, code: str, name: str, node: str, host: str = "", port: int = 0, ca: str = ""
) -> Enrolment:
    """Make a node of the site with a login of its own and a random password (kept as a SCRAM verifier only).

    `host` and `port` are what the node will call (default: what the administrator called). Over a network the hub's
    CA certificate (PEM) is needed, since a node trusts no other. Raises Known for a node that is there already.
    """
    with administering(dsn) as connection:
        host, port = host or connection.info.host, port or connection.info.port
        if not host.startswith("/") and "BEGIN CERTIFICATE" not in ca:
            raise Known("A node needs the certificate of the hub's CA.", "Give it with --ca FILE.", code=2)
        node_id, password = str(uuid.UUID(bytes=new_id())), secrets.token_urlsafe(32)
        login = f"atrium_{uuid.UUID(site_id).hex[-6:]}_{uuid.UUID(node_id).hex[-10:]}"
        if _find(connection, site_id, node):
            raise Known(f"The site has a node '{node}' already.", "Choose another name, or revoke it first.", code=2)
        new = connection.execute(
            "INSERT INTO hub.site (site_id, code, name) VALUES (%s, %s, %s) "
            "ON CONFLICT (site_id) DO UPDATE SET code = excluded.code, name = excluded.name RETURNING xmax = 0",
            (site_id, code, name),
        ).fetchone()
        if new[0]:
            connection.execute("SELECT hub.give_reference(%s)", (site_id,))
        connection.execute(
            "INSERT INTO hub.node (site_id, node_id, name, login) VALUES (%s, %s, %s, %s)",
            (site_id, node_id, node, login),
        )
        connection.execute("INSERT INTO hub.login VALUES (%s, %s, %s)", (login, site_id, node_id))
        _make_login(connection, login, password, "atrium_node")
        return Enrolment(site_id, node_id, node, login, host, port, connection.info.dbname, ca, password)


def rotate(dsn: str, site_id: str, node: str, *, host: str = "", port: int = 0, ca: str = "") -> Enrolment:
    """A new password for a node that has lost its own; the old one is void at once."""
    with administering(dsn) as connection:
        found = _wanted(connection, site_id, node)
        password = secrets.token_urlsafe(32)
        _set_password(connection, found[1], password)
        host, port = host or connection.info.host, port or connection.info.port
        return Enrolment(site_id, str(found[0]), node, found[1], host, port, connection.info.dbname, ca, password)


def revoke(dsn: str, site_id: str, node: str) -> None:
    """Take the node's rights away, end its connections; what it has sent stays."""
    from psycopg import sql

    with administering(dsn) as connection:
        node_id, login = _wanted(connection, site_id, node)
        connection.execute(
            "UPDATE hub.node SET revoked_at = now() WHERE site_id = %s AND node_id = %s", (site_id, node_id)
        )
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(login)))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (login,))


def nodes(dsn: str) -> list[HubNode]:
    """Every node that was ever enrolled, by site and name."""
    with administering(dsn) as connection:
        rows = connection.execute(
            "SELECT s.name, n.name, n.node_id::text, n.login, n.program, n.store_version, "
            "(extract(epoch FROM n.seen_at) * 1000)::bigint, n.clock_ahead_ms, "
            "(SELECT coalesce(sum(c.rows), 0)::bigint FROM hub.cursor c WHERE c.site_id = n.site_id "
            "AND c.node_id = n.node_id), (SELECT count(*) FROM hub.quarantine q WHERE q.site_id = n.site_id "
            "AND q.node_id = n.node_id), (SELECT a.alarm FROM hub.audit_head a WHERE a.site_id = n.site_id "
            "AND a.node_id = n.node_id AND a.alarm IS NOT NULL ORDER BY a.at DESC LIMIT 1), n.revoked_at IS NOT NULL "
            "FROM hub.node n JOIN hub.site s USING (site_id) ORDER BY s.name, n.name"
        ).fetchall()
    return [HubNode(*row) for row in rows]


def add_reader(dsn: str, login: str, password: str, site_id: str | None = None) -> None:
    """A login for reports that reads one site's rows, or (without a site) the whole chain's. Writes nothing."""
    with administering(dsn) as connection:
        _refuse_foreign_role(connection, login)
        connection.execute(
            "INSERT INTO hub.reader (login, site_id) VALUES (%s, %s) "
            "ON CONFLICT (login) DO UPDATE SET site_id = excluded.site_id",
            (login, site_id),
        )
        _make_login(connection, login, password, "atrium_reader")


def _refuse_foreign_role(connection: Any, login: str) -> None:
    """Raise Known where the server has a role of that name for something else: it would get a new password."""
    there = connection.execute(
        "SELECT NOT EXISTS (SELECT FROM hub.reader r WHERE r.login = %(login)s) "
        "FROM pg_roles WHERE rolname = %(login)s", {"login": login},
    ).fetchone()  # fmt: skip
    if there and there[0]:
        raise Known(f"The server has a role '{login}' already.", "Choose another name for the reader.", code=2)


def read_ca(path: str | None) -> str:
    """The PEM text of a CA certificate's file, or nothing where none is given."""
    if not path:
        return ""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Known(f"{path} cannot be read.", "Give the CA's certificate as a PEM file.", code=2) from error
    if "BEGIN CERTIFICATE" not in text or "PRIVATE KEY" in text:
        raise Known(f"{path} is no certificate in PEM.", "Give the CA's certificate, without its key.", code=2)
    return text


def scram_verifier(connection: Any, login: str, password: str) -> str:
    """What the server stores of a password (SCRAM-SHA-256): the password itself never reaches its logs."""
    made = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return bytes(made).decode()


def _make_login(connection: Any, login: str, password: str, group: str) -> None:
    from psycopg import sql

    name = sql.Identifier(login)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN INHERIT CONNECTION LIMIT 8").format(name))
    _set_password(connection, login, password)
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), name))
    connection.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '60s'").format(name))
    connection.execute(sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '30s'").format(name))


def _set_password(connection: Any, login: str, password: str) -> None:
    from psycopg import sql

    verifier = scram_verifier(connection, login, password)
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), sql.Literal(verifier)))


def _find(connection: Any, site_id: str, node: str) -> Any:
    return connection.execute(
        "SELECT node_id, login FROM hub.node WHERE site_id = %s AND name = %s AND revoked_at IS NULL", (site_id, node)
    ).fetchone()


def _wanted(connection: Any, site_id: str, node: str) -> Any:
    found = _find(connection, site_id, node)
    if not found:
        raise Known(f"The site has no node '{node}' at this hub.", "See: python main.py hub nodes", code=2)
    return found
