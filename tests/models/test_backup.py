"""A backup is whole, encrypted and verified; a restore starts a new history and refuses what is not the site's."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import audit, backup, keys, ledger, mart, version
from models.errors import Known
from models.ids import new_id
from models.lease import Lease, ServiceLock, holder
from models.restore import restore_backup
from models.site import create_site
from models.store import Store, connect, create_store, open_store


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def add_floor(store: Store, code: str) -> None:
    with store.write("tester", "floors") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO floor (id, code, name, level) VALUES (?, ?, 'x', 1)", (new_id(), code)
        )


def floors(store: Store) -> set[str]:
    with store.read() as connection:
        return {code for (code,) in connection.exec_driver_sql("SELECT code FROM floor")}


def epoch(store: Store) -> str:
    with store.read() as connection:
        return str(connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar_one())


def test_a_backup_opens_with_the_sites_key_and_with_no_other(mall: Store) -> None:
    add_floor(mall, "L1")
    made = backup.make_backup(mall)
    assert made.rows["floor"] == 1
    assert made.path.read_bytes()[:15] != b"SQLite format 3"
    raw = connect(made.path, mall.key)
    assert raw.execute("SELECT code FROM floor").fetchall() == [("L1",)]
    raw.close()
    with pytest.raises(Exception, match="not a database"):
        connect(made.path, bytes(32)).execute("SELECT 1 FROM floor")
    assert [path.name for path in mall.site.folder.glob("backups/*.part*")] == []


def test_a_backup_is_made_while_others_write(mall: Store) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set() and n < 200:
            n += 1
            add_floor(mall, f"L{n}")

    thread = threading.Thread(target=write)
    thread.start()
    made = backup.make_backup(mall)
    stop.set()
    thread.join()
    assert made.rows["floor"] <= len(floors(mall))


def test_a_copy_that_lacks_rows_is_no_backup(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_floor(mall, "L1")
    copy = backup._copy

    def short_copy(store: Store, path: Path) -> None:
        copy(store, path)
        raw = connect(path, store.key)
        raw.execute("DELETE FROM floor")
        raw.close()

    monkeypatch.setattr(backup, "_copy", short_copy)
    with pytest.raises(Known, match="floor has 0 rows, not 1"):
        backup.make_backup(mall)
    assert backup.list_backups(mall.site.folder / "backups") == []


def test_a_restore_brings_the_rows_back_under_a_new_epoch(mall: Store) -> None:
    add_floor(mall, "L1")
    Lease(mall).try_take()
    ledger.start(mall, "footfall", token=1)
    mart.refresh(mall)
    made, before = backup.make_backup(mall), epoch(mall)
    add_floor(mall, "L2")
    folder = mall.site.folder
    mall.close()
    restored = restore_backup(folder, made.path, actor="anna")
    again = open_store(folder)
    try:
        assert floors(again) == {"L1"}
        assert epoch(again) == restored.epoch != before
        assert holder(again) is None
        assert [run.state for run in ledger.runs(again)] == ["interrupted"]
        with again.read() as connection:
            assert audit.verify(connection, keys.derive(again.key, "audit")).broken_at is None
            last = connection.exec_driver_sql("SELECT actor, action FROM audit_entry ORDER BY seq DESC").fetchone()
            assert tuple(last) == ("anna", "restore")
        assert mart.refresh(again).files > 0
    finally:
        again.close()
    raw = connect(restored.kept_aside, again.key)
    assert raw.execute("SELECT count(*) FROM floor").fetchone() == (2,)
    raw.close()


def test_a_restore_mends_a_damaged_or_missing_store(mall: Store) -> None:
    add_floor(mall, "L1")
    made, folder = backup.make_backup(mall), mall.site.folder
    mall.close()
    mall.site.database.write_bytes(b"rubbish" * 5000)
    restore_backup(folder, made.path, actor="anna")
    mall.site.database.unlink()
    assert restore_backup(folder, made.path, actor="anna").kept_aside is None
    again = open_store(folder)
    assert floors(again) == {"L1"}
    again.close()


def test_a_machine_that_stops_within_a_restore_still_has_a_store(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, made = mall.site.folder, backup.make_backup(mall)
    mall.close()

    def stop(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("models.restore.flush", stop)  # the last act before the new store takes the name
        restore_backup(folder, made.path, actor="anna")
    open_store(folder).close()
    assert list((folder / "backups").glob("replaced-*.db"))


def test_what_is_not_this_sites_is_refused_and_nothing_changes(mall: Store, tmp_path: Path) -> None:
    add_floor(mall, "L1")
    other = create_store(create_site(tmp_path / "other", name="Other mall"))
    strange = backup.make_backup(other).path
    other.close()
    made, folder = backup.make_backup(mall), mall.site.folder
    newer = made.path.with_name("newer.db")
    newer.write_bytes(made.path.read_bytes())
    raw = connect(newer, mall.key)
    raw.execute(f"PRAGMA user_version = {version.STORE + 1}")
    raw.execute("PRAGMA journal_mode = DELETE")
    raw.close()
    bitten = made.path.with_name("bitten.db")
    bitten.write_bytes(made.path.read_bytes()[: made.size // 2])
    mall.close()
    before = mall.site.database.read_bytes()
    for file, says in ((strange, "this site's key"), (newer, "newer Atrium"), (bitten, "damaged"), (folder, "no file")):
        with pytest.raises(Known, match=says):
            restore_backup(folder, file, actor="anna")
    assert mall.site.database.read_bytes() == before
    assert list(folder.glob("*.restoring*")) == []


def test_a_restore_waits_for_nobody_but_refuses_while_the_site_is_open(mall: Store) -> None:
    made = backup.make_backup(mall)
    with mall.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM floor").fetchall()
        with pytest.raises(Known, match="has this site open"):
            restore_backup(mall.site.folder, made.path, actor="anna")
    lock = ServiceLock(mall.site)
    lock.take()
    with pytest.raises(Known, match="already runs"):
        restore_backup(mall.site.folder, made.path, actor="anna")
    lock.release()
    add_floor(mall, "L9")


def test_only_backups_are_pruned(tmp_path: Path) -> None:
    day = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    for n in range(40):
        (tmp_path / f"atrium-{(day - timedelta(days=n)):%Y%m%d-%H%M%S}.db").touch()
    for name in ("before-version-2-1.db", "replaced-1.db", "atrium-mine.db"):
        (tmp_path / name).touch()
    removed = backup.prune(tmp_path, daily=7, weekly=4, monthly=6)
    left = backup.list_backups(tmp_path)
    assert removed == 40 - len(left)
    assert [backup.made_at(path).date() for path in left[:7]] == [(day - timedelta(days=n)).date() for n in range(7)]
    assert (tmp_path / "replaced-1.db").exists()
    assert (tmp_path / "atrium-mine.db").exists()


@given(st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)), max_size=80, unique=True))
def test_what_is_kept_covers_every_recent_day_week_and_month(naive: list[datetime]) -> None:
    stamps = [at.replace(tzinfo=UTC) for at in naive]
    kept = backup.to_keep(stamps)
    assert kept <= set(stamps)
    assert len(kept) <= 7 + 4 + 6
    if stamps:
        assert max(stamps) in kept
    days = sorted({at.date() for at in stamps}, reverse=True)[:7]
    assert {at.date() for at in kept} >= set(days)
    assert backup.to_keep(kept) == kept
