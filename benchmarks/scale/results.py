"""Writing an engine's results to the store: `python -m benchmarks.scale.results [--rows N]`.

Puts so many rows of `rfm_score` into a fresh encrypted site, as the driver does after a run: rows a second and the
growth of the process's memory, which must not grow with the rows, because they go by 50,000.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def main() -> int:
    """Measure one write, and one that replaces it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    from engines.driver import _put
    from engines.rfm.engine import ENGINE, RFM_SCORE
    from models.site import create_site
    from models.store import create_store

    with tempfile.TemporaryDirectory(prefix="atrium-results-") as place:
        os.environ["ATRIUM_KEYS"] = f"{place}/keys"
        store = create_store(create_site(Path(place) / "site", name="Bench"))
        frame = scores(rows)
        for what in ("first", "replacing"):
            before, began = _peak(), time.perf_counter()
            with store.write("service", "bench") as tx:
                _put(tx, ENGINE, RFM_SCORE, frame)
            seconds = time.perf_counter() - began
            print(f"{what}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second, "
                  f"{_peak() - before:.0f} MB more")  # fmt: skip
        store.close()
    return 0


def scores(rows: int) -> pa.Table:
    """Made-up scores, in the order of the persons' keys."""
    from engines.contract import as_frame
    from engines.rfm.engine import RFM_SCORE

    n = np.arange(rows)
    day = ["2026-01-01"] * rows
    columns = {
        "person_id": [int(i).to_bytes(16, "big") for i in n], "recency_days": n % 700, "frequency": n % 40,
        "monetary_minor": n * 7, "r": n % 5 + 1, "f": n % 5 + 1, "m": n % 5 + 1, "segment": ["loyal"] * rows,
        "first_day": day, "last_day": day,
    }  # fmt: skip
    return as_frame(RFM_SCORE, columns)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
