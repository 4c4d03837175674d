"""What a file looks like before it is imported: for the Import page and for `--dry-run`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.intake.fields import KINDS
from engines.intake.files import read_sheet
from engines.intake.guess import guess_kind
from engines.intake.mapping import Mapping, default_source, fit_saved, guess, missing_fields
from models.site import Site

SAMPLE_ROWS = 20


@dataclass(frozen=True)
class Preview:
    """A file's form, its first rows as text, and the mapping that an import would use.

    `kind` is None where the columns say nothing; `missing` names the needed fields that no column fills.
    """

    file: str
    format: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: int
    kind: str | None
    kind_confidence: float
    mapping: Mapping | None
    missing: tuple[str, ...]
    source: str | None


def preview(file: Path | str, kind: str | None, site: Site, saved: Mapping | None = None) -> Preview:
    """Look at a file. `kind` None asks for a guess; `saved` is used where it is of that kind. Raises Known."""
    path = Path(file)
    sheet = read_sheet(path)
    guessed, confidence = guess_kind(sheet)
    chosen = kind or (guessed if confidence > 0 else None)
    mapping: Mapping | None = None
    if chosen is not None:
        mapping = fit_saved(saved, sheet) if saved is not None and saved.kind == chosen else guess(KINDS[chosen], sheet)
    sample = tuple(tuple(column.text(row) for column in sheet.columns) for row in range(min(SAMPLE_ROWS, sheet.rows)))
    missing = missing_fields(mapping, KINDS[mapping.kind]) if mapping is not None else ()
    source = default_source(chosen, sheet) if chosen else None
    return Preview(
        path.name, sheet.format, sheet.encoding, sheet.delimiter, sheet.header, sample, sheet.rows, chosen,
        1.0 if kind else confidence, mapping, missing, source,
    )  # fmt: skip
