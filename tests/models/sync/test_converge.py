"""Whatever two or three nodes do, and however their rounds are cut, all end with the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.sync.histories import KINDS, POOL, Act, Mall, new_mall, quick_folder

ACTS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(KINDS), st.integers(0, POOL - 1), st.integers(0, 7)),
    min_size=4,
    max_size=24,
)
#: Histories that once did not converge.
KNOWN: list[list[Act]] = [
    [(0, "sale", 3, 3), (1, "sale", 1, 3)],  # one receipt, two days
    [(0, "category", 0, 0), (0, "category", 1, 0), (0, "sync", 0, 0), (1, "sync", 0, 0), (0, "swap", 0, 0)],
    [(0, "category", 1, 0), (0, "sync", 0, 0), (1, "sync", 0, 0), (1, "tenant", 0, 2), (0, "drop_category", 1, 0)],
    [(1, "tenant", 0, 7), (1, "cut", 3, 7), (0, "sync", 1, 4), (1, "drop_tenant", 0, 0), (0, "sale", 3, 7)],
    [(0, "gate", 0, 0), (1, "gate", 0, 0), (0, "count", 0, 0), (1, "count", 0, 1), (0, "lost", 2, 0), (1, "cut", 2, 0)],
]


@pytest.fixture(scope="module")
def mall(hub_server: str) -> Iterator[Mall]:
    with quick_folder() as folder, new_mall(hub_server, folder, 3) as made:
        yield made


@pytest.mark.parametrize("history", KNOWN)
def test_what_once_went_wrong(mall: Mall, history: list[Act]) -> None:
    mall.reset()
    mall.play(history)
    mall.check()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=ACTS)
def test_histories_converge(mall: Mall, history: list[Act]) -> None:
    mall.reset()
    mall.play(history)
    mall.check()


def test_the_check_sees_a_difference(mall: Mall) -> None:
    mall.reset()
    mall.play([(0, "setting", 0, 0), (0, "sale", 2, 0)])
    mall.check()
    with mall.hub.connection() as connection:
        connection.execute("DELETE FROM atrium.sale_line")
    with pytest.raises(AssertionError, match="sale_line differs at the hub"):
        mall.check()
    mall.words.settings["x0"] = "never said"
    with pytest.raises(AssertionError):
        mall.check()
