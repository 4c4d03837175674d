"""Nothing stays longer than decided and a day; a rehearsal changes nothing; each removal leaves a proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from engines.access import approvals
from engines.intake.actions import import_file, undo_batch
from engines.privacy import retention_acts
from engines.privacy.notices import Notice, add_notice, notices, overview, unfiled
from engines.privacy.retention import cutoff_of, history, in_force, rehearse, rules, run_due, run_rule, set_rule
from engines.privacy.retention_rules import RULES
from models import settings
from models.connection import DatabaseError
from models.errors import Denied, Known
from models.store import Store
from models.tables import TABLES
from models.times import now_ms
from tests.engines.access.people_in import make_site
from tests.engines.privacy import seeded

PEOPLE = seeded.customers(8)
DPO = "cli:dpo"
DAY = 86_400_000


def quiet(_share: float, _says: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    store = seeded.make_site(tmp_path / "site")
    seeded.fill(store, tmp_path, PEOPLE)
    yield store
    store.close()


def age_sales(mall: Store) -> None:
    """Receipts of each of the last days around the cutoff of the shortest term."""
    with mall.write("tester", "ageing") as tx:
        for n, (sale,) in enumerate(tx.connection.exec_driver_sql("SELECT id FROM sale ORDER BY id").fetchall()):
            day = (date.fromisoformat(cutoff_of(mall, 365)) + timedelta(days=n - 8)).isoformat()
            tx.connection.exec_driver_sql("UPDATE sale SET day = ? WHERE id = ?", (day, sale))


def test_no_row_is_older_than_decided_and_a_day(mall: Store) -> None:
    age_sales(mall)
    set_rule(mall, DPO, "receipts", 365)
    money = seeded.money(mall)
    run_due(mall, quiet)
    cutoff = cutoff_of(mall, 365)
    assert seeded.one(mall, "SELECT count(*) FROM sale WHERE identifier_id IS NOT NULL AND day < ?", cutoff) == 0
    assert seeded.one(mall, "SELECT count(*) FROM sale WHERE identifier_id IS NOT NULL AND day >= ?", cutoff) == 8
    assert seeded.money(mall) == money
    ran = history(mall, code="receipts")[0]
    assert (ran.found, ran.removed, ran.oldest_left) == (8, 8, cutoff)
    run_due(mall, quiet)
    assert len(history(mall, code="receipts")) == 1  # a night without anything too old is in the ledger alone


def test_a_rehearsal_counts_and_changes_nothing(mall: Store) -> None:
    age_sales(mall)
    before = {name: seeded.one(mall, f'SELECT count(*) FROM "{name}"') for name in TABLES}
    found = {ran.rule: ran for ran in rehearse(mall, DPO)}
    after = {name: seeded.one(mall, f'SELECT count(*) FROM "{name}"') for name in TABLES}
    changed = {name for name in TABLES if before[name] != after[name]}
    assert changed <= {"retention_run", "change_log", "change"}
    assert all(ran.dry and not ran.removed for ran in found.values())
    assert found["receipts"].found == 0  # five years
    assert "audit" not in found


def test_rules_that_change_a_mall_s_history_wait_for_a_decision(mall: Store) -> None:
    off = {one.rule.code for one in rules(mall) if not one.active}
    assert off == {"activities", "receipts", "members", "scores"}
    with pytest.raises(Known, match="off"):
        run_rule(mall, DPO, "members")
    with pytest.raises(Known, match="always"):
        set_rule(mall, DPO, "audit", 10)
    with pytest.raises(Known, match="365"):
        set_rule(mall, DPO, "receipts", 3)


def test_a_rule_that_a_setting_governs_follows_it(mall: Store) -> None:
    settings.change_setting(mall, "anna", "retention.heat_days", 50)
    assert in_force(mall, "heat").days == 50
    set_rule(mall, DPO, "heat", 60)
    assert settings.read(mall, "retention.heat_days") == 60


def test_inactive_members_are_erased_and_kept_out(mall: Store) -> None:
    with mall.write("tester", "ageing") as tx:
        ask = tx.connection.exec_driver_sql
        ask("UPDATE member SET joined_day = '2015-01-01'")
        ask("UPDATE consent_decision SET at = at - ?", (4000 * DAY,))
        for table in ("sale", "activity"):
            ask(f"UPDATE {table} SET day = '2016-03-01' WHERE identifier_id IN (SELECT id FROM identifier WHERE value <> ?)",
                (PEOPLE[0].card,))  # fmt: skip
    set_rule(mall, DPO, "members", 1095)
    assert run_rule(mall, DPO, "members").removed == len(PEOPLE) - 1
    assert seeded.one(mall, "SELECT count(*) FROM member") == 1
    assert run_rule(mall, DPO, "members").found == 0


def test_rejects_and_images_of_old_imports_go_and_such_an_import_is_not_undone(mall: Store) -> None:
    batch = bytes(seeded.one(mall, "SELECT id FROM intake_batch WHERE updated > 0"))
    with mall.write("tester", "ageing") as tx:
        tx.connection.exec_driver_sql("UPDATE intake_batch SET started_at = started_at - ?", (500 * DAY,))
    run_due(mall, quiet)
    assert seeded.one(mall, "SELECT count(*) FROM intake_reject") == 0
    assert seeded.one(mall, "SELECT count(*) FROM intake_before") == 0
    with pytest.raises(Known, match="no longer kept"):
        undo_batch(mall, DPO, batch)


def test_proofs_cannot_be_changed(mall: Store) -> None:
    run_rule(mall, DPO, "rejects", dry=True)
    for act in ("DELETE FROM retention_run", "UPDATE retention_run SET found = 0"):
        with pytest.raises(DatabaseError), mall.write("tester", "tampering") as tx:
            tx.connection.exec_driver_sql(act)


def test_where_people_sign_in_a_rule_needs_two(tmp_path: Path) -> None:
    store = make_site(tmp_path / "closed")
    try:
        with pytest.raises(Denied):
            set_rule(store, "analyst", "receipts", 400)
        with pytest.raises(approvals.Waiting):
            set_rule(store, "dpo", "receipts", 400)
        approvals.decide(store, "manager", approvals.requests(store)[0].id, approve=True)
        set_rule(store, "dpo", "receipts", 400)
        assert in_force(store, "receipts").days == 400
    finally:
        store.close()


def test_every_rule_tells_its_ground_in_both_languages_and_knows_how_its_tables_age(mall: Store) -> None:
    for rule in RULES:
        assert rule.basis and rule.basis_zh and rule.title_zh
        with mall.read() as connection:
            count, by_table = retention_acts.count(
                connection, mall, rule, retention_acts.Before("2026-01-01", now_ms())
            )
        assert count == sum(by_table.values())


def test_a_notice_s_version_never_changes_and_the_overview_counts_people(mall: Store) -> None:
    text = Notice("notice-1", "en", "Marketing", "We write to you.", "", "", "", 0)
    add_notice(mall, DPO, text)
    add_notice(mall, DPO, text)
    with pytest.raises(Known, match="another text"):
        add_notice(mall, DPO, Notice("notice-1", "en", "Marketing", "We sell it.", "", "", "", 0))
    assert [(n.code, n.used) for n in notices(mall)] == [("notice-1", len(PEOPLE))]
    assert unfiled(mall) == []
    (cell,) = overview(mall)
    assert (cell.purpose, cell.channel, cell.granted, cell.denied) == ("marketing", "email", len(PEOPLE), 0)


def test_an_import_is_taken_in_again_after_its_rejects_went(mall: Store, tmp_path: Path) -> None:
    with mall.write("tester", "ageing") as tx:
        tx.connection.exec_driver_sql("UPDATE intake_batch SET started_at = started_at - ?", (100 * DAY,))
    run_due(mall, quiet)
    done = import_file(mall, DPO, "sales", tmp_path / "sales.csv", source="test")
    assert (done.loaded, done.unchanged) == (0, 2 * len(PEOPLE))
