"""`show` and `export`: any relation of the site, without what identifies someone by itself."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from app.cli.export import DEMO_NOTE, write_file
from engines.access.exports import book_export, book_personal_export
from models.connection import Connection
from models.errors import Known
from models.store import Store, open_store
from models.tables import TABLES, table_class

#: What is about requests names restricted people; nothing else that is shown or exported does.
REQUESTED = ("restriction", "data_request")
#: System tables that may be shown, and columns that hold whole rows of other tables, people's among them.
SYSTEM = ("audit_entry", "change", "job_run")
WHOLE_ROWS = {("intake_reject", "raw"), ("intake_before", "row"), ("source", "mapping")}
CONDITION = re.compile(r"^(\w+)\s*(=|!=|>=|<=|>|<)\s*(.*)$", re.DOTALL)
WIDEST = 32


def register(commands: Any) -> None:
    """Add the commands."""
    show = commands.add_parser("show", help="rows of a relation, such as kpi_fact or footfall_gap")
    show.add_argument("relation", metavar="RELATION")
    show.add_argument("--limit", type=at_least_one, default=20, metavar="N")
    export = commands.add_parser("export", help="a relation as .csv, .xlsx, .parquet or .jsonl")
    export.add_argument("relation", metavar="WHAT")
    export.add_argument("--to", required=True, metavar="FILE")
    for command, run in ((show, run_show), (export, run_export)):
        command.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE",
                             help="keep rows where this holds (=, !=, <, <=, >, >=); may be given again")  # fmt: skip
        command.set_defaults(run=run)


def run_show(options: argparse.Namespace) -> tuple[Any, str]:
    """The first rows, as a table or as JSON."""
    columns = shown_columns(options.relation)
    with _opened(options) as store, store.read() as connection:
        rows = list(select(connection, options.relation, columns, options.where, options.limit + 1))
    more, rows = len(rows) > options.limit, rows[: options.limit]
    document = {
        "relation": options.relation, "demo": store.site.demo, "more": more,
        "rows": [dict(zip(columns, row, strict=True)) for row in rows],
    }  # fmt: skip
    notes = [f"... (more: use --limit or export {options.relation})"] * more + [DEMO_NOTE] * store.site.demo
    return document, "\n".join([_table(columns, rows), *notes])


def run_export(options: argparse.Namespace) -> tuple[Any, str]:
    """Every row into a file; the export is booked before it is written."""
    columns, path = shown_columns(options.relation), Path(options.to)
    with _opened(options) as store:
        _book(store, options, columns, path)
        with store.read() as connection:
            rows = select(connection, options.relation, columns, options.where, None)
            kinds = tuple(TABLES[options.relation].columns[c].type.python_type for c in columns)
            count = write_file(path, columns, rows, kinds=kinds, title=options.relation, demo=store.site.demo)
    document = {"relation": options.relation, "file": str(path), "rows": count, "demo": store.site.demo}
    return document, f"{count:,} rows in {path}." + (f" {DEMO_NOTE}" if store.site.demo else "")


def _book(store: Store, options: argparse.Namespace, columns: tuple[str, ...], path: Path) -> None:
    """The right kind of entry: a relation of people needs more than one of figures."""
    conditions, values = _conditions(options.relation, columns, options.where)
    with store.read() as connection:
        sql = f'SELECT count(*) FROM "{options.relation}" {conditions}'  # noqa: S608 - declared names
        rows = int(connection.exec_driver_sql(sql, values).scalar_one())
    table = TABLES[options.relation]
    personal = bool(table.info.get("personal")) or "person_id" in table.columns
    book = book_personal_export if personal else book_export
    book(store, actor(store), options.relation, rows=rows, columns=columns, file=path.name)


def shown_columns(relation: str) -> tuple[str, ...]:
    """The relation's columns that may be shown. Raises Known for a relation there is not."""
    table = TABLES.get(relation)
    if table is None or (table_class(table) == "S" and relation not in SYSTEM):
        names = sorted(n for n, t in TABLES.items() if table_class(t) != "S" or n in SYSTEM)
        raise Known(f"There is no relation '{relation}'.", f"Choose one of: {', '.join(names)}.", code=2)
    return tuple(c.name for c in table.columns if not c.info.get("direct") and (relation, c.name) not in WHOLE_ROWS)


def select(
    connection: Connection, relation: str, columns: tuple[str, ...], where: Sequence[str], limit: int | None
) -> Iterator[tuple[Any, ...]]:
    """Rows in key order; blobs as hexadecimal text. Raises Known for a condition that cannot be read."""
    conditions, values = _conditions(relation, columns, where)
    names = ", ".join(f'"{c}"' for c in columns)
    keys = [c.name for c in TABLES[relation].primary_key.columns]
    order = ", ".join(f'"{c}"' for c in keys)
    sql = f'SELECT {names} FROM "{relation}" {conditions} ORDER BY {order} LIMIT ?'  # noqa: S608 - declared names
    for row in connection.exec_driver_sql(sql, (*values, -1 if limit is None else limit)):
        yield tuple(value.hex() if isinstance(value, bytes) else value for value in row)


def _conditions(relation: str, columns: tuple[str, ...], where: Sequence[str]) -> tuple[str, list[Any]]:
    parts, values = [], []
    for text in where:
        found = CONDITION.match(text)
        if not found or found[1] not in columns:
            raise Known(
                f"'{text}' is no condition on {relation}.",
                f"Write COLUMN=VALUE with one of: {', '.join(columns)}.",
                code=2,
            )
        parts.append(f'"{found[1]}" {found[2]} ?')
        values.append(_typed(relation, found[1], found[3].strip()))
    if "person_id" in TABLES[relation].columns and relation not in REQUESTED:
        parts.append("person_id NOT IN (SELECT person_id FROM restriction)")
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _typed(relation: str, column: str, text: str) -> Any:
    """The text as the column's type: numbers, hexadecimal for ids, text as it is."""
    kind = TABLES[relation].columns[column].type.python_type
    try:
        return bytes.fromhex(text) if kind is bytes else kind(text)
    except ValueError:
        raise Known(
            f"'{text}' does not fit {relation}.{column}.", "Give a number, or hexadecimal for an id.", code=2
        ) from None


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Store]:
    store = open_store(site_folder(options))
    try:
        yield store
    finally:
        store.close()


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A plain text table, long values cut."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells), 1) for i, name in enumerate(columns)]
    lines = [columns, *cells]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
