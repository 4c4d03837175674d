"""What the chores do to a real store: tidying keeps what others still need, checks find what is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service.jobs import job_named
from app.service.progress import Interrupted, Progress
from app.service.running import execute
from engines.cameras.counts import keep_counts
from models import audit, keys, lease, ledger, settings
from models.errors import Cancelled, Known
from models.ids import new_id
from models.lease import Lease, LeaseLost
from models.mart_state import mart_state
from models.site import create_site
from models.store import Store, connect, create_store
from models.times import now_ms

DAY = 86_400_000


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def add_floors(mall: Store, *codes: str) -> None:
    with mall.write("tester", "floors") as tx:
        for code in codes:
            tx.connection.exec_driver_sql(
                "INSERT INTO floor (id, code, name, level) VALUES (?, ?, 'x', 1)", (new_id(), code)
            )


def do(mall: Store, name: str, **more: object) -> str:
    return execute(mall, job_named(mall, name), **more).says  # type: ignore[arg-type]


def one(mall: Store, sql: str) -> object:
    with mall.read() as connection:
        return connection.exec_driver_sql(sql).scalar()


def age(mall: Store, days: int) -> None:
    with mall.write("tester", "ageing") as tx:
        tx.connection.exec_driver_sql("UPDATE change_log SET at = at - ?", (days * DAY,))


def test_the_change_log_keeps_what_the_mart_lacks_what_is_young_and_the_newest_row(mall: Store) -> None:
    add_floors(mall, "L1", "L2")
    age(mall, 30)
    assert do(mall, "tidy") == "nothing was older than decided"
    do(mall, "mart")
    assert mart_state(mall).behind == 0
    newest = one(mall, "SELECT max(seq) FROM change_log")
    assert do(mall, "tidy").startswith("removed: ")
    floors = "FROM change_log WHERE tbl <> 'retention_run'"
    assert one(mall, f"SELECT count(*) {floors}") == 1
    assert one(mall, f"SELECT max(seq) {floors}") == newest
    add_floors(mall, "L3")
    do(mall, "mart")
    do(mall, "tidy")
    assert one(mall, f"SELECT count(*) {floors}") == 1
    assert int(str(one(mall, f"SELECT max(seq) {floors}"))) > int(str(newest))


def test_the_mart_says_how_far_it_is_behind(mall: Store) -> None:
    assert mart_state(mall).behind is None
    do(mall, "mart")
    assert mart_state(mall).behind == 0
    assert not job_named(mall, "mart").needed(mall)  # type: ignore[misc]
    add_floors(mall, "L1", "L2")
    assert mart_state(mall).behind == 2
    with mall.write("tester", "restore") as tx:
        tx.connection.exec_driver_sql("UPDATE meta SET value = 'new' WHERE name = 'epoch'")
    assert mart_state(mall).behind is None


def test_old_runs_go_and_the_newest_of_each_job_stays(mall: Store) -> None:
    for job in ("a", "a", "b"):
        run = ledger.start(mall, job)
        with mall.write("tester", "x") as tx:
            ledger.finish(tx, run, "done")
            tx.connection.exec_driver_sql("UPDATE job_run SET started_at = ?", (now_ms() - 400 * DAY,))
    do(mall, "tidy")
    assert sorted((run.job, run.id) for run in ledger.runs(mall)) == [("a", 2), ("b", 3), ("tidy", 4)]


def test_a_broken_audit_trail_is_a_failed_run_that_says_where(mall: Store) -> None:
    for n in range(3):
        settings.change_setting(mall, "anna", "keep.logs", 10 + n)
    assert do(mall, "audit") == "4 entries hold"
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER keep_audit_entry_update")
    raw.execute("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2")
    raw.close()
    with pytest.raises(Known, match="entry 2"):
        do(mall, "audit")
    assert ledger.runs(mall)[0].state == "failed"


def test_missing_capture_is_mended_and_the_mart_sees_what_went_unlogged(mall: Store) -> None:
    add_floors(mall, "L1")
    do(mall, "mart")
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER log_floor_I")
    raw.close()
    add_floors(mall, "unlogged")
    assert "1 triggers" in do(mall, "capture")
    manifest = json.loads((mall.site.mart / "manifest.json").read_text("utf-8"))
    import pyarrow.parquet as pq

    codes = pq.read_table(mall.site.mart / manifest["files"]["floor"]["all"]).column("code").to_pylist()
    assert sorted(codes) == ["L1", "unlogged"]
    with mall.read() as connection:
        assert audit.verify(connection, keys.derive(mall.key, "audit")).broken_at is None
    assert do(mall, "capture") == "change capture is whole"


def test_a_backup_job_prunes_by_the_settings(mall: Store) -> None:
    folder = mall.site.folder / "backups"
    for day in range(10, 20):
        (folder / f"atrium-202001{day}-000000.db").touch()
    for name, value in (("daily", 2), ("weekly", 0), ("monthly", 0)):
        settings.change_setting(mall, "anna", f"backup.{name}", value)
    assert "9 old ones removed" in do(mall, "backup")
    assert len(list(folder.glob("atrium-*.db"))) == 2


def test_a_chore_of_a_runner_that_was_replaced_stores_nothing(mall: Store) -> None:
    first = Lease(mall, owner="a", pid=1)
    first.try_take()
    first.release()
    Lease(mall, owner="b", pid=1).try_take()
    with pytest.raises(LeaseLost):
        do(mall, "audit", token=first.token)
    assert ledger.runs(mall)[0].state == "failed"
    assert lease.holder(mall) is not None


def test_progress_is_told_once_a_second_and_hears_a_stop(mall: Store) -> None:
    now = [0.0]
    run = ledger.start(mall, "long")
    progress = Progress(mall, run, clock=lambda: now[0])
    before = one(mall, "SELECT version FROM change WHERE relation = 'job_run'")
    for n in range(50):
        progress(n / 100, "half")
        now[0] += 0.125
    told = int(str(one(mall, "SELECT version FROM change WHERE relation = 'job_run'"))) - int(str(before))
    assert told == 7
    assert ledger.runs(mall)[0].progress == 0.48
    ledger.ask_to_stop(mall, "anna", run)
    now[0] += 1.0
    with pytest.raises(Cancelled):
        progress(0.6)
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(Interrupted):
        Progress(mall, run, stopping=stopping)(0.7)


def see(mall: Store, camera: str, at: int) -> None:
    """One of each row that a camera leaves, in the hour from `at`."""
    watched = {"seconds_observed": 60, "frames_seen": 1, "frames_dropped": 0, "quality": ()}
    counted = {"gate": "G1", "start_ms": at, "n_in": 1, "n_out": 0, "n_pass": 0, "staff_in": 0, "staff_out": 0}
    heat = {"floor": "L1", "start_ms": at, "x": 1, "y": 1, "seconds": 5.0}
    presence = {"zone": "Z1", "start_ms": at, "presence_mean": 1.0, "presence_max": 1, "queue_median": 0.0, **watched}
    flow = {"origin": "Z1", "target": "Z2", "start_ms": at, "n": 1, "seconds_total": 1.0}
    rows = {"buckets": [{**counted, **watched}], "minutes": [{**counted, **watched}], "zone_minutes": [presence]}
    keep_counts(mall, camera, {**rows, "flows": [flow], "heat": [heat]})


def test_what_cameras_saw_goes_when_the_settings_say_and_files_counts_stay(mall: Store) -> None:
    hour = now_ms() // 3_600_000 * 3_600_000
    tables = ("count_minute", "zone_minute", "heat_hour", "count_bucket", "zone_flow")

    def left() -> dict[str, object]:
        return {t: one(mall, f"SELECT count(DISTINCT day) FROM {t}") for t in tables}

    for days in (0, 30, 100, 500):
        see(mall, "C1", hour - days * DAY)
    do(mall, "tidy")
    assert left() == {"count_minute": 2, "zone_minute": 2, "heat_hour": 3, "count_bucket": 4, "zone_flow": 4}
    with mall.write("tester", "a file's counts") as tx:
        tx.connection.exec_driver_sql("UPDATE source SET code = 'file' WHERE code = 'camera:C1'")
    see(mall, "C2", hour - 500 * DAY)
    settings.change_setting(mall, "anna", "retention.counts_days", 90)
    assert do(mall, "tidy") == "removed: 2 of camera_minutes, 1 of heat, 3 of counts"
    assert (left()["count_bucket"], left()["zone_flow"]) == (4, 4)
    assert (
        one(mall, "SELECT count(*) FROM count_bucket c JOIN source s ON s.id = c.source_id WHERE code <> 'file'") == 0
    )
