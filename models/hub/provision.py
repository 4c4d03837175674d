"""Bring the hub's schemas, roles, tables and functions to a PostgreSQL; again after each update of Atrium.

It may be run as often as one likes: what is there stays, what is missing is added, functions are made anew, all in
one transaction. The administrator's connection needs the right to make roles and schemas (as the database's owner
with CREATEROLE has, or a superuser).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import version
from models.errors import Known
from models.hub.schema import catalogue_row, relations, table_ddl, upgrade_ddl
from models.ids import new_id

HUB_VERSION = 1
OLDEST_SERVER = 150000
#: In this order; `pull.sql` holds the downward functions, `reference.sql` what the chain's office sets for its sites.
FUNCTIONS = ("rules.sql", "push.sql", "reference.sql", "pull.sql")
ROLES = ("atrium_owner", "atrium_node", "atrium_reader")
_LOCK = 0x4154524D


@dataclass(frozen=True)
class Provisioned:
    """What stands now: the server's version (as 150018), the hub's, the store's that it takes, and what was new."""

    server: int
    hub_version: int
    store_version: int
    tables: int
    new_tables: int
    new_columns: int


@contextmanager
def administering(dsn: str) -> Iterator[Any]:
    """A transaction on the administrator's connection. Raises Known where the server cannot be reached."""
    import psycopg

    try:
        connection = psycopg.connect(dsn, connect_timeout=10, application_name="atrium hub")
    except psycopg.OperationalError as error:
        raise Known(
            f"The hub's server cannot be reached: {str(error).strip().splitlines()[-1]}.",
            "Check the address, the network and the administrator's password (PGPASSWORD or a password file).",
            code=6,
        ) from error
    except psycopg.ProgrammingError as error:
        shown = dsn.partition("password")[0].strip()
        raise Known(f"'{shown}' is no connection string.", "Write host=… dbname=… user=….", code=2) from error
    try:
        with connection.transaction():
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise Known(f"The server refuses: {error.diag.message_primary}.", "Use an administrator's login.",
                    code=6) from error  # fmt: skip
    finally:
        connection.close()


def provision(dsn: str) -> Provisioned:
    """Make or upgrade the hub. Raises Known for a server that is too old and for a hub newer than this program."""
    with administering(dsn) as connection:
        _refuse_old(connection)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _refuse_newer(connection)
        _make_roles(connection)
        _make_schemas(connection)
        connection.execute("SET LOCAL ROLE atrium_owner")
        connection.execute("SET LOCAL client_min_messages = warning")
        connection.execute(_text("tables.sql"))
        for name in FUNCTIONS:
            if (Path(__file__).parent / name).exists():
                connection.execute(_text(name))
        new_tables, new_columns = _make_tables(connection)
        _grant(connection)
        _remember(connection)
        return Provisioned(
            connection.info.server_version, HUB_VERSION, version.STORE, len(relations()), new_tables, new_columns
        )


def _refuse_old(connection: Any) -> None:
    found = connection.info.server_version
    if found < OLDEST_SERVER:
        raise Known(f"The server is PostgreSQL {found // 10000}.", "The hub needs PostgreSQL 15 or newer.", code=5)


def _refuse_newer(connection: Any) -> None:
    if connection.execute("SELECT to_regclass('hub.meta')").fetchone()[0] is None:
        return
    row = connection.execute("SELECT value::int FROM hub.meta WHERE name = 'hub_version'").fetchone()
    if row and row[0] > HUB_VERSION:
        raise Known(
            f"This hub has version {row[0]}; this program knows {HUB_VERSION}.", "Update Atrium on this machine."
        )


def _make_roles(connection: Any) -> None:
    for role in ROLES:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
            connection.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT")
    if not connection.execute("SELECT pg_has_role(current_user, 'atrium_owner', 'MEMBER')").fetchone()[0]:
        connection.execute("GRANT atrium_owner TO CURRENT_USER")


def _make_schemas(connection: Any) -> None:
    """The schemas belong to atrium_owner, and nobody may even connect but nodes and readers."""
    from psycopg import sql

    database = sql.Identifier(connection.info.dbname)
    for schema in ("atrium", "hub", "sync"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION atrium_owner")
    for text in (
        "REVOKE ALL ON DATABASE {} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {} TO atrium_owner, atrium_node, atrium_reader",
        # A transaction that is left open holds back what every node may take (pull.sql), so it is ended.
        "ALTER DATABASE {} SET idle_in_transaction_session_timeout = '5min'",
    ):
        connection.execute(sql.SQL(text).format(database))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")


def _make_tables(connection: Any) -> tuple[int, int]:
    rows = connection.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'atrium'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0"
    ).fetchall()
    new_tables = new_columns = 0
    for name, relation in relations().items():
        present = frozenset(column for table, column in rows if table == name)
        missing = upgrade_ddl(relation, present) if present else []
        new_tables += not present
        new_columns += len(missing)
        for statement in (*missing, *table_ddl(relation)):
            connection.execute(statement)
    connection.execute("DELETE FROM hub.relation")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.relation (name, kind, channel, key, naturals, day, columns, refs) "
            "VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s::jsonb)",
            [catalogue_row(relation) for relation in relations().values()],
        )
    return new_tables, new_columns


def _grant(connection: Any) -> None:
    for statement in (
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, sync FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA hub FROM PUBLIC, atrium_node, atrium_reader",
        "GRANT USAGE ON SCHEMA sync TO atrium_node",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sync TO atrium_node",
        "GRANT USAGE ON SCHEMA atrium TO atrium_reader",
        "GRANT EXECUTE ON FUNCTION hub.readable_sites() TO atrium_reader",
    ):
        connection.execute(statement)


def _remember(connection: Any) -> None:
    for name, value in (("hub_version", HUB_VERSION), ("store_version", version.STORE)):
        connection.execute(
            "INSERT INTO hub.meta (name, value) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, str(value)),
        )
    connection.execute(
        "INSERT INTO hub.meta (name, value) VALUES ('hub_id', %s) ON CONFLICT DO NOTHING", (new_id().hex(),)
    )


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
