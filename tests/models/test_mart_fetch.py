"""Rows worked out for some people at a time are those worked out for all at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engines.contract import moment_of
from engines.demo.actions import make_demo
from engines.registry import ENGINES
from models import mart, mart_fetch
from models.relations import Column, Relation
from models.store import open_store

BY_PERSON = sorted(
    {(r.name, r.days_back, r.names()): r for e in ENGINES for r in e.takes if r.by_person or r.adds}.items()
)


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, object]]]:
    """A demo mall's mart and the moment after its last receipt."""
    place = tmp_path_factory.mktemp("parts") / "mall"
    make_demo(place, days=40, members=120, seed=3, until="2026-11-20T18:00")
    store = open_store(place)
    try:
        mart.refresh(store)
        with store.read() as connection:
            last = connection.exec_driver_sql("SELECT max(at) FROM sale").scalar_one()
        moment = moment_of(store.site, last + 1)
        yield store.site.mart, {
            "at": moment.at, "day": moment.day, "minute": moment.minute, "time_zone": moment.time_zone,
            "day_starts_minute": moment.day_starts_minute,
        }  # fmt: skip
    finally:
        store.close()


@pytest.mark.parametrize("relation", [r for _, r in BY_PERSON], ids=[f"{k[0]}-{len(k[2])}" for k, _ in BY_PERSON])
def test_parts_give_the_rows_of_the_whole(
    relation: Relation, mall: tuple[Path, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with mart.open_folder(mall[0]) as connection:
        whole = mart.fetch(connection, relation, mall[1])
        monkeypatch.setattr(mart_fetch, "PART_PEOPLE", 40)
        monkeypatch.setattr(mart_fetch, "SAMPLED", 1)
        assert len(mart_fetch._edges(connection)) >= 2
        parts = mart.fetch(connection, relation, mall[1])
        again = connection.sql("SELECT count(*) FROM identifier_owner").fetchall()
        assert again == connection.sql("SELECT count(*) FROM memory.main.identifier_owner").fetchall(), "views are back"
    assert whole.column_names == parts.column_names
    for name in whole.column_names:
        assert same(whole.column(name), parts.column(name)), f"{relation.name}.{name} differs"


def same(one: pa.ChunkedArray, two: pa.ChunkedArray) -> bool:
    """Equal in order; sums of floats may differ in their last digits with the order of adding."""
    if not pa.types.is_floating(one.type):
        return bool(one.equals(two))
    if not one.is_null().equals(two.is_null()):
        return False
    values, others = (column.fill_null(0.0).to_pylist() for column in (one, two))
    return bool(values == pytest.approx(others, rel=1e-12, abs=1e-12))


@pytest.mark.parametrize("keys", [[1, 2, 2], [3, 1, 3], [2, 1, 3, 1]])
def test_a_repeated_key_is_found_in_order_or_not(keys: list[int]) -> None:
    relation = Relation("r", (Column("k", "int"),), ("k",))
    with pytest.raises(ValueError, match="repeat the key"):
        relation.check(pa.table({"k": keys}))


@pytest.mark.parametrize("keys", [[], [1], [1, 2, 3], [3, 1, 2]])
def test_keys_that_do_not_repeat_pass_in_any_order(keys: list[int]) -> None:
    relation = Relation("r", (Column("k", "int"),), ("k",))
    assert relation.check(pa.table({"k": pa.array(keys, pa.int64())})).column("k").to_pylist() == keys


def test_a_query_beyond_the_limit_runs_with_a_larger_one(mall: tuple[Path, dict[str, object]]) -> None:
    rfm: Any = next(r for _, r in BY_PERSON if r.name == "rfm_purchases")
    with mart.open_folder(mall[0]) as connection:
        whole = mart.fetch(connection, rfm, mall[1])
        connection.execute("SET memory_limit = '1MB'")
        limit = connection.sql("SELECT current_setting('memory_limit')").fetchall()
        assert mart.fetch(connection, rfm, mall[1]).equals(whole)
        assert connection.sql("SELECT current_setting('memory_limit')").fetchall() == limit
