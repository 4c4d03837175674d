"""Funnels equal a brute-force oracle on random histories: ties, same-minute events, clock changes, immature entrants."""

from __future__ import annotations

from itertools import pairwise, product

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.behaviour.funnel import DAY_MS, PEOPLE, Funnel, Step, outcome, parameters, parsed, stood_at
from models.errors import Known
from models.relations import Relation
from tests.engines.behaviour.histories import Event, crowd, ident, run

WINDOWS = (0.0, 0.1, 1.0, 3.0, 8.0)


def instant(event: Event) -> int:
    return event.at + (82_799_999 if event.minute < 0 else 0)


def matches(step: Step, event: Event) -> bool:
    kind = ("sale" if event.net >= 0 else "return") if event.kind == "sale" else event.kind
    return step.kind in (kind, "*") and (not step.least or (event.kind == "sale" and event.net >= step.least))


def oracle(funnel: Funnel, history: list[Event], first: int, last: int, now: Event) -> dict[bytes, tuple[object, ...]]:
    """Every chain of different events is tried; for each step the earliest end of a chain that keeps the windows."""
    found = {}
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
        reached: list[int | None] = []
        for k in range(2, len(funnel.steps) + 1):
            ends = [instant(mine[c[-1]]) - entry for c in chains(funnel, mine, k) if kept(funnel, mine, c, entry)]
            reached.append(min(ends) if ends else None)
        found[ident("p", person)] = (entry, int(entry + whole <= now.at), *reached)
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


def computed(funnel: Funnel, history: list[Event], first: int, last: int, now: Event) -> list[dict[str, object]]:
    days = [Event(0, "", day, 0, 0).date for day in (first, last)]
    given_ = tuple(parameters(funnel, *days, Event(0, "", last + 1, 0, 0).at).items())
    relation = Relation(PEOPLE.name, PEOPLE.columns, PEOPLE.key, PEOPLE.sql, given=given_)
    return run(relation, history, now.day, now.minute)


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
    rows = computed(funnel, history, first, first + more, now)
    steps = range(2, len(funnel.steps) + 1)
    found = {r["person_id"]: (r["entry_at"], r["mature"], *(r[f"after_{k}"] for k in steps)) for r in rows}
    assert found == oracle(funnel, history, first, first + more, now)
    assert all(r[f"after_{k}"] is None for r in rows for k in range(len(funnel.steps) + 1, 7))


@settings(max_examples=6, deadline=None)
@given(st.permutations(("visit", "campaign_sent", "nps", "sale")), st.sampled_from((1.0, 5.0)), st.integers(0, 2**32))
def test_in_any_order_each_step_stands_for_itself(kinds: list[str], window: float, seed: int) -> None:
    funnel = Funnel("f", tuple(Step(k) for k in kinds), window, any_order=True)
    history, now = crowd(seed, kinds), Event(0, "", 14, 700, 0)
    rows = computed(funnel, history, 0, 30, now)
    found = {r["person_id"]: (r["entry_at"], r["mature"], *(r[f"after_{k}"] for k in (2, 3, 4))) for r in rows}
    assert found == oracle(funnel, history, 0, 30, now)


@pytest.mark.parametrize(("withins", "reached"), [((0, 0), True), ((2, 1), True), ((3, 1), True), ((1, 1), False)])
def test_a_later_step_2_can_lead_where_the_earliest_does_not(withins: tuple[float, float], reached: bool) -> None:
    funnel = Funnel("f", (Step("join"), Step("visit", within=withins[0]), Step("sale", within=withins[1])), 9.0)
    days = (("join", 0), ("visit", 1), ("visit", 2), ("sale", 3))
    rows = computed(funnel, [Event(0, k, d, 600, i) for i, (k, d) in enumerate(days)], 0, 5, Event(0, "", 20, 0, 0))
    assert rows[0]["after_3"] == (3 * DAY_MS if reached else None)


def test_events_of_one_minute_count_in_the_order_of_the_steps() -> None:
    funnel = Funnel("f", (Step("visit"), Step("nps"), Step("sale")), 1.0)
    same = [Event(0, kind, 1, 600, i) for i, kind in enumerate(("sale", "nps", "visit"))]
    assert computed(funnel, same, 0, 5, Event(0, "", 9, 0, 0))[0]["after_3"] == 0
    twice = Funnel("f", (Step("sale"), Step("sale")), 1.0)
    assert computed(twice, same, 0, 5, Event(0, "", 9, 0, 0))[0]["after_2"] is None


def test_a_window_of_a_day_is_24_hours_when_the_clocks_go_forward() -> None:
    funnel = Funnel("f", (Step("visit"), Step("sale")), 1.0)
    for minute, reached in ((660, True), (661, False)):
        history = [Event(0, "visit", 15, 600, 0), Event(0, "sale", 16, minute, 1)]
        assert history[0].date == "2026-03-07"
        assert (computed(funnel, history, 0, 30, Event(0, "", 30, 0, 0))[0]["after_2"] is not None) == reached


def people(*rows: tuple[int, int, int | None, int | None]) -> pa.Table:
    """(person, mature, after_2, after_3) in days."""
    ms = [[None if v is None else v * DAY_MS for v in (r[2], r[3])] for r in rows]
    return PEOPLE.check(pa.table({
        "person_id": pa.array([ident("p", r[0]) for r in rows], pa.binary(16)), "entry_at": [0] * len(rows),
        "mature": [r[1] for r in rows], "after_2": pa.array([m[0] for m in ms], pa.int64()),
        "after_3": pa.array([m[1] for m in ms], pa.int64()),
        **{f"after_{k}": pa.array([None] * len(rows), pa.int64()) for k in (4, 5, 6)},
    }))  # fmt: skip


def test_the_immature_are_censored_and_not_dropped_out() -> None:
    funnel = Funnel("f", (Step("join"), Step("sale"), Step("nps")), 10.0)
    table = people((1, 1, 1, 3), (2, 1, 2, None), (3, 1, None, None), (4, 0, None, None), (5, 0, 1, None))
    found = outcome(funnel, table)
    assert (found.entered, found.immature) == (5, 2)
    assert [s.people for s in found.steps] == [3, 2, 1]
    assert found.steps[1].of_entered == pytest.approx(2 / 3) and found.steps[2].of_before == 0.5
    assert found.steps[1].median_days == 1.5 and sum(found.taken) == 1 and found.taken[9] == 1
    assert found.steps[1].low < 2 / 3 < found.steps[1].high
    assert stood_at(funnel, table, 1, lost=True) == [ident("p", 3)]
    assert stood_at(funnel, table, 1, lost=False) == [ident("p", 1), ident("p", 2)]


def test_nobody_entered_gives_finite_figures() -> None:
    found = outcome(Funnel("f", (Step("join"), Step("sale"))), PEOPLE.empty())
    assert found.entered == 0 and all(s.of_entered == 0.0 and s.median_days is None for s in found.steps)


def test_any_order_counts_how_many_steps_were_done() -> None:
    funnel = Funnel("f", (Step("join"), Step("sale"), Step("nps")), 10.0, any_order=True)
    found = outcome(funnel, people((1, 1, None, 3), (2, 1, 5, 2)))
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
