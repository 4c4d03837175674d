"""Make the golden site of the newest store version: `python tests/golden/make.py`. Run once a version, then keep it.

The key lies beside the store because the site holds nothing but these few made-up rows.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.store import Store

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def _fill_cameras(store: Store) -> None:
    """What version 2 brought: a few rows of what a camera sees, its state and its records."""
    from engines.cameras.counts import keep_counts
    from models.ids import new_id

    at = 1_767_225_600_000
    bucket = {"gate": "G1", "start_ms": at, "n_in": 7, "n_out": 3, "n_pass": 11, "staff_in": 1, "staff_out": 0,
              "groups": 2, "seconds_observed": 880, "frames_seen": 6200, "frames_dropped": 5, "quality": ("partial",)}  # fmt: skip
    zone = {"zone": "Z1", "purpose": "queue", "start_ms": at, "entries": 5, "exits": 4, "visits": 4,
            "seconds_total": 410.0, "dwell": {}, "waits": {"150": 4}, "unserved": 0, "presence_mean": 1.5,
            "presence_max": 3, "queue_mean": 1.5, "queue_max": 3, "reaches": 0, "reach_seconds": 0.0, "groups": 0,
            "seconds_observed": 900.0, "quality": ()}  # fmt: skip
    people = {"place": "Z1", "start_ms": at, "age_band": "25-34", "gender": "female", "n": 12, "weights": "ab" * 32}
    moods = {"place": "Z1", "start_ms": at, "expression": "neutral", "n": 14, "weights": "cd" * 32}
    rows = {"buckets": [bucket], "zones": [zone], "demographics": [people], "expressions": [moods]}
    keep_counts(store, "C1", rows)
    with store.write("golden", "filling the golden site") as tx:
        tx.execute_many(
            "INSERT INTO camera (id, code, name, address, lines, active) VALUES (?, 'C1', 'C1', 'rtsp://door/2', '', 1)",
            [(new_id(),)],
        )
        tx.execute_many("INSERT INTO camera_secret (camera_id, address) SELECT id, ? FROM camera",
                        [("rtsp://ann:golden-password@door/2",)])  # fmt: skip
        tx.execute_many(
            "INSERT INTO camera_state (camera_id, at, state, flaws) SELECT id, ?, 'counting', 'dark,slow' FROM camera",
            [(at,)],
        )
        tx.execute_many(
            "INSERT INTO camera_purpose (id, camera, purpose, switched_on, actor, at) "
            "VALUES (?, 'C1', 'demographics', 0, 'golden', ?)",
            [(new_id(), at)],
        )


def main() -> None:
    """Write tests/golden/v<N>/."""
    from models import version

    folder = Path(__file__).parent / f"v{version.STORE}"
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["ATRIUM_KEYS"] = str(folder / "keys")
    from models.ids import new_id
    from models.site import create_site
    from models.store import create_store

    store = create_store(create_site(folder / "site", name="Golden 金 mall", time_zone="Asia/Shanghai", currency="CNY"))
    source, batch, sale, person = new_id(), new_id(), new_id(), new_id()
    with store.write("golden", "filling the golden site") as tx:
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, 'L1', 'Ground', 0)", [(new_id(),)])
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'till', 'sales')", [(source,)])
        tx.execute_many(
            "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, txns, basis, "
            "batch_id) VALUES (?, ?, 'R1', 1767225600000, '2026-01-01', 480, 12345, 12345, 1, 'pos', ?)",
            [(sale, source, batch)],
        )
        tx.execute_many("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 0)", [(person,)])
        tx.execute_many(
            "INSERT INTO member (id, person_id, card_no, name, joined_day, state) "
            "VALUES (?, ?, 'C1', '王小明', '2026-01-01', 'active')",
            [(new_id(), person)],
        )
    _fill_cameras(store)
    with store.write("golden", "tidying") as tx:
        tx.audit("make", "golden")
    from models.store import connect

    store.close()
    raw = connect(store.site.database, store.key)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    for left in (folder / "site").glob("atrium.db-*"):
        left.unlink()
    (folder / "site" / "atrium.writer").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
