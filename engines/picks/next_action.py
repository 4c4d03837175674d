"""The next best action of each person: what is worth most of what they allow, or nothing and why. Nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engines.contract import Engine, Figure, Frames, Minimum, Moment, as_frame
from engines.picks.candidates import Candidate, assumed, candidates
from engines.picks.evidence import Evidence, found_for
from engines.picks.matrix import Ints
from engines.picks.outreach import GATES, Ways, best_minutes, best_way, gates, policies_of
from engines.picks.relations import (
    ACTION_EVIDENCE,
    ASSIGNED,
    CONTACT,
    HOURS,
    LEAST_OPENS,
    MALL_HOURS,
    NEXT_ACTION,
    OPENS,
    PERSON_PICK,
    PICK_ITEM,
    WAYS,
)  # fmt: skip
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

FROM_STORE = tuple(
    of_table(TABLES[name])
    for name in (
        "person_churn", "person_value", "person_propensity", "win_back", "campaign_effect", "campaign", "occasion",
        "contact_policy", "setting",
    )
)  # fmt: skip
VERSION = 1
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """Of each person: place of the action in the candidates (-1 none), of the best were all allowed, why none."""

    action: Ints
    wanted: Ints
    blocked: list[str]


def next_action(moment: Moment, **frames: pa.Table) -> Frames:
    """Rank what could be done about everyone, under their decisions and the contact policy as of the moment.

    What the store's suppressions forbid is taken out where it is read (engines.picks.queries): they are kept by digest
    and never leave the store.
    """
    contact = frames["pick_contact"].sort_by("person_id")
    people = contact.num_rows
    evidence = found_for(frames["win_back"].to_pylist(), frames["campaign_effect"].to_pylist())
    assumptions = assumed(frames["setting"])
    opened, sent = _openings(contact, frames["pick_opens"])
    ways = best_way(gates(contact, "", capped=True), opened, sent, contact.column("stated").to_pylist())
    asks = best_way(gates(contact, "ask_", capped=False), opened, sent, contact.column("stated").to_pylist())
    found = candidates(moment, contact, frames, evidence, assumptions)
    cost = np.where(ways.channel >= 0, np.array(assumptions.costs)[ways.channel], 0.0)
    expected = np.stack([c.expected(assumptions, cost) for c in found])
    chosen = _choose(expected, found, ways, asks, _profiled(contact))
    channel = np.where(chosen.action == len(found) - 1, asks.channel, ways.channel)
    channel = np.where(chosen.action >= 0, channel, -1)
    policies = policies_of(frames["contact_policy"])
    minute, opens = best_minutes(people, _hours(contact, frames["pick_hours"]), _mall(frames), channel, policies)
    rows = _Rows(moment, found, expected, chosen, ways, asks, channel, minute, opens, evidence, cost)
    return {NEXT_ACTION.name: rows.frame(contact), ACTION_EVIDENCE.name: _evidence(evidence)}


@dataclass(frozen=True)
class _Rows:
    """Everything decided, to be written as rows."""

    moment: Moment
    found: tuple[Candidate, ...]
    expected: Floats
    chosen: Choice
    ways: Ways
    asks: Ways
    channel: Ints
    minute: Ints
    opens: Ints
    evidence: Mapping[str, Evidence]
    cost: Floats

    def frame(self, contact: pa.Table) -> pa.Table:
        names = [c.action for c in self.found]
        at, rows = self.chosen.action, np.arange(contact.num_rows)
        acts = at >= 0
        own = self.opens >= LEAST_OPENS
        state = np.array([*(self._state(c.action) for c in self.found), ""])[at]
        sure = (state == "measured").astype(int) + own
        asked = at == len(self.found) - 1
        basis = np.where(asked, self.asks.basis, self.ways.basis)
        chance, stake, expected, cost = (np.where(acts, m, 0) for m in (
            self._of("chance")[at, rows], self._of("stake")[at, rows], self.expected[at, rows],
            np.where(asked, 0, self.cost),
        ))  # fmt: skip
        columns = {
            "person_id": contact.column("person_id").to_pylist(),
            "action": np.array([*names, "none"])[at].tolist(), "blocked": self.chosen.blocked,
            "wanted": np.array([*names, ""])[self.chosen.wanted].tolist(), "subject": self._subjects(),
            "channel": np.array([*WAYS, ""])[self.channel].tolist(),
            "channel_basis": np.where(acts, basis, "").tolist(),
            "minute": [m if m >= 0 else None for m in self.minute.tolist()],
            "hour_basis": np.where(self.minute < 0, "", np.where(own, "own", "mall")).tolist(), "opens": self.opens,
            "probability": chance, "stake_minor": np.rint(stake).astype(np.int64),
            "cost_minor": np.rint(cost).astype(np.int64), "expected_minor": np.rint(expected).astype(np.int64),
            "evidence": state.tolist(),
            "confidence": np.where(acts, np.array(["low", "medium", "high"])[sure], "").tolist(),
            "ranked": self._ranked(), "as_of": [self.moment.day] * contact.num_rows,
        }  # fmt: skip
        return as_frame(NEXT_ACTION, columns)

    def _of(self, name: str) -> Floats:
        return np.stack([getattr(c, name) for c in self.found])

    def _state(self, action: str) -> str:
        return "rule" if action == "feedback" else self.evidence[action].state

    def _subjects(self) -> list[str]:
        told = np.where(self.chosen.action >= 0, self.chosen.action, self.chosen.wanted).tolist()
        return [self.found[k].subject(i) if k >= 0 else "" for i, k in enumerate(told)]

    def _ranked(self) -> list[str]:
        """Every candidate of a person as JSON [[action, chance, stake, expected], ...], worth most first."""
        eligible, chance, stake = (self._of(n).T.tolist() for n in ("eligible", "chance", "stake"))
        names = [c.action for c in self.found]
        told = []
        for able, p, money, worth in zip(eligible, chance, stake, self.expected.T.tolist(), strict=True):
            mine = [k for k in range(len(names)) if able[k]]
            mine.sort(key=lambda k: (-worth[k], k))
            told.append(json.dumps([[names[k], round(p[k], 5), round(money[k]), round(worth[k], 2)] for k in mine]))
        return told


def _choose(
    expected: Floats, found: tuple[Candidate, ...], ways: Ways, asks: Ways, profiled: NDArray[np.bool_]
) -> Choice:
    """The best that is worth more than doing nothing; a question only where nothing is, and where it may be asked."""
    worth = np.stack([np.where(c.eligible, e, -np.inf) for c, e in zip(found[:-1], expected[:-1], strict=True)])
    best = worth.argmax(axis=0)
    wanted = np.where(worth.max(axis=0) > 0, best, -1)
    question = len(found) - 1
    asking = (wanted < 0) | (ways.channel < 0)
    can_ask = found[-1].eligible & (asks.channel >= 0) & asking & profiled
    action = np.where((wanted >= 0) & (ways.channel >= 0) & profiled, wanted, np.where(can_ask, question, -1))
    why = np.array([*GATES, "no_profiling", "not_worth", ""])
    shut = np.where(ways.channel < 0, ways.gate, why.size - 2)
    reason = np.where(action >= 0, why.size - 1, np.where(profiled, shut, why.size - 3))
    return Choice(action, np.where(action >= 0, -1, wanted), why[reason].tolist())


def _profiled(contact: pa.Table) -> NDArray[np.bool_]:
    """Who has not refused (taken back, let expire) being profiled."""
    said = contact.column("profiling").to_numpy()
    return np.asarray((said == 0) | (said == 9))


def _places(contact: pa.Table, frame: pa.Table) -> Ints:
    import pyarrow.compute as pc

    found = pc.index_in(frame.column("person_id"), contact.column("person_id").combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)


def _openings(contact: pa.Table, opens: pa.Table) -> tuple[Floats, Floats]:
    """People x channels: messages opened and sent."""
    at = _places(contact, opens)
    way = np.array([WAYS.index(name) for name in opens.column("channel").to_pylist()], np.int64)
    found = []
    for name in ("opened", "sent"):
        counts = np.zeros((contact.num_rows, len(WAYS)))
        counts[at[at >= 0], way[at >= 0]] = opens.column(name).to_numpy()[at >= 0]
        found.append(counts)
    return found[0], found[1]


def _hours(contact: pa.Table, hours: pa.Table) -> tuple[Ints, Ints, Ints]:
    at = _places(contact, hours)
    kept = at >= 0
    return at[kept], hours.column("hour").to_numpy()[kept], hours.column("n").to_numpy()[kept]


def _mall(frames: Mapping[str, pa.Table]) -> Floats:
    hours = frames["pick_mall_hours"]
    return np.bincount(hours.column("hour").to_numpy(), hours.column("n").to_numpy(), 24).astype(np.float64)


def _evidence(found: Mapping[str, Evidence]) -> pa.Table:
    rows: list[dict[str, Any]] = [{**vars(e), "state": e.state} for e in found.values()]
    return as_frame(ACTION_EVIDENCE, {name: [row[name] for row in rows] for name in ACTION_EVIDENCE.names()})


ENGINE = Engine(
    name="next_action",
    title="Next best action",
    title_zh="下一步行动",
    version=VERSION,
    run=next_action,
    takes=(CONTACT, OPENS, HOURS, MALL_HOURS, ASSIGNED, PERSON_PICK, PICK_ITEM, *FROM_STORE),
    gives=(NEXT_ACTION, ACTION_EVIDENCE),
    every="05:20",
    minimum=(
        Minimum(
            "pick_contact", 1, "Nobody is known yet: there are {found} people. Import members or sales.",
            "尚无客户资料，请导入会员或销售数据。",
        ),
    ),
    figures=(Figure("bar", "People by next action", "按下一步行动统计", "next_action", ("action", "expected_minor")),),
    budget_seconds=120.0,
    about="What to do about each person next, by what it is expected to bring, under their consent and the contact "
    "policy; through which channel and when. Effects come from held-out people where there are some.",
    about_zh="在授权与联系策略之内，按预期价值给出每位客户的下一步行动、渠道与时间；效果以保留组为准。",
)  # fmt: skip
