"""Polygons, stays, ways in and out, reaches: what a person who stands beside the camera would write down."""

from __future__ import annotations

import math
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.walks import Play, along, hidden, square
from vision.config import Config, Line, Zone
from vision.polygon import Area, area, fault
from vision.rows import bin_of
from vision.scene import Scene

SIZE = (800, 600)
HALL = square(200, 100, 300, 400)


def watch(*zones: Zone, lines: tuple[Line, ...] = ()) -> Play:
    return Play(Scene(Config(SIZE, lines, zones), zone=UTC))


def through(begin: float, seconds: float, enter: float = 200, leave: float = 500):
    """In at `begin`, out so many seconds later, seen for three seconds before and after."""
    return along(
        (begin - 3, enter - 150, 300),
        (begin, enter, 300),
        (begin + seconds, leave, 300),
        (begin + seconds + 3, leave + 150, 300),
    )


def test_a_visit_lasts_from_coming_in_to_going_out() -> None:
    play = watch(Zone("hall", HALL, code="Z1")).run({1: through(5, 10)}, 30).close()
    row = play.only("zones")
    assert (row.zone, row.purpose, row.entries, row.exits, row.visits) == ("Z1", "presence", 1, 1, 1)
    assert row.seconds_total == pytest.approx(10, abs=0.2)
    assert row.dwell == {bin_of(row.seconds_total): 1}
    assert row.presence_max == 1
    assert row.presence_mean * row.seconds_observed == pytest.approx(10, abs=1.3)


def test_a_short_walk_through_comes_and_goes_but_is_no_visit() -> None:
    row = watch(Zone("hall", HALL, least_s=2.0)).run({1: through(5, 1.5)}, 20).close().only("zones")
    assert (row.entries, row.exits, row.visits, row.seconds_total) == (1, 1, 0, 0)


@pytest.mark.parametrize(("outside", "visits"), [(0.8, 1), (1.5, 2)])
def test_a_step_out_of_the_zone_is_tolerated_for_a_second(outside: float, visits: int) -> None:
    path = along(
        (0, 100, 300), (3, 210, 300), (8, 210, 300), (8.05, 195, 300), (8 + outside, 195, 300), (8.05 + outside, 210, 300),
        (15, 210, 300), (15.1, 150, 300), (18, 100, 300),
    )  # fmt: skip
    row = watch(Zone("hall", HALL)).run({1: path}, 20).close().only("zones")
    assert (row.visits, row.entries, row.exits) == (visits, visits, visits)


def test_a_person_hidden_inside_goes_on_with_the_same_stay() -> None:
    path = hidden(through(5, 20), (10, 11.8))
    row = watch(Zone("hall", HALL)).run({1: path}, 40).close().only("zones")
    assert (row.visits, row.entries) == (1, 1)
    assert row.seconds_total == pytest.approx(20, abs=0.3)


def test_the_stay_of_a_lost_track_ends_where_it_was_seen_last() -> None:
    path = hidden(through(5, 20), (12, 99))
    row = watch(Zone("hall", HALL)).run({1: path}, 40).close().only("zones")
    assert (row.visits, row.exits) == (1, 0)
    assert row.seconds_total == pytest.approx(7, abs=0.2)


@pytest.mark.parametrize(
    ("away", "unseen", "same"), [(0, 1.0, True), (30, 2.8, True), (0, 5.5, False), (200, 1.0, False)]
)
def test_a_track_that_takes_a_lost_ones_place_goes_on_with_its_stay(away: float, unseen: float, same: bool) -> None:
    """Who is hidden for longer than a track lives gets a new number; who turns up elsewhere is somebody else."""
    first = along((2, 100, 300), (5, 200, 300), (7, 250, 300), (15, 250, 300))
    x = 250 + away
    second = along((15 + unseen, x, 300), (25 + unseen, x, 300), (26 + unseen, 550, 300), (29 + unseen, 600, 300))
    row = watch(Zone("hall", HALL)).run({1: first, 2: second}, 40).close().only("zones")
    assert (row.visits, row.entries, row.exits) == ((1, 1, 1) if same else (2, 2, 1))
    if same:
        assert row.seconds_total == pytest.approx(20 + unseen, abs=0.9)


def test_who_walks_in_takes_over_nobodys_stay() -> None:
    first = along((2, 100, 300), (5, 220, 300), (15, 220, 300))
    second = along((12, 100, 300), (16, 190, 300), (16.5, 225, 300), (25, 225, 300), (27, 100, 300), (29, 90, 300))
    row = watch(Zone("hall", HALL)).run({1: first, 2: second}, 35).close().only("zones")
    assert (row.visits, row.entries) == (2, 2)


def test_one_wrong_box_is_nobody() -> None:
    path = hidden(along((0, 300, 300), (9, 300, 300)), (0, 4), (4.1, 99))
    row = watch(Zone("hall", HALL, least_s=0)).run({1: path}, 10).close().only("zones")
    assert (row.entries, row.visits, row.presence_max) == (0, 0, 0)


def test_who_was_inside_before_the_start_did_not_come_in() -> None:
    row = (
        watch(Zone("hall", HALL))
        .run({1: along((0, 300, 300), (9, 300, 300), (12, 700, 300))}, 15)
        .close()
        .only("zones")
    )
    assert (row.entries, row.exits, row.visits) == (0, 1, 1)


def test_a_gap_ends_a_stay_without_a_visit() -> None:
    play = watch(Zone("hall", HALL)).run({1: along((0, 300, 300), (99, 300, 300))}, 10).skip(10)
    row = play.run({}, 40).close().only("zones")
    assert (row.visits, row.exits) == (0, 0)
    assert row.seconds_observed == pytest.approx(30, abs=0.3)


def test_presence_is_people_by_time() -> None:
    play = watch(Zone("hall", HALL)).run({1: through(5, 20), 2: through(10, 10), 3: through(12, 4)}, 60).close()
    minute = play.rows["zone_minutes"]["hall", min(start for _, start in play.rows["zone_minutes"])]
    assert minute.presence_max == 3
    assert minute.presence_mean * minute.seconds_observed == pytest.approx(34, abs=3.5)
    assert minute.queue_median == 0


def test_an_entry_zone_counts_who_appears_in_it_and_who_vanishes_in_it() -> None:
    door = Zone("door", square(0, 0, 100, 600), purpose="entry")
    comes = along((5, 50, 300), (7, 90, 300), (12, 500, 300), (14, 795, 300))
    goes = along((5, 700, 200), (12, 90, 200), (14, 40, 200))
    passes = along((5, 300, 400), (9, 50, 400), (13, 300, 400), (16, 790, 400))
    lingers = along((5, 40, 500), (15, 60, 500))
    row = watch(door).run({1: comes, 2: goes, 3: passes, 4: lingers}, 25).close().only("zones")
    assert (row.entries, row.exits) == (1, 1)


def test_tracks_begun_by_a_restart_are_no_entries() -> None:
    door = Zone("door", square(0, 0, 100, 600), purpose="entry")
    row = watch(door).run({1: along((0, 50, 300), (1, 50, 300), (9, 790, 300))}, 15).close().only("zones")
    assert row.entries == 0


def test_a_display_counts_reaches_of_those_who_stand_before_it() -> None:
    shelf = Zone("shelf", square(200, 300, 200, 200), purpose="display", reach=square(215, 215, 40, 130))
    comes, goes = [(3, 100, 460), (5, 300, 460), (9.8, 300, 460), (10, 300, 400)], [(18, 300, 460), (20, 700, 460)]
    reaches = along(*comes, (10.2, 240, 400), (12, 240, 400), (12.2, 300, 400), (12.4, 300, 460), *goes)
    looks = along((3, 700, 460), (5, 350, 460), (18, 350, 460), (20, 700, 460))
    behind = along((3, 100, 290), (5, 235, 290), (18, 235, 290), (20, 700, 290))
    row = watch(shelf).run({1: reaches, 2: looks, 3: behind}, 25).close().only("zones")
    assert (row.visits, row.reaches) == (2, 1)
    assert row.reach_seconds == pytest.approx(1.9, abs=0.4)


def test_nobody_is_counted_where_the_picture_is_to_be_ignored() -> None:
    poster = Zone("poster", square(380, 0, 400, 600), purpose="ignore")
    door = Line("door", (500, 0), (500, 600))
    play = (
        watch(Zone("hall", HALL), poster, lines=(door,))
        .run({1: along((0, 600, 300), (9, 420, 300), (20, 600, 300))}, 25)
        .close()
    )
    assert play.crossings == []
    assert play.only("zones").presence_max == 0
    assert {key[0] for key in play.rows["zones"]} == {"hall"}


# Geometry

near = st.integers(0, 40).map(float)
points = st.tuples(near, near)
polygons = st.lists(points, min_size=3, max_size=8).filter(lambda corners: fault(corners) is None)


def winding(corners: list[tuple[float, float]], x: float, y: float) -> int:
    """Turns of the outline about a point that does not lie on it, by adding up angles."""
    angles = [math.atan2(b - y, a - x) for a, b in corners]
    turns = sum(
        (after - before + math.pi) % (2 * math.pi) - math.pi
        for before, after in zip(angles, angles[1:] + angles[:1], strict=True)
    )
    return round(turns / (2 * math.pi))


@given(polygons, near, near)
def test_inside_agrees_with_the_angles(corners: list[tuple[float, float]], x: float, y: float) -> None:
    x, y = x + 0.37, y + 0.41  # on no edge between whole numbers this small
    on_edge = any(
        abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) < 1e-9
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)
    )
    assert on_edge or Area(corners).holds(x, y) == (winding(corners, x, y) != 0)
    assert Area(corners[::-1]).holds(x, y) == Area(corners).holds(x, y)


@given(polygons, points, st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_a_box_touches_where_some_point_of_it_is_inside(corners, corner, size) -> None:  # type: ignore[no-untyped-def]
    (left, top), (wide, high) = corner, size
    place = Area(corners)
    some = any(place.holds(left + wide * i / 12, top + high * j / 12) for i in range(13) for j in range(13))
    if some:
        assert place.touches(left, top, left + wide, top + high)
    if not place.touches(left, top, left + wide, top + high):
        assert not some


@given(points, points, points)
def test_neighbours_share_every_point_of_the_picture_once(a, b, c) -> None:  # type: ignore[no-untyped-def]
    """A person on the border of two zones is in exactly one of them."""
    if fault([a, b, c]):
        return
    frame = [(0.0, 0.0), (41.0, 0.0), (41.0, 41.0), (0.0, 41.0)]
    left, right = [(0.0, 0.0), a, (0.0, 41.0)], [(0.0, 0.0), (41.0, 0.0), (41.0, 41.0), (0.0, 41.0), a]
    if fault(left) or fault(right):
        return
    for x in range(1, 40, 3):
        for y in range(1, 40, 3):
            held = Area(left).holds(x, y) + Area(right).holds(x, y)
            assert held == Area(frame).holds(x, y)


def test_shapes_that_are_no_polygon_say_why() -> None:
    assert fault([(0, 0), (10, 10)]) == "a polygon needs at least three corners"
    assert fault([(0, 0), (10, 10), (20, 20)]) == "it has no area"
    assert fault([(0, 0), (0, 0), (9, 9), (9, 0)]) == "two of its corners are the same place"
    assert "crosses itself" in (fault([(0, 0), (10, 10), (10, 0), (0, 12)]) or "")
    assert "crosses itself" in (fault([(0, 0), (20, 0), (10, 0), (10, 10)]) or "")
    assert "crosses itself" in (fault([(0, 0), (20, 0), (20, 20), (10, 0), (0, 20)]) or "")
    assert fault([(0, 0), (10, 0), (10, 10), (5, 2), (0, 10)]) is None
    assert area([(0, 0), (10, 0), (10, 10), (0, 10)]) == 100
