"""Backup: what the cards say, a backup and a proof from the page, the code that is shown once, and the way back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.cli.entry import main
from app.cli.recovery import wait_for_end
from app.service import recovery
from app.ui import i18n
from app.ui.pages import PAGES
from app.ui.pages.backup import make, wizard
from app.ui.pages.backup.wizard import loss_lines
from models import backup, backup_log, escrow, settings, times
from models import recovery as outgoing
from models.backup_log import BackupRecord
from models.errors import Known
from models.restore import restore_backup
from models.site import load_site
from models.store import Store, open_store


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk):
    made = make(desk)
    qtbot.addWidget(made)
    yield made
    made.leave()


def show(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.model.refresh()


def badges(page):
    return [card.badge.text() for card in page.status.cards()]


def test_it_is_among_the_pages():
    assert [card.group for card in PAGES if card.name == "backup"] == ["run"]


def test_a_new_site_is_told_what_to_do_first(qtbot, page):
    show(qtbot, page)
    assert badges(page) == ["Look at this"] * 4
    assert page.status.last.headline.text() == "None yet"
    assert "worthless" in page.status.code.words.text()
    assert not page.files.table.rows.rowCount()
    assert not page.held.isVisibleTo(page)
    i18n.set_language("zh")
    page.retranslate()
    i18n.retranslate(page)
    assert badges(page) == ["请留意"] * 4
    assert page.status.last.button.text() == "立即备份"


def test_backup_and_proof_run_from_the_page(qtbot, page, desk):
    show(qtbot, page)
    for act in (page.back_up, page.prove):
        act()
        assert not page.status.last.button.isEnabled()
        with qtbot.waitSignal(page.child.ended, timeout=60_000):
            pass
        assert page.status.last.button.isEnabled()
    show(qtbot, page)
    assert page.files.table.rows.rowCount() == 1
    assert page.runs.table.rows.rowCount() == 2
    assert {record.state for record in backup_log.records(desk.store)} == {"done"}


def test_a_failed_copy_and_a_failed_proof_are_in_the_cards(qtbot, page, desk):
    settings.change_setting(desk.store, "cli:anna", "backup.second", "/media/stick")
    now = times.now_ms()
    for record in (
        BackupRecord("backup", now, "partial", "atrium-1.db", 1000, 5, 1.0, None, "The folder is not there."),
        BackupRecord("drill", now, "failed", "atrium-1.db", message="floor has 0 rows, not 1"),
        BackupRecord("restore", now, "failed", "atrium-0.db", message="It is torn."),
    ):
        backup_log.record(desk.store, record)
    show(qtbot, page)
    assert "not there" in page.status.copies.words.text()
    assert "/media/stick" in page.status.copies.words.text()
    assert page.status.drill.badge.text() == "Failed"
    assert "0 rows, not 1" in page.status.drill.words.text()
    assert page.runs.table.rows.rowCount() == 3


def test_the_code_is_shown_once_checked_and_forgotten(qtbot, page, desk):
    show(qtbot, page)
    page.code.begin()
    page.code.make_code()
    qtbot.waitUntil(lambda: page.code.code.text() != "")
    code = page.code.code.text().replace("\n", "")
    assert escrow.open_with_code(desk.folder, desk.store.site.id, code) == desk.store.key
    page.code.typed.setText(code.replace("-", " ").lower())
    page.code.check_code()
    qtbot.waitUntil(lambda: "right" in page.code.says.text())
    page.code.typed.setText(code[:-1])
    page.code.check_code()
    qtbot.waitUntil(lambda: "34 signs" in page.code.says.text())
    page.code.close_panel()
    assert (page.code.code.text(), page.code.typed.text()) == ("", "")
    show(qtbot, page)
    assert page.status.code.headline.text() == "There is one"


def test_the_wizard_says_what_is_lost_and_waits_for_a_yes(qtbot, page, desk, monkeypatch):
    copy = backup.make_backup(desk.store).path
    settings.change_setting(desk.store, "cli:anna", "keep.logs", 12)
    show(qtbot, page)
    started = []
    monkeypatch.setattr(wizard, "start_apart", lambda program, arguments: bool(started.append(arguments)) or True)
    page.restore({"path": str(copy)})
    with qtbot.waitSignal(page.wizard.child.ended, timeout=60_000):
        pass
    assert "changes since then would be lost" in page.wizard.lost.text()
    assert "setting  +1" in page.wizard.lost.text()
    assert not page.wizard.go.isEnabled()
    page.wizard.sure.setChecked(True)
    assert page.wizard.go.isEnabled()
    page.wizard.restoring.disconnect(page.make_way)
    with qtbot.waitSignal(page.wizard.restoring):
        page.wizard.go.click()
    assert started[0][-4:] == [str(copy), "--after", str(os.getpid()), "--reopen"]
    page.wizard.begin(copy, "office-pc (77)")
    with qtbot.waitSignal(page.wizard.child.ended, timeout=60_000):
        pass
    assert "office-pc (77)" in page.wizard.then.text()
    assert not page.wizard.go.isVisibleTo(page)


def test_what_is_lost_is_written_in_words():
    made = {
        "made_at": 1_773_476_400_000,
        "changes": 1200,
        "rows": {"sale": 1100, "floor": -2},
        "imports": ["sales: a.csv"],
    }
    lines = loss_lines(made)
    assert "1,200 changes" in lines[0]
    assert lines[1:] == ["   sale  +1,100", "   floor  -2", "Import these again afterwards:", "   sales: a.csv"]
    assert loss_lines(made | {"changes": 0, "rows": {}})[0].endswith("Nothing has changed since.")


def test_what_is_held_is_said_and_released(qtbot, open_desk, empty_site: Path):
    store = open_store(empty_site)
    copy = recovery.back_up_site(store, "service").made.path
    store.close()
    restore_backup(empty_site, copy, actor="anna")
    desk = open_desk(empty_site)
    page = make(desk)
    qtbot.addWidget(page)
    show(qtbot, page)
    assert page.held.isVisibleTo(page)
    assert copy.name in page.held.words.text()
    page.held.wanted.click()
    qtbot.waitUntil(lambda: not outgoing.is_held(desk.store))
    qtbot.waitUntil(lambda: not page.held.isVisibleTo(page))
    page.leave()


def test_the_process_that_restores_waits_notes_a_failure_and_a_success(empty_site: Path, capsys):
    store = open_store(empty_site)
    copy = backup.make_backup(store).path
    store.close()
    torn = copy.with_name("atrium-20200101-000000.db")
    torn.write_bytes(copy.read_bytes()[:-5000])
    ended = "4194303"  # beyond what Linux gives out by default
    assert main(["--site", str(empty_site), "restore", str(torn), "--after", ended]) == 3
    assert main(["--site", str(empty_site), "restore", str(copy), "--after", ended]) == 0
    capsys.readouterr()
    store = Store(load_site(empty_site))
    found = [(record.kind, record.state) for record in backup_log.records(store)]
    store.close()
    assert found == [("restore", "done")]  # the failure is in the store that was replaced
    with pytest.raises(Known, match="has not ended"):
        wait_for_end(os.getpid(), 0.0)
