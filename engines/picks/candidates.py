"""What could be done about a person, with the chance that it changes something and the money at stake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.contract import Moment
from engines.picks.evidence import Evidence, Z
from engines.picks.matrix import Ints
from models.settings import setting_named

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AHEAD_DAYS = 14
LATELY_DAYS = 14
ASK_AGAIN_DAYS = 180
GONE_DAYS = 365
WITH_OFFER = ("win_back", "anniversary")


@dataclass(frozen=True)
class Assumptions:
    """What the mall assumes (settings): its margin on sales, the part of a propensity that counts as an effect where no
    holdout has shown one, the cost of a message by channel (email, sms, push, wechat) and of an offer; minor units."""

    margin: float
    unproven: float
    costs: tuple[float, ...]
    offer: float


def assumed(setting: pa.Table) -> Assumptions:
    """The settings in force."""
    told = {row["name"]: json.loads(row["value"]) for row in setting.to_pylist()}

    def value(name: str) -> float:
        return float(told.get(name, setting_named(name).default))

    margin = value("attribution.margin_share") or 1.0  # nobody said what the mall keeps: money is then sales
    costs = tuple(value(f"picks.cost_{way}_minor") for way in ("email", "sms", "push", "wechat"))
    return Assumptions(margin, value("picks.unproven_share"), costs, value("picks.offer_cost_minor"))


@dataclass(frozen=True)
class Candidate:
    """One action over all people: for whom it may be thought of, the chance that it makes a purchase, the money of that
    purchase (minor units), and its subject: a code by person's place, '' for none."""

    action: str
    eligible: Flags
    chance: Floats
    stake: Floats
    subjects: Sequence[str] | str = field(default="")

    def subject(self, place: int) -> str:
        """The code of the shop, campaign or occasion that it is about."""
        return self.subjects if isinstance(self.subjects, str) else self.subjects[place]

    def expected(self, assumptions: Assumptions, cost: Floats) -> Floats:
        """chance x stake x margin - cost of the message - cost of the offer, minor units; 0 where not eligible."""
        offer = assumptions.offer if self.action in WITH_OFFER else 0.0
        worth = self.chance * self.stake * assumptions.margin - cost - offer
        return np.where(self.eligible, 0.0 if self.action == "feedback" else worth, 0.0)


def candidates(
    moment: Moment, contact: pa.Table, frames: Mapping[str, pa.Table], evidence: Mapping[str, Evidence],
    assumptions: Assumptions,
) -> tuple[Candidate, ...]:  # fmt: skip
    """All of them in a fixed order, the question for feedback last."""
    people = contact.column("person_id")

    def known(frame: pa.Table, column: str, otherwise: float = np.nan) -> Floats:
        return _joined(people, frame, column, otherwise)

    churn, value = frames["person_churn"], frames["person_value"]
    recency, leaves, spend = known(churn, "recency_days"), known(churn, "p"), known(value, "spend_minor")
    answers = _respond(people, frames["person_propensity"])
    bought = np.isfinite(spend) & (spend > 0)
    risky = _marked(people, churn, "band", ("medium", "high"))
    stake = np.where(bought, spend, 0.0)
    shop, shop_chance, shop_price = _second_shop(people, frames["person_pick"], frames["pick_item"])
    invited, invitable = _invitation(moment, people, frames)

    def effect(action: str, p: Floats) -> Floats:
        return changed(evidence[action], np.nan_to_num(p), assumptions.unproven)

    able = bought & np.isfinite(answers)
    return (
        Candidate("win_back", able & risky & (recency <= GONE_DAYS), effect("win_back", answers * leaves), stake),
        Candidate("second_shop", bought & (shop_chance > 0), effect("second_shop", shop_chance), shop_price, shop),
        Candidate("invite", able & invitable, effect("invite", answers), stake, invited),
        Candidate("anniversary", able & _anniversary(moment, contact), effect("anniversary", answers), stake),
        Candidate("feedback", _to_ask(contact, recency), np.zeros(len(people)), np.zeros(len(people))),
    )


def changed(evidence: Evidence, p: Floats, unproven: float) -> Floats:
    """The chance that the action itself makes a purchase.

    Measured or harmful: what the held-out people showed, the same for everyone, since who is likely to answer need not
    be who is changed most. None: an assumed part of the propensity. Unclear: that assumption, as uncertain as it is
    large, brought up to date by the holdout's figure (the mean of two normals weighed by their precision).
    """
    prior = unproven * p
    if evidence.effect is None or evidence.low is None or evidence.high is None:
        return prior
    if evidence.state != "unclear":
        return np.full(p.size, evidence.effect)
    error = ((evidence.high - evidence.low) / (2 * Z)) ** 2
    return (prior * error + evidence.effect * prior**2) / np.maximum(error + prior**2, 1e-12)


def _respond(people: pa.ChunkedArray, propensity: pa.Table) -> Floats:
    """The chance to answer a message; the mall's average for who was never sent one, NaN where nobody was."""
    import pyarrow.compute as pc

    asked = propensity.filter(pc.equal(propensity.column("model"), "respond"))
    found = _joined(people, asked, "p", np.nan)
    mean = float(np.sort(asked.column("p").to_numpy()).mean()) if asked.num_rows else np.nan
    return np.where(np.isfinite(found), found, mean)


def _second_shop(people: pa.ChunkedArray, picks: pa.Table, items: pa.Table) -> tuple[list[str], Floats, Floats]:
    """The best shop of a personal list that the person has not bought at: code, chance of a purchase, price."""
    by = {row["number"]: row for row in items.to_pylist()}
    names = ("person_id", "picks", "basis")
    rows = zip(*(picks.column(n).to_pylist() for n in names), strict=True)
    lists = {person: told for person, told, basis in rows if basis != "popular"}
    codes, chance, price = [], np.zeros(len(people)), np.zeros(len(people))
    for place, person in enumerate(people.to_pylist()):
        told = json.loads(lists.get(person, "[]"))
        best: list[Any] | None = next((p for p in told if p[4]), None)
        codes.append(by[best[0]]["code"] if best else "")
        if best:
            chance[place], price[place] = best[1], by[best[0]]["price_minor"]
    return codes, chance, price


def _invitation(moment: Moment, people: pa.ChunkedArray, frames: Mapping[str, pa.Table]) -> tuple[list[str], Flags]:
    """The campaign that runs, else the occasion that runs or begins within 14 days; of campaigns that who was sent it,
    or held out of it, is not invited to again."""
    ahead = (moment.date + timedelta(days=AHEAD_DAYS)).isoformat()
    running = [r["code"] for r in frames["campaign"].to_pylist() if r["from_day"] <= moment.day <= r["to_day"]]
    coming = [
        (r["from_day"], r["code"]) for r in frames["occasion"].to_pylist()
        if r["from_day"] <= ahead and r["to_day"] >= moment.day
    ]  # fmt: skip
    had = {(r["person_id"], r["campaign"]) for r in frames["pick_assigned"].to_pylist()}
    occasion = min(coming)[1] if coming else ""
    told = []
    for person in people.to_pylist():
        free = next((code for code in sorted(running) if (person, code) not in had), "")
        held = any((person, code) in had for code in running)
        told.append(free or ("" if held else occasion))
    return told, np.array([bool(code) for code in told], bool)


def _anniversary(moment: Moment, contact: pa.Table) -> Flags:
    """Who joined on one of the next 14 days of some earlier year."""
    days = {(moment.date + timedelta(days=k)).isoformat()[5:] for k in range(AHEAD_DAYS)}
    year_ago = (moment.date - timedelta(days=350)).isoformat()
    joined = contact.column("joined_day").to_pylist()
    return np.array([bool(day) and _is_day(day) and day[5:] in days and day < year_ago for day in joined], bool)


def _is_day(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _to_ask(contact: pa.Table, recency: Floats) -> Flags:
    """Who bought within 14 days and has not answered a question for 180."""
    answered = np.asarray(contact.column("answered_days").to_numpy(zero_copy_only=False), float)
    return (recency <= LATELY_DAYS) & ~(answered < ASK_AGAIN_DAYS)


def _joined(people: pa.ChunkedArray, frame: pa.Table, column: str, otherwise: float) -> Floats:
    """A column of another frame in the order of the people."""
    at = _at(people, frame)
    values = np.asarray(frame.column(column).to_numpy(zero_copy_only=False), float)
    return np.where(at >= 0, values[at], otherwise) if values.size else np.full(len(people), otherwise)


def _marked(people: pa.ChunkedArray, frame: pa.Table, column: str, among: Sequence[str]) -> Flags:
    import pyarrow as pa
    import pyarrow.compute as pc

    at = _at(people, frame)
    values = np.asarray(pc.is_in(frame.column(column), pa.array(among)).to_numpy(), bool)
    return (at >= 0) & values[at] if values.size else np.zeros(len(people), bool)


def _at(people: pa.ChunkedArray, frame: pa.Table) -> Ints:
    import pyarrow.compute as pc

    found = pc.index_in(people, frame.column("person_id").combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)
