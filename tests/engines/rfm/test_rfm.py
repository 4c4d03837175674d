"""RFM: scores by hand, ties, refusal, real purchases, and data in which nobody comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.contract import Moment
from engines.driver import run_engine
from engines.rfm import queries
from engines.rfm.engine import ENGINE, PURCHASES, rfm
from engines.rfm.rules import NAMES, SEGMENTS, score_from_below, score_recency, segment
from models.errors import NotEnoughData
from tests.data import data_file
from tests.engines.hand_mall import HandMall, local


def moment(day: str) -> Moment:
    return Moment(0, day, 0, "UTC", "US", None, "USD")


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def test_ten_different_values_make_quintiles_of_two() -> None:
    values = np.array([50, 10, 90, 20, 100, 30, 80, 40, 70, 60])
    assert score_from_below(values).tolist() == [3, 1, 5, 1, 5, 2, 4, 2, 4, 3]
    assert score_recency(values).tolist() == [3, 5, 1, 5, 1, 4, 2, 4, 2, 3]


def test_equal_values_share_a_score() -> None:
    assert score_from_below(np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 9])).tolist() == [1, 1, 1, 1, 1, 1, 4, 4, 4, 5]
    assert score_from_below(np.array([7, 7, 7])).tolist() == [1, 1, 1]
    assert score_recency(np.array([7, 7, 7])).tolist() == [5, 5, 5]


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=80), st.randoms())
def test_scores_follow_the_values_and_not_the_order(values: list[int], luck: object) -> None:
    scores = score_from_below(np.array(values))
    assert scores.min() == 1 and scores.max() <= 5
    for a, x in zip(values, scores, strict=True):
        for b, y in zip(values, scores, strict=True):
            assert (a < b) <= (x <= y) and (a == b) <= (x == y)
    order = list(range(len(values)))
    luck.shuffle(order)  # type: ignore[attr-defined]
    assert score_from_below(np.array([values[i] for i in order])).tolist() == [scores[i] for i in order]


def test_segments_name_every_cell() -> None:
    assert {name for row in SEGMENTS for name in row} == NAMES.keys()
    assert (segment(5, 5), segment(5, 1), segment(1, 5), segment(1, 1)) == ("champions", "new", "cannot_lose", "lost")


def shop(mall: HandMall, customers: int) -> None:
    for i in range(customers):
        mall.sale(f"2026-02-{1 + i % 28:02}", 100 + i, who=f"c{i}")


def test_below_the_minimum_it_refuses(mall: HandMall) -> None:
    shop(mall, 3)
    mall.sale("2026-02-01", 100)
    with pytest.raises(NotEnoughData, match="at least 50 customers with purchases; there are 3"):
        run_engine(mall.store, ENGINE, at_ms=local("2026-03-01 04:00", mall))
    assert queries.grid(mall.store) == [] and queries.segments(mall.store) == [] and queries.notes(mall.store) == []


def test_days_returns_and_the_future(mall: HandMall) -> None:
    shop(mall, 50)
    mall.sale("2026-02-20", 500, who="c0", minute=600)
    mall.sale("2026-02-20", 700, who="c0", minute=640)
    mall.sale("2026-02-25", -300, who="c0")
    mall.sale("2026-03-05", 9999, who="c0")
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-01 04:00", mall))
    found = queries.score_of(mall.store, mall.ids["person", "c0"])
    assert found is not None
    assert (found.recency_days, found.frequency, found.monetary_minor) == (9, 2, 100 + 500 + 700 - 300)
    assert (found.first_day, found.last_day) == ("2026-02-01", "2026-02-20")


def test_pages_cover_everyone_once(mall: HandMall) -> None:
    shop(mall, 60)
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-01 04:00", mall))
    assert sum(cell.people for cell in queries.grid(mall.store)) == 60
    assert sum(s.people for s in queries.segments(mall.store)) == 60
    seen: list[bytes] = []
    page = queries.people(mall.store, limit=25)
    while page:
        seen += [p.person_id for p in page]
        page = queries.people(mall.store, limit=25, after=(page[-1].monetary_minor, page[-1].person_id))
    assert len(seen) == len(set(seen)) == 60
    cell = max(queries.grid(mall.store), key=lambda c: c.people)
    assert len(queries.people(mall.store, r=cell.r, f=cell.f)) == cell.people


def test_where_nobody_comes_back_it_says_so(mall: HandMall) -> None:
    shop(mall, 60)
    run_engine(mall.store, ENGINE, at_ms=local("2026-03-01 04:00", mall))
    assert {p.f for p in queries.people(mall.store)} == {1}
    (note,) = queries.notes(mall.store)
    assert "Every customer bought on exactly 1 day: frequency tells nobody apart" in note.text
    assert "频度得分均为 1" in note.text_zh


def test_real_purchases_keep_their_known_counts() -> None:
    """CDNOW sample, first 39 weeks: 2,357 customers, 1,411 of them without a repeat purchase."""
    days: dict[str, set[str]] = {}
    money: dict[str, int] = {}
    for line in data_file("transactions/CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, amount = line.split()
        if day > "19970930":
            continue
        iso = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        days.setdefault(customer, set()).add(iso)
        money[customer] = money.get(customer, 0) + round(float(amount) * 100)
    frame = pa.table(
        {
            "person_id": [int(c).to_bytes(16, "big") for c in days],
            "first_day": [min(d) for d in days.values()],
            "last_day": [max(d) for d in days.values()],
            "frequency": [len(d) for d in days.values()],
            "monetary_minor": list(money.values()),
        }
    )
    scores = rfm(moment("1997-09-30"), rfm_purchases=PURCHASES.check(frame))["rfm_score"]
    assert scores.num_rows == 2357
    frequency, f = scores.column("frequency").to_numpy(), scores.column("f").to_numpy()
    once = int((frequency == 1).sum())
    assert once == 1411
    assert set(f[frequency == 1]) == {1}
    assert set(f[frequency == 2]) == {1 + 5 * once // 2357}
    order = np.argsort(frequency)
    assert (np.diff(f[order]) >= 0).all()
    assert set(scores.column("m").to_numpy()) == {1, 2, 3, 4, 5}
