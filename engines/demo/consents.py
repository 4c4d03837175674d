"""What the demo mall's members allowed and refused, and whom nobody may write to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.identities import Profiles
from engines.demo.members import Members
from engines.demo.span import Flags, Ints, Span, stream

CHANNELS = ("wechat", "push", "sms", "email", "any")
#: The channel for which a member's preferred channel stands, and the sign a decision on it hangs on.
OF_PREFERRED = {"wechat": "wechat", "app": "push", "sms": "sms", "email": "email"}
SIGN_OF = {"wechat": "card", "push": "card", "sms": "phone", "email": "email", "any": "card"}
PURPOSES = ("marketing", "profiling", "service")
DECISIONS = ("grant", "deny", "withdraw")
NOTICES = ("privacy-1", "privacy-2")
#: Shares of members: no decision at all, refusing everything, allowing a further channel, withdrawing later.
SILENT, REFUSING, FURTHER, WITHDRAWING = 0.06, 0.10, 0.35, 0.07
PROFILING = (0.72, 0.18)
SHORT_SMS, SHORT_OTHERS, SUPPRESSED = 0.30, 0.05, 0.005
REASONS = ("bounced", "complaint", "asked")


@dataclass(frozen=True)
class Consents:
    """Decisions by time: member, sign (0 card, 1 phone, 2 email), numbers of purpose, channel and decision, instant,
    expiry (-1 for none) and number of the notice. `suppressed` are (member, channel, reason, instant)."""

    member: Ints
    sign: Ints
    purpose: Ints
    channel: Ints
    decision: Ints
    at: Ints
    expires: Ints
    notice: Ints
    suppressed: list[tuple[int, str, str, int]]


SIGNS = ("card", "phone", "email")
DAY_MS = 86_400_000


def make_consents(span: Span, members: Members, profiles: Profiles, seed: int) -> Consents:
    """Everybody's decisions up to now: at joining, and of some a withdrawal later."""
    rng, count = stream(seed, "consents"), members.count
    joined = span.at(members.day, members.minute) + 60_000
    has = {"card": np.ones(count, dtype=bool), "phone": profiles.phone >= 0, "email": profiles.email >= 0}
    mood, extra = rng.random(count), rng.random((count, 4))
    speaks, refuses = mood >= SILENT, mood < SILENT + REFUSING
    preferred = np.array([CHANNELS.index(OF_PREFERRED[c]) for c in profiles.channel])
    reachable = np.array([has[SIGN_OF[CHANNELS[c]]][i] for i, c in enumerate(preferred.tolist())])
    preferred = np.where(reachable, preferred, 0)
    rows = [_rows(np.flatnonzero(speaks & refuses), "marketing", "any", "deny", joined)]
    for number, channel in enumerate(CHANNELS[:4]):
        wants = (preferred == number) | (extra[:, number] < FURTHER)
        rows.append(_rows(np.flatnonzero(speaks & ~refuses & wants & has[SIGN_OF[channel]]), "marketing", channel,
                          "grant", joined))  # fmt: skip
    rows += _others(rng, count, speaks, joined)
    leaving = np.flatnonzero(speaks & ~refuses & (rng.random(count) < WITHDRAWING))
    later = joined + (rng.random(count) * np.maximum(span.until_ms - joined, 0)).astype(np.int64)
    whole = rng.random(len(leaving)) < 0.5
    rows.append(_rows(leaving[whole], "marketing", "any", "withdraw", later))
    for number, channel in enumerate(CHANNELS[:4]):
        rows.append(_rows(leaving[~whole & (preferred[leaving] == number)], "marketing", channel, "withdraw", later))
    return _finish(span, np.concatenate(rows), rng, _suppressed(span, rng, joined, has))


def _rows(who: Ints, purpose: str, channel: str, decision: str, at: Ints) -> Ints:
    """(member, sign, purpose, channel, decision, instant) a row."""
    fixed = (SIGNS.index(SIGN_OF[channel]), PURPOSES.index(purpose), CHANNELS.index(channel), DECISIONS.index(decision))
    made = np.empty((len(who), 6), dtype=np.int64)
    made[:, 0], made[:, 1:5], made[:, 5] = who, fixed, at[who]
    return made


def _others(rng: np.random.Generator, count: int, speaks: Flags, joined: Ints) -> list[Ints]:
    draw = rng.random(count)
    return [
        _rows(np.flatnonzero(speaks & (draw < PROFILING[0])), "profiling", "any", "grant", joined),
        _rows(np.flatnonzero(speaks & (draw >= 1 - PROFILING[1])), "profiling", "any", "deny", joined),
        _rows(np.flatnonzero(speaks), "service", "any", "grant", joined),
    ]


def _finish(span: Span, rows: Ints, rng: np.random.Generator, suppressed: list[tuple[int, str, str, int]]) -> Consents:
    rows = rows[rows[:, 5] < span.until_ms]
    rows = rows[np.lexsort((rows[:, 3], rows[:, 2], rows[:, 0], rows[:, 5]))]
    sms = rows[:, 3] == CHANNELS.index("sms")
    granted = (rows[:, 4] == 0) & (rows[:, 2] == 0)
    short = granted & (rng.random(len(rows)) < np.where(sms, SHORT_SMS, SHORT_OTHERS))
    expires = np.where(short, rows[:, 5] + np.where(sms, 180, 365) * DAY_MS, -1)
    notice = (rows[:, 5] >= span.starts[span.days // 2]).astype(np.int64)
    member, sign, purpose, channel, decision, at = rows.T
    return Consents(member, sign, purpose, channel, decision, at, expires, notice, suppressed)


def _suppressed(
    span: Span, rng: np.random.Generator, joined: Ints, has: dict[str, Flags]
) -> list[tuple[int, str, str, int]]:
    who = np.flatnonzero(has["phone"] & (rng.random(len(joined)) < SUPPRESSED))
    at = joined[who] + (rng.random(len(who)) * np.maximum(span.until_ms - joined[who], 0)).astype(np.int64)
    reason = rng.integers(0, len(REASONS), len(who))
    return [
        (int(m), "any" if REASONS[r] == "asked" else "sms", REASONS[r], int(t))
        for m, r, t in zip(who, reason, at, strict=True)
    ]


def describe() -> dict[str, object]:
    """The law's parameters, for the truth kept aside."""
    return {
        "silent": SILENT, "refusing": REFUSING, "further_channel": FURTHER, "withdrawing": WITHDRAWING,
        "profiling": PROFILING, "expiring": {"sms": SHORT_SMS, "others": SHORT_OTHERS}, "suppressed": SUPPRESSED,
    }  # fmt: skip
