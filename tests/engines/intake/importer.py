"""A process of its own that imports files, so that a test can kill it: SITE KIND FILE SOURCE [KIND FILE SOURCE ...]."""

from __future__ import annotations

import sys
from pathlib import Path

from engines.intake import counts, rows, running, sales
from engines.intake.actions import import_file
from models.store import open_store

if __name__ == "__main__":
    # Small chunks make many transactions, and so many moments at which to die.
    sales.CHUNK_ROWS = rows.CHUNK_ROWS = counts.CHUNK_ROWS = 400
    running.BREATHER_SECONDS = 0.001
    import pyarrow.csv  # noqa: F401

    import engines.intake.receipts  # the heavy libraries, before the clock of the killer starts  # noqa: F401

    store = open_store(Path(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told = sys.argv[2:]
    for kind, file, source in zip(told[::3], told[1::3], told[2::3], strict=True):
        import_file(store, "me", kind, Path(file), source=source)
    store.close()
