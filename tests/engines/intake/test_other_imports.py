"""Members, tenants, activities, counts, days and declarations from files; updates, revisions and their undoing."""

from __future__ import annotations

import pytest

from engines.intake.actions import import_file, undo_batch
from engines.intake.counts import upsert_counts
from models.errors import Known
from models.ids import new_id
from models.store import Store
from tests.engines.intake.content import content

MEMBERS = """卡号,姓名,性别,生日,会员等级,入会日期,手机号,邮箱
a1,王小明,男,1990-05-06,gold,2024-01-02,138 0000 0001,W@Example.com
a2,李红,女,,silver,2024/2/3,+86 13800000001,
"""
TENANTS = """shop code,shop name,category,brand,opened,status
T1,Zara,Fashion,Inditex,2020-01-01,
T2,Massimo Dutti,Fashion,Inditex,,closed
"""


def test_members_come_with_persons_and_signs(mall: Store, file, ask) -> None:
    result = import_file(mall, "me", "members", file("m.csv", MEMBERS, "gb18030"))
    assert (result.loaded, result.rejected) == (2, 0)
    assert ask("SELECT card_no, name, gender, birth_year, tier, joined_day, state FROM member ORDER BY card_no") == [
        ("a1", "王小明", "m", 1990, "gold", "2024-01-02", "active"),
        ("a2", "李红", "f", None, "silver", "2024-02-03", "active"),
    ]
    owned = ask(
        "SELECT m.card_no, i.kind, i.value FROM member m JOIN identifier_owner o ON o.person_id = m.person_id "
        "JOIN identifier i ON i.id = o.identifier_id ORDER BY 1, 2"
    )
    assert owned == [
        ("a1", "card", "A1"),
        ("a1", "email", "w@example.com"),
        ("a1", "phone", "13800000001"),
        ("a2", "card", "A2"),
    ]
    assert ask("SELECT count(*) FROM person") == [(2,)]


def test_a_member_whose_card_the_till_knew_is_that_person(mall: Store, file, ask) -> None:
    sales = "receipt,date,member card,amount\n1,2025-01-01,a1,5\n"
    import_file(mall, "me", "sales", file("s.csv", sales))
    before = content(mall, "intake_batch")
    batch = import_file(mall, "me", "members", file("m.csv", MEMBERS)).batch
    assert ask("SELECT count(*) FROM person") == [(2,)]
    spent = ask(
        "SELECT m.card_no, s.gross_minor FROM sale s JOIN identifier_owner o ON o.identifier_id = s.identifier_id "
        "JOIN member m ON m.person_id = o.person_id"
    )
    assert spent == [("a1", 500)]
    undo_batch(mall, "me", batch)
    assert content(mall, "intake_batch") == before


def test_undoing_the_tills_import_keeps_the_person_of_a_member(mall: Store, file, ask) -> None:
    till = import_file(mall, "me", "sales", file("s.csv", "receipt,date,member card,amount\n1,2025-01-01,a1,5\n")).batch
    import_file(mall, "me", "members", file("m.csv", MEMBERS))
    undo_batch(mall, "me", till)
    assert ask("SELECT count(*) FROM sale") == [(0,)]
    assert ask("SELECT m.card_no FROM member m JOIN identifier_owner o ON o.person_id = m.person_id "
               "JOIN identifier i ON i.id = o.identifier_id WHERE i.value = 'A1'") == [("a1",)]  # fmt: skip


def test_changed_members_are_updated_and_undoing_brings_them_back(mall: Store, file, ask) -> None:
    import_file(mall, "me", "members", file("m.csv", MEMBERS))
    before = content(mall, "intake_batch")
    changed = MEMBERS.replace("gold", "diamond").replace("a2,李红", "a3,张三")
    result = import_file(
        mall, "me", "members", file("n.csv", changed + "a1,王小明,男,1990-05-06,diamond,2024-01-02,,\n")
    )
    assert (result.loaded, result.updated, result.unchanged) == (1, 1, 1)
    assert ask("SELECT tier FROM member ORDER BY card_no") == [("diamond",), ("silver",), ("silver",)]
    undo_batch(mall, "me", result.batch)
    assert content(mall, "intake_batch") == before


def test_the_last_row_of_a_key_wins_and_undoing_forgets_both(mall: Store, file, ask) -> None:
    empty = content(mall)
    text = "card no,name,joined\n1,A,2025-01-01\n1,B,2025-01-01\n1,B,2025-01-01\n"
    result = import_file(mall, "me", "members", file("m.csv", text))
    assert (result.loaded, result.updated, result.unchanged) == (1, 1, 1)
    assert ask("SELECT name FROM member") == [("B",)]
    undo_batch(mall, "me", result.batch)
    assert content(mall) == empty


def test_undo_refuses_where_a_row_was_changed_again(mall: Store, file, ask) -> None:
    import_file(mall, "me", "members", file("a.csv", MEMBERS))
    second = import_file(mall, "me", "members", file("b.csv", MEMBERS.replace("gold", "jade"))).batch
    third = import_file(mall, "me", "members", file("c.csv", MEMBERS.replace("gold", "ruby"))).batch
    with pytest.raises(Known, match=r"c\.csv"):
        undo_batch(mall, "me", second)
    undo_batch(mall, "me", third)
    undo_batch(mall, "me", second)
    assert ask("SELECT tier FROM member WHERE card_no = 'a1'") == [("gold",)]


def test_undo_refuses_to_lose_what_a_person_changed_since(mall: Store, file, ask) -> None:
    import_file(mall, "me", "members", file("a.csv", MEMBERS))
    batch = import_file(mall, "me", "members", file("b.csv", MEMBERS.replace("gold", "jade"))).batch
    with mall.write("desk", "correcting a member") as tx:
        tx.connection.exec_driver_sql("UPDATE intake_batch SET ended_at = ended_at - 5000 WHERE id = ?", (batch,))
        tx.connection.exec_driver_sql("UPDATE member SET name = 'Wang' WHERE card_no = 'a1'")
    with pytest.raises(Known, match="changed again"):
        undo_batch(mall, "me", batch)
    assert ask("SELECT name, tier FROM member WHERE card_no = 'a1'") == [("Wang", "jade")]


def test_tenants_bring_their_brand_and_category(mall: Store, file, ask) -> None:
    empty = content(mall)
    result = import_file(mall, "me", "tenants", file("t.csv", TENANTS))
    assert result.loaded == 2
    assert ask("SELECT t.code, t.name, c.code, b.name, t.opened_day, t.state FROM tenant t JOIN category c ON c.id = t.category_id "
               "JOIN brand b ON b.id = t.brand_id ORDER BY 1") == [
        ("T1", "Zara", "Fashion", "Inditex", "2020-01-01", "trading"),
        ("T2", "Massimo Dutti", "Fashion", "Inditex", None, "closed"),
    ]  # fmt: skip
    again = import_file(mall, "me", "tenants", file("t.csv", TENANTS))
    assert (again.unchanged, again.updated) == (2, 0)
    sold = import_file(
        mall, "me", "sales", file("s.csv", "receipt,date,shop,amount\n1,2025-01-01,zara,5\n2,2025-01-01,T2,5\n")
    )
    assert sold.loaded == 2
    assert ask("SELECT count(*) FROM tenant") == [(2,)]
    undo_batch(mall, "me", sold.batch)
    undo_batch(mall, "me", result.batch)
    assert content(mall, "intake_batch") == {k: v for k, v in empty.items() if k != "intake_batch"}


def test_activities_load_once_and_refuse_an_unknown_campaign(mall: Store, file, ask) -> None:
    text = 'id,activity,date,card,shop,score,campaign,props\n1,visit,2025-01-01 09:30,a1,Zara,9,,"{""b"": 1}"\n2,visit,2025-01-01,,,,X9,\n'
    first = import_file(mall, "me", "activities", file("a.csv", text))
    assert (first.loaded, first.rejected) == (1, 1)
    assert first.rejects[0].column == "campaign"
    assert ask("SELECT kind, minute, score, props FROM activity") == [("visit", 570, 9.0, '{"b": 1}')]
    again = import_file(mall, "me", "activities", file("a.csv", text))
    assert (again.loaded, again.unchanged) == (0, 1)
    other = import_file(mall, "me", "activities", file("b.csv", text.replace(",9,", ",8,")))
    assert (other.loaded, other.unchanged, other.rejected) == (0, 0, 2)
    undo_batch(mall, "me", first.batch)
    assert ask(
        "SELECT (SELECT count(*) FROM activity), (SELECT count(*) FROM tenant), (SELECT count(*) FROM person)"
    ) == [(0, 0, 0)]


def test_counts_correct_themselves_by_revision(mall: Store, file, ask) -> None:
    text = "gate,time,in,out\nN,2025-03-01 10:00,5,2\nN,2025-03-01 10:15,7,\nN,2025-03-01,1,1\nN,2025-03-01 10:30,-1,\n"
    first = import_file(mall, "me", "counts", file("c.csv", text))
    assert (first.loaded, first.rejected) == (2, 2)
    again = import_file(mall, "me", "counts", file("c.csv", text))
    assert again.unchanged == 2
    corrected = import_file(mall, "me", "counts", file("c.csv", text.replace(",5,2", ",6,2")))
    assert (corrected.updated, corrected.unchanged) == (1, 1)
    rows = (
        "SELECT direction, minute, revision, n, seconds_observed FROM count_bucket ORDER BY minute, direction, revision"
    )
    assert ask(rows) == [
        ("in", 600, 0, 5, 900),
        ("in", 600, 1, 6, 900),
        ("out", 600, 0, 2, 900),
        ("in", 615, 0, 7, 900),
    ]
    undo_batch(mall, "me", corrected.batch)
    assert len(ask(rows)) == 3
    undo_batch(mall, "me", first.batch)
    assert ask("SELECT (SELECT count(*) FROM count_bucket), (SELECT count(*) FROM gate)") == [(0, 0)]


def test_hourly_counts_are_spread_and_minute_counts_added_up(mall: Store, file, ask) -> None:
    hourly = "sensor,date time,count\n" + "".join(f"H,2025-03-01 {h:02d}:00,{h + 1}\n" for h in range(9, 12))
    result = import_file(mall, "me", "counts", file("h.csv", hourly))
    assert ask("SELECT minute, n FROM count_bucket WHERE minute < 600 ORDER BY 1") == [
        (540, 3),
        (555, 3),
        (570, 2),
        (585, 2),
    ]
    assert ask("SELECT sum(n) FROM count_bucket") == [(33,)]
    assert any("spread" in note for note in result.notes)
    minutes = "sensor,time,count\n" + "".join(f"M,2025-03-01 10:{m:02d},1\n" for m in range(20))
    import_file(mall, "me", "counts", file("m.csv", minutes))
    assert ask("SELECT minute, n, seconds_observed FROM count_bucket c JOIN gate g ON g.id = c.gate_id WHERE code = 'M' "
               "ORDER BY 1") == [(600, 15, 900), (615, 5, 300)]  # fmt: skip


def test_a_watching_counter_keeps_its_current_bucket(mall: Store, ask) -> None:
    start = 1_767_225_600_000
    assert (
        upsert_counts(mall, "watch", "cam1", [("north", start, "in", 3, 60, 0), ("north", start, "out", 0, 60, 0)]) == 2
    )
    assert upsert_counts(mall, "watch", "cam1", [("north", start, "in", 3, 60, 0)]) == 0
    assert upsert_counts(mall, "watch", "cam1", [("north", start, "in", 5, 120, 1)]) == 1
    assert ask("SELECT n, seconds_observed, frames_dropped, minute FROM count_bucket WHERE direction = 'in'") == [
        (5, 120, 1, 480)
    ]
    with pytest.raises(ValueError, match="no bucket"):
        upsert_counts(mall, "watch", "cam1", [("north", start + 1, "in", 5, 120, 1)])


def test_days_of_the_calendar(mall: Store, file, ask) -> None:
    text = "日期,节假日,天气,最高气温,学校假期,开门时间,关门时间,闭店\n2025-10-01,国庆节,晴,24.5,是,10:00,22:00,否\n2025-10-02,,,,x?,,,\n"
    result = import_file(mall, "me", "calendar", file("d.csv", text))
    assert (result.loaded, result.rejected) == (1, 1)
    assert ask("SELECT day, holiday, weather, temperature_max_c, school_holiday, opens_minute, closes_minute, closed FROM calendar_day") == [
        ("2025-10-01", "国庆节", "晴", 24.5, 1, 600, 1320, 0)
    ]  # fmt: skip
    changed = import_file(mall, "me", "calendar", file("e.csv", "day,weather\n2025-10-01,rain\n"))
    assert changed.updated == 1
    undo_batch(mall, "me", changed.batch)
    assert ask("SELECT weather, holiday FROM calendar_day") == [("晴", "国庆节")]
    undo_batch(mall, "me", result.batch)
    assert ask("SELECT count(*) FROM calendar_day") == [(0,)]


def test_declarations_find_the_lease_and_correct_by_revision(mall: Store, file, ask) -> None:
    unit, tenant = new_id(), new_id()
    with mall.write("desk", "a lease") as tx:
        tx.execute_many("INSERT INTO unit (id, code) VALUES (?, 'U')", [(unit,)])
        tx.execute_many("INSERT INTO tenant (id, code, name, state) VALUES (?, 'T1', 'Zara', 'trading')", [(tenant,)])
        tx.execute_many(
            "INSERT INTO lease (id, code, unit_id, tenant_id, from_day, to_day, base_rent_minor, service_charge_minor, levy_minor) "
            "VALUES (?, 'L1', ?, ?, '2024-01-01', '2026-12-31', 0, 0, 0)", [(new_id(), unit, tenant)],
        )  # fmt: skip
    text = 'shop,month,gross sales\nT1,2025-01,"1,000"\nZara,Feb 2025,2000\nT9,2025-01,5\nT1,2023-01,5\n'
    first = import_file(mall, "me", "declarations", file("d.csv", text))
    assert (first.loaded, first.rejected) == (2, 2)
    second = import_file(mall, "me", "declarations", file("e.csv", text.replace("2000", "2500")))
    assert (second.updated, second.unchanged) == (1, 1)
    rows = "SELECT period, revision, gross_minor FROM declaration ORDER BY 1, 2"
    assert ask(rows) == [("2025-01", 0, 100000), ("2025-02", 0, 200000), ("2025-02", 1, 250000)]
    undo_batch(mall, "me", second.batch)
    assert len(ask(rows)) == 2


WEB = """event_name,event_timestamp,user_pseudo_id,page_location
page_view,1772330400000000,1234.5678,https://mall.example/offers
scroll,1772330460000000,1234.5678,https://mall.example/offers
"""
APP = """event,time,member_id,device,screen
app_open,2026-03-01 09:12:33,A1,ios-77,home
app_open,2026-03-02 20:02:10,,and-12,home
"""
SENSOR = """{"ts": 1772330400, "device": "gate-7", "count_in": 12, "count_out": 4}
{"ts": 1772331300, "device": "gate-7", "count_in": 15, "count_out": 9}
"""


def test_what_web_analytics_and_the_app_export_is_read_without_a_map(mall: Store, file, ask) -> None:
    assert import_file(mall, "me", "activities", file("web.csv", WEB)).loaded == 2
    assert import_file(mall, "me", "activities", file("app.csv", APP)).loaded == 2
    told = ask("SELECT a.kind, i.kind FROM activity a JOIN identifier i ON i.id = a.identifier_id ORDER BY a.at")
    assert sorted(told) == [
        ("app_open", "card"), ("app_open", "device"), ("page_view", "device"), ("scroll", "device"),
    ]  # fmt: skip
    pages = ask("SELECT DISTINCT json_extract(props, '$.page') FROM activity ORDER BY 1")
    assert pages == [("home",), ("https://mall.example/offers",)] and not ask("SELECT * FROM tenant")
    assert ask("SELECT at FROM activity WHERE kind = 'page_view'") == [(1_772_330_400_000,)]


def test_a_door_sensors_lines_are_counts(mall: Store, file, ask) -> None:
    assert import_file(mall, "me", "counts", file("door.jsonl", SENSOR)).loaded == 2
    assert ask("SELECT g.code, sum(c.n) FROM count_bucket c JOIN gate g ON g.id = c.gate_id GROUP BY 1") == [
        ("gate-7", 40)
    ]
