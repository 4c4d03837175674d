"""A customer's profile and timeline, what is doubtful in the data, and the acts that are booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engines.people.actions import record_export, reveal
from engines.people.profile import profile
from engines.people.quality import age_band, makeup, quality
from engines.people.queries import search
from engines.people.timeline import timeline, timeline_counts
from models.errors import Known
from models.ids import new_id
from tests.engines.hand_mall import HandMall

TODAY = date(2026, 4, 10)


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def give(mall: HandMall, who: str, kind: str, value: str) -> None:
    """Somebody gives a sign; the newest who gave it owns it."""
    known = mall.ids.get(("sign", value))
    if known is None:
        known = mall.ids["sign", value] = new_id()
        mall.put("identifier", id=known, kind=kind, value_hmac=value.encode(), value=value)
        mall.put("identifier_owner", identifier_id=known, person_id=mall.ids["person", who])
    mall.put("identity_link", id=new_id(), identifier_id=known, person_id=mall.ids["person", who], action="link",
             confidence=1.0, actor="tester", reason="test", at=0)  # fmt: skip


def told(mall: HandMall, who: str, **columns: Any) -> None:
    """What a member told."""
    with mall.store.write("tester", "telling") as tx:
        for name, value in columns.items():
            tx.connection.exec_driver_sql(f"UPDATE member SET {name} = ? WHERE card_no = ?", (value, who))


def test_a_profile_adds_up_what_was_bought(mall: HandMall) -> None:
    mall.let("zara", "L1-01", "2025-01-01", "2027-01-01")
    mall.let("muji", "L1-02", "2025-01-01", "2027-01-01")
    mall.person("ann", joined="2025-12-01")
    for day, net, tenant in (
        ("2026-01-05", 500, "zara"), ("2026-01-05", 700, "zara"), ("2026-03-09", 900, "muji"), ("2026-03-10", -200, "muji"),
    ):  # fmt: skip
        mall.sale(day, net, tenant=tenant, who="ann")
    mall.act("visit", "2026-03-09", who="ann")
    mall.act("visit", "2026-03-11", who="ann")
    found = profile(mall.store, mall.ids["person", "ann"], TODAY)
    totals = found.totals
    assert (totals.purchases, totals.returns, totals.net_minor) == (3, 1, 1900)
    assert (totals.first_day, totals.last_day, totals.visits) == ("2026-01-05", "2026-03-09", 3)
    assert [(f.name, f.purchases, f.net_minor) for f in found.favourites] == [("Zara", 2, 1200), ("Muji", 1, 700)]
    assert [(m.month, m.net_minor, m.purchases) for m in found.months] == [
        ("2026-01", 1200, 2), ("2026-02", 0, 0), ("2026-03", 700, 1), ("2026-04", 0, 0),
    ]  # fmt: skip
    assert found.rfm is None


def test_months_go_back_two_years_at_most(mall: HandMall) -> None:
    mall.sale("2019-06-01", 100, who="old")
    mall.sale("2026-02-01", 100, who="old")
    months = profile(mall.store, mall.ids["person", "old"], TODAY).months
    assert len(months) == 24
    assert (months[0].month, months[-1].month) == ("2024-05", "2026-04")


def test_who_has_long_stayed_away_shows_the_months_in_which_there_was_something(mall: HandMall) -> None:
    mall.sale("2019-06-01", 100, who="gone")
    mall.sale("2019-08-01", 300, who="gone")
    months = profile(mall.store, mall.ids["person", "gone"], TODAY).months
    assert [(m.month, m.net_minor) for m in months] == [("2019-06", 100), ("2019-07", 0), ("2019-08", 300)]


def test_someone_without_purchases_has_a_profile_and_a_stranger_has_none(mall: HandMall) -> None:
    mall.person("ann", joined="2025-12-01")
    found = profile(mall.store, mall.ids["person", "ann"], TODAY)
    assert (found.totals.purchases, found.months, found.favourites) == (0, (), ())
    with pytest.raises(Known, match="not in the store"):
        profile(mall.store, new_id(), TODAY)


def test_the_timeline_is_newest_first_and_pages_hold_everything_once(mall: HandMall) -> None:
    mall.person("ann", joined="2026-01-01")
    for day in range(1, 10):
        mall.sale(f"2026-02-0{day}", 100, who="ann")
        mall.act("visit", f"2026-02-0{day}", who="ann")
    entries, after = [], None
    person = mall.ids["person", "ann"]
    while page := timeline(mall.store, person, limit=4, after=after):
        entries += page
        after = page[-1].key
    assert len({e.key for e in entries}) == len(entries) == 18
    assert [e.key for e in entries] == sorted((e.key for e in entries), reverse=True)
    assert [e.kind for e in entries[:2]] == ["visit", "sale"]


def test_groups_choose_entries_and_unknown_kinds_are_other(mall: HandMall) -> None:
    mall.person("ann", joined="2026-01-01")
    mall.person("ben", joined="2026-01-01")
    mall.sale("2026-02-01", 100, who="ann")
    mall.sale("2026-02-02", -50, who="ann")
    mall.act("parking", "2026-02-03", who="ann")
    mall.act("nps", "2026-02-04", who="ann", score=9)
    mall.put("activity", id=new_id(), source_id=mall.ids["source", "crm"], source_key="r", kind="referral",
             identifier_id=mall.person("ben"), related_id=mall.person("ann"), at=mall.at("2026-02-05"),
             day="2026-02-05", minute=0, batch_id=b"b" * 16)  # fmt: skip
    ann, ben = mall.ids["person", "ann"], mall.ids["person", "ben"]
    assert timeline_counts(mall.store, ann) == {"purchases": 2, "other": 1, "answers": 1, "membership": 1}
    assert [e.kind for e in timeline(mall.store, ann, groups=("purchases",))] == ["return", "sale"]
    assert [e.kind for e in timeline(mall.store, ann, groups=("other",))] == ["parking"]
    assert [e.kind for e in timeline(mall.store, ann, groups=("membership", "answers"))] == ["referred", "nps"]
    assert [e.kind for e in timeline(mall.store, ben)] == ["referral"]


def test_a_shared_phone_is_a_family_or_one_person_twice(mall: HandMall) -> None:
    for who in ("ann", "ann2", "son", "alone"):
        mall.person(who, joined="2026-01-01")
    told(mall, "ann", name="Ann Lee", birth_year=1980, gender="f")
    told(mall, "ann2", name="ann lee")
    told(mall, "son", name="Tom Lee", birth_year=2005, gender="m")
    for who in ("ann", "ann2", "son"):
        give(mall, who, "phone", "13800001111")
    give(mall, "alone", "email", "a@b.c")
    assert len(search(mall.store, among="shared")) == 3
    assert {c.person_id for c in search(mall.store, among="duplicates")} == {
        mall.ids["person", "ann"], mall.ids["person", "ann2"],
    }  # fmt: skip
    related = profile(mall.store, mall.ids["person", "ann"], TODAY).related
    assert [(r.label, r.shown, r.alike) for r in related] == [
        ("a•• l••", "••••1111", True),
        ("T•• L••", "••••1111", False),
    ]
    found = quality(mall.store)
    assert (found.shared, found.duplicates, found.unreachable) == (3, 2, 2)


def test_the_same_year_without_a_gender_is_no_likeness(mall: HandMall) -> None:
    for who in ("one", "two"):
        mall.person(who, joined="2026-01-01")
        told(mall, who, birth_year=1980)
        give(mall, who, "phone", "13800001111")
    assert search(mall.store, among="duplicates") == []
    assert [r.alike for r in profile(mall.store, mall.ids["person", "one"], TODAY).related] == [False]


@pytest.mark.parametrize(
    ("phone", "doubtful"),
    [("13800001111", False), ("02112345678", False), ("85212345678", False), ("12345678901", True), ("138000011", True),
     ("00012345678", True), ("123", True), ("99999999999999999", True)],
)  # fmt: skip
def test_phones_are_judged_by_the_country(mall: HandMall, phone: str, doubtful: bool) -> None:
    mall.person("ann", joined="2026-01-01")
    give(mall, "ann", "phone", phone)
    assert bool(search(mall.store, among="phones")) is doubtful
    assert quality(mall.store).phones == doubtful


def test_receipts_without_a_customer_are_counted(mall: HandMall) -> None:
    mall.sale("2026-02-01", 100)
    mall.sale("2026-02-01", 100, who="ann")
    found = quality(mall.store)
    assert (found.receipts, found.anonymous) == (2, 1)


def test_who_the_members_are_is_counted_only_where_they_told(mall: HandMall) -> None:
    mall.person("ann", joined="2026-01-01")
    mall.person("ben", joined="2026-01-01")
    told(mall, "ann", gender="f", birth_year=1990)
    found = makeup(mall.store, TODAY)
    assert found.members == 2
    assert found.genders == {"f": 1, "": 1}
    assert found.ages == {"35-44": 1, "": 1}
    assert found.tiers == {"gold": 2}
    assert found.joined == (("2026-01", 2), ("2026-02", 0), ("2026-03", 0), ("2026-04", 0))


@pytest.mark.parametrize(
    ("born", "band"), [(2026, "-24"), (2002, "-24"), (2001, "25-34"), (1971, "55+"), (1906, "55+"), (1899, ""),
                       (2030, ""), (None, "")]
)  # fmt: skip
def test_bands_of_age(born: int | None, band: str) -> None:
    assert age_band(born, 2026) == band


def entries(mall: HandMall, action: str) -> list[tuple[str, str, str]]:
    with mall.store.read() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT actor, object, detail FROM audit_entry WHERE action = ?", (action,)
            )
        ]


def test_revealing_gives_the_plain_values_and_books_who_and_why(mall: HandMall) -> None:
    mall.person("A100", joined="2026-01-01")
    told(mall, "A100", name="Ann Lee")
    give(mall, "A100", "phone", "13800001111")
    person = mall.ids["person", "A100"]
    seen = reveal(mall.store, "meg", person, "  lost   card ")
    assert seen.cards == (("Ann Lee", "A100"),)
    assert set(seen.identifiers) == {("card", "A100"), ("phone", "13800001111")}
    ((actor, what, detail),) = entries(mall, "reveal")
    assert (actor, what) == ("meg", f"person/{person.hex()}")
    assert "lost card" in detail
    assert "Ann" not in detail


@pytest.mark.parametrize("reason", ["", "  ", "x ", "no"])
def test_without_a_reason_nothing_is_shown_or_booked(mall: HandMall, reason: str) -> None:
    mall.person("A100", joined="2026-01-01")
    with pytest.raises(Known, match="reason"):
        reveal(mall.store, "meg", mall.ids["person", "A100"], reason)
    assert entries(mall, "reveal") == []


def test_an_export_is_booked_with_its_rows_and_file(mall: HandMall) -> None:
    record_export(mall.store, "meg", "customers", 12, "list.csv")
    ((actor, what, detail),) = entries(mall, "export")
    assert (actor, what) == ("meg", "people/customers")
    assert "12" in detail
    assert "list.csv" in detail
