"""The driver: runs engines over the mart, checks what crosses the border, keeps the ledger, stores results.

An engine's results and the ledger row that says 'done' are one transaction: a crash leaves the old
results and a run to redo, never half of both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from engines.contract import Engine, Frames, Moment, moment_of
from models import ledger, mart
from models.errors import NotEnoughData
from models.relations import Relation
from models.store import Store, Transaction
from models.times import now_ms

if TYPE_CHECKING:
    import pyarrow as pa

WRITE_ROWS = 50_000


@dataclass(frozen=True)
class EngineResult:
    """What one run gave: rows by relation, seconds, and the ledger's id."""

    engine: str
    rows: int
    seconds: float
    run: int
    relations: dict[str, int]


def order(engines: Sequence[Engine]) -> list[Engine]:
    """The engines so that who takes a result comes after who gives it. Raises ValueError on a circle."""
    givers = {relation.name: engine.name for engine in engines for relation in engine.gives if not relation.shared}
    placed: list[Engine] = []
    names: set[str] = set()
    left = list(engines)
    while left:
        ready = [e for e in left if all(givers.get(r.name, e.name) in names | {e.name} for r in e.takes)]
        if not ready:
            raise ValueError(f"engines wait for each other: {[e.name for e in left]}")
        placed += ready
        names |= {e.name for e in ready}
        left = [e for e in left if e.name not in names]
    return placed


def run_engine(
    store: Store,
    engine: Engine,
    *,
    at_ms: int | None = None,
    token: int = 0,
    planned_at: int | None = None,
    fence: Callable[[Transaction], None] | None = None,
) -> EngineResult:
    """Refresh the mart, run one engine as of `at_ms` (default: now), store what it gives.

    `fence` is called first in the result's transaction and raises when another runner has taken over.
    Raises NotEnoughData below the engine's minimum (the ledger says 'refused'); any other failure is
    in the ledger as 'failed' and propagates.
    """
    moment = moment_of(store.site, now_ms() if at_ms is None else at_ms)
    run = ledger.start(
        store, engine.name, version=str(engine.version), as_of=moment.at, planned_at=planned_at, token=token
    )
    began = time.perf_counter()
    try:
        frames = _work(store, engine, moment)
        with store.write("service", f"storing {engine.name}") as tx:
            if fence:
                fence(tx)
            counts = {r.name: _put(tx, engine, r, frames[r.name]) for r in engine.gives}
            seconds, rows = time.perf_counter() - began, sum(counts.values())
            ledger.finish(tx, run, "done", rows=rows, seconds=seconds)
    except Exception as error:
        _close_failed(store, run, error, time.perf_counter() - began)
        raise
    return EngineResult(engine.name, rows, seconds, run, counts)


def _close_failed(store: Store, run: int, error: Exception, seconds: float) -> None:
    """Close the run with the reason: a sentence for the world's fault, a traceback for ours."""
    state = "refused" if isinstance(error, NotEnoughData) else "failed"
    with store.write("service", "closing a run") as tx:
        ledger.finish(tx, run, state, seconds=seconds, message=str(error), error=ledger.detail_of(error))


def _work(store: Store, engine: Engine, moment: Moment) -> Frames:
    mart.refresh(store)
    parameters = {
        "at": moment.at,
        "day": moment.day,
        "minute": moment.minute,
        "time_zone": moment.time_zone,
        "day_starts_minute": moment.day_starts_minute,
    }
    results = _given_elsewhere(store, engine)
    with mart.open_mart(store) as connection:
        taken = {
            r.name: r.check(results[r.name]) if r.name in results else mart.fetch(connection, r, parameters)
            for r in engine.takes
        }
    check_minimum(engine, taken)
    given = engine.run(moment, **taken)
    return {relation.name: relation.check(given[relation.name]) for relation in engine.gives}


def check_minimum(engine: Engine, taken: Frames) -> None:
    """Raise NotEnoughData with a sentence that says what is missing."""
    for minimum in engine.minimum:
        found = taken[minimum.relation].num_rows
        if found < minimum.rows:
            numbers = {"found": found, "rows": minimum.rows}
            raise NotEnoughData(minimum.says.format(**numbers), missing_zh=minimum.says_zh.format(**numbers))


def _given_elsewhere(store: Store, engine: Engine) -> dict[str, pa.Table]:
    """Relations that no mart holds: results of other engines, the engine's own rows of a shared table, settings."""
    import pyarrow as pa

    found = {}
    for relation in engine.takes:
        if relation.sql is None and relation.name not in mart.MART:
            own, whose = (f' WHERE "{relation.shared}" = ?', (engine.name,)) if relation.shared else ("", ())
            sql = f'SELECT {_names(relation)} FROM "{relation.name}"{own}'  # noqa: S608
            with store.read() as connection:
                batches = list(_batches(relation, iter(connection.exec_driver_sql(sql, whose))))
            found[relation.name] = pa.Table.from_batches(batches, schema=relation.schema())
    return found


def _batches(relation: Relation, rows: Iterator[Any]) -> Iterator[pa.RecordBatch]:
    """Rows of the store as Arrow, some at a time: a million as Python objects take ten times the room."""
    import pyarrow as pa

    schema = relation.schema()
    while part := list(islice(rows, WRITE_ROWS)):
        columns = zip(zip(*part, strict=True), schema, strict=True)
        yield pa.record_batch([pa.array(values, type=f.type) for values, f in columns], schema=schema)


def _put(tx: Transaction, engine: Engine, relation: Relation, frame: pa.Table) -> int:
    """Replace the relation's rows, of a shared table the engine's own; a history is added to; alerts are merged by
    fingerprint, so that decisions survive."""
    if relation.name == "alert":
        from engines.alerts.actions import merge_alerts

        return merge_alerts(tx, engine.name, frame.to_pylist())
    if not relation.history:
        own, whose = (f' WHERE "{relation.shared}" = ?', (engine.name,)) if relation.shared else ("", ())
        tx.connection.exec_driver_sql(f'DELETE FROM "{relation.name}"{own}', whose)  # noqa: S608
    marks = ", ".join("?" for _ in relation.columns)
    verb = "INSERT OR IGNORE" if relation.history else "INSERT"
    sql = f'{verb} INTO "{relation.name}" ({_names(relation)}) VALUES ({marks})'
    for batch in frame.to_batches(max_chunksize=WRITE_ROWS):
        columns: list[Any] = [column.to_pylist() for column in batch.columns]
        tx.execute_many(sql, list(zip(*columns, strict=True)))
    tx.touch(relation.name)
    return int(frame.num_rows)


def _names(relation: Relation) -> str:
    return ", ".join(f'"{name}"' for name in relation.names())
