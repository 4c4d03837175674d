"""Make the golden site of the newest store version: `python tests/golden/make.py`. Run once a version, then keep it.

The key lies beside the store because the site holds nothing but these few made-up rows.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


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
