"""Leases, declarations and turnover rents, against figures worked out by hand."""

from __future__ import annotations

import pytest

from engines.tenants.queries import declarations, missing_declarations, positions, tenant_card
from models.ids import new_id
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path):
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def declare(mall, lease, period, gross, day, revision=0, exclusions=0):
    mall.put(
        "declaration", id=new_id(), lease_id=mall.ids["lease", lease], period=period, revision=revision,
        gross_minor=gross, exclusions_minor=exclusions, due_day=None, submitted_at=mall.at(day, 600), audited=0,
    )  # fmt: skip


def monthly(mall, tenant, unit="A1", first="2025-01-01", last="2027-12-31", **lease):
    mall.let(tenant, unit, first, last, declare_every="month", due_days=10, **lease)
    return f"{tenant}-{unit}-{first}"


def states(rows):
    return {(row.tenant, row.period): row.state for row in rows}


def test_months_are_missing_due_late_or_in_time(mall):
    lease = monthly(mall, "baker")
    declare(mall, lease, "2026-02", 900, "2026-03-10")
    declare(mall, lease, "2026-03", 900, "2026-04-11")
    rows = declarations(mall.store, "2026-06-05", months=4)
    assert states(rows) == {
        ("baker", "2026-02"): "declared", ("baker", "2026-03"): "late", ("baker", "2026-04"): "missing",
        ("baker", "2026-05"): "due",
    }  # fmt: skip
    assert [row.state for row in rows][:2] == ["missing", "due"]
    assert rows[0].due_day == "2026-05-10"
    assert missing_declarations(mall.store, "2026-06-05") == 1
    assert missing_declarations(mall.store, "2026-06-10") == 1, "the due day itself is still in time"
    assert missing_declarations(mall.store, "2026-06-11") == 2


def test_nothing_is_missing_before_anyone_ever_declared(mall):
    monthly(mall, "baker")
    assert declarations(mall.store, "2026-06-05") == []


def test_a_month_that_the_lease_holds_in_part_is_not_due(mall):
    declare(mall, monthly(mall, "baker"), "2026-03", 1, "2026-04-01")
    monthly(mall, "florist", "A2", "2026-04-02")
    assert {row.period for row in declarations(mall.store, "2026-06-01") if row.tenant == "florist"} == {"2026-05"}


def test_declared_sales_are_set_against_the_till(mall):
    lease = monthly(mall, "baker")
    for day, gross in (("2026-05-01", 600), ("2026-05-31", 400), ("2026-06-01", 50)):
        mall.sale(day, gross, tenant="baker")
    declare(mall, lease, "2026-05", 800, "2026-06-02")
    declare(mall, lease, "2026-05", 1000, "2026-06-03", revision=1, exclusions=100)
    row = next(r for r in declarations(mall.store, "2026-06-20") if r.period == "2026-05")
    assert (row.gross_minor, row.till_minor) == (900, 1000)
    assert row.variance == pytest.approx(-0.1)
    assert row.submitted_day == "2026-06-02", "the first report counts for being in time"


def test_the_till_of_a_tenant_with_two_leases_is_not_split(mall):
    first, second = monthly(mall, "baker"), monthly(mall, "baker", "A2")
    mall.sale("2026-05-01", 600, tenant="baker")
    declare(mall, first, "2026-05", 300, "2026-06-02")
    declare(mall, second, "2026-05", 300, "2026-06-02")
    assert {row.variance for row in declarations(mall.store, "2026-06-20") if row.period == "2026-05"} == {None}


def test_turnover_rent_counts_from_the_first_known_sale_of_the_lease_year(mall):
    mall.let("baker", "A1", "2025-07-01", "2028-06-30", base=1000, turnover_pct=0.1)
    for day, gross in (("2026-01-01", 40_000), ("2026-01-10", 30_000), ("2026-01-11", 99_999)):
        mall.sale(day, gross, tenant="baker")
    (position,) = positions(mall.store, "2026-01-11")
    level = 120_000 * 181 / 365
    assert (position.since, position.until, position.year_end) == ("2026-01-01", "2026-01-10", "2026-06-30")
    assert position.sales_minor == 70_000
    assert position.breakpoint_minor == round(level)
    assert position.reached == pytest.approx(70_000 / level)
    assert position.elapsed == pytest.approx(10 / 181)
    assert position.due_minor == round(0.1 * (70_000 - level))


def test_an_agreed_breakpoint_goes_before_the_natural_one_and_below_it_nothing_is_due(mall):
    mall.let("baker", "A1", "2026-01-01", "2026-12-31", base=1000, turnover_pct=0.1, breakpoint_minor=500_000)
    mall.sale("2026-01-01", 40_000, tenant="baker")
    (position,) = positions(mall.store, "2026-02-01")
    assert (position.breakpoint_minor, position.due_minor) == (500_000, 0)


def test_sales_of_two_leases_are_divided_by_area(mall):
    for unit, area in (("A1", 300.0), ("A2", 100.0)):
        mall.let("baker", unit, "2026-01-01", "2026-12-31", gla=area, base=1000, turnover_pct=0.1)
    mall.sale("2026-01-01", 40_000, tenant="baker")
    assert {p.unit: p.sales_minor for p in positions(mall.store, "2026-02-01")} == {"A1": 30_000, "A2": 10_000}


def test_a_lease_without_turnover_rent_or_sales_has_no_position(mall):
    mall.let("baker", "A1", "2026-01-01", "2026-12-31", base=1000)
    mall.let("florist", "A2", "2026-01-01", "2026-12-31", base=1000, turnover_pct=0.1)
    mall.sale("2026-01-01", 40_000, tenant="baker")
    assert positions(mall.store, "2026-02-01") == []


def test_a_card_has_its_leases_the_newest_first(mall):
    mall.let("baker", "A1", "2024-01-01", "2024-12-31", base=900, turnover_pct=0.05)
    mall.let("baker", "A2", "2025-01-01", "2027-12-31", base=1000, gla=55.0)
    card = tenant_card(mall.store, "baker")
    assert (card.name, [lease.unit for lease in card.leases]) == ("Baker", ["A2", "A1"])
    assert card.leases[0].breakpoint_minor is None
    assert card.leases[1].breakpoint_minor == 900 * 12 / 0.05
    assert tenant_card(mall.store, "nobody") is None
