"""What the demo mall knows of its customers and its business follows the laws that its truth states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engines.consent.queries import may_contact, policies
from engines.consent.rules import DEFAULT_POLICIES
from engines.demo.actions import make_demo
from engines.demo.browsing import KINDS as BROWSED
from engines.demo.crowds import make_crowd, raise_sales
from engines.demo.deals import KINDS, PIPELINES, STAGES, category_gap
from engines.demo.occasions import PLANS, visits_raised
from engines.demo.planted import RING
from engines.demo.purchases import receipt_rates
from engines.demo.span import make_span
from engines.demo.world import World, make_world
from models.store import Store, open_store

DAYS, MEMBERS, SEED, UNTIL = 80, 400, 3, "2025-06-20T15:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "mall"
    make_demo(place, days=DAYS, members=MEMBERS, seed=SEED, until=UNTIL)
    return place


@pytest.fixture(scope="module")
def mall(folder: Path) -> Iterator[Store]:
    store = open_store(folder)
    yield store
    store.close()


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict:
    return json.loads((folder / "truth" / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def year() -> World:
    return make_world(make_span(400, UNTIL, ZoneInfo("Asia/Shanghai")), 2000, 7)


def ask(mall: Store, sql: str, *given: object) -> list[tuple]:
    with mall.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql, given)]


def test_a_year_has_its_occasions_and_one_brings_nothing(year: World) -> None:
    staged = year.beyond.staged
    assert 8 <= len({one.plan.code for one in staged}) == len(PLANS) <= 10
    assert len({one.code for one in staged}) == len(staged) >= 10
    assert sum(p.visits == 0 and p.sales == 0 for p in PLANS) == 1
    assert {p.scope for p in PLANS} == {"mall", "zone", "tenant"}


def test_occasions_bring_the_visits_and_receipts_that_they_state(year: World) -> None:
    span, days, shops, flows = year.span, year.days, year.shops, year.flows
    raised = visits_raised(span, year.beyond.staged)
    crowd = np.mean([make_crowd(span, days, flows, year.beyond.staged, seed).visits for seed in range(8)], axis=0)
    assert not crowd[raised == 0].any()
    held = raised > 0
    assert crowd[held] / flows.visits[held] == pytest.approx(raised[held], rel=0.08)
    rates = receipt_rates(span, days, shops, flows.visits)
    (film,) = [one for one in year.beyond.staged if one.plan.scope == "tenant"]
    more, totals = raise_sales(span, days, shops, rates, [film], seed=1)
    cinema = shops.number("star_cinema")
    assert set(more.tenant.tolist()) | set(totals.tenant.tolist()) == {cinema}
    extra = len(more.tenant) + totals.txns.sum()
    assert extra == pytest.approx(rates[cinema, film.first : film.last + 1].sum() * film.plan.sales, rel=0.15)


def test_the_mall_still_empties_on_an_occasion(year: World) -> None:
    crowd = year.beyond.crowd
    assert crowd.entries.sum(axis=(0, 2)) == pytest.approx(crowd.exits.sum(axis=(0, 2)))
    assert (crowd.presence[:, -1] == 0).all()


def test_deals_are_won_by_what_the_law_names(year: World) -> None:
    deals, who = year.beyond.deals, year.beyond.prospects
    over = deals.closed < year.span.days
    assert over.sum() > 400
    assert deals.won.sum() >= 100
    assert deals.won.mean() == pytest.approx(deals.chance[over].mean(), abs=0.08)
    seen = np.bincount(deals.steps.deal[deals.steps.kind == KINDS.index("viewing")], minlength=len(over))
    won = [deals.won[over & (seen == n)].mean() for n in range(3)]
    assert won[0] < won[1] < won[2]
    gap = category_gap(year.shops)[who.trade[deals.prospect]]
    assert deals.won[over & (gap > 0.3)].mean() > deals.won[over & (gap == 0)].mean()
    first = over & (deals.chance >= np.quantile(deals.chance[over], 0.8))
    assert deals.won[first].mean() > 1.6 * deals.won[over].mean()


def test_nothing_happens_in_a_talk_after_its_end_and_stages_come_in_order(mall: Store) -> None:
    late = "SELECT count(*) FROM deal_activity a JOIN deal d ON d.id = a.deal_id WHERE a.day > d.closed_day OR a.day < d.opened_day"
    assert ask(mall, late) == [(0,)]
    steps = ask(mall, "SELECT deal_id, stage FROM deal_activity WHERE kind = 'stage' ORDER BY deal_id, at")
    for one in {deal for deal, _ in steps}:
        reached = [STAGES.index(stage) for deal, stage in steps if deal == one]
        assert reached == list(range(1, len(reached) + 1))
    assert ask(mall, "SELECT count(*) FROM deal WHERE (state = 'open') <> (closed_day IS NULL)") == [(0,)]
    assert ask(mall, "SELECT DISTINCT stage FROM deal WHERE state = 'won'") == [("signed",)]
    assert ask(mall, "SELECT count(*) FROM deal WHERE state <> 'won' AND stage = 'signed'") == [(0,)]
    assert {p for (p,) in ask(mall, "SELECT DISTINCT pipeline FROM deal")} == set(PIPELINES)


def test_most_members_may_be_written_to_and_some_may_not(mall: Store) -> None:
    now = ask(mall, "SELECT max(at) FROM activity")[0][0]
    people = [p for (p,) in ask(mall, "SELECT person_id FROM member")]
    best: dict[bytes, str] = {}
    for channel in ("wechat", "push", "sms", "email"):
        for person, gate in may_contact(mall, people, "marketing", channel, now).items():
            best[person] = "granted" if gate.yes else best.get(person, gate.reason)
    reasons = list(best.values())
    assert 0.6 < reasons.count("granted") / len(reasons) < 0.9
    assert {"denied", "no_consent"} <= set(reasons)
    assert ask(mall, "SELECT count(*) FROM consent_decision WHERE at > ?", now + 86_400_000) == [(0,)]
    assert policies(mall) == DEFAULT_POLICIES
    early = "SELECT count(*) FROM consent_decision d JOIN identifier_owner USING (identifier_id) JOIN person p ON p.id = person_id WHERE d.at < p.created_at"
    assert ask(mall, early)[0][0] <= len(people) * 0.1, "but for shared phones nobody decides before joining"


def test_money_agrees_with_budgets_and_costs(mall: Store) -> None:
    months = {m for (m,) in ask(mall, "SELECT DISTINCT day FROM money_line")}
    assert months == {"2025-04-01", "2025-05-01"}, "only months that are over"
    over = "to_day < '2025-06-01' AND from_day >= '2025-04-02'"
    for table, head, amount in (("campaign", "campaign", "budget_minor"), ("occasion", "occasion", "cost_minor")):
        spent = ask(mall, f"SELECT x.{amount}, (SELECT sum(amount_minor) FROM money_line WHERE {head}_id = x.id "
                    f"AND side = 'cost') FROM {table} x WHERE {over}")  # fmt: skip
        assert spent
        assert all(abs(planned - paid) <= 2 for planned, paid in spent)
    heads = {side: {h for s, h in ask(mall, "SELECT DISTINCT side, head FROM money_line") if s == side}
             for side in ("income", "cost")}  # fmt: skip
    assert heads["income"] == {"media", "sponsorship", "space", "parking", "service"}
    assert heads["cost"] == {"programme", "campaign", "occasion", "staff", "energy", "upkeep"}


def test_planted_frauds_can_be_seen_in_the_store(mall: Store, truth: dict) -> None:
    frauds = {kind: [f for f in truth["frauds"] if f["kind"] == kind] for kind in {f["kind"] for f in truth["frauds"]}}
    twice = ask(
        mall,
        "SELECT i.value, j.value FROM sale a JOIN sale b ON a.tenant_id = b.tenant_id AND a.at = b.at "
        "AND a.gross_minor = b.gross_minor AND a.id < b.id AND a.identifier_id <> b.identifier_id "
        "JOIN identifier i ON i.id = a.identifier_id JOIN identifier j ON j.id = b.identifier_id",
    )
    assert {frozenset(f["cards"]) for f in frauds["duplicate"]} <= {frozenset(pair) for pair in twice}
    for f in frauds["velocity"]:
        minutes, shops = ask(
            mall,
            "SELECT max(minute) - min(minute), count(DISTINCT tenant_id) FROM sale JOIN identifier i ON "
            "i.id = identifier_id WHERE i.value = ? AND day = ? AND source_key LIKE 'X%'", f["cards"][0], f["day"],
        )[0]  # fmt: skip
        assert minutes < 20
        assert shops == 9
    (ring,) = frauds["referral_ring"]
    told = ask(
        mall,
        "SELECT i.value, j.value, a.at FROM activity a JOIN identifier i ON i.id = a.identifier_id "
        "JOIN identifier j ON j.id = a.related_id WHERE a.kind = 'referral' AND a.day = ?", ring["day"],
    )  # fmt: skip
    chain = {new: old for new, old, _ in told if new in ring["cards"]}
    assert len(chain) == RING
    assert set(chain.values()) == set(ring["cards"])
    at = [at for new, _, at in told if new in chain]
    assert max(at) - min(at) <= 3_600_000
    bought = "SELECT count(*) FROM sale JOIN identifier i ON i.id = identifier_id WHERE i.value IN (SELECT value FROM json_each(?))"
    assert ask(mall, bought, json.dumps(ring["cards"])) == [(0,)]
    (collusion,) = frauds["collusion"]
    round_amounts = ask(
        mall,
        "SELECT count(*), count(CASE WHEN gross_minor % 50000 = 0 THEN 1 END) FROM sale s JOIN tenant t ON "
        "t.id = s.tenant_id JOIN identifier i ON i.id = s.identifier_id WHERE t.code = ? AND i.value = ? "
        "AND s.source_key LIKE 'X%'", collusion["tenant"], collusion["cards"][0],
    )  # fmt: skip
    assert round_amounts[0][0] >= round_amounts[0][1] == collusion["receipts"]


def test_some_people_only_look_and_who_joins_looked_more(year: World) -> None:
    seen, members = year.beyond.browsing, year.members
    lookers = len(seen.mail)
    assert 0.13 < (lookers - len(seen.buys)) / members.count < 0.17
    assert len(seen.buys) > 0
    apps = members.count + lookers + np.arange(len(seen.owners))
    joined = np.zeros(apps[-1] + 1)
    joined[apps] = members.day[seen.owners]
    offers = seen.kind == BROWSED.index("offer_view")
    before = (seen.sign >= apps[0]) & (seen.day < joined[seen.sign])
    early = len(np.unique(seen.sign[before]))
    assert 0.15 < early / members.count < 0.25
    those = (seen.sign >= members.count) & (seen.sign < apps[0])
    assert (before & offers).sum() / early > 2 * (those & offers).sum() / lookers


def test_people_without_a_card_are_people_of_their_own(mall: Store) -> None:
    assert ask(mall, "PRAGMA foreign_key_check") == []
    alone = ask(mall, "SELECT count(*) FROM person WHERE id NOT IN (SELECT person_id FROM member)")[0][0]
    assert alone == round(0.16 * MEMBERS)
    device = "SELECT count(DISTINCT m.person_id) FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id JOIN member m ON m.person_id = o.person_id WHERE i.kind = 'device'"
    assert 0.3 < ask(mall, device)[0][0] / MEMBERS < 0.5
    props = ask(mall, "SELECT count(*) FROM activity WHERE kind = 'page_view' AND json_extract(props, '$.seconds') > 0")
    assert props == ask(mall, "SELECT count(*) FROM activity WHERE kind = 'page_view'")


def test_turns_change_what_members_do(year: World) -> None:
    found = {"tripled": [0.0, 0.0], "stopped": [0.0, 0.0]}
    clock = year.members.clock
    for turn in year.beyond.planted.turns:
        every = np.concatenate([r.day[r.member == turn.member] for r in (year.receipts, year.beyond.receipts)])
        joined = year.members.day[turn.member]
        found[turn.kind][0] += (every < turn.day).sum() / (clock[turn.day] - clock[joined])
        found[turn.kind][1] += (every > turn.day).sum() / (clock[-1] - clock[turn.day])
    assert sum(t.kind == "tripled" for t in year.beyond.planted.turns) == 8
    assert 2.2 < found["tripled"][1] / found["tripled"][0] < 4
    assert found["stopped"][1] < 0.05 * found["stopped"][0]
