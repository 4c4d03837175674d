"""The store keeps what it was told, alone opens its file, and says plainly why it refuses."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from models import audit, connection, keys, version
from models.errors import Known
from models.ids import made_at_ms, new_id, new_ids
from models.site import create_site, file_system, load_site, on_network
from models.store import Store, connect, create_store, driver, open_store
from models.times import now_ms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mall"


@pytest.fixture
def mall(folder: Path):
    made = create_store(create_site(folder, name="Test mall", time_zone="Asia/Shanghai", currency="CNY"))
    yield made
    made.close()


def add_floor(mall: Store, code: str, level: int = 0) -> bytes:
    made = new_id()
    with mall.write("tester", "adding a floor") as tx:
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, ?, ?, ?)", [(made, code, code, level)])
    return made


def test_what_was_committed_is_there_after_reopening(mall: Store, folder: Path) -> None:
    add_floor(mall, "L1")
    mall.close()
    again = open_store(folder)
    with again.read() as connection:
        assert connection.exec_driver_sql("SELECT code FROM floor").scalars() == ["L1"]
    again.close()


def test_the_file_is_encrypted_and_the_interpreters_sqlite_cannot_read_it(mall: Store, folder: Path) -> None:
    add_floor(mall, "GROUND-FLOOR-NAME")
    for file in folder.glob("atrium.db*"):
        assert b"GROUND-FLOOR-NAME" not in file.read_bytes()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(folder / "atrium.db").execute("SELECT count(*) FROM floor")


def test_an_exception_rolls_everything_back(mall: Store) -> None:
    with pytest.raises(RuntimeError), mall.write("tester", "failing") as tx:
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, 'X', 'X', 1)", [(new_id(),)])
        raise RuntimeError
    with mall.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM floor").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM change_log WHERE tbl = 'floor'").scalar() == 0


def test_tables_refuse_values_of_the_wrong_type(mall: Store) -> None:
    with mall.write("tester", "x") as tx, pytest.raises(sqlcipher.IntegrityError):
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, 'X', 'X', 'first')", [(new_id(),)])


def test_a_fact_needs_what_it_refers_to(mall: Store) -> None:
    with mall.write("tester", "x") as tx, pytest.raises(sqlcipher.IntegrityError, match="FOREIGN KEY"):
        tx.execute_many("INSERT INTO front (id, code, name, unit_id) VALUES (?, 'F', 'F', ?)", [(new_id(), new_id())])


def test_a_waiting_writer_is_told_who_holds_the_lock(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_MS", 50)
    other = open_store(mall.site.folder)
    try:
        with (
            mall.write("tester", "loading sales"),
            pytest.raises(Known, match=r"loading sales"),
            other.write("second", "counting"),
        ):
            pass
    finally:
        other.close()


def test_a_waiting_writer_gets_its_turn(mall: Store) -> None:
    other = open_store(mall.site.folder)
    done: list[bytes] = []
    with mall.write("tester", "first"):
        thread = threading.Thread(target=lambda: done.append(add_floor(other, "L2")))
        thread.start()
        time.sleep(0.05)
        assert not done
    thread.join(10)
    other.close()
    assert len(done) == 1


def test_a_store_newer_than_the_program_is_refused(mall: Store, folder: Path) -> None:
    with mall.write("tester", "x") as tx:
        tx.connection.exec_driver_sql(f"PRAGMA user_version = {version.STORE + 1}")
    mall.close()
    with pytest.raises(Known, match="newer Atrium"):
        open_store(folder)


def test_the_wrong_key_is_a_sentence(mall: Store, folder: Path) -> None:
    mall.close()
    key = keys.keys_folder() / f"{mall.site.id}.key"
    key.write_bytes(bytes(32))
    with pytest.raises(Known, match=r"key is wrong|cannot be opened"):
        open_store(folder)


def test_a_missing_or_readable_key_is_a_sentence(mall: Store, folder: Path) -> None:
    mall.close()
    key = keys.keys_folder() / f"{mall.site.id}.key"
    key.chmod(0o644)
    with pytest.raises(Known, match="can be read by others"):
        open_store(folder)
    key.unlink()
    with pytest.raises(Known, match="not on this machine"):
        open_store(folder)


def test_a_damaged_settings_file_names_itself(mall: Store, folder: Path) -> None:
    mall.close()
    (folder / "site.toml").write_text("[site\nname=", encoding="utf-8")
    with pytest.raises(Known, match=r"site\.toml"):
        open_store(folder)


def test_settings_survive_quotes_and_chinese(tmp_path: Path) -> None:
    site = create_site(tmp_path / "a", name='The "大" \\ mall', time_zone="Asia/Shanghai")
    assert load_site(site.folder).name == 'The "大" \\ mall'


def test_a_local_folder_is_not_taken_for_a_network_drive(tmp_path: Path) -> None:
    assert not on_network(tmp_path)


def test_ids_grow_and_tell_their_time() -> None:
    before = now_ms()
    many = new_ids(5000) + new_ids(10)
    assert many == sorted(set(many))
    assert all(value[6] >> 4 == 7 and value[8] >> 6 == 2 for value in many)
    assert before - 1 <= made_at_ms(many[0]) <= now_ms() + 1


def test_the_audit_chain_shows_an_edit_and_refuses_one(mall: Store) -> None:
    for n in range(5):
        with mall.write("tester", "x") as tx:
            tx.audit("try", "thing", n=n)
    key = keys.derive(mall.key, "audit")
    with mall.read() as connection:
        assert audit.verify(connection, key).broken_at is None
    with mall.write("tester", "x") as tx, pytest.raises(sqlcipher.IntegrityError, match="never changed"):
        tx.execute_many("UPDATE audit_entry SET actor = 'me' WHERE seq = ?", [(3,)])
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER keep_audit_entry_update")
    raw.execute("UPDATE audit_entry SET detail = '{}' WHERE seq = 3")
    raw.close()
    with mall.read() as connection:
        assert audit.verify(connection, key).broken_at == 3
    again = open_store(mall.site.folder)
    with again.read() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'keep_audit_entry_update'")
        assert triggers.scalar() is not None
    again.close()


def test_the_driver_is_reachable_for_bulk_work(mall: Store) -> None:
    with mall.read() as connection:
        assert driver(connection).execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_a_disk_that_refuses_is_a_sentence_and_loses_nothing(mall: Store, folder: Path) -> None:
    import resource
    import signal

    add_floor(mall, "L1")
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # not even the note of who writes fits
    try:
        with pytest.raises(Known, match="nothing was changed"):
            add_floor(mall, "L2")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    add_floor(mall, "L3")
    with mall.read() as opened:
        assert opened.exec_driver_sql("SELECT code FROM floor ORDER BY code").scalars() == ["L1", "L3"]


def test_a_constraint_is_never_taken_for_trouble_with_the_disk(mall: Store) -> None:
    with pytest.raises(connection.IntegrityError), mall.write("tester", "a wrong row") as tx:
        tx.connection.exec_driver_sql("CREATE TEMP TABLE busy (full_locked TEXT NOT NULL)")
        tx.connection.exec_driver_sql("INSERT INTO busy VALUES (NULL)")


def test_the_log_does_not_stay_as_long_as_it_ever_was(mall: Store, folder: Path) -> None:
    log = folder / "atrium.db-wal"
    with mall.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM floor").fetchall()  # holds the log as it is
        for i in range(8):
            with mall.write("tester", "much") as tx:
                tx.connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, hex(zeroblob(3000000)))", (i,))
    assert log.stat().st_size > 40_000_000
    for code in ("L1", "L2"):
        add_floor(mall, code)
    assert log.stat().st_size <= 32_000_000


def test_a_network_share_is_known_by_its_mount_also_with_a_space_in_its_name() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nnas:/x /mnt/the\\040share nfs4 rw 0 0\n"
    assert file_system("/mnt/the share/mall", mounts) == "nfs4"
    assert file_system("/mnt/the", mounts) == "ext4"
