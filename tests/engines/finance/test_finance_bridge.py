"""Rents by lease and month, and bridges, on random leases: whatever is cut, nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.finance.bridge import Line, bridge, levels, side_of
from engines.finance.leases import Terms, accrued, fixed_rents, holdings
from engines.finance.months import between, length_of, months_to, shifted
from engines.finance.sales_bridge import Sold, sales_bridge
from engines.finance.shares import apportion, rounded
from engines.finance.turnover import running_due, sales_grid, sold_by_lease

DAYS = st.dates(date(2023, 11, 1), date(2025, 4, 30))
MONEY = st.integers(-5_000_000, 50_000_000)


@st.composite
def leases(draw):
    """A few leases on a few units: overlapping, renewed, ended, of one day, over 29 February."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        first = draw(DAYS)
        last = first + timedelta(days=draw(st.integers(-3, 500)))
        base, service, levy = draw(MONEY), draw(st.integers(0, 99_999)), draw(st.integers(0, 99_999))
        made.append(
            Terms(
                f"L{number}",
                draw(st.sampled_from("ABC")),
                draw(st.sampled_from("XY")),
                first,
                last,
                base,
                service,
                levy,
            )
        )
    return made


@st.composite
def lines(draw):
    """Lines of other income, negative ones too."""
    heads = st.sampled_from(("media", "parking", "service"))
    months = st.sampled_from(between("2024-01", "2024-06"))
    made = draw(st.lists(st.tuples(months, heads, MONEY), max_size=8))
    return [Line(str(i), m, "income", h, a) for i, (m, h, a) in enumerate(made)]


@settings(max_examples=150, deadline=None)
@given(leases(), lines(), st.sampled_from((1, 3)), st.sampled_from(("cause", "component")))
def test_a_bridge_adds_up_to_the_minor_unit(terms, other, span, reading):
    rents = fixed_rents(holdings(terms), "2023-11", "2025-04")
    for last in ("2024-03", "2024-06", "2025-03"):
        before = side_of(months_to(shifted(last, -span), span), rents, other)
        after = side_of(months_to(last, span), rents, other)
        made = bridge(before, after, reading)
        assert made.before + sum(m.change for m in made.moves) == made.after
        assert made.before + sum(made.steps().values()) == made.after
        assert sum(levels(before).values()) == made.before


@settings(max_examples=150, deadline=None)
@given(MONEY, st.integers(28, 31), st.data())
def test_days_of_a_month_add_up_to_the_months_rent_however_cut(rent, length, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, length - 1), max_size=5)))
    ends = [*cuts, length]
    starts = [1, *(c + 1 for c in cuts)]
    assert sum(accrued(rent, [pair], length) for pair in zip(starts, ends, strict=True)) == rent


@given(leases())
def test_a_unit_is_held_by_one_lease_a_day(terms):
    held = holdings(terms)
    for unit in "ABC":
        days = [
            a + timedelta(days=n)
            for h in held
            if h.terms.unit == unit
            for a, b in h.spans
            for n in range((b - a).days + 1)
        ]
        assert len(days) == len(set(days))
        wanted = {
            t.first + timedelta(days=n) for t in terms if t.unit == unit for n in range((t.last - t.first).days + 1)
        }
        assert set(days) == wanted


def one(code, tenant, first, last, base, unit="A", **more):
    return Terms(code, unit, tenant, date.fromisoformat(first), date.fromisoformat(last), base, **more)


def steps(terms, before, after):
    rents = fixed_rents(holdings(terms), "2023-01", "2026-12")
    return bridge(side_of([before], rents, []), side_of([after], rents, [])).steps()


def test_each_cause_gets_its_part():
    renewed = [one("L1", "X", "2023-01-01", "2024-02-14", 2900), one("L2", "X", "2024-02-15", "2026-01-01", 5800)]
    assert steps(renewed, "2024-01", "2024-03") == {"rent_change": 2900}
    assert steps(renewed, "2024-01", "2024-02") == {"rent_change": 1500}  # 15 of 29 days at the new rent
    relet = [one("L1", "X", "2023-01-01", "2024-02-29", 3000), one("L2", "Y", "2024-03-01", "2026-01-01", 4000)]
    assert steps(relet, "2024-02", "2024-03") == {"new_let": 4000, "ended": -3000}
    began = [one("L1", "X", "2024-04-16", "2026-01-01", 3000, service=300)]
    assert steps(began, "2024-03", "2024-04") == {"new_let": 1650}
    assert steps(began, "2024-04", "2024-05") == {"new_let": 1650}


def test_periods_of_different_length_are_not_compared():
    with pytest.raises(ValueError, match="as many months"):
        bridge(side_of(["2024-01"], [], []), side_of(["2024-02", "2024-03"], [], []))


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.tuples(MONEY, st.integers(0, 900))),
    st.dictionaries(st.sampled_from("ABCDE"), st.tuples(MONEY, st.integers(0, 900))),
)
def test_a_sales_bridge_adds_up(before, after):
    made = sales_bridge({t: Sold(*s) for t, s in before.items()}, {t: Sold(*s) for t, s in after.items()})
    assert made.before + sum(made.steps().values()) == made.after
    assert made.after == sum(net for net, _ in after.values())


def test_volume_mix_and_basket_by_hand():
    before = {"A": Sold(1000, 10), "B": Sold(1000, 20), "C": Sold(50, 1)}
    after = {"A": Sold(1200, 10), "B": Sold(2500, 50), "D": Sold(70, 2)}
    made = sales_bridge(before, after).steps()
    # 60 transactions of 30; the mean basket was 2000 / 30; A would have had 20, B 40.
    assert made == {"new_tenants": 70, "closed_tenants": -50, "volume": 2000, "mix": -500, "basket": 200}


@given(st.integers(-10_000, 10_000), st.dictionaries(st.text(max_size=2), st.floats(-5, 1e6), max_size=6))
def test_parts_add_up(amount, weights):
    parts = apportion(amount, weights)
    assert sum(parts.values()) == (amount if parts else 0)
    assert set(parts) == {k for k, w in weights.items() if w > 0}


def test_rounding_is_away_from_zero():
    assert [rounded(Fraction(n, 2)) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]


def test_turnover_rent_is_the_share_above_the_breakpoint():
    terms = one("L1", "X", "2024-01-01", "2025-12-31", 100, pct=0.1, limit=366)
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 31)]
    grid = sales_grid([(d.isoformat(), "X", 2) for d in days], date(2025, 2, 1))
    due = running_due(terms, sold_by_lease(holdings([terms]), grid)["L1"], grid.first)
    # the breakpoint is reached half-way: nothing before, a tenth of 2 a day after; the new year begins anew
    assert (
        due[182] == pytest.approx(0.0) and due[365] == pytest.approx(0.1 * 366) and due[-1] == pytest.approx(due[365])
    )


def test_returns_take_turnover_rent_back():
    terms = one("L1", "X", "2024-01-01", "2024-12-31", 100, pct=0.1, limit=100)
    grid = sales_grid([("2024-01-01", "X", 300), ("2024-01-02", "X", -150)], date(2024, 1, 3))
    due = running_due(terms, sold_by_lease(holdings([terms]), grid)["L1"], grid.first)
    assert np.allclose(due, [20.0, 5.0])


def test_sales_of_a_tenant_with_two_units_are_divided_by_area():
    terms = [one("L1", "X", "2024-01-01", "2024-12-31", 1, gla=30.0),
             one("L2", "X", "2024-01-02", "2024-12-31", 1, unit="B", gla=10.0)]  # fmt: skip
    grid = sales_grid([("2024-01-01", "X", 100), ("2024-01-02", "X", 100)], date(2024, 1, 3))
    sold = sold_by_lease(holdings(terms), grid)
    assert sold["L1"].tolist() == [100.0, 75.0] and np.isnan(sold["L2"][0]) and sold["L2"][1] == 25.0


def test_months():
    assert [length_of(m) for m in ("2023-02", "2024-02", "2100-02")] == [28, 29, 28]
    assert shifted("2024-01", -1) == "2023-12" and shifted("2024-11", 14) == "2026-01"
    assert between("2024-11", "2025-01") == ("2024-11", "2024-12", "2025-01") and between("2024-02", "2024-01") == ()
