"""What the world does to a store: a full disk, flipped bits, a torn file, a folder that cannot be written. Each is said
in plain words, nothing acknowledged is lost, and the site goes on when it is over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.recovery import disk, power_cut
from models import backup, damage, keys
from models.damage import find_damage
from models.errors import Known
from models.ids import new_id
from models.restore import restore_backup
from models.site import create_site, load_site
from models.store import Store, connect, create_store, open_store

ROOT = Path(__file__).resolve().parents[2]
needs_compiler = pytest.mark.skipif(
    disk.compiler() is None or not sys.platform.startswith("linux"), reason="needs Linux and a C compiler"
)


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return disk.build(tmp_path_factory.mktemp("shim"))


def add_floors(store: Store, first: int, count: int) -> None:
    with store.write("tester", "floors") as tx:
        tx.execute_many(
            "INSERT INTO floor (id, code, name, level) VALUES (?, ?, ?, ?)",
            [(new_id(), f"F{n}", "x" * 500, n) for n in range(first, first + count)],
        )


def count(store: Store) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM floor").scalar_one())


def flip(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[(page - 1) * damage.PAGE_BYTES + 100] ^= 0xFF
    path.write_bytes(content)


def page_of_floors(store: Store) -> int:
    """A page that is the floors' and nobody else's: the last one that was written."""
    raw = connect(store.site.database, store.key)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = int(raw.execute("PRAGMA page_count").fetchone()[0])
    raw.close()
    return pages - 20


@needs_compiler
def test_a_power_cut_loses_nothing_that_was_promised_and_the_drill_can_see_a_loss(tmp_path: Path, shim: Path) -> None:
    held = power_cut.cut_often(tmp_path, shim, "FULL", 12, rows=250, seed=7)
    assert (held.cuts, held.lost, held.corrupt) == (12, 0, 0)
    assert held.promised > 500
    control = power_cut.cut_often(tmp_path, shim, "OFF", 6, rows=250, seed=7)
    assert control.lost > 0


@needs_compiler
def test_a_full_disk_is_said_and_what_was_promised_is_there(tmp_path: Path, shim: Path) -> None:
    folder = tmp_path / "mall"
    create_store(create_site(folder, name="Test mall")).close()
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.recovery.writer", str(folder), "--rows", "5000"],
        env=disk.environment(shim, folder, limit=700_000), capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert ran.returncode == 3, ran.stderr
    assert "disk is full" in ran.stderr or "refused to write" in ran.stderr
    assert "Traceback" not in ran.stderr
    promised = int(ran.stdout.split()[-1])
    assert 0 < promised < 5000
    store = open_store(folder)  # somebody has freed some space
    assert count(store) == promised
    add_floors(store, 10_000, 1)
    store.close()
    assert power_cut.look(folder / "atrium.db", keys.read_key(load_site(folder).id))[1]


@needs_compiler
def test_a_backup_onto_a_full_disk_leaves_nothing_behind(mall: Store, tmp_path: Path, shim: Path) -> None:
    add_floors(mall, 1, 400)
    code = (
        "import sys\nfrom pathlib import Path\nfrom models.store import open_store\nfrom models.backup import make_backup\n"
        "from models.errors import Known\n"
        "try:\n    make_backup(open_store(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except Known as error:\n    print(error)\n    sys.exit(3)\n"
    )
    stick = tmp_path / "stick"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(mall.site.folder), str(stick)], capture_output=True, text=True, check=False,
        env=disk.environment(shim, stick, limit=100_000), cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 3, ran.stderr
    assert "backup cannot be written" in ran.stdout
    assert list(stick.iterdir()) == []


def test_a_flipped_bit_is_named_by_page_and_table_and_a_restore_mends_it(mall: Store) -> None:
    add_floors(mall, 1, 600)
    copy, page = backup.make_backup(mall).path, page_of_floors(mall)
    mall.close()
    assert find_damage(mall.site.database, mall.key).whole
    flip(mall.site.database, page)
    found = find_damage(mall.site.database, mall.key)
    assert found.pages == (page,)
    assert found.key_fits
    assert found.tables
    assert not found.torn
    restore_backup(mall.site.folder, copy, actor="anna")
    store = open_store(mall.site.folder)
    assert count(store) == 600
    store.close()


def test_damage_never_reads_as_fewer_rows(mall: Store) -> None:
    add_floors(mall, 1, 600)
    last = page_of_floors(mall)
    mall.close()
    for page in range(last - 60, last):
        flip(mall.site.database, page)
    assert "floor" in find_damage(mall.site.database, mall.key).tables
    store = Store(mall.site)
    with pytest.raises(Known, match="damaged"), store.read() as connection:
        connection.exec_driver_sql("SELECT sum(length(name)), sum(length(code)) FROM floor NOT INDEXED").fetchall()
    with pytest.raises(Known, match="damaged"):
        backup.make_backup(mall)
    store.close()
    assert backup.list_backups(mall.site.folder / "backups") == []


def test_a_torn_file_and_a_wrong_key_are_told_apart(mall: Store) -> None:
    add_floors(mall, 1, 600)
    page_of_floors(mall)
    mall.close()
    path = mall.site.database
    path.write_bytes(path.read_bytes()[: -40 * damage.PAGE_BYTES])
    torn = find_damage(path, mall.key)
    assert torn.torn
    assert torn.key_fits
    assert not torn.pages
    assert torn.tables
    assert not find_damage(path, bytes(32)).key_fits


def test_imports_after_the_backup_are_named_from_the_damaged_store(mall: Store) -> None:
    with mall.write("tester", "an import") as tx:
        tx.connection.exec_driver_sql("INSERT INTO source (id, code, kind) VALUES (x'01', 'till', 'file')")
        for n, file in ((1, "old.csv"), (2, "C:\\till\\monday.csv"), (3, "/home/anna/tuesday.csv")):
            tx.connection.exec_driver_sql(
                "INSERT INTO intake_batch (id, source_id, kind, file, state, actor, started_at, read, loaded, updated, "
                "unchanged, rejected) VALUES (?, x'01', 'sales', ?, 'done', 'anna', ?, 0, 0, 0, 0, 0)",
                (new_id(), file, n * 1000),
            )
    add_floors(mall, 1, 600)
    page = page_of_floors(mall)
    mall.close()
    flip(mall.site.database, page)
    found = damage.imports_since(mall.site.database, mall.key, 1500)
    assert [text.removeprefix("sales: ").split("\\")[-1] for text in found] == ["monday.csv", "tuesday.csv"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(mall: Store) -> None:
    mall.site.folder.chmod(0o500)
    try:
        with pytest.raises(Known, match="cannot be written"):
            backup.make_backup(mall, mall.site.folder / "new")
    finally:
        mall.site.folder.chmod(0o700)


def test_a_file_where_a_folder_should_be_is_said(mall: Store, tmp_path: Path) -> None:
    (tmp_path / "stick").write_text("a file", "utf-8")
    with pytest.raises(Known, match="cannot be written"):
        backup.make_backup(mall, tmp_path / "stick")


def test_a_site_on_a_network_drive_is_not_made_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import rebuild, site

    monkeypatch.setattr(site, "on_network", lambda _: True)
    with pytest.raises(Known, match="network drive"):
        create_site(tmp_path / "mall", name="Test mall")
    made = create_store(_local(monkeypatch, tmp_path))
    copy = backup.make_backup(made).path
    made.close()
    monkeypatch.setattr(rebuild, "on_network", lambda _: True)
    with pytest.raises(Known, match="network drive"):
        rebuild.rebuild_site(tmp_path / "again", copy, actor="anna")


def _local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from models import site

    monkeypatch.setattr(site, "on_network", lambda _: False)
    return create_site(tmp_path / "local", name="Test mall")
