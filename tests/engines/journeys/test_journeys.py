"""The stage machine equals a day-by-day oracle; later rows change no past stage; survival, shares and models by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.driver import run_engine
from engines.journeys import queries
from engines.journeys.engine import CHANGES, ENGINE
from engines.journeys.estimates import survival, thinned, wilson
from engines.journeys.groups import Group, groups
from engines.journeys.history import History, snapshot, stage_after
from engines.journeys.next_stage import bands_of, base_rates, counted, ends_of, shares_of, shipped, tried
from engines.journeys.stages import STAGES
from models.errors import NotEnoughData
from tests.engines.behaviour.histories import KINDS, Event, crowd, ident, run
from tests.engines.hand_mall import HandMall, local

EPOCH = 20504
"""2026-02-20 in days since 1970-01-01."""
SHORT = {
    "journeys.regular_purchases": "3", "journeys.regular_days": "14", "journeys.advocate_days": "30",
    "journeys.lapse_days": "14", "journeys.lapse_gaps": "1.5",
}  # fmt: skip


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def stage_on(mine: list[tuple[int, str]], day: int) -> str | None:
    """The stage at the end of a day, straight from the definition; `mine` are (day, mark) up to it."""
    marks = [(d, m) for d, m in mine if d <= day]
    if not marks:
        return None
    first = min(d for d, _ in marks)
    alive = sorted({d for d, m in marks if m != "sent"} | {first})
    gap = (alive[-1] - alive[0]) / (len(alive) - 1) if len(alive) > 1 else 0.0
    if day >= alive[-1] + max(14, math.ceil(1.5 * gap)):
        return "lapsed"
    bought = {d for d, m in marks if m == "sale"}
    if len({d for d in bought if d > day - 14}) >= 3:
        praised = any(m in ("promoter", "brought") and d > day - 30 for d, m in marks)
        return "advocate" if praised else "regular"
    if bought:
        return "bought"
    return "visited" if any(m in ("visit", "return") for _, m in marks) else "aware"


def marks_of(history: list[Event], person: int) -> list[tuple[int, str]]:
    made = []
    for e in history:
        if e.kind == "referral" and e.related == person:
            made.append((e.day, "brought"))
        if e.person != person:
            continue
        if e.kind == "sale":
            made.append((e.day, "sale" if e.net >= 0 else "return"))
        elif e.kind == "campaign_sent":
            made.append((e.day, "sent"))
        elif e.kind == "nps":
            made.append((e.day, "promoter" if (e.score or 0) >= 9 else "act"))
        else:
            made.append((e.day, e.kind))
    return made


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 90))
def test_stages_equal_the_definition_day_by_day(seed: int, today: int) -> None:
    history = crowd(seed, (*KINDS, "sale", "sale", "sale"), people=30, days=60, most=12)
    rows = run(CHANGES, history, today, settings=SHORT)
    found: dict[bytes, list[tuple[int, str | None, str]]] = {}
    for r in rows:
        found.setdefault(r["person_id"], []).append((r["day_number"] - EPOCH, r["previous"], r["stage"]))
    for person in range(30):
        mine, want, before = marks_of(history, person), [], None
        for day in range(today + 1):
            now = stage_on(mine, day)
            if now != before:
                want.append((day, before, now))
                before = now
        assert found.pop(ident("p", person), []) == want
    assert not found


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60))
def test_later_rows_change_no_past_stage(seed: int, day: int) -> None:
    history = crowd(seed, (*KINDS, "sale", "sale"), people=30, days=60)
    then = run(CHANGES, [e for e in history if e.day <= day], day, settings=SHORT)
    assert [r for r in run(CHANGES, history, 90, settings=SHORT) if r["day_number"] <= day + EPOCH] == then


def test_each_cause_is_told() -> None:
    days = [("campaign_sent", 0), ("visit", 2), ("sale", 3), ("sale", 4), ("sale", 5), ("nps", 6)]
    history = [Event(0, k, d, 600, i, score=9.0 if k == "nps" else None) for i, (k, d) in enumerate(days)]
    rows = run(CHANGES, history, 60, settings=SHORT)
    assert [(r["day_number"] - EPOCH, r["stage"], r["cause"]) for r in rows] == [
        (0, "aware", "message"), (2, "visited", "visit"), (3, "bought", "purchase"), (5, "regular", "purchase"),
        (6, "advocate", "promoter"), (17, "bought", "fewer_purchases"), (20, "lapsed", "silence"),
    ]  # fmt: skip


def test_the_shipped_limits_are_three_days_in_ninety() -> None:
    history = [Event(0, "sale", d, 600, i) for i, d in enumerate((0, 40, 89))]
    assert [r["stage"] for r in run(CHANGES, history, 89)] == ["bought", "regular"]
    history[2] = Event(0, "sale", 90, 600, 2)
    assert [r["stage"] for r in run(CHANGES, history, 90)] == ["bought"]
    assert [r["stage"] for r in run(CHANGES, history[:1], 90)] == ["bought", "lapsed"]
    assert [r["stage"] for r in run(CHANGES, history[:1], 89)] == ["bought"]


def test_all_returns_are_visits_and_no_purchases() -> None:
    rows = run(CHANGES, [Event(0, "sale", 1, 600, 0, net=-100), Event(0, "sale", 2, 600, 1, net=-50)], 3)
    assert [r["stage"] for r in rows] == ["visited"]


def test_wilson_equals_the_published_interval() -> None:
    low, high = wilson([15, 0, 0], [148, 20, 0])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == (0.0624, 0.1605)  # Newcombe 1998, table I (15/148)
    whole = np.arange(1, 3000)
    for hits in (np.zeros_like(whole), whole):  # an estimate lies within its interval, to the last bit
        low_, high_ = wilson(hits, whole)
        assert ((low_ <= hits / whole) & (hits / whole <= high_)).all()
    assert low[1] == 0.0 and 0.15 < high[1] < 0.17 and (low[2], high[2]) == (0.0, 1.0)


def test_survival_equals_the_leukaemia_trial() -> None:
    """6-MP arm of Freireich et al. 1963: median 23 weeks; S(6) = .857, S(10) = .753, S(23) = .448."""
    days = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = survival(np.array(days), np.array([True] * 9 + [False] * 12))
    curve = dict(zip(found.day, found.share, strict=True))
    assert found.median == 23 and found.low == 13 and found.high is None
    assert [round(curve[d], 3) for d in (6, 7, 10, 13, 16, 22, 23)] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


def test_a_median_that_is_not_reached_is_none() -> None:
    found = survival(np.array([5, 6, 7, 8]), np.array([True, False, False, False]))
    assert found.median is None and found.spells == 4 and found.ended == 1
    assert survival(np.array([], dtype=np.int64), np.array([], dtype=bool)).spells == 0
    assert thinned(survival(np.array([3]), np.array([True]))) == [[0, 1.0], [3, 0.0]]


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=60))
def test_survival_falls_and_is_finite(spells: list[tuple[int, bool]]) -> None:
    found = survival(np.array([d for d, _ in spells]), np.array([e for _, e in spells]))
    assert all(0 <= s <= 1 for s in found.share) and list(found.share) == sorted(found.share, reverse=True)
    if found.low is not None and found.median is not None:
        assert found.low <= found.median


def made_history(seed: int, people: int, days: int, *, memory: bool) -> History:
    """People who move on their own: with `memory` most who are new leave soon, who stayed stay."""
    luck = np.random.default_rng(seed)
    rows, first, count = [], [], []
    for _ in range(people):
        first.append(len(rows))
        day, stage = int(luck.integers(0, days)), 2
        while day <= days:
            rows.append((day, stage))
            fast = luck.random() < 0.5
            day += int(luck.integers(1, 25)) if memory and fast else int(luck.geometric(1 / 60))
            stage = 3 if stage == 2 else 2
        count.append(len(rows) - first[-1])
    whole = np.array(rows, dtype=np.int64)
    return History(whole[:, 0], whole[:, 1], np.array(first), np.array(count), days)


def test_snapshots_see_nothing_later() -> None:
    past = made_history(1, 50, 200, memory=False)
    at = snapshot(past, 120)
    earlier = past.day <= 120
    assert len(at.person) == len({int(np.searchsorted(past.first, i, side="right")) for i in np.flatnonzero(earlier)})
    assert (at.tenure >= 0).all() and (past.day[at.row] <= 120).all()
    assert set(np.unique(stage_after(past, at, 120)) == np.unique(at.stage)) == {True}
    assert len(snapshot(past, -1).person) == 0


def test_the_model_by_time_in_the_stage_is_used_only_where_it_helps() -> None:
    kept = tried(made_history(2, 4000, 400, memory=True))
    assert shipped(kept) == "tenure" and next(t for t in kept if t.model == "tenure").low > 0
    blind = tried(made_history(3, 1500, 400, memory=False))
    assert shipped(blind) == "stage" and abs(next(t for t in blind if t.model == "tenure").gain) < 0.02
    assert next(t for t in blind if t.model == "stays").gain < 0
    assert tried(made_history(4, 50, 40, memory=False)) == []


def test_shares_add_up_and_shrink_towards_the_stage() -> None:
    past = made_history(5, 300, 300, memory=True)
    counts = counted(past, ends_of(past, past.today))
    shares, base = shares_of(counts), base_rates(counts)
    assert np.allclose(shares.sum(axis=2), 1) and np.allclose(base.sum(axis=1), 1)
    empty = counts.moves.sum(axis=2) == 0
    assert np.allclose(shares[empty], np.broadcast_to(base[:, None, :], shares.shape)[empty])
    assert bands_of(np.array([0, 6, 7, 29, 30, 90, 180, 9999])).tolist() == [0, 0, 1, 1, 2, 3, 4, 4]


def test_a_small_mall_by_hand(mall: HandMall) -> None:
    for i in range(40):
        who = f"c{i}"
        mall.person(who, joined="2025-09-01" if i % 2 else "2025-10-01")
        for day in ("2025-11-01", "2025-11-20", "2025-12-10")[: 1 + i % 3]:
            mall.sale(day, 1000, who=who)
    run_engine(mall.store, ENGINE, at_ms=local("2026-01-15 04:00", mall))
    people = {row.stage: row.people for row in queries.stages(mall.store)}
    assert people == {"aware": 0, "visited": 0, "bought": 27, "regular": 13, "advocate": 0, "lapsed": 0}
    moved = {(f.previous, f.stage): f.people for f in queries.transitions(mall.store, "2025-12-01", "2025-12-31")}
    assert moved == {("bought", "regular"): 13}
    side = queries.compare(mall.store, Group("joined", "2025-09"), "2025-12-01", "2025-12-31")
    assert side.people == 20 and dict(side.stages)["regular"] + dict(side.stages)["bought"] == 20
    assert {g.kind for g in groups(mall.store, 5)} == {"everyone", "tier", "channel", "joined"}
    regular = queries.people_in(mall.store, "regular")
    assert len(regular) == 13 and [c.stage for c in queries.history_of(mall.store, bytes(regular[0][0]))] == [
        "regular", "bought", "aware",
    ]  # fmt: skip
    now = queries.stage_of(mall.store, bytes(regular[0][0]))
    assert now is not None and now.cause == "purchase" and now.since_day == "2025-12-10"
    assert {c.stage for c in queries.conversions(mall.store)} <= set(STAGES)
    touched = queries.touchpoints_of(mall.store, bytes(regular[0][0]))
    assert touched == [("purchase", 3, 3, "2025-12-10")]


def test_too_few_are_refused_and_nothing_breaks(mall: HandMall) -> None:
    mall.sale("2026-03-01", 100, who="a")
    with pytest.raises(NotEnoughData, match="at least 30 changes of stage of known people; there are 1"):
        run_engine(mall.store, ENGINE, at_ms=local("2026-03-02 04:00", mall))
    assert queries.stages(mall.store) == [] and queries.bottlenecks(mall.store) == []
