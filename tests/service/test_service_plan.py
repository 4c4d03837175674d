"""Each due instant once: through sleep, clock changes, the hour that is missing and the hour that comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.service.plan import DailyAt, Every, Plan, first_run, next_run, plan_of

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(plan: Plan, start: datetime, end: datetime) -> list[datetime]:
    """Every instant at which a scheduler that never sleeps runs the job."""
    found, now = [], start
    while (now := next_run(plan, now, now)) < end:
        found.append(now)
    return found


def test_a_local_time_that_does_not_exist_runs_once_later_that_night() -> None:
    plan = plan_of("02:30", BERLIN)
    runs = due(plan, at("2026-03-28T12:00"), at("2026-03-30T12:00"))
    assert runs == [at("2026-03-29T01:30"), at("2026-03-30T00:30")]
    assert [run.astimezone(BERLIN).strftime("%H:%M") for run in runs] == ["03:30", "02:30"]


def test_a_local_time_that_comes_twice_runs_once() -> None:
    plan = plan_of("02:30", BERLIN)
    runs = due(plan, at("2026-10-24T12:00"), at("2026-10-26T12:00"))
    assert runs == [at("2026-10-25T00:30"), at("2026-10-26T01:30")]


def test_intervals_do_not_notice_daylight_saving() -> None:
    plan = plan_of("15m", BERLIN)
    assert len(due(plan, at("2026-03-28T23:00"), at("2026-03-29T23:00"))) == 95


@given(
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.datetimes(datetime(2011, 1, 1), datetime(2030, 12, 31)),
)
def test_a_daily_job_is_due_at_most_once_on_each_local_day_and_never_skips_one(
    zone: str, minute: int, start: datetime
) -> None:
    plan, now = DailyAt(minute, ZoneInfo(zone)), start.replace(tzinfo=UTC)
    first = plan.after(now)
    second = plan.after(first)
    assert now < first <= now + timedelta(hours=49)
    assert timedelta(hours=22) <= second - first <= timedelta(hours=49)
    assert plan.latest(first) == first
    assert plan.latest(second - timedelta(seconds=1)) == first
    assert plan.latest(now) <= now


@given(st.integers(1, 7200), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_an_interval_is_due_each_time_and_in_step(seconds: int, start: datetime) -> None:
    plan, now = Every(seconds), start.replace(tzinfo=UTC)
    first = plan.after(now)
    assert plan.latest(now) <= now < first == plan.latest(now) + timedelta(seconds=seconds)
    assert plan.after(first) - first == timedelta(seconds=seconds)


@pytest.mark.parametrize("every", ["30s", "03:30"])
def test_a_long_sleep_is_made_up_for_by_one_run(every: str) -> None:
    plan = plan_of(every, SHANGHAI)
    before, now = at("2025-11-21T10:00"), at("2026-11-20T10:00")
    made_up = next_run(plan, now, before)
    assert made_up <= now
    assert next_run(plan, now, made_up) > now


def test_a_quarter_hour_is_a_quarter_hour_on_the_wall() -> None:
    local = (
        plan_of("15m", ZoneInfo("Asia/Kathmandu")).after(at("2026-11-21T10:01")).astimezone(ZoneInfo("Asia/Kathmandu"))
    )
    assert local.minute % 15 == 0


def test_a_machine_that_was_off_at_night_catches_up_when_it_starts() -> None:
    plan, morning = plan_of("03:30", SHANGHAI), at("2026-11-21T01:00")
    assert first_run(plan, morning, None, None) == morning
    yesterday = at("2026-11-19T19:30")
    assert first_run(plan, morning, yesterday, yesterday) == morning
    tonight = at("2026-11-20T19:30")
    assert first_run(plan, morning, tonight, tonight) == at("2026-11-21T19:30")


def test_a_run_asked_for_by_hand_counts_for_the_due_instant_before_it() -> None:
    plan, now = plan_of("03:30", SHANGHAI), at("2026-11-21T01:00")
    assert first_run(plan, now, None, at("2026-11-21T00:50")) == at("2026-11-21T19:30")


def test_a_clock_set_back_does_not_repeat_last_nights_job_and_stalls_no_interval() -> None:
    nightly, quarter = plan_of("03:30", SHANGHAI), plan_of("15m", SHANGHAI)
    ran, now = at("2026-11-20T19:30"), at("2026-11-20T18:31")
    assert first_run(nightly, now, ran, ran) == at("2026-11-21T19:30")
    assert first_run(quarter, now, at("2026-11-20T19:30"), ran) == at("2026-11-20T18:45")


def test_a_clock_that_was_years_ahead_does_not_stall_anything() -> None:
    plan, now, wrong = plan_of("03:30", SHANGHAI), at("2026-11-21T01:00"), at("2036-11-21T01:00")
    assert first_run(plan, now, wrong, wrong) == now


@pytest.mark.parametrize("bad", ["", "0m", "15", "24:00", "3:30", "15d", "-5m"])
def test_what_is_no_schedule_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        plan_of(bad, SHANGHAI)
