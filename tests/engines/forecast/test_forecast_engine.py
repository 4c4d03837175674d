"""The cards of forecast and anomalies at the border: frames in, promised frames out."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from engines.anomalies import engine as anomalies
from engines.contract import Engine, Frames, Moment
from engines.forecast import engine as forecast
from models.errors import NotEnoughData

TODAY = date(2025, 6, 2)
MOMENT = Moment(1_748_844_000_000, TODAY.isoformat(), 14 * 60, "Asia/Shanghai", "CN", None, "CNY")
OPEN = range(10, 22)


def _rows(engine: Engine, name: str, rows: list[dict[str, object]]) -> pa.Table:
    relation = next(r for r in engine.takes if r.name == name)
    full = [{c: row.get(c) for c in relation.names()} for row in rows]
    return pa.Table.from_pylist(full, schema=relation.schema())


def _mall(engine: Engine, size: int = 120, outage: int | None = None) -> dict[str, pa.Table]:
    rng = np.random.default_rng(3)
    hours, sales = [], []
    for back in range(size, 0, -1):
        day = (TODAY - timedelta(days=back)).isoformat()
        busy = float(np.exp(0.1 * rng.standard_normal()))
        for code, mean in (("A", 150), ("B", 60)):
            watched = OPEN if not (code == "A" and back == outage) else range(10, 14)
            hours += [
                {"day": day, "hour": h, "gate_code": code, "entries": int(rng.poisson(mean * busy)), "exits": 0}
                | {"passers": 0, "seconds_observed": 3600}
                for h in watched
            ]
        sales.append({"day": day, "net_minor": int(1e7 * busy)})
    today = [
        {"gate_code": c, "hour": h, "entries": n, "seconds_observed": 3600}
        for c, n in (("A", 150), ("B", 60))
        for h in range(10, 14)
    ]
    frames = {
        "footfall_hour": hours,
        "gate": [{"id": bytes(16), "code": c, "name": c, "perimeter": 1, "active": 1} for c in "AB"],
        "calendar_day": [],
        "today_hour": today,
        "sales_day": sales,
    }
    wanted = {r.name for r in engine.takes}
    return {name: _rows(engine, name, rows) for name, rows in frames.items() if name in wanted}


def _checked(engine: Engine, given: Frames) -> Frames:
    return {r.name: r.check(given[r.name]) for r in engine.gives}


def test_forecast_gives_both_series_and_the_rest_of_today() -> None:
    given = _checked(forecast.ENGINE, forecast.ENGINE.run(MOMENT, **_mall(forecast.ENGINE)))
    points = given["forecast_point"].to_pylist()
    hours = sorted(p["minute"] // 60 for p in points if p["minute"] >= 0)
    assert hours == list(range(14, 24))
    assert sum(p["series"] == "footfall" and p["minute"] == -1 for p in points) == 14
    today = next(p for p in points if (p["series"], p["day"], p["minute"]) == ("footfall", TODAY.isoformat(), -1))
    rest = sum(p["p50"] for p in points if p["minute"] >= 0)
    assert today["p50"] == pytest.approx(rest + 4 * 210)
    assert all(p["p10"] <= p["p50"] <= p["p90"] for p in points)
    for row in given["forecast_run"].to_pylist():
        told = json.loads(row["backtest"])
        assert {m["method"] for m in told["methods"]} >= {row["model"], "seasonal_naive"}


def test_an_outage_leaves_the_day_out_of_the_forecast_and_raises_an_alert() -> None:
    plain, hurt = (forecast.ENGINE.run(MOMENT, **_mall(forecast.ENGINE, outage=b)) for b in (None, 2))
    both = [f["forecast_point"].to_pylist() for f in (plain, hurt)]
    total = [sum(p["p50"] for p in points if p["series"] == "footfall" and p["minute"] < 0) for points in both]
    assert total[1] == pytest.approx(total[0], rel=0.05)
    found = _checked(anomalies.ENGINE, anomalies.ENGINE.run(MOMENT, **_mall(anomalies.ENGINE, outage=2)))
    rows = found["alert"].to_pylist()
    silent = [r for r in rows if r["kind"] == "silent_hours"]
    assert [(r["subject"], r["day"]) for r in silent] == [("gate A", (TODAY - timedelta(days=2)).isoformat())]
    assert all(r["fingerprint"].startswith("anomalies:") for r in rows)
    assert json.loads(silent[0]["facts"])["from_hour"] == 14


@pytest.mark.parametrize("engine", [forecast.ENGINE, anomalies.ENGINE], ids=lambda e: e.name)
def test_row_order_changes_nothing_and_an_empty_mall_is_refused(engine: Engine) -> None:
    frames = _mall(engine)
    turned = {n: f.take(pa.array(range(f.num_rows - 1, -1, -1), pa.int64())) for n, f in frames.items()}
    assert engine.run(MOMENT, **frames) == engine.run(MOMENT, **turned)
    with pytest.raises(NotEnoughData):
        engine.run(MOMENT, **{n: f.slice(0, 0) for n, f in frames.items()})
    sales_only = frames | {n: frames[n].slice(0, 0) for n in frames if n != "sales_day"}
    assert engine.run(MOMENT, **sales_only)
