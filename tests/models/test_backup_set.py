"""A set rebuilds a bare machine, is refused where it is torn or altered, and holds what goes out until it is released."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models import backup, backup_set, escrow, keys, recovery, settings, spare
from models.errors import Known
from models.ids import new_id
from models.rebuild import by_code, newest_set, rebuild_site
from models.recovery_code import new_code
from models.restore import restore_backup
from models.site import create_site
from models.store import Store, create_store, open_store


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall", code="tm"))
    add_floor(made, "L1")
    yield made
    made.close()


def add_floor(store: Store, code: str) -> None:
    with store.write("tester", "floors") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO floor (id, code, name, level) VALUES (?, ?, 'x', 1)", (new_id(), code)
        )


def floors(folder: Path) -> list[str]:
    store = open_store(folder)
    with store.read() as connection:
        found = [code for (code,) in connection.exec_driver_sql("SELECT code FROM floor ORDER BY code")]
    store.close()
    return found


def new_machine(patch: pytest.MonkeyPatch, tmp_path: Path, name: str = "new") -> None:
    patch.setenv("ATRIUM_KEYS", str(tmp_path / f"keys-{name}"))


def test_a_bare_machine_becomes_the_site_by_set_and_code(
    mall: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.change_setting(mall, "cli:anna", "keep.logs", 11)
    keys.keep_secret(mall.site.id, "hub", b"hush")
    code, key, site = escrow.show_recovery(mall, "cli:anna"), mall.key, mall.site
    stick = tmp_path / "stick"
    stick.mkdir()
    backup_set.copy_set(backup.make_backup(mall).path, stick)
    mall.close()
    shutil.rmtree(site.folder)
    new_machine(monkeypatch, tmp_path)
    done = rebuild_site(tmp_path / "again", stick, actor="cli:anna", key_of=by_code(code))
    assert floors(tmp_path / "again") == ["L1"]
    again = open_store(tmp_path / "again")
    assert (again.site.id, again.site.code, again.site.name, again.key) == (site.id, "tm", "Test mall", key)
    assert settings.read(again, "keep.logs") == 11
    assert keys.read_secret(site.id, "hub") == b"hush"
    assert done.missing_weights == ()
    assert escrow.made_at(again.site)  # the next backup carries the same sealed key
    again.close()


def test_without_the_code_or_with_a_wrong_one_nothing_is_made(
    mall: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    escrow.show_recovery(mall, "cli:anna")
    folder = backup.make_backup(mall).path.parent
    mall.close()
    new_machine(monkeypatch, tmp_path)
    for key_of, says in ((by_code(new_code()), "does not open this site's key"), (None, "key of this site is not on")):
        with pytest.raises(Known, match=says) as told:
            rebuild_site(tmp_path / "again", folder, actor="cli:anna", key_of=key_of)
        assert told.value.code == 6
        assert told.value.sentence_zh != told.value.sentence
    assert not (tmp_path / "again").exists()
    assert not list((tmp_path / "keys-new").glob("*")) if (tmp_path / "keys-new").exists() else True


def test_a_site_is_never_written_over_by_a_rebuild(mall: Store) -> None:
    code = escrow.show_recovery(mall, "cli:anna")
    copy = backup.make_backup(mall).path
    with pytest.raises(Known, match=r"a site in .* already"):
        rebuild_site(mall.site.folder, copy, actor="cli:anna", key_of=by_code(code))


def test_a_manifest_tells_who_may_read_it_only_what_names_the_file(mall: Store) -> None:
    keys.keep_secret(mall.site.id, "hub", b"hush-hush")
    made = backup.make_backup(mall)
    text = backup_set.manifest_path(made.path).read_text("utf-8")
    assert set(json.loads(text)) == {"format", "site", "file", "size", "sha256", "made_at", "sealed"}
    for word in ("Test mall", "hush", "time_zone"):
        assert word not in text
    manifest = backup_set.read_manifest(made.path, mall.key)
    assert manifest is not None
    assert manifest.rows["floor"] == 1
    assert 'name = "Test mall"' in manifest.files["site.toml"]
    assert backup_set.check_copy(made.path) is not None


@pytest.mark.parametrize("harm", ["torn", "flipped", "header", "sealed", "half"])
def test_a_set_that_was_harmed_is_refused_in_plain_words(mall: Store, harm: str) -> None:
    made = backup.make_backup(mall).path
    beside = backup_set.manifest_path(made)
    if harm == "torn":
        made.write_bytes(made.read_bytes()[:-4096])
    elif harm == "flipped":
        content = bytearray(made.read_bytes())
        content[len(content) // 2] ^= 1
        made.write_bytes(content)
    elif harm == "half":
        beside.write_text(beside.read_text("utf-8")[:200], "utf-8")
    else:
        document = json.loads(beside.read_text("utf-8"))
        document |= {"made_at": 1} if harm == "header" else {"sealed": document["sealed"][:-8] + "AAAAAAA="}
        beside.write_text(json.dumps(document), "utf-8")
    with pytest.raises(Known, match=r"torn|not what was backed up|damaged, was altered"):
        backup_set.check_copy(made)
        backup_set.read_manifest(made, mall.key)


def test_a_torn_copy_is_not_restored(mall: Store) -> None:
    made, folder = backup.make_backup(mall).path, mall.site.folder
    mall.close()
    made.write_bytes(made.read_bytes()[:-4096])
    before = mall.site.database.read_bytes()
    with pytest.raises(Known, match="torn"):
        restore_backup(folder, made, actor="anna")
    assert mall.site.database.read_bytes() == before


def test_a_copy_to_a_folder_that_is_not_there_says_so_and_makes_none(mall: Store, tmp_path: Path) -> None:
    made = backup.make_backup(mall).path
    with pytest.raises(Known, match="is not there"):
        backup_set.copy_set(made, tmp_path / "absent stick")
    assert not (tmp_path / "absent stick").exists()
    with pytest.raises(Known, match="is the first one"):
        backup_set.copy_set(made, made.parent)


def test_pruning_takes_the_manifest_along(mall: Store) -> None:
    from datetime import UTC, datetime, timedelta

    day = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    old, new = (backup.make_backup(mall, now=day - timedelta(days=n)).path for n in (1, 0))
    assert backup.prune(old.parent, daily=1, weekly=0, monthly=0) == 1
    assert [p.name for p in sorted(old.parent.glob("atrium-*"))] == [new.name, backup_set.manifest_path(new).name]


def test_what_goes_out_is_held_after_a_restore_until_a_person_confirms(mall: Store) -> None:
    assert not recovery.is_held(mall)
    made, folder = backup.make_backup(mall).path, mall.site.folder
    mall.close()
    restore_backup(folder, made, actor="anna")
    again = open_store(folder)
    found = recovery.held(again)
    assert found is not None
    assert found.file == made.name
    assert recovery.release(again, "cli:anna")
    assert not recovery.is_held(again)
    assert not recovery.release(again, "cli:anna")
    with again.read() as connection:
        last = connection.exec_driver_sql("SELECT actor, action FROM audit_entry ORDER BY seq DESC").fetchone()
    assert tuple(last) == ("cli:anna", "release")
    again.close()


def test_a_spare_follows_takes_over_and_then_takes_no_more(
    mall: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, code = tmp_path / "spare", escrow.show_recovery(mall, "cli:anna")
    with pytest.raises(Known, match="cannot be reached"):
        spare.update_spare(folder, backup.make_backup(mall).path)
    folder.mkdir()
    from datetime import UTC, datetime

    for minute in range(4):
        add_floor(mall, f"M{minute}")
        copy = backup.make_backup(mall, now=datetime(2026, 11, 20, 2, minute, tzinfo=UTC)).path
        spare.update_spare(folder, copy)
    assert len(backup.list_backups(folder / spare.STANDBY)) == 2
    assert spare.spare_state(folder).promoted_at is None
    mall.close()
    with monkeypatch.context() as patch:
        new_machine(patch, tmp_path, "spare")
        done = spare.promote_spare(folder, actor="cli:anna", key_of=by_code(code))
        assert floors(folder) == ["L1", "M0", "M1", "M2", "M3"]
        taken = open_store(folder)
        assert recovery.is_held(taken)
        with taken.read() as connection:
            epoch = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar_one()
        assert epoch == done.restored.epoch
        taken.close()
    with pytest.raises(Known, match="has taken over"):
        spare.update_spare(folder, copy)


def test_a_folder_without_sets_is_told(tmp_path: Path) -> None:
    with pytest.raises(Known, match="no file"):
        newest_set(tmp_path)
