"""Cases among referrals: chains that grow within a day and never buy, and people who bring themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.fraud.cases import Case
from engines.fraud.chances import at_least, hold

Rows = list[dict[str, Any]]

TOGETHER_MS = 24 * 3_600_000
LEAST_REFERRALS = 3
RIPE_MS = 7 * 86_400_000


def clusters(rows: Rows) -> list[Rows]:
    """Referrals that hang together: they share a person and are less than a day apart, directly or through others."""
    ordered = sorted(rows, key=lambda row: (row["at"], row["person_id"]))
    above = list(range(len(ordered)))

    def top(i: int) -> int:
        while above[i] != i:
            above[i] = above[above[i]]
            i = above[i]
        return i

    newest: dict[bytes, int] = {}
    for i, row in enumerate(ordered):
        for person in (row["person_id"], row["referrer_id"]):
            last = newest.get(person)
            if last is not None and row["at"] - ordered[last]["at"] < TOGETHER_MS:
                above[top(i)] = top(last)
            newest[person] = i
    groups: dict[int, Rows] = {}
    for i, row in enumerate(ordered):
        groups.setdefault(top(i), []).append(row)
    return [group for group in groups.values() if len(group) >= LEAST_REFERRALS]


def rings(rows: Rows, now: int) -> list[Case]:
    """Clusters whose people bought far more rarely than people who were brought usually do.

    Referrals of the last week are left out: their people have had no time to buy.
    """
    ripe = [row for row in rows if row["at"] <= now - RIPE_MS]
    found = clusters(ripe)
    if not found:
        return []
    never = sum(row["bought_days"] == 0 for row in ripe)
    sizes = np.array([len(group) for group in found], dtype=np.int64)
    idle = np.array([sum(row["bought_days"] == 0 for row in group) for group in found], dtype=np.int64)
    usual = (never - idle + 1) / (len(ripe) - sizes + 2)
    chances = at_least(idle, sizes, usual)
    standing = hold(chances, len(found)) & (idle >= LEAST_REFERRALS)
    return [_ring(found[i], int(idle[i]), float(chances[i])) for i in np.flatnonzero(standing).tolist()]


def _ring(group: Rows, idle: int, chance: float) -> Case:
    first = group[0]
    holders = tuple(sorted({row[name] for row in group for name in ("person_id", "referrer_id")}))
    evidence = tuple(
        {
            "day": row["day"], "holder": row["person_id"].hex(), "other": row["referrer_id"].hex(),
            "minutes": round((row["at"] - first["at"]) / 60_000), "bought": row["bought_days"],
        }
        for row in group
    )  # fmt: skip
    days = [row["day"] for row in group]
    hours = (group[-1]["at"] - first["at"]) / 3_600_000
    facts = {"referrals": len(group), "idle": idle, "people": len(holders), "hours": round(hours, 1)}
    return Case("ring", first["referrer_id"].hex() + ":" + first["day"], None, holders, min(days), max(days), chance, 0,
                facts, evidence)  # fmt: skip


def self_referrals(rows: Rows) -> list[Case]:
    """People whose referrer is a sign of their own: no chance is worked out, it is against the rules as it stands."""
    return [
        Case(
            "self_referral", row["person_id"].hex(), None, (row["person_id"],), row["first_day"], row["last_day"], 1e-6,
            0, {"referrals": row["referrals"]},
            ({"day": row["last_day"], "holder": row["person_id"].hex(), "times": row["referrals"]},),
        )
        for row in sorted(rows, key=lambda row: row["person_id"])
    ]  # fmt: skip
