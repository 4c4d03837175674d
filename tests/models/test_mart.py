"""The mart follows the store, can be lost, hides who people are, and is never seen half-written."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models import mart
from models.errors import Known
from models.ids import new_id, new_ids
from models.relations import Column, Relation
from models.site import create_site
from models.store import Store, connect, create_store, open_store

SALE = (
    "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, txns, basis, batch_id) "
    "VALUES (?, ?, ?, ?, ?, 600, ?, ?, 1, 'pos', ?)"
)


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def source(mall: Store) -> bytes:
    made = new_id()
    with mall.write("tester", "x") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, ?, 'x')", [(made, made.hex())])
    return made


def add_sales(mall: Store, origin: bytes, days: list[str], *, bulk: bool = False) -> list[bytes]:
    ids, batch = new_ids(len(days)), new_id()
    rows = [(i, origin, i.hex(), 0, day, 100, 100, batch) for i, day in zip(ids, days, strict=True)]
    with mall.write("tester", "x") as tx:
        if bulk:
            with tx.bulk("sale", batch=batch, first=ids[0], last=ids[-1]):
                tx.execute_many(SALE, rows)
        else:
            tx.execute_many(SALE, rows)
    return ids


def by_month(mall: Store) -> dict[str, int]:
    with mart.open_mart(mall) as connection:
        rows = connection.execute("SELECT day[1:7], count(*) FROM sale GROUP BY 1 ORDER BY 1").fetchall()
    return dict(rows)


def test_only_touched_months_are_written_again(mall: Store) -> None:
    origin = source(mall)
    add_sales(mall, origin, ["2026-01-05", "2026-02-05"])
    mart.refresh(mall)
    add_sales(mall, origin, ["2026-02-06"])
    again = mart.refresh(mall)
    assert again.files == 1
    assert by_month(mall) == {"2026-01": 1, "2026-02": 2}
    assert mart.refresh(mall).files == 0


def test_bulk_loads_and_deletes_reach_the_mart(mall: Store) -> None:
    origin = source(mall)
    ids = add_sales(mall, origin, ["2026-03-01", "2026-03-02", "2026-04-01"], bulk=True)
    mart.refresh(mall)
    assert by_month(mall) == {"2026-03": 2, "2026-04": 1}
    with mall.write("tester", "x") as tx:
        tx.execute_many("DELETE FROM sale WHERE id = ?", [(ids[2],), (ids[0],)])
    mart.refresh(mall)
    assert by_month(mall) == {"2026-03": 1}


def test_lines_follow_their_receipts(mall: Store) -> None:
    origin = source(mall)
    (sale,) = add_sales(mall, origin, ["2026-05-01"])
    line = "INSERT INTO sale_line (sale_id, line_no, quantity, amount_minor) VALUES (?, ?, 1.0, 50)"
    with mall.write("tester", "x") as tx:
        tx.execute_many(line, [(sale, 1)])
    mart.refresh(mall)
    with mall.write("tester", "x") as tx:
        tx.execute_many(line, [(sale, 2)])
    mart.refresh(mall)
    with mart.open_mart(mall) as connection:
        assert connection.execute("SELECT count(*) FROM sale_line").fetchone() == (2,)


def test_a_lost_mart_is_rebuilt_and_equal(mall: Store) -> None:
    add_sales(mall, source(mall), ["2026-01-05", "2026-02-05"])
    mart.refresh(mall)
    before = by_month(mall)
    shutil.rmtree(mall.site.mart)
    mart.refresh(mall)
    assert by_month(mall) == before
    next(mall.site.mart.glob("sale/*.parquet")).unlink()
    mart.refresh(mall)
    assert by_month(mall) == before


def test_a_reader_of_the_old_state_is_not_disturbed(mall: Store) -> None:
    origin = source(mall)
    add_sales(mall, origin, ["2026-01-05"])
    mart.refresh(mall)
    with mart.open_mart(mall) as old:
        for n in range(3):
            add_sales(mall, origin, [f"2026-01-1{n}"])
            mart.refresh(mall)
        assert old.execute("SELECT count(*) FROM sale").fetchone() == (1,)
    assert by_month(mall) == {"2026-01": 4}


def test_the_mart_knows_no_names(mall: Store) -> None:
    person = new_id()
    with mall.write("tester", "x") as tx:
        tx.execute_many("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 0)", [(person,)])
        tx.execute_many(
            "INSERT INTO member (id, person_id, card_no, name, joined_day, state) VALUES (?, ?, ?, ?, ?, 'active')",
            [(new_id(), person, "CARD-77", "Zoë Müller", "2026-01-01")],
        )
        tx.execute_many(
            "INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, 'phone', ?, ?)",
            [(new_id(), b"secret-hmac", "000-5550100")],
        )
    mart.refresh(mall)
    with mart.open_mart(mall) as connection:
        for name in mart.MART:
            text = str(connection.execute(f'SELECT * FROM "{name}"').fetchall())
            assert not any(word in text for word in ("Zoë", "CARD-77", "000-5550100", "secret-hmac"))
    for file in mall.site.mart.glob("*/*.parquet"):
        content = file.read_bytes()
        assert not any(word in content for word in (b"CARD-77", b"000-5550100", b"secret-hmac"))


def test_an_empty_mart_has_every_table(mall: Store) -> None:
    with mart.open_mart(mall) as connection:
        for relation in mart.MART.values():
            assert mart.fetch(connection, relation, {}).num_rows == 0


def test_a_relation_refuses_what_it_did_not_declare() -> None:
    import pyarrow as pa

    relation = Relation("r", (Column("k", "int"), Column("v", "text", nullable=True)), ("k",))
    assert relation.check(pa.table({"v": ["a", None], "k": [1, 2], "extra": [0, 0]})).column_names == ["k", "v"]
    with pytest.raises(ValueError, match="repeat the key"):
        relation.check(pa.table({"k": [1, 1], "v": ["a", "b"]}))
    with pytest.raises(ValueError, match="lacks"):
        relation.check(pa.table({"k": [1]}))
    with pytest.raises(ValueError, match="empty values"):
        relation.check(pa.table({"k": pa.array([1, None]), "v": ["a", "b"]}))


def test_counts_loaded_in_bulk_reach_the_mart(mall: Store) -> None:
    origin, gate, batch = source(mall), new_id(), new_id()
    days = ["2026-01-30", "2026-02-01"]
    with mall.write("tester", "x") as tx:
        tx.execute_many("INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, 'G', 'G', 1, 1)", [(gate,)])
    mart.refresh(mall)
    with mall.write("tester", "x") as tx, tx.bulk("count_bucket", batch=batch, first=days[0], last=days[1]):
        tx.execute_many(
            "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
            "seconds_observed, frames_dropped, batch_id) VALUES (?, ?, 'in', ?, 0, ?, 0, 5, 0, 900, 0, ?)",
            [(gate, n, origin, day, batch) for n, day in enumerate(days)],
        )
    assert mart.refresh(mall).files == 2
    with mart.open_mart(mall) as connection:
        assert connection.execute("SELECT sum(n) FROM count_bucket").fetchone() == (10,)


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_a_disk_that_refuses_leaves_the_mart_as_it_was(mall: Store) -> None:
    import resource
    import signal

    add_sales(mall, source(mall), ["2026-03-02"])
    mart.refresh(mall)
    before = (mall.site.mart / "manifest.json").read_bytes()
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(Known, match="cannot be written"):
            mart.rebuild(mall)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert (mall.site.mart / "manifest.json").read_bytes() == before
    assert not list(mall.site.mart.glob("*/*.part"))


def test_what_duckdb_spills_stays_in_the_site(mall: Store) -> None:
    mart.refresh(mall)
    with mart.open_mart(mall) as connection:
        (folder,) = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    assert Path(folder).is_relative_to(mall.site.folder)


def test_what_was_written_past_a_dropped_trigger_reaches_the_mart_after_it_is_mended(mall: Store) -> None:
    origin = source(mall)
    add_sales(mall, origin, ["2026-03-02"])
    mart.refresh(mall)
    raw = connect(mall.site.database, mall.key)
    raw.execute("DROP TRIGGER log_sale_I")
    raw.close()
    add_sales(mall, origin, ["2026-03-03"])
    again = open_store(mall.site.folder)
    mart.refresh(again)
    with mart.open_mart(again) as connection:
        assert connection.execute("SELECT count(*) FROM sale").fetchone() == (2,)
    again.close()


def test_a_mart_of_a_version_with_other_columns_is_written_anew(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_sales(mall, source(mall), ["2026-01-05"])
    fewer = replace(mart.MART["sale"], columns=tuple(c for c in mart.MART["sale"].columns if c.name != "payment"))
    with monkeypatch.context() as older:
        older.setitem(mart.MART, "sale", fewer)
        mart.refresh(mall)
    mart.refresh(mall)
    with mart.open_mart(mall) as connection:
        assert mart.fetch(connection, mart.MART["sale"], {}).column("payment").to_pylist() == [None]
