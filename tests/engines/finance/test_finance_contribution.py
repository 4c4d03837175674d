"""Contributions add up to all income and all cost, whatever the books hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.finance.bridge import Line
from engines.finance.contribution import DIMENSIONS, REST, VACANT, Added, Books, Place, contribution
from engines.finance.leases import Rent

PLACES = {u: Place(u, f"z{u}", "F1" if u < "C" else "F2", 10.0 * n) for n, u in enumerate("ABCD", 1)}
MONEY = st.integers(-9_999, 99_999)


@st.composite
def books(draw):
    """Random books of one month of 30 days."""
    rents = [
        Rent("2024-04", f"L{u}", u, draw(st.sampled_from(("X", "Y"))), draw(st.integers(1, 30)), *draw(st.tuples(MONEY, MONEY, MONEY)),
             draw(st.none() | MONEY))
        for u in draw(st.sets(st.sampled_from("ABCD")))
    ]  # fmt: skip
    maybe = [
        st.none() | st.sampled_from(codes)
        for codes in (("X", "Y", "Q"), ("zA", "zD", "nowhere"), ("c1",), ("o1", "o2"))
    ]
    heads = st.sampled_from(("media", "staff", "programme", "campaign", "occasion"))
    kinds = st.sampled_from(("income", "cost"))
    lines = [
        Line(str(i), "2024-04", draw(kinds), draw(heads), draw(MONEY), *(draw(m) for m in maybe))
        for i in range(draw(st.integers(0, 8)))
    ]
    sales = draw(st.dictionaries(st.tuples(st.sampled_from(("X", "Y", "")), st.sampled_from(("", "gold"))), MONEY))
    return Books(30, rents, lines, PLACES, {"X": "food"}, sales, {"o1": ("tenant", "X"), "o2": ("zone", "zA")})


@settings(max_examples=150, deadline=None)
@given(books(), st.sampled_from(DIMENSIONS))
def test_rows_and_the_rest_add_up(given_books, dimension):
    made = contribution(given_books, dimension)
    rows = [*made.rows, made.rest]
    assert sum(r.income for r in rows) == made.income
    assert sum(r.cost + r.shared for r in rows) == made.cost
    for row in rows:
        parts = made.parts_of(row.code)
        assert sum(p.amount for p in parts if p.side == "income") == row.income


def rent(unit, tenant, base, held=30):
    return Rent("2024-04", f"L{unit}", unit, tenant, held, base, 0, 0)


def test_shared_costs_go_by_area_and_vacant_space_bears_its_own():
    one = Books(30, [rent("A", "X", 500), rent("B", "Y", 300, held=15)],
                [Line("1", "2024-04", "cost", "staff", 1000), Line("2", "2024-04", "cost", "upkeep", 40, "X"),
                 Line("3", "2024-04", "income", "media", 70)], PLACES, {}, {})  # fmt: skip
    made = {r.code: r for r in contribution(one, "tenant").rows}
    assert (made["X"].income, made["X"].cost, made["X"].shared) == (500, 40, 100)
    assert made["Y"].shared == 100 and made[VACANT].shared == 800 and made["X"].after_shared == 360
    assert contribution(one, "tenant").rest.income == 70 and contribution(one, "tenant").rest.code == REST


def test_an_occasion_of_a_tenant_is_the_tenants_and_of_a_zone_the_zones():
    lines = [
        Line("1", "2024-04", "cost", "occasion", 10, occasion="o1"),
        Line("2", "2024-04", "cost", "occasion", 7, occasion="o2"),
    ]
    one = Books(
        30, [rent("A", "X", 5)], lines, PLACES, {}, {}, occasion_place={"o1": ("tenant", "X"), "o2": ("zone", "zD")}
    )
    assert {r.code: r.cost for r in contribution(one, "tenant").rows}["X"] == 10
    zones = {r.code: r.cost for r in contribution(one, "zone").rows}
    assert (zones["zA"], zones["zD"]) == (10, 7)
    assert {r.code: r.cost for r in contribution(one, "occasion").rows} == {"o1": 10, "o2": 7}


def test_tiers_get_the_turnover_rent_on_what_they_bought():
    rents = [Rent("2024-04", "LA", "A", "X", 30, 100, 0, 0, 90)]
    lines = [Line("1", "2024-04", "cost", "programme", 30), Line("2", "2024-04", "cost", "staff", 60)]
    made = contribution(Books(30, rents, lines, PLACES, {}, {("X", ""): 200, ("X", "gold"): 100}), "tier")
    rows = {r.code: r for r in made.rows}
    assert (rows["gold"].income, rows["gold"].cost, rows["gold"].shared) == (30, 30, 20)
    assert (rows[""].income, rows[""].cost, rows[""].shared) == (60, 0, 40) and made.rest.income == 100


def test_sales_added_stand_beside_and_in_no_total():
    rents = [Rent("2024-04", "LA", "A", "X", 30, 100, 0, 0, 50)]
    lines = [Line("1", "2024-04", "cost", "campaign", 30, campaign="c1")]
    one = Books(30, rents, lines, PLACES, {}, {("X", ""): 1000}, added={"c1": Added(200.0, 100.0, 300.0)})
    row = contribution(one, "campaign").rows[0]
    assert row.added_income == 10 and row.contribution == -30


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_nothing_contributes_nothing(dimension):
    made = contribution(Books(30, [], [], {}, {}, {}), dimension)
    assert (made.rows, made.income, made.cost) == ((), 0, 0)
