"""Funnels equal a brute-force oracle on random histories: ties, same-minute events, clock changes, immature entrants."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.behaviour.funnel import DAY_MS, PLAIN, REACHED, Funnel, Step, outcome, parsed, relation, stood_at
from models.errors import Known
from tests.engines.behaviour.histories import Event, crowd, ident, run

WINDOWS = (0.0, 0.1, 1.0, 3.0, 8.0)


def instant(event: Event) -> int:
    return event.at + (82_799_999 if event.minute < 0 else 0)


def matches(step: Step, event: Event) -> bool:
    kind = ("sale" if event.net >= 0 else "return") if event.kind == "sale" else event.kind
    return step.kind in (kind, "*") and (not step.least or (event.kind == "sale" and event.net >= step.least))


def oracle(funnel: Funnel, history: list[Event], first: int, last: int, now: Event) -> dict[bytes, tuple[object, ...]]:
    """Every chain of different events is tried; for each step the earliest end of a chain that keeps the windows.

    By person: the entry, whether the window is over, and if so the milliseconds to each further step.
    """
    found: dict[bytes, tuple[object, ...]] = {}
    whole = round(funnel.window * DAY_MS)
    for person in {e.person for e in history}:
        mine = [e for e in history if e.person == person and instant(e) <= now.at]
        mine = [e for e in mine if any(matches(s, e) for s in funnel.steps)]
        lowest = {e.serial: min(i for i, s in enumerate(funnel.steps) if matches(s, e)) for e in mine}
        every = {e.serial: [i for i, s in enumerate(funnel.steps) if matches(s, e)] for e in mine}
        mine.sort(key=lambda e: (instant(e), lowest[e.serial], sum(2**i for i in every[e.serial])))
        starts = [e for e in mine if matches(funnel.steps[0], e) and first <= e.day <= last]
        if not starts:
            continue
        entry = instant(starts[0])
        mine = [e for e in mine if entry <= instant(e) <= entry + whole]
        if entry + whole > now.at:
            found[ident("p", person)] = (entry, 0)
            continue
        reached: list[int | None] = []
        for k in range(2, len(funnel.steps) + 1):
            ends = [instant(mine[c[-1]]) - entry for c in chains(funnel, mine, k) if kept(funnel, mine, c, entry)]
            reached.append(min(ends) if ends else None)
        if funnel.any_order:  # step k is the k-th that was done
            done = sorted(r for r in reached if r is not None)
            reached = [*done, *[None] * (len(reached) - len(done))]
        found[ident("p", person)] = (entry, 1, *reached)
    return found


def chains(funnel: Funnel, mine: list[Event], k: int) -> list[tuple[int, ...]]:
    if funnel.any_order:
        return [(0, i) for i in range(1, len(mine)) if matches(funnel.steps[k - 1], mine[i])]
    options = [[0]] + [[i for i, e in enumerate(mine) if matches(s, e)] for s in funnel.steps[1:k]]
    return [c for c in product(*options) if all(a < b for a, b in pairwise(c))]


def kept(funnel: Funnel, mine: list[Event], chain: tuple[int, ...], entry: int) -> bool:
    steps = funnel.steps[1 : len(chain)]
    if funnel.any_order:
        steps = tuple(s for s in funnel.steps[1:] if matches(s, mine[chain[-1]]))
        return any(not s.within or instant(mine[chain[-1]]) - entry <= round(s.within * DAY_MS) for s in steps)
    times = [entry, *(instant(mine[i]) for i in chain[1:])]
    gaps = [b - a for a, b in pairwise(times)]
    return all(not s.within or gap <= round(s.within * DAY_MS) for s, gap in zip(steps, gaps, strict=True))


def asked(funnel: Funnel, history: list[Event], days: tuple[int, int], now: Event, **more: Any) -> list[dict[str, Any]]:
    first, last = (Event(0, "", day, 0, 0).date for day in days)
    query = relation(funnel, first, last, Event(0, "", days[1] + 1, 0, 0).at, listed=more.get("listed", False))
    return run(replace(query, sql=more.get("sql", query.sql)), history, now.day, now.minute)


def computed(
    funnel: Funnel, history: list[Event], first: int, last: int, now: Event
) -> dict[bytes, tuple[object, ...]]:
    """The listing by person, after the plain counts were seen to be the same."""
    rows = asked(funnel, history, (first, last), now, listed=True)
    counts = asked(funnel, history, (first, last), now)
    assert {(r["step"], r["after"]): r["people"] for r in counts} == Counter((r["step"], r["after"]) for r in rows)
    assert all(r["person_id"] is None and r["entry_at"] is None for r in counts)
    found: dict[bytes, tuple[object, ...]] = {}
    for r in (r for r in rows if r["step"] <= 1):
        assert r["person_id"] not in found and r["people"] == 1
        found[r["person_id"]] = (r["entry_at"], r["step"])
    after = {(r["person_id"], r["step"]): r["after"] for r in rows if r["step"] > 1}
    assert all(p in found and k <= len(funnel.steps) for p, k in after)
    steps = range(2, len(funnel.steps) + 1)
    return {p: (*row, *(after.get((p, k)) for k in steps)) if row[1] else row for p, row in found.items()}


ordered = st.builds(
    lambda kinds, withins, window: Funnel(
        "f", tuple(Step(k, k, least=200 if k == "sale" and w == 3.0 else 0, within=w)
                   for k, w in zip(kinds, withins, strict=False)), window,
    ),
    st.lists(st.sampled_from(("sale", "visit", "campaign_sent", "nps", "*")), min_size=2, max_size=4),
    st.lists(st.sampled_from(WINDOWS), min_size=4, max_size=4),
    st.sampled_from((0.5, 2.0, 7.0)),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(ordered, st.integers(0, 2**32), st.integers(0, 6), st.integers(0, 8), st.integers(5, 20))
def test_a_funnel_equals_every_chain_tried_out(funnel: Funnel, seed: int, first: int, more: int, today: int) -> None:
    history = crowd(seed, ("visit", "sale", "nps", "campaign_sent"))
    now = Event(0, "", today, 700, 0)
    assert computed(funnel, history, first, first + more, now) == oracle(funnel, history, first, first + more, now)


plain = st.builds(
    lambda kinds, window, least: Funnel(
        "f", tuple(Step(k, least=least if k == "sale" else 0, within=w) for k, w in zip(kinds, (0, window, 99, 0, 0), strict=False)),
        window,
    ),
    st.permutations(("visit", "campaign_sent", "nps", "sale", "return")).flatmap(
        lambda kinds: st.integers(2, 5).map(lambda n: kinds[:n])
    ),
    st.sampled_from((0.5, 2.0, 7.0)), st.sampled_from((0, 200)),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(plain, st.integers(0, 2**32), st.integers(0, 6), st.integers(5, 20))
def test_the_plain_query_equals_every_chain_and_the_query_for_all(
    funnel: Funnel, seed: int, first: int, today: int
) -> None:
    history, now = crowd(seed, ("visit", "sale", "nps", "campaign_sent")), Event(0, "", today, 700, 0)
    assert relation(funnel, "", "", 0).sql == PLAIN
    assert computed(funnel, history, first, 9, now) == oracle(funnel, history, first, 9, now)
    for listed in (False, True):
        made = [asked(funnel, history, (first, 9), now, listed=listed, sql=sql) for sql in (PLAIN, REACHED.sql)]
        assert made[0] == made[1]


def test_funnels_that_need_every_chain_do_not_take_the_plain_query() -> None:
    a, b = Step("visit"), Step("sale")
    for steps in ((a, a), (a, Step("*")), (a, replace(b, within=1.0)), (Step("sale", zone="x"), b)):
        assert relation(Funnel("f", steps, 9.0), "", "", 0).sql == REACHED.sql
    assert relation(Funnel("f", (a, b), 9.0, any_order=True), "", "", 0).sql == REACHED.sql
    assert relation(Funnel("f", (a, replace(b, within=9.0)), 9.0), "", "", 0).sql == PLAIN


@settings(max_examples=6, deadline=None)
@given(st.permutations(("visit", "campaign_sent", "nps", "sale")), st.sampled_from((1.0, 5.0)), st.integers(0, 2**32))
def test_in_any_order_each_step_stands_for_itself(kinds: list[str], window: float, seed: int) -> None:
    funnel = Funnel("f", tuple(Step(k) for k in kinds), window, any_order=True)
    history, now = crowd(seed, kinds), Event(0, "", 14, 700, 0)
    assert computed(funnel, history, 0, 30, now) == oracle(funnel, history, 0, 30, now)


@pytest.mark.parametrize(("withins", "reached"), [((0, 0), True), ((2, 1), True), ((3, 1), True), ((1, 1), False)])
def test_a_later_step_2_can_lead_where_the_earliest_does_not(withins: tuple[float, float], reached: bool) -> None:
    funnel = Funnel("f", (Step("join"), Step("visit", within=withins[0]), Step("sale", within=withins[1])), 9.0)
    days = (("join", 0), ("visit", 1), ("visit", 2), ("sale", 3))
    history = [Event(0, k, d, 600, i) for i, (k, d) in enumerate(days)]
    (row,) = computed(funnel, history, 0, 5, Event(0, "", 20, 0, 0)).values()
    assert row[3] == (3 * DAY_MS if reached else None)


def test_events_of_one_minute_count_in_the_order_of_the_steps() -> None:
    funnel = Funnel("f", (Step("visit"), Step("nps"), Step("sale")), 1.0)
    same = [Event(0, kind, 1, 600, i) for i, kind in enumerate(("sale", "nps", "visit"))]
    assert computed(funnel, same, 0, 5, Event(0, "", 9, 0, 0))[ident("p", 0)][3] == 0
    twice = Funnel("f", (Step("sale"), Step("sale")), 1.0)
    assert computed(twice, same, 0, 5, Event(0, "", 9, 0, 0))[ident("p", 0)][2] is None


def test_a_window_of_a_day_is_24_hours_when_the_clocks_go_forward() -> None:
    funnel = Funnel("f", (Step("visit"), Step("sale")), 1.0)
    for minute, reached in ((660, True), (661, False)):
        history = [Event(0, "visit", 15, 600, 0), Event(0, "sale", 16, minute, 1)]
        assert history[0].date == "2026-03-07"
        (row,) = computed(funnel, history, 0, 30, Event(0, "", 30, 0, 0)).values()
        assert (row[2] is not None) == reached


def people(*rows: tuple[int, int, float | None]) -> pa.Table:
    """(person, step, days after entry) as a listing."""
    return REACHED.check(pa.table({
        "step": [r[1] for r in rows], "after": [round((r[2] or 0) * DAY_MS) for r in rows], "people": [1] * len(rows),
        "person_id": pa.array([ident("p", r[0]) for r in rows], pa.binary(16)),
        "entry_at": pa.array([0 if r[1] < 2 else None for r in rows], pa.int64()),
    }))  # fmt: skip


def test_the_immature_are_censored_and_not_dropped_out() -> None:
    funnel = Funnel("f", (Step("join"), Step("sale"), Step("nps")), 10.0)
    table = people((1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 0, 0), (5, 0, 0), (1, 2, 1), (2, 2, 2), (1, 3, 3))
    found = outcome(funnel, table)
    assert (found.entered, found.immature) == (5, 2)
    assert [s.people for s in found.steps] == [3, 2, 1]
    assert found.steps[1].of_entered == pytest.approx(2 / 3) and found.steps[2].of_before == 0.5
    assert found.steps[1].median_days == 1.5 and sum(found.taken) == 1 and found.taken[9] == 1
    assert found.steps[1].low < 2 / 3 < found.steps[1].high
    assert stood_at(table, 1, lost=True) == [ident("p", 3)]
    assert stood_at(table, 1, lost=False) == [ident("p", 1), ident("p", 2)]
    assert stood_at(table, 0, lost=False) == [ident("p", p) for p in (1, 2, 3)] and not stood_at(table, 0, lost=True)


def test_nobody_entered_gives_finite_figures() -> None:
    found = outcome(Funnel("f", (Step("join"), Step("sale"))), REACHED.empty())
    assert found.entered == 0 and all(s.of_entered == 0.0 and s.median_days is None for s in found.steps)


def test_any_order_counts_how_many_steps_were_done() -> None:
    funnel = Funnel("f", (Step("join"), Step("sale"), Step("nps")), 10.0, any_order=True)
    found = outcome(funnel, people((1, 1, 0), (2, 1, 0), (1, 2, 3), (2, 2, 2), (2, 3, 5)))
    assert [(s.name, s.people) for s in found.steps] == [("join", 2), ("2/3", 2), ("3/3", 1)]


@pytest.mark.parametrize("wrong", [
    [], {"steps": []}, {"steps": [{"kind": "sale"}]}, {"steps": [{"kind": "sale"}] * 7}, {"steps": [{"kind": ""}] * 2},
    {"steps": [{"kind": "sale"}, {"kind": "x'; --"}]}, {"steps": [{"kind": "sale"}, {"odd": 1}]},
    {"steps": [{"kind": "sale"}] * 2, "window": 0}, {"steps": [{"kind": "sale"}] * 2, "window": "nan"},
    {"steps": [{"kind": "sale"}] * 2, "window": None}, {"steps": [{"kind": "sale", "least": "much"}] * 2},
    {"steps": [{"kind": "sale"}] * 2, "any_order": True}, {"steps": [{"kind": "sale", "within": -1}] * 2},
])  # fmt: skip
def test_a_wrong_funnel_is_refused_in_words(wrong: object) -> None:
    with pytest.raises(Known) as told:
        parsed(wrong)
    assert told.value.sentence.endswith(".") and told.value.step


def test_a_saved_funnel_reads_back_the_same() -> None:
    funnel = Funnel("x", (Step("visit", zone="atrium"), Step("sale", category="food", within=2.0, least=500)), 5.0)
    assert parsed(funnel.document()) == funnel
