"""Whether, through what and when a person may be written to: consent, contact policy, own openings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.consent.rules import ADDRESSES, DEFAULT_POLICIES, Policy
from engines.picks.matrix import Ints
from engines.picks.relations import LEAST_OPENS, WAYS

if TYPE_CHECKING:
    import pyarrow as pa

GATES = ("granted", "capped", "no_address", "expired", "no_consent", "withdrawn", "denied")
"""From what is nearest to a yes to what is furthest from it: of a person's channels the nearest is told."""
_STRICT = {0: 0, 1: 3, 2: 5, 3: 6, 9: 4}
PRIOR = 5.0
KERNEL = (0.25, 0.5, 0.25)
BATCH = 50_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ways:
    """Of each person: the place in WAYS of the best channel (-1 for none), the nearest gate as a place in GATES, and
    what the channel's choice rests on."""

    channel: Ints
    gate: Ints
    basis: list[str]


def gates(contact: pa.Table, prefix: str, *, capped: bool) -> Ints:
    """People x channels: the place in GATES, in the order that engines.consent.queries.may_contact asks."""
    kinds = {k: contact.column(f"has_{k}").to_numpy() > 0 for k in ("email", "phone", "device", "wechat", "card")}
    found = []
    for way in WAYS:
        said = contact.column(f"{prefix}{way}").to_numpy()
        gate = np.select([said == strict for strict in _STRICT], list(_STRICT.values()), GATES.index("no_consent"))
        addressed = np.logical_or.reduce([kinds[k] for k in ADDRESSES[way]])
        full = contact.column(f"full_{way}").to_numpy() > 0 if capped else np.zeros(gate.size, bool)
        allowed = gate == 0
        gate = np.where(allowed & ~addressed, GATES.index("no_address"), gate)
        found.append(np.where(allowed & addressed & full, GATES.index("capped"), gate))
    return np.stack(found, axis=1).astype(np.int64) if found else np.zeros((contact.num_rows, 0), np.int64)


def best_way(gate: Ints, opened: Floats, sent: Floats, stated: Sequence[str]) -> Ways:
    """The allowed channel that the person opens most: (opens + 5 x the mall's rate) / (sent + 5).

    Who was never sent anything gets the channel they named, where it is allowed.
    """
    rate = (opened.sum(axis=0) + 0.5) / (sent.sum(axis=0) + 1.0) * (sent.sum(axis=0) > 0)
    score = (opened + PRIOR * rate) / (sent + PRIOR)
    named = np.array([WAYS.index(_ours(name)) if _ours(name) in WAYS else -1 for name in stated], np.int64)
    fresh = (sent.sum(axis=1) == 0) & (named >= 0)
    score[np.flatnonzero(fresh), named[fresh]] = 2.0
    score = np.where(gate == 0, score, -1.0)
    channel = score.argmax(axis=1)
    rows = np.arange(channel.size)
    open_ = gate[rows, channel] == 0
    own = sent[rows, channel] > 0
    told = np.where(fresh & (channel == named), "stated", np.where(own, "own", "mall"))
    return Ways(np.where(open_, channel, -1), gate.min(axis=1), np.where(open_, told, "").tolist())


def best_minutes(
    people: int, hours: tuple[Ints, Ints, Ints], mall: Floats, channel: Ints, policies: Sequence[Policy]
) -> tuple[Ints, Ints]:
    """Of each person the minute of the day to write at (-1 for none), and their own openings where they are five.

    The hour with most own openings, neighbours counting half, shrunk by five openings of the mall's shape; quiet hours
    are left out. `hours` are (person, hour, openings).
    """
    shape = _smooth(mall[None, :] / mall.sum()) if mall.sum() else np.zeros((1, 24))
    allowed = np.stack([_open_hours(policies, way) for way in WAYS])
    any_hour = allowed.any(axis=1) & bool(mall.sum())
    usual = np.where(any_hour, np.where(allowed, shape, -1.0).argmax(axis=1) * 60, -1)
    minute = np.where(channel >= 0, usual[channel], -1)
    opens = np.bincount(hours[0], hours[2], people).astype(np.int64) if hours[0].size else np.zeros(people, np.int64)
    own = np.flatnonzero((opens >= LEAST_OPENS) & (channel >= 0))
    for first in range(0, own.size, BATCH):
        rows = own[first : first + BATCH]
        place = np.full(people, -1)
        place[rows] = np.arange(rows.size)
        mine = place[hours[0]] >= 0
        counts = np.zeros((rows.size, 24))
        counts[place[hours[0][mine]], hours[1][mine]] = hours[2][mine]
        score = np.where(allowed[channel[rows]], _smooth(counts) + PRIOR * shape, -1.0)
        minute[rows] = np.where(score.max(axis=1) >= 0, score.argmax(axis=1) * 60, -1)
    return minute.astype(np.int64), opens


def policies_of(frame: pa.Table) -> tuple[Policy, ...]:
    """The site's contact policies, those of the program where it has none."""
    return tuple(_policy(row) for row in frame.to_pylist()) or DEFAULT_POLICIES


def _policy(row: Mapping[str, Any]) -> Policy:
    named = (row[n] for n in ("message_class", "channel", "most", "days", "quiet_from_minute", "quiet_to_minute"))
    return Policy(*named)


def _ours(name: str) -> str:
    return "push" if name == "app" else name


def _smooth(counts: Floats) -> Floats:
    before, here, after = KERNEL
    return before * np.roll(counts, 1, axis=1) + here * counts + after * np.roll(counts, -1, axis=1)


def _open_hours(policies: Sequence[Policy], way: str) -> NDArray[np.bool_]:
    """The hours of the day whose first minute no quiet time of marketing covers."""
    found = np.ones(24, bool)
    for policy in policies:
        first, last = policy.quiet_from, policy.quiet_to
        if policy.message_class != "marketing" or policy.channel not in ("any", way) or first is None or last is None:
            continue
        start = np.arange(24) * 60
        quiet = (start >= first) & (start < last) if first <= last else (start >= first) | (start < last)
        found &= ~quiet
    return found
