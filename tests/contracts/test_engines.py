"""Promises that every engine keeps, on frames from a small demo mall: one engine more, nothing more to write."""

from __future__ import annotations

import builtins
import io
import random
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest

from engines.contract import Engine, Frames, Moment, moment_of
from engines.demo.actions import make_demo
from engines.driver import _given_elsewhere, order, run_engine
from engines.registry import ENGINES, engine_named, givers_of
from models import mart
from models.errors import Known, NotEnoughData
from models.relations import Relation
from models.store import open_store

UNTIL = "2026-11-20T18:00"
Taken = dict[str, tuple[Moment, Frames]]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """For each engine what it takes: from 60 days and 300 members, and from an older, larger mall where that is too
    little for it."""
    young = taken_from(tmp_path_factory.mktemp("contract") / "mall", 60, 300, ENGINES)
    refused = [e for e in ENGINES if e.name not in young]
    wanted = {g.name for e in refused for g in (*givers_of(e), e)}
    needed = [e for e in ENGINES if e.name in wanted]
    old = taken_from(tmp_path_factory.mktemp("contract") / "old", 400, 1000, needed) if needed else {}
    assert wanted <= old.keys(), "every engine works on 400 days and 1,000 members"
    return {**old, **young}


def taken_from(folder: Any, days: int, members: int, engines: Sequence[Engine]) -> Taken:
    """What the engines take in a demo mall, by name; those that refuse it are left out."""
    make_demo(folder, days=days, members=members, seed=1, until=UNTIL)
    store = open_store(folder)
    try:
        with store.read() as connection:
            last = connection.exec_driver_sql("SELECT max(bucket_start) FROM count_bucket").scalar_one()
        moment = moment_of(store.site, last + 900_000)
        taken = {}
        for engine in order(engines):
            with suppress(NotEnoughData):
                run_engine(store, engine, at_ms=moment.at)
                taken[engine.name] = (moment, take(store, engine, moment))
        return taken
    finally:
        store.close()


def take(store: Any, engine: Engine, moment: Moment) -> Frames:
    """The engine's frames as the driver would hand them over."""
    parameters = {
        "at": moment.at, "day": moment.day, "minute": moment.minute, "time_zone": moment.time_zone,
        "day_starts_minute": moment.day_starts_minute,
    }  # fmt: skip
    results = _given_elsewhere(store, engine)
    with mart.open_mart(store) as connection:
        return {
            r.name: results[r.name] if r.name in results else mart.fetch(connection, r, parameters)
            for r in engine.takes
        }


def plain(frame: pa.Table, relation: Relation) -> list[dict[str, Any]]:
    """Rows in key order."""
    checked = relation.check(frame)
    return checked.sort_by([(name, "ascending") for name in relation.key]).to_pylist()


def answer(engine: Engine, moment: Moment, taken: Frames) -> dict[str, list[dict[str, Any]]]:
    given = engine.run(moment, **taken)
    return {r.name: plain(given[r.name], r) for r in engine.gives}


each_engine = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)


@each_engine
def test_it_gives_what_it_promises_and_the_same_each_time(engine: Engine, frames: Taken) -> None:
    moment, taken = frames[engine.name]
    given = engine.run(moment, **taken)
    assert set(given) == {r.name for r in engine.gives}
    first = {r.name: plain(given[r.name], r) for r in engine.gives}
    nothing_new = all(r.history for r in engine.gives)  # what was noted on the first run is not noted again
    assert any(first.values()) or nothing_new or engine.name == "anomalies"
    assert answer(engine, moment, taken) == first


@each_engine
def test_the_order_of_rows_does_not_matter(engine: Engine, frames: Taken) -> None:
    moment, taken = frames[engine.name]
    luck = random.Random(5)
    orders = {name: luck.sample(range(frame.num_rows), frame.num_rows) for name, frame in taken.items()}
    shuffled = {name: frame.take(pa.array(orders[name], pa.int64())) for name, frame in taken.items()}
    assert close(answer(engine, moment, shuffled), answer(engine, moment, taken))


def close(a: Any, b: Any) -> bool:
    """Equal, floats to within the noise of adding them in another order."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == pytest.approx(b, rel=1e-9, abs=1e-9)
    return bool(a == b)


@each_engine
def test_what_it_takes_is_left_as_it_was(engine: Engine, frames: Taken) -> None:
    moment, taken = frames[engine.name]
    before = {name: frame.to_pylist() for name, frame in taken.items()}
    engine.run(moment, **taken)
    assert {name: frame.to_pylist() for name, frame in taken.items()} == before


@each_engine
def test_an_empty_mall_is_refused_in_words_or_answered_in_full(engine: Engine, frames: Taken) -> None:
    empty = {r.name: r.empty() for r in engine.takes}
    try:
        given = engine.run(frames[engine.name][0], **empty)
    except NotEnoughData as refusal:
        assert refusal.missing.strip().endswith(".")
        return
    for relation in engine.gives:
        relation.check(given[relation.name])


@each_engine
def test_it_reads_no_clock_no_disk_and_no_network(
    engine: Engine, frames: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, taken = frames[engine.name]
    engine.run(moment, **taken)  # what is loaded on first use is loaded now
    forbidden: list[tuple[Any, str]] = [
        (time, "time"), (time, "time_ns"), (builtins, "open"), (io, "open"), (socket, "socket")
    ]  # fmt: skip
    for owner, name in forbidden:
        monkeypatch.setattr(owner, name, refuse(name))
    try:
        engine.run(moment, **taken)
    finally:
        monkeypatch.undo()


def refuse(name: str) -> Callable[..., Any]:
    """Something that must not be called."""

    def called(*_: object, **__: object) -> Any:
        raise AssertionError(f"the engine called {name}")

    return called


@each_engine
def test_its_card_is_whole(engine: Engine) -> None:
    assert isinstance(engine.version, int) and engine.version >= 1
    for english, chinese in ((engine.title, engine.title_zh), (engine.about, engine.about_zh)):
        assert english and any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    for minimum in engine.minimum:
        assert minimum.relation in {r.name for r in engine.takes}
        assert minimum.says.format(found=1, rows=minimum.rows)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in minimum.says_zh)
    given = {r.name: set(r.names()) for r in engine.gives}
    for figure in engine.figures:
        assert figure.title and figure.title_zh
        assert set(figure.columns) <= given[figure.relation], figure.title
    for relation in (*engine.takes, *engine.gives):
        assert set(relation.key) <= set(relation.names()) and relation.key
        assert relation.sql is None or relation.sql.is_file()


def test_names_are_unique_and_who_takes_comes_after_who_gives() -> None:
    assert len({e.name for e in ENGINES}) == len(ENGINES)
    placed = [e.name for e in order(ENGINES)]
    for engine in ENGINES:
        for giver in givers_of(engine):
            assert placed.index(giver.name) < placed.index(engine.name)
    assert [e.name for e in givers_of(engine_named("kpi"))] == ["footfall"]
    with pytest.raises(Known, match="no engine 'nothing'"):
        engine_named("nothing")
