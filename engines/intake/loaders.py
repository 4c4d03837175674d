"""Which loader loads which kind."""

from __future__ import annotations

from engines.intake.actions import Loader
from engines.intake.parse import Parsed
from engines.intake.sales import SalesLoader
from models.store import Store


def make_loader(store: Store, parsed: Parsed, source: bytes | None) -> Loader:
    """A loader for the parsed file; `source` is None in a rehearsal for a source that does not exist yet."""
    return SalesLoader(store, parsed, source)
