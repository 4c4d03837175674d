"""Counting never waits for the store, and what waited is written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.service.keeping import Keeper, kinds_of
from benchmarks.vision.fault_scene import door
from engines.cameras.counts import keep_counts, kept_since
from engines.cameras.records import remember_camera
from engines.cameras.state import states
from models.errors import Known
from models.site import create_site
from models.store import Store, create_store
from models.times import now_ms
from tests.vision.streams import until
from vision.rows import MINUTE_MS, MinuteRow
from vision.scene import Rows

FACTS: dict[str, Any] = {"state": "counting", "reason": "", "fps_in": 7.0}


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    remember_camera(made, "test", code="C1", address="0", lines="")
    yield made
    made.close()


@pytest.fixture
def keeper(mall: Store) -> Iterator[Keeper]:
    made = Keeper(mall)
    yield made
    made.close()


def minute(n_in: int, start_ms: int | None = None) -> Rows:
    start = now_ms() // MINUTE_MS * MINUTE_MS if start_ms is None else start_ms
    return Rows(minutes=(MinuteRow("G1", start, n_in, 0, 0, 0, 0, 30.0, 200, 0, ()),))


def stored(mall: Store) -> int:
    with mall.read() as connection:
        return int(connection.exec_driver_sql("SELECT total(n_in) FROM count_minute").scalar_one())


def test_rows_and_states_reach_the_store(mall: Store, keeper: Keeper) -> None:
    keeper.rows("C1", minute(3))
    keeper.state("C1", {**FACTS, "flaws": "dark,slow"})
    assert until(lambda: stored(mall) == 3)
    assert until(lambda: [(state.state, state.flaws) for state in states(mall)] == [("counting", ("dark", "slow"))])


def test_whoever_counts_does_not_wait_for_another_writer(mall: Store, keeper: Keeper) -> None:
    start = now_ms() // MINUTE_MS * MINUTE_MS
    given = threading.Event()

    def count() -> None:
        for n in range(1, 50):
            keeper.rows("C1", minute(n, start))
            keeper.state("C1", FACTS)
        given.set()

    with mall.write("test", "holding the store"):
        counting = threading.Thread(target=count)
        counting.start()
        assert given.wait(8.0), "while the store was held; a writer waits ten seconds for it"
        counting.join()
        assert stored(mall) == 0
    assert until(lambda: stored(mall) == 49)


def test_what_a_full_disk_refused_is_written_at_the_end(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = threading.Event()

    def full(*_: object, **__: object) -> int:
        refused.set()
        raise Known("The disk is full; nothing was changed.", "Free some space and try again.")

    keeper = Keeper(mall)
    with monkeypatch.context() as patch:
        patch.setattr("engines.cameras.counts.keep_counts", full)
        keeper.rows("C1", minute(5))
        assert refused.wait(15.0)
        assert until(lambda: bool(keeper._trouble))
        keeper.state("C1", FACTS)
        assert until(lambda: any("disk is full" in (state.reason or "") for state in states(mall)))
    keeper.close()
    assert stored(mall) == 5


def test_a_bug_in_keeping_is_not_swallowed(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Keeper(mall)
    keeper.rows("C1", minute(1, start_ms=1234))
    assert until(lambda: not keeper._thread.is_alive())
    with pytest.raises(ValueError, match="no row of minutes"):
        keeper.rows("C1", minute(1))
    with pytest.raises(ValueError, match="no row of minutes"):
        keeper.close()


def test_a_restart_goes_on_from_the_whole_day_so_that_a_clock_set_back_loses_nothing(
    mall: Store, keeper: Keeper
) -> None:
    long_ago = now_ms() // MINUTE_MS * MINUTE_MS - 3 * 60 * MINUTE_MS
    keep_counts(mall, "C1", kinds_of(minute(7, long_ago)))
    resumed = keeper.begin("C1", door("G1"))
    assert [(row["start_ms"], row["n_in"]) for row in resumed["minutes"]] == [(long_ago, 7)]
    assert kept_since(mall, "C1", now_ms())["minutes"] == []
