"""Backups are copied further, proved by restoring them, and said when they are not; a bare machine has the figures."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.entry import main
from app.service import recovery
from app.service.figures import key_figures
from app.service.jobs import job_named
from app.service.recovery_alerts import SENTENCES, drill_is_due, findings, has_something_to_say, render, say_findings
from app.service.running import execute
from benchmarks.recovery.restore_site import make_site
from engines.privacy.erasure import erase, finish
from models import backup, backup_log, backup_set, settings
from models import recovery as held_back
from models.errors import Known
from models.escrow import show_recovery
from models.ids import new_id
from models.rebuild import by_code, rebuild_site
from models.restore import restore_backup
from models.site import create_site
from models.store import Store, connect, create_store, open_store
from models.times import now_ms
from tests.engines.privacy import seeded

HOUR = 3_600_000


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def add_floor(store: Store, code: str) -> None:
    with store.write("tester", "floors") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO floor (id, code, name, level) VALUES (?, ?, 'x', 1)", (new_id(), code)
        )


def kinds(store: Store) -> list[str]:
    return sorted(str(row["kind"]) for row in findings(store))


def age_backup(store: Store, hours: int) -> Path:
    """The newest backup as one made so many hours ago."""
    made = backup.make_backup(store, now=datetime.now(UTC) - timedelta(hours=hours))
    return made.path


def test_a_backup_goes_to_the_second_folder_and_the_spare_and_is_recorded(mall: Store, tmp_path: Path) -> None:
    for name in ("second", "spare"):
        (tmp_path / name).mkdir()
        settings.change_setting(mall, "cli:anna", f"backup.{name}", str(tmp_path / name))
    saved = recovery.back_up_site(mall, "service")
    assert backup_set.check_copy(tmp_path / "second" / saved.made.path.name)
    assert backup_set.check_copy(tmp_path / "spare" / "standby" / saved.made.path.name)
    (told,) = backup_log.records(mall)
    assert (told.kind, told.state, told.size) == ("backup", "done", saved.made.size)
    assert told.copied_to == f"{tmp_path / 'second'}; {tmp_path / 'spare' / 'standby'}"


def test_a_second_folder_that_is_not_there_is_said_and_does_not_stop_the_backup(mall: Store, tmp_path: Path) -> None:
    settings.change_setting(mall, "cli:anna", "backup.second", str(tmp_path / "stick"))
    said = execute(mall, job_named(mall, "backup")).says
    assert "is not there" in said
    assert backup.list_backups(mall.site.folder / "backups")
    told = backup_log.newest(mall, "backup")
    assert told is not None
    assert told.state == "partial"
    assert kinds(mall) == ["backup_copy"]
    (tmp_path / "stick").mkdir()
    recovery.back_up_site(mall, "service")
    assert kinds(mall) == []


def test_the_drill_proves_the_newest_backup_and_leaves_nothing(mall: Store) -> None:
    add_floor(mall, "L1")
    assert not drill_is_due(mall)  # there is nothing to prove
    recovery.back_up_site(mall, "service")
    assert drill_is_due(mall)
    before = {p.name for p in mall.site.folder.iterdir()}
    assert "figures are the same" in execute(mall, job_named(mall, "restore_drill")).says
    assert {p.name for p in mall.site.folder.iterdir()} == before
    told = backup_log.newest(mall, "drill")
    assert told is not None
    assert told.state == "done"
    assert not drill_is_due(mall)


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("DELETE FROM floor", "floor has 0 rows, not 1"),
        ("UPDATE audit_entry SET actor = 'x'", "audit trail breaks"),
        ("PRAGMA application_id = 1", "no store of Atrium"),
    ],
)
def test_a_backup_that_is_not_what_it_was_fails_the_drill(mall: Store, harm: str, says: str) -> None:
    add_floor(mall, "L1")
    made = recovery.back_up_site(mall, "service").made.path
    raw = connect(made, mall.key)
    raw.execute("DROP TRIGGER keep_audit_entry_update")
    raw.execute(harm)
    raw.execute("PRAGMA journal_mode = DELETE")
    raw.close()
    with pytest.raises(Known, match=r"SHA-256|torn"):
        recovery.prove_restore(mall, made)
    assert kinds(mall) == ["restore_drill"]
    header = backup_set.read_header(made)
    manifest = backup_set.read_manifest(made, mall.key)
    assert header is not None
    assert manifest is not None
    digest, size = backup_set.sha256_of(made), made.stat().st_size  # whoever did it has mended the manifest too
    backup_set.write_manifest(
        made, backup_set.Header(header.site, header.file, size, digest, header.made_at), manifest, mall.key
    )
    proof = recovery.prove_restore(mall, made)
    assert any(says in text for text in proof.wrong), proof.wrong
    with pytest.raises(Known, match="does not restore"):
        execute(mall, job_named(mall, "restore_drill"))
    assert drill_is_due(mall)  # a proof that failed is tried again


def test_an_old_backup_raises_an_alert_that_a_new_one_closes(mall: Store) -> None:
    assert kinds(mall) == []  # a site of today needs none yet
    with mall.write("tester", "an old site") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE meta SET value = ? WHERE name = 'created_at'", (str(now_ms() - 100 * HOUR),)
        )
    assert kinds(mall) == ["backup_none"]
    age_backup(mall, 40)
    (found,) = findings(mall)
    assert (found["kind"], found["severity"]) == ("backup_stale", "critical")
    assert json.loads(str(found["facts"]))["hours"] == 40
    assert has_something_to_say(mall)
    assert say_findings(mall) == 1
    settings.change_setting(mall, "cli:anna", "feature.backups", False)
    assert kinds(mall) == []
    settings.change_setting(mall, "cli:anna", "feature.backups", True)
    age_backup(mall, 35)
    execute(mall, job_named(mall, "backup_watch"))
    with mall.read() as connection:
        states = connection.exec_driver_sql("SELECT state FROM alert WHERE kind LIKE 'backup%'").fetchall()
    assert [tuple(row) for row in states] == [("closed",)]
    assert not has_something_to_say(mall)


def test_a_backup_from_the_future_hides_no_old_one(mall: Store) -> None:
    age_backup(mall, 40)
    age_backup(mall, -24 * 400)  # made while the clock was a year ahead
    assert kinds(mall) == ["backup_stale"]


def test_every_alert_has_its_words_in_both_languages() -> None:
    for kind, words in SENTENCES.items():
        told = {language: render(kind, {"subject": "x", "hours": 40}, language) for language in words}
        assert set(words) == {"en", "zh"}
        assert told["en"] != told["zh"]


def test_what_a_restore_would_lose_is_told_before_it_is_done(mall: Store) -> None:
    add_floor(mall, "L1")
    made = recovery.back_up_site(mall, "service").made.path
    add_floor(mall, "L2")
    add_floor(mall, "L3")
    loss = recovery.what_is_lost(mall, made)
    assert loss.rows == {"floor": 2}
    assert loss.changes == 2
    with mall.write("tester", "another history") as tx:
        tx.connection.exec_driver_sql("UPDATE meta SET value = 'another' WHERE name = 'epoch'")
        tx.connection.exec_driver_sql("UPDATE change_log SET at = at - ?", (HOUR,))
        tx.connection.exec_driver_sql(
            "UPDATE change_log SET at = at + ? WHERE seq = (SELECT max(seq) FROM change_log)", (2 * HOUR,)
        )
    assert recovery.what_is_lost(mall, made).changes == 1  # by the clock: places in the log mean something else here


def test_a_restored_site_says_that_outgoing_is_held(mall: Store) -> None:
    made, folder = recovery.back_up_site(mall, "service").made.path, mall.site.folder
    mall.close()
    restore_backup(folder, made, actor="anna")
    again = open_store(folder)
    assert kinds(again) == ["outgoing_held"]
    held_back.release(again, "cli:anna")
    assert kinds(again) == []
    again.close()


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = make_site(tmp_path_factory.mktemp("till"), 1500)
    yield store
    store.close()


def test_a_bare_machine_has_the_same_figures_by_the_commands(
    till: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ran(folder: Path, *arguments: str, told: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        code = main(["--site", str(folder), *arguments])
        return code, *capsys.readouterr()

    show = ("show", "kpi_fact", "--where", "grain=month", "--limit", "200")
    before, figures = ran(till.site.folder, *show), key_figures(till)
    assert len([v for v in figures.values() if v]) > 4
    code = json.loads(ran(till.site.folder, "key", "show-recovery", "--json")[1])["code"]
    assert ran(till.site.folder, "backup", "--to", str(tmp_path / "stick"))[0] == 0
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "new keys"))
    fresh = tmp_path / "fresh"
    mistyped = code[:-1] + ("0" if code[-1] != "0" else "1")
    status, _, told = ran(fresh, "restore", str(tmp_path / "stick"), "--recovery-code", told=mistyped)
    assert (status, fresh.exists()) == (6, False)
    assert "recovery code" in told
    assert "Traceback" not in told
    assert ran(fresh, "restore", str(tmp_path / "stick"), "--recovery-code", told=f"{code}\n")[0] == 0
    assert ran(fresh, *show) == before
    again = open_store(fresh)
    assert key_figures(again) == figures
    again.close()
    assert "Held since" in ran(fresh, "outgoing")[1]
    assert ran(fresh, "outgoing", "release")[1] == "Outgoing is released.\n"
    shutil.rmtree(tmp_path / "new keys")
    assert ran(fresh, "outgoing")[0] == 6
    assert ran(fresh, "key", "recover", told=code)[0] == 0
    assert ran(fresh, "outgoing")[0] == 0


def test_whom_an_older_backup_still_knows_is_erased_again_on_a_bare_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = seeded.customers(2)
    needles = [needle for one in people for needle in one.needles]
    (tmp_path / "files").mkdir()
    mall = seeded.make_site(tmp_path / "mall")
    seeded.fill(mall, tmp_path / "files", people)
    code, stick = show_recovery(mall, "cli:anna"), tmp_path / "stick"
    older = backup.make_backup(mall, stick, now=datetime(2026, 11, 20, 2, 30, tzinfo=UTC)).path
    erase(mall, "cli:dpo", [seeded.person_of(mall, one) for one in people], new_id())
    finish(mall)
    backup.make_backup(mall, stick)
    mall.close()
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "new keys"))
    rebuild_site(tmp_path / "again", older, actor="cli:anna", key_of=by_code(code))
    again = open_store(tmp_path / "again")
    assert seeded.cells_with(again, needles)  # the older backup knows them still
    again.close()
    recovery.after_restore(tmp_path / "again", "cli:anna", str(older))
    again = open_store(tmp_path / "again")
    assert seeded.cells_with(again, needles) == {}
    again.close()
