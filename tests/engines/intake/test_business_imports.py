"""Happenings, prospects, talks, consents, money and behaviour from files, and their undoing."""

from __future__ import annotations

import json

import pytest

from engines.consent.queries import may_contact
from engines.intake.actions import import_file, undo_batch
from engines.intake.files import read_sheet
from engines.intake.guess import guess_kind
from engines.people.quality import quality
from models.ids import new_id
from models.store import Store
from tests.engines.intake.content import content

OCCASIONS = """event code,event name,event type,scope,scope code,start date,end date,cost,baseline
F1,Flower fair,fair,zone,atrium,2025-03-14,2025-03-22,"120,000",weeks
S1,Sale,sale,mall,,2025-05-15,,5000.50,last year
X1,Nowhere,fair,zone,roof,2025-05-15,,1,
X2,Backwards,fair,,,2025-05-15,2025-05-01,1,
X3,Odd,fair,city,,2025-05-15,,1,
"""
CAMPAIGNS = """campaign code,campaign name,channel,start date,end date,budget,holdout
C1,Spring sale,E-Mail,2025-03-01,2025-03-07,"12,000",10
C2,Reminder,短信,2025-04-01,,300.50,0.2
C3,Backwards,sms,2025-04-02,2025-04-01,1,
C4,Pigeon,pigeon,2025-04-02,,1,
C5,Everybody,sms,2025-04-02,,1,150
"""
DEALS = """商机编号,意向客户,业务线,阶段,状态,年租金,开始日期,结束日期,输单原因
D1,木槿咖啡,招商,看铺,进行中,360000,2025-01-05,,
D2,木槿咖啡,多经,签约,赢单,20000,2025-02-01,2025-02-20,
D3,青禾,媒体,报价,输单,9000,2025-02-03,2025-03-01,价格
D4,青禾,月球,报价,输单,9000,2025-02-03,2025-03-01,
D5,青禾,媒体,报价,输单,9000,2025-02-03,2025-01-01,
"""
STEPS = """deal,activity type,date,stage
D1,enquiry,2025-01-05 10:00,
D1,看铺,2025-01-09 15:30,
D1,stage,2025-01-09 16:00,viewing
D9,call,2025-01-09 16:00,
D1,dance,2025-01-09 16:00,
"""
CONSENTS = """card no,phone,email,channel,decision,date,expiry date,notice version
a1,,w@example.com,email,yes,2025-01-01 10:00,2026-01-01,v2
a1,13800000001,,sms,opt-out,2025-02-01 10:00,,v2
a1,,,,refused,2025-03-01 10:00,,
,,,email,yes,2025-01-01,,
a1,,,pigeon,yes,2025-01-01,,
a1,,w@example.com,email,yes,2025-01-01 10:00,2024-01-01,v2
"""
MONEY = """month,head,amount,event,zone
2025-03,赞助,"30,000",F1,
2025-03,energy,250000,,
2025-03,energy,1000,,
2025-04,gold,1,,
2025-04,energy,1,,roof
"""


@pytest.fixture
def places(mall: Store) -> Store:
    with mall.write("desk", "places") as tx:
        floor = new_id()
        tx.execute_many("INSERT INTO floor (id, code, name, level) VALUES (?, 'L1', 'One', 0)", [(floor,)])
        tx.execute_many(
            "INSERT INTO zone (id, code, name, floor_id) VALUES (?, 'atrium', 'Atrium', ?)", [(new_id(), floor)]
        )
    return mall


def test_occasions_load_update_and_go_back(places: Store, file, ask) -> None:
    before = content(places, "intake_batch")
    first = import_file(places, "me", "occasions", file("o.csv", OCCASIONS))
    assert (first.loaded, first.rejected) == (2, 3)
    assert [(r.row_no, r.column) for r in first.rejects] == [(3, "scope code"), (4, "end date"), (5, "scope")]
    rows = "SELECT code, kind, scope, scope_code, from_day, to_day, cost_minor, baseline, baseline_weeks FROM occasion"
    assert ask(f"{rows} ORDER BY code") == [
        ("F1", "fair", "zone", "atrium", "2025-03-14", "2025-03-22", 12_000_000, "weeks", 4),
        ("S1", "sale", "mall", None, "2025-05-15", "2025-05-15", 500_050, "year", 4),
    ]
    again = import_file(places, "me", "occasions", file("o.csv", OCCASIONS))
    assert (again.loaded, again.unchanged) == (0, 2)
    changed = import_file(places, "me", "occasions", file("p.csv", OCCASIONS.replace("120,000", "90,000")))
    assert (changed.updated, changed.unchanged) == (1, 1)
    undo_batch(places, "me", changed.batch)
    assert ask("SELECT cost_minor FROM occasion WHERE code = 'F1'") == [(12_000_000,)]
    undo_batch(places, "me", first.batch)
    assert content(places, "intake_batch", "intake_reject") == {k: v for k, v in before.items() if k != "intake_reject"}


def test_campaigns_come_with_their_channel_and_can_be_named_by_what_was_sent(places: Store, file, ask) -> None:
    made = import_file(places, "me", "campaigns", file("c.csv", CAMPAIGNS))
    assert (made.loaded, made.rejected) == (2, 3)
    assert [(r.row_no, r.column) for r in made.rejects] == [(3, "end date"), (4, "channel"), (5, "holdout")]
    rows = "SELECT code, channel, from_day, to_day, budget_minor, holdout_share FROM campaign ORDER BY code"
    assert ask(rows) == [
        ("C1", "email", "2025-03-01", "2025-03-07", 1_200_000, 0.1),
        ("C2", "sms", "2025-04-01", "2025-04-01", 30_050, 0.2),
    ]
    sent = "card no,activity type,date,campaign\na1,campaign_sent,2025-03-01 10:00,C1\n"
    touches = import_file(places, "me", "activities", file("a.csv", sent))
    assert (touches.loaded, touches.rejected) == (1, 0)
    undo_batch(places, "me", made.batch)
    assert [row[0] for row in ask(rows)] == ["C1"]  # what was sent rests on it
    assert guess_kind(read_sheet(file("g.csv", CAMPAIGNS)))[0] == "campaigns"


def test_figures_below_nothing_are_refused_and_chinese_words_are_known(places: Store, file, ask) -> None:
    held = "活动编号,活动名称,范围,开始日期,结束日期,费用,对比基准\nH1,年货节,全场,2027年1月20日,2027年1月31日,8万,上年\nH2,灯会,全场,2027-02-19,,-5,周\n"
    made = import_file(places, "me", "occasions", file("o.csv", held, "gb18030"))
    assert [(r.row_no, r.column, r.reason) for r in made.rejects] == [(2, "费用", "it is below 0")]
    assert ask("SELECT code, to_day, cost_minor, baseline FROM occasion") == [("H1", "2027-01-31", 8_000_000, "year")]
    text = "lead id,company,outlets,first contact\nP1,Alder,-3,2025-01-02\nP2,Beech,3,2025-01-02\n"
    first = import_file(places, "me", "prospects", file("p.csv", text))
    assert [(r.row_no, r.column) for r in first.rejects] == [(1, "outlets")]
    deals = "deal id,account,annual rent,sqm,enquiry date\nD1,P2,-1,10,2025-01-02\nD2,P2,1,-10,2025-01-02\nD3,P2,,,2025-01-02\n"
    talks = import_file(places, "me", "deals", file("d.csv", deals))
    assert [(r.row_no, r.column) for r in talks.rejects] == [(1, "annual rent"), (2, "sqm")]
    assert talks.loaded == 1


def test_prospects_bring_their_category(mall: Store, file, ask) -> None:
    text = "prospect code,company,category,number of stores,lead source,created\nP1,Alder,food,12,broker,2025-01-02\n"
    first = import_file(mall, "me", "prospects", file("p.csv", text))
    assert first.loaded == 1
    assert ask("SELECT p.code, p.name, c.code, p.outlets, p.channel, p.created_day FROM prospect p JOIN category c "
               "ON c.id = p.category_id") == [("P1", "Alder", "food", 12, "broker", "2025-01-02")]  # fmt: skip
    undo_batch(mall, "me", first.batch)
    assert ask("SELECT (SELECT count(*) FROM prospect), (SELECT count(*) FROM category)") == [(0, 0)]


def test_deals_and_their_steps_in_chinese(mall: Store, file, ask) -> None:
    deals = import_file(mall, "me", "deals", file("d.csv", DEALS, "gb18030"))
    assert (deals.loaded, deals.rejected) == (3, 2)
    assert ask("SELECT d.code, p.name, d.pipeline, d.stage, d.state, d.value_minor, d.closed_day FROM deal d "
               "JOIN prospect p ON p.id = d.prospect_id ORDER BY 1") == [
        ("D1", "木槿咖啡", "leasing", "viewing", "open", 36_000_000, None),
        ("D2", "木槿咖啡", "casual", "signed", "won", 2_000_000, "2025-02-20"),
        ("D3", "青禾", "media", "terms", "lost", 900_000, "2025-03-01"),
    ]  # fmt: skip
    assert ask("SELECT name, created_day FROM prospect ORDER BY created_day") == [
        ("木槿咖啡", "2025-01-05"),
        ("青禾", "2025-02-03"),
    ]
    steps = import_file(mall, "me", "deal_activities", file("s.csv", STEPS))
    assert (steps.loaded, steps.rejected) == (3, 2)
    assert ask("SELECT kind, stage, day, minute FROM deal_activity ORDER BY at") == [
        ("enquiry", None, "2025-01-05", 600),
        ("viewing", None, "2025-01-09", 930),
        ("stage", "viewing", "2025-01-09", 960),
    ]
    assert import_file(mall, "me", "deal_activities", file("s.csv", STEPS)).unchanged == 3
    undo_batch(mall, "me", steps.batch)
    undo_batch(mall, "me", deals.batch)
    counts = "SELECT (SELECT count(*) FROM deal_activity), (SELECT count(*) FROM deal), (SELECT count(*) FROM prospect)"
    assert ask(counts) == [(0, 0, 0)]


def test_a_deal_that_steps_rest_on_stays(mall: Store, file, ask) -> None:
    deals = import_file(mall, "me", "deals", file("d.csv", DEALS))
    import_file(mall, "me", "deal_activities", file("s.csv", STEPS))
    undo_batch(mall, "me", deals.batch)
    assert ask("SELECT d.code, p.name FROM deal d JOIN prospect p ON p.id = d.prospect_id") == [("D1", "木槿咖啡")]


def test_consents_hang_on_the_sign_of_their_channel(mall: Store, file, ask) -> None:
    import_file(mall, "me", "members", file("m.csv", "card no,name,joined,phone,email\n"
                                            "a1,Wang,2024-01-02,13800000001,w@example.com\n"))  # fmt: skip
    before = content(mall, "intake_batch", "intake_reject")
    first = import_file(mall, "me", "consents", file("c.csv", CONSENTS))
    assert (first.loaded, first.rejected) == (3, 3)
    assert ask("SELECT i.kind, d.purpose, d.channel, d.decision, d.notice, d.expires_at IS NOT NULL, d.actor "
               "FROM consent_decision d JOIN identifier i ON i.id = d.identifier_id ORDER BY d.at") == [
        ("email", "marketing", "email", "grant", "v2", 1, "me"),
        ("phone", "marketing", "sms", "withdraw", "v2", 0, "me"),
        ("card", "marketing", "any", "deny", None, 0, "me"),
    ]  # fmt: skip
    person = ask("SELECT person_id FROM member")[0][0]
    march = 1_740_800_000_000
    assert may_contact(mall, [person], "marketing", "email", march - 10 * 86_400_000)[person].reason == "granted"
    assert may_contact(mall, [person], "marketing", "email", march + 10 * 86_400_000)[person].reason == "denied"
    assert import_file(mall, "me", "consents", file("c.csv", CONSENTS)).unchanged == 3
    undo_batch(mall, "me", first.batch)
    assert content(mall, "intake_batch", "intake_reject") == before


def test_consents_make_a_sign_that_nobody_knew_and_take_it_away_again(mall: Store, file, ask) -> None:
    text = "邮箱,渠道,是否同意,时间\nnew@example.com,邮件,同意,2025-01-01 10:00\n"
    first = import_file(mall, "me", "consents", file("c.csv", text))
    assert first.loaded == 1
    assert ask("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM consent_decision)") == [(1, 1)]
    undo_batch(mall, "me", first.batch)
    assert ask("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM identifier)") == [(0, 0)]


def test_money_lines_of_months(places: Store, file, ask) -> None:
    import_file(places, "me", "occasions", file("o.csv", OCCASIONS))
    first = import_file(places, "me", "money", file("m.csv", MONEY))
    assert (first.loaded, first.rejected) == (3, 2)
    assert ask("SELECT m.day, m.side, m.head, m.amount_minor, o.code FROM money_line m "
               "LEFT JOIN occasion o ON o.id = m.occasion_id ORDER BY m.amount_minor") == [
        ("2025-03-01", "cost", "energy", 100_000, None),
        ("2025-03-01", "income", "sponsorship", 3_000_000, "F1"),
        ("2025-03-01", "cost", "energy", 25_000_000, None),
    ]  # fmt: skip
    again = import_file(places, "me", "money", file("m.csv", MONEY))
    assert (again.loaded, again.unchanged) == (0, 3)
    other = import_file(places, "me", "money", file("m.csv", MONEY.replace("250000", "260000")))
    assert (other.loaded, other.unchanged) == (0, 2), "a line that comes again with another amount is refused"
    undo_batch(places, "me", first.batch)
    assert ask("SELECT count(*) FROM money_line") == [(0,)]


def test_behaviour_on_the_web_and_in_the_app_as_json_lines(mall: Store, file, ask) -> None:
    rows = [
        {"id": "w1", "event": "page_view", "timestamp": "2025-03-01T10:00:00+08:00", "device_id": "ab-1",
         "duration": 42, "properties": {"page": "offers"}},
        {"id": "w2", "event": "app_open", "timestamp": 1740794400000, "device_id": "ab-1"},
        {"id": "w3", "event": "offer_view", "timestamp": "2025-03-01 10:02:00", "card": "a1", "store": "Zara",
         "zone": "atrium"},
        {"id": "w4", "event": "review", "timestamp": "2025-03-02 10:02:00", "email": "A@Example.com", "rating": 4},
        {"id": "w5", "event": "signup", "timestamp": "never", "email": "b@example.com"},
    ]  # fmt: skip
    path = file("web.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert guess_kind(read_sheet(path))[0] == "activities"
    first = import_file(mall, "me", "activities", path, source="web")
    assert (first.loaded, first.rejected) == (4, 1)
    assert ask("SELECT a.kind, i.kind, i.value, a.minute, a.score, a.zone_code, a.props FROM activity a "
               "JOIN identifier i ON i.id = a.identifier_id ORDER BY a.source_key") == [
        ("page_view", "device", "AB-1", 600, None, None, '{"page": "offers", "seconds": 42.0}'),
        ("app_open", "device", "AB-1", 600, None, None, None),
        ("offer_view", "card", "A1", 602, None, "atrium", None),
        ("review", "email", "a@example.com", 602, 4.0, None, None),
    ]  # fmt: skip
    assert import_file(mall, "me", "activities", path, source="web").unchanged == 4
    undo_batch(mall, "me", first.batch)
    assert ask("SELECT (SELECT count(*) FROM activity), (SELECT count(*) FROM person)") == [(0, 0)]


def test_a_shared_phone_is_flagged_and_its_facts_stay(mall: Store, file, ask) -> None:
    import_file(mall, "me", "sales", file("s.csv", "receipt,date,phone,amount\n1,2025-01-01,13800000001,5\n"))
    import_file(mall, "me", "members", file("a.csv", "card no,joined,phone\na1,2025-01-01,13800000001\n"))
    till = ask(
        "SELECT person_id FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id WHERE i.kind = 'phone'"
    )
    before = content(mall, "intake_batch")
    text = "card no,joined,phone\na2,2025-01-02,138 0000 0001\na3,2025-01-03,13900000002\na4,2025-01-03,13900000002\n"
    import_file(mall, "me", "members", file("b.csv", text))
    assert quality(mall).shared == 5, "the till's person and a1, a2 by one phone, a3 and a4 by another"
    assert ask("SELECT person_id FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
               "WHERE i.value = '13800000001'") == till  # fmt: skip
    newest = ask(
        "SELECT k.person_id = o.person_id FROM identity_link k JOIN identifier_owner o USING (identifier_id) "
        "WHERE (k.at, k.id) = (SELECT x.at, x.id FROM identity_link x WHERE x.identifier_id = k.identifier_id "
        "ORDER BY x.at DESC, x.id DESC LIMIT 1)"
    )
    assert set(newest) == {(1,)}, "the newest link still says whose it is"
    import_file(mall, "me", "members", file("b2.csv", text.replace("a2,2025-01-02", "a2,2025-01-04")))
    links = ask("SELECT count(*) FROM identity_link")
    third = import_file(mall, "me", "members", file("b3.csv", text.replace("a2,2025-01-02", "a2,2025-01-05")))
    assert ask("SELECT count(*) FROM identity_link") == links, "who gave it already is not booked again"
    undo_batch(mall, "me", third.batch)
    assert ask("PRAGMA foreign_key_check") == []
    assert len(before["member"]) == 1


def test_undoing_members_takes_their_shares_away(mall: Store, file, ask) -> None:
    import_file(mall, "me", "members", file("a.csv", "card no,joined,phone\na1,2025-01-01,13800000001\n"))
    before = content(mall, "intake_batch")
    text = "card no,joined,phone\na2,2025-01-02,13800000001\na3,2025-01-03,13900000002\na4,2025-01-03,13900000002\n"
    second = import_file(mall, "me", "members", file("b.csv", text))
    assert quality(mall).shared == 4
    undo_batch(mall, "me", second.batch)
    assert content(mall, "intake_batch") == before
    assert quality(mall).shared == 0


def test_what_is_still_to_come_is_refused_row_by_row_and_plans_are_not(places: Store, file, ask) -> None:
    sales = "receipt,date,card no,amount\ns1,2025-01-02,a1,10\ns2,2190-01-02,a1,10\n"
    till = import_file(places, "me", "sales", file("s.csv", sales))
    assert (till.loaded, [(r.row_no, r.column, r.reason) for r in till.rejects]) == (
        1, [(2, "date", "'2190-01-02' is still to come")],
    )  # fmt: skip
    consents = "card no,channel,decision,date,expiry date\na1,email,yes,2025-01-01,2190-01-01\na1,sms,yes,2190-01-01,\n"
    assert [r.row_no for r in import_file(places, "me", "consents", file("c.csv", consents)).rejects] == [2]
    prospects = "lead id,company,first contact\nP1,Alder,2190-01-02\nP2,Beech,2025-01-02\n"
    assert [r.row_no for r in import_file(places, "me", "prospects", file("p.csv", prospects)).rejects] == [1]
    fair = "event code,event name,start date,end date\nF1,Fair,2190-03-14,2190-03-22\n"
    assert import_file(places, "me", "occasions", file("o.csv", fair)).loaded == 1
