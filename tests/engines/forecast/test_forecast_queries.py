"""What pages read of forecasts."""

from __future__ import annotations

import json

import pytest

from engines.forecast.queries import days_ahead, hours_of, outlook
from engines.forecast.sentences import render
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path):
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def test_days_and_hours_ahead_are_told_apart(mall):
    for day, minute, middle in (("2026-03-13", -1, 5), ("2026-03-15", -1, 7), ("2026-03-14", -1, 6),
                                ("2026-03-14", 1020, 2), ("2026-03-14", 960, 3)):  # fmt: skip
        mall.put("forecast_point", series="footfall", day=day, minute=minute, p10=1.0, p50=float(middle), p90=9.0)
    assert [(s.day, s.p50) for s in days_ahead(mall.store, "footfall", "2026-03-14")] == [
        ("2026-03-14", 6.0), ("2026-03-15", 7.0),
    ]  # fmt: skip
    assert [s.minute for s in hours_of(mall.store, "footfall", "2026-03-14")] == [960, 1020]
    assert days_ahead(mall.store, "sales", "2026-03-14") == []


def test_a_forecast_says_how_it_did(mall):
    assert outlook(mall.store, "footfall") is None
    told = {"facts": {"origins": 26, "mase": 0.8, "baseline_mase": 1.1}, "methods": []}
    mall.put("forecast_run", series="footfall", as_of=5, model="calendar_ridge", mase=0.8, baseline_mase=1.1, wape=0.1,
             coverage=None, origins=26, backtest=json.dumps(told), sentence="model_beats_baselines")  # fmt: skip
    made = outlook(mall.store, "footfall")
    assert (made.method, made.coverage, made.origins) == ("calendar_ridge", None, 26)
    assert "0.80" in render(made.reason, made.facts, "en")
