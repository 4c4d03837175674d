"""`import`, `batches`, `rejects`, `undo`: files into the store and back out."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, say, site_folder
from app.cli.progress import Reporter, add_child_option
from models.errors import Known
from models.store import Store, open_store

KINDS = (
    "members", "sales", "tenants", "activities", "counts", "calendar", "declarations", "leases", "campaigns",
    "occasions", "prospects", "deals", "deal_activities", "consents", "money", "areas",
)  # fmt: skip
REJECTS_SHOWN = 200  # of a dry run, which keeps none


def register(commands: Any) -> None:
    """Add the commands of this group."""
    load = commands.add_parser("import", help="load a file: CSV, Excel, JSON lines or Parquet; areas also as GeoJSON")
    load.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--map", type=Path, metavar="FILE", help="which column fills which field, as TOML or JSON")
    load.add_argument("--source", metavar="CODE", help="who sent the file (default: told by its columns)")
    load.add_argument("--dry-run", action="store_true", help="only say what would happen")
    add_child_option(load)
    load.set_defaults(run=run_import)
    listed = commands.add_parser("batches", help="the imports so far, newest first")
    listed.add_argument("--limit", type=at_least_one, default=20)
    listed.set_defaults(run=run_batches)
    refused = commands.add_parser("rejects", help="the rows that an import refused, with the reason")
    refused.add_argument("batch", metavar="BATCH", help="its id, or how the id begins")
    refused.add_argument("--limit", type=at_least_one, default=100)
    refused.set_defaults(run=run_rejects)
    undo = commands.add_parser("undo", help="take an import back")
    undo.add_argument("batch", metavar="BATCH", help="its id, or how the id begins")
    undo.set_defaults(run=run_undo)


def ask_for_engines(store: Store, by: str) -> None:
    """New rows make results old: the service runs the engines now, or when it next starts."""
    from engines.registry import ENGINES
    from models.requests import request_run

    for engine in ENGINES:
        request_run(store, by, engine.name)


def run_import(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Load a file; the mapping and the choices made go to standard error."""
    if options.kind == "areas":
        from app.cli.catchment import import_map

        return import_map(options)
    from engines.intake.actions import Progress, import_file
    from engines.intake.mapping import read_map_file

    mapping = read_map_file(options.map) if options.map else None
    reporter = Reporter(options)

    def tell(progress: Progress) -> None:
        reporter.report(progress.done, progress.total, progress.what)

    store = open_store(site_folder(options))
    try:
        result = import_file(
            store, actor(store), options.kind, options.file, mapping=mapping, source=options.source,
            dry_run=options.dry_run, progress=tell, cancelled=reporter.cancelled,
        )  # fmt: skip
        if result.loaded + result.updated and not result.dry_run:
            ask_for_engines(store, actor(store))
    finally:
        store.close()
    say(f"Columns as they were read ({'given' if mapping else 'guessed or saved'}):")
    say("\n".join(result.mapping.lines()))
    if result.ignored:
        say(f"  not used: {', '.join(result.ignored)}")
    for note in result.notes:
        say(note)
    for reject in result.rejects[:5]:
        say(f"Row {reject.row_no} refused: {reject.reason}" + (f" (column {reject.column})" if reject.column else ""))
    document = result.document()
    if result.dry_run:
        document["rejects"] = [
            {"row_no": r.row_no, "column": r.column, "reason": r.reason, "raw": json.loads(r.raw) if r.raw else {}}
            for r in result.rejects[:REJECTS_SHOWN]
        ]
    what = "Would load" if result.dry_run else "Loaded"
    text = (
        f"{what} {result.loaded:,} of {result.read:,} rows, {result.updated:,} updated, "
        f"{result.unchanged:,} known already, {result.rejected:,} refused, in {result.seconds:.1f} s."
    )
    return document, text + (f" Batch {document['batch']}." if result.batch else "")


def run_batches(options: argparse.Namespace) -> tuple[list[dict[str, Any]], str]:
    """The imports so far."""
    from engines.intake.queries import batches

    store = open_store(site_folder(options))
    try:
        found = batches(store, options.limit)
    finally:
        store.close()
    rows = [{**vars(row), "id": row.id.hex()} for row in found]
    lines = [
        f"{row['id']}  {row['state']:<9} {row['kind']:<12} {row['loaded']:>9,} loaded "
        f"{row['rejected']:>7,} refused  {row['file']}"
        for row in rows
    ]
    return rows, "\n".join(lines) or "Nothing has been imported yet."


def run_rejects(options: argparse.Namespace) -> tuple[list[dict[str, Any]], str]:
    """The rows that an import refused."""
    from engines.intake.queries import rejects

    store = open_store(site_folder(options))
    try:
        found = rejects(store, named_batch(store, options.batch), options.limit)
    finally:
        store.close()
    rows = [{"row": r.row_no, "column": r.column, "reason": r.reason, "raw": r.raw} for r in found]
    lines = [f"row {r['row']}, {r['column'] or 'whole row'}: {r['reason']}" for r in rows]
    return rows, "\n".join(lines) or "This import refused nothing."


def run_undo(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Take an import back."""
    from engines.intake.actions import undo_batch

    store = open_store(site_folder(options))
    try:
        batch = named_batch(store, options.batch)
        moved = undo_batch(store, actor(store), batch)
    finally:
        store.close()
    return {"batch": batch.hex(), "rows": moved}, f"Taken back: {moved:,} rows removed or restored."


def named_batch(store: Store, text: str) -> bytes:
    """The import that a person names by the beginning of its id. Raises Known."""
    from engines.intake.queries import find_batch

    found = find_batch(store, text)
    if found is None:
        raise Known(f"'{text}' is no import, or more than one.", "See: python main.py batches", code=2)
    return found
