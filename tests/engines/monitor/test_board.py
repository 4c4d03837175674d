"""What happened lately and what waits for a person."""

from __future__ import annotations

import pytest

from engines.monitor import board
from models import ledger
from models.ids import new_id
from models.times import now_ms
from tests.engines.hand_mall import HandMall

HOUR_MS = 3_600_000


@pytest.fixture
def mall(tmp_path):
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def batch(mall, at, rejected=0, state="done"):
    mall.put(
        "intake_batch", id=new_id(), source_id=mall.ref("source", "till", kind="pos"), kind="sales", file="till.csv",
        state=state, actor="tester", started_at=at, ended_at=at + 10, read=9, loaded=5, updated=2, unchanged=0, rejected=rejected,
    )  # fmt: skip


def run(store, job, state="done"):
    number = ledger.start(store, job)
    with store.write("service", "test") as tx:
        ledger.finish(tx, number, state, seconds=1.0, rows=7)


def kinds(mall, now=None):
    return {task.kind: task.facts for task in board.tasks(mall.store, now or now_ms())}


def test_an_empty_site_is_known_as_one(mall):
    assert board.holdings(mall.store).empty
    mall.count("north", "2026-03-14", 600, 5)
    held = board.holdings(mall.store)
    assert (held.empty, held.counts, held.sales) == (False, True, False)
    assert board.newest_count_day(mall.store) == "2026-03-14"


def test_the_feed_is_one_stream_the_newest_first(mall):
    batch(mall, 1000, rejected=2)
    run(mall.store, "kpi")
    items = board.feed(mall.store)
    assert [item.kind for item in items] == ["job", "import"]
    assert items[1].facts == {"file": "till.csv", "rows": 7, "rejected": 2}
    assert (items[0].name, items[0].state, items[0].facts["rows"]) == ("kpi", "done", 7)
    assert len(board.feed(mall.store, limit=1)) == 1


def test_refused_rows_wait_for_a_week(mall):
    now = now_ms()
    batch(mall, now - HOUR_MS, rejected=3)
    batch(mall, now - 2 * HOUR_MS, rejected=4)
    batch(mall, now - 2 * HOUR_MS, rejected=5, state="undone")
    assert kinds(mall, now)["rejects"] == {"rows": 7, "files": 2}
    assert "rejects" not in kinds(mall, now + 8 * 24 * HOUR_MS)


def test_figures_that_were_never_worked_out_or_are_old_are_a_task(mall):
    assert kinds(mall)["engines"] == {"at": None}
    run(mall.store, "kpi", "failed")
    assert "engines" in kinds(mall)
    run(mall.store, "kpi")
    assert "engines" not in kinds(mall)
    assert "engines" in kinds(mall, now_ms() + 37 * HOUR_MS)
    assert board.last_run_at(mall.store, "kpi") is not None
    assert board.last_run_at(mall.store, "rfm") is None


def test_a_backup_is_missed_when_there_is_none_and_when_it_is_old(mall):
    assert kinds(mall)["backup"] == {"hours": None}
    folder = mall.store.site.folder / "backups"
    folder.mkdir(exist_ok=True)
    (folder / "atrium-20260310-020000.db").touch()
    noon = mall.at("2026-03-10", 12 * 60)  # 04:00 UTC
    assert "backup" not in kinds(mall, noon)
    assert kinds(mall, noon + 60 * HOUR_MS)["backup"] == {"hours": 62}


def test_weights_are_missed_only_where_a_camera_counts(mall):
    assert "weights" not in kinds(mall)
    mall.put("camera", id=new_id(), code="door", name="Door", address="rtsp://door", lines="", active=1)
    assert kinds(mall)["weights"] == {"cameras": 1}
    place = mall.store.site.folder / "weights" / "yolox"
    place.mkdir(parents=True)
    (place / "yolox.onnx").touch()
    assert "weights" not in kinds(mall)


def test_running_jobs_and_the_drift_of_the_last_night(mall):
    assert board.running_jobs(mall.store) == []
    ledger.start(mall.store, "forecast")
    assert board.running_jobs(mall.store) == [("forecast", 0.0)]
    assert board.night_drift(mall.store) is None
    for day, drift in (("2026-03-13", 9), ("2026-03-12", 4)):
        mall.put("presence_day", day=day, peak=100, peak_minute=700, drift=drift)
    assert board.night_drift(mall.store) == ("2026-03-13", 9)


DAY = "2026-03-14"


def silent(mall, minute):
    return [
        (gate.code, (gate.since - mall.at(DAY)) // 60_000)
        for gate in board.silent_gates(mall.store, mall.at(DAY, minute))
    ]


def test_a_gate_is_silent_after_an_hour_of_the_opening_without_counts(mall):
    mall.open_day(DAY, 600, 1320)
    mall.count("north", DAY, 600, 1)
    mall.count("south", "2026-03-13", 1200, 1)
    mall.count("retired", "2026-02-01", 700, 1)
    mall.gate("shut", active=0)
    mall.count("shut", DAY, 600, 1)
    mall.gate("never")
    assert silent(mall, 655) == []
    assert silent(mall, 660) == [("south", 600)], "since the opening, not since last night"
    assert silent(mall, 675) == [("north", 615), ("south", 600)]
    assert silent(mall, 1320) == [], "nobody is missed after closing"


def test_without_known_hours_a_gate_is_missed_only_while_another_counts(mall):
    mall.count("north", DAY, 600, 1)
    mall.count("south", DAY, 720, 1)
    assert silent(mall, 740) == [("north", 615)]
    assert silent(mall, 900) == []


def test_a_day_that_is_closed_misses_nobody(mall):
    mall.open_day(DAY, 600, 1320, closed=1)
    mall.count("north", "2026-03-13", 700, 1)
    assert silent(mall, 900) == []
