"""What campaigns changed, by those they were held back from, and which campaigns answered unlike those before them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from engines.experiments.assignment import Mismatch, sample_ratio
from engines.experiments.effects import Effect, Share, Sums, compare_means, compare_shares, holm

FEWEST_HELD = 30
FEWEST_EARLIER = 4
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Lift:
    """What one measure of a campaign's people came to, at one tenant or ('') in the mall; see `campaign_effect`."""

    campaign: str
    measure: Literal["buyers", "receipts", "spend", "visitors"]
    tenant: str
    sent: int
    held: int
    effect: Effect
    p_adjusted: float
    ratio: Mismatch
    days_left: int


@dataclass(frozen=True)
class Rate:
    """A campaign's rate of one stage beside the band that earlier campaigns lead one to expect."""

    campaign: str
    stage: str
    people: int
    hits: int
    rate: float
    middle: float | None
    low: float | None
    high: float | None
    earlier: int
    state: Literal["new", "usual", "low", "high"]


def lifts(rows: Iterable[Mapping[str, Any]], shares: Mapping[str, float | None]) -> list[Lift]:
    """Every campaign with at least 30 people held back; `shares` is each campaign's planned holdout share."""
    found: list[Lift] = []
    for campaign, mine in sorted(_by_campaign(rows).items()):
        sent, held = mine.get(("sent", "")), mine.get(("held", ""))
        if sent is None or held is None or min(sent["people"], held["people"]) < FEWEST_HELD:
            continue
        share = shares.get(campaign)
        planned = share if share and 0 < share < 1 else None
        counts = [sent["people"], held["people"]]
        ratio = sample_ratio(counts, [1 - planned, planned]) if planned else Mismatch(None, "unknown")
        left = max(sent["days_left"], held["days_left"])
        head = (campaign, sent["people"], held["people"], ratio, left)
        found += _whole(head, sent, held)
        found += _tenants(head, mine)
    return found


def rates(rows: Iterable[Mapping[str, Any]]) -> list[Rate]:
    """Each campaign's rates against the campaigns that began before it."""
    sent = sorted(
        (row for row in rows if row["arm"] == "sent" and row["tenant"] == ""),
        key=lambda row: (row["first_at"], row["campaign"]),
    )
    found = []
    for stage in ("openers", "clickers", "returned"):
        past: list[tuple[int, int]] = []
        for row in sent:
            hits, people = min(row[stage], row["people"]), row["people"]
            found.append(_judged(row["campaign"], stage, hits, people, past))
            past.append((hits, people))
    return found


def _by_campaign(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[tuple[str, str], Mapping[str, Any]]]:
    grouped: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        grouped[row["campaign"]][row["arm"], row["tenant"]] = row
    return grouped


def _whole(head: tuple[str, int, int, Mismatch, int], a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Lift]:
    campaign, sent, held, ratio, left = head
    made: tuple[tuple[Literal["buyers", "receipts", "spend", "visitors"], Effect], ...] = (
        ("buyers", compare_shares(Share(a["buyers"], sent), Share(b["buyers"], held))),
        ("visitors", compare_shares(Share(a["visitors"], sent), Share(b["visitors"], held))),
        ("receipts", compare_means(_sums(a, sent, "receipts"), _sums(b, held, "receipts"))),
        ("spend", compare_means(_sums(a, sent, "net"), _sums(b, held, "net"))),
    )
    for measure, effect in made:
        yield Lift(campaign, measure, "", sent, held, effect, effect.p, ratio, left)


def _tenants(head: tuple[str, int, int, Mismatch, int], mine: Rows) -> list[Lift]:
    campaign, sent, held, ratio, left = head
    codes = sorted({tenant for _, tenant in mine} - {"", "?"})
    made = []
    for code in codes:
        a, b = (mine.get((arm, code)) for arm in ("sent", "held"))
        effect = compare_means(_sums(a, sent, "net"), _sums(b, held, "net"))
        made.append(Lift(campaign, "spend", code, sent, held, effect, effect.p, ratio, left))
    adjusted = holm([lift.effect.p for lift in made])
    return [replace(lift, p_adjusted=p) for lift, p in zip(made, adjusted, strict=True)]


def _sums(row: Mapping[str, Any] | None, people: int, what: str) -> Sums:
    if row is None:
        return Sums(people, 0.0, 0.0)
    total = row["net_minor"] if what == "net" else row[what]
    return Sums(people, float(total), float(row[f"{what}_squares"]))


def _judged(campaign: str, stage: str, hits: int, people: int, past: list[tuple[int, int]]) -> Rate:
    """The rate against the predictive band of earlier rates: a normal on the logit scale, Student's t for few, with
    the noise of this campaign's own size."""
    rate = hits / people if people else 0.0
    if len(past) < FEWEST_EARLIER or not people:
        return Rate(campaign, stage, people, hits, rate, None, None, None, len(past), "new")
    from scipy.special import stdtrit

    seen = [_logit(h, n) for h, n in past]
    middle = sum(seen) / len(seen)
    usual = 1 / (1 + math.exp(-middle))
    noise = 1 / max(people * usual * (1 - usual), 1e-9)
    spread = sum((v - middle) ** 2 for v in seen) / (len(seen) - 1) * (1 + 1 / len(seen))
    half = float(stdtrit(len(seen) - 1, 0.975)) * math.sqrt(spread + noise)
    low, high = (1 / (1 + math.exp(-max(-700.0, min(700.0, middle + side * half)))) for side in (-1, 1))
    like = (hits + 0.5) / (people + 1)  # the same half as in the logit, so that 0 of many is not below 0 of many
    state: Literal["usual", "low", "high"] = "low" if like < low else "high" if like > high else "usual"
    return Rate(campaign, stage, people, hits, rate, usual, low, high, len(past), state)


def _logit(hits: int, people: int) -> float:
    """The logit with half a success and half a failure added, so that 0 and 1 stay finite."""
    return math.log((hits + 0.5) / (people - hits + 0.5))
