"""The doctor finds what is broken, says what to do, changes nothing, and speaks both languages."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from engines.monitor import machine, site
from engines.monitor.check import Check
from engines.monitor.doctor import examine_site
from models import backup, backup_log, escrow, keys, ledger, mart, settings
from models.lease import Lease
from models.site import create_site
from models.store import Store, connect, create_store
from models.times import now_ms

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def found(mall: Store) -> dict[str, Check]:
    return {check.name: check for check in examine_site(mall.site.folder)}


def test_a_site_that_is_served_and_backed_up_is_well(mall: Store) -> None:
    checks = found(mall)
    assert checks["recovery"].sentence().startswith("There is no recovery code")
    escrow.show_recovery(mall, "cli:anna")
    assert found(mall)["recovery"].sentence() == "Every backup lies on this machine."
    settings.change_setting(mall, "cli:anna", "backup.second", "/media/stick")
    assert "proved" in found(mall)["recovery"].sentence()
    backup_log.record(mall, backup_log.BackupRecord("drill", now_ms(), "done"))
    backup.make_backup(mall)
    mart.refresh(mall)
    Lease(mall).try_take()
    checks = found(mall)
    assert {name: check.state for name, check in checks.items() if check.state not in ("ok", "off")} == {}
    assert {"folder", "key", "store", "capture", "audit", "mart", "jobs", "backup", "clock", "service"} <= checks.keys()


def test_a_new_site_is_told_what_is_missing_and_nothing_is_broken(mall: Store) -> None:
    checks = found(mall)
    assert {check.state for check in checks.values()} <= {"ok", "off", "warning"}
    assert checks["backup"].advice() == "Run: python main.py backup"
    assert checks["service"].state == "warning"


def test_missing_capture_is_found_and_not_mended_in_passing(mall: Store) -> None:
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER log_floor_U")
    raw.close()
    for _ in range(2):
        check = found(mall)["capture"]
        assert check.state == "bad"
        assert "log_floor_U" in check.sentence()


def test_a_changed_audit_entry_is_found(mall: Store) -> None:
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER keep_audit_entry_update")
    raw.execute("UPDATE audit_entry SET actor = 'nobody'")
    raw.close()
    assert found(mall)["audit"].sentence() == "The trail does not hold from entry 1 on."


def test_a_damaged_or_missing_store_ends_in_advice(mall: Store) -> None:
    mall.close()
    data = bytearray(mall.site.database.read_bytes())
    for at in range(20_000, len(data) - 4096, 4096):
        data[at : at + 100] = b"x" * 100
    mall.site.database.write_bytes(data)
    assert found(mall)["store"].state == "bad"
    mall.site.database.unlink()
    assert "restore" in found(mall)["store"].advice()


def test_the_key_is_looked_at_before_the_store(mall: Store) -> None:
    mall.close()
    key = keys.keys_folder() / f"{mall.site.id}.key"
    key.chmod(0o644)
    checks = found(mall)
    assert checks["key"].state == "bad"
    assert "chmod 600" in checks["key"].advice()
    assert "store" not in checks


def test_no_site_is_a_sentence(tmp_path: Path) -> None:
    checks = list(examine_site(tmp_path))
    assert [(check.name, check.state) for check in checks] == [("folder", "bad")]
    assert "init" in checks[0].advice()


def test_failed_and_forgotten_runs_are_named(mall: Store) -> None:
    failed, stuck, again = (ledger.start(mall, job) for job in ("kpi", "watch", "rfm"))
    with mall.write("tester", "x") as tx:
        ledger.finish(tx, failed, "failed")
        ledger.finish(tx, again, "failed")
        tx.connection.exec_driver_sql("UPDATE job_run SET started_at = ? WHERE id = ?", (now_ms() - 90_000_000, stuck))
    assert found(mall)["jobs"].sentence() == "The last run failed or never ended: kpi, rfm, watch."
    better = ledger.start(mall, "rfm")
    with mall.write("tester", "x") as tx:
        ledger.finish(tx, better, "done")
    assert "rfm" not in found(mall)["jobs"].sentence()


def test_a_silent_camera_is_named_only_while_a_service_should_count_it(mall: Store) -> None:
    for code, seen in (("north", now_ms()), ("south", now_ms() - 600_000)):
        remember_camera(mall, "tester", code=code, address="0", lines="")
        note_state(mall, code, {"state": "counting", "reason": "", "last_frame_at": seen})
    assert found(mall)["cameras"].state == "warning"
    Lease(mall).try_take()
    assert found(mall)["cameras"].sentence() == "No pictures from: south."


def test_weights_are_told_from_none_and_from_damaged_ones(mall: Store) -> None:
    assert found(mall)["weights"].state == "off"
    folder = mall.site.folder / "weights" / "yolox-nano-416"
    folder.mkdir(parents=True)
    (folder / "yolox-nano-416.onnx").write_bytes(b"half")
    check = found(mall)["weights"]
    assert (check.state, check.sentence()) == ("bad", "Damaged: yolox-nano-416.")


def test_an_old_backup_is_a_warning(mall: Store) -> None:
    old = datetime.now(UTC) - timedelta(days=3)
    backup.make_backup(mall, now=old)
    assert site.check_backups(mall.site).sentence() == "The newest backup is 72 hours old."


@pytest.mark.parametrize(("free", "state"), [(5e9, "ok"), (1.9e9, "warning"), (1e8, "bad")])
def test_a_full_disk_is_seen_before_it_is_full(tmp_path: Path, free: float, state: str) -> None:
    assert machine.check_disk(tmp_path / "not" / "made", free=int(free)).state == state


def test_a_clock_that_cannot_be_right_is_broken() -> None:
    assert machine.check_clock(946_684_800_000, None).state == "bad"
    assert machine.check_clock(now_ms(), now_ms() + 3 * 86_400_000).state == "bad"
    assert machine.check_clock(now_ms(), now_ms() - 1000).state == "ok"


def test_a_missing_library_is_named() -> None:
    assert machine.check_libraries(["numpy", "no-such-library"]).sentence() == "Missing: no-such-library."


def test_every_sentence_of_the_doctor_is_in_chinese_too() -> None:
    chinese = json.loads((ROOT / "resources" / "i18n" / "zh" / "health.json").read_text("utf-8"))
    said: set[str] = set()
    for path in (*(ROOT / "engines" / "monitor").glob("*.py"), ROOT / "app" / "cli" / "health.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check":
                said |= {text for argument in node.args for text in _sentences(argument)}
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "step":
                said |= set(_sentences(node.value))
    assert len(said) > 50
    assert said - chinese.keys() == set()


def _sentences(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_sentences(node.body), *_sentences(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        if (
            node.value[0].isupper()
            and not node.value.endswith((".", "}", "FILE", "/", "llm"))
            and ":" not in node.value
        ):
            return  # a title, which has its Chinese beside it
        yield node.value


def test_a_check_that_cannot_be_made_is_itself_a_finding(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with mall.write("tester", "x") as tx:
        tx.connection.exec_driver_sql("DROP TABLE job_run")
    states = {check.name: check.state for check in site.checks_of_store(mall)}
    assert states["ledger"] == "bad"
    assert states["audit"] == "ok"
