"""When jobs are due: pure functions of an instant, so that sleep, clock changes and daylight saving can be tested.

An interval counts from midnight UTC of the epoch, so '15m' falls on the quarter hours of every zone.
A time of day is the site's: on the day it does not exist it falls as much later as the clocks go
forward (02:30 becomes 03:30), on the day it comes twice only the first counts (PEP 495, fold 0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_UNITS = {"s": 1, "m": 60, "h": 3600}


class Plan(Protocol):
    """Instants at which a job is due; all instants are aware."""

    def after(self, at: datetime) -> datetime:
        """The first due instant after `at`."""
        ...

    def latest(self, at: datetime) -> datetime:
        """The last due instant not after `at`."""
        ...


@dataclass(frozen=True)
class Every:
    """Due each `seconds`."""

    seconds: int

    def after(self, at: datetime) -> datetime:
        """The first due instant after `at`."""
        return self.latest(at) + timedelta(seconds=self.seconds)

    def latest(self, at: datetime) -> datetime:
        """The last due instant not after `at`."""
        whole = int(at.timestamp() // self.seconds)
        return datetime.fromtimestamp(whole * self.seconds, UTC)


@dataclass(frozen=True)
class DailyAt:
    """Due once on each calendar day, at `minute` (0..1439) of the local day."""

    minute: int
    zone: ZoneInfo

    def after(self, at: datetime) -> datetime:
        """The first due instant after `at`."""
        return next(due for shift in range(-1, 4) if (due := self._on(at, shift)) > at)

    def latest(self, at: datetime) -> datetime:
        """The last due instant not after `at`."""
        return next(due for shift in range(1, -4, -1) if (due := self._on(at, shift)) <= at)

    def _on(self, at: datetime, shift: int) -> datetime:
        day = at.astimezone(self.zone).date() + timedelta(days=shift)
        hour, minute = divmod(self.minute, 60)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone, fold=0).astimezone(UTC)


def plan_of(every: str, zone: ZoneInfo) -> Plan:
    """The plan that '30s', '15m', '1h' or a local time such as '03:30' means. Raises ValueError for anything else."""
    if found := re.fullmatch(r"([1-9]\d*)([smh])", every):
        return Every(int(found[1]) * _UNITS[found[2]])
    if found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", every):
        return DailyAt(int(found[1]) * 60 + int(found[2]), zone)
    raise ValueError(f"'{every}' is no schedule; write 15m, 1h or 03:30")


def next_run(plan: Plan, now: datetime, previous: datetime | None) -> datetime:
    """When a scheduler that last ran the job for `previous` runs it next.

    What was missed is made up for once: after a sleep of a week the answer is the last missed instant,
    not the first, so that no list of missed instants is ever built.
    """
    if previous is None:
        return plan.after(now)
    following = plan.after(previous)
    return plan.latest(now) if following <= now else following


def first_run(plan: Plan, now: datetime, last_planned: datetime | None, last_start: datetime | None) -> datetime:
    """When a scheduler that has just started, or whose clock was set back, runs the job first.

    `last_planned` is the due instant of the last run that ended, `last_start` when any run last began.
    A job whose latest due instant has had no run is due at once; one that ran for a due instant still
    ahead (the clock went back) waits for the one after it, unless that lies over a day ahead, when
    the clock was simply wrong then.
    """
    due = plan.latest(now)
    done = [at for at in (last_planned, last_start) if at is not None and at <= now + timedelta(days=1)]
    if not done or max(done) < due:
        return now
    ahead = [at for at in (last_planned,) if at is not None and now < at <= now + timedelta(days=1)]
    return plan.after(max(ahead)) if ahead and isinstance(plan, DailyAt) else plan.after(now)
