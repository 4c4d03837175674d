"""Health and sync: checks, the hub with what it refused, speed and availability, the log."""

from __future__ import annotations

import json

import pytest

from app.ui import i18n
from app.ui.pages.health import make
from app.ui.pages.health.checks import HealthBoard
from models import timings
from models.ids import new_id
from models.times import now_ms
from models.timings import Timings


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk, monkeypatch):
    monkeypatch.setattr(HealthBoard, "look", lambda self: None)  # the checks are a process of their own
    made = make(desk)
    qtbot.addWidget(made)
    yield made
    made.leave()


@pytest.fixture
def board(page):
    return page.tabs.part("checks").board


def shown(qtbot, page, tab):
    with qtbot.waitSignal(page.model.changed):
        page.open({"tab": tab})
    return page.tabs.part(tab)


def rows_of(card):
    return [card.table.rows.at(n) for n in range(card.table.rows.rowCount())]


def test_health_puts_what_is_broken_first_and_says_what_to_do(page, board):
    board.show_checks([
        {"name": "disk", "title": "Disk", "title_zh": "磁盘", "state": "ok", "says": "Enough.", "step": "Nothing."},
        {"name": "audit", "title": "Audit trail", "title_zh": "审计", "state": "bad", "says": "Broken at 7.",
         "step": "Compare with a backup.", "says_template": "Broken at {n}.", "facts": {"n": 7},
         "step_template": "Compare with a backup."},
    ])  # fmt: skip
    lines = [board._column.itemAt(n).widget() for n in range(2)]
    assert lines[0].accessibleName() == "Audit trail: Not working. Broken at 7."
    words = [label.text() for label in lines[0].findChildren(type(board._heading))]
    assert "Compare with a backup." in words
    i18n.set_language("zh")
    board.retranslate()
    assert board._column.itemAt(0).widget().accessibleName().startswith("审计: 有故障")


def test_the_log_is_narrowed_by_severity(qtbot, page, desk):
    folder = desk.folder / "logs"
    folder.mkdir(exist_ok=True)
    lines = [
        {"at": f"2026-03-14T08:00:0{n}+00:00", "level": level, "name": "atrium", "text": level}
        for n, level in enumerate(("info", "warning", "error"))
    ]
    (folder / "service.log").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    log = page.tabs.part("log")
    log.look()
    qtbot.waitUntil(lambda: log.table.rows.rowCount() == 3)
    assert log.table.rows.text(0, 3) == "error"  # newest first
    log.level.setCurrentIndex(2)
    log.level.activated.emit(2)
    assert [log.table.rows.text(n, 1) for n in range(log.table.rows.rowCount())] == ["Error"]


def test_a_site_without_a_hub_says_that_it_works_by_itself(qtbot, page):
    hub = shown(qtbot, page, "hub")
    assert hub.badge.text() == "On its own"
    assert "sync join FILE" in hub.says.text()
    assert not hub.now.isEnabled()
    assert rows_of(hub.refused) == []


def test_what_the_hub_refused_is_sent_again_when_a_person_says_so(qtbot, page, desk):
    floor, refused = new_id(), new_id()
    with desk.store.write("test", "a refused row") as tx:
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, 'L1', 'Ground', 0)", [(floor,)])
        tx.execute_many(
            "INSERT INTO sync_quarantine (id, channel, seq, tbl, pk, error, first_seen, state) "
            "VALUES (?, 'core', 1, 'floor', ?, 'value too long', ?, 'open')",
            [(refused, json.dumps([floor.hex()]), now_ms())],
        )
    hub = shown(qtbot, page, "hub")
    assert [row["error"] for row in rows_of(hub.refused)] == ["value too long"]
    assert hub.again.isEnabled()
    with qtbot.waitSignal(hub.done):
        hub.again.click()
    with qtbot.waitSignal(page.model.changed):
        page.model.refresh()
    assert [row["state"] for row in rows_of(hub.refused)] == ["Sent again"]
    assert not hub.again.isEnabled()


def test_values_that_gave_way_are_shown(qtbot, page, desk):
    with desk.store.write("test", "a conflict") as tx:
        tx.execute_many(
            "INSERT INTO sync_conflict (id, tbl, pk, field, kept, lost, lost_node, kept_hlc, lost_hlc, at) "
            "VALUES (?, 'tenant', '[1]', 'name', 'Tea & Co', 'Tea', 'back office', 2, 1, ?)",
            [(new_id(), now_ms())],
        )
    hub = shown(qtbot, page, "hub")
    assert [(r["field"], r["kept"], r["lost"], r["node"]) for r in rows_of(hub.decided)] == [
        ("name", "Tea & Co", "Tea", "back office")
    ]


def test_speed_shows_durations_availability_and_what_a_slow_statement_reads(qtbot, page, desk):
    day = 86_400_000
    with desk.store.write("test", "two stretches and many floors") as tx:
        now = now_ms()
        tx.execute_many(
            "INSERT INTO up_time (started_at, until, clean) VALUES (?, ?, 0)",
            [(now - 2 * day, now - day), (now - day // 2, now)],
        )
        tx.execute_many(
            "INSERT INTO setting (name, value, updated_at, actor) VALUES (?, '1', 0, 'x')",
            [(f"n{n}",) for n in range(10_001)],
        )
    measured = Timings()
    measured.note("page today", 250, 100)
    measured.note("page today", 50, 100)
    measured.statement("SELECT name FROM setting WHERE actor = ?", 180)
    measured.statement("SELECT 1", 3)
    timings.keep(desk.store, measured)
    speed = shown(qtbot, page, "speed")
    assert speed.share.text() == "75.0%" or speed.share.text().startswith("75")
    assert "2 stretches; 1 ended without a word" in speed.says.text()
    assert [(r["name"], r["n"], r["mean"], r["over"]) for r in rows_of(speed.took) if r["name"] == "Today"] == [
        ("Today", 2, "150 ms", 0.5)
    ]
    (slow,) = [r for r in rows_of(speed.slow) if "actor" in r["sql"]]
    assert slow["whole"] == "setting (10,001 rows)"
    assert slow["index"] == "actor"


def test_language_changes_on_the_spot(qtbot, page):
    shown(qtbot, page, "hub")
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(1) == "总部中心"
    assert page.tabs.part("hub").now.text() == "立即同步"
