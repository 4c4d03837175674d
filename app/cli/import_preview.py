"""`import-preview`: what a file holds and how its columns would be read, for the desktop's Import page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.entry import site_folder
from models.store import open_store

FIRST_ROWS = 50
SAMPLES = 4


def register(commands: Any) -> None:
    """Add `import-preview`."""
    preview = commands.add_parser("import-preview", help="what a file holds and how its columns would be read")
    preview.add_argument("file")
    preview.add_argument("--kind", help="members, sales, ...; without it the kind is guessed")
    preview.add_argument("--source", help="the sender's code; its saved mapping is used")
    preview.set_defaults(run=run_preview)


def run_preview(options: argparse.Namespace) -> dict[str, Any]:
    """Read the file and guess; nothing is written."""
    from engines.intake.actions import saved_mapping
    from engines.intake.fields import KINDS
    from engines.intake.files import read_sheet
    from engines.intake.guess import guess_kind
    from engines.intake.mapping import default_source, guess

    path = Path(options.file)
    sheet = read_sheet(path)
    guessed, confidence = guess_kind(sheet)
    kind = options.kind or guessed
    source = options.source or default_source(kind, sheet)
    store = open_store(site_folder(options))
    try:
        saved = saved_mapping(store, kind, source, sheet)
    finally:
        store.close()
    mapping = saved or guess(KINDS[kind], sheet)
    first = range(min(sheet.rows, FIRST_ROWS))
    return {
        "file": str(path), "format": sheet.format, "encoding": sheet.encoding, "delimiter": sheet.delimiter,
        "rows": sheet.rows, "columns": list(sheet.header),
        "samples": {c.name: [t for t in c.texts[:50] if t.strip()][:SAMPLES] for c in sheet.columns},
        "first": [[column.text(row) for column in sheet.columns] for row in first],
        "kind": kind, "guessed": guessed, "confidence_kind": confidence, "source": source, "saved": saved is not None,
        "mapping": {"kind": kind, "columns": mapping.columns, "constants": mapping.constants,
                    "options": mapping.options},
        "confidence": mapping.confidence, "broken": len(sheet.broken),
    }  # fmt: skip
