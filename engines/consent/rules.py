"""The rules of consent and of contact, without a store: what decisions, suppressions and a policy say of one moment.

Consent is per purpose and channel, append-only; a later decision on the same identifier replaces an earlier one
(General Data Protection Regulation, articles 6(1)(a) and 7(3): withdrawing is as easy as giving; Personal
Information Protection Law of China, articles 14 to 16). Of several identifiers of one person the strictest counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from models.times import local_time

Purpose = Literal["marketing", "profiling", "service", "research"]
Reason = Literal[
    "granted",
    "no_consent",
    "denied",
    "withdrawn",
    "expired",
    "suppressed",
    "capped",
    "no_address",
    "restricted",
    "erased",
]

PURPOSES = ("marketing", "profiling", "service", "research")
CHANNELS = ("email", "sms", "push", "wechat", "phone", "post", "any")
DECISIONS = ("grant", "deny", "withdraw")
#: Outcomes of one identifier from the mildest to the strictest.
STRICTNESS: tuple[Reason, ...] = ("granted", "expired", "withdrawn", "denied")
#: Kinds of identifier through which a channel reaches somebody. A card stands for the membership, whose account
#: the app and the mini programme belong to, and whose form holds the postal address.
ADDRESSES: dict[str, tuple[str, ...]] = {
    "email": ("email",),
    "sms": ("phone",),
    "phone": ("phone",),
    "push": ("device", "card"),
    "wechat": ("wechat", "card"),
    "post": ("card",),
    "any": ("email", "phone", "device", "wechat", "card"),
}
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Gate:
    """Whether somebody may be contacted, and why (not): `reason` is granted where `yes`."""

    yes: bool
    reason: Reason


@dataclass(frozen=True)
class Said:
    """One decision on an identifier: `channel` may be any; instants are UTC milliseconds."""

    identifier: bytes
    purpose: str
    channel: str
    decision: str
    at: int
    expires_at: int | None = None


@dataclass(frozen=True)
class Policy:
    """At most `most` messages of a class through a channel (or any) in `days` rolling days; 0 is no cap.

    Quiet hours run from `quiet_from` to `quiet_to`, minutes of the local day, over midnight where from is later.
    """

    message_class: str
    channel: str
    most: int
    days: int
    quiet_from: int | None = None
    quiet_to: int | None = None


#: What holds where a site has decided nothing: two marketing messages a week, none from 21:00 to 09:00.
DEFAULT_POLICIES = (Policy("marketing", "any", 2, 7, 21 * 60, 9 * 60),)


def gate(reason: Reason) -> Gate:
    """The gate of a reason: open for granted alone."""
    return Gate(reason == "granted", reason)


def allowed(decisions: Iterable[Said], suppressed: bool, purpose: str, channel: str, now_ms: int) -> Gate:
    """What a person's decisions say at `now_ms` of a purpose and channel.

    A decision on channel any counts for every channel. The newest of each identifier counts (of two at the same
    instant the stricter), decisions after `now_ms` not at all, and of the identifiers the strictest. A grant ends
    at its expiry. A suppression wins over everything.
    """
    if suppressed:
        return gate("suppressed")
    newest: dict[bytes, tuple[int, int]] = {}
    for said in decisions:
        if said.purpose != purpose or said.channel not in (channel, "any") or said.at > now_ms:
            continue
        rank = said.at, STRICTNESS.index(_outcome(said, now_ms))
        newest[said.identifier] = max(newest.get(said.identifier, rank), rank)
    if not newest:
        return gate("no_consent")
    return gate(STRICTNESS[max(strict for _, strict in newest.values())])


def _outcome(said: Said, now_ms: int) -> Reason:
    if said.decision == "grant":
        return "expired" if said.expires_at is not None and said.expires_at <= now_ms else "granted"
    return "withdrawn" if said.decision == "withdraw" else "denied"


def capped(sent_at: Iterable[int], policy: Policy, now_ms: int, zone: ZoneInfo) -> bool:
    """Whether a policy forbids a message at `now_ms`: its window is full, or these are quiet hours.

    `sent_at` are the instants of earlier messages of the class, from all sources. Only marketing is ever capped:
    a service message (a receipt, a lost child) must go out.
    """
    if policy.message_class != "marketing":
        return False
    return full(sent_at, policy, now_ms) or quiet(policy, now_ms, zone)


def full(sent_at: Iterable[int], policy: Policy, now_ms: int) -> bool:
    """Whether as many messages as the policy allows went out in the rolling window that ends at `now_ms`."""
    if policy.most <= 0 or policy.days <= 0:
        return False
    first = now_ms - policy.days * DAY_MS
    return sum(first < at <= now_ms for at in sent_at) >= policy.most


def quiet(policy: Policy, now_ms: int, zone: ZoneInfo) -> bool:
    """Whether `now_ms` lies in the policy's quiet hours by the clock on the site's wall, whatever its offset is."""
    first, last = policy.quiet_from, policy.quiet_to
    if first is None or last is None or first == last:
        return False
    local = local_time(now_ms, zone)
    minute = local.hour * 60 + local.minute
    return first <= minute < last if first < last else minute >= first or minute < last
