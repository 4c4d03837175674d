"""What a crossing is: the rule of vision.counter on tables of foot points, and its symmetries."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.scenes import standing
from vision.boxes import Boxes
from vision.config import Line
from vision.counter import BAND_OF_HEIGHT, Counter, LineCounter, place_by
from vision.tracker import Tracker

UPRIGHT = Line("door", (100, 0), (100, 200), band=8)
"""From top to bottom: its left, looking from a to b in the picture, is the picture's right side."""


def directions(line: Line, feet: list[tuple[float, float]], height: float = 60) -> list[str]:
    counter = LineCounter(line)
    found = [counter.update(1, foot, height, frame, frame * 100) for frame, foot in enumerate(feet)]
    return [crossing.direction for crossing in found if crossing]


def across(*xs: float) -> list[tuple[float, float]]:
    return [(x, 100) for x in xs]


@pytest.mark.parametrize(
    ("feet", "expected"),
    [
        (across(140, 120, 80, 60), ["in"]),
        (across(60, 80, 120, 140), ["out"]),
        (across(140, 120, 80, 60, 80, 120, 140), ["in", "out"]),
        (across(140, 60, 60, 140, 140), ["in", "out"]),
        (across(120, 104, 97, 103, 96, 105, 120), []),
        (across(120, 120, 80, 120, 120), []),
        (across(120, 104, 97, 103, 80, 80), ["in"]),
        (across(104, 97, 95, 80, 70), []),
        (across(120, 100, 80, 80), ["in"]),
        (across(140, 115, 90), ["in"]),
        (across(120, 120, 90), []),
        (across(120, 115, 120, 90, 120), []),
        (across(120, 100, 120, 100, 120), []),
        (across(120), []),
    ],
    ids=[
        "left of a->b to its right",
        "right to left",
        "across and back",
        "across and back in leaps",
        "swaying on the line",
        "one wrong box on the far side",
        "swaying, then across",
        "first seen inside the band",
        "stops exactly on the line, then on",
        "walks across and is lost at once",
        "leaps across and is lost at once",
        "one wrong box after swaying",
        "touches the line again and again",
        "seen once",
    ],
)
def test_a_crossing_is_from_one_side_to_the_other(feet: list[tuple[float, float]], expected: list[str]) -> None:
    assert directions(UPRIGHT, feet) == expected


@pytest.mark.parametrize(
    ("line", "feet", "expected"),
    [
        (Line("level", (0, 100), (200, 100), band=5), [(100, 60), (100, 80), (100, 120), (100, 140)], ["in"]),
        (Line("level", (200, 100), (0, 100), band=5), [(100, 60), (100, 80), (100, 120), (100, 140)], ["out"]),
        (Line("slanted", (0, 0), (200, 200), band=5), [(150, 50), (120, 80), (80, 120), (50, 150)], ["in"]),
        (Line("slanted", (0, 200), (200, 0), band=5), [(50, 50), (80, 80), (120, 120), (150, 150)], ["in"]),
    ],
)
def test_level_and_slanted_lines(line: Line, feet: list[tuple[float, float]], expected: list[str]) -> None:
    assert directions(line, feet) == expected


@pytest.mark.parametrize(
    ("y", "expected"), [(0, ["in"]), (200, ["in"]), (199, ["in"]), (207, ["in"]), (215, []), (-15, []), (400, [])]
)
def test_the_path_must_meet_the_segment(y: float, expected: list[str]) -> None:
    """Beyond an end only the dead band is granted, because a foot point is no surer than that."""
    assert directions(UPRIGHT, [(140, y), (120, y), (80, y), (60, y)]) == expected


def test_walking_round_the_end_changes_the_side_without_counting() -> None:
    round_the_end = [(140, 100), (140, 300), (60, 300), (60, 300), (60, 100)]
    assert directions(UPRIGHT, round_the_end) == []
    assert directions(UPRIGHT, [*round_the_end, (80, 100), (120, 100), (140, 100)]) == ["out"]


def test_hidden_at_the_line_is_counted_when_seen_again() -> None:
    counter = LineCounter(UPRIGHT)
    seen = [(0, 140.0), (1, 115.0), (16, 70.0), (17, 60.0)]
    found = [counter.update(1, (x, 100), 60, frame, frame * 100) for frame, x in seen]
    assert [(each.direction, each.frame, each.at_ms) for each in found if each] == [("in", 16, 1600)]


def test_the_crossing_is_dated_when_the_line_was_passed() -> None:
    counter = LineCounter(UPRIGHT)
    xs = [140, 120, 104, 98, 97, 95, 80, 70]
    found = [counter.update(1, (x, 100), 60, frame, frame * 100) for frame, x in enumerate(xs)]
    assert [(n, each.frame) for n, each in enumerate(found) if each] == [(6, 3)]


def test_two_people_cross_in_opposite_directions_at_once() -> None:
    counter = Counter([UPRIGHT])
    found = []
    for frame, x in enumerate([140, 120, 80, 60]):
        boxes = standing((x, 100), (200 - x, 120))
        found += counter.update(Boxes.of(boxes.xyxy, track=[1, 2]), frame, 0)
    assert sorted(each.direction for each in found) == ["in", "out"]


def test_the_dead_band_follows_the_height_of_the_person() -> None:
    line = Line("door", (100, 0), (100, 200))
    sway = across(150, 92, 92, 150, 150)
    assert directions(line, sway, height=40) == ["in", "out"]
    assert directions(line, sway, height=8 / BAND_OF_HEIGHT + 1) == []


def test_a_track_that_ended_leaves_nothing_behind() -> None:
    counter = Counter([UPRIGHT, Line("level", (0, 100), (200, 100))])
    for track in range(10_000):
        counter.update(Boxes.of(standing((140, 100)).xyxy, track=[track]), track, 0)
        counter.forget([track - 3])
    assert len(counter) == 6


def test_the_sign_of_the_distance_is_that_of_the_cross_product() -> None:
    assert place_by(UPRIGHT, (60, 50)) == (40.0, 0.25)
    assert place_by(UPRIGHT, (130, 150)) == (-30.0, 0.75)


paths = st.lists(st.integers(-60, 60).filter(lambda d: d != 0), min_size=1, max_size=60)


@given(paths)
def test_swapping_the_ends_swaps_in_and_out(distances: list[int]) -> None:
    feet = across(*[100 - each for each in distances])
    swapped = Line("door", UPRIGHT.b, UPRIGHT.a, band=8)
    mirror = {"in": "out", "out": "in"}
    assert directions(swapped, feet) == [mirror[each] for each in directions(UPRIGHT, feet)]


@given(paths)
def test_in_less_out_is_the_change_of_side(distances: list[int]) -> None:
    """Sides by another route: the first clear one, and the last that was sure, by two frames or two steps."""
    found = directions(UPRIGHT, across(*[100 - each for each in distances]))
    sides = [(each > 0) - (each < 0) if abs(each) >= 8 else 0 for each in distances]
    steps = [0, *((now > before) - (now < before) for before, now in pairwise(distances))]
    first = next((side for side in sides if side), 0)
    sure = [
        side
        for n, side in enumerate(sides)
        if side and n and (sides[n - 1] == side or steps[n - 1] == steps[n] == side)
    ]
    last = sure[-1] if sure else first
    assert found.count("in") - found.count("out") == (last - first) / 2


@given(paths)
def test_in_and_out_of_one_person_alternate(distances: list[int]) -> None:
    found = directions(UPRIGHT, across(*[100 - each for each in distances]))
    assert all(before != after for before, after in pairwise(found))


angles = st.floats(0, 2 * math.pi)
swaying = st.lists(st.floats(-7.9, 7.9), min_size=1, max_size=200)


def turned(angle: float, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points turned about the middle of `UPRIGHT`."""
    sine, cosine = math.sin(angle), math.cos(angle)
    return [
        (100 + cosine * (x - 100) - sine * (y - 100), 100 + sine * (x - 100) + cosine * (y - 100)) for x, y in points
    ]


@given(paths, angles)
def test_a_line_of_any_angle_counts_the_same(distances: list[int], angle: float) -> None:
    feet = across(*[100 - each - 0.25 for each in distances])  # never exactly on a band's edge
    a, b = turned(angle, [UPRIGHT.a, UPRIGHT.b])
    assert directions(Line("door", a, b, band=8), turned(angle, feet)) == directions(UPRIGHT, feet)


@given(swaying)
def test_a_person_who_stands_on_the_line_is_counted_once_on_leaving(offsets: list[float]) -> None:
    stay = [100 - each for each in offsets]
    assert directions(UPRIGHT, across(140, 120, *stay, 80, 60)) == ["in"]
    assert directions(UPRIGHT, across(140, 120, *stay, 120, 140)) == []


@given(st.integers(1, 6))
def test_every_u_turn_is_an_in_and_an_out(turns: int) -> None:
    assert directions(UPRIGHT, across(140, 120, *[80, 60, 80, 120, 140, 120] * turns)) == ["in", "out"] * turns


@given(st.integers(1, 19), st.integers(1, 19))
def test_the_side_belongs_to_the_track_while_it_is_hidden(before: int, after: int) -> None:
    """Unseen for up to two seconds from anywhere before the line to anywhere behind it: one crossing."""
    feet = across(140, 120, *([118] * before), *([82] * (after + 1)))
    assert directions(UPRIGHT, feet) == ["in"]


@given(st.permutations(range(6)), st.integers(1, 5))
def test_any_number_of_people_at_once(order: list[int], speed: int) -> None:
    """Six abreast, half each way, in any order of boxes: each is counted once."""
    counter, found = Counter([UPRIGHT]), []
    for frame in range(80 // speed + 2):
        feet = [(60 + speed * frame if n % 2 else 140 - speed * frame, 40 + 20 * n) for n in range(6)]
        boxes = Boxes.of(standing(*feet).xyxy, track=list(range(6))).pick(np.array(order))
        found += counter.update(boxes, frame, frame * 100)
    assert sorted(each.direction for each in found) == ["in"] * 3 + ["out"] * 3


def test_each_line_has_its_own_band() -> None:
    narrow, wide = Line("narrow", UPRIGHT.a, UPRIGHT.b, band=3), Line("wide", UPRIGHT.a, UPRIGHT.b, band=30)
    counter, found = Counter([narrow, wide]), []
    for frame, x in enumerate([140, 110, 90, 90, 110, 140]):
        found += counter.update(Boxes.of(standing((x, 100)).xyxy, track=[1]), frame, 0)
    assert [(each.line, each.direction) for each in found] == [("narrow", "in"), ("narrow", "out")]


@pytest.mark.parametrize("fps", [3.5, 7, 15])
@pytest.mark.parametrize("hidden_s", [0.0, 1.0, 1.8])
def test_tracked_and_hidden_at_the_line_is_one_crossing(fps: float, hidden_s: float) -> None:
    """The whole chain: a number that comes back after an occlusion is not counted again."""
    tracker, counter, found = Tracker(), Counter([UPRIGHT]), []
    for frame in range(round(6 * fps)):
        second = frame / fps
        hidden = abs(second - 2.5) < hidden_s / 2
        seen = Boxes.empty() if hidden else standing((200 - 40 * second, 120))
        tracked = tracker.update(seen, second)
        counter.forget(tracker.ended)
        found += counter.update(tracked, frame, round(1000 * second))
    assert [each.direction for each in found] == ["in"]
