"""Many series watched without flooding; weeks, shares, machines and people's habits; what each can see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.anomalies.days import score_days
from engines.anomalies.panel import Panel, grid, panel_findings, panel_reach, score_panel
from engines.anomalies.reach import SIZES, reach_of, smallest
from engines.anomalies.shares import Share, returned_more, unusual_shares
from engines.anomalies.system import camera_findings, import_findings, job_findings
from engines.anomalies.turns import exposures, sight, turns
from engines.anomalies.weeks import score_weeks, unusual_weeks
from models.errors import NotEnoughData

NOW = date(2025, 6, 2)


def days_of(size: int) -> list[str]:
    return [(NOW - timedelta(days=size - i)).isoformat() for i in range(size)]


def panel_of(values: np.ndarray) -> Panel:
    size, count = values.shape
    points = [(day, i, values[row, i]) for row, day in enumerate(days_of(size)) for i in range(count)]
    days, places, numbers = ([p[part] for p in points] for part in range(3))
    return score_panel(*grid(NOW, (days, places, numbers), count))


def noise(size: int = 250, count: int = 20, seed: int = 1, spread: float = 0.15) -> np.ndarray:
    luck = np.random.default_rng(seed)
    week = np.array([(NOW - timedelta(days=size - i)).weekday() >= 5 for i in range(size)])
    mall = 0.3 * luck.standard_normal(size)
    return 1000 * np.exp(0.3 * week[:, None] + mall[:, None] + spread * luck.standard_normal((size, count)))


def found_in(panel: Panel, recent: int = 14) -> list[Any]:
    count = panel.values.shape[1]
    return panel_findings(panel, [f"tenant {i}" for i in range(count)], [{} for _ in range(count)], recent)


def test_ordinary_noise_of_twenty_tenants_stays_within_the_budget_of_alerts() -> None:
    alerts = sum(len(found_in(panel_of(noise(seed=s)), 90)) for s in range(4))
    assert alerts <= 4 * 90 * 2 / 15 * 1.3


def test_a_tenant_that_falls_while_the_mall_does_not_is_found_and_the_malls_own_day_is_nobodys() -> None:
    values = noise()
    values[-3, 4] *= 0.15
    values[-6] *= 0.5
    found = found_in(panel_of(values))
    assert [(f.subject, f.kind) for f in found] == [("tenant 4", "unusual_day")]
    assert found[0].facts["percent"] == pytest.approx(85, abs=8)


def test_a_day_on_which_half_the_tenants_have_not_reported_judges_nobody() -> None:
    values = noise()
    values[-1, :12] = np.nan
    values[-1, 12:] *= 3
    assert found_in(panel_of(values), 1) == []


def test_a_week_too_small_for_its_days_is_found_as_a_week() -> None:
    values = noise(spread=0.1)
    values[-7:, 2] *= 0.75
    found = [f for f in found_in(panel_of(values)) if f.subject == "tenant 2"]
    assert "unusual_week" in [f.kind for f in found]


def test_what_a_series_can_show_grows_with_its_noise_and_a_week_shows_less_than_a_day() -> None:
    luck = np.random.default_rng(4)
    quiet, loud = noise(spread=0.08), noise() * np.exp(0.3 * luck.standard_normal((250, 20)))
    near, far = panel_reach(panel_of(quiet), 0), panel_reach(panel_of(loud), 0)
    assert near.day_50 is not None and near.week_50 is not None and near.day_80 is not None
    assert near.week_50 < near.day_50 <= near.day_80
    assert far.day_50 is None or far.day_50 > near.day_50
    assert smallest(np.zeros((len(SIZES), 2)), 0.5) is None


def test_a_promised_shift_is_truly_found_that_often() -> None:
    luck = np.random.default_rng(2)
    days = np.array(days_of(300), dtype="datetime64[D]")
    values = 5000 * np.exp(0.12 * luck.standard_normal(300))
    scores = score_days(NOW, days, values, {}, 120)
    reach = reach_of(scores, score_weeks(NOW, days, values, {}, 120))
    assert reach.day_50 is not None and reach.day_80 is not None
    for size, chance in ((reach.day_50, 0.5), (reach.day_80, 0.8)):
        up, down = scores.observed * (1 + size), scores.observed * (1 - size)
        assert min((up > scores.high).mean(), (down < scores.low).mean()) >= chance
    assert reach.alert_days < 0.1


def test_a_week_of_fifteen_percent_less_is_one_finding() -> None:
    luck = np.random.default_rng(6)
    days = np.array(days_of(300), dtype="datetime64[D]")
    values = 5000 * np.exp(0.07 * luck.standard_normal(300))
    values[-7:] *= 0.83
    found = unusual_weeks(score_weeks(NOW, days, values, {}, 14), "footfall")
    assert [f.sentence for f in found] == ["week_below"]
    with pytest.raises(NotEnoughData):
        score_weeks(NOW, days[-40:], values[-40:], {})


@settings(max_examples=25)
@given(arrays(np.float64, (70, 3), elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6))))
def test_any_numbers_are_scored_or_left_out_and_never_break(values: np.ndarray) -> None:
    panel = panel_of(values)
    for finding in found_in(panel):
        assert np.isfinite(finding.score)
        assert all(np.isfinite(v) for v in finding.facts.values() if isinstance(v, float))
    assert np.isfinite(panel_reach(panel, 0).alert_days)


def campaign(n: int, day: str, i: int) -> Share:
    return Share(f"campaign c{i} opened", day, n, 1000, f"Openings of c{i}", f"c{i}打开率")


def test_a_campaign_is_judged_against_those_before_it() -> None:
    usual = [campaign(n, f"2025-0{i + 1}-01", i) for i, n in enumerate((240, 260, 250, 255))]
    assert unusual_shares([*usual, campaign(248, "2025-05-20", 8)], "2025-05-01") == []
    found = unusual_shares([*usual, campaign(90, "2025-05-20", 8)], "2025-05-01")
    assert [f.sentence for f in found] == ["share_below"]
    assert unusual_shares([*usual[:2], campaign(90, "2025-05-20", 8)], "2025-05-01") == []


def test_many_more_returns_are_found_at_the_tenant_that_has_them() -> None:
    names = [Share(f"returns t{i}", "2025-06-01", 0, 400, f"Returns of t{i}", f"t{i}退货率") for i in range(20)]
    new, old = np.full(20, 4), np.full(20, 25)
    new[7] = 40
    found = returned_more(names, (new, np.full(20, 400)), (old, np.full(20, 2500)))
    assert [f.subject for f in found] == ["returns t7"]


def run(i: int, seconds: float, state: str = "done") -> dict[str, Any]:
    return {"id": i, "job": "kpi", "started_at": i, "state": state, "seconds": seconds}


def test_a_job_far_slower_than_usual_and_one_that_keeps_failing_are_found() -> None:
    day_of = {i: "2025-06-01" for i in range(99)}
    usual = [run(i, 4 + 0.2 * (i % 3)) for i in range(20)]
    assert job_findings([*usual, run(30, 5.0)], day_of) == []
    assert [f.kind for f in job_findings([*usual, run(30, 19.0)], day_of)] == ["slow_job"]
    failed = [run(30 + i, 0.0, "failed") for i in range(3)]
    assert [f.kind for f in job_findings([*usual, *failed], day_of)] == ["failing_job"]


def test_dropped_pictures_and_refused_rows_are_judged_against_their_own_past() -> None:
    gate = bytes(16)
    days = [{"gate_id": gate, "day": day, "seen": 1000, "dropped": 10} for day in days_of(30)]
    assert camera_findings(days, {}, days[-10]["day"]) == []
    days[-1]["dropped"] = 400
    assert [f.subject for f in camera_findings(days, {gate: "north"}, days[-10]["day"])] == ["camera north"]
    batches = [
        {"id": bytes([i] * 16), "kind": "sales", "state": "done", "started_at": i, "read": 1000, "rejected": 3}
        for i in range(6)
    ]
    day_of = {i: "2025-06-01" for i in range(9)}
    assert import_findings(batches, day_of, "2025-05-01") == []
    batches.append({**batches[0], "id": bytes([9] * 16), "started_at": 8, "rejected": 300})
    assert [f.kind for f in import_findings(batches, day_of, "2025-05-01")] == ["rejected_rows"]


def test_a_regular_who_stops_is_found_with_the_period_and_a_steady_one_is_not() -> None:
    counts = np.array([[0, 0, 0, 5, 6, 5, 4, 6, 5, 5, 6, 5, 4], [5, 4, 6, 5, 6, 5, 4, 6, 5, 5, 6, 5, 4]], dtype=float)
    found = turns(counts, np.ones_like(counts))
    assert found.chance[0] > 0.99 and found.since[0] == 3
    assert found.chance[1] < 0.2


def test_a_season_that_everyone_has_is_nobodys_change() -> None:
    luck = np.random.default_rng(1)
    season = np.array([3.0] * 3 + [1.0] * 10)
    counts = luck.poisson(2 * season, (400, 13)).astype(float)
    exposure = exposures(counts, np.ones_like(counts))
    assert (turns(counts, exposure).chance >= 0.9).mean() < 0.01
    assert (turns(counts, np.ones_like(counts)).chance >= 0.9).mean() > 0.1


def test_false_changes_are_rare_and_the_printed_sight_is_what_happens() -> None:
    luck = np.random.default_rng(5)
    counts = luck.poisson(4.0, (4000, 13)).astype(float)
    assert (turns(counts, np.ones_like(counts)).chance >= 0.9).mean() <= 0.005
    fresh = np.concatenate([np.zeros((4000, 3)), luck.poisson(4.0, (4000, 9))], axis=1)
    seen = (turns(fresh, np.ones_like(fresh)).chance >= 0.9).mean()
    assert sight(4.0, 0.0, 3, 0.9) == pytest.approx(seen, abs=0.05)
    assert sight(4.0, 0.0, 1, 0.9) < sight(4.0, 0.0, 3, 0.9)
