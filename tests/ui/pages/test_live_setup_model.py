"""The drawing of a set-up as a value: verbs, undo, what is wrong, turning and fitting."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.catalogue import choose
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.draft import Address, check_address, code_of, free_code, split_address
from app.ui.pages.live.setup.geometry import turned
from app.ui.pages.live.setup.mapping import on_plan, plan_holds, residuals
from app.ui.pages.live.setup.model import (
    Chosen,
    Sketch,
    add_front,
    add_line,
    add_zone,
    change,
    countable,
    fit,
    insert_point,
    move,
    points_of,
    problems,
    put_point,
    remove,
    rename,
    swap,
    turn,
)
from app.ui.pages.live.setup.rules import hours_of
from app.ui.pages.live.setup.session import config_of_text, text_of
from models.errors import Known
from vision.config import Config, FloorView, warnings

EMPTY = Config((640, 480))
SQUARE = [(100, 100), (300, 100), (300, 300), (100, 300)]
DOOR = Chosen("line", 0)
AREA = Chosen("zone", 0)


def drawn() -> Config:
    config, _ = add_line(EMPTY, (320, 60), (320, 420), "Line")
    config, _ = add_zone(config, SQUARE, "Zone")
    config, _ = add_front(config, [(10, 200), (90, 200), (90, 300), (10, 300)], "Shop front")
    return config


def test_what_is_drawn_is_a_right_config():
    config = drawn()
    assert [line.name for line in config.lines] == ["Line 1"]
    assert config.fronts[0].line == "Line 1"  # the only line there is
    assert problems(config) == {}
    assert config_of_text(text_of(config)) == config


def test_a_new_item_never_takes_a_name_that_is_there():
    config = drawn()
    for _ in range(3):
        config, _ = add_line(config, (10, 10), (20, 200), "Line")
    assert [line.name for line in config.lines] == ["Line 1", "Line 2", "Line 3", "Line 4"]


def test_undo_and_redo_walk_the_steps_and_a_new_step_forgets_the_future():
    one = Sketch(EMPTY)
    two = one.edit(*add_line(one.config, (1, 1), (9, 90), "Line"))
    three = two.edit(swap(two.config, DOOR), DOOR)
    assert three.undo().config == two.config
    assert three.undo().undo().config == EMPTY
    assert three.undo().undo().undo().config == EMPTY
    assert three.undo().redo().config == three.config
    branched = three.undo().edit(rename(two.config, DOOR, "door"), DOOR)
    assert branched.redo() == branched
    assert two.edit(two.config, None).past == two.past  # nothing changed: no step


def test_swapping_exchanges_in_and_out():
    config = swap(drawn(), DOOR)
    assert (config.lines[0].a, config.lines[0].b) == ((320, 420), (320, 60))


def test_a_lines_new_name_is_followed_by_its_front_and_queue():
    config = change(drawn(), AREA, purpose="queue", served_by="Line 1")
    config = rename(config, DOOR, "till")
    assert config.fronts[0].line == "till"
    assert config.zones[0].served_by == "till"
    assert problems(config) == {}


def test_an_item_stops_at_the_pictures_edge_and_keeps_its_shape():
    config = move(drawn(), AREA, 1000, 1000)
    assert config.zones[0].polygon == ((440, 280), (640, 280), (640, 480), (440, 480))


def test_corners_come_and_go():
    config, corner = insert_point(drawn(), AREA, 0, (200, 50))
    assert config.zones[0].polygon[1] == (200, 50)
    assert corner == Chosen("zone", 0, 1)
    config, chosen = remove(config, corner)
    assert config.zones[0].polygon == tuple(SQUARE)
    assert chosen == AREA
    config, _ = remove(config, Chosen("zone", 0, 0))
    assert len(config.zones[0].polygon) == 3
    config, chosen = remove(config, Chosen("zone", 0, 0))  # a triangle cannot lose a corner: the zone goes
    assert config.zones == ()
    assert chosen is None


def test_a_display_zone_has_a_second_area():
    reach = Chosen("reach", 0)
    config = change(change(drawn(), AREA, purpose="display"), reach, reach=((1, 1), (50, 1), (50, 50)))
    assert points_of(config, reach)[1] == (50, 1)
    config, chosen = remove(config, reach)
    assert config.zones[0].reach is None
    assert chosen == AREA


@pytest.mark.parametrize(
    ("spoil", "item", "says"),
    [
        (lambda c: rename(c, DOOR, " "), DOOR, "no name"),
        (lambda c: add_line(rename(c, DOOR, "Line 2"), (5, 5), (50, 50), "Line")[0], None, ""),
        (lambda c: rename(add_line(c, (5, 5), (50, 50), "Line")[0], Chosen("line", 1), "Line 1"), DOOR, "this name"),
        (lambda c: put_point(c, Chosen("line", 0, 1), (320, 61)), DOOR, "same place"),
        (lambda c: put_point(c, Chosen("zone", 0, 0), (400, 290)), AREA, "crosses itself"),
        (lambda c: remove(c, DOOR)[0], Chosen("front", 0), "no line"),
        (lambda c: change(c, Chosen("front", 0), line=""), Chosen("front", 0), "Choose the line"),
        (lambda c: change(c, AREA, purpose="queue", served_by="gone"), AREA, "no line"),
    ],
)
def test_what_is_wrong_is_said_of_the_item_and_the_rest_is_counted(spoil, item, says):
    config = spoil(drawn())
    found = problems(config)
    if item is None:
        assert not found
        return
    assert says in found[item].sentence
    left = countable(config)
    assert problems(left) == {}
    assert len(left.lines) + len(left.zones) + len(left.fronts) < (
        len(config.lines) + len(config.zones) + len(config.fronts)
    )


points = st.tuples(st.floats(0, 640), st.floats(0, 480))


@given(points, st.sampled_from([0, 90, 180, 270]))
def test_a_quarter_turn_four_times_is_none(point, degrees):
    size = (640, 480)
    there = turned(point, size, degrees)
    back = turned(there, size if degrees in (0, 180) else (480, 640), -degrees)
    assert math.dist(back, point) < 1e-9


def test_a_turned_picture_keeps_the_drawing_where_it_was_seen():
    config = turn(drawn(), 90)
    assert config.size == (480, 640)
    assert config.rotate == 90
    assert (config.lines[0].a, config.lines[0].b) == ((420, 320), (60, 320))
    assert turn(config, 0) == drawn()


def test_fitting_scales_lines_bands_areas_and_floor_points():
    config = change(drawn(), DOOR, band=10.0)
    config = replace(config, floor=FloorView("L1", ((64, 48, 1, 2),)))
    half = fit(config, (320, 240))
    assert half.lines[0].a == (160, 30)
    assert half.lines[0].band == 5
    assert half.zones[0].polygon[2] == (150, 150)
    assert half.floor.points == ((32, 24, 1, 2),)


def test_the_floors_points_show_their_error_and_place_people():
    plan = [(100, 100, 10, 10), (300, 100, 30, 10), (300, 300, 30, 30), (100, 300, 10, 30)]
    assert max(residuals(plan)) < 1e-6
    assert on_plan(plan, [(200, 200)])[0] == pytest.approx((20, 20))
    off = [*plan, (200, 200, 20, 24)]
    assert max(residuals(off)) > 1
    assert residuals(plan[:3]) == []
    assert not plan_holds([(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (4, 4, 4, 4)])


def test_half_a_floor_plan_is_not_written():
    config = replace(drawn(), floor=FloorView("L1", ((64, 48, 1, 2),)))
    assert "[floor]" not in text_of(config)


def test_every_warning_of_the_counting_is_told_in_chinese():
    config = add_line(add_line(EMPTY, (1, 60), (1, 400), "Edge")[0], (320, 60), (320, 420), "Door")[0]
    feet = [(320, 478, 80, 0.0)] * 20 + [(320, 300, 80, 0.0)] * 20  # some cut off, some standing on the line
    told_by_counting = warnings(config, feet)
    assert len(told_by_counting) == 3
    choose("zh")
    try:
        assert all(told(each) != each for each in told_by_counting)
        assert "“Door 1”" in " ".join(told(each) for each in told_by_counting)
        assert told("Something new.") == "Something new."
    finally:
        choose("en")
    assert [told(each) for each in told_by_counting] == told_by_counting


# ---- addresses


def test_a_password_is_taken_out_of_the_address_and_put_back():
    address = split_address("rtsp://admin:a%40b%3Ac@10.0.0.9:554/s2?x=1")
    assert address == Address("rtsp://10.0.0.9:554/s2?x=1", "admin", "a@b:c")
    assert address.whole() == "rtsp://admin:a%40b%3Ac@10.0.0.9:554/s2?x=1"
    assert split_address("/clips/day@night.avi") == Address("/clips/day@night.avi")


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_any_login_comes_back_whole(user, password):
    address = Address("rtsp://10.0.0.9/s2", user, password)
    assert split_address(address.whole()) == address


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("", "no address"),
        ("ftp://host/x", "not known"),
        ("rtsp:///x", "names no camera"),
        ("rtsp://host:port/x", "no valid one"),
        ("camera at the door", "no stream"),
    ],
)
def test_a_wrong_address_is_told_in_a_sentence(place, says):
    with pytest.raises(Known, match=says):
        check_address(place, camera=True)


def test_right_addresses_are_taken(tmp_path):
    for place in ("rtsp://host/x", "http://10.0.0.2/mjpg", "0"):
        check_address(place, camera=True)
    check_address(str(tmp_path), camera=False)
    with pytest.raises(Known, match="not there"):
        check_address(str(Path(tmp_path) / "gone.avi"), camera=False)


def test_codes_are_made_of_names_and_are_free():
    assert code_of("  Main door / north ") == "main-door-north"
    assert free_code("Door", frozenset({"door", "door-2"})) == "door-3"
    assert free_code("//", frozenset()) == "camera"


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("07:00-09:30", ((420, 570),)),
        ("7:00 - 9:30, 22:00-02:00", ((420, 570), (1320, 120))),
        ("07:00", None),
        ("25:00-26:00", None),
        ("07:00-07:00", None),
    ],
)
def test_staff_hours_are_read(text, hours):
    assert hours_of(text) == hours
