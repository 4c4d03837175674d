"""Ways from zone to zone, and warmth on the floor plan."""

from __future__ import annotations

from datetime import UTC

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.walks import START_MS, Play, along, square
from vision.config import Config, FloorView, Zone
from vision.homography import plan_from
from vision.scene import Scene

LEFT = Zone("left", square(0, 0, 200, 600), code="Z1")
MIDDLE = Zone("middle", square(300, 0, 200, 600), code="Z2")
RIGHT = Zone("right", square(600, 0, 200, 600))
SCALE = 0.02
FLOOR = FloorView("L1", tuple((x, y, x * SCALE, y * SCALE) for x, y in square(0, 0, 800, 600)))


def watch(*zones: Zone, floor: FloorView | None = None) -> Play:
    return Play(Scene(Config((800, 600), (), zones, floor=floor), zone=UTC))


def ways(play: Play) -> dict[tuple[str, str], tuple[int, float]]:
    return {key[:2]: (row.n, row.seconds_total) for key, row in play.rows["flows"].items()}


def test_each_track_leaves_its_way_with_the_time_between() -> None:
    across = along((2, 100, 300), (12, 700, 300))
    back = along((2, 700, 400), (7, 400, 400), (9, 400, 400), (14, 700, 400))
    found = ways(watch(LEFT, MIDDLE, RIGHT).run({1: across, 2: back}, 20).close())
    assert {way: n for way, (n, _) in found.items()} == {("Z1", "Z2"): 1, ("Z2", "right"): 2, ("right", "Z2"): 1}
    assert found["Z1", "Z2"][1] == pytest.approx(100 / 60, abs=0.25)


def test_leaving_a_zone_and_coming_back_is_no_way() -> None:
    path = along((2, 100, 300), (5, 250, 300), (8, 250, 300), (10, 100, 300), (15, 100, 300))
    assert ways(watch(LEFT, MIDDLE).run({1: path}, 18).close()) == {}


def test_zones_that_meet_have_no_time_between() -> None:
    neighbour = Zone("neighbour", square(200, 0, 200, 600))
    found = ways(watch(LEFT, neighbour).run({1: along((2, 100, 300), (8, 390, 300))}, 12).close())
    assert found["Z1", "neighbour"][0] == 1
    assert found["Z1", "neighbour"][1] <= 0.15


def test_the_latest_zone_is_where_a_track_is() -> None:
    play = watch(LEFT, MIDDLE).run(
        {1: along((0, 100, 300), (3, 390, 300), (9, 390, 300)), 2: along((0, 250, 500), (9, 250, 500))}, 5
    )
    assert play.scene.places() == {1: "Z2"}


def test_person_seconds_lie_on_the_square_metre_of_the_feet() -> None:
    path = along((0, 110, 310), (30, 110, 310))
    play = watch(LEFT, floor=FLOOR).run({1: path}, 40).close()
    assert {key: pytest.approx(row.seconds, abs=0.11) for key, row in play.rows["heat"].items()} == {
        ("L1", START_MS, 2, 6): 30.0
    }


def test_time_nobody_watched_is_not_warm() -> None:
    play = watch(LEFT, floor=FLOOR).run({1: along((0, 110, 310), (99, 110, 310))}, 10).skip(20)
    play.run({1: along((0, 110, 310), (99, 110, 310))}, 40).close()
    assert play.total("heat", "seconds") == pytest.approx(20, abs=0.4)


def test_far_beyond_the_calibrated_points_there_is_no_plan() -> None:
    corner = FloorView("L1", tuple((x, y, x * SCALE, y * SCALE) for x, y in square(0, 0, 100, 100)))
    play = (
        watch(LEFT, floor=corner)
        .run({1: along((0, 550, 310), (9, 550, 310)), 2: along((0, 90, 90), (9, 90, 90))}, 10)
        .close()
    )
    assert {key[2:] for key in play.rows["heat"]} == {(1, 1)}


# The homography itself

TILTED = np.array([[0.9, 0.2, 3.0], [0.05, 1.4, -2.0], [0.0004, 0.0011, 1.0]])
places = st.tuples(st.floats(0, 800), st.floats(0, 600))


def mapped(points: list[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    found = np.column_stack([points, np.ones(len(points))]) @ TILTED.T
    return [(x, y, a / c, b / c) for (x, y), (a, b, c) in zip(points, found.tolist(), strict=True)]


@given(places, st.lists(places, max_size=6))
def test_a_mapping_is_found_again_and_back(place: tuple[float, float], more: list[tuple[float, float]]) -> None:
    plan = plan_from(mapped([(0, 0), (800, 20), (780, 600), (10, 590), *more]))
    (expected,) = mapped([place])
    there = plan.place(np.array([place]))
    assert there[0] == pytest.approx(expected[2:], rel=1e-6, abs=1e-6)
    assert plan.inverse().place(there)[0] == pytest.approx(place, rel=1e-5, abs=1e-5)
    assert plan.error_m < 1e-6


def test_points_that_do_not_agree_leave_an_error_in_metres() -> None:
    rows = mapped([(0, 0), (800, 20), (780, 600), (10, 590), (400, 300)])
    x, y, across, down = rows[-1]
    plan = plan_from([*rows[:-1], (x, y, across + 2, down)])
    assert 0.5 < plan.error_m < 2


def test_above_the_horizon_is_no_floor() -> None:
    plan = plan_from([(100, 200, 0, 0), (300, 200, 10, 0), (400, 400, 10, 10), (0, 400, 0, 10)])
    assert np.isnan(plan.place(np.array([[200.0, -500.0]]))).all()
    assert plan.place(np.array([[200.0, 300.0]]))[0] == pytest.approx([5, 6.667], abs=0.01)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(0, 0, 0, 0), (1, 0, 1, 0), (1, 1, 1, 1)], "four points"),
        ([(0, 0, 0, 0), (10, 10, 1, 1), (20, 20, 2, 2), (30, 30, 3, 3)], "one line"),
        ([(0, 0, 0, 0), (10, 0, 1, 0), (20, 0, 2, 0), (10, 30, 1, 3)], "one line"),
        ([(0, 0, 0, 0), (0, 0, 1, 0), (20, 0, 2, 2), (10, 30, 1, 3)], "one line"),
        ([(5, 5, 0, 0), (5, 5, 1, 0), (5, 5, 2, 2), (5, 5, 1, 3)], "one place"),
        ([(0, 0, 0, 0), (10, 0, 1, 0), (10, 10, 0, 1), (0, 10, 1, 1)], "order"),
        ([(0, 0, 0, 0), (10, 0, 1, 0), (10, 10, 2, 0), (0, 10, 1, 3)], "one line"),
    ],
)  # fmt: skip
def test_points_that_fix_no_mapping_are_refused(rows: list[tuple[float, ...]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plan_from(rows)
