"""What people do on the demo mall's site and in its app: members before and after joining, and of others."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from engines.demo.days import Days
from engines.demo.members import Members
from engines.demo.purchases import Receipts, fen, moments
from engines.demo.shops import Shops
from engines.demo.span import Flags, Floats, Ints, Span, stream

KINDS = ("page_view", "app_open", "offer_view", "signup", "visit", "review", "support")
#: Shares: members with the app, of them those who browsed before joining; people who never join, per member.
APP, EARLY, NEVER_JOIN = 0.40, 0.55, 0.16
BY_MAIL, LOOKERS_VISIT, LOOKERS_BUY = 0.30, 0.18, 0.06
#: Mean numbers before joining (over 3 to 40 days, ever more towards its day) and of people who never join (over 90).
BEFORE = {"page_view": 4.5, "app_open": 2.2, "offer_view": 2.4}
LOOKING = {"page_view": 2.6, "app_open": 1.0, "offer_view": 0.5}
#: Means a year of membership, for a member of mean purchase rate.
AFTER = {"page_view": 3.0, "app_open": 16.0, "offer_view": 6.0, "review": 0.5, "support": 0.25}
PAGES = ("home", "offers", "tenants", "events", "parking", "membership")
PROPS = tuple(json.dumps({"page": page, "seconds": s}) for page in PAGES for s in (6, 20, 45, 120))


@dataclass(frozen=True)
class Browsing:
    """Who browses. A sign's number: a member's card (0 and up, as members), then the signs of those who never join,
    then the apps of `owners`. Parallel arrays of sign, kind, day, minute, tenant, props and score (-1: none).

    `mail` says of each who never joins whether an e-mail address or a device is all that is known.
    """

    owners: Ints
    mail: Flags
    first_day: Ints
    buys: Ints
    sign: Ints
    kind: Ints
    day: Ints
    minute: Ints
    tenant: Ints
    props: Ints
    score: Ints


def make_browsing(span: Span, members: Members, shops: Shops, seed: int) -> Browsing:
    """Everything up to now, by time. `buys` are those who never join and yet buy, by their number among them."""
    rng, count = stream(seed, "browsing"), members.count
    owners = np.flatnonzero(rng.random(count) < APP)
    looking = max(round(NEVER_JOIN * count), 4)
    apps = count + looking + np.arange(len(owners))
    mail = rng.random(looking) < BY_MAIL
    first = rng.integers(0, span.days, looking)
    parts = [
        _before(members, owners, apps, rng), _after(span, members, owners, apps, rng),
        _looking(count + np.arange(looking), first, mail, rng),
    ]  # fmt: skip
    sign, kind, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    minute = np.where(np.isin(kind, (KINDS.index("visit"),)), 660, 480) + (rng.beta(2.2, 1.6, len(day)) * 600).astype(
        np.int64
    )
    past = (day >= 0) & (day < span.days)
    past[past] = span.happened(day[past], minute[past])
    order = np.lexsort((kind, sign, minute, day))
    order = order[past[order]]
    sign, kind, day, minute = sign[order], kind[order], day[order], minute[order]
    named = np.isin(kind, (KINDS.index("offer_view"), KINDS.index("review")))
    tenant = np.where(named, rng.choice(shops.count, len(kind), p=shops.share / shops.share.sum()), -1)
    props = np.where(kind == 0, rng.integers(0, len(PROPS), len(kind)), -1)
    score = np.where(kind == KINDS.index("review"), np.clip(np.rint(rng.normal(4.1, 1.0, len(kind))), 1, 5), -1)
    seen = np.full(looking, span.days, dtype=np.int64)
    lookers = (sign >= count) & (sign < count + looking)
    np.minimum.at(seen, sign[lookers] - count, day[lookers])
    buys = np.flatnonzero((rng.random(looking) < LOOKERS_BUY) & mail & (seen < span.days - 2))
    return Browsing(owners, mail, np.minimum(seen, first), buys, sign, kind, day, minute, tenant, props,
                    score.astype(np.int64))  # fmt: skip


Part = tuple[Ints, Ints, Ints]


def _draw(sign: Ints, mean: dict[str, float], scale: Floats, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """(position, sign, kind) of each activity: Poisson by kind."""
    at = [np.repeat(np.arange(len(sign)), rng.poisson(scale * n)) for n in mean.values()]
    kind = np.concatenate([np.full(len(a), KINDS.index(k)) for a, k in zip(at, mean, strict=True)])
    where = np.concatenate(at)
    return where, sign[where], kind.astype(np.int64)


def _before(members: Members, owners: Ints, apps: Ints, rng: np.random.Generator) -> Part:
    """Before joining: ever more often as the day comes near."""
    early = np.flatnonzero(rng.random(len(owners)) < EARLY)
    lead = rng.integers(3, 41, len(early))
    where, sign, kind = _draw(apps[early], BEFORE, rng.gamma(2.0, 0.5, len(early)), rng)
    back = np.ceil(rng.beta(1.0, 2.2, len(where)) * lead[where]).astype(np.int64)
    return sign, kind, members.day[owners[early[where]]] - np.maximum(back, 1)


def _after(span: Span, members: Members, owners: Ints, apps: Ints, rng: np.random.Generator) -> Part:
    """While a member: more of those who buy often, fading towards the day they drop out."""
    end = np.minimum(members.alive_until(), span.days - 1)
    lasts = np.maximum(end - members.day, 0)
    eager = np.sqrt(members.rate / members.rate.mean()) * lasts / 365
    made = []
    for who, sign, mean in (
        (owners, apps, AFTER),
        (
            np.setdiff1d(np.arange(members.count), owners),
            None,
            {k: AFTER[k] for k in ("page_view", "review", "support")},
        ),
    ):
        where, own, kind = _draw(who if sign is None else sign, mean, eager[who], rng)
        later = np.ceil(rng.beta(1.0, 1.4, len(where)) * lasts[who[where]]).astype(np.int64)
        made.append((own, kind, members.day[who[where]] + later))
    return (np.concatenate([m[0] for m in made]), np.concatenate([m[1] for m in made]),
            np.concatenate([m[2] for m in made]))  # fmt: skip


def _looking(signs: Ints, first: Ints, mail: Flags, rng: np.random.Generator) -> Part:
    """Those who never join: a few looks over three months, some a check-in; who left an address signed up for it."""
    where, sign, kind = _draw(signs, LOOKING, rng.gamma(1.2, 0.9, len(signs)), rng)
    kind = np.where(mail[where] & (kind == KINDS.index("app_open")), KINDS.index("page_view"), kind)
    day = first[where] + np.floor(rng.beta(0.8, 2.0, len(where)) * 90).astype(np.int64)
    come = np.flatnonzero(rng.random(len(signs)) < LOOKERS_VISIT)
    opening = np.where(mail, KINDS.index("signup"), KINDS.index("app_open"))
    return (np.concatenate([sign, signs, signs[come]]),
            np.concatenate([kind, opening, np.full(len(come), KINDS.index("visit"))]),
            np.concatenate([day, first, first[come] + rng.integers(1, 30, len(come))]))  # fmt: skip


def lookers_buy(span: Span, days: Days, shops: Shops, members: Members, browsing: Browsing, *, seed: int) -> Receipts:
    """One or two purchases of those who never join and yet buy: their slip goes to their e-mail address."""
    rng = stream(seed, "lookers buy")
    who = np.repeat(browsing.buys, rng.integers(1, 3, len(browsing.buys)))
    day = np.minimum(browsing.first_day[who] + 1 + rng.integers(0, 30, len(who)), span.days - 1)
    usual = shops.share * ((shops.opened < 0) & (shops.closed > 99_999))
    tenant = rng.choice(shops.count, len(who), p=usual / usual.sum())
    minute = moments(days, shops, tenant, day, rng)
    amount = fen(shops.ticket[tenant] * rng.gamma(2.2, 1 / 2.2, len(who)))
    none = np.full(len(who), -1, dtype=np.int64)
    return Receipts(members.count + who, tenant, day, minute, amount, none)


def describe() -> dict[str, object]:
    """The law's parameters, for the truth kept aside."""
    return {
        "app": APP, "browse_before_joining": EARLY, "never_join": NEVER_JOIN, "means_before": BEFORE,
        "means_of_those_who_never_join": LOOKING, "means_a_year_after": AFTER,
    }  # fmt: skip
