"""What a camera counted reaches the store once, however often it is told, and comes back after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.cameras.counts import CountKeeper, keep_counts, kept_since
from models.errors import Known
from models.site import create_site
from models.store import Store, create_store

QUARTER = 900_000
START = 1_780_000_000_000 // 3_600_000 * 3_600_000


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = create_store(create_site(tmp_path_factory.mktemp("kept") / "mall", name="Test mall"))
    yield made
    made.close()


def bucket(gate: str = "G1", at: int = START, n_in: int = 0, n_out: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "gate": gate, "lines": (), "start_ms": at, "n_in": n_in, "n_out": n_out, "n_pass": 0, "staff_in": 0,
        "staff_out": 0, "groups": 0, "seconds_observed": 10, "frames_seen": 70, "frames_dropped": 0, "quality": (),
        "finished": False,
    }  # fmt: skip
    return {**row, **more}


def minute(gate: str = "G1", at: int = START, n_in: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "gate": gate, "start_ms": at, "n_in": n_in, "n_out": 0, "n_pass": 0, "staff_in": 0, "staff_out": 0,
        "seconds_observed": 5.5, "frames_seen": 38, "frames_dropped": 1, "quality": ("dark", "partial"),
    }  # fmt: skip
    return {**row, **more}


def zone(code: str = "Z1", at: int = START, **more: Any) -> dict[str, Any]:
    row = {
        "zone": code, "purpose": "presence", "start_ms": at, "entries": 5, "exits": 4, "visits": 4,
        "seconds_total": 1000.0, "dwell": {118: 2, 200: 2}, "waits": {}, "unserved": 0, "presence_mean": 1.5,
        "presence_max": 3, "queue_mean": 0.0, "queue_max": 0, "reaches": 0, "reach_seconds": 0.0, "groups": 1,
        "seconds_observed": 300.25, "quality": ("slow",), "finished": False,
    }  # fmt: skip
    return {**row, **more}


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        "buckets": [bucket(n_in=7, n_out=3, n_pass=11, staff_in=2, staff_out=1, groups=2, quality=("partial",))],
        "minutes": [minute(n_in=4)],
        "zones": [zone(), zone("Q1", purpose="queue", dwell={}, waits={120: 3}, visits=3, unserved=1)],
        "zone_minutes": [
            {"zone": "Z1", "start_ms": START, "presence_mean": 1.25, "presence_max": 2, "queue_median": 0.0,
             "seconds_observed": 60.0, "quality": ()}
        ],
        "flows": [{"origin": "Z1", "target": "Q1", "start_ms": START, "n": 2, "seconds_total": 12.5}],
        "heat": [{"floor": "L1", "start_ms": START, "x": -3, "y": 4, "seconds": 8.5}],
        "demographics": [
            {"place": "Z1", "start_ms": START, "age_band": "25-34", "gender": "unknown", "n": n, "weights": weights}
            for n, weights in ((12, "ab"), (13, "cd"))
        ],
        "expressions": [{"place": "Z1", "start_ms": START, "expression": "neutral", "n": 12, "weights": "ef"}],
    }  # fmt: skip


def dump(store: Store) -> dict[str, list[Any]]:
    tables = ("count_bucket", "count_minute", "zone_bucket", "zone_minute", "zone_flow", "heat_hour", "dwell_bucket")
    with store.read() as connection:
        return {t: connection.exec_driver_sql(f"SELECT * FROM {t} ORDER BY 1, 2, 3, 4").fetchall() for t in tables}


def log_rows(store: Store) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM change_log").scalar_one())


def test_every_row_comes_back_as_it_was_told(mall: Store) -> None:
    told = everything()
    keep_counts(mall, "C-back", told)
    found = kept_since(mall, "C-back", START + QUARTER - 1)
    assert found["buckets"] == told["buckets"]
    assert found["zones"] == sorted(told["zones"], key=lambda row: str(row["zone"]))
    for kind in ("flows", "heat", "demographics", "expressions"):
        assert found[kind] == told[kind]
    assert found["minutes"] == found["zone_minutes"] == []  # that minute was over
    assert kept_since(mall, "C-back", START + 30_000)["minutes"] == told["minutes"]


def test_a_span_that_is_over_and_another_camera_are_left_out(mall: Store) -> None:
    keep_counts(mall, "C-over", everything())
    later = kept_since(mall, "C-over", START + QUARTER)
    assert later["buckets"] == later["zones"] == later["flows"] == []
    assert len(later["heat"]) == len(later["expressions"]) == 1  # an hour goes on
    assert not any(kept_since(mall, "C-none", START).values())


def test_the_same_rows_twice_change_and_log_nothing(mall: Store) -> None:
    assert keep_counts(mall, "C-twice", everything()) > 0
    before, logged = dump(mall), log_rows(mall)
    assert keep_counts(mall, "C-twice", everything()) == 0
    assert (dump(mall), log_rows(mall)) == (before, logged)


def test_staff_is_in_the_count_and_told_apart(mall: Store) -> None:
    keep_counts(mall, "C-staff", {"buckets": [bucket("G-staff", n_in=7, staff_in=2, n_out=3, staff_out=1)]})
    with mall.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT direction, n, staff_n FROM count_bucket c JOIN gate g ON g.id = c.gate_id "
            "WHERE g.code = 'G-staff' ORDER BY 1"
        ).fetchall()
    assert rows == [("in", 9, 2), ("out", 4, 1)]


def test_an_unknown_door_is_the_perimeters_and_an_unknown_front_is_not(mall: Store) -> None:
    told = {"buckets": [bucket("G-door", n_in=1), bucket("G-shop", n_in=1)]}
    keep_counts(mall, "C-front", told, fronts={"G-shop": "F9"})
    with mall.read() as connection:
        gates = connection.exec_driver_sql(
            "SELECT code, perimeter FROM gate WHERE code IN ('G-door', 'G-shop') ORDER BY code"
        ).fetchall()
        front = connection.exec_driver_sql(
            "SELECT g.code FROM front f JOIN gate g ON g.id = f.gate_id WHERE f.code = 'F9'"
        ).fetchall()
        passing = connection.exec_driver_sql(
            "SELECT g.code, c.n FROM count_bucket c JOIN gate g ON g.id = c.gate_id JOIN source s ON s.id = c.source_id "
            "WHERE c.direction = 'pass' AND s.code = 'camera:C-front'"
        ).fetchall()
    assert gates == [("G-door", 1), ("G-shop", 0)]
    assert front == [("G-shop",)]
    assert passing == [("G-shop", 0)]


def test_stays_fill_the_bands_of_dwell_and_waits_do_not(mall: Store) -> None:
    keep_counts(mall, "C-dwell", everything())
    with mall.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT z.code, d.band, d.n, d.seconds_total FROM dwell_bucket d JOIN zone z ON z.id = d.zone_id "
            "JOIN source s ON s.id = d.source_id WHERE s.code = 'camera:C-dwell' ORDER BY d.band"
        ).fetchall()
    assert [(code, band, n) for code, band, n, _ in rows] == [("Z1", "0-5", 2), ("Z1", "5-15", 2)]
    assert sum(seconds for *_, seconds in rows) == 1000


@pytest.mark.parametrize(
    "rows",
    [
        {"crossings": [bucket()]},
        {"buckets": [bucket(at=START + 1)]},
        {"buckets": [bucket(n_in=-1)]},
        {"minutes": [minute(seconds_observed=float("nan"))]},
    ],
)
def test_what_is_no_row_is_refused_and_nothing_is_written(mall: Store, rows: dict[str, Any]) -> None:
    before = dump(mall)
    with pytest.raises(ValueError, match="no "):
        keep_counts(mall, "C-wrong", rows)
    assert dump(mall) == before


COUNTED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=8)


@given(COUNTED, st.integers(0, 2**20))
def test_any_interleaving_of_repeats_gives_the_same_rows(mall: Store, steps: list[Any], picks: int) -> None:
    """Told once each, or each several times with both cameras mixed: the store holds the last word on each."""
    n_in = n_out = 0
    words = []
    for more_in, more_out, late in steps:
        n_in, n_out = n_in + more_in, n_out + more_out
        at = START + QUARTER * late
        words.append({"buckets": [bucket(at=at, n_in=n_in, n_out=n_out)], "minutes": [minute(at=at, n_in=n_in)]})
    for index, word in enumerate(words):
        keep_counts(mall, "C-once", word)
        for _ in range(1 + (picks >> index) % 3):
            keep_counts(mall, "C-many", word)
    assert kept_since(mall, "C-once", START) == kept_since(mall, "C-many", START)


@given(COUNTED, st.lists(st.integers(0, 20), min_size=8, max_size=8))
def test_a_keeper_ends_with_the_same_rows_and_never_withholds_a_count(
    mall: Store, steps: list[Any], waits: list[int]
) -> None:
    now = [0.0]
    keeper = CountKeeper(mall, "C-keeper", clock=lambda: now[0])
    n_in = 0
    for index, (more, _, _) in enumerate(steps):
        n_in, now[0] = n_in + more, now[0] + waits[index]
        word = {"buckets": [bucket(n_in=n_in, seconds_observed=10 + index)], "minutes": [minute(n_in=n_in)]}
        keeper.keep(word)
        keep_counts(mall, "C-plain", word)
        kept = kept_since(mall, "C-keeper", START)["buckets"]
        if more:
            assert kept[0]["n_in"] == n_in
    keeper.flush()
    assert kept_since(mall, "C-keeper", START) == kept_since(mall, "C-plain", START)


def test_watched_time_alone_is_written_every_fifteen_seconds(mall: Store) -> None:
    now = [0.0]
    keeper = CountKeeper(mall, "C-slow", clock=lambda: now[0])
    writes = 0
    for second in range(61):
        now[0] = float(second)
        writes += keeper.keep({"buckets": [bucket("G-slow", seconds_observed=second)]}) > 0
    assert writes == 4
    assert kept_since(mall, "C-slow", START)["buckets"][0]["seconds_observed"] == 60


def test_a_quarter_that_is_over_is_written_at_once(mall: Store) -> None:
    keeper = CountKeeper(mall, "C-end", clock=lambda: 0.0)
    assert keeper.keep({"buckets": [bucket("G-end", seconds_observed=899)]}) == 0
    assert keeper.keep({"buckets": [bucket("G-end", seconds_observed=900, finished=True)]}) == 2


def test_rows_that_the_store_refused_are_written_later(mall: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise Known("The disk is full; nothing was changed.", "Free some space and try again.")

    keeper = CountKeeper(mall, "C-full", clock=lambda: 0.0)
    with monkeypatch.context() as patch:
        patch.setattr("engines.cameras.counts.keep_counts", full)
        with pytest.raises(Known):
            keeper.keep({"buckets": [bucket("G-full", n_in=3)]})
    keeper.keep({})
    assert kept_since(mall, "C-full", START)["buckets"][0]["n_in"] == 3


def test_a_restart_counts_on_from_what_is_kept(tmp_path: Path) -> None:
    store = create_store(create_site(tmp_path / "mall", name="Test mall"))
    keep_counts(store, "C1", {"buckets": [bucket(n_in=5, n_out=1)]})
    (kept,) = kept_since(store, "C1", START + 60_000)["buckets"]
    keep_counts(store, "C1", {"buckets": [{**kept, "n_in": kept["n_in"] + 2}]})
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT sum(n) FROM count_bucket WHERE direction = 'in'").scalar() == 7
    store.close()
