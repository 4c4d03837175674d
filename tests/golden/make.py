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


def _fill_people(store: Store) -> None:
    """What version 3 brought: a merge, a consent, a segment with a pin, an occasion, a deal, a held model version."""
    from engines.people.identity.merging import merge_people
    from engines.segments.actions import create
    from engines.segments.actions import pin as pin_person
    from engines.segments.rule import And, Trait
    from models.ids import new_id

    with store.read() as connection:
        (first,) = connection.exec_driver_sql("SELECT id FROM person").scalars()
        (source,) = connection.exec_driver_sql("SELECT id FROM source WHERE code = 'till'").scalars()
    second, sign, batch, prospect = new_id(), new_id(), new_id(), new_id()
    with store.write("golden", "filling the golden site") as tx:
        tx.execute_many("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 1)", [(second,)])
        tx.execute_many(
            "INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, 'phone', ?, '13800000000')",
            [(sign, b"h" * 32)],
        )
        tx.execute_many(
            "INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) "
            "VALUES (?, ?, ?, 'link', 1.0, 'golden', 'made up', 1)",
            [(new_id(), sign, second)],
        )
        tx.execute_many("INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", [(sign, second)])
        tx.execute_many(
            "INSERT INTO consent_decision (id, source_id, source_key, identifier_id, purpose, channel, decision, at, "
            "actor) VALUES (?, ?, 'C1', ?, 'marketing', 'sms', 'grant', 1767225600000, 'golden')",
            [(new_id(), source, sign)],
        )
        tx.execute_many(
            "INSERT INTO occasion (id, code, name, kind, scope, from_day, to_day, cost_minor, baseline, "
            "baseline_weeks) VALUES (?, 'O1', 'Fair', 'fair', 'mall', '2026-01-02', '2026-01-04', 500, 'weeks', 4)",
            [(new_id(),)],
        )
        tx.execute_many(
            "INSERT INTO prospect (id, code, name, created_day) VALUES (?, 'P1', 'Tea', '2026-01-01')", [(prospect,)]
        )
        tx.execute_many(
            "INSERT INTO deal (id, code, prospect_id, pipeline, stage, state, opened_day) "
            "VALUES (?, 'D1', ?, 'leasing', 'viewing', 'open', '2026-01-01')",
            [(new_id(), prospect)],
        )
        tx.execute_many(
            "INSERT INTO money_line (id, source_id, source_key, day, side, head, amount_minor, batch_id) "
            "VALUES (?, ?, 'M1', '2026-01-01', 'income', 'media', 777, ?)",
            [(new_id(), source, batch)],
        )
        tx.execute_many(
            "INSERT INTO model_pin (engine, model, version, reason, actor, at) VALUES ('churn', 'churn', 2, 'x', 'g', 1)",
            [()],
        )
    merge_people(store, "golden", first, second, evidence={}, reason="the same person")
    create(store, "golden", "s1", "Members", And((Trait("joined_day", "within_days", (30,)),)), live=True)
    pin_person(store, "golden", "s1", first, into=True, reason="golden")


def _fill_running(store: Store) -> None:
    """What version 4 brought: an account, a notice, a request with its tombstone, a channel's state, a backup."""
    from models.ids import new_id

    role, user, request = new_id(), new_id(), new_id()
    with store.write("golden", "filling the golden site") as tx:
        tx.execute_many("INSERT INTO role (id, code, name, rights) VALUES (?, 'r1', 'Staff', '[\"look\"]')", [(role,)])
        tx.execute_many(
            "INSERT INTO user (id, code, name, role_id, active) VALUES (?, 'ann', 'Ann', ?, 1)", [(user, role)]
        )
        tx.execute_many(
            "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) "
            "VALUES (?, '$argon2id$', 0, 1, 0)",
            [(user,)],
        )
        tx.execute_many("INSERT INTO user_scope (user_id, kind, value) VALUES (?, 'floor', 'L1')", [(user,)])
        tx.execute_many(
            "INSERT INTO data_request (id, code, kind, law, received_at, due_at, state) "
            "VALUES (?, 'Q1', 'erasure', 'gdpr', 1, 2, 'open')",
            [(request,)],
        )
        tx.execute_many(
            "INSERT INTO erasure_tombstone (value_hmac, kind, request_id, at) VALUES (?, 'phone', ?, 3)",
            [(b"t" * 32, request)],
        )
        tx.execute_many(
            "INSERT INTO sync_state (channel, epoch, acked_seq, hlc, pulled_xid, pulled_rev, pushed_rows, pulled_rows, "
            "failures) VALUES ('core', 'e1', 5, 0, 0, 0, 5, 0, 0)",
            [()],
        )
        tx.execute_many("INSERT INTO backup_run (id, kind, at, state) VALUES (?, 'backup', 4, 'done')", [(new_id(),)])
        tx.execute_many("UPDATE floor SET name = 'Ground floor' WHERE code = ?", [("L1",)])


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
    _fill_people(store)
    _fill_running(store)
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
