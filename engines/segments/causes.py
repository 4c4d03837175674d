"""What makes a full run differ from the members that were kept: time, scores, facts not looked at yet, or a fault.

The members were right when they were last looked at, on some day since the last full run. Conditions tell days
apart, not hours, so a rule that gives what was kept on one of those days differs today by time alone. Tables that
were rewritten since (scores) cannot be looked back at: a condition on them may have been either. What neither
explains is drift: the keeping of members person by person has missed something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engines.contract import Moment
from engines.segments.changed import REFERENCES, Changed
from engines.segments.live import Live
from engines.segments.reasons import Truth, combined, leaf_values, unknown_leaves
from models.connection import Connection
from models.site import Site
from models.times import day_bounds

DRIFT = "drift"
_DAYS = 62
#: Tables whose changes are followed person by person, so that none may be missed.
_FOLLOWED = frozenset({"activity", "sale", "consent_decision", "identifier_owner", "identity_link", "person", "member"})


@dataclass(frozen=True)
class Since:
    """The last run over everyone: its moment, what has not been looked at since, and which tables were rewritten."""

    last: Moment
    pending: Changed
    rewritten: frozenset[str]


def rewritten_since(connection: Connection, at: int) -> frozenset[str]:
    """The tables that changed after the instant and are not followed person by person."""
    rows = connection.exec_driver_sql("SELECT relation FROM change WHERE at > ?", (at,))
    return frozenset(str(name) for (name,) in rows) - _FOLLOWED - {"segment_member"}


def cause_of(
    connection: Connection, site: Site, segment: Live, *, now: Moment, since: Since, person: bytes, kept: bool
) -> str:
    """fact, time, score, segment, pin or drift: why the rule says today other than what was kept."""
    if since.pending.everyone or person in since.pending.persons:
        return "fact"
    pinned = "SELECT 1 FROM segment_pin WHERE segment_id = ? AND person_id = ?"
    if connection.exec_driver_sql(pinned, (segment.id, person)).fetchone():
        return "pin"
    possible = False
    for moment in _moments(site, since.last, now):
        leaves = leaf_values(connection, segment, moment, person)
        if combined(segment.rule, leaves) == kept:
            return "time"
        possible = possible or _may_be(connection, segment, since, leaves, person)
    if possible:
        return "segment" if "segment_member" in since.rewritten & segment.compiled.reads else "score"
    return DRIFT


def _may_be(connection: Connection, segment: Live, since: Since, leaves: tuple[bool, ...], person: bytes) -> bool:
    """Whether the rule could have been the other way with the tables as they were."""
    moved = since.rewritten | (REFERENCES & since.pending.relations)
    if "consent_decision" in segment.compiled.reads and _ran_out(connection, since.last.at, person):
        moved |= {"consent_decision"}
    truths: list[Truth] = unknown_leaves(segment, moved, leaves)
    return combined(segment.rule, truths) is None


def _ran_out(connection: Connection, at: int, person: bytes) -> bool:
    """Whether a grant of the person ended after the instant: consents end by the minute."""
    row = connection.exec_driver_sql(
        "SELECT 1 FROM identifier_owner o JOIN consent_decision d ON d.identifier_id = o.identifier_id "
        "WHERE o.person_id = ? AND d.expires_at > ? LIMIT 1",
        (person, at),
    )
    return row.fetchone() is not None


def _moments(site: Site, last: Moment, now: Moment) -> Iterator[Moment]:
    """The last run's moment, the end of each day since, and now."""
    yield last
    first = max(last.date, now.date - timedelta(days=_DAYS))
    for number in range((now.date - first).days):
        day = (first + timedelta(days=number)).isoformat()
        yield replace(now, day=day, at=day_bounds(day, site.zone, site.day_starts_minute)[1] - 1)
    yield now


def as_of(now: Moment, at: int, day: str) -> Moment:
    """The moment of an earlier run."""
    return replace(now, at=at, day=date.fromisoformat(day).isoformat())
