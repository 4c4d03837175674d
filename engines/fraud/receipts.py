"""Cases among receipts: slips used twice, bursts, two floors at once, round amounts at closing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.fraud.cases import Case
from engines.fraud.chances import at_least, coincidences, expected_below, false_share, hold, oddness, tail
from engines.fraud.relations import BURST_MINUTES, REPEAT_MINUTES

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]

FALSE_SHARE = 0.2
"""Slips used twice are listed while at most one in five of those as rare is chance's."""
EXPECTED_BURSTS = 0.05
"""A burst is listed where the mall's own thinning out gives fewer than this many of its size."""


def _column(rows: Rows, name: str) -> NDArray[np.int64]:
    return np.array([row[name] for row in rows], dtype=np.int64)


def repeats(rows: Rows, amounts: Rows) -> list[Case]:
    """The same tenant, amount and minutes on two cards: how rare that is, against what chance gives in all."""
    made: list[Case] = []
    for sources, alike in ((0, "carded"), (1, "receipts")):
        mine = [row for row in rows if row["sources"] == sources]
        if not mine or not amounts:
            continue
        same = float(amounts[0]["same_minute"]) * float(amounts[0]["same_day"])
        gaps = np.abs(_column(mine, "minute") - _column(mine, "other_minute"))
        rare = coincidences(_column(mine, "alike"), gaps, same)
        counts, combinations = _column(amounts, alike), _column(amounts, "combinations")
        odd = oddness(_column(mine, "alike"), gaps)
        expected = expected_below(odd, counts, combinations, REPEAT_MINUTES, same)
        kept = np.flatnonzero(false_share(odd, expected) <= FALSE_SHARE)
        group = _by_source if sources else _by_cards
        made += group([(mine[i], float(min(rare[i], 1.0))) for i in kept.tolist()])
    return made


def _by_cards(found: list[tuple[dict[str, Any], float]]) -> list[Case]:
    """One case for each tenant and two cards."""
    groups: dict[tuple[bytes, bytes, bytes], list[tuple[dict[str, Any], float]]] = {}
    for row, chance in found:
        first, second = sorted((row["holder_id"], row["other_holder_id"]))
        groups.setdefault((row["tenant_id"], first, second), []).append((row, chance))
    return [
        _repeated("duplicate", "-".join(part.hex() for part in key), key[0], key[1:], mine)
        for key, mine in sorted(groups.items())
    ]


def _by_source(found: list[tuple[dict[str, Any], float]]) -> list[Case]:
    """One case for each tenant whose receipts two sources report."""
    groups: dict[bytes, list[tuple[dict[str, Any], float]]] = {}
    for row, chance in found:
        groups.setdefault(row["tenant_id"], []).append((row, chance))
    return [_repeated("double_source", key.hex(), key, (), mine) for key, mine in sorted(groups.items())]


def _repeated(
    kind: str, key: str, tenant: bytes, holders: tuple[bytes, ...], found: list[tuple[dict[str, Any], float]]
) -> Case:
    rows = sorted(
        found, key=lambda each: (each[0]["day"], each[0]["minute"], each[0]["sale_id"], each[0]["other_sale_id"])
    )
    days = [row["day"] for row, _ in rows]
    chance = float(np.prod([chance for _, chance in rows[:20]]))
    evidence = tuple(
        {
            "day": row["day"], "minute": row["minute"], "other_minute": row["other_minute"],
            "amount_minor": row["net_minor"], "holder": _hex(row["holder_id"]), "other": _hex(row["other_holder_id"]),
            "alike": row["alike"],
        }
        for row, _ in rows
    )  # fmt: skip
    amount = sum(row["net_minor"] for row, _ in rows)
    return Case(kind, key, tenant, holders, min(days), max(days), chance, amount, {"receipts": 2 * len(rows)}, evidence)


def _hex(holder: bytes | None) -> str | None:
    return None if holder is None else holder.hex()


def bursts(rows: Rows) -> list[Case]:
    """Many receipts of one card within half an hour: beyond what the card did before and what the mall's cards do."""
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: (row["holder_id"], row["day"]))
    levels = [int(ordered[0][name]) for name in ("card_days", "days_2", "days_3")]
    most = _column(ordered, "most")
    expected = tail(most, *levels)
    beyond = (expected <= EXPECTED_BURSTS) & (most > _column(ordered, "usual") + 1)
    made = []
    for i in np.flatnonzero(beyond).tolist():
        row = ordered[i]
        facts = {"receipts": row["most"], "minutes": BURST_MINUTES, "usual": row["usual"], "tenants": row["tenants"]}
        shown = {
            "day": row["day"], "minute": row["first_minute"], "other_minute": row["last_minute"],
            "amount_minor": row["net_minor"], "holder": row["holder_id"].hex(), "receipts": row["most"],
            "tenants": row["tenants"],
        }  # fmt: skip
        made.append(
            Case("burst", f"{row['holder_id'].hex()}:{row['day']}", None, (row["holder_id"],), row["day"], row["day"],
                 float(min(expected[i], 1.0)), row["net_minor"], facts, (shown,))
        )  # fmt: skip
    return made


def distant(rows: Rows) -> list[Case]:
    """Cards that are on two far floors at once more often than the mall's cards are, given how often they pair up."""
    ordered = sorted(rows, key=lambda row: row["holder_id"])
    if not ordered:
        return []
    pairs, found = _column(ordered, "pairs"), _column(ordered, "distant")
    everyone, everything = int(ordered[0]["all_distant"]), max(int(ordered[0]["all_pairs"]), 1)
    usual = (everyone - found + 1) / (everything - pairs + 1)
    chances = at_least(found, pairs, usual)
    standing = hold(chances, int(ordered[0]["cards"])) & (found >= 2)
    return [
        Case(
            "distant", row["holder_id"].hex(), None, (row["holder_id"],), row["first_day"], row["last_day"],
            float(chances[i]), row["net_minor"], {"times": row["distant"], "pairs": row["pairs"]},
            ({"day": row["last_day"], "holder": row["holder_id"].hex(), "times": row["distant"],
              "amount_minor": row["net_minor"]},),
        )
        for i, row in enumerate(ordered)
        if standing[i]
    ]  # fmt: skip


def closing(rows: Rows) -> list[Case]:
    """Cards with far more round amounts at closing than the tenant's receipts have: what staff slips look like."""
    ordered = sorted(rows, key=lambda row: (row["tenant_id"], row["holder_id"]))
    if not ordered:
        return []
    odd, receipts = _column(ordered, "odd"), _column(ordered, "receipts")
    others = _column(ordered, "tenant_receipts") - receipts
    usual = (_column(ordered, "tenant_odd") - odd + 1) / (others + 1)
    chances = at_least(odd, receipts, usual)
    standing = hold(chances, int(ordered[0]["pairs"]))
    return [
        Case(
            "closing", f"{row['tenant_id'].hex()}-{row['holder_id'].hex()}", row["tenant_id"], (row["holder_id"],),
            row["first_day"], row["last_day"], float(chances[i]), row["net_minor"],
            {"odd": row["odd"], "receipts": row["receipts"], "usual": float(100 * usual[i])},
            ({"day": row["last_day"], "holder": row["holder_id"].hex(), "receipts": row["receipts"],
              "times": row["odd"], "amount_minor": row["net_minor"]},),
        )
        for i, row in enumerate(ordered)
        if standing[i]
    ]  # fmt: skip
