"""Who may be contacted now, and what a person has decided."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from engines.consent.rules import ADDRESSES, DAY_MS, DEFAULT_POLICIES, STRICTNESS, Gate, Policy, Reason, gate, quiet
from models.connection import Connection
from models.store import Store

#: A campaign's channel as consent calls it; others have one name.
CAMPAIGN_CHANNELS = {"app": "push"}

# CROSS JOIN keeps SQLite to this order: from the people asked for to their few decisions.
_SAID = """
WITH asked AS MATERIALIZED (SELECT unhex(value) AS id FROM json_each(:people)),
said AS (
  SELECT asked.id AS person_id, CASE d.decision
           WHEN 'grant' THEN CASE WHEN d.expires_at <= :now THEN 1 ELSE 0 END
           WHEN 'withdraw' THEN 2 ELSE 3 END AS strict, d.identifier_id, d.at
  FROM asked CROSS JOIN identifier_owner o ON o.person_id = asked.id
  CROSS JOIN consent_decision d ON d.identifier_id = o.identifier_id
  WHERE d.purpose = :purpose AND d.channel IN (:channel, 'any') AND d.at <= :now
), newest AS (
  SELECT person_id, strict,
         row_number() OVER (PARTITION BY person_id, identifier_id ORDER BY at DESC, strict DESC) AS place
  FROM said
)
SELECT person_id, max(strict) FROM newest WHERE place = 1 GROUP BY person_id
"""
_SUPPRESSED = """
WITH asked AS MATERIALIZED (SELECT unhex(value) AS id FROM json_each(:people))
SELECT DISTINCT asked.id FROM asked CROSS JOIN identifier_owner o ON o.person_id = asked.id
CROSS JOIN identifier i ON i.id = o.identifier_id CROSS JOIN suppression s ON s.value_hmac = i.value_hmac
WHERE s.channel IN (:channel, 'any') AND s.at <= :now AND (s.until IS NULL OR s.until > :now)
"""
_RESTRICTED = (
    "SELECT r.person_id FROM json_each(:people) asked CROSS JOIN restriction r ON r.person_id = unhex(asked.value) "
    "WHERE r.until IS NULL OR r.until > :now"
)
_ADDRESSED = """
WITH asked AS MATERIALIZED (SELECT unhex(value) AS id FROM json_each(:people))
SELECT DISTINCT asked.id FROM asked CROSS JOIN identifier_owner o ON o.person_id = asked.id
CROSS JOIN identifier i ON i.id = o.identifier_id WHERE i.kind IN (SELECT value FROM json_each(:kinds))
"""
_ACTIVE = (
    "SELECT p.id FROM json_each(:people) asked CROSS JOIN person p ON p.id = unhex(asked.value) "
    "WHERE p.state = 'active'"
)
_SENT = """
SELECT o.person_id FROM activity a JOIN identifier_owner o ON o.identifier_id = a.identifier_id
LEFT JOIN campaign c ON c.id = a.campaign_id
WHERE a.kind = 'campaign_sent' AND a.day >= :day AND a.at > :first AND a.at <= :now
  AND (:channel = 'any' OR c.channel IN (SELECT value FROM json_each(:names)))
GROUP BY o.person_id HAVING count(*) >= :most
"""


@dataclass(frozen=True)
class Decided:
    """A decision of a person as a page shows it; instants are UTC milliseconds, `kind` that of the identifier."""

    kind: str
    purpose: str
    channel: str
    decision: str
    notice: str | None
    at: int
    expires_at: int | None
    actor: str


def may_contact(
    store: Store, person_ids: Iterable[bytes], purpose: str, channel: str, at_ms: int, *, sending: bool = False
) -> dict[bytes, Gate]:
    """Who of these people may be contacted at `at_ms`, and why not: a gate for each, in their order.

    Reasons are told in this order: erased (or merged, or never known), restricted, suppressed, the decisions'
    (`rules.allowed`), no_address, capped. Marketing is capped by what all campaigns sent in the policy's window. Quiet
    hours count only where `sending`: they say when to write, not to whom.
    """
    asked = list(person_ids)
    people = json.dumps([p.hex() for p in asked])
    given: dict[str, object] = {"people": people, "purpose": purpose, "channel": channel, "now": at_ms}
    with store.read() as connection:
        active = _people(connection, _ACTIVE, given)
        restricted = _people(connection, _RESTRICTED, given)
        suppressed = _people(connection, _SUPPRESSED, given)
        said = {bytes(p): STRICTNESS[s] for p, s in connection.exec_driver_sql(_SAID, given).fetchall()}
        kinds = json.dumps(ADDRESSES.get(channel, ()))
        addressed = _people(connection, _ADDRESSED, {**given, "kinds": kinds})
        full, silent = _capped(store, connection, purpose, channel, at_ms)

    def reason(person: bytes) -> Reason:
        if person not in active:
            return "erased"
        if person in restricted:
            return "restricted"
        if person in suppressed:
            return "suppressed"
        found: Reason = said.get(person, "no_consent")
        if found != "granted":
            return found
        if person not in addressed:
            return "no_address"
        return "capped" if person in full or (sending and silent) else "granted"

    return {person: gate(reason(person)) for person in asked}


def policies(store: Store) -> tuple[Policy, ...]:
    """The site's contact policies; those of the program where it has decided none."""
    with store.read() as connection:
        return _policies(connection)


def decisions_of(store: Store, person_id: bytes) -> list[Decided]:
    """Every decision of a person, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT i.kind, d.purpose, d.channel, d.decision, d.notice, d.at, d.expires_at, d.actor "
            "FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
            "JOIN consent_decision d ON d.identifier_id = i.id WHERE o.person_id = ? ORDER BY d.at DESC, d.id DESC",
            (person_id,),
        )
        return [Decided(*row) for row in rows]


def _people(connection: Connection, sql: str, given: dict[str, object]) -> set[bytes]:
    return {bytes(person) for (person,) in connection.exec_driver_sql(sql, given).fetchall()}


def _policies(connection: Connection) -> tuple[Policy, ...]:
    rows = connection.exec_driver_sql(
        "SELECT message_class, channel, most, days, quiet_from_minute, quiet_to_minute FROM contact_policy "
        "ORDER BY message_class, channel"
    ).fetchall()
    return tuple(Policy(*row) for row in rows) or DEFAULT_POLICIES


def _capped(store: Store, connection: Connection, purpose: str, channel: str, at_ms: int) -> tuple[set[bytes], bool]:
    """Everybody whose window is full by a policy of the purpose for the channel, and whether these are quiet hours."""
    full: set[bytes] = set()
    silent = False
    if purpose != "marketing":
        return full, silent
    for policy in _policies(connection):
        if policy.message_class != "marketing" or policy.channel not in (channel, "any"):
            continue
        silent = silent or quiet(policy, at_ms, store.site.zone)
        if policy.most > 0 and policy.days > 0:
            first = at_ms - policy.days * DAY_MS
            names = [policy.channel, *(name for name, ours in CAMPAIGN_CHANNELS.items() if ours == policy.channel)]
            full |= _people(
                connection, _SENT,
                {
                    # A business day is at most a day away from the instant's date in UTC.
                    "day": _date(first - 2 * DAY_MS), "first": first, "now": at_ms, "channel": policy.channel,
                    "names": json.dumps(names), "most": policy.most,
                },
            )  # fmt: skip
    return full, silent


def _date(at_ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
