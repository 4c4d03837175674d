"""Counts and sales in a real store become a forecast and alerts through the driver."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engines.anomalies.engine import ENGINE as ANOMALIES
from engines.driver import run_engine
from engines.footfall.engine import ENGINE as FOOTFALL
from engines.forecast.engine import ENGINE as FORECAST
from models.errors import NotEnoughData
from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store

FIRST = date(2026, 6, 1)
DAYS = 70
COUNT = (
    "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
    "seconds_observed, frames_dropped) VALUES (?, ?, 'in', ?, ?, ?, ?, ?, 0, 900, 0)"
)
SALE = (
    "INSERT INTO sale (id, source_id, source_key, at, day, minute, gross_minor, net_minor, txns, basis, batch_id) "
    "VALUES (?, ?, ?, ?, ?, 600, ?, ?, 1, 'pos', ?)"
)


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory):
    made = create_store(create_site(Path(tmp_path_factory.mktemp("site")) / "mall", name="Test mall"))
    _fill(made)
    yield made
    made.close()


def _at(store: Store, day: date, minute: int) -> int:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=store.site.zone)
    return int(local.timestamp() * 1000)


def _fill(store: Store) -> None:
    """Seventy days of one gate and of sales, and the morning of the day after; the last full day stops at 15:00."""
    rng = np.random.default_rng(5)
    gate, source, batch = new_id(), new_id(), new_id()
    counts, sales = [], []
    for back in range(DAYS + 1):
        day = FIRST + timedelta(days=back)
        last = 14 if back == DAYS else 15 if back == DAYS - 1 else 22
        busy = float(np.exp(0.1 * rng.standard_normal()))
        for minute in range(10 * 60, last * 60, 15):
            n, start = int(rng.poisson(40 * busy)), _at(store, day, minute)
            counts.append((gate, start, source, 0, day.isoformat(), minute, 9999))
            counts.append((gate, start, source, 1, day.isoformat(), minute, n))  # the correction stands
        if back < DAYS:
            key = new_id()
            sales.append((key, source, key.hex(), _at(store, day, 600), day.isoformat(), *[int(1e6 * busy)] * 2, batch))
    with store.write("tester", "filling") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'src', 'x')", [(source,)])
        tx.execute_many("INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, 'A', 'A', 1, 1)", [(gate,)])
        tx.execute_many(COUNT, counts)
        tx.execute_many(SALE, sales)


def test_forecast_and_alerts_from_the_store(mall: Store) -> None:
    at = _at(mall, FIRST + timedelta(days=DAYS), 14 * 60)
    run_engine(mall, FOOTFALL, at_ms=at)
    made = run_engine(mall, FORECAST, at_ms=at)
    assert made.relations["forecast_run"] == 2
    today = (FIRST + timedelta(days=DAYS)).isoformat()
    with mall.read() as connection:
        points = connection.exec_driver_sql(
            "SELECT minute, p10, p50, p90 FROM forecast_point WHERE series = 'footfall' AND day = ? ORDER BY minute",
            (today,),
        ).fetchall()
    assert [p[0] for p in points] == [-1] + [h * 60 for h in range(14, 24)]
    assert points[0][2] == pytest.approx(48 * 40, rel=0.3)
    assert sum(p[2] for p in points[1:]) < points[0][2]
    run_engine(mall, ANOMALIES, at_ms=at)
    with mall.read() as connection:
        alerts = connection.exec_driver_sql("SELECT kind, subject, day, severity FROM alert").fetchall()
    silent = (FIRST + timedelta(days=DAYS - 1)).isoformat()
    assert ("silent_hours", "gate A", silent, "warning") in [tuple(a) for a in alerts]


def test_a_store_without_facts_is_refused(tmp_path: Path) -> None:
    empty = create_store(create_site(tmp_path / "empty", name="Empty"))
    for engine in (FORECAST, ANOMALIES):
        with pytest.raises(NotEnoughData):
            run_engine(empty, engine)
    empty.close()
