"""What stands out is found with its evidence, and what does not is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from string import Formatter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.anomalies.days import score_days, unusual_days
from engines.anomalies.findings import SENTENCES, Finding, Value, render
from engines.anomalies.hours import unusual_hours
from engines.anomalies.levels import LevelScores, level_change, score_levels
from engines.anomalies.robust import alarm_bound, centre_and_spread
from models.errors import NotEnoughData

NOW = date(2025, 6, 2)
PROFILE = np.array([0] * 9 + [40, 80, 120, 160, 180, 150, 140, 150, 170, 160, 120, 60, 30] + [0, 0], dtype=float)


def _days(size: int = 300, seed: int = 1, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    days = np.array([NOW - timedelta(days=size - i) for i in range(size)], dtype="datetime64[D]")
    saturday = (days.astype(int) + 3) % 7 == 5
    return days, np.round(5000 * np.exp(0.3 * saturday + noise * rng.standard_normal(size)))


def _hours(size: int = 100) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    days = np.array([NOW - timedelta(days=size - i) for i in range(size)], dtype="datetime64[D]")
    return days, rng.poisson(PROFILE * np.exp(0.1 * rng.standard_normal((size, 1)))).astype(float)


def _level(days: np.ndarray, values: np.ndarray) -> tuple[LevelScores, Finding | None]:
    scores = score_levels(NOW, days, values, {})
    series = dict(zip(days.astype(int).tolist(), values.tolist(), strict=True))
    return scores, level_change(scores, series, "footfall")


def _sentences(findings: Sequence[Finding]) -> list[str]:
    return [f.sentence for f in findings]


@pytest.mark.parametrize(("factor", "sentence"), [(0.55, "day_below"), (1.6, "day_above")])
def test_a_day_far_off_is_found_with_its_evidence(factor: float, sentence: str) -> None:
    days, values = _days()
    values[-3] = round(5000 * factor)
    found = unusual_days(score_days(NOW, days, values, {}), "footfall")
    assert (sentence, str(days[-3])) in [(f.sentence, f.day) for f in found]
    one = next(f for f in found if f.day == str(days[-3]))
    last = one.evidence[-1]
    assert last["day"] == one.day and last["observed"] == one.facts["observed"] == values[-3]
    low, high, observed = (float(one.facts[k] or 0) for k in ("low", "high", "observed"))
    assert not low <= observed <= high


def test_ordinary_noise_raises_at_most_about_one_alert_a_month() -> None:
    alerts = [score_days(NOW, *_days(500, seed=s), {}, 300).unusual.sum() for s in range(4)]
    assert sum(alerts) <= 4 * 300 / 30 * 1.3


def test_forty_percent_days_are_found_more_often_than_not_and_twenty_five_are_not_promised() -> None:
    days, values = _days(500, noise=0.12)
    scores = score_days(NOW, days, values, {}, 300)

    def caught(factor: float) -> float:
        moved = scores.observed * factor
        return float(((moved < scores.low) | (moved > scores.high)).mean())

    assert caught(0.6) > 0.9
    assert (caught(0.6) + caught(1.4)) / 2 > 0.5
    assert caught(1.15) < caught(1.4)


def test_holidays_and_festivals_raise_no_alarm() -> None:
    days, values = _days()
    values[-3] *= 3
    off = date.fromisoformat(str(days[-3]))
    assert not unusual_days(score_days(NOW, days, values, {off: "Feast"}), "footfall")
    assert not unusual_days(score_days(NOW, days, values, {off + timedelta(days=1): "Feast"}), "footfall")
    assert not unusual_days(score_days(NOW, days, values, {}, festivals={off: "feast"}), "footfall")


@given(st.floats(0.1, 100), st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_units_and_row_order_do_not_matter(factor: float, seed: int) -> None:
    days, values = _days(150)
    order = np.random.default_rng(seed).permutation(150)
    kept = values.copy()
    one, two = score_days(NOW, days, values, {}), score_days(NOW, days[order], values[order] * factor, {})
    np.testing.assert_allclose(one.score, two.score, rtol=1e-5)
    np.testing.assert_allclose(one.low * factor, two.low, rtol=1e-5)
    assert (values == kept).all()


def test_a_missing_day_is_not_scored() -> None:
    days, values = _days()
    scores = score_days(NOW, np.delete(days, -2), np.delete(values, -2), {})
    assert np.isnan(scores.score[-2])
    assert not scores.unusual[-2]


@pytest.mark.parametrize(("factor", "sentence"), [(1.35, "level_up"), (0.7, "level_down")])
def test_a_lasting_shift_is_found_and_dated(factor: float, sentence: str) -> None:
    days, values = _days()
    values[-20:] *= factor
    _, found = _level(days, values)
    assert found is not None
    assert found.sentence == sentence
    assert abs((date.fromisoformat(found.day) - date.fromisoformat(str(days[-20]))).days) <= 3
    assert found.facts["percent"] == pytest.approx(abs(factor - 1) * 100, abs=10)
    assert {r["side"] for r in found.evidence} == {"before", "after"}


def test_a_quiet_series_and_a_single_wild_week_are_no_change_of_level() -> None:
    days, values = _days(700)
    scores, found = _level(days, values)
    assert found is None
    assert scores.changed.mean() < 0.01
    values[-7:] *= 2
    assert _level(days, values)[1] is None


def test_silent_and_missing_hours_of_a_counter() -> None:
    days, counts = _hours()
    counts[-2, 12:15] = 0
    counts[-1, 16:18] = np.nan
    found = unusual_hours(NOW, days, counts, "gate A", {})
    zero, missing = (next(f for f in found if f.sentence == s) for s in ("hours_zero", "hours_missing"))
    assert (zero.day, zero.facts["from_hour"], zero.facts["to_hour"]) == (str(days[-2]), 12, 15)
    assert [r["hour"] for r in missing.evidence] == [16, 17]
    assert missing.evidence[0]["observed"] is None
    assert zero.severity == "warning"
    assert zero.fingerprint != missing.fingerprint


def test_a_whole_day_without_rows_is_missing() -> None:
    days, counts = _hours()
    found = unusual_hours(NOW, days[:-1], counts[:-1], "gate A", {})
    assert [(f.sentence, f.day) for f in found] == [("hours_missing", str(days[-1]))]


def test_a_run_of_three_strange_hours_is_found_and_two_are_not() -> None:
    days, counts = _hours()
    three, two = counts.copy(), counts.copy()
    three[-1, 15:18] *= 2.5
    two[-1, 15:17] *= 2.5
    assert _sentences(unusual_hours(NOW, days, three, "footfall", {})) == ["hours_above"]
    assert not unusual_hours(NOW, days, two, "footfall", {})


def test_a_busy_day_as_a_whole_is_no_run_of_hours() -> None:
    days, counts = _hours()
    counts[-1] = np.round(counts[-1] * 1.8)
    assert not unusual_hours(NOW, days, counts, "footfall", {})


def test_ordinary_hours_are_left_in_peace() -> None:
    days, counts = _hours(300)
    assert len(unusual_hours(NOW, days, counts, "footfall", {}, recent=240)) <= 1
    off = date.fromisoformat(str(days[-1]))
    counts[-1] = 0
    assert not unusual_hours(NOW, days, counts, "footfall", {off: "Feast"})
    assert not unusual_hours(NOW, days, counts, "footfall", {}, closed=[off])


def test_refusals() -> None:
    days, values = _days(27)
    with pytest.raises(NotEnoughData, match="4 weeks"):
        score_days(NOW, days, values, {})
    with pytest.raises(NotEnoughData, match="8 weeks"):
        score_levels(NOW, *_days(55), {})
    with pytest.raises(NotEnoughData, match="4 weeks"):
        unusual_hours(NOW, [], np.empty((0, 24)), "gate A", {})


def test_every_sentence_reads_in_both_languages() -> None:
    names = {
        field for each in SENTENCES.values() for text in each.values() for _, field, _, _ in Formatter().parse(text)
    }
    facts: dict[str, Value] = dict.fromkeys((name for name in names if name), 12.0)
    facts |= {"subject": "gate A", "day": "2025-06-01"}
    for name, template in SENTENCES.items():
        english, chinese = render(name, facts, "en"), render(name, facts, "zh")
        assert english.startswith("Gate A") == template["en"].startswith("{subject}")
        assert chinese.startswith("入口 A") == template["zh"].startswith("{subject}")
        assert "{" not in english + chinese
    assert render("level_up", {**facts, "subject": "footfall"}, "zh").startswith("客流")


def test_robust_numbers_by_hand() -> None:
    assert centre_and_spread(np.array([1.0, 2, 3, 4, 100, np.nan])) == (3, pytest.approx(1.4826))
    scores = np.arange(1.0, 61.0) / 10
    assert alarm_bound(scores, 1 / 30, 2.5, 3.5) == pytest.approx(5.9)  # rank ceil(61 x 29/30) = 59
    assert alarm_bound(scores[:10], 1 / 30, 2.5, 3.5) == 3.5
    assert alarm_bound(scores / 10, 1 / 30, 2.5, 3.5) == 2.5
