# ruff: noqa: S608 - names come from the declared tables, never from a user
"""Change capture: triggers, generated from the tables, write `change_log` in the writer's own transaction.

Triggers alone see bulk statements, other tools and SQL shells (ORM hooks do not). A reference or
state row logs its full after-image; a fact logs its key, since the row is its own image and never
changes its meaning. A dated fact also logs its day, so that the mart knows which month's file to redo.

A bulk load of facts logs one row per chunk (op B: the batch and the range of ids or days), because one
log row a fact costs more than the fact. The persons and links that a batch of identifiers brings are loaded
so too: the rows in the range are their own image, and a later change is logged as any other. The triggers of
such a table stand aside only while `bulk_load` names it, which it does only inside the loading transaction:
whoever else writes is logged row by row.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import LargeBinary, Table

from models.connection import Connection
from models.tables import METADATA, TABLES, table_class

LOGGED = frozenset("FLER")
IMAGED = frozenset("ER")
#: Tables that can be loaded in bulk, with the column whose range the log then holds: an id, or a day.
BULK = {
    "activity": "id", "consent_decision": "id", "count_bucket": "day", "deal_activity": "id", "demographic_hour": "day",
    "dwell_bucket": "day", "expression_hour": "day", "identifier": "id", "identity_link": "id", "person": "id",
    "person_attr": "id", "sale": "id", "sale_line": "sale_id", "zone_bucket": "day", "zone_flow": "day",
}  # fmt: skip
NOW_MS = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"


def logged_tables() -> list[Table]:
    """The tables whose changes are logged, by name."""
    return [t for _, t in sorted(TABLES.items()) if table_class(t) in LOGGED]


@cache
def parents_first() -> dict[str, int]:
    """Each table's place in an order in which every table comes after those it refers to."""
    return {table.name: place for place, table in enumerate(METADATA.sorted_tables)}


def trigger_statements(table: Table) -> dict[str, str]:
    """Trigger name to `CREATE TRIGGER` text for one table."""
    return {
        f"log_{table.name}_{op}": _trigger(table, op, verb, side)
        for op, verb, side in (("I", "INSERT", "NEW"), ("U", "UPDATE", "NEW"), ("D", "DELETE", "OLD"))
    }


def all_triggers() -> dict[str, str]:
    """Every trigger a store must have: capture, and the ones that keep the audit chain and records append-only."""
    wanted: dict[str, str] = {}
    for table in logged_tables():
        wanted |= trigger_statements(table)
    wanted |= _keeping("audit_entry", "audit entries")
    for name in sorted(name for name, table in TABLES.items() if table.info.get("append_only")):
        wanted |= _keeping(name, f"rows of {name}")
    return wanted


def _keeping(table: str, what: str) -> dict[str, str]:
    return {
        f"keep_{table}_{verb.lower()}": f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, '{what} are never changed'); END"
        for verb in ("UPDATE", "DELETE")
    }


def install_triggers(connection: Connection) -> None:
    """Drop and make every trigger anew; called at creation, after a migration and when `verify` finds a fault."""
    for name in _present(connection):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    for text in all_triggers().values():
        connection.exec_driver_sql(text)


def verify_triggers(connection: Connection) -> list[str]:
    """The names of triggers that are missing or differ from what the tables ask for; empty when all is well."""
    present, wanted = _present(connection), all_triggers()
    return sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))


def _present(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND (name LIKE 'log!_%' ESCAPE '!' "
        "OR name LIKE 'keep!_%' ESCAPE '!')"
    )
    return {str(name): str(sql) for name, sql in rows}


def _trigger(table: Table, op: str, verb: str, side: str) -> str:
    pk, part = _key(table, side)
    if table_class(table) in IMAGED:
        image = "NULL" if op == "D" else _image(table, side)
    else:
        image = f"{side}.{table.info['month']}" if "month" in table.info else "NULL"
    changed = _changed(table) if op == "U" and table_class(table) in IMAGED else "NULL"
    aside = ""
    if op == "I" and table.name in BULK:
        aside = f"WHEN NOT EXISTS (SELECT 1 FROM bulk_load WHERE tbl = '{table.name}') "
    return (
        f'CREATE TRIGGER log_{table.name}_{op} AFTER {verb} ON "{table.name}" {aside}BEGIN '
        f"INSERT INTO change_log (channel, tbl, op, pk, part, at, row, changed) VALUES "
        f"('{table.info['channel']}', '{table.name}', '{op}', {pk}, {part}, {NOW_MS}, {image}, {changed}); END"
    )


def _key(table: Table, side: str) -> tuple[str, str]:
    """SQL of the logged key: one column as it is, (id, integer) as key and part, more as a JSON array."""
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return f'{side}."{columns[0].name}"', "NULL"
    if len(columns) == 2 and columns[1].name == "line_no":
        return f'{side}."{columns[0].name}"', f'{side}."{columns[1].name}"'
    return f"json_array({', '.join(_json_value(c, side) for c in columns)})", "NULL"


def _changed(table: Table) -> str:
    """SQL of the names of the columns that an update changed, each behind a comma."""
    tests = (f"iif(NEW.\"{c.name}\" IS NOT OLD.\"{c.name}\", ',{c.name}', '')" for c in table.columns)
    return f"substr({' || '.join(tests)}, 2)"


def _image(table: Table, side: str) -> str:
    pairs = ", ".join(f"'{c.name}', {_json_value(c, side)}" for c in table.columns)
    return f"json_object({pairs})"


def _json_value(column: object, side: str) -> str:
    name, kind = column.name, column.type  # type: ignore[attr-defined]
    return f'hex({side}."{name}")' if isinstance(kind, LargeBinary) else f'{side}."{name}"'
