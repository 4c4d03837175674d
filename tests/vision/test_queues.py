"""Queues: their length, and the waits of those who were served and of those who gave up."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.walks import Play, along, hidden, square
from vision.config import Config, Line, Zone
from vision.queues import QueueLength
from vision.rows import bin_of, quantile
from vision.scene import Scene

TILL = Line("till", (520, 100), (520, 500))
QUEUE = Zone("queue", square(200, 100, 300, 400), purpose="queue", served_by="till")


def waits_for(begin: float, seconds: float, y: float = 300):
    """Comes from the left, waits, and goes on across the till."""
    return along(
        (begin - 2, 100, y),
        (begin, 201, y),
        (begin + seconds - 1, 450, y),
        (begin + seconds, 500, y),
        (begin + seconds + 2, 700, y),
    )


def gives_up(begin: float, seconds: float):
    """Comes from the left and goes back there."""
    return along(
        (begin - 2, 100, 200),
        (begin, 201, 200),
        (begin + seconds / 2, 400, 200),
        (begin + seconds, 199, 200),
        (begin + seconds + 12, 60, 200),
    )


def watch(zone: Zone = QUEUE) -> Play:
    return Play(Scene(Config((800, 600), (TILL,), (zone,)), zone=UTC))


def test_who_crosses_the_service_line_was_served_and_who_goes_back_was_not() -> None:
    row = watch().run({1: waits_for(5, 20), 2: gives_up(8, 10), 3: waits_for(12, 30)}, 70).close().only("zones")
    assert (row.visits, row.unserved) == (3, 1)
    assert sum(row.waits.values()) == 2
    assert all(abs(index - bin_of(expected)) <= 1 for index, expected in zip(sorted(row.waits), (20, 30), strict=True))


def test_without_a_service_line_every_visit_is_a_wait() -> None:
    zone = Zone("queue", QUEUE.polygon, purpose="queue")
    row = watch(zone).run({1: waits_for(5, 20), 2: gives_up(8, 10)}, 50).close().only("zones")
    assert (row.visits, sum(row.waits.values()), row.unserved) == (2, 2, 0)


def test_a_line_inside_the_zone_ends_the_wait_where_it_is_crossed() -> None:
    zone = Zone("queue", square(200, 100, 400, 400), purpose="queue", served_by="till")
    path = along((3, 100, 300), (5, 201, 300), (24, 500, 300), (26, 545, 300), (34, 560, 300), (36, 700, 300))
    row = watch(zone).run({1: path}, 45).close().only("zones")
    assert quantile(row.waits, 0.5) == pytest.approx(20, abs=1.5)
    assert row.seconds_total == pytest.approx(29, abs=1)


def test_who_is_lost_in_the_queue_neither_was_served_nor_gave_up() -> None:
    row = watch().run({1: hidden(waits_for(5, 30), (15, 99))}, 50).close().only("zones")
    assert (row.visits, row.waits, row.unserved) == (1, {}, 0)


def test_the_length_is_a_median_so_that_a_passer_is_no_queue() -> None:
    play = (
        watch()
        .run({1: waits_for(5, 50), 2: waits_for(6, 50, 350), 3: along((20, 100, 150), (24, 700, 150))}, 62)
        .close()
    )
    row = play.only("zones")
    assert (row.presence_max, row.queue_max) == (3, 2)
    first = min(start for _, start in play.rows["zone_minutes"])
    assert play.rows["zone_minutes"]["queue", first].queue_median == 2


def test_the_screen_shows_length_and_longest_wait() -> None:
    play = watch().run({1: waits_for(5, 60), 2: waits_for(10, 60)}, 45)
    people, queue, longest = play.scene.live().zones["queue"]
    assert (people, queue) == (2, 2)
    assert longest == pytest.approx(40, abs=0.3)
    assert play.scene.live().lines == {"till": (0, 0)}


@given(st.lists(st.integers(0, 20), min_size=1, max_size=200))
def test_the_window_is_the_middle_of_thirty_seconds(lengths: list[int]) -> None:
    queue = QueueLength()
    for i, people in enumerate(lengths):
        queue.take(people, i * 0.5)
    window = sorted(lengths[-61:])
    assert queue.median == window[len(window) // 2]


@given(st.lists(st.floats(2, 3000), min_size=1, max_size=400), st.sampled_from([0.5, 0.9]))
def test_quantiles_of_the_histogram_are_within_three_per_cent(waits: list[float], share: float) -> None:
    histogram: dict[int, int] = {}
    for wait in waits:
        histogram[bin_of(wait)] = histogram.get(bin_of(wait), 0) + 1
    exact = sorted(waits)[max(int(-(-share * len(waits) // 1)) - 1, 0)]
    assert quantile(histogram, share) == pytest.approx(exact, rel=0.03)
