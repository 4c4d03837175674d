"""A customer's timeline: every sale and activity known by any of the person's identifiers, newest first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from models.store import Store

Group = Literal["purchases", "visits", "messages", "answers", "membership", "other"]
GROUPS: dict[str, Group] = {
    "sale": "purchases", "return": "purchases", "visit": "visits", "campaign_sent": "messages",
    "campaign_opened": "messages", "campaign_clicked": "messages", "campaign_holdout": "messages",
    "nps": "answers", "csat": "answers", "ces": "answers", "join": "membership", "referral": "membership",
    "referred": "membership",
}  # fmt: skip
"""The group of each known kind; a kind that only an import knows belongs to `other`."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `key` pages on. `minute` is -1 where the time of day is not known.

    Kinds are those of activities, and: sale, return (a receipt below zero), referred (brought someone else).
    """

    key: tuple[int, bytes]
    day: str
    minute: int
    kind: str
    tenant: str | None
    tenant_zh: str | None
    campaign: str | None
    campaign_zh: str | None
    zone: str | None
    zone_zh: str | None
    amount_minor: int | None
    score: float | None
    props: dict[str, Any] = field(default_factory=dict)


def timeline(
    store: Store,
    person_id: bytes,
    *,
    groups: Collection[Group] = (),
    limit: int = 40,
    after: tuple[int, bytes] | None = None,
) -> list[Entry]:
    """The newest entries of these groups (all of them where none is named); `after` is the last entry's key."""
    at, last = after or (None, None)
    known = json.dumps(list(GROUPS))
    kinds = json.dumps([kind for kind, group in GROUPS.items() if group in groups])
    with store.read() as connection:
        rows: Sequence[Any] = connection.exec_driver_sql(
            _ENTRIES,
            {
                "person": person_id, "at": at, "last": last, "limit": limit, "any": not groups, "kinds": kinds,
                "known": known, "other": "other" in groups,
            },
        ).fetchall()  # fmt: skip
    return [_entry(row) for row in rows]


def _entry(row: Any) -> Entry:
    at, id_, day, minute, kind, tenant, tenant_zh, campaign, campaign_zh, zone, zone_zh, amount, score, props = row
    return Entry(
        (at, bytes(id_)), day, minute, kind, tenant, tenant_zh, campaign, campaign_zh, zone, zone_zh, amount, score,
        json.loads(props or "{}"),
    )  # fmt: skip


def timeline_counts(store: Store, person_id: bytes) -> dict[Group, int]:
    """How many entries each group has."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"WITH {_OWNED} SELECT kind, count(*) FROM ({_EVERYTHING}) GROUP BY kind",  # noqa: S608
            {"person": person_id},
        ).fetchall()
    counts = Counter[Group]()
    for kind, count in rows:
        counts[GROUPS.get(kind, "other")] += count
    return dict(counts)


_OWNED = "owned AS (SELECT identifier_id AS i FROM identifier_owner WHERE person_id = :person)"
_EVERYTHING = """
  SELECT at, id, day, minute, CASE WHEN net_minor < 0 THEN 'return' ELSE 'sale' END AS kind, tenant_id,
         NULL AS campaign_id, NULL AS zone_code, net_minor AS amount, NULL AS score, NULL AS props
  FROM sale WHERE identifier_id IN (SELECT i FROM owned)
  UNION ALL
  SELECT at, id, day, minute, kind, tenant_id, campaign_id, zone_code, amount_minor, score, props
  FROM activity WHERE identifier_id IN (SELECT i FROM owned)
  UNION ALL
  SELECT at, id, day, minute, 'referred', NULL, NULL, NULL, NULL, NULL, NULL
  FROM activity WHERE related_id IN (SELECT i FROM owned) AND kind = 'referral'
"""
_ENTRIES = f"""
WITH {_OWNED}
SELECT x.at, x.id, x.day, x.minute, x.kind, t.name, t.name_zh, c.name, c.name_zh, coalesce(z.name, x.zone_code),
       z.name_zh, x.amount, x.score, x.props
FROM ({_EVERYTHING}) x
LEFT JOIN tenant t ON t.id = x.tenant_id LEFT JOIN campaign c ON c.id = x.campaign_id
LEFT JOIN zone z ON z.code = x.zone_code
WHERE (:at IS NULL OR (x.at, x.id) < (:at, :last))
  AND (:any OR x.kind IN (SELECT value FROM json_each(:kinds))
       OR (:other AND x.kind NOT IN (SELECT value FROM json_each(:known))))
ORDER BY x.at DESC, x.id DESC LIMIT :limit
"""  # noqa: S608
