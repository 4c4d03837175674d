"""Who the demo mall's members say they are: invented names, phones that nobody has, and some people twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.members import Members
from engines.demo.names import AREAS, FIRST_NAMES, GIVEN, LAST_NAMES, SURNAMES, pairs
from engines.demo.span import Flags, Floats, Ints, stream

DUPLICATES, SHARED_PHONES = 0.03, 0.02
#: Spend of the last year, in fen, from which a tier is held.
TIERS = ((5_000_000, "diamond"), (2_000_000, "platinum"), (600_000, "gold"), (-(2**62), "silver"))
CHANNELS = ("wechat", "app", "sms", "email")


@dataclass(frozen=True)
class Profiles:
    """What the programme knows of each member. `phone` and `email` are numbers of plain values or -1: two
    members with the same number gave the same one. `same_as` is the member a second card belongs to, or -1."""

    name: list[str]
    gender: list[str | None]
    birth_year: list[int | None]
    language: list[str]
    area: list[str]
    channel: list[str]
    phone: Ints
    email: Ints
    same_as: Ints


def make_profiles(members: Members, seed: int) -> Profiles:
    """Invented people; about one card in thirty is a second card of someone who has one already."""
    rng, count = stream(seed, "profiles"), members.count
    english = rng.random(count) < 0.14
    spellings = _spellings(rng, count, english)
    female, born = rng.random(count) < 0.59, rng.integers(1956, 2007, count)
    area = rng.choice(len(AREAS), count, p=(0.24, 0.14, 0.12, 0.13, 0.11, 0.11, 0.07, 0.08))
    same_as = _second_cards(rng, count)
    twin = np.flatnonzero(same_as >= 0)
    for i in twin:
        j = same_as[i]
        spellings[i] = (spellings[j][1], spellings[j][1])
        female[i], born[i], area[i] = female[j], born[j], area[j]
    phone = np.where(rng.random(count) < 0.93, np.arange(count), -1)
    email = np.where(rng.random(count) < 0.32, np.arange(count), -1)
    how = rng.random(len(twin))
    phone[twin[how < 0.55]] = phone[same_as[twin[how < 0.55]]]
    email[twin[how > 0.40]] = email[same_as[twin[how > 0.40]]]
    family = np.flatnonzero((rng.random(count) < SHARED_PHONES) & (same_as < 0) & (np.arange(count) > 0))
    phone[family] = phone[(family * rng.random(len(family))).astype(np.int64)]
    silent = rng.random((2, count))
    return Profiles(
        [first for first, _ in spellings],
        [None if s < 0.02 else ("f" if f else "m") for s, f in zip(silent[0], female, strict=True)],
        [None if s < 0.15 else int(y) for s, y in zip(silent[1], born, strict=True)],
        ["en" if e else "zh" for e in english],
        [AREAS[a] for a in area],
        [CHANNELS[c] for c in rng.choice(4, count, p=(0.62, 0.24, 0.09, 0.05))],
        phone.astype(np.int64), email.astype(np.int64), same_as,
    )  # fmt: skip


def _spellings(rng: np.random.Generator, count: int, english: Flags) -> list[tuple[str, str]]:
    """Each person's name and another way they write it: Chinese and pinyin, or with an initial."""
    surnames, given = pairs(SURNAMES), pairs(GIVEN)
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    weight = 1 / (np.arange(len(surnames)) + 4.0)
    family = rng.choice(len(surnames), count, p=weight / weight.sum())
    one, two = rng.integers(0, len(given), (2, count))
    short = rng.random(count) < 0.3
    made = []
    for i in range(count):
        if english[i]:
            a, b = first[one[i] % len(first)], last[two[i] % len(last)]
            made.append((f"{a} {b}", f"{a[0]}. {b}"))
            continue
        (zh, latin), g, h = surnames[family[i]], given[one[i]], given[two[i]]
        tail = ("", "") if short[i] else h
        made.append((f"{zh}{g[0]}{tail[0]}", f"{latin} {(g[1] + tail[1]).capitalize()}"))
    return made


def _second_cards(rng: np.random.Generator, count: int) -> Ints:
    same_as = np.full(count, -1, dtype=np.int64)
    twins = np.flatnonzero(rng.random(count) < DUPLICATES)
    for i in twins[twins > 0]:
        j = int(rng.integers(0, i))
        if same_as[j] < 0:
            same_as[i] = j
    return same_as


def card_number(member: int) -> str:
    """A member's card number."""
    return f"D{member + 1:07d}"


def phone_text(number: int) -> str:
    """A phone that cannot exist: no Chinese number begins with 000."""
    return f"000{(number * 48_271 + 12_345_678) % 100_000_000:08d}"


def email_text(number: int) -> str:
    """An address in the domain that is reserved for examples (RFC 2606)."""
    return f"member{number + 1}@example.com"


def tiers(spend_minor: Floats) -> list[str]:
    """The tier each member's spend of the last year holds."""
    return [next(name for limit, name in TIERS if spend >= limit) for spend in spend_minor]
