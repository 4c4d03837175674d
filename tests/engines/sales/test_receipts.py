"""Reads straight from the receipts."""

from __future__ import annotations

import pytest

from engines.sales.receipts import MemberReceipts, member_receipts, newest_day, payments, till
from tests.engines.hand_mall import HandMall

DAY = "2026-03-14"


@pytest.fixture
def mall(tmp_path):
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def test_a_running_day_is_told_without_totals_that_have_no_time(mall):
    mall.let("baker", "A1", "2026-01-01", "2026-12-31")
    mall.let("florist", "A2", "2026-01-01", "2026-12-31")
    mall.sale(DAY, 500, tenant="baker", minute=700)
    mall.sale(DAY, -100, tenant="baker", minute=720)
    mall.sale(DAY, 70, tenant="baker", minute=900)
    mall.sale(DAY, 9000, tenant="florist", minute=-1, txns=30)
    so_far, whole = till(mall.store, DAY, until_minute=900), till(mall.store, DAY)
    assert (so_far.sales, so_far.transactions, so_far.rows, so_far.tenants) == (400, 1, 2, 1)
    assert (whole.sales, whole.transactions, whole.rows, whole.tenants) == (9470, 32, 4, 2)
    assert till(mall.store, "2026-03-13").rows == 0


def test_the_newest_day_with_a_sale(mall):
    assert newest_day(mall.store) is None
    mall.sale("2026-03-10", 1)
    mall.sale("2026-03-09", 1)
    assert newest_day(mall.store) == "2026-03-10"


def test_members_receipts_begin_with_their_joining(mall):
    mall.person("ann", joined="2026-03-02")
    mall.person("bob", joined="2026-01-01")
    for day, who, net in (
        ("2026-03-01", "ann", 5), ("2026-03-02", "ann", 5), ("2026-03-03", "ann", 5), ("2026-03-03", "ann", -5),
        ("2026-03-04", "bob", 5), ("2026-03-04", "guest", 5),
    ):  # fmt: skip
        mall.sale(day, net, who=who)
    assert member_receipts(mall.store, "2026-03-01", "2026-03-31") == MemberReceipts(3, 2, 1)
    assert member_receipts(mall.store, "2026-04-01", "2026-04-30") == MemberReceipts(0, 0, 0)


def test_means_of_payment_by_sales(mall):
    for net in (100, 50, -30):
        mall.sale(DAY, net)
    (unknown,) = payments(mall.store, DAY, DAY)
    assert (unknown.payment, unknown.sales, unknown.transactions) == (None, 120, 2)
