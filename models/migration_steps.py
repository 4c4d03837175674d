"""The steps from one store version to the next: each takes a driver connection inside the migration's transaction."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from models.addresses import public_address
from models.ids import new_id

#: What cameras see besides crossings, how well they are, and what they may measure.
_VERSION_2 = """
ALTER TABLE count_bucket ADD COLUMN quality TEXT;
ALTER TABLE count_bucket ADD COLUMN groups INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE count_bucket ADD COLUMN frames_seen INTEGER DEFAULT 0 NOT NULL;
CREATE TABLE accuracy_check (
    id BLOB NOT NULL,
    camera TEXT NOT NULL,
    line TEXT NOT NULL,
    day TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    true_in INTEGER NOT NULL,
    true_out INTEGER NOT NULL,
    counted_in INTEGER NOT NULL,
    counted_out INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    spurious INTEGER NOT NULL,
    within_s REAL NOT NULL,
    detector TEXT,
    note TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_accuracy_check PRIMARY KEY (id)
) STRICT;
CREATE INDEX ix_accuracy_check_camera_at ON accuracy_check (camera, at);
CREATE TABLE camera_purpose (
    id BLOB NOT NULL,
    camera TEXT NOT NULL,
    purpose TEXT NOT NULL,
    switched_on INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    legal_basis TEXT,
    notice TEXT,
    CONSTRAINT pk_camera_purpose PRIMARY KEY (id)
) STRICT;
CREATE INDEX ix_camera_purpose_camera_purpose ON camera_purpose (camera, purpose);
CREATE TABLE model_check (
    id BLOB NOT NULL,
    weights TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    labelled_set TEXT NOT NULL,
    n INTEGER NOT NULL,
    groups TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_model_check PRIMARY KEY (id)
) STRICT;
CREATE INDEX ix_model_check_sha256 ON model_check (sha256);
CREATE TABLE presence_calibration (
    id BLOB NOT NULL,
    camera TEXT NOT NULL,
    zone TEXT NOT NULL,
    frames TEXT NOT NULL,
    basis TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_presence_calibration PRIMARY KEY (id)
) STRICT;
CREATE INDEX ix_presence_calibration_camera_zone ON presence_calibration (camera, zone);
CREATE TABLE camera_state (
    camera_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    fps_in REAL,
    fps_analysed REAL,
    frames_dropped INTEGER DEFAULT 0 NOT NULL,
    skipped_share REAL,
    drift_ms REAL,
    width INTEGER,
    height INTEGER,
    night INTEGER DEFAULT 0 NOT NULL,
    flaws TEXT,
    restarts INTEGER DEFAULT 0 NOT NULL,
    losses INTEGER DEFAULT 0 NOT NULL,
    process_ms REAL,
    face_width_median REAL,
    last_frame_at INTEGER,
    CONSTRAINT pk_camera_state PRIMARY KEY (camera_id),
    CONSTRAINT fk_camera_state_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE camera_secret (
    camera_id BLOB NOT NULL,
    address TEXT NOT NULL,
    CONSTRAINT pk_camera_secret PRIMARY KEY (camera_id),
    CONSTRAINT fk_camera_secret_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE demographic_hour (
    place TEXT NOT NULL,
    hour_start INTEGER NOT NULL,
    age_band TEXT NOT NULL,
    gender TEXT NOT NULL,
    weights TEXT NOT NULL,
    source_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    n INTEGER NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_demographic_hour PRIMARY KEY (place, hour_start, age_band, gender, weights, source_id, revision),
    CONSTRAINT fk_demographic_hour_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_demographic_hour_day_place ON demographic_hour (day, place);
CREATE TABLE expression_hour (
    place TEXT NOT NULL,
    hour_start INTEGER NOT NULL,
    expression TEXT NOT NULL,
    weights TEXT NOT NULL,
    source_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    n INTEGER NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_expression_hour PRIMARY KEY (place, hour_start, expression, weights, source_id, revision),
    CONSTRAINT fk_expression_hour_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_expression_hour_day_place ON expression_hour (day, place);
CREATE TABLE heat_hour (
    floor TEXT NOT NULL,
    hour_start INTEGER NOT NULL,
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    seconds REAL NOT NULL,
    CONSTRAINT pk_heat_hour PRIMARY KEY (floor, hour_start, x, y, source_id),
    CONSTRAINT fk_heat_hour_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_heat_hour_day_floor ON heat_hour (day, floor);
CREATE TABLE zone_bucket (
    zone_id BLOB NOT NULL,
    bucket_start INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    entries INTEGER NOT NULL,
    exits INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    seconds_total REAL NOT NULL,
    dwell TEXT NOT NULL,
    waits TEXT NOT NULL,
    unserved INTEGER NOT NULL,
    presence_mean REAL NOT NULL,
    presence_max INTEGER NOT NULL,
    queue_mean REAL NOT NULL,
    queue_max INTEGER NOT NULL,
    reaches INTEGER NOT NULL,
    reach_seconds REAL NOT NULL,
    groups INTEGER NOT NULL,
    seconds_observed REAL NOT NULL,
    quality TEXT,
    batch_id BLOB,
    CONSTRAINT pk_zone_bucket PRIMARY KEY (zone_id, bucket_start, source_id, revision),
    CONSTRAINT fk_zone_bucket_zone_id FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_zone_bucket_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_zone_bucket_day_zone_id ON zone_bucket (day, zone_id);
CREATE TABLE zone_flow (
    origin_id BLOB NOT NULL,
    target_id BLOB NOT NULL,
    bucket_start INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seconds_total REAL NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_zone_flow PRIMARY KEY (origin_id, target_id, bucket_start, source_id, revision),
    CONSTRAINT fk_zone_flow_origin_id FOREIGN KEY(origin_id) REFERENCES zone (id),
    CONSTRAINT fk_zone_flow_target_id FOREIGN KEY(target_id) REFERENCES zone (id),
    CONSTRAINT fk_zone_flow_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_zone_flow_day ON zone_flow (day);
CREATE TABLE zone_minute (
    zone_id BLOB NOT NULL,
    minute_start INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    presence_mean REAL NOT NULL,
    presence_max INTEGER NOT NULL,
    queue_median REAL NOT NULL,
    seconds_observed REAL NOT NULL,
    quality TEXT,
    CONSTRAINT pk_zone_minute PRIMARY KEY (zone_id, minute_start, source_id),
    CONSTRAINT fk_zone_minute_zone_id FOREIGN KEY(zone_id) REFERENCES zone (id),
    CONSTRAINT fk_zone_minute_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_zone_minute_day_zone_id ON zone_minute (day, zone_id);
CREATE TABLE count_minute (
    gate_id BLOB NOT NULL,
    minute_start INTEGER NOT NULL,
    source_id BLOB NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    n_in INTEGER NOT NULL,
    n_out INTEGER NOT NULL,
    n_pass INTEGER NOT NULL,
    staff_in INTEGER NOT NULL,
    staff_out INTEGER NOT NULL,
    seconds_observed REAL NOT NULL,
    frames_seen INTEGER NOT NULL,
    frames_dropped INTEGER NOT NULL,
    quality TEXT,
    CONSTRAINT pk_count_minute PRIMARY KEY (gate_id, minute_start, source_id),
    CONSTRAINT fk_count_minute_gate_id FOREIGN KEY(gate_id) REFERENCES gate (id),
    CONSTRAINT fk_count_minute_source_id FOREIGN KEY(source_id) REFERENCES source (id)
) WITHOUT ROWID, STRICT;
CREATE INDEX ix_count_minute_day_gate_id ON count_minute (day, gate_id);
"""


def to_version_2(raw: Any) -> None:
    """Quality, groups and frames of counts; the tables of zones, minutes, heat, cameras and their records.

    How a camera is leaves its record, which is logged whole, for `camera_state`; its login leaves it, and the log,
    for `camera_secret`.
    """
    for statement in _VERSION_2.split(";"):
        if statement.strip():
            raw.execute(statement.strip())
    _part_cameras(raw)
    _clean_log(raw)


def _part_cameras(raw: Any) -> None:
    """A camera's state and secret into their own tables."""
    for name in [
        n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE tbl_name = 'camera' AND type = 'trigger'")
    ]:
        raw.execute(f"DROP TRIGGER {name}")  # they name the columns that go; the migration makes all triggers anew
    raw.execute(
        "INSERT INTO camera_state (camera_id, at, state, reason, last_frame_at) "
        "SELECT id, coalesce(last_frame_at, 0), 'waiting', trouble, last_frame_at FROM camera "
        "WHERE last_frame_at IS NOT NULL OR trouble IS NOT NULL"
    )
    for camera, address in raw.execute("SELECT id, address FROM camera").fetchall():
        if public_address(address) != address:
            raw.execute("INSERT INTO camera_secret (camera_id, address) VALUES (?, ?)", (camera, address))
            raw.execute("UPDATE camera SET address = ? WHERE id = ?", (public_address(address), camera))
    raw.execute("ALTER TABLE camera DROP COLUMN last_frame_at")
    raw.execute("ALTER TABLE camera DROP COLUMN trouble")


def _clean_log(raw: Any) -> None:
    """What was logged of cameras, as it would be logged now."""
    logged = raw.execute("SELECT seq, row FROM change_log WHERE tbl = 'camera' AND row IS NOT NULL").fetchall()
    for seq, text in logged:
        image = json.loads(text)
        image["address"] = public_address(image["address"])
        for name in ("last_frame_at", "trouble"):
            image.pop(name, None)
        raw.execute("UPDATE change_log SET row = ? WHERE seq = ?", (json.dumps(image, ensure_ascii=False), seq))


def to_version_3(raw: Any) -> None:
    """The tables of customer intelligence: merges of people, segments, what was learned, journeys, money."""
    _run_file(raw, "version_3.sql")


def to_version_4(raw: Any) -> None:
    """Access, sync, privacy and running; updates say which columns they changed; the store knows its node."""
    raw.execute("ALTER TABLE change_log ADD COLUMN changed TEXT")
    _run_file(raw, "version_4.sql")
    raw.execute("INSERT INTO meta (name, value) VALUES ('node_id', ?)", (new_id().hex(),))


def _run_file(raw: Any, name: str) -> None:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    for statement in re.sub(r"^--.*$", "", text, flags=re.MULTILINE).split(";"):
        if statement.strip():
            raw.execute(statement.strip())
