"""Key figures of a mall made by hand: each value below is worked out on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engines.driver import run_engine
from engines.footfall.engine import ENGINE as FOOTFALL
from engines.kpi import queries
from engines.kpi.engine import ENGINE
from engines.kpi.evidence import rows_behind
from models.errors import NotEnoughData
from models.ids import new_id
from tests.engines.hand_mall import HandMall, local

MONDAY, TUESDAY, SUNDAY = "2026-03-02", "2026-03-03", "2026-03-08"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def run(mall: HandMall, as_of: str = "2026-03-09 04:00") -> None:
    at = local(as_of, mall)
    with suppress(NotEnoughData):
        run_engine(mall.store, FOOTFALL, at_ms=at)
    run_engine(mall.store, ENGINE, at_ms=at)


def value(mall: HandMall, kpi: str, first: str = MONDAY, last: str = SUNDAY, **dims: str) -> float | None:
    return queries.period_value(mall.store, kpi, first, last, dims).value


def trading(mall: HandMall) -> None:
    """Two shops, two days; Tuesday's counts are missing."""
    mall.let("tea", "U1", "2026-01-01", "2026-12-31", gla=50.0, base=310_000)
    mall.let("book", "U2", "2026-01-01", "2026-12-31", gla=150.0, category="culture")
    mall.ref("unit", "U3", gla_m2=200.0)
    mall.count("north", MONDAY, 600, 100, 60)
    mall.sale(MONDAY, 1000, tenant="tea", minute=610)
    mall.sale(MONDAY, 3000, tenant="book", minute=-1)
    mall.sale(MONDAY, -500, tenant="book", minute=900)
    mall.sale(TUESDAY, 2000, tenant="tea", minute=610, txns=4)


def test_sales_returns_and_baskets(mall: HandMall) -> None:
    trading(mall)
    run(mall)
    assert value(mall, "sales") == 5500
    assert value(mall, "refunds") == 500
    assert value(mall, "transactions") == 6
    assert value(mall, "avg_basket") == pytest.approx(5500 / 6)
    assert value(mall, "avg_basket", MONDAY, MONDAY) == 1750
    assert value(mall, "refund_rate") == pytest.approx(500 / 6000)


def test_a_ratio_uses_only_days_that_have_both(mall: HandMall) -> None:
    trading(mall)
    run(mall)
    conversion = queries.period_value(mall.store, "conversion", MONDAY, SUNDAY)
    assert (conversion.value, conversion.numerator, conversion.denominator) == (0.02, 2, 100)
    assert value(mall, "sales_per_visitor") == 35
    assert value(mall, "conversion", TUESDAY, TUESDAY) is None


def test_splits_add_up_and_a_receipt_without_a_time_has_no_hour(mall: HandMall) -> None:
    trading(mall)
    run(mall)
    by_tenant = {p.code: p.value.value for p in queries.by(mall.store, "sales", "tenant", MONDAY, SUNDAY)}
    assert by_tenant == {"tea": 3000, "book": 2500}
    by_category = {p.code: p.value.value for p in queries.by(mall.store, "sales", "category", MONDAY, SUNDAY)}
    assert by_category == {"food": 3000, "culture": 2500}
    by_hour = {p.code: p.value.value for p in queries.by(mall.store, "sales", "hour", MONDAY, SUNDAY)}
    assert by_hour == {"10": 3000, "15": -500}
    baskets = {p.code: p.value.value for p in queries.by(mall.store, "avg_basket", "tenant", MONDAY, SUNDAY)}
    assert baskets == {"tea": 600, "book": 2500}
    shares = {p.code: p.value.value for p in queries.by(mall.store, "category_sales_share", "category", MONDAY, MONDAY)}
    assert shares == pytest.approx({"food": 1000 / 3500, "culture": 2500 / 3500})
    with pytest.raises(ValueError, match="not split by"):
        queries.by(mall.store, "sales", "campaign", MONDAY, SUNDAY)


def test_a_line_names_the_category_where_no_tenant_does(mall: HandMall) -> None:
    sale = mall.sale(MONDAY, 900)
    for number, (category, amount) in enumerate((("Shoes", 600), ("Toys", 300)), 1):
        mall.put("sale_line", sale_id=sale, line_no=number, category=category, quantity=1.0, amount_minor=amount)
    run(mall)
    parts = {p.code: p.value.value for p in queries.by(mall.store, "sales", "category", MONDAY, SUNDAY)}
    assert parts == {"Shoes": 600, "Toys": 300}


def test_letting_density_and_rent(mall: HandMall) -> None:
    trading(mall)
    run(mall)
    assert value(mall, "letting_rate") == 0.5
    assert value(mall, "vacancy_rate") == 0.5
    assert value(mall, "letting_rate_units") == pytest.approx(2 / 3)
    assert value(mall, "economic_letting_rate") == pytest.approx(50 / 400)
    assert value(mall, "sales_per_sqm", MONDAY, TUESDAY) == pytest.approx(5500 / 200)
    assert value(mall, "rent_due", MONDAY, MONDAY) == 10_000
    assert value(mall, "rent_to_sales", MONDAY, TUESDAY) == pytest.approx(20_000 / 5500)
    left = (298.0) / 365.25
    assert value(mall, "wale") == pytest.approx(left)


def test_turnover_rent_begins_above_the_breakpoint(mall: HandMall) -> None:
    mall.let("tea", "U1", "2026-03-02", "2027-03-01", base=100, turnover_pct=0.1, breakpoint_minor=1500)
    mall.sale(MONDAY, 1000, tenant="tea")
    mall.sale(TUESDAY, 1000, tenant="tea")
    mall.sale(SUNDAY, 500, tenant="tea")
    run(mall)
    days = {p.period: p.value for p in queries.series(mall.store, "turnover_rent", "day", MONDAY, SUNDAY)}
    assert days[MONDAY] == 0
    assert days[TUESDAY] == pytest.approx(50)
    assert value(mall, "turnover_rent") == pytest.approx(100)


def test_members_active_lapsed_and_back(mall: HandMall) -> None:
    mall.person("ann", joined="2025-10-01")
    mall.person("bob", joined="2025-10-01")
    mall.person("walk-in")
    mall.sale("2025-10-05", 100, who="ann")
    mall.sale("2026-01-20", 100, who="ann")
    mall.sale("2026-01-21", 300, who="ann")
    mall.sale("2026-01-21", 600, who="walk-in")
    mall.act("campaign_sent", "2026-01-05", who="bob")
    run(mall)
    assert value(mall, "members_total", "2026-01-01", "2026-01-31") == 2
    assert value(mall, "members_lapsed", "2026-01-10", "2026-01-10") == 2
    assert value(mall, "members_lapsed", "2026-01-01", "2026-01-31") == 1
    assert value(mall, "active_member_rate", "2026-01-31", "2026-01-31") == 0.5
    churn = queries.period_value(mall.store, "churn_rate", "2026-01-01", "2026-01-31")
    assert (churn.numerator, churn.denominator, churn.value) == (1, 1, 1.0)
    assert value(mall, "members_active", "2026-01-01", "2026-01-31") == 1
    assert value(mall, "repeat_purchase_rate", "2026-01-01", "2026-01-31") == 1.0
    assert value(mall, "repeat_purchase_rate", "2026-01-20", "2026-01-20") == 0.0
    assert value(mall, "repeat_purchase_rate", "2026-01-02", "2026-01-22") == 1.0
    assert value(mall, "member_sales_share", "2026-01-21", "2026-01-21") == pytest.approx(1 / 3)
    odd = queries.period_value(mall.store, "churn_rate", "2026-01-02", "2026-01-22")
    assert odd.value is None and odd.missing == "This figure is kept by month only."


def test_answers_messages_and_complaints(mall: HandMall) -> None:
    mall.ref("campaign", "spring", name="Spring", channel="sms", from_day=MONDAY, to_day=SUNDAY)
    for score in (10, 9, 7, 3):
        mall.act("nps", MONDAY, score=score)
    for score in (4, 5):
        mall.act("csat", MONDAY, score=score)
    for _ in range(4):
        mall.act("campaign_sent", MONDAY, campaign="spring")
    mall.act("campaign_opened", TUESDAY, campaign="spring")
    mall.act("complaint", TUESDAY)
    run(mall)
    assert value(mall, "nps") == 25
    assert value(mall, "csat") == 4.5
    assert value(mall, "messages_delivered") == 4
    assert value(mall, "open_rate") == 0.25
    assert value(mall, "open_rate", campaign="spring") == 0.25
    assert value(mall, "complaints") == 1


def test_fronts_give_capture_and_conversion(mall: HandMall) -> None:
    mall.let("tea", "U1", "2026-01-01", "2026-12-31")
    mall.gate("tea-door", perimeter=0)
    mall.gate("tea-door-pass", perimeter=0)
    mall.ref("front", "F1", name="Tea", unit_id=mall.ids["unit", "U1"], gate_id=mall.ids["gate", "tea-door"])
    mall.count("tea-door", MONDAY, 600, 20, 18)
    mall.count("tea-door-pass", MONDAY, 600, 50, 30)
    mall.sale(MONDAY, 100, tenant="tea", txns=5)
    run(mall)
    assert value(mall, "capture_rate") == 0.2
    assert value(mall, "passers_by", front="F1") == 80
    assert value(mall, "shop_conversion", tenant="tea") == 0.25
    assert {p.code: p.value.value for p in queries.by(mall.store, "capture_rate", "front", MONDAY, MONDAY)} == {
        "F1": 0.2
    }
    assert value(mall, "shop_conversion") == 0.25
    assert value(mall, "footfall") is None


def test_declarations_on_time_and_what_an_audit_moved(mall: HandMall) -> None:
    mall.let("tea", "U1", "2026-01-01", "2026-12-31", declare_every="month", due_days=10)
    mall.let("book", "U2", "2026-01-01", "2026-12-31", declare_every="month", due_days=10)
    tea = mall.ids["lease", "tea-U1-2026-01-01"]
    for revision, gross, day, audited in ((0, 900, "2026-02-09", 0), (1, 1000, "2026-02-25", 1)):
        mall.put("declaration", id=new_id(), lease_id=tea, period="2026-01", revision=revision, gross_minor=gross,
                 exclusions_minor=0, submitted_at=mall.at(day, 600), audited=audited)  # fmt: skip
    mall.sale("2026-01-05", 1, tenant="tea")
    run(mall)
    assert value(mall, "declaration_rate", "2026-02-01", "2026-02-28") == 0.5
    assert value(mall, "declaration_variance", "2026-02-01", "2026-02-28") == pytest.approx(0.1)


def test_presence_takes_the_peak_and_index_the_year_before(mall: HandMall) -> None:
    for day, came in (("2025-03-03", 80), (MONDAY, 100), (TUESDAY, 30)):
        mall.count("north", day, 600, came, 10)
    run(mall)
    assert value(mall, "presence") == 90
    assert value(mall, "same_weekday_index") == pytest.approx(100 / 80)


def test_a_figure_that_needs_something_says_what(mall: HandMall) -> None:
    found = queries.period_value(mall.store, "points_issued", MONDAY, SUNDAY)
    assert (found.value, found.missing, found.missing_zh) == (None, "Needs the points ledger.", "需要积分台账。")
    nothing = queries.period_value(mall.store, "sales", MONDAY, SUNDAY)
    assert nothing.value is None and nothing.missing
    assert "each category" in (queries.period_value(mall.store, "category_sales_share", MONDAY, SUNDAY).missing or "")


def test_the_rows_behind_a_figure_come_page_by_page(mall: HandMall) -> None:
    trading(mall)
    run(mall)
    seen: list[int] = []
    page = rows_behind(mall.store, "sales", MONDAY, SUNDAY, limit=3)
    while True:
        seen += [row[page.columns.index("net_minor")] for row in page.rows]
        if page.after is None:
            break
        page = rows_behind(mall.store, "sales", MONDAY, SUNDAY, limit=3, after=page.after)
    assert sorted(seen) == [-500, 1000, 2000, 3000]
    assert len(rows_behind(mall.store, "refunds", MONDAY, SUNDAY).rows) == 1
    assert len(rows_behind(mall.store, "sales", MONDAY, SUNDAY, dims={"tenant": "tea"}).rows) == 2
    assert len(rows_behind(mall.store, "footfall", MONDAY, SUNDAY).rows) == 2
    assert rows_behind(mall.store, "points_issued", MONDAY, SUNDAY).rows == ()


def test_an_old_till_export_keeps_its_days(mall: HandMall) -> None:
    mall.sale("2010-12-01", 100)
    mall.sale("2010-12-02", 200)
    run(mall)
    assert value(mall, "sales", "2010-12-01", "2010-12-02") == 300


def test_a_person_with_two_cards_buys_each_receipt_once_in_any_period(mall: HandMall) -> None:
    mall.person("lin", joined="2026-03-01")
    mall.put("member", id=new_id(), person_id=mall.ids["person", "lin"], card_no="second", joined_day=MONDAY,
             state="active")  # fmt: skip
    mall.sale(MONDAY, 500, who="lin")
    run(mall)
    assert value(mall, "repeat_purchase_rate", MONDAY, MONDAY) == 0.0  # as it is kept
    assert value(mall, "repeat_purchase_rate", "2026-03-01", "2026-03-04") == 0.0  # as it is counted when asked


def test_a_split_kept_by_month_is_told_for_whole_months_and_never_for_a_part_of_the_days(mall: HandMall) -> None:
    for day, sold in ((MONDAY, 2), (TUESDAY, 4)):
        mall.count("north", day, 600, 10, 0)
        for _ in range(sold):
            mall.sale(day, 100, minute=610)
    run(mall)

    def hour(kpi: str, first: str, last: str) -> queries.Value:
        return queries.period_value(mall.store, kpi, first, last, {"hour": 10})

    assert hour("conversion", "2026-03-01", "2026-03-31").value == pytest.approx(0.3)
    assert hour("conversion", "2026-03-01", "2026-04-10").missing == "This figure is kept by month, year only."
    assert hour("avg_basket", MONDAY, TUESDAY).value == 100.0  # its parts are kept by day
