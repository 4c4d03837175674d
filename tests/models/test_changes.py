"""Every change reaches the log, whoever makes it; derived tables stay out of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import create_engine, delete, insert, update
from sqlalchemy.orm import Session

from models import changes
from models.ids import new_id, new_ids
from models.site import create_site
from models.store import Store, connect, create_store, open_store
from models.tables import TABLES, Floor, table_class


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def log(mall: Store, table: str) -> list[tuple[str, bytes, dict[str, object] | None]]:
    with mall.read() as connection:
        rows = connection.exec_driver_sql("SELECT op, pk, row FROM change_log WHERE tbl = ? ORDER BY seq", (table,))
        return [(op, pk, json.loads(row) if row else None) for op, pk, row in rows]


def test_orm_bulk_update_and_delete_are_logged_with_their_after_image(mall: Store) -> None:
    ids = new_ids(2)
    engine = create_engine(
        "sqlite+pysqlite://", module=sqlcipher, creator=lambda: connect(mall.site.database, mall.key)
    )
    with Session(engine) as session:
        session.execute(
            insert(Floor), [{"id": i, "code": f"L{n}", "name": "层", "level": n} for n, i in enumerate(ids)]
        )
        session.execute(update(Floor).values(name="floor"))
        session.execute(delete(Floor).where(Floor.id == ids[0]))
        session.commit()
    engine.dispose()
    entries = log(mall, "floor")
    assert [op for op, _, _ in entries] == ["I", "I", "U", "U", "D"]
    assert entries[0][1] == ids[0]
    assert entries[0][2]["name"] == "层"
    assert entries[3][2] == {"id": ids[1].hex().upper(), "code": "L1", "name": "floor", "name_zh": None, "level": 1}


def test_a_sql_shell_and_a_replace_are_logged_too(mall: Store) -> None:
    raw = connect(mall.site.database, mall.key)
    raw.execute("INSERT INTO floor (id, code, name, level) VALUES (?, 'A', 'A', 1)", (new_id(),))
    raw.execute("INSERT OR REPLACE INTO floor (id, code, name, level) VALUES (?, 'A', 'B', 1)", (new_id(),))
    raw.close()
    assert [op for op, _, _ in log(mall, "floor")] == ["I", "D", "I"]


def test_sqlite_utils_is_logged(mall: Store) -> None:
    sqlite_utils = pytest.importorskip("sqlite_utils")
    raw = connect(mall.site.database, mall.key)
    raw.isolation_level = ""
    database = sqlite_utils.Database(raw)
    database["brand"].insert_all([{"id": new_id(), "code": f"b{n}", "name": "n"} for n in range(3)])
    raw.commit()
    raw.close()
    assert [op for op, _, _ in log(mall, "brand")] == ["I", "I", "I"]


def test_a_bulk_load_logs_a_range_and_only_for_itself(mall: Store) -> None:
    source, batch, ids = new_id(), new_id(), new_ids(10)
    row = "INSERT INTO activity (id, source_id, source_key, kind, at, day, minute, batch_id) VALUES (?,?,?,?,?,?,?,?)"
    rows = [(i, source, str(n), "visit", 0, "2026-01-01", 0, batch) for n, i in enumerate(ids)]
    with mall.write("tester", "x") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 's', 'x')", [(source,)])
        with tx.bulk("activity", batch=batch, first=ids[0], last=ids[8]):
            tx.execute_many(row, rows[:9])
        tx.execute_many(row, rows[9:])
    with mall.read() as connection:
        found = connection.exec_driver_sql("SELECT op, pk, row FROM change_log WHERE tbl = 'activity' ORDER BY seq")
        assert found.fetchall() == [
            ("B", batch, json.dumps([ids[0].hex(), ids[8].hex()])),
            ("I", ids[9], "2026-01-01"),
        ]


def test_a_dropped_trigger_is_found_and_restored_at_opening(mall: Store) -> None:
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER log_floor_I")
    raw.close()
    with mall.read() as connection:
        assert changes.verify_triggers(connection) == ["log_floor_I"]
    again = open_store(mall.site.folder)
    with again.read() as connection:
        assert changes.verify_triggers(connection) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'mend'").scalar() == 1
    again.close()


def test_each_table_is_logged_or_derived_by_decision() -> None:
    logged = {table.name for table in changes.logged_tables()}
    assert {name for name, table in TABLES.items() if table_class(table) in "FLER"} == logged
    assert {"kpi_fact", "rfm_score", "change_log", "job_run"}.isdisjoint(logged)


def test_a_commit_moves_the_relations_it_touched(mall: Store) -> None:
    def versions() -> dict[str, int]:
        with mall.read() as connection:
            return dict(connection.exec_driver_sql("SELECT relation, version FROM change").fetchall())

    before = versions()
    with mall.write("tester", "x") as tx:
        tx.execute_many("INSERT INTO zone (id, code, name) VALUES (?, 'Z', 'Z')", [(new_id(),)])
        tx.touch("kpi_fact")
    after = versions()
    assert after["zone"] == before.get("zone", 0) + 1
    assert after["kpi_fact"] == 1
    assert "floor" not in after
