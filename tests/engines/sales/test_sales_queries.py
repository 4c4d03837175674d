"""The Sales page's reads: the same before and after the nightly run, and in step with the receipts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.driver import run_engine
from engines.kpi.engine import ENGINE
from engines.sales import queries
from models.ids import new_id
from tests.engines.hand_mall import HandMall, local

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    made.let("tea", "U1", "2026-01-01", "2026-12-31", gla=50.0)
    made.let("book", "U2", "2026-01-01", "2026-12-31", gla=100.0, category="culture")
    made.sale("2026-02-23", 400, tenant="tea")
    made.sale(MONDAY, 1000, tenant="tea", minute=610)
    made.sale(MONDAY, -200, tenant="book", minute=610)
    made.sale(TUESDAY, 600, tenant="book", minute=700, txns=3)
    yield made
    made.store.close()


def page(mall: HandMall) -> tuple[object, ...]:
    week = (MONDAY, "2026-03-04")
    return (
        queries.daily(mall.store, *week),
        [(t.code, t.sales, t.transactions, t.before, t.change) for t in tenants(mall)],
        queries.categories(mall.store, *week, comparison=("2026-02-23", "2026-02-25")),
    )


def tenants(mall: HandMall) -> list[queries.TenantRow]:
    return queries.tenants(mall.store, MONDAY, "2026-03-04", comparison=("2026-02-23", "2026-02-25"))


def test_the_page_reads_the_same_before_and_after_the_run(mall: HandMall) -> None:
    before = page(mall)
    run_engine(mall.store, ENGINE, at_ms=local(f"{TUESDAY} 12:00", mall))
    between = page(mall)
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-05 04:00", mall))
    assert before == between == page(mall)
    days, rows, categories = before
    assert [(d.sales, d.transactions) for d in days] == [(800, 1), (600, 3), (None, None)]  # type: ignore[attr-defined]
    assert rows == [("tea", 1000, 1, 400, 1.5), ("book", 400, 3, 0, None)]
    assert [(c.code, c.sales, c.change) for c in categories] == [("food", 1000, 1.5), ("culture", 400, None)]  # type: ignore[attr-defined]


def test_density_and_baskets(mall: HandMall) -> None:
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-05 04:00", mall))
    tea, book = tenants(mall)
    assert (tea.gla_m2, tea.density, tea.basket) == (50.0, 20.0, 1000.0)
    assert (book.gla_m2, book.density, book.basket) == (100.0, 4.0, pytest.approx(400 / 3))
    assert tea.share == pytest.approx(1000 / 1400)
    assert queries.tenants(mall.store, MONDAY, TUESDAY, limit=1) == [
        t for t in queries.tenants(mall.store, MONDAY, TUESDAY) if t.code == "tea"
    ]


def test_a_running_day_and_the_hours(mall: HandMall) -> None:
    sold = queries.sold_on(mall.store, MONDAY)
    assert (sold.sales, sold.transactions, sold.refunds, sold.rows, sold.basket) == (800, 1, 200, 2, 800.0)
    assert queries.sold_on(mall.store, "2026-03-09").basket is None
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-05 04:00", mall))
    assert queries.heat(mall.store, MONDAY, TUESDAY) == [
        queries.HeatCell(0, 10, 800.0, 1.0, 1), queries.HeatCell(1, 11, 600.0, 3.0, 1)
    ]  # fmt: skip


def test_a_person_with_two_cards_is_one_member_with_each_receipt_once(mall: HandMall) -> None:
    from engines.sales.receipts import member_receipts

    mall.person("lin", joined="2026-01-05")
    mall.put("member", id=new_id(), person_id=mall.ids["person", "lin"], card_no="second", joined_day="2026-02-01",
             state="active")  # fmt: skip
    mall.sale("2026-03-20", 500, who="lin")
    found = member_receipts(mall.store, "2026-03-20", "2026-03-20")
    assert (found.receipts, found.members, found.again) == (1, 1, 0)


def test_an_hour_that_sold_on_one_of_two_mondays_is_the_mean_of_both(mall: HandMall) -> None:
    mall.sale("2026-03-09", 300, tenant="tea", minute=1260)
    mall.sale("2026-03-09", 100, tenant="tea", minute=610)
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-12 04:00", mall))
    cells = {(c.weekday, c.hour): c for c in queries.heat(mall.store, MONDAY, "2026-03-09")}
    assert (cells[0, 21].sales, cells[0, 21].days) == (150.0, 2)
    assert cells[0, 10].sales == 450.0
