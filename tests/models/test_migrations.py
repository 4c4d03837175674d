"""A site of any released version opens in this one with everything in it; a step that fails changes nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from engines.cameras.records import address_to_open, cameras
from models import audit, changes, keys, migrations, version
from models.connection import DatabaseError, connect
from models.errors import Known
from models.site import create_site, load_site
from models.store import Store, create_store, open_store, store_version

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
VERSIONS = sorted(int(path.name[1:]) for path in GOLDEN.glob("v*"))


@pytest.fixture
def golden(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(GOLDEN / f"v{request.param}", tmp_path / "golden")
    for key in (tmp_path / "golden" / "keys").iterdir():
        key.chmod(0o600)
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "golden" / "keys"))
    return tmp_path / "golden" / "site"


def add_a_column(raw: Any) -> None:
    raw.execute("ALTER TABLE floor ADD COLUMN note TEXT")


def fail_half_way(raw: Any) -> None:
    raw.execute("ALTER TABLE floor ADD COLUMN note TEXT")
    raise Known("no", "no")


@pytest.mark.parametrize("golden", VERSIONS, indirect=True)
def test_every_released_version_opens_with_its_rows(golden: Path) -> None:
    store = open_store(golden)
    assert store_version(store) == version.STORE
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT net_minor FROM sale").scalars() == [12345]
        assert connection.exec_driver_sql("SELECT name FROM member").scalars() == ["王小明"]
        assert audit.verify(connection, keys.derive(store.key, "audit")).broken_at is None
        assert changes.verify_triggers(connection) == []
    store.close()


def schema_of(store: Store) -> set[tuple[str, str]]:
    """Every table, index and trigger with its text, however it is spaced."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        ).fetchall()
    return {(str(name), re.sub(r" (?=[,)])", "", " ".join(str(sql).split()))) for name, sql in rows}


@pytest.mark.parametrize("golden", VERSIONS[:-1], indirect=True)
def test_a_migrated_store_is_made_like_a_new_one(golden: Path, tmp_path: Path) -> None:
    migrated, fresh = open_store(golden), create_store(create_site(tmp_path / "fresh", name="Fresh"))
    assert schema_of(migrated) == schema_of(fresh)
    with migrated.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    migrated.close()
    fresh.close()


@pytest.mark.parametrize("golden", VERSIONS[1:], indirect=True)
def test_what_version_2_brought_is_kept(golden: Path) -> None:
    store = open_store(golden)
    with store.read() as connection:
        counts = connection.exec_driver_sql(
            "SELECT direction, n, staff_n, groups, frames_seen, quality FROM count_bucket ORDER BY direction"
        ).fetchall()
        waits = connection.exec_driver_sql("SELECT waits FROM zone_bucket").scalars()
        state = connection.exec_driver_sql("SELECT state, night, flaws FROM camera_state").fetchall()
        people = connection.exec_driver_sql("SELECT n, weights FROM demographic_hour").fetchall()
        moods = connection.exec_driver_sql("SELECT expression, n FROM expression_hour").fetchall()
    store.close()
    assert counts == [
        ("in", 8, 1, 2, 6200, "partial"),
        ("out", 3, 0, 0, 6200, "partial"),
        ("pass", 11, 0, 0, 6200, "partial"),
    ]
    assert waits == ['{"150": 4}']
    assert state == [("counting", 0, "dark,slow")]
    assert people == [(12, "ab" * 32)]
    assert moods == [("neutral", 14)]


@pytest.mark.parametrize("golden", VERSIONS[2:], indirect=True)
def test_what_version_3_brought_is_kept(golden: Path) -> None:
    store = open_store(golden)
    wanted = {
        "SELECT count(*) FROM identifier_owner o JOIN member m ON m.person_id = o.person_id": [1],
        "SELECT state FROM person ORDER BY created_at": ["active", "merged"],
        "SELECT decision FROM consent_decision": ["grant"],
        "SELECT baseline FROM occasion": ["weeks"],
        "SELECT stage FROM deal": ["viewing"],
        "SELECT amount_minor FROM money_line": [777],
        "SELECT version FROM model_pin": [2],
        "SELECT state FROM segment": ["live"],
        "SELECT count(*) FROM segment_member": [1],
    }
    with store.read() as connection:
        found = {sql: connection.exec_driver_sql(sql).scalars() for sql in wanted}
    store.close()
    assert found == wanted


@pytest.mark.parametrize("golden", VERSIONS[3:], indirect=True)
def test_what_version_4_brought_is_kept(golden: Path) -> None:
    store = open_store(golden)
    wanted = {
        "SELECT name FROM user u JOIN user_scope s ON s.user_id = u.id JOIN user_secret USING (user_id)": ["Ann"],
        "SELECT state FROM data_request JOIN erasure_tombstone t ON t.request_id = data_request.id": ["open"],
        "SELECT acked_seq FROM sync_state": [5],
        "SELECT state FROM backup_run": ["done"],
        "SELECT changed FROM change_log WHERE tbl = 'floor' AND op = 'U'": ["name"],
        "SELECT length(value) FROM meta WHERE name = 'node_id'": [32],
    }
    with store.read() as connection:
        found = {sql: connection.exec_driver_sql(sql).scalars() for sql in wanted}
    store.close()
    assert found == wanted


@pytest.mark.parametrize("golden", [1], indirect=True)
def test_a_camera_of_version_1_keeps_its_state_and_its_password_leaves_its_record_and_the_log(golden: Path) -> None:
    site = load_site(golden)
    raw = connect(site.database, keys.read_key(site.id))
    raw.execute(
        "INSERT INTO camera (id, code, name, address, lines, active, last_frame_at, trouble) VALUES "
        "(x'01', 'C1', 'Door 门', 'rtsp://ann:hunter2@door/2', '', 1, 5, 'dark'), (x'02', 'C2', 'Hall', '0', '', 1, NULL, NULL)"
    )
    raw.execute("UPDATE camera SET last_frame_at = 7 WHERE code = 'C1'")
    raw.close()
    store = open_store(golden)
    found = {camera.code: camera for camera in cameras(store)}
    assert (found["C1"].address, found["C1"].user, found["C1"].has_password) == ("rtsp://door/2", "ann", True)
    assert (found["C1"].last_frame_at, found["C1"].trouble) == (7, "dark")
    assert (found["C2"].address, found["C2"].last_frame_at, found["C2"].trouble) == ("0", None, None)
    assert address_to_open(store, "C1") == "rtsp://ann:hunter2@door/2"
    with store.read() as connection:
        logged = connection.exec_driver_sql("SELECT row FROM change_log WHERE tbl = 'camera'").scalars()
    store.close()
    assert len(logged) == 3
    assert not any("hunter2" in row or "trouble" in row for row in logged)
    assert json.loads(logged[0])["name"] == "Door 门"


@pytest.mark.parametrize("verb", ["UPDATE camera_purpose SET actor = 'x'", "DELETE FROM camera_purpose"])
@pytest.mark.parametrize("golden", VERSIONS[-1:], indirect=True)
def test_who_switched_a_purpose_is_never_rewritten(golden: Path, verb: str) -> None:
    store = open_store(golden)
    with pytest.raises(DatabaseError, match="never changed"), store.write("tester", "x") as tx:
        tx.connection.exec_driver_sql(verb)
    store.close()


@pytest.mark.parametrize("golden", VERSIONS[-1:], indirect=True)
def test_a_step_runs_on_a_copy_that_is_swapped_in(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, add_a_column))
    monkeypatch.setattr(version, "STORE", version.STORE + 1)
    store = open_store(golden)
    assert store_version(store) == version.STORE
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT code, note FROM floor").fetchall() == [("L1", None)]
    store.close()
    assert len(list((golden / "backups").glob("before-version-*.db"))) == 1


@pytest.mark.parametrize("golden", VERSIONS[-1:], indirect=True)
def test_a_step_that_fails_leaves_the_store_as_it_was(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version.STORE
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*migrations.STEPS, fail_half_way))
        patch.setattr(version, "STORE", before + 1)
        with pytest.raises(Known):
            open_store(golden)
    store = open_store(golden)
    assert store_version(store) == before
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT code FROM floor").scalars() == ["L1"]
    store.close()


def test_the_newest_version_has_a_golden_site_that_matches_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert version.STORE in VERSIONS
    shutil.copytree(GOLDEN / f"v{version.STORE}", tmp_path / "g")
    for key in (tmp_path / "g" / "keys").iterdir():
        key.chmod(0o600)
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "g" / "keys"))
    store = open_store(tmp_path / "g" / "site")
    with store.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
            "AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        ).fetchall()
    store.close()
    wanted = {" ".join(text.split()) for text in migrations.schema_statements()}
    assert {" ".join(str(sql).split()) for _, sql in found} == wanted


@pytest.mark.parametrize("golden", VERSIONS[-1:], indirect=True)
def test_a_store_that_another_program_has_open_is_not_swapped_under_it(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_store(golden)
    with other.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM sale").fetchall()
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, add_a_column))
    monkeypatch.setattr(version, "STORE", version.STORE + 1)
    with pytest.raises(Known, match="Another program has this site open"):
        open_store(golden)
    with other.write("tester", "going on") as tx:
        tx.connection.exec_driver_sql("UPDATE floor SET name = 'kept'")
    other.close()
    store = open_store(golden)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT name, note FROM floor").fetchall() == [("kept", None)]
    store.close()
    assert not list(golden.glob("*.migrating*"))
