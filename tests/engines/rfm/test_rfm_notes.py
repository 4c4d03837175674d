"""What the scores cannot tell is said, and the spreads behind them add up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.driver import run_engine
from engines.rfm.engine import ENGINE
from engines.rfm.queries import notes, spread
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    for i in range(60):
        for day in range(1, 2 + i % 6):
            made.sale(f"2026-03-{day + i % 9:02d}", 1000 + i, who=f"card{i}")
    yield made
    made.store.close()


@pytest.mark.parametrize(("day", "told"), [("2026-03-20", False), ("2027-03-20", True)])
def test_purchases_that_stopped_long_ago_are_told(mall: HandMall, day: str, told: bool) -> None:
    run_engine(mall.store, ENGINE, at_ms=mall.at(day))
    said = [note for note in notes(mall.store) if "newest purchase" in note.text]
    assert bool(said) is told
    assert all("天" in note.text_zh for note in said)


def test_spreads_count_everyone_in_order(mall: HandMall) -> None:
    run_engine(mall.store, ENGINE, at_ms=mall.at("2026-03-20"))
    assert spread(mall.store, "frequency") == [(days, 10) for days in range(1, 7)]
    recency = spread(mall.store, "recency_days")
    assert sum(people for _, people in recency) == 60
    assert recency == sorted(recency)
